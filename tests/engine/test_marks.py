"""What a result rests on: marks along amounts and factors, values set by hand, solvers that disagree."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from pcf.catalogue import Catalogue, check_paths
from pcf.engine import CrossCheck, calculate
from pcf.errors import InputError
from pcf.methods import standing
from pcf.model import Method, Settings, compose
from pcf.resources import datasets_path


def share(catalogue: Catalogue, product: str, settings: Settings | None = None, mark: str = "assumed") -> float:
    found = calculate(catalogue, product, settings=settings).evidence["source_check"]
    return found.get(mark, 0.0) / sum(found.values())


def test_a_value_set_by_hand_makes_what_follows_from_it_assumed(catalogue: Catalogue) -> None:
    # Direct current decides the power of the cells, the largest part of a coal-powered ingot.
    plain = share(catalogue, "primary-captive-coal")
    by_hand = share(
        catalogue, "primary-captive-coal", Settings({("product:primary-captive-coal", "dc_electricity"): 12900 * 3.6e3})
    )
    assert by_hand >= plain
    net = share(catalogue, "hqalight", Settings({("product:hqalight", "anode_net"): 0.412}))
    # Process CO2 of the anode, 1.47 of some 7 t, rested on a transcribed value before.
    assert net > share(catalogue, "hqalight") + 0.15


def test_evidence_sums_to_the_total_with_loops_and_without(catalogue: Catalogue) -> None:
    for product in ("primary-captive-coal", "can-stock-3104", "hqaloop"):
        for method in (Method(), Method(scrap="co-product", heat="exergy")):
            found = calculate(catalogue, product, method)
            for group in found.evidence.values():
                assert sum(group.values()) == pytest.approx(found.total, rel=1e-12)


def test_the_mark_of_a_services_amount_goes_with_it(tmp_path: Path) -> None:
    # One product, 2 kWh/t of power: the factor is read in its source, the amount is assumed; so is the emission.
    study = tmp_path / "study.yaml"
    text = """
schema: pcf/study/1
base: none
sources: [{id: s, title: A source, publisher: P, year: "2024", url: "", redistribution: own, note: ""}]
factors:
  - {id: power, name_en: power, name_zh: 电, kind: emission, value: 0.5, unit: kgCO2e/kWh, gas: "GHG, unspecified", gwp_edition: AR6,
     year: "2024", geography: CN, source: s, locator: x, source_check: source-read}
processes:
  - id: grid
    name: {en: Grid, zh: 电网}
    category: electricity
    reference: {unit: kWh, name: {en: Power, zh: 电}}
    exchanges: [{factor: power, amount: 1, unit: "1", role: energy}]
    checklist: [{flow: Power, status: included}]
  - id: step
    name: {en: Step, zh: 工序}
    stage: casting
    reference: {unit: t, name: {en: Thing, zh: 物}}
    defaults: {source: s, year: 2024, geography: CN, source_check: assumed}
    parameters: {use: {value: 2, unit: kWh/t, uncertainty: no published spread, limits: [0, 10], name: {en: Use, zh: 用电}}}
    exchanges: [{input: grid, amount: use, unit: kWh/t, role: energy}]
    checklist: [{flow: Power, status: included}]
products:
  - {id: thing, name: {en: Thing, zh: 物}, kind: alloy, standard: GB/T 24067-2024, process: step, declared_unit: {amount: 1, unit: t}}
