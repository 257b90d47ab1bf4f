"""Parameters of a product's chain with their ranges, units and sources, as rows."""

from __future__ import annotations

from typing import Any

from pcf.engine import at
from pcf.model import System

MAIN = ("recycled_content", "recycled_input", "post_consumer_share")
"""Parameters that people look for first."""


def parameter_rows(system: System, *, everything: bool) -> list[dict[str, Any]]:
    """Values and shares that a chain uses; those of the product's own scope, or of all."""
    rows: list[dict[str, Any]] = []
    for scope in system.scopes:
        if scope is not system.own and not everything:
            continue
        prefix = "" if scope is system.own else f"{scope.id.removeprefix('product:')}."
        for name in sorted(scope.used):
            group = system.catalogue.shares.get(name)
            if group is not None:
                shares = {option: at(scope.values[f"{name}__{option}"], 0) for option in group.options}
                rows.append({
                    "name": prefix + name, "value": {key: value for key, value in shares.items() if value}, "unit": "1",
                    "choices": list(group.presets), "options": list(group.options), "origin": scope.origin.get(name, "process default"), "title": dict(group.title),
                    "source_check": scope.share_marks.get(name, group.source_check), "note": group.note,
                })  # fmt: skip
            elif name in scope.quantities:
                quantity = scope.quantities[name]
                parameter = system.catalogue.parameters.get(name, quantity)
                limits = quantity.limits or parameter.limits
                rows.append({
                    "name": prefix + name, "value": quantity.shown, "unit": quantity.unit,
                    "range": [limit / quantity.scale for limit in limits] if limits else None,
                    "origin": scope.origin.get(name, "process default"), "title": dict(quantity.name or parameter.name),
                    "source": quantity.marks.source, "year": quantity.marks.year, "geography": quantity.marks.geography,
                    "source_check": quantity.marks.source_check, "note": quantity.marks.note,
                })  # fmt: skip
    return rows
