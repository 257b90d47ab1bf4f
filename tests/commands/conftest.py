"""Runs the command line in this process and gives exit code, stdout and stderr."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from pcf.commands import main


@dataclass(frozen=True)
class Run:
    """What a call left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def pcf(capsys: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    def call(*arguments: str) -> Run:
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        captured = capsys.readouterr()
        return Run(int(left.value.code or 0), captured.out, captured.err)

    return call
