"""The book of a custody database: one writing, with what its checks need and every problem that it found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, bindparam, select

from pcf.catalogue import Catalogue
from pcf.custody.ledger import Ledger
from pcf.custody.places import Places
from pcf.custody.reading import Record
from pcf.custody.tables import (
    consumption,
    heat,
    lot,
    period,
    period_close,
    posting,
    processing,
    scope_site,
    shipment,
    site,
    unit,
    void,
)
from pcf.errors import DataError, InputError
from pcf.store.database import Database
from pcf.store.events import Tip, Transaction, digest
from pcf.store.schema import event

Model = TypeVar("Model", bound=Record)
Item = TypeVar("Item")


@dataclass(frozen=True)
class Placed(Generic[Model]):
    """A record with where it was written (`lots.csv row 7`, `lot UBC-0001`) and the key that makes a repeat known."""

    record: Model
    place: str
    key: str = ""


@dataclass(frozen=True)
class Span:
    """An accounting period of a scope."""

    scope: str
    id: str
    start: str
    end: str
    closed: bool


@dataclass(frozen=True)
class Standing:
    """Time zone, scope and owner of each site, periods of each scope, as they are at a `tip` of the log."""

    tip: Tip
    sites: Mapping[str, str]
    scopes: Mapping[str, str]
    periods: Mapping[str, list[Span]]
    owners: Mapping[str, str]


_STANDING = frozenset({"site", "scope_site", "period", "period_close", "amendment"})
"""Tables that `Standing` is read from."""

ADVICE = {kind: f"a record is never changed: pcf {kind} amend says what is different" for kind in ("party", "site", "scope")} | {
    "period": "a period stays as it was opened",
    "void": "what was taken back stays so: enter the record anew",
}
"""What to do about a record of a kind that cannot be voided."""

MOST_DOUBTS = 1_000
"""Doubts that are kept: a file of the wrong kind has one for every row."""

_METAL = frozenset(table.name for table in (unit, consumption, lot, heat, processing, shipment, posting))
"""Tables whose rows change nothing of a `Standing`."""

# Made once: a statement keeps its compiled form.
_EXISTING = select(unit.c.id).where(unit.c.id.in_(bindparam("ids", expanding=True)))


@dataclass
class Work:
    """One writing: the transaction, the ledger in it, the counts, and the problems that will stop it."""

    tx: Transaction
    catalogue: Catalogue
    problems: list[InputError] = field(default_factory=list)
    written: int = 0
    known: int = 0
    shared: dict[str, Standing] = field(default_factory=dict)
    doubts: list[InputError] = field(default_factory=list)
    _places: Places = field(default_factory=Places)
    _fresh: dict[str, str] = field(default_factory=dict)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this transaction."""
        return Ledger(self.connection)

    @property
    def connection(self) -> Connection:
        """The transaction's connection; rows that wait are not in it before `tx.flush`."""
        return self.tx.connection

    def problem(self, place: str, found: str, expected: str, advice: str = "") -> None:
        """Note a problem: nothing of this writing will stay."""
        self.problems.append(InputError(place, found, expected, advice))

    def doubt(self, place: str, found: str, expected: str) -> None:
        """Note what is recorded as it was entered, and what somebody should look at."""
        if len(self.doubts) < MOST_DOUBTS:
            self.doubts.append(InputError(place, found, expected))

    def new(self, kind: str, items: Iterable[Placed[Model]], identity: str) -> list[tuple[Placed[Model], str, str]]:
        """Of some records those that are not recorded yet, each with its key and the digest of its content.

        A record that is there with the same content counts as known; with other content, taken back since, or twice in the file, it
        is a problem.
        """
        listed = [(item, item.key or f"{kind}:{getattr(item.record, identity)}", digest(item.record.content())) for item in items]
        recorded = self.tx.recorded(key for _, key, _ in listed)
        gone = self._taken_back([key for _, key, asked in listed if recorded.get(key) == asked])
        earlier = self._placed(recorded)
        fresh = []
        seen: dict[str, str] = {}
        for item, key, asked in listed:
            before = recorded.get(key)
            name = _shown(key)
            if key in earlier:
                self.problem(item.place, f"{name} a second time", "each id once", f"it stands at {earlier[key]} too")
            elif key in gone:
                self.problem(
                    item.place, f"{name}, which is void since {gone[key]}", "a record that stands",
                    "what was taken back stays so: enter it under a new id, and a new key where one was given",
                )  # fmt: skip
            elif before == asked:
                self.known += 1
            elif before is not None:
                self.problem(
                    item.place, f"{name}, which is recorded with other content", "a new key" if name.startswith("key ") else "a new id",
                    ADVICE.get(kind, "a record is never changed: void it and enter a new one"),
                )  # fmt: skip
            elif key in seen:
                self.problem(item.place, f"{name} a second time", "each id once", f"it stands at {seen[key]} too")
            else:
                seen[key] = item.place
                fresh.append((item, key, asked))
        self._fresh = seen
        return fresh

    def _placed(self, keys: Iterable[str]) -> dict[str, str]:
        """Of the keys of recorded events those of this writing itself, with the place of their record."""
        found: dict[str, str] = {}
        if self.written:
            self.tx.flush()
            for some in by_chunks(keys):
                rows = self.connection.execute(select(event.c.key, event.c.seq).where(event.c.key.in_(some)))
                found.update((key, self._places[seq]) for key, seq in rows if seq in self._places)
        return found

    def _taken_back(self, keys: Sequence[str]) -> dict[str, str]:
        """Of the keys of some events those whose record is void, with the day of the void."""
        found: dict[str, str] = {}
        for some in by_chunks(keys):
            query = select(event.c.key, void.c.date).join(void, void.c.target_seq == event.c.seq).where(event.c.key.in_(some))
            found.update((key, day) for key, day in self.connection.execute(query))
        return found

    def add(self, kind: str, key: str, asked: str, rows: dict[str, list[dict[str, Any]]]) -> None:
        """Add an event; while there are problems nothing is kept, and the checks go on."""
        self.written += 1
        self._places.add(self.tx.add(kind, key, asked, rows).seq, self._fresh.pop(key, "this writing"))
        if not _STANDING.isdisjoint(rows):
            self.__dict__.pop("_standing", None)  # what follows in this writing sees the new one

    def standing_after(self) -> Standing | None:
        """What the next writing may take as it is where nobody has written between the two; for use after the commit only."""
        known: Standing | None = self.__dict__.get("_standing")
        return None if known is None or self.tx.tables - _METAL else replace(known, tip=self.tx.tip)

    # What records stand on -------------------------------------------------------------------------------------------

    @cached_property
    def _standing(self) -> Standing:
        """Sites, scopes and periods: read again when the log has grown since a writing of this book has seen them."""
        known = self.shared.get("standing")
        return known if known is not None and known.tip == self.tx.tip else _read_standing(self.connection, self.tx.tip)

    @property
    def _sites(self) -> Mapping[str, str]:
        return self._standing.sites

    @property
    def _scopes(self) -> Mapping[str, str]:
        return self._standing.scopes

    @property
    def _periods(self) -> Mapping[str, list[Span]]:
        return self._standing.periods

    def has_site(self, place: str, name: str) -> bool:
        """Whether a site is known; if not, that is a problem."""
        if name in self._sites:
            return True
        self.problem(f"{place}, site", repr(name), _one_of(self._sites), "pcf site add")
        return False

    def scope_of(self, place: str, site_id: str) -> str:
        """Scope of a site, or nothing and a problem."""
        found = self._scopes.get(site_id, "")
        if not found:
            self.problem(
                f"{place}, site", f"{site_id!r}, which is in no scope", "a site of a certification scope", "pcf scope add"
            )
        return found

    def scope_name(self, site_id: str) -> str:
        """Scope of a site, or nothing where it is in none."""
        return self._scopes.get(site_id, "")

    def owners(self, site_id: str) -> frozenset[str]:
        """Parties that own the sites of a site's scope."""
        scope = self._scopes.get(site_id)
        return frozenset(
            owner
            for name, owner in self._standing.owners.items()
            if name == site_id or (scope and self._scopes.get(name) == scope)
        )

    def owners_outside(self, scopes: Iterable[str]) -> frozenset[str]:
        """Parties that own a site which is in none of some scopes."""
        inside = set(scopes)
        return frozenset(owner for name, owner in self._standing.owners.items() if self._scopes.get(name) not in inside)

    def shares_scope(self, one: str, other: str) -> bool:
        """Whether two sites are of one scope."""
        return one == other or self._scopes.get(one) == self._scopes.get(other) is not None

    def spans(self, scope: str) -> list[Span]:
        """Periods of a scope in the order of time."""
        return self._periods.get(scope, [])

    def open_period(self, place: str, scope: str, day: str) -> Span | None:
        """The open period of a day, or None and a problem."""
        spans = self.spans(scope)
        for span in spans:
            if span.start <= day <= span.end:
                if not span.closed:
                    return span
                later = next((item.id for item in spans if not item.closed), "")
                self.problem(
                    f"{place}, date", f"{day}, which is in the closed period {span.id}", "a day of an open period",
                    f"post the correction into {later}, with `corrects` naming the record" if later else "open the next period",
                )  # fmt: skip
                return None
        known = ", ".join(f"{span.id} ({span.start} to {span.end})" for span in spans)
        expected = f"a day of {known}" if known else "a day of an accounting period, of which the scope has none yet"
        self.problem(f"{place}, date", f"{day}, in no period of scope {scope}", expected, "pcf period open")
        return None

    def existing(self, ids: Iterable[str]) -> set[str]:
        """Of some ids those that units have already."""
        wanted = list(dict.fromkeys(ids))
        found: set[str] = set()
        for start in range(0, len(wanted), 500):
            found.update(self.connection.execute(_EXISTING, {"ids": wanted[start : start + 500]}).scalars())
        return found


