"""Tables of the store: the events, the tiles of their Merkle tree and the signed heads. Other rooms add theirs to `metadata`."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

INT: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
"""Kilograms, watt-hours, microseconds and sequence numbers: 64 bits; as `INTEGER` SQLite keeps a key as its row number."""

EVENT_SEQ = "event_seq"
"""Column by which a row of any table names the event that wrote it."""


def event_seq() -> Column[int]:
    """The column that every table of records has."""
    return Column(EVENT_SEQ, INT, ForeignKey("event.seq"), nullable=False)


event = Table(
    "event",
    metadata,
    Column("seq", INT, primary_key=True, autoincrement=False),
    Column("time", INT, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("key"),
)
"""One line a mutation: `seq` counts from 0 and is the leaf's index, `time` is UTC [us], `payload` the leaf's content."""

log_tile = Table(
    "log_tile",
    metadata,
    Column("level", INT, primary_key=True, autoincrement=False),
    Column("number", INT, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""256 hashes of a level of the tree, written when they are complete."""

log_head = Table(
    "log_head",
    metadata,
    Column("size", INT, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
)
"""Signed tree heads, one a size."""
