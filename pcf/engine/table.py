"""What a solution consists of: the two-way table of stages and sources, gases, evidence, the contribution tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pcf.engine.solve import Solution, calc_activities
from pcf.errors import InputError
from pcf.model import Link, Node, System

MOST_BRANCHES = 100_000
"""Most branches of a contribution tree: paths through a chain multiply from level to level."""


def is_booked(system: System, link: Link) -> bool:
    """Whether a link is booked as a whole in the consuming stage: a service, or the burden of scrap."""
    return link.kind == "input" and (system.nodes[int(link.target)].process.stage is None or link.category == "scrap-burden")


def calc_table(system: System, solution: Solution) -> dict[tuple[str, str], Any]:
    """Stage × source [kgCO2e per unit of product], each a float or (n_scenarios,); the cells sum to the total."""
    table: dict[tuple[str, str], Any] = {}
    for key, value in _bookings(system, solution.order, solution.intensity):
        table[key] = table.get(key, 0.0) + value
    return table


def calc_stages(system: System, order: Sequence[Sequence[int]], intensity: Sequence[Any]) -> dict[str, Any]:
    """Stage → [kgCO2e per unit of product], each a float or (n_scenarios,); they sum to the total."""
    stages: dict[str, Any] = {}
    for (stage, _), value in _bookings(system, order, intensity):
        stages[stage] = stages.get(stage, 0.0) + value
    return stages


def _bookings(system: System, order: Sequence[Sequence[int]], intensity: Sequence[Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """What each link books under which stage and source."""
    for stage, link, amount in _booked(system, order):
        per_unit = link.characterised if link.kind != "input" else intensity[int(link.target)]
        yield (stage, link.category), amount * per_unit


def _booked(system: System, order: Sequence[Sequence[int]]) -> Iterator[tuple[str, Link, Any]]:
    stage_activity = calc_activities(system, order, lambda link: not is_booked(system, link))
    for node, level in zip(system.nodes, stage_activity, strict=True):
        if node.process.stage is None and node is not system.nodes[0]:
            continue
        for link in node.links:
            if link.kind != "input" or is_booked(system, link):
                yield link.stage or node.process.stage or "", link, level * link.amount


def find_bookings(system: System, solution: Solution) -> Iterator[tuple[str, Link, Any]]:
    """Every link that the table books: its stage, and how much of it there is [per unit of product]."""
    yield from _booked(system, solution.order)


@dataclass(frozen=True)
class Leaf:
    """One emission of the whole chain: its node, its link and its size [kgCO2e per unit of product]."""

    node: Node
    link: Link
    level: Any
    value: Any


def leaves(system: System, solution: Solution) -> Iterator[Leaf]:
    """Every emission of the chain; they sum to the total."""
    for node, level in zip(system.nodes, solution.activity, strict=True):
        for link in node.links:
            if link.kind != "input":
                amount = level * link.amount
                yield Leaf(node, link, amount, amount * link.characterised)


def calc_gases(system: System, solution: Solution) -> dict[str, tuple[Any, Any]]:
    """Gas → (mass [kg; for `GHG, unspecified` kgCO2e], kgCO2e), each per unit of product."""
    gases: dict[str, tuple[Any, Any]] = {}
    for leaf in leaves(system, solution):
        gas = str(leaf.link.gas)
        mass, total = gases.get(gas, (0.0, 0.0))
        gases[gas] = (mass + leaf.level * leaf.link.per_unit, total + leaf.value)
    return gases


def calc_displaced(system: System, solution: Solution) -> dict[str, Any]:
    """What co-products and losses would displace, by factor [kgCO2e per unit of product]: information, never subtracted."""
    found: dict[str, Any] = {}
    for node, level in zip(system.nodes, solution.activity, strict=True):
        for link in node.displaced:
            key = f"{node.process.id}: {link.note or link.target}"
            found[key] = found.get(key, 0.0) + level * link.amount * link.characterised
    return found


@dataclass(frozen=True)
class Branch:
    """One step of the contribution tree: what it is, how much of it, and what it contributes [kgCO2e per unit]."""

    label: str
    amount: float
    value: float
    node: Node | None
    link: Link | None
    branches: tuple[Branch, ...]


def calc_tree(system: System, solution: Solution, *, depth: int = 20, at_least: float = 0.0, scenario: int = 0) -> Branch:
    """Contribution tree of one scenario, down to `depth` levels and to shares of `at_least` of the total.

    A node that is its own ancestor (a loop) is not opened again: its branch stands for all further rounds.

    Raises
    ------
    InputError
        For a tree of more than `MOST_BRANCHES`.
    """
    count = 0
    total = at(solution.intensity[0], scenario)

    def open_node(index: int, amount: float, level: int, above: frozenset[int]) -> tuple[Branch, ...]:
        nonlocal count
        node = system.nodes[index]
        if level == 0:
            return ()
        found = []
        for link in node.links:
            count += 1
            if count > MOST_BRANCHES:
                raise InputError(
                    "contribution tree", f"more than {MOST_BRANCHES:,} branches", "fewer",
                    "raise --at-least or lower --depth",
                )  # fmt: skip
            share = amount * at(link.amount, scenario)
            if link.kind == "input":
                target = int(link.target)
                value = share * at(solution.intensity[target], scenario)
                if abs(value) < at_least * abs(total) or value == 0.0:
                    continue
                inner = () if target in above else open_node(target, share, level - 1, above | {target})
                found.append(Branch(system.nodes[target].key, share, value, system.nodes[target], link, inner))
            else:
                value = share * at(link.characterised, scenario)
                if abs(value) >= at_least * abs(total) and value != 0.0:
                    found.append(Branch(str(link.target), share, value, None, link, ()))
        return tuple(sorted(found, key=lambda branch: -abs(branch.value)))

    return Branch(system.nodes[0].key, 1.0, total, system.nodes[0], None, open_node(0, 1.0, depth, frozenset({0})))


def at(value: Any, scenario: int) -> float:
    """One scenario of a value that may be the same in all."""
    return float(value) if isinstance(value, float | int) or value.ndim == 0 else float(value[scenario])
