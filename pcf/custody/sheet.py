"""All that is recorded of one unit: its fields, what it was made of and what was made of it, papers on it, events in the log."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, union

from pcf.custody.listing import Reason, left_of, voids_of
from pcf.custody.masters import read_now
from pcf.custody.tables import (
    certificate_draw,
    certificate_end,
    consumption,
    document,
    footprint_certificate,
    heat,
    lot,
    party,
    posting,
    processing,
    scope_site,
    shipment,
    statement,
    unit,
    void,
)
from pcf.errors import InputError
from pcf.store.schema import event

MOST_LINES = 200
"""Lines of what went in or came out that a sheet shows."""

TABLES = {"lot": lot, "heat": heat, "processed": processing, "shipment": shipment}
"""Kind of a unit → the table of what else is known of it; a bundle, a return and dross have what their heat has."""

VOID_KIND = {"lot": "lot", "heat": "cast", "processed": "process", "shipment": "shipment"}
"""Kind of a unit → kind of the void that takes it back; a bundle, a return and dross go with their heat."""

_COMPUTED = ("charge", "post", "pre", "bundles", "content", "yields", "tolled", "tolled_kg")
"""What the details of a unit hold for later computation."""

_PARTIES = ("supplier", "customer", "tolled_for")


@dataclass(frozen=True)
class Line:
    """One line between two units: the other one with its mass, and what went from one to the other [kg]."""

    id: str
    kind: str
    date: str
    material: str
    whole_kg: int
    taken_kg: int
    role: str
    voided: bool


@dataclass(frozen=True)
class Paper:
    """A document (`direction/issuer/reference`), claim or certificate on a unit; `void` where it was taken back."""

    kind: str
    name: str
    date: str
    mass_kg: int | None
    what: str
    void: Reason | None = None


@dataclass(frozen=True)
class Happening:
    """An event of the log; `time` in microseconds since 1970, UTC."""

    seq: int
    time: int
    kind: str
    actor: str


@dataclass
class Sheet:
    """A unit with everything on it; `columns` and `details` are its fields, `names` those of parties by id."""

    id: str
    kind: str
    site: str
    scope: str
    date: str
    mass_kg: int
    left_kg: int
    material: str
    void: Reason | None
    fields: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    up: Sequence[Line] = ()
    down: Sequence[Line] = ()
    up_count: int = 0
    down_count: int = 0
    papers: list[Paper] = field(default_factory=list)
    events: Sequence[Happening] = ()


def read_sheet(connection: Connection, name: str) -> Sheet:
    """Everything on a unit.

    Raises
    ------
    InputError
        For one that is not recorded.
    """
    row = connection.execute(
        select(unit, scope_site.c.scope).outerjoin(scope_site, scope_site.c.site == unit.c.site).where(unit.c.id == name)
    ).first()
    if row is None:
        raise InputError("unit", repr(name[:80]), "the id of a recorded lot, heat, bundle, coil or shipment")
    gone = voids_of(connection, [name]).get(name)
    left = 0 if gone or row.kind == "shipment" else left_of(connection, [name])[name]
    found = Sheet(name, row.kind, row.site, row.scope or "", row.date, row.mass_kg, left, row.material, gone)
    found.fields = _fields(connection, name, row.kind)
    parties = {found.fields[key] for key in _PARTIES if found.fields.get(key)}
    found.names = {id_: content["name"] for id_, content in read_now(connection, party, parties).items()}
    found.up, found.up_count = _lines(connection, name, upward=True)
    found.down, found.down_count = _lines(connection, name, upward=False)
    found.papers = [*_documents(connection, found), *_claims(connection, name), *_certificates(connection, name)]
    found.events = _events(connection, found, row.event_seq)
    return found


def _fields(connection: Connection, name: str, kind: str) -> dict[str, Any]:
    """Fields of the unit's own record, without those that the unit itself holds and what only rules need."""
    table = TABLES.get(kind)
    row = None if table is None else connection.execute(select(table).where(table.c.unit == name)).first()
    if row is None:
        return {}
    # A shipment calls the number of its delivery note `note`, as records call what somebody remarked.
    unshown = ("event_seq", "unit", "site", "details")
    found = {key: value for key, value in row._mapping.items() if key not in unshown and not key.endswith("_plain")}
    if kind == "shipment":
        found["delivery_note"] = found.pop("note")
    details = json.loads(row.details)
    kept = {key: value for key, value in details.items() if key not in _COMPUTED}
    return {key: value for key, value in {**found, **kept}.items() if value not in (None, "", {}, [])}


