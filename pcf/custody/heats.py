"""Footprints of what is in the book: a heat from its own charge, everything made of heats from those by mass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from pcf.catalogue import Catalogue
from pcf.custody.batch import BatchCharge
from pcf.custody.footprint import BatchFootprint, calc_batch, lot_item, own_heat
from pcf.custody.metals import RETURN, ChargeItem
from pcf.custody.records import Lot
from pcf.custody.supplier import OwnHeat
from pcf.custody.tables import consumption, heat, lot, site, unit
from pcf.errors import InputError
from pcf.model import Method

DEEPEST = 50
"""Heats of heats that are followed: each remelting of own ingot is one."""


@dataclass
class Heats:
    """Footprints of the heats of a database, each computed once."""

    connection: Connection
    catalogue: Catalogue
    method: Method = field(default_factory=Method)
    replace: bool = False
    _known: dict[tuple[str, str], BatchFootprint] = field(default_factory=dict)

    def footprint(self, name: str, *, gate: str = "cast", depth: int = 0) -> BatchFootprint:
        """Footprint of a heat.

        Raises
        ------
        InputError
            For what is no heat, a supplier's footprint that cannot be used, or a plant without data.
        """
        if (name, gate) not in self._known:
            charge = self.charge(name, depth=depth)
            self._known[(name, gate)] = calc_batch(self.catalogue, charge, self.method, replace=self.replace, gate=gate)
        return self._known[(name, gate)]

    def charge(self, name: str, *, depth: int = 0) -> BatchCharge:
        """What a heat was charged with, as the footprint asks for it."""
        if depth > DEEPEST:
            raise InputError(f"heat {name}", f"more than {DEEPEST} heats of heats", "fewer")
        row = self.connection.execute(
            select(unit.c.date, unit.c.mass_kg, unit.c.site, heat.c.product, heat.c.returns_kg, site.c.details)
            .join(heat, heat.c.unit == unit.c.id).join(site, site.c.id == unit.c.site).where(unit.c.id == name)
        ).first()  # fmt: skip
        if row is None:
            raise InputError("heat", repr(name), "a recorded heat", "pcf cast list")
        lines = self.connection.execute(
            select(consumption.c.parent, consumption.c.mass_kg, unit.c.kind)
            .join(unit, unit.c.id == consumption.c.parent).where(consumption.c.child == name).order_by(consumption.c.line)
        ).all()  # fmt: skip
        lots = self._lots([line.parent for line in lines if line.kind == "lot"])
        items = tuple(self._item(line, lots, depth) for line in lines)
        plant = json.loads(row.details).get("plant") or row.site
        # Returns of 0 say that nobody weighed them: the plant's rate of the year stands.
        return BatchCharge(name, row.product, plant, int(row.date[:4]), row.mass_kg, items, row.returns_kg or None)

    def _lots(self, names: list[str]) -> Mapping[str, Lot]:
        query = (
            select(lot, unit.c.date, unit.c.material, unit.c.mass_kg)
            .join(unit, unit.c.id == lot.c.unit)
            .where(lot.c.unit.in_(names))
        )
        return {row.unit: read_lot(row) for row in self.connection.execute(query)}

    def _item(self, line: Any, lots: Mapping[str, Lot], depth: int) -> ChargeItem:
        if line.kind == "lot":
            return lot_item(lots[line.parent], line.mass_kg)
        if line.kind in ("return", "dross"):
            return ChargeItem(line.parent, RETURN, line.mass_kg, "internal")
        return ChargeItem(line.parent, self._product(line.parent), line.mass_kg, "primary", heat=self.own(line.parent, depth + 1))

    def _product(self, name: str) -> str:
        return str(self.connection.execute(select(unit.c.material).where(unit.c.id == name)).scalar_one())

    def own(self, name: str, depth: int = 0) -> OwnHeat:
        """What an own heat, bundle or coil brings into a later charge."""
        parts = [
            (float(share), own_heat(self.footprint(one, depth=depth))) for one, share in heats_of(self.connection, name).items()
        ]
        options = parts[0][1].values
        return OwnHeat(
            {option: sum(share * part.values[option] for share, part in parts) for option in options},
            sum(share * part.post for share, part in parts),
            sum(share * part.pre for share, part in parts),
        )


def read_lot(row: Any) -> Lot:
    """A lot as it was entered, from its row."""
    names = (
        "site", "supplier", "ticket", "content_class", "origin", "asi_class", "coc_kg", "document_issuer", "document_reference", "date",
        "material", "mass_kg",
    )  # fmt: skip
    values = {name: getattr(row, name) for name in names} | {"id": row.unit} | json.loads(row.details)
    return Lot.model_validate({name: value for name, value in values.items() if value is not None})


def heats_of(connection: Connection, name: str) -> dict[str, Fraction]:
    """The heats of a unit with the share of its mass that comes from each; a heat is its own.

    Raises
    ------
    InputError
        For what is not made of heats.
    """
    kind = connection.execute(select(unit.c.kind).where(unit.c.id == name)).scalar()
    if kind == "heat":
        return {name: Fraction(1)}
    lines = connection.execute(select(consumption.c.parent, consumption.c.mass_kg).where(consumption.c.child == name)).all()
    if kind in (None, "lot", "return", "dross") or not lines:
        raise InputError("unit", repr(name), "a heat, or a bundle, coil or shipment made of heats", "pcf cast list")
    total = sum(line.mass_kg for line in lines)
    found: dict[str, Fraction] = {}
    for line in lines:
        for one, share in heats_of(connection, line.parent).items():
            found[one] = found.get(one, Fraction(0)) + share * Fraction(line.mass_kg, total)
    return found


def gate_of(connection: Connection, name: str) -> str:
    """Where the footprint of a unit ends: at the cast metal, or at the product that the further steps have made."""
    kind = connection.execute(select(unit.c.kind).where(unit.c.id == name)).scalar()
    if kind == "processed":
        return "product"
    parents = connection.execute(
        select(unit.c.kind).join(consumption, consumption.c.parent == unit.c.id).where(consumption.c.child == name)
    ).scalars()  # fmt: skip
    return "product" if kind == "shipment" and "processed" in set(parents) else "cast"


def unit_footprint(heats: Heats, name: str) -> float:
    """Footprint of a heat, or of anything made of heats, by mass [kgCO2e/kg]."""
    gate = gate_of(heats.connection, name)
    return sum(float(share) * heats.footprint(one, gate=gate).total for one, share in heats_of(heats.connection, name).items())
