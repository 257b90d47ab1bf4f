"""Closure on every basis, against an inventory that is summed a second time from the workbook's cells."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue, check_paths
from pcf.engine import at, calculate
from pcf.exchange import SAMPLE_YEAR, import_plant
from pcf.exchange.closure import BASES, ROUTES
from pcf.exchange.plant_template import write_filled
from pcf.model import Method, read_request
from pcf.resources import datasets_path
from tests.exchange import plants
from tests.exchange.recomputation import recompute

TOLERANCE = 1e-9
_numbers = itertools.count()


def bring_in(values: dict[str, Any], folder: Path) -> tuple[Path, Any, Catalogue]:
    """Write, import and load a plant."""
    number = next(_numbers)
    path, home = folder / f"plant{number}.xlsx", folder / f"data{number}"
    write_filled(path, values)
    report = import_plant(path, SAMPLE_YEAR, home)
    catalogue, problems = check_paths([datasets_path(), home], None, "0" * 64)
    assert problems == []
    return path, report, catalogue


def check_every_basis(values: dict[str, Any], folder: Path) -> Any:
    path, report, catalogue = bring_in(values, folder)
    assert len(report.closures) == len(BASES) == 36
    for item in report.closures:
        expected = recompute(path, catalogue, item.method)
        assert item.products == pytest.approx(expected, rel=TOLERANCE), item.method
        assert item.inventory == pytest.approx(expected, rel=TOLERANCE), item.method
    return report


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Any]:
    """The sample with measured PFC, and the report of its import."""
    values = plants.plant(pfc_method="measured")
    values |= {"cf4": plants.times(values["liquid_tapped"], 0.02), "c2f6": plants.times(values["liquid_tapped"], 0.002)}
    return values, bring_in(values, tmp_path_factory.mktemp("measured"))[1]


def test_the_sample_closes_on_its_cells(tmp_path: Path) -> None:
    report = check_every_basis(plants.plant(), tmp_path)
    assert set(report.closures[0].outputs) == {
        "ingot, attributed",
        "ingot",
        "liquid, attributed",
        "liquid",
        "recycled",
        "foundry",
        "dross",
    }


@pytest.mark.parametrize(
    "method", [Method(), Method(attribution="site-average"), Method(co_products="mass", heat="exergy", electricity="location")]
)
def test_the_products_that_a_user_asks_for_add_up(tmp_path: Path, method: Method) -> None:
    values = plants.plant()
    plants.powered(values, 0.3, 0.0, 0.5, heat=2.0)
    plants.attributed(values, 1.0, 1.0)
    path, report, catalogue = bring_in(values, tmp_path)
    outputs = report.closures[0].outputs
    total = dross = 0.0
    for name, (product, texts) in ROUTES.items():
        # The way of `pcf footprint PRODUCT --site NAME`: a plant without its year means the newest one.
        found, setting = read_request(catalogue, product, method, texts, site="demo-smelter")
        burden = outputs[name] * at(calculate(catalogue, found, method, setting).total, 0)
        total += burden
        if name.startswith("ingot") and method.co_products == "mass":
            dross += burden * outputs["dross"] / sum(values["ingot_cast"])
    assert total + dross == pytest.approx(recompute(path, catalogue, method), rel=TOLERANCE)


# Each example is a whole import; shrinking one would take minutes and say no more than its numbers.
@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.generate),
)
@given(
    shares=st.tuples(st.floats(0.05, 0.4), st.sampled_from([0.0, 0.1]), st.floats(0.2, 0.45)),
    coal=st.booleans(), exported=st.floats(0, 0.5), heat=st.floats(0, 3), attributed=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    sold=st.floats(0, 1), pfc=st.sampled_from(["measured", "slope", "default"]), lines=st.tuples(st.booleans(), st.booleans()),
    cans=st.floats(0, 0.3), furnace=st.sampled_from(["reverberatory", "twin_chamber", "rotary", "induction"]),
    cells=st.sampled_from(["pfpb_l", "pfpb_m", "cwpb", "swpb"]),
)  # fmt: skip
def test_any_plant_closes_on_every_basis(
    tmp_path: Path, shares: tuple[float, float, float], coal: bool, exported: float, heat: float,
    attributed: tuple[float, float], sold: float, pfc: str, lines: tuple[bool, bool], cans: float, furnace: str, cells: str,
) -> None:  # fmt: skip
    values = plants.plant(pfc_method=pfc, cell_technology=cells, recycled_furnace=furnace)
    if pfc == "measured":
        values |= {"cf4": plants.times(values["liquid_tapped"], 0.02), "c2f6": plants.times(values["liquid_tapped"], 0.002)}
    # Cans, whose lacquer burns, in place of some old profiles.
    old = values["recycled_scrap-extrusion-6063"]
    values["recycled_scrap-ubc"] = plants.times(old, cans)
    values["recycled_scrap-extrusion-6063"] = plants.times(old, 1 - cans)
    for line, kept in zip(("recycled", "foundry"), lines, strict=True):
        values = values if kept else plants.without_line(values, line)
    values["ingot_cast"] = plants.times(values["liquid_to_casting"], 1 / 1.006)
    plants.powered(values, shares[0] if coal else 0.0, shares[1], shares[2], exported, heat)
    values["own_attributes_sold"] = plants.times(values["leg_own_pv"], sold)
    plants.attributed(values, *attributed)
    check_every_basis(values, tmp_path)


CHANGES = [
    # Field, factor, and by how much the inventory has to move: mass or energy × factor, by hand from the tables.
    ("alf3", 2.0, 0.0178 * (2.0 + 500 * 0.0978 / 1000)),  # t/t × (2.0 kg/kg + 500 km × 0.0978 kg/(t·km))
    ("coal_burned", 1.1, None),
    ("foundry_scrap-wheel-chips", 1.1, None),
    ("cf4", 2.0, None),
]


@pytest.mark.parametrize(("key", "factor", "per_tonne"), CHANGES)
def test_a_changed_cell_moves_products_and_inventory_alike(
    measured: tuple[dict[str, Any], Any], tmp_path: Path, key: str, factor: float, per_tonne: float | None
) -> None:
    before, first = measured
    path, second, catalogue = bring_in({**before, key: plants.times(before[key], factor)}, tmp_path)
    moved = second.closures[0].products - first.closures[0].products
    assert moved > 0
    assert second.closures[0].products == pytest.approx(recompute(path, catalogue, second.closures[0].method), rel=TOLERANCE)
    if per_tonne is not None:
        assert moved == pytest.approx(sum(before["liquid_tapped"]) * per_tonne, rel=1e-3)


def test_a_line_reaches_its_own_product_alone(tmp_path: Path) -> None:
    """The foundry line's scrap and gas do not move can stock, packaging, recycled ingot or primary metal at the site."""
    before, after = plants.plant(), plants.plant()
    after["foundry_gas"] = plants.times(after["foundry_gas"], 1.5)
    after["foundry_scrap-wheel-chips"] = plants.times(after["foundry_scrap-wheel-chips"], 1.2)
    (_, _, first), (_, _, second) = bring_in(before, tmp_path), bring_in(after, tmp_path)
    for product in ("can-stock-3104", "packaging-recycled", "hqaloop", "hqalight", "a356.2-liquid"):
        totals = []
        for catalogue in (first, second):
            found, setting = read_request(catalogue, product, Method(), site="demo-smelter")
            totals.append(at(calculate(catalogue, found, Method(), setting).total, 0))
        assert totals[0] == totals[1], product


