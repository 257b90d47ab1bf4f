"""Rows of records from CSV files and workbooks, one at a time, whatever the size of the file."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pcf.errors import InputError

FORMS = (".csv", ".xlsx")
LONGEST_CELL, MOST_COLUMNS, MOST_ROWS = 100_000, 100, 5_000_000
MOST_BYTES = 4_000_000_000
"""Unpacked size of a workbook: twenty times what a million rows take, and no more."""

MOST_PACKING = 200
"""Unpacked over packed size of a workbook's part: beyond it the file is a bomb."""

Row = tuple[str, Mapping[str, Any]]


def check_file(path: Path) -> None:
    """Refuse what is no readable CSV file or workbook.

    Raises
    ------
    InputError
    """
    if path.suffix.lower() not in FORMS:
        raise InputError(path.name, path.suffix or "no ending", " or ".join(FORMS))
    if not path.is_file():
        raise InputError(str(path), "no such file", "a .csv or .xlsx file")


def read_rows(path: Path, fields: Sequence[str]) -> Iterator[Row]:
    """Rows of a file's only table, with `file row N` as their place.

    Raises
    ------
    InputError
        For a file that is no table, or headings that are no fields.
    """
    check_file(path)
    if path.suffix.lower() == ".csv":
        yield from read_csv(path, fields)
        return
    with _open_book(path) as book:
        yield from _read_sheet(book, path, book.sheetnames[0], fields)


def read_csv(path: Path, fields: Sequence[str]) -> Iterator[Row]:
    """Rows of a CSV file in UTF-8, with commas or semicolons."""
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            start = stream.readline(LONGEST_CELL)
            stream.seek(0)
            separator = ";" if start.count(";") > start.count(",") else ","
            reader = csv.reader(stream, strict=True, delimiter=separator)
            headings = next(reader, None)
            if headings is None:
                raise InputError(path.name, "an empty file", "a heading and rows")
            names = _headings(path.name, headings, fields)
            line = reader.line_num
            for cells in reader:
                line = reader.line_num
                if not any(cells):
                    continue
                place = f"{path.name} row {line}"
                if len(cells) != len(names):
                    raise InputError(place, f"{len(cells)} cells", f"{len(names)}, one for each heading")
                yield place, _row(place, names, cells)
    except UnicodeDecodeError:
        raise InputError(path.name, "bytes that are no UTF-8", "a CSV file in UTF-8") from None
    except csv.Error as problem:
        raise InputError(f"{path.name} row {line + 1}", str(problem)[:80], "cells of a table, none of them that long") from None


def read_sheets(path: Path, fields: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Iterator[Row]]]:
    """Sheets of a workbook by name, in the order of `fields`; a sheet of another name is refused.

    Raises
    ------
    InputError
    """
    check_file(path)
    with _open_book(path) as book:
        for name in book.sheetnames:
            if name not in fields and name.lower() not in ("guide", "说明"):
                raise InputError(f"{path.name} sheet {name}", "an unknown sheet", f"one of: {', '.join(fields)}, guide")
        for name in fields:
            if name in book.sheetnames:
                yield name, _read_sheet(book, path, name, fields[name])


def _open_book(path: Path) -> Any:
    from contextlib import closing

    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        packed = max(sum(part.compress_size for part in parts), 1)
        if unpacked > MOST_BYTES or unpacked > MOST_PACKING * packed + 1_000_000:
            raise InputError(path.name, f"{unpacked:,} bytes unpacked from {packed:,}", "a workbook of bearable size")
        return closing(load_workbook(path, read_only=True, data_only=False))
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 (openpyxl lets through whatever its parts raise)
        raise InputError(path.name, f"no readable workbook ({type(problem).__name__})", "an .xlsx file") from None


def _read_sheet(book: Any, path: Path, sheet: str, fields: Sequence[str]) -> Iterator[Row]:
    rows = book[sheet].iter_rows()
    first = next(rows, None)
    place = f"{path.name} sheet {sheet}"
    if first is None:
        raise InputError(place, "an empty sheet", "a heading and rows")
    names = _headings(place, [str(cell.value or "") for cell in first if cell.value is not None], fields)
    for number, cells in enumerate(rows, start=2):
        values = [None if cell.value == "" else cell.value for cell in cells]
        if not any(value is not None for value in values):
            continue
        where = f"{place} row {number}"
        if any(value is not None for value in values[len(names) :]):
            raise InputError(where, "a cell without a heading", "cells below headings alone")
        formula = next(
            (cell.coordinate for cell in cells[: len(names)] if cell.value is not None and cell.data_type == "f"), None
        )
        if formula:
            raise InputError(f"{place} {formula}", "a formula", "a value", "paste it as a value")
        yield where, _row(where, names, values[: len(names)])


def _headings(place: str, headings: Sequence[str], fields: Sequence[str]) -> list[str]:
    names = [heading.strip().lower().replace(" ", "_").replace("-", "_") for heading in headings]
    if len(names) > MOST_COLUMNS:
        raise InputError(place, f"{len(names)} columns", f"at most {MOST_COLUMNS}")
    for name, written in zip(names, headings, strict=True):
        if name not in fields:
            from pcf.catalogue import nearest

            advice = nearest(name, fields) or ""
            raise InputError(f"{place}, heading", repr(written[:60]), f"one of: {', '.join(fields)}", advice)
    if len(set(names)) < len(names):
        raise InputError(f"{place}, heading", "a heading twice", "each once")
    return names


def _row(place: str, names: Sequence[str], cells: Sequence[Any]) -> dict[str, Any]:
    for name, cell in zip(names, cells, strict=False):
        if isinstance(cell, str) and len(cell) > LONGEST_CELL:
            raise InputError(f"{place}, {name}", f"{len(cell):,} characters", f"at most {LONGEST_CELL:,}")
    return {name: cell for name, cell in zip(names, cells, strict=False) if cell is not None and cell != ""}
