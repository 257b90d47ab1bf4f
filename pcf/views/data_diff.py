"""What sets two versions of the data apart, and by how much each product's footprint moves."""

from __future__ import annotations

from typing import Any

from pcf.catalogue import Catalogue, compare_data
from pcf.catalogue.difference import Change
from pcf.engine import at, calculate
from pcf.errors import PcfError


def difference_document(first: Catalogue, second: Catalogue) -> dict[str, Any]:
    """Every difference with value, unit and source, and the footprint of each product before and after [tCO2e/t]."""
    return {
        "old": first.version,
        "new": second.version,
        "changes": [_change(item) for item in compare_data(first, second)],
        "products": [_movement(name, first, second) for name in sorted({*first.products, *second.products})],
    }


def _change(item: Change) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": item.kind, "id": item.id, "change": item.way, "old": item.old, "new": item.new}
    newest = item.after or item.before
    if newest is not None:
        sources = [side.marks.source for side in (item.before, item.after) if side is not None]
        found |= {
            "old_value": item.before and item.before.shown, "new_value": item.after and item.after.shown,
            "unit": " → ".join(dict.fromkeys(side.unit for side in (item.before, item.after) if side is not None)),
            "source": " → ".join(dict.fromkeys(sources)),
        }  # fmt: skip
    return found


def _movement(name: str, first: Catalogue, second: Catalogue) -> dict[str, Any]:
    totals: list[float | None] = []
    problem = ""
    for catalogue in (first, second):
        try:
            totals.append(at(calculate(catalogue, name).total, 0) if name in catalogue.products else None)
        except PcfError as error:
            totals.append(None)
            problem = str(error)
    before, after = totals
    difference = None if before is None or after is None else after - before
    return {"product": name, "old": before, "new": after, "difference": difference, "unit": "tCO2e/t", "problem": problem}
