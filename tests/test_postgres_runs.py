"""No server outlives its tests: not after a run, alone or in workers, nor after one that was interrupted or killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.databases import REQUIRED
from tests.postgres import Cluster
from tests.postgres_server import find_binaries

ROOT = Path(__file__).parents[1]
SOON = 120.0
"""Longest time that a server may outlive a run that was killed [s]; a worker that waits in a test gives up after 5."""

needs_server = pytest.mark.postgresql


def processes_of(folder: Path) -> dict[int, str]:
    """Processes whose command names the folder: a server, its keeper (one that is dead has no command)."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if str(folder) in line:
                found[int(path.parent.name)] = line
    return found


def await_(reached: Callable[[], bool], seconds: float, process: subprocess.Popen[str] | None = None) -> None:
    """Wait for something while a process runs."""
    end = time.monotonic() + seconds
    while not reached():
        assert process is None or process.poll() is None, process.communicate()[0]
        assert time.monotonic() < end
        time.sleep(0.01)


def launch() -> Cluster:
    binaries = find_binaries()
    assert binaries is not None
    return Cluster.launch(binaries)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's user may enter, unlike pytest's."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


# One cluster


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


@needs_server
def test_the_last_holder_ends_it() -> None:
    cluster = launch()
    folder = cluster.server.folder
    program = (
        "import sys; from tests.postgres import *; held = Cluster(Server(Path(), Path(sys.argv[1]))); print(flush=True); input()"
    )
    command = [sys.executable, "-c", program, str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "\n"
        cluster.release()
        time.sleep(0.5)
        assert len(processes_of(folder)) == 3, "the server, its keeper and the other holder"
        other.kill()
    await_(lambda: not folder.exists() and not processes_of(folder), SOON)


@needs_server
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_that_hangs_does_not_keep_it() -> None:
    cluster = launch()
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    try:
        cluster.release()
        # At once: who releases last waits.
        assert not cluster.server.folder.exists()
        with pytest.raises(FileNotFoundError):
            Cluster(cluster.server)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@needs_server
def test_a_keeper_that_is_told_to_end_takes_the_server_along() -> None:
    cluster = launch()
    folder = cluster.server.folder
    (keeper,) = [number for number, line in processes_of(folder).items() if "postgres_server" in line]
    os.kill(keeper, signal.SIGTERM)
    await_(lambda: not folder.exists() and not processes_of(folder), SOON)
    cluster.release()


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
        try:
            time.sleep(600)
        finally:
            time.sleep(1)

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


def folders(tmp_path: Path) -> dict[str, Path]:
    return {note.stem: Path(note.read_text()) for note in tmp_path.glob("*.folder")}


@needs_server
@pytest.mark.slow
@pytest.mark.parametrize("arguments", [[], ["-n", "2"]], ids=["alone", "two workers"])
def test_a_run_leaves_nothing_behind(session: Session, tmp_path: Path, open_folder: Path, arguments: list[str]) -> None:
    # Settings of the person's own that would lead elsewhere.
    out, _ = session(*arguments, PGPORT="1", PGHOST="192.0.2.1", PGOPTIONS="-c nonsense=1").communicate(timeout=120)
    assert "1 failed, 9 passed" in out, out
    assert (list(open_folder.iterdir()), processes_of(open_folder)) == ([], {})
    used = folders(tmp_path)
    assert len(used) == 7
    assert len({folder for name, folder in used.items() if name.startswith("shared")}) == 1


@needs_server
@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT], ids=lambda sign: sign.name)
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
def test_an_interrupt_at_the_terminal_ends_the_tests_before_their_server(session: Session, tmp_path: Path) -> None:
    (tmp_path / "wait").touch()
    process = session("-k", "test_one")
    await_(lambda: bool(folders(tmp_path)), 60, process)
    # A terminal sends it to all processes of the group.
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in out
    assert "drop_database" not in out, "a traceback: the database could not be dropped any more"


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
    out, _ = session().communicate(timeout=120)
    assert "1 passed, 9 skipped" in out, out
    assert "no PostgreSQL server: install Debian's package postgresql" in out
    out, _ = session(**{REQUIRED: "required"}).communicate(timeout=120)
    assert "1 passed, 9 errors" in out, out


@pytest.mark.slow
def test_a_test_without_the_marker_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "test_small.py").write_text("def test_unmarked(postgres_url): pass\n")
    out, _ = session().communicate(timeout=120)
    assert "mark this test `postgresql`" in out, out
