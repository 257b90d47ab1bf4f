"""The JSON document of a goal, `pcf/solve/1`, and its table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import Catalogue
from pcf.engine.goal import Goal
from pcf.engine.montecarlo import Variant
from pcf.engine.ranges import place_at, title_of
from pcf.engine.sweep import Axis
from pcf.views.basis import UNIT, basis_of, notes_of
from pcf.views.table_files import ResultTable

SCHEMA = "pcf/solve/1"


def solve_document(
    catalogue: Catalogue, variant: Variant, axes: Sequence[Axis], target: float, costs: Mapping[str, float], found: Goal,
    item: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The answer in the units that people write; `proof` says how sure the lowest value is."""
    return {
        "schema": SCHEMA,
        "unit": UNIT,
        **basis_of(item),
        "target": target,
        "reached": found.reached,
        "total": _known(found.total),
        "cost": found.cost,
        "lowest": _known(found.lowest),
        "at_start": _known(found.base),
        "proof": "monotone" if found.monotone else "scanned",
        "feasible_share": found.feasible_share,
        "answer": [_answer(catalogue, variant, axis, found.position[axis.name], costs) for axis in axes],
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _answer(
    catalogue: Catalogue, variant: Variant, axis: Axis, position: float, costs: Mapping[str, float]
) -> dict[str, Any]:  # fmt: skip
    ends = [place_at(axis, end) for end in (0.0, 1.0)]
    there = place_at(axis, position)
    return {
        "name": axis.name,
        "title": dict(title_of(catalogue, variant, axis.name)),
        "unit": there.unit or "1",
        "from": ends[0].value if ends[0].value is not None else axis.presets[0],
        "to": ends[1].value if ends[1].value is not None else axis.presets[1],
        "value": there.value if there.value is not None else dict(there.shares),
        "position": position,
        "cost": costs[axis.name] * position if axis.name in costs else None,
    }


def solve_tables(made: Mapping[str, Any], item: Mapping[str, Any], lang: str) -> list[ResultTable]:
    """One row a parameter."""
    rows = made["answer"]
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in ("name", "unit", "position", "cost")}
    columns |= {name: [str(row[name]) for row in rows] for name in ("from", "to", "value")}
    notes = notes_of(item, lang) | {
        "target": str(made["target"]), "reached": str(made["reached"]), "total": str(made["total"]), "lowest": str(made["lowest"]),
        "proof": made["proof"],
    }  # fmt: skip
    return [ResultTable("solve", columns, notes)]
