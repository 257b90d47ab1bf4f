"""Distributions of uncertain values: from a value's spread, by inversion, and to and from the vocabulary of `stats_arrays`.

Every distribution is sampled by its quantile function, so that random numbers, Latin hypercubes and Sobol' points take one way.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.errors import InputError

Array = NDArray[np.float64]

INTERVAL = 0.95
"""Probability inside `low` and `high` of a normal or lognormal value; of the others they are the ends."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "lognormal": ("median", "deviation"),
    "normal": ("mean", "deviation"),
    "triangular": ("low", "mode", "high"),
    "uniform": ("low", "high"),
    "beta": ("low", "mode", "high"),
}
"""Kind → its parameters; `deviation` of a lognormal is that of the logarithm, `beta` is the PERT form with weight 4."""

PERT_WEIGHT = 4.0


@dataclass(frozen=True)
class Distribution:
    """A distribution of one value [unit of the value], cut to `lowest` and `highest`.

    Parameters
    ----------
    kind : str
        A key of `KINDS`, or `discrete`; `gamma` is one part of a Dirichlet distribution before its parts are divided by their sum.
    parameters : tuple of float
        In the order of `KINDS`; for `discrete` the values.
    lowest, highest : float
        Permitted range: the distribution is cut there, not clipped.
    weights : tuple of float
        Of `discrete`: probabilities that sum to 1.

    Raises
    ------
    InputError
        For a distribution that cannot be: bounds crossed, a deviation below zero, weights that do not sum to 1.
    """

    kind: str
    parameters: tuple[float, ...]
    lowest: float = -math.inf
    highest: float = math.inf
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        values = self.parameters
        if self.kind == "gamma":
            if len(values) != 1 or not math.isfinite(values[0]) or values[0] <= 0:
                raise InputError("distribution dirichlet", f"{values}", "a concentration above zero")
            return
        if self.kind not in {*KINDS, "discrete"}:
            raise InputError("distribution", repr(self.kind), ", ".join((*KINDS, "discrete")))
        if not values or not all(math.isfinite(value) for value in (*values, *self.weights)):
            raise InputError(f"distribution {self.kind}", str(values), "finite numbers")
        if self.kind == "discrete":
            if len(values) != len(self.weights) or min(self.weights) < 0 or abs(sum(self.weights) - 1) > 1e-9:
                raise InputError(
                    "distribution discrete", f"weights {self.weights}", "a weight of zero or more a value, summing to 1"
                )
            return
        if len(values) != len(KINDS[self.kind]):
            raise InputError(f"distribution {self.kind}", f"{len(values)} parameters", ", ".join(KINDS[self.kind]))
        if self.kind in {"lognormal", "normal"}:
            if values[1] < 0:
                raise InputError(f"distribution {self.kind}", f"deviation {values[1]:g}", "zero or more")
            if self.kind == "lognormal" and values[0] <= 0:
                raise InputError("distribution lognormal", f"median {values[0]:g}", "above zero")
        elif list(values) != sorted(values):
            raise InputError(f"distribution {self.kind}", f"bounds {values}", f"{' <= '.join(KINDS[self.kind])}")
        if self.lowest > self.highest:
            raise InputError(f"distribution {self.kind}", f"range {self.lowest:g} to {self.highest:g}", "the lowest first")

    @property
    def is_constant(self) -> bool:
        """Whether there is only one value."""
        if self.kind == "discrete":
            return sum(weight > 0 for weight in self.weights) == 1
        if self.kind == "gamma":
            return False
        if self.kind in {"lognormal", "normal"}:
            return self.parameters[1] == 0
        return self.parameters[0] == self.parameters[-1]

    def quantile(self, probability: Array) -> Array:
        """Values at probabilities in (0, 1), any shape."""
        if self.is_constant:
            return np.full_like(probability, self._constant)
        low, high = self._cut
        u = low + (high - low) * probability if (low, high) != (0.0, 1.0) else probability
        found = _QUANTILES[self.kind](u, self)
        if math.isfinite(self.lowest) or math.isfinite(self.highest):
            return np.clip(found, self.lowest, self.highest, out=found)
        return found

    @property
    def _constant(self) -> float:
        if self.kind == "discrete":
            return next(value for value, weight in zip(self.parameters, self.weights, strict=True) if weight > 0)
        return self.parameters[0]

    @property
    def _cut(self) -> tuple[float, float]:
        """Probabilities of the permitted range, for the kinds without ends of their own."""
        from scipy.special import ndtr

        if self.kind not in {"lognormal", "normal"}:
            return 0.0, 1.0
        middle, deviation = self.parameters
        if self.kind == "lognormal":
            ends = [math.log(end / middle) / deviation if end > 0 else -math.inf for end in (self.lowest, self.highest)]
        else:
            ends = [(end - middle) / deviation for end in (self.lowest, self.highest)]
        low, high = float(ndtr(ends[0])), float(ndtr(ends[1]))
        if high - low < 1e-6:
            raise InputError(
                f"distribution {self.kind}", "next to nothing inside the permitted range", "a spread around the range"
            )
        return low, high


def _normal(u: Array, item: Distribution) -> Array:
    from scipy.special import ndtri

    found: Array = item.parameters[0] + item.parameters[1] * ndtri(u)
    return found


def _lognormal(u: Array, item: Distribution) -> Array:
    from scipy.special import ndtri

    found: Array = item.parameters[0] * np.exp(item.parameters[1] * ndtri(u))
    return found


