"""`pcf compare`: variants, their differences, the verdict with its conditions."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.documents import checked

Call = Callable[..., Any]
STATEMENT = "for internal use; a partial footprint carries no public comparative claim"
PAIR = ("primary-yunnan", "hqalight")


def compare(pcf: Call, *arguments: str, size: int = 2000) -> dict[str, Any]:
    run = pcf("compare", *arguments, "-n", str(size), "--json")
    assert run.code == 0, run.err
    assert run.err == ""
    return checked("compare", run.out)


def total(pcf: Call, *arguments: str) -> float:
    return float(json.loads(pcf("footprint", *arguments, "--json").out)["total"]["value"])


def test_a_variant_has_the_footprint_of_the_same_settings(pcf: Call) -> None:
    made = compare(pcf, "a356.2:recycled_content=0.5,grid_mix=coal:0.2,hydro:0.8", "a356.2")
    assert made["variants"][0]["total"]["value"] == total(
        pcf, "a356.2", "--recycled-content", "0.5", "--grid-mix", "coal=0.2,hydro=0.8"
    )
    assert made["variants"][1]["total"]["value"] == total(pcf, "a356.2")


def test_differences_by_stage_sum_to_the_difference(pcf: Call) -> None:
    made = compare(pcf, *PAIR, "hqaloop")
    first = made["variants"][0]["total"]["value"]
    for item in made["variants"]:
        assert sum(item["difference_to_first"].values()) == pytest.approx(item["total"]["value"] - first, abs=1e-9)
        assert sum(item["stages"].values()) == pytest.approx(item["total"]["value"], rel=1e-9)
    for pair in made["pairs"]:
        ends = [next(item for item in made["variants"] if item["letter"] == pair[end]) for end in ("first", "second")]
        assert pair["difference"] == pytest.approx(ends[0]["total"]["value"] - ends[1]["total"]["value"], abs=1e-9)


def test_the_verdict_has_its_conditions_and_ends_with_the_statement(pcf: Call) -> None:
    run = pcf("compare", *PAIR, "-n", "2000")
    assert run.code == 0
    assert run.out.rstrip().endswith(STATEMENT)
    assert "B is lower than A" in run.out
    made = compare(pcf, *PAIR)
    (pair,) = made["pairs"]
    assert pair["verdict"]["id"] == "higher"
    assert pair["spread"]["interval"]["low"] > 0
    assert made["statement"] == STATEMENT


def test_the_statement_stands_in_chinese_too(pcf: Call) -> None:
    run = pcf("--lang", "zh", "compare", *PAIR, "-n", "2000")
    assert run.out.rstrip().endswith("不得用于公开的比较声明")


def test_a_variant_is_the_same_as_itself_draw_by_draw(pcf: Call) -> None:
    (pair,) = compare(pcf, "hqalight", "hqalight")["pairs"]
    assert pair["verdict"]["id"] == "same"
    assert pair["spread"]["standard_deviation"] == 0
    assert pair["difference"] == 0


def test_the_same_twice_has_no_picture_of_a_difference(pcf: Call, tmp_path: Path) -> None:
    run = pcf("compare", "hqalight", "hqalight", "-n", "2000", "--chart", str(tmp_path / "a.svg"), "--picture", "difference")
    assert run.code == 2 and "the same in every draw" in run.err and not (tmp_path / "a.svg").exists()


def test_each_row_of_a_table_has_what_its_own_variant_rests_on(pcf: Call, tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    assert pcf("compare", "a356.2:recycled_content=0.5", "hqalight", "-n", "2000", "--out", str(table)).code == 0
    with table.open(encoding="utf-8-sig") as file:
        first, second = csv.DictReader(file)
    assert first["changes"] == "recycled_content = 0.5" and second["changes"] == ""
    alone = compare(pcf, "hqalight", "hqaloop")["variants"][0]["evidence"]["source_check"]
    assert f"{100 * alone['assumed']:.0f} % assumed" in second["evidence"]
    assert first["evidence"] != second["evidence"] and first["method"] == second["method"]


def test_a_difference_smaller_than_its_spread_is_not_claimed(pcf: Call) -> None:
    pair = compare(pcf, "a356.2:recycled_content=0.74", "a356.2-liquid:recycled_content=0.7385", size=4000)["pairs"][0]
    assert pair["spread"]["interval"]["low"] < 0 < pair["spread"]["interval"]["high"]
    assert pair["verdict"]["id"] == "undecided"
    assert "cannot be told apart" in pair["verdict"]["text"]


def test_choices_that_turn_the_sign_are_named(pcf: Call) -> None:
    made = compare(pcf, "hqalight", "primary-captive-coal", "hqaloop", "a356.2")
    for pair in made["pairs"]:
        turned = {
            (entry["choice"], entry["option"]) for entry in pair["envelope"] if entry["difference"] * pair["difference"] < 0
        }
        assert {(entry["choice"], entry["option"]) for entry in pair["against"]} == turned
        assert pair["holds_under_every_choice"] == (not turned)
        if turned and pair["verdict"]["id"] in ("lower", "higher"):
            assert "It turns round under" in pair["verdict"]["text"]


def test_the_envelope_is_that_of_the_footprints(pcf: Call) -> None:
    (pair,) = compare(pcf, *PAIR)["pairs"]
    found = {(entry["choice"], entry["option"]): entry["difference"] for entry in pair["envelope"]}
    by_location = [total(pcf, name, "--electricity", "location") for name in PAIR]
    assert found["electricity_basis", "location"] == pytest.approx(by_location[0] - by_location[1], abs=1e-9)


def test_different_methods_are_refused_and_if_allowed_marked_everywhere(pcf: Call, tmp_path: Path) -> None:
    names = ("hqaloop", "hqaloop:scrap=co-product")
    run = pcf("compare", *names)
    assert (run.code, run.out) == (2, "")
    assert "scrap: cut-off / co-product" in run.err
    assert len(run.err.splitlines()) == 1
    made = compare(pcf, *names, "--allow-mixed")
    assert made["mixed"] == ["scrap"]
    assert made["pairs"][0]["verdict"]["id"] == "mixed"
    assert made["pairs"][0]["probability_lower"] is None
    table, picture = tmp_path / "mixed.csv", tmp_path / "mixed.svg"
    run = pcf("compare", *names, "--allow-mixed", "-n", "2000", "--out", str(table), "--chart", str(picture))
    assert "DIFFERENT METHODS" in run.out
    assert "MIXED METHODS" in table.read_text(encoding="utf-8-sig")
    assert picture.stat().st_size > 1000


def test_a_pair_of_one_method_is_ranked_beside_another_method(pcf: Call) -> None:
    made = compare(pcf, "hqalight", "hqaloop", "hqaloop:scrap=co-product", "--allow-mixed")
    assert [pair["verdict"]["id"] for pair in made["pairs"]] == ["higher", "mixed", "mixed"]


def test_another_boundary_is_another_method(pcf: Call) -> None:
    run = pcf("compare", "hqalight", "a356.2", "--boundary", "gate-to-gate")
    assert run.code == 2  # each product's own step: two boundaries
    assert "steps" in run.err


def test_an_infeasible_charge_is_never_ranked(pcf: Call, tmp_path: Path) -> None:
    bad = "a356.2:recycled_content=0.95,post_consumer_share=0"
    made = compare(pcf, bad, "a356.2")
    if made["variants"][0]["feasible"]:
        pytest.skip("the data have become such that this charge can be made")
    (pair,) = made["pairs"]
    assert pair["verdict"]["id"] == "infeasible"
    assert pair["probability_lower"] is None
    assert "not ranked" in pair["verdict"]["text"]
    run = pcf("compare", bad, "a356.2", "-n", "2000", "--chart", str(tmp_path / "a.svg"), "--picture", "waterfall")
    assert run.code == 2
    assert not (tmp_path / "a.svg").exists()


def test_draws_that_cannot_be_made_do_not_count(pcf: Call) -> None:
    made = compare(pcf, "a356.2", "a356.2:recycled_content=0.6", size=4000)
    (pair,) = made["pairs"]
    shares = [item["infeasible_share"] for item in made["variants"]]
    assert 0 < pair["feasible_share"] <= 1 - max(shares)
    assert pair["spread"]["draws"] == round(pair["feasible_share"] * 4000)
    assert "Only draws in which both charges meet the limits" in pair["verdict"]["text"]


def test_the_same_seed_gives_the_same_document_on_two_workers(pcf: Call) -> None:
    arguments = ("compare", *PAIR, "-n", "70000", "--seed", "3", "--json")
    assert pcf(*arguments).out == pcf(*arguments, "--workers", "2").out


def test_a_file_of_runs_gives_variants(pcf: Call, tmp_path: Path) -> None:
    file = tmp_path / "variants.yaml"
    file.write_text(
        "schema: pcf/study/1\nid: variants\nname: {en: Variants, zh: 方案}\nruns:\n"
        "  - {label: as it is, product: a356.2}\n"
        "  - {label: more scrap, product: a356.2, set: {recycled_content: 0.9}}\n",
        encoding="utf-8",
    )
    made = compare(pcf, "--file", str(file))
    assert [item["label"] for item in made["variants"]] == ["as it is", "more scrap"]
    assert made["variants"][1]["total"]["value"] == total(pcf, "a356.2", "--recycled-content", "0.9")
    assert compare(pcf, "hqalight", "--file", str(file))["variants"][0]["label"] == "hqalight"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_table_of_scenarios_gives_a_variant_a_column(pcf: Call, tmp_path: Path, form: str) -> None:
    rows = [["parameter", "low", "base", "high"], ["recycled_content", "0.6", "", "0.9"], ["grid_mix", "coal", "", "hydro"]]
    file = tmp_path / f"scenarios.{form}"
    if form == "csv":
        with file.open("w", encoding="utf-8", newline="") as target:
            csv.writer(target).writerows(rows)
    else:
        from openpyxl import Workbook

        book = Workbook()
        for row in rows:
            book.worksheets[0].append([float(cell) if cell.replace(".", "").isdigit() else cell or None for cell in row])
        book.save(file)
    made = compare(pcf, "a356.2", "--scenarios", str(file))
    assert [item["label"] for item in made["variants"]] == ["a356.2 · low", "a356.2 · base", "a356.2 · high"]
    assert made["variants"][1]["total"]["value"] == total(pcf, "a356.2")
    expected = total(pcf, "a356.2", "--recycled-content", "0.9", "--grid-mix", "hydro")
    assert made["variants"][2]["total"]["value"] == expected


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("low,high\n1,2\n", "no table of scenarios"),
        ("parameter,low,low\nrecycled_content,0,1\n", "one name twice"),
        ("parameter,low,high\n,0,1\n", "a row without a parameter"),
        ("parameter,low,high\nrecycled_content,0,7\n", "7"),
        ("parameter,low,high\nno_such,0,1\n", "an unknown name"),
        ("", "no table of scenarios"),
    ],
)
def test_a_bad_table_of_scenarios_is_refused_in_one_line(pcf: Call, tmp_path: Path, content: str, found: str) -> None:
    file = tmp_path / "scenarios.csv"
    file.write_text(content, encoding="utf-8")
    run = pcf("compare", "a356.2", "--scenarios", str(file))
    assert (run.code, run.out) == (2, "")
    assert found in run.err
    assert len(run.err.splitlines()) == 1


def test_a_hostile_workbook_is_refused_in_one_line(pcf: Call, tmp_path: Path) -> None:
    file = tmp_path / "scenarios.xlsx"
    file.write_bytes(b"PK\x03\x04 nothing of the kind")
    run = pcf("compare", "a356.2", "--scenarios", str(file))
    assert run.code == 2
    assert len(run.err.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("hqalight",),
        (),
        ("hqalight", "no-such"),
        ("hqalight", "hqaloop", "-n", "0"),
        ("hqalight", "hqaloop:x"),
        ("hqalight", "hqaloop:dc_electricity=13000=1"),
        ("hqalight", "hqaloop", "--out", "somewhere.txt"),
        ("hqalight", "hqaloop", "--chart", "no-folder/a.svg"),
        ("hqalight", "hqaloop", "hqaloop", "--picture", "waterfall", "--chart", "a.svg"),
    ],
)
def test_bad_usage_is_one_line(pcf: Call, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = pcf("compare", *arguments)
    assert (run.code, run.out) == (2, "")
    assert len(run.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_files_are_not_written_over_unasked(pcf: Call, tmp_path: Path) -> None:
    file = tmp_path / "result.json"
    file.write_text("mine", encoding="utf-8")
    run = pcf("compare", *PAIR, "-n", "100", "--out", str(file))
    assert run.code == 2
    assert "--force" in run.err
    assert file.read_text(encoding="utf-8") == "mine"
    assert pcf("compare", *PAIR, "-n", "100", "--out", str(file), "--force").code == 0
    checked("compare", file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("picture", ["stages", "waterfall", "difference", "distributions"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_picture_is_drawn(pcf: Call, tmp_path: Path, picture: str, lang: str) -> None:
    file = tmp_path / "picture.svg"
    run = pcf("--lang", lang, "compare", *PAIR, "-n", "2000", "--picture", picture, "--chart", str(file))
    assert run.code == 0, run.err
    assert file.stat().st_size > 1000


def test_a_workbook_holds_variants_and_pairs(pcf: Call, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    file = tmp_path / "result.xlsx"
    assert pcf("compare", *PAIR, "-n", "2000", "--out", str(file)).code == 0
    book = load_workbook(file)
    assert book.sheetnames[:2] == ["variants", "pairs"]
    statements = [cell.value for cell in next(book["pairs"].iter_cols(min_col=book["pairs"].max_column))]
    assert str(statements[1]).endswith(STATEMENT)


@pytest.mark.parametrize("width", ["60", "80", "200"])
@pytest.mark.parametrize(
    "command",
    [
        ("compare", "a356.2", "hqaloop", "hqalight", "primary-shandong", "-n", "2000"),
        ("uncertainty", "a356.2", "-n", "2000"),
        ("sensitivity", "a356.2", "--sobol", "32", "--top", "4"),
        ("sweep", "a356.2", "--over", "recycled_content=0:1:0.05", "--over", "alloy_casting_electricity=20:60:1"),
        ("solve", "primary-shandong", "--target", "7", "--vary", "dc_electricity,grid_mix=coal:hydro"),
    ],
    ids=lambda command: command[0],
)
def test_no_number_is_cut_on_any_screen(
    pcf: Call, monkeypatch: pytest.MonkeyPatch, width: str, command: tuple[str, ...]
) -> None:  # fmt: skip
    monkeypatch.setenv("COLUMNS", width)
    run = pcf(*command)
    assert run.code == 0, run.err
    for line in run.out.splitlines():
        assert len(line.rstrip()) <= int(width)
        assert "…" not in line.replace(" … ", "   "), line  # an ellipsis between two numbers is a range
