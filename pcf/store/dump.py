"""Tables as lines of JSON and back, on either database: what a backup holds of the records.

Everything is read in one view of the database, and written in one transaction that the log has to verify before it ends.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, LargeBinary, MetaData, Table, func, insert, inspect, select, text

from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.store.backup import Reader
from pcf.store.checkpoint import Checkpoint, Verifier
from pcf.store.database import SCHEMA, SEQUENCER, WRITING
from pcf.store.log import log_root, log_size, verify
from pcf.store.migration import upgrade, versions
from pcf.store.schema import EVENT_SEQ, metadata

PASSING = frozenset({"web_session", "login_attempt"})
"""Tables that are no part of a backup: who was signed in then is not signed in now."""

VERSION = "alembic_version"
_ROWS = 1_000
PATIENCE = 3.0
"""How long connections of others have to end [s]."""

_LARGEST = 2**63

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Dumped:
    """The tables of a view of a database."""

    version: str
    size: int
    root: str
    tables: Sequence[Table]


def look(connection: Connection, advance: Advance, trusted: Sequence[Verifier]) -> Dumped:
    """What there is to be dumped; held against the log first, since nothing else could be restored.

    Raises
    ------
    CheckFailed
        Where the log does not verify.
    """
    _verified(connection, (), advance, trusted)
    version = str(connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalar_one())
    size = log_size(connection)
    tables = [table for table in metadata.sorted_tables if table.name not in PASSING]
    return Dumped(version, size, log_root(connection, size).hex(), tables)


def count_rows(connection: Connection, table: Table) -> int:
    """Rows of a table."""
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def lines(connection: Connection, table: Table) -> Iterator[bytes]:
    """Rows of a table in the order in which they were recorded, a JSON list a line."""
    binary = [isinstance(column.type, LargeBinary) for column in table.c]
    order = [table.c[EVENT_SEQ]] if EVENT_SEQ in table.c else []
    query = select(*table.c).order_by(*order, *table.primary_key)
    with connection.execution_options(stream_results=True, yield_per=_ROWS).execute(query) as found:
        for rows in found.partitions():
            yield b"".join(_line(row, binary) for row in rows)


def _line(row: Sequence[Any], binary: Sequence[bool]) -> bytes:
    values = [
        base64.b64encode(value).decode() if is_binary and value is not None else value
        for value, is_binary in zip(row, binary, strict=True)
    ]
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load(
    engine: Engine, backup: Reader, heads: Sequence[Checkpoint], advance: Advance, *, replace: bool = False,
    before_end: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Make a database of a backup, whole or not at all.

    Parameters
    ----------
    heads : sequence of Checkpoint
        Heads that somebody else holds, signatures already checked: the log has to contain them.
    replace : bool
        Whether what is recorded there may go.
    before_end : callable
        Called when everything is written and verified, before it counts.

    Raises
    ------
    CheckFailed
        Where the log does not verify, or is not that of the manifest.
    InputError
        For rows that no table here has, and for a database that is not empty.
    """
    with engine.connect() as connection:
        connection = connection.execution_options(**{WRITING: True})
        with connection.begin():
            _clear(connection, replace=replace)
            upgrade(connection, backup.manifest.tables_version)
            found = MetaData()
            found.reflect(connection)
            with _without_triggers(connection):
                for table in found.sorted_tables:
                    if table.name in backup.manifest.tables:
                        _fill(connection, table, backup)
            if unknown := set(backup.manifest.tables) - set(found.tables):
                raise InputError("backup", f"a table {min(unknown)[:60]!r}", "tables of this program")
            upgrade(connection, SCHEMA)
            size = log_size(connection)
            if (size, log_root(connection, size).hex()) != (backup.manifest.size, backup.manifest.root):
                raise CheckFailed("backup: its log is not that of its manifest; nothing was restored")
            _verified(connection, heads, advance, [backup.key, *backup.trusted])
            before_end()


def _verified(connection: Connection, heads: Sequence[Checkpoint], advance: Advance, trusted: Sequence[Verifier]) -> None:
    found = list(verify(connection, heads, advance, trusted))
    if found:
        first = found[0]
        raise CheckFailed(
            f"the log does not verify: {len(found)} findings; first: {first.kind}, event {first.seq}, {first.where}"
        )


def is_empty(connection: Connection) -> bool:
    """Whether nothing is recorded: no tables, or no event."""
    return not inspect(connection).has_table("event") or log_size(connection) == 0


