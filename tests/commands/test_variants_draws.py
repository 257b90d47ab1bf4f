"""`pcf uncertainty` and `pcf sensitivity`."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.commands.documents import checked

Call = Callable[..., Any]


def uncertainty(pcf: Call, *arguments: str, size: int = 2000) -> dict[str, Any]:
    run = pcf("uncertainty", *arguments, "-n", str(size), "--json")
    assert run.code == 0, run.err
    assert run.err == ""
    return checked("uncertainty", run.out)


def sensitivity(pcf: Call, *arguments: str) -> dict[str, Any]:
    run = pcf("sensitivity", *arguments, "--json")
    assert run.code == 0, run.err
    return checked("sensitivity", run.out)


def total(pcf: Call, *arguments: str) -> float:
    return float(json.loads(pcf("footprint", *arguments, "--json").out)["total"]["value"])


@pytest.mark.parametrize("sampler", ["random", "latin", "sobol"])
def test_a_distribution_lies_around_the_footprint(pcf: Call, sampler: str) -> None:
    made = uncertainty(pcf, "hqalight", "--sampler", sampler, "--seed", "7", size=4096)
    assert made["base"]["value"] == total(pcf, "hqalight")
    values = [entry["value"] for entry in made["total"]["quantiles"]]
    assert values == sorted(values)
    assert values[0] < made["base"]["value"] < values[-1]
    assert sum(stage["mean"] for stage in made["stages"].values()) == pytest.approx(made["total"]["mean"], rel=1e-9)
    assert made["draws"]["uncertain_inputs"] == len(made["uncertain_inputs"])
    assert made["infeasible_share"] == 0


def test_no_official_factor_varies(pcf: Call) -> None:
    made = uncertainty(pcf, "primary-shandong", size=100)
    official = [one for one in made["uncertain_inputs"] if one["source"].startswith("mee-cf")]
    assert not [one["id"] for one in official if one["unit"].startswith("kgCO2e")]


def test_the_same_seed_gives_the_same_document_on_two_workers(pcf: Call) -> None:
    arguments = ("uncertainty", "hqaloop", "-n", "140000", "--seed", "7", "--json")
    alone = pcf(*arguments)
    assert alone.out == pcf(*arguments, "--workers", "2").out
    assert alone.out != pcf("uncertainty", "hqaloop", "-n", "140000", "--seed", "8", "--json").out


def test_the_standard_error_shrinks_with_the_root_of_the_draws(pcf: Call) -> None:
    made = uncertainty(pcf, "hqaloop", size=200_000)
    steps = made["convergence"]
    assert [step["size"] for step in steps] == [65536, 131072]
    first, last = (step["standard_error"] for step in steps)
    assert first / last == pytest.approx(2**0.5, rel=0.05)


def test_infeasible_draws_are_counted(pcf: Call) -> None:
    made = uncertainty(pcf, "a356.2", size=4000)
    assert 0 < made["infeasible_share"] < 1
    assert made["feasible_draws"]["draws"] == round((1 - made["infeasible_share"]) * 4000)
    assert "In " in pcf("uncertainty", "a356.2", "-n", "4000").out


def test_a_spread_without_width_is_the_value_itself(pcf: Call) -> None:
    plain = uncertainty(pcf, "hqalight", "--set", "dc_electricity=12900kWh/t", size=500)
    narrow = uncertainty(pcf, "hqalight", "--uncertain", "dc_electricity=uniform:12900,12900", size=500)
    assert narrow["base"] == plain["base"]
    assert narrow["total"] == plain["total"]


@pytest.mark.parametrize(
    ("spread", "mean", "deviation"),
    [
        # Moments by hand: triangular (a+b+c)/3 and √((a²+b²+c²−ab−ac−bc)/18); uniform (b−a)/√12; PERT (a+4m+b)/6.
        ("triangular:12500,13000,13800", 13100.0, 267.706),
        ("uniform:12600,13200", 12900.0, 173.205),
        ("normal:13000,100", 13000.0, 100.0),
        ("lognormal:13000,0.01", 13000.65, 130.01),
        ("beta:12500,13000,13500", 13000.0, 188.982),
        ("discrete:12800@0.25,13200@0.75", 13100.0, 173.205),
    ],
)
def test_a_spread_of_the_users_own_has_its_moments(
    pcf: Call, tmp_path: Path, spread: str, mean: float, deviation: float
) -> None:  # fmt: skip
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "draws.parquet"
    arguments = (
        "hqalight",
        "--uncertain",
        f"dc_electricity={spread}",
        "--samples",
        str(file),
        "-n",
        "40000",
        "--sampler",
        "latin",
    )
    run = pcf("uncertainty", *arguments)
    assert run.code == 0, run.err
    table = parquet.read_table(file)
    values = table["dc_electricity"].to_numpy()
    assert values.mean() == pytest.approx(mean, rel=1e-4)
    assert values.std() == pytest.approx(deviation, rel=0.01)
    assert table.schema.field("dc_electricity").metadata[b"unit"] == b"kWh/t"


def test_saved_draws_are_those_of_the_result(pcf: Call, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    file = tmp_path / "draws.parquet"
    made = uncertainty(pcf, "a356.2", "--samples", str(file), size=66_000)  # two blocks
    table = parquet.read_table(file)
    assert table.num_rows == 66_000
    totals = table["total"].to_numpy()
    assert totals.mean() == pytest.approx(made["total"]["mean"], rel=1e-12)
    assert 1 - table["feasible"].to_numpy().mean() == pytest.approx(made["infeasible_share"], abs=1e-12)
    stages = np.sum([table[name].to_numpy() for name in table.column_names if name.startswith("stage ")], axis=0)
    assert np.allclose(stages, totals, rtol=1e-9)
    assert {one["id"] for one in made["uncertain_inputs"]} <= set(table.column_names)


@pytest.mark.parametrize(
    "spread",
    [
        "dc_electricity",
        "dc_electricity=13000",
        "dc_electricity=gamma:1,2",
        "dc_electricity=triangular:13000,12900,12950",
        "dc_electricity=normal:13000,-5",
        "dc_electricity=lognormal:-1,0.1",
        "dc_electricity=uniform:12000",
        "dc_electricity=uniform:1,2",
        "dc_electricity=uniform:12500,20000",
        "dc_electricity=uniform:12500t,13000t",
        "dc_electricity=discrete:12800@0.5,13000@0.6",
        "dc_electricity=normal:nan,1",
        "no_such=uniform:0,1",
        "grid_mix=uniform:0,1",
        "alumina_electricity=uniform:200,300,400",
    ],
)
def test_a_spread_that_cannot_be_is_refused_in_one_line(pcf: Call, spread: str) -> None:
    run = pcf("uncertainty", "hqalight", "-n", "100", "--uncertain", spread)
    assert (run.code, run.out) == (2, "")
    assert len(run.err.splitlines()) == 1
    assert "defect" not in run.err


def test_one_input_has_one_spread(pcf: Call) -> None:
    twice = ("--uncertain", "dc_electricity=normal:13000,100") * 2
    assert "one input twice" in pcf("uncertainty", "hqalight", *twice).err


def test_spreads_travel_in_the_vocabulary_of_stats_arrays(pcf: Call, tmp_path: Path) -> None:
    stats_arrays = pytest.importorskip("stats_arrays")
    file = tmp_path / "spreads.csv"
    run = pcf(
        "uncertainty", "hqaloop", "-n", "500", "--stats-arrays", str(file), "--uncertain", "melt_dross=normal:0.03,0.002"
    )  # fmt: skip
    assert run.code == 0, run.err
    with file.open(encoding="utf-8-sig") as source:
        rows = list(csv.DictReader(source))
    known = set(stats_arrays.uncertainty_choices.id_dict)
    assert {int(row["uncertainty_type"]) for row in rows} <= known
    row = next(row for row in rows if row["name"] == "melt_dross")
    assert (float(row["loc"]), float(row["scale"]), int(row["uncertainty_type"])) == (0.03, 0.002, 3)


def test_spreads_come_in_by_the_vocabulary_of_stats_arrays(pcf: Call, tmp_path: Path) -> None:
    file = tmp_path / "spreads.csv"
    file.write_text("name,unit,uncertainty_type,loc,scale,minimum,maximum\ndc_electricity,MWh/t,3,13,0.1,,\n", encoding="utf-8")
    made = uncertainty(pcf, "hqalight", "--from-stats-arrays", str(file))
    direct = uncertainty(pcf, "hqalight", "--uncertain", "dc_electricity=normal:13000,100")
    assert made["total"]["mean"] == pytest.approx(direct["total"]["mean"], rel=1e-12)
    file.write_text("name,uncertainty_type,loc,scale\ndc_electricity,9,13,0.1\n", encoding="utf-8")
    run = pcf("uncertainty", "hqalight", "--from-stats-arrays", str(file))
    assert run.code == 2
    assert "spreads.csv:2" in run.err


def test_spreads_that_went_out_come_in_as_they_were(pcf: Call, tmp_path: Path) -> None:
    file = tmp_path / "spreads.csv"
    out = uncertainty(pcf, "a356.2", "--stats-arrays", str(file))
    back = uncertainty(pcf, "a356.2", "--from-stats-arrays", str(file))
    ids = [sorted(one["id"] for one in made["uncertain_inputs"]) for made in (out, back)]
    assert ids[0] == ids[1]
    assert back["total"]["mean"] == pytest.approx(out["total"]["mean"], rel=1e-9)
    assert back["total"]["standard_deviation"] == pytest.approx(out["total"]["standard_deviation"], rel=1e-9)


def test_a_factor_with_a_spread_of_its_own_gets_the_users_in_its_place(pcf: Call) -> None:
    made = uncertainty(pcf, "hqalight", "--uncertain", "aluminium-fluoride=uniform:1,3")
    rows = [one for one in made["uncertain_inputs"] if one["id"].startswith("aluminium-fluoride")]
    assert [row["spread"] for row in rows] == [{"kind": "uniform", "low": 1.0, "high": 3.0}]


@pytest.mark.parametrize("form", ["csv", "xlsx", "json", "parquet"])
def test_results_go_into_files(pcf: Call, tmp_path: Path, form: str) -> None:
    if form == "parquet":
        pytest.importorskip("pyarrow.parquet")
    file = tmp_path / f"result.{form}"
    assert pcf("uncertainty", "hqaloop", "-n", "500", "--out", str(file)).code == 0
    assert file.stat().st_size > 100


def test_parquet_without_its_package_names_the_extra(pcf: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    run = pcf("uncertainty", "hqaloop", "-n", "500", "--samples", str(tmp_path / "draws.parquet"))
    assert (run.code, run.out) == (3, "")
    assert "pcf-aluminium[tables]" in run.err


def test_ctrl_c_leaves_no_file_and_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "draws.parquet"
    command = [
        sys.executable,
        "-c",
        "from pcf.commands import main; main()",
        "uncertainty",
        "a356.2",
        "-n",
        "50000000",
        "--workers",
        "2",
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    pytest.importorskip("pyarrow")
    process = subprocess.Popen(
        [*command, "--samples", str(file)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(4)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert out == ""
    assert err.strip() == "pcf: stopped"
    assert list(tmp_path.iterdir()) == []


def test_slopes_are_those_of_small_steps(pcf: Call) -> None:
    made = sensitivity(pcf, "hqalight")
    names = {row["id"]: row for row in made["drivers"]}
    row = names["alumina_electricity"]
    step = 0.001 * row["value"]
    ends = [
        total(pcf, "hqalight", "--set", f"shandong.alumina_electricity={row['value'] + sign * step}kWh/t") for sign in (-1, 1)
    ]
    assert row["slope"] == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-6)
    assert row["elasticity"] == pytest.approx(row["slope"] * row["value"] / made["base"]["value"], rel=1e-9)


def test_the_tornado_stands_by_swing_and_its_ends_are_footprints(pcf: Call) -> None:
    made = sensitivity(pcf, "a356.2")
    swings = [row["swing"] for row in made["drivers"]]
    assert swings == sorted(swings, reverse=True)
    row = made["drivers"][0]
    assert row["id"] == "recycled_input"
    assert row["low"] == pytest.approx(total(pcf, "a356.2", "--recycled-input", str(row["low_value"])), rel=1e-9)


def test_indices_of_a_nearly_additive_chain_sum_to_one(pcf: Call) -> None:
    made = sensitivity(pcf, "hqaloop", "--sobol", "1024")
    assert sum(row["sobol"]["first"] for row in made["drivers"]) == pytest.approx(1, abs=0.2)
    for row in made["drivers"]:
        ends = row["sobol"]["total_interval"]
        assert ends["low"] <= row["sobol"]["total"] <= ends["high"] or abs(row["sobol"]["total"]) < 0.01


def test_the_short_formula_gives_the_footprint_in_the_units_it_prints(pcf: Call) -> None:
    made = sensitivity(pcf, "a356.2", "--simplified")["simplified"]
    assert made["explained"] >= 0.95
    term = made["terms"][0]
    assert term["id"] == "recycled_input"
    guess = made["constant"] + sum(entry["slope"] * entry["value"] for entry in made["terms"])
    assert guess == pytest.approx(total(pcf, "a356.2"), abs=4 * made["error"])
    shown = pcf("sensitivity", "a356.2", "--simplified").out
    assert "tCO2e/t ≈" in shown
    assert "× recycled_input" in shown


@pytest.mark.parametrize("points", ["0", "-4", "1000", "131072"])
def test_a_number_of_points_that_is_no_power_of_two_is_refused(pcf: Call, points: str) -> None:
    run = pcf("sensitivity", "hqaloop", "--sobol", points)
    assert run.code == 2
    assert len(run.err.splitlines()) == 1


@pytest.mark.parametrize("command", [("uncertainty", "hqaloop", "-n", "2000"), ("sensitivity", "hqaloop", "--simplified")])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_both_languages_print_and_draw(pcf: Call, tmp_path: Path, command: tuple[str, ...], lang: str) -> None:
    file = tmp_path / "picture.svg"
    run = pcf("--lang", lang, *command, "--chart", str(file))
    assert run.code == 0, run.err
    assert run.out
    assert file.stat().st_size > 1000
