"""One footprint with everything that is printed beside it: table, gases, evidence, alternatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue, ensure_finite
from pcf.engine.evidence import calc_evidence
from pcf.engine.solve import Solution, Solving, solve, solve_scenarios
from pcf.engine.table import calc_gases, calc_table
from pcf.model import Method, Settings, System, alternative_methods, compose


@dataclass(frozen=True)
class Footprint:
    """The footprint of one product in every scenario.

    `total` [kgCO2e per kg = tCO2e per t], the cells of `table` (stage, source) and the second entries of `gases` are floats
    or (n_scenarios,). `alternatives` maps a choice and its option to the total that it would give.
    """

    system: System
    solution: Solution
    total: Any
    table: Mapping[tuple[str, str], Any]
    gases: Mapping[str, tuple[Any, Any]]
    evidence: Mapping[str, Mapping[str, float]]
    alternatives: Mapping[str, Mapping[str, float]]


def calculate(
    catalogue: Catalogue, product_id: str, method: Method | None = None, settings: Settings | None = None,
    solving: Solving = solve_scenarios,
) -> Footprint:  # fmt: skip
    """Compute one product's footprint with its alternatives.

    Parameters
    ----------
    catalogue : Catalogue
    product_id : str
        Id of a product.
    method : Method, optional
    settings : Settings, optional
    solving : callable
        Solves the alternatives.

    Raises
    ------
    InputError
        For settings, steps or loops that make no sense.
    """
    method, settings = method or Method(), settings or Settings()
    system = compose(catalogue, product_id, method, settings)
    solution = solve(system)
    ensure_finite(solution.intensity[0], f"{product_id} total")
    return Footprint(
        system,
        solution,
        solution.intensity[0],
        calc_table(system, solution),
        calc_gases(system, solution),
        calc_evidence(system, solution),
        calc_alternatives(catalogue, product_id, method, settings, solving),
    )


def calc_alternatives(
    catalogue: Catalogue, product_id: str, method: Method, settings: Settings, solving: Solving = solve_scenarios
) -> dict[str, dict[str, float]]:
    """Totals [tCO2e/t] under every alternative of the method, one choice changed at a time, in one pass."""
    alternatives = alternative_methods(method)
    switches: dict[str, Any] = {}
    for name in method.switches():
        values = np.array([item.switches()[name] for *_, item in alternatives])
        switches[name] = float(values[0]) if (values == values[0]).all() else values
    totals = calc_totals(catalogue, product_id, method, settings, len(alternatives), switches, solving)
    found: dict[str, dict[str, float]] = {}
    for (name, option, _), total in zip(alternatives, totals, strict=True):
        found.setdefault(name, {})[option] = float(total)
    return found


def calc_totals(
    catalogue: Catalogue,
    product_id: str,
    method: Method,
    settings: Settings,
    size: int,
    switches: Mapping[str, Any] | None = None,
    solving: Solving = solve_scenarios,
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Totals of many scenarios (n_scenarios,) [tCO2e/t]; settings and switches may be arrays of that length."""
    total = solving(catalogue, product_id, method, settings, switches, size).intensity[0]
    ensure_finite(total, f"{product_id} total")
    return np.broadcast_to(np.asarray(total, dtype=float), (size,))
