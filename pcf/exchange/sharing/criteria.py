"""Criteria by which a client finds footprints, as PACT has them, and the page of a list that meets them.

Within a criterion one value is enough, between criteria all have to be met. A list is in the order of publication, and a page begins
behind the place where the last one ended: it costs the same wherever it lies, and what is published meanwhile comes at the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import ColumnElement, Connection, func, literal_column, select

from pcf.exchange.sharing.terms import CLASSIFICATION, COMPANY, DEPRECATED, GEOGRAPHY, PRODUCT, STATUS, folded
from pcf.store.events import compact
from pcf.store.pact_schema import pact_footprint, pact_publication, pact_term

KINDS = (PRODUCT, COMPANY, GEOGRAPHY, CLASSIFICATION)
FEW = 500
"""How many matches of a criterion are counted: which of them is the rarest has to be known only where it is rare."""


@dataclass(frozen=True)
class Criteria:
    """What is asked for.

    Parameters
    ----------
    terms : mapping of kind to values
        See `KINDS`; compared whatever their case.
    status : tuple of str
        `active` or `deprecated`, or both, or nothing for both.
    valid_on, valid_after, valid_before : int, optional
        Moments [us]: start ≤ `valid_on` ≤ end, start > `valid_after`, end < `valid_before`.
    """

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: tuple[str, ...] = ()
    valid_on: int | None = None
    valid_after: int | None = None
    valid_before: int | None = None

    def as_text(self) -> str:
        """The criteria as JSON."""
        return compact(asdict(self))

    @classmethod
    def from_text(cls, written: str) -> Criteria:
        """The criteria of a JSON text that `as_text` made."""
        content = json.loads(written)
        terms = {kind: tuple(values) for kind, values in content["terms"].items()}
        return cls(**{**content, "terms": terms, "status": tuple(content["status"])})


@dataclass(frozen=True)
class Page:
    """Texts of footprints, and the place behind which the next page begins where there is one."""

    documents: Sequence[str]
    following: int | None


def find_page(connection: Connection, client: str, criteria: Criteria, after: int, limit: int) -> Page:
    """A page of what a client sees and criteria meet."""
    wanted = {kind: tuple(dict.fromkeys(map(folded, values))) for kind, values in criteria.terms.items() if values}
    status = set(map(folded, criteria.status))
    conditions = _span(criteria)
    if status == {DEPRECATED}:
        wanted[STATUS] = (DEPRECATED,)
    elif len(status) == 1:
        conditions.append(~_has(STATUS, (DEPRECATED,)))
    found = _places(connection, client, wanted, conditions, after, limit + 1)
    documents = _documents(connection, [name for _, name in found[:limit]])
    if len(found) <= limit:
        return Page(documents, None)
    return Page(documents, found[limit - 1][0] if limit else after)


def _span(criteria: Criteria) -> list[ColumnElement[bool]]:
    """Conditions on the time in which a footprint holds."""
    table = pact_publication
    found: list[ColumnElement[bool]] = []
    if criteria.valid_on is not None:
        found += [table.c.valid_from <= criteria.valid_on, table.c.valid_until >= criteria.valid_on]
    if criteria.valid_after is not None:
        found.append(table.c.valid_from > criteria.valid_after)
    if criteria.valid_before is not None:
        found.append(table.c.valid_until < criteria.valid_before)
    return found


def _has(kind: str, values: Sequence[str]) -> ColumnElement[bool]:
    """Whether a publication has one of some terms."""
    term = pact_term.alias()
    return (
        select(literal_column("1"))
        .where(
            term.c.client == pact_publication.c.client, term.c.kind == kind, term.c.value.in_(values),
            term.c.place == pact_publication.c.event_seq,
        )
        .exists()
    )  # fmt: skip


def _places(
    connection: Connection, client: str, wanted: Mapping[str, tuple[str, ...]], conditions: list[ColumnElement[bool]], after: int,
    count: int,
) -> list[tuple[int, str]]:  # fmt: skip
    """Places and ids, in order: along the rarest criterion, or along everything that the client sees."""
    table, later = pact_publication, pact_publication.alias()
    newer = (
        select(literal_column("1"))
        .where(later.c.client == table.c.client, later.c.footprint == table.c.footprint, later.c.event_seq > table.c.event_seq)
        .exists()
    )
    alive = [table.c.client == client, table.c.state == "published", ~newer, *conditions]
    first = _rarest(connection, client, wanted)
    alive += [_has(kind, values) for kind, values in wanted.items() if kind != first]
    columns = (table.c.event_seq.label("place"), table.c.footprint)
    if first is None:
        query = select(*columns).where(*alive, table.c.event_seq > after).order_by(table.c.event_seq).limit(count)
        return [(int(place), str(name)) for place, name in connection.execute(query)]
    term, other = pact_term, pact_publication.alias()
    # A condition and no join: SQLite would else begin with the publications, and read all of them.
    stands = select(literal_column("1")).where(table.c.event_seq == term.c.place, *alive).exists()
    footprint = select(other.c.footprint).where(other.c.event_seq == term.c.place).scalar_subquery()
    each = [
        select(term.c.place, footprint)
        .where(term.c.client == client, term.c.kind == first, term.c.value == value, term.c.place > after, stands)
        .order_by(term.c.place)
        .limit(count)
        for value in wanted[first]
    ]
    found = {int(place): str(name) for query in each for place, name in connection.execute(query)}
    return sorted(found.items())[:count]


def _rarest(connection: Connection, client: str, wanted: Mapping[str, tuple[str, ...]]) -> str | None:
    if len(wanted) < 2:
        return next(iter(wanted), None)
    counts = {kind: sum(_count(connection, client, kind, value) for value in values) for kind, values in wanted.items()}
    return min(counts, key=lambda kind: counts[kind])


def _count(connection: Connection, client: str, kind: str, value: str) -> int:
    some = (
        select(pact_term.c.place)
        .where(pact_term.c.client == client, pact_term.c.kind == kind, pact_term.c.value == value)
        .limit(FEW)
        .subquery()
    )
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


def _documents(connection: Connection, names: Sequence[str]) -> list[str]:
    """Texts of footprints in an order, the newest row of each."""
    table = pact_footprint
    found: dict[str, str] = {}
    for start in range(0, len(names), FEW):
        query = select(table.c.id, table.c.document).where(table.c.id.in_(names[start : start + FEW]))
        # In the order of the rows, so that the newest one is the last.
        found.update((row.id, row.document) for row in connection.execute(query.order_by(table.c.id, table.c.event_seq)))
    return [found[name] for name in names]
