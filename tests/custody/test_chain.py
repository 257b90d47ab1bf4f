"""Heats of heats: what they bring in, computed quickly, against their whole footprints."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from pcf.custody import Book, footprint, heats
from pcf.custody.batch import BatchCharge
from pcf.custody.chain import Chain
from pcf.custody.footprint import calc_batch, own_heat
from pcf.custody.heats import Heats, unit_footprint
from pcf.custody.metals import ChargeItem
from pcf.custody.steady import Steady
from pcf.custody.supplier import OwnHeat
from pcf.engine import at
from pcf.errors import InputError
from pcf.model import Method
from tests.custody.batches import PARK, claimed
from tests.custody.books import Entry, cast, enter_all, process, shipment, ubc

EXACT = 1e-12

METHODS = (
    Method(), Method(scrap="co-product"), Method(electricity="location", attribution="site-average"),
    Method(gwp="AR5", heat="exergy", co_products="mass", low_voltage_pfc="included"),
    Method(boundary="scope-1-2", steps=("melting",)),
)  # fmt: skip

CHARGES = (
    ("hqaloop", PARK, ("scrap-ubc", "scrap-mixed-cast", "primary-delivery"), 1),
    ("a356.2", "hongshun", ("scrap-wheels-a356", "primary-delivery", "silicon-metal"), 1),
    ("can-stock-3104", "hongfa", ("scrap-ubc", "hqalight", "manganese-master-alloy"), 2),
)
"""Product, plant, materials that are charged, thousandths of the product that go back."""

CLASSES = {
    "primary-delivery": "primary",
    "hqalight": "primary",
    "silicon-metal": "alloying",
    "manganese-master-alloy": "alloying",
}


def same(found: OwnHeat, expected: OwnHeat) -> None:
    assert found.values.keys() == expected.values.keys()
    for option, value in expected.values.items():
        assert found.values[option] == pytest.approx(value, rel=EXACT)
    assert (found.post, found.pre) == pytest.approx((expected.post, expected.pre), rel=EXACT, abs=EXACT)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: "-".join((method.scrap, method.gwp, method.boundary)))
@pytest.mark.parametrize("seed", range(4))
def test_a_chain_gives_what_whole_footprints_give(catalogue: Catalogue, method: Method, seed: int) -> None:
    """Heats of several products and plants, each charging the two before it, with and without returns and suppliers' figures."""
    chance = random.Random(seed)
    chain = Chain(catalogue, method, Steady(catalogue))
    known: list[tuple[str, str, OwnHeat]] = []
    for number in range(7):
        product, plant, materials, rate = chance.choice(CHARGES)
        items = [
            ChargeItem(f"{name}-{number}", name, chance.randint(1, 9_000), CLASSES.get(name, "post-consumer"))
            for name in materials
        ]
        if chance.random() < 0.5:
            items[0] = dataclasses.replace(items[0], footprint=claimed(0.7, scrap=method.scrap, gwp=method.gwp), metal_yield=0.9)
        items += [ChargeItem(name, made, chance.randint(1, 9_000), "", heat=heat) for name, made, heat in known[-2:]]
        charged = sum(item.mass_kg for item in items)
        back = chance.choice([None, charged * rate // 1000])
        batch = BatchCharge(f"H-{number}", product, plant, 2024, max(charged * 9 // 10, 1), tuple(items), back)
        found = chain.own_heat(batch)
        same(found, own_heat(calc_batch(catalogue, batch, method)))
        known.append((batch.id, product, found))


def test_a_product_without_a_charge_of_its_own_is_in_chains_too(catalogue: Catalogue) -> None:
    chain = Chain(catalogue, Method(), Steady(catalogue))
    for number in (1, 2):
        batch = BatchCharge(f"H-{number}", "hqalight", "shandong", 2024, 900, (ChargeItem("L", "hqalight", 1_000, "primary"),))
        same(chain.own_heat(batch), own_heat(calc_batch(catalogue, batch)))


def test_what_makes_no_sense_is_refused_in_a_chain_too(catalogue: Catalogue) -> None:
    batch = BatchCharge("H", "hqaloop", PARK, 2024, 900, (ChargeItem("L", "no-such", 1_000, "primary"),))
    with pytest.raises(InputError, match="no-such"):
        Chain(catalogue, Method(), Steady(catalogue)).own_heat(batch)


HOUSE = {"site": "casthouse"}

HOUSED = [
    ("site", {"id": "casthouse", "name": "Casthouse", "timezone": "Asia/Shanghai", "party": "hq", "plant": "hongfa"}),
    ("scope", {"id": "U", "name": "Third scope", "sites": "casthouse"}),
    ("period", {"scope": "U", "id": "2025", "start": "2025-01-01", "end": "2025-12-31"}),
    ("lot", ubc("UBC", 900_000, **HOUSE)),
]


def charged(name: str, charge: dict[str, int], product_kg: int) -> Entry:
    return "cast", cast(name, charge, product_kg, product="can-stock-3104", **HOUSE)


def test_one_whole_footprint_for_a_chain(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six heats below the one that is asked for cost no table, no evidence and no alternatives."""
    chain = [charged(f"H-{number}", {"UBC": 50_000, f"H-{number - 1}": 50_000}, 90_000) for number in range(1, 7)]
    enter_all(book, [*HOUSED, charged("H-0", {"UBC": 100_000}, 90_000), *chain])
    calls: list[str] = []

    def counted(*asked: Any, **more: Any) -> Any:
        calls.append(asked[1])
        return whole(*asked, **more)

    whole = footprint.calculate
    monkeypatch.setattr(footprint, "calculate", counted)
    with book.read() as connection:
        found = Heats(connection, book.catalogue).footprint("H-6")
    assert len(calls) == 1
    monkeypatch.undo()
    with book.read() as connection:
        slow = Heats(connection, book.catalogue)
        for number in range(6):
            slow.footprint(f"H-{number}")
        assert found.total == pytest.approx(slow.footprint("H-6").total, rel=EXACT)


def test_one_whole_footprint_for_the_coils_of_many_heats(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the steps after the cast add is of the product and the plant's year, whatever a heat was charged with."""
    heats_made = [charged(f"H-{number}", {"UBC": 100_000}, 90_000 - 1_000 * number) for number in range(4)]
    coils = [
        ("process", process(f"C-{number}", {f"H-{number}": 80_000}, 70_000, product="can-stock-3104", **HOUSE))
        for number in range(4)
    ]
    items = {f"C-{number}": 10_000 * (1 + number) for number in range(4)}
    enter_all(book, [*HOUSED, *heats_made, *coils, ("shipment", shipment("S", items, **HOUSE))])
    calls: list[str] = []

    def counted(*asked: Any, **more: Any) -> Any:
        calls.append(asked[1].id)
        return whole(*asked, **more)

    whole = heats.calc_batch
    monkeypatch.setattr(heats, "calc_batch", counted)
    with book.read() as connection:
        found = unit_footprint(Heats(connection, book.catalogue), "S")
    assert len(calls) == 1
    monkeypatch.undo()
    with book.read() as connection:
        slow = Heats(connection, book.catalogue)
        made = [slow.footprint(f"H-{number}", gate="product") for number in range(4)]
        cast_metal = [slow.footprint(f"H-{number}").total * 80 / 70 for number in range(4)]
    steps = [sum(at(value, 0) for (stage, _), value in one.footprint.table.items() if stage == "rolling") for one in made]
    assert min(steps) > 0
    assert found.steps == pytest.approx(sum(value * (1 + place) / 10 for place, value in enumerate(steps)), rel=EXACT)
    assert found.cast == pytest.approx(sum(value * (1 + place) / 10 for place, value in enumerate(cast_metal)), rel=EXACT)


def test_a_step_without_data_takes_its_yield_alone(book: Book) -> None:
    """Slit after rolling, and sawn without any: 80 t of a heat give 70 t of coil and 60 t of strips."""
    enter_all(book, [
        *HOUSED, charged("H", {"UBC": 100_000}, 90_000),
        ("process", process("COIL", {"H": 40_000}, 35_000, product="can-stock-3104", **HOUSE)),
        ("process", process("STRIP", {"COIL": 35_000}, 30_000, product="can-stock-3104", step="slitting", **HOUSE)),
        ("process", process("SAWN", {"H": 40_000}, 32_000, product="can-stock-3104", step="sawing", **HOUSE)),
    ])  # fmt: skip
    with book.read() as connection:
        made = Heats(connection, book.catalogue)
        heat, coil, strip, sawn = (unit_footprint(made, name) for name in ("H", "COIL", "STRIP", "SAWN"))
    assert coil.cast == pytest.approx(heat.total * 40 / 35, rel=EXACT)
    assert (strip.cast, strip.steps) == pytest.approx((heat.total * 40 / 30, coil.steps * 35 / 30), rel=EXACT)
    assert (sawn.cast, sawn.steps) == pytest.approx((heat.total * 40 / 32, 0.0), rel=EXACT)
    assert (coil.gate, strip.gate, sawn.gate) == ("product", "product", "cast")
    assert (coil.plain, strip.plain, sawn.plain) == (frozenset(), {"slitting"}, {"sawing"})
