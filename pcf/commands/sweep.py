"""`pcf sweep`: a footprint over the grid of one or more parameters."""

from __future__ import annotations

import json
from math import prod
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_files, result_options
from pcf.errors import InputError

MOST_IN_JSON = 200_000
"""Points that one JSON document holds; more belong into a table."""


@click.command()
@click.argument("product")
@click.option(
    "--over", "over", multiple=True, required=True, metavar="NAME=POINTS",
    help="An axis: NAME=from:to:step, NAME=value,value, or SHARES=preset:preset:count (three presets make a triangle); may be repeated.",
)  # fmt: skip
@setting_options
@method_options
@result_options
@catalogue_option
@click.pass_context
def sweep(
    ctx: click.Context, /, product: str, over: tuple[str, ...], as_json: bool, out: Path | None, charts: tuple[Path, ...],
    force: bool, data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Compute a PRODUCT's footprint at every point of a grid; where the charge cannot be made there is no number.

    With --chart one axis gives lines, three presets a triangle, two axes a heat map.
    """
    check_files(out, charts, force=force)
    from pcf.commands.progress import progress
    from pcf.commands.sweep_document import sweep_document, sweep_table
    from pcf.engine.axes import read_axis
    from pcf.engine.montecarlo import Variant
    from pcf.engine.ranges import scale_of
    from pcf.engine.sweep import run_sweep
    from pcf.views.basis import base_document, save_charts

    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    variant = Variant(asked.product, asked.method, asked.settings)
    axes = [read_axis(catalogue, variant, text) for text in over]
    points = prod(len(axis) for axis in axes)
    in_json = as_json or (out is not None and out.suffix.lower() == ".json")
    if in_json and points > MOST_IN_JSON:
        raise InputError(
            "--json", f"{points:,} points", f"at most {MOST_IN_JSON:,} in one document", "use --out with .csv or .parquet"
        )
    with progress(points, lang) as advance:
        found = run_sweep(catalogue, variant, axes, on_part=advance)
    scales = [scale_of(catalogue, variant, axis) for axis in axes]
    item = base_document(catalogue, variant, lang)
    made = sweep_document(catalogue, found, scales, item) if in_json else None
    if charts:
        from pcf.commands.sweep_figures import draw

        save_charts(charts, draw(catalogue, found, scales, item, lang), force=force)
    if out is not None:
        from pcf.views.table_files import write_tables

        write_tables(out, [sweep_table(found, scales, item, lang)], made, lang)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False))
        return
    from pcf.commands.sweep_view import print_sweep

    print_sweep(catalogue, found, scales, item, lang)
    for path in (*charts, *([out] if out is not None else [])):
        click.echo(str(path))
