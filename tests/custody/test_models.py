"""The five models of ISO 22095, which of them names a claim, and the two methods of mass balance."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.custody.equations import calc_claims_covered
from pcf.custody.models import MODELS, Claims, calc_claims, find_model, weakest
from pcf.errors import InputError

T = 1000
# ISO 22095:2020, 3.3.1 to 3.3.5, the most traceable first
TABLE = [
    ("identity-preserved", "3.3.1", "none", "unit", True),
    ("segregated", "3.3.2", "same-characteristic", "lot", True),
    ("controlled-blending", "3.3.3", "under-criteria", "blend", True),
    ("mass-balance", "3.3.4", "under-criteria", "period", False),
    ("book-and-claim", "3.3.5", "not-applicable", "credit", False),
]
NAMES = [row[0] for row in TABLE]


def test_models_are_those_of_the_standard_in_its_order() -> None:
    found = [(model.id, model.clause, model.mixing, model.granularity, model.physical) for model in MODELS.values()]
    assert found == TABLE


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (["segregated"], "segregated"),
        (["identity-preserved", "mass-balance", "segregated"], "mass-balance"),
        (["book-and-claim", "identity-preserved"], "book-and-claim"),
        (["controlled-blending", "segregated", "controlled-blending"], "controlled-blending"),
    ],
)
def test_least_traceable_step_names_the_claim(chain: list[str], expected: str) -> None:
    assert weakest(chain).id == expected


@given(st.lists(st.sampled_from(NAMES), min_size=1), st.sampled_from(NAMES))
def test_a_further_step_never_makes_a_chain_more_traceable(chain: list[str], step: str) -> None:
    before, after = weakest(chain).id, weakest([*chain, step]).id
    assert NAMES.index(after) >= NAMES.index(before)
    assert weakest(reversed(chain)).id == before


def test_unknown_model_and_empty_chain_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        find_model("mass-balanced")
    assert "mass-balance" in caught.value.advice
    with pytest.raises(InputError, match="every step"):
        weakest([])


# 600 t of 1,500 t have the attribute, 1,440 t leave at an efficiency of 0.96.


def test_rolling_average_lets_every_tonne_claim_the_share_of_the_input() -> None:
    claims = calc_claims("rolling-average", 600 * T, 1_500 * T, 1_440 * T, Fraction("0.96"))
    assert claims == Claims("rolling-average", 1_440 * T, Fraction(2, 5), 0, 576 * T)


def test_credit_lets_some_tonnes_claim_all_and_the_others_nothing() -> None:
    claims = calc_claims("credit", 600 * T, 1_500 * T, 1_440 * T, Fraction("0.96"))
    assert claims == Claims("credit", 576 * T, Fraction(1), 864 * T, 576 * T)


def test_both_methods_together_claim_the_same_matter_twice() -> None:
    rolling, credit = (
        calc_claims(method, 600 * T, 1_500 * T, 1_440 * T, Fraction("0.96")).attribute_kg
        for method in ("rolling-average", "credit")
    )
    assert rolling == credit == 576 * T
    assert calc_claims_covered(rolling, 600 * T, Fraction("0.96"))
    assert not calc_claims_covered(rolling + credit, 600 * T, Fraction("0.96"))


def test_output_from_stock_brings_no_claim_of_its_own() -> None:
    claims = calc_claims("rolling-average", 600, 1_500, 2_880, Fraction("0.96"))
    assert (claims.share, claims.attribute_kg) == (Fraction(1, 5), 576)
    assert calc_claims("credit", 600, 1_500, 300, Fraction("0.96")) == Claims("credit", 300, Fraction(1), 0, 300)


@given(
    st.sampled_from(["rolling-average", "credit"]), st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6),
    st.fractions(0, 1, max_denominator=1000),
)  # fmt: skip
def test_no_method_claims_more_than_came_in(method: str, attribute: int, rest: int, output: int, efficiency: Fraction) -> None:
    claims = calc_claims(method, attribute, attribute + rest, output, efficiency)  # type: ignore[arg-type]
    assert claims.attribute_kg <= attribute * efficiency
    assert claims.claiming_kg + claims.without_kg == output
    assert 0 <= claims.share * claims.claiming_kg - claims.attribute_kg < 1


@pytest.mark.parametrize(
    ("method", "attribute", "whole", "output", "efficiency"),
    [
        ("rolling-average", 2, 1, 1, "1"), ("credit", -1, 1, 1, "1"), ("credit", 1, 1, -1, "1"), ("credit", 1, 1, 1, "1.1"),
        ("percentage", 1, 1, 1, "1"),
    ],
)  # fmt: skip
def test_impossible_balances_are_refused(method: str, attribute: int, whole: int, output: int, efficiency: str) -> None:
    with pytest.raises(InputError):
        calc_claims(method, attribute, whole, output, Fraction(efficiency))  # type: ignore[arg-type]
