"""What an audit looks at: the records of a scope in an accounting period, read once, as plain rows by table."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select

from pcf.custody import tables
from pcf.custody.audit.recipients import concerns, names_of_scopes
from pcf.custody.book import Span, read_periods
from pcf.custody.ledger import POWER
from pcf.custody.masters import certificates_of, read_now
from pcf.errors import InputError
from pcf.store.clock import show
from pcf.store.schema import EVENT_SEQ, event, metadata

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]
"""Rows by the name of their table, as the tables or as the events of the log hold them."""

UNIT_TABLES = ("lot", "heat", "processing", "shipment")
VOID_KINDS = {"lot": "lot", "heat": "cast", "processing": "process", "shipment": "shipment"}
"""Table of a unit → kind of the void that takes it back."""

CHUNK = 500


@dataclass(frozen=True)
class Entry:
    """An event: when it was recorded [us], what it was, and by whom."""

    time: int
    kind: str
    key: str
    actor: str


@dataclass
class View:
    """The records of a scope in a period.

    Attributes
    ----------
    rows : Rows
        Rows of every table that belong to the period: by date, by posting into it, or because one of these stands on them.
    events : mapping of int to Entry
        Who recorded what when, by the number of the event.
    """

    connection: Connection
    scope: str
    span: Span
    spans: tuple[Span, ...]
    rows: Rows
    events: Mapping[int, Entry]

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """Sites of the scope."""
        return tuple(sorted(row["site"] for row in self.rows["scope_site"]))

    @cached_property
    def certificates(self) -> set[str]:
        """Certificates that the scope has or once had."""
        return certificates_of(self.connection, self.scope)

    @cached_property
    def units(self) -> dict[str, Row]:
        """Units by id."""
        return {row["id"]: row for row in self.rows["unit"]}

    @cached_property
    def voids(self) -> dict[tuple[str, str], Row]:
        """Voids by kind and target."""
        return {(row["target_kind"], row["target"]): row for row in self.rows["void"]}

    @cached_property
    def parties(self) -> dict[str, Row]:
        """Parties by id."""
        return {row["id"]: row for row in self.rows["party"]}

    def void_of(self, table: str, target: str) -> Row | None:
        """The void that took a record of a table back, or None."""
        return self.voids.get((VOID_KINDS.get(table, table), target))

    def live(self, table: str) -> list[Row]:
        """Rows of lots, heats, steps or shipments of the period's own days that stand, by id."""
        found = []
        for row in self.rows[table]:
            unit = self.units.get(row["unit"])
            if unit is not None and self.covers(unit["date"]) and self.void_of(table, row["unit"]) is None:
                found.append(row)
        return sorted(found, key=lambda row: str(row["unit"]))

    def documents(self, direction: str, *, live: bool = True) -> list[Row]:
        """CoC documents of a direction, by issuer and reference."""
        found = [
            row
            for row in self.rows["document"]
            if row["direction"] == direction and not (live and ("document", document_name(row)) in self.voids)
        ]
        return sorted(found, key=lambda row: (row["issuer"], row["reference"]))

    def covers(self, day: str) -> bool:
        """Whether a day is one of the period."""
        return self.span.start <= day <= self.span.end

    def recorded(self, row: Row) -> str:
        """When a row was recorded, in UTC."""
        found = self.events.get(row[EVENT_SEQ])
        return show(found.time) if found else ""

    def name(self, party: str) -> str:
        """Name of a party."""
        found = self.parties.get(party)
        return str(found["name"]) if found else party

    @cached_property
    def months(self) -> list[str]:
        """Months that the period touches."""
        year, month = int(self.span.start[:4]), int(self.span.start[5:7])
        found = []
        while (name := f"{year:04d}-{month:02d}") <= self.span.end[:7]:
            found.append(name)
            year, month = (year, month + 1) if month < 12 else (year + 1, 1)
        return found


def document_name(row: Row) -> str:
    """Full name of a document: direction, issuer's certificate, reference."""
    return f"{row['direction']}/{row['issuer']}/{row['reference']}"


def details(row: Row) -> dict[str, Any]:
    """What no column of a row holds."""
    found = json.loads(row["details"])
    return found if isinstance(found, dict) else {}


def find_span(connection: Connection, scope: str, period: str) -> tuple[Span, tuple[Span, ...]]:
    """A period of a scope, and all its periods in the order of time.

    Raises
    ------
    InputError
        For a scope or a period that is not recorded.
    """
    known = read_periods(connection)
    if scope not in known:
        raise InputError(
            "--scope", repr(scope), f"one of: {', '.join(sorted(known)) or 'none yet'}", "pcf scope add, pcf period open"
        )
    span = next((item for item in known[scope] if item.id == period), None)
    if span is None:
        raise InputError("--period", repr(period), f"one of: {', '.join(item.id for item in known[scope])}", "pcf period open")
    return span, tuple(known[scope])


