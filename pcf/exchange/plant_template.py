"""Writes the workbook that a plant fills in: headings in Chinese and English, units, drop-downs; all but the input locked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pcf.exchange.plant_guide import GUIDE, fixed_cells, guide_cells, input_cells
from pcf.exchange.plant_layout import VERSION, Field
from pcf.exchange.plant_sheets import FIRST_ROW, SHEETS, VALUE_COLUMN, Sheet

_HEAD = PatternFill("solid", fgColor="1F3A5F")
_INPUT = PatternFill("solid", fgColor="FFF7DC")
_WARNING = PatternFill("solid", fgColor="C0392B")
_OPEN = Protection(locked=False)


def write_template(path: Path) -> None:
    """Write an empty workbook."""
    _write(path, {})


def write_filled(path: Path, values: Mapping[str, Any]) -> None:
    """Write a workbook with values: key → text, number, or twelve numbers."""
    _write(path, values)


def _write(path: Path, values: Mapping[str, Any]) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    demonstration = values.get("kind") == "DEMONSTRATION"
    lists = _guide(book, demonstration)
    for item in SHEETS.values():
        _sheet(book.create_sheet(item.title), item, values, lists, demonstration=demonstration)
    book.active = 1
    book.properties.title = VERSION
    book.properties.creator = "pcf"
    book.save(path)


def _guide(book: Workbook, demonstration: bool) -> dict[str, str]:
    sheet = book.create_sheet(GUIDE)
    cells, lists = guide_cells()
    for (row, column), content in cells.items():
        sheet.cell(row, column, content).alignment = Alignment(wrap_text=True, vertical="top")
    sheet["A1"].font = Font(bold=True, size=14)
    sheet["A2"].font = Font(color="999999")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 70, 70
    _finish(sheet, demonstration=demonstration)
    return lists


def _finish(sheet: Any, *, demonstration: bool) -> None:
    sheet.sheet_properties.tabColor = "C0392B" if demonstration else "1F3A5F"
    sheet.sheet_view.showGridLines = False
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False


def _sheet(sheet: Any, layout: Sheet, values: Mapping[str, Any], lists: Mapping[str, str], *, demonstration: bool) -> None:
    for (row, column), content in fixed_cells(layout, demonstration=demonstration).items():
        sheet.cell(row, column, content)
    sheet["A1"].font = Font(bold=True, size=14, color="FFFFFF" if demonstration else "000000")
    if demonstration:
        sheet["A1"].fill = _WARNING
    sheet["A2"].font = Font(italic=True, color="666666")
    for column in range(1, layout.comment_column + 1):
        cell = sheet.cell(FIRST_ROW - 1, column)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center")
    for row, item in enumerate(layout.fields, start=FIRST_ROW):
        _row(sheet, layout, row, item, values.get(item.key), lists)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, VALUE_COLUMN)
    for letter, width in (("A", 48), ("B", 34), ("C", 10)):
        sheet.column_dimensions[letter].width = width
    for number in range(layout.width):
        sheet.column_dimensions[get_column_letter(VALUE_COLUMN + number)].width = 13 if layout.monthly else 30
    if layout.monthly:
        sheet.column_dimensions[get_column_letter(layout.total_column)].width = 16
    sheet.column_dimensions[get_column_letter(layout.comment_column)].width = 40
    _finish(sheet, demonstration=demonstration)


def _row(sheet: Any, layout: Sheet, row: int, item: Field, value: Any, lists: Mapping[str, str]) -> None:
    places = input_cells(row, item)
    given = list(value) if isinstance(value, list | tuple) else [value] * len(places)
    for (_, column), content in zip(places, given, strict=True):
        cell = sheet.cell(row, column, content)
        cell.fill, cell.protection = _INPUT, _OPEN
        if item.monthly:
            cell.number_format = "#,##0.0"
    sheet.cell(row, layout.comment_column).protection = _OPEN
    if item.monthly:
        sheet.cell(row, layout.total_column).number_format = "#,##0.0"
    span = f"{sheet.cell(row, places[0][1]).coordinate}:{sheet.cell(row, places[-1][1]).coordinate}"
    if item.choices:
        rule = DataValidation(type="list", formula1=lists[item.key], allow_blank=not item.required)
    elif item.unit:
        low, high = (f"{limit:.12g}" for limit in item.limits)
        rule = DataValidation(type="decimal", operator="between", formula1=low, formula2=high, allow_blank=True)
    else:
        return
    rule.error = f"{item.en}: {item.note or 'a value of the list or range'}"[:250]
    rule.showErrorMessage = True
    if item.note:
        rule.prompt, rule.showInputMessage = item.note[:250], True
    sheet.add_data_validation(rule)
    rule.add(span)
