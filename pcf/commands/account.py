"""`pcf account`: what came in, what may be issued, month by month."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.errors import InputError
from pcf.text import json_text, text


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

    with open_book(data_path, create=False).read() as connection:
        _check(connection, scope, period)
        found = [
            {
                "account": item.account, "sums": dict(item.sums), "cap_kg": item.cap, "available_kg": item.available,
                "input_percentage": None if item.percentage is None else float(item.percentage),
                "input_percentage_with_alloying": None if item.with_alloying is None else float(item.with_alloying),
            }
            for item in read_balances(connection, scope, period).values()
            if any(item.sums.values())
        ]  # fmt: skip
    if as_json:
        click.echo(json_text({"scope": scope, "period": period, "accounts": found}))
        return
    _print(found, scope, period, language(ctx))


def _check(connection: Any, scope: str, period: str) -> None:
    from pcf.custody.book import read_periods

    spans = read_periods(connection)
    if scope not in spans:
        raise InputError(
            "scope", repr(scope), f"one of: {', '.join(sorted(spans)) or 'none yet'}", "pcf scope add, pcf period open"
        )
    if period not in (known := [span.id for span in spans[scope]]):
        raise InputError("period", repr(period), f"one of: {', '.join(known)}")


def _print(found: list[dict[str, Any]], scope: str, period: str, lang: str) -> None:
    from pcf.commands.tables import add_numbers, console, new_table

    if not found:
        click.echo(text("custody.nothing", lang))
        return
    table = new_table(text("custody.accounts-title", lang, scope=scope, period=period))
    table.add_column(text("field.account", lang), no_wrap=True)
    add_numbers(
        table, *(text(f"field.{name}", lang) for name in ("in", "percentage", "out", "cap", "carried", "issued", "available"))
    )
    for item in found:
        sums = item["sums"]
        share = item["input_percentage"]
        came = sums["coc-in"] + sums["other-in"] or sums["credit"]
        table.add_row(
            text(f"account.{item['account']}", lang), f"{came:,}", "–" if share is None else f"{100 * share:.4f} %", f"{sums['out']:,}",
            f"{item['cap_kg']:,}", f"{sums['carried-in'] - sums['overdraft-in']:,}", f"{sums['issued']:,}", f"{item['available_kg']:,}",
        )  # fmt: skip
    console().print(table)
    click.echo(text("custody.accounts-note", lang))


@account.command(short_help="Reconcile a period month by month.")
@click.argument("scope")
@click.argument("period", metavar="PERIOD")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def reconcile(ctx: click.Context, scope: str, period: str, as_json: bool, data_path: Path | None) -> None:
    """Reconcile PERIOD of SCOPE: sums of every account by month and kind of posting."""
    from pcf.custody.accounts import monthly

    with open_book(data_path, create=False).read() as connection:
        _check(connection, scope, period)
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
