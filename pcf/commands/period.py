"""`pcf period`: open and close accounting periods."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from pcf.commands.entry import add_command, list_command, open_book
from pcf.commands.main import Group, language
from pcf.commands.options import catalogue_option
from pcf.text import json_text, text


@click.group(cls=Group)
def period() -> None:
    """Accounting periods: at most a year, without gap or overlap; a closed one takes no further posting."""


period.add_command(add_command("period", name="open", short="Open an accounting period of a scope."))
period.add_command(list_command("period", short="List the periods."))


@period.command(short_help="Close a period: balances are carried once, what was carried and not drawn expires.")
@click.argument("scope")
@click.argument("name", metavar="PERIOD")
@click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
@catalogue_option
@click.pass_context
def close(ctx: click.Context, scope: str, name: str, as_json: bool, data_path: Path | None) -> None:
    """Close PERIOD of SCOPE; the next one has to be open. Provisional footprints on documents are restated."""
    from pcf.commands.signing import sign_head
    from pcf.custody.closing import close_period
    from pcf.custody.restatement import restate

    book = open_book(data_path, create=False)
    with book.write() as work:
        settled = close_period(work, f"period {scope} {name}", scope, name)
        moved = restate(work, scope, name)
        known = work.known
    head = sign_head(book.database)
    if as_json:
        click.echo(json_text({
            "scope": scope, "period": name, "already_closed": bool(known), "head": head,
            "accounts": {account: dataclasses.asdict(found) for account, found in settled.items()},
            "restated": [dataclasses.asdict(item) for item in moved],
        }))  # fmt: skip
        return
    lang = language(ctx)
    click.echo(text("custody.already-closed" if known else "custody.closed", lang, scope=scope, period=name))
    for account, found in settled.items():
        click.echo(text(
            "custody.settled", lang, account=text(f"account.{account}", lang), carried=f"{found.positive_balance:,}",
            expired=f"{found.expired:,}", overdraft=f"{found.overdraft:,}",
        ))  # fmt: skip
    for item in moved:
        click.echo(text(
            "custody.restated", lang, document=item.document, old=f"{item.old:.3f}", new=f"{item.new:.3f}", change=f"{100 * item.change:+.1f}"
        ))  # fmt: skip
