"""The workbook of the evidence pack: raw records, and accounts that compute themselves from them.

Every figure stands three times: as a live formula over the raw records, as a live formula over the ledger, and as the program
computed it; a check cell compares them. So an auditor can change a ticket and see what follows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from pcf.custody.audit.parts_ledger import figures_of
from pcf.custody.audit.raw import ALLOYING, INPUT, OUTSIDE, Entry, calc_bookings, calc_entries, counts_as, is_within, lot_account
from pcf.custody.audit.view import View, details, document_name
from pcf.custody.ledger import ALUMINIUM, PERCENTAGE, SCRAP
from pcf.custody.shipments import own_mass
from pcf.errors import InputError
from pcf.exchange.audit_account import AccountSheet, Sheet
from pcf.store.clock import as_datetime
from pcf.text import text, visible

MOST_ROWS = 1_000_000
"""Rows of a sheet, which has room for 1,048,576."""

LOTS = (
    "entry", "sign", "id", "day", "month", "site", "ticket", "supplier", "supplier_name", "material", "account", "content_class",
    "asi_class", "tolled_for", "counts_as", "mass_kg", "coc_kg", "document", "event_seq",
)  # fmt: skip
SHIPMENTS = (
    "entry", "sign", "id", "day", "month", "site", "customer", "customer_name", "delivery_note", "form", "account", "counts_as",
    "own_kg", "tolled_kg", "event_seq",
)  # fmt: skip
DOCUMENTS = (
    "entry", "sign", "direction", "issuer", "reference", "day", "month", "party", "party_name", "account", "coc_kg", "total_kg",
    "shipment", "event_seq",
)  # fmt: skip
POSTINGS = ("event_seq", "line", "account", "kind", "month", "amount", "running", "ref")

GUIDE_LINES = 13
"""Sentences of the guide, `audit-guide.1` and on."""


@dataclass(frozen=True)
class Formula:
    """A live cell with the value that the program computed for it."""

    formula: str
    value: str | int | float


def write_workbook(path: Path, view: View) -> None:
    """Write the workbook.

    Raises
    ------
    InputError
        For a period with more records than a sheet has rows.
    """
    figures = figures_of(view)
    shown = [name for name in (*PERCENTAGE, SCRAP) if name == ALUMINIUM or figures[name].is_used]
    entries = calc_entries(view.rows, view.scope, view.span.id)
    raw: dict[str, tuple[Sequence[str], list[list[Any]]]] = {
        "lots": (LOTS, [_lot(view, item, number) for number, item in enumerate(_of(entries, "lot"), 2)]),
        "shipments": (SHIPMENTS, [_shipment(view, item) for item in _of(entries, "shipment")]),
        "documents": (DOCUMENTS, [*(_document(view, item) for item in _of(entries, "document")), *_received(view)]),
        "postings": (POSTINGS, _postings(view)),
    }
    for name, (_, rows) in raw.items():
        if len(rows) > MOST_ROWS:
            raise InputError(
                f"ledger.xlsx, sheet {name}", f"{len(rows):,} rows", f"at most {MOST_ROWS:,}", "export a shorter period"
            )
    with _book(path) as book:
        made = as_datetime(max((entry.time for entry in view.events.values()), default=0)).replace(tzinfo=None, microsecond=0)
        book.set_properties({"title": "pcf audit ledger", "author": "pcf", "created": made})
        styles = Styles(book)
        _write_guide(book, styles)
        sizes = {key: len(rows) + 1 for key, (_, rows) in raw.items()}
        bookings = calc_bookings(view.rows, view.scope, view.span.id)
        sheets = [AccountSheet(view, name, figures, sizes, bookings) for name in shown]
        _write_summary(book, styles, sheets)
        for name, (columns, rows) in raw.items():
            _write_rows(book, styles, name, columns, rows)
        for sheet in sheets:
            _write_account(book, styles, sheet.build())


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    """A workbook that keeps its rows in files beside it, which are gone afterwards whatever happens."""
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".rows-") as scratch:
        options = {"constant_memory": True, "tmpdir": scratch, "strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(str(path), options)
        try:
            with book:
                yield book
        except FileCreateError as problem:
            for sheet in book.worksheets():  # the package leaves them open where it fails
                sheet._opt_close()
            # The package has an error of its own around what the system says.
            raise problem.args[0] if isinstance(problem.args[0], OSError) else OSError(str(problem)) from None


class Styles:
    """The few formats of the workbook."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format(
            {"bold": True, "bg_color": "#D9E2EC", "text_wrap": True, "valign": "top", "quote_prefix": True}
        )
        self.title = book.add_format({"bold": True, "font_size": 14, "quote_prefix": True})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        self.words = book.add_format(
            {"quote_prefix": True}
        )  # else a text that looks like a formula comes alive when it is edited
        self.kg = book.add_format({"num_format": "#,##0"})
        self.share = book.add_format({"num_format": "0.000000%"})
        self.live = book.add_format({"num_format": "#,##0", "bg_color": "#FFF8E1"})
        self.live_share = book.add_format({"num_format": "0.000000%", "bg_color": "#FFF8E1"})
        self.check = book.add_format({"bold": True})

    def of(self, style: str) -> Any:
        """Format by its name."""
        return getattr(self, style) if style else None


