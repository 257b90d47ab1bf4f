"""Sweeps: a product's footprint over the grid of one or more axes, infeasible charges marked as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import PROBE, Input, Outcome, Scenarios
from pcf.errors import InputError

Array = NDArray[np.float64]

MOST_POINTS = 50_000_000
PART = 262_144
"""Points that are computed at a time."""


@dataclass(frozen=True)
class Axis:
    """One axis: what it is called, its labels, and the values [base unit] that its points give to names in scopes.

    Parameters
    ----------
    name : str
    labels : tuple of str or float
        One a point: numbers in the unit of the axis, names of presets, or shares.
    unit : str
    values : mapping of (scope id, name) to (n_points,)
    shares : tuple of tuple of float
        On an axis between presets the share of each at each point; else empty.
    presets : tuple of str
    """

    name: str
    labels: tuple[Any, ...]
    unit: str
    values: Mapping[tuple[str, str], Array]
    shares: tuple[tuple[float, ...], ...] = ()
    presets: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Sweep:
    """Results over the grid; arrays have one dimension an axis."""

    variant: Variant
    axes: Sequence[Axis]
    total: Array
    feasible: NDArray[np.bool_]
    stages: Mapping[str, Array]

    @cached_property
    def shown(self) -> Array:
        """Totals with NaN where the charge is infeasible: not a number to be read off."""
        return np.where(self.feasible, self.total, np.nan)


def run_sweep(
    catalogue: Catalogue, variant: Variant, axes: Sequence[Axis], *, stages: bool = True,
    on_part: Callable[[int], None] | None = None,
) -> Sweep:  # fmt: skip
    """Compute every point of the grid.

    Raises
    ------
    InputError
        For no axis, two axes that move one value, or a grid too large.
    """
    shape = tuple(len(axis) for axis in axes)
    points = 1
    for length in shape:
        points *= length
    if not axes or not points:
        raise InputError("--over", "no points", "name=from:to:step, name=preset:preset:count or name=value,value")
    if points > MOST_POINTS:
        raise InputError("--over", f"{points:,} points", f"at most {MOST_POINTS:,}", "use larger steps or fewer axes")
    keys = [key for axis in axes for key in axis.values]
    if len(set(keys)) < len(keys):
        raise InputError("--over", "two axes that move one value", "axes of different names")
    inputs = [
        Input(f"{scope}.{name}", ((scope, name),), "", float(values.min()), float(values.max()))
        for axis in axes
        for (scope, name), values in axis.values.items()
    ]
    probe = _values(axes, np.linspace(0, points - 1, PROBE).astype(np.int64), shape)
    scenarios = Scenarios(catalogue, variant.product, variant.method, variant.settings, inputs, probe, stages=stages)
    parts: list[Outcome] = []
    for index in _parts(points):
        parts.append(scenarios.run(_values(axes, index, shape)))
        if on_part is not None:
            on_part(len(index))
    return Sweep(
        variant, axes, np.concatenate([part.total for part in parts]).reshape(shape),
        np.concatenate([part.feasible for part in parts]).reshape(shape),
        {name: np.concatenate([part.stages[name] for part in parts]).reshape(shape) for name in parts[0].stages},
    )  # fmt: skip


def _parts(points: int) -> Iterator[NDArray[np.int64]]:
    for start in range(0, points, PART):
        yield np.arange(start, min(start + PART, points))


def _values(axes: Sequence[Axis], index: NDArray[np.int64], shape: tuple[int, ...]) -> Array:
    """Values of the inputs (n_inputs, n_points) at flat grid positions."""
    places = np.unravel_index(index, shape)
    return np.array([values[place] for axis, place in zip(axes, places, strict=True) for values in axis.values.values()])