def _shown(key: str) -> str:
    """What a key names: a record, or itself where the caller made it up."""
    kind, colon, name = key.partition(":")
    if not colon:
        return f"key {key!r}"
    return f"key {name!r}" if kind == "key" else repr(name)


def _read_standing(connection: Connection, tip: Tip) -> Standing:
    sites = dict(connection.execute(select(site.c.id, site.c.timezone)).all())
    scopes = dict(connection.execute(select(scope_site.c.site, scope_site.c.scope)).all())
    owners = dict(connection.execute(select(site.c.id, site.c.party)).all())
    return Standing(tip, sites, scopes, read_periods(connection), owners)


def read_periods(connection: Connection) -> dict[str, list[Span]]:
    """Periods by scope, in the order of time."""
    closed = {(row.scope, row.period) for row in connection.execute(select(period_close.c.scope, period_close.c.period))}
    found: dict[str, list[Span]] = {}
    for row in connection.execute(select(period).order_by(period.c.scope, period.c.start)):
        found.setdefault(row.scope, []).append(Span(row.scope, row.id, row.start, row.end, (row.scope, row.id) in closed))
    return found


def find_span(connection: Connection, scope: str, name: str) -> Span:
    """A period of a scope.

    Raises
    ------
    InputError
        For one that nobody has opened.
    """
    spans = read_periods(connection)
    if scope not in spans:
        raise InputError(
            "scope", repr(scope), f"one of: {', '.join(sorted(spans)) or 'none yet'}", "pcf scope add, pcf period open"
        )
    found = {span.id: span for span in spans[scope]}
    if name not in found:
        raise InputError("period", repr(name), f"one of: {', '.join(found)}")
    return found[name]


def _one_of(known: Iterable[str]) -> str:
    names = sorted(known)
    return f"one of: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}" if names else "a recorded one; there is none yet"


@dataclass(frozen=True)
class Book:
    """A database with the catalogue that gives its materials, alloys and products a meaning."""

    database: Database = field(repr=False)
    catalogue: Catalogue = field(repr=False)
    actor: str = "local"
    _shared: dict[str, Standing] = field(default_factory=dict, repr=False, compare=False)

    @contextmanager
    def write(self) -> Iterator[Work]:
        """All or nothing: with any problem noted, nothing is written.

        Raises
        ------
        DataError
            With every problem.
        """
        with self.database.write(self.actor) as tx:
            work = Work(tx, self.catalogue, shared=self._shared)
            yield work
            if work.problems:
                raise DataError(work.problems)
            standing = work.standing_after()
        # Only now it is written: what was read in a writing that failed is forgotten with it.
        if standing is not None:
            self._shared["standing"] = standing

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view."""
        with self.database.read() as connection:
            yield connection


def by_chunks(items: Iterable[Item], size: int = 500) -> Iterator[Sequence[Item]]:
    """Items in chunks: many records become few statements, in bounded memory."""
    chunk: list[Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