def _lines(connection: Connection, name: str, *, upward: bool) -> tuple[list[Line], int]:
    """What went into a unit or was made of it, the largest first, and how many there are in all."""
    near, far = (consumption.c.child, consumption.c.parent) if upward else (consumption.c.parent, consumption.c.child)
    count = select(func.count()).select_from(consumption).where(near == name)
    query: Select[Any] = (
        select(consumption.c.mass_kg.label("taken"), consumption.c.role, unit)
        .join(unit, unit.c.id == far).where(near == name).order_by(consumption.c.mass_kg.desc(), unit.c.id).limit(MOST_LINES)
    )  # fmt: skip
    rows = connection.execute(query).all()
    gone = voids_of(connection, [row.id for row in rows])
    lines = [
        Line(row.id, row.kind, row.date, row.material, row.mass_kg, row.taken, row.role, row.id in gone) for row in rows
    ]  # fmt: skip
    return lines, int(connection.execute(count).scalar_one())


def _voids(connection: Connection, kind: str, names: Sequence[str]) -> dict[str, Reason]:
    query = select(void.c.target, void.c.date, void.c.reason).where(void.c.target_kind == kind, void.c.target.in_(list(names)))
    return {row.target: Reason(row.date, row.reason) for row in connection.execute(query)}


def _documents(connection: Connection, found: Sheet) -> list[Paper]:
    """Issued documents of a shipment, and the received one of a lot."""
    on = [document.c.unit == found.id]
    if found.fields.get("document_reference"):
        on.append(
            (document.c.direction == "in") & (document.c.issuer == found.fields["document_issuer"])
            & (document.c.reference == found.fields["document_reference"])
        )  # fmt: skip
    rows = connection.execute(select(document).where(or_(*on)).order_by(document.c.event_seq)).all()
    names = [f"{row.direction}/{row.issuer}/{row.reference}" for row in rows]
    gone = _voids(connection, "document", names)
    return [
        Paper(f"document-{row.direction}", name, row.date, row.coc_kg, row.account, gone.get(name))
        for name, row in zip(names, rows, strict=True)
    ]


def _claims(connection: Connection, name: str) -> list[Paper]:
    rows = connection.execute(select(statement).where(statement.c.shipment == name).order_by(statement.c.event_seq)).all()
    gone = _voids(connection, "statement", [row.id for row in rows])
    return [Paper("statement", row.id, row.date, row.mass_kg, row.attribute, gone.get(row.id)) for row in rows]


def _certificates(connection: Connection, name: str) -> list[Paper]:
    """Certificates of a footprint that draw on a unit."""
    query = (
        select(footprint_certificate.c.number, footprint_certificate.c.issued, certificate_draw.c.kg, certificate_end)
        .join(certificate_draw, certificate_draw.c.number == footprint_certificate.c.number)
        .outerjoin(certificate_end, certificate_end.c.number == footprint_certificate.c.number)
        .where(certificate_draw.c.unit == name).order_by(footprint_certificate.c.place)
    )  # fmt: skip
    return [
        Paper(
            "certificate", row.number, row.issued[:10], round(Fraction(row.kg)), "",
            Reason(row.date[:10], row.reason or row.status) if row.status else None,
        )
        for row in connection.execute(query)
    ]  # fmt: skip


def _events(connection: Connection, found: Sheet, seq: int) -> list[Happening]:
    """Events that wrote of a unit: its own, what was made of it, what was posted, papers and voids, in their order."""
    names = [paper.name for paper in found.papers]
    numbers = union(
        select(consumption.c.event_seq).where(consumption.c.parent == found.id),
        select(posting.c.event_seq).where(posting.c.ref.in_([found.id, *names])),
        select(void.c.event_seq).where(void.c.target.in_([found.id, *names])),
        select(certificate_draw.c.event_seq).where(certificate_draw.c.unit == found.id),
    ).subquery()
    query = select(event.c.seq, event.c.time, event.c.kind, event.c.actor).where(
        or_(event.c.seq == seq, event.c.seq.in_(select(numbers.c[0])))
    )
    rows = connection.execute(query.order_by(event.c.seq).limit(MOST_LINES))
    return [Happening(row.seq, row.time, row.kind, row.actor) for row in rows]
