"""`pcf client`: who may ask the PACT service for footprints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pcf.commands.entry import actor_name, open_store, print_rows
from pcf.commands.main import Group, language
from pcf.errors import InputError
from pcf.text import json_text, text

_json = click.option("--json", "as_json", is_flag=True, help="JSON on stdout.")


@click.group(cls=Group)
def client() -> None:
    """Clients of the PACT service: customers' systems that ask for footprints, and suppliers' that send events."""


@client.command(short_help="Let a client in; its secret is shown once.")
@click.argument("id_", metavar="ID")
@click.option("--name", default="", help="Name of the company. Required for a new client.")
@click.option("--party", metavar="ID", help="Party of the custody records that it is.")
@click.option(
    "--callback",
    "hosts",
    multiple=True,
    metavar="HOST[:PORT]",
    help="Host that answers to its requests may go to; may be repeated.",
)
@click.option("--address", metavar="URL", help="Its own PACT service, to which published footprints are announced.")
@click.option(
    "--change", is_flag=True, help="Change a client that is there: what is not given stays. A disabled one is let in again."
)
@_json
@click.pass_context
def add(
    ctx: click.Context, id_: str, name: str, party: str | None, hosts: tuple[str, ...], address: str | None, change: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Let client ID in. It gets tokens with this id and the secret that is printed now and never again."""
    from pcf.exchange.sharing.clients import Client
    from pcf.exchange.sharing.keeping import change_client, let_in

    secret = None
    with open_store().write(actor_name()) as tx:
        if change:
            change_client(tx, id_, name=name, party=party or None, hosts=hosts or None, address=address or None)
        else:
            secret = let_in(tx, Client(id_, name, party, hosts=hosts, address=address))
    if as_json:
        click.echo(json_text({"client_id": id_, **({} if secret is None else {"client_secret": secret})}))
        return
    lang = language(ctx)
    click.echo(text("client.changed", lang, id=id_) if secret is None else text("client.added", lang, id=id_, secret=secret))


@client.command("list", short_help="List the clients.")
@_json
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the clients as they are now."""
    from pcf.exchange.sharing.clients import list_clients

    with open_store(create=False).read() as connection:
        found = list_clients(connection)
    rows: list[dict[str, Any]] = [
        {
            "id": item.id, "name": item.name, "party": item.party, "status": "active" if item.active else "disabled",
            "callbacks": " ".join(item.hosts), "address": item.address,
        }
        for item in found
    ]  # fmt: skip
    if not rows and not as_json:
        click.echo(text("client.none", language(ctx)))
        return
    print_rows(ctx, rows, as_json=as_json)


@client.command(short_help="Let a client in no longer.")
@click.argument("id_", metavar="ID")
@click.pass_context
def disable(ctx: click.Context, id_: str) -> None:
    """Let client ID in no longer: its tokens end at once, and nothing more goes to it. What was published stays recorded."""
    from pcf.exchange.sharing.keeping import shut_out

    with open_store(create=False).write(actor_name()) as tx:
        shut_out(tx, id_)
    click.echo(text("client.disabled", language(ctx), id=id_))


@client.command(short_help="Give a client a new secret, or keep the one for its own service.")
@click.argument("id_", metavar="ID")
@click.option("--peer-id", help="Id under which the client's own service knows us; keeps its secret instead of making a new one.")
@click.option(
    "--peer-secret-file", type=click.Path(path_type=Path), metavar="FILE", help="File of mode 600 with the secret for it."
)
@_json
@click.pass_context
def secret(ctx: click.Context, id_: str, peer_id: str | None, peer_secret_file: Path | None, as_json: bool) -> None:
    """Give client ID a new secret, printed once; the old one and its tokens end. With --peer-id: keep, encrypted, what the
    client's own service has given to us, for answers and announcements.
    """
    from pcf.exchange.sharing.clients import put_peer
    from pcf.exchange.sharing.keeping import renew_secret
    from pcf.exchange.sharing.vault import seal, service_key
    from pcf.settings import home
    from pcf.store import clock

    if (peer_id is None) != (peer_secret_file is None):
        raise InputError("--peer-id, --peer-secret-file", "one of them", "both or none")
    lang = language(ctx)
    database = open_store(create=False)
    if peer_id is not None and peer_secret_file is not None:
        given = read_secret(peer_secret_file)
        if not peer_id.strip() or len(peer_id) > 500 or not peer_id.isprintable():
            raise InputError("--peer-id", repr(peer_id[:50]), "an id of at most 500 printable characters")
        sealed = seal(service_key(home() / "keys"), id_, given)
        with database.write(actor_name()) as tx:
            put_peer(tx, id_, peer_id, sealed, clock.now())
        click.echo(json_text({"client_id": id_, "peer_id": peer_id}) if as_json else text("client.peer", lang, id=id_))
        return
    with database.write(actor_name()) as tx:
        made = renew_secret(tx, id_)
    document = json_text({"client_id": id_, "client_secret": made})
    click.echo(document if as_json else text("client.secret", lang, id=id_, secret=made))


def read_secret(path: Path) -> str:
    """The secret that stands in a file for its owner only.

    Raises
    ------
    EnvironmentProblem, InputError
        For a file that others can read, and for what is no secret.
    """
    from pcf.store.keys import read_private

    try:
        found = read_private(path).decode("utf-8").strip()
    except UnicodeDecodeError:
        found = ""
    if not found or len(found) > 1_000 or not found.isprintable():
        raise InputError(str(path), "no secret", "one line of at most 1,000 printable characters")
    return found
