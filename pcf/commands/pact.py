"""`pcf pact`: footprints that suppliers send, as PACT footprints of version 3 or 2, and those that are published to customers."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pcf.commands.main import Group, language
from pcf.commands.pact_fetch import fetch
from pcf.commands.pact_publish import events, publish, published, withdraw
from pcf.commands.run_options import check_file
from pcf.text import csv_text, json_text, text

if TYPE_CHECKING:
    from pcf.exchange.pact_import import Supplied

SCHEMA = "pcf/supplier-footprint/1"


@click.group(cls=Group)
def pact() -> None:
    """Footprints in the format of PACT: those that suppliers send, and one's own for customers' systems."""


for _command in (fetch, publish, withdraw, published, events):
    pact.add_command(_command)


@pact.command("import", short_help="Show a supplier's footprints as the fields that a lot takes.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--lot-csv", type=click.Path(path_type=Path), help="Write the columns for `pcf lot import` to a .csv file.")
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@click.pass_context
def import_(ctx: click.Context, /, file: Path, lot_csv: Path | None, force: bool, as_json: bool) -> None:
    """Show the footprints of FILE (PACT version 3 or 2) per kg of product: value, boundary, GWP edition, period, verifier,
    treatment of scrap, and what is doubtful about them. Nothing is recorded.

    FILE holds one footprint, a list of them, or an answer of a PACT server. A footprint that cannot be stated per kg is refused;
    a sum that does not add up is told with its gap.
    """
    from pcf.exchange.pact_import import read_footprints
    from pcf.exchange.pact_json import read_file
    from pcf.views.files import check_place, write_text

    if lot_csv is not None:
        check_file("--lot-csv", lot_csv, (".csv",), force=force)
        check_place(lot_csv, f"--lot-csv {lot_csv}")
    lang = language(ctx)
    found = read_footprints(read_file(file), file.name, datetime.now(UTC).date())
    if lot_csv is not None:
        write_text(lot_csv, lot_rows(found))
    if as_json:
        click.echo(json_text({"schema": SCHEMA, "file": file.name, "footprints": [as_document(item, lang) for item in found]}))
    else:
        for item in found:
            show(item, lang)
    if lot_csv is not None:
        click.echo(text("pact-import.csv", lang, path=str(lot_csv), count=f"{len(found):,}"), err=as_json)


def lot_rows(found: list[Supplied]) -> str:
    """Rows for `pcf lot import`: the fields of the footprint filled in, those of the delivery empty."""
    from pcf.custody.intake import KINDS
    from pcf.exchange.pact_import import FIELDS

    needed = [name for name, item in KINDS["lot"].model.model_fields.items() if item.is_required()]
    page = io.StringIO()
    writer = csv.DictWriter(page, [*needed, *FIELDS], restval="", lineterminator="\n")
    writer.writeheader()
    for item in found:
        writer.writerow({name: csv_text(value) for name, value in item.lot_fields().items()})
    return page.getvalue()


def as_document(item: Supplied, lang: str) -> dict[str, Any]:
    """A footprint as JSON."""
    from pcf.exchange.pact_decimals import decimal_text
    from pcf.exchange.pact_import import FIELDS

    values = (decimal_text(item.value), item.boundary, item.gwp, item.scrap, item.standard, item.period, item.verifier, item.id)
    return {
        "id": item.id, "version": item.version, "company": item.company, "product": item.product,
        "product_ids": list(item.product_ids), "unit": "kgCO2e/kg", "lot": dict(zip(FIELDS, values, strict=True)),
        "warnings": [{"kind": one.kind, **one.values, "text": _sentence(one, lang)} for one in item.warnings],
    }  # fmt: skip


def _sentence(warned: Any, lang: str) -> str:
    return text(f"pact-warning.{warned.kind}", lang, **warned.values)


def show(item: Supplied, lang: str) -> None:
    """Print a footprint."""
    from pcf.exchange.pact_decimals import decimal_text

    none = "–"
    click.echo(text("pact-import.heading", lang, product=item.product, company=item.company, id=item.id, version=item.version))
    click.echo(
        text(
            "pact-import.footprint", lang, value=decimal_text(item.value), boundary=item.boundary, gwp=item.gwp,
            scrap=item.scrap or none,
        )
    )  # fmt: skip
    click.echo(text("pact-import.rest", lang, period=item.period, standard=item.standard or none, verifier=item.verifier or none))
    for one in item.warnings:
        click.echo(text("pact-import.warning", lang, sentence=_sentence(one, lang)))
