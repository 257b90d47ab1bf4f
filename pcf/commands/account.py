"""`pcf account`: what came in, what may be issued, month by month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.text import json_text, text

if TYPE_CHECKING:
    from pcf.custody.accounts import Balance
    from pcf.custody.book import Span


@click.group(cls=Group)
def account() -> None:
    """Attribute accounts: ASI aluminium, alumina, bauxite, eligible scrap, post- and pre-consumer content."""


@account.command(short_help="Show the accounts of a scope and period with what may still be issued.")
@click.argument("scope")
@click.argument("period", metavar="PERIOD")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def show(ctx: click.Context, scope: str, period: str, as_json: bool, data_path: Path | None) -> None:
    """Show the accounts of SCOPE in PERIOD: input percentage, cap, issued, carried, available."""
    from pcf.custody.accounts import read_balances
    from pcf.custody.book import find_span

    with open_book(data_path, create=False).read() as connection:
        span = find_span(connection, scope, period)
        balances = [item for item in read_balances(connection, scope, period).values() if item.is_used]
    if as_json:
        click.echo(json_text({
            "scope": scope, "period": period, "start": span.start, "end": span.end, "closed": span.closed,
            "accounts": [
                {
                    "account": item.account, "sums": dict(item.sums), "cap_kg": item.cap, "available_kg": item.available,
                    "input_percentage": None if item.percentage is None else float(item.percentage),
                    "input_percentage_with_alloying": None if item.with_alloying is None else float(item.with_alloying),
                }
                for item in balances
            ],
        }))  # fmt: skip
        return
    _print(balances, span, language(ctx))


def _print(balances: list[Balance], span: Span, lang: str) -> None:
    from pcf.commands.tables import add_numbers, console, new_table
    from pcf.custody.audit.figures import per_cent
    from pcf.custody.ledger import CREDIT
    from pcf.views.figures import with_percent

    screen = console()
    state = text("custody.period-closed" if span.closed else "custody.period-open", lang)
    click.echo(
        text("custody.accounts-heading", lang, scope=span.scope, period=span.id, start=span.start, end=span.end, state=state)
    )
    if not balances:
        click.echo(text("custody.nothing", lang))
        return
    by_share = [item for item in balances if item.account not in CREDIT]
    if by_share:
        table = new_table(text("custody.accounts-title", lang))
        table.add_column(text("field.account", lang), no_wrap=True)
        names = ("posting.coc-in", "posting.other-in", "field.percentage", "field.out", "field.cap", "field.carried")
        add_numbers(table, *(text(name, lang) for name in (*names, "field.issued", "field.available")))
        for item in by_share:
            sums, share = item.sums, per_cent(item.percentage)
            numbers = (sums["out"], item.cap, sums["carried-in"] - sums["overdraft-in"], sums["issued"], item.available)
            table.add_row(
                text(f"account.{item.account}", lang), f"{sums['coc-in']:,}", f"{sums['other-in']:,}",
                with_percent(share, lang) if share else "–", *(f"{number:,}" for number in numbers),
            )  # fmt: skip
        screen.print(table)
    contents = [item for item in balances if item.account in CREDIT]
    if contents:
        table = new_table(text("custody.contents-title", lang))
        table.add_column(text("field.account", lang), no_wrap=True)
        add_numbers(table, *(text(f"field.{name}", lang) for name in ("in", "carried", "claimed", "available")))
        for item in contents:
            carried = item.sums["carried-in"] - item.sums["overdraft-in"]
            masses = (item.sums["credit"], carried, item.sums["issued"], item.available)
            table.add_row(text(f"account.{item.account}", lang), *(f"{mass:,}" for mass in masses))
        screen.print(table)
    click.echo(text("custody.accounts-note-closed" if span.closed else "custody.accounts-note", lang))


@account.command(short_help="Reconcile a period month by month.")
@click.argument("scope")
@click.argument("period", metavar="PERIOD")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def reconcile(ctx: click.Context, scope: str, period: str, as_json: bool, data_path: Path | None) -> None:
    """Reconcile PERIOD of SCOPE: sums of every account by month and kind of posting."""
    from pcf.custody.accounts import monthly
    from pcf.custody.book import find_span

    with open_book(data_path, create=False).read() as connection:
        find_span(connection, scope, period)
        found = monthly(connection, scope, period)
    if as_json:
        click.echo(json_text({"scope": scope, "period": period, "accounts": found}))
        return
    from pcf.commands.tables import add_numbers, console, new_table

    lang = language(ctx)
    for name, months in found.items():
        kinds = sorted({kind for sums in months.values() for kind in sums})
        table = new_table(text(f"account.{name}", lang))
        table.add_column(text("field.month", lang), no_wrap=True)
        add_numbers(table, *(text(f"posting.{kind}", lang) for kind in kinds))
        for month, sums in months.items():
            table.add_row(month, *(f"{sums.get(kind, 0):,}" for kind in kinds))
        total = [sum(sums.get(kind, 0) for sums in months.values()) for kind in kinds]
        table.add_row(text("field.sum", lang), *(f"{value:,}" for value in total), style="bold")
        console().print(table)
    if not found:
        click.echo(text("custody.nothing", lang))
