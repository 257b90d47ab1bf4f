"""Voids: the record stays, its effect is reversed by postings of the opposite sign (R14), in its own period or the open one (R26)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select

from pcf.custody.book import Placed, Work
from pcf.custody.genealogy import VOIDABLE
from pcf.custody.meters import is_open_time, span_of
from pcf.custody.records import Void
from pcf.custody.reversals import reversal
from pcf.custody.standing import is_open, row_of
from pcf.custody.tables import (
    certificate,
    contractor,
    document,
    due_diligence,
    filing,
    force_majeure,
    heat,
    lot,
    meter,
    power_evidence,
    power_match,
    processing,
    shipment,
    statement,
    unit,
    void,
)
from pcf.custody.uses import find_use
from pcf.store.events import compact

NAMES: dict[str, tuple[Table, ColumnElement[str]]] = {
    "lot": (lot, lot.c.unit),
    "cast": (heat, heat.c.unit),
    "process": (processing, processing.c.unit),
    "shipment": (shipment, shipment.c.unit),
    "document": (document, document.c.direction + "/" + document.c.issuer + "/" + document.c.reference),
    "statement": (statement, statement.c.id),
    "meter": (meter, meter.c.site + "/" + meter.c.time + "/" + meter.c.leg),
    "power": (power_evidence, power_evidence.c.id),
    "match": (power_match, power_match.c.id),
    "certificate": (certificate, certificate.c.number + "/" + certificate.c.valid_from),
    "due-diligence": (due_diligence, due_diligence.c.id),
    "contractor": (contractor, contractor.c.id),
    "filing": (filing, filing.c.id),
    "force-majeure": (force_majeure, force_majeure.c.id),
}
"""Kind of record → its table, and its name as a void gives it."""

FORMS = {
    "document": "in/CERTIFICATE/REFERENCE or out/CERTIFICATE/REFERENCE",
    "meter": "SITE/TIME/LEG of a recorded meter",
    "certificate": "NUMBER/VALID_FROM of a recorded certificate",
}
"""Form of the names that are no ids."""


def record_void(work: Work, item: Placed[Void]) -> None:
    """Take a record back.

    Nothing that something else stands on is taken back: the later one has to be voided first.
    """
    record = item.record
    work.tx.flush()
    table, name = NAMES[record.kind]
    found = row_of(work, table, name == record.target)
    # A meter or a certificate may have been taken back before, and entered anew under the same name.
    before = _voids_before(work, record, found.event_seq) if found is not None else 0
    own_key = item.key or f"void:{record.kind}/{record.target}" + (f"/{before}" if before else "")
    for _, key, asked in work.new("void", [Placed(record, item.place, own_key)], "target"):
        if found is None:
            work.problem(f"{item.place}, target", repr(record.target), FORMS.get(record.kind, f"a recorded {record.kind}"))
            continue
        made = _made_with(work, record)
        if reason := _is_void(work, record, found.event_seq) or find_use(work, record.kind, record.target, found, made):
            work.problem(f"{item.place}, target", f"{record.target!r}, {reason}", "a record that nothing stands on")
            continue
        if not _is_in_time(work, item, found):
            continue
        taken_back = reversal(work, item, found.event_seq)
        if taken_back is None:
            continue
        # The late reversals stand with the record itself, once.
        rows = [
            {
                "target_kind": record.kind, "target": name, "target_seq": found.event_seq, "date": record.date, "reason": record.reason,
                "details": compact(taken_back.details if name == record.target else {}),
            }
            for name in made
        ]  # fmt: skip
        work.add("void", key, asked, {"void": rows, "posting": taken_back.postings})
    work.tx.flush()


def _made_with(work: Work, record: Void) -> list[str]:
    """A record's name, and the units that it made beside it: returns and bundles go with their heat."""
    if record.kind not in VOIDABLE:
        return [record.target]
    of_event = select(unit.c.event_seq).where(unit.c.id == record.target).scalar_subquery()
    others = work.connection.execute(select(unit.c.id).where(unit.c.event_seq == of_event, unit.c.id != record.target)).scalars()
    return [record.target, *sorted(others)]


def _voids_before(work: Work, record: Void, event_seq: int) -> int:
    """How often earlier records of the same name were taken back."""
    query = select(func.count()).where(
        void.c.target_kind == record.kind, void.c.target == record.target, void.c.target_seq < event_seq
    )
    return int(work.connection.execute(query).scalar_one())


def _is_void(work: Work, record: Void, event_seq: int) -> str:
    query = select(void.c.date).where(
        void.c.target_kind == record.kind, void.c.target == record.target, void.c.target_seq == event_seq
    )
    day = work.connection.execute(query).scalar()
    return f"which is void since {day}" if day else ""


def _is_in_time(work: Work, item: Placed[Void], row: Any) -> bool:
    """Whether a void is no earlier than its record, and the record in no closed period where that stays as it was."""
    record = item.record
    day = _day_of(work, record, row)
    if record.date < day:
        work.problem(f"{item.place}, date", record.date, f"a day on or after that of the {record.kind}, {day}")
        return False
    if record.kind == "contractor":
        return is_open(
            work, f"{item.place}, target", row.scope, f"{record.target!r} of {row.date}", (row.date, row.date),
            "enter the opposite movement in an open period",
        )  # fmt: skip
    if record.kind in ("meter", "power", "match"):
        source = row if record.kind != "match" else row_of(work, power_evidence, power_evidence.c.id == row.evidence)
        return is_open_time(work, item.place, source.site, row.time)
    return True


def _day_of(work: Work, record: Void, row: Any) -> str:
    """The first day of a record; that of a certificate may lie ahead, and counts for nothing."""
    if record.kind in VOIDABLE:
        return str(work.connection.execute(select(unit.c.date).where(unit.c.id == record.target)).scalar_one())
    if record.kind == "certificate":
        return ""
    return span_of(row.time)[0] if "time" in row._fields else str(row.date)


def today(zone: str) -> str:
    """Today in a site's zone."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(zone)).date().isoformat() if zone else date.today().isoformat()  # noqa: DTZ011 (the user's own)