def read_view(connection: Connection, scope: str, period: str) -> View:
    """Read what an audit of a period looks at.

    Raises
    ------
    InputError
        For a scope or a period that is not recorded.
    """
    span, spans = find_span(connection, scope, period)
    rows = _Reader(connection, scope, span).read()
    seqs = sorted({row[EVENT_SEQ] for found in rows.values() for row in found} | {row["target_seq"] for row in rows["void"]})
    events = {}
    for some in _chunks(seqs):
        for row in connection.execute(select(event).where(event.c.seq.in_(some))):
            events[row.seq] = Entry(row.time, row.kind, row.key, row.actor)
    return View(connection, scope, span, spans, rows, events)


@dataclass
class _Reader:
    """Reads table after table; what one table names is looked up in the next ones."""

    connection: Connection
    scope: str
    span: Span
    taken_back: list[Row] = field(default_factory=list)

    def read(self) -> dict[str, list[Row]]:
        """Rows by table; the order is that of the primary keys."""
        found = self._frame()
        found |= self._postings()
        refs = {row["ref"] for row in found["posting"]}
        found |= self._units(refs, self.sites)
        found |= self._documents(found, refs)
        found |= self._power()
        found |= self._papers()
        found |= self._parties(found)
        found["void"] = self._voids(found) + self.taken_back
        return found

    @cached_property
    def sites(self) -> list[str]:
        """Sites of the scope."""
        query = select(tables.scope_site.c.site).where(tables.scope_site.c.scope == self.scope)
        return sorted(self.connection.execute(query).scalars())

    def _frame(self) -> dict[str, list[Row]]:
        earlier = tables.period.c.start <= self.span.start
        close, own = tables.period_close, tables.period
        closes = select(close).join(own, (own.c.scope == close.c.scope) & (own.c.id == close.c.period))
        return {
            "scope": self._now(tables.scope, [self.scope]),
            "scope_site": self._all(tables.scope_site, tables.scope_site.c.scope == self.scope),
            "site": self._now(tables.site, self.sites),
            "period": self._all(own, own.c.scope == self.scope),
            "period_close": [
                dict(row._mapping)
                for row in self.connection.execute(
                    closes.where(close.c.scope == self.scope, earlier).order_by(own.c.start)
                )
            ],
        }  # fmt: skip

    def _postings(self) -> dict[str, list[Row]]:
        table = tables.posting
        here = (table.c.period == self.span.id) | (table.c.ref == f"close:{self.scope}/{self.span.id}")
        power = (table.c.account == POWER) & (table.c.month >= self.span.start[:7]) & (table.c.month <= self.span.end[:7])
        mine = self._all(table, table.c.scope == self.scope, here & (table.c.account != POWER))
        return {"posting": mine + self._all(table, table.c.scope == self.scope, power)}

    def _units(self, refs: Iterable[str], sites: Sequence[str]) -> dict[str, list[Row]]:
        unit = tables.unit
        inside = (unit.c.site.in_(sites), unit.c.date >= self.span.start, unit.c.date <= self.span.end)
        units = self._all(unit, *inside)
        known = {row["id"] for row in units}
        # What was taken back in this period may be of an earlier one.
        earlier = self._by(unit, "id", [name for name in refs if name not in known])
        found: dict[str, list[Row]] = {"unit": units + earlier}
        for name in UNIT_TABLES:
            table = metadata.tables[name]
            query = select(table).join(unit, unit.c.id == table.c.unit).where(*inside).order_by(table.c.unit)
            found[name] = [dict(row._mapping) for row in self.connection.execute(query)]
            found[name] += self._by(table, "unit", [row["id"] for row in earlier])
        lines = tables.consumption
        query = select(lines).join(unit, unit.c.id == lines.c.child).where(*inside).order_by(lines.c.child, lines.c.line)
        found["consumption"] = [dict(row._mapping) for row in self.connection.execute(query)]
        return found

    def _documents(self, found: Mapping[str, list[Row]], refs: Iterable[str]) -> dict[str, list[Row]]:
        table = tables.document
        sent = {row["unit"] for row in found["shipment"]}
        names = [ref.split("/", 2) for ref in refs if ref.startswith("out/") and ref.count("/") >= 2]
        issued = self._by(table, "unit", sent) + self._by(table, "reference", [name[2] for name in names])
        wanted = {tuple(name) for name in names}
        out = {
            document_name(row): row
            for row in issued
            if row["unit"] in sent or (row["direction"], row["issuer"], row["reference"]) in wanted
        }
        # Documents of earlier periods that are taken back here, with the shipment that they were issued for.
        missing = {row["unit"] for row in out.values()} - {row["id"] for row in found["unit"]}
        found["unit"].extend(self._by(tables.unit, "id", missing))
        found["shipment"].extend(self._by(tables.shipment, "unit", missing - sent))
        used = {(row["document_issuer"], row["document_reference"]) for row in found["lot"] if row["document_reference"]}
        received = self._by(table, "reference", {reference for _, reference in used})
        into = {
            document_name(row): row for row in received if row["direction"] == "in" and (row["issuer"], row["reference"]) in used
        }
        unused = ~select(tables.lot.c.unit).where(
            tables.lot.c.document_issuer == table.c.issuer, tables.lot.c.document_reference == table.c.reference
        ).exists()  # fmt: skip
        dated = (table.c.direction == "in", table.c.date >= self.span.start, table.c.date <= self.span.end)
        known = names_of_scopes(self.connection)
        into |= {
            document_name(row): row
            for row in self._all(table, *dated, unused)
            if concerns(str(details(row).get("customer", "")), self.scope, known)
        }
        documents = [row for _, row in sorted((out | into).items())]
        claims = self._by(tables.statement, "shipment", sent | missing)
        return {"document": documents, "statement": claims}

    def _power(self) -> dict[str, list[Row]]:
        first, last = self.span.start[:7], self.span.end[:7] + "~"

        def of(table: Table) -> list[Row]:
            return self._all(table, table.c.site.in_(self.sites), table.c.time >= first, table.c.time <= last)

        evidence = of(tables.power_evidence)
        ids = [row["id"] for row in evidence]
        return {
            "meter": self._standing(of(tables.meter), "meter"), "power_evidence": evidence,
            "power_certificate": self._by(tables.power_certificate, "evidence", ids),
            "power_match": self._by(tables.power_match, "evidence", ids),
        }  # fmt: skip

    def _papers(self) -> dict[str, list[Row]]:
        filing, force, sent = tables.filing, tables.force_majeure, tables.contractor
        filed = self._all(filing, filing.c.scope == self.scope, filing.c.period == self.span.id)
        opened = self._all(force, force.c.scope == self.scope, force.c.period == self.span.id)
        moved = self._all(sent, sent.c.scope == self.scope, sent.c.date <= self.span.end)
        return {
            "filing": self._standing(filed, "filing"), "force_majeure": self._standing(opened, "force-majeure"),
            "contractor": self._standing(moved, "contractor"),
        }  # fmt: skip

    def _standing(self, rows: list[Row], kind: str) -> list[Row]:
        """Rows that were not taken back; the voids of the others are kept for the list of voids."""
        void = tables.void
        gone = {}
        for some in _chunks([row[EVENT_SEQ] for row in rows]):
            query = select(void).where(void.c.target_kind == kind, void.c.target_seq.in_(some))
            gone.update({row.target_seq: dict(row._mapping) for row in self.connection.execute(query)})
        self.taken_back += gone.values()
        return [row for row in rows if row[EVENT_SEQ] not in gone]

    def _voids(self, found: Mapping[str, list[Row]]) -> list[Row]:
        targets = {
            "document": [document_name(row) for row in found["document"]],
            "statement": [row["id"] for row in found["statement"]],
            "power": [row["id"] for row in found["power_evidence"]],
            "match": [row["id"] for row in found["power_match"]],
        } | {VOID_KINDS[name]: [row["unit"] for row in found[name]] for name in UNIT_TABLES}
        rows = []
        for kind, names in targets.items():
            rows += [row for row in self._by(tables.void, "target", names) if row["target_kind"] == kind]
        return rows

    def _parties(self, found: Mapping[str, list[Row]]) -> dict[str, list[Row]]:
        names = {row["supplier"] for row in found["lot"]} | {row["customer"] for row in found["shipment"]}
        for table in ("site", "document", "contractor"):
            names |= {row["party"] for row in found[table]}
        names |= {tolled for row in found["lot"] if (tolled := details(row).get("tolled_for"))}
        numbers = set(certificates_of(self.connection, self.scope))
        numbers |= {row["issuer"] for row in found["document"]}
        mine = self._by(tables.certificate, "holder", names)
        seen = {(row["number"], row["valid_from"]) for row in mine}
        mine += [
            row
            for row in self._by(tables.certificate, "number", numbers)
            if (row["number"], row["valid_from"]) not in seen
        ]  # fmt: skip
        names |= {row["holder"] for row in mine}
        changes = tables.amendment
        masters = ((tables.scope, [self.scope]), (tables.site, self.sites), (tables.party, names))
        return {
            "party": self._now(tables.party, names),
            "certificate": self._standing(sorted(mine, key=lambda row: (row["number"], row["valid_from"])), "certificate"),
            "due_diligence": self._standing(self._by(tables.due_diligence, "party", names), "due-diligence"),
            "amendment": [
                row
                for table, ids in masters
                for row in self._by(changes, "target", ids)
                if row["kind"] == table.name
            ],
        }  # fmt: skip

    def _now(self, table: Table, ids: Iterable[str]) -> list[Row]:
        """Parties, sites or scopes as they are now, by id."""
        found: dict[str, Row] = {}
        for some in _chunks(sorted(set(ids))):
            found.update(read_now(self.connection, table, some))
        return [found[name] for name in sorted(found)]

    def _all(self, table: Table, *where: ColumnElement[bool]) -> list[Row]:
        query = select(table).where(*where).order_by(*table.primary_key)
        return [dict(row._mapping) for row in self.connection.execute(query)]

    def _by(self, table: Table, column: str, values: Iterable[Any]) -> list[Row]:
        """Rows whose column has one of some values."""
        found: list[Row] = []
        for some in _chunks(sorted({value for value in values if value is not None})):
            found += self._all(table, table.c[column].in_(some))
        return found


def _chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))
