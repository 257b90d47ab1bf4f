"""Casts: what was charged becomes a heat, its returns and its bundles, with the recycled content that it really holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from pcf.custody.book import Placed, Work
from pcf.custody.content import Content, Part, calc_content, credit_cast
from pcf.custody.draws import MADE_OF_HEATS, check_uncertified, has_certificates
from pcf.custody.genealogy import Stock, consumption_rows, read_stock, take, unit_row
from pcf.custody.ledger import numbered
from pcf.custody.physical import metal_yield, own_parts
from pcf.custody.records import Cast
from pcf.custody.rules import setting
from pcf.custody.shares import rounded
from pcf.custody.trace import TOLLED, origin_heats, tolled_share
from pcf.store.events import compact

COLUMNS = ("heat", "site", "date", "furnace", "product", "alloy", "charge", "product_kg", "returns_kg", "dross_kg", "bundles")
RETURNS = "-R"
"""What a heat's returns are called: the heat's own name with this ending."""

YIELDS = "yields"
"""Name, in the details of a heat, of the metal yields by material that its content rests on."""

PER_CENT = 100


@dataclass(frozen=True)
class Metal:
    """What a unit brings into a charge: its content class with the yield of its metal, or the contents of an own heat."""

    content_class: str
    origin: str
    tolled: Fraction
    """Share that belongs to a customer."""
    metal_yield: Fraction
    post: Fraction = Fraction(0)
    pre: Fraction = Fraction(0)
    yield_of: str = ""
    """Material whose class gave the yield, where the lot has none of its own."""


def record_casts(work: Work, items: Sequence[Placed[Cast]]) -> None:
    """Record heats; a later one may charge the returns of an earlier one of the same call."""
    fresh = work.new("cast", items, "heat")
    made = [name for item, *_ in fresh for name in _new_units(item.record)]
    wanted = [line.unit for item, *_ in fresh for line in item.record.charge]
    # One query for what is charged and for what must not be there yet.
    stock = read_stock(work, [*wanted, *made])
    taken = stock.keys() & set(made)
    metals = read_metals(work, wanted, stock)
    certified = has_certificates(work)
    for item, key, asked in fresh:
        record, before = item.record, len(work.problems)
        for name in _new_units(record):
            if name in taken:
                work.problem(f"{item.place}, heat", f"{name!r}, which another unit has", "an id of its own (R15)")
            taken.add(name)
        _check_product(work, item)
        charge_kg = _check_balance(work, item)
        _check_limits(work, item)
        scope = work.scope_of(item.place, record.site) if work.has_site(item.place, record.site) else ""
        span = work.open_period(item.place, scope, record.date) if scope else None
        if not take(work, item.place, "charge", record.site, record.date, record.charge, stock, record.heat):
            continue
        if certified:
            own = [(line.unit, line.mass_kg) for line in record.charge if stock[line.unit].kind in MADE_OF_HEATS]
            check_uncertified(work, f"{item.place}, charge", own)
        if span is None or len(work.problems) > before:
            continue
        parts = [part for line in record.charge for part in _parts(metals[line.unit], line.mass_kg)]
        content = calc_content(parts)
        credited = _credit(record, metals, content)
        tolled = _tolled(record, metals)
        row = {
            "unit": record.heat, "furnace": record.furnace, "product": record.product, "alloy": record.alloy,
            "charge_kg": charge_kg, "returns_kg": record.returns_kg, "dross_kg": record.dross_kg,
            "details": compact({
                **record.details(*COLUMNS), "post": str(rounded(content.post)), "pre": str(rounded(content.pre)),
                "content": "F13, metal basis, company", YIELDS: _class_yields(record, metals),
                **({TOLLED: str(rounded(tolled))} if tolled else {}),
            }),
        }  # fmt: skip
        postings = [
            work.ledger.post(scope, account, span.id, "credit", record.date[:7], mass, record.heat)
            for account, mass in credited
            if mass
        ]
        units = _unit_rows(record)
        lines = consumption_rows(record.heat, ((line.unit, line.mass_kg, "charge") for line in record.charge))
        for row_of in units[1:]:
            lines += consumption_rows(row_of["id"], [(record.heat, row_of["mass_kg"], row_of["kind"])])
        work.add("cast", key, asked, {"unit": units, "consumption": lines, "heat": [row], "posting": numbered(postings)})
        for row_of in units:
            stock[row_of["id"]] = Stock(
                row_of["id"], row_of["kind"], record.site, record.date, row_of["mass_kg"], row_of["mass_kg"], record.product
            )
            metals[row_of["id"]] = _own_metal(row_of["kind"], content.post, content.pre, tolled)
        for row_of in units[1:]:
            if row_of["kind"] == "bundle":
                stock[record.heat].left_kg -= row_of["mass_kg"]
    work.tx.flush()


def _new_units(record: Cast) -> list[str]:
    return [record.heat, *([record.heat + RETURNS] if record.returns_kg else []), *(line.unit for line in record.bundles)]


def _unit_rows(record: Cast) -> list[dict[str, Any]]:
    rows = [unit_row(record.heat, "heat", record.site, record.date, record.product_kg, record.product)]
    if record.returns_kg:
        rows.append(unit_row(record.heat + RETURNS, "return", record.site, record.date, record.returns_kg, record.product))
    rows += [unit_row(line.unit, "bundle", record.site, record.date, line.mass_kg, record.product) for line in record.bundles]
    return rows


def _check_product(work: Work, item: Placed[Cast]) -> None:
    record, catalogue = item.record, work.catalogue
    if record.product not in catalogue.products:
        work.problem(f"{item.place}, product", repr(record.product), f"one of: {', '.join(sorted(catalogue.products))}")
    if record.alloy and record.alloy not in catalogue.alloys:
        work.problem(f"{item.place}, alloy", repr(record.alloy), f"one of: {', '.join(sorted(catalogue.alloys))}")


def _check_balance(work: Work, item: Placed[Cast]) -> int:
    """Mass that was charged [kg]; nothing comes out of a furnace that did not go in."""
    record = item.record
    charged = sum(line.mass_kg for line in record.charge)
    good = record.product_kg + record.returns_kg
    if good > charged:
        work.problem(
            f"{item.place}, product_kg", f"{good:,} kg of product and returns out of {charged:,} kg", "no more than was charged"
        )
    elif good < setting("yield-lowest") * charged:
        work.problem(
            f"{item.place}, product_kg", f"a yield of {100 * good / charged:.1f} % ({good:,} of {charged:,} kg)",
            f"{100 * float(setting('yield-lowest')):.0f} % or more", "check the masses, returns included",
        )  # fmt: skip
    elif record.dross_kg > (most := floor(setting("dross-per-loss") * (charged - good))):
        work.problem(
            f"{item.place}, dross_kg", f"{record.dross_kg:,} kg from {charged - good:,} kg that are neither product nor returns",
            f"at most {most:,} kg, as if all of it had become oxide", "check the masses",
        )  # fmt: skip
    bundled = sum(line.mass_kg for line in record.bundles)
    if bundled > record.product_kg:
        work.problem(f"{item.place}, bundles", f"{bundled:,} kg", f"at most the product, {record.product_kg:,} kg")
    return charged


def _check_limits(work: Work, item: Placed[Cast]) -> None:
    """The heat's own analysis against the limits of its alloy, which the product implies where the heat names none."""
    record = item.record
    product = work.catalogue.products.get(record.product)
    named = record.alloy or str((product.charge or {}).get("alloy", "") if product else "")
    alloy = work.catalogue.alloys.get(named)
    if alloy is None:
        return
    for element, content in record.chemistry.items():
        limits = alloy.elements.get(element)
        if limits is None:
            continue
        share = float(Decimal(content) / PER_CENT)
        low, high = float(limits.get("min", 0.0)), float(limits.get("max", 1.0))
        if not low * (1 - 1e-9) <= share <= high * (1 + 1e-9):
            work.problem(
                f"{item.place}, chemistry {element}", f"{content} %", f"{100 * low:g} to {100 * high:g} % in {named}",
                "a heat outside its alloy is recorded under another alloy or product",
            )  # fmt: skip


