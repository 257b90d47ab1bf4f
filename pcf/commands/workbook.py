"""Results as a workbook: overview, a sheet a product, every value with its source, the sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.catalogue import CATEGORIES, STAGES
from pcf.commands.output import check_name, differing, gas_name, separate_rows
from pcf.commands.overview import row_label
from pcf.text import json_text, name_in, text, texts
from pcf.views import heading
from pcf.views.cells import append_row, sheet_title
from pcf.views.figures import shown_shares
from pcf.views.files import write_all, write_text

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

TONNES, SHARE, MASS = "0.000", "0%", "0.000000"
"""Number formats; the cells hold every digit."""


def write_workbook(target: Path, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Write footprint documents as a workbook."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = text("heading.overview", lang)
    _overview(sheet, documents, lang)
    taken = {sheet.title.lower()}
    for item in documents:
        _product(book.create_sheet(sheet_title(row_label(item), taken)), item, lang)
    _values(book.create_sheet(sheet_title(text("heading.values", lang), taken)), documents, lang)
    _sources(book.create_sheet(sheet_title(text("heading.sources-sheet", lang), taken)), documents, lang)
    book.save(target)


def _bold(sheet: Worksheet, *, row: int | None = None) -> None:
    from openpyxl.styles import Font

    for cell in sheet[row or sheet.max_row]:
        cell.font = Font(bold=True)


def _table(sheet: Worksheet, headings: Sequence[str], rows: Iterable[Sequence[Any]], formats: Mapping[int, str]) -> None:
    """A heading line in bold and rows under it; `formats` by column, from 1."""
    append_row(sheet, headings)
    _bold(sheet)
    for row in rows:
        append_row(sheet, row)
        for column, pattern in formats.items():
            if column <= len(row):
                sheet.cell(sheet.max_row, column).number_format = pattern


def _widths(sheet: Worksheet, widths: Sequence[int]) -> None:
    from openpyxl.utils import get_column_letter

    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _overview(sheet: Worksheet, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    stages = [stage for stage in STAGES if any(stage in item["matrix"] for item in documents)]
    names = ["product", "name", "site", "boundary", "standing"]
    headings = [
        *(text(f"heading.{name}", lang) for name in names), *(text(f"stage.{stage}", lang) for stage in stages),
        f"{text('heading.total', lang)} [tCO2e/t]",
        *(text(f"heading.{name}-low", lang).replace("-\n", "-").replace("\n", "") for name in ("without", "with")),
        text("source-check.assumed", lang), text("heading.method", lang),
    ]  # fmt: skip
    rows = []
    for item in documents:
        pair = item["headline"]
        rows.append([
            row_label(item), name_in(item["product"]["name"], lang), item["site"]["id"] if item["site"] else "–",
            text(f"boundary.{item['boundary']}", lang), text(f"standing.{item['standing']}", lang),
            *(sum(item["matrix"].get(stage, {}).values()) for stage in stages), item["total"]["value"],
            pair["without_low_voltage_pfc"], pair["with_low_voltage_pfc"], item["evidence"]["source_check"]["assumed"],
            heading.method_line(item, lang),
        ])  # fmt: skip
    last = len(names) + len(stages) + 3
    formats = {**dict.fromkeys(range(len(names) + 1, last + 1), TONNES), last + 1: SHARE}
    _table(sheet, headings, rows, formats)
    _widths(sheet, [24, 38, 16, 22, 18, *([14] * (last - len(names) + 1)), 60])
    sheet.freeze_panes = "B2"
    if any("†" in row_label(item) for item in documents):
        sheet.append([])
        append_row(sheet, [text("message.infeasible", lang)])


def _product(sheet: Worksheet, item: Mapping[str, Any], lang: str) -> None:
    append_row(sheet, [f"{name_in(item['product']['name'], lang)} [{item['product']['id']}]"])
    _bold(sheet)
    append_row(sheet, [heading.headline(item, lang)])
    _bold(sheet)
    sheet.freeze_panes = "B3"
    site = item["site"]
    facts: list[tuple[str, Any]] = [
        ("total", item["total"]["value"]), ("boundary", heading.boundary(item, lang)),
        ("standing-note", text(f"standing-note.{item['standing']}", lang)),
        ("site", f"{name_in(site['name'], lang)} ({site['id']})" if site else "–"),
        ("geography", site["geography"] if site else "–"), ("data-year", site["data_year"] if site else "–"),
        ("factor-year", heading.factor_line(item, lang)), ("standard", item["alignment"]["wording"]),
        ("data-set", f"{item['provenance']['datasets_version']} {item['provenance']['datasets_sha256']}"),
    ]  # fmt: skip
    for key, value in facts:
        append_row(sheet, [text(f"heading.{key}", lang), value])
    sheet.cell(3, 2).number_format = TONNES
    if heading.is_hypothetical(item):
        append_row(sheet, [text("message.hypothetical", lang)])
        _bold(sheet)
    _section(sheet, "changes", lang)
    headings = [text(f"heading.{name}", lang) for name in ("name", "value", "unit", "default", "reaches")]
    changes = [
        [row["name"], _plain(row["value"], lang), row["unit"], _plain(row["default"], lang), heading.reached(item, row, lang)]
        for row in item["changes"]
    ]
    _table(sheet, headings, changes or [["–"]], {})
    _section(sheet, "method", lang)
    _table(sheet, [text(f"heading.{name}", lang) for name in ("choice", "option")], _method(item, lang), {})
    _matrix(sheet, item, lang)
    if item["charge"]:
        _charge(sheet, item, lang)
    _section(sheet, "alternatives", lang)
    _table(
        sheet,
        [*(text(f"heading.{name}", lang) for name in ("choice", "option")), "tCO2e/t"],
        _alternatives(item, lang),
        {3: TONNES},
    )
    _section(sheet, "gases", lang)
    gases = [[gas_name(gas, lang), row["mass_kg"], row["tCO2e"]] for gas, row in item["gases"].items()]
    _table(sheet, [text("heading.gas", lang), "kg/t", "tCO2e/t"], gases, {2: MASS, 3: TONNES})
    _section(sheet, "separate", lang)
    _table(sheet, [text("heading.name", lang), "tCO2e/t"], separate_rows(item, lang), {2: TONNES})
    _section(sheet, "evidence", lang)
    known = [("source-check", row) for row in item["evidence"]["source_check"].items()]
    known += [("data-class", row) for row in item["evidence"]["data_class"].items()]
    rows = [[text(f"heading.{group}", lang), text(f"{group}.{key}", lang), share] for group, (key, share) in known]
    _table(sheet, [text(f"heading.{name}", lang) for name in ("evidence", "option", "share")], rows, {3: SHARE})
    _section(sheet, "checks", lang)
    checks = [
        [check_name(row, lang), text(f"check-status.{row['status'].replace(' ', '-')}", lang), row["detail"], row["standard"],
         row["id"], text(f"source-check.{row['mark']}", lang)]
        for row in item["checks"]
    ]  # fmt: skip
    _table(sheet, [text(f"heading.{name}", lang) for name in ("check", "status", "detail", "standard", "id", "mark")], checks, {})
    _widths(sheet, [38, 26, 18, 18, 18, 18, 18, 18, 18])


def _section(sheet: Worksheet, key: str, lang: str) -> None:
    sheet.append([])
    append_row(sheet, [text(f"heading.{key}", lang)])
    _bold(sheet)


def _method(item: Mapping[str, Any], lang: str) -> list[list[str]]:
    known = texts(lang)
    rows = []
    for name, value in item["method"].items():
        group = heading.NAMED.get(name, name)
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        option = known.get(f"boundary.{shown}") if name == "boundary" else known.get(f"choice.{group}.{shown}")
        rows.append([known[f"choice.{group}"], option or shown or "–"])
    return rows


def _matrix(sheet: Worksheet, item: Mapping[str, Any], lang: str) -> None:
    _section(sheet, "matrix", lang)
    sources = [source for source in CATEGORIES if any(source in row for row in item["matrix"].values())]
    stages = [stage for stage in STAGES if stage in item["matrix"]]
    total = item["total"]["value"]
    rows: list[list[Any]] = []
    for stage in stages:
        cells = item["matrix"][stage]
        subtotal = sum(cells.values())
        shares = subtotal / total if total else 0.0
        rows.append([text(f"stage.{stage}", lang), *(cells.get(source, 0.0) for source in sources), subtotal, shares])
    sums = [sum(item["matrix"][stage].get(source, 0.0) for stage in stages) for source in sources]
    rows.append([text("heading.total", lang), *sums, total, 1.0])
    headings = ["tCO2e/t", *(text(f"source.{source}", lang) for source in sources)]
    formats = {**dict.fromkeys(range(2, len(sources) + 3), TONNES), len(sources) + 3: SHARE}
    _table(sheet, [*headings, text("heading.total", lang), text("heading.share", lang)], rows, formats)
    _bold(sheet)


def _charge(sheet: Worksheet, item: Mapping[str, Any], lang: str) -> None:
    _section(sheet, "charge", lang)
    charge = item["charge"]
    rows = [[heading.process_name(item, name, lang), mass, "t/t"] for name, mass in charge["gross_t_per_t"].items() if mass > 0]
    _table(sheet, [text(f"heading.{name}", lang) for name in ("name", "value", "unit")], rows, {2: TONNES})
    shares = {
        "recycled-content": "recycled_content", "post-consumer": "post_consumer_content", "pre-consumer": "pre_consumer_content",
        "recycled-input": "recycled_input",
    }  # fmt: skip
    for key, field in shares.items():
        append_row(sheet, [text(f"heading.{key}", lang), charge[field]])
        sheet.cell(sheet.max_row, 2).number_format = "0.0%"


def _alternatives(item: Mapping[str, Any], lang: str) -> list[list[Any]]:
    known = texts(lang)
    return [
        [known.get(f"choice.{choice}", choice), known.get(f"choice.{choice}.{option}", option), value]
        for choice, options in item["alternatives"].items()
        if differing(options)
        for option, value in options.items()
    ]


def _plain(value: Any, lang: str) -> Any:
    return shown_shares(value, lang) if isinstance(value, Mapping) else value


def _values(sheet: Worksheet, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Every value and factor row behind the results, of every part of the chain."""
    names = (
        "product", "scope", "name", "value", "unit", "origin", "source", "locator", "year", "geography", "source-check",
        "data-class", "url", "note",
    )  # fmt: skip
    rows = []
    for item in documents:
        entries = [(name, row) for name, row in item["parameters"].items()]
        entries += [
            (name, {**row, "scope": text("heading.factors", lang), "origin": ""}) for name, row in item["factors"].items()
        ]
        for name, row in entries:
            origin = text(f"origin.{row['origin'].replace(' ', '-')}", lang) if row["origin"] else ""
            check = text(f"source-check.{row['source_check']}", lang) if "source_check" in row else ""
            data_class = text(f"data-class.{row['data_class']}", lang) if "data_class" in row else ""
            url = item["references"].get(row.get("source", ""), {}).get("url", "")
            marks = [row.get(key, "") for key in ("source", "locator", "year", "geography")]
            value = _plain(row["value"], lang)
            rows.append([
                row_label(item), row["scope"], name, value, row["unit"], origin, *marks, check, data_class, url, row.get("note", "")
            ])  # fmt: skip
    _table(sheet, [text(f"heading.{name}", lang) for name in names], rows, {})
    _widths(sheet, [22, 18, 34, 18, 14, 16, 20, 46, 10, 14, 18, 14, 40, 60])
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = sheet.dimensions


def _sources(sheet: Worksheet, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    known = {name: row for item in documents for name, row in item["references"].items()}
    keys = ("title", "publisher", "year", "url", "redistribution", "note")
    rows = [[name, *(row[key] for key in keys)] for name, row in sorted(known.items())]
    _table(sheet, [text(f"heading.{name}", lang) for name in ("id", *keys)], rows, {})
    _widths(sheet, [22, 60, 30, 10, 60, 40, 60])
    sheet.freeze_panes = "B2"


def write_results(path: Path, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Write footprint documents as JSON or as a workbook, by the file's ending."""
    if path.suffix.lower() == ".json":
        content = documents[0] if len(documents) == 1 else list(documents)
        write_text(path, json_text(content) + "\n")
    else:
        write_all(path, lambda target: write_workbook(target, documents, lang))
