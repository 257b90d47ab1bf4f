"""Draws, statistics, uncertainty and comparisons."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from pcf.catalogue import Catalogue
from pcf.engine import calculate
from pcf.engine.brightway import solve_brightway
from pcf.engine.distributions import Distribution
from pcf.engine.draws import BLOCK, draw_block
from pcf.engine.montecarlo import Sampled, Variant, run_uncertainty
from pcf.engine.paired import compare
from pcf.engine.reference import solve_reference
from pcf.engine.sensitivity import calc_indices, calc_tornado, simplify
from pcf.engine.summary import Summary
from pcf.engine.uncertain import share_inputs
from pcf.errors import InputError
from pcf.model import Method, Settings, compose

UNIFORM = Distribution("uniform", (0.0, 1.0))


def test_an_input_keeps_its_draws_whatever_else_is_drawn() -> None:
    alone = draw_block(["a"], [UNIFORM], 7, 0, 1000)
    beside = draw_block(["z", "a", "b"], [UNIFORM] * 3, 7, 0, 1000)
    assert np.array_equal(alone[0], beside[1])
    assert not np.array_equal(beside[0], beside[1])
    assert not np.array_equal(alone, draw_block(["a"], [UNIFORM], 8, 0, 1000))
    longer = draw_block(["a"], [UNIFORM], 7, 0, 2000)
    assert np.array_equal(longer[0][:1000], alone[0])


@pytest.mark.parametrize("sampler", ["latin", "sobol"])
def test_stratified_draws_fill_every_stratum(sampler: str) -> None:
    values = draw_block(["a", "b"], [UNIFORM] * 2, 1, 0, 1024, sampler)
    for row in values:
        assert np.bincount((row * 1024).astype(int), minlength=1024).max() <= (1 if sampler == "latin" else 2)
    assert abs(np.corrcoef(values)[0, 1]) < 0.1


def test_statistics_by_blocks_are_those_of_the_whole() -> None:
    values = np.random.default_rng(5).lognormal(0.0, 0.4, 300_000)
    summary = Summary()
    for part in np.array_split(values, 5):
        summary.add(part)
    assert summary.mean == pytest.approx(values.mean(), rel=1e-12)
    assert summary.deviation == pytest.approx(values.std(ddof=1), rel=1e-10)
    assert summary.standard_error == pytest.approx(values.std(ddof=1) / np.sqrt(len(values)), rel=1e-10)
    wanted = np.quantile(values, [0.025, 0.5, 0.975])
    assert summary.quantiles((0.025, 0.5, 0.975)) == pytest.approx(wanted.tolist(), rel=2e-4)
    assert [step.size for step in summary.steps] == [60_000, 120_000, 240_000]


def test_without_variance_the_result_is_the_base_case_bit_for_bit(catalogue: Catalogue) -> None:
    sampled = Sampled(catalogue, Variant("a356.2"), seed=1)
    still = np.repeat(np.array([item.quantity.value for item in sampled.uncertain])[:, None], 5, axis=1)
    assert set(sampled.scenarios.run(still).total.tolist()) == {calculate(catalogue, "a356.2").total}


def test_the_same_seed_gives_the_same_figures_on_any_number_of_workers(catalogue: Catalogue) -> None:
    size = 2 * BLOCK + 1000
    one, two = (run_uncertainty(catalogue, Variant("anode"), size, 7, workers=workers) for workers in (1, 2))
    assert one.total.mean == two.total.mean
    assert one.total.quantiles() == two.total.quantiles()
    assert {name: item.mean for name, item in one.stages.items()} == {name: item.mean for name, item in two.stages.items()}
    other = run_uncertainty(catalogue, Variant("anode"), size, 8)
    assert other.total.mean != one.total.mean
    assert other.total.mean == pytest.approx(one.total.mean, abs=6 * one.total.standard_error)


def test_stages_sum_to_the_total_in_the_mean(catalogue: Catalogue) -> None:
    found = run_uncertainty(catalogue, Variant("hqalight"), 4000, 2)
    assert sum(item.mean for item in found.stages.values()) == pytest.approx(found.total.mean, rel=1e-12)


def test_official_factors_do_not_vary(catalogue: Catalogue) -> None:
    sampled = Sampled(catalogue, Variant("hqalight"), seed=1)
    marks = {item.key: item.quantity.marks for item in sampled.uncertain}
    assert not [key for key, item in marks.items() if item.source.startswith("mee-") and item.source_check == "source-read"]


def test_one_factor_in_many_places_is_one_draw(catalogue: Catalogue) -> None:
    sampled = Sampled(catalogue, Variant("primary-group"), seed=1)
    keys = [item.key for item in sampled.uncertain]
    assert len(keys) == len(set(keys))
    shared = [item for item in sampled.uncertain if len(item.input.targets) > 1]
    assert shared, "processes of two sites rest on the same records"


@pytest.mark.parametrize("product", ["hqalight", "can-stock-3104"])
def test_three_solvers_agree_on_the_same_draws(catalogue: Catalogue, product: str) -> None:
    sampled = Sampled(catalogue, Variant(product), seed=11)
    values = sampled.inputs(0, 3)
    totals = sampled.scenarios.run(values).total
    for column, total in zip(values.T, totals, strict=True):
        chosen: dict[tuple[str, str], float] = {}
        factors: dict[str, float] = {}
        for item, value in zip(sampled.uncertain, column, strict=True):
            chosen |= dict.fromkeys(item.input.targets, float(value))
            if item.input.factor:
                factors[item.input.factor] = float(value)
        system = compose(catalogue, product, Method(), Settings(chosen, factors=factors))
        assert solve_reference(system) == pytest.approx(total, rel=1e-10)
        assert solve_brightway(system) == pytest.approx(total, rel=1e-6)


def test_sobol_and_latin_sampling_narrow_the_mean(catalogue: Catalogue) -> None:
    size = 4 * BLOCK
    plain = run_uncertainty(catalogue, Variant("anode"), size, 3)
    for sampler in ("latin", "sobol"):
        found = run_uncertainty(catalogue, Variant("anode"), size, 3, sampler=sampler)
        assert found.total.mean == pytest.approx(plain.total.mean, abs=5 * plain.total.standard_error)
        assert found.total.standard_error < plain.total.standard_error


def test_a_variant_does_not_differ_from_itself(catalogue: Catalogue) -> None:
    found = compare(catalogue, [Variant("hqalight"), Variant("hqalight")], 5000)
    (difference,) = found.differences
    assert difference.summary.least == difference.summary.most == 0.0
    assert not difference.holds_everywhere


def test_what_variants_share_cancels_in_their_difference(catalogue: Catalogue) -> None:
    pair = [Variant("hqalight"), Variant("hqalight", Method(), Settings({("product:hqalight", "dc_saving"): 600 * 3.6e3}))]
    found = compare(catalogue, pair, 5000)
    (difference,) = found.differences
    assert difference.base > 0
    assert difference.probability_lower == 0.0
    assert difference.summary.deviation < 0.05 * found.summaries[0].deviation
    assert difference.claimable < difference.base


def test_indices_are_those_of_the_ishigami_function() -> None:
    # Saltelli et al. 2008: a = 7, b = 0.1; S1 = 0.3139, S2 = 0.4424, S3 = 0; T1 = 0.5576, T2 = 0.4424, T3 = 0.2437.
    rng = np.random.default_rng(4)

    def ishigami(x: np.ndarray) -> np.ndarray:
        return np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])

    first, second = (rng.uniform(-np.pi, np.pi, (3, 2**16)) for _ in range(2))
    mixed = []
    for index in range(3):
        points = first.copy()
        points[index] = second[index]
        mixed.append(ishigami(points))
    found = calc_indices(ishigami(first), ishigami(second), np.array(mixed))
    for (one, low_high, total, total_low_high), wanted, wanted_total in zip(
        found, (0.3139, 0.4424, 0.0), (0.5576, 0.4424, 0.2437), strict=True
    ):
        assert one == pytest.approx(wanted, abs=0.02)
        assert total == pytest.approx(wanted_total, abs=0.02)
        assert low_high[0] - 0.01 <= wanted <= low_high[1] + 0.01
        assert total_low_high[0] - 0.01 <= wanted_total <= total_low_high[1] + 0.01


def test_the_tornado_shows_what_each_input_does_alone(catalogue: Catalogue) -> None:
    sampled = Sampled(catalogue, Variant("hqalight"), seed=1)
    drivers = calc_tornado(sampled)
    assert [item.swing for item in drivers] == sorted((item.swing for item in drivers), reverse=True)
    top = drivers[0]
    settings = Settings(dict.fromkeys(top.item.input.targets, top.high_value))
    if top.item.input.factor:
        settings = dataclasses.replace(settings, factors={top.item.input.factor: top.high_value})
    assert calculate(catalogue, "hqalight", settings=settings).total == pytest.approx(top.high, rel=1e-12)


def test_gradients_agree_with_a_central_difference(catalogue: Catalogue) -> None:
    sampled = Sampled(catalogue, Variant("can-stock-3104"), seed=1)
    for driver in calc_tornado(sampled)[:5]:
        index = sampled.uncertain.index(driver.item)
        base = np.array([item.quantity.value for item in sampled.uncertain])
        step = 1e-5 * base[index]
        points = np.repeat(base[:, None], 2, axis=1)
        points[index] += [-step, step]
        low, high = sampled.scenarios.run(points).total
        assert driver.slope == pytest.approx((high - low) / (2 * step), rel=1e-4)


def test_the_short_formula_reproduces_what_it_says(catalogue: Catalogue) -> None:
    found = simplify(catalogue, Variant("hqalight"), 0.95)
    sampled = Sampled(catalogue, Variant("hqalight"), seed=99)
    values, keys = sampled.inputs(0, 5000), [item.key for item in sampled.uncertain]
    totals = sampled.scenarios.run(values).total
    guess = found.constant + sum(slope * values[keys.index(item.key)] for item, slope in found.terms)
    assert 1 - np.var(guess - totals) / np.var(totals) > 0.93
    assert len(found.terms) < len(keys) / 2


@pytest.mark.parametrize("size", [0, -5, 10**10])
def test_a_size_that_makes_no_sense_is_refused(catalogue: Catalogue, size: int) -> None:
    with pytest.raises(InputError, match="scenarios"):
        run_uncertainty(catalogue, Variant("anode"), size)


def test_shares_with_a_dirichlet_spread_sum_to_one_and_vary_as_the_textbook_says(catalogue: Catalogue) -> None:
    system = compose(catalogue, "primary-shandong", Method(), Settings())
    extra = share_inputs(system, system.own, "electricity_supply", 50.0)
    sampled = Sampled(catalogue, Variant("primary-shandong"), seed=5, extra=extra)
    rows = [index for index, item in enumerate(sampled.uncertain) if item.group]
    values = sampled.inputs(0, 40_000)[rows]
    assert values.sum(axis=0) == pytest.approx(1.0, abs=1e-12)
    for row, index in zip(values, rows, strict=True):
        share = sampled.uncertain[index].quantity.value
        # Dirichlet with sum of parameters 50: mean s, variance s (1 - s) / 51
        assert row.mean() == pytest.approx(share, abs=0.002)
        assert row.var() == pytest.approx(share * (1 - share) / 51, rel=0.05)
    totals = sampled.scenarios.run(sampled.inputs(0, 4000)).total
    assert np.isfinite(totals).all()
    wider = run_uncertainty(catalogue, Variant("primary-shandong"), 4000, 5, extra=extra).total.deviation
    assert wider > run_uncertainty(catalogue, Variant("primary-shandong"), 4000, 5).total.deviation


def test_a_share_alone_takes_the_others_along_in_the_tornado(catalogue: Catalogue) -> None:
    system = compose(catalogue, "primary-shandong", Method(), Settings())
    extra = share_inputs(system, system.own, "electricity_supply", 50.0)
    drivers = calc_tornado(Sampled(catalogue, Variant("primary-shandong"), seed=5, extra=extra))
    coal = next(item for item in drivers if item.item.key.endswith("own_coal"))
    rest = (1 - coal.high_value) / (1 - 0.57)
    shares = {"own_coal": coal.high_value, "own_pv": 0.02 * rest, "grid": 0.41 * rest}
    chosen = Settings({("product:primary-shandong", f"electricity_supply__{key}"): value for key, value in shares.items()})
    assert coal.high == pytest.approx(calculate(catalogue, "primary-shandong", settings=chosen).total, rel=1e-9)


@pytest.mark.parametrize("concentration", [0.0, -5.0, float("nan"), float("inf")])
def test_a_dirichlet_spread_that_is_not_positive_is_refused(catalogue: Catalogue, concentration: float) -> None:
    system = compose(catalogue, "primary-shandong", Method(), Settings())
    with pytest.raises(InputError, match="above zero"):
        share_inputs(system, system.own, "electricity_supply", concentration)
