"""`pcf sensitivity`: what drives a footprint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_files, result_options
from pcf.errors import InputError

LARGEST = 16
"""Power of two up to which points are drawn for indices: 65,536, which is one block."""


@click.command()
@click.argument("product")
@click.option(
    "--sobol", "points", type=int, metavar="N", help="Sobol' indices too, from N points each (a power of two, 4096 say)."
)
@click.option("--simplified", is_flag=True, help="The shortest formula that reproduces 95 % of the variance, with its error.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed gives the same figures.")
@click.option("--top", type=click.IntRange(1), default=15, show_default=True, help="Inputs on the screen and in the picture.")
@setting_options
@method_options
@result_options
@catalogue_option
@click.pass_context
def sensitivity(
    ctx: click.Context, /, product: str, points: int | None, simplified: bool, seed: int, top: int, as_json: bool, out: Path | None,
    charts: tuple[Path, ...], force: bool, data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Rank what drives a PRODUCT's footprint.

    Each uncertain input goes to its 5 % and 95 % quantile with all others at their base value (the tornado); the slope is exact, from
    the recorded model itself.
    """
    check_files(out, charts, force=force)
    if points is not None and points not in [2**power for power in range(5, LARGEST + 1)]:
        raise InputError("--sobol", str(points), f"a power of two from 32 to {2**LARGEST}")
    from pcf.commands.sensitivity_document import sensitivity_document, sensitivity_tables
    from pcf.engine.montecarlo import Sampled, Variant
    from pcf.engine.sensitivity import calc_sobol, calc_tornado, simplify
    from pcf.views.basis import base_document, save_charts

    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    variant = Variant(asked.product, asked.method, asked.settings)
    sampled = Sampled(catalogue, variant, seed)
    if not sampled.uncertain:
        raise InputError("sensitivity", f"{asked.product} has no uncertain input", "a product with spreads in its data")
    drivers = calc_tornado(sampled)
    indices = calc_sobol(sampled, points, seed) if points is not None else []
    formula = simplify(catalogue, variant, seed=seed) if simplified else None
    item = base_document(catalogue, variant, lang)
    made = sensitivity_document(catalogue, drivers, indices, formula, item, points, seed)
    if charts:
        from pcf.commands.sensitivity_figures import draw

        save_charts(charts, draw(made, item, top, lang), force=force)
    if out is not None:
        from pcf.views.table_files import write_tables

        write_tables(out, sensitivity_tables(made, item, lang), made, lang)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False))
        return
    from pcf.commands.sensitivity_view import print_sensitivity

    print_sensitivity(made, item, top, lang)
    for path in (*charts, *([out] if out is not None else [])):
        click.echo(str(path))
