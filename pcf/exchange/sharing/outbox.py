"""Events that go out: kept until they are handed over, tried again ever more seldom, given up after 72 hours.

What a request is answered with is looked up when the answer goes out: a footprint that was withdrawn meanwhile goes nowhere. The id
of an event stays over its tries, so that who gets it twice knows it.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, insert, select, update

from pcf.errors import CheckFailed, PcfError
from pcf.exchange.pact import stamp
from pcf.exchange.sharing.address import base_of, is_listed
from pcf.exchange.sharing.clients import Client, read_client, read_peer
from pcf.exchange.sharing.criteria import Criteria, find_page
from pcf.exchange.sharing.outside import Outside
from pcf.exchange.sharing.peer import Peer
from pcf.exchange.sharing.vault import unseal
from pcf.store import clock
from pcf.store.database import Database
from pcf.store.events import Transaction, compact
from pcf.store.keys import Signer
from pcf.store.pact_schema import pact_outbox

SECOND = 1_000_000
FIRST, LONGEST, GIVE_UP = 30 * SECOND, 6 * 3600 * SECOND, 72 * 3600 * SECOND
"""First wait, longest wait, and when an event is given up [us]; the wait doubles with each try."""

LEASE = 300 * SECOND
"""How long an event is whoever's who took it [us]; if he is stopped meanwhile, somebody tries again after it."""

MOST_ANSWER = 1_000
"""Footprints of one answer; whoever wants more reads the list."""

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"
FINAL = (400, 413, 415, 422)
"""What says that the event itself is not liked: a repeat changes nothing."""

PREFIX = "org.wbcsd.pact.ProductFootprint."
CREATED, FULFILLED, REJECTED, PUBLISHED = (
    f"{PREFIX}{name}Event.3" for name in ("RequestCreated", "RequestFulfilled", "RequestRejected", "Published")
)  # fmt: skip


def enqueue(
    connection: Connection, client: str, url: str, kind: str, data: Mapping[str, Any], now: int, criteria: Criteria | None = None
) -> str:  # fmt: skip
    """Put an event out; its id.

    Parameters
    ----------
    kind : str
        Type of the event; that of an answer is decided when it goes out.
    criteria : Criteria, optional
        Of the request that it answers.
    """
    name = str(uuid.uuid4())
    connection.execute(insert(pact_outbox), {
        "id": name, "client": client, "url": url, "body": compact({"type": kind, "data": dict(data)}),
        "criteria": None if criteria is None else criteria.as_text(), "made": now, "next_try": now, "tries": 0, "state": WAITING,
        "error": None,
    })  # fmt: skip
    return name


def announce(tx: Transaction, name: str, footprints: Sequence[str]) -> None:
    """Tell a client's own service, where it has one, that footprints were published or changed."""
    client = read_client(tx.connection, name)
    if client is not None and client.active and client.address is not None:
        enqueue(tx.connection, name, client.address, PUBLISHED, {"pfIds": list(footprints)}, clock.now())


