"""Puts a backup in place: everything is unpacked and verified beside what is there, and only then takes its place.

While things are moved, `RESTORING` lies in the state folder and no database is opened; whoever finds it after a crash repeats the
restore, which goes on from there. What is replaced is moved aside, not deleted.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from pcf.errors import EnvironmentProblem, InputError
from pcf.store.backup import FILES, Reader
from pcf.store.checkpoint import Checkpoint
from pcf.store.database import RESTORING, explained, make_engine
from pcf.store.dump import Advance, load

STAGE, REPLACED = ".restore", ".replaced"
KEPT = frozenset({"cache", "tls"})
"""Names in a state folder that a restore leaves alone."""


def restore(
    backup: Reader, home: Path, place: URL, heads: Sequence[Checkpoint], advance: Advance, *, replace: bool = False
) -> Path | None:
    """Restore a backup into a state folder and its database, whole or not at all.

    Returns
    -------
    Path or None
        Where what was replaced lies now.

    Raises
    ------
    InputError, CheckFailed, EnvironmentProblem
        See `open_backup` and `load`; and where folder or database are not empty.
    """
    made = not home.exists()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(home):
            return _restore(backup, home, place, heads, advance, replace=replace)
    except OSError as problem:
        raise EnvironmentProblem(f"{problem.filename or home}: {problem.strerror}; nothing was restored") from None
    finally:
        if made and home.is_dir() and not any(home.iterdir()):
            home.rmdir()


def check(backup: Reader, folder: Path, heads: Sequence[Checkpoint], advance: Advance) -> None:
    """Do everything that a restore does, into a folder that is thrown away."""
    _unpack(backup, folder / "files")
    _database(backup, URL.create("sqlite", database=str(folder / "pcf.db")), heads, advance)


def _restore(
    backup: Reader, home: Path, place: URL, heads: Sequence[Checkpoint], advance: Advance, *, replace: bool
) -> Path | None:  # fmt: skip
    marker = home / RESTORING
    repeated = os.path.lexists(marker)
    target = Path(place.database or "") if place.get_backend_name() == "sqlite" else None
    there = [path for path in sorted(home.iterdir()) if _is_state(path.name) and path != target and path != marker]
    database = [target] if target is not None and os.path.lexists(target) else []
    if (there or database) and not replace and not repeated:
        first = (there or database)[0]
        raise InputError(str(home), f"{first.name}, among others", "an empty state folder", "--replace moves it aside")
    stage = home / STAGE
    beside = target.with_name(f"{target.name}{STAGE}") if target is not None else None
    _remove(stage, beside)
    try:
        _check_space(backup, home)
        _unpack(backup, stage)
        aside = home / _aside(marker)
        if target is not None and beside is not None:
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _database(backup, URL.create("sqlite", database=str(beside)), heads, advance)
            _check_unused(target)
            _write_marker(marker, aside)
        else:
            # The marker first: should the server commit and this process end there, the files are still to be moved.
            _database(backup, place, heads, advance, replace=replace or repeated, before_end=lambda: _write_marker(marker, aside))
    except BaseException:
        # The marker, where it was written, stays: a server that was lost may have committed all the same.
        _remove(stage, beside)
        raise
    for path in (*there, *database):
        _move_aside(path, aside)
    if target is not None and beside is not None:
        for ending in ("-wal", "-shm"):
            target.with_name(target.name + ending).unlink(missing_ok=True)
        beside.replace(target)
    for path in sorted(stage.iterdir()):
        path.replace(home / path.name)
    stage.rmdir()
    _sync(home)
    marker.unlink()
    _sync(home)
    return aside if aside.is_dir() else None


def _is_state(name: str) -> bool:
    return name not in KEPT and name != STAGE and not name.startswith(REPLACED) and not name.endswith((STAGE, "-wal", "-shm"))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One restore at a time."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise EnvironmentProblem(f"{folder}: another restore runs here") from None
        yield
    finally:
        os.close(handle)


def _check_space(backup: Reader, home: Path) -> None:
    """Refuse what cannot fit before it fills a disk that others write to."""
    needed, free = sum(item.size for item in backup.manifest.entries.values()), shutil.disk_usage(home).free
    if needed > free:
        raise EnvironmentProblem(f"{home}: {free:,} bytes are free, the backup needs {needed:,}; nothing was restored")


def _unpack(backup: Reader, stage: Path) -> None:
    stage.mkdir(mode=0o700)
    for name, mode in backup.files.items():
        path = stage / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as stream:
            for chunk in backup.chunks(f"{FILES}{name}"):
                stream.write(chunk)
            os.fchmod(stream.fileno(), mode)
            stream.flush()
            os.fsync(stream.fileno())


def _database(
    backup: Reader, place: URL, heads: Sequence[Checkpoint], advance: Advance, *, replace: bool = False,
    before_end: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    engine = make_engine(place)
    try:
        with explained():
            load(engine, backup, heads, advance, replace=replace, before_end=before_end)
            if engine.dialect.name == "sqlite":
                # One file without companions, which can be given its name.
                with engine.connect() as connection:
                    raw = connection.connection.dbapi_connection
                    assert raw is not None
                    raw.execute("PRAGMA journal_mode=DELETE")
    finally:
        engine.dispose()


def _check_unused(target: Path) -> None:
    """Refuse to take a file away from a process that has it open; leaves it without companions.

    Raises
    ------
    EnvironmentProblem
        Where another process has it open.
    """
    if not target.is_file():
        return
    try:
        with closing(sqlite3.connect(target, timeout=2, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        raise EnvironmentProblem(f"{target}: another process has it open; stop pcf serve, then repeat") from None
    except sqlite3.DatabaseError:
        return  # what is no database is moved aside as it is


def _aside(marker: Path) -> str:
    """Name of the folder for what is replaced: that of the restore which is repeated, or a new one."""
    if marker.is_file():
        name = str(json.loads(marker.read_text(encoding="utf-8"))["aside"])
        if name.startswith(REPLACED) and "/" not in name:
            return name
    from pcf.store import clock

    return f"{REPLACED}-{clock.show(clock.now()).replace(':', '')}"


def _write_marker(marker: Path, aside: Path) -> None:
    with marker.open("w", encoding="utf-8") as stream:
        json.dump({"aside": aside.name}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    _sync(marker.parent)


def _move_aside(path: Path, aside: Path) -> None:
    aside.mkdir(exist_ok=True, mode=0o700)
    if os.path.lexists(aside / path.name):
        _remove(path)  # put there by the restore that is repeated
    else:
        shutil.move(path, aside / path.name)


def _remove(*paths: Path | None) -> None:
    for path in paths:
        if path is None:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
            for ending in ("-wal", "-shm", "-journal"):
                path.with_name(path.name + ending).unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