def test_a_setting_of_the_user_turns_the_balance_on_again(tmp_path: Path) -> None:
    _, _, catalogue = bring_in(plants.plant(), tmp_path)
    found, setting = read_request(catalogue, "a356.2", Method(), ("recycled_input=0.5",), site="demo-smelter")
    charge = calculate(catalogue, found, Method(), setting).system.charges[0]
    assert at(charge.recycled_input, 0) == pytest.approx(0.5)
    # The site's classes of scrap in the site's proportion: 0.630 to 0.159.
    assert charge.gross["scrap-wheels-a356"] / charge.gross["scrap-wheel-chips"] == pytest.approx(0.630 / 0.159, rel=1e-3)


def test_rest_and_attributed_power_make_the_supply(tmp_path: Path) -> None:
    """Attributed MWh + rest MWh = the plant's MWh, leg by leg: 60,000 t and 20,000 t at their own use per t."""
    values = plants.plant()
    _, _, catalogue = bring_in(values, tmp_path)
    site = catalogue.sites[f"demo-smelter-{SAMPLE_YEAR}"]
    supply = sum(sum(values[key]) for key in values if key.startswith("leg_"))
    potroom = supply - sum(sum(values[key]) for key in plants.USES[2:])
    liquid = sum(values["liquid_tapped"])
    ingot, delivered = sum(values["ingot_cast"]), sum(values["liquid_delivered"])
    per_ingot = (sum(values["liquid_to_casting"]) / liquid * potroom + sum(values["use_casting"])) / ingot
    per_liquid = (sum(values["liquid_dispatched"]) / liquid * potroom + sum(values["use_delivery"])) / delivered
    taken = sum(values["ingot_attributed"]) * per_ingot + sum(values["liquid_attributed"]) * per_liquid
    for leg in ("own_coal", "own_pv", "contract_hydro", "grid"):
        whole = sum(values[f"leg_{leg}"])
        rest = float(site.shares["rest_supply"][leg]) * (supply - taken)
        assert rest + (taken if leg == "contract_hydro" else 0.0) == pytest.approx(whole, rel=1e-6), leg
