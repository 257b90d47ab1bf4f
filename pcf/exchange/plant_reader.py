"""Reads a plant's workbook strictly: every bad cell is named by sheet and cell, and nothing is guessed."""

from __future__ import annotations

import hashlib
import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl.utils import get_column_letter

from pcf.errors import DataError, InputError
from pcf.exchange.plant_guide import GUIDE, MARKER_ROW, fixed_cells, guide_cells, input_cells
from pcf.exchange.plant_layout import MONTHS, TIMEZONE, VERSION, Field
from pcf.exchange.plant_sheets import PLACES, SHEETS, Sheet, cells_of

MOST_BYTES = 2_000_000
MOST_UNPACKED = 4_000_000
MOST_CELLS = 20_000
LONGEST_TEXT = 200
_IDENTIFIER = re.compile(r"[a-z][a-z0-9-]{1,39}\Z")


@dataclass(frozen=True)
class PlantYear:
    """A plant's year: yearly sums and values by key in the units of the layout, months, texts, and the workbook's hash.

    `shutdown` holds the months (1 to 12) that the plant names as without production.
    """

    values: Mapping[str, float]
    texts: Mapping[str, str]
    given: frozenset[str]
    sha256: str
    file: str
    months: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    shutdown: frozenset[int] = frozenset()

    def __getitem__(self, key: str) -> float:
        return self.values.get(key, 0.0)

    def place(self, *keys: str) -> str:
        """File and cells of fields, for messages."""
        return f"{self.file} {', '.join(map(cells_of, keys))}"


def today_in_zone() -> date:
    """The day it is where the plants lie."""
    return datetime.now(ZoneInfo(TIMEZONE)).date()


def read_plant(path: Path, year: int, today: date | None = None) -> PlantYear:
    """Read a workbook.

    Parameters
    ----------
    path : Path
    year : int
        Calendar year that it must be of.
    today : date, optional
        The day of the import in the plant's zone; a year that is not over then is refused.

    Raises
    ------
    DataError
        With every bad cell: formula, merged cell, text for a number, number out of range, missing month, changed heading,
        content outside the template.
    """
    data = _bytes(path)
    book = _open(path)
    problems: list[InputError] = []
    _check_marker(path.name, book)
    demonstration = book[SHEETS["plant"].title][cells_of("kind").rpartition("!")[2]].value == "DEMONSTRATION"
    values: dict[str, float] = {}
    months: dict[str, tuple[float, ...]] = {}
    texts: dict[str, str] = {}
    for layout in SHEETS.values():
        sheet, place = book[layout.title], f"{path.name} {layout.title}"
        if not _check_frame(sheet, place, fixed_cells(layout, demonstration=demonstration), layout, problems):
            continue
        for row, item in enumerate(layout.fields, start=_first_row(layout)):
            found = _row(sheet, row, item, place, problems)
            if found is None:
                continue
            if not item.unit:
                texts[item.key] = str(found[0])
                continue
            values[item.key] = math.fsum(found)
            if item.monthly:
                months[item.key] = tuple(float(value) for value in found)
    if problems:
        raise DataError(problems)
    plant = PlantYear(
        values, texts, frozenset({*values, *texts}), hashlib.sha256(data).hexdigest(), path.name, months,
        _shutdown(path.name, texts),
    )  # fmt: skip
    _check_texts(plant, year, today or today_in_zone(), problems)
    _check_months(plant, problems)
    if problems:
        raise DataError(problems)
    return plant


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


def _first_row(layout: Sheet) -> int:
    return PLACES[layout.fields[0].key][1]


def _check_marker(file: str, book: Any) -> None:
    """The guide's marker and the sheets say whether this is the template, whatever the program that saved it last."""
    found = book[GUIDE].cell(MARKER_ROW, 1).value if GUIDE in book.sheetnames else None
    if found != VERSION:
        shown = book.properties.title if found is None else found
        raise InputError(file, f"a workbook of {str(shown or 'unknown origin')[:40]!r}", f"{VERSION}, from `pcf data template`")
    wanted = [GUIDE, *(layout.title for layout in SHEETS.values())]
    missing = [title for title in wanted if title not in book.sheetnames]
    extra = [title for title in book.sheetnames if title not in wanted]
    problems = [InputError(file, f"no sheet {title!r}", "the sheets of the template") for title in missing]
    problems += [
        InputError(file, f"a sheet {title!r}", "the sheets of the template alone", "remarks go into the comment columns")
        for title in extra
    ]
    if not problems:
        _check_frame(book[GUIDE], f"{file} {GUIDE}", guide_cells()[0], None, problems)
    if problems:
        raise DataError(problems)


def _check_frame(
    sheet: Any, place: str, fixed: Mapping[tuple[int, int], Any], layout: Sheet | None, problems: list[InputError]
) -> bool:
    """Whether everything that is not the plant's data stands as the template has it, and nothing else is on the sheet."""
    if sheet.max_row * sheet.max_column > MOST_CELLS:
        problems.append(InputError(place, "a very large sheet", f"at most {MOST_CELLS} cells"))
        return False
    before = len(problems)
    problems += [
        InputError(f"{place}!{span}", "merged cells", "single cells", "split them")
        for span in map(str, sheet.merged_cells.ranges)
    ]
    own = {(row, layout.comment_column) for row in _rows(layout)} if layout else set()
    taken = (
        {cell for row in _rows(layout) for cell in input_cells(row, layout.fields[row - _first_row(layout)])} if layout else set()
    )
    for line in sheet.iter_rows():
        for cell in line:
            where = (cell.row, cell.column)
            if where in taken:
                continue
            if where in own:
                if cell.data_type == "f":
                    problems.append(InputError(f"{place}!{cell.coordinate}", "a formula", "a comment in words"))
                continue
            wanted = fixed.get(where)
            if cell.value != wanted:
                shown = "nothing" if cell.value is None else repr(cell.value)[:60]
                expected = "nothing: outside the template" if wanted is None else str(wanted)
                problems.append(
                    InputError(f"{place}!{cell.coordinate}", shown, expected, "keep the rows, units and headings of the template")
                )
    for (row, column), wanted in fixed.items():
        if wanted is not None and (row > sheet.max_row or column > sheet.max_column):
            problems.append(
                InputError(f"{place}!{get_column_letter(column)}{row}", "nothing", str(wanted), "keep the rows of the template")
            )
    return len(problems) == before


