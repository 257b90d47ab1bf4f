"""The database: SQLite in the state folder by default, PostgreSQL where `PCF_DATABASE_URL` names one.

Writes are serialised: `BEGIN IMMEDIATE` on SQLite, one advisory lock on PostgreSQL. A claim on the last tonne of an account
is then decided by whoever holds the lock, and no rule has to be written twice for two isolation levels.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from pcf.errors import EnvironmentProblem, InputError
from pcf.settings import home
from pcf.store import audit_schema, certificate_schema, pact_schema  # noqa: F401 (their tables belong to every database)
from pcf.store.events import Transaction

VARIABLE = "PCF_DATABASE_URL"
FILE = "pcf.db"
SCHEMA = "0007"
"""Version of the tables that this program reads and writes; a test holds it against the newest migration."""

RESTORING = ".restoring"
"""File in the state folder while a restore puts things in their places: nothing is opened then."""

WAIT = 60_000
"""How long a write waits for another one [ms]."""

UNDEFINED_TABLE = "42P01"
"""PostgreSQL's code for a table that is not there."""

UNIQUE_VIOLATION = "23505"
"""PostgreSQL's code for a value that has to be unique and is not."""

NO_TEXT = "cannot contain NUL"
"""What PostgreSQL's driver says of a text with the sign that its texts cannot have."""

SEQUENCER = 0x706366
"""Key of PostgreSQL's advisory lock that orders the writes: any number that no other program takes (here the letters pcf)."""

WRITING = "pcf_writing"


class Database:
    """An open database with the newest tables."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the database; nothing can be written through it."""
        with explained(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin(), self._nothing_written(connection):
                yield connection

    @contextmanager
    def _nothing_written(self, connection: Connection) -> Iterator[None]:
        """What PostgreSQL's transactions know of themselves, for SQLite."""
        if not self.is_sqlite:
            yield
            return
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            yield
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")

    @contextmanager
    def write(self, actor: str) -> Iterator[Transaction]:
        """One transaction; what it adds is written when the block ends, or not at all.

        Raises
        ------
        EnvironmentProblem
            When the database is full, locked for too long, lost or not to be written.
        """
        with explained(), self.engine.connect() as connection:
            options: dict[str, Any] = {WRITING: True}
            if not self.is_sqlite:
                # Whatever the server's default: what was committed before the lock was given has to be seen.
                options["isolation_level"] = "READ COMMITTED"
            connection = connection.execution_options(**options)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEQUENCER})
                transaction = Transaction(connection, actor)
                yield transaction
                transaction.flush()

    def close(self) -> None:
        """Give back what the engine holds."""
        self.engine.dispose()


def open_database(url: str | None = None, *, create: bool = True) -> Database:
    """Open the database, making or renewing its tables where needed.

    Parameters
    ----------
    url : str, optional
        Database URL; default `PCF_DATABASE_URL`, else the file in the state folder.
    create : bool
        Whether to make a database that does not exist yet.

    Raises
    ------
    InputError
        For a URL that is none, or of another kind of database.
    EnvironmentProblem
        When the database cannot be opened, or was written by a newer version of the program.
    """
    place = read_url(url)
    if os.path.lexists(home() / RESTORING):
        raise EnvironmentProblem(f"{home()}: a restore was interrupted here; repeat it: pcf restore")
    if place.get_backend_name() == "sqlite":
        _check_file(place, create=create)
    engine = make_engine(place)
    try:
        with explained():
            _ensure_tables(engine)
    except BaseException:
        engine.dispose()
        raise
    return Database(engine)


def read_url(url: str | None = None) -> URL:
    """The URL that is meant; see `open_database`."""
    given = url or os.environ.get(VARIABLE, "").strip()
    if not given:
        return URL.create("sqlite", database=str(home() / FILE))
    try:
        place = make_url(given)
    except (ArgumentError, ValueError):  # no URL at all, a port that is none
        place = None
    # An unescaped @ of a password would make its end part of the host, and be shown.
    crooked = place is not None and "@" in (place.host or "")
    if place is None or crooked or place.get_backend_name() not in ("sqlite", "postgresql"):
        # The URL may hold a password: its kind is all that is shown.
        kind = given.partition(":")[0] if ":" in given else "no URL"
        raise InputError(
            VARIABLE, kind, "sqlite:///FILE or postgresql://USER@HOST/DATABASE", "write special characters of a password as %XX"
        )
    if place.drivername == "postgresql":
        place = place.set(drivername="postgresql+psycopg")
    return place


