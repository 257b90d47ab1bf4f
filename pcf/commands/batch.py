"""`pcf batch`: the footprint and the recycled content of what was cast."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option, method_options
from pcf.errors import InputError
from pcf.text import json_text, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pcf.catalogue import Catalogue, Process, Product
    from pcf.custody.heats import Heats

SCHEMA = "pcf/batch/1"


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


def batch_document(heats: Heats, unit: str, lang: str) -> dict[str, Any]:
    """The document `pcf/batch/1` of a heat, or of anything made of heats: its own total, and each heat at the cast."""
    from dataclasses import replace

    from pcf.custody.footprint import batch_part, footprint_document
    from pcf.custody.heats import Heats, heats_of, read_unit, unit_footprint
    from pcf.methods import weakest_standing

    shares = heats_of(heats.connection, unit)
    made = {name: heats.footprint(name) for name in shares}
    whole, known = unit_footprint(heats, unit), read_unit(heats.connection, unit)
    parts: list[dict[str, Any]] = [
        {
            "share": float(share),
            "batch": batch_part(made[name]) | _own_content(heats.connection, name),
            "footprint": footprint_document(made[name], lang),
        }
        for name, share in shares.items()
    ]
    pair: dict[str, float | None] = {"excluded": None, "included": None}
    if any(item["footprint"]["headline"]["with_low_voltage_pfc"] is not None for item in parts):
        for option in pair:
            method = replace(heats.method, low_voltage_pfc=option)
            other = heats if method == heats.method else Heats(heats.connection, heats.catalogue, method, heats.replace)
            pair[option] = unit_footprint(other, unit).total
    names = {known.material, *(one.batch.product for one in made.values())}
    names |= {line.material for one in made.values() for line in one.lots}
    return {
        "schema": SCHEMA,
        "unit": unit,
        "kind": known.kind,
        "site": known.site,
        "date": known.date,
        "product": known.material,
        "mass_kg": known.mass_kg,
        "total": {"value": whole.total, "unit": "tCO2e/t"},
        "headline": {"without_low_voltage_pfc": pair["excluded"], "with_low_voltage_pfc": pair["included"]},
        "cast_metal": {"value": whole.cast, "unit": "tCO2e/t"},
        "further_steps": {"value": whole.steps, "unit": "tCO2e/t"},
        "gate": whole.gate,
        "steps_without_data": sorted(whole.plain),
        "gwp": heats.method.gwp,
        "standing": weakest_standing(item.standing for item in made.values()),
        "provisional": any(item.provisional for item in made.values()),
        "names": {name: dict(found.name) for name in sorted(names) if (found := _material(heats.catalogue, name))},
        "heats": parts,
    }


def _own_content(connection: Connection, heat: str) -> dict[str, float]:
    """Content of a heat that holds a customer's metal, as it is claimed: without that metal, which the charge has (F13)."""
    from pcf.custody.trace import read_contents, tolled_share

    if not tolled_share(connection, heat):
        return {}
    post, pre = read_contents(connection, [heat])[heat]
    return {"post_consumer_content": float(post), "pre_consumer_content": float(pre)}


def _material(catalogue: Catalogue, name: str) -> Product | Process | None:
    return catalogue.products.get(name) or catalogue.processes.get(name)


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
    from pcf.commands.figures import with_percent
    from pcf.custody.physical import unit_content
    from pcf.custody.wording import cut_percent

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
