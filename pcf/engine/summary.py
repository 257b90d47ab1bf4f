"""Statistics of very many numbers that are never all in memory: moments, quantiles, standard error, convergence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BINS = 16_384
"""Bins of the histogram behind the quantiles: their error is below a five-thousandth of the spread of the values."""

QUANTILES = (0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975)


@dataclass(frozen=True)
class Step:
    """How far a run had come: scenarios, mean and its standard error."""

    size: int
    mean: float
    standard_error: float


@dataclass
class Summary:
    """Running statistics; values come block by block, and the same blocks in the same order give the same figures.

    Parameters
    ----------
    independent : bool
        Whether the values of one block are independent; else only the means of blocks are, as under Latin hypercube and Sobol'
        sampling.
    """

    independent: bool = True
    count: int = 0
    mean: float = 0.0
    least: float = math.inf
    most: float = -math.inf
    steps: list[Step] = field(default_factory=list)
    _squares: float = 0.0
    _first: Array | None = None
    _edges: tuple[float, float] = (0.0, 0.0)
    _bins: NDArray[np.int64] | None = None
    _means: list[float] = field(default_factory=list)

    def add(self, values: Array) -> None:
        """Take in a block of finite values (n,)."""
        if not len(values):
            return
        size, mean = len(values), float(np.mean(values))
        squares = float(np.sum((values - mean) ** 2))
        whole = self.count + size
        shift = mean - self.mean
        # Chan, Golub and LeVeque (1983), doi 10.1080/00031305.1983.10483115
        self._squares += squares + shift**2 * self.count * size / whole
        self.mean += shift * size / whole
        self.count = whole
        self.least, self.most = min(self.least, float(values.min())), max(self.most, float(values.max()))
        self._means.append(mean)
        self._sort(values)
        if not self.steps or self.count >= 2 * self.steps[-1].size:
            self.steps.append(Step(self.count, self.mean, self.standard_error))

    def _sort(self, values: Array) -> None:
        if self._first is None and self._bins is None:
            self._first = values.copy()
            return
        if self._bins is None:
            assert self._first is not None
            low, high = float(self._first.min()), float(self._first.max())
            room = (high - low) or max(abs(low), 1.0) * 1e-9
            self._edges = (low - room, high + room)
            self._bins = self._histogram(self._first)
        self._bins = self._bins + self._histogram(values)

    def _histogram(self, values: Array) -> NDArray[np.int64]:
        low, high = self._edges
        place = ((values - low) * (BINS / (high - low))).astype(np.int64)
        return np.bincount(np.clip(place, 0, BINS - 1), minlength=BINS)

    @property
    def deviation(self) -> float:
        """Standard deviation."""
        return math.sqrt(self._squares / (self.count - 1)) if self.count > 1 else 0.0

    @property
    def standard_error(self) -> float:
        """Standard error of the mean; NaN where a single block cannot tell."""
        if self.independent:
            return self.deviation / math.sqrt(self.count) if self.count else math.nan
        if len(self._means) < 2:
            return math.nan
        return float(np.std(self._means, ddof=1)) / math.sqrt(len(self._means))

    def quantiles(self, probabilities: Sequence[float] = QUANTILES) -> list[float]:
        """Quantiles: exact for one block, interpolated in the histogram for more."""
        if self._bins is None:
            first = self._first if self._first is not None else np.array([math.nan])
            return [float(value) for value in np.quantile(first, list(probabilities))]
        low, high = self._edges
        edges = np.linspace(low, high, BINS + 1)
        reached = np.concatenate([[0.0], np.cumsum(self._bins) / self.count])
        found = np.interp(list(probabilities), reached, edges)
        return [float(value) for value in np.clip(found, self.least, self.most)]

    def density(self, bins: int = 60) -> tuple[Array, Array]:
        """Histogram for a picture: edges (bins + 1,) and the share in each bin (bins,)."""
        if self._bins is None:
            values = self._first if self._first is not None else np.zeros(1)
            counts, edges = np.histogram(values, bins)
            return edges, counts / counts.sum()
        low, high = self.quantiles((0.001, 0.999))
        edges = np.linspace(low, high, bins + 1)
        fine = np.linspace(*self._edges, BINS + 1)
        reached = np.interp(edges, fine, np.concatenate([[0.0], np.cumsum(self._bins) / self.count]))
        return edges, np.diff(reached)
