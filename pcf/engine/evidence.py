"""What a result rests on: every emission with the weakest mark of the values behind it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np

from pcf.catalogue import DATA_CLASSES, SOURCE_CHECKS
from pcf.engine.solve import Solution, calc_activities
from pcf.engine.table import at
from pcf.model import Link, System, weaker, weaker_class

Mark = tuple[str, str]
MARKS: tuple[Mark, ...] = tuple(product(SOURCE_CHECKS, DATA_CLASSES))
"""Every pair of source check and data class."""


def calc_evidence(system: System, solution: Solution, scenario: int = 0) -> dict[str, dict[str, float]]:
    """Sizes by source check and by data class [kgCO2e per unit of product] of one scenario; each group sums to the total.

    Notes
    -----
    An emission is an amount times a factor. Where a stage uses a service (power, a fuel, freight) the amount is that of the
    service, and its mark goes with it to every emission of the service: gas by an assumed consumption is assumed gas, however
    well its factor is known. Material from stage to stage carries the marks of its own stage.
    """
    by_mark: dict[Mark, float] = {}
    for node, levels in zip(system.nodes, _activities(system, solution, scenario), strict=True):
        for link in node.links:
            if link.kind == "input":
                continue
            size = at(link.amount, scenario) * at(link.characterised, scenario)
            for mark, level in levels.items():
                key = _join(mark, link)
                by_mark[key] = by_mark.get(key, 0.0) + level * size
    found: dict[str, dict[str, float]] = {"source_check": {}, "data_class": {}}
    for (check, data_class), value in by_mark.items():
        found["source_check"][check] = found["source_check"].get(check, 0.0) + value
        found["data_class"][data_class] = found["data_class"].get(data_class, 0.0) + value
    return found


def _join(mark: Mark, link: Link) -> Mark:
    return weaker(mark[0], link.source_check), weaker_class(mark[1], link.data_class)


def _services(system: System) -> set[int]:
    """Nodes without a stage that draw on such nodes alone."""
    found = {index for index, node in enumerate(system.nodes) if node.process.stage is None and index}
    while True:
        open_ones = {
            index for index in found for link in system.nodes[index].links if link.kind == "input" and link.target not in found
        }
        if not open_ones:
            return found
        found -= open_ones


def _activities(system: System, solution: Solution, scenario: int) -> list[Mapping[Mark, float]]:
    """Activity of each node [unit per unit of product] by the mark of the amounts that ask for it."""
    strongest = MARKS[0]
    services = _services(system)
    material = calc_activities(system, solution.order, lambda link: int(link.target) not in services)
    place = {(index, mark): number for number, (index, mark) in enumerate(product(sorted(services), MARKS))}
    matrix, demand = np.eye(len(place)), np.zeros(len(place))
    for index, node in enumerate(system.nodes):
        for link in node.links:
            if link.kind != "input" or int(link.target) not in services:
                continue
            amount = at(link.amount, scenario)
            if index not in services:
                demand[place[int(link.target), _join(strongest, link)]] += at(material[index], scenario) * amount
                continue
            for mark in MARKS:
                matrix[place[int(link.target), _join(mark, link)], place[index, mark]] -= amount
    levels = np.linalg.solve(matrix, demand) if len(place) else demand
    found: list[Mapping[Mark, float]] = []
    for index in range(len(system.nodes)):
        if index in services:
            found.append({mark: float(levels[place[index, mark]]) for mark in MARKS if levels[place[index, mark]]})
        else:
            found.append({strongest: at(material[index], scenario)})
    return found
