"""Fills the book of `PCF_HOME` with the invented records of the demonstration, and with some that only lists need."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from pcf.catalogue import open_catalogue
from pcf.custody import KINDS, Book, import_rows, record
from pcf.custody.closing import close_period
from pcf.custody.stated import stated_footprint
from pcf.exchange import SAMPLE_YEAR, import_plant, write_sample
from pcf.exchange.custody_sample import MILL, SAMPLE, mill_records
from pcf.settings import home
from pcf.store import open_database
from pcf.views.coc_issue import issue

EXTRA = 120
"""Lots beyond those of the demonstration: three pages of a list."""

SPARE = {
    "site": [{"id": "spare-works", "name": "Spare works (invented)", "timezone": "Asia/Shanghai", "party": "demo-group"}],
    "scope": [{"id": "spare-scope", "name": "Spare works", "sites": "spare-works", "certificate": "DEMO-COC-1"}],
    "period": [{"scope": "spare-scope", "id": year, "start": f"{year}-01-01", "end": f"{year}-12-31"} for year in ("2025", "2026")],
    "lot": [
        {"id": "SPARE-LIQ", "site": "spare-works", "date": "2025-05-01", "material": "electrolysis", "mass_kg": 100_000,
         "supplier": "demo-group", "ticket": "SP-1", "content_class": "primary", "asi_class": "coc"},
    ],
    "cast": [
        {"heat": "SPARE-H1", "site": "spare-works", "date": "2025-05-02", "furnace": "S1", "product": "hqalight",
         "charge": "SPARE-LIQ=100000", "product_kg": 99_000},
    ],
    "shipment": [
        {"id": "SPARE-SH", "site": "spare-works", "date": "2025-05-03", "customer": "beverage", "delivery_note": "SP-DN", "form": "ingot",
         "items": "SPARE-H1=50000"},
    ],
}  # fmt: skip
"""A scope to close: all of its input is CoC material, half of its metal has left, nothing was issued."""

SHUT = {
    "site": [{"id": "shut-works", "name": "Shut works (invented)", "timezone": "Asia/Shanghai", "party": "demo-group"}],
    "scope": [{"id": "shut-scope", "name": "Shut works", "sites": "shut-works", "certificate": "DEMO-COC-1"}],
    "period": [{"scope": "shut-scope", "id": year, "start": f"{year}-01-01", "end": f"{year}-12-31"} for year in ("2024", "2025")],
    "meter": [{"site": "shut-works", "time": time, "leg": "grid", "mwh": "100"} for time in ("2024-05", "2025-05", "2025-06")],
    "contractor": [
        {"id": f"SHUT-{day[:4]}", "party": "alloys", "direction": "sent", "date": day, "mass_kg": 1_000, "material": "dross", "scope": "shut-scope"}
        for day in ("2024-06-01", "2025-06-01")
    ],
}  # fmt: skip
"""A scope whose first period is closed: what stands in it is not taken back."""


def fill() -> None:
    """Everything, once."""
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.xlsx"
        write_sample(sample)
        import_plant(sample, SAMPLE_YEAR, home() / "data", replace=True)
    book = Book(open_database(), open_catalogue(None, overlays=[home() / "data"]), "test")
    _bring_in(book, SAMPLE)
    ingot = _issue(book, "SH-L-01", 200_000, "2025-02-10")
    _bring_in(book, mill_records(ingot["issuer"], ingot["reference"], {}))
    _issue(book, "SH-C-01", 240_000, "2025-03-12")
    claim = {"id": "RC-SH-C-01", "shipment": "SH-C-01", "date": "2025-03-12", "attribute": "post-consumer", "basis": "batch"}
    record(book, "statement", claim, "statement")
    _bring_in(book, {"lot": [_lot(number) for number in range(EXTRA)]})
    void = {"kind": "lot", "target": "BULK-0007", "date": "2025-06-30", "reason": "weighed twice <b>by mistake</b>"}
    record(book, "void", void, "void")
    _bring_in(book, SPARE)
    _bring_in(book, SHUT)
    with book.write() as work:
        close_period(work, "close", "shut-scope", "2024")
    book.database.close()


def _lot(number: int) -> dict[str, Any]:
    return {
        "id": f"BULK-{number:04d}", "site": MILL, "date": f"2025-{4 + number // 28:02d}-{1 + number % 28:02d}", "material": "primary-delivery",
        "mass_kg": 20_000 + number, "supplier": "alloys", "ticket": f"W-B-{number:04d}", "content_class": "primary",
    }  # fmt: skip


def _bring_in(book: Book, records: Any) -> None:
    tables = [
        (kind, [(f"{kind} {place}", row) for place, row in enumerate(records[kind], 1)]) for kind in KINDS if kind in records
    ]
    import_rows(book, tables)


def _issue(book: Book, shipment: str, mass_kg: int, day: str) -> Any:
    with book.read() as connection:
        stated = stated_footprint(connection, book.catalogue, shipment, "")
    values = {"shipment": shipment, "date": day, "coc_kg": mass_kg, "responsible": "Demo, quality office", **stated}
    made = issue(book, values, "document")
    assert made is not None
    return made.document


if __name__ == "__main__":
    fill()
