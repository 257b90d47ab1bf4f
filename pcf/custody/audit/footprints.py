"""The footprint of every heat of a period, with the terms that it is the sum of, so that an auditor adds them up again.

A CoC designation is in none of them (R20): a line says what was charged and what its burden is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pcf.catalogue import Catalogue
from pcf.custody.audit.table import Table, Value, make_table
from pcf.custody.audit.view import View
from pcf.custody.footprint import BatchFootprint
from pcf.custody.heats import Heats
from pcf.errors import InputError
from pcf.model import Method

NAME = "footprints"
CHARGE, PROCESS, TOTAL, NONE = "charge", "process", "total", "none"
"""Lines of a heat: what was charged, the casthouse itself, their sum; or the reason why there is no footprint."""

COLUMNS = (
    "heat", "line", "from", "material", "mass_kg", "basis", "kgCO2e_per_kg", "kgCO2e", "boundary", "scrap", "gwp", "plant", "data",
    "standing", "provisional", "note",
)  # fmt: skip

TOLERANCE = 1e-6
"""Difference between a total and its lines that digits explain [1]."""

Row = Mapping[str, str]


def footprint_table(
    view: View, catalogue: Catalogue, method: Method | None = None, advance: Callable[[int], None] = lambda _: None
) -> Table:
    """Footprints of the heats that stand, per kg of cast metal.

    Parameters
    ----------
    advance : callable
        Called after each heat: many of them take minutes.
    """
    heats = Heats(view.connection, catalogue, method or Method(), replace=True)
    rows: list[dict[str, Value]] = []
    for row in view.live("heat"):
        try:
            rows += _lines(row["unit"], heats.footprint(row["unit"]), heats.method)
        except InputError as problem:
            rows.append({"heat": row["unit"], "line": NONE, "note": str(problem)})
        advance(1)
    return make_table(NAME, COLUMNS, rows)


def _lines(heat: str, found: BatchFootprint, method: Method) -> Iterator[dict[str, Value]]:
    basis: dict[str, Value] = {
        "heat": heat, "boundary": method.boundary, "scrap": method.scrap, "gwp": method.gwp, "plant": found.batch.site,
        "data": found.site, "standing": found.standing, "provisional": "yes" if found.provisional else "",
    }  # fmt: skip
    told = True
    rest = found.emissions_kg
    for item in found.lots:
        carried = None if item.intensity is None else item.mass_kg * item.intensity
        # Own returns bring nothing in; the plant's own liquid metal is not told apart from its casting.
        told &= carried is not None or item.basis == "plant"
        rest -= carried or 0.0
        yield {
            **basis, "line": CHARGE, "from": item.lot, "material": item.material, "mass_kg": item.mass_kg, "basis": item.basis,
            "kgCO2e_per_kg": _digits(item.intensity), "kgCO2e": _digits(carried),
        }  # fmt: skip
    yield {**basis, "line": PROCESS, "basis": "plant", "kgCO2e": _digits(rest), "note": "" if told else "with lines of no burden"}
    notes = sorted({item.kind for item in found.warnings})
    yield {
        **basis, "line": TOTAL, "material": found.batch.product, "mass_kg": found.batch.product_kg,
        "kgCO2e_per_kg": _digits(found.total), "kgCO2e": _digits(found.emissions_kg), "note": ", ".join(notes),
    }  # fmt: skip


def _digits(value: float | None) -> str | None:
    # Fewer than a double has: machines differ in the last ones.
    return None if value is None else f"{value:.10g}"


def find_wrong_sums(
    rows: Iterable[Row], masses: Mapping[str, Mapping[str, int]], products: Mapping[str, int]
) -> Iterator[tuple[str, str, str, str]]:
    """Heat, what, computed and said, wherever the lines of a heat do not make its footprint or are not its charge.

    Parameters
    ----------
    rows : iterable of Row
        Lines of `footprint_table`, as a CSV file has them.
    masses : mapping
        Mass of each unit charged, by heat [kg].
    products : mapping
        Cast product by heat [kg].
    """
    by_heat: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_heat[row["heat"]].append(row)
    for heat in sorted({*by_heat, *products}):
        lines = by_heat.get(heat, [])
        if [row["line"] for row in lines] == [NONE]:
            continue
        total = next((row for row in lines if row["line"] == TOTAL), None)
        if total is None or heat not in products:
            yield heat, "footprint", "one of a heat that stands", "a line too many" if lines else "no line"
            continue
        charged: dict[str, int] = defaultdict(int)
        for row in lines:
            if row["line"] == CHARGE:
                charged[row["from"]] += int(row["mass_kg"])
        if charged != masses[heat] or int(total["mass_kg"]) != products[heat]:
            yield heat, "charge", _shown(masses[heat]), _shown(charged)
        sums = sum(float(row["kgCO2e"] or 0) for row in lines if row["line"] in (CHARGE, PROCESS))
        each = all(
            _near(int(row["mass_kg"]) * float(row["kgCO2e_per_kg"]), float(row["kgCO2e"]))
            for row in lines
            if row["kgCO2e_per_kg"] and row["line"] == CHARGE
        )
        headline = int(total["mass_kg"]) * float(total["kgCO2e_per_kg"])
        if not each or not _near(sums, float(total["kgCO2e"])) or not _near(headline, float(total["kgCO2e"])):
            yield heat, "sum of the lines", _digits(sums) or "", total["kgCO2e"]


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other), 1.0)


def _shown(masses: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={mass}" for name, mass in sorted(masses.items()))
