"""CoC documents, received and issued. A document is never edited: it is voided, and another one takes its place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, not_, select, tuple_

from pcf.custody.accounts import balance
from pcf.custody.book import Placed, Span, Work
from pcf.custody.ledger import numbered
from pcf.custody.masters import read_now, scope_certificate, scopes_of
from pcf.custody.parties import ASI_COC, has_certificate, known_parties
from pcf.custody.plain import plain
from pcf.custody.records import CocDocument, InboundDocument
from pcf.custody.rules import setting
from pcf.custody.shipments import own_mass
from pcf.custody.standing import stands
from pcf.custody.tables import certificate, document, force_majeure, party, shipment, unit, void
from pcf.store.events import compact

IN, OUT = "in", "out"


@dataclass(frozen=True)
class Issued:
    """What an issue gave: the document's name, and whether it draws on the internal overdraft or comes close to the limit."""

    issuer: str
    reference: str
    available_kg: int
    overdraft_kg: int
    warning: bool


def receive_documents(work: Work, items: Sequence[Placed[InboundDocument]]) -> None:
    """Record CoC documents that came with deliveries (R01–R04)."""
    placed = [Placed(item.record, item.place, item.key or f"document:in/{name_of(item.record)}") for item in items]
    fresh = work.new("document", placed, "reference")
    known = known_parties(work, (item.record.party for item, *_ in fresh))
    taken = _taken(work, IN, [name_of(item.record) for item, *_ in fresh])
    for item, key, asked in fresh:
        record, before = item.record, len(work.problems)
        name = name_of(record)
        if plain(name) in taken:
            work.problem(
                f"{item.place}, reference", f"{name!r}, a second document of that name ({taken[plain(name)]})",
                "a document once (R01), however its name is typed",
            )  # fmt: skip
        taken[plain(name)] = name
        if record.party not in known:
            work.problem(f"{item.place}, party", repr(record.party), "a recorded party", "pcf party add")
        elif not has_certificate(work, record.issuer, record.date, record.party):
            work.problem(
                f"{item.place}, issuer", f"certificate {record.issuer!r}, not recorded as valid on {record.date} for {record.party}",
                "the issuer's CoC certificate, valid on the day (R02)", "check it at the standard's owner, then pcf party certificate",
            )  # fmt: skip
        _check_own_issue(work, item)
        if record.coc_kg > record.total_kg:
            work.problem(
                f"{item.place}, coc_kg", f"{record.coc_kg:,} kg of {record.total_kg:,} kg", "at most the total mass (R04)"
            )
        if record.recycled_content and not record.recycled_content_method:
            work.problem(f"{item.place}, recycled_content_method", "nothing", "the method of the recycled content (R18)")
        if len(work.problems) > before:
            continue
        columns = ("issuer", "reference", "party", "date", "coc_kg", "total_kg")
        row = {name: getattr(record, name) for name in columns}
        row |= {"direction": IN, "account": record.material, "unit": None, "name_plain": plain(name)}
        row["details"] = compact(record.details(*columns, "material"))
        work.add("document", key, asked, {"document": [row]})
    work.tx.flush()


def _check_own_issue(work: Work, item: Placed[InboundDocument]) -> None:
    """A document that a scope of this very book is said to have issued has to be one that it did issue, with the same masses, and
    to the owner of a site outside of that scope: its own metal comes in nowhere (R05)."""
    record = item.record
    scopes = scopes_of(work.connection, record.issuer)
    if not scopes:
        return
    if not _is_used(work, record.issuer, record.reference):
        return  # from before this book was kept
    issued = live_document(work, OUT, record.issuer, record.reference)
    if issued is None or (issued.coc_kg, issued.total_kg) != (record.coc_kg, record.total_kg):
        found = "which is void" if issued is None else "another mass than it was issued for"
        work.problem(
            f"{item.place}, reference", f"{record.reference!r}, {found}", "the document as this book's own scope issued it"
        )
    elif issued.party not in work.owners_outside(scopes):
        work.problem(
            f"{item.place}, issuer", f"{record.reference!r}, which was issued to {issued.party}",
            "a document issued to the owner of a site of another scope (R05)",
        )  # fmt: skip


def name_of(record: InboundDocument) -> str:
    """Issuer's certificate and reference: what makes a document unique (R01)."""
    return f"{record.issuer}/{record.reference}"


