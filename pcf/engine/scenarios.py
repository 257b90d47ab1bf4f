"""Many scenarios of one product: the model is recorded once and then repeated as a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.program import Program, finish
from pcf.engine.solve import Solved, Solving, solve_scenarios
from pcf.engine.table import calc_stages
from pcf.engine.tape import Tape
from pcf.errors import InputError
from pcf.model import Method, Settings, System

Array = NDArray[np.float64]

PROBE = 64
"""Scenarios of the probe on which the model is recorded."""


@dataclass(frozen=True)
class Input:
    """One thing that varies: a value in one or more scopes, or a factor row wherever it is used.

    Parameters
    ----------
    key : str
        What identifies it; the same key in two products is the same thing.
    targets : tuple of (scope id, name)
    factor : str
        Factor id; empty for a value of scopes.
    low, high : float
        Range in which scenarios may lie [base unit]; infinite where nothing bounds it.
    """

    key: str
    targets: tuple[tuple[str, str], ...] = ()
    factor: str = ""
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True)
class Outcome:
    """Results of scenarios.

    Parameters
    ----------
    total : (n_scenarios,) [kgCO2e per kg = tCO2e/t]
        NaN where the scenario cannot be computed at all.
    stages : mapping of stage to (n_scenarios,)
        Empty where they were not asked for; they sum to the total.
    feasible : (n_scenarios,) of bool
        Whether every charge of the chain meets the limits of its alloy.
    """

    total: Array
    stages: Mapping[str, Array]
    feasible: NDArray[np.bool_]


class Scenarios:
    """One product whose inputs vary.

    Parameters
    ----------
    catalogue : Catalogue
    product_id : str
    method : Method
    settings : Settings
        Values that stay the same in all scenarios.
    inputs : sequence of Input
        What varies, in the order of the rows of `run`.
    probe : (n_inputs, n_probe)
        Values like those to come: they decide how the model is recorded.
    stages : bool
        Whether results by stage are wanted.

    Notes
    -----
    A scenario that would take another turn than the probe did is found by the program's guards and composed anew, so that every
    result is that of the model itself.
    """

    def __init__(
        self, catalogue: Catalogue, product_id: str, method: Method, settings: Settings, inputs: Sequence[Input], probe: Array,
        *, stages: bool = False,
    ) -> None:  # fmt: skip
        self._catalogue, self._product, self._method, self._settings = catalogue, product_id, method, settings
        self.inputs = tuple(inputs)
        self._stages = stages
        self.program = self._record(probe)

    def _record(self, probe: Array) -> Program:
        tape = Tape()
        recorded = [
            tape.input(item.key, np.asarray(row, dtype=float), positive=item.low >= 0)
            for item, row in zip(self.inputs, probe, strict=True)
        ]
        return finish(tape, self._outputs(recorded, probe.shape[1]))

    def _outputs(self, values: Sequence[Any], size: int) -> dict[str, Any]:
        settings = _with_values(self._settings, self.inputs, values)
        return _outputs(solve_scenarios(self._catalogue, self._product, self._method, settings, None, size), stages=self._stages)

    def run(self, values: Array) -> Outcome:
        """Results of scenarios whose inputs are the columns of `values` (n_inputs, n_scenarios) [base units]."""
        size = values.shape[1]
        found, broken = self.program.run(values)
        if broken.any():
            self._repair(found, values, np.flatnonzero(broken), size)
        return _outcome(found, size)

    def _repair(self, found: dict[str, Any], values: Array, broken: NDArray[np.intp], size: int) -> None:
        """Compose the scenarios for which the program does not hold, one by one; what cannot be computed becomes NaN."""
        for name, value in found.items():
            if np.ndim(value) == 0:
                found[name] = np.full(size, value)
        for index in broken:
            try:
                outputs = self._outputs([float(value) for value in values[:, index]], 1)
            except InputError:
                outputs = {}
            for name in found:
                found[name][index] = outputs.get(
                    name, 0.0 if name.startswith("stage ") else False if name == "feasible" else np.nan
                )


def solve_once(
    catalogue: Catalogue, product_id: str, method: Method, settings: Settings, inputs: Sequence[Input], values: Array,
    *, stages: bool = False, solving: Solving = solve_scenarios,
) -> Outcome:  # fmt: skip
    """Results of so few scenarios that recording the model would take longer than composing it with all of them at once.

    Parameters
    ----------
    values : (n_inputs, n_scenarios) [base units]
    solving : callable
        Solves them; where it leaves out nodes that are known, results by stage and `feasible` are of the others alone.
    """
    size = values.shape[1]
    try:
        solved = solving(catalogue, product_id, method, _with_values(settings, inputs, list(values)), None, size)
    except InputError:  # one of them cannot be computed: which one is found out by a program and its guards
        return Scenarios(catalogue, product_id, method, settings, inputs, values[:, :PROBE], stages=stages).run(values)
    return _outcome(_outputs(solved, stages=stages), size)


def _with_values(settings: Settings, inputs: Sequence[Input], values: Sequence[Any]) -> Settings:
    chosen, factors = dict(settings.values), dict(settings.factors)
    for item, value in zip(inputs, values, strict=True):
        chosen |= dict.fromkeys(item.targets, value)
        if item.factor:
            factors[item.factor] = value
    return replace(settings, values=chosen, factors=factors)


def _outputs(solved: Solved, *, stages: bool) -> dict[str, Any]:
    outputs: dict[str, Any] = {"total": solved.intensity[0], "feasible": calc_feasible(solved.system)}
    if stages:
        found = calc_stages(solved.system, solved.order, solved.intensity)
        outputs |= {f"stage {stage}": value for stage, value in found.items()}
    return outputs


def _outcome(found: dict[str, Any], size: int) -> Outcome:
    feasible = found.pop("feasible")
    total = _spread(found.pop("total"), size)
    return Outcome(
        total,
        {name.removeprefix("stage "): _spread(value, size) for name, value in found.items()},
        np.logical_and(np.broadcast_to(np.asarray(feasible, dtype=bool), (size,)), np.isfinite(total)),
    )


def calc_feasible(system: System) -> Any:
    """Whether every charge with limits meets them, bool or (n_scenarios,)."""
    found: Any = True
    for charge in system.charges.values():
        if charge.evaluated:
            found = np.logical_and(found, charge.feasible)
    return found


def _spread(value: Any, size: int) -> Array:
    return np.asarray(value) if np.ndim(value) else np.full(size, float(value))
