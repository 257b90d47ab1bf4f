"""Fixtures of tests that need a database; a room's conftest imports those it uses.

`database_url` runs a test on SQLite and on PostgreSQL, `postgres_url` on PostgreSQL alone. A room whose tests start from
tables writes `postgres_url = template(prepare)` instead of importing it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import Cluster, Prepare, PrivateCluster, locked
from tests.postgres_server import DEBIAN, Server, find_binaries

REQUIRED = "PCF_TEST_POSTGRESQL"
"""Environment variable: `required` makes a missing server a failure."""

_shared: dict[Path, Cluster] = {}


@pytest.fixture
def postgres(request: pytest.FixtureRequest) -> Cluster:
    """The cluster that the whole run shares."""
    return _shared_cluster(request)


@pytest.fixture
def private_postgres(request: pytest.FixtureRequest) -> Iterator[PrivateCluster]:
    """A cluster of the test's own, to be stopped and started."""
    cluster = PrivateCluster.launch(_binaries(request))
    yield cluster
    cluster.release()


def template(prepare: Prepare | None) -> Callable[..., Any]:
    """Make the fixture `postgres_url`: URL of a fresh database, dropped after the test.

    Parameters
    ----------
    prepare : Callable[[str], None], optional
        Function of a module that makes the tables behind a URL. It runs once; every test gets a copy.
    """

    @pytest.fixture(name="postgres_url")
    def fixture(request: pytest.FixtureRequest) -> Iterator[str]:
        # Not by way of `postgres`: a conftest would have to import that too.
        cluster = _shared_cluster(request)
        url = cluster.create_database(prepare)
        yield url
        cluster.drop_database(url)

    return fixture


postgres_url = template(None)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a fresh database: a file that is not there yet, or what `postgres_url` gives."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'pcf.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def _shared_cluster(request: pytest.FixtureRequest) -> Cluster:
    binaries = _binaries(request)
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    base = factory.getbasetemp()
    root = base.parent if hasattr(request.config, "workerinput") else base  # the workers of a run have one parent
    if root not in _shared:
        _shared[root] = _join(root, binaries)
        # Not a fixture of the session: every conftest that imports one has its own.
        request.session.addfinalizer(lambda: _leave(root))
    return _shared[root]


def _binaries(request: pytest.FixtureRequest) -> Path:
    if request.node.get_closest_marker("postgresql") is None:
        pytest.fail("mark this test `postgresql`: it needs a server")
    found = find_binaries()
    if found is None:
        reason = f"no PostgreSQL server: install Debian's package postgresql (looked in {DEBIAN}/*/bin and for pg_ctl)"
        if os.environ.get(REQUIRED) == "required":
            pytest.fail(f"{reason}; {REQUIRED}=required")
        pytest.skip(reason)
    # PGOPTIONS, PGSSLMODE and the like are the person's own; they would hold for every connection that says nothing else.
    monkeypatch: pytest.MonkeyPatch = request.getfixturevalue("monkeypatch")
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    return found


def _join(root: Path, binaries: Path) -> Cluster:
    note = root / "postgres"
    with locked(root / "postgres.lock"):
        if note.exists():
            try:
                return Cluster(Server(binaries, Path(note.read_text(encoding="utf-8"))))
            except OSError:
                pass  # all its users had left, so it ended
        cluster = Cluster.launch(binaries)
        note.write_text(str(cluster.server.folder), encoding="utf-8")
        return cluster


def _leave(root: Path) -> None:
    # One at a time, so that the last one knows that it is the last.
    with locked(root / "postgres.lock"):
        _shared.pop(root).release()
