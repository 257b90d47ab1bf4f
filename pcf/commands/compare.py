"""`pcf compare`: which variant is lower, by how much, how surely, and under which conditions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options
from pcf.commands.run_options import check_files, draw_options, result_options
from pcf.errors import InputError

PICTURES = ("stages", "waterfall", "difference", "distributions")


@click.command()
@click.argument("variants", nargs=-1, metavar="VARIANT...")
@click.option(
    "--file", "file", type=click.Path(path_type=Path), help="Take the runs of a study file as variants, beside those named."
)
@click.option(
    "--scenarios", type=click.Path(path_type=Path),
    help="A .csv or .xlsx table: first column the parameter, each other column a scenario of every VARIANT named.",
)  # fmt: skip
@click.option("--allow-mixed", is_flag=True, help="Show variants of different method or boundary too, marked; never ranked.")
@method_options
@draw_options(20_000)
@click.option(
    "--picture",
    type=click.Choice(PICTURES),
    help="What --chart draws; without it the waterfall of two variants, the stages of more.",
)
@result_options
@catalogue_option
@click.pass_context
def compare(
    ctx: click.Context, /, variants: tuple[str, ...], file: Path | None, scenarios: Path | None, allow_mixed: bool, size: int,
    seed: int, workers: int, picture: str | None, as_json: bool, out: Path | None, charts: tuple[Path, ...], force: bool,
    data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Compare two or more VARIANTs on common draws.

    A variant is a product with its own settings: a356.2:recycled_content=0.9,grid_mix=yunnan. What the variants share is drawn
    once, so that only what sets them apart is uncertain.
    """
    check_files(out, charts, force=force)
    from pcf.commands.progress import progress
    from pcf.commands.variants import read_variants
    from pcf.engine.contrast import contrast
    from pcf.engine.draws import check_size
    from pcf.views.basis import document_of, save_charts
    from pcf.views.compare_document import compare_document, compare_tables

    check_size(size)
    lang = language(ctx)
    catalogue = load(data_path) if file is None else _with_study(data_path, file)
    labelled = read_variants(catalogue, variants, file, scenarios, options)
    chosen = [item.variant for item in labelled]
    if not allow_mixed:
        _refuse_mixed(catalogue, chosen)
    with progress(size, lang) as advance:
        found = contrast(catalogue, chosen, size, seed, workers=workers, on_block=advance)
    items = [document_of(footprint, lang) for footprint in found.footprints]
    labels = [item.label for item in labelled]
    made = compare_document(found, items, labels, size, seed, lang)
    if charts:
        from pcf.views.compare_figures import draw

        save_charts(charts, draw(found, items, labels, picture, made, lang), force=force)
    if out is not None:
        from pcf.views.table_files import write_tables

        write_tables(out, compare_tables(made, items, lang), made, lang)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False))
        return
    from pcf.commands.compare_view import print_comparison

    print_comparison(made, items, lang)
    for path in (*charts, *([out] if out is not None else [])):
        click.echo(str(path))


def _with_study(data_path: Path | None, file: Path) -> Any:
    """The catalogue with what the file of runs brings of its own."""
    from pcf.catalogue import open_catalogue, read_runs
    from pcf.commands.options import user_data

    return open_catalogue(data_path, overlays=[] if read_runs(file).alone else [user_data()], study=file)


def _refuse_mixed(catalogue: Any, variants: Any) -> None:
    from pcf.engine import calculate
    from pcf.engine.contrast import find_mixed

    found = [calculate(catalogue, item.product, item.method, item.settings) for item in variants]
    mixed = find_mixed(variants, found)
    if mixed:
        documents = [item.method.as_document() for item in variants]
        shown = "; ".join(f"{name}: {' / '.join(dict.fromkeys(str(item[name]) for item in documents))}" for name in mixed)
        raise InputError(
            "compare", f"variants of different method ({shown})", "one method and boundary for all",
            "choose one, or add --allow-mixed to show them unranked",
        )  # fmt: skip
