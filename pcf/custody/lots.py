"""Inbound lots: what came over the weighbridge, what it may count as, and its posting as input (F1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from pcf.catalogue import Catalogue, nearest
from pcf.custody.book import Placed, Work
from pcf.custody.genealogy import Stock
from pcf.custody.ledger import ALUMINA, ALUMINIUM, BAUXITE, SCRAP, numbered
from pcf.custody.masters import scope_certificate, scopes_of
from pcf.custody.origins import DOUBTFUL, IMPOSSIBLE, origin_of
from pcf.custody.parties import has_certificate, known_parties, passed_due_diligence
from pcf.custody.plain import plain
from pcf.custody.records import Lot
from pcf.custody.tables import document, lot, void
from pcf.store.events import compact

COLUMNS = (
    "id", "site", "date", "material", "mass_kg", "supplier", "ticket", "content_class", "origin", "asi_class", "coc_kg",
    "document_issuer", "document_reference",
)  # fmt: skip
OWN_ACCOUNT = {"bauxite-mining": BAUXITE, "alumina-bayer": ALUMINA}
OWN_METAL = ("electrolysis", "hot-metal-delivery")
"""Metal that a scope makes itself: its own cells' enters without a document, and nothing else of its own is an input (R05)."""

DOCUMENTED = {"coc": (ALUMINIUM,), "eligible-scrap": (SCRAP, ALUMINIUM)}
"""ASI class of a lot of metal → the kinds of material that its CoC document may name."""


def own_account(catalogue: Catalogue, found: Stock) -> str:
    """The account that a unit would leave by in its own form: ores by theirs, scrap that was never melted as scrap (R09)."""
    unmelted = found.kind == "lot" and origin_of(catalogue, found.material) in ("post-consumer", "pre-consumer")
    return OWN_ACCOUNT.get(found.material, SCRAP if unmelted else ALUMINIUM)


@dataclass
class Available:
    """A received document and what is left of it; `scopes` are those of this book whose certificate it bears."""

    account: str
    coc_kg: int
    total_kg: int
    party: str
    date: str
    scopes: frozenset[str]


def receive_lots(work: Work, items: Sequence[Placed[Lot]]) -> None:
    """Record lots and post them as inputs of their scope.

    Internal material and what came from the scope's own sites enter no percentage (R05); alloying elements are posted apart,
    so that the percentage can be shown with and without them.
    """
    fresh = work.new("lot", items, "id")
    known = known_parties(work, [name for item, *_ in fresh for name in (item.record.supplier, item.record.tolled_for) if name])
    taken = work.existing(item.record.id for item, *_ in fresh)
    known_lots = _lots_of(work, [item.record.corrects for item, *_ in fresh if item.record.corrects])
    tickets = _tickets(work, [item.record for item, *_ in fresh])
    documents = _documents(work, [item.record for item, *_ in fresh])
    for item, key, asked in fresh:
        record, before = item.record, len(work.problems)
        if record.id in taken:
            work.problem(f"{item.place}, id", f"{record.id!r}, which another unit has", "an id of its own")
        if record.corrects and record.corrects not in known_lots:
            work.problem(f"{item.place}, corrects", repr(record.corrects), "a recorded lot, or nothing")
        known_lots.add(record.id)
        _check_ticket(work, item, tickets)
        _check_names(work, item, known)
        _check_classes(work, item)
        _check_origin(work, item)
        coc = _coc_mass(record)
        _check_document(work, item, coc, documents)
        scope = work.scope_of(item.place, record.site) if work.has_site(item.place, record.site) else ""
        span = work.open_period(item.place, scope, record.date) if scope else None
        if span is None or len(work.problems) > before:
            continue
        unit_row = {
            "id": record.id, "kind": "lot", "site": record.site, "date": record.date, "mass_kg": record.mass_kg,
            "material": record.material,
        }  # fmt: skip
        lot_row = {
            "unit": record.id, "supplier": record.supplier, "ticket": record.ticket, "ticket_plain": plain(record.ticket),
            "content_class": record.content_class,
            "origin": record.origin, "asi_class": record.asi_class, "coc_kg": coc, "site": record.site,
            "document_issuer": record.document_issuer, "document_reference": record.document_reference,
            "details": compact(record.details(*COLUMNS)),
        }  # fmt: skip
        postings = [
            work.ledger.post(scope, account, span.id, kind, record.date[:7], mass, record.id)
            for account, kind, mass in input_postings(record, coc)
        ]
        work.add("lot", key, asked, {"unit": [unit_row], "lot": [lot_row], "posting": numbered(postings)})
    work.tx.flush()


def _lots_of(work: Work, names: Sequence[str]) -> set[str]:
    """Of some names those of recorded lots."""
    return set(work.connection.execute(select(lot.c.unit).where(lot.c.unit.in_(names))).scalars()) if names else set()


