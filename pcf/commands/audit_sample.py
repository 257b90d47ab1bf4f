"""`pcf audit sample`, `samples` and `redraw`: an auditor's sample by mass, recorded with its seed, and drawn again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcf.commands.entry import open_book
from pcf.commands.main import language
from pcf.commands.options import Option, catalogue_option
from pcf.errors import CheckFailed
from pcf.text import json_text, text, visible

if TYPE_CHECKING:
    from pcf.custody.audit.samples import Sample

OF = ("tickets", "heats", "shipments", "documents", "certificates")
"""As in the audit room, which a call for help does not import."""


@click.command(short_help="Draw a sample by mass and record it with its seed.")
@click.option("--period", required=True, metavar="PERIOD", help="Accounting period.")
@click.option("--scope", required=True, metavar="SCOPE", help="Certification scope.")
@click.option("--of", "kind", type=Option(OF), required=True, help=f"What to draw: {', '.join(OF)}.")
@click.option("--size", type=click.IntRange(1, 1_000), required=True, help="How many; of fewer all are drawn.")
@click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Seed of the draw (default: one that nobody could have chosen).")
@click.option("--purpose", default="", help="What it is for, in one line.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def sample(
    ctx: click.Context, period: str, scope: str, kind: str, size: int, seed: int | None, purpose: str, as_json: bool,
    data_path: Path | None,
) -> None:  # fmt: skip
    """Draw a sample in which every kilogram has the same chance, spread over classes and days; the draw is an event of the log.

    The same seed on the same records gives the same sample: `pcf audit redraw` shows it at any later time.
    """
    from pcf.custody.audit.samples import draw_sample, sample_document

    found = draw_sample(open_book(data_path, create=False), scope, period, kind, size, seed, purpose)
    if as_json:
        click.echo(json_text(sample_document(found)))
        return
    print_sample(found, language(ctx))


def print_sample(found: Sample, lang: str) -> None:
    """A sample as a heading and a table of what was drawn."""
    from pcf.commands.tables import console, new_table
    from pcf.store.clock import show_local

    kind = text(f"audit-of.{found.kind}", lang)
    click.echo(text(
        "audit.drawn", lang, id=found.id, count=len(found.drawn), kind=kind, items=f"{found.items:,}", drawn=f"{found.drawn_kg:,}",
        mass=f"{found.mass_kg:,}", scope=found.scope, period=found.period,
    ))  # fmt: skip
    click.echo(text(
        "audit.drawn-by", lang, actor=visible(found.actor, keep=""), time=show_local(found.time), seed=found.seed, event=found.seq,
        log_size=f"{found.log_size:,}", sha256=found.population_sha256[:16],
    ))  # fmt: skip
    table = new_table()
    for name in ("id", "stratum", "date", "mass"):
        table.add_column(text(f"audit.head-{name}", lang), justify="right" if name == "mass" else "left", overflow="fold")
    for item in found.drawn:
        certain = f" {text('audit.certain', lang)}" if item.certain else ""
        table.add_row(visible(item.id, keep=""), visible(item.stratum, keep=""), item.date, f"{item.mass_kg:,}{certain}")
    console().print(table)


@click.command(short_help="List the samples that were drawn.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def samples(ctx: click.Context, as_json: bool, data_path: Path | None) -> None:
    """List the samples, the newest first: who drew them, when, of what, by which seed."""
    from pcf.commands.tables import console, new_table
    from pcf.custody.audit.samples import read_samples, sample_document
    from pcf.store.clock import show_local

    with open_book(data_path, create=False).read() as connection:
        found = read_samples(connection)
    if as_json:
        click.echo(json_text([sample_document(item) for item in found]))
        return
    lang = language(ctx)
    if not found:
        click.echo(text("audit.no-samples", lang))
        return
    table = new_table()
    for name in ("id", "time", "actor", "scope", "period", "of", "size", "seed", "purpose"):
        table.add_column(text(f"audit.head-{name}", lang), overflow="fold")
    for item in found:
        table.add_row(
            item.id, show_local(item.time), item.actor, item.scope, item.period, text(f"audit-of.{item.kind}", lang),
            f"{len(item.drawn):,} / {item.items:,}", str(item.seed), item.purpose,
        )  # fmt: skip
    console().print(table)


@click.command(short_help="Draw a recorded sample again and compare.")
@click.argument("name", metavar="SAMPLE")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def redraw(ctx: click.Context, name: str, as_json: bool, data_path: Path | None) -> None:
    """Draw SAMPLE again from the records as they were then. Exit code 1 where it comes out otherwise."""
    from pcf.custody.audit.samples import draw_again, sample_document

    with open_book(data_path, create=False).read() as connection:
        found = draw_again(connection, name)
    lang = language(ctx)
    if as_json:
        click.echo(
            json_text(
                {"agrees": found.agrees, "sample": sample_document(found.sample), "drawn": [item.id for item in found.drawn]}
            )
        )
    else:
        print_sample(found.sample, lang)
    said = text("audit.redrawn" if found.agrees else "audit.redrawn-otherwise", lang, id=found.sample.id)
    if not found.agrees:
        raise CheckFailed(said)
    if not as_json:
        click.echo(said)