@dataclass
class Postman:
    """Hands events over.

    Parameters
    ----------
    source : str
        Base of our own service, as events name their source.
    """

    database: Database
    signer: Signer = field(repr=False)
    outside: Outside
    source: str
    _peers: dict[tuple[str, str], Peer] = field(default_factory=dict, repr=False)

    def deliver(self, now: int, most: int = 20) -> int:
        """Try what is due; how many were handed over."""
        sent = 0
        for row in self._take(now, most):
            state, error, wait = self._try(row, now)
            self._settle(row, now, state, error, wait)
            sent += state == SENT
        return sent

    def _take(self, now: int, most: int) -> list[Any]:
        """Rows that are due, and ours until their lease ends."""
        table = pact_outbox
        with self.database.read() as connection:
            due = select(table).where(table.c.state == WAITING, table.c.next_try <= now).order_by(table.c.next_try).limit(most)
            rows = connection.execute(due).all()
        mine = []
        if rows:
            with self.database.write(self.source) as tx:
                for row in rows:
                    taken = tx.connection.execute(
                        update(table)
                        .where(table.c.id == row.id, table.c.state == WAITING, table.c.next_try == row.next_try)
                        .values(next_try=now + LEASE, tries=row.tries + 1)
                    )
                    if taken.rowcount:
                        mine.append(row)
        return mine

    def _settle(self, row: Any, now: int, state: str, error: str | None, wait: int) -> None:
        if state == WAITING and now + wait > row.made + GIVE_UP:
            state = FAILED
        table = pact_outbox
        with self.database.write(self.source) as tx:
            tx.connection.execute(
                update(table)
                .where(table.c.id == row.id)
                .values(state=state, error=error and error[:300], next_try=now + wait)
            )  # fmt: skip

    def _try(self, row: Any, now: int) -> tuple[str, str | None, int]:
        """State, what went wrong, and how long to wait [us]."""
        wait = min(FIRST * 2 ** min(row.tries, 30), LONGEST)
        try:
            with self.database.read() as connection:
                client, pair = read_client(connection, row.client), read_peer(connection, row.client)
            if client is None or not client.active:
                return DROPPED, "the client is disabled", 0
            if pair is None:
                return WAITING, "no credentials for its service: pcf client secret --peer-id", wait
            status = self._peer(client, row.url, *pair).post_event(self._event(row, now))
        except (PcfError, OSError) as problem:
            self._peers.pop((row.client, row.url), None)
            return WAITING, str(problem), wait
        if 200 <= status < 300:
            return SENT, None, 0
        return (FAILED if status in FINAL else WAITING), f"answered {status}", wait

    def _peer(self, client: Client, url: str, peer_id: str, sealed: bytes) -> Peer:
        base = base_of(url, "address of an event", plain=self.outside.plain)
        if url != client.address and not is_listed(base, client.hosts):
            raise CheckFailed(f"{base.netloc}: no longer a callback host of {client.id}")
        secret = unseal(self.signer, client.id, sealed)
        known = self._peers.get((client.id, url))
        if known is None or (known.client_id, known.client_secret) != (peer_id, secret):
            known = self._peers[client.id, url] = Peer(base, peer_id, secret, self.outside)
        return known

    def _event(self, row: Any, now: int) -> bytes:
        """The event as it goes out."""
        held = json.loads(row.body)
        if row.criteria is None:
            return self._envelope(row.id, held["type"], now, json.dumps(held["data"]))
        with self.database.read() as connection:
            page = find_page(connection, row.client, Criteria.from_text(row.criteria), -1, MOST_ANSWER)
        request = json.dumps(held["data"]["requestEventId"])
        if page.documents and page.following is None:
            pfs = ",".join(page.documents)
            return self._envelope(row.id, FULFILLED, now, f'{{"requestEventId":{request},"pfs":[{pfs}]}}')
        error = (
            {"code": "BadRequest", "message": f"More than {MOST_ANSWER} footprints: read them with GET /3/footprints."}
            if page.documents
            else {"code": "NotFound", "message": "There is no footprint that meets the request."}
        )
        return self._envelope(row.id, REJECTED, now, f'{{"requestEventId":{request},"error":{json.dumps(error)}}}')

    def _envelope(self, name: str, kind: str, now: int, data: str) -> bytes:
        head = {
            "type": kind, "specversion": "1.0", "id": name, "source": self.source, "time": stamp(clock.as_datetime(now)),
            "datacontenttype": "application/json",
        }  # fmt: skip
        return f'{json.dumps(head)[:-1]}, "data": {data}}}'.encode()


def list_outbox(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """Events that went out or have to, the newest first."""
    table = pact_outbox
    rows = connection.execute(select(table).order_by(table.c.made.desc(), table.c.id).limit(limit))
    return [
        {
            "id": row.id, "client": row.client, "url": row.url, "type": json.loads(row.body)["type"].removeprefix(PREFIX), "state": row.state,
            "tries": row.tries, "made": clock.show(row.made), "next_try": clock.show(row.next_try) if row.state == WAITING else None,
            "error": row.error,
        }
        for row in rows
    ]  # fmt: skip
