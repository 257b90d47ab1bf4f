"""`pcf batch`: the footprint and the recycled content of what was cast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option, method_options
from pcf.errors import InputError
from pcf.text import json_text, text


@click.group(cls=Group)
def batch() -> None:
    """Cast batches: footprint from what was really charged, recycled content of the physical mix."""


@batch.command(short_help="Compute the footprint of a heat, bundle, coil or shipment.")
@click.argument("unit")
@click.option(
    "--replace", is_flag=True, help="Let the catalogue's data set stand in for a supplier's footprint that cannot be used."
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.option("--full", is_flag=True, help="Print parameters, gases and passed checks too.")
@method_options
@catalogue_option
@click.pass_context
def footprint(
    ctx: click.Context, /, unit: str, replace: bool, as_json: bool, full: bool, data_path: Path | None, **options: Any
) -> None:
    """Compute the footprint of UNIT from its actual charge and the plant's data; of anything made of heats, by mass."""
    from pcf.custody.batch_document import batch_document
    from pcf.custody.heats import Heats
    from pcf.model import CHOICES, Method

    if options["steps"] or options["boundary"] != "cradle-to-gate":
        raise InputError("--boundary", options["boundary"], "cradle-to-gate: a batch carries what came in")
    method = Method(**{name: options[name] for name in CHOICES}, factor_year=options["factor_year"])
    book, lang = open_book(data_path, create=False), language(ctx)
    with book.read() as connection:
        heats = Heats(connection, book.catalogue, method, replace)
        found = batch_document(heats, unit, lang)
    if as_json:
        click.echo(json_text(found))
        return
    from pcf.commands.batch_view import print_batch

    print_batch(found, lang, full=full)


@batch.command(short_help="Show the recycled content of a heat, bundle, coil or shipment.")
@click.argument("unit")
@click.option(
    "--same-process", type=Option(("company", "plant", "product_stream", "casthouse")), default="company", show_default=True,
    help="Inside which boundary scrap of one's own is no recycled material (ISO 14021).",
)  # fmt: skip
@click.option(
    "--basis",
    type=Option(("batch", "site-average")),
    default="batch",
    show_default=True,
    help="The heats, or the site's average.",
)
@click.option("--include-tolled", is_flag=True, help="Count tolled and closed-loop scrap too.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def content(
    ctx: click.Context, /, unit: str, same_process: str, basis: str, include_tolled: bool, as_json: bool, data_path: Path | None
) -> None:
    """Show post- and pre-consumer content of UNIT from the physical mix; what was claimed as credit stands apart."""
    from pcf.custody.physical import unit_content
    from pcf.custody.wording import cut_percent
    from pcf.views.figures import with_percent

    book, lang = open_book(data_path, create=False), language(ctx)
    with book.read() as connection:
        found = unit_content(connection, book.catalogue, unit, same_process, basis, include_tolled=include_tolled)
    shown: dict[str, Any] = {
        "schema": "pcf/recycled-content/1", "unit": unit, "basis": basis, "metal_basis": "F13, metal yield",
        "same_process_boundary": same_process, "includes_tolled": include_tolled, "period": found.period,
        "post_consumer": float(found.post), "pre_consumer": float(found.pre), "total": float(found.post + found.pre),
        "attributed": {name: float(share) for name, share in found.attributed.items()},
    }  # fmt: skip
    if as_json:
        click.echo(json_text(shown))
        return
    click.echo(text("content.heading", lang, unit=unit, basis=text(f"content-basis.{basis}", lang), period=found.period))
    for name, value in (("post", found.post), ("pre", found.pre), ("total", found.post + found.pre)):
        click.echo(text(f"content.{name}", lang, share=with_percent(cut_percent(value), lang)))
    click.echo(text("content.method", lang, boundary=text(f"same-process.{same_process}", lang)))
    for name, share in found.attributed.items():
        click.echo(
            text(
                "content.attributed", lang, attribute=text(f"account.{name}", lang), share=with_percent(cut_percent(share), lang)
            )
        )
