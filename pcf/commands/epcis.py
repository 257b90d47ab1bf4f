"""`pcf epcis`: custody records for other systems, as EPCIS 2.0 events."""

from __future__ import annotations

from pathlib import Path

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.commands.run_options import check_file
from pcf.errors import InputError
from pcf.text import json_text, text
from pcf.views.events import EXAMPLE_BASE, events_document


@click.group(cls=Group)
def epcis() -> None:
    """Hand custody events to other systems, as EPCIS 2.0 (ISO/IEC 19987)."""


@epcis.command(short_help="Write the events of a scope and period, or of one unit's genealogy, as EPCIS 2.0 JSON-LD.")
@click.option("--period", metavar="PERIOD", help="Accounting period, together with --scope.")
@click.option("--scope", metavar="SCOPE", help="Certification scope.")
@click.option(
    "--unit", metavar="UNIT", help="Instead: the genealogy of one lot, heat, bundle, coil or shipment, as `pcf trace` follows it."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .json or .jsonld.")
@click.option(
    "--base", default=EXAMPLE_BASE, show_default=True, metavar="URI", help="Beginning of all identifiers, under your own domain."
)
@click.option("--force", is_flag=True, help="Write over a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="Summary as JSON on stdout.")
@catalogue_option
@click.pass_context
def export(
    ctx: click.Context, /, period: str | None, scope: str | None, unit: str | None, out: Path, base: str, force: bool,
    as_json: bool, data_path: Path | None,
) -> None:  # fmt: skip
    """Write receipts, assays, casts, processing, bundles, shipments, CoC documents and voids.

    The records hold days: an event's time is the beginning of the day in its site's zone. The document is checked against the
    schema before it is written; the same records give the same file.
    """
    from pcf.views.files import check_place, write_text

    if (unit is None) == (period is None and scope is None) or (period is None) != (scope is None):
        raise InputError("what to export", "no choice, or two", "--period with --scope, or --unit")
    check_file("--out", out, (".json", ".jsonld"), force=force)
    check_place(out, f"--out {out}")
    lang = language(ctx)
    with open_book(data_path, create=False).read() as connection:
        made, ends = events_document(connection, base, scope=scope or "", period=period or "", unit=unit or "")
    count = len(made["epcisBody"]["eventList"])
    write_text(out, json_text(made) + "\n")
    if ends:
        click.echo(text("epcis.ends", lang, count=f"{ends:,}"), err=True)
    if base == EXAMPLE_BASE:
        click.echo(text("epcis.example-base", lang, base=base), err=True)
    if as_json:
        click.echo(json_text({"file": str(out), "events": count, "creation_date": made["creationDate"]}))
        return
    click.echo(text("epcis.written", lang, path=str(out), count=f"{count:,}"))
