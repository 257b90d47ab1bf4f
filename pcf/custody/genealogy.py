"""What goes into what: units with what is left of them, and the checks that every step of the metal shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, case, exists, func, select

from pcf.catalogue import Catalogue
from pcf.custody.book import Work
from pcf.custody.records import Charge
from pcf.custody.standing import stands
from pcf.custody.tables import consumption, contractor, lot, unit, void
from pcf.store.prepared import Prepared

VOIDABLE = ("lot", "cast", "process", "shipment")
"""Kinds of voids that take a unit out of the genealogy."""

RETURN = "return"
"""Role and kind of what goes back to the furnace: it weighs on top of the product that it comes with."""

AFTER_CAST = "rolling"
"""Stage of the steps after the cast."""


PLAIN_STEPS = ("annealing", "coating", "cutting", "homogenising", "levelling", "packing", "sawing", "slitting")
"""Steps of which there are no data: their yield counts, a burden of their own they have none."""


def modelled_steps(catalogue: Catalogue) -> list[str]:
    """Steps after the cast that a footprint knows: the stage, and the processes of it."""
    return [AFTER_CAST, *sorted(name for name, process in catalogue.processes.items() if process.stage == AFTER_CAST)]


def steps(catalogue: Catalogue) -> list[str]:
    """Every step after the cast that has a name here."""
    return [*modelled_steps(catalogue), *PLAIN_STEPS]


@dataclass
class Stock:
    """A unit and what is left of it here, without what contractors have [kg]; `lot` holds the class, origin and further details of a lot."""

    id: str
    kind: str
    site: str
    date: str
    mass_kg: int
    left_kg: int
    material: str
    voided: bool = False
    lot: tuple[str, str, str] | None = None


def voided_units() -> Any:
    """Query of the ids of units that are void."""
    return select(void.c.target).where(void.c.target_kind.in_(VOIDABLE))


def _is_void(name: Any) -> Any:
    # By the key of the table: as a list of all void units it would be made anew at every step of the metal.
    return exists().where(void.c.target_kind.in_(VOIDABLE), void.c.target == name)


def _stock_query() -> Any:
    used = select(func.coalesce(func.sum(consumption.c.mass_kg), 0)).where(
        consumption.c.parent == unit.c.id, consumption.c.role != RETURN, ~_is_void(consumption.c.child)
    )
    sign = case((contractor.c.direction == "sent", 1), else_=-1)
    away = select(func.coalesce(func.sum(sign * contractor.c.mass_kg), 0)).where(
        contractor.c.unit == unit.c.id, stands(contractor, "contractor")
    )
    return (
        select(
            unit, lot.c.content_class, lot.c.origin, lot.c.details,
            (used.scalar_subquery() + away.scalar_subquery()).label("used"), _is_void(unit.c.id).label("gone"),
        )
        .outerjoin(lot, lot.c.unit == unit.c.id)
        .where(unit.c.id.in_(bindparam("ids", expanding=True)))
    )  # fmt: skip


_STOCK = Prepared(_stock_query(), many="ids")


def read_stock(work: Work, ids: Iterable[str]) -> dict[str, Stock]:
    """Units with what is left of them, by id."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Stock] = {}
    for start in range(0, len(wanted), 500):
        for row in _STOCK.all(work.connection, ids=wanted[start : start + 500]):
            left = row.mass_kg - int(row.used)
            inbound = None if row.details is None else (row.content_class, row.origin, row.details)
            found[row.id] = Stock(row.id, row.kind, row.site, row.date, row.mass_kg, left, row.material, bool(row.gone), inbound)
    return found


def take(
    work: Work, place: str, field: str, site: str, day: str, lines: Sequence[Charge], stock: dict[str, Stock], own: str
) -> bool:
    """Take the lines of a step out of stock; False and problems where that cannot be.

    Parameters
    ----------
    place, field : str
        Where the step was written, and the name of its lines there.
    site, day : str
        Site and date of the step: what it takes has to be in the scope of that site by then.
    own : str
        Id of the unit that the step makes: it cannot be made of itself.
    """
    good = True
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        where = f"{place}, {field} line {number}"
        found = stock.get(line.unit)
        if line.unit == own:
            work.problem(where, f"{own!r}, the unit itself", "a unit that was there before")
        elif line.unit in seen:
            work.problem(where, f"{line.unit!r} a second time", "one line for each unit")
        elif found is None:
            work.problem(where, repr(line.unit), "a recorded lot, heat, bundle, coil or return", "record it first")
        elif found.voided:
            work.problem(where, f"{line.unit!r}, which is void", "a unit that stands")
        elif found.kind == "shipment":
            work.problem(where, f"{line.unit!r}, a shipment that has left", "a unit in stock; what comes back is a new lot")
        elif not work.shares_scope(found.site, site):
            work.problem(
                where, f"{line.unit!r} at {found.site}, in another scope", f"metal of the scope of {site}",
                "ship it, and record it there as a lot: it is output here and input there (F1)",
            )  # fmt: skip
        elif found.date > day:
            work.problem(where, f"{line.unit!r} of {found.date}", f"a unit that was there on {day}")
        elif line.mass_kg > found.left_kg:
            work.problem(
                where,
                f"{line.mass_kg:,} kg of {line.unit!r}, of which {max(found.left_kg, 0):,} kg are left",
                "what is left, or less",
            )
        else:
            seen.add(line.unit)
            continue
        good = False
    if good:
        for line in lines:
            stock[line.unit].left_kg -= line.mass_kg
    return good


def unit_row(name: str, kind: str, site: str, day: str, mass: int, material: str) -> dict[str, Any]:
    """Row of a unit."""
    return {"id": name, "kind": kind, "site": site, "date": day, "mass_kg": mass, "material": material}


def consumption_rows(child: str, lines: Iterable[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """Rows of what went into a unit: parent, mass [kg] and role of each line."""
    return [
        {"child": child, "line": number, "parent": parent, "mass_kg": mass, "role": role}
        for number, (parent, mass, role) in enumerate(lines)
    ]
