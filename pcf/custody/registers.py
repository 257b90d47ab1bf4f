"""Registers: records that are no metal and no paper on it, page by page, and one of them with everything that happened to it.

Companies, certificates, plants, scopes, periods, filed papers, meters and evidence; a unit has its sheet (`pcf.custody.sheet`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, func, or_, select

from pcf.custody.listing import UNSHOWN, Reason, holds
from pcf.custody.masters import overlay, read_changes
from pcf.custody.tables import amendment, party, period, period_close, scope, scope_site, site, void
from pcf.custody.voids import NAMES
from pcf.errors import InputError
from pcf.store.schema import event

AMENDED = ("party", "site", "scope")
"""Kinds that are amended; any other but a period is taken back."""

REGISTERS: Mapping[str, tuple[Table, ColumnElement[str]]] = {
    "party": (party, party.c.id),
    "certificate": NAMES["certificate"],
    "site": (site, site.c.id),
    "scope": (scope, scope.c.id),
    "period": (period, period.c.scope + "/" + period.c.id),
    **{
        kind: NAMES[kind] for kind in ("due-diligence", "contractor", "force-majeure", "filing", "meter", "power", "match")
    },
}  # fmt: skip
"""Kind of record → its table, and the name of a record as a void or an amendment gives it."""

_NAME, _SEQ = "_name", "_seq"


@dataclass(frozen=True)
class Change:
    """Something that happened to a record: it was recorded, amended, closed or taken back.

    Attributes
    ----------
    time : int
        Microseconds since 1970, UTC.
    date, reason : str
        The day from which it holds and why, where it was asked for.
    fields : Mapping[str, Any]
        What an amendment has set.
    """

    seq: int
    what: str
    time: int = 0
    actor: str = ""
    date: str = ""
    reason: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A record as it is now: `void` where it was taken back, `history` where it was asked for."""

    kind: str
    name: str
    fields: Mapping[str, Any]
    void: Reason | None = None
    history: tuple[Change, ...] = ()


def can_void(kind: str) -> bool:
    """Whether a record of a kind is taken back; masters are amended, and periods closed."""
    return kind in NAMES


def read_register(
    connection: Connection, kind: str, contains: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Entry], int]:
    """Some records of a kind, the newest first, and how many there are in all.

    Parameters
    ----------
    kind : str
        One of `REGISTERS`.
    contains : str
        Only records in which this text stands, as they were recorded or amended.
    """
    query = _query(kind)
    if contains:
        query = query.where(_holding(connection, kind, contains))
    total = int(connection.execute(select(func.count()).select_from(query.subquery())).scalar_one())
    table, _ = REGISTERS[kind]
    rows = connection.execute(query.order_by(table.c.event_seq.desc()).limit(limit).offset(offset)).all()
    return _entries(connection, kind, rows), total


def read_entry(connection: Connection, kind: str, name: str) -> Entry:
    """The newest record of a name, with its history.

    Raises
    ------
    InputError
        For a kind that has no register, and a name that is not recorded.
    """
    if kind not in REGISTERS:
        raise InputError("kind", repr(kind[:80]), f"one of: {', '.join(REGISTERS)}")
    table, named = REGISTERS[kind]
    rows = connection.execute(_query(kind).where(named == name).order_by(table.c.event_seq.desc())).all()
    if not rows:
        raise InputError(kind, repr(name[:80]), f"the name of a recorded {kind}")
    found = _entries(connection, kind, rows[:1])[0]
    changes = [
        *(Change(row._mapping[_SEQ], "recorded") for row in rows), *_amendments(connection, kind, name),
        *_voids(connection, kind, name), *_closes(connection, kind, name),
    ]  # fmt: skip
    return Entry(kind, name, found.fields, found.void, _told(connection, changes))


def _query(kind: str) -> Select[Any]:
    table, named = REGISTERS[kind]
    columns = [column for column in table.c if column.name not in UNSHOWN and not column.name.endswith("_plain")]
    return select(*columns, named.label(_NAME), table.c.event_seq.label(_SEQ))


