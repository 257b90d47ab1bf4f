"""Variants that people have saved: in the log like every record, so that nobody loses what a customer was shown."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pcf.errors import InputError
from pcf.store import Database, Transaction, digest
from pcf.store.people_schema import saved_variant
from pcf.store.schema import event
from pcf.text import visible
from pcf.views.state import State, parse_state

LONGEST = 80


@dataclass(frozen=True)
class Saved:
    """A saved variant, by whom and when [us, UTC]."""

    id: str
    name: str
    state: State
    actor: str
    time: int


def save(database: Database, actor: str, name: str, state: State) -> str:
    """Keep a variant; gives its id.

    Raises
    ------
    InputError
        For a name that is none, or that another one has.
    """
    name = name.strip()
    if not name or len(name) > LONGEST or name != visible(name, keep=""):
        raise InputError("name", repr(name[:40]), f"1 to {LONGEST} printable characters")
    identity = secrets.token_hex(6)
    with database.write(actor) as tx:
        if any(item.name == name for item in _read(tx.connection)):
            raise InputError(
                "name", repr(name), "a name that no saved variant has", "take another name, or take the other off the list"
            )
        _add(tx, {"id": identity, "number": 1, "name": name, "state": state.text, "kept": 1})
    return identity


def drop(database: Database, actor: str, identity: str) -> None:
    """Take a variant off the list; the log keeps it."""
    found = next((item for item in listed(database) if item.id == identity), None)
    if found is None:
        raise InputError("variant", repr(identity[:40]), "a saved one")
    with database.read() as connection:
        query = select(func.max(saved_variant.c.number)).where(saved_variant.c.id == identity)
        number = int(connection.execute(query).scalar_one())
    with database.write(actor) as tx:
        _add(tx, {"id": identity, "number": number + 1, "name": found.name, "state": found.state.text, "kept": 0})


def listed(database: Database) -> list[Saved]:
    """Those that are kept, the newest first."""
    with database.read() as connection:
        return _read(connection)


def _read(connection: Connection) -> list[Saved]:
    last = select(saved_variant.c.id, func.max(saved_variant.c.number).label("number")).group_by(saved_variant.c.id).subquery()
    query = (
        select(saved_variant, event.c.actor, event.c.time)
        .join(last, (saved_variant.c.id == last.c.id) & (saved_variant.c.number == last.c.number))
        .join(event, event.c.seq == saved_variant.c.event_seq)
        .where(saved_variant.c.kept == 1)
        .order_by(event.c.seq.desc())
    )
    return [Saved(row.id, row.name, parse_state(row.state), row.actor, row.time) for row in connection.execute(query)]


def _add(tx: Transaction, row: dict[str, str | int | None]) -> None:
    tx.add("variant", f"variant:{row['id']}:{row['number']}", digest(row), {"saved_variant": [row]})
