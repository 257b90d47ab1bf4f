"""`pcf roadmap`: a product along a roadmap, what each lever takes off, and how far the stated targets are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_files, result_options
from pcf.errors import InputError
from pcf.text import name_in, text

if TYPE_CHECKING:
    from pcf.engine.roadmap import Reached, Trajectory

SCHEMA = "pcf/roadmap-result/1"
LABEL, COLUMN = 34, 9
"""Characters of the printed table's first column and of a year; files have every year."""

MOST_DRAWS = 1_000_000


@click.command()
@click.argument("product")
@click.option("--roadmap", "roadmap_id", default="hongqiao", show_default=True, help="A roadmap of the data set.")
@click.option("--from", "first", type=int, default=2020, show_default=True, help="First year.")
@click.option("--to", "last", type=int, default=2055, show_default=True, help="Last year.")
@click.option(
    "-n", "draws", type=click.IntRange(0, MOST_DRAWS), default=2000, show_default=True, help="Draws behind the band; 0: none."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same band.")
@setting_options
@method_options
@result_options
@catalogue_option
@click.pass_context
def roadmap(
    ctx: click.Context, /, product: str, roadmap_id: str, first: int, last: int, draws: int, seed: int, as_json: bool,
    out: Path | None, charts: tuple[Path, ...], force: bool, data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Follow a PRODUCT along a roadmap: total with its uncertainty, levers apart (Shapley), stated targets; nothing is netted."""
    check_files(out, charts, force=force)
    from pcf.catalogue import nearest
    from pcf.commands.progress import progress
    from pcf.engine.montecarlo import Variant
    from pcf.engine.roadmap import hold_against_targets, run_roadmap
    from pcf.views.basis import base_document, save_charts

    catalogue, lang = load(data_path), language(ctx)
    if roadmap_id not in catalogue.roadmaps:
        known = ", ".join(sorted(catalogue.roadmaps)) or "none"
        raise InputError("--roadmap", repr(roadmap_id[:60]), known, nearest(roadmap_id, catalogue.roadmaps))
    chosen = catalogue.roadmaps[roadmap_id]
    asked = read_options(catalogue, product, options)
    variant = Variant(asked.product, asked.method, asked.settings)
    with progress(max(last - first + 1, 1), lang) as advance:
        found = run_roadmap(
            catalogue, variant, chosen, first, last, draws=draws, seed=seed, on_year=lambda _: advance(1)
        )  # fmt: skip
    reached = hold_against_targets(catalogue, chosen, last, asked.method) if first <= chosen.base_year else []
    item = base_document(catalogue, variant, lang)
    made = _document(found, reached, item)
    if charts:
        save_charts(charts, _draw(found, item, lang), force=force)
    if out is not None:
        from pcf.views.basis import notes_of
        from pcf.views.table_files import ResultTable, write_tables

        columns = {
            "year": list(found.years),
            "total": found.total.tolist(),
            **{f"lever {key}": row.tolist() for key, row in found.contributions.items()},
        }
        if found.band is not None:
            columns |= {name: row.tolist() for name, row in zip(("q2.5", "q50", "q97.5"), found.band, strict=True)}
        write_tables(out, [ResultTable("roadmap", columns, notes_of(item, lang))], made, lang)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False))
        return
    _print(found, reached, item, lang)
    for path in (*charts, *([out] if out is not None else [])):
        click.echo(str(path))


def _document(found: Trajectory, reached: list[Reached], item: Mapping[str, Any]) -> dict[str, Any]:
    from pcf.views.basis import basis_of

    names = {lever.id: dict(lever.name) for lever in found.roadmap.levers}
    bands = None if found.band is None else dict(zip(("q2.5", "q50", "q97.5"), found.band.tolist(), strict=True))
    return {
        "schema": SCHEMA,
        **basis_of(item),
        "roadmap": {"id": found.roadmap.id, "name": dict(found.roadmap.name), "base_year": found.roadmap.base_year},
        "years": list(found.years),
        "unit": "tCO2e/t",
        "total": found.total.tolist(),
        "band": bands,
        "without_levers": found.frozen,
        "levers": [
            {"id": key, "name": names[key], "contribution": row.tolist()} for key, row in found.contributions.items()
        ],
        "unused_levers": list(found.unused),
        "targets": [
            {
                "year": entry.target.year, "indicator": entry.target.indicator, "quantity": entry.target.quantity,
                "target": entry.target.value, "unit": entry.target.unit, "reached": entry.found, "gap": entry.gap,
                "met": entry.gap <= 0, "basis": entry.basis,
            }
            for entry in reached
        ],
    }  # fmt: skip


def _draw(found: Trajectory, item: Mapping[str, Any], lang: str) -> Any:
    from pcf.charts import trajectory
    from pcf.charts.trajectory import Lever, Path
    from pcf.views import basis

    names = {lever.id: name_in(lever.name, lang) for lever in found.roadmap.levers}
    low, middle, high = found.band if found.band is not None else (found.total, found.total, found.total)
    # A lever that raises the result in some year cannot be stacked as a reduction; the table has it.
    stacked = [Lever(names[key], (-row).clip(0.0).tolist()) for key, row in found.contributions.items() if row.max() < 1e-9]
    title = f"{name_in(item['product']['name'], lang)}: {name_in(found.roadmap.name, lang)}"
    path = Path(found.years, middle.tolist(), low.tolist(), high.tolist())
    return trajectory(path, basis.frame(item, lang, title, note=text("roadmap.note", lang)), levers=stacked)


def _print(found: Trajectory, reached: list[Reached], item: Mapping[str, Any], lang: str) -> None:
    from rich.text import Text

    from pcf.commands.tables import add_numbers, console, new_table
    from pcf.views.heading import print_heading

    screen = console()
    print_heading(screen, item, lang)
    screen.print(Text(f"{name_in(found.roadmap.name, lang)} · {text('roadmap.note', lang)}", style="dim"))
    room = max(2, (screen.width - LABEL) // COLUMN)
    step = max(1, -(-(len(found.years) - 1) // (room - 1)))
    step = next((nice for nice in (1, 2, 5, 10, 20, 50) if nice >= step), step)
    places = sorted({*range(0, len(found.years), step), len(found.years) - 1})
    table = new_table(text("roadmap.levers", lang))
    table.add_column("tCO2e/t", overflow="fold", min_width=min(LABEL - 2, screen.width // 3))
    add_numbers(table, *(str(found.years[place]) for place in places))
    names = {lever.id: name_in(lever.name, lang) for lever in found.roadmap.levers}
    table.add_row(text("roadmap.frozen", lang), *(f"{found.frozen:.2f}" for _ in places))
    for key, row in found.contributions.items():
        table.add_row(names[key], *(f"{row[place]:+.2f}" if abs(row[place]) >= 0.005 else "–" for place in places))
    table.add_row(text("heading.total", lang), *(f"{found.total[place]:.2f}" for place in places), style="bold")
    if found.band is not None:
        for label, row in (("2.5", found.band[0]), ("97.5", found.band[2])):
            table.add_row(text("roadmap.band", lang, percent=label), *(f"{row[place]:.2f}" for place in places), style="dim")
    screen.print(table)
    if found.unused:
        screen.print(Text(text("roadmap.unused", lang, levers=", ".join(names[key] for key in found.unused)), style="dim"))
    for entry in reached:
        unit = "" if entry.target.unit == "1" else f" {entry.target.unit}"
        share = entry.target.unit == "1"
        shown = [
            f"{value:+.0%}"
            if share and entry.target.indicator == "primary-intensity"
            else f"{value:.0%}"
            if share
            else f"{value:.2f}{unit}"
            for value in (entry.target.value, entry.found, abs(entry.gap))
        ]
        key = "roadmap.met" if entry.gap <= 0 else "roadmap.missed"
        quantity = text(f"roadmap.indicator.{entry.target.indicator}", lang)
        screen.print(text(key, lang, year=entry.target.year, quantity=quantity, target=shown[0], found=shown[1], gap=shown[2]))
