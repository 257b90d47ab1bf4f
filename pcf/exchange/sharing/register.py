"""The register of what was published: a footprint is recorded once, and each client sees what was published to it.

Nothing is changed: a footprint that is deprecated and one that is withdrawn have a later row.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from pcf.errors import DataError, InputError
from pcf.exchange.pact import content_id
from pcf.exchange.pact import deprecate as deprecated
from pcf.exchange.pact_rules import find_problems
from pcf.exchange.sharing.clients import need_client
from pcf.exchange.sharing.outbox import announce
from pcf.exchange.sharing.terms import DEPRECATED, STATUS, terms_of, validity_of
from pcf.store.events import Transaction, compact, digest
from pcf.store.pact_schema import FOOTPRINT, PUBLICATION, pact_footprint, pact_publication
from pcf.store.prepared import Prepared
from pcf.store.reader import Reader

PUBLISHED, WITHDRAWN = "published", "withdrawn"

_ONE = Prepared(
    select(pact_publication.c.state, pact_footprint.c.document)
    .join(pact_footprint, pact_footprint.c.id == pact_publication.c.footprint)
    .where(pact_publication.c.client == bindparam("client"), pact_publication.c.footprint == bindparam("footprint"))
    .order_by(pact_publication.c.event_seq.desc(), pact_footprint.c.event_seq.desc())
    .limit(1)
)


@dataclass
class Published:
    """What a call has changed: ids of footprints by client."""

    new: dict[str, list[str]] = field(default_factory=dict)
    known: int = 0
    deprecated: list[str] = field(default_factory=list)


def find(reader: Reader, client: str, footprint: str) -> str | None:
    """Text of a footprint that a client sees; None for every other one, whether it exists or not."""
    row = reader.first(_ONE, client=client, footprint=footprint)
    return row[1] if row is not None and row[0] == PUBLISHED else None


def publish(
    tx: Transaction, footprint: Mapping[str, Any], clients: Sequence[str], certificate: str | None = None
) -> Published:  # fmt: skip
    """Let clients see a footprint; those that it takes the place of are deprecated.

    Raises
    ------
    DataError
        With every rule of PACT that it breaks.
    InputError
        For an id that is not that of the content, a client that is not there or disabled, a footprint that is deprecated here.
    """
    if problems := find_problems(footprint):
        raise DataError(problems)
    name = str(footprint["id"])
    if name != content_id(footprint):
        raise InputError(f"footprint {name}", "another content", "the content that its id is of", "a footprint is never changed")
    before = newest(tx.connection, name)
    if before is None:
        _record(tx, footprint, certificate, 0)
    elif before["status"] != footprint["status"]:
        raise InputError(f"footprint {name}", f"{footprint['status']}, and {before['status']} here", "the same status")
    held = footprint if before is None else json.loads(before["document"])
    done = Published()
    for client in dict.fromkeys(clients):
        if not need_client(tx.connection, client).active:
            raise InputError(f"client {client}", "a disabled client", "an active one")
        rows = _count(tx.connection, client, name)
        if state(tx.connection, client, name) == PUBLISHED:
            done.known += 1
            continue
        tx.add(PUBLICATION, f"{PUBLICATION}:{client}:{name}:{rows}", digest([client, name]), publication_rows(tx, client, held))
        tx.flush()
        done.new.setdefault(client, []).append(name)
    for preceding in footprint.get("precedingPfIds", ()):
        done.deprecated += [preceding] if deprecate(tx, preceding) else []
    for client, names in done.new.items():
        announce(tx, client, names)
    return done


def withdraw(tx: Transaction, name: str, clients: Iterable[str]) -> list[str]:
    """Let clients no longer see a footprint; those that saw it."""
    done = []
    for client in dict.fromkeys(clients):
        need_client(tx.connection, client)
        if state(tx.connection, client, name) != PUBLISHED:
            continue
        start, stop = validity_of(json.loads(_need(tx.connection, name)["document"]))
        row: dict[str, Any] = {"client": client, "footprint": name, "state": WITHDRAWN, "valid_from": start, "valid_until": stop}
        key = f"{PUBLICATION}:{client}:{name}:{_count(tx.connection, client, name)}"
        tx.add(PUBLICATION, key, digest(row), {"pact_publication": [row]})
        tx.flush()
        done.append(client)
    return done


def deprecate(tx: Transaction, name: str) -> bool:
    """Mark a footprint as one that no longer holds, wherever it is seen; those who see it are told. Whether it held."""
    before = newest(tx.connection, name)
    if before is None or before["status"] != "Active":
        return False
    old = json.loads(before["document"])
    readers = _readers(tx.connection, name)
    terms: list[dict[str, Any]] = [
        {"client": client, "kind": STATUS, "value": DEPRECATED, "place": place} for client, place in readers
    ]  # fmt: skip
    _record(tx, deprecated(old), before["certificate"], 1, terms)
    for client, _ in readers:
        announce(tx, client, [name])
    return True


def deprecate_certificate(tx: Transaction, number: str) -> None:
    """Deprecate what was published of a certificate that has ended."""
    query = select(pact_footprint.c.id).where(pact_footprint.c.certificate == number).distinct()
    for name in tx.connection.execute(query).scalars().all():
        deprecate(tx, name)


def publication_rows(tx: Transaction, client: str, footprint: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Rows of a publication, whose place in lists is that of its event."""
    place = tx.tip[0]
    start, stop = validity_of(footprint)
    row = {"client": client, "footprint": footprint["id"], "state": PUBLISHED, "valid_from": start, "valid_until": stop}
    terms = [{"client": client, "kind": kind, "value": value, "place": place} for kind, value in terms_of(footprint)]
    return {"pact_publication": [row], "pact_term": terms}


