"""The sixteen summary items, and the workbook of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pcf.exchange.cbam_files import SHEETS, flat, write_cbam_workbook
from pcf.exchange.cbam_summary import ITEMS, summary
from pcf.methods import cbam
from pcf.resources import datasets_path
from pcf.text import text


def made(lang: str, **changes: str) -> dict[str, Any]:
    installation = cbam.read_installation(datasets_path() / "cbam" / "installation.yaml")
    for name, value in changes.items():
        object.__setattr__(installation, name, value)
    found = cbam.document(installation, *cbam.calc_installation(installation), lang)
    found["summary"] = summary(found, lang)
    return found


def item(found: dict[str, Any], number: int) -> Any:
    return next(entry for entry in found["summary"] if entry["number"] == number)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_there_are_sixteen_items_in_order_and_an_empty_one_says_why(lang: str) -> None:
    found = made(lang)["summary"]
    assert [entry["number"] for entry in found] == list(range(1, ITEMS + 1)) == list(range(1, 17))
    assert all(bool(entry["content"]) != bool(entry.get("remark")) for entry in found)


def test_items_hold_what_their_titles_say() -> None:
    found = made("en")
    assert item(found, 1)["content"]["registration_number"] == "91370000000000000X"
    assert item(found, 2)["content"]["unlocode"] == "CNBZU"
    assert [entry["cn"] for entry in item(found, 3)["content"]] == [["76011090"], ["76061292"]]
    ingot, sheet = item(found, 4)["content"]
    assert ingot["scrap_t_per_t"] == pytest.approx(0.02)
    assert sheet["other_elements_share"] == 0.025
    assert "not applicable" in sheet["indirect"]
    # 4,000 t of bought ingot at 3.0 + 10 % on 50,000 t of sheet
    assert sheet["default_share"] * sheet["see"] == pytest.approx(4000 * 3.3 / 50_000, rel=1e-12)
    total = sum(process["attributed_tCO2e"] for process in found["processes"])
    assert item(found, 5)["content"]["tCO2e"] == pytest.approx(total)
    assert item(found, 6)["content"] is None
    (default,) = item(found, 12)["content"]
    assert (default["cn"], default["origin"], default["default_value_before_mark_up"]) == ("76011090", "CN", 3.0)
    assert [entry["basis"] for entry in item(found, 13)["content"]] == ["internal", "actual"]
    assert {entry["operator"] for entry in item(found, 16)["content"]} == {"Example Alloys Co.", "not stated"}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("standing", ["demonstration", "operator-data"])
def test_every_sheet_and_every_printed_page_says_what_it_is(tmp_path: Path, lang: str, standing: str) -> None:
    found = made(lang, standing=standing)
    write_cbam_workbook(tmp_path / "cbam.xlsx", found, lang)
    book = load_workbook(tmp_path / "cbam.xlsx")
    assert book.sheetnames == [text(f"cbam-sheet.{name}", lang) for name in SHEETS]
    for sheet in book.worksheets:
        heads = [sheet.cell(row, 1).value for row in range(1, 7)]
        assert text("cbam.statement", lang) in heads
        assert (text("cbam.demonstration", lang) == heads[0]) == (standing == "demonstration")
        assert sheet.print_title_rows


def test_the_workbook_holds_every_leaf_of_the_items_as_a_value(tmp_path: Path) -> None:
    found = made("zh")
    write_cbam_workbook(tmp_path / "cbam.xlsx", found, "zh")
    sheet = load_workbook(tmp_path / "cbam.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    numbers = [row[0] for row in rows if isinstance(row[0], int)]
    assert numbers == list(range(1, 17))
    number = 0
    shown: dict[tuple[int, str | None], Any] = {}
    for row in rows:
        number = row[0] if isinstance(row[0], int) else number
        shown[number, row[2]] = row[3]
    for entry in found["summary"]:
        for path, value in flat(entry["content"]):
            # A workbook keeps sixteen digits of a number.
            near = pytest.approx(value, rel=1e-15) if isinstance(value, float) else value
            assert shown[entry["number"], path] == near


def test_a_name_that_looks_like_a_formula_stays_a_text(tmp_path: Path) -> None:
    found = made("en")
    found["goods"][0]["name"] = {"en": '=HYPERLINK("http://x")'}
    found["summary"] = summary(found, "en")
    write_cbam_workbook(tmp_path / "cbam.xlsx", found, "en")
    cells = [cell for sheet in load_workbook(tmp_path / "cbam.xlsx") for row in sheet.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert [cell for cell in cells if "HYPERLINK" in str(cell.value)]
