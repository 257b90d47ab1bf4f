"""Reads variants: as texts, from a file of runs, or as columns of a table of scenarios."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pcf.catalogue import Catalogue, read_runs
from pcf.commands.options import read_options
from pcf.engine.axes import read_variant
from pcf.engine.montecarlo import Variant
from pcf.errors import EnvironmentProblem, InputError
from pcf.model import CHOICES, Method, read_run

MOST_VARIANTS = 26
"""One letter each."""

MOST_ROWS = 5_000
MOST_BYTES = 20_000_000


@dataclass(frozen=True)
class Labelled:
    """A variant with what people call it."""

    label: str
    variant: Variant


def read_variants(
    catalogue: Catalogue, texts: Sequence[str], file: Path | None, scenarios: Path | None, options: dict[str, Any]
) -> list[Labelled]:  # fmt: skip
    """Every variant that a call names, in order.

    Raises
    ------
    InputError
        For fewer than two or too many variants, or one that cannot be read.
    """
    found: list[Labelled] = []
    if scenarios is not None:
        for name in texts:
            for column, settings in read_scenarios(scenarios).items():
                found.append(_read(catalogue, name, settings, f"{name} · {column}", f"{scenarios.name} {column}", options))
    else:
        found += [_read(catalogue, name, [], name, f"variant {name[:80]}", options) for name in texts]
    if file is not None:
        found += _of_file(catalogue, file, options)
    if not 2 <= len(found) <= MOST_VARIANTS:
        raise InputError("compare", f"{len(found)} variants", f"2 to {MOST_VARIANTS} variants")
    return found


def _read(
    catalogue: Catalogue, name: str, settings: Sequence[str], label: str, place: str, options: dict[str, Any]
) -> Labelled:  # fmt: skip
    product = name.partition(":")[0]
    asked = read_options(catalogue, product, options)
    more = ",".join(settings)
    text = f"{name}{',' if ':' in name else ':'}{more}" if more else name
    try:
        variant = read_variant(catalogue, text, Variant(asked.product, asked.method))
    except InputError as problem:
        known = problem.place.removeprefix("--set ")
        raise InputError(f"{place}: {known}", problem.found, problem.expected, problem.advice) from None
    return Labelled(label, variant)


def _of_file(catalogue: Catalogue, file: Path, options: dict[str, Any]) -> list[Labelled]:
    """The runs of a study file; a choice of the method that a run leaves open is that of the command line."""
    found = []
    for number, item in enumerate(read_runs(file).runs):
        place = f"{file.name} runs[{number}]"
        try:
            product, method, settings = read_run(catalogue, item)
            shared = read_options(catalogue, product, options).method
        except InputError as problem:
            raise InputError(f"{place}: {problem.place}", problem.found, problem.expected, problem.advice) from None
        own = item.get("method") or {}
        open_ones = {name: getattr(shared, name) for name in (*CHOICES, "steps", "factor_year") if name not in own}
        method = replace(method, **open_ones)
        found.append(Labelled(str(item.get("label") or product), Variant(product, _whole(method), settings)))
    return found


def _whole(method: Method) -> Method:
    """Steps belong to a boundary that counts some steps."""
    return replace(method, steps=()) if method.boundary == "cradle-to-gate" else method


def read_scenarios(path: Path) -> dict[str, list[str]]:
    """Scenario → settings `name=value`, from a table whose first column names parameters and each other column is a scenario.

    A blank cell leaves the parameter as it is.

    Raises
    ------
    InputError
        For a file that is no such table, naming the row.
    """
    rows = _cells(path)
    if len(rows) < 2 or len(rows[0]) < 2 or rows[0][0].strip().lower() not in {"parameter", "参数"}:
        raise InputError(path.name, "no table of scenarios", "a first row `parameter, low, base, high` or any columns")
    names = [name.strip() for name in rows[0][1:]]
    if "" in names or len(set(names)) < len(names):
        raise InputError(f"{path.name}:1", "columns without a name, or one name twice", "each scenario named once")
    found: dict[str, list[str]] = {name: [] for name in names}
    for number, row in enumerate(rows[1:], 2):
        parameter, *cells = [cell.strip() for cell in row]
        if not parameter and not any(cells):
            continue
        if not parameter or len(cells) > len(names):
            raise InputError(f"{path.name}:{number}", "a row without a parameter, or with too many cells", "parameter and values")
        for name, cell in zip(names, cells, strict=False):
            if cell:
                found[name].append(f"{parameter}={cell}")
    return found


def _cells(path: Path) -> list[list[str]]:
    form = path.suffix.lower()
    if form not in {".csv", ".xlsx"}:
        raise InputError(f"--scenarios {path.name}", path.suffix or "no ending", ".csv or .xlsx")
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(path.name, f"{path.stat().st_size:,} bytes", f"at most {MOST_BYTES:,}")
        rows = _csv_rows(path) if form == ".csv" else _sheet_rows(path)
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror or problem}") from None
    if len(rows) > MOST_ROWS:
        raise InputError(path.name, f"{len(rows):,} rows", f"at most {MOST_ROWS:,}")
    return rows


def _csv_rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row for row in csv.reader(file, strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise InputError(path.name, f"text that is not CSV in UTF-8 ({str(problem)[:60]})", "CSV in UTF-8") from None


def _sheet_rows(path: Path) -> list[list[str]]:
    from openpyxl import load_workbook

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > MOST_BYTES:
            raise InputError(path.name, f"{unpacked:,} bytes when unpacked", f"at most {MOST_BYTES:,}")
        book = load_workbook(path, read_only=True, data_only=True)
    except InputError:
        raise
    except Exception as problem:  # noqa: BLE001 - zip, XML and openpyxl raise many kinds for a damaged or hostile file
        raise InputError(path.name, f"no workbook ({type(problem).__name__})", "an .xlsx file") from None
    try:
        sheet = book.worksheets[0]
        if (sheet.max_row or 0) > MOST_ROWS or (sheet.max_column or 0) > MOST_VARIANTS + 1:
            raise InputError(path.name, "a sheet too large", f"at most {MOST_ROWS:,} rows and {MOST_VARIANTS} scenarios")
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()
    while rows and not any(rows[-1]):
        rows.pop()
    width = max((index for index, cell in enumerate(rows[0]) if cell), default=-1) + 1 if rows else 0
    return [row[:width] if not any(row[width:]) else row for row in rows]


def read_table(path: Path, columns: Sequence[str]) -> list[Mapping[str, str]]:
    """Rows of a CSV table that has some columns; others may be missing.

    Raises
    ------
    InputError
        For a file that is no such table.
    """
    rows = _cells(path)
    header = [name.strip() for name in rows[0]] if rows else []
    unknown = [name for name in header if name not in columns]
    if len(rows) < 2 or columns[0] not in header or unknown:
        raise InputError(path.name, f"columns {', '.join(unknown or header)[:80]}", ", ".join(columns))
    return [dict(zip(header, row, strict=False)) for row in rows[1:]]