def _clear(connection: Connection, *, replace: bool) -> None:
    """Take the tables of a PostgreSQL database away; an SQLite file is always a new one.

    Raises
    ------
    InputError
        Where something is recorded and may not go, or was written by a newer program.
    EnvironmentProblem
        Where somebody else is connected.
    """
    if connection.dialect.name == "sqlite":
        return
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": SEQUENCER})
    _wait_until_alone(connection)
    inspector = inspect(connection)
    if not inspector.has_table(VERSION):
        if inspector.has_table("event"):
            raise InputError("database", "tables of another program", "an empty database")
        return
    if not replace and not is_empty(connection):
        raise InputError("database", f"{log_size(connection):,} events", "an empty database", "--replace takes them away")
    present = list(connection.execute(text(f"SELECT version_num FROM {VERSION}")).scalars())
    if not set(present) <= set(versions()):
        raise InputError("database", f"tables of version {present[0][:20]!r}", "a version that is known", "use a newer program")
    for name in {VERSION, *metadata.tables}:
        connection.execute(text(f'DROP TABLE IF EXISTS "{name}" CASCADE'))
    functions = "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = current_schema() AND proname LIKE 'pcf\\_%'"
    for name in connection.exec_driver_sql(functions.replace("%", "%%")).scalars().all():
        connection.execute(text(f'DROP FUNCTION IF EXISTS "{name}" CASCADE'))


def _wait_until_alone(connection: Connection) -> None:
    """Wait a little for connections that are just ending.

    Raises
    ------
    EnvironmentProblem
        Where somebody else stays connected.
    """
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
    )
    end = time.monotonic() + PATIENCE
    while others := connection.execute(query).scalar_one():
        if time.monotonic() > end:
            raise EnvironmentProblem(
                f"database: {others} other connections; stop pcf serve and what else uses it, then repeat; nothing was restored"
            )
        connection.exec_driver_sql("SELECT pg_stat_clear_snapshot()")
        time.sleep(0.1)


class _without_triggers:  # noqa: N801 - a context manager is a verb here
    """Rows that were allowed when they were recorded are not asked again: a period that is closed by now took them then."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"
        self._made: Mapping[str, str] = {}

    def __enter__(self) -> None:
        if self._sqlite:
            rows = self._connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
            self._made = {row[0]: row[1] for row in rows}
            for name in self._made:
                self._connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        else:
            self._switch("DISABLE")

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            return  # nothing of it will be there
        for statement in self._made.values():
            self._connection.exec_driver_sql(statement)
        if not self._sqlite:
            self._switch("ENABLE")

    def _switch(self, how: str) -> None:
        for name in inspect(self._connection).get_table_names():
            if name in metadata.tables:
                self._connection.exec_driver_sql(f'ALTER TABLE "{name}" {how} TRIGGER USER')


def _fill(connection: Connection, table: Table, backup: Reader) -> None:
    columns, rows = backup.manifest.tables[table.name]
    if set(columns) != set(table.c.keys()):
        raise InputError(f"backup, table {table.name}", f"columns {', '.join(columns)}", ", ".join(table.c.keys()))
    binary = [isinstance(table.c[name].type, LargeBinary) for name in columns]
    statement, waiting, count = insert(table), [], 0
    for row in backup.rows(table.name):
        waiting.append(_values(row, columns, binary, table.name))
        count += 1
        if len(waiting) == _ROWS:
            connection.execute(statement, waiting)
            waiting = []
    if waiting:
        connection.execute(statement, waiting)
    if count != rows:
        raise CheckFailed(f"backup: table {table.name} has {count:,} rows, its manifest says {rows:,}; nothing was restored")


def _values(row: list[Any], columns: Sequence[str], binary: Sequence[bool], table: str) -> dict[str, Any]:
    """A row as the database takes it.

    Raises
    ------
    InputError
        For another number of values, and for what is no text, integer, null or base64.
    """
    good = len(row) == len(columns) and all(
        value is None or (type(value) is int and -_LARGEST <= value < _LARGEST) or (isinstance(value, str) and "\0" not in value)
        for value in row
    )
    try:
        if not good:
            raise ValueError
        return {
            name: base64.b64decode(value, validate=True) if is_binary and value is not None else value
            for name, value, is_binary in zip(columns, row, binary, strict=True)
        }
    except (ValueError, TypeError):
        raise InputError(f"backup, table {table}", repr(row)[:60], f"{len(columns)} texts, integers or nulls") from None