def _check_file(place: URL, *, create: bool) -> None:
    if not place.database or place.database == ":memory:":
        raise InputError(VARIABLE, "a database in memory", "a file: claims have to outlive the process")
    path = Path(place.database)
    folder = next((item for item in path.absolute().parents if os.path.exists(item)), path.parent)  # noqa: PTH110 (raises nothing)
    if not folder.is_dir():
        raise InputError(str(path), f"{folder}, which is no folder", "a file in a folder", "give another folder with --home")
    if not create and not os.path.exists(path):  # noqa: PTH110
        raise EnvironmentProblem(
            f"{path}: there are no custody records yet; `pcf demo` makes a sample; to start: pcf party add, party certificate, "
            "site add, scope add, period open"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EnvironmentProblem(f"{path.parent}: {error.strerror}; give another folder with --home") from error


def make_engine(place: URL) -> Engine:
    """An engine as every database of this program has it."""
    arguments: dict[str, Any] = {"timeout": WAIT / 1000} if place.get_backend_name() == "sqlite" else {"connect_timeout": 10}
    try:
        engine = create_engine(place, connect_args=arguments)
    except (ModuleNotFoundError, NoSuchModuleError, ImportError) as error:
        raise EnvironmentProblem("PostgreSQL needs the package psycopg: pip install 'pcf-aluminium[postgresql]'") from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ARG001 (the listener's signature)
    # The driver's own BEGIN comes too late for a consistent view and never takes the lock; `_begin_sqlite` says when.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={WAIT}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "trusted_schema=OFF",
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _ensure_tables(engine: Engine) -> None:
    if _versions(engine) == [SCHEMA]:
        return
    from pcf.store.migration import upgrade

    with engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        with connection.begin():
            if engine.dialect.name != "sqlite":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEQUENCER})
            upgrade(connection, SCHEMA)


def _versions(engine: Engine) -> list[str | None]:
    try:
        with engine.connect() as connection:
            return list(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())
    except DBAPIError as error:
        # By its code, since a PostgreSQL server says it in its own language; SQLite has no code for it.
        missing = getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE or "no such table" in str(error.orig)
        if missing:
            return []
        raise


@contextmanager
def explained() -> Iterator[None]:
    """Turn what a driver says into one clear line."""
    try:
        yield
    except IntegrityError as error:
        if (taken := _taken(error)) is None:
            raise EnvironmentProblem(_explain(error)) from error
        raise InputError(
            "record", f"{taken}, which is recorded already", "a new id", "void the record if it was wrong"
        ) from error
    except SQLAlchemyError as error:
        if NO_TEXT in str(getattr(error, "orig", "")):
            raise _no_text("U+0000") from error
        raise EnvironmentProblem(_explain(error)) from error
    except UnicodeEncodeError as error:  # half of a character, as JSON can have it
        raise _no_text(f"U+{ord(error.object[error.start]):04X}") from error


def _no_text(sign: str) -> InputError:
    return InputError("text", f"the sign {sign}, which no text may have", "text without it")


def _taken(error: IntegrityError) -> str | None:
    """What has to be unique and is not, or None for another constraint."""
    if getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION:
        return str(getattr(getattr(error.orig, "diag", None), "constraint_name", None))
    return str(error.orig).partition("UNIQUE constraint failed: ")[2] or None


_SIGNS = (
    ("disk is full", "the disk is full", "free some space and repeat"),
    ("No space left", "the disk is full", "free some space and repeat"),
    ("disk I/O error", "the disk cannot be read or written", "check the disk, its space and its permissions, and repeat"),
    ("database is locked", "another process holds the database", "wait for it and repeat"),
    ("readonly database", "the database cannot be written", "check the permissions of the file and its folder"),
    ("unable to open", "the database cannot be opened", "check the permissions of the file and its folder"),
    ("not a database", "the file is no database of this program", "give another folder with --home, or restore a backup"),
    ("malformed", "the file is damaged", "restore a backup"),
    ("password authentication", "the server refuses the user or the password", f"check {VARIABLE}"),
    ("already exists", "its tables do not fit the version that it names", "restore a backup"),
    ("no such column", "its tables do not fit the version that it names", "restore a backup"),
    ("does not exist", "the database or a table of it does not exist", f"check {VARIABLE}"),
    ("append-only", "the database refuses to change what is recorded", "void the record instead"),
    ("the period is closed", "the period has been closed meanwhile", "post into the open period"),
)


def _explain(error: SQLAlchemyError) -> str:
    said = str(getattr(error, "orig", None) or error)
    for sign, meaning, advice in _SIGNS:
        if sign in said:
            return f"database: {meaning}; nothing was written; {advice}"
    lost = getattr(error, "connection_invalidated", False) or "connection" in said or "resolve host" in said
    if lost:
        return "database: the connection is lost or was refused; a repeat of the command is safe; check that the server runs"
    return f"database: {said.splitlines()[0]}; nothing was written"
