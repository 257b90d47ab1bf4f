"""Rows of records from CSV files and workbooks, one at a time, whatever the size of the file."""

from __future__ import annotations

import codecs
import csv
import zipfile
from codecs import getincrementaldecoder
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TextIO

from pcf.errors import InputError

FORMS = (".csv", ".xlsx")
LONGEST_CELL, LONGEST_RECORD, MOST_COLUMNS = 100_000, 16_000_000, 100
"""Characters of a cell and of a row, and columns."""

LONGEST_ROW = 64_000_000
"""Bytes of a row of a sheet, with all that is written around its values; also of what stands before the rows."""

MOST_EMPTY = 1_000
"""Empty rows between two others: what stands further below is no part of the table."""

MOST_BYTES, MOST_TEXTS, MOST_PART, MOST_PARTS = 2_000_000_000, 128_000_000, 16_000_000, 10_000
"""Unpacked size of a workbook [B], ten times what a million rows take; of its texts and of any other part, which memory holds as
a whole; number of parts."""

GUESSED = 1_000_000
"""Bytes by which an encoding is guessed."""

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\x84\x31\x95\x33", "gb18030"),
)  # fmt: skip
"""First bytes of a file → the encoding that they name."""

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
    """Rows of a CSV file in UTF-8, or in the encoding that its first bytes name, with commas, semicolons or tabs."""
    encoding = _encoding(path)
    lines: _Lines | None = None
    try:
        with path.open(encoding=encoding, newline="") as stream:
            start = stream.readline(LONGEST_CELL)
            stream.seek(0)
            lines = _Lines(path.name, stream)
            reader = csv.reader(lines, strict=True, delimiter=max(",;\t", key=start.count))
            headings = next(reader, None)
            if headings is None:
                raise InputError(path.name, "an empty file", "a heading and rows")
            names = _headings(path.name, headings, fields)
            lines.begin()
            for cells in reader:
                line = lines.number
                lines.begin()
                if not any(cells):
                    continue
                place = f"{path.name} row {line}"
                if len(cells) != len(names):
                    raise InputError(place, f"{len(cells)} cells", f"{len(names)}, one for each heading")
                yield place, _row(place, names, cells)
    except UnicodeDecodeError:
        raise _not_encoded(path, encoding) from None
    except csv.Error as problem:
        first = lines.first if lines else 1
        where = f"{path.name} row {first}"
        if (lines and lines.number > first) or "end of data" in str(problem):
            raise InputError(where, "a quotation mark that nothing closes", "a second one at the end of its cell") from None
        raise InputError(where, str(problem)[:80], "cells of a table, none of them that long") from None


