"""`pcf epcis`: custody records for other systems, as EPCIS 2.0 events."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.commands.run_options import check_file
from pcf.errors import InputError
from pcf.text import json_text, text

if TYPE_CHECKING:
    from sqlalchemy import Connection

EXAMPLE_BASE = "https://example.org/"
"""Where identifiers begin when nobody says where: a domain that nobody owns, so that no real one is claimed."""


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
    from pcf.commands.files import check_place, write_text
    from pcf.exchange.custody_events import custody_events
    from pcf.exchange.epcis import as_document, check

    if (unit is None) == (period is None and scope is None) or (period is None) != (scope is None):
        raise InputError("what to export", "no choice, or two", "--period with --scope, or --unit")
    check_file("--out", out, (".json", ".jsonld"), force=force)
    check_place(out, f"--out {out}")
    lang = language(ctx)
    with open_book(data_path, create=False).read() as connection:
        names, ends = _genealogy(connection, unit) if unit else (_units(connection, str(scope), str(period)), 0)
        events = custody_events(connection, names, base)
        if not events:
            raise InputError("what to export", "nothing recorded", "a unit, or a scope and period, with records")
        made = as_document(events, _newest(connection, [event.extensions.get("eventSeq") for event in events]))
    check(made)
    write_text(out, json_text(made) + "\n")
    if ends:
        click.echo(text("epcis.ends", lang, count=f"{ends:,}"), err=True)
    if base == EXAMPLE_BASE:
        click.echo(text("epcis.example-base", lang, base=base), err=True)
    if as_json:
        click.echo(json_text({"file": str(out), "events": len(events), "creation_date": made["creationDate"]}))
        return
    click.echo(text("epcis.written", lang, path=str(out), count=f"{len(events):,}"))


def _units(connection: Connection, scope: str, period: str) -> list[str]:
    """Units of a scope's sites and a period's days."""
    from sqlalchemy import select

    from pcf.custody.book import read_periods
    from pcf.custody.tables import scope_site, unit

    spans = read_periods(connection)
    if scope not in spans:
        raise InputError(
            "--scope", repr(scope), f"one of: {', '.join(sorted(spans)) or 'none yet'}", "pcf scope add, pcf period open"
        )
    known = {span.id: span for span in spans[scope]}
    if period not in known:
        raise InputError("--period", repr(period), f"one of: {', '.join(known)}")
    span = known[period]
    query = (
        select(unit.c.id)
        .join(scope_site, scope_site.c.site == unit.c.site)
        .where(scope_site.c.scope == scope, unit.c.date >= span.start, unit.c.date <= span.end)
        .order_by(unit.c.event_seq, unit.c.id)
    )
    return list(connection.execute(query).scalars())


def _genealogy(connection: Connection, name: str) -> tuple[list[str], int]:
    """A unit with what it was made of and what was made of it, and how many units held too little of it to be followed."""
    from pcf.custody.trace import MOST, trace

    found = trace(connection, name, voided=True)
    if found.cut:
        raise InputError(
            "--unit", f"{name!r}, whose genealogy has more than {MOST:,} units", "a smaller one", "--period with --scope"
        )
    return list(found.nodes), len(found.ends)


def _newest(connection: Connection, seqs: list[str | int | None]) -> datetime:
    """When the newest of some entries of the log was recorded: the document is made of the records of that moment."""
    from sqlalchemy import select

    from pcf.store.schema import event

    last = max(seq for seq in seqs if isinstance(seq, int))
    time = connection.execute(select(event.c.time).where(event.c.seq == last)).scalar_one()
    return datetime.fromtimestamp(time // 1_000_000, UTC)
