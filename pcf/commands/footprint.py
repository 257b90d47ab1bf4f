"""`pcf footprint`: totals, tables and documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import PICTURES, check_file
from pcf.engine import TOLERANCES, Footprint, calculate, cross_check
from pcf.errors import CheckFailed
from pcf.methods import assess, document
from pcf.text import json_text
from pcf.views.files import check_out


@click.command()
@click.argument("products", nargs=-1, required=True, metavar="PRODUCT...")
@setting_options
@method_options
@catalogue_option
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout (a list for several products).")
@click.option("--out", type=click.Path(path_type=Path), help="Write the result to a .json or .xlsx file.")
@click.option(
    "--chart", "charts", multiple=True, type=click.Path(path_type=Path),
    help="Draw a picture into a .svg, .png, .pdf or .html file; may be repeated.",
)  # fmt: skip
@click.option(
    "--picture", type=click.Choice(("stages", "sources", "sankey")), default="stages", show_default=True,
    help="What --chart draws: stages or sources of each product, or the flows through one product's chain.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Write over files that exist.")
@click.option("--cross-check", "crossed", is_flag=True, help="Solve by all three solvers and print the differences.")
@click.option("--full", is_flag=True, help="Print parameters, gases and passed checks too.")
@click.pass_context
def footprint(
    ctx: click.Context, /, products: tuple[str, ...], data_path: Path | None, as_json: bool, out: Path | None, crossed: bool,
    full: bool, charts: tuple[Path, ...], picture: str, force: bool, **options: Any,
) -> None:  # fmt: skip
    """Compute the footprint of one or more PRODUCTs (see `pcf products`)."""
    check_out(out, force=force)
    for chart in charts:
        check_file("--chart", chart, PICTURES, force=force)
    catalogue, lang = load(data_path), language(ctx)
    results: list[Footprint] = []
    for name in products:
        asked = read_options(catalogue, name, options)
        results.append(calculate(catalogue, asked.product, asked.method, asked.settings))
    documents = [document(result, assess(result), lang) for result in results]
    if crossed:
        for result, item in zip(results, documents, strict=True):
            item["cross_check"] = _cross_check(result)
    if out is not None:
        from pcf.commands.workbook import write_results

        write_results(out, documents, lang)
    if charts:
        from pcf.views.basis import save_charts
        from pcf.views.footprint_figures import draw

        save_charts(charts, draw(results, documents, picture, lang), force=force)
    if as_json:
        click.echo(json_text(documents[0] if len(documents) == 1 else documents))
    else:
        from pcf.commands.output import print_documents

        print_documents(documents, lang, full=full)
        for path in (*charts, *([out] if out is not None else [])):
            click.echo(str(path))
    if crossed and not all(item["cross_check"]["agrees"] for item in documents):
        raise CheckFailed("the three solvers differ by more than their tolerances; do not use this result")


def _cross_check(result: Footprint) -> dict[str, Any]:
    found = cross_check(result.system, result.solution)
    return {
        "vectorised": found.vectorised,
        "reference": found.reference,
        "brightway": found.brightway,
        "relative_differences": found.differences,
        "tolerances": dict(TOLERANCES),
        "agrees": found.agrees,
    }
