"""Writes results to files: all of a file or nothing of it."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pcf.errors import EnvironmentProblem, InputError
from pcf.text import name_in, text


def write_all(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file through a temporary one in the same folder, then rename it.

    Raises
    ------
    InputError
        Where the folder does not exist or the name is a folder.
    EnvironmentProblem
        Where the folder cannot be written, or the disk is full.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(str(path), "a folder, or a file in a folder that does not exist", "a file name in an existing folder")
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".pcf-", suffix=path.suffix)
        os.close(handle)
        try:
            write(Path(name))
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror or problem}; nothing was written") from None


def write_results(path: Path, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Write footprint documents as JSON or as a workbook, by the file's ending."""
    if path.suffix == ".json":
        content = documents[0] if len(documents) == 1 else list(documents)
        data = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
        write_all(path, lambda target: _write_text(target, data))
    else:
        write_all(path, lambda target: _write_workbook(target, documents, lang))


def _write_text(target: Path, data: str) -> None:
    target.write_text(data, encoding="utf-8")


def _write_workbook(target: Path, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """One sheet a product: headline, two-way table, alternatives, gases, parameters, checks."""
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    book.remove(book.worksheets[0])
    bold = Font(bold=True)
    for item in documents:
        sheet = book.create_sheet(item["product"]["id"][:31])
        rows: list[list[Any]] = [
            [name_in(item["product"]["name"], lang)],
            [text("heading.total", lang), item["total"]["value"], item["total"]["unit"]],
            [text("heading.boundary", lang), text(f"boundary.{item['boundary']}", lang)],
            [text("heading.method", lang), ", ".join(f"{key}: {value}" for key, value in item["method"].items() if value)],
            [text("heading.standing", lang), text(f"standing.{item['standing']}", lang)],
            [item["alignment"]["wording"]],
            [text("heading.data-set", lang), item["provenance"]["datasets_version"], item["provenance"]["datasets_sha256"]],
            [],
        ]
        sources = [entry["id"] for entry in item["sources"] if entry["value"]]
        rows.append(
            [text("heading.matrix", lang), *[text(f"source.{source}", lang) for source in sources], text("heading.total", lang)]
        )
        for stage, cells in item["matrix"].items():
            rows.append([text(f"stage.{stage}", lang), *[cells.get(source, 0.0) for source in sources], sum(cells.values())])
        rows += [[], [text("heading.alternatives", lang)]]
        rows += [[choice, option, value] for choice, options in item["alternatives"].items() for option, value in options.items()]
        rows += [[], [text("heading.gases", lang), "kg/t", "tCO2e/t"]]
        rows += [[gas, values["mass_kg"], values["tCO2e"]] for gas, values in item["gases"].items()]
        rows += [[], [text("heading.parameters", lang)]]
        for name, entry in item["parameters"].items():
            value = entry["value"]
            shown = json.dumps(value) if isinstance(value, dict) else value
            rows.append([name, shown, entry["unit"], entry["origin"], entry.get("source", ""), entry.get("source_check", "")])
        rows += [[], [text("heading.checks", lang)]]
        rows += [[check["id"], check["status"], check["detail"], check["standard"]] for check in item["checks"]]
        for row in rows:
            sheet.append(row)
            if len(row) == 1 or (row and row[0] in {text("heading.matrix", lang), text("heading.gases", lang)}):
                sheet.cell(sheet.max_row, 1).font = bold
        sheet.column_dimensions["A"].width = 34
        for letter in "BCDEFGH":
            sheet.column_dimensions[letter].width = 18
    book.save(target)
