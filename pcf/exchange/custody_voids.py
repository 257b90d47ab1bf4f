"""Voids in EPCIS: an event is never deleted; it stands once more, under its own id, with the declaration that it is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, select

from pcf.custody.tables import void
from pcf.exchange import epcis_acts as acts
from pcf.exchange.epcis_events import ErrorDeclaration, Event, ObjectEvent

CHUNK = 500
"""Records of one query."""

WRONG = "incorrect_data"
"""Reason of every void: the record says in words why it was taken back, which need not be that nothing had happened."""


class _Site(Protocol):
    def moment(self, day: str) -> datetime: ...


@dataclass(frozen=True)
class Made:
    """An event with the record that it is of.

    Attributes
    ----------
    seq, order : int
        Entry of the log that holds the record, and place among the events of that entry.
    kind, target : str
        The record as a void names it.
    place : object
        Site, which knows when a day begins there.
    corrects, shipment : str
        The record that this one stands instead of; the shipment that a document is for.
    """

    seq: int
    order: int
    kind: str
    target: str
    place: _Site
    event: Event
    corrects: str = ""
    shipment: str = ""


def add_voids(connection: Connection, made: Sequence[Made]) -> list[Event]:
    """Events in the order of the log, with those of the voids of their records."""
    voids = _read_voids(connection, made)
    successors = _successors(made, voids)
    listed: list[tuple[int, int, Event]] = [(item.seq, item.order, item.event) for item in made]
    for item in made:
        row = voids.get((item.kind, item.target))
        if row is None:
            continue
        moment, instead = item.place.moment(row.date), successors.get(item.event.event_id, ())
        if isinstance(item.event, ObjectEvent) and item.kind == "shipment":
            _, voided = acts.void(item.event, moment=moment, reason=WRONG)
            voided = replace(voided, extensions={"eventSeq": row.event_seq, "shipment": item.target})
            listed.append((row.event_seq, item.order + 1, voided))
            instead = (voided.event_id,)
        declared = item.event.declared_wrong(ErrorDeclaration(moment, WRONG, instead))
        listed.append((row.event_seq, item.order, declared))
    return [event for _, _, event in sorted(listed, key=lambda entry: entry[:2])]


def _read_voids(connection: Connection, made: Sequence[Made]) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for kind in sorted({item.kind for item in made}):
        targets = list(dict.fromkeys(item.target for item in made if item.kind == kind))
        for start in range(0, len(targets), CHUNK):
            query = select(void).where(void.c.target_kind == kind, void.c.target.in_(targets[start : start + CHUNK]))
            found.update(((row.target_kind, row.target), row) for row in connection.execute(query))
    return found


def _successors(made: Sequence[Made], voids: Mapping[tuple[str, str], Any]) -> dict[str, tuple[str, ...]]:
    """Event → events that stand instead: the receipts that name its lot, the next document for its shipment."""
    receipts = {item.target: item.event.event_id for item in made if item.kind == "lot" and item.order == 0}
    found: dict[str, tuple[str, ...]] = {}
    for item in sorted(made, key=lambda other: other.seq):
        if item.corrects in receipts:
            found[receipts[item.corrects]] = (*found.get(receipts[item.corrects], ()), item.event.event_id)
    last: dict[str, Made] = {}
    for item in sorted((item for item in made if item.kind == "document"), key=lambda other: -other.seq):
        row, later = voids.get((item.kind, item.target)), last.get(item.shipment)
        if row is None:
            last[item.shipment] = item
        elif later is not None and later.seq > row.event_seq:
            found[item.event.event_id] = (later.event.event_id,)
    return found