def issue_document(work: Work, item: Placed[CocDocument]) -> Issued | None:
    """Issue a CoC document for a shipment, if the account covers it; None where it is recorded already or a problem stands.

    Notes
    -----
    F7: mid-period the input percentage is a forecast, so an issue is blocked where nothing is left and warned of when it draws
    near. A force-majeure record opens the internal overdraft up to its share of the CoC input (F6, R11).
    """
    record = item.record
    # Once a document is void, the same words ask for a new one.
    key = item.key or f"document:out/{record.shipment}/{record.reference or record.date}/{record.coc_kg}/{_voided(work, record)}"
    fresh = work.new("document", [Placed(record, item.place, key)], "shipment")
    if not fresh:
        return None
    (_, key, asked), before = fresh[0], len(work.problems)
    sent = work.connection.execute(
        select(shipment, unit.c.mass_kg, unit.c.site, unit.c.date).join(unit, unit.c.id == shipment.c.unit)
        .where(shipment.c.unit == record.shipment, shipment.c.unit.not_in(_void_shipments()))
    ).first()  # fmt: skip
    if sent is None:
        work.problem(f"{item.place}, shipment", repr(record.shipment), "a recorded shipment that is not void", "pcf ship add")
        return None
    if record.date < sent.date:
        work.problem(f"{item.place}, date", record.date, f"a day on or after that of the shipment, {sent.date}")
    scope_id = work.scope_of(item.place, sent.site)
    # The period is that of the shipment: there its mass is output.
    span = work.open_period(item.place, scope_id, sent.date) if scope_id else None
    issuer = _issuer(work, item, scope_id)
    _check_tonnes(work, item, own_mass(json.loads(sent.details), sent.mass_kg), sent.mass_kg)
    if record.footprint is not None and not (record.footprint_boundary and record.footprint_period and record.footprint_verifier):
        work.problem(f"{item.place}, footprint", f"{record.footprint} alone", "with boundary, period and verifier (R19)")
    reference = record.reference or (_next_reference(work, issuer, record.date) if issuer else "")
    if issuer and _is_used(work, issuer, reference):
        work.problem(f"{item.place}, reference", f"{reference!r}, which is used", "a reference of its own (R01)")
    if span is None or len(work.problems) > before:
        return None
    overdraft = _check_cover(work, item, span, sent.account)
    if len(work.problems) > before:
        return None
    row = {
        "direction": OUT, "issuer": issuer, "reference": reference, "name_plain": plain(f"{issuer}/{reference}"), "party": sent.customer, "date": record.date,
        "account": sent.account, "coc_kg": record.coc_kg, "total_kg": sent.mass_kg, "unit": record.shipment,
        "details": compact(_fields(work, record, issuer, sent)),
    }  # fmt: skip
    posted = work.ledger.post(
        scope_id, sent.account, span.id, "issued", sent.date[:7], record.coc_kg, f"{OUT}/{issuer}/{reference}"
    )
    work.add("document", key, asked, {"document": [row], "posting": numbered([posted])})
    work.tx.flush()
    after = balance(work.connection, scope_id, sent.account, span.id, work.ledger)
    whole = after.available + after.sums["issued"]
    return Issued(issuer, reference, after.available, overdraft, after.sums["issued"] > setting("availability-warning") * whole)


def _voided(work: Work, record: CocDocument) -> int:
    query = select(func.count()).where(document.c.unit == record.shipment, document.c.direction == OUT, not_(not_void()))
    return int(work.connection.execute(query).scalar_one())


def _void_shipments() -> Any:
    return select(void.c.target).where(void.c.target_kind == "shipment")


def _issuer(work: Work, item: Placed[CocDocument], scope_id: str) -> str:
    """The scope's own certificate, if it is valid on the day of issue; else nothing and a problem."""
    number = scope_certificate(work.connection, scope_id) if scope_id else None
    if number and has_certificate(work, number, item.record.date):
        return str(number)
    found = (
        f"certificate {number!r}, not valid on {item.record.date}" if number else f"scope {scope_id}, which has no certificate"
    )
    work.problem(
        f"{item.place}, date", found, "a CoC certificate of the scope that is valid on the day (R02)", "pcf party certificate"
    )
    return ""


def _check_tonnes(work: Work, item: Placed[CocDocument], own: int, shipped: int) -> None:
    """All live documents of a shipment together cover no more than it weighs, without a customer's own metal (R04)."""
    live = select(func.coalesce(func.sum(document.c.coc_kg), 0)).where(
        document.c.unit == item.record.shipment, document.c.direction == OUT, not_void()
    )
    before = int(work.connection.execute(live).scalar_one())
    if before + item.record.coc_kg > own:
        whose = f", {shipped - own:,} kg of them a customer's own metal" if own < shipped else ""
        expected = "no tonne on two documents (R04)" if before or own == shipped else f"at most {own:,} kg, the own metal (R04)"
        taken = f"{item.record.coc_kg:,} kg on top of {before:,} kg" if before else f"{item.record.coc_kg:,} kg"
        work.problem(
            f"{item.place}, coc_kg", f"{taken} of a shipment of {shipped:,} kg{whose}", expected,
            "void the earlier document first" if before else "",
        )  # fmt: skip


