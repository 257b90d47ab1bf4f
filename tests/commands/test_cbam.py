"""`pcf cbam`: what it prints, what it writes, and that it is never taken for a footprint."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from pcf.methods import cbam as method
from pcf.resources import datasets_path

Call = Callable[..., Any]
SCHEMAS = datasets_path() / "schema"
STATEMENTS = {"en": "CBAM specific embedded emissions; not a product carbon footprint", "zh": "CBAM 单位隐含排放；不是产品碳足迹"}
DEMONSTRATIONS = {"en": "DEMONSTRATION — NOT A CLAIM", "zh": "演示——不构成声明"}


@pytest.fixture
def sample(pcf: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert pcf("cbam", "template", "--out", "year.yaml").code == 0
    return tmp_path / "year.yaml"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_template_computes_and_says_what_it_is(pcf: Call, sample: Path, lang: str) -> None:
    run = pcf("cbam", "year.yaml", "--lang", lang)
    assert (run.code, run.err) == (0, "")
    assert run.out.splitlines()[:2] == [DEMONSTRATIONS[lang], STATEMENTS[lang]]
    # 0.5 anode effect minutes in CWPB cells, 100,000 t: 57,007.7 t. Sheet: 46,000 t of own ingot, 6,000 t at 2.1, 4,000 t at
    # 3.0 + 10 %, for 50,000 t of sheet.
    assert "57,007.7" in run.out
    assert "3.300" in run.out


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("standing", ["demonstration", "operator-data"])
def test_the_document_meets_its_schema(pcf: Call, sample: Path, lang: str, standing: str) -> None:
    content = sample.read_text(encoding="utf-8").replace("standing: demonstration", f"standing: {standing}")
    sample.write_text(content, encoding="utf-8")
    made = json.loads(pcf("cbam", "year.yaml", "--json", "--lang", lang).out)
    schema = json.loads((SCHEMAS / "cbam.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert list(Draft202012Validator(schema).iter_errors(made)) == []
    assert made["statement"] == STATEMENTS[lang]
    assert made.get("demonstration") == (DEMONSTRATIONS[lang] if standing == "demonstration" else None)
    assert made["gwp"]["edition"] == "AR5"


def test_the_sheet_of_the_template_by_hand(pcf: Call, sample: Path) -> None:
    ingot, sheet = json.loads(pcf("cbam", "year.yaml", "--json").out)["goods"]
    anodes = 3.664 * (52_000 * 0.97 - 10_500 * 0.96)
    smelter = anodes + 4200 * 38.931 / 1000 * 56.1 + 120 * 0.415 + 57_007.665
    assert ingot["see"] == pytest.approx(smelter / 100_000, rel=1e-9)
    rolling = 3000 * 38.931 / 1000 * 56.1
    metal = 46_000 * ingot["see"] + 6000 * 2.1 + 4000 * 3.3
    assert sheet["see"] == pytest.approx((rolling + metal) / 50_000, rel=1e-9)
    assert [item["with_mark_up"] for item in sheet["default_values"]["years"]] == pytest.approx([4.532, 4.944, 5.356])


def test_both_files_hold_the_sixteen_items(pcf: Call, sample: Path) -> None:
    assert pcf("cbam", "year.yaml", "--out", "cbam.json").code == 0
    assert len(json.loads(Path("cbam.json").read_text(encoding="utf-8"))["summary"]) == 16
    assert pcf("cbam", "--out", "cbam.xlsx", "year.yaml", "--lang", "zh").code == 0
    assert load_workbook("cbam.xlsx").sheetnames[0] == "摘要"
    refused = pcf("cbam", "year.yaml", "--out", "cbam.json")
    assert (refused.code, len(refused.err.splitlines())) == (2, 1)
    assert pcf("cbam", "year.yaml", "--out", "cbam.json", "--force").code == 0


def test_the_short_and_the_long_form_are_one(pcf: Call, sample: Path) -> None:
    assert pcf("cbam", "compute", "year.yaml", "--json").out == pcf("cbam", "--json", "year.yaml").out


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("year: 2026", "year: 2024", "year.yaml:7 year: found 2024; expected 2026 or later"),
        ("year: 2026", "yaer: 2026", "schema, standing, year"),
        ('cn: "76061292"', "cn: 76061292", "eight digits in quotes"),
        ('cn: "76061292"', 'cn: "76159999"', "found 76159999; expected a code that begins with"),
        ("ae_minutes: 0.5", "ae_minutes: .nan", "year.yaml:"),
        ("tonnes: 100000", "tonnes: -1", "above 0"),
        ("tonnes: 100000", "tonnes: １００", "above 0"),
        ("from: smelter", "from: smelters", "did you mean 'smelter'"),
        ("schema: pcf/cbam-installation/1", "schema: &a pcf/footprint/1", "an anchor or alias"),
        ("schema: pcf/cbam-installation/1", "schema: pcf/footprint/1", "expected pcf/cbam-installation/1"),
    ],
)
def test_bad_input_is_one_line_with_its_place(pcf: Call, sample: Path, old: str, new: str, says: str) -> None:
    content = sample.read_text(encoding="utf-8")
    assert old in content
    sample.write_text(content.replace(old, new, 1), encoding="utf-8")
    run = pcf("cbam", "year.yaml", "--out", "cbam.xlsx")
    assert (run.code, run.out, len(run.err.strip().splitlines())) == (2, "", 1)
    assert says in run.err
    assert not Path("cbam.xlsx").exists()


@pytest.mark.parametrize("name", ["missing.yaml", ".", "year.txt"])
def test_a_file_that_is_none_is_one_line(pcf: Call, sample: Path, name: str) -> None:
    run = pcf("cbam", name)
    assert (run.code, run.out, len(run.err.strip().splitlines())) == (2, "", 1)


def test_a_footprint_is_never_taken_for_the_input(pcf: Call, sample: Path) -> None:
    Path("pcf.json").write_text(pcf("footprint", "anode", "--json").out, encoding="utf-8")
    run = pcf("cbam", "pcf.json")
    assert run.code == 2
    assert "expected pcf/cbam-installation/1" in run.err


def test_the_calculation_takes_nothing_from_engine_and_model() -> None:
    folder = Path(method.__file__).parent
    names = {
        alias
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for alias in [node.module or ""]
    }
    assert {name for name in names if name.startswith("pcf.")} >= {"pcf.methods.cbam.tables"}
    assert not [name for name in names if name.startswith(("pcf.engine", "pcf.model", "pcf.custody"))]
    assert not [name for name in names if name.startswith("pcf.methods.") and not name.startswith("pcf.methods.cbam")]


def test_a_plants_workbook_gives_a_draft(pcf: Call, sample: Path) -> None:
    assert pcf("data", "template", "plant.xlsx", "--sample").code == 0
    run = pcf("cbam", "template", "--plant", "plant.xlsx", "--year", "2025", "--lang", "zh")
    assert run.code == 0, run.err
    assert "standing: demonstration" in run.out
    Path("draft.yaml").write_text(run.out, encoding="utf-8")
    assert pcf("cbam", "draft.yaml").code == 2
    lone = pcf("cbam", "template", "--plant", "plant.xlsx")
    assert (lone.code, len(lone.err.strip().splitlines())) == (2, 1)
