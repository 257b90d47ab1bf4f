"""The commands around the footprint: lists, trees, studies, differences, exports, files, both languages."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.resources import datasets_path

Call = Callable[..., Any]


def test_products_lists_all_and_their_aliases_lead_to_the_same(pcf: Call) -> None:
    rows = json.loads(pcf("products", "--json").out)
    assert {"hqalight", "hqaloop", "a356.2", "can-stock-3104", "alumina", "anode"} <= {row["id"] for row in rows}
    for row in rows[:3]:
        for name in (*row["aliases"], row["id"].upper()):
            assert json.loads(pcf("footprint", name, "--json").out)["product"]["id"] == row["id"]
    assert "HQALight" in pcf("products").out
    assert "低碳" in pcf("--lang", "zh", "products").out


def test_show_gives_ranges_units_and_the_chain(pcf: Call) -> None:
    shown = json.loads(pcf("show", "a356.2", "--json").out)
    names = {row["name"]: row for row in shown["parameters"]}
    assert names["recycled_input"]["value"] == 0.75
    assert names["recycled_input"]["range"] == [0, 1]
    assert any(node["process"] == "electrolysis" for node in shown["chain"])
    every = json.loads(pcf("show", "a356.2", "--json", "--all").out)["parameters"]
    assert len(every) > len(shown["parameters"])
    for language in ("en", "zh"):
        text = pcf("--lang", language, "show", "hqalight").out
        assert "electrolysis" in text


def test_every_shown_parameter_can_be_set_to_its_own_value(pcf: Call) -> None:
    base = json.loads(pcf("footprint", "a356.2", "--json").out)["total"]["value"]
    rows = [row for row in json.loads(pcf("show", "a356.2", "--json", "--all").out)["parameters"] if row.get("range")]
    skipped = {"recycled_content"}
    for row in rows:
        if row["name"].split(".")[-1] in skipped:
            continue
        unit = "" if row["unit"].startswith("1") else row["unit"]  # a bare number has the parameter's own unit
        run = pcf("footprint", "a356.2", "--json", "--set", f"{row['name']}={row['value']!r}{unit}")
        assert run.code == 0, (row["name"], run.err)
        assert json.loads(run.out)["total"]["value"] == pytest.approx(base, rel=1e-9), row["name"]


def test_explain_reaches_source_rows_and_its_branches_sum(pcf: Call) -> None:
    tree = json.loads(pcf("explain", "hqalight", "--json", "--depth", "40", "--at-least", "0").out)
    total = json.loads(pcf("footprint", "hqalight", "--json").out)["total"]["value"]

    def leaves(branch: dict[str, Any]) -> float:
        return sum(map(leaves, branch["branches"])) if branch["branches"] else branch["tCO2e_per_t"]

    found = tree.get("tree", tree)
    assert leaves(found) == pytest.approx(total, rel=1e-9)
    text = json.dumps(found, ensure_ascii=False)
    assert "mee-cf24" in text
    assert "transcribed" in text


def test_the_same_call_gives_the_same_bytes(pcf: Call) -> None:
    assert pcf("footprint", "a356.2", "--json").out == pcf("footprint", "a356.2", "--json").out


def test_both_languages_print_one_number(pcf: Call) -> None:
    english, chinese = pcf("footprint", "hqalight", "--full").out, pcf("--lang", "zh", "footprint", "hqalight", "--full").out
    assert "Cradle to gate" in english
    assert "从摇篮到大门" in chinese
    total = json.loads(pcf("footprint", "hqalight", "--json").out)["total"]["value"]
    assert f"{total:.2f} tCO2e/t" in english
    assert f"{total:.2f} tCO2e/t" in chinese


def test_the_cross_check_agrees_on_the_command_line(pcf: Call) -> None:
    item = json.loads(pcf("footprint", "can-stock-3104", "--cross-check", "--json").out)
    assert item["cross_check"]["agrees"]
    assert item["cross_check"]["relative_differences"]["reference"] < 1e-10
    assert item["cross_check"]["relative_differences"]["brightway"] < 1e-6


def test_a_difference_of_data_shows_row_and_effect(pcf: Call, tmp_path: Path) -> None:
    other = tmp_path / "data"
    shutil.copytree(datasets_path(), other)
    path = other / "processes" / "electrolysis.yaml"
    text = path.read_text(encoding="utf-8")
    changed, count = re.subn(r"(\n  auxiliary_electricity:\n    value: )[\d.]+", r"\g<1>450", text)
    assert count == 1
    path.write_text(changed, encoding="utf-8")
    found = json.loads(pcf("data", "diff", str(datasets_path()), str(other), "--json").out)
    assert [(item["kind"], item["id"]) for item in found["changes"]] == [("parameters", "auxiliary_electricity")]
    moved = {row["product"]: row["difference"] for row in found["products"]}
    assert moved["anode"] == 0
    assert moved["primary-captive-coal"] > moved["hqalight"] > 0
    assert "auxiliary_electricity" in pcf("data", "diff", str(datasets_path()), str(other)).out


def test_the_demo_leaves_everything_and_repeats_itself(pcf: Call, tmp_path: Path) -> None:
    for _ in range(2):
        run = pcf("demo", "--home", str(tmp_path / "home"))
        assert run.code == 0, run.err
    for product in json.loads(pcf("--home", str(tmp_path / "home"), "products", "--json").out):
        assert (tmp_path / "footprints" / f"{product['id']}.json").exists() or product["id"].startswith("demo")
        assert (tmp_path / "footprints" / f"{product['id']}.txt").exists() or product["id"].startswith("demo")
    assert (tmp_path / "footprints.xlsx").stat().st_size > 5000
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for target in re.findall(r'href="([^"]+)"', page):
        assert (tmp_path / target).is_file(), target
    assert "HQALight" in page and "低碳" in page
    assert run.out.index("Overview") < run.out.index("[hqalight]")
    assert (tmp_path / "sample-plant.xlsx").exists()
    assert "demo-smelter, year 2025 (demonstration)" in run.out
    found = pcf("--home", str(tmp_path / "home"), "footprint", "hqalight", "--site", "demo-smelter", "--json")
    assert json.loads(found.out)["standing"] == "demonstration"


def test_brightway_receives_the_model_and_gives_the_same_total(tmp_path: Path, session_home: Path) -> None:
    # A process of its own: Brightway keeps one directory for as long as it lives.
    environment = {**os.environ, "BRIGHTWAY2_DIR": str(tmp_path), "PCF_HOME": str(session_home)}
    pcf = str(Path(sys.executable).with_name("pcf"))
    for extra, code in (([], 0), ([], 2), (["--replace"], 0)):
        run = subprocess.run(
            [pcf, "export", "brightway", "anode", "--project", "mine", *extra], env=environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert run.returncode == code, run.stderr
        assert len(run.stderr.strip().splitlines()) == (code != 0)
    script = (
        "import bw2data, bw2calc\nbw2data.projects.set_current('mine')\n"
        "act = next(a for a in bw2data.Database('pcf anode AR6') if a['code'] == 'anode-baked@product:anode')\n"
        "lca = bw2calc.LCA({act: 1}, ('pcf', 'pcf anode AR6', 'GWP100 AR6')); lca.lci(); lca.lcia(); print('score', lca.score)"
    )
    found = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True).stdout
    total = subprocess.run(
        [pcf, "footprint", "anode", "--json"], env=environment, capture_output=True, text=True, check=True
    ).stdout
    score = float(found.split("score")[-1])
    assert score / 1000 == pytest.approx(json.loads(total)["total"]["value"], rel=1e-6)