def footprint_row(footprint: Mapping[str, Any], certificate: str | None) -> dict[str, Any]:
    """Row of a footprint."""
    start, stop = validity_of(footprint)
    return {
        "id": footprint["id"], "document": compact(footprint), "status": footprint["status"], "valid_from": start,
        "valid_until": stop, "certificate": certificate,
    }  # fmt: skip


def newest(connection: Connection, name: str) -> Mapping[str, Any] | None:
    """The newest row of a footprint."""
    query = select(pact_footprint).where(pact_footprint.c.id == name).order_by(pact_footprint.c.event_seq.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else dict(row._mapping)


def state(connection: Connection, client: str, name: str) -> str | None:
    """Whether a client sees a footprint: `published`, `withdrawn`, or None."""
    table = pact_publication
    query = select(table.c.state).where(table.c.client == client, table.c.footprint == name)
    found: str | None = connection.execute(query.order_by(table.c.event_seq.desc()).limit(1)).scalar()
    return found


def _record(
    tx: Transaction,
    footprint: Mapping[str, Any],
    certificate: str | None,
    version: int,
    terms: Sequence[dict[str, Any]] = (),
) -> None:
    row = footprint_row(footprint, certificate)
    tx.add(FOOTPRINT, f"{FOOTPRINT}:{row['id']}:{version}", digest(row), {"pact_footprint": [row], "pact_term": list(terms)})
    tx.flush()


def _need(connection: Connection, name: str) -> Mapping[str, Any]:
    found = newest(connection, name)
    if found is None:
        raise InputError("footprint", repr(name[:60]), "the id of a published footprint", "pcf pact list")
    return found


def _count(connection: Connection, client: str, name: str) -> int:
    table = pact_publication
    query = select(func.count()).select_from(table).where(table.c.client == client, table.c.footprint == name)
    return int(connection.execute(query).scalar_one())


def _readers(connection: Connection, name: str) -> list[tuple[str, int]]:
    """Clients that see a footprint, each with the place of its publication."""
    query = (
        select(pact_publication.c.client, pact_publication.c.event_seq, pact_publication.c.state)
        .where(pact_publication.c.footprint == name)
        .order_by(pact_publication.c.event_seq)
    )
    last = {row.client: row for row in connection.execute(query)}
    return [(client, row.event_seq) for client, row in sorted(last.items()) if row.state == PUBLISHED]


def list_publications(connection: Connection, client: str | None, limit: int) -> list[dict[str, Any]]:
    """What was published, the newest first, with whether it is still seen."""
    table, later = pact_publication, pact_publication.alias()
    newer = select(later.c.client).where(
        later.c.client == table.c.client, later.c.footprint == table.c.footprint, later.c.event_seq > table.c.event_seq
    ).exists()  # fmt: skip
    query = select(table.c.client, table.c.footprint, table.c.state, table.c.event_seq).where(~newer)
    if client is not None:
        query = query.where(table.c.client == client)
    found = []
    for row in connection.execute(query.order_by(table.c.event_seq.desc()).limit(limit)):
        held = newest(connection, row.footprint)
        document = json.loads(held["document"]) if held else {}
        found.append({
            "client": row.client, "id": row.footprint, "state": row.state, "status": held["status"] if held else "",
            "product": document.get("productNameCompany", ""), "certificate": held["certificate"] if held else None,
        })  # fmt: skip
    return found