def input_postings(record: Lot, coc_kg: int) -> list[tuple[str, str, int]]:
    """Account, kind and mass [kg] of what a lot adds to the input of its scope."""
    if record.content_class == "internal" or record.asi_class == "outside" or record.tolled_for:
        return []
    if record.content_class == "alloying":
        return [(ALUMINIUM, "alloying-in", record.mass_kg)]
    account = OWN_ACCOUNT.get(record.material, ALUMINIUM)
    return [(account, "coc-in", coc_kg), (account, "other-in", record.mass_kg - coc_kg)]


def _coc_mass(record: Lot) -> int:
    """Mass that counts as CoC material [kg]: what is given, else all of an eligible lot and nothing of another."""
    if record.coc_kg is not None:
        return record.coc_kg
    return record.mass_kg if record.asi_class in DOCUMENTED else 0


def _tickets(work: Work, records: Sequence[Lot]) -> dict[tuple[str, str], str]:
    """Weigh tickets of some lots, in plain form, that lots which stand bear already; that of a void lot is free again."""
    wanted = [(record.site, plain(record.ticket)) for record in records]
    query = select(lot.c.site, lot.c.ticket_plain, lot.c.unit).where(
        tuple_(lot.c.site, lot.c.ticket_plain).in_(wanted),
        lot.c.unit.not_in(select(void.c.target).where(void.c.target_kind == "lot")),
    )
    return {(row.site, row.ticket_plain): row.unit for row in work.connection.execute(query)} if wanted else {}


def _documents(work: Work, records: Sequence[Lot]) -> dict[tuple[str, str], Available]:
    """Received documents that the lots name, with what earlier lots have left of them."""
    wanted = list({
        (record.document_issuer, record.document_reference)
        for record in records
        if record.document_issuer and record.document_reference
    })  # fmt: skip
    if not wanted:
        return {}
    query = select(document).where(document.c.direction == "in", tuple_(document.c.issuer, document.c.reference).in_(wanted))
    own = {issuer: frozenset(scopes_of(work.connection, issuer)) for issuer in {issuer for issuer, _ in wanted}}
    found = {
        (row.issuer, row.reference): Available(row.account, row.coc_kg, row.total_kg, row.party, row.date, own[row.issuer])
        for row in work.connection.execute(query)
    }
    voided = set(work.connection.execute(select(void.c.target).where(void.c.target_kind == "document")).scalars())
    for issuer, reference in list(found):
        if f"in/{issuer}/{reference}" in voided:
            del found[(issuer, reference)]
    used = (
        select(lot.c.document_issuer, lot.c.document_reference, func.sum(lot.c.coc_kg))
        .where(tuple_(lot.c.document_issuer, lot.c.document_reference).in_(wanted))
        .where(lot.c.unit.not_in(select(void.c.target).where(void.c.target_kind == "lot")))
        .group_by(lot.c.document_issuer, lot.c.document_reference)
    )
    for issuer, reference, coc in work.connection.execute(used):
        if (issuer, reference) in found:
            found[(issuer, reference)].coc_kg -= int(coc)
    return found


def _check_ticket(work: Work, item: Placed[Lot], tickets: dict[tuple[str, str], str]) -> None:
    name = (item.record.site, plain(item.record.ticket))
    if name in tickets:
        work.problem(
            f"{item.place}, ticket",
            f"{item.record.ticket!r}, the weigh ticket of {tickets[name]}",
            "a ticket of its own: one load, one lot",
        )
    else:
        tickets[name] = item.record.id


def _check_names(work: Work, item: Placed[Lot], known: set[str]) -> None:
    record = item.record
    if record.supplier not in known:
        work.problem(f"{item.place}, supplier", repr(record.supplier), "a recorded party", "pcf party add")
    if record.tolled_for and record.tolled_for not in known:
        work.problem(f"{item.place}, tolled_for", repr(record.tolled_for), "a recorded party", "pcf party add")
    if not is_material(work, record.material):
        choices = [name for name, process in work.catalogue.processes.items() if process.metal] + list(work.catalogue.products)
        advice = nearest(record.material, choices) or "see `pcf lot materials`"
        work.problem(f"{item.place}, material", repr(record.material), "a metal, scrap class or product of the catalogue", advice)


def is_material(work: Work, name: str) -> bool:
    """Whether a name is a metal, ore, oxide or ingot of the catalogue."""
    process = work.catalogue.processes.get(name)
    return name in OWN_ACCOUNT or (process is not None and process.metal is not None) or name in work.catalogue.products


