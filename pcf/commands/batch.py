"""`pcf batch`: the footprint and the recycled content of what was cast."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option, method_options
from pcf.errors import InputError
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.custody.footprint import BatchFootprint
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
        made = {item["batch"]["id"]: heats.footprint(item["batch"]["id"]) for item in found["heats"]}
    if as_json:
        click.echo(json_text(found))
        return
    _print(found, made, lang, full=full)


def batch_document(heats: Heats, unit: str, lang: str) -> dict[str, Any]:
    """The document `pcf/batch/1` of a heat, or of anything made of heats: its own total, and each heat at the cast."""
    from pcf.custody.footprint import batch_part, footprint_document
    from pcf.custody.heats import gate_of, heats_of, unit_footprint

    shares, whole = heats_of(heats.connection, unit), unit_footprint(heats, unit)
    made = {name: heats.footprint(name) for name in shares}
    return {
        "schema": SCHEMA,
        "unit": unit,
        "total": {"value": whole.total, "unit": "tCO2e/t"},
        "cast_metal": {"value": whole.cast, "unit": "tCO2e/t"},
        "further_steps": {"value": whole.steps, "unit": "tCO2e/t"},
        "gate": gate_of(heats.connection, unit),
        "standing": _weakest([item.standing for item in made.values()]),
        "provisional": any(item.provisional for item in made.values()),
        "heats": [
            {"share": float(share), "batch": batch_part(made[name]), "footprint": footprint_document(made[name], lang)}
            for name, share in shares.items()
        ],
    }


def _weakest(standings: list[str]) -> str:
    for name in ("demonstration", "model-estimate"):
        if name in standings:
            return name
    return standings[0]


def _print(found: dict[str, Any], made: Mapping[str, BatchFootprint], lang: str, *, full: bool) -> None:
    from pcf.commands.output import print_documents
    from pcf.commands.tables import console

    screen = console()
    for item in found["heats"]:
        print_documents([item["footprint"]], lang, full=full)
        screen.print(_charge_table(item["batch"], lang))
        for notice in made[item["batch"]["id"]].warnings:
            click.echo(
                text(
                    f"notice.{notice.kind}", lang, lot=notice.lot, values=", ".join(f"{k} {v}" for k, v in notice.values.items())
                )
            )
    if found["provisional"]:
        click.echo(text("custody.provisional", lang))
    if found["further_steps"]["value"]:
        click.echo(text(
            "custody.steps", lang, unit=found["unit"], cast=f"{found['cast_metal']['value']:.3f}", steps=f"{found['further_steps']['value']:.3f}"
        ))  # fmt: skip
    total = found["total"]["value"]
    click.echo(
        text("custody.batch-total", lang, unit=found["unit"], total=f"{total:.3f}", gate=text(f"gate.{found['gate']}", lang))
    )


def _charge_table(item: dict[str, Any], lang: str) -> Any:
    from pcf.commands.tables import add_numbers, new_table

    table = new_table(text("custody.charge-title", lang, heat=item["id"], mass=f"{item['product_kg']:,}"))
    for name in ("unit", "material", "content_class", "basis"):
        table.add_column(text(f"field.{name}", lang), overflow="fold")
    add_numbers(table, text("field.mass_kg", lang), text("field.intensity", lang))
    for line in item["charge"]:
        table.add_row(
            line["lot"], line["material"], text(f"class.{line['content_class']}", lang), text(f"basis.{line['basis']}", lang),
            f"{line['mass_kg']:,}", "–" if line["kgCO2e_per_kg"] is None else f"{line['kgCO2e_per_kg']:.3f}",
        )  # fmt: skip
    return table


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
        click.echo(text(f"content.{name}", lang, share=_percent(value)))
    click.echo(text("content.method", lang, boundary=text(f"same-process.{same_process}", lang)))
    for name, share in found.attributed.items():
        click.echo(text("content.attributed", lang, attribute=text(f"account.{name}", lang), share=_percent(share)))


def _percent(share: Fraction) -> str:
    return f"{100 * float(share):.2f} %"
