"""What drives a footprint: one-at-a-time tornado, exact gradients, Sobol' indices, and the few-parameter formula."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.montecarlo import Sampled, Variant
from pcf.engine.uncertain import Uncertain, draw, normalise

Array = NDArray[np.float64]

TORNADO = (0.05, 0.95)
"""Probabilities at which an input stands in the tornado."""

RESAMPLES = 200
"""Bootstrap resamples behind a confidence interval."""


@dataclass(frozen=True)
class Driver:
    """One uncertain input and what it does to the total [tCO2e per t].

    Parameters
    ----------
    item : Uncertain
    low_value, high_value : float
        The input at the tornado's probabilities [base unit].
    low, high : float
        Total with the input there and everything else at its base value.
    slope : float
        Exact derivative of the total by the input at the base values [tCO2e/t per base unit].
    elasticity : float
        Relative change of the total per relative change of the input [1].
    """

    item: Uncertain
    low_value: float
    high_value: float
    low: float
    high: float
    slope: float
    elasticity: float

    @property
    def swing(self) -> float:
        """Size of the input's effect [tCO2e per t]."""
        return abs(self.high - self.low)


@dataclass(frozen=True)
class Index:
    """First- and total-order Sobol' index of an input with 95 % bootstrap intervals [1]."""

    item: Uncertain
    first: float
    first_interval: tuple[float, float]
    total: float
    total_interval: tuple[float, float]


def calc_tornado(sampled: Sampled) -> list[Driver]:
    """Every input at its 5 % and 95 % quantile, one at a time, largest swing first."""
    items = sampled.uncertain
    base = np.array([item.quantity.value for item in items])
    points = np.repeat(base[:, None], 2 * len(items), axis=1)
    ends = np.array([_ends(item, items) for item in items]).reshape(-1, 2)
    for index, item in enumerate(items):
        place = slice(2 * index, 2 * index + 2)
        points[index, place] = ends[index]
        if item.group:
            # The other shares of a group make room in proportion.
            others = [row for row, other in enumerate(items) if other.group == item.group and row != index]
            points[others, place] *= (1 - ends[index]) / (1 - base[index])
    totals = sampled.scenarios.run(points).total
    value, slopes = sampled.scenarios.program.gradient("total", base.tolist())
    found = [
        Driver(
            item, float(ends[index, 0]), float(ends[index, 1]), float(totals[2 * index]), float(totals[2 * index + 1]),
            float(slopes[index]), float(slopes[index] * base[index] / value) if value else 0.0,
        )
        for index, item in enumerate(items)
    ]  # fmt: skip
    return sorted(found, key=lambda driver: -driver.swing)


def _ends(item: Uncertain, items: Sequence[Uncertain]) -> Array:
    """An input at the tornado's probabilities [base unit]; a share of a Dirichlet distribution has a beta one for itself."""
    if not item.group:
        return item.distribution.quantile(np.array(TORNADO))
    from scipy.special import betaincinv

    own = item.distribution.parameters[0]
    whole = sum(other.distribution.parameters[0] for other in items if other.group == item.group)
    found: Array = betaincinv(own, whole - own, np.array(TORNADO))
    return found


def calc_sobol(sampled: Sampled, size: int = 4096, seed: int = 0) -> list[Index]:
    """Sobol' indices of every input, largest total effect first.

    Parameters
    ----------
    sampled : Sampled
    size : int
        Points of each of the two base samples; `(n_inputs + 2) * size` scenarios are computed.
    seed : int

    Notes
    -----
    Estimators of `scipy.stats.sobol_indices` (Saltelli et al. 2010, doi 10.1016/j.cpc.2009.09.018) on outputs of the recorded
    model; intervals by a percentile bootstrap over the points (scipy's own takes half a minute for a hundred inputs). A linear chain of products and sums has few interactions, so first and total order lie close together; where
    they part, inputs act together.
    """
    items = sampled.uncertain
    first, second = (draw(items, seed, 0, size, label=label) for label in ("sobol a ", "sobol b "))

    def outputs(change: int) -> Array:
        points = first.copy()
        points[change] = second[change]
        # Shares that change alone take the others along, so that their sum stays 1.
        return sampled.scenarios.run(normalise(items, points)).total

    mixed = np.array([outputs(index) for index in range(len(items))])
    found = calc_indices(sampled.scenarios.run(first).total, sampled.scenarios.run(second).total, mixed, seed)
    return sorted((Index(item, *rest) for item, rest in zip(items, found, strict=True)), key=lambda index: -index.total)


