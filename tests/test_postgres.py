"""The server under the tests: its own, on loopback, one for a run, a fresh database for each test, and gone afterwards."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from tests.databases import REQUIRED, database_url, postgres, postgres_url, private_postgres
from tests.postgres import Cluster, PrivateCluster
from tests.postgres_server import HOST, find_binaries

__all__ = ["database_url", "postgres", "postgres_url", "private_postgres"]

ROOT = Path(__file__).parents[1]
SOON = 20.0
"""Longest time that a server may outlive a run that was killed [s]; a worker that waits in a test gives up after 5."""

needs_server = pytest.mark.postgresql


def execute(url: str, *statements: str) -> list[object]:
    """Run statements in one transaction; the first column of what the last one returns."""
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                result = connection.execute(text(statement))
            return list(result.scalars()) if result.returns_rows else []
    finally:
        engine.dispose()


def processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder: the server's and its keeper's (a dead process has none)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# What the server is


@needs_server
def test_only_loopback_reaches_it(postgres: Cluster) -> None:
    port = postgres.server.port
    socket.create_connection(("127.0.0.1", port), timeout=5).close()
    # On Linux all of 127.0.0.0/8 is this machine: a server on every interface would answer here.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", port), timeout=5)
    table = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {row[1] for row in table if row[3] == "0A" and row[1].endswith(f":{port:04X}")}
    assert listening == {f"{int.from_bytes(socket.inet_aton('127.0.0.1'), sys.byteorder):08X}:{port:04X}"}


@needs_server
def test_it_asks_for_the_password(postgres: Cluster) -> None:
    for place in (HOST, str(postgres.server.folder)):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(host=place, port=postgres.server.port, user="pcf", password="another", dbname="postgres")
    assert postgres.server.folder.stat().st_mode & 0o077 == 0


@needs_server
def test_it_is_durable_and_takes_many_connections(postgres: Cluster) -> None:
    with postgres.administration() as connection:
        shown = {
            name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit", "max_connections")
        }
    assert shown["fsync"] == shown["synchronous_commit"] == ("on",)
    assert int(str((shown["max_connections"] or ("0",))[0])) >= 100


@needs_server
def test_the_programs_role_is_an_ordinary_one(postgres_url: str) -> None:
    statement = "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = current_user"
    assert execute(postgres_url, statement) == [False]


def test_a_server_that_does_not_start_says_why_and_leaves_nothing(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = open_folder / "bin"
    programs.mkdir()
    for name, line in (("postgres", "echo 'postgres (PostgreSQL) 15.1'"), ("initdb", "echo no space left >&2; exit 1")):
        (programs / name).write_text(f"#!/bin/sh\n{line}\n")
        (programs / name).chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(open_folder))
    with pytest.raises(RuntimeError, match="no space left"):
        Cluster.launch(programs)
    assert list(open_folder.iterdir()) == [programs]


# Databases


@pytest.mark.parametrize("turn", [1, 2])
def test_every_test_has_a_fresh_database(database_url: str, turn: int) -> None:
    execute(database_url, "CREATE TABLE lot (id TEXT)", f"INSERT INTO lot VALUES ('L{turn}')")
    assert execute(database_url, "SELECT id FROM lot") == [f"L{turn}"]


@needs_server
def test_a_dropped_database_is_gone_even_with_a_connection_open(postgres: Cluster) -> None:
    url = postgres.create_database()
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        postgres.drop_database(url)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    with pytest.raises(OperationalError, match="does not exist"):
        execute(url, "SELECT 1")


calls: list[str] = []


def prepare(url: str) -> None:
    """Make one table; the first time, fail after that."""
    calls.append(url)
    execute(url, "CREATE TABLE lot (id TEXT)")
    if len(calls) == 1:
        raise InterruptedError


@needs_server
def test_a_template_is_prepared_once_and_copied(private_postgres: PrivateCluster) -> None:
    calls.clear()
    with pytest.raises(InterruptedError):
        private_postgres.create_database(prepare)
    first, second = private_postgres.create_database(prepare), private_postgres.create_database(prepare)
    assert len(calls) == 2
    execute(first, "INSERT INTO lot VALUES ('L1')")
    assert execute(first, "SELECT id FROM lot") == ["L1"]
    assert execute(second, "SELECT id FROM lot") == []
    # The role of the URL owns the copy, and may alter it.
    execute(second, "DROP TABLE lot")


@needs_server
def test_a_function_without_a_name_of_its_own_is_no_template(postgres: Cluster) -> None:
    with pytest.raises(ValueError, match="name a function of a module"):
        postgres.create_database(lambda url: None)


# Lost connections


@needs_server
def test_ended_connections_are_counted_and_lost(postgres: Cluster, postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.connect() as connection, engine.connect() as other:
        for each in (connection, other):
            each.execute(text("SELECT 1"))
        assert postgres.terminate(postgres_url) == 2
        for each in (connection, other):
            with pytest.raises(OperationalError):
                each.execute(text("SELECT 1"))
    engine.dispose()
    assert postgres.terminate(postgres_url) == 0
    assert execute(postgres_url, "SELECT 1") == [1]


@needs_server
def test_what_was_committed_survives_a_stop_and_a_crash(private_postgres: PrivateCluster) -> None:
    url, port = private_postgres.create_database(), private_postgres.server.port
    execute(url, "CREATE TABLE lot (id TEXT)", "INSERT INTO lot VALUES ('L1')")
    private_postgres.stop()
    with pytest.raises(OperationalError):
        execute(url, "SELECT 1")
    private_postgres.start()
    execute(url, "INSERT INTO lot VALUES ('L2')")
    engine = create_engine(url)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO lot VALUES ('never committed')"))
        private_postgres.restart("immediate")
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    assert "database system was not properly shut down" in (private_postgres.server.folder / "log").read_text()
    assert private_postgres.server.port == port
    assert execute(url, "SELECT id FROM lot ORDER BY id") == ["L1", "L2"]


# Whole runs


CONFTEST = """
from tests.databases import database_url, postgres, postgres_url, private_postgres
"""

TESTS = """
import time
from pathlib import Path
import pytest

