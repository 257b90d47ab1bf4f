"""Custody records as EPCIS 2.0 events: receipts, assays, casts, processing, bundles, shipments, CoC documents, and their voids.

The records hold days, in the zone of their site; an event's time is the beginning of that day there, with the offset that was in
force. Events stand in the order of the log, and each names by `eventSeq` the entry of the log that holds the record and its
postings: EPCIS has no accounts, so the mass balance stays in the ledger and that number links the two. The same records make the
same events.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from pcf.custody.casts import RETURNS
from pcf.custody.tables import consumption, document, heat, lot, processing, shipment, site, unit
from pcf.exchange import epcis_acts as acts
from pcf.exchange.custody_voids import Made, add_voids
from pcf.exchange.epcis import make_uri
from pcf.exchange.epcis_events import Detail, Event

CHUNK = 500
"""Units of one query."""

OUT = "out"


@dataclass(frozen=True)
class Place:
    """A site as events need it."""

    id: str
    zone: ZoneInfo
    party: str

    def at(self, base: str, day: str) -> dict[str, Any]:
        """Where and when of an act: the beginning of a day at the site."""
        moment = self.moment(day)
        behind, shift = divmod(abs(moment.utcoffset() or timedelta()), timedelta(hours=1))
        sign = "-" if (moment.utcoffset() or timedelta()) < timedelta() else "+"
        return {
            "base": base,
            "moment": moment,
            "offset": f"{sign}{behind:02d}:{shift // timedelta(minutes=1):02d}",
            "site": self.id,
        }

    def moment(self, day: str) -> datetime:
        """The beginning of a day at the site."""
        return datetime.fromisoformat(day).replace(tzinfo=self.zone)


def custody_events(connection: Connection, units: Iterable[str], base: str) -> list[Event]:
    """Events of units, of the CoC documents of those that are shipments, and of the voids of either, in the order of the log.

    Parameters
    ----------
    connection : Connection
        A consistent view of the database.
    units : iterable of str
        Ids of recorded units.
    base : str
        Beginning of all URIs, such as `https://example.org/`.

    Raises
    ------
    InputError
        For a base that is no beginning of a URI.
    """
    make_uri(base, "unit", "x")
    places = {
        row.id: Place(row.id, ZoneInfo(row.timezone), row.party)
        for row in connection.execute(select(site.c.id, site.c.timezone, site.c.party))
    }
    names = list(dict.fromkeys(units))
    made: list[Made] = []
    for start in range(0, len(names), CHUNK):
        reader = _Reader(connection, base, places, names[start : start + CHUNK])
        for part in (reader.lots(), reader.heats(), reader.bundles(), reader.processes(), reader.shipments(), reader.documents()):
            made += part
    return add_voids(connection, made)


class _Reader:
    """Events of a few units, each kind with one query for all."""

    def __init__(self, connection: Connection, base: str, places: Mapping[str, Place], names: Sequence[str]) -> None:
        self._connection, self._base, self._places, self._names = connection, base, places, names
        self._inputs: dict[str, dict[str, int]] = {}
        query = select(consumption).where(consumption.c.child.in_(names)).order_by(consumption.c.child, consumption.c.line)
        for row in connection.execute(query):
            self._inputs.setdefault(row.child, {})[row.parent] = row.mass_kg

    def lots(self) -> Iterator[Made]:
        """Receipt of each lot, and its assay."""
        for row in self._rows(lot):
            place, details = self._places[row.unit_site], json.loads(row.details)
            paper = _document_id(row.document_issuer, row.document_reference) if row.document_reference else None
            event = acts.receipt(
                **place.at(self._base, row.date), unit=row.unit, mass_kg=row.mass_kg, supplier=row.supplier, receiver=place.party,
                owner=details.get("tolled_for"), delivery=f"{row.unit_site}/{row.ticket}", coc_document=paper,
                certificates=self._certificates(row.document_issuer),
                extensions={
                    "eventSeq": row.event_seq, "material": row.material, "contentClass": row.content_class, "origin": row.origin,
                    "asiClass": row.asi_class, "cocKg": row.coc_kg,
                },
            )  # fmt: skip
            yield Made(row.event_seq, 0, "lot", row.unit, place, event, corrects=details.get("corrects", ""))
            yield from self._assay(row, "lot", place, details, conforms=None)

    def heats(self) -> Iterator[Made]:
        """Cast of each heat, and its assay."""
        for row in self._rows(heat):
            place, details = self._places[row.unit_site], json.loads(row.details)
            event = acts.cast(
                **place.at(self._base, row.date), heat=row.unit, charge=self._inputs.get(row.unit, {}),
                products={row.unit: row.mass_kg} | ({row.unit + RETURNS: row.returns_kg} if row.returns_kg else {}),
                alloy=row.alloy, furnace=row.furnace,
                extensions={"eventSeq": row.event_seq, "product": row.product, "drossKg": row.dross_kg},
            )  # fmt: skip
            yield Made(row.event_seq, 0, "cast", row.unit, place, event)
            # A heat is recorded under an alloy only if its analysis is within that alloy's limits.
            yield from self._assay(row, "cast", place, details, conforms=True if row.alloy else None)

    def _assay(self, row: Any, kind: str, place: Place, details: Mapping[str, Any], *, conforms: bool | None) -> Iterator[Made]:
        if not details.get("chemistry"):
            return
        contents = {f"massPercent{element}": str(value) for element, value in sorted(details["chemistry"].items())}
        event = acts.inspection(
            **place.at(self._base, row.date), unit=row.unit, mass_kg=row.mass_kg, report=f"assay/{row.unit}", conforms=conforms,
            extensions={"eventSeq": row.event_seq, **contents},
        )  # fmt: skip
        yield Made(row.event_seq, 1, kind, row.unit, place, event)

    def bundles(self) -> Iterator[Made]:
        """Bundling of what a heat was divided into."""
        query = select(unit).where(unit.c.id.in_(self._names), unit.c.kind == "bundle").order_by(unit.c.event_seq, unit.c.id)
        for number, row in enumerate(self._connection.execute(query).all()):
            place, members = self._places[row.site], self._inputs.get(row.id, {})
            event = acts.bundling(
                **place.at(self._base, row.date), bundle=row.id, members=members, extensions={"eventSeq": row.event_seq}
            )
            yield Made(row.event_seq, 2 + number, "cast", next(iter(members)), place, event)

    def processes(self) -> Iterator[Made]:
        """Steps after casting."""
        for row in self._rows(processing):
            place = self._places[row.unit_site]
            event = acts.processing(
                **place.at(self._base, row.date), process=row.unit, inputs=self._inputs.get(row.unit, {}),
                outputs={row.unit: row.mass_kg} | ({row.unit + RETURNS: row.returns_kg} if row.returns_kg else {}),
                extensions={"eventSeq": row.event_seq, "product": row.material, "step": _plain(row.step)},
            )  # fmt: skip
            yield Made(row.event_seq, 0, "process", row.unit, place, event)

    def shipments(self) -> Iterator[Made]:
        """Shipments; documents issued for them are events of their own, because they came later."""
        for row in self._rows(shipment):
            place = self._places[row.unit_site]
            event = acts.shipment(
                **place.at(self._base, row.date), delivery=row.note, units=self._inputs.get(row.unit, {}), sender=place.party,
                recipient=row.customer, extensions=self._shipped(row),
            )  # fmt: skip
            yield Made(row.event_seq, 0, "shipment", row.unit, place, event)

    def _shipped(self, row: Any) -> dict[str, Detail]:
        return {"eventSeq": row.event_seq, "shipment": row.unit, "product": row.material, "form": row.form, "massKg": row.mass_kg}

    def documents(self) -> Iterator[Made]:
        """CoC documents issued for the shipments among the units."""
        query = (
            select(document, unit.c.site).join(unit, unit.c.id == document.c.unit)
            .where(document.c.unit.in_(self._names), document.c.direction == OUT).order_by(document.c.event_seq)
        )  # fmt: skip
        for row in self._connection.execute(query).all():
            place, name = self._places[row.site], _document_id(row.issuer, row.reference)
            event = acts.link(
                **place.at(self._base, row.date), document=name, units=self._inputs.get(row.unit, {}),
                certificates=self._certificates(row.issuer),
                extensions={
                    "eventSeq": row.event_seq, "shipment": row.unit, "cocMaterial": row.account, "cocKg": row.coc_kg,
                    "totalKg": row.total_kg, "customer": row.party,
                },
            )  # fmt: skip
            yield Made(row.event_seq, 0, "document", f"{OUT}/{name}", place, event, shipment=row.unit)

    def _rows(self, table: Any) -> Sequence[Any]:
        """Rows of a table of records with those of their units."""
        columns = [unit.c.site.label("unit_site"), unit.c.date, unit.c.mass_kg, unit.c.material]
        query = select(table, *columns).join(unit, unit.c.id == table.c.unit).where(table.c.unit.in_(self._names))
        return self._connection.execute(query.order_by(table.c.event_seq)).all()

    def _certificates(self, number: str | None) -> tuple[str, ...]:
        return (make_uri(self._base, "certificate", number),) if number else ()


def _document_id(issuer: str, reference: str) -> str:
    """What makes a document unique, whoever exports it: the issuer's certificate and the reference."""
    return f"{issuer}/{reference}"


def _plain(words: str) -> str:
    """Free text without the braces that an event's details may not have."""
    return words.translate({ord("{"): "(", ord("}"): ")"}).strip()
