"""Goal seek: which values of some parameters bring a footprint to a target, or how near they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import Input, Scenarios
from pcf.engine.sweep import Axis
from pcf.errors import InputError

Array = NDArray[np.float64]

SCAN = 16_384
"""Points of the first look at the whole space."""

STARTS = 8
"""Best points of the scan that are refined."""


@dataclass(frozen=True)
class Goal:
    """What was found.

    Parameters
    ----------
    reached : bool
        Whether a feasible point at or below the target exists among all that was looked at.
    position : mapping of axis name to float
        Place of the answer on each axis, from 0 (its start) to 1 (its end).
    total : float
        Footprint there [tCO2e/t].
    cost : float or None
        Cost there, where costs are given.
    lowest : float
        Lowest feasible total found.
    base : float
        Total at the start of every axis.
    monotone : bool
        Whether every axis moves the total one way throughout the scan: then a corner of the ranges is the lowest there is, and a
        target below it cannot be reached.
    feasible_share : float
        Share of the scanned space whose charges meet their limits [1].
    """

    reached: bool
    position: Mapping[str, float]
    total: float
    cost: float | None
    lowest: float
    base: float
    monotone: bool
    feasible_share: float


def seek(
    catalogue: Catalogue,
    variant: Variant,
    axes: Sequence[Axis],
    target: float,
    costs: Mapping[str, float] | None = None,
    seed: int = 0,
) -> Goal:
    """Find the point on the axes that reaches a target at the least cost, or comes nearest.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    axes : sequence of Axis
        Each from its first point to its last, linear between.
    target : float
        [tCO2e/t]
    costs : mapping of axis name to float, optional
        Cost of going the whole way along an axis; without costs the shortest way counts (equal costs).

    Raises
    ------
    InputError
        For no axis, a target that is no number, or costs of axes that are not there.
    """
    if not axes or not np.isfinite(target):
        raise InputError("--target", str(target), "a number, and parameters to vary")
    unknown = set(costs or {}) - {axis.name for axis in axes}
    if unknown:
        raise InputError("--cost", ", ".join(sorted(unknown)), f"one of {', '.join(axis.name for axis in axes)}")
    weights = np.array([(costs or {}).get(axis.name, 1.0 if not costs else 0.0) for axis in axes])
    space = _Space(catalogue, variant, axes, seed)
    points, totals, feasible = space.scan()
    allowed = np.where(feasible, totals, np.inf)
    lowest = float(allowed.min())
    monotone = space.is_monotone(points)
    good = allowed <= target
    if good.any():
        order = np.argsort(np.where(good, weights @ points, np.inf))[:STARTS]
        best = min((space.cheapest(points[:, index], target, weights) for index in order), key=lambda item: weights @ item)
        total = space.total(best)
    else:
        order = np.argsort(allowed)[:STARTS]
        best = min((space.lowest(points[:, index]) for index in order), key=space.total) if np.isfinite(lowest) else points[:, 0]
        total = space.total(best)
        lowest = min(lowest, total)
        if total <= target:
            best = space.cheapest(best, target, weights)
            total = space.total(best)
    return Goal(
        bool(total <= target * (1 + 1e-9)), dict(zip((axis.name for axis in axes), best.tolist(), strict=True)), total,
        float(weights @ best) if costs else None, lowest, space.total(np.zeros(len(axes))), monotone, float(feasible.mean()),
    )  # fmt: skip


class _Space:
    """The unit cube of positions on the axes."""

    def __init__(self, catalogue: Catalogue, variant: Variant, axes: Sequence[Axis], seed: int) -> None:
        self.axes, self.seed = axes, seed
        self.owner = [index for index, axis in enumerate(axes) for _ in axis.values]
        self.start = np.array([values[0] for axis in axes for values in axis.values.values()])
        self.way = np.array([values[-1] - values[0] for axis in axes for values in axis.values.values()])
        inputs = [
            Input(f"{scope}.{name}", ((scope, name),), "", float(min(values[0], values[-1])), float(max(values[0], values[-1])))
            for axis in axes
            for (scope, name), values in axis.values.items()
        ]
        probe = self._inputs(self._points(64))
        self.scenarios = Scenarios(catalogue, variant.product, variant.method, variant.settings, inputs, probe)

    def _points(self, count: int) -> Array:
        """Sobol' points with every corner of the cube among them (n_axes, n_points)."""
        from scipy.stats import qmc

        size = len(self.axes)
        points = qmc.Sobol(size, scramble=True, rng=np.random.default_rng(self.seed)).random(count).T
        corners = np.array(np.meshgrid(*[[0.0, 1.0]] * min(size, 10))).reshape(min(size, 10), -1)
        if size <= 10:
            points[:, : corners.shape[1]] = corners[:, : points.shape[1]]
        return points

    def _inputs(self, points: Array) -> Array:
        found: Array = self.start[:, None] + self.way[:, None] * points[self.owner]
        return found

    def scan(self) -> tuple[Array, Array, NDArray[np.bool_]]:
        """Points, totals and whether they are feasible."""
        points = self._points(SCAN)
        found = self.scenarios.run(self._inputs(points))
        return points, found.total, found.feasible

    def total(self, point: Array) -> float:
        """Total at one point; infinite where it is infeasible."""
        found = self.scenarios.run(self._inputs(point[:, None]))
        return float(found.total[0]) if found.feasible[0] else float("inf")

    def slope(self, point: Array) -> Array:
        """Exact gradient of the total by the positions (n_axes,)."""
        _, slopes = self.scenarios.program.gradient("total", self._inputs(point[:, None])[:, 0].tolist())
        found = np.zeros(len(self.axes))
        np.add.at(found, self.owner, slopes * self.way)
        return found

    def is_monotone(self, points: Array) -> bool:
        """Whether each axis moves the total one way at every one of a few hundred points."""
        slopes = np.array([self.slope(points[:, index]) for index in range(0, points.shape[1], points.shape[1] // 256)])
        return bool(np.all((slopes >= -1e-12).all(axis=0) | (slopes <= 1e-12).all(axis=0)))

    def lowest(self, start: Array) -> Array:
        """A low point near a start, by projected steps along the gradient."""
        point, step = start.copy(), 0.25
        value = self.total(point)
        while step > 1e-6:
            slope = self.slope(point)
            size = np.abs(slope).max()
            trial = np.clip(point - step * slope / size, 0, 1) if size else point
            found = self.total(trial)
            if found < value:
                point, value = trial, found
            else:
                step /= 2
        return point

    def cheapest(self, start: Array, target: float, weights: Array) -> Array:
        """From a point that meets the target, the cheapest one that still does: towards the origin, one axis after another."""
        point = start.copy()
        for axis in np.flatnonzero(weights == 0):
            # What costs nothing goes to its better end first.
            ends = [np.where(np.arange(len(point)) == axis, end, point) for end in (0.0, 1.0)]
            point = min((point, *ends), key=self.total)
        for axis in [axis for axis in np.argsort(-weights) if weights[axis] > 0]:
            low, high = 0.0, float(point[axis])
            trial = point.copy()
            trial[axis] = 0.0
            if self.total(trial) <= target:
                point = trial
                continue
            for _ in range(60):
                trial[axis] = (low + high) / 2
                if self.total(trial) <= target:
                    high = float(trial[axis])
                else:
                    low = float(trial[axis])
            point[axis] = high
        return point