def _check_cover(work: Work, item: Placed[CocDocument], span: Span, account: str) -> int:
    """Mass that the internal overdraft has to bear [kg]; a problem where nothing covers it."""
    record = item.record
    found = balance(work.connection, span.scope, account, span.id, work.ledger)
    missing = record.coc_kg - found.available
    if missing <= 0:
        return 0
    where = f"{item.place}, coc_kg"
    if record.force_majeure is None:
        work.problem(
            where, f"{record.coc_kg:,} kg, of account {account} of {span.scope} in {span.id} with {max(record.coc_kg - missing, 0):,} kg left",
            "no more than the account covers (R10)", "less mass, more CoC input, or --force-majeure with its record",
        )  # fmt: skip
        return 0
    known = work.connection.execute(
        select(force_majeure.c.id).where(
            force_majeure.c.id == record.force_majeure, force_majeure.c.scope == span.scope,
            force_majeure.c.period == span.id, force_majeure.c.account == account, stands(force_majeure, "force-majeure"),
        )
    ).first()  # fmt: skip
    if known is None:
        work.problem(
            f"{item.place}, force_majeure",
            repr(record.force_majeure),
            f"a record for account {account} of {span.scope} in {span.id} (R11)",
        )
        return 0
    limit = found.overdraft_limit
    if missing > limit:
        work.problem(
            where,
            f"an overdraft of {missing:,} kg",
            f"at most {limit:,} kg, the permitted share of the CoC input (R11, indicative)",
        )
    return missing


def _next_reference(work: Work, issuer: str, day: str) -> str:
    """References by year: the number of documents issued so far, voided ones included, plus one, or the next that is free."""
    prefix = f"{issuer}-{day[:4]}-"
    query = select(func.count()).where(
        document.c.direction == OUT, document.c.issuer == issuer, document.c.reference.startswith(prefix, autoescape=True)
    )
    number = work.connection.execute(query).scalar_one() + 1
    while _is_used(work, issuer, f"{prefix}{number:05d}"):  # somebody gave a reference of this form by hand
        number += 1
    return f"{prefix}{number:05d}"


def _is_used(work: Work, issuer: str, reference: str) -> bool:
    return bool(_taken(work, OUT, [f"{issuer}/{reference}"]))


def _taken(work: Work, direction: str, names: Sequence[str]) -> dict[str, str]:
    """Of some names those that documents of a direction bear, void ones too: the name in the form of comparison → as it was typed."""
    found: dict[str, str] = {}
    wanted = [plain(name) for name in names]
    for start in range(0, len(wanted), 500):
        query = select(document.c.name_plain, document.c.issuer, document.c.reference).where(
            document.c.direction == direction, document.c.name_plain.in_(wanted[start : start + 500])
        )
        found.update({row.name_plain: f"{row.issuer}/{row.reference}" for row in work.connection.execute(query)})
    return found


def _fields(work: Work, record: CocDocument, issuer: str, sent: Any) -> dict[str, Any]:
    """The fields of the document that no column holds: names and addresses as they were on the day."""
    held = select(certificate.c.holder).where(certificate.c.number == issuer, stands(certificate, "certificate"))
    holder = work.connection.execute(held).scalar()
    parties = read_now(work.connection, party, [sent.customer, *([holder] if holder else [])])
    number = work.connection.execute(
        select(certificate.c.number).where(
            certificate.c.holder == sent.customer, certificate.c.standard == ASI_COC,
            certificate.c.valid_from <= record.date, certificate.c.valid_until >= record.date, stands(certificate, "certificate"),
        )
    ).scalar()  # fmt: skip
    fields = record.details("shipment", "date", "coc_kg", "reference")
    fields["issuer_party"] = {name: parties[holder][name] for name in ("name", "details")} if holder else {}
    fields["customer"] = {name: parties[sent.customer][name] for name in ("name", "details")} | {"certificate": number or ""}
    fields["delivery_note"] = sent.note
    return fields


def not_void() -> Any:
    """Condition that a document stands."""
    name = document.c.direction + "/" + document.c.issuer + "/" + document.c.reference
    return name.not_in(select(void.c.target).where(void.c.target_kind == "document"))


def live_document(work: Work, direction: str, issuer: str, reference: str) -> Any:
    """A document that stands, or None."""
    key = (document.c.direction, document.c.issuer, document.c.reference)
    query = select(document).where(tuple_(*key) == (direction, issuer, reference), not_void())
    return work.connection.execute(query).first()
