"""Samples that are followed both ways: a document back to the tickets of its metal, a ticket on to the documents it went into."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select

from pcf.custody.audit.finding import MAJOR, MINOR, Finding, find
from pcf.custody.audit.table import Table
from pcf.custody.audit.view import Row, View, document_name
from pcf.custody.lots import DOCUMENTED
from pcf.custody.tables import document, lot
from pcf.custody.trace import trace
from pcf.errors import CheckFailed

Item = TypeVar("Item")

SAMPLE, SEED = 5, 1
"""How many of each direction, and the seed of the draw, where nobody says otherwise."""


@dataclass(frozen=True)
class Step:
    """A step of a trace: what was found there, and whether it is as it should be."""

    what: str
    found: str
    good: bool = True


@dataclass
class Trace:
    """A sample with the steps that it was followed by."""

    direction: str
    start: str
    steps: list[Step] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether every step holds."""
        return all(step.good for step in self.steps)


def draw(ids: Iterable[str], size: int, seed: int) -> list[str]:
    """Sample of ids: the same ids and seed give the same sample, whoever draws it."""
    listed = sorted(ids)
    return sorted(random.Random(seed).sample(listed, min(size, len(listed))))


def follow(view: View, size: int = SAMPLE, seed: int = SEED) -> list[Trace]:
    """Follow a sample of the documents issued back, and of the inbound lots on."""
    documents = {document_name(row): row for row in view.documents("out")}
    lots = {row["unit"]: row for row in view.live("lot")}
    back = [backward(view, documents[name]) for name in draw(documents, size, seed)]
    return back + [forward(view, lots[name]) for name in draw(lots, size, seed)]


def _without_circle(follow_on: Callable[[View, Row, Trace], None], found: Trace, view: View, row: Row) -> Trace:
    """A trace as far as it goes: circles, which no entry makes, end it."""
    try:
        follow_on(view, row, found)
    except CheckFailed as failed:
        found.steps.append(Step("circle", str(failed), good=False))
    return found


def backward(view: View, paper: Row) -> Trace:
    """From a document issued: ledger, shipment, charge, inbound lots, their documents and tickets."""
    return _without_circle(_backward, Trace("backward", document_name(paper)), view, paper)


def _backward(view: View, paper: Row, found: Trace) -> None:
    name = found.start
    posted = sum(row["amount"] for row in view.rows["posting"] if row["ref"] == name and row["kind"] == "issued")
    found.steps.append(Step("ledger", f"{posted:,} kg", posted == paper["coc_kg"]))
    sent = view.units.get(paper["unit"] or "")
    if sent is None:
        found.steps.append(Step("shipment", paper["unit"] or "–", good=False))
        return
    found.steps.append(Step("shipment", f"{sent['id']} {sent['mass_kg']:,} kg", paper["total_kg"] == sent["mass_kg"]))
    origin = trace(view.connection, sent["id"], down=False)
    heats = [node.id for node in origin.nodes.values() if node.kind == "heat"]
    inbound = [node.id for node in origin.nodes.values() if node.kind == "lot"]
    found.steps.append(Step("heats", _listed(heats)))
    found.steps.append(Step("lots", _listed(inbound), bool(inbound) and not origin.cut))
    found.steps += _papers(view, inbound)


def forward(view: View, row: Row) -> Trace:
    """From an inbound lot: its document and ticket, the heats, the shipments, the documents issued for them."""
    return _without_circle(_forward, Trace("forward", row["unit"]), view, row)


def _forward(view: View, row: Row, found: Trace) -> None:
    name = row["unit"]
    found.steps += _papers(view, [name])
    onward = trace(view.connection, name, up=False)
    heats = [node.id for node in onward.nodes.values() if node.kind == "heat"]
    shipments = [node.id for node in onward.nodes.values() if node.kind == "shipment"]
    used = sum(edge.mass_kg for edge in onward.down if edge.parent == name)
    mass = view.units[name]["mass_kg"]
    found.steps.append(Step("used", f"{used:,} / {mass:,} kg", used <= mass))
    found.steps.append(Step("heats", _listed(heats)))
    found.steps.append(Step("shipments", _listed(shipments), not onward.cut))
    papers: list[str] = []
    for some in _chunks(shipments):
        query = select(document.c.direction, document.c.issuer, document.c.reference).where(
            document.c.unit.in_(some), document.c.direction == "out"
        )
        papers += [document_name(dict(item._mapping)) for item in view.connection.execute(query)]
    found.steps.append(Step("documents", _listed(papers)))


def _papers(view: View, inbound: Sequence[str]) -> Iterator[Step]:
    """Tickets and documents of lots, whatever their period."""
    rows: list[Row] = []
    for some in _chunks(inbound):
        rows += [
            dict(item._mapping) for item in view.connection.execute(select(lot).where(lot.c.unit.in_(some)).order_by(lot.c.unit))
        ]
    tickets = [row["ticket"] for row in rows]
    yield Step("tickets", _listed(tickets), len(rows) == len(inbound) and all(tickets))
    wanted = {(row["document_issuer"], row["document_reference"]) for row in rows if row["document_reference"]}
    known = set()
    for pairs in _chunks(sorted(wanted)):
        query = select(document.c.issuer, document.c.reference).where(
            document.c.direction == "in", document.c.reference.in_([reference for _, reference in pairs])
        )
        known |= set(view.connection.execute(query).all())
    missing = sorted(f"{issuer}/{reference}" for issuer, reference in wanted - known)
    covered = all(
        row["document_reference"] for row in rows
        if row["asi_class"] in DOCUMENTED and row["coc_kg"] and row["content_class"] == "pre-consumer"
    )  # fmt: skip
    listed = [f"in/{issuer}/{reference}" for issuer, reference in sorted(wanted)]
    yield Step("inbound-documents", _listed(listed), not missing and covered)


def find_broken(traces: Iterable[Trace]) -> Iterator[Finding]:
    """Samples that could not be followed (R15)."""
    for item in traces:
        for step in item.steps:
            if not step.good:
                severity = MINOR if step.what == "shipments" else MAJOR
                yield find(severity, "R15", item.start, f"trace-{item.direction}", step=step.what, found=step.found)


def trace_table(traces: Iterable[Trace]) -> Table:
    """The samples as a table of the pack."""
    rows = tuple(
        (item.direction, item.start, number, step.what, step.found, "yes" if step.good else "no")
        for item in traces
        for number, step in enumerate(item.steps, 1)
    )
    return Table("00-traces", ("direction", "start", "step", "what", "found", "holds"), rows)


MOST_LISTED = 20


def _listed(names: Sequence[str]) -> str:
    """Names in one cell; of many the first ones and how many there are."""
    found = sorted(names)
    shown = ", ".join(found[:MOST_LISTED])
    return f"{len(found)}: {shown}, …" if len(found) > MOST_LISTED else shown or "–"


def _chunks(names: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (names[start : start + 500] for start in range(0, len(names), 500))
