"""The sample of two plants that the custody commands' tests start from."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.databases import database_url, postgres_url

__all__ = ["Call", "database_url", "done", "loaded", "mill", "plant", "plant_home", "postgres_url"]

Call = Callable[..., Any]


def done(run: Any) -> Any:
    assert run.code == 0, run.err
    return run


def loaded(run: Any) -> Any:
    return json.loads(done(run).out)


@pytest.fixture(scope="session")
def plant_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with the sample plant and the compiled catalogue, made once."""
    from pcf.catalogue import open_catalogue
    from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample

    home = tmp_path_factory.mktemp("plant") / "home"
    home.mkdir()
    write_sample(home.parent / "plant.xlsx")
    before = os.environ.get("PCF_HOME")
    os.environ["PCF_HOME"] = str(home)
    try:
        import_plant(home.parent / "plant.xlsx", SAMPLE_YEAR, home / "data")
        open_catalogue(None, overlays=[home / "data"])
    finally:
        os.environ.pop("PCF_HOME") if before is None else os.environ.update(PCF_HOME=before)
    return home


@pytest.fixture
def plant(plant_home: Path, pcf_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample plant in a state folder of the test's own."""
    shutil.copytree(plant_home, pcf_home, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mill(pcf: Call, plant: None, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both books of the sample, with the smelter's document between them, on either database."""
    monkeypatch.setenv("PCF_DATABASE_URL", database_url)
    done(pcf("custody", "template", "smelter.xlsx", "--sample", "smelter"))
    done(pcf("custody", "import", "smelter.xlsx"))
    done(pcf("coc", "issue", "SH-L-01", "--date", "2025-02-10", "--responsible", "Li"))
    done(pcf("custody", "template", "mill.xlsx", "--sample", "mill"))
    done(pcf("custody", "import", "mill.xlsx"))
