"""Samples of an auditor: every kilogram has the same chance, the seed and the state of the records make the draw again.

Notes
-----
Value-weighted, systematic selection, as auditors draw it from sums of money, with kilograms in their place. The items lie in a row,
by stratum, day and id, each as long as its mass; from a kilogram that the seed gives, every (M/n)-th one is taken, and the item that it
belongs to is drawn. So each stratum and each season has its part of the sample, and an item's chance is n·m/M exactly. Items as heavy as
the interval or heavier are taken for certain first, and the rest is sampled without them.

The first kilogram is SHA-256 of the seed and of the digest of what there is to draw from, modulo M: with another program's SHA-256,
integers and the list anybody can draw again.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, select

from pcf.custody.audit.view import document_name
from pcf.custody.book import Span
from pcf.custody.tables import (
    certificate_end,
    document,
    footprint_certificate,
    heat,
    lot,
    scope_site,
    shipment,
    unit,
    void,
)
from pcf.store.canonical import canonical

METHOD = "mass-systematic/1"
"""Name of the rule of the draw; another rule gets another name."""

KINDS = ("tickets", "heats", "shipments", "documents", "certificates")
"""What can be drawn: weigh tickets in, heats, shipments, documents issued, certificates issued."""


@dataclass(frozen=True)
class Item:
    """Something that can be drawn; `unit` is where its trail begins, empty for a certificate of a product."""

    id: str
    stratum: str
    date: str
    mass_kg: int
    unit: str


@dataclass(frozen=True)
class Drawn:
    """An item that was drawn; `certain` where it is as heavy as the interval."""

    id: str
    stratum: str
    date: str
    mass_kg: int
    unit: str
    certain: bool


def draw(items: Sequence[Item], size: int, seed: int) -> list[Drawn]:
    """Draw by mass; the same items and seed give the same sample, in whatever order the items come.

    Parameters
    ----------
    items : sequence of Item
        All that there is, each of 1 kg at least.
    size : int
        How many; of fewer items all are drawn.
    """
    rest, taken = _ordered(items), list[Item]()
    while True:
        count, whole = size - len(taken), sum(item.mass_kg for item in rest)
        heavy = [item for item in rest if item.mass_kg * count >= whole]
        if not heavy:
            break
        taken += heavy
        rest = [item for item in rest if item.mass_kg * count < whole]
    sure = {item.id for item in taken}
    if count and rest:
        ends = list(accumulate(item.mass_kg for item in rest))
        first = start(items, seed) % whole
        taken += [rest[bisect_right(ends, (first + number * whole // count) % whole)] for number in range(count)]
    return [Drawn(**asdict(item), certain=item.id in sure) for item in _ordered(taken)]


def start(items: Iterable[Item], seed: int) -> int:
    """The number that the first kilogram is made of."""
    return int.from_bytes(hashlib.sha256(f"{METHOD}\n{seed}\n{population_sha256(items)}".encode()).digest())


def population_sha256(items: Iterable[Item]) -> str:
    """Digest of what there is to draw from: canonical JSON of the ids with stratum, day and mass, in their order."""
    listed = [[item.id, item.stratum, item.date, item.mass_kg] for item in _ordered(items)]
    return hashlib.sha256(canonical(listed)).hexdigest()


def _ordered(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=lambda item: (item.stratum, item.date, item.id))


def read_population(connection: Connection, span: Span, kind: str, log_size: int) -> list[Item]:
    """What there was to draw from in a period when the log had a size: recorded by then, and not taken back by then."""
    return [Item(*row) for row in _READERS[kind](connection, span, log_size)]


Found = list[tuple[str, str, str, int, str]]


def _of_unit(query: Select[Any], span: Span, log_size: int, void_kind: str) -> Select[Any]:
    """Of units of a period those that stood."""
    gone = exists().where(
        void.c.target_kind == void_kind, void.c.target == unit.c.id, void.c.target_seq == unit.c.event_seq, void.c.event_seq < log_size
    )  # fmt: skip
    return query.join(scope_site, scope_site.c.site == unit.c.site).where(
        scope_site.c.scope == span.scope, unit.c.date >= span.start, unit.c.date <= span.end, unit.c.event_seq < log_size, ~gone
    )  # fmt: skip


def _own(connection: Connection, query: Select[Any]) -> Found:
    """Units, whose trail begins at themselves."""
    return [(row[0], row[1], row[2], row[3], row[0]) for row in connection.execute(query)]


def _tickets(connection: Connection, span: Span, log_size: int) -> Found:
    query = select(unit.c.id, lot.c.content_class, unit.c.date, unit.c.mass_kg).join(lot, lot.c.unit == unit.c.id)
    return _own(connection, _of_unit(query, span, log_size, "lot"))


def _heats(connection: Connection, span: Span, log_size: int) -> Found:
    query = select(unit.c.id, heat.c.product, unit.c.date, unit.c.mass_kg).join(heat, heat.c.unit == unit.c.id)
    return _own(connection, _of_unit(query, span, log_size, "cast"))


def _shipments(connection: Connection, span: Span, log_size: int) -> Found:
    query = select(unit.c.id, shipment.c.form, unit.c.date, unit.c.mass_kg).join(shipment, shipment.c.unit == unit.c.id)
    return _own(connection, _of_unit(query, span, log_size, "shipment"))


def _documents(connection: Connection, span: Span, log_size: int) -> Found:
    """Documents issued: of a kilogram that is documented the chance is the same, whatever else the shipment weighs."""
    query = (
        select(document, unit.c.id.label("sent"))
        .join(unit, unit.c.id == document.c.unit).join(scope_site, scope_site.c.site == unit.c.site)
        .where(
            document.c.direction == "out", scope_site.c.scope == span.scope, document.c.date >= span.start,
            document.c.date <= span.end, document.c.event_seq < log_size,
        )
    )  # fmt: skip
    gone = set(
        connection.execute(
            select(void.c.target_seq).where(void.c.target_kind == "document", void.c.event_seq < log_size)
        ).scalars()
    )
    rows = [row._mapping for row in connection.execute(query)]
    return [
        (document_name(dict(row)), row["account"], row["date"], row["coc_kg"], row["sent"])
        for row in rows
        if row["event_seq"] not in gone
    ]


def _certificates(connection: Connection, span: Span, log_size: int) -> Found:
    """Certificates of the scope's sites by their day of issue, without those that had ended."""
    ended = and_(certificate_end.c.number == footprint_certificate.c.number, certificate_end.c.event_seq < log_size)
    query = (
        select(footprint_certificate)
        .join(scope_site, scope_site.c.site == footprint_certificate.c.site)
        .where(
            scope_site.c.scope == span.scope, footprint_certificate.c.issued >= span.start,
            footprint_certificate.c.issued <= f"{span.end}~", footprint_certificate.c.event_seq < log_size, ~exists().where(ended),
        )
    )  # fmt: skip
    return [(row.number, row.kind, row.issued[:10], row.mass_kg, row.unit or "") for row in connection.execute(query)]


_READERS: Mapping[str, Callable[[Connection, Span, int], Found]] = {
    "tickets": _tickets, "heats": _heats, "shipments": _shipments, "documents": _documents, "certificates": _certificates,
}  # fmt: skip
