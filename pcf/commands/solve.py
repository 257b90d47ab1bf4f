"""`pcf solve`: which values bring a footprint to a target."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_files, result_options
from pcf.errors import InputError


@click.command()
@click.argument("product")
@click.option("--target", required=True, type=float, help="Footprint to reach or stay below [tCO2e/t].")
@click.option(
    "--vary", "vary", multiple=True, required=True, metavar="NAME[=from:to],…",
    help="What may change: NAME over its permitted range, NAME=from:to, or SHARES=preset:preset; several by commas.",
)  # fmt: skip
@click.option(
    "--cost", "costs", multiple=True, metavar="NAME=COST,…",
    help="Cost of going all the way from the start to the end of a range, in any unit of yours; the cheapest answer is sought.",
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same figures.")
@setting_options
@method_options
@result_options
@catalogue_option
@click.pass_context
def solve(
    ctx: click.Context, /, product: str, target: float, vary: tuple[str, ...], costs: tuple[str, ...], seed: int, as_json: bool,
    out: Path | None, charts: tuple[Path, ...], force: bool, data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Find the values of some parameters that bring a PRODUCT's footprint to a target, or how near they come.

    Only charges that meet the limits of their alloy count.
    """
    check_files(out, charts, force=force)
    if not math.isfinite(target):
        raise InputError("--target", str(target), "a finite number")
    from pcf.commands.solve_document import solve_document, solve_tables
    from pcf.engine.goal import seek
    from pcf.engine.montecarlo import Variant
    from pcf.engine.ranges import read_range
    from pcf.views.basis import base_document, save_charts

    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    variant = Variant(asked.product, asked.method, asked.settings)
    axes = [read_range(catalogue, variant, part) for text in vary for part in _parts(text)]
    names = [axis.name for axis in axes]
    if len(set(names)) < len(names):
        raise InputError("--vary", "one name twice", "each name once")
    chosen = _costs(costs)
    found = seek(catalogue, variant, axes, target, chosen or None, seed)
    item = base_document(catalogue, variant, lang)
    made = solve_document(catalogue, variant, axes, target, chosen, found, item)
    if charts:
        from pcf.commands.solve_figures import draw

        save_charts(charts, draw(catalogue, variant, axes, made, item, lang), force=force)
    if out is not None:
        from pcf.views.table_files import write_tables

        write_tables(out, solve_tables(made, item, lang), made, lang)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False))
        return
    from pcf.commands.solve_view import print_goal

    print_goal(made, item, lang)
    for path in (*charts, *([out] if out is not None else [])):
        click.echo(str(path))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _costs(texts: tuple[str, ...]) -> dict[str, float]:
    found: dict[str, float] = {}
    for part in (part for text in texts for part in _parts(text)):
        name, given, number = (piece.strip() for piece in part.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not given or not name or name in found or not math.isfinite(value) or value < 0:
            raise InputError(f"--cost {part[:60]}", "no cost of zero or more, or one name twice", "NAME=cost")
        found[name] = value
    return found
