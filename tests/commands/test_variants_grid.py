"""`pcf sweep` and `pcf solve`."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.documents import checked

Call = Callable[..., Any]


def document(pcf: Call, command: str, *arguments: str) -> dict[str, Any]:
    run = pcf(command, *arguments, "--json")
    assert run.code == 0, run.err
    assert run.err == ""
    return checked(command, run.out)


def total(pcf: Call, *arguments: str) -> float:
    return float(json.loads(pcf("footprint", *arguments, "--json").out)["total"]["value"])


def test_every_point_is_the_footprint_with_those_settings(pcf: Call) -> None:
    made = document(pcf, "sweep", "a356.2", "--over", "recycled_content=0.5:0.9:0.2", "--over", "grid_mix=coal:hydro:3")
    assert [axis["kind"] for axis in made["axes"]] == ["number", "shares"]
    assert made["axes"][0]["points"] == [0.5, 0.7, 0.9]
    for row, content in enumerate(("0.5", "0.7", "0.9")):
        for column, mix in enumerate(("coal", "coal=0.5,hydro=0.5", "hydro")):
            expected = total(pcf, "a356.2", "--recycled-content", content, "--grid-mix", mix)
            assert made["total"][row][column] == pytest.approx(expected, rel=1e-10)
    assert made["hypothetical_mix"]


def test_an_infeasible_charge_has_no_number_anywhere(pcf: Call, tmp_path: Path) -> None:
    axes = ("--over", "recycled_content=0.5:1:0.05", "--over", "post_consumer_share=0:1:0.25")
    made = document(pcf, "sweep", "a356.2", *axes)
    cells = [cell for row in made["total"] for cell in row]
    assert made["infeasible"] == {"points": cells.count(None), "of": 55}
    assert 0 < cells.count(None) < 55
    assert [cell is None for row in made["stages"]["electrolysis"] for cell in row] == [cell is None for cell in cells]
    file, picture = tmp_path / "sweep.csv", tmp_path / "sweep.svg"
    run = pcf("sweep", "a356.2", *axes, "--out", str(file), "--chart", str(picture))
    assert run.code == 0, run.err
    assert "infeasible" in run.out
    with file.open(encoding="utf-8-sig") as source:
        rows = list(csv.DictReader(source))
    assert [row["total"] == "" for row in rows] == [cell is None for cell in cells]
    assert {row["feasible"] for row in rows if row["total"] == ""} == {"False"}
    assert "Cradle to gate" in rows[0]["boundary"]
    assert picture.stat().st_size > 1000


def test_three_mixes_make_a_triangle(pcf: Call, tmp_path: Path) -> None:
    made = document(pcf, "sweep", "primary-shandong", "--over", "grid_mix=coal:hydro:solar_pv:5")
    (axis,) = made["axes"]
    assert axis["kind"] == "mixture"
    assert len(axis["shares"]) == len(made["total"]) == 15
    assert all(sum(shares) == pytest.approx(1) for shares in axis["shares"])
    picture = tmp_path / "triangle.svg"
    run = pcf("sweep", "primary-shandong", "--over", "grid_mix=coal:hydro:solar_pv:5", "--chart", str(picture))
    assert run.code == 0, run.err
    assert "HYPOTHETICAL" in run.out


@pytest.mark.parametrize(
    "over",
    [
        ("recycled_content=0:1:0.1",),
        ("grid_mix=coal:hydro:5",),
        ("silicon_origin=coal,hydro",),
        ("grid_mix=coal,hydro", "alloy_casting_electricity=20:60:20"),
        ("alloy_casting_electricity=20kWh/t,40kWh/t,60kWh/t",),
    ],
)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pictures_follow_the_axes(pcf: Call, tmp_path: Path, over: tuple[str, ...], lang: str) -> None:
    file = tmp_path / "picture.svg"
    arguments = [word for axis in over for word in ("--over", axis)]
    run = pcf("--lang", lang, "sweep", "a356.2", *arguments, "--chart", str(file))
    assert run.code == 0, run.err
    assert file.stat().st_size > 1000


def test_three_axes_have_no_picture_but_a_table(pcf: Call, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow.parquet")
    import pyarrow.parquet as parquet

    axes = (
        "--over",
        "recycled_content=0:1:0.5",
        "--over",
        "grid_mix=coal:hydro:3",
        "--over",
        "alloy_casting_electricity=20:60:20",
    )
    run = pcf("sweep", "a356.2", *axes, "--chart", str(tmp_path / "a.svg"))
    assert run.code == 2
    assert len(run.err.splitlines()) == 1
    file = tmp_path / "sweep.parquet"
    assert pcf("sweep", "a356.2", *axes, "--out", str(file)).code == 0
    table = parquet.read_table(file)
    assert table.num_rows == 27
    assert table.column_names[:4] == ["recycled_content", "grid_mix coal", "grid_mix hydro", "alloy_casting_electricity [kWh/t]"]
    assert b"Cradle to gate" in table.schema.metadata[b"pcf boundary"]


@pytest.mark.parametrize(
    ("over", "found"),
    [
        ("recycled_content=0:1:0.000000000001", "points"),
        ("recycled_content=0:1:0", "step"),
        ("recycled_content=1:0:0.1", "from below to"),
        ("recycled_content=0:2:0.5", "2"),
        ("recycled_content", "no name or no values"),
        ("no_such=0:1:0.1", "an unknown name"),
        ("grid_mix=coal:hydro", "three parts"),
        ("grid_mix=coal:hydro:1", "count"),
    ],
)
def test_a_bad_axis_is_refused_in_one_line(pcf: Call, over: str, found: str) -> None:
    run = pcf("sweep", "a356.2", "--over", over)
    assert (run.code, run.out) == (2, "")
    assert found in run.err
    assert len(run.err.splitlines()) == 1


def test_a_document_has_its_limit(pcf: Call) -> None:
    run = pcf("sweep", "a356.2", "--over", "recycled_content=0:1:0.000001", "--json")
    assert run.code == 2
    assert "1,000,001 points" in run.err


def test_the_answer_gives_the_target_when_it_is_put_in(pcf: Call) -> None:
    made = document(pcf, "solve", "a356.2", "--target", "4.0", "--vary", "recycled_content")
    assert made["reached"]
    (answer,) = made["answer"]
    assert (answer["from"], answer["to"]) == (0, 1)
    assert total(pcf, "a356.2", "--recycled-content", repr(answer["value"])) == pytest.approx(4.0, abs=1e-6)


def test_several_values_are_found_together_with_their_cost(pcf: Call) -> None:
    made = document(
        pcf, "solve", "a356.2", "--target", "4.0", "--vary", "recycled_content=0.5:1,grid_mix=coal:hydro", "--cost",
        "recycled_content=5,grid_mix=1",
    )  # fmt: skip
    assert made["reached"]
    content, mix = made["answer"]
    assert sum(mix["value"].values()) == pytest.approx(1)
    shares = ",".join(f"{name}={share!r}" for name, share in mix["value"].items())
    found = total(pcf, "a356.2", "--recycled-content", repr(content["value"]), "--grid-mix", shares)
    assert found == pytest.approx(made["total"], rel=1e-9)
    assert found <= 4.0 * (1 + 1e-9)
    assert made["cost"] == pytest.approx(content["cost"] + mix["cost"])
    assert content["cost"] == pytest.approx(5 * (content["value"] - 0.5) / 0.5)


def test_a_target_out_of_reach_is_said_with_the_nearest_value(pcf: Call) -> None:
    arguments = ("primary-shandong", "--target", "4.0", "--vary", "dc_electricity,grid_mix=coal:hydro")
    made = document(pcf, "solve", *arguments)
    assert not made["reached"]
    assert made["proof"] == "monotone"
    electricity, mix = made["answer"]
    # The permitted range runs from the end with the higher footprint: less current is what may be looked for.
    assert electricity["from"] > electricity["to"] == electricity["value"]
    assert mix["value"]["hydro"] == 1
    expected = total(pcf, "primary-shandong", "--set", f"dc_electricity={electricity['value']}kWh/t", "--grid-mix", "hydro")
    assert made["total"] == pytest.approx(expected, rel=1e-9)
    assert "is not reached" in pcf("solve", *arguments).out
    assert "达不到" in pcf("--lang", "zh", "solve", *arguments).out


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("--target", "nan", "--vary", "recycled_content"), "nan"),
        (("--target", "4", "--vary", "no_such"), "an unknown name"),
        (("--target", "4", "--vary", "recycled_content=0.5"), "two ends"),
        (("--target", "4", "--vary", "recycled_content=0.5:0.5"), "the same"),
        (("--target", "4", "--vary", "recycled_content=0.5:7"), "7"),
        (("--target", "4", "--vary", "grid_mix"), "no range"),
        (("--target", "4", "--vary", "grid_mix=coal:no_such"), "no_such"),
        (("--target", "4", "--vary", "recycled_content,recycled_content"), "one name twice"),
        (("--target", "4", "--vary", "recycled_content", "--cost", "recycled_content=-1"), "no cost"),
        (("--target", "4", "--vary", "recycled_content", "--cost", "grid_mix=1"), "grid_mix"),
    ],
)
def test_a_bad_goal_is_refused_in_one_line(pcf: Call, arguments: tuple[str, ...], found: str) -> None:
    run = pcf("solve", "a356.2", *arguments)
    assert (run.code, run.out) == (2, "")
    assert found in run.err
    assert len(run.err.splitlines()) == 1


@pytest.mark.parametrize("vary", ["recycled_content", "dc_electricity=14000:12500,grid_mix=coal:hydro"])
def test_goals_are_drawn(pcf: Call, tmp_path: Path, vary: str) -> None:
    file = tmp_path / "picture.svg"
    product = "a356.2" if vary == "recycled_content" else "primary-shandong"
    run = pcf("solve", product, "--target", "7", "--vary", vary, "--chart", str(file), "--out", str(tmp_path / "goal.csv"))
    assert run.code == 0, run.err
    assert file.stat().st_size > 1000
