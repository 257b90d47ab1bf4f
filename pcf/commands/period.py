"""`pcf period`: open and close accounting periods."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import click

from pcf.commands.entry import add_command, list_command, open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.errors import InputError
from pcf.text import json_text, text


@click.group(cls=Group)
def period() -> None:
    """Accounting periods: at most a year, without gap or overlap; a closed one takes no further posting."""


period.add_command(add_command("period", name="open", short="Open an accounting period of a scope."))
period.add_command(list_command("period", short="List the periods."))


def _ask(findings: dict[str, int] | None, scope: str, name: str, lang: str, *, yes: bool) -> None:
    """Say what was found, and ask where it is grave.

    Raises
    ------
    InputError
        Where a finding is a major one and nobody says yes.
    """
    if not findings:
        return
    if any(findings.values()):
        counts = {severity: f"{count:,}" for severity, count in findings.items()}
        click.echo(text("custody.close-findings", lang, scope=scope, period=name, **counts), err=True)
    if not findings["major"] or yes:
        return
    if sys.stdin.isatty() and click.confirm(text("custody.close-ask", lang), err=True):
        return
    raise InputError(
        f"period {scope} {name}", f"major findings: {findings['major']:,}", "none, or --yes",
        f"pcf audit check --scope {scope} --period {name} names them",
    )  # fmt: skip


@period.command(short_help="Close a period: balances are carried once, what was carried and not drawn expires.")
@click.argument("scope")
@click.argument("name", metavar="PERIOD")
@click.option("--yes", is_flag=True, help="Close although an audit would find what breaks a rule; a terminal asks.")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def close(ctx: click.Context, scope: str, name: str, yes: bool, as_json: bool, data_path: Path | None) -> None:
    """Close PERIOD of SCOPE; the next one has to be open. Provisional footprints on documents are restated.

    A closed period takes no correction any more, so what `pcf audit check` finds is counted first; where a finding is a major one
    nothing is closed without a yes.
    """
    from pcf.views.period_close import close as close_now
    from pcf.views.period_close import count_findings

    book = open_book(data_path, create=False)
    with book.read() as connection:
        findings = count_findings(connection, scope, name)
    _ask(findings, scope, name, language(ctx), yes=yes)
    found = close_now(book, scope, name)
    if as_json:
        click.echo(json_text({
            "scope": scope, "period": name, "already_closed": found.known, "head": found.head, "findings": findings,
            "accounts": {account: dataclasses.asdict(settled) for account, settled in found.settled.items()},
            "restated": [dataclasses.asdict(item) for item in found.moved],
        }))  # fmt: skip
        return
    lang = language(ctx)
    click.echo(text("custody.already-closed" if found.known else "custody.closed", lang, scope=scope, period=name))
    for account, settled in found.settled.items():
        click.echo(text(
            "custody.settled", lang, account=text(f"account.{account}", lang), carried=f"{settled.positive_balance:,}",
            expired=f"{settled.expired:,}", overdraft=f"{settled.overdraft:,}",
        ))  # fmt: skip
    for item in found.moved:
        click.echo(text(
            "custody.restated", lang, document=item.document, old=f"{item.old:.3f}", new=f"{item.new:.3f}", change=f"{100 * item.change:+.1f}"
        ))  # fmt: skip
