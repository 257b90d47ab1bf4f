"""`pcf audit walk`: a trail both ways, each record as the log holds it."""

from __future__ import annotations

from pathlib import Path

import click

from pcf.commands.entry import open_book
from pcf.commands.main import language
from pcf.commands.options import catalogue_option
from pcf.errors import CheckFailed
from pcf.text import json_text, text, visible


@click.command(short_help="Walk from a record back to its tickets and on to its documents, with proofs.")
@click.argument("unit", metavar="UNIT")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def walk(ctx: click.Context, unit: str, as_json: bool, data_path: Path | None) -> None:
    """Walk from UNIT, a lot, heat, bundle, coil or shipment, back to its weigh tickets and on to the documents it went into.

    Each record is shown as its event of the log has it, with the proof that the event is in the log; exit code 1 where a record or
    a proof does not hold. `pcf trace` shows the masses.
    """
    from pcf.custody.audit.walk import read_walk, walk_document

    lang = language(ctx)
    with open_book(data_path, create=False).read() as connection:
        found = read_walk(connection, unit)
    if as_json:
        click.echo(json_text(walk_document(found)))
    else:
        from pcf.commands.tables import console, new_table

        click.echo(
            text("audit.walk", lang, unit=unit, count=len(found.stops), size=f"{found.log_size:,}", root=found.log_root[:16])
        )
        table = new_table()
        for name in ("side", "id", "kind", "date", "mass", "papers", "proof"):
            table.add_column(text(f"audit.head-{name}", lang), justify="right" if name == "mass" else "left", overflow="fold")
        for stop in found.stops:
            papers = "\n".join(
                f"{text(f'audit-paper.{paper.kind}', lang)} {visible(paper.name, keep='')}" for paper in stop.papers
            )
            table.add_row(
                text(f"audit.side-{stop.side}", lang), stop.node.id, text(f"unit.{stop.node.kind}", lang), stop.node.date,
                f"{stop.node.mass_kg:,}", papers, f"{'✓' if stop.proof.good else '✗'} {stop.proof.seq}",
            )  # fmt: skip
        console().print(table)
        if found.left_out:
            click.echo(text("audit.walk-left-out", lang, count=f"{found.left_out:,}"))
    if not found.good:
        wrong = next(stop for stop in found.stops if not stop.proof.good) if any(not s.proof.good for s in found.stops) else None
        raise CheckFailed(text("audit.walk-broken", lang, unit=wrong.node.id if wrong else unit))