def read_metals(work: Work, ids: Sequence[str], stock: Mapping[str, Stock]) -> dict[str, Metal]:
    """What units bring into a charge, by id."""
    found: dict[str, Metal] = {}
    yields: dict[str, Fraction] = {}
    for name in dict.fromkeys(ids):
        item = stock.get(name)
        if item is None or item.lot is None:
            continue
        content_class, origin, text = item.lot
        details = json.loads(text)
        own_yield = details.get("metal_yield")
        if not own_yield and item.material not in yields:
            yields[item.material] = metal_yield(work.catalogue, item.material)
        found[name] = Metal(
            content_class,
            origin,
            Fraction("tolled_for" in details),
            Fraction(own_yield) if own_yield else yields[item.material],
            yield_of="" if own_yield else item.material,
        )
    return found | _own_metals(work, [name for name in ids if name not in found])


def _own_metals(work: Work, ids: Sequence[str]) -> dict[str, Metal]:
    """Own heats and what was made of them carry the contents of their heat; returns and trim are internal."""
    found: dict[str, Metal] = {}
    for name, (kind, contents) in origin_heats(work.connection, ids).items():
        found[name] = _own_metal(kind, *contents, tolled_share(work.connection, name))
    return found


def _own_metal(kind: str, post: Fraction, pre: Fraction, tolled: Fraction) -> Metal:
    if kind in ("return", "dross"):
        return Metal("internal", "same-stream", tolled, metal_yield=Fraction(1))
    return Metal("own", "company", tolled, metal_yield=Fraction(1), post=post, pre=pre)


def _parts(metal: Metal, mass_kg: int) -> list[Part]:
    if metal.content_class != "own":
        return [Part(mass_kg, metal.metal_yield, metal.content_class, metal.origin, bool(metal.tolled))]
    return own_parts(mass_kg, metal.post, metal.pre)


def _credit(record: Cast, metals: Mapping[str, Metal], whole: Content) -> list[tuple[str, int]]:
    """Recycled metal of the lots in the product by account [kg]."""
    content = whole
    bought = [line for line in record.charge if metals[line.unit].content_class != "own"]
    if len(bought) < len(record.charge):
        content = calc_content([part for line in bought for part in _parts(metals[line.unit], line.mass_kg)])
    return list(credit_cast(content, whole.metal_kg, record.product_kg).items())


def _tolled(record: Cast, metals: Mapping[str, Metal]) -> Fraction:
    """Share of the charged metal that belongs to customers, by metal yield as the content is (F13)."""
    masses = [(line.mass_kg * metals[line.unit].metal_yield, metals[line.unit].tolled) for line in record.charge]
    total = sum((mass for mass, _ in masses), Fraction(0))
    return sum((mass * share for mass, share in masses), Fraction(0)) / total if total else Fraction(0)


def _class_yields(record: Cast, metals: Mapping[str, Metal]) -> dict[str, str]:
    """Metal yields of the catalogue that the content rests on, by material: the catalogue may change, a cast does not."""
    charged = [metals[line.unit] for line in record.charge]
    return {metal.yield_of: str(metal.metal_yield) for metal in charged if metal.yield_of}
