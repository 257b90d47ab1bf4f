"""`pcf power`: meters, evidence of renewable power, and what it was spent for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import add_command, import_command, list_command, open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.text import json_text, text, texts


@click.group(cls=Group)
def power() -> None:
    """Renewable power: meters, certificates, contracts, and the production that each MWh was spent for."""


for command in (
    add_command("meter", name="meter", short="Enter what a site used of a leg in a month or hour."),
    add_command("power", short="Enter certificates, a contract, a direct line or own generation."),
    add_command("match", name="match", short="Spend evidence for production of its own month or hour."),
    import_command("power", short="Bring in evidence."),
    list_command("power_evidence", short="List the evidence."),
):
    power.add_command(command)


@power.command(short_help="Show each leg: metered, matched, and what keeps its own factor.")
@click.option("--site", "site_id", required=True, help="Site.")
@click.option("--from", "start", default="1990-01", metavar="YYYY-MM", help="First month.")
@click.option("--to", "end", default="2100-12", metavar="YYYY-MM", help="Last month.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def status(ctx: click.Context, site_id: str, start: str, end: str, as_json: bool, data_path: Path | None) -> None:
    """Show each leg by month: what its meter says, what matches spent of it by product, and what keeps its own factor."""
    from pcf.custody.power import read_legs

    with open_book(data_path, create=False).read() as connection:
        legs = read_legs(connection, site_id, start, end)
    found: list[dict[str, Any]] = [
        {
            "site": leg.site, "time": leg.time, "leg": leg.leg, "metered_wh": leg.metered, "matched_wh": leg.matched,
            "rest_wh": leg.rest, "evidence_wh": leg.evidence, "sold_wh": leg.sold, "by_product": dict(leg.by_product),
        }
        for leg in legs
    ]  # fmt: skip
    if as_json:
        click.echo(json_text(found))
        return
    from pcf.commands.tables import add_numbers, console, new_table

    lang = language(ctx)
    if not found:
        click.echo(text("custody.nothing", lang))
        return
    table = new_table(text("custody.power-title", lang, site=site_id))
    table.add_column(text("field.time", lang), no_wrap=True)
    table.add_column(text("field.leg", lang), no_wrap=True)
    add_numbers(table, *(text(f"field.{name}", lang) for name in ("metered", "matched", "rest", "evidence", "sold")))
    for row in found:
        numbers = (f"{row[name] / 1e6:,.3f}" for name in ("metered_wh", "matched_wh", "rest_wh", "evidence_wh", "sold_wh"))
        table.add_row(row["time"], texts(lang).get(f"leg.{row['leg']}", row["leg"]), *numbers)
    console().print(table)
