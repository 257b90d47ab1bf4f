"""`pcf uncertainty`: the distribution of a footprint from the spreads of its data."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import click

from pcf.commands.main import language
from pcf.commands.options import catalogue_option, load, method_options, read_options, setting_options
from pcf.commands.run_options import check_file, check_files, draw_options, result_options
from pcf.engine.draws import SAMPLERS
from pcf.errors import InputError


@click.command()
@click.argument("product")
@draw_options(100_000)
@click.option(
    "--sampler", type=click.Choice(SAMPLERS), default="random", show_default=True,
    help="Plain random numbers, Latin hypercubes or scrambled Sobol' sequences.",
)  # fmt: skip
@click.option(
    "--uncertain", "spreads", multiple=True, metavar="NAME=SPREAD",
    help="Your own spread of a value, in its unit: triangular:low,mode,high, normal:mean,sd, lognormal:median,sd (sd of the "
    "logarithm), uniform:low,high, beta:low,mode,high discrete:value@weight,… or, for shares, dirichlet:concentration; may be repeated.",
)  # fmt: skip
@click.option(
    "--from-stats-arrays", "rows_in", type=click.Path(path_type=Path), help="Read spreads from a .csv of stats_arrays rows."
)
@click.option(
    "--stats-arrays", "rows_out", type=click.Path(path_type=Path), help="Write every spread as a .csv of stats_arrays rows."
)
@click.option("--samples", type=click.Path(path_type=Path), help="Save every draw (inputs, stages, total) as a .parquet file.")
@setting_options
@method_options
@result_options
@catalogue_option
@click.pass_context
def uncertainty(
    ctx: click.Context, /, product: str, size: int, seed: int, workers: int, sampler: str, spreads: tuple[str, ...],
    rows_in: Path | None, rows_out: Path | None, samples: Path | None, as_json: bool, out: Path | None, charts: tuple[Path, ...],
    force: bool, data_path: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Draw every uncertain input of a PRODUCT's chain and show how its footprint is distributed.

    Values without a published spread, and official factors, do not vary. Each draw solves the whole chain, its charge included.
    """
    check_files(out, charts, force=force)
    check_file("--samples", samples, (".parquet",), force=force)
    check_file("--stats-arrays", rows_out, (".csv",), force=force)
    from pcf.commands.progress import progress
    from pcf.engine.draws import check_size
    from pcf.engine.montecarlo import Variant, run_uncertainty
    from pcf.engine.spreads import read_spreads, without_spreads
    from pcf.views.basis import base_document, save_charts
    from pcf.views.uncertainty_document import uncertainty_document, uncertainty_tables

    check_size(size)
    if samples is not None:
        from pcf.views.table_files import parquet

        parquet()
    catalogue, lang = load(data_path), language(ctx)
    asked = read_options(catalogue, product, options)
    variant, extra = read_spreads(catalogue, Variant(asked.product, asked.method, asked.settings), spreads)
    if rows_in is not None:
        variant, more = _read_rows(catalogue, variant, rows_in)
        if {item.key for item in extra} & {item.key for item in more}:
            raise InputError("--uncertain", f"an input that {rows_in.name} has too", "one spread an input")
        extra += more
    spread_out = without_spreads(catalogue, extra)
    # The last block of a Sobol' run may be cut short; it is a block among many, and its balance nobody's concern.
    warnings.filterwarnings("ignore", message="The balance properties of Sobol'")
    with progress(size, lang) as advance:
        found = run_uncertainty(
            spread_out, variant, size, seed, sampler=sampler, workers=workers, extra=extra, on_block=advance
        )  # fmt: skip
    item = base_document(catalogue, variant, lang)
    made = uncertainty_document(catalogue, found, item)
    written = list(charts)
    if samples is not None:
        _save_samples(spread_out, variant, samples, made, extra, lang)
        written.append(samples)
    if rows_out is not None:
        _write_rows(catalogue, found, rows_out)
        written.append(rows_out)
    if charts:
        from pcf.views.uncertainty_figures import draw

        save_charts(charts, draw(found, item, lang), force=force)
    if out is not None:
        from pcf.views.table_files import write_tables

        write_tables(out, uncertainty_tables(made, item, lang), made, lang)
        written.append(out)
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False, indent=2, allow_nan=False))
        return
    from pcf.commands.uncertainty_view import print_uncertainty

    print_uncertainty(made, item, lang)
    for path in written:
        click.echo(str(path))


def _read_rows(catalogue: Any, variant: Any, path: Path) -> Any:
    from pcf.commands.variants import read_table
    from pcf.engine.spreads import COLUMNS, read_rows

    return read_rows(catalogue, variant, read_table(path, COLUMNS), path.name)


def _write_rows(catalogue: Any, found: Any, path: Path) -> None:
    """Spreads as rows; what the vocabulary lacks is named on stderr."""
    from pcf.engine.inputs import name_inputs
    from pcf.engine.spreads import COLUMNS, write_rows
    from pcf.views.table_files import ResultTable, write_tables

    rows, left = write_rows(name_inputs(catalogue, found.uncertain))
    write_tables(path, [ResultTable("spreads", {name: [row[name] for row in rows] for name in COLUMNS})], None, "en")
    if left:
        click.echo(f"pcf: stats_arrays has no word for the spread of: {', '.join(left)}", err=True)


def _save_samples(catalogue: Any, variant: Any, path: Path, made: Any, extra: Any, lang: str) -> None:
    """The same draws once more, block by block, into a file."""
    from pcf.commands.progress import progress
    from pcf.commands.sample_files import write_samples
    from pcf.engine.samples import draw_samples
    from pcf.views.files import write_all

    draws = made["draws"]
    named, blocks = draw_samples(catalogue, variant, draws["size"], draws["seed"], draws["sampler"], extra)
    with progress(draws["size"], lang) as advance:
        write_all(path, lambda target: write_samples(target, named, blocks, made, advance))
