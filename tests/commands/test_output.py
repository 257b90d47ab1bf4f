"""What is printed: at every width whole numbers, the method, the site and every change by name, in both languages."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from pcf.text import text
from pcf.views.figures import decimals_of, percent, tonnes

Call = Callable[..., Any]
WIDTHS = (60, 80, 100, 120)


def width(line: str) -> int:
    """Columns of a line on a screen; Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in line)


def document(pcf: Call, *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(pcf("footprint", *arguments, "--json").out)
    return found


@pytest.mark.parametrize(
    ("value", "shown"), [(0, "–"), (19.061, "19.06"), (0.6314, "0.631"), (123.45, "123.5"), (-0.2, "-0.200")]
)
def test_three_digits_and_at_most_three_decimals(value: float, shown: str) -> None:
    assert tonnes(value) == shown


def test_a_table_has_one_number_of_decimals_and_a_small_share_shows() -> None:
    assert decimals_of(6.9) == 2
    assert tonnes(0.0004, 2) == "0.00"
    assert percent(0.001) == "<1 %"
    assert percent(0.5, "zh") == "50%"


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_number_and_no_name_is_cut_at_any_width(
    pcf: Call, monkeypatch: pytest.MonkeyPatch, columns: int, language: str
) -> None:
    item = document(pcf, "a356.2", "--scrap", "co-product")
    monkeypatch.setenv("COLUMNS", str(columns))
    out = pcf("--lang", language, "footprint", "a356.2", "--scrap", "co-product", "--full").out
    assert max(map(width, out.splitlines())) <= columns
    table = out.split(text("heading.alternatives", language))[0]
    decimals = decimals_of(item["total"]["value"])
    for row in item["matrix"].values():
        for value in (*row.values(), sum(row.values())):
            assert tonnes(value, decimals) in table
    assert "…" not in table
    for name in item["parameters"]:
        if item["parameters"][name]["scope"] == "a356.2":
            assert name in out


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_overview_shows_every_product_and_total_at_any_width(
    pcf: Call, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    names = ("hqalight", "primary-captive-coal", "hqaloop", "packaging-recycled", "a356.2")
    monkeypatch.setenv("COLUMNS", str(columns))
    found = json.loads(pcf("footprint", *names, "--json").out)
    out = pcf("footprint", *names).out
    overview = out[out.index("Overview") :]
    assert max(map(width, overview.splitlines())) <= columns
    decimals = decimals_of(max(item["total"]["value"] for item in found))
    for item in found:
        assert item["product"]["id"] in overview
        assert f" {tonnes(item['total']['value'], decimals)}" in overview
        if item["headline"]["with_low_voltage_pfc"]:
            assert tonnes(item["headline"]["with_low_voltage_pfc"], decimals) in overview


def test_both_headline_values_stand_in_the_first_line(pcf: Call) -> None:
    without = document(pcf, "hqalight")
    included = document(pcf, "hqalight", "--low-voltage-pfc", "included")
    pair = without["headline"]
    assert pair["without_low_voltage_pfc"] == pytest.approx(without["total"]["value"])
    assert pair["with_low_voltage_pfc"] == pytest.approx(included["total"]["value"])
    assert included["headline"] == pytest.approx(pair)
    shown = f"{tonnes(pair['without_low_voltage_pfc'])} tCO2e/t without / {tonnes(pair['with_low_voltage_pfc'])} tCO2e/t with"
    assert shown in pcf("footprint", "hqalight").out
    assert document(pcf, "anode")["headline"] == {"without_low_voltage_pfc": None, "with_low_voltage_pfc": None}
    measured = document(
        pcf, "hqalight", "--set", "pfc_method=measured", "--set", "cf4_measured=0.03kg/t", "--set", "c2f6_measured=0.003kg/t"
    )
    assert measured["headline"]["with_low_voltage_pfc"] is None


def test_every_value_set_by_hand_is_shown_beside_its_default(pcf: Call) -> None:
    arguments = ("hqalight", "--set", "dc_saving=600kWh/t", "--set", "shandong.alumina_electricity=0.25MWh/t")
    item, base = document(pcf, *arguments), document(pcf, "hqalight")
    found = {change["name"]: change for change in item["changes"]}
    assert set(found) == {"dc_saving", "shandong.alumina_electricity"}
    assert found["dc_saving"] | {"reaches": []} == {
        "name": "dc_saving", "scope": "hqalight", "value": 600, "unit": "kWh/t", "default": 0, "default_origin": "process default",
        "reaches": [],
    }  # fmt: skip
    assert found["dc_saving"]["reaches"] == ["electrolysis@hqalight"]
    assert found["shandong.alumina_electricity"]["value"] == pytest.approx(250)
    assert found["shandong.alumina_electricity"]["default"] == base["parameters"]["shandong.alumina_electricity"]["value"]
    assert item["parameters"]["dc_saving"]["origin"] == "user"
    assert base["changes"] == []
    out = pcf("footprint", *arguments).out
    assert "dc_saving = 600 kWh/t (else 0 kWh/t)" in out
    assert "shandong.alumina_electricity = 250 kWh/t" in out
    assert "dc_saving = 600 kWh/t" in pcf("explain", *arguments, "--depth", "1").out


def test_a_change_that_reaches_nothing_says_so(pcf: Call) -> None:
    # Scrap free of burden does not ask what the power of the scrap's generator is.
    item = document(pcf, "hqalight", "--set", "ae_duration=2min")
    assert item["changes"][0]["reaches"] == []
    assert "moves nothing" in pcf("footprint", "hqalight", "--set", "ae_duration=2min").out


def test_a_charge_setting_stands_beside_what_the_charge_had(pcf: Call) -> None:
    base = document(pcf, "a356.2")["charge"]
    change = document(pcf, "a356.2", "--recycled-content", "50%")["changes"][0]
    assert change["name"] == "recycled_content"
    assert change["value"] == pytest.approx(0.5)
    assert change["default"] == pytest.approx(base["recycled_content"])
    assert any("alloy-casting" in step for step in change["reaches"])


def test_a_hypothetical_mix_is_called_one_and_says_what_it_reaches(pcf: Call) -> None:
    arguments = ("a356.2", "--grid-mix", "coal=20%,hydro=80%")
    change = document(pcf, *arguments)["changes"][0]
    assert change["name"] == "grid_mix"
    assert change["value"] == pytest.approx({"coal": 0.2, "hydro": 0.8})
    assert not any(step.startswith("electrolysis@") for step in change["reaches"])
    own = document(pcf, "primary-shandong", "--grid-mix", "hydro")["changes"][0]
    assert {"electrolysis@primary-shandong", "alumina-bayer@primary-shandong"} <= set(own["reaches"])
    assert "HYPOTHETICAL" in pcf("footprint", *arguments).out
    assert "HYPOTHETICAL" in pcf("footprint", *arguments, "hqalight").out.split("Overview")[1]
    assert "假设的电力构成" in pcf("--lang", "zh", "footprint", *arguments).out
    assert "HYPOTHETICAL" not in pcf("footprint", "a356.2", "--grid-mix", "site").out


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        (("--td", "none"), "Transmission and distribution: none"), (("--electricity", "location"), "Electricity basis: by location"),
        (("--gwp", "ar5"), "GWP100: AR5"), (("--scrap", "co-product"), "Scrap burden: co-product"),
        (("--attribution", "site-average"), "Electricity attribution: site average"), (("--cut-off", "1%"), "at most 1 % each"),
        (("--heat", "exergy"), "Heat and power: by exergy"), (("--co-products", "mass"), "by mass"),
    ],
)  # fmt: skip
def test_every_choice_that_is_not_the_default_is_named(pcf: Call, option: tuple[str, str], shown: str) -> None:
    line = next(line for line in pcf("footprint", "hqalight", *option).out.splitlines() if line.startswith("Method"))
    assert "NOT the default" in line
    assert shown in line
    assert "default choices throughout" in pcf("footprint", "hqalight").out


