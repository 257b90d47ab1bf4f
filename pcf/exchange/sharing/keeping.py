"""Keeping the clients of the PACT service: let one in, change it, shut it out, give it a new secret; each is an event of the log."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, select

from pcf.custody.tables import party
from pcf.errors import InputError
from pcf.exchange.sharing.clients import Client, need_client, new_secret, put_client
from pcf.store import clock
from pcf.store.events import Transaction, digest
from pcf.store.pact_schema import SECRET


def let_in(tx: Transaction, client: Client) -> str:
    """Let a new client in; gives its secret, which is shown once.

    Raises
    ------
    InputError
        For a value that cannot be, an unknown party, or an id that is taken.
    """
    _check_party(tx.connection, client.party)
    if not put_client(tx, client):
        raise InputError(f"client {client.id}", "a client that is there", "a new id, or --change", "pcf client secret")
    return new_secret(tx, client.id, clock.now())


def change_client(
    tx: Transaction, id_: str, *, name: str = "", party: str | None = None, hosts: tuple[str, ...] | None = None,
    address: str | None = None, active: bool = True,
) -> None:  # fmt: skip
    """Change a client; one that was shut out is let in again unless it shall not be `active`.

    What is not given stays; an empty address or party goes.

    Raises
    ------
    InputError
        As `let_in`, and for a client that is not there.
    """
    before = need_client(tx.connection, id_)
    _check_party(tx.connection, party)
    found = replace(
        before, active=active, name=name or before.name, hosts=before.hosts if hosts is None else hosts,
        party=before.party if party is None else party or None, address=before.address if address is None else address or None,
    )  # fmt: skip
    put_client(tx, found, change=True)


def shut_out(tx: Transaction, id_: str) -> None:
    """Let a client in no longer: its tokens end at once.

    Raises
    ------
    InputError
        For a client that is not there.
    """
    put_client(tx, replace(need_client(tx.connection, id_), active=False), change=True)


def renew_secret(tx: Transaction, id_: str) -> str:
    """Give a client a new secret; the log says when and by whom, never what.

    Raises
    ------
    InputError
        For a client that is not there.
    """
    made = new_secret(tx, id_, clock.now())
    tx.add(SECRET, f"{SECRET}:{id_}:{tx.tip[0]}", digest({"client": id_}), {})
    return made


def _check_party(connection: Connection, name: str | None) -> None:
    if name and connection.execute(select(party.c.id).where(party.c.id == name)).first() is None:
        raise InputError("--party", repr(name[:60]), "a recorded party", "pcf party list")
