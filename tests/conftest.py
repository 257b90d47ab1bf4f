"""Fixtures that every test can ask for."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from pcf.catalogue import Catalogue, check_paths
from pcf.commands import main
from pcf.resources import datasets_path

# A property holds or not; how fast a busy machine makes its examples is not asked here.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

SHARED_DATA = Path(os.environ.get("PCF_SHARED_DATA") or Path(__file__).parents[2] / "shared" / "data")

# A test must find neither the data nor the language of the person who runs it.
_PERSONAL = (
    "PCF_HOME", "PCF_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "PCF_DATABASE_URL", "PCF_KEY_PASSPHRASE", "PCF_ACTOR",
)  # fmt: skip


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of third-party schemas and test vectors, kept outside the checkout; mark the test `shared`."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no folder of third-party data: ../shared/data is absent and PCF_SHARED_DATA names none")
    return SHARED_DATA


@pytest.fixture(scope="session")
def session_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State folder of the whole session, so that the compiled catalogue is made once."""
    return tmp_path_factory.mktemp("pcf-home")


@pytest.fixture(autouse=True)
def _own_environment(session_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _PERSONAL:
        # Set first, so that what a command itself puts there is undone too.
        monkeypatch.setenv(name, os.environ.get(name, ""))
        monkeypatch.delenv(name)
    monkeypatch.setenv("PCF_HOME", str(session_home))
    monkeypatch.setenv("LANG", "C.UTF-8")


@pytest.fixture
def pcf_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Empty state folder for one test that writes there or reads settings."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("PCF_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped data, read and checked."""
    found, problems = check_paths([datasets_path()], None, "0" * 64)
    assert problems == []
    return found


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
