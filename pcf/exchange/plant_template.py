"""Writes the workbook that a plant fills in: headings in Chinese and English, units, drop-downs, protected headings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from pcf.exchange.plant_layout import MONTHS, SHEETS, VERSION, Field

FIRST_ROW = 4
"""First row of fields; above it title, advice and headings."""
VALUE_COLUMN = 4
"""Column of the yearly value or of January."""

_HEAD = PatternFill("solid", fgColor="1F3A5F")
_INPUT = PatternFill("solid", fgColor="FFF7DC")
_WARNING = PatternFill("solid", fgColor="C0392B")


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
    for key, (title, fields) in SHEETS.items():
        sheet = book.create_sheet(title)
        sheet["A1"] = title + ("  ·  DEMONSTRATION 演示数据，非真实工厂" if demonstration else "")
        sheet["A1"].font = Font(bold=True, size=14, color="FFFFFF" if demonstration else "000000")
        if demonstration:
            sheet["A1"].fill = _WARNING
        sheet["A2"] = (
            "Fill the yellow cells with plain numbers; months without a flow: 0. No formulas, no merged cells. 请在黄色单元格填写数字；无发生填 0。"
        )
        sheet["A2"].font = Font(italic=True, color="666666")
        monthly = any(item.monthly for item in fields)
        _heading(sheet, monthly)
        for row, item in enumerate(fields, start=FIRST_ROW):
            _row(sheet, row, item, values.get(item.key))
        sheet.freeze_panes = sheet.cell(FIRST_ROW, VALUE_COLUMN)
        for column, width in (("A", 48), ("B", 34), ("C", 10)):
            sheet.column_dimensions[column].width = width
        for number in range(MONTHS if monthly else 1):
            sheet.column_dimensions[get_column_letter(VALUE_COLUMN + number)].width = 13 if monthly else 30
        sheet.sheet_properties.tabColor = "C0392B" if demonstration else "1F3A5F"
        sheet.sheet_view.showGridLines = False
        del key
    book.properties.title = VERSION
    book.properties.creator = "pcf"
    book.save(path)


def _heading(sheet: Any, monthly: bool) -> None:
    months: Sequence[str] = [f"{number} 月 / {number:02d}" for number in range(1, MONTHS + 1)] if monthly else ["值 Value"]
    for column, name in enumerate(("Item", "项目", "Unit 单位", *months), start=1):
        cell = sheet.cell(FIRST_ROW - 1, column, name)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = _HEAD
        cell.alignment = Alignment(horizontal="center", vertical="center")


def _row(sheet: Any, row: int, item: Field, value: Any) -> None:
    sheet.cell(row, 1, item.en + ("" if item.required else " (optional)"))
    sheet.cell(row, 2, item.zh)
    sheet.cell(row, 3, "" if item.unit == "1" else item.unit)
    columns = range(VALUE_COLUMN, VALUE_COLUMN + (MONTHS if item.monthly else 1))
    given = list(value) if isinstance(value, list | tuple) else [value] * len(columns)
    for column, content in zip(columns, given, strict=True):
        cell = sheet.cell(row, column, content)
        cell.fill = _INPUT
        if item.unit:
            cell.number_format = "#,##0.####" if item.monthly else "General"
    span = f"{sheet.cell(row, columns[0]).coordinate}:{sheet.cell(row, columns[-1]).coordinate}"
    if item.choices:
        rule = DataValidation(type="list", formula1=f'"{",".join(item.choices)}"', allow_blank=not item.required)
    elif item.unit:
        low, high = (f"{limit:.12g}" for limit in item.limits)
        rule = DataValidation(type="decimal", operator="between", formula1=low, formula2=high, allow_blank=True)
    else:
        return
    rule.error = f"{item.en}: {item.note or 'a value of the list or range'}"
    rule.showErrorMessage = True
    if item.note:
        rule.prompt, rule.showInputMessage = item.note[:250], True
    sheet.add_data_validation(rule)
    rule.add(span)