def _write_guide(book: Any, styles: Styles) -> None:
    sheet = book.add_worksheet("guide")
    sheet.set_column(0, 1, 70)
    put(sheet, styles, 0, 0, text("audit-guide.title", "en"), "title")
    put(sheet, styles, 0, 1, text("audit-guide.title", "zh"), "title")
    for number in range(1, GUIDE_LINES + 1):
        put(sheet, styles, number, 0, text(f"audit-guide.{number}", "en"), "wrap")
        put(sheet, styles, number, 1, text(f"audit-guide.{number}", "zh"), "wrap")


def _write_summary(book: Any, styles: Styles, sheets: Sequence[AccountSheet]) -> None:
    """For each account how many checks differ, and what may still be issued."""
    sheet = book.add_worksheet("summary")
    sheet.set_column(0, 3, 24)
    for column, name in enumerate(("account", "checks_that_differ", "available_kg")):
        put(sheet, styles, 0, column, name, "head")
    for number, item in enumerate(sheets, 1):
        put(sheet, styles, number, 0, item.account, "words")
        put(sheet, styles, number, 1, Formula(item.count_formula(), item.differing), "live")
        put(sheet, styles, number, 2, Formula(item.available_formula(), item.raw.available), "live")


def _write_rows(book: Any, styles: Styles, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.set_column(0, len(columns) - 1, 16)
    for column, heading in enumerate(columns):
        put(sheet, styles, 0, column, heading, "head")
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            whole = isinstance(value, int) and columns[column].endswith(("_kg", "amount", "running"))
            put(sheet, styles, number, column, value, "kg" if whole else "words" if isinstance(value, str) else "")


def _write_account(book: Any, styles: Styles, found: Sheet) -> None:
    sheet = book.add_worksheet(found.name)
    sheet.set_column(0, 1, 34)
    sheet.set_column(2, 16, 18)
    for number, row in enumerate(found.rows):
        for column, cell in enumerate(row):
            value = Formula(cell.formula, cell.value) if cell.formula else cell.value
            put(sheet, styles, number, column, value, cell.style)


def put(sheet: Any, styles: Styles, row: int, column: int, value: Any, style: str = "") -> None:
    """Write a cell: a text stays a text whatever it begins with, nothing stays empty."""
    chosen = styles.of(style)
    if isinstance(value, Formula):
        sheet.write_formula(row, column, value.formula, chosen, value.value)
    elif isinstance(value, str):
        if value:
            sheet.write_string(row, column, visible(value), chosen)
    elif value is not None:
        sheet.write_number(row, column, value, chosen)


def _of(entries: Sequence[Entry], source: str) -> list[Entry]:
    return [item for item in entries if item.source == source]


def _entry(item: Entry) -> tuple[str, int]:
    return ("record" if item.sign > 0 else "void"), item.sign


def _lot(view: View, item: Entry, number: int) -> list[Any]:
    row, unit = item.row, item.unit
    paper = f"in/{row['document_issuer']}/{row['document_reference']}" if row["document_reference"] else ""
    # Live, so that the auditor sees what another class would do to the account (R05).
    formula = (
        f'=IF(OR(L{number}="internal",M{number}="{OUTSIDE}",N{number}<>""),"{OUTSIDE}",'
        f'IF(L{number}="alloying","{ALLOYING}","{INPUT}"))'
    )
    return [
        *_entry(item), item.ref, item.day, item.month, unit["site"], row["ticket"], row["supplier"], view.name(row["supplier"]),
        unit["material"], lot_account(row, unit), row["content_class"], row["asi_class"], details(row).get("tolled_for", ""),
        Formula(formula, counts_as(row)), unit["mass_kg"], row["coc_kg"], paper, row["event_seq"],
    ]  # fmt: skip


def _shipment(view: View, item: Entry) -> list[Any]:
    row, unit = item.row, item.unit
    own = own_mass(details(row), unit["mass_kg"])
    counted = "inside" if is_within(view.rows, row["customer"]) else "output"
    return [
        *_entry(item), item.ref, item.day, item.month, unit["site"], row["customer"], view.name(row["customer"]), row["note"],
        row["form"], row["account"], counted, own, unit["mass_kg"] - own, row["event_seq"],
    ]  # fmt: skip


def _document(view: View, item: Entry) -> list[Any]:
    row = item.row
    return [
        *_entry(item), row["direction"], row["issuer"], row["reference"], item.day, item.month, row["party"], view.name(row["party"]),
        row["account"], row["coc_kg"], row["total_kg"], row["unit"], row["event_seq"],
    ]  # fmt: skip


def _received(view: View) -> list[list[Any]]:
    """Documents received, for the comparison with their lots."""
    return [
        [
            "void" if ("document", document_name(row)) in view.voids else "record", 1, row["direction"], row["issuer"],
            row["reference"], row["date"], row["date"][:7], row["party"], view.name(row["party"]), row["account"], row["coc_kg"],
            row["total_kg"], "", row["event_seq"],
        ]
        for row in view.documents("in", live=False)
    ]  # fmt: skip


def _postings(view: View) -> list[list[Any]]:
    rows = sorted(view.rows["posting"], key=lambda row: (row["event_seq"], row["line"]))
    return [
        [row[name] for name in POSTINGS]
        for row in rows
        if row["period"] == view.span.id and row["account"] in (*PERCENTAGE, SCRAP)
    ]
