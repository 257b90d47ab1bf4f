"""Parties, sites and scopes as they are now: what was recorded first, with its amendments laid over it in their order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, select

from pcf.custody.tables import amendment, scope
from pcf.store.events import compact

Changes = Mapping[str, Any]
"""Field → its newest value."""


def read_changes(
    connection: Connection, kind: str, ids: Iterable[str] | None = None, before: int | None = None
) -> dict[str, Changes]:
    """Amended fields of parties, sites or scopes by id, the newest value of each.

    Parameters
    ----------
    ids : iterable of str, optional
        Default: all.
    before : int, optional
        Only what was recorded before this event.
    """
    query = select(amendment.c.target, amendment.c.details).where(amendment.c.kind == kind).order_by(amendment.c.event_seq)
    if before is not None:
        query = query.where(amendment.c.event_seq < before)
    if ids is not None:
        query = query.where(amendment.c.target.in_(sorted(set(ids))))
    found: dict[str, dict[str, Any]] = {}
    for target, details in connection.execute(query):
        found.setdefault(target, {}).update(json.loads(details))
    return dict(found)


def overlay(row: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """A row with changes laid over it: a column where the table has one of that name, else a field of its details."""
    columns = {name: value for name, value in changes.items() if name in row}
    rest = {name: value for name, value in changes.items() if name not in row}
    found = {**row, **columns}
    return {**found, "details": compact({**json.loads(row["details"]), **rest})} if rest else found


def read_now(connection: Connection, table: Table, ids: Iterable[str], before: int | None = None) -> dict[str, dict[str, Any]]:
    """Rows of parties, sites or scopes by id, as they are now, or were before an event."""
    wanted = sorted(set(ids))
    changes = read_changes(connection, table.name, wanted, before)
    rows = connection.execute(select(table).where(table.c.id.in_(wanted)))
    return {row.id: overlay(dict(row._mapping), changes.get(row.id, {})) for row in rows}


def scope_certificate(connection: Connection, name: str) -> str | None:
    """The certificate of a scope, or None."""
    found = read_now(connection, scope, [name]).get(name)
    return found["certificate"] if found else None


def scopes_of(connection: Connection, certificate: str) -> set[str]:
    """Scopes that have, or once had, a certificate."""
    first = set(connection.execute(select(scope.c.id).where(scope.c.certificate == certificate)).scalars())
    return first | {name for name, numbers in _numbers(connection).items() if certificate in numbers}


def certificates_of(connection: Connection, name: str) -> set[str]:
    """Certificates that a scope has or once had."""
    first = connection.execute(select(scope.c.certificate).where(scope.c.id == name)).scalar()
    return {*_numbers(connection).get(name, ()), *([first] if first else [])}


def _numbers(connection: Connection) -> dict[str, set[str]]:
    query = select(amendment.c.target, amendment.c.details).where(amendment.c.kind == scope.name)
    found: dict[str, set[str]] = {}
    for target, details in connection.execute(query):
        if number := json.loads(details).get("certificate"):
            found.setdefault(target, set()).add(number)
    return found
