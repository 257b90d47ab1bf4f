"""`pcf explain` and `pcf source`: formulas, numbers, rows and what is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pcf.catalogue import Catalogue

Call = Callable[..., Any]


def walk(branch: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield branch
    for item in branch["branches"]:
        yield from walk(item)


def flat(out: str) -> str:
    """The tree without its lines, wrapped sentences joined."""
    return re.sub(r"\s+", " ", re.sub(r"[│├└─]+", " ", out))


def test_a_formula_stands_with_its_names_its_numbers_and_its_result(pcf: Call) -> None:
    out = flat(pcf("explain", "hqalight", "electrolysis", "--depth", "1").out)
    found = re.search(
        r"ac_electricity = \(dc_electricity - dc_saving \+ inert_anode_share \* inert_anode_electricity\) / rectifier_efficiency "
        r"\+ auxiliary_electricity = \(([\d.]+) kWh/t - ([\d.]+) kWh/t \+ ([\d.]+) \* ([\d.]+) kWh/t\) / ([\d.]+) "
        r"\+ ([\d.]+) kWh/t = ([\d.]+) kWh/t", out,
    )  # fmt: skip
    assert found
    direct, saving, share, more, efficiency, auxiliaries, result = map(float, found.groups())
    assert (direct - saving + share * more) / efficiency + auxiliaries == pytest.approx(result, rel=1e-4)


def test_every_value_has_its_source_its_row_and_its_note(pcf: Call, catalogue: Catalogue) -> None:
    out = flat(pcf("explain", "hqalight", "electrolysis", "--depth", "2").out)
    row = next(iter(catalogue.factors["electricity-cn-hydro"].values()))
    assert catalogue.sources["mee-cf24"]["url"] in out
    assert "electricity-cn-hydro" in out
    assert re.search(r"factors/electricity\.csv:\d+", out)
    assert re.search(r"processes/electrolysis\.yaml:\d+", out)
    assert f"note: {row.quantity.marks.note.split('.')[0]}" in out


def test_shares_are_among_the_values_with_their_marks(pcf: Call) -> None:
    tree = json.loads(pcf("explain", "hqalight", "--json", "--depth", "10").out)
    shares = [row for branch in walk(tree) for row in branch["sources"] if row["name"] == "electricity_supply"]
    assert shares
    assert all(row["source_check"] for row in shares)
    own = [row for branch in walk(tree) for row in branch["sources"] if row["name"] == "attributed_supply"]
    assert own[0]["value"] == {"contract_hydro": 1}
    assert own[0]["note"]
    item = json.loads(pcf("footprint", "primary-yunnan", "--json").out)["parameters"]["electricity_supply"]
    assert item["source"] in json.loads(pcf("footprint", "primary-yunnan", "--json").out)["references"]
    assert item["locator"] and item["source_check"]


def test_what_is_left_out_is_summed(pcf: Call) -> None:
    tree = json.loads(pcf("explain", "hqalight", "--json", "--depth", "1", "--at-least", "0.05").out)
    rest = tree["tCO2e_per_t"] - sum(item["tCO2e_per_t"] for item in tree["branches"])
    out = flat(pcf("explain", "hqalight", "--depth", "1", "--at-least", "0.05").out)
    assert f"more, {rest:.3f} tCO2e/t together" in out


def test_one_branch_opens_alone(pcf: Call) -> None:
    whole = json.loads(pcf("explain", "hqalight", "--json", "--depth", "40").out)
    part = json.loads(pcf("explain", "hqalight", "electrolysis", "--json").out)
    assert part["label"].startswith("electrolysis@")
    same = next(branch for branch in walk(whole) if branch["label"] == part["label"])
    assert part["tCO2e_per_t"] == same["tCO2e_per_t"]
    by_name = json.loads(pcf("explain", "hqalight", "预焙槽电解", "--json").out)
    assert by_name["label"] == part["label"]
    assert pcf("explain", "hqalight", "alumina").code == 0  # a stage


def test_the_tree_stands_under_the_same_heading_as_the_result(pcf: Call) -> None:
    heading = pcf("footprint", "hqalight", "--td", "none").out.split("\n \n")[0].splitlines()[:7]
    out = pcf("explain", "hqalight", "--td", "none", "--depth", "1").out
    for line in heading[1:6]:
        assert line.strip() in out
    assert "a line holds all lines under it" in out


def test_a_source_shows_everything_that_rests_on_it(pcf: Call, catalogue: Catalogue) -> None:
    found = json.loads(pcf("source", "mee-cf24", "--json").out)
    rows = {
        row.id for years in catalogue.factors.values() for row in years.values() if row.quantity.marks.source == "mee-cf24"
    }  # fmt: skip
    assert rows
    assert {item["name"] for item in found["values"] if item["kind"] == "factor"} == rows
    out = pcf("source", "MEE-CF24").out
    for word in ("electricity-cn-hydro", found["url"], found["redistribution"]):
        assert word in out
    assert any(item["kind"] == "site" for item in json.loads(pcf("source", "hongqiao-action-25", "--json").out)["values"])
    listed = json.loads(pcf("source", "--json").out)
    assert {row["id"] for row in listed} == set(catalogue.sources)
    assert "mee-cf24" in pcf("source").out