def _holding(connection: Connection, kind: str, words: str) -> ColumnElement[bool]:
    """Condition that words stand in a record as it was recorded, or as it is now."""
    table, named = REGISTERS[kind]
    condition = holds([*(column for column in table.c if column.name != "event_seq"), named], words)
    if kind not in AMENDED:
        return condition
    # Amendments are few, and hold their fields as JSON, in which a quotation mark is written otherwise.
    wanted = words.casefold()
    amended = [
        name
        for name, fields in read_changes(connection, kind).items()
        if any(wanted in str(content).casefold() for content in fields.values())
    ]
    return or_(condition, table.c.id.in_(amended))


def _entries(connection: Connection, kind: str, rows: Sequence[Any]) -> list[Entry]:
    names = [row._mapping[_NAME] for row in rows]
    changes = read_changes(connection, kind, names) if kind in AMENDED else {}
    members = _members(connection, names) if kind == "scope" else {}
    gone = _reasons(connection, kind, [row._mapping[_SEQ] for row in rows])
    found = []
    for row in rows:
        content = dict(row._mapping)
        name, seq = content.pop(_NAME), content.pop(_SEQ)
        content = overlay(content, changes.get(name, {}))
        details = json.loads(content.pop("details"))
        fields = {**content, **({"sites": members.get(name, [])} if kind == "scope" else {}), **details}
        shown = {key: value for key, value in fields.items() if value not in (None, "", {}, [])}
        found.append(Entry(kind, name, shown, gone.get(seq)))
    return found


def _members(connection: Connection, names: Iterable[str]) -> dict[str, list[str]]:
    """Sites of scopes in the order in which they came."""
    query = select(scope_site.c.scope, scope_site.c.site).where(scope_site.c.scope.in_(list(names)))
    found: dict[str, list[str]] = {}
    for name, member in connection.execute(query.order_by(scope_site.c.event_seq, scope_site.c.site)):
        found.setdefault(name, []).append(member)
    return found


def _reasons(connection: Connection, kind: str, numbers: Sequence[int]) -> dict[int, Reason]:
    """Why records were taken back, by their events."""
    if not can_void(kind):
        return {}
    query = select(void.c.target_seq, void.c.date, void.c.reason).where(
        void.c.target_kind == kind, void.c.target_seq.in_(list(numbers))
    )
    return {row.target_seq: Reason(row.date, row.reason) for row in connection.execute(query)}


# History -------------------------------------------------------------------------------------------------------------------


def _amendments(connection: Connection, kind: str, name: str) -> list[Change]:
    if kind not in AMENDED:
        return []
    rows = connection.execute(select(amendment).where(amendment.c.kind == kind, amendment.c.target == name)).all()
    joined: dict[int, list[str]] = {}
    if kind == "scope":
        query = select(scope_site.c.event_seq, scope_site.c.site).where(scope_site.c.scope == name).order_by(scope_site.c.site)
        for seq, member in connection.execute(query):
            joined.setdefault(seq, []).append(member)
    return [
        Change(
            row.event_seq, "amended", date=row.date, reason=row.reason,
            fields={**json.loads(row.details), **({"add_site": joined[row.event_seq]} if row.event_seq in joined else {})},
        )
        for row in rows
    ]  # fmt: skip


def _voids(connection: Connection, kind: str, name: str) -> list[Change]:
    if not can_void(kind):
        return []
    rows = connection.execute(select(void).where(void.c.target_kind == kind, void.c.target == name)).all()
    return [Change(row.event_seq, "void", date=row.date, reason=row.reason) for row in rows]


def _closes(connection: Connection, kind: str, name: str) -> list[Change]:
    if kind != "period":
        return []
    query = select(period_close.c.event_seq).where(period_close.c.scope + "/" + period_close.c.period == name)
    return [Change(seq, "closed") for seq in connection.execute(query).scalars()]


def _told(connection: Connection, changes: Sequence[Change]) -> tuple[Change, ...]:
    """Changes in their order, with when and by whom, as the log has it."""
    query = select(event.c.seq, event.c.time, event.c.actor).where(event.c.seq.in_([change.seq for change in changes]))
    told = {row.seq: row for row in connection.execute(query)}
    return tuple(
        replace(item, time=told[item.seq].time, actor=told[item.seq].actor) for item in sorted(changes, key=lambda item: item.seq)
    )
