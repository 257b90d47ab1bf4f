"""The reference solver: the whole system of one scenario as one matrix, solved with partial pivoting in float64."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.engine.table import at
from pcf.model import System

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Matrices:
    """Technosphere `(n, n)` [unit of row per unit of column], one column an activity, and emissions by flow `(m, n)`.

    Units are those of the processes' reference flows (t, kWh, …), not the base units: a system in joules and kilograms
    is badly conditioned. `flows` names the rows of `biosphere` [base unit of the flow per unit of column];
    `characterisation` (m,) is in kgCO2e per unit of flow.
    """

    technosphere: Array
    biosphere: Array
    flows: tuple[str, ...]
    characterisation: Array


def matrices(system: System, scenario: int = 0) -> Matrices:
    """Write one scenario of a system as matrices.

    A flow is a gas, or a factor published as CO2e.
    """
    count = len(system.nodes)
    technosphere = np.eye(count)
    flows: dict[str, int] = {}
    factors: list[float] = []
    entries: list[tuple[int, int, float]] = []
    for column, node in enumerate(system.nodes):
        for link in node.links:
            amount = at(link.amount, scenario) * node.process.scale
            if link.kind == "input":
                row = int(link.target)
                technosphere[row, column] -= amount / system.nodes[row].process.scale
                continue
            name = f"{link.kind}: {link.target}"
            if name not in flows:
                flows[name] = len(flows)
                factors.append(at(link.characterised, scenario))
            entries.append((flows[name], column, amount))
    biosphere = np.zeros((len(flows), count))
    for row, column, amount in entries:
        biosphere[row, column] += amount
    return Matrices(technosphere, biosphere, tuple(flows), np.array(factors))


def solve_reference(system: System, scenario: int = 0) -> float:
    """Total of one scenario [kgCO2e per unit of product] by LU decomposition with partial pivoting (LAPACK gesv)."""
    from scipy.linalg import solve

    found = matrices(system, scenario)
    demand: Any = np.zeros(len(system.nodes))
    demand[0] = 1.0
    activity = solve(found.technosphere, demand)
    return float(found.characterisation @ (found.biosphere @ activity)) / system.nodes[0].process.scale
