"""Footprints of batches: hand calculations, contents, returns, own heats, materials."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.custody.batch import BatchCharge, find_casthouse
from pcf.custody.footprint import (
    calc_batch,
    calc_batch_totals,
    footprint_document,
    lot_item,
    own_heat,
)
from pcf.custody.metals import ChargeItem
from pcf.custody.reading import read_record
from pcf.custody.records import Lot
from pcf.custody.supplier import OwnHeat
from pcf.engine import at, calculate
from pcf.errors import InputError
from pcf.model import Method, read_request
from tests.custody.batches import KWH, NATIONAL, PARK, TOLERANCE, bare, cans, intensity_of, park, primary, returns, scrap

# ---------------------------------------------------------------- hand calculations


def test_example_f9(catalogue: Catalogue) -> None:
    # 12,000 t at 4.0, 8,000 t at 12.5, 15,000 t of scrap at 0.5: 155,500 t CO2e / 33,200 t = 4.684, + casthouse 0.25 = 4.934
    items = (primary("A", 12_000_000, 4.0), primary("B", 8_000_000, 12.5), scrap("C", 15_000_000, 0.5))
    found = calc_batch(bare(catalogue, melt_sundries=0.25), park(*items, product_kg=33_200_000))
    assert found.total == pytest.approx(155_500 / 33_200 + 0.25, rel=1e-12)
    assert round(found.total, 3) == 4.934
    assert found.emissions_kg == pytest.approx(155_500_000 + 0.25 * 33_200_000, rel=1e-12)
    assert sum(at(value, 0) for value in found.footprint.table.values()) == pytest.approx(found.total, rel=1e-12)


LOT = {
    "id": "L-1", "site": "park", "date": "2025-03-01", "material": "scrap-wire-ec", "mass_kg": 1000, "supplier": "S-1",
    "ticket": "W-1", "content_class": "pre-consumer", "footprint": "0.4", "footprint_boundary": "cradle-to-gate",
    "footprint_gwp": "AR6", "footprint_scrap": "cut-off",
}  # fmt: skip


@pytest.mark.parametrize(
    "custody",
    [
        {"asi_class": "coc", "coc_kg": 1000},
        {"asi_class": "coc", "coc_kg": 400, "document_issuer": "C-9", "document_reference": "D-1"},
        {"asi_class": "eligible-scrap", "coc_kg": 1000, "due_diligence": "DD-1"},
        {"asi_class": "outside", "source_type": "merchant"},
    ],
)
def test_no_designation_changes_a_footprint(catalogue: Catalogue, custody: Mapping[str, Any]) -> None:
    """F9, R20: the designation is no part of a charge, so nothing that is computed from one can depend on it."""
    plain, designated = (lot_item(read_record(Lot, {**LOT, **more}, "lot"), 1000) for more in ({}, custody))
    assert plain == designated
    fields = {item.name for kind in (ChargeItem, BatchCharge) for item in dataclasses.fields(kind)}
    assert not {name for name in fields if "asi" in name or "coc" in name or "design" in name}
    one, other = (calc_batch(catalogue, park(item, product_kg=900)) for item in (plain, designated))
    assert (one.total, one.recycled_content) == (other.total, other.recycled_content)


def test_two_materials_with_energy_and_returns(catalogue: Catalogue) -> None:
    # 600 kg scrap at 0.5 and 500 kg primary at 8.0 make 1,000 kg of ingot and 250 kg that go back: melt 1,250 kg.
    # Melting 100 kWh/t of melt, casting 40 kWh/t of ingot, all of the plain grid; strapping is none.
    kwh_per_t = KWH / 1000
    plant = bare(catalogue, reverberatory_electricity=100 * kwh_per_t, recycled_casting_electricity=40 * kwh_per_t)
    batch = park(scrap("S", 600, 0.5), primary("P", 500, 8.0), returns(250), product_kg=1000, returns_kg=250)
    found = calc_batch(plant, batch)
    by_hand = 600 * 0.5 + 500 * 8.0 + 1.250 * 100 * NATIONAL + 1.000 * 40 * NATIONAL
    assert found.emissions_kg == pytest.approx(by_hand, rel=1e-12)
    assert found.total == pytest.approx(by_hand / 1000, rel=1e-12)
    assert {item.lot: item.basis for item in found.lots} == {"S": "supplier", "P": "supplier", "R-1": "returns"}
    assert intensity_of(found, "P") == pytest.approx(8.0, rel=1e-12) and intensity_of(found, "R-1") == 0.0


def test_without_returns_of_its_own_a_batch_has_the_rate_of_the_year(catalogue: Catalogue) -> None:
    # 20 % of each melt goes back: 1.25 t of melt per t, at 0.1 kgCO2e per kg of melt
    plant = bare(catalogue, melt_sundries=0.1, recycled_returns=0.2)
    assert calc_batch(plant, park(primary("P", 1000, 2.0), product_kg=1000)).total == pytest.approx(2.0 + 0.125, rel=1e-12)
    measured = park(primary("P", 2000, 2.0), product_kg=1000, returns_kg=1000)
    assert calc_batch(plant, measured).total == pytest.approx(4.0 + 0.2, rel=1e-12)


def test_slab_is_what_was_cast_and_stock_what_is_left_of_it(catalogue: Catalogue) -> None:
    # Of a melt 30 % comes back from the mills (slab_returns): 97 t of slab end in 67.9 t of stock, which bears all of it.
    cast, stock = (calc_batch(catalogue, cans(), gate=gate) for gate in ("cast", "product"))
    assert cast.casthouse == "slab-casting" and find_casthouse(catalogue, "can-stock-3104") == "slab-casting"
    assert cast.emissions_kg == pytest.approx(97_000 * cast.total, rel=1e-12) == stock.emissions_kg
    rolling = sum(at(value, 0) for (stage, _), value in stock.footprint.table.items() if stage == "rolling")
    assert stock.total - rolling == pytest.approx(cast.emissions_kg / (97_000 * 0.7), rel=1e-12)
    assert not [stage for stage, _ in cast.footprint.table if stage == "rolling"]
    # The charge by hand: each lot's mass at its intensity; of the rest, melting is per t of slab, casting per t of stock.
    nodes = zip(cast.footprint.system.nodes, cast.footprint.solution.intensity, strict=True)
    made = {node.process.id: (node, at(value, 0)) for node, value in nodes}
    melting = made["melting"][1]
    links = made["slab-casting"][0].links
    names = [cast.footprint.system.nodes[int(link.target)].process.id if link.kind == "input" else "" for link in links]
    casting = sum(
        link.amount * (made[name][1] if name else link.characterised)
        for name, link in zip(names, links, strict=True)
        if name in ("", "natural-gas-burned", "electricity")
    )
    charged = sum(item.mass_kg * item.intensity for item in cast.lots)
    assert cast.emissions_kg == pytest.approx(charged + 97_000 * melting + 67_900 * casting, rel=1e-9)


# ---------------------------------------------------------------- recycled content


def test_recycled_content_is_metal_by_the_class_of_each_lot(catalogue: Catalogue) -> None:
    # F13: 600 × 0.96 post, 300 × 0.90 pre (by its lot, though the catalogue's wire is post-consumer), 400 × 0.99 primary,
    # 100 × 0.5 unknown, which counts as primary (R25); internal scrap counts nowhere: 576, 270 of 1,292
    items = (
        scrap("A", 600, metal_yield=0.96),
        scrap("B", 300, content_class="pre-consumer", metal_yield=0.90),
        primary("C", 400, metal_yield=0.99),
        scrap("D", 100, content_class="other", metal_yield=0.5),
        scrap("E", 500, content_class="internal", metal_yield=0.8),
        returns(300),
    )
    found = calc_batch(catalogue, park(*items, product_kg=1700))
    assert found.post_consumer_content == pytest.approx(576 / 1292, rel=1e-12)
    assert found.pre_consumer_content == pytest.approx(270 / 1292, rel=1e-12)
    assert found.recycled_content == pytest.approx(846 / 1292, rel=1e-12)
    warned = [(item.kind, item.lot, item.values["expected"]) for item in found.warnings]
    assert warned == [("class-differs", "B", "post-consumer"), ("class-differs", "D", "post-consumer")]
    charge = footprint_document(found)["charge"]
    assert charge["post_consumer_content"] == found.post_consumer_content
    assert charge["pre_consumer_content"] == pytest.approx(found.pre_consumer_content, rel=1e-12)


@pytest.mark.parametrize("content_class", ["pre-consumer", "primary", "other", "internal", "alloying"])
@pytest.mark.parametrize("treatment", ["cut-off", "co-product"])
def test_a_class_decides_contents_and_never_the_footprint(catalogue: Catalogue, content_class: str, treatment: str) -> None:
    method = Method(scrap=treatment)
    one, other = (
        calc_batch(catalogue, park(scrap("A", 800), scrap("B", 400, content_class=name), product_kg=1000), method)
        for name in ("post-consumer", content_class)
    )
    assert other.total == pytest.approx(one.total, rel=1e-12)
    assert other.post_consumer_content < one.post_consumer_content or content_class == "internal"


def test_scrap_of_the_own_company_is_internal(catalogue: Catalogue) -> None:
    for origin, wanted in (("external", "pre-consumer"), ("company", "internal"), ("same-stream", "internal")):
        assert lot_item(read_record(Lot, {**LOT, "origin": origin}, "lot"), 10).content_class == wanted


# ---------------------------------------------------------------- own returns and own heats


def test_own_returns_bring_nothing_in(catalogue: Catalogue) -> None:
    with_returns, without = (calc_batch(catalogue, cans(*more)) for more in ((returns(41_000),), ()))
    assert with_returns.total == without.total and with_returns.recycled_content == without.recycled_content


@given(
    masses=st.lists(st.tuples(st.integers(500, 2000), st.integers(0, 2000), st.floats(0.05, 0.3)), min_size=2, max_size=6),
    value=st.floats(0.1, 15),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_returns_that_circulate_lose_nothing(catalogue: Catalogue, masses: list[tuple[int, int, float]], value: float) -> None:
    """Each heat charges what the one before sent back; all that came in from outside, and all energy, is in the products."""
    plant = bare(catalogue, melt_sundries=0.2)
    carried = entered = melted = 0.0
    back = 0
    for number, (scrap_kg, primary_kg, share) in enumerate(masses):
        items = [scrap(f"S{number}", scrap_kg, 0.5), *([primary(f"P{number}", primary_kg, value)] if primary_kg else [])]
        melt = int(0.95 * (scrap_kg + primary_kg + back))
        sent = int(melt * share)
        batch = park(*items, *([returns(back)] if back else []), product_kg=melt - sent, returns_kg=sent, name=f"H{number}")
        carried += batch.product_kg * calc_batch_totals(plant, [batch])[0]
        entered += scrap_kg * 0.5 + primary_kg * value
        melted += 0.2 * melt
        back = sent
    assert carried == pytest.approx(entered + melted, rel=TOLERANCE)


def test_a_charge_of_returns_alone_bears_its_energy(catalogue: Catalogue) -> None:
    plant = bare(catalogue, melt_sundries=0.2)
    found = calc_batch(plant, park(returns(1000), product_kg=950, returns_kg=0))
    assert found.total == pytest.approx(0.2, rel=1e-12)
    assert (found.post_consumer_content, found.pre_consumer_content) == (0.0, 0.0)
    assert [item.kind for item in found.warnings] == ["returns-only"]
    assert footprint_document(found)["charge"]["recycled_content"] == 0.0


def test_an_own_heat_brings_its_own_footprint_and_contents(catalogue: Catalogue) -> None:
    plant = bare(catalogue, melt_sundries=0.2)
    first = calc_batch(
        plant, park(scrap("S", 600, 0.5, metal_yield=0.9), primary("P", 460, 8.0, metal_yield=1.0), product_kg=1000)
    )
    assert first.post_consumer_content == pytest.approx(0.54, rel=1e-12)
    heat = ChargeItem("H-1", "hqaloop", 500, "", heat=own_heat(first))
    second = calc_batch(plant, park(heat, primary("Q", 500, 2.0, metal_yield=1.0), product_kg=1000, name="H-2"))
    assert intensity_of(second, "H-1") == pytest.approx(first.total, rel=1e-12)
    assert second.total == pytest.approx(0.5 * first.total + 0.5 * 2.0 + 0.2, rel=1e-12)
    assert second.post_consumer_content == pytest.approx(0.27, rel=1e-12)
    assert second.footprint.alternatives["scrap"]["cut-off"] == pytest.approx(second.total, rel=1e-12)
    with pytest.raises(InputError, match="cut-off and co-product"):
        calc_batch(plant, park(ChargeItem("X", "hqaloop", 500, "", heat=OwnHeat({"cut-off": 1.0})), product_kg=400))


# ---------------------------------------------------------------- materials and sites


def test_metal_of_a_named_site(catalogue: Catalogue) -> None:
    """Ingot of a product, at the catalogue's site or another one, with the casthouse's own freight."""
    items = tuple(
        ChargeItem(name, "hqalight", 1000, "primary", site=site) for name, site in (("A", ""), ("B", "shandong"), ("C", "yunnan"))
    )
    found = calc_batch(catalogue, park(*items, product_kg=2900))
    freight = 0.050 * 0.0978
    totals = {}
    for site in ("yunnan", "shandong"):
        product, setting = read_request(catalogue, "hqalight", Method(), site=site)
        totals[site] = at(calculate(catalogue, product, Method(), setting).total, 0)
    assert intensity_of(found, "A") == pytest.approx(totals["yunnan"] + freight, rel=1e-9) == intensity_of(found, "C")
    assert intensity_of(found, "B") == pytest.approx(totals["shandong"] + freight, rel=1e-9)
    liquid = BatchCharge("H", "hqaloop", PARK, 2024, 900, (ChargeItem("L", "electrolysis", 1000, "primary", site="yunnan"),))
    assert intensity_of(calc_batch(catalogue, liquid), "L") < totals["yunnan"] * 1.2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"product_kg": 1001}, "no more than was charged"),
        ({"product_kg": 900.0}, "whole kilograms"),
        ({"product_kg": 0}, "whole kilograms"),
        ({"product_kg": True}, "whole kilograms"),
        ({"returns_kg": -1}, "whole kilograms"),
        ({"product": "hqalight"}, "cast from a charge"),
        ({"product": "nothing"}, "one of"),
        ({"casthouse": "slab-casting"}, "recycled-casting"),
        ({"site": "nowhere"}, "a plant of the catalogue"),
        ({"items": (ChargeItem("S", "scrap-wire", 1000, "post-consumer"),)}, "scrap-wire-ec"),
        ({"items": (ChargeItem("S", "electricity", 1000, "post-consumer"),)}, "a material with metal"),
        ({"items": (ChargeItem("S", "scrap-ubc", 1000, "postconsumer"),)}, "post-consumer"),
        ({"items": (ChargeItem("S", "scrap-ubc", 1000, "post-consumer", metal_yield=1.2),)}, "at most 1"),
        ({"items": ()}, "no more than was charged"),
    ],
)
def test_what_makes_no_sense_is_refused(catalogue: Catalogue, change: dict[str, Any], words: str) -> None:
    batch = dataclasses.replace(park(scrap("S", 1000), product_kg=900), **change)
    with pytest.raises(InputError, match=words):
        calc_batch(catalogue, batch)


@given(
    first=st.tuples(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 900)),
    second=st.tuples(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 900)),
    factor=st.integers(2, 50),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_is_linear_in_its_charge(
    catalogue: Catalogue, first: tuple[int, ...], second: tuple[int, ...], factor: int
) -> None:
    def heat(masses: tuple[int, ...], product_kg: int) -> BatchCharge:
        items = (
            scrap("S", masses[0]),
            primary("P", masses[1], 4.0),
            ChargeItem("T", "scrap-profile-trim", masses[2], "pre-consumer"),
        )
        return park(*items, product_kg=product_kg)

    one, two = sum(first), sum(second)
    together = tuple(a + b for a, b in zip(first, second, strict=True))
    batches = [
        heat(first, one),
        heat(second, two),
        heat(together, one + two),
        heat(tuple(factor * a for a in first), factor * one),
    ]
    totals = calc_batch_totals(catalogue, batches, Method(scrap="co-product"))
    assert totals[0] * one + totals[1] * two == pytest.approx(totals[2] * (one + two), rel=1e-9)
    assert totals[3] == pytest.approx(totals[0], rel=1e-9)


def test_order_and_division_of_lots_do_not_matter(catalogue: Catalogue) -> None:
    batch = cans(primary("P-2", 9_000, 4.0))
    turned = dataclasses.replace(batch, items=batch.items[::-1])
    thirds = [(item, item.mass_kg // 3) for item in batch.items]
    parts = [dataclasses.replace(item, mass_kg=mass) for item, third in thirds for mass in (third, item.mass_kg - third)]
    divided = dataclasses.replace(batch, items=tuple(parts))
    totals = calc_batch_totals(catalogue, [batch, turned, divided])
    assert totals == pytest.approx([calc_batch(catalogue, batch).total] * 3, rel=1e-12)
