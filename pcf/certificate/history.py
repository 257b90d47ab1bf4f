"""What has happened to a certificate: who drafted, released, issued and ended it, what it draws, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from pcf.certificate.cover import KIND
from pcf.certificate.drafting import draft_of
from pcf.certificate.register import Ended, Entry, read_entry
from pcf.custody.tables import certificate_draw, certificate_end, footprint_certificate, unit
from pcf.errors import InputError
from pcf.store.schema import event

DRAFTED, ISSUED = "drafted", "issued"


@dataclass(frozen=True)
class Draw:
    """Mass of a unit that a certificate covers [kg], as an exact fraction in words."""

    unit: str
    kind: str
    date: str
    kg: str


@dataclass(frozen=True)
class Happening:
    """One thing that happened: `other` is the number of a certificate before or after; time in us, UTC."""

    what: str
    actor: str
    time: int
    seq: int
    reason: str = ""
    other: str = ""


@dataclass(frozen=True)
class Record:
    """A certificate with all that is recorded of it."""

    entry: Entry
    end: Ended | None
    draws: list[Draw]
    history: list[Happening]


def read_record(connection: Connection, number: str) -> Record:
    """A certificate by its number or id.

    Raises
    ------
    InputError
        For one that is not there.
    """
    entry = read_entry(connection, number)
    end = read_end(connection, entry.number)
    rows = connection.execute(
        select(certificate_draw.c.unit, certificate_draw.c.kg, unit.c.kind, unit.c.date)
        .join(unit, unit.c.id == certificate_draw.c.unit).where(certificate_draw.c.number == entry.number).order_by(unit.c.date.desc())
    )  # fmt: skip
    draws = [Draw(row.unit, row.kind, row.date, row.kg) for row in rows]
    return Record(entry, end, draws, _history(connection, entry, end))


def _history(connection: Connection, entry: Entry, end: Ended | None) -> list[Happening]:
    found = []
    draft = draft_of(connection, entry.number)
    if draft is not None:
        found.append(Happening(DRAFTED, draft.drafter, draft.drafted, -1))
    replaced = connection.execute(
        select(certificate_end.c.number).where(certificate_end.c.replaced_by == entry.number)
    ).scalar()  # fmt: skip
    issued = connection.execute(select(event.c.actor, event.c.time).where(event.c.seq == entry.seq)).one()
    found.append(Happening(ISSUED, issued.actor, issued.time, entry.seq, other=replaced or ""))
    if end is not None:
        row = connection.execute(
            select(event.c.actor, event.c.time, event.c.seq)
            .join(certificate_end, certificate_end.c.event_seq == event.c.seq).where(certificate_end.c.number == entry.number)
        ).one()  # fmt: skip
        found.append(Happening(end.status, row.actor, row.time, row.seq, end.reason, end.replaced_by or ""))
    return found


def read_end(connection: Connection, number: str) -> Ended | None:
    """How a certificate ended, or None while it holds."""
    query = select(certificate_end, footprint_certificate.c.place).join(
        footprint_certificate, footprint_certificate.c.number == certificate_end.c.number
    )
    row = connection.execute(query.where(certificate_end.c.number == number)).first()
    return None if row is None else Ended(row.number, row.status, row.date, row.reason, row.replaced_by, row.place)


def number_under(connection: Connection, key: str) -> str:
    """Number of the certificate that was issued under a key, or nothing."""
    table = footprint_certificate
    query = select(table.c.number).join(event, event.c.seq == table.c.event_seq).where(event.c.key == f"{KIND}:{key}")
    return str(connection.execute(query).scalar() or "")


def read_standing(connection: Connection, number: str) -> dict[str, Any]:
    """The PACT footprint of a certificate that holds.

    Raises
    ------
    InputError
        For an unknown certificate, one that has ended, and one without such a footprint.
    """
    entry = read_entry(connection, number)
    end = read_end(connection, entry.number)
    if end is not None:
        raise InputError(f"certificate {number}", f"{end.status} on {end.date}", "one that holds")
    if entry.exchange is None:
        raise InputError(f"certificate {number}", "one without a footprint for PACT", "one that has it")
    return dict(entry.exchange)
