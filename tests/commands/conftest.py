"""Fixtures of the commands' tests."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must not see how wide the screen of the person is who runs it."""
    monkeypatch.delenv("COLUMNS", raising=False)