HERE = Path(__file__).parent

def note(name, cluster):
    note = HERE / f"{name}.new"
    note.write_text(str(cluster.server.folder))
    note.rename(HERE / f"{name}.folder")

@pytest.mark.postgresql
@pytest.mark.parametrize("number", range(6))
def test_one(postgres, postgres_url, number):
    note(f"shared{number}", postgres)
    if (HERE / "wait").exists():
        time.sleep(600)

@pytest.mark.postgresql
def test_private(postgres, private_postgres):
    note("private", private_postgres)
    assert private_postgres.server.folder != postgres.server.folder

@pytest.mark.postgresql
def test_failing(postgres_url):
    assert False

def test_both(database_url):
    pass
"""

Session = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def session(tmp_path: Path, open_folder: Path) -> Iterator[Session]:
    """Start pytest on the small project above."""
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_small.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\nmarkers =\n    postgresql: needs a server\n")
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        common = ["-p", "no:cacheprovider", "-p", "no:randomly", "-W", "error", "-rs", f"--basetemp={tmp_path / 'base'}"]
        # `pytest -n` tells its workers that they are some; a run inside a worker is none.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", REQUIRED))}
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *common, *arguments],
            cwd=tmp_path,
            env={**inherited, "PYTHONPATH": str(ROOT), "TMPDIR": str(open_folder), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def await_(reached: Callable[[], bool], seconds: float, process: subprocess.Popen[str] | None = None) -> None:
    """Wait for something while a process runs."""
    end = time.monotonic() + seconds
    while not reached():
        assert process is None or process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.01)


def folders(tmp_path: Path) -> dict[str, Path]:
    return {note.stem: Path(note.read_text()) for note in tmp_path.glob("*.folder")}


@needs_server
@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["alone", "two workers"])
def test_a_run_leaves_nothing_behind(session: Session, tmp_path: Path, open_folder: Path, arguments: list[str]) -> None:
    # Settings of the person's own that would lead elsewhere.
    out, _ = session(*arguments, PGPORT="1", PGHOST="192.0.2.1", PGOPTIONS="-c nonsense=1").communicate(timeout=120)
    assert "1 failed, 9 passed" in out, out
    assert (list(open_folder.iterdir()), processes_of(open_folder)) == ([], [])
    used = folders(tmp_path)
    assert len(used) == 7
    assert len({folder for name, folder in used.items() if name.startswith("shared")}) == 1


@needs_server
@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda sign: sign.name)
@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["alone", "two workers"])
def test_a_run_that_is_ended_from_outside_leaves_nothing_behind(
    session: Session, tmp_path: Path, open_folder: Path, arguments: list[str], sign: signal.Signals
) -> None:
    (tmp_path / "wait").touch()
    process = session("-k", "test_one", *arguments)
    await_(lambda: len(folders(tmp_path)) == (2 if arguments else 1), 60, process)
    assert len(processes_of(open_folder)) == 2, "the server and its keeper"
    # To the first process alone: that its workers notice is part of what is shown.
    process.send_signal(sign)
    await_(lambda: not list(open_folder.iterdir()) and not processes_of(open_folder), SOON)


@needs_server
@pytest.mark.slow
def test_a_run_that_is_killed_while_its_server_starts_leaves_nothing_behind(session: Session, open_folder: Path) -> None:
    process = session("-k", "test_one")
    await_(lambda: bool(list(open_folder.glob("*/data"))), 60, process)
    process.kill()
    assert not list(open_folder.glob("*/port")), "it had started already"
    await_(lambda: not list(open_folder.iterdir()) and not processes_of(open_folder), SOON)


MISSING = """
import tests.databases
tests.databases.find_binaries = lambda: None
"""


@pytest.mark.slow
def test_without_a_server_the_tests_are_skipped_unless_they_are_required(session: Session, tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST + MISSING)
    out, _ = session().communicate(timeout=60)
    assert "1 passed, 9 skipped" in out, out
    assert "no PostgreSQL server: install Debian's package postgresql" in out
    out, _ = session(**{REQUIRED: "required"}).communicate(timeout=60)
    assert "1 passed, 9 errors" in out, out


@needs_server
def test_the_newest_programs_are_found() -> None:
    binaries = find_binaries()
    assert binaries is not None
    releases = {int(place.parent.name) for place in Path("/usr/lib/postgresql").glob("*/bin") if (place / "initdb").exists()}
    assert not releases or binaries.parent.name == str(max(releases))


@pytest.mark.slow
def test_a_test_without_the_marker_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_small.py").write_text("def test_unmarked(postgres_url): pass\n")
    out, _ = session().communicate(timeout=60)
    assert "mark this test `postgresql`" in out, out
