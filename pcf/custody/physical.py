"""Recycled content of what is in the book under any same-process boundary, from the physical mix alone (ISO 14021, F13)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, select

from pcf.catalogue import Catalogue
from pcf.custody.content import Part, calc_content
from pcf.custody.heats import heats_of
from pcf.custody.shares import circle, rounded
from pcf.custody.tables import consumption, lot, statement, unit, void
from pcf.errors import InputError


@dataclass(frozen=True)
class UnitContent:
    """Shares of a unit's metal [1]; `attributed` holds what was claimed for it as credit, which is no physical content."""

    post: Fraction
    pre: Fraction
    period: str
    attributed: Mapping[str, Fraction]


def unit_content(
    connection: Connection, catalogue: Catalogue, name: str, boundary: str, basis: str, *, include_tolled: bool
) -> UnitContent:
    """Content of a unit: of its own heats, or of all heats of the site in the calendar year of the unit.

    Raises
    ------
    InputError
        For what is not made of heats.
    """
    row = connection.execute(select(unit).where(unit.c.id == name)).first()
    if row is None:
        raise InputError("unit", repr(name), "a recorded heat, bundle, coil or shipment", "pcf cast list")
    shares = heats_of(connection, name)
    period = row.date
    if basis == "site-average":
        period = row.date[:4]
        gone = select(void.c.target).where(void.c.target_kind == "cast")
        site_of = connection.execute(select(unit.c.site).where(unit.c.id == next(iter(shares)))).scalar_one()
        masses = connection.execute(
            select(unit.c.id, unit.c.mass_kg).where(
                unit.c.kind == "heat", unit.c.site == site_of, unit.c.date.startswith(period), unit.c.id.not_in(gone)
            )
        ).all()  # fmt: skip
        total = sum(mass for _, mass in masses)
        shares = {heat: Fraction(mass, total) for heat, mass in masses}
    found = _Contents(connection, catalogue, boundary, include_tolled)
    contents = {heat: found.of(heat) for heat in shares}
    return UnitContent(
        sum((share * contents[heat][0] for heat, share in shares.items()), Fraction(0)),
        sum((share * contents[heat][1] for heat, share in shares.items()), Fraction(0)),
        period,
        _attributed(connection, name, row.mass_kg),
    )


@dataclass(frozen=True)
class _Own:
    """Metal of one's own in a charge [kg], with its heats and their shares."""

    mass_kg: int
    heats: Mapping[str, Fraction]


class _Contents:
    """Contents of heats under one setting, each computed once."""

    def __init__(self, connection: Connection, catalogue: Catalogue, boundary: str, include_tolled: bool) -> None:
        self.connection, self.catalogue = connection, catalogue
        self.boundary, self.include_tolled = boundary, include_tolled
        self.known: dict[str, tuple[Fraction, Fraction]] = {}

    def of(self, heat: str) -> tuple[Fraction, Fraction]:
        """Post- and pre-consumer content; what a heat is made of comes before it, however long the chain of heats is."""
        path, parts, own = [heat], dict[str, list[Part]](), dict[str, list[_Own]]()
        while path:
            last = path[-1]
            if last not in parts:
                parts[last], own[last] = self._charge(last)
            following = next((one for item in own[last] for one in item.heats if one not in self.known), None)
            if following is None:
                self.known[last] = self._mixed(parts.pop(last), own.pop(last))
                path.pop()
            elif following in parts:
                raise circle([*path[path.index(following) :], following])
            else:
                path.append(following)
        return self.known[heat]

    def _mixed(self, parts: list[Part], own: list[_Own]) -> tuple[Fraction, Fraction]:
        for item in own:
            post = sum((share * self.known[one][0] for one, share in item.heats.items()), Fraction(0))
            pre = sum((share * self.known[one][1] for one, share in item.heats.items()), Fraction(0))
            parts = parts + own_parts(item.mass_kg, post, pre)
        found = calc_content(parts, self.boundary, include_tolled=self.include_tolled)
        return rounded(found.post), rounded(found.pre)

    def _charge(self, heat: str) -> tuple[list[Part], list[_Own]]:
        """What a heat was charged with: parts of known content, and metal of one's own heats."""
        query = (
            select(
                consumption.c.parent,
                consumption.c.mass_kg,
                unit.c.kind,
                unit.c.material,
                lot.c.content_class,
                lot.c.origin,
                lot.c.details,
            )
            .join(unit, unit.c.id == consumption.c.parent)
            .outerjoin(lot, lot.c.unit == consumption.c.parent)
            .where(consumption.c.child == heat)
        )
        parts: list[Part] = []
        own: list[_Own] = []
        for row in self.connection.execute(query).all():
            if row.kind == "lot":
                details = json.loads(row.details)
                stated = details.get("metal_yield")
                yielded = Fraction(stated) if stated else metal_yield(self.catalogue, row.material)
                parts.append(Part(row.mass_kg, yielded, row.content_class, row.origin, "tolled_for" in details))
            elif row.kind in ("return", "dross"):
                parts.append(Part(row.mass_kg, Fraction(1), "internal", "same-stream"))
            else:
                own.append(_Own(row.mass_kg, heats_of(self.connection, row.parent)))
        return parts, own


def own_parts(mass_kg: int, post: Fraction, pre: Fraction) -> list[Part]:
    """Metal of an own heat as parts of a charge, by its contents."""
    shares = {"post-consumer": post, "pre-consumer": pre, "primary": 1 - post - pre}
    return [Part(mass_kg, share, name) for name, share in shares.items() if share]


def metal_yield(catalogue: Catalogue, material: str) -> Fraction:
    """Metal yield of a class of the catalogue; ingot of a product has that of primary metal."""
    process = catalogue.processes.get(material)
    metal = process.metal if process and process.metal else catalogue.processes["primary-delivery"].metal
    assert metal is not None
    return Fraction(str(metal.metal_yield.value))


def _attributed(connection: Connection, name: str, mass_kg: int) -> dict[str, Fraction]:
    """What was claimed for a shipment as credit, by attribute."""
    gone = select(void.c.target).where(void.c.target_kind == "statement")
    query = select(statement.c.attribute, statement.c.mass_kg).where(
        statement.c.shipment == name, statement.c.basis == "credit", statement.c.id.not_in(gone)
    )
    return {attribute: Fraction(mass, mass_kg) for attribute, mass in connection.execute(query)}
