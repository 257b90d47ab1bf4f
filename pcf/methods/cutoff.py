"""The cut-off test: what the flow checklists leave out, by their estimates, against the footprint with them."""

from __future__ import annotations

from dataclasses import dataclass

from pcf.engine import Footprint, at
from pcf.model import Node


@dataclass(frozen=True)
class CutOff:
    """Result of the cut-off test; shares are of the footprint including the estimates of what was cut [1]."""

    total: float
    limit: float
    each_limit: float | None
    largest: str
    largest_share: float
    unknown: tuple[str, ...]

    @property
    def exceeded(self) -> bool:
        """Whether the omitted flows are too large, together or one alone."""
        return self.total > self.limit or (self.each_limit is not None and self.largest_share > self.each_limit)


def assess_cut_off(footprint: Footprint) -> CutOff:
    """Weigh every omitted flow of the chain by the activity of its process.

    Notes
    -----
    A-11: the criterion is stated on the effect on the footprint, not on mass; unknown flows leave the test open.
    """
    system, activity = footprint.system, footprint.solution.activity
    omitted: dict[str, float] = {}
    unknown: dict[str, None] = {}
    for node, level in zip(system.nodes, activity, strict=True):
        if at(level, 0) == 0:
            continue
        for item in node.process.checklist:
            name = f"{node.process.id}: {item.flow}"
            if item.status == "unknown":
                unknown[name] = None
            elif item.status == "omitted" and item.estimate is not None and not _counted(node, item.unless):
                omitted[name] = omitted.get(name, 0.0) + at(level, 0) * item.estimate.value
    whole = at(footprint.total, 0) + sum(omitted.values())
    largest = max(omitted, key=lambda name: omitted[name], default="")
    strict = system.method.cut_off.startswith("2 %")
    factors = system.catalogue.factors
    limit = _value(factors, "cut-off-total-default" if strict else "cut-off-total-gbt")
    return CutOff(
        total=sum(omitted.values()) / whole if whole else 0.0,
        limit=limit,
        each_limit=None if strict else _value(factors, "cut-off-each-gbt"),
        largest=largest,
        largest_share=omitted.get(largest, 0.0) / whole if whole else 0.0,
        unknown=tuple(unknown),
    )


def _counted(node: Node, unless: str) -> bool:
    """Whether a choice of the method, or a share of one, brings an omitted flow into the result after all."""
    return any(at(node.scope.values[name], 0) > 0 for name in unless.split())


def _value(factors: object, factor_id: str) -> float:
    rows = factors[factor_id]  # type: ignore[index]
    return float(rows[max(rows)].quantity.value)
