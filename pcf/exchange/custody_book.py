"""The workbook of custody records: a sheet for each kind with its fields as headings, and a guide in two languages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pcf.custody import KINDS
from pcf.exchange.custody_sample import SAMPLE, Records, mill_records
from pcf.text import text

GUIDE = "guide"
SAMPLES: Mapping[str, Callable[[], Records]] = {
    "smelter": lambda: SAMPLE,
    "mill": lambda: mill_records("DEMO-COC-1", "DEMO-COC-1-2025-00001", {}),
}
"""Name of a sample → its records; the mill receives what the smelter has documented."""


def write_book(path: Path, sample: str = "") -> None:
    """Write an empty book, or the invented one of the demonstration's smelter or mill (`SAMPLES`)."""
    rows = SAMPLES[sample]() if sample else {}
    from openpyxl import Workbook
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    guide = book.active
    assert guide is not None
    guide.title = GUIDE
    guide.column_dimensions["A"].width, guide.column_dimensions["B"].width, guide.column_dimensions["C"].width = 18, 70, 60
    guide.append(["sheet", "what it holds", "内容"])
    for name in KINDS:
        guide.append([name, text(f"kind.{name}", "en"), text(f"kind.{name}", "zh")])
    for key in ("book.guide-1", "book.guide-2", "book.guide-3"):
        guide.append(["", text(key, "en"), text(key, "zh")])
    for cell in guide[1]:
        cell.font = Font(bold=True)
    needed = PatternFill("solid", fgColor="FFF2CC")
    for name, kind in KINDS.items():
        sheet = book.create_sheet(name)
        fields = kind.model.model_fields
        sheet.append(list(fields))
        for number, (field, info) in enumerate(fields.items(), start=1):
            cell = sheet.cell(1, number)
            cell.font = Font(bold=True)
            if info.is_required():
                cell.fill = needed
            sheet.column_dimensions[get_column_letter(number)].width = max(12, len(field) + 2)
        sheet.freeze_panes = "A2"
        for row in rows.get(name, ()):
            sheet.append([row.get(field) for field in fields])
    book.save(path)