def _rows(layout: Sheet) -> range:
    return range(_first_row(layout), _first_row(layout) + len(layout.fields))


def _row(sheet: Any, row: int, item: Field, place: str, problems: list[InputError]) -> list[Any] | None:
    """Values of a field; None where it is left empty or has a problem."""
    cells = [sheet.cell(*where) for where in input_cells(row, item)]
    span = f"{place}!{cells_of(item.key).rpartition('!')[2]}"
    empty = [cell for cell in cells if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip())]
    if len(empty) == len(cells):
        if item.required:
            problems.append(
                InputError(
                    span,
                    "nothing",
                    f"{item.en} [{item.unit or 'text'}]",
                    "the calendar year has to be complete" if item.monthly else "",
                )
            )
        return None
    if empty:
        blank = ", ".join(cell.coordinate for cell in empty)
        problems.append(
            InputError(
                span,
                f"months without a value: {blank}",
                f"{item.en} in all twelve months; 0 where nothing flowed",
                "the calendar year has to be complete",
            )
        )
    bad = [
        InputError(f"{place}!{cell.coordinate}", *problem)
        for cell in cells
        if cell not in empty and (problem := _problem(cell, item)) is not None
    ]
    problems += bad
    return None if bad or empty else [cell.value if item.unit else str(cell.value).strip() for cell in cells]


def _problem(cell: Any, item: Field) -> tuple[str, str, str] | None:
    """What is wrong with a cell: found, expected, advice."""
    value = cell.value
    if cell.data_type == "f" or (isinstance(value, str) and value.startswith("=")):
        return "a formula", "its value", "paste values"
    if not item.unit:
        text = str(value).strip()
        if len(text) > LONGEST_TEXT or not text.isprintable():
            return repr(value)[:60], "a short text", ""
        if item.choices and text not in item.choices:
            return repr(text)[:60], " | ".join(item.choices), ""
        return None
    low, high = item.limits
    expected = f"{item.en}, a number from {low:g} to {high:g} {'' if item.unit == '1' else item.unit}".strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"text {str(value)[:40]!r}", expected, "enter a plain number"
    if not math.isfinite(value) or not low <= value <= high:
        return f"{value:g}", expected, ""
    return None


def _shutdown(file: str, texts: Mapping[str, str]) -> frozenset[int]:
    parts = [part.strip() for part in re.split(r"[,，、;]", texts.get("shutdown_months", "")) if part.strip()]
    if not all(part.isascii() and part.isdigit() and 1 <= int(part) <= MONTHS for part in parts):
        raise InputError(
            f"{file} {cells_of('shutdown_months')}", repr(texts["shutdown_months"])[:60], "numbers of months, such as 1,2"
        )
    return frozenset(int(part) for part in parts)


def _check_texts(plant: PlantYear, year: int, today: date, problems: list[InputError]) -> None:
    texts = plant.texts
    if not _IDENTIFIER.match(texts["site_id"]):
        problems.append(InputError(plant.place("site_id"), repr(texts["site_id"])[:60], "2 to 40 of a-z 0-9 -, a letter first"))
    if plant["year"] != year:
        problems.append(InputError(plant.place("year"), f"{plant['year']:g}", f"{year}, as --year says"))
    if plant["year"] >= today.year:
        problems.append(
            InputError(
                plant.place("year"),
                f"{plant['year']:g}",
                f"a calendar year that is over: at most {today.year - 1}",
                f"today is {today.isoformat()} in {TIMEZONE}",
            )
        )
    if texts["assurance"] != "none" and not texts.get("verifier"):
        problems.append(InputError(plant.place("verifier"), "nothing", "the verifier's name, since the data are assured"))


def _check_months(plant: PlantYear, problems: list[InputError]) -> None:
    """Every month has production or is named as without it; where there is metal, what makes it has to have flowed."""
    for number, tapped in enumerate(plant.months["liquid_tapped"], start=1):
        named = number in plant.shutdown
        if named and tapped > 0:
            problems.append(
                InputError(
                    _month(plant, "liquid_tapped", number), f"{tapped:g} t", "0, since the month is named as without production"
                )
            )
        elif not named and tapped <= 0:
            problems.append(
                InputError(
                    _month(plant, "liquid_tapped", number), "no production", f"liquid metal in month {number}",
                    f"a month without production is named in {cells_of('shutdown_months')}",
                )
            )  # fmt: skip
        if tapped <= 0:
            continue
        problems += [
            InputError(
                _month(plant, key, number),
                "0",
                f"{item.en}, since metal was tapped in month {number}",
                "the calendar year has to be complete",
            )
            for key, (_, _, item) in PLACES.items()
            if item.flows and plant.months[key][number - 1] <= 0
        ]


def _month(plant: PlantYear, key: str, number: int) -> str:
    sheet, row, item = PLACES[key]
    first = input_cells(row, item)[number - 1][1]
    return f"{plant.file} {sheet.title}!{get_column_letter(first)}{row}"
