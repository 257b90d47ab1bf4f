"""Steps after casting, from slab to coil or from ingots to a bundle: mass in, mass out, trim that stays in the house."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pcf.custody.book import Placed, Work
from pcf.custody.casts import RETURNS
from pcf.custody.genealogy import RETURN, Stock, consumption_rows, read_stock, steps, take, unit_row
from pcf.custody.ledger import ALUMINIUM
from pcf.custody.lots import own_account
from pcf.custody.records import Process
from pcf.store.events import compact

COLUMNS = ("id", "site", "date", "step", "product", "inputs", "product_kg", "returns_kg")


def record_processes(work: Work, items: Sequence[Placed[Process]]) -> None:
    """Record steps; a later one may take what an earlier one of the same call has made."""
    fresh = work.new("process", items, "id")
    taken = work.existing(name for item, *_ in fresh for name in (item.record.id, item.record.id + RETURNS))
    stock = read_stock(work, (line.unit for item, *_ in fresh for line in item.record.inputs))
    for item, key, asked in fresh:
        record, before = item.record, len(work.problems)
        for name in (record.id, *([record.id + RETURNS] if record.returns_kg else [])):
            if name in taken:
                work.problem(f"{item.place}, id", f"{name!r}, which another unit has", "an id of its own")
            taken.add(name)
        if record.product not in work.catalogue.products:
            known = ", ".join(sorted(work.catalogue.products))
            work.problem(f"{item.place}, product", repr(record.product), f"one of: {known}")
        known_steps = steps(work.catalogue)
        if record.step not in known_steps:
            work.problem(f"{item.place}, step", repr(record.step), f"one of: {', '.join(known_steps)}")
        given = sum(line.mass_kg for line in record.inputs)
        if record.product_kg + record.returns_kg > given:
            work.problem(
                f"{item.place}, product_kg",
                f"{record.product_kg + record.returns_kg:,} kg out of {given:,} kg",
                "no more than went in",
            )
        scope = work.scope_of(item.place, record.site) if work.has_site(item.place, record.site) else ""
        span = work.open_period(item.place, scope, record.date) if scope else None
        if not take(work, item.place, "inputs", record.site, record.date, record.inputs, stock, record.id):
            continue
        _check_metal(work, item, stock)
        if span is None or len(work.problems) > before:
            continue
        units = [unit_row(record.id, "processed", record.site, record.date, record.product_kg, record.product)]
        lines = consumption_rows(record.id, ((line.unit, line.mass_kg, "input") for line in record.inputs))
        if record.returns_kg:
            name = record.id + RETURNS
            units.append(unit_row(name, RETURN, record.site, record.date, record.returns_kg, record.product))
            lines += consumption_rows(name, [(record.id, record.returns_kg, RETURN)])
        row = {
            "unit": record.id, "step": record.step, "input_kg": given, "returns_kg": record.returns_kg,
            "details": compact(record.details(*COLUMNS)),
        }  # fmt: skip
        work.add("process", key, asked, {"unit": units, "consumption": lines, "processing": [row]})
        for made in units:
            stock[made["id"]] = Stock(
                made["id"], made["kind"], record.site, record.date, made["mass_kg"], made["mass_kg"], record.product
            )
    work.tx.flush()


def _check_metal(work: Work, item: Placed[Process], stock: Mapping[str, Stock]) -> None:
    """A step after the cast takes metal: neither ores nor scrap that nobody has melted (R09)."""
    for number, line in enumerate(item.record.inputs, 1):
        found = stock[line.unit]
        if found.kind in ("return", "dross") or own_account(work.catalogue, found) != ALUMINIUM:
            work.problem(
                f"{item.place}, inputs line {number}", f"{line.unit!r} ({found.kind}, {found.material})",
                "a heat, a bundle, a coil, or bought metal", "scrap and returns are charged into a heat",
            )  # fmt: skip
