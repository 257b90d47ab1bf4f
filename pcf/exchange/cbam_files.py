"""The CBAM document as a workbook: the sixteen items, every term of the calculation, the default values beside the result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from pcf.text import csv_text, name_in, text

_HEAD = PatternFill("solid", fgColor="1F3A5F")
_WARNING = PatternFill("solid", fgColor="C0392B")
WIDEST = 60
SHEETS = ("summary", "goods", "terms", "precursors", "defaults")
"""Sheets in order; their titles are texts `cbam-sheet.<name>`."""

Row = Sequence[Any]


def write_cbam_workbook(path: Path, found: Mapping[str, Any], lang: str) -> None:
    """Write the workbook of a document that has its `summary`; the first rows of every sheet say what it is.

    Parameters
    ----------
    path : Path
        Where to.
    found : Mapping
        Document `pcf/cbam/1` with the key `summary`.
    lang : str
        Language of headings.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    rows: Mapping[str, Iterable[Row]] = {
        "summary": _summary(found), "goods": _goods(found, lang), "terms": _terms(found), "precursors": _precursors(found),
        "defaults": _defaults(found),
    }  # fmt: skip
    for name in SHEETS:
        sheet = book.create_sheet(text(f"cbam-sheet.{name}", lang))
        _write(sheet, found, [text(f"cbam-column.{key}", lang) for key in _COLUMNS[name]], rows[name])
    book.properties.title, book.properties.creator = text("cbam.statement", lang), "pcf"
    book.save(path)


_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "summary": ("item", "title", "field", "content"),
    "goods": (
        "cn", "name", "process", "tonnes", "own", "from-precursors", "see", "default-share", "scrap", "pre-consumer", "alloy",
    ),
    "terms": ("process", "kind", "name", "co2e", "per-t", "field", "content", "source"),
    "precursors": ("process", "name", "cn", "basis", "origin", "tonnes", "t-per-t", "see", "contribution", "source"),
    "defaults": ("cn", "origin", "row", "before-mark-up", "year", "mark-up", "with-mark-up", "see", "difference", "source"),
}  # fmt: skip


def _write(sheet: Any, found: Mapping[str, Any], headings: Sequence[str], rows: Iterable[Row]) -> None:
    heads = [found["statement"], found["assurance"], found["basis"], found["check_before_use"]]
    if "demonstration" in found:
        heads.insert(0, found["demonstration"])
    for number, line in enumerate(heads, start=1):
        cell = sheet.cell(number, 1, line)
        cell.font = Font(bold=number <= 2, color="FFFFFF" if line == found.get("demonstration") else "000000")
        if line == found.get("demonstration"):
            cell.fill = _WARNING
    first = len(heads) + 2
    for column, heading in enumerate(headings, start=1):
        cell = sheet.cell(first, column, heading)
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), _HEAD
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    widths = [len(heading) for heading in headings]
    for number, row in enumerate(rows, start=first + 1):
        for column, value in enumerate(row, start=1):
            shown = csv_text(value)
            cell = sheet.cell(number, column, shown)
            if isinstance(shown, float):
                cell.number_format = "#,##0.000###"
            widths[column - 1] = max(widths[column - 1], len(str(shown if shown is not None else "")))
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = min(WIDEST, width * 1.3 + 2)
    sheet.freeze_panes = sheet.cell(first + 1, 1)
    sheet.print_title_rows = f"1:{first}"  # so that every printed page says what it is
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _summary(found: Mapping[str, Any]) -> Iterator[Row]:
    for item in found["summary"]:
        lines = list(flat(item["content"])) or [("", item.get("remark"))]
        for place, (key, value) in enumerate(lines):
            yield (item["number"] if not place else None, item["title"] if not place else None, key, value)


def flat(content: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of a nested content with their paths, lists counted from 1; what is not there is left out."""
    if isinstance(content, Mapping):
        for key, value in content.items():
            yield from flat(value, f"{path}.{key}" if path else key)
    elif isinstance(content, list | tuple):
        for number, value in enumerate(content, start=1):
            yield from flat(value, f"{path}[{number}]")
    elif content is not None:
        yield path, content


def _goods(found: Mapping[str, Any], lang: str) -> Iterator[Row]:
    for item in found["goods"]:
        yield (
            item["cn"], name_in(item["name"], lang), item["process"], item["tonnes"], item["own_process"], item["precursors"], item["see"],
            item["default_share"], item["scrap_t_per_t"], item["pre_consumer_share_of_scrap"], item["other_elements_share"],
        )  # fmt: skip


def _terms(found: Mapping[str, Any]) -> Iterator[Row]:
    for process in found["processes"]:
        for term in process["terms"]:
            head: Row = (process["id"], term["kind"], term["name"], term["tCO2e"], term["per_t"])
            for place, (key, value) in enumerate(term["inputs"].items()):
                yield (*(head if not place else (None,) * len(head)), key, value, term["source"] if not place else None)


def _precursors(found: Mapping[str, Any]) -> Iterator[Row]:
    for process in found["processes"]:
        for item in process["precursors"]:
            yield (
                process["id"], item["name"], item.get("cn"), item["basis"], item.get("origin") or item.get("from"), item["tonnes"],
                item["t_per_t"], item["see"], item["contribution"], item["source"],
            )  # fmt: skip


def _defaults(found: Mapping[str, Any]) -> Iterator[Row]:
    for good in found["goods"]:
        values = good["default_values"]
        for item in values["years"] if values else ():
            yield (
                good["cn"], values["origin"], values["row"], values["before_mark_up"], f"{item['year']}{'+' if item['and_later'] else ''}",
                item["mark_up"], item["with_mark_up"], good["see"], item["result_minus_default"], values["source"],
            )  # fmt: skip