def test_a_result_names_its_site_its_data_year_and_its_factor_years(pcf: Call) -> None:
    item = document(pcf, "hqalight")
    assert item["site"]["id"] == "yunnan"
    assert item["site"]["geography"] == "CN-Yunnan"
    assert set(item["provenance"]["factor_years"].values()) >= {max(item["provenance"]["factor_years"].values())}
    out = pcf("footprint", "hqalight").out
    assert f"(yunnan), CN-Yunnan; data of {item['site']['data_year']}" in out
    moved = document(pcf, "hqalight", "--site", "SHANDONG")
    assert moved["site"]["id"] == "shandong"
    assert moved["changes"][0] | {"reaches": []} == {
        "name": "site", "scope": "hqalight", "value": "shandong", "unit": "", "default": "yunnan",
        "default_origin": "product default", "reaches": [],
    }  # fmt: skip
    assert document(pcf, "primary-group")["site"] is None
    old = document(pcf, "hqalight", "--year", "2023")
    assert "2023" in old["provenance"]["factor_years"].values()
    assert all(year != "2023" for year in old["provenance"]["other_years"].values())


def test_a_partial_result_claims_no_alignment(pcf: Call) -> None:
    whole, part = document(pcf, "hqalight"), document(pcf, "hqalight", "--boundary", "scope-1-2")
    assert whole["alignment"]["claimed"]
    assert not part["alignment"]["claimed"]
    out = pcf("footprint", "hqalight", "--boundary", "scope-1-2").out
    assert "Aligned with" not in out
    assert "no alignment" in out
    assert "direct and purchased energy" in out
    assert "Aligned with GB/T 44905-2024." in pcf("footprint", "hqalight").out


