"""`pcf pact publish`, `withdraw`, `published`, `events`: which client sees which footprint, and what went in and out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import actor_name, open_store, print_rows
from pcf.commands.main import language
from pcf.errors import InputError
from pcf.text import json_text, text

_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")
_clients = click.option("--client", "clients", multiple=True, required=True, metavar="ID", help="Client; may be repeated.")
_limit = click.option("--limit", type=click.IntRange(1, 1_000_000), default=200, show_default=True, help="At most so many.")


@click.command(short_help="Let clients see a footprint.")
@click.argument("what", metavar="NUMBER|FILE")
@_clients
@_json
@click.pass_context
def publish(ctx: click.Context, what: str, clients: tuple[str, ...], as_json: bool) -> None:
    """Let clients see a footprint: that of certificate NUMBER, or FILE that `pcf export pact` wrote. Nobody else sees it.

    Footprints that it takes the place of are deprecated. Clients with a service of their own are told.
    """
    from pcf.certificate.history import read_standing
    from pcf.exchange.sharing import publish as do

    database = open_store(create=not _is_number(what))
    if _is_number(what):
        with database.read() as connection:
            footprint, number = read_standing(connection, what), what
    else:
        footprint, number = _of_file(Path(what)), None
    with database.write(actor_name()) as tx:
        done = do(tx, footprint, clients, number)
    summary = {
        "id": footprint["id"], "certificate": number, "published": list(done.new), "known": done.known,
        "deprecated": done.deprecated,
    }  # fmt: skip
    if as_json:
        click.echo(json_text(summary))
        return
    lang = language(ctx)
    names = ", ".join(done.new) or "–"
    click.echo(text("pact-publish.done", lang, id=footprint["id"], clients=names, known=done.known))
    for name in done.deprecated:
        click.echo(text("pact-publish.deprecated", lang, id=name))


@click.command(short_help="Let clients no longer see a footprint.")
@click.argument("id_", metavar="ID")
@_clients
@_json
@click.pass_context
def withdraw(ctx: click.Context, id_: str, clients: tuple[str, ...], as_json: bool) -> None:
    """Let clients no longer see footprint ID. What they have read already, they have."""
    from pcf.exchange.sharing import withdraw as do

    with open_store(create=False).write(actor_name()) as tx:
        done = do(tx, id_.lower(), clients)
    if as_json:
        click.echo(json_text({"id": id_.lower(), "withdrawn": done}))
        return
    click.echo(text("pact-publish.withdrawn", language(ctx), id=id_.lower(), clients=", ".join(done) or "–"))


@click.command(short_help="List what was published.")
@click.option("--client", "name", metavar="ID", help="Only to this client.")
@_limit
@_json
@click.pass_context
def published(ctx: click.Context, name: str | None, limit: int, as_json: bool) -> None:
    """List the footprints that were published, to whom, and whether they are still seen; the newest first."""
    from pcf.exchange.sharing.register import list_publications

    with open_store(create=False).read() as connection:
        rows = list_publications(connection, name, limit)
    if not rows and not as_json:
        click.echo(text("pact-publish.none", language(ctx)))
        return
    print_rows(ctx, rows, as_json=as_json)


@click.command(short_help="List events that came in or go out.")
@click.option("--out", "outgoing", is_flag=True, help="Those that go out, with their tries.")
@_limit
@_json
@click.pass_context
def events(ctx: click.Context, outgoing: bool, limit: int, as_json: bool) -> None:
    """List the events of other systems, or with --out those that go to them; the newest first."""
    from pcf.exchange.sharing.inbox import list_inbox
    from pcf.exchange.sharing.outbox import list_outbox

    with open_store(create=False).read() as connection:
        rows = list_outbox(connection, limit) if outgoing else list_inbox(connection, limit)
    if not rows and not as_json:
        click.echo(text("pact-publish.no-events", language(ctx)))
        return
    print_rows(ctx, rows, as_json=as_json)


def _is_number(what: str) -> bool:
    from pcf.certificate.register import PREFIX

    return re.fullmatch(rf"{PREFIX}-\d{{4}}-\d{{6,}}", what) is not None


def _of_file(path: Path) -> dict[str, Any]:
    from pcf.exchange.pact_json import read_file

    content = read_file(path)
    if not isinstance(content, dict):
        raise InputError(path.name, type(content).__name__, "a ProductFootprint that `pcf export pact` wrote")
    return content
