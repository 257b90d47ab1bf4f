"""A plant's workbook as the draft of a CBAM year: amounts by hand from the workbook, and nothing made up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from pcf.catalogue import Catalogue
from pcf.errors import InputError
from pcf.exchange import read_plant
from pcf.exchange.cbam_plant import draft_of_plant, draft_text
from pcf.exchange.plant_template import write_filled
from pcf.exchange.sample import sample_values
from pcf.methods import cbam


@pytest.fixture
def values() -> dict[str, Any]:
    return {**sample_values(), "year": 2026}


@pytest.fixture
def draft(tmp_path: Path, catalogue: Catalogue, values: dict[str, Any]) -> dict[str, Any]:
    write_filled(tmp_path / "plant.xlsx", values)
    return draft_of_plant(read_plant(tmp_path / "plant.xlsx", 2026, date(2027, 1, 2)), catalogue)


def leaves(content: Any) -> Iterator[Any]:
    if isinstance(content, dict | list):
        for item in content.values() if isinstance(content, dict) else content:
            yield from leaves(item)
    else:
        yield content


def test_amounts_are_those_of_the_workbook(draft: dict[str, Any], values: dict[str, Any]) -> None:
    smelter, recycled, foundry = draft["processes"]
    assert draft["standing"] == "demonstration"
    assert [good["tonnes"] for good in smelter["goods"]] == pytest.approx([
        sum(values["ingot_cast"]), sum(values["liquid_delivered"]), sum(values["foundry_primary"])
    ])  # fmt: skip
    anodes, butts = smelter["electrodes"]
    assert anodes["tonnes"] == pytest.approx(sum(values["anode_gross"]))
    assert anodes["carbon_content"] == pytest.approx(1 - 0.019 - 0.0045)
    assert (butts["direction"], butts["carbon_content"]) == ("out", None)
    gas = sum(values["casting_gas"]) + sum(values["ladle_gas"])
    assert smelter["fuels"][0]["amount"] == pytest.approx(gas / 1000)
    assert smelter["pfc"][0]["slope"] == {"ae_frequency": 0.03, "ae_duration": 2.1}
    assert smelter["pfc"][0]["technology"] == "PFPB_L"
    assert "Electrolysis" in smelter["pfc"][0]["source"]
    # Old profiles, cable and mixed scrap 0.88 t/t; new trim 0.19 t/t.
    assert recycled["scrap"]["pre_consumer_share"] == pytest.approx(0.19 / 1.07, rel=1e-4)
    assert recycled["precursors"] is None
    assert foundry["precursors"][0]["tonnes"] == pytest.approx(sum(values["foundry_primary"]))


def test_no_power_and_no_coal_come_along(draft: dict[str, Any]) -> None:
    names = [fuel["name"] for process in draft["processes"] for fuel in process["fuels"]]
    assert set(names) == {"Natural gas", "Fuel oil and diesel"}


def test_what_the_workbook_lacks_is_refused_until_it_is_stated(
    tmp_path: Path, catalogue: Catalogue, draft: dict[str, Any]
) -> None:
    content = draft_text(read_plant(tmp_path / "plant.xlsx", 2026, date(2027, 1, 2)), catalogue, "zh")
    path = tmp_path / "year.yaml"
    path.write_text(content, encoding="utf-8")
    assert content.startswith("# plant.xlsx 的活动数据")
    with pytest.raises(InputError, match=r"year\.yaml:\d+ .*: found nothing; expected "):
        cbam.read_installation(path)


def test_the_completed_draft_computes(tmp_path: Path, draft: dict[str, Any], values: dict[str, Any]) -> None:
    draft["operator"] = {"name": "Co.", "registration_number": "1", "address": "Road 1"}
    draft["installation"] |= {"address": "Road 1", "latitude": 25, "longitude": 102}
    for process in draft["processes"]:
        process |= {"flue_gas_treatment": [], "transfers": [], "precursors": process["precursors"] or []}
        process["outside"] |= {"scrap": 0, "off_spec": 0}
        for good in process["goods"]:
            good |= {"cn": "76012080", "other_elements": 0.02}
        for fuel in process["fuels"]:
            fuel |= {"ncv": fuel["ncv"] or 38.9, "ef": 56, "oxidation": 1, "zero_rated_share": 0}
    smelter = draft["processes"][0]
    smelter["scrap"] = {"tonnes": 0, "pre_consumer_share": 0}
    smelter["electrodes"][1]["carbon_content"] = 0.97
    smelter["pfc"][0]["collection_efficiency"] = 1
    assert None not in list(leaves(draft))
    path = tmp_path / "year.yaml"
    with path.open("w", encoding="utf-8") as file:
        YAML().dump(draft, file)
    results, _ = cbam.calc_installation(cbam.read_installation(path))
    # PFC: 0.03 × 2.1 min × 0.122 kg/t of tapped metal
    pfc = next(term for term in results["smelter"].terms if term.kind == "pfc")
    assert pfc.inputs["cf4_t"] == pytest.approx(0.03 * 2.1 * 0.122 / 1000 * sum(values["liquid_tapped"]))
    share = sum(values["foundry_primary"]) / sum(values["foundry_output"])
    assert results["foundry"].see - results["foundry"].own == pytest.approx(share * results["smelter"].see)
