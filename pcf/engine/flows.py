"""How emissions run through the chain: from sources into processes, from process to process, into the product."""

from __future__ import annotations

from dataclasses import dataclass

from pcf.engine.solve import Solution, calc_activities
from pcf.engine.table import at, is_booked
from pcf.model import Node, System


@dataclass(frozen=True)
class Flow:
    """What one thing hands on to another [kgCO2e per kg of product = tCO2e/t]; a source is a category, the end is the product."""

    source: Node | str
    target: Node | None
    value: float


def calc_flows(system: System, solution: Solution, scenario: int = 0) -> list[Flow]:
    """Flows of one scenario; what enters a process leaves it, and what reaches the product is its total.

    Services (power, fuels, freight) are not processes of their own here: they enter the stage that uses them under their source,
    as in the two-way table.
    """
    level = calc_activities(system, solution.order, lambda link: not is_booked(system, link))
    sums: dict[tuple[int | str, int | None], float] = {}
    for index, node in enumerate(system.nodes):
        if node.process.stage is None and index:
            continue
        for link in node.links:
            amount = at(level[index], scenario) * at(link.amount, scenario)
            if link.kind == "input" and not is_booked(system, link):
                key: tuple[int | str, int | None] = (int(link.target), index)
                value = amount * at(solution.intensity[int(link.target)], scenario)
            else:
                key = (link.category, index)
                per_unit = (
                    at(solution.intensity[int(link.target)], scenario)
                    if link.kind == "input"
                    else at(link.characterised, scenario)
                )
                value = amount * per_unit
            sums[key] = sums.get(key, 0.0) + value
    sums[0, None] = at(solution.intensity[0], scenario)
    return [
        Flow(
            system.nodes[source] if isinstance(source, int) else source, None if target is None else system.nodes[target], value
        )
        for (source, target), value in sums.items()
        if value > 0
    ]  # fmt: skip