def _triangular(u: Array, item: Distribution) -> Array:
    low, mode, high = item.parameters
    width = high - low
    turn = (mode - low) / width
    rising = low + np.sqrt(u * (width * (mode - low)))
    falling = high - np.sqrt((1 - u) * (width * (high - mode)))
    return np.where(u < turn, rising, falling)


def _uniform(u: Array, item: Distribution) -> Array:
    low, high = item.parameters
    return low + (high - low) * u


def _beta(u: Array, item: Distribution) -> Array:
    from scipy.special import betaincinv

    low, mode, high = item.parameters
    first = 1 + PERT_WEIGHT * (mode - low) / (high - low)
    last = 1 + PERT_WEIGHT * (high - mode) / (high - low)
    found: Array = low + (high - low) * betaincinv(first, last, u)
    return found


def _discrete(u: Array, item: Distribution) -> Array:
    edges = np.cumsum(item.weights)[:-1]
    return np.asarray(item.parameters)[np.searchsorted(edges, u, side="right")]


def _gamma(u: Array, item: Distribution) -> Array:
    from scipy.special import gammaincinv

    found: Array = np.asarray(gammaincinv(item.parameters[0], u), dtype=float)
    return found


_QUANTILES = {
    "lognormal": _lognormal, "normal": _normal, "triangular": _triangular, "uniform": _uniform, "beta": _beta,
    "discrete": _discrete, "gamma": _gamma,
}  # fmt: skip


def from_spread(
    value: float, spread: Mapping[str, Any], limits: tuple[float, float] | None, variances: Mapping[str, Sequence[float]]
) -> Distribution:
    """Distribution of a value from the spread that its record has [base unit].

    Parameters
    ----------
    value : float
        Mode of a triangular or beta spread; median of a lognormal one; mean of a normal one.
    spread : mapping
        As `pcf.catalogue` gives it: `distribution` with `low` and `high`, or five `pedigree` scores.
    limits : tuple of float or None
        Permitted range of the value.
    variances : mapping of indicator to five floats
        Variance of the logarithm that each pedigree score adds, for pedigree spreads.

    Raises
    ------
    InputError
        For a spread that cannot be a distribution.
    """
    lowest, highest = limits or (-math.inf, math.inf)
    kind = spread["distribution"]
    if kind == "pedigree":
        if not variances:
            raise InputError("pedigree", "no variances by score", "rows pedigree-<indicator>-<score> in factors/rules.csv")
        parts = [scores[int(score) - 1] for score, scores in zip(spread["pedigree"], variances.values(), strict=True)]
        return Distribution("lognormal", (value, math.sqrt(sum(parts))), lowest, highest)
    low, high = float(spread["low"]), float(spread["high"])
    quantile = 1.959963984540054  # of the standard normal at (1 + INTERVAL) / 2
    if kind == "normal":
        return Distribution("normal", (value, (high - low) / (2 * quantile)), lowest, highest)
    if kind == "lognormal":
        return Distribution("lognormal", (value, math.log(high / low) / (2 * quantile)), lowest, highest)
    if kind == "uniform":
        return Distribution("uniform", (max(low, lowest), min(high, highest)))
    return Distribution(kind, (max(low, lowest), value, min(high, highest)))


_STATS_ARRAYS = {"lognormal": 2, "normal": 3, "uniform": 4, "triangular": 5}


def to_stats_arrays(item: Distribution) -> dict[str, float]:
    """The distribution as a row of `stats_arrays`: `uncertainty_type`, `loc`, `scale`, `shape`, `minimum`, `maximum`.

    Raises
    ------
    InputError
        For `discrete` and a PERT form, which that vocabulary does not have.
    """
    if item.kind not in _STATS_ARRAYS:
        raise InputError("stats_arrays", item.kind, ", ".join(_STATS_ARRAYS))
    row = {"uncertainty_type": _STATS_ARRAYS[item.kind], "loc": math.nan, "scale": math.nan, "shape": math.nan}
    ends = {"minimum": item.lowest, "maximum": item.highest}
    values = item.parameters
    if item.kind == "uniform":
        ends = {"minimum": values[0], "maximum": values[1]}
    elif item.kind == "triangular":
        row["loc"], ends = values[1], {"minimum": values[0], "maximum": values[2]}
    else:
        row["loc"], row["scale"] = (math.log(values[0]) if item.kind == "lognormal" else values[0]), values[1]
    return {**row, **{key: end if math.isfinite(end) else math.nan for key, end in ends.items()}}


def from_stats_arrays(row: Mapping[str, Any]) -> Distribution:
    """A distribution from a row of `stats_arrays`."""
    kinds = {number: kind for kind, number in _STATS_ARRAYS.items()}
    kind = kinds.get(int(row["uncertainty_type"]))
    if kind is None:
        raise InputError("stats_arrays", f"uncertainty_type {row['uncertainty_type']}", ", ".join(map(str, kinds)))
    low, high = float(row.get("minimum", math.nan)), float(row.get("maximum", math.nan))
    if kind == "uniform":
        return Distribution(kind, (low, high))
    if kind == "triangular":
        return Distribution(kind, (low, float(row["loc"]), high))
    middle = math.exp(float(row["loc"])) if kind == "lognormal" else float(row["loc"])
    lowest, highest = (-math.inf if math.isnan(low) else low), (math.inf if math.isnan(high) else high)
    return Distribution(kind, (middle, float(row["scale"])), lowest, highest)
