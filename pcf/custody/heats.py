"""Footprints of what is in the book: a heat from its own charge, everything made of heats from those by mass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, select

from pcf.catalogue import Catalogue
from pcf.custody.batch import BatchCharge
from pcf.custody.chain import Chain
from pcf.custody.footprint import BatchFootprint, calc_alike, calc_batch, lot_item, own_heat
from pcf.custody.genealogy import AFTER_CAST, modelled_steps
from pcf.custody.masters import read_now
from pcf.custody.metals import RETURN, ChargeItem
from pcf.custody.records import Lot
from pcf.custody.steady import Steady
from pcf.custody.supplier import OwnHeat
from pcf.custody.tables import consumption, heat, lot, processing, site, unit
from pcf.engine import at
from pcf.errors import InputError
from pcf.model import Method

MOST_STEPS = 200
"""Steps after the cast that are followed."""

DEEPEST = 50
"""Heats of heats that are followed: each remelting of own ingot is one."""


@dataclass
class Heats:
    """Footprints of the heats of a database, each computed once; `steady` is what they have in common, under any method."""

    connection: Connection
    catalogue: Catalogue
    method: Method = field(default_factory=Method)
    replace: bool = False
    steady: Steady = field(init=False)
    _known: dict[tuple[str, str], BatchFootprint] = field(default_factory=dict)
    _charges: dict[str, BatchCharge] = field(default_factory=dict)
    _plants: dict[str, str] = field(default_factory=dict)
    _plain: dict[tuple[str, str, int, str], BatchFootprint] = field(default_factory=dict)
    """Of products without a charge one heat each: all of them have the footprint of the plant."""
    _below: dict[str, OwnHeat] = field(default_factory=dict)
    _further: dict[tuple[str, str, int], float] = field(default_factory=dict)
    _others: dict[Method, Heats] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.steady = Steady(self.catalogue)
        self._others[self.method] = self

    def under(self, method: Method) -> Heats:
        """The same heats under another method."""
        if method not in self._others:
            other = Heats(self.connection, self.catalogue, method, self.replace)
            other.steady, other._plants, other._others = self.steady, self._plants, self._others
            self._others[method] = other
        return self._others[method]

    @cached_property
    def modelled(self) -> frozenset[str]:
        """Steps after the cast of which there are data."""
        return frozenset(modelled_steps(self.catalogue))

    @cached_property
    def _chain(self) -> Chain:
        return Chain(self.catalogue, self.method, self.steady, self.replace)

    def footprint(self, name: str, *, gate: str = "cast", depth: int = 0) -> BatchFootprint:
        """Footprint of a heat.

        Raises
        ------
        InputError
            For what is no heat, a supplier's footprint that cannot be used, or a plant without data.
        """
        if (name, gate) not in self._known:
            charge = self.charge(name, depth=depth)
            key = (charge.product, charge.site, charge.year, gate)
            if key in self._plain:
                made = calc_alike(self._plain[key], charge)
            else:
                made = calc_batch(self.catalogue, charge, self.method, replace=self.replace, gate=gate, steady=self.steady)
            if made.charge is None:
                self._plain[key] = made
            self._known[(name, gate)] = made
        return self._known[(name, gate)]

    def below(self, name: str, *, depth: int = 0) -> OwnHeat:
        """What a heat brings into a later charge, in a part of the time of its footprint.

        Raises
        ------
        InputError
            As `footprint`.
        """
        if name not in self._below:
            known = self._known.get((name, "cast"))
            self._below[name] = own_heat(known) if known else self._chain.own_heat(self.charge(name, depth=depth))
        return self._below[name]

    def total(self, name: str) -> float:
        """Total of a heat alone [kgCO2e/kg]."""
        known = self._known.get((name, "cast"))
        return known.total if known else self.below(name).values[self.method.scrap]

    def further_steps(self, name: str) -> float:
        """What the steps after the cast add per mass of a heat's product [kgCO2e/kg]: of its product and plant in its year."""
        charge = self.charge(name)
        key = (charge.product, charge.site, charge.year)
        if key not in self._further:
            table = self.footprint(name, gate="product").footprint.table
            self._further[key] = sum(at(value, 0) for (stage, _), value in table.items() if stage == AFTER_CAST)
        return self._further[key]

    def charge(self, name: str, *, depth: int = 0) -> BatchCharge:
        """What a heat was charged with, as the footprint asks for it."""
        if name not in self._charges:
            self._charges[name] = self._read_charge(name, depth)
        return self._charges[name]

    def _read_charge(self, name: str, depth: int) -> BatchCharge:
        if depth > DEEPEST:
            raise InputError(f"heat {name}", f"more than {DEEPEST} heats of heats", "fewer")
        row = self.connection.execute(
            select(unit.c.date, unit.c.mass_kg, unit.c.site, heat.c.product, heat.c.returns_kg)
            .join(heat, heat.c.unit == unit.c.id).where(unit.c.id == name)
        ).first()  # fmt: skip
        if row is None:
            raise InputError("heat", repr(name), "a recorded heat", "pcf cast list")
        lines = self.connection.execute(
            select(consumption.c.parent, consumption.c.mass_kg, unit.c.kind)
            .join(unit, unit.c.id == consumption.c.parent).where(consumption.c.child == name).order_by(consumption.c.line)
        ).all()  # fmt: skip
        lots = self._lots([line.parent for line in lines if line.kind == "lot"])
        items = tuple(self._item(line, lots, depth) for line in lines)
        plant = self.plant(row.site)
        # Returns of 0 say that nobody weighed them: the plant's rate of the year stands.
        return BatchCharge(name, row.product, plant, int(row.date[:4]), row.mass_kg, items, row.returns_kg or None)

    def plant(self, name: str) -> str:
        """The plant of a site: what its record says, or the site's own name where the catalogue has it."""
        if name not in self._plants:
            self._plants[name] = self._read_plant(name)
        return self._plants[name]

    def _read_plant(self, name: str) -> str:
        plant: str = json.loads(read_now(self.connection, site, [name])[name]["details"]).get("plant", "")
        known = {part for one, found in self.catalogue.sites.items() for part in (one, one.removesuffix(f"-{found.year}"))}
        if not plant and name not in known:
            raise InputError(
                f"site {name}", "no plant", "the plant of the catalogue that its data are of",
                f"pcf site amend {name} --plant; pcf data import brings in a plant",
            )  # fmt: skip
        return plant or name

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
        parts = [(float(share), self.below(one, depth=depth)) for one, share in heats_of(self.connection, name).items()]
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
        For what is not made of heats, or made in more steps than are followed.
    """
    return _heats_of(connection, name, {}, 0)


def _heats_of(connection: Connection, name: str, known: dict[str, dict[str, Fraction]], depth: int) -> dict[str, Fraction]:
    if name in known:
        return known[name]
    if depth > MOST_STEPS:
        raise InputError(f"unit {name}", f"more than {MOST_STEPS} steps after the cast", "fewer")
    kind = connection.execute(select(unit.c.kind).where(unit.c.id == name)).scalar()
    if kind == "heat":
        return {name: Fraction(1)}
    lines = connection.execute(select(consumption.c.parent, consumption.c.mass_kg).where(consumption.c.child == name)).all()
    if kind in (None, "lot", "return", "dross") or not lines:
        raise InputError("unit", repr(name), "a heat, or a bundle, coil or shipment made of heats", "pcf cast list")
    total = sum(line.mass_kg for line in lines)
    found: dict[str, Fraction] = {}
    for line in lines:
        for one, share in _heats_of(connection, line.parent, known, depth + 1).items():
            found[one] = found.get(one, Fraction(0)) + share * Fraction(line.mass_kg, total)
    known[name] = found
    return found


def read_unit(connection: Connection, name: str) -> Any:
    """Row of a unit: kind, site, date, mass [kg] and material.

    Raises
    ------
    InputError
        For one that is not recorded.
    """
    row = connection.execute(select(unit).where(unit.c.id == name)).first()
    if row is None:
        raise InputError("unit", repr(name), "a recorded heat, bundle, coil or shipment", "pcf cast list")
    return row


@dataclass(frozen=True)
class UnitFootprint:
    """Footprint of a unit [kgCO2e/kg]: what its cast metal carries at the recorded yields, and the steps after casting."""

    cast: float
    steps: float
    plain: frozenset[str] = frozenset()
    """Steps of which there are no data, so that only their yield counts."""

    @property
    def total(self) -> float:
        """Both together [kgCO2e/kg]."""
        return self.cast + self.steps

    @property
    def gate(self) -> str:
        """Where it ends: at the cast metal, or at the product that the further steps have made."""
        return "product" if self.steps else "cast"


def unit_footprint(heats: Heats, name: str) -> UnitFootprint:
    """Footprint of a heat, or of anything made of heats.

    Raises
    ------
    InputError
        For what is not made of heats, or a plant without data.

    Notes
    -----
    A step after casting takes `m_i` of units with footprints `f_i` and gives the mass `P` of product; its trim bears nothing, as
    own returns do:

        f = Σ m_i f_i / P + r

    `r` is what the product's chain adds after the cast per mass of product (stage `rolling`, of the plant's year), once for all
    steps of a unit; a step without data adds nothing.
    """
    return _unit_footprint(heats, name, {}, 0)


def _unit_footprint(heats: Heats, name: str, known: dict[str, UnitFootprint], depth: int) -> UnitFootprint:
    if name in known:
        return known[name]
    if depth > MOST_STEPS:
        raise InputError(f"unit {name}", f"more than {MOST_STEPS} steps after the cast", "fewer")
    row = heats.connection.execute(
        select(unit.c.kind, unit.c.mass_kg, processing.c.step)
        .outerjoin(processing, processing.c.unit == unit.c.id).where(unit.c.id == name)
    ).first()  # fmt: skip
    if row is not None and row.kind == "heat":
        known[name] = UnitFootprint(heats.total(name), 0.0)
        return known[name]
    lines = heats.connection.execute(select(consumption.c.parent, consumption.c.mass_kg).where(consumption.c.child == name)).all()
    if row is None or row.kind in ("lot", "return", "dross") or not lines:
        raise InputError("unit", repr(name), "a heat, or a bundle, coil or shipment made of heats", "pcf cast list")
    parents = [(line.mass_kg, _unit_footprint(heats, line.parent, known, depth + 1)) for line in lines]
    processed = row.kind == "processed"
    mass = row.mass_kg if processed else sum(taken for taken, _ in parents)
    cast = sum(taken * part.cast for taken, part in parents) / mass
    steps = sum(taken * part.steps for taken, part in parents) / mass
    plain = frozenset[str]().union(*(part.plain for _, part in parents))
    if processed and row.step not in heats.modelled:
        plain |= {row.step}
    elif processed and not steps:
        steps = _further_steps(heats, name)
    known[name] = UnitFootprint(cast, steps, plain)
    return known[name]


def _further_steps(heats: Heats, name: str) -> float:
    """What the steps after the cast add per mass of product [kgCO2e/kg], by the heats behind a unit."""
    return sum(float(share) * heats.further_steps(one) for one, share in heats_of(heats.connection, name).items())