def calc_indices(
    a: Array, b: Array, mixed: Array, seed: int = 0
) -> list[tuple[float, tuple[float, float], float, tuple[float, float]]]:
    """First and total order of each input with their 95 % intervals.

    Parameters
    ----------
    a, b : (n,)
        Outputs of two independent samples; n a power of two.
    mixed : (n_inputs, n)
        Outputs of the first sample with one input from the second.
    """
    from scipy.stats import sobol_indices

    middle = float(np.mean(np.concatenate([a, b])))
    a, b, mixed = a - middle, b - middle, mixed - middle
    found = sobol_indices(func={"f_A": a[None, :], "f_B": b[None, :], "f_AB": mixed[:, None, :]}, n=len(a))
    rng = np.random.Generator(np.random.SFC64(seed))
    picks = rng.integers(0, len(a), (RESAMPLES, len(a)))
    variances = np.array([np.var(np.concatenate([a[pick], b[pick]])) for pick in picks])
    result = []
    for index, outputs in enumerate(mixed):
        ones, totals = b * (outputs - a), 0.5 * (a - outputs) ** 2
        spread = [np.array([np.mean(terms[pick]) for pick in picks]) / variances for terms in (ones, totals)]
        result.append(
            (
                float(found.first_order.ravel()[index]), _interval(spread[0]), float(found.total_order.ravel()[index]),
                _interval(spread[1]),
            )
        )  # fmt: skip
    return result


def _interval(values: Array) -> tuple[float, float]:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


@dataclass(frozen=True)
class Simplified:
    """A short formula: `constant + Σ slope × input`, and how well it reproduces the model.

    Parameters
    ----------
    terms : sequence of (Uncertain, float)
        Input and its slope [tCO2e/t per base unit].
    constant : float
        [tCO2e/t]
    explained : float
        Share of the variance that it reproduces on draws of its own [1].
    error : float
        Root mean square error on those draws [tCO2e/t].
    """

    terms: Sequence[tuple[Uncertain, float]]
    constant: float
    explained: float
    error: float


def simplify(catalogue: Catalogue, variant: Variant, wanted: float = 0.95, size: int = 20_000, seed: int = 0) -> Simplified:
    """The shortest linear formula of a product's footprint that reproduces `wanted` of the variance.

    Notes
    -----
    Inputs come in the order of their share of the variance and are fitted by least squares on one half of the draws; the share
    explained and the error are those on the other half, which the fit has not seen.
    """
    sampled = Sampled(catalogue, variant, seed)
    points = sampled._draw(sampled.uncertain, 0, size, "random")
    totals = sampled.scenarios.run(points).total
    known = np.isfinite(totals)
    points, totals = points[:, known], totals[known]
    half = len(totals) // 2
    middle, deviation = points.mean(axis=1), points.std(axis=1)
    scaled = (points - middle[:, None]) / np.where(deviation > 0, deviation, 1.0)[:, None]
    effect = np.abs(scaled[:, :half] @ (totals[:half] - totals[:half].mean()))
    order = np.argsort(-effect)
    found: Simplified | None = None
    for count in range(1, len(order) + 1):
        chosen = order[:count]
        matrix = np.vstack([np.ones(half), scaled[chosen, :half]]).T
        fit, *_ = np.linalg.lstsq(matrix, totals[:half], rcond=None)
        guess = fit[0] + fit[1:] @ scaled[chosen, half:]
        error = float(np.sqrt(np.mean((guess - totals[half:]) ** 2)))
        explained = 1 - error**2 / float(np.var(totals[half:]))
        slopes = fit[1:] / deviation[chosen]
        found = Simplified(
            [(sampled.uncertain[int(index)], float(slope)) for index, slope in zip(chosen, slopes, strict=True)],
            float(fit[0] - slopes @ middle[chosen]), float(explained), error,
        )  # fmt: skip
        if explained >= wanted:
            break
    return found or Simplified([], sampled.base, 1.0, 0.0)
