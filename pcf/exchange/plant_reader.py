"""Reads a plant's workbook strictly: every bad cell is named by sheet and cell, and nothing is guessed."""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pcf.errors import DataError, InputError
from pcf.exchange.plant_layout import FIELDS, MONTHS, SHEETS, VERSION, Field
from pcf.exchange.plant_template import FIRST_ROW, VALUE_COLUMN

MOST_BYTES = 2_000_000
MOST_UNPACKED = 4_000_000
MOST_CELLS = 20_000
LONGEST_TEXT = 200
_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")


@dataclass(frozen=True)
class PlantYear:
    """A plant's year: yearly sums and values by key in the units of the layout, texts, and the workbook's hash."""

    values: Mapping[str, float]
    texts: Mapping[str, str]
    given: frozenset[str]
    sha256: str
    file: str

    def __getitem__(self, key: str) -> float:
        return self.values.get(key, 0.0)


def read_plant(path: Path, year: int) -> PlantYear:
    """Read a workbook.

    Raises
    ------
    DataError
        With every bad cell: formula, merged cell, text for a number, number out of range, missing month.
    """
    data = _bytes(path)
    book = _open(path)
    problems: list[InputError] = []
    if (book.properties.title or "") != VERSION:
        raise InputError(
            path.name, f"a workbook of {book.properties.title or 'unknown origin'!r}", f"{VERSION}, from `pcf data template`"
        )
    values: dict[str, float] = {}
    texts: dict[str, str] = {}
    given: set[str] = set()
    for title, fields in SHEETS.values():
        if title not in book.sheetnames:
            problems.append(InputError(path.name, f"no sheet {title!r}", "the sheets of the template"))
            continue
        sheet = book[title]
        place = f"{path.name} {title}"
        if sheet.max_row * sheet.max_column > MOST_CELLS:
            problems.append(InputError(place, "a very large sheet", f"at most {MOST_CELLS} cells"))
            continue
        problems += [
            InputError(f"{place}!{span}", "merged cells", "single cells", "split them")
            for span in map(str, sheet.merged_cells.ranges)
        ]
        for row, item in enumerate(fields, start=FIRST_ROW):
            heading = sheet.cell(row, 1).value
            if not isinstance(heading, str) or not heading.startswith(item.en):
                problems.append(InputError(f"{place}!A{row}", repr(heading)[:60], item.en, "keep the rows of the template"))
                continue
            found = _row(sheet, row, item, place, problems)
            if found is None:
                continue
            given.add(item.key)
            if item.unit:
                values[item.key] = math.fsum(found)
            else:
                texts[item.key] = str(found[0])
    if not problems:
        _check_texts(path.name, values, texts, year, problems)
    if problems:
        raise DataError(problems)
    return PlantYear(values, texts, frozenset(given), hashlib.sha256(data).hexdigest(), path.name)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(str(path), "no such file", "a workbook from `pcf data template`")
    if path.stat().st_size > MOST_BYTES:
        raise InputError(path.name, f"{path.stat().st_size} bytes", f"at most {MOST_BYTES}")
    return path.read_bytes()


def _open(path: Path) -> Any:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
            if unpacked > MOST_UNPACKED:
                raise InputError(path.name, f"{unpacked} bytes when unpacked", f"at most {MOST_UNPACKED}")
        return load_workbook(path, data_only=False, keep_links=False)
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 - zip, XML and openpyxl raise many kinds for a damaged or hostile file
        raise InputError(path.name, f"no readable workbook ({type(problem).__name__})", "an .xlsx file") from None


def _row(sheet: Any, row: int, item: Field, place: str, problems: list[InputError]) -> list[Any] | None:
    """Values of a field; None where it is left empty or has a problem."""
    columns = range(VALUE_COLUMN, VALUE_COLUMN + (MONTHS if item.monthly else 1))
    cells = [sheet.cell(row, column) for column in columns]
    if all(cell.value is None for cell in cells):
        if item.required:
            problems.append(InputError(f"{place}!{cells[0].coordinate}", "nothing", f"{item.en} [{item.unit or 'text'}]"))
        return None
    bad = [InputError(f"{place}!{cell.coordinate}", *problem) for cell in cells if (problem := _problem(cell, item)) is not None]
    problems += bad
    return None if bad else [cell.value if item.unit else str(cell.value).strip() for cell in cells]


def _problem(cell: Any, item: Field) -> tuple[str, str, str] | None:
    """What is wrong with a cell: found, expected, advice."""
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        return "a formula", "its value", "paste values"
    if not item.unit:
        text = str(value).strip()
        if value is None or not text or len(text) > LONGEST_TEXT or not text.isprintable():
            return repr(value)[:60], "a short text", ""
        if item.choices and text not in item.choices:
            return repr(text)[:60], " | ".join(item.choices), ""
        return None
    low, high = item.limits
    expected = f"{item.en}, a number from {low:g} to {high:g} {'' if item.unit == '1' else item.unit}".strip()
    if value is None:
        return "nothing", f"{expected}; 0 where nothing flowed", "the calendar year has to be complete"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"text {str(value)[:40]!r}", expected, "enter a plain number"
    if not math.isfinite(value) or not low <= value <= high:
        return f"{value:g}", expected, ""
    return None


def _check_texts(file: str, values: Mapping[str, float], texts: Mapping[str, str], year: int, problems: list[InputError]) -> None:
    sheet = f"{file} {SHEETS['plant'][0]}"
    if not _IDENTIFIER.match(texts["site_id"]):
        problems.append(InputError(f"{sheet} site_id", repr(texts["site_id"])[:60], "2 to 40 of a-z 0-9 -, a letter first"))
    if values["year"] != year:
        problems.append(InputError(f"{sheet} year", f"{values['year']:g}", f"{year}, as --year says"))
    if texts["assurance"] != "none" and not texts.get("verifier"):
        problems.append(InputError(f"{sheet} verifier", "nothing", "the verifier's name, since the data are assured"))


def place_of(key: str) -> str:
    """Sheet and heading of a field, for messages."""
    sheet, item = FIELDS[key]
    return f"{SHEETS[sheet][0]}: {item.en}"
