"""A plant's year in heats: closure with its inventory, and which year stands behind a batch."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue, check_paths
from pcf.custody.batch import BatchCharge
from pcf.custody.footprint import (
    calc_batch,
    calc_batch_totals,
)
from pcf.custody.metals import ChargeItem
from pcf.custody.plant_years import choose_site
from pcf.engine import at, calculate
from pcf.errors import InputError
from pcf.exchange import SAMPLE_YEAR, import_plant
from pcf.exchange.closure import BASES, ROUTES, Closure
from pcf.exchange.plant_template import write_filled
from pcf.model import Method, read_request
from pcf.resources import datasets_path
from tests.custody.batches import PARK, PLANT, TOLERANCE
from tests.exchange import plants


@dataclasses.dataclass(frozen=True)
class Year:
    """The sample plant, imported, with its closures."""

    values: dict[str, Any]
    closures: list[Closure]
    catalogue: Catalogue


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    folder, values = tmp_path_factory.mktemp("year"), plants.plant()
    write_filled(folder / "plant.xlsx", values)
    report = import_plant(folder / "plant.xlsx", SAMPLE_YEAR, folder / "data")
    catalogue, problems = check_paths([datasets_path(), folder / "data"], None, "0" * 64)
    assert problems == []
    return Year(values, list(report.closures), catalogue)


def kilograms(values: list[float]) -> int:
    return round(1000 * sum(values))


def split(total: int, weights: tuple[int, ...]) -> list[int]:
    parts = [total * weight // sum(weights) for weight in weights[:-1]]
    return [*parts, total - sum(parts)]


def heats_of(year: Year, line: str, weights: Mapping[str, tuple[int, ...]]) -> list[BatchCharge]:
    """The line's year in heats: each material divided by weights of its own, the product by what was charged and better
    or worse yields, returns by what was charged.
    """
    values, product = year.values, ROUTES[line][0]
    beside = ("output", "primary", "returns", "gas", "flux", "dross", "furnace")
    names = [key.removeprefix(f"{line}_") for key in values if key.startswith(f"{line}_")]
    charged = {name: kilograms(values[f"{line}_{name}"]) for name in names if name not in beside}
    charged["electrolysis"] = kilograms(values[f"{line}_primary"])
    charged["return"] = kilograms(values[f"{line}_returns"])
    divided = {name: split(mass, weights.get(name, weights["other"])) for name, mass in charged.items() if mass}
    sums = tuple(sum(masses) for masses in zip(*divided.values(), strict=True))
    yields = tuple(mass * better for mass, better in zip(sums, weights.get("yields", (1,) * len(sums)), strict=True))
    made, back = split(kilograms(values[f"{line}_output"]), yields), split(charged["return"], sums)
    origins = {name: year.catalogue.processes[name].metal.origin for name in divided if name != "return"}  # type: ignore[union-attr]
    classes = {**{name: "alloying" if origin == "addition" else origin for name, origin in origins.items()}, "return": "internal"}
    return [
        BatchCharge(
            f"{line}-{number}", product, PLANT, SAMPLE_YEAR, made[number],
            tuple(ChargeItem(f"{name}-{number}", name, masses[number], classes[name]) for name, masses in divided.items() if masses[number]),
            back[number],
        )
        for number in range(len(sums))
    ]  # fmt: skip


WEIGHTS = {
    "other": (5, 9, 2, 7, 4), "yields": (103, 97, 102, 99, 100), "return": (4, 10, 2, 7, 4),
    # Heats of other mixes: more wheels here, more primary there, one without chips or cable.
    "scrap-wheels-a356": (6, 8, 2, 7, 4), "scrap-wheel-chips": (5, 12, 0, 7, 4), "electrolysis": (3, 9, 3, 7, 4),
    "scrap-wire-ec": (8, 9, 0, 7, 2), "scrap-mixed-cast": (4, 10, 3, 6, 4),
}  # fmt: skip
WHOLE = {"other": (1,)}


def burden(year: Year, heats: list[BatchCharge], method: Method) -> float:
    """Σ batch mass × batch footprint [t CO2e]."""
    totals = calc_batch_totals(year.catalogue, heats, method)
    assert max(totals) > 1.005 * min(totals), "heats of one mix prove little"
    return sum(heat.product_kg * total for heat, total in zip(heats, totals, strict=True)) / 1000


@pytest.mark.parametrize("basis", range(4), ids=lambda number: f"{BASES[number].attribution}, {BASES[number].electricity}")
def test_the_heats_of_a_year_and_its_other_outputs_are_the_plants_inventory(year: Year, basis: int) -> None:
    closure = next(item for item in year.closures if item.method == BASES[basis])
    heats = sum(burden(year, heats_of(year, line, WEIGHTS), closure.method) for line in ("foundry", "recycled"))
    others = sum(
        tonnes * closure.intensities[name] for name, tonnes in closure.outputs.items() if name not in ("foundry", "recycled")
    )
    assert heats + others == pytest.approx(closure.inventory, rel=TOLERANCE)


@given(data=st.data(), line=st.sampled_from(["foundry", "recycled"]), treatment=st.sampled_from(["cut-off", "co-product"]))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_division_of_a_lines_year_gives_its_year(year: Year, data: Any, line: str, treatment: str) -> None:
    count = data.draw(st.integers(2, 5))
    heats = heats_of(
        year, line, {name: data.draw(st.tuples(*[st.integers(1, 9)] * count)) for name in WEIGHTS if name != "yields"}
    )
    method = Method(scrap=treatment)
    product, setting = read_request(year.catalogue, ROUTES[line][0], method, site=PLANT)
    whole = at(calculate(year.catalogue, product, method, setting).total, 0)
    totals = calc_batch_totals(year.catalogue, heats, method)
    carried = sum(heat.product_kg * total for heat, total in zip(heats, totals, strict=True))
    assert carried == pytest.approx(whole * kilograms(year.values[f"{line}_output"]), rel=TOLERANCE)


def test_a_heat_of_the_years_mix_is_the_years_product(year: Year) -> None:
    (heat,) = heats_of(year, "foundry", WHOLE)
    found = calc_batch(year.catalogue, heat)
    product, setting = read_request(year.catalogue, "a356.2", Method(), site=PLANT)
    whole = calculate(year.catalogue, product, Method(), setting)
    assert found.total == pytest.approx(at(whole.total, 0), rel=1e-12)
    for key, value in whole.table.items():
        assert at(found.footprint.table[key], 0) == pytest.approx(at(value, 0), rel=1e-9), key
    charge = whole.system.charges[0]
    assert found.recycled_content == pytest.approx(at(charge.recycled_content, 0), rel=1e-12)
    assert found.post_consumer_content == pytest.approx(at(charge.post_consumer_content, 0), rel=1e-12)
    for name, options in whole.alternatives.items():
        assert found.footprint.alternatives[name] == pytest.approx(options, rel=1e-12), name


def test_standing_and_what_is_provisional(year: Year) -> None:
    (heat,) = heats_of(year, "recycled", WHOLE)
    closed = calc_batch(year.catalogue, heat)
    assert (closed.standing, closed.provisional, closed.site) == ("demonstration", False, f"{PLANT}-{SAMPLE_YEAR}")
    later = calc_batch(year.catalogue, dataclasses.replace(heat, year=SAMPLE_YEAR + 1))
    assert (later.provisional, later.total) == (True, closed.total)
    assert [dict(item.values) for item in later.warnings if item.kind == "provisional"] == [
        {"site": closed.site, "year": str(SAMPLE_YEAR + 1)}
    ]
    site = dataclasses.replace(year.catalogue.sites[closed.site], standing="site-result")
    real = dataclasses.replace(year.catalogue, sites={**year.catalogue.sites, closed.site: site})
    assert calc_batch(real, heat).standing == "site-result"
    assert calc_batch(real, dataclasses.replace(heat, product="can-stock-3104")).standing == "model-estimate"
    assert calc_batch(real, dataclasses.replace(heat, site=PARK)).standing == "model-estimate"


def test_which_site_stands_for_a_plant_in_a_year(year: Year) -> None:
    sites, own = year.catalogue.sites, f"{PLANT}-{SAMPLE_YEAR}"
    newer = dataclasses.replace(sites[own], id=f"{PLANT}-{SAMPLE_YEAR + 2}", year=SAMPLE_YEAR + 2)
    catalogue = dataclasses.replace(year.catalogue, sites={**sites, newer.id: newer})
    for asked in (PLANT, own, newer.id):
        assert choose_site(catalogue, asked, SAMPLE_YEAR) == (own, False)
        assert choose_site(catalogue, asked, SAMPLE_YEAR + 1) == (own, True)
        assert choose_site(catalogue, asked, SAMPLE_YEAR + 2) == (newer.id, False)
        assert choose_site(catalogue, asked, SAMPLE_YEAR + 9) == (newer.id, True)
        with pytest.raises(InputError, match="an earlier year"):
            choose_site(catalogue, asked, SAMPLE_YEAR - 1)
    assert choose_site(catalogue, "hongfa", 2031) == ("hongfa", False)
    with pytest.raises(InputError, match=PLANT):
        choose_site(catalogue, "demo-smeltr", SAMPLE_YEAR)


def test_what_the_model_makes_beside_a_product_is_made_at_the_batchs_plant(year: Year) -> None:
    """Trim carries can stock of the plant that is computed, as `--site` has it, not of the model's own site."""
    method = Method(scrap="co-product")
    trim = ChargeItem("T", "scrap-can-trim", 1000, "pre-consumer")
    found = calc_batch(year.catalogue, BatchCharge("H", "can-stock-3104", PLANT, SAMPLE_YEAR, 950, (trim,)), method)
    product, setting = read_request(year.catalogue, "can-stock-3104", method, site=PLANT)
    stock = at(calculate(year.catalogue, product, method, setting).total, 0)
    collection = calc_batch(year.catalogue, found.batch).lots[0].intensity
    assert found.lots[0].intensity == pytest.approx(stock + collection, rel=1e-12)
