"""Lists of records, page by page: searched, ordered and cut in SQL, so that a hundred thousand records make no page slow."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, Table, cast, func, literal, select

from pcf.custody import tables
from pcf.custody.genealogy import RETURN, VOIDABLE, voided_units
from pcf.custody.masters import overlay, read_changes
from pcf.custody.tables import consumption, unit, void
from pcf.store.clock import show
from pcf.store.schema import event

UNSHOWN = ("event_seq", "target_seq")
"""Columns that are for the database alone, as are those that hold a number in the form in which it is compared."""

SEQ = "_seq"
"""Name under which a listed row bears its event."""

KIND_OF = {
    "lot": "lot", "heat": "cast", "processing": "process", "shipment": "shipment", "document": "document", "statement": "statement",
    "meter": "meter", "power_evidence": "power", "power_match": "match", "certificate": "certificate",
    "due_diligence": "due-diligence", "contractor": "contractor", "filing": "filing", "force_majeure": "force-majeure",
}  # fmt: skip
"""Table → kind of the void that takes a record of it back."""

OF_UNIT = ("date", "mass_kg", "material", "site")
"""What a list of lots, heats, steps or shipments shows of the unit itself."""


def read_rows(
    connection: Connection, name: str, contains: str = "", limit: int = 200, *, order: Sequence[str] = (), of_unit: bool = False
) -> Iterator[dict[str, Any]]:
    """Rows of a table in the order of their names, as they are now: amended, with the day of a void.

    Parameters
    ----------
    contains : str
        Only records in which this text stands.
    order : sequence of str
        Columns; by default the table's key.
    of_unit : bool
        Whether the table is one of units, whose date, mass, material and site are shown, too.
    """
    table = tables.unit.metadata.tables[name]
    query, columns = _query(table, of_unit=of_unit)
    if contains:
        query = query.where(holds(columns, contains))
    keys = [table.c[column] for column in order] or list(table.primary_key)
    changed = _Changes(connection, table.name)
    for row in connection.execute(query.order_by(*keys).limit(limit)):
        yield _readable(changed.apply(dict(row._mapping)))


def _query(table: Table, *, of_unit: bool) -> tuple[Select[Any], list[Any]]:
    """What is listed of a table, and the columns of its own."""
    columns = [column for column in table.c if column.name not in UNSHOWN and not column.name.endswith("_plain")]
    if not of_unit:
        return (select(*columns, table.c.event_seq.label(SEQ)) if "event_seq" in table.c else select(*columns)), columns
    known = {column.name for column in columns}
    extra = [unit.c[name] for name in OF_UNIT if name not in known]
    return select(*columns, table.c.event_seq.label(SEQ), *extra).join(unit, unit.c.id == table.c.unit), columns


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    for name in ("details", "payload"):
        if isinstance(row.get(name), str):
            row[name] = json.loads(row[name])
    if isinstance(row.get("leaf"), bytes):
        row["leaf"] = row["leaf"].hex()
    return row


class _Changes:
    """What happened to the rows of a table since: amendments, and the day of a void; papers bear the day of their recording."""

    def __init__(self, connection: Connection, table: str) -> None:
        self._voidable = table in KIND_OF
        self._amended = read_changes(connection, table) if table in ("party", "site", "scope") else {}
        query = select(void.c.target_seq, void.c.date).where(void.c.target_kind == KIND_OF.get(table, ""))
        self._gone = dict(connection.execute(query).all()) if self._voidable else {}
        times = select(event.c.seq, event.c.time).where(event.c.kind == "filing")
        self._times = dict(connection.execute(times).all()) if table == "filing" else None

    def apply(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row as it is now."""
        seq = row.pop(SEQ, None)
        if changes := self._amended.get(row.get("id", "")):
            row = overlay(row, changes)
        if self._times is not None:
            row["recorded"] = show(self._times[seq])
        if self._voidable:
            row["void"] = self._gone.get(seq)
        return row


# Units, page by page -------------------------------------------------------------------------------------------------------

UNIT_KINDS: Mapping[str, tuple[str, ...]] = {
    "lot": ("lot",), "heat": ("heat",), "processing": ("processed",), "shipment": ("shipment",),
}  # fmt: skip
"""Table → kind of the units in it."""

STATES = ("all", "standing", "void", "left")
"""Which units a page shows: all, those that stand, those taken back, those of which something is left."""

ORDERS = ("newest", "oldest", "id", "mass")
MOST_ROWS = 500


@dataclass(frozen=True)
class Wanted:
    """What a page of units is of: words to find, a site (empty: any), days, state and order."""

    contains: str = ""
    site: str = ""
    first: str = ""
    last: str = ""
    state: str = "all"
    order: str = "newest"


@dataclass(frozen=True)
class Page:
    """A page of rows and how many there are in all."""

    rows: Sequence[dict[str, Any]]
    total: int


