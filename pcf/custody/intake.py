"""Bulk entry: rows of files become records, all of them or none, with every problem named."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from pcf.custody import records
from pcf.custody.amendments import (
    PartyAmendment,
    ScopeAmendment,
    SiteAmendment,
    amend_parties,
    amend_scopes,
    amend_sites,
)
from pcf.custody.book import Book, Placed, Work, by_chunks
from pcf.custody.casts import RETURNS, record_casts
from pcf.custody.claims import make_statement
from pcf.custody.contractors import record_contractors
from pcf.custody.documents import issue_document, receive_documents
from pcf.custody.filings import record_filings, record_force_majeure
from pcf.custody.lots import receive_lots
from pcf.custody.meters import record_meters
from pcf.custody.parties import add_certificates, add_due_diligence, add_parties, add_scopes, add_sites, open_periods
from pcf.custody.power import record_evidence, record_matches
from pcf.custody.processing import record_processes
from pcf.custody.reading import Record, check_record, read_record
from pcf.custody.shipments import record_shipments
from pcf.custody.voids import record_void
from pcf.errors import InputError

MOST_PROBLEMS = 10_000
"""Problems that are collected: a file of the wrong kind has one for every row."""

Post = Callable[[Work, Sequence[Placed[Any]]], object]


@dataclass(frozen=True)
class Kind:
    """A kind of record: its model, how it is posted, and the field that names it."""

    model: type[Record]
    post: Post
    identity: str


@dataclass(frozen=True)
class Count:
    """What an import did."""

    written: int
    known: int
    doubts: tuple[InputError, ...] = field(default=(), compare=False)


def _one_by_one(post: Callable[[Work, Placed[Any]], object]) -> Post:
    def each(work: Work, items: Sequence[Placed[Any]]) -> None:
        for item in items:
            post(work, item)

    return each


KINDS: Mapping[str, Kind] = {
    "party": Kind(records.Party, add_parties, "id"),
    "certificate": Kind(records.Certificate, add_certificates, "number"),
    "due-diligence": Kind(records.DueDiligence, add_due_diligence, "id"),
    "site": Kind(records.Site, add_sites, "id"),
    "scope": Kind(records.Scope, add_scopes, "id"),
    "party-amendment": Kind(PartyAmendment, amend_parties, "id"),
    "site-amendment": Kind(SiteAmendment, amend_sites, "id"),
    "scope-amendment": Kind(ScopeAmendment, amend_scopes, "id"),
    "period": Kind(records.Period, open_periods, "id"),
    "received": Kind(records.InboundDocument, receive_documents, "reference"),
    "lot": Kind(records.Lot, receive_lots, "id"),
    "cast": Kind(records.Cast, record_casts, "heat"),
    "process": Kind(records.Process, record_processes, "id"),
    "shipment": Kind(records.Shipment, record_shipments, "id"),
    "force-majeure": Kind(records.ForceMajeure, record_force_majeure, "id"),
    "document": Kind(records.CocDocument, _one_by_one(issue_document), "shipment"),
    "statement": Kind(records.Statement, _one_by_one(make_statement), "id"),
    "meter": Kind(records.Meter, record_meters, "time"),
    "power": Kind(records.PowerEvidence, record_evidence, "id"),
    "match": Kind(records.PowerMatch, record_matches, "id"),
    "contractor": Kind(records.Contractor, record_contractors, "id"),
    "filing": Kind(records.Filing, record_filings, "id"),
    "void": Kind(records.Void, _one_by_one(record_void), "target"),
}
"""Every kind of record, in the order in which one may stand on another."""

Row = tuple[str, Mapping[str, Any]]
"""Where a row stands, and its cells by heading."""


def import_rows(
    book: Book, tables: Iterable[tuple[str, Iterable[Row]]], advance: Callable[[int], None] = lambda _: None
) -> Count:
    """Record the rows of one or more tables in one transaction, in bounded memory.

    Parameters
    ----------
    book : Book
    tables : iterable of (kind, rows)
        In an order in which later records may stand on earlier ones.
    advance : callable
        Told how many rows more are done.

    Raises
    ------
    DataError
        With every problem; then nothing is recorded.
    """
    with book.write() as work:
        for kind, rows in tables:
            placed = _read(work, KINDS[kind], rows)
            for chunk in by_chunks(_in_order(work, placed) if kind == "cast" else placed):
                KINDS[kind].post(work, chunk)
                advance(len(chunk))
                if len(work.problems) > MOST_PROBLEMS:
                    return Count(0, 0)
        return Count(work.written, work.known, tuple(work.doubts))


def record(book: Book, kind: str, values: Mapping[str, Any], place: str, key: str = "") -> Count:
    """Record one thing.

    Raises
    ------
    DataError
        With every problem.
    """
    found = read_record(KINDS[kind].model, values, place)
    with book.write() as work:
        KINDS[kind].post(work, [Placed(found, place, key)])
        return Count(work.written, work.known, tuple(work.doubts))


def _read(work: Work, kind: Kind, rows: Iterable[Row]) -> Iterator[Placed[Any]]:
    for place, cells in rows:
        found, problems = check_record(kind.model, cells, place)
        work.problems += problems
        if len(work.problems) > MOST_PROBLEMS:
            return
        if found is not None:
            yield Placed(found, place)


def _in_order(work: Work, items: Iterable[Placed[records.Cast]]) -> list[Placed[records.Cast]]:
    """Casts with those that give returns or ingot to others first; a circle of casts is a problem."""
    listed = list(items)
    maker: dict[str, str] = {}
    for item in listed:
        for name in (item.record.heat, item.record.heat + RETURNS, *(line.unit for line in item.record.bundles)):
            maker[name] = item.record.heat
    needs = {item.record.heat: {maker[line.unit] for line in item.record.charge if line.unit in maker} for item in listed}
    try:
        place = {heat: number for number, heat in enumerate(TopologicalSorter(needs).static_order())}
    except CycleError as error:
        circle = " ← ".join(error.args[1])
        first = next((item.place for item in listed if item.record.heat in error.args[1]), "casts")
        work.problems.append(
            InputError(f"{first}, charge", f"a circle of heats: {circle}", "heats that are charged after they were cast")
        )
        return []
    # Stable: heats that do not depend on each other stay in the order of the file.
    depth: dict[str, int] = {}
    for heat in sorted(place, key=place.__getitem__):
        depth[heat] = 1 + max((depth[other] for other in needs.get(heat, ())), default=0)
    return sorted(listed, key=lambda item: depth[item.record.heat])