@dataclass
class _Lines:
    """Lines of a CSV file for its reader: none of them, and no record of several, longer than memory has room for."""

    name: str
    stream: TextIO
    number: int = 0
    first: int = 1
    _taken: int = 0

    def begin(self) -> None:
        """A record ended: another one begins with the next line."""
        self.first, self._taken = self.number + 1, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.stream.readline(LONGEST_RECORD + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._taken += len(line)
        if self.number == 1:
            line = line.removeprefix("\ufeff")
        if "\0" in line:
            raise InputError(f"{self.name} row {self.number}", "NUL bytes", "text: a CSV file in UTF-8", "save it as CSV UTF-8")
        if self._taken > LONGEST_RECORD:
            place = f"{self.name} row {self.first}"
            raise InputError(
                place, f"more than {LONGEST_RECORD:,} characters", "rows of bearable length, and quotation marks in pairs"
            )
        return line


def _encoding(path: Path) -> str:
    """Encoding of a file by its mark; UTF-8 without one."""
    with path.open("rb") as file:
        start = file.read(4)
    return next((name for mark, name in MARKS if start.startswith(mark)), "utf-8-sig")


def _not_encoded(path: Path, encoding: str) -> InputError:
    """What a file is that is not encoded as it has to be: the encodings of Chinese spreadsheets are named."""
    named = encoding.removesuffix("-sig").upper()
    if encoding != "utf-8-sig":
        return InputError(
            path.name, f"bytes that are no {named}, which its mark says", "a CSV file in UTF-8", "save it as CSV UTF-8"
        )
    with path.open("rb") as file:
        start = file.read(GUESSED)
    for other in ("utf-16-le", "utf-16-be") if b"\0" in start else ("gb18030", "big5"):
        with suppress(UnicodeDecodeError):
            getincrementaldecoder(other)().decode(start)
            return InputError(
                path.name,
                f"bytes that are no UTF-8; they can be read as {other.upper()}",
                "a CSV file in UTF-8",
                "save it as CSV UTF-8",
            )
    return InputError(path.name, "bytes that are no UTF-8", "a CSV file in UTF-8", "save it as CSV UTF-8")


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
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            _check_parts(path, archive.infolist())
        return closing(load_workbook(path, read_only=True, data_only=False))
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 (openpyxl lets through whatever its parts raise)
        raise InputError(path.name, f"no readable workbook ({type(problem).__name__})", "an .xlsx file") from None


def _check_parts(path: Path, parts: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what would not fit into memory; no more is ever unpacked of a part than its head says."""
    unpacked = sum(part.file_size for part in parts)
    packed = max(sum(part.compress_size for part in parts), 1)
    if len(parts) > MOST_PARTS:
        raise InputError(path.name, f"{len(parts):,} parts", f"a workbook of at most {MOST_PARTS:,} parts")
    if unpacked > MOST_BYTES or unpacked > MOST_PACKING * packed + 1_000_000:
        raise InputError(path.name, f"{unpacked:,} bytes unpacked from {packed:,}", "a workbook of bearable size")
    for part in parts:
        if part.filename.startswith("xl/worksheets/") or "/media/" in part.filename:
            continue
        most = MOST_TEXTS if part.filename.lower().endswith("sharedstrings.xml") else MOST_PART
        if part.file_size > most:
            raise InputError(
                f"{path.name}, part {part.filename}", f"{part.file_size:,} bytes", f"at most {most:,}", "use a .csv file"
            )


def _read_sheet(book: Any, path: Path, sheet: str, fields: Sequence[str]) -> Iterator[Row]:
    from openpyxl.utils import get_column_letter

    place = f"{path.name} sheet {sheet}"
    names: list[str] | None = None
    last = 0
    try:
        for number, cells in _sheet_rows(book[sheet], place):
            if not cells:
                continue
            if number - last > MOST_EMPTY + 1:
                raise InputError(
                    f"{place} row {number}", f"a row after {number - last - 1:,} empty ones", f"at most {MOST_EMPTY:,} empty rows",
                    "delete what stands far below the table",
                )  # fmt: skip
            last = number
            if names is None:
                names = _headings(place, [str(cell["value"]) for cell in cells], fields)
                if [cell["column"] for cell in cells] != list(range(1, len(names) + 1)):
                    raise InputError(
                        f"{place} row {number}", "headings with empty cells between them", "headings from column A on"
                    )
                continue
            where = f"{place} row {number}"
            outside = next((cell["column"] for cell in cells if not 1 <= cell["column"] <= len(names)), None)
            if outside is not None:
                raise InputError(where, f"a cell without a heading, in column {outside:,}", "cells below headings alone")
            for cell in cells:
                if cell["data_type"] == "f":
                    coordinate = f"{get_column_letter(cell['column'])}{number}"
                    raise InputError(f"{place} {coordinate}", "a formula", "a value", "paste it as a value")
            yield where, _row(where, *zip(*((names[cell["column"] - 1], cell["value"]) for cell in cells), strict=True))
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 (openpyxl lets through whatever its parts raise)
        raise InputError(f"{place} after row {last}", f"a damaged sheet ({type(problem).__name__})", "an .xlsx file") from None
    if names is None:
        raise InputError(place, "an empty sheet", "a heading and rows")


def _sheet_rows(sheet: Any, place: str) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Rows of a sheet with the cells that hold something: no time for the empty ones, however far apart the others are."""
    from openpyxl.worksheet._reader import WorkSheetParser

    book = sheet.parent
    with closing(sheet._get_source()) as source:
        window = _Window(source, place)
        parser: Any = WorkSheetParser(
            window, sheet._shared_strings, data_only=False, epoch=book.epoch,
            date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
        )  # fmt: skip
        for number, cells in parser.parse():
            window.taken = 0
            yield number, [cell for cell in cells if cell["value"] is not None and cell["value"] != ""]


@dataclass
class _Window:
    """A sheet as it is unpacked, whose reader keeps a row until it ends: none may be larger than memory has room for."""

    source: IO[bytes]
    place: str
    taken: int = 0

    def read(self, size: int = -1) -> bytes:
        """Some more bytes."""
        self.taken += size
        if self.taken > LONGEST_ROW:
            raise InputError(self.place, f"a row of more than {LONGEST_ROW:,} bytes", "rows of bearable length")
        return self.source.read(size)


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
