"""Amendments of parties, sites and scopes: what is different from a day on, on top of what was recorded first.

Documents keep the names of the day on which they were issued: those are in the documents themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Self, TypeVar

from pydantic import field_validator, model_validator
from sqlalchemy import Table, func, select

from pcf.custody.book import Placed, Work
from pcf.custody.fields import Id, Note, Words, wrong
from pcf.custody.masters import read_now
from pcf.custody.parties import check_certificate, check_plant, taken_sites
from pcf.custody.reading import Record
from pcf.custody.record_fields import Happened, read_names
from pcf.custody.tables import amendment, party, scope, scope_site, site
from pcf.store.events import compact, digest


class Amendment(Record):
    """What is different about a party, site or scope from a day on; what is left out stays as it is."""

    id: Id
    date: Happened
    reason: Words

    @property
    def changes(self) -> dict[str, Any]:
        """The fields that are given."""
        return self.details("id", "date", "reason")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.changes:
            raise wrong(
                f"a change: {', '.join(name for name in type(self).model_fields if name not in ('id', 'date', 'reason'))}"
            )
        return self


class PartyAmendment(Amendment):
    """A new name or address of a party."""

    name: Words | None = None
    address: Note = ""
    country: Note = ""
    contact: Note = ""


class SiteAmendment(Amendment):
    """A new name of a site, or the plant that its data are of."""

    name: Words | None = None
    plant: Note = ""
    address: Note = ""


class ScopeAmendment(Amendment):
    """A new certificate or representative of a scope, or further sites."""

    name: Words | None = None
    certificate: Id | None = None
    representative: Note = ""
    add_site: tuple[Id, ...] = ()

    _split = field_validator("add_site", mode="before")(read_names)


Amended = TypeVar("Amended", bound=Amendment)


def amend_parties(work: Work, items: Sequence[Placed[PartyAmendment]]) -> None:
    """Record new names and addresses of parties."""
    for item in items:
        _amend(work, item, party)


def amend_sites(work: Work, items: Sequence[Placed[SiteAmendment]]) -> None:
    """Record new names of sites, and the plants that their data are of."""
    for item in items:
        if check_plant(work, item.place, item.record.plant):
            _amend(work, item, site)


def amend_scopes(work: Work, items: Sequence[Placed[ScopeAmendment]]) -> None:
    """Record new certificates of scopes, and further sites; a site is in one scope only."""
    for item in items:
        record, before = item.record, len(work.problems)
        known = _known(work, item, scope)
        if known is None or known[1]:
            continue
        taken_sites(work, f"{item.place}, add_site", record.add_site)
        sites = [*work.connection.execute(select(scope_site.c.site).where(scope_site.c.scope == record.id)).scalars()]
        if record.certificate is not None:
            check_certificate(work, item.place, record.certificate, [*sites, *record.add_site])
        if len(work.problems) == before:
            members = [{"scope": record.id, "site": name} for name in record.add_site]
            _write(work, item, scope, known[0], {"scope_site": members})


def _amend(work: Work, item: Placed[Amended], table: Table) -> None:
    known = _known(work, item, table)
    if known is not None and not known[1]:
        _write(work, item, table, known[0], {})


def _known(work: Work, item: Placed[Amended], table: Table) -> tuple[str, bool] | None:
    """Key of an amendment, and whether it is the newest one already; None and a problem where there is nothing to amend.

    A name may change back: so the key counts, and only a repeat of the newest amendment is known.
    """
    record = item.record
    work.tx.flush()
    if work.connection.execute(select(table.c.id).where(table.c.id == record.id)).first() is None:
        work.problem(f"{item.place}, id", repr(record.id), f"a recorded {table.name}", f"pcf {table.name} add")
        return None
    count = int(
        work.connection.execute(
            select(func.count()).where(amendment.c.kind == table.name, amendment.c.target == record.id)
        ).scalar_one()
    )  # fmt: skip
    last = f"amendment:{table.name}/{record.id}/{count - 1}"
    key, asked = item.key or f"amendment:{table.name}/{record.id}/{count}", digest(record.content())
    recorded = work.tx.recorded([last, key])
    if asked in (recorded.get(key), None if item.key else recorded.get(last)):
        work.known += 1
        return key, True
    if key in recorded:
        work.problem(item.place, f"key {item.key!r}, which is recorded with other content", "a new key")
        return None
    return key, False


def _write(work: Work, item: Placed[Amended], table: Table, key: str, more: dict[str, list[dict[str, Any]]]) -> None:
    record = item.record
    row = {
        "kind": table.name, "target": record.id, "date": record.date, "reason": record.reason,
        "details": compact({name: value for name, value in record.changes.items() if name != "add_site"}),
    }  # fmt: skip
    now = read_now(work.connection, table, [record.id])[record.id]
    changed = {name for name in record.changes if name == "add_site" or now.get(name, _field(now, name)) != record.changes[name]}
    if not changed:
        work.problem(item.place, f"{table.name} {record.id!r} as it is already", "a field with another value")
        return
    work.add("amendment", key, digest(record.content()), {"amendment": [row], **more})
    work.tx.flush()


def _field(row: dict[str, Any], name: str) -> Any:
    return json.loads(row["details"]).get(name)
