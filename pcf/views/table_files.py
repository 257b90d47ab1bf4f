"""Tables of results as CSV, Parquet, JSON or a workbook: each carries what its numbers rest on."""

from __future__ import annotations

import csv
import importlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from pcf.errors import EnvironmentProblem, InputError
from pcf.text import json_text, text
from pcf.views.cells import append_row, csv_text, sheet_title
from pcf.views.files import write_all, write_text

MOST_ROWS = 1_000_000
"""Rows of a sheet, which has room for 1,048,576."""


@dataclass(frozen=True)
class ResultTable:
    """A table: its name, its columns of equal length, and what stands on every row of a file without a place for notes.

    An empty cell is None or NaN.
    """

    name: str
    columns: Mapping[str, Sequence[Any]]
    notes: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Rows with plain Python values."""
        plain = (values.tolist() if hasattr(values, "tolist") else values for values in self.columns.values())
        for row in zip(*plain, strict=True):
            yield tuple(None if isinstance(cell, float) and not math.isfinite(cell) else cell for cell in row)


def write_tables(path: Path, tables: Sequence[ResultTable], document: Mapping[str, Any] | None, lang: str) -> None:
    """Write a result by the file's ending: JSON takes the document, a workbook every table, the others the first.

    Raises
    ------
    InputError
        For a table too long for a sheet, or too large for one JSON document.
    EnvironmentProblem
        Where the file cannot be written, or Parquet is asked for without its package.
    """
    form = path.suffix.lower()
    if form == ".json":
        if document is None:
            raise InputError(f"--out {path.name}", f"{len(tables[0]):,} rows", "fewer rows for JSON", "use .csv or .parquet")
        write_text(path, json_text(document) + "\n")
    elif form == ".csv":
        write_all(path, lambda target: _csv(target, tables[0]))
    elif form == ".parquet":
        write_all(path, lambda target: _parquet(target, tables[0]))
    else:
        if len(tables[0]) > MOST_ROWS:
            raise InputError(f"--out {path.name}", f"{len(tables[0]):,} rows", f"at most {MOST_ROWS:,}", "use .csv or .parquet")
        write_all(path, lambda target: _workbook(target, tables, lang))


def _csv(target: Path, table: ResultTable) -> None:
    with target.open("w", encoding="utf-8-sig", newline="") as file:  # the mark lets Excel read Chinese
        writer = csv.writer(file)
        writer.writerow([csv_text(name) for name in (*table.columns, *table.notes)])
        rows, notes = table.rows(), tuple(csv_text(note) for note in table.notes.values())
        while part := list(islice(rows, 10_000)):
            writer.writerows((*("" if cell is None else csv_text(cell) for cell in row), *notes) for row in part)


def parquet() -> Any:
    """The package behind Parquet files.

    Raises
    ------
    EnvironmentProblem
        Where it is not installed.
    """
    try:
        importlib.import_module("pyarrow.parquet")
        return importlib.import_module("pyarrow")
    except ImportError:
        raise EnvironmentProblem(
            "a .parquet file needs the package pyarrow, which is not installed: pip install 'pcf-aluminium[tables]'; or write .csv"
        ) from None


def _parquet(target: Path, table: ResultTable) -> None:
    arrow = parquet()
    made = arrow.table({name: arrow.array(values, from_pandas=True) for name, values in table.columns.items()})
    made = made.replace_schema_metadata({f"pcf {name}": value for name, value in table.notes.items()})
    importlib.import_module("pyarrow.parquet").write_table(made, target)


def _workbook(target: Path, tables: Sequence[ResultTable], lang: str) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    taken: set[str] = set()
    for table in tables:
        sheet = book.create_sheet(sheet_title(table.name, taken))
        append_row(sheet, table.columns)
        for row in table.rows():
            append_row(sheet, row)
    notes = book.create_sheet(sheet_title(text("heading.provenance", lang), taken))
    for name, value in tables[0].notes.items():
        append_row(notes, [name, value])
    book.save(target)
