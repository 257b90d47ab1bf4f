"""What stands on a record: nothing that something else needs is taken back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from pcf.custody.accounts import balance
from pcf.custody.book import Work
from pcf.custody.contractors import find_moved, find_movement
from pcf.custody.documents import not_void
from pcf.custody.draws import find_cover, standing_certificates
from pcf.custody.genealogy import VOIDABLE, voided_units
from pcf.custody.masters import scopes_of
from pcf.custody.parties import ASI_COC
from pcf.custody.power import calc_matched
from pcf.custody.standing import stands
from pcf.custody.tables import (
    certificate,
    consumption,
    document,
    force_majeure,
    lot,
    power_evidence,
    power_match,
    scope_site,
    statement,
    unit,
    void,
)


def find_use(work: Work, kind: str, target: str, row: Any, made: Sequence[str]) -> str:
    """What stands on a record, in words, or nothing.

    Parameters
    ----------
    row : Row
        The record's row of its table.
    made : sequence of str
        The record's name, and the units that it made.
    """
    if kind in VOIDABLE and (cover := find_cover(work.connection, kind, made)):
        return cover
    if kind in ("lot", "cast", "process"):
        return _taken(work, made) or (_matched(work, target) if kind == "cast" else "")
    finder = _FINDERS.get(kind)
    return finder(work, target, row) if finder else ""


def _first(work: Work, query: Any) -> Any:
    return work.connection.execute(query.limit(1)).scalar()


def _gone(kind: str) -> Any:
    return select(void.c.target).where(void.c.target_kind == kind)


def _taken(work: Work, made: Sequence[str]) -> str:
    query = select(consumption.c.child).where(
        consumption.c.parent.in_(made), consumption.c.child.not_in(made), consumption.c.child.not_in(voided_units())
    )
    if child := _first(work, query):
        return f"of which {child} has taken some"
    movement = find_movement(work.connection, made)
    return f"which movement {movement} has moved" if movement else ""


def _matched(work: Work, heat: str) -> str:
    """Renewable power that was matched to more tonnes than are cast without a heat."""
    found = work.connection.execute(select(unit.c.site, unit.c.material, unit.c.date).where(unit.c.id == heat)).one()
    for span, matched, made in calc_matched(work.connection, found.site, found.material, found.date, without=heat):
        if matched > made:
            return f"without which {made:,} kg of {found.material} are cast in {span}, and power is matched to {matched:,} kg"
    return ""


def _issued_for(work: Work, target: str, _: Any) -> str:
    papers = select(document.c.reference).where(document.c.unit == target, not_void())
    claims = select(statement.c.id).where(statement.c.shipment == target, statement.c.id.not_in(_gone("statement")))
    found = _first(work, papers) or _first(work, claims)
    return f"for which {found} was issued" if found else ""


def _covers(work: Work, target: str, row: Any) -> str:
    """A lot on a received document; for an issued one the document as another scope of the book has received it."""
    if row.direction == "out":
        there = select(document.c.reference).where(
            document.c.direction == "in", document.c.name_plain == row.name_plain, not_void()
        )
        return "which another scope of this book has received" if _first(work, there) else ""
    found = _first(work, select(lot.c.unit).where(
        "in/" + lot.c.document_issuer + "/" + lot.c.document_reference == target, lot.c.unit.not_in(_gone("lot"))
    ))  # fmt: skip
    return f"which covers lot {found}" if found else ""


def _spent(work: Work, target: str, row: Any) -> str:
    """A match of an evidence, or a certificate of the site's year whose supply has a leg that it is of."""
    found = _first(
        work, select(power_match.c.id).where(power_match.c.evidence == target, power_match.c.id.not_in(_gone("match")))
    )
    if found:
        return f"of which match {found} has spent some"
    # Power under contract comes over the grid, and is told by its technology.
    leg = f"contract_{json.loads(row.details)['technology']}" if row.leg == "grid" else row.leg
    for number, document_of, _ in standing_certificates(work.connection, int(row.time[:4]), site=row.site):
        power = document_of["electricity"]
        if power["attribution"] != "attributed" and any(one["leg"] == leg for one in power["legs"]):
            return f"on which certificate {number} stands"
    return ""


def _moved(work: Work, _: str, row: Any) -> str:
    return find_moved(work, row)


def _printed(work: Work, target: str, row: Any) -> str:
    """A claim of recycled content that a certificate of its shipment states."""
    for number, found, _ in standing_certificates(work.connection, unit=row.shipment):
        if target in (found["recycled_content"] or {}).get("claims", ()):
            return f"which certificate {number} states"
    return ""


