"""The recorded model: the same bits as the model itself, guards where it would take another turn, exact gradients."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.engine import calc_totals
from pcf.engine.montecarlo import Sampled, Variant
from pcf.engine.program import CHUNK, Program, finish
from pcf.engine.scenarios import Input, Scenarios
from pcf.engine.tape import Tape
from pcf.model import Method, Settings


def record(function: object, count: int, probe: np.ndarray | None = None) -> Program:
    tape = Tape()
    points = np.linspace(0.5, 2.0, 8) if probe is None else probe
    inputs = [tape.input(f"x{index}", points + index, positive=True) for index in range(count)]
    return finish(tape, {"y": function(*inputs)})  # type: ignore[operator]


def test_a_program_does_what_was_recorded_on_any_number_of_scenarios() -> None:
    def function(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.where(a < b, np.sqrt(a) * b, np.exp(-b) / a) + np.maximum(a, 1.0) ** 2 - np.minimum(b, 3.0)

    program = record(function, 2)
    values = np.random.default_rng(1).uniform(0.1, 4.0, (2, 3 * CHUNK + 17))
    found, broken = program.run(values)
    assert np.array_equal(found["y"], function(*values))
    assert not broken.any()


def test_what_does_not_vary_costs_nothing_later() -> None:
    program = record(lambda a: (a * 0.0 + 7.0) + 1.0 * a, 1)
    assert [operation.name for operation in program.operations] == ["add"]
    assert record(lambda a: a * 0.0 + 7.0, 1).outputs == {"y": 7.0}


def test_a_decision_of_the_probe_is_guarded() -> None:
    def function(a: np.ndarray) -> np.ndarray:
        if np.any(a > 100):
            return np.where(a > 100, 0.0, a)
        return a + 1.0

    program = record(function, 1)
    _, broken = program.run(np.array([[1.0, 101.0, 5.0]]))
    assert broken.tolist() == [False, True, False]
    general = record(function, 1, np.array([1.0, 500.0]))
    found, broken = general.run(np.array([[1.0, 101.0, 5.0]]))
    assert found["y"].tolist() == [1.0, 0.0, 5.0]
    assert not broken.any()


def test_a_division_by_zero_is_guarded_where_the_value_had_to_be_finite() -> None:
    def function(a: np.ndarray) -> np.ndarray:
        ratio = 1 / (a - 3)
        assert np.all(np.isfinite(ratio))
        return ratio + 2.0

    _, broken = record(function, 1).run(np.array([[1.0, 3.0]]))
    assert broken.tolist() == [False, True]


@settings(max_examples=30, deadline=None)
@given(a=st.floats(0.2, 3), b=st.floats(0.2, 3), c=st.floats(0.2, 3))
def test_gradients_are_those_of_calculus(a: float, b: float, c: float) -> None:
    # f = a b² / c + exp(-a) + max(b, 5) ; df/da = b²/c - exp(-a), df/db = 2ab/c, df/dc = -a b²/c²
    program = record(lambda x, y, z: x * y**2 / z + np.exp(-x) + np.maximum(y, 50.0), 3)
    value, slopes = program.gradient("y", [a, b, c])
    assert value == pytest.approx(a * b**2 / c + np.exp(-a) + 50)
    assert slopes == pytest.approx([b**2 / c - np.exp(-a), 2 * a * b / c, -a * b**2 / c**2], rel=1e-12)


@pytest.mark.parametrize("product", ["hqalight", "a356.2", "can-stock-3104", "packaging-recycled", "primary-group"])
def test_recorded_scenarios_have_the_bits_of_composed_ones(catalogue: Catalogue, product: str) -> None:
    sampled = Sampled(catalogue, Variant(product), seed=3, stages=True)
    values = sampled.inputs(0, 400)
    outcome = sampled.scenarios.run(values)
    chosen, factors = {}, {}
    for item, row in zip(sampled.uncertain, values, strict=True):
        chosen |= dict.fromkeys(item.input.targets, row)
        if item.input.factor:
            factors[item.input.factor] = row
    whole = calc_totals(catalogue, product, Method(), Settings(chosen, factors=factors), 400)
    assert np.array_equal(outcome.total, whole)
    assert np.sum(list(outcome.stages.values()), axis=0) == pytest.approx(outcome.total, rel=1e-12)


def test_a_scenario_beyond_the_probe_is_composed_anew(catalogue: Catalogue) -> None:
    key = ("product:primary-captive-coal", "own_use_rate")
    item = Input("own use", (key,), "", 0.0, 1.0)
    scenarios = Scenarios(
        catalogue, "primary-captive-coal", Method(), Settings(), [item], np.linspace(0.05, 0.1, 16)[None, :]
    )  # fmt: skip
    found = scenarios.run(np.array([[0.06, 1.0, 0.08]]))
    # At own use of 1 the power plant eats all it makes: no number, and not another scenario's either.
    assert np.isnan(found.total[1])
    assert not found.feasible[1]
    alone = [calc_totals(catalogue, "primary-captive-coal", Method(), Settings({key: rate}), 1)[0] for rate in (0.06, 0.08)]
    assert found.total[[0, 2]].tolist() == alone