"""
    study.write_text(text, encoding="utf-8")
    found, problems = check_paths([datasets_path()], study, "0" * 64)
    assert problems == []
    evidence = calculate(found, "thing").evidence["source_check"]
    # 2 kWh/t × 0.5 kgCO2e/kWh = 1 kg per t
    assert evidence == {"assumed": pytest.approx(0.001)}


def test_the_three_solvers_have_to_agree() -> None:
    assert CrossCheck(1.0, 1.0 + 5e-11, 1.0 + 5e-7).agrees
    assert not CrossCheck(1.0, 1.0 + 5e-10, 1.0).agrees
    assert not CrossCheck(1.0, 1.0, 1.0 + 5e-6).agrees
    assert CrossCheck(2.0, 2.0, 2.1).differences["brightway"] == pytest.approx(0.05)


def test_a_negative_amount_is_refused(catalogue: Catalogue) -> None:
    with pytest.raises(InputError, match="negative"):
        compose(catalogue, "hqalight", Method(), Settings({("product:hqalight", "dc_saving"): 30000 * 3.6e3}))


def test_standing_falls_with_the_first_value_set_by_hand(catalogue: Catalogue) -> None:
    plant = dataclasses.replace(catalogue.sites["yunnan"], standing="site-result", covers=("ingot-casting",))
    owned = dataclasses.replace(catalogue, sites={**catalogue.sites, "yunnan": plant})
    assert standing(compose(owned, "hqalight", Method(), Settings())) == "site-result"
    by_hand = Settings({("product:hqalight", "dc_electricity"): 12500 * 3.6e3})
    assert standing(compose(owned, "hqalight", Method(), by_hand)) == "model-estimate"
    other = dataclasses.replace(plant, covers=("hot-metal-delivery",))
    elsewhere = dataclasses.replace(catalogue, sites={**catalogue.sites, "yunnan": other})
    assert standing(compose(elsewhere, "hqalight", Method(), Settings())) == "model-estimate"
    shown = dataclasses.replace(plant, standing="demonstration")
    tainted = dataclasses.replace(catalogue, sites={**catalogue.sites, "yunnan": shown})
    assert standing(compose(tainted, "hqalight", Method(), by_hand)) == "demonstration"


def test_a_product_carries_only_power_that_its_site_has(catalogue: Catalogue) -> None:
    average = calculate(catalogue, "primary-shandong").total
    moved = calculate(catalogue, "hqalight", settings=Settings(sites={"hqalight": "shandong"}))
    assert moved.total == pytest.approx(average, rel=1e-12)
    scope = "product:primary-captive-coal"
    wanted = {(scope, "electricity_attribution__product"): 1.0, (scope, "electricity_attribution__site"): 0.0}
    with pytest.raises(InputError, match="retired no power"):
        compose(catalogue, "primary-captive-coal", Method(), Settings(wanted))
    for leg, message in (("contract_hydro", "of which the site has none"), ("own_coal", "own or direct renewable")):
        named = {**wanted, (scope, "attributed_supply__grid"): 0.0, (scope, f"attributed_supply__{leg}"): 1.0}
        with pytest.raises(InputError, match=message):
            compose(catalogue, "primary-captive-coal", Method(), Settings(named))


def test_a_measured_total_holds_the_low_voltage_part(catalogue: Catalogue) -> None:
    scope = "product:hqalight"
    measured = {
        (scope, "pfc_method__measured"): 1.0, (scope, "pfc_method__default"): 0.0, (scope, "cf4_measured"): 1.5e-4,
        (scope, "c2f6_measured"): 1.5e-5,
    }  # fmt: skip
    found = calculate(catalogue, "hqalight", settings=Settings(measured)).alternatives["low_voltage_pfc"]
    assert found["included"] == found["excluded"]
    plain = calculate(catalogue, "hqalight").alternatives["low_voltage_pfc"]
    assert plain["included"] > plain["excluded"]


@pytest.mark.parametrize(("year", "known"), [("2021", False), ("2030", False), ("2023", True), ("2024", True)])
def test_a_year_without_electricity_factors_is_refused(catalogue: Catalogue, year: str, known: bool) -> None:
    if known:
        compose(catalogue, "hqalight", Method(factor_year=year), Settings())
        return
    with pytest.raises(InputError, match="2023, 2024"):
        compose(catalogue, "hqalight", Method(factor_year=year), Settings())


def test_returned_trim_is_given_off_by_exactly_what_it_brings(catalogue: Catalogue) -> None:
    # The can maker buys 1 t of stock and gives back its trim. Under co-product allocation the trim carries the stock's intensity:
    # what stays in the cans, (1 - trim) × intensity, is what the stock costs under cut-off, where the trim is free.
    free, carried = (calculate(catalogue, "can-stock-3104", Method(scrap=scrap)) for scrap in ("cut-off", "co-product"))
    charge = next(iter(carried.system.charges.values()))
    level = free.solution.activity[min(free.system.charges)]
    trim = float(charge.gross["scrap-can-trim"]) * float(level)
    assert (1 - trim) * carried.total == pytest.approx(free.total, rel=1e-9)
