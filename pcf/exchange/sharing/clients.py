"""Clients of the PACT service: who may ask, with what secret, and where answers may go."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select, update

from pcf.errors import InputError
from pcf.exchange.sharing.address import HOST, base_of
from pcf.store.events import Transaction, digest
from pcf.store.pact_schema import CLIENT, api_client, api_secret
from pcf.store.prepared import Prepared
from pcf.store.reader import Reader

SECRET_BYTES = 32
"""Random bytes of a secret: as many as its digest has, so that a plain digest is enough and nobody can try them all."""

MOST_HOSTS = 20
_ID = re.compile("[a-z0-9][a-z0-9-]{1,39}", re.ASCII)


@dataclass(frozen=True)
class Client:
    """A client.

    Parameters
    ----------
    id : str
        With which it asks for tokens: 2 to 40 small letters, digits and hyphens.
    name : str
    party : str, optional
        Party of the custody records that it is.
    hosts : tuple of str
        Where answers to its requests may go: `host` or `host:port`.
    address : str, optional
        Its own PACT service, to which published footprints are announced.
    """

    id: str
    name: str
    party: str | None = None
    active: bool = True
    hosts: tuple[str, ...] = ()
    address: str | None = None

    def row(self) -> dict[str, Any]:
        """Columns of its table."""
        return {
            "id": self.id, "name": self.name, "party": self.party, "active": int(self.active), "hosts": " ".join(self.hosts),
            "address": self.address,
        }  # fmt: skip


_NEWEST = Prepared(
    select(
        api_client.c.id, api_client.c.name, api_client.c.party, api_client.c.active, api_client.c.hosts, api_client.c.address,
        select(api_secret.c.sha256).where(api_secret.c.client == api_client.c.id).scalar_subquery().label("sha256"),
    ).where(api_client.c.id == bindparam("id")).order_by(api_client.c.event_seq.desc()).limit(1)
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """A client with the mark of its secret: a token bears it, so that a new secret ends the tokens of the old one."""

    client: Client
    mark: str


def checked(client: Client) -> Client:
    """A client as it can be recorded.

    Raises
    ------
    InputError
        For a value that cannot be one.
    """
    if not _ID.fullmatch(client.id):
        raise InputError("client, id", repr(client.id[:50]), "2 to 40 small letters, digits and hyphens")
    if not client.name.strip() or len(client.name) > 200 or not client.name.isprintable():
        raise InputError("client, name", repr(client.name[:50]), "a name of at most 200 printable characters")
    hosts = tuple(dict.fromkeys(host.casefold() for host in client.hosts))
    for host in hosts:
        if not HOST.fullmatch(host):
            raise InputError("client, callback host", repr(host[:80]), "a host, or host:port")
    if len(hosts) > MOST_HOSTS:
        raise InputError("client, callback hosts", str(len(hosts)), f"at most {MOST_HOSTS}")
    address = None if client.address is None else base_of(client.address, "client, address").url
    return replace(client, hosts=hosts, address=address)


def put_client(tx: Transaction, client: Client, *, change: bool = False) -> bool:
    """Record a client, or what is now different about it; whether anything was.

    Raises
    ------
    InputError
        For one that is there with other values, unless it shall be changed, or is not there and shall be.
    """
    client = checked(client)
    before = read_client(tx.connection, client.id)
    if before == client:
        return False
    if (before is not None) != change:
        found, expected = (("a new client", "one of `pcf client list`") if change else
                           ("a client that is there with other values", "a new id, or --change"))  # fmt: skip
        raise InputError(f"client {client.id}", found, expected)
    count = tx.connection.execute(
        select(func.count()).select_from(api_client).where(api_client.c.id == client.id)
    ).scalar_one()  # fmt: skip
    row = client.row()
    tx.add(CLIENT, f"{CLIENT}:{client.id}:{count}", digest(row), {"api_client": [row]})
    tx.flush()
    return True


def read_client(connection: Connection, name: str) -> Client | None:
    """A client as it is now."""
    row = next(iter(_NEWEST.all(connection, id=name)), None)
    return None if row is None else _client(row)


def need_client(connection: Connection, name: str) -> Client:
    """A client as it is now.

    Raises
    ------
    InputError
        For one that is not there.
    """
    found = read_client(connection, name)
    if found is None:
        raise InputError("client", repr(name[:50]), "a client that is there", "pcf client list")
    return found


def list_clients(connection: Connection) -> list[Client]:
    """All clients as they are now, by id."""
    later = api_client.alias()
    newer = select(later.c.id).where(later.c.id == api_client.c.id, later.c.event_seq > api_client.c.event_seq).exists()
    query = select(*(api_client.c[name] for name in ("id", "name", "party", "active", "hosts", "address")))
    return [_client(row) for row in connection.execute(query.where(~newer).order_by(api_client.c.id))]


def find_known(reader: Reader, name: str) -> Known | None:
    """An active client that has a secret, for a service that asks at every request."""
    row = reader.first(_NEWEST, id=name)
    return Known(_client(row), row[6][:16]) if row is not None and row[3] and row[6] else None


def holds_secret(reader: Reader, name: str, secret: str) -> Known | None:
    """The client that a secret is of, or None; takes as long for a client that is not there."""
    row = reader.first(_NEWEST, id=name)
    expected = row[6] if row is not None and row[6] else "0" * 64
    right = hmac.compare_digest(_digest(secret), expected)
    return Known(_client(row), expected[:16]) if right and row is not None and row[3] else None


def new_secret(tx: Transaction, name: str, now: int) -> str:
    """Give a client a new secret, which is shown once; the old one and its tokens end.

    Raises
    ------
    InputError
        For a client that is not there.
    """
    need_client(tx.connection, name)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    _put(tx.connection, name, {"sha256": _digest(secret), "made": now})
    return secret


def put_peer(tx: Transaction, name: str, peer_id: str, sealed: bytes, now: int) -> None:
    """Keep what is shown to a client's own service: the id, and the secret encrypted.

    Raises
    ------
    InputError
        For a client that is not there.
    """
    need_client(tx.connection, name)
    _put(tx.connection, name, {"peer_id": peer_id, "peer_secret": sealed}, made=now)


def read_peer(connection: Connection, name: str) -> tuple[str, bytes] | None:
    """Id and encrypted secret for a client's own service."""
    row = connection.execute(select(api_secret.c.peer_id, api_secret.c.peer_secret).where(api_secret.c.client == name)).first()
    return None if row is None or row.peer_id is None or row.peer_secret is None else (str(row.peer_id), bytes(row.peer_secret))


def _put(connection: Connection, name: str, values: Mapping[str, Any], made: int = 0) -> None:
    changed = connection.execute(update(api_secret).where(api_secret.c.client == name).values(**values))
    if not changed.rowcount:
        connection.execute(insert(api_secret), {"client": name, "made": made, **values})


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _client(row: Any) -> Client:
    return Client(row[0], row[1], row[2], bool(row[3]), tuple(row[4].split()), row[5])