def _certified_with(work: Work, _: str, row: Any) -> str:
    """A match on whose MWh certificates of its product's year stand."""
    of = select(power_evidence.c.site).where(power_evidence.c.id == row.evidence)
    pool = {"product": row.product, "site": _first(work, of), "year": int(row.time[:4])}
    for number, found, _ in standing_certificates(work.connection, **pool):
        if found["electricity"]["attribution"] == "attributed":
            return f"on which certificate {number} stands"
    return ""


def _metered(work: Work, _: str, row: Any) -> str:
    query = (
        select(power_match.c.id).join(power_evidence, power_evidence.c.id == power_match.c.evidence)
        .where(
            power_evidence.c.site == row.site, power_evidence.c.time == row.time, power_evidence.c.leg == row.leg,
            power_match.c.id.not_in(_gone("match")),
        )
    )  # fmt: skip
    found = _first(work, query)
    return f"of which match {found} has spent some" if found else ""


def _relied_on(work: Work, _: str, row: Any) -> str:
    """Documents of a certificate's days, and own metal that counts by it, unless another record of the number covers them."""
    if row.standard != ASI_COC:
        return ""
    others = work.connection.execute(
        select(certificate.c.valid_from, certificate.c.valid_until).where(
            certificate.c.number == row.number, certificate.c.holder == row.holder, certificate.c.standard == ASI_COC,
            certificate.c.event_seq != row.event_seq, stands(certificate, "certificate"),
        )
    ).all()  # fmt: skip

    def alone(day: str) -> bool:
        return row.valid_from <= day <= row.valid_until and not any(start <= day <= end for start, end in others)

    papers = select(document.c.reference, document.c.date).where(document.c.issuer == row.number, not_void())
    for reference, day in work.connection.execute(papers.order_by(document.c.event_seq)):
        if alone(day):
            return f"on whose days stands document {reference} of {day}"
    own = (
        select(lot.c.unit, unit.c.date).join(unit, unit.c.id == lot.c.unit).join(scope_site, scope_site.c.site == lot.c.site)
        .where(
            scope_site.c.scope.in_(scopes_of(work.connection, row.number)), lot.c.asi_class == "coc",
            lot.c.document_reference.is_(None), lot.c.coc_kg > 0, lot.c.unit.not_in(_gone("lot")),
        )
    )  # fmt: skip
    for name, day in work.connection.execute(own.order_by(lot.c.unit)):
        if alone(day):
            return f"on whose days stands lot {name} of {day}"
    return ""


def _eligible_by(work: Work, _: str, row: Any) -> str:
    """Lots that are eligible scrap by a due diligence alone (R07)."""
    query = select(lot.c.unit, lot.c.details).where(
        lot.c.supplier == row.party, lot.c.asi_class == "eligible-scrap", lot.c.coc_kg > 0, lot.c.document_reference.is_(None),
        lot.c.unit.not_in(_gone("lot")), lot.c.details.contains(row.id, autoescape=True),
    )  # fmt: skip
    for name, details in work.connection.execute(query.order_by(lot.c.unit)):
        if json.loads(details).get("due_diligence") == row.id:
            return f"by which lot {name} is eligible scrap"
    return ""


def _opened(work: Work, _: str, row: Any) -> str:
    """Documents that name a force majeure, and an overdraft that no other record explains (R11)."""
    papers = select(document.c.reference, document.c.details).where(
        document.c.direction == "out", not_void(), document.c.details.contains(row.id, autoescape=True)
    )
    for reference, details in work.connection.execute(papers.order_by(document.c.event_seq)):
        if json.loads(details).get("force_majeure") == row.id:
            return f"which document {reference} names"
    other: ColumnElement[bool] = force_majeure.c.id != row.id
    same = (force_majeure.c[name] == getattr(row, name) for name in ("scope", "period", "account"))
    if _first(work, select(force_majeure.c.id).where(other, *same, stands(force_majeure, "force-majeure"))):
        return ""
    over = balance(work.connection, row.scope, row.account, row.period, work.ledger).settlement.overdraft
    return f"which an overdraft of {over:,} kg of account {row.account} needs" if over else ""


_FINDERS: dict[str, Callable[[Work, str, Any], str]] = {
    "shipment": _issued_for, "document": _covers, "power": _spent, "meter": _metered, "certificate": _relied_on,
    "due-diligence": _eligible_by, "force-majeure": _opened,
    "statement": _printed, "match": _certified_with, "contractor": _moved,
}  # fmt: skip
"""Kind of record → what looks for its uses; nothing stands on papers."""
