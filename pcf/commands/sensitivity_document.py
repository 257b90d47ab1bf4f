"""The JSON document of what drives a footprint, `pcf/sensitivity/1`, and its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import Catalogue
from pcf.engine.inputs import in_units, name_inputs
from pcf.engine.paired import CONFIDENCE
from pcf.engine.sensitivity import TORNADO, Driver, Index, Simplified
from pcf.views.basis import UNIT, basis_of, interval, notes_of
from pcf.views.table_files import ResultTable
from pcf.views.uncertainty_document import describe

SCHEMA = "pcf/sensitivity/1"


def sensitivity_document(
    catalogue: Catalogue, drivers: Sequence[Driver], indices: Sequence[Index], formula: Simplified | None, item: Mapping[str, Any],
    points: int | None, seed: int,
) -> dict[str, Any]:  # fmt: skip
    """Drivers, largest swing first, in the units that people write."""
    named = {one.item.key: one for one in name_inputs(catalogue, [driver.item for driver in drivers])}
    sobol = {index.item.key: index for index in indices}
    rows = []
    for driver in drivers:
        one = named[driver.item.key]
        index = sobol.get(driver.item.key)
        rows.append({
            **describe(one),
            "low_value": driver.low_value / one.scale, "high_value": driver.high_value / one.scale,
            "low": _known(driver.low), "high": _known(driver.high), "swing": _known(driver.swing),
            "slope": driver.slope * one.scale, "elasticity": driver.elasticity,
            "sobol": None if index is None else {
                "first": index.first, "first_interval": interval(*index.first_interval, CONFIDENCE),
                "total": index.total, "total_interval": interval(*index.total_interval, CONFIDENCE),
            },
        })  # fmt: skip
    return {
        "schema": SCHEMA,
        "unit": UNIT,
        **basis_of(item),
        "tornado_probabilities": list(TORNADO),
        "sobol_points": points,
        "seed": seed,
        "drivers": rows,
        "simplified": None if formula is None else _formula(catalogue, formula),
    }


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _formula(catalogue: Catalogue, found: Simplified) -> dict[str, Any]:
    constant, terms = in_units(catalogue, found)
    return {
        "constant": constant,
        "terms": [
            {"id": one.id, "name": dict(one.title), "slope": slope, "unit": one.unit, "value": one.value} for one, slope in terms
        ],
        "explained": found.explained,
        "error": found.error,
    }


def sensitivity_tables(made: Mapping[str, Any], item: Mapping[str, Any], lang: str) -> list[ResultTable]:
    """Drivers, and the terms of the short formula."""
    rows = made["drivers"]
    names = (
        "id",
        "unit",
        "value",
        "low_value",
        "high_value",
        "low",
        "high",
        "swing",
        "slope",
        "elasticity",
        "source",
        "source_check",
    )
    columns: dict[str, list[Any]] = {name: [row[name] for row in rows] for name in names}
    if made["sobol_points"]:
        for order in ("first", "total"):
            columns[f"sobol {order}"] = [row["sobol"][order] for row in rows]
            for end in ("low", "high"):
                columns[f"sobol {order} {end}"] = [row["sobol"][f"{order}_interval"][end] for row in rows]
    tables = [ResultTable("drivers", columns, notes_of(item, lang))]
    if made["simplified"]:
        terms = made["simplified"]["terms"]
        known = {"term": ["constant"], "slope": [made["simplified"]["constant"]], "unit": [""]}
        known = {
            "term": known["term"] + [row["id"] for row in terms], "slope": known["slope"] + [row["slope"] for row in terms],
            "unit": known["unit"] + [row["unit"] for row in terms],
        }  # fmt: skip
        tables.append(ResultTable("formula", known))
    return tables
