"""The transparency log: the Merkle tree over the events, its signed heads, proofs, and the check of everything against it.

A log proves nothing against its own key holder until somebody else holds a head: heads are printed on every document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, func, insert, select, tuple_, type_coerce
from sqlalchemy.types import NullType

from pcf.store.checkpoint import Checkpoint, sign
from pcf.store.database import Database
from pcf.store.keys import Signer
from pcf.store.merkle import (
    Read,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    reader,
    root,
    tile_reader,
    verify_consistency,
    verify_inclusion,
)
from pcf.store.schema import EVENT_SEQ, event, log_head, log_tile, metadata

ORIGIN = "pcf-aluminium custody log"
"""First line of every head: which log it is of."""

CHUNK = 1000


@dataclass(frozen=True)
class Finding:
    """What is wrong with the log: `kind` names the sentence, `seq` the event (-1: none), `where` table and key."""

    kind: str
    seq: int
    where: str


@dataclass(frozen=True)
class Proof:
    """That an event is in the log of a signed head."""

    seq: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    root: bytes

    @property
    def holds(self) -> bool:
        """Whether the path leads from the leaf to the root."""
        return verify_inclusion(self.leaf, self.seq, self.size, self.path, self.root)


def log_size(connection: Connection) -> int:
    """Number of events."""
    return int(connection.execute(select(func.coalesce(func.max(event.c.seq) + 1, 0))).scalar_one())


def log_reader(connection: Connection) -> Read:
    """Reader of the stored tree."""

    def leaves(start: int, stop: int) -> Sequence[bytes]:
        query = select(event.c.leaf).where(event.c.seq >= start, event.c.seq < stop).order_by(event.c.seq)
        return list(connection.execute(query).scalars())

    def tile(level: int, number: int) -> bytes | None:
        query = select(log_tile.c.hashes).where(log_tile.c.level == level, log_tile.c.number == number)
        return connection.execute(query).scalar()

    return tile_reader(leaves, tile)


def log_root(connection: Connection, size: int) -> bytes:
    """Root over the first events."""
    return root(size, log_reader(connection))


def sign_head(database: Database, signer: Signer) -> str:
    """Sign the log as it is now and keep the head; the same log has one head, whoever asks and however often."""
    with database.write(signer.name) as tx:
        size = log_size(tx.connection)
        known = tx.connection.execute(select(log_head.c.note).where(log_head.c.size == size)).scalar()
        if known is not None:
            return str(known)
        found = Checkpoint(ORIGIN, size, log_root(tx.connection, size))
        note = sign(found, signer)
        tx.connection.execute(insert(log_head), {"size": size, "root": found.root, "note": note})
    return note


def prove_inclusion(connection: Connection, seq: int, size: int | None = None) -> Proof:
    """Proof that an event is in the log of a size (default: of now).

    Raises
    ------
    InputError
        For an event that is not in it.
    """
    whole = log_size(connection) if size is None else size
    read = log_reader(connection)
    path = inclusion_proof(seq, whole, read)
    return Proof(seq, whole, read(0, seq), tuple(path), root(whole, read))


def verify(
    connection: Connection, heads: Sequence[Checkpoint] = (), advance: Callable[[int], None] = lambda _: None
) -> Iterator[Finding]:
    """Every difference between the events, their log, the stored and given heads, and the rows of the records.

    Parameters
    ----------
    heads : sequence of Checkpoint
        Heads that somebody else holds, signatures already checked.
    advance : callable
        Told how many more events are done.
    """
    leaves: list[bytes] = []
    counts: dict[str, int] = {}
    time = 0
    for chunk in _chunks(connection):
        for row in chunk:
            yield from _check_event(row, len(leaves), time)
            time = row.time if isinstance(row.time, int) else time
            leaves.append(leaf_hash(_bytes_of(row.payload)))
        yield from _check_rows(connection, chunk, counts)
        advance(len(chunk))
    yield from _check_counts(connection, counts)
    read = reader(leaves)
    for row in connection.execute(_as_stored(log_head).order_by(log_head.c.size)):
        yield from _check_head(len(leaves), read, row.size, row.root, "stored")
    for head in heads:
        yield from _check_head(len(leaves), read, head.size, head.root, "given")
    yield from _check_tiles(connection, leaves, read)


def _chunks(connection: Connection) -> Iterator[Sequence[Any]]:
    first = -1
    while True:
        chunk = connection.execute(_as_stored(event).where(event.c.seq > first).order_by(event.c.seq).limit(CHUNK)).all()
        if not chunk:
            return
        yield chunk
        first = chunk[-1].seq


def _as_stored(table: Table) -> Any:
    """All of a table without conversions: SQLite lets any value into any column, and a check has to bear it."""
    return select(*(type_coerce(column, NullType()).label(column.name) for column in table.c))


def _bytes_of(payload: object) -> bytes:
    """A payload as it was hashed; what is no text has no such bytes."""
    return payload.encode() if isinstance(payload, str) else b""


def _check_event(row: Any, expected: int, time: int) -> Iterator[Finding]:
    if row.seq != expected:
        yield Finding("gap", expected, f"event {row.seq}")
    content = _read(row.payload)
    if content is None:
        yield Finding("unreadable", row.seq, "payload")
        return
    if row.leaf != leaf_hash(_bytes_of(row.payload)):
        yield Finding("rewritten", row.seq, "payload")
    for name in ("seq", "time", "kind", "key", "actor", "request"):
        if content.get(name) != getattr(row, name):
            yield Finding("rewritten", row.seq, name)
    if isinstance(row.time, int) and row.time < time:
        yield Finding("backwards", row.seq, "time")


def _read(payload: object) -> dict[str, Any] | None:
    """Content of an event, or nothing where somebody wrote something else there."""
    try:
        content = json.loads(payload) if isinstance(payload, str) else None
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _check_rows(connection: Connection, chunk: Sequence[Any], counts: dict[str, int]) -> Iterator[Finding]:
    """Rows of the records against the rows that the events hold."""
    wanted: dict[str, dict[tuple[Any, ...], tuple[int, Mapping[str, Any]]]] = {}
    for item in chunk:
        try:
            tables = (_read(item.payload) or {})["rows"].items()
            for name, rows in tables:
                table = metadata.tables[name]
                for row in rows:
                    full = {**row, EVENT_SEQ: item.seq}
                    key = tuple(_key_value(column, full[column.name]) for column in table.primary_key)
                    wanted.setdefault(name, {})[key] = (item.seq, full)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            yield Finding("unreadable", item.seq, "rows")
    for name, rows in wanted.items():
        counts[name] = counts.get(name, 0) + len(rows)
        table = metadata.tables[name]
        columns = list(table.primary_key)
        keys = list(rows)
        present: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for start in range(0, len(keys), 400):
            query = select(table).where(tuple_(*columns).in_(keys[start : start + 400]))
            for found in connection.execute(query):
                values = dict(found._mapping)
                present[tuple(values[column.name] for column in columns)] = values
        for key, (seq, row) in rows.items():
            where = f"{name} {'/'.join(map(str, key))}"
            if key not in present:
                yield Finding("missing", seq, where)
            elif {column: present[key].get(column) for column in row} != row:
                yield Finding("changed", seq, where)


def _key_value(column: Column[Any], value: object) -> object:
    """A value that the database can be asked for.

    Raises
    ------
    ValueError
        For any other.
    """
    if isinstance(column.type, Text):
        good = isinstance(value, str) and "\0" not in value and value == value.encode(errors="replace").decode()
    else:
        good = isinstance(value, int) and -(2**63) <= value < 2**63
    if not good:
        raise ValueError(column.name)
    return value


def _check_counts(connection: Connection, counts: Mapping[str, int]) -> Iterator[Finding]:
    """Rows that no event has written."""
    for table in metadata.sorted_tables:
        if EVENT_SEQ in table.c:
            present = int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            if present > counts.get(table.name, 0):
                yield Finding("unlogged", -1, f"{table.name}: {present - counts.get(table.name, 0)}")


def _check_head(size: int, read: Read, signed: int, expected: bytes, whose: str) -> Iterator[Finding]:
    if signed > size:
        yield Finding("truncated", size, f"{whose} head of {signed} events")
    elif root(signed, read) != expected:
        yield Finding("forked", signed - 1, f"{whose} head of {signed} events")


def _check_tiles(connection: Connection, leaves: Sequence[bytes], read: Read) -> Iterator[Finding]:
    for row in connection.execute(_as_stored(log_tile).order_by(log_tile.c.level, log_tile.c.number)):
        if not isinstance(row.level, int) or not isinstance(row.number, int):
            yield Finding("unreadable", -1, f"tile {row.level}/{row.number}")
            continue
        first, height = row.number * 256, 8 * row.level
        if (first + 256) << height > len(leaves):
            yield Finding("truncated", len(leaves), f"tile {row.level}/{row.number}")
        elif row.hashes != b"".join(read(height, first + place) for place in range(256)):
            yield Finding("rewritten", first << height, f"tile {row.level}/{row.number}")


def prove_consistency(connection: Connection, first: int, second: int) -> tuple[list[bytes], bool]:
    """Proof that the log of one size is the beginning of that of another, and whether it holds."""
    read = log_reader(connection)
    proof = consistency_proof(first, second, read)
    return proof, verify_consistency(first, second, root(first, read), root(second, read), proof)
