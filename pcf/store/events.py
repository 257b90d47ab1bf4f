"""One transaction and its events. An event is the set of rows that it writes: its payload holds them, in canonical JSON.

So the log proves the tables: whoever changes a row by the back door has a row that differs from its event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table, bindparam, desc, func, insert, select

from pcf.store import clock
from pcf.store.canonical import canonical
from pcf.store.merkle import HASH, complete_root, completed_tiles, leaf_hash
from pcf.store.prepared import Prepared
from pcf.store.schema import EVENT_SEQ, event, log_tile, metadata

Row = Mapping[str, str | int | None]
Rows = Mapping[str, Sequence[Row]]

Tip = tuple[int, bytes]
"""Number of events and the leaf of the last one: the same tip is the same log."""

# Made once: a statement keeps its compiled form, and these are asked at every writing.
_LAST = select(event.c.seq, event.c.time, event.c.leaf).order_by(desc(event.c.seq)).limit(1)
_RECORDED = Prepared(
    select(event.c.seq, event.c.time, event.c.leaf, event.c.key, event.c.request).where(
        event.c.key.in_(bindparam("keys", expanding=True)) | (event.c.seq == select(func.max(event.c.seq)).scalar_subquery())
    ),
    many="keys",
)
"""Events of some keys, and the last one of all."""


@lru_cache(maxsize=512)
def _insert(dialect: Dialect, table: Table, names: tuple[str, ...]) -> tuple[str, Callable[[dict[str, Any]], Any]]:
    """Text that inserts a row of some columns, and what makes the driver's values of a row."""
    found = insert(table).compile(dialect=dialect, column_keys=list(names))
    return str(found), itemgetter(*found.positiontup or ()) if found.positional else dict


@dataclass(frozen=True)
class Event:
    """An event as it is in the log."""

    seq: int
    time: int
    kind: str
    key: str
    actor: str
    request: str


@dataclass
class Transaction:
    """What is written together; rows wait until `flush`, so that many events become few statements."""

    connection: Connection
    actor: str
    _size: int = -1
    _time: int = 0
    _leaf: bytes = b""
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    """Names of the tables that its events have rows of."""

    def recorded(self, keys: Iterable[str]) -> dict[str, str]:
        """Of some keys those that an event bears already, with the digest of what was asked for then."""
        found: dict[str, str] = {}
        asked = dict.fromkeys(keys)
        wanted = list(asked)
        for start in range(0, len(wanted), 500):
            rows = _RECORDED.all(self.connection, keys=wanted[start : start + 500])
            if self._size < 0:
                self._start(max(rows, key=lambda row: row.seq, default=None))
            found.update((row.key, row.request) for row in rows if row.key in asked)
        waiting = {row["key"]: row["request"] for row in self._rows.get("event", ())}
        return found | {key: waiting[key] for key in wanted if key in waiting}

    def add(self, kind: str, key: str, request: str, rows: Rows) -> Event:
        """Add one event with its rows.

        Parameters
        ----------
        kind : str
            What happened, such as `lot` or `void`.
        key : str
            What makes a repeat known: the record's own id or the caller's key; unique in the database.
        request : str
            Digest of what was asked for (`digest`).
        rows : mapping of table name to rows
            Values are texts, integers or None; each row gets the event's number.
        """
        if self._size < 0:
            self._open()
        seq, self._time = self._size, clock.next_time(self._time)
        content: dict[str, Any] = {
            "seq": seq, "time": self._time, "kind": kind, "key": key, "actor": self.actor, "request": request,
            "rows": {table: [dict(row) for row in found] for table, found in rows.items() if found},
        }  # fmt: skip
        payload = canonical(content)
        self._leaf = leaf_hash(payload)
        self._rows.setdefault("event", []).append({
            "seq": seq, "time": self._time, "kind": kind, "key": key, "actor": self.actor, "request": request,
            "payload": payload.decode(), "leaf": self._leaf,
        })  # fmt: skip
        for table, found in rows.items():
            if found:
                self.tables.add(table)
                self._rows.setdefault(table, []).extend({**row, EVENT_SEQ: seq} for row in found)
        self._size += 1
        return Event(seq, self._time, kind, key, self.actor, request)

    def flush(self) -> None:
        """Write what waits, parents before children, then the tiles of the tree that are now complete."""
        if not self._rows:
            return
        waiting, self._rows = self._rows, {}
        first = waiting["event"][0]["seq"]
        for table in _ordered(waiting):
            self._insert(table, waiting[table.name])
        self._write_tiles(first)

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        # Past the compiler: its bookkeeping takes longer than the rows of a cast, and their values need no conversion.
        text, take = _insert(self.connection.dialect, table, tuple(rows[0]))
        values = [take(row) for row in rows]
        self.connection.exec_driver_sql(text, values if len(values) > 1 else values[0])

    @property
    def tip(self) -> Tip:
        """The log's tip, events that wait included."""
        if self._size < 0:
            self._open()
        return self._size, self._leaf

    @property
    def now(self) -> int:
        """Time of the events so far [us]."""
        if self._size < 0:
            self._open()
        return clock.next_time(self._time)

    def _open(self) -> None:
        self._start(self.connection.execute(_LAST).first())

    def _start(self, last: Any) -> None:
        self._size, self._time, self._leaf = (last.seq + 1, last.time, last.leaf) if last else (0, 0, b"")

    def _write_tiles(self, first: int) -> None:
        for level, number in completed_tiles(first, self._size):
            self.connection.execute(insert(log_tile), {"level": level, "number": number, "hashes": self._tile(level, number)})

    def _tile(self, level: int, number: int) -> bytes:
        if level == 0:
            query = (
                select(event.c.leaf).where(event.c.seq >= number * 256, event.c.seq < (number + 1) * 256).order_by(event.c.seq)
            )
            return b"".join(self.connection.execute(query).scalars())
        below = log_tile.c.number
        query = (
            select(log_tile.c.hashes)
            .where(log_tile.c.level == level - 1, below >= number * 256, below < (number + 1) * 256)
            .order_by(below)
        )
        return b"".join(complete_root(split_tile(hashes)) for hashes in self.connection.execute(query).scalars())


def split_tile(hashes: bytes) -> list[bytes]:
    """Hashes of a stored tile."""
    return [hashes[start : start + HASH] for start in range(0, len(hashes), HASH)]


def _ordered(names: Iterable[str]) -> list[Table]:
    """Tables of some names, parents before children."""
    place = _places(len(metadata.tables))
    return [metadata.tables[name] for name in sorted(names, key=place.__getitem__)]


@cache
def _places(_count: int) -> Mapping[str, int]:
    # Sorting the tables takes longer than writing a cast; `_count` lets a room that adds tables be seen.
    return {table.name: place for place, table in enumerate(metadata.sorted_tables)}


def digest(content: Any) -> str:
    """Digest of what somebody asks for: SHA-256 of its canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def compact(content: Any) -> str:
    """Canonical JSON as text, for details of a record."""
    return canonical(content).decode()
