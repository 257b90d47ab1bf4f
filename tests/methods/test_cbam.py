"""CBAM specific embedded emissions: golden cases, hand calculations, and what a file must not get away with."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import InputError
from pcf.methods import cbam
from pcf.methods.cbam import tables
from pcf.resources import datasets_path


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SOURCES = {row["id"] for row in rows_of(datasets_path() / "sources.csv")}
CHECKS = {"source-read", "transcribed", "derived", "assumed"}

Change = Callable[[dict[str, Any]], None]


def smelter() -> dict[str, Any]:
    """A smelter whose whole result is PFC: 100,000 t in CWPB cells with 0.5 anode effect minutes per cell and day."""
    return {
        "id": "smelter", "name": {"en": "Smelter"}, "route": "primary",
        "goods": [{"cn": "76011090", "name": {"en": "Ingot"}, "tonnes": 100_000, "other_elements": 0.003}],
        "outside": {"scrap": 900, "off_spec": 200, "by_products": 50}, "scrap": {"tonnes": 5000, "pre_consumer_share": 0.4},
        "electrodes": [{"name": "Anodes", "direction": "in", "tonnes": 0, "carbon_content": 0.97, "source": "scale"}],
        "fuels": [], "flue_gas_treatment": [],
        "pfc": [{
            "name": "Line 1", "technology": "CWPB", "aluminium_t": 100_000, "collection_efficiency": 1, "method": "slope",
            "slope": {"ae_minutes": 0.5}, "source": "cell control",
        }],
        "transfers": [], "precursors": [],
    }  # fmt: skip


def mill() -> dict[str, Any]:
    """A rolling mill without emissions of its own: 1,200 t of precursor for 1,000 t of sheet."""
    return {
        "id": "mill", "name": {"zh": "轧制"}, "route": "products",
        "goods": [{"cn": "76061292", "name": {"en": "Sheet"}, "tonnes": 1000, "other_elements": 0.02}],
        "outside": {"scrap": 190, "off_spec": 0, "by_products": 0}, "scrap": {"tonnes": 0, "pre_consumer_share": 0},
        "electrodes": [], "fuels": [], "flue_gas_treatment": [], "pfc": [], "transfers": [],
        "precursors": [{
            "name": "Slab", "basis": "actual", "cn": "76012030", "origin": "CN", "see": 2.0, "default_share": 0.25, "tonnes": 1200,
            "operator": "Other Co.", "installation": "Other casthouse", "period": "2026", "source": "its report",
        }],
    }  # fmt: skip


def year(*processes: dict[str, Any]) -> dict[str, Any]:
    return {
        "schema": "pcf/cbam-installation/1", "standing": "operator-data", "year": 2026,
        "operator": {"name": "Co.", "registration_number": "1", "address": "Road 1"},
        "installation": {"name": "Works", "country": "CN", "address": "Road 1", "latitude": 37.4, "longitude": 118.0},
        "processes": list(processes) or [smelter()],
    }  # fmt: skip


@pytest.fixture
def compute(tmp_path: Path) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def run(content: dict[str, Any]) -> dict[str, Any]:
        path = tmp_path / "year.json"
        path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
        installation = cbam.read_installation(path)
        results, notices = cbam.calc_installation(installation)
        return cbam.document(installation, results, notices, "en")

    return run


Compute = Callable[[dict[str, Any]], dict[str, Any]]


# --- golden cases


def test_the_slope_check_case_of_the_act(compute: Compute) -> None:
    # 0.5 min × 0.143 kg/t × 100,000 t = 7.15 t CF4; × 0.121 = 0.86515 t C2F6; 7.15 × 6630 + 0.86515 × 11100 = 57,007.665 t
    process = compute(year())["processes"][0]
    term = next(item for item in process["terms"] if item["kind"] == "pfc")
    assert term["inputs"]["cf4_t"] == pytest.approx(7.15, rel=1e-12)
    assert term["inputs"]["c2f6_t"] == pytest.approx(0.86515, rel=1e-12)
    assert term["tCO2e"] == pytest.approx(57_007.665, rel=1e-12)
    assert round(process["see"], 3) == 0.57


def test_the_steel_example_of_the_guidance_by_its_two_ends() -> None:
    # Commission guidance, example of steel products: 7,387,085 tCO2 over 4,800,000 t give 1.539; screws made of them 2.414.
    # How much steel a tonne of screws takes is not quoted there: with 1.2 t/t, 2.414 - 1.2 × 1.539 = 0.5672 t/t are its own.
    steel = cbam.calc_specific(7_387_085, 4_800_000, 0.0)
    assert round(steel, 3) == 1.539
    assert cbam.calc_specific(567.2, 1000, 1.2 * 1.539) == pytest.approx(2.414, rel=1e-12)


def test_carbon_takes_the_factor_of_the_act_and_not_that_of_a_footprint() -> None:
    assert cbam.calc_carbon_balance(100, 20) == pytest.approx(293.12, rel=1e-12)  # 80 t C × 3.664
    assert cbam.calc_carbon_balance(100, 20) != pytest.approx(80 * 44 / 12, rel=1e-4)


def test_a_fuel_and_a_reagent_by_hand() -> None:
    # 1,000 t × 40 GJ/t = 40 TJ × 75 t/TJ = 3,000 t × 0.99 = 2,970 t; a third of it zero-rated leaves 1,980 t
    assert cbam.calc_fuel(1000, 40, 75, 0.99) == pytest.approx(2970, rel=1e-12)
    assert cbam.calc_fuel(1000, 40, 75, 0.99, 1 / 3) == pytest.approx(1980, rel=1e-12)
    assert cbam.calc_reagent(200, 0.44, 0.5) == pytest.approx(44, rel=1e-12)


def test_the_current_efficiency_divides_as_a_percentage_number_and_the_record_says_its_unit(compute: Compute) -> None:
    # 45 mV, 95 %: 1.16 × 45/95 = 0.549 kg/t; by the slope 0.143 × 2.8 = 0.400 kg/t, the same order. With 0.95 it would be 55 kg/t.
    found = []
    for value, unit in ((95, "percent"), (0.95, "fraction")):
        one = smelter()
        one["pfc"][0] |= {
            "method": "overvoltage", "slope": {"ae_minutes": 2.8},
            "overvoltage": {"overvoltage_mv": 45, "current_efficiency": value, "current_efficiency_unit": unit},
        }  # fmt: skip
        made = compute(year(one))
        term = made["processes"][0]["terms"][1]
        assert made["notices"] == []
        assert term["inputs"]["current_efficiency_unit"] == unit
        assert term["inputs"]["current_efficiency_inserted_percent"] == pytest.approx(95)
        assert term["inputs"]["cf4_t_by_the_other_method"] == pytest.approx(40.04)
        found.append(term["inputs"]["cf4_t"])
    assert found == pytest.approx([54.947368421, 54.947368421], rel=1e-9)


def test_two_methods_far_apart_are_said(compute: Compute) -> None:
    one = smelter()
    one["pfc"][0] |= {
        "method": "overvoltage", "slope": {"ae_minutes": 0.05},
        "overvoltage": {"overvoltage_mv": 45, "current_efficiency": 95, "current_efficiency_unit": "percent"},
    }  # fmt: skip
    assert [item["kind"] for item in compute(year(one))["notices"]] == ["methods-differ"]


def test_frequency_times_duration_are_the_minutes_and_the_duct_divides(compute: Compute) -> None:
    one = smelter()
    one["pfc"][0] |= {"slope": {"ae_frequency": 0.1, "ae_duration": 5}, "collection_efficiency": 0.8}
    assert compute(year(one))["processes"][0]["terms"][1]["inputs"]["cf4_t"] == pytest.approx(7.15 / 0.8, rel=1e-12)


def test_a_technology_without_factors_takes_those_that_the_act_names_and_says_so(compute: Compute) -> None:
    one = smelter()
    one["pfc"][0]["technology"] = "PFPB_MW"
    made = compute(year(one))
    assert made["processes"][0]["terms"][1]["inputs"]["factors_of"] == "CWPB"
    assert [item["kind"] for item in made["notices"]] == ["instead"]
    one["pfc"][0]["own_factors"] = {"cf4_factor": 0.05, "c2f6_per_cf4": 0.1, "source": "campaign of 2025"}
    made = compute(year(one))
    assert made["processes"][0]["terms"][1]["inputs"]["cf4_t"] == pytest.approx(2.5)  # 0.5 × 0.05/1000 × 100,000
    assert made["notices"] == []


# --- precursors, scrap, floor


def test_a_precursor_counts_with_what_is_lost(compute: Compute) -> None:
    good = compute(year(mill()))["goods"][0]
    assert good["see"] == pytest.approx(2.4, rel=1e-12)  # 1,200 t / 1,000 t × 2.0, not 1.0 × 2.0
    assert good["default_share"] == pytest.approx(0.25)


def test_own_metal_comes_with_its_own_emissions_whatever_the_order_of_the_file(compute: Compute) -> None:
    one = mill()
    one["precursors"] = [{"name": "Own", "basis": "internal", "from": "smelter", "tonnes": 1500, "source": "scale"}]
    made = compute(year(one, smelter()))
    assert [item["id"] for item in made["processes"]] == ["mill", "smelter"]
    assert made["goods"][0]["see"] == pytest.approx(1.5 * 0.57007665, rel=1e-12)


def test_a_default_value_is_that_of_the_full_code_with_the_mark_up_of_the_year(compute: Compute) -> None:
    for when, see in ((2026, 3.3), (2027, 3.6), (2028, 3.9), (2031, 3.9)):  # 3.0 + 10, 20, 30 %; the last one stays
        one = mill()
        one["precursors"] = [
            {"name": "Ingot", "basis": "default", "cn": "76011090", "origin": "CN", "tonnes": 1000, "source": "invoices"}
        ]
        made = compute(year(one) | {"year": when})
        assert made["goods"][0]["see"] == pytest.approx(see, rel=1e-12)
        assert made["goods"][0]["default_share"] == pytest.approx(1)
        assert made["goods"][0]["default_values"]["of_the_year"]["with_mark_up"] == pytest.approx(4.12 * see / 3, rel=1e-12)


def test_defaults_go_by_the_longest_code() -> None:
    rows = {code: tables.default_value("CN", code) for code in ("76061292", "76071190", "76169910", "76169990")}
    assert {code: row.value for code, row in rows.items() if row} == {
        "76061292": 4.12, "76071190": 5.559, "76169910": 4.542, "76169990": 5.559
    }  # fmt: skip
    assert tables.default_value("CN", "76150000") is None
    assert tables.default_value("JP", "76011090") is None


@pytest.mark.parametrize("origin", ["DE", "NO"])
def test_metal_from_the_union_and_exempt_countries_counts_zero(compute: Compute, origin: str) -> None:
    one = mill()
    one["precursors"] = [
        {"name": "Slab", "basis": "zero-origin", "cn": "76012030", "origin": origin, "tonnes": 1200, "source": "proof of origin"}
    ]
    assert compute(year(one))["goods"][0]["see"] == 0


def test_scrap_counts_zero_and_stays_outside_the_activity_level(compute: Compute) -> None:
    process = compute(year())["processes"][0]
    assert process["activity_level_t"] == 100_000
    assert process["scrap"] == {"tonnes": 5000, "pre_consumer_share": 0.4, "tCO2e": 0.0}
    assert process["outside_activity_level_t"] == {"scrap": 900, "off_spec": 200, "by_products": 50}


def test_annex_iv_data_of_a_good(compute: Compute) -> None:
    ingot, sheet = compute(year(smelter(), mill()))["goods"]
    assert (ingot["scrap_t_per_t"], ingot["pre_consumer_share_of_scrap"]) == (pytest.approx(0.05), 0.4)
    assert ingot["other_elements_share"] is None  # 0.3 %, which is not above 1 %
    assert sheet["other_elements_share"] == 0.02
    assert sheet["pre_consumer_share_of_scrap"] is None


def test_attributed_emissions_end_at_zero_and_say_so(compute: Compute) -> None:
    one = smelter()
    one["transfers"] = [{"kind": "heat-exported", "name": "District heat", "amount": 2000, "ef": 60, "source": "meter"}]
    made = compute(year(one))
    process = made["processes"][0]
    assert process["attributed_before_floor_tCO2e"] == pytest.approx(57_007.665 - 120_000)
    assert (process["attributed_tCO2e"], process["see"]) == (0, 0)
    assert [item["kind"] for item in made["notices"]] == ["floored"]


@pytest.mark.parametrize(
    ("kind", "ef", "tonnes"),
    [("heat-imported", 60, 600), ("waste-gas-imported", 50, 500), ("waste-gas-exported", 50, -500), ("electricity-produced", 0.9, -9),
     ("co2-captured", None, -10)],
)  # fmt: skip
def test_what_crosses_the_boundary_has_its_sign(compute: Compute, kind: str, ef: float | None, tonnes: float) -> None:
    one = smelter()
    one["transfers"] = [{"kind": kind, "name": "x", "amount": 10, "source": "meter"} | ({} if ef is None else {"ef": ef})]
    assert compute(year(one))["processes"][0]["attributed_tCO2e"] == pytest.approx(57_007.665 + tonnes)


def test_terms_add_up_to_the_result(compute: Compute) -> None:
    one = smelter()
    one["electrodes"][0]["tonnes"] = 52_000
    one["fuels"] = [{
        "name": "gas", "amount": 4200, "unit": "1000 Nm3", "ncv": 38.9, "ef": 56, "oxidation": 1, "zero_rated_share": 0, "source": "m",
    }]  # fmt: skip
    for process in compute(year(one, mill()))["processes"]:
        own = sum(item["per_t"] for item in process["terms"])
        assert process["see"] == pytest.approx(own + sum(item["contribution"] for item in process["precursors"]), rel=1e-12)


@given(
    attributed=st.floats(-1e9, 1e9), level=st.floats(1, 1e9), precursors=st.floats(0, 50), more=st.floats(0, 1e6)
)  # fmt: skip
def test_more_emissions_never_give_less_and_nothing_is_below_zero(
    attributed: float, level: float, precursors: float, more: float
) -> None:
    low, high = (cbam.calc_specific(value, level, precursors) for value in (attributed, attributed + more))
    assert 0 <= precursors <= low <= high


def test_less_metal_in_than_out_is_said(compute: Compute) -> None:
    one = mill()
    one["precursors"][0]["tonnes"] = 900
    assert [item["kind"] for item in compute(year(one))["notices"]] == ["less-in-than-out"]


# --- what is refused


def _set(*path: Any, value: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        target: Any = data
        for key in path[:-1]:
            target = target[key]
        target[path[-1]] = value

    return change


def _drop(*path: Any) -> Change:
    def change(data: dict[str, Any]) -> None:
        target: Any = data
        for key in path[:-1]:
            target = target[key]
        del target[path[-1]]

    return change


SMELTER, MILL = ("processes", 0), ("processes", 1)
POT, SLAB = (*SMELTER, "pfc", 0), (*MILL, "precursors", 0)
VOLTS = {"overvoltage_mv": 45, "current_efficiency": 0.95, "current_efficiency_unit": "percent"}
REFUSED = [
    (_set("schema", value="pcf/site/1"), "schema", "pcf/cbam-installation/1"),
    (_set("year", value=2025), "year", "2026 or later"),
    (_set("surplus", value=1), "surplus", "schema, standing"),
    (_drop(*SMELTER, "fuels"), "fuels", "an empty list where there is nothing"),
    (_drop(*POT, "collection_efficiency"), "collection_efficiency", "potline"),
    (_set(*SMELTER, "goods", 0, "tonnes", value=0), "tonnes", "at least 0.001"),
    (_set(*SMELTER, "goods", 0, "tonnes", value="100"), "tonnes", "at least 0.001"),
    (_set(*SMELTER, "goods", 0, "tonnes", value=5e-324), "tonnes", "at least 0.001"),
    (_set(*POT, "collection_efficiency", value=1e-300), "collection_efficiency", "0.01 to 1"),
    (
        _set("verifier", value={"name": "V", "accreditation": "A", "date": "2027-02-30", "opinion": "O"}),
        "2027-02-30",
        "a day of the calendar",
    ),
    (_set(*SMELTER, "goods", 0, "cn", value="7601"), "cn", "eight digits"),
    (_set(*SMELTER, "goods", 0, "cn", value="76061292"), "76061292", "unwrought aluminium (7601)"),
    (_set(*SMELTER, "goods", 0, "cn", value="76020019"), "76020019", "under `scrap`"),
    (_set(*SMELTER, "goods", 0, "other_elements", value=0.07), "0.07", "not alloyed"),
    (_set(*MILL, "goods", 0, "cn", value="76151000"), "76151000", "7616"),
    (_set(*MILL, "goods", 0, "cn", value="76011090"), "76011090", "the route is products"),
    (_set(*SMELTER, "pfc", value=[]), "pfc", "one or more"),
    (_set(*SMELTER, "electrodes", value=[]), "electrodes", "one or more"),
    (_set(*SMELTER, "route", value="secondary"), "pfc", "none: the route is secondary"),
    (_drop(*POT, "slope"), "slope", "the data of the method slope"),
    (_set(*POT, "slope", value={"ae_minutes": 1, "ae_frequency": 1}), "slope", "ae_minutes, or ae_frequency and ae_duration"),
    (_set(*POT, "overvoltage", value=VOLTS), "0.95 percent", "50 to 100 in percent"),
    (_set(*POT, "overvoltage", value=VOLTS | {"current_efficiency": 95, "current_efficiency_unit": "fraction"}), "95 fraction", "0.5 to 1"),
    (_set(*SLAB, "cn", value="28182000"), "28182000", "alumina and anodes"),
    (_set(*SLAB, "origin", value="DE"), "DE", "zero-origin"),
    (_set(*SLAB, "basis", value="zero-origin"), "default_share", "no such field"),
    (_drop(*SLAB, "see"), "see", "for the basis actual"),
    (_set(*SLAB, value={"name": "x", "basis": "default", "cn": "76011090", "origin": "JP", "tonnes": 1, "source": "s"}), "JP", "default_value"),
    (_set(*SLAB, value={"name": "x", "basis": "internal", "from": "smelte", "tonnes": 1, "source": "s"}), "smelte", "smelter"),
    (_set(*SLAB, value={"name": "x", "basis": "internal", "from": "smelter", "tonnes": 2e5, "source": "s"}), "200,000 t", "100,000 t"),
    (_set(*SLAB, value={"name": "x", "basis": "internal", "from": "mill", "tonnes": 1, "source": "s"}), "mill", "smelter"),
    (_set(*MILL, "id", value="smelter"), "smelter a second time", "each id once"),
    (_set(*MILL, "transfers", value=[{"kind": "co2-captured", "name": "x", "amount": 1, "ef": 2, "source": "s"}]), "ef", "no factor"),
    (_set(*MILL, "transfers", value=[{"kind": "heat-imported", "name": "x", "amount": 1, "source": "s"}]), "ef", "a factor"),
    (_set(*MILL, "fuels", value=[{"name": "x", "amount": 1, "unit": "t", "ncv": 1, "ef": 1, "oxidation": 1, "zero_rated_share": 0.5,
      "source": "s"}]), "zero_rated_evidence", "evidence"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "found", "expected"), REFUSED, ids=[f"{item[1]}-{number}" for number, item in enumerate(REFUSED)]
)
def test_what_is_wrong_is_refused_with_place_found_and_expected(
    compute: Compute, change: Change, found: str, expected: str
) -> None:
    content = year(smelter(), mill())
    change(content)
    with pytest.raises(InputError) as refusal:
        compute(content)
    message = str(refusal.value)
    assert message.startswith("year.json")
    assert found in message
    assert expected in message


def test_processes_that_feed_each_other_are_refused(compute: Compute) -> None:
    one, other = mill(), mill() | {"id": "foil"}
    one["precursors"] = [{"name": "x", "basis": "internal", "from": "foil", "tonnes": 1, "source": "s"}]
    other["precursors"] = [{"name": "x", "basis": "internal", "from": "mill", "tonnes": 1, "source": "s"}]
    with pytest.raises(InputError, match="circle"):
        compute(year(one, other))


# --- tables


def test_every_row_of_the_tables_has_its_source_and_marks() -> None:
    for name, columns in tables.COLUMNS.items():
        assert {"source", "locator", "source_check", "note", "year"} <= set(columns)
        for row in tables.table(name):
            assert row["source"] in SOURCES, (name, row)
            assert row["source_check"] in CHECKS
            assert re.fullmatch(r"20\d\d", row["year"])
            assert row["locator"]
            assert row["note"] or row["source_check"] != "assumed"


def test_the_regime_keeps_its_own_potentials() -> None:
    assert tables.gwps() == {"CF4": 6630, "C2F6": 11100}


@pytest.mark.shared
def test_tables_agree_with_the_transcriptions(shared_data: Path) -> None:
    folder = shared_data / "cbam"
    origins = {"CHN": "CN", "CAN": "CA", "DZA": "DZ", "ZWE": "ZW"}
    theirs = {
        (origins[row["iso3"]], row["cn_code"]): float(row["default_direct_tco2e_per_t"])
        for row in rows_of(folder / "aluminium_default_values_IR_2025-2621_subset.csv")
        if row["iso3"] in origins
    }
    ours = {(row["origin"], row["cn"]): float(row["value"]) for row in tables.table("default_values")}
    assert ours and ours.items() <= theirs.items()
    for row in rows_of(folder / "pfc_factors_IR_2025-2547_AnnexII_B7.csv"):
        if row["technology"] != "PFPB_MW":
            found = tables.pfc_factors(row["method"], row["technology"])
            assert found is not None
            assert (found.cf4_factor, found.c2f6_per_cf4) == (float(row["cf4_factor"]), float(row["c2f6_weight_fraction"]))
    for row in rows_of(folder / "gwp_IR_2025-2547_AnnexII_G.csv"):
        if row["gas"] in tables.gwps():
            assert tables.gwps()[row["gas"]] == float(row["gwp_tco2e_per_t"])
