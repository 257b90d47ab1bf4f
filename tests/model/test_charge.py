"""The element balance against hand calculations, and its conservation laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import InputError
from pcf.model import ChargeInput, Material, balance, highest_content

PRIMARY = Material("primary", 0.995, {"Si": 0.0007, "Fe": 0.0012})
SCRAP = Material("scrap", 0.92, {"Si": 0.06, "Fe": 0.0010})
SILICON = Material("silicon", 0.95, {"Si": 0.99, "Fe": 0.004}, "Si")
LIMITS = {"Si": {"min": 0.065, "max": 0.075, "target": 0.07}, "Fe": {"max": 0.0020}}


def charge_input(**changes: object) -> ChargeInput:
    values: dict[str, object] = {
        "primary": PRIMARY, "scrap": [(SCRAP, 1.0)], "additions": [SILICON], "elements": LIMITS, "returns": 0.0,
        "returns_yield": 1.0, "iron_pickup": 0.0, "recycled_input": None, "recycled_content": 0.5,
    }  # fmt: skip
    return ChargeInput(**{**values, **changes})  # type: ignore[arg-type]


def test_silicon_addition_follows_from_the_balance_by_hand() -> None:
    # 0.07 = 0.5 × 0.06 + (0.5 − A) × 0.0007 + A × 0.99  →  A = (0.07 − 0.03 − 0.00035) / 0.9893 = 0.0400788
    found = balance(charge_input(), [True])
    addition = (0.07 - 0.03 - 0.00035) / 0.9893
    assert found.gross["silicon"] == pytest.approx(addition / 0.95, rel=1e-12)
    assert found.gross["scrap"] == pytest.approx(0.5 / 0.92, rel=1e-12)
    assert found.gross["primary"] == pytest.approx((0.5 - addition) / 0.995, rel=1e-12)
    assert found.composition["Si"] == pytest.approx(0.07, rel=1e-12)
    # 0.5 × 0.0010 + (0.5 − A) × 0.0012 + A × 0.004
    assert found.composition["Fe"] == pytest.approx(0.0005 + (0.5 - addition) * 0.0012 + addition * 0.004, rel=1e-12)
    assert found.feasible


def test_recycled_content_on_metal_basis_of_the_published_example() -> None:
    # chain of custody, F13: 500 t UBC at 0.88, 300 t trim at 0.97, 200 t prime at 0.995 → post 47.31 %, total 78.60 %
    ubc, trim = Material("ubc", 0.88, {}), Material("trim", 0.97, {})
    data = charge_input(
        scrap=[(ubc, 0.625), (trim, 0.375)], additions=[], elements={}, recycled_content=None, recycled_input=0.8,
    )  # fmt: skip
    found = balance(data, [True, False])
    assert found.recycled_content == pytest.approx(731 / 930, rel=1e-12)
    assert found.post_consumer_content == pytest.approx(440 / 930, rel=1e-12)


def test_scrap_that_brings_more_silicon_than_wanted_needs_no_addition_and_misses_the_limit() -> None:
    rich = Material("scrap", 0.92, {"Si": 0.12, "Fe": 0.001})
    found = balance(charge_input(scrap=[(rich, 1.0)], recycled_content=0.8), [True])
    assert found.gross["silicon"] == 0
    assert found.composition["Si"] == pytest.approx(0.8 * 0.12 + 0.2 * 0.0007)
    assert not found.feasible
    assert found.excess["Si"] > 0


def test_highest_content_is_where_the_binding_element_meets_its_limit() -> None:
    # Fe: M × 0.004 + (1 − M − A) × 0.0012 + A × 0.004 = 0.002, Si within its limits
    dirty = Material("scrap", 0.92, {"Si": 0.07, "Fe": 0.004})
    found = highest_content(charge_input(scrap=[(dirty, 1.0)]))
    assert found is not None
    content, binding = found
    assert "Fe" in binding
    below = balance(charge_input(scrap=[(dirty, 1.0)], recycled_content=content - 1e-3), [True])
    above = balance(charge_input(scrap=[(dirty, 1.0)], recycled_content=content + 1e-3), [True])
    assert below.feasible
    assert not above.feasible
    # By hand: A = 0.07 − 0.07 M − 0.0007 (1 − M − A) over 0.99; Fe at its limit 0.002 with both equations
    assert content == pytest.approx(_content_by_hand(), rel=1e-9)


def _content_by_hand() -> float:
    # Unknowns M, A with P = 1 − M − A:  0.07 M + 0.0007 P + 0.99 A = 0.07;  0.004 M + 0.0012 P + 0.004 A = 0.002
    left = np.array([[0.07 - 0.0007, 0.99 - 0.0007], [0.004 - 0.0012, 0.004 - 0.0012]])
    return float(np.linalg.solve(left, np.array([0.07 - 0.0007, 0.002 - 0.0012]))[0])


def test_returns_raise_the_throughput_by_hand() -> None:
    # q = 0.2 of each melt comes back at yield 0.9: melt 1.25 t/t, outside metal 1.25 × (1 − 0.18) = 1.025 t/t
    found = balance(charge_input(returns=0.2, returns_yield=0.9), [True])
    assert found.throughput == pytest.approx(1.25)
    assert found.gross["scrap"] == pytest.approx(0.5 * 1.025 / 0.92)


@pytest.mark.parametrize("returns", [1.0, 1.3, -0.1])
def test_returns_of_a_whole_melt_are_refused(returns: float) -> None:
    with pytest.raises(InputError, match="returns"):
        balance(charge_input(returns=returns), [True])


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"recycled_content": 5.0}, "recycled_content"), ({"recycled_content": float("nan")}, "recycled_content"),
        ({"recycled_content": np.array([0.5, -1.0])}, "recycled_content"),
        ({"recycled_content": None, "recycled_input": -5.0}, "recycled_input"), ({"scrap": []}, "no scrap"),
        ({"scrap": [(SCRAP, 2.0), (PRIMARY, -1.0)]}, "share of scrap"), ({"iron_pickup": 2.0}, "iron"),
        ({"returns_yield": 40.0}, "returns yield"), ({"returns": 0.9999999999999999}, "returns"),
        ({"primary": Material("primary", 0.0, {})}, "yield of primary"), ({"primary": Material("primary", 1e-300, {})}, "yield"),
        ({"elements": {"Fe": {"max": 0.002}}}, "no target"),
    ],
)  # fmt: skip
def test_a_charge_without_meaning_is_refused(changes: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        balance(charge_input(**changes), [True] * 2)


@given(
    share=st.floats(0, 1), y_s=st.floats(0.5, 1), y_p=st.floats(0.9, 1), si=st.floats(0, 0.15), fe=st.floats(0, 0.01),
    returns=st.floats(0, 0.6), pickup=st.floats(0, 0.001),
)  # fmt: skip
def test_metal_and_elements_balance_whatever_the_charge(
    share: float, y_s: float, y_p: float, si: float, fe: float, returns: float, pickup: float
) -> None:
    scrap = Material("scrap", y_s, {"Si": si, "Fe": fe})
    primary = Material("primary", y_p, dict(PRIMARY.composition))
    data = charge_input(
        scrap=[(scrap, 1.0)], primary=primary, returns=returns, returns_yield=0.93, iron_pickup=pickup, recycled_content=None,
        recycled_input=share,
    )  # fmt: skip
    found = balance(data, [True])
    assert found.recycled_input == pytest.approx(share, abs=1e-9)
    melt = found.throughput
    metal = {
        "scrap": y_s * found.gross["scrap"],
        "primary": y_p * found.gross["primary"],
        "silicon": 0.95 * found.gross["silicon"],
    }
    assert sum(metal.values()) + 0.93 * returns * melt + pickup * melt == pytest.approx(melt, rel=1e-9)
    assert melt == pytest.approx(1 + returns * melt)
    for element in ("Si", "Fe"):
        inside = (
            metal["scrap"] * scrap.composition[element]
            + metal["primary"] * primary.composition[element]
            + metal["silicon"] * SILICON.composition[element]
            + (pickup * melt if element == "Fe" else 0)
            + 0.93 * returns * melt * found.composition[element]
        )
        assert inside == pytest.approx(melt * found.composition[element], rel=1e-9, abs=1e-12)
    assert all(value >= 0 for value in found.gross.values())


def test_many_scenarios_are_the_same_as_one_by_one() -> None:
    shares = np.linspace(0, 1, 23)
    whole = balance(charge_input(recycled_content=None, recycled_input=shares), [True])
    for number, share in enumerate(shares):
        one = balance(charge_input(recycled_content=None, recycled_input=float(share)), [True])
        for material in one.gross:
            assert whole.gross[material][number] == pytest.approx(one.gross[material], rel=1e-12, abs=1e-15)
        assert bool(whole.feasible[number]) is bool(one.feasible)
