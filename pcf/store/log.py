"""The transparency log: the Merkle tree over the events, its signed heads, proofs, and the check of everything against it.

A log proves nothing against its own key holder until somebody else holds a head: heads are printed on every document.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Table, Text, and_, func, insert, select, type_coerce
from sqlalchemy.types import NullType

from pcf.errors import CheckFailed, InputError, PcfError
from pcf.store.checkpoint import Checkpoint, Verifier, open_note, parse, sign
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
    """Sign the log as it is now and keep the head; the same log has one head of a key, however often somebody asks.

    Raises
    ------
    CheckFailed
        When the stored head of this size is wrong, or of another log: to sign a second one would hide that.
    """
    with database.write(signer.name) as tx:
        size = log_size(tx.connection)
        found = Checkpoint(ORIGIN, size, log_root(tx.connection, size))
        known = tx.connection.execute(select(log_head.c.note).where(log_head.c.size == size)).scalar()
        if known is not None and _is_own(str(known), found, Verifier(signer.name, signer.public_key)):
            return str(known)
        note = sign(found, signer)
        if known is None:
            tx.connection.execute(insert(log_head), {"size": size, "root": found.root, "note": note})
    return note


def _is_own(note: str, head: Checkpoint, key: Verifier) -> bool:
    """Whether a stored note is a head under a key; not so, where another key signed the same head.

    Raises
    ------
    CheckFailed
        When it is anything else.
    """
    try:
        stored, signatures = parse(note)
        if stored == head:
            return (key.name, key.key_id) in ((item.name, item.key_id) for item in signatures) and open_note(note, [key]) == head
    except PcfError:
        pass
    raise CheckFailed(
        f"log: the stored head of {head.size} events does not fit the log, or its signature is wrong; nothing was signed; "
        "pcf log verify says what was changed"
    )


def prove_inclusion(connection: Connection, seq: int, size: int | None = None, read: Read | None = None) -> Proof:
    """Proof that an event is in the log of a size (default: of now); for many of them, by one `log_reader`.

    Raises
    ------
    InputError
        For an event that is not in it.
    """
    whole = log_size(connection) if size is None else size
    read = read or log_reader(connection)
    path = inclusion_proof(seq, whole, read)
    return Proof(seq, whole, read(0, seq), tuple(path), root(whole, read))


def verify(
    connection: Connection,
    heads: Sequence[Checkpoint] = (),
    advance: Callable[[int], None] = lambda _: None,
    trusted: Sequence[Verifier] | None = None,
) -> Iterator[Finding]:
    """Every difference between the events, their log, the stored and given heads, and the rows of the records.

    Parameters
    ----------
    heads : sequence of Checkpoint
        Heads that somebody else holds, signatures already checked.
    advance : callable
        Told how many more events are done.
    trusted : sequence of Verifier, optional
        Keys of which one has to have signed each stored head; without them the signatures are not checked.
    """
    leaves: list[bytes] = []
    counts: dict[str, int] = {}
    time = expected = 0
    for chunk in _chunks(connection):
        for row in chunk:
            yield from _check_event(row, expected, time)
            expected = row.seq + 1  # so that each gap is one finding, not one for every event after it
            time = row.time if isinstance(row.time, int) else time
            leaves.append(leaf_hash(_bytes_of(row.payload)))
        yield from _check_rows(connection, chunk, counts)
        advance(len(chunk))
    yield from _check_counts(connection, counts)
    read = reader(leaves)
    for row in connection.execute(_as_stored(log_head).order_by(log_head.c.size)):
        yield from _check_note(row, trusted)
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
        keys = list(rows)
        present: dict[tuple[Any, ...], Mapping[str, Any]] = {}
        for start in range(0, len(keys), 400):
            for found in connection.execute(select(table).where(_among(table, keys[start : start + 400]))):
                values = dict(found._mapping)
                present[tuple(values[column.name] for column in table.primary_key)] = values
        for key, (seq, row) in rows.items():
            where = f"{name} {'/'.join(map(str, key))}"
            if key not in present:
                yield Finding("missing", seq, where)
            elif {column: present[key].get(column) for column in row} != row:
                yield Finding("changed", seq, where)


def _among(table: Table, keys: Sequence[tuple[Any, ...]]) -> ColumnElement[bool]:
    """Condition that rows with some keys meet, and hardly any other: their values in the first columns of the primary key.

    Column by column, because SQLite reads a whole table where a tuple of columns has to be in a list; up to the column with the most
    values, because it tries every combination of them.
    """
    values = [list(dict.fromkeys(column)) for column in zip(*keys, strict=True)]
    last = max(range(len(values)), key=lambda place: len(values[place]))
    return and_(*(column.in_(found) for column, found in zip(table.primary_key, values[: last + 1], strict=False)))


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


def _check_note(row: Any, trusted: Sequence[Verifier] | None) -> Iterator[Finding]:
    """A stored head against its own note, and the note against the keys."""
    place = f"stored head of {row.size} events"
    try:
        found = parse(str(row.note))[0] if trusted is None else open_note(str(row.note), trusted)
    except InputError:
        yield Finding("head", -1, f"{place}: the note is none")
    except CheckFailed as failed:
        yield Finding("head", -1, f"{place}: {failed}")
    else:
        if (found.origin, found.size, found.root) != (ORIGIN, row.size, row.root):
            yield Finding(
                "head", -1, f"{place}: its note is of {found.size} events of {found.origin} with root {found.root.hex()}"
            )


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
