"""Distributions against published moments and SciPy, cut to ranges, and as rows of stats_arrays."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from pcf.engine.distributions import Distribution, from_spread, from_stats_arrays, to_stats_arrays
from pcf.errors import InputError

U = (np.arange(200_000) + 0.5) / 200_000


@pytest.mark.parametrize(
    ("item", "mean", "variance"),
    [
        # Johnson, Kotz and Balakrishnan: (a+b+c)/3 and (a²+b²+c²-ab-ac-bc)/18; (a+b)/2 and (b-a)²/12
        (Distribution("triangular", (1.0, 2.0, 6.0)), 3.0, (1 + 4 + 36 - 2 - 6 - 12) / 18),
        (Distribution("uniform", (1.0, 4.0)), 2.5, 9 / 12),
        (Distribution("normal", (5.0, 2.0)), 5.0, 4.0),
        # exp(s²/2), (exp(s²)-1) exp(s²)
        (Distribution("lognormal", (1.0, 0.5)), math.exp(0.125), (math.exp(0.25) - 1) * math.exp(0.25)),
        # PERT: mean (a+4m+b)/6, variance (mean-a)(b-mean)/7
        (Distribution("beta", (0.0, 3.0, 6.0)), 3.0, 9 / 7),
        (Distribution("discrete", (1.0, 2.0, 5.0), weights=(0.5, 0.3, 0.2)), 2.1, 0.5 + 1.2 + 5 - 2.1**2),
    ],
)
def test_moments_are_those_of_the_textbook(item: Distribution, mean: float, variance: float) -> None:
    values = item.quantile(U.copy())
    assert values.mean() == pytest.approx(mean, rel=2e-4)
    assert values.var() == pytest.approx(variance, rel=2e-3)


def test_a_normal_value_is_cut_to_its_range_not_clipped() -> None:
    item = Distribution("normal", (0.0, 1.0), lowest=-0.5, highest=2.0)
    values = item.quantile(U.copy())
    reference = stats.truncnorm(-0.5, 2.0)
    assert values.min() >= -0.5
    assert values.max() <= 2.0
    assert values == pytest.approx(reference.ppf(U), abs=1e-9)


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("normal", (1.0, -0.1)), ("lognormal", (-1.0, 0.1)), ("lognormal", (1.0, -0.1)), ("triangular", (3.0, 2.0, 4.0)),
        ("uniform", (2.0, 1.0)), ("beta", (0.0, 7.0, 6.0)), ("uniform", (0.0, math.nan)), ("normal", (math.inf, 1.0)),
        ("gamma", (1.0, 1.0)), ("triangular", (1.0, 2.0)),
    ],
)  # fmt: skip
def test_a_distribution_that_cannot_be_is_refused(kind: str, parameters: tuple[float, ...]) -> None:
    with pytest.raises(InputError):
        Distribution(kind, parameters)


@pytest.mark.parametrize("weights", [(0.5, 0.4), (1.5, -0.5), (1.0,)])
def test_weights_that_are_no_probabilities_are_refused(weights: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="weight"):
        Distribution("discrete", (1.0, 2.0), weights=weights)


def test_low_and_high_are_ends_or_the_95_per_cent_interval() -> None:
    triangular = from_spread(2.0, {"distribution": "triangular", "low": 1.0, "high": 5.0}, None, {})
    assert triangular.parameters == (1.0, 2.0, 5.0)
    normal = from_spread(2.0, {"distribution": "normal", "low": 1.0, "high": 3.0}, None, {})
    assert normal.quantile(np.array([0.025, 0.975])) == pytest.approx([1.0, 3.0])
    lognormal = from_spread(2.0, {"distribution": "lognormal", "low": 1.0, "high": 4.0}, None, {})
    assert lognormal.quantile(np.array([0.025, 0.5, 0.975])) == pytest.approx([1.0, 2.0, 4.0])


def test_pedigree_scores_add_their_variances() -> None:
    variances = {"first": (0.0, 0.01, 0.04, 0.09, 0.16), "second": (0.0, 0.0, 0.05, 0.1, 0.2)}
    item = from_spread(3.0, {"distribution": "pedigree", "pedigree": [2, 3]}, None, variances)
    assert item.kind == "lognormal"
    assert item.parameters == pytest.approx((3.0, math.sqrt(0.06)))


@pytest.mark.parametrize(
    "item",
    [
        Distribution("lognormal", (2.0, 0.3)), Distribution("normal", (2.0, 0.3), lowest=0.0), Distribution("uniform", (1.0, 2.0)),
        Distribution("triangular", (1.0, 2.0, 4.0)),
    ],
)  # fmt: skip
def test_stats_arrays_reads_what_is_written_and_means_the_same(item: Distribution) -> None:
    import stats_arrays

    row = to_stats_arrays(item)
    again = from_stats_arrays(row)
    assert again.kind == item.kind
    assert again.parameters == pytest.approx(item.parameters)
    array = stats_arrays.UncertaintyBase.from_dicts(row)
    theirs = stats_arrays.uncertainty_choices[int(row["uncertainty_type"])].ppf(array, np.array([[0.1], [0.5], [0.9]]).T).ravel()
    if not math.isfinite(item.lowest):
        assert item.quantile(np.array([0.1, 0.5, 0.9])) == pytest.approx(theirs, rel=1e-9)


def test_kinds_that_stats_arrays_lacks_are_refused() -> None:
    with pytest.raises(InputError):
        to_stats_arrays(Distribution("discrete", (1.0, 2.0), weights=(0.5, 0.5)))
    with pytest.raises(InputError):
        from_stats_arrays({"uncertainty_type": 9, "loc": 1.0})
