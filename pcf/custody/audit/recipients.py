"""Whose a received document is that no lot has used yet: it names its recipient in words, and no scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from pcf.custody import tables
from pcf.custody.masters import read_now
from pcf.custody.plain import plain

SHORTEST = 4
"""Signs of a name that is looked for inside another one, and the other way round."""


def names_of_scopes(connection: Connection) -> Mapping[str, frozenset[str]]:
    """What a document may call a scope by: its name, those of its sites and of their owners, and the ids of all of them."""
    pairs = connection.execute(select(tables.scope_site.c.scope, tables.scope_site.c.site)).all()
    scopes = read_now(connection, tables.scope, {pair.scope for pair in pairs})
    sites = read_now(connection, tables.site, {pair.site for pair in pairs})
    parties = read_now(connection, tables.party, {row["party"] for row in sites.values()})
    found: dict[str, set[str]] = {}
    for pair in pairs:
        own = (scopes[pair.scope], sites[pair.site], parties[sites[pair.site]["party"]])
        found.setdefault(pair.scope, set()).update(plain(name) for row in own for name in (row["id"], row["name"]))
    return {scope: frozenset(names) for scope, names in found.items()}


def concerns(recipient: str, scope: str, names: Mapping[str, frozenset[str]]) -> bool:
    """Whether a document is of a scope: it is not where its recipient is of another one alone.

    A recipient that is of no scope at all has been written otherwise than the masters have it; that document is everybody's,
    lest it is in nobody's pack.
    """
    told = plain(recipient)
    whose = {name for name, known in names.items() if _is_one_of(told, known)}
    return not whose or scope in whose


def _is_one_of(told: str, known: Iterable[str]) -> bool:
    return any(
        told == name or (min(len(told), len(name)) >= SHORTEST and (told in name or name in told)) for name in known
    )  # fmt: skip