def test_checks_bear_names_for_people_and_ids_for_programs(pcf: Call) -> None:
    item = document(pcf, "a356.2")
    for check in item["checks"]:
        assert check["clause"] == ""
        assert check["mark"] in {"source-read", "transcribed", "derived", "assumed"}
    for language in ("en", "zh"):
        out = pcf("--lang", language, "footprint", "a356.2", "--full").out
        for check in item["checks"]:
            assert text(f"check-name.{check['id']}", language) in out
        assert not re.search(r"\bA-\d\d\b", out)


def test_choices_that_move_nothing_are_left_out(pcf: Call) -> None:
    item = document(pcf, "hqaloop")
    same = [name for name, options in item["alternatives"].items() if max(options.values()) == min(options.values())]
    assert "low_voltage_pfc" in same
    table = pcf("footprint", "hqaloop").out.split("Under other choices")[1].split("Checks")[0]
    assert "Low-voltage PFC" not in table
    assert "Scrap burden" in table


def test_recycled_content_is_the_sum_of_its_parts(pcf: Call) -> None:
    charge = document(pcf, "hqaloop")["charge"]
    assert charge["recycled_content"] == pytest.approx(charge["post_consumer_content"] + charge["pre_consumer_content"])
    assert charge["basis"] == "metal, F13"
    shown = {name: f"{100 * charge[name]:.1f}" for name in ("recycled_content", "post_consumer_content", "pre_consumer_content")}
    expected = (
        f"Recycled content {shown['recycled_content']} % = post-consumer {shown['post_consumer_content']} % + "
        f"pre-consumer {shown['pre_consumer_content']} %"
    )
    assert expected in pcf("footprint", "hqaloop").out


def test_chinese_output_has_chinese_names_and_punctuation(pcf: Call) -> None:
    out = pcf("--lang", "zh", "footprint", "hqaloop", "a356.2", "--full").out
    for wrong in ("electrolysis ", "energy分摊", "tetrafluoromethane", "转录", "目录数据", " %"):
        assert wrong not in out.split("Information")[0].replace("10 %）", "")
    for right in ("四氟化碳（CF4）", "数据收集期", "按能量", "电解", "再生含量", "按金属量计"):
        assert right in out


def test_results_of_different_methods_are_not_ranked(pcf: Call, tmp_path: Any) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(
        "schema: pcf/study/1\nruns:\n  - {product: anode}\n  - {product: anode, method: {gwp: AR5}}\n", encoding="utf-8"
    )
    assert "These results follow different methods" in pcf("run", str(path)).out


def test_an_infeasible_charge_is_marked_in_the_overview(pcf: Call) -> None:
    arguments = ("a356.2", "anode", "--set", "scrap_wheels_a356__fe=0.004")
    run = pcf("footprint", "a356.2", "--set", "scrap_wheels_a356__fe=0.004", "--json")
    assert any(check["id"] == "charge-feasible" and check["status"] == "fail" for check in json.loads(run.out)["checks"])
    assert pcf("footprint", *arguments).code == 2  # the anode has no scrap
    out = pcf("footprint", "a356.2", "a356.2-liquid", "--set", "scrap_wheels_a356__fe=0.004").out.split("Overview")[1]
    assert "a356.2 †" in out
    assert "† The charge does not meet" in out
