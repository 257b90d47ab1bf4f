"""A server of its own for the pages of the custody book: its book is looked at empty, then filled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pcf.store import open_database
from tests.web.conftest import Server

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`pcf serve` on a filled book."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path_factory.mktemp("custody") / "home"
    environment = {**os.environ, "PCF_HOME": str(home), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-m", "tests.web.custody.filling"], env=environment, cwd=ROOT, check=True)
    made = Server(home)
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture
def rows(server: Server) -> Callable[[Any], list[Any]]:
    """Rows of the server's database."""

    def ask(query: Any) -> list[Any]:
        database = open_database(server.database)
        with database.read() as connection:
            found = connection.execute(query).all()
        database.close()
        return list(found)

    return ask
