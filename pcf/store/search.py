"""Looking through the log: by kind, person, time and text, page by page from the newest event down.

Only the number of an event is a key. Times never run backwards, so that a period is a range of numbers, found by halving; what else is
asked for is compared event by event, so many at most for a page, so that no question keeps anybody waiting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.store.log import log_size
from pcf.store.schema import event, log_head

MOST_LOOKED = 200_000
"""Events that are compared for one page."""

RECENT = 20_000
"""Of so many of the newest events kinds and persons are offered."""


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty counts for all. `start` and `stop` [us], the latter not included."""

    kind: str = ""
    actor: str = ""
    start: int | None = None
    stop: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Line:
    """An event without its payload, of which it has the length [characters]."""

    seq: int
    time: int
    kind: str
    key: str
    actor: str
    length: int


@dataclass(frozen=True)
class Page:
    """Events, the newest first; below `following` there may be more, None where there is none; `looked` says how far was looked."""

    lines: tuple[Line, ...]
    following: int | None
    looked: int


def find_events(connection: Connection, wanted: Wanted, before: int | None = None, limit: int = 50) -> Page:
    """A page of events with numbers below `before` (default: from the newest)."""
    size = log_size(connection)
    top = min(size, size if before is None else before)
    if wanted.stop is not None:
        top = min(top, first_at(connection, wanted.stop, size))
    bottom = 0 if wanted.start is None else first_at(connection, wanted.start, size)
    lowest = max(bottom, top - MOST_LOOKED)
    query = select(
        event.c.seq, event.c.time, event.c.kind, event.c.key, event.c.actor, func.length(event.c.payload).label("length")
    ).where(event.c.seq < top, event.c.seq >= lowest)  # fmt: skip
    for column, value in ((event.c.kind, wanted.kind), (event.c.actor, wanted.actor)):
        if value:
            query = query.where(column == value)
    if wanted.text:
        query = query.where(event.c.payload.icontains(wanted.text, autoescape=True))
    rows = connection.execute(query.order_by(event.c.seq.desc()).limit(limit + 1)).all()
    lines = tuple(Line(*row) for row in rows[:limit])
    if len(rows) > limit:
        return Page(lines, lines[-1].seq, lines[-1].seq)
    return Page(lines, lowest if lowest > bottom else None, lowest)


def first_at(connection: Connection, moment: int, size: int) -> int:
    """Number of the first event at or after a time [us]; the size of the log where there is none."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            select(event.c.seq, event.c.time).where(event.c.seq >= middle, event.c.seq < high).order_by(event.c.seq).limit(1)
        ).first()
        if row is None or row.time >= moment:
            high = middle
        else:
            low = row.seq + 1
    return low


def read_payload(connection: Connection, seq: int) -> str | None:
    """What is hashed of an event."""
    return connection.execute(select(event.c.payload).where(event.c.seq == seq)).scalar()


def recent(connection: Connection) -> tuple[Sequence[str], Sequence[str]]:
    """Kinds and persons of the newest events."""
    lowest = log_size(connection) - RECENT
    kinds, actors = (
        connection.execute(select(column).where(event.c.seq >= lowest).distinct().order_by(column)).scalars().all()
        for column in (event.c.kind, event.c.actor)
    )
    return kinds, actors


def last_head(connection: Connection) -> Any:
    """The newest signed head: size, root, note; None where nobody has signed yet."""
    return connection.execute(select(log_head).order_by(log_head.c.size.desc()).limit(1)).first()
