"""Result files: workbooks with everything in them, JSON that fulfils the contract, ordinary permissions."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator

from pcf.catalogue import STAGES
from pcf.resources import datasets_path
from pcf.text import text

Call = Callable[..., Any]
SCHEMA = json.loads((datasets_path() / "schema" / "footprint.schema.json").read_text(encoding="utf-8"))


def rows(sheet: Any) -> list[list[Any]]:
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.fixture
def book(pcf: Call, tmp_path: Path) -> tuple[Any, list[dict[str, Any]]]:
    path = tmp_path / "result.xlsx"
    arguments = ("footprint", "hqalight", "hqaloop", "--grid-mix", "hydro")
    assert pcf(*arguments, "--out", str(path)).code == 0
    return openpyxl.load_workbook(path), json.loads(pcf(*arguments, "--json").out)


def test_the_overview_comes_first_and_the_sources_last(book: tuple[Any, list[dict[str, Any]]]) -> None:
    found, items = book
    assert found.sheetnames == ["Overview", "hqalight", "hqaloop", "Values", "Sources"]
    table = rows(found["Overview"])
    column = next(n for n, name in enumerate(table[0]) if str(name).startswith("Total"))
    assert [row[column] for row in table[1:3]] == [pytest.approx(item["total"]["value"]) for item in items]
    assert all(sheet.freeze_panes for sheet in found)
    assert found["Overview"].cell(2, column + 1).number_format == "0.000"


def test_a_product_sheet_has_stages_in_process_order_and_their_sum(book: tuple[Any, list[dict[str, Any]]]) -> None:
    found, items = book
    table = rows(found["hqalight"])
    start = next(n for n, row in enumerate(table) if row[0] == "Stage by source") + 2
    end = next(n for n in range(start, len(table)) if table[n][0] == "Total")
    names = [text(f"stage.{stage}", "en") for stage in STAGES]
    assert [row[0] for row in table[start:end]] == [name for name in names if name in {row[0] for row in table[start:end]}]
    width = max(n for n, value in enumerate(table[end]) if value is not None)
    for column in range(1, width):
        assert table[end][column] == pytest.approx(sum(row[column] for row in table[start:end]))
    assert table[end][width - 1] == pytest.approx(items[0]["total"]["value"])
    flat = [str(cell) for row in table for cell in row if cell is not None]
    for word in ("grid_mix", "hydro 100 %", "site 100 %", "Transmission and distribution", "Data quality", "not separable"):
        assert word in flat
    assert any("HYPOTHETICAL" in word for word in flat)


def test_every_value_of_every_part_has_its_source_and_address(book: tuple[Any, list[dict[str, Any]]]) -> None:
    found, items = book
    values = rows(found["Values"])
    heads = {name: n for n, name in enumerate(values[0])}
    listed = {(row[heads["Product"]], row[heads["Name"]]) for row in values[1:]}
    for item in items:
        for name in (*item["parameters"], *item["factors"]):
            assert (item["product"]["id"], name) in listed
    assert {"hqalight", "shandong", "common"} <= {row[heads["Part of the chain"]] for row in values[1:]}
    sources = {row[0]: row for row in rows(found["Sources"])[1:]}
    assert set(sources) == {name for item in items for name in item["references"]}
    assert "https://" in str(sources["mee-cf24"])


def test_json_fulfils_the_contract_and_files_have_ordinary_permissions(pcf: Call, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for name in ("a.json", "B.XLSX"):
            assert pcf("footprint", "hqalight", "--out", str(tmp_path / name)).code == 0
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o644
    finally:
        os.umask(before)
    Draft202012Validator(SCHEMA).validate(json.loads((tmp_path / "a.json").read_text(encoding="utf-8")))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_chinese_workbook_is_chinese(pcf: Call, tmp_path: Path) -> None:
    path = tmp_path / "结果.xlsx"
    assert pcf("--lang", "zh", "footprint", "a356.2", "--out", str(path)).code == 0
    assert openpyxl.load_workbook(path).sheetnames[0] == "总览"
