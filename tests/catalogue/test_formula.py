"""The formula language against Python itself, and everything that it must refuse."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.catalogue.formula import dimension_of, ensure_finite, evaluate, names, order_definitions, parse
from pcf.errors import InputError
from pcf.units import dimension

_NUMBERS = st.floats(0.01, 100).map(lambda value: f"{value!r}")
_LEAVES = st.one_of(_NUMBERS, st.sampled_from(["a", "b", "c"]))
_FORMULAS = st.recursive(
    _LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda parts: f"({parts[0]})**{parts[1]}"),
        inner.map(lambda item: f"(-{item})"),
        st.tuples(inner, inner).map(lambda parts: f"min({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner).map(lambda parts: f"max({parts[0]}, {parts[1]})"),
        inner.map(lambda item: f"abs({item})"),
    ),
    max_leaves=8,
)


@given(formula=_FORMULAS, a=st.floats(0.1, 10), b=st.floats(0.1, 10), c=st.floats(0.1, 10))
def test_formulas_mean_what_python_says(formula: str, a: float, b: float, c: float) -> None:
    try:
        expression = parse(formula, "test")
    except InputError:
        return  # too long or too deep
    namespace = {"a": a, "b": b, "c": c}
    try:
        wanted = float(eval(formula, {"__builtins__": {}, "min": min, "max": max, "abs": abs}, namespace))  # noqa: S307 - our own strategy's text
    except (ZeroDivisionError, OverflowError):
        return
    if not math.isfinite(wanted):
        return
    assert evaluate(expression, namespace) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    arrays = {name: np.full(3, value) for name, value in namespace.items()}
    assert np.allclose(evaluate(expression, arrays), wanted, rtol=1e-9, atol=1e-12)


def test_where_chooses_by_scenario() -> None:
    expression = parse("where(a > 2, b, 0)", "test")
    assert list(evaluate(expression, {"a": np.array([1.0, 3.0]), "b": 5.0})) == [0, 5]


HOSTILE = [
    "__import__('os').system('id')", "().__class__", "a.b", "a[0]", "[a]", "{a}", "lambda: a", "a if b else c", "a and b", "not a",
    "a := 1", "f'{a}'", "'text'", "True", "None", "1j", "a < b", "min(a)", "min(*a)", "min(a, b, key=c)", "open('x')", "eval('1')",
    "where(a, b, c)", "a ** b", "a ** 4", "a ** (1 + 1)", "9 ** 9 ** 9", "1e999", "exec", "A", "_a", "a; b", "a\x00b", "é", "1_000 +",
    "a @ b", "a // b", "a % b", "a << 2", "~a", "print(a)", "a.__init__.__globals__", "0x", "", " ", "ａ + b",
    "(" * 40 + "a" + ")" * 40, "+".join(["a"] * 400), "a" * 600, "-" * 60 + "a", "a # text", "0x10", "0o7", "0b1", "1_0",
    "1if 1else a", "1or a", "1.real", "2a", "a!b",
]  # fmt: skip


@pytest.mark.parametrize("formula", HOSTILE, ids=[item[:24] for item in HOSTILE])
def test_what_is_not_arithmetic_is_refused(formula: str) -> None:
    if formula == "exec":  # a name like any other: it is refused where it is looked up
        assert names(parse(formula, "there")) == {"exec"}
        return
    with pytest.raises(InputError) as caught:
        parse(formula, "there")
    assert caught.value.place == "there"


@given(st.text(max_size=60))
def test_any_text_is_a_formula_or_a_refusal(text: str) -> None:
    with contextlib.suppress(InputError):
        parse(text, "place")


def test_a_division_by_zero_is_found_not_raised() -> None:
    value = evaluate(parse("a / b", "test"), {"a": 1.0, "b": 0.0})
    with pytest.raises(InputError, match="division by zero"):
        ensure_finite(value, "there")


def test_dimensions_follow_the_arithmetic() -> None:
    dims = {"e": dimension("kWh/t"), "p": dimension("kgCO2e/kWh"), "m": dimension("kg")}
    assert dimension_of(parse("e * p", "t"), dims) == dimension("kgCO2e/t")
    assert dimension_of(parse("sqrt(m ** 2)", "t"), dims) == dimension("kg")
    assert dimension_of(parse("where(m > 0, e, 0)", "t"), dims) == dimension("kWh/t")
    for wrong in ("e + p", "min(e, m)", "exp(m)", "where(e > m, e, e)"):
        with pytest.raises(InputError):
            dimension_of(parse(wrong, "t"), dims)


def test_definitions_are_put_in_order_and_cycles_named() -> None:
    order = order_definitions({"c": parse("b + 1", "t"), "b": parse("a * 2", "t"), "d": parse("c + b", "t")})
    assert order.index("b") < order.index("c") < order.index("d")
    with pytest.raises(InputError, match="x -> y -> x"):
        order_definitions({"x": parse("y", "t"), "y": parse("x", "t")})


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("formula", ["a * a", "a + a", "exp(a)", "a / 0", "b - b * a * a"])
def test_an_overflow_is_silent_until_it_is_used(formula: str) -> None:
    for value in (1e308, np.full(2, 1e308)):
        with pytest.raises(InputError, match="finite"):
            ensure_finite(evaluate(parse(formula, "t"), {"a": value, "b": np.full(2, 1e308)}), "there")


def test_a_long_text_without_an_end_is_refused_at_once() -> None:
    for text in ("a" * 499 + "!", "1" * 499 + "!", " " * 250 + "+" * 249 + "!", "1." * 249 + "!"):
        with pytest.raises(InputError):
            parse(text, "there")


def test_definitions_by_the_thousand_are_put_in_order() -> None:
    chain = {f"n{number}": ["n", f"n{number + 1}"] for number in range(5000)}
    assert order_definitions(chain)[-1] == "n0"
