"""Shipments to customers: they take units out of stock and are the output of their scope (F2, F3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from sqlalchemy import select

from pcf.custody.book import Placed, Work
from pcf.custody.genealogy import Stock, consumption_rows, read_stock, take, unit_row
from pcf.custody.ledger import ALUMINA, ALUMINIUM, BAUXITE, SCRAP, numbered
from pcf.custody.lots import own_account
from pcf.custody.parties import known_parties
from pcf.custody.plain import plain
from pcf.custody.records import Shipment
from pcf.custody.tables import scope_site, shipment, site, void
from pcf.custody.trace import tolled_share
from pcf.store.events import compact

COLUMNS = ("id", "site", "date", "customer", "delivery_note", "form", "items")
ACCOUNT_OF = {"scrap": SCRAP, "alumina": ALUMINA, "bauxite": BAUXITE}
"""Form of a shipment → the account of its output; metal in any other form is aluminium."""

TOLLED_KG = "tolled_kg"
"""Name, in the details of a shipment, of the mass that belongs to customers; absent where nothing does."""


def record_shipments(work: Work, items: Sequence[Placed[Shipment]]) -> None:
    """Record deliveries; one to a site of the same scope is no output."""
    fresh = work.new("shipment", items, "id")
    known = known_parties(work, (item.record.customer for item, *_ in fresh))
    taken = work.existing(item.record.id for item, *_ in fresh)
    notes = _notes(work, [plain(item.record.delivery_note) for item, *_ in fresh])
    stock = read_stock(work, (line.unit for item, *_ in fresh for line in item.record.items))
    for item, key, asked in fresh:
        record, before = item.record, len(work.problems)
        if record.id in taken:
            work.problem(f"{item.place}, id", f"{record.id!r}, which another unit has", "an id of its own")
        note = plain(record.delivery_note)
        if note in notes:
            work.problem(f"{item.place}, delivery_note", f"{record.delivery_note!r}, that of {notes[note]}", "a note of its own")
        notes[note] = record.id
        if record.customer not in known:
            work.problem(f"{item.place}, customer", repr(record.customer), "a recorded party", "pcf party add")
        scope = work.scope_of(item.place, record.site) if work.has_site(item.place, record.site) else ""
        span = work.open_period(item.place, scope, record.date) if scope else None
        if not take(work, item.place, "items", record.site, record.date, record.items, stock, record.id):
            continue
        if span is None or len(work.problems) > before:
            continue
        mass = sum(line.mass_kg for line in record.items)
        account = ACCOUNT_OF.get(record.form, ALUMINIUM)
        if not _check_form(work, item, account, stock):
            continue
        tolled = _tolled(work, record)
        products = {stock[line.unit].material for line in record.items}
        unit = unit_row(
            record.id, "shipment", record.site, record.date, mass, products.pop() if len(products) == 1 else "several"
        )
        lines = consumption_rows(record.id, ((line.unit, line.mass_kg, "shipped") for line in record.items))
        row = {
            "unit": record.id, "customer": record.customer, "note": record.delivery_note, "note_plain": note, "form": record.form,
            "account": account,
            "details": compact({**record.details(*COLUMNS), **({TOLLED_KG: tolled} if tolled else {})}),
        }  # fmt: skip
        postings = []
        if not _within(work, scope, record.customer):
            # Customers' metal was no input either.
            postings.append(work.ledger.post(scope, account, span.id, "out", record.date[:7], mass - tolled, record.id))
        rows = {"unit": [unit], "consumption": lines, "shipment": [row], "posting": numbered(postings)}
        work.add("shipment", key, asked, rows)
    work.tx.flush()


def _check_form(work: Work, item: Placed[Shipment], account: str, stock: Mapping[str, Stock]) -> bool:
    """Whether every unit may leave in that form: no oxide as metal, no metal as oxide, no unmelted scrap as ingot (R09)."""
    good = True
    for number, line in enumerate(item.record.items, 1):
        found = stock[line.unit]
        own = own_account(work.catalogue, found)
        if own != account and (own, account) != (ALUMINIUM, SCRAP):
            work.problem(
                f"{item.place}, items line {number}", f"{line.unit!r} ({found.kind}, {found.material}) in the form {item.record.form}",
                f"a unit of account {account} (R09)", f"ship it in a form of account {own}",
            )  # fmt: skip
            good = False
    return good


def _tolled(work: Work, record: Shipment) -> int:
    """Mass that belongs to customers [kg], rounded up: it is no output of the scope (R27)."""
    share = Fraction(0)
    for line in record.items:
        share += line.mass_kg * tolled_share(work.connection, line.unit)
    return ceil(share)


def own_mass(details: Mapping[str, Any], mass_kg: int) -> int:
    """What of a shipment is no customer's metal [kg]."""
    return mass_kg - int(details.get(TOLLED_KG, 0))


def _notes(work: Work, wanted: Sequence[str]) -> dict[str, str]:
    """Delivery notes that shipments which stand bear already; that of a void shipment is free again."""
    found: dict[str, str] = {}
    gone = select(void.c.target).where(void.c.target_kind == "shipment")
    for start in range(0, len(wanted), 500):
        query = select(shipment.c.note_plain, shipment.c.unit).where(
            shipment.c.note_plain.in_(wanted[start : start + 500]), shipment.c.unit.not_in(gone)
        )
        found.update(work.connection.execute(query).all())
    return found


def _within(work: Work, scope: str, customer: str) -> bool:
    """Whether the customer is a site's owner in the same scope: metal that moves inside is neither out nor in (R05)."""
    query = select(site.c.id).join(scope_site, scope_site.c.site == site.c.id).where(
        scope_site.c.scope == scope, site.c.party == customer
    )  # fmt: skip
    return work.connection.execute(query).first() is not None
