"""Where a trail begins: units by their id, ticket, delivery note, document, certificate or party."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from pcf.custody.audit.view import UNIT_TABLES, View, document_name
from pcf.custody.tables import certificate_draw, document, footprint_certificate, heat, lot, party, shipment, unit

MOST, LONGEST = 40, 100
"""Units of each kind that a search gives, and characters that it looks at."""


@dataclass(frozen=True)
class Hit:
    """A place where a trail begins: `kind` of what was found and its `name`, the `unit` to follow, and with whom it was."""

    kind: str
    name: str
    unit: str
    date: str
    mass_kg: int
    party: str


def find_starts(connection: Connection, words: str = "", most: int = MOST) -> list[Hit]:
    """What bears some words in its name, ticket, note or party; without any, the newest of each kind."""
    wanted = "".join(sign for sign in words[: LONGEST + 1] if sign.isprintable()).strip()
    if (words.strip() and not wanted) or len(wanted) > LONGEST:
        return []
    found: list[Hit] = []
    for read in (_certificates, _documents, _shipments, _lots, _heats):
        found += read(connection, wanted, most if wanted else max(most // 8, 3))
    exact = wanted.casefold()
    return sorted(found, key=lambda hit: (hit.name.casefold() != exact, hit.unit.casefold() != exact))[:most]


def _certificates(connection: Connection, words: str, most: int) -> Iterator[Hit]:
    """Certificates: of a unit one, of a product one for each of the heats behind it, the largest first."""
    table = footprint_certificate
    query = select(table, certificate_draw.c.unit.label("drawn")).join(
        certificate_draw, certificate_draw.c.number == table.c.number
    )
    if words:
        query = query.where(
            or_(*(column.icontains(words, autoescape=True) for column in (table.c.number, table.c.unit, table.c.product)))
        )
    seen = set()
    for row in connection.execute(query.order_by(table.c.event_seq.desc(), certificate_draw.c.unit).limit(most)):
        start = row.unit or row.drawn
        if (row.number, start) not in seen:
            seen.add((row.number, start))
            yield Hit("certificate", row.number, start, row.issued[:10], row.mass_kg, row.product)


def _documents(connection: Connection, words: str, most: int) -> Iterator[Hit]:
    """Documents issued lead to their shipment, documents received to the lots that count on them."""
    for direction in ("out", "in"):
        start = document.c.unit if direction == "out" else lot.c.unit
        query = select(document, start.label("start"), party.c.name.label("whose")).join(party, party.c.id == document.c.party)
        if direction == "in":
            query = query.join(
                lot, (lot.c.document_issuer == document.c.issuer) & (lot.c.document_reference == document.c.reference)
            )
        query = query.where(document.c.direction == direction, start.is_not(None))
        if words:
            columns = (document.c.reference, document.c.issuer, start, party.c.name)
            query = query.where(or_(*(column.icontains(words, autoescape=True) for column in columns)))
        for row in connection.execute(query.order_by(document.c.event_seq.desc()).limit(most)):
            yield Hit(f"document-{direction}", f"{row.issuer}/{row.reference}", row.start, row.date, row.coc_kg, row.whose)


def _shipments(connection: Connection, words: str, most: int) -> Iterator[Hit]:
    query = (
        select(unit, shipment.c.note, party.c.name.label("whose"))
        .join(shipment, shipment.c.unit == unit.c.id).join(party, party.c.id == shipment.c.customer)
    )  # fmt: skip
    if words:
        query = query.where(
            or_(*(column.icontains(words, autoescape=True) for column in (unit.c.id, shipment.c.note, party.c.name)))
        )
    for row in connection.execute(query.order_by(unit.c.event_seq.desc(), unit.c.id).limit(most)):
        yield Hit("shipment", row.id, row.id, row.date, row.mass_kg, row.whose)


def _lots(connection: Connection, words: str, most: int) -> Iterator[Hit]:
    query = (
        select(unit, lot.c.ticket, party.c.name.label("whose"))
        .join(lot, lot.c.unit == unit.c.id).join(party, party.c.id == lot.c.supplier)
    )  # fmt: skip
    if words:
        query = query.where(
            or_(*(column.icontains(words, autoescape=True) for column in (unit.c.id, lot.c.ticket, party.c.name)))
        )
    for row in connection.execute(query.order_by(unit.c.event_seq.desc(), unit.c.id).limit(most)):
        yield Hit("ticket", row.ticket, row.id, row.date, row.mass_kg, row.whose)


def _heats(connection: Connection, words: str, most: int) -> Iterator[Hit]:
    query = select(unit, func.coalesce(heat.c.product, "").label("product")).outerjoin(heat, heat.c.unit == unit.c.id)
    query = query.where(unit.c.kind.in_(("heat", "bundle", "processed") if words else ("heat",)))
    if words:
        query = query.where(unit.c.id.icontains(words, autoescape=True))
    for row in connection.execute(query.order_by(unit.c.event_seq.desc(), unit.c.id).limit(most)):
        yield Hit(row.kind, row.id, row.id, row.date, row.mass_kg, row.product)


def starts_of(view: View) -> dict[str, str]:
    """Names of the records of a period → the unit where the trail of each begins."""
    found = {row["unit"]: row["unit"] for table in UNIT_TABLES for row in view.rows[table]} | {name: name for name in view.units}
    found |= {row["id"]: row["shipment"] for row in view.rows["statement"]}
    for row in view.rows["document"]:
        if row["unit"]:
            found[document_name(row)] = row["unit"]
    for row in view.rows["lot"]:
        if row["document_reference"]:
            found.setdefault(f"in/{row['document_issuer']}/{row['document_reference']}", row["unit"])
    return found