def _check_classes(work: Work, item: Placed[Lot]) -> None:
    """The three independent fields must not contradict what is known of the material itself."""
    record: Any = item.record
    if record.coc_kg is not None and record.coc_kg > record.mass_kg:
        work.problem(
            f"{item.place}, coc_kg", f"{record.coc_kg:,} kg of {record.mass_kg:,} kg", "at most the mass of the lot (R04)"
        )
    if record.coc_kg and record.asi_class not in DOCUMENTED:
        work.problem(f"{item.place}, coc_kg", f"{record.coc_kg:,} kg of a lot that is {record.asi_class}", "0, or asi_class coc")
    if record.asi_class == "eligible-scrap" and record.content_class not in ("post-consumer", "pre-consumer", "other"):
        work.problem(f"{item.place}, asi_class", f"eligible-scrap of {record.content_class} metal", "scrap (R06, R07)")
    if record.origin != "external" and record.content_class != "pre-consumer":
        work.problem(f"{item.place}, origin", record.origin, "external: only pre-consumer scrap has another origin")
    if record.footprint is not None and not (record.footprint_boundary and record.footprint_gwp):
        work.problem(
            f"{item.place}, footprint", f"{record.footprint} without boundary or GWP edition", "all three, or none of them"
        )


def _check_origin(work: Work, item: Placed[Lot]) -> None:
    """The declared class against the origin that the catalogue's material has."""
    record, origin = item.record, origin_of(work.catalogue, item.record.material)
    found = f"{record.content_class} for {record.material}, which is {origin}"
    if record.content_class in IMPOSSIBLE.get(origin, ()):
        work.problem(
            f"{item.place}, content_class", found, "a class that such a material can have",
            "name the material that it is; scrap of unknown origin is `other`",
        )  # fmt: skip
    elif record.content_class in DOUBTFUL.get(origin, ()):
        work.doubt(f"{item.place}, content_class", found, f"{origin}, or papers that say why")


def _check_document(work: Work, item: Placed[Lot], coc: int, documents: dict[tuple[str, str], Available]) -> None:
    record = item.record
    if record.asi_class not in DOCUMENTED or not coc:
        return
    if record.document_reference is None or record.document_issuer is None:
        _check_without_document(work, item)
        return
    name = (record.document_issuer, record.document_reference)
    left = documents.get(name)
    if left is None:
        work.problem(f"{item.place}, document_reference", f"{name[1]!r} of {name[0]!r}", "a received document", "pcf coc receive")
        return
    wanted = _documented(record)
    if left.account not in wanted:
        work.problem(
            f"{item.place}, asi_class", f"{record.asi_class} on a document of {left.account}",
            f"a document of {' or '.join(wanted)} (R09)",
        )  # fmt: skip
    if left.party != record.supplier:
        work.problem(
            f"{item.place}, document_reference", f"{name[1]!r}, which {left.party} issued, on a delivery of {record.supplier}",
            "a document of the supplier (R04)",
        )  # fmt: skip
    if work.scope_name(record.site) in left.scopes:
        work.problem(
            f"{item.place}, document_issuer", f"{name[0]!r}, the scope's own certificate", "metal from outside of the scope (R05)",
            "what the scope itself has made is an own heat, or internal",
        )  # fmt: skip
    if left.date > record.date:
        work.doubt(
            f"{item.place}, document_reference",
            f"{name[1]!r} of {left.date}, on a delivery of {record.date}",
            "a document of that day or before",
        )
    if coc > left.coc_kg:
        work.problem(
            f"{item.place}, coc_kg", f"{coc:,} kg, of a document with {max(left.coc_kg, 0):,} kg left",
            "no more than its document covers (R04)", "a document is spent once",
        )  # fmt: skip
    left.coc_kg -= coc


def _documented(record: Lot) -> tuple[str, ...]:
    """Kinds of material that a lot's document may name: bauxite and alumina have accounts of their own (R09)."""
    own = OWN_ACCOUNT.get(record.material)
    return (own,) if own else DOCUMENTED[record.asi_class]


def _check_without_document(work: Work, item: Placed[Lot]) -> None:
    """Post-consumer scrap needs due diligence (R07), everything else a document (R06); own metal of the scope its own casthouse."""
    record = item.record
    if record.asi_class == "eligible-scrap" and record.content_class in ("post-consumer", "other"):
        if record.due_diligence and passed_due_diligence(work, record.due_diligence, record.supplier, record.date):
            return
        found = f"no passed due diligence on {record.supplier} that is valid on {record.date}"
        work.problem(f"{item.place}, due_diligence", found, "a passed one (R07)", "pcf party check")
        return
    if record.asi_class == "coc" and record.material in OWN_METAL and record.supplier in work.owners(record.site):
        scope = work.scope_of(item.place, record.site)
        if scope and _scope_certified(work, scope, record.date):
            return
    work.problem(
        f"{item.place}, document_reference",
        "nothing",
        "the CoC document that came with it (R06)",
        "pcf coc receive; else asi_class non-coc",
    )


def _scope_certified(work: Work, scope_id: str, day: str) -> bool:
    number = scope_certificate(work.connection, scope_id)
    return number is not None and has_certificate(work, number, day)