def read_page(connection: Connection, name: str, wanted: Wanted, offset: int = 0, limit: int = 50) -> Page:
    """A page of lots, heats, steps or shipments with what is left of each [kg] and why it was taken back.

    Parameters
    ----------
    name : str
        `lot`, `heat`, `processing` or `shipment`.
    """
    table = unit.metadata.tables[name]
    matching = _matching(select(unit.c.id), table, wanted)
    once = bool(wanted.contains) or wanted.state == "left"
    ids, total = cut(connection, _ordered(matching, wanted), offset, min(limit, MOST_ROWS), once=once)
    query, _ = _query(table, of_unit=True)
    rows = {row.unit: _readable(dict(row._mapping)) for row in connection.execute(query.where(table.c.unit.in_(ids)))}
    left, gone = left_of(connection, ids), voids_of(connection, ids)
    shown = []
    for one in ids:
        row = rows[one]
        row.pop(SEQ, None)
        reason = gone.get(one)
        shown.append({**row, "left_kg": 0 if name == "shipment" or reason else left[one], "void": reason})
    return Page(shown, total)


def cut(connection: Connection, query: Select[Any], offset: int, limit: int, *, once: bool) -> tuple[list[Any], int]:
    """First column of some rows of a query, and how many rows it has.

    Parameters
    ----------
    once : bool
        Whether a row is slow to decide on: then all are counted in the same pass; else an index counts them, and a page is cut off early.
    """
    count = select(func.count()).select_from(query.order_by(None).subquery())
    if not once:
        ids = list(connection.execute(query.limit(limit).offset(offset)).scalars())
        return ids, int(connection.execute(count).scalar_one())
    rows = connection.execute(query.add_columns(func.count().over()).limit(limit).offset(offset)).all()
    if rows or not offset:
        return [row[0] for row in rows], int(rows[0][-1]) if rows else 0
    return [], int(connection.execute(count).scalar_one())


def holds(columns: Sequence[Any], words: str) -> ColumnElement[bool]:
    """Condition that words stand in one of some columns, whatever their case.

    The columns are put together first: a search takes as long as it reads, and of ten comparisons a row it would take ten times that.
    """
    whole: Any = literal(SEPARATOR)
    for column in columns:
        whole = whole.concat(func.coalesce(cast(column, String), "")).concat(SEPARATOR)
    found: ColumnElement[bool] = whole.icontains(words, autoescape=True)
    return found


SEPARATOR = "\x1f"
"""Between two columns: no field can hold it."""


def _matching(query: Select[Any], table: Table, wanted: Wanted) -> Select[Any]:
    """The units that are wanted."""
    query = query.where(unit.c.kind.in_(UNIT_KINDS[table.name]))
    if wanted.site:
        query = query.where(unit.c.site == wanted.site)
    if wanted.first:
        query = query.where(unit.c.date >= wanted.first)
    if wanted.last:
        query = query.where(unit.c.date <= wanted.last)
    if wanted.contains:
        own = [column for column in table.c if isinstance(column.type, String) and not column.name.endswith("_plain")]
        searched = [*own, unit.c.date, unit.c.material, unit.c.site]
        query = query.join(table, table.c.unit == unit.c.id)
        query = query.where(holds(searched, wanted.contains))
    if wanted.state == "void":
        query = query.where(unit.c.id.in_(voided_units()))
    elif wanted.state != "all":
        query = query.where(unit.c.id.not_in(voided_units()))
    if wanted.state == "left":
        query = query.where(unit.c.mass_kg > _used().scalar_subquery())
    return query


def _ordered(query: Select[Any], wanted: Wanted) -> Select[Any]:
    orders = {
        "oldest": (unit.c.date, unit.c.id), "id": (unit.c.id,), "mass": (unit.c.mass_kg.desc(), unit.c.id),
    }  # fmt: skip
    return query.order_by(*orders.get(wanted.order, (unit.c.date.desc(), unit.c.id.desc())))


def _used() -> Select[Any]:
    """What was taken of a unit by what stands [kg]."""
    return select(func.coalesce(func.sum(consumption.c.mass_kg), 0)).where(
        consumption.c.parent == unit.c.id, consumption.c.role != RETURN, consumption.c.child.not_in(voided_units())
    )


def left_of(connection: Connection, ids: Sequence[str]) -> dict[str, int]:
    """What is left of units [kg], by id; of one that nobody has recorded nothing is said."""
    query = select(unit.c.id, unit.c.mass_kg, _used().scalar_subquery().label("used")).where(unit.c.id.in_(list(ids)))
    return {row.id: row.mass_kg - int(row.used) for row in connection.execute(query)}


@dataclass(frozen=True)
class Reason:
    """When and why a record was taken back."""

    date: str
    reason: str


def voids_of(connection: Connection, ids: Sequence[str]) -> dict[str, Reason]:
    """Of some units those that were taken back."""
    query = select(void.c.target, void.c.date, void.c.reason).where(
        void.c.target.in_(list(ids)), void.c.target_kind.in_(VOIDABLE)
    )
    return {row.target: Reason(row.date, row.reason) for row in connection.execute(query)}


@dataclass(frozen=True)
class Named:
    """A unit as a search shows it."""

    id: str
    kind: str
    date: str
    material: str
    mass_kg: int
    site: str


def find_units(connection: Connection, words: str, limit: int = 20) -> list[Named]:
    """Units in whose id some words stand, the newest first; without words the newest of all."""
    columns = (unit.c.id, unit.c.kind, unit.c.date, unit.c.material, unit.c.mass_kg, unit.c.site)
    query = select(*columns).order_by(unit.c.date.desc(), unit.c.id.desc()).limit(limit)
    if words:
        query = query.where(holds([unit.c.id], words))
    return [Named(*row) for row in connection.execute(query)]
