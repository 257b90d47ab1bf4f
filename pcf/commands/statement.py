"""`pcf statement`: what may be said of recycled content and of green aluminium, drawn from the accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import add_command, list_command, open_book
from pcf.commands.main import Group, language
from pcf.commands.options import Option, catalogue_option
from pcf.text import json_text

WORDINGS = ("iso-14021", "scs-103", "en-45557", "ul-2809")


@click.group(cls=Group)
def statement() -> None:
    """Statements from the records: recycled content by standard, green low-carbon aluminium, the yearly ASI report."""


statement.add_command(
    add_command("statement", name="claim", short="Claim recycled content for a shipment; draws on its account.")
)
statement.add_command(list_command("statement", short="List the claims."))


@statement.command(short_help="Word a claim by a standard: percentages, method, basis, period.")
@click.argument("claim")
@click.option("--standard", type=Option(WORDINGS), help="Standard of the wording (default: the claim's own).")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def show(ctx: click.Context, claim: str, standard: str | None, as_json: bool, data_path: Path | None) -> None:
    """Show the recycled-content statement of CLAIM, with everything that has to stand beside the percentage."""
    from pcf.custody.statements import read_statement, word_statement

    book = open_book(data_path, create=False)
    with book.read() as connection:
        found = read_statement(connection, claim, standard)
    _say(found.as_document(), word_statement(found, language(ctx)), as_json=as_json)


@statement.command(
    short_help="Green low-carbon aluminium of a heat: green-power metal and recycled metal, with its trace record."
)
@click.argument("heat")
@click.option(
    "--grades",
    "grades_path",
    type=click.Path(path_type=Path),
    metavar="FILE.csv",
    help="Your table of grades, the best first: grade, limits, source (default: none, so that nothing is evaluated).",
)
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def green(ctx: click.Context, heat: str, grades_path: Path | None, as_json: bool, data_path: Path | None) -> None:
    """Show what HEAT is of green-power metal and recycled metal, aligned with T/CNIA 0245-2024 and 0168-2022.

    Columns of a table of grades: grade, min_green_share, min_green_power_share, min_recycled_share (0 to 1), max_footprint
    (tCO2e/t) with footprint_boundary, source, note. A grade needs its source and at least one limit.
    """
    from pcf.custody.grades import read_grades
    from pcf.custody.green import green_blend, word_blend

    grades = read_grades(grades_path) if grades_path else None
    book = open_book(data_path, create=False)
    with book.read() as connection:
        found = green_blend(connection, book.catalogue, heat, grades)
    _say(found.as_document(), word_blend(found, language(ctx)), as_json=as_json)


@statement.command("asi-report", short_help="The yearly ASI report of a scope: inputs, outputs, percentage, balances.")
@click.argument("scope")
@click.argument("period", metavar="PERIOD")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def asi_report(ctx: click.Context, scope: str, period: str, as_json: bool, data_path: Path | None) -> None:
    """Show the yearly report of SCOPE for PERIOD as the ledger has it; of an open period as if it ended now."""
    from pcf.custody.asi_report import read_report, word_report

    book = open_book(data_path, create=False)
    with book.read() as connection:
        found = read_report(connection, scope, period)
    _say(found.as_document(), word_report(found, language(ctx)), as_json=as_json)


def _say(document: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json_text(document))
        return
    for line in lines:
        click.echo(line)
