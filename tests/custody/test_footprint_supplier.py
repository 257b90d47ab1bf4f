"""Footprints that come with a delivery: what is used, refused, replaced, said."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pcf.catalogue import Catalogue
from pcf.custody.footprint import (
    batch_part,
    calc_batch,
    footprint_document,
)
from pcf.custody.metals import ChargeItem
from pcf.engine import at, calculate
from pcf.errors import InputError
from pcf.model import Method
from tests.commands.documents import checked
from tests.custody.batches import bare, cans, claimed, intensity_of, park, primary, returns, scrap


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"boundary": ""}, "boundary"),
        ({"boundary": "gate-to-gate"}, "boundary"),
        ({"boundary": "scope 1+2"}, "boundary"),
        ({"boundary": "cradle-to-grave"}, "boundary"),
        ({"boundary": "partly cradle-to-gate"}, "boundary"),
        ({"gwp": "AR6, 20 years"}, "gwp"),
        ({"gwp": "SAR"}, "gwp"),
        ({"scrap": "co-product"}, "scrap"),
        ({"scrap": ""}, "scrap"),
    ],
)
def test_a_footprint_on_another_basis_is_refused_or_replaced(catalogue: Catalogue, change: dict[str, str], field: str) -> None:
    item = dataclasses.replace(scrap("S", 800), footprint=claimed(0.01, **change))
    batch = park(item, scrap("T", 400), product_kg=1000)
    with pytest.raises(InputError) as caught:
        calc_batch(catalogue, batch)
    assert caught.value.place == f"lot S footprint {field}"
    found = calc_batch(catalogue, batch, replace=True)
    assert found.total == calc_batch(catalogue, park(scrap("S", 800), scrap("T", 400), product_kg=1000)).total
    assert [(item.kind, item.lot, item.values["reason"]) for item in found.warnings] == [("supplier-replaced", "S", field)]
    assert {item.lot: item.basis for item in found.lots} == {"S": "catalogue", "T": "catalogue"}


def test_metal_without_scrap_needs_no_treatment_of_scrap(catalogue: Catalogue) -> None:
    item = dataclasses.replace(primary("P", 1100), footprint=claimed(4.0, scrap=""))
    assert calc_batch(catalogue, park(item, product_kg=1000)).lots[0].basis == "supplier"
    unknown = dataclasses.replace(item, content_class="other")
    with pytest.raises(InputError, match="scrap"):
        calc_batch(catalogue, park(unknown, product_kg=1000))


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_value_is_a_finite_burden(catalogue: Catalogue, value: float) -> None:
    with pytest.raises(InputError, match="nothing is credited"):
        calc_batch(catalogue, park(primary("P", 1100, value), product_kg=1000), replace=True)


@pytest.mark.parametrize(("edition", "shown"), [("AR5", "AR5"), ("ipcc ar4", "AR4"), ("", "not stated")])
def test_another_edition_is_taken_as_it_stands_and_said(catalogue: Catalogue, edition: str, shown: str) -> None:
    plant = bare(catalogue)
    found = calc_batch(plant, park(dataclasses.replace(primary("P", 1100), footprint=claimed(4.0, gwp=edition)), product_kg=1000))
    assert found.total == pytest.approx(4.4, rel=1e-12)
    assert [(item.kind, item.lot, dict(item.values)) for item in found.warnings] == [
        ("supplier-edition", "P", {"found": shown, "expected": "AR6"})
    ]
    editions = footprint_document(found)["gases"]["GHG, unspecified"]["editions"]
    assert editions[shown] == pytest.approx(4.4, rel=1e-12)


def test_the_document_names_the_suppliers(catalogue: Catalogue) -> None:
    footprint = claimed(3.9, standard="ISO 14067", period="2024", verifier="V", document="PCF-1.pdf", supplier="S-1")
    found = calc_batch(catalogue, cans(dataclasses.replace(primary("P-2", 5_000), footprint=footprint), product_kg=100_000))
    row = footprint_document(found)["factors"]["supplier-1"]
    assert (row["value"], row["gwp_edition"], row["data_class"], row["locator"]) == (3.9, "AR6", "primary", "P-2")
    reference = footprint_document(found, "zh")["references"][row["source"]]
    assert (reference["title"], reference["publisher"], reference["year"]) == ("PCF-1.pdf", "S-1", "2024")
    assert "verifier: V" in reference["note"] and "boundary: cradle-to-gate" in reference["note"]
    assert found.footprint.system.catalogue.factors["supplier-1"]["2024"].quantity.marks.assurance == "limited"
    assert "P-2" in str(footprint_document(found)["process_names"])


def test_every_document_fulfils_its_schema(catalogue: Catalogue) -> None:
    for found in (calc_batch(catalogue, cans(returns(9_000))), calc_batch(catalogue, cans(), gate="product")):
        document = checked("footprint", json.dumps(footprint_document(found)))
        assert document["product"]["id"] == "can-stock-3104"
        assert document["site"]["id"] == "hongfa" and document["changes"] == []
        assert document["total"]["value"] == found.total
        part = json.loads(json.dumps(batch_part(found)))
        assert part["total"]["value"] == found.total and len(part["charge"]) == len(found.lots)


def test_the_suppliers_way_to_the_furnace_is_ours(catalogue: Catalogue) -> None:
    # 50 km by truck at 0.0978 kgCO2e/(t·km) on top of the value; scrap keeps collection and preparation
    plain = calc_batch(catalogue, park(scrap("S", 1000), product_kg=900))
    found = calc_batch(catalogue, park(scrap("S", 1000, 0.3), primary("P", 1000, 4.0), product_kg=1900))
    assert intensity_of(found, "P") == pytest.approx(4.0 + 0.050 * 0.0978, rel=1e-9)
    assert intensity_of(found, "S") == pytest.approx(0.3 + intensity_of(plain, "S"), rel=1e-12)


def test_metal_that_was_bought_has_a_way_even_where_the_material_has_none(catalogue: Catalogue) -> None:
    items = (
        ChargeItem("L", "electrolysis", 1000, "primary", claimed(4.0)),
        ChargeItem("M", "hqalight", 1000, "primary", claimed(4.0)),
    )
    found = calc_batch(catalogue, park(*items, product_kg=1900))
    assert [item.intensity for item in found.lots] == pytest.approx([4.0 + 0.050 * 0.0978] * 2, rel=1e-9)


def test_recycled_ingot_that_was_bought(catalogue: Catalogue) -> None:
    """Ingot of a casthouse melts like other ingot (yield 0.995); its class is its lot's, and co-product is the catalogue's."""
    ingot = ChargeItem("L", "hqaloop", 1000, "post-consumer", claimed(0.7))
    found = calc_batch(catalogue, cans(ingot, product_kg=98_000))
    freight = intensity_of(found, "L") - 0.7
    plain = calc_batch(catalogue, cans(dataclasses.replace(ingot, footprint=None), product_kg=98_000), Method(scrap="co-product"))
    made = at(calculate(catalogue, "hqaloop", Method(scrap="co-product")).total, 0)
    assert 0 < freight == pytest.approx(intensity_of(plain, "L") - made, rel=1e-9)
    assert found.footprint.alternatives["scrap"]["co-product"] == pytest.approx(plain.total, rel=1e-12)
    assert found.warnings == ()
    without = calc_batch(catalogue, cans(), Method())
    metal = sum(item.mass_kg * {"U": 0.88, "T": 0.97, "P": 0.995, "M": 0.92}[item.lot[0]] for item in without.lots)
    assert found.post_consumer_content == pytest.approx((50_000 * 0.88 + 995) / (metal + 995), rel=1e-9)


def test_the_other_treatment_of_scrap_is_the_catalogues(catalogue: Catalogue) -> None:
    """A supplier's value under cut-off says nothing about co-product: there the catalogue's burden of the metal stands."""
    trim = ChargeItem("T-2", "scrap-can-trim", 9_000, "pre-consumer")
    with_value, without = cans(dataclasses.replace(trim, footprint=claimed(0.05))), cans(trim)
    found = calc_batch(catalogue, with_value)
    plain = calc_batch(catalogue, without)
    assert found.total == pytest.approx(plain.total + 9_000 * 0.05 / 97_000, rel=1e-12)
    other = calc_batch(catalogue, without, Method(scrap="co-product")).total
    assert found.footprint.alternatives["scrap"]["co-product"] == pytest.approx(other, rel=1e-12)
    assert plain.footprint.alternatives["scrap"]["co-product"] == pytest.approx(other, rel=1e-12)
    under = dataclasses.replace(trim, footprint=claimed(3.0, scrap="co-product"))
    burdened = calc_batch(catalogue, cans(under), Method(scrap="co-product"))
    assert intensity_of(burdened, "T-2") == pytest.approx(3.0 + intensity_of(plain, "T-2"), rel=1e-12)
    assert burdened.footprint.alternatives["scrap"]["cut-off"] == pytest.approx(plain.total, rel=1e-12)


def test_trim_carries_the_stock_of_the_year_not_of_the_batch(catalogue: Catalogue) -> None:
    """What a can maker sends back was rolled before: no batch stands on its own footprint."""
    method = Method(scrap="co-product")
    stock = at(calculate(catalogue, "can-stock-3104", method).total, 0)
    collection = intensity_of(calc_batch(catalogue, cans()), "T-1")
    for batch in (cans(), cans(primary("P-2", 30_000), product_kg=127_000)):
        assert intensity_of(calc_batch(catalogue, batch, method), "T-1") == pytest.approx(stock + collection, rel=1e-12)
