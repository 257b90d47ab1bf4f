"""The report view of a result: the stage keys of a primary-aluminium report, derived from the two-way table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOVED = {
    "transport": "transport",
    "ancillary": "auxiliary-and-energy",
    "thermal-energy": "auxiliary-and-energy",
    "electricity": "auxiliary-and-energy",
}
"""Source of the two-way table → report key that takes it from every stage; what is left of a stage is its own process."""


def report_stages(matrix: Mapping[str, Mapping[str, float]], stages: tuple[str, ...]) -> list[dict[str, Any]]:
    """Stages with transport and auxiliary materials and energy as keys of their own; they sum to the same total.

    A stage without a value of its own carries the reason: it is not on the route, or all of it is in the two shared keys.

    Notes
    -----
    A-10: a missing stage is an explicit zero with a reason. Which of the two tables a standard's report wants is open; both
    come from one calculation.
    """
    found = dict.fromkeys((*stages, "transport", "auxiliary-and-energy"), 0.0)
    for stage, row in matrix.items():
        for source, value in row.items():
            found[MOVED.get(source, stage)] += value
    return [
        {
            "id": key,
            "value": value,
            **({"reason": "not-on-route" if key not in matrix else "in-shared-keys"} if value == 0 else {}),
        }
        for key, value in found.items()
    ]
