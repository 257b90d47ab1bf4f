"""Voids: the record stays, its effect is reversed by postings of the opposite sign (R14), in its own period or the open one (R26)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Table, select

from pcf.custody.book import Placed, Work
from pcf.custody.genealogy import VOIDABLE, voided_units
from pcf.custody.ledger import numbered
from pcf.custody.records import Void
from pcf.custody.reversals import reversals
from pcf.custody.tables import (
    consumption,
    document,
    heat,
    lot,
    power_evidence,
    power_match,
    processing,
    shipment,
    statement,
    unit,
    void,
)
from pcf.store.events import compact

TABLES: dict[str, tuple[Table, str]] = {
    "lot": (lot, "unit"),
    "cast": (heat, "unit"),
    "process": (processing, "unit"),
    "shipment": (shipment, "unit"),
    "statement": (statement, "id"),
    "power": (power_evidence, "id"),
    "match": (power_match, "id"),
}


def record_void(work: Work, item: Placed[Void]) -> None:
    """Take a record back.

    Nothing that something else stands on is taken back: the later one has to be voided first.
    """
    record = item.record
    placed = Placed(record, item.place, item.key or f"void:{record.kind}/{record.target}")
    for _, key, asked in work.new("void", [placed], "target"):
        found = _find(work, record)
        if found is None:
            form = (
                "in/CERTIFICATE/REFERENCE or out/CERTIFICATE/REFERENCE"
                if record.kind == "document"
                else f"a recorded {record.kind}"
            )
            work.problem(f"{item.place}, target", repr(record.target), form)
            continue
        if reason := _is_void(work, record) or _in_use(work, record):
            work.problem(f"{item.place}, target", f"{record.target!r}, {reason}", "a record that nothing stands on")
            continue
        rows = [
            {"target_kind": record.kind, "target": name, "date": record.date, "reason": record.reason, "details": compact({})}
            for name in _made_with(work, record)
        ]
        postings = reversals(work, item, found.event_seq)
        if postings is not None:
            work.add("void", key, asked, {"void": rows, "posting": numbered(postings)})
    work.tx.flush()


def _made_with(work: Work, record: Void) -> list[str]:
    """A record's name, and the units that it made beside it: returns and bundles go with their heat."""
    if record.kind not in VOIDABLE:
        return [record.target]
    of_event = select(unit.c.event_seq).where(unit.c.id == record.target).scalar_subquery()
    others = work.connection.execute(select(unit.c.id).where(unit.c.event_seq == of_event, unit.c.id != record.target)).scalars()
    return [record.target, *sorted(others)]


def _find(work: Work, record: Void) -> Any:
    if record.kind == "document":
        query = select(document.c.event_seq).where(_document_name() == record.target)
    else:
        table, column = TABLES[record.kind]
        query = select(table.c.event_seq).where(table.c[column] == record.target)
    return work.connection.execute(query).first()


def _document_name() -> Any:
    return document.c.direction + "/" + document.c.issuer + "/" + document.c.reference


def _is_void(work: Work, record: Void) -> str:
    query = select(void.c.date).where(void.c.target_kind == record.kind, void.c.target == record.target)
    day = work.connection.execute(query).scalar()
    return f"which is void since {day}" if day else ""


def _in_use(work: Work, record: Void) -> str:
    """What stands on a record, or nothing."""
    kind, target = record.kind, record.target
    if kind in ("lot", "cast", "process"):
        made = _made_with(work, record)
        query = select(consumption.c.child).where(
            consumption.c.parent.in_(made), consumption.c.child.not_in(made), consumption.c.child.not_in(voided_units())
        )
        child = work.connection.execute(query.limit(1)).scalar()
        return f"of which {child} has taken some" if child else ""
    gone = select(void.c.target)
    if kind == "shipment":
        one = select(document.c.reference).where(
            document.c.unit == target, _document_name().not_in(gone.where(void.c.target_kind == "document"))
        )
        other = select(statement.c.id).where(
            statement.c.shipment == target, statement.c.id.not_in(gone.where(void.c.target_kind == "statement"))
        )
        found = work.connection.execute(one.limit(1)).scalar() or work.connection.execute(other.limit(1)).scalar()
        return f"for which {found} was issued" if found else ""
    if kind == "document":
        uses = select(lot.c.unit).where(
            "in/" + lot.c.document_issuer + "/" + lot.c.document_reference == target,
            lot.c.unit.not_in(gone.where(void.c.target_kind == "lot")),
        )  # fmt: skip
        found = work.connection.execute(uses.limit(1)).scalar()
        return f"which covers lot {found}" if found else ""
    if kind == "power":
        uses = select(power_match.c.id).where(
            power_match.c.evidence == target, power_match.c.id.not_in(gone.where(void.c.target_kind == "match"))
        )
        found = work.connection.execute(uses.limit(1)).scalar()
        return f"of which match {found} has spent some" if found else ""
    return ""


def today(zone: str) -> str:
    """Today in a site's zone."""
    from datetime import datetime
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(zone)).date().isoformat() if zone else date.today().isoformat()  # noqa: DTZ011 (the user's own)
