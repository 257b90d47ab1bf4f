"""Cells that hold data as text: never a live formula, never a hidden character."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pcf.text import csv_text as csv_text
from pcf.text import visible

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

_REFUSED = frozenset(r"[]:*?/\†")
_LONGEST_TITLE = 28


def append_row(sheet: Worksheet, row: Iterable[Any]) -> None:
    """Append a row; a text stays a text whatever it begins with."""
    sheet.append([_cell(sheet, value) if isinstance(value, str) else value for value in row])


def _cell(sheet: Worksheet, value: str) -> Any:
    shown = visible(value)
    if not shown.startswith(("=", "#")):  # what openpyxl would take for a formula or for the name of an error
        return shown
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, shown)
    cell.data_type = "s"
    cell.quotePrefix = True  # else it comes alive when somebody edits it
    return cell


def sheet_title(wanted: str, taken: set[str]) -> str:
    """A sheet's name: short, without signs that sheets refuse, used once."""
    clean = "".join(char for char in visible(wanted, keep="") if char not in _REFUSED).strip(" '")
    clean = clean[:_LONGEST_TITLE].strip(" '") or "–"
    found, number = clean, 1
    while found.lower() in taken:
        number += 1
        found = f"{clean[: _LONGEST_TITLE - len(str(number))]} {number}"
    taken.add(found.lower())
    return found
