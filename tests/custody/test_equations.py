"""Equations of material accounting against the worked examples of the rules, in kg, and their laws."""

from __future__ import annotations

import inspect
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.custody.equations import (
    Settlement,
    calc_availability,
    calc_claims_covered,
    calc_conservation_gap,
    calc_credits,
    calc_efficiency,
    calc_input_percentage,
    calc_nearly_spent,
    calc_output_cap,
    calc_overdraft_allowed,
    calc_overdraft_limit,
    calc_overdraft_unpaid,
    calc_physical_footprint,
    calc_positive_balance,
    calc_scrap_cap,
    settle,
    share_input,
)
from pcf.errors import InputError

T = 1000
# A casthouse in 2025 [t]: ASI cold metal 12,000; other ingot 8,000; eligible post-consumer scrap 6,000; pre-consumer scrap with
# CoC documents 4,000; other pre-consumer scrap 5,000; internal scrap 9,000. So 22,000 t CoC, 13,000 t other, 33,200 t product.
COC_IN, OTHER_IN, OUTPUT = 22_000 * T, 13_000 * T, 33_200 * T
CAP = 20_868_571  # 22/35 × 33,200 t = 20,868.5714… t
CARRIED = 2_868_571  # 18,000 t issued
# The next period: 20,000 t of 36,000 t CoC, 34,000 t product.
NEXT_CAP = 18_888_888  # 5/9 × 34,000 t = 18,888.8888… t

kilograms = st.integers(0, 10**9)
shares = st.fractions(0, 1, max_denominator=10_000)


# --- F1


def test_input_percentage_of_the_casthouse() -> None:
    percentage = calc_input_percentage(COC_IN, OTHER_IN)
    assert percentage == Fraction(22, 35)
    assert f"{100 * float(percentage):.6f}" == "62.857143"


def test_input_percentage_with_and_without_alloying_elements() -> None:
    assert calc_input_percentage(COC_IN, OTHER_IN, 700 * T) == Fraction(22, 35)
    percentage = calc_input_percentage(COC_IN, OTHER_IN, 700 * T, include_alloying=True)
    assert percentage == Fraction(22_000, 35_700)
    assert f"{100 * float(percentage):.4f}" == "61.6246"


def test_without_input_nothing_may_leave() -> None:
    assert calc_input_percentage(0, 0) == 0
    assert calc_output_cap(calc_input_percentage(0, 0), OUTPUT) == 0


@pytest.mark.parametrize("masses", [(100, -20), (-100, 50), (-100, -50), (1, 1, -1)])
def test_a_negative_mass_has_no_percentage(masses: tuple[int, ...]) -> None:
    # 100 of 100 − 20 would be 125 %.
    with pytest.raises(InputError, match="expected 0 kg or more"):
        calc_input_percentage(*masses)


@given(kilograms, kilograms, kilograms, kilograms)
def test_other_metal_lowers_the_percentage_and_coc_metal_raises_it(coc: int, other: int, more: int, alloying: int) -> None:
    before = calc_input_percentage(coc, other)
    assert 0 <= before <= 1
    after = calc_input_percentage(coc, other + more)
    assert after < before if coc and more else after <= before
    assert calc_input_percentage(coc + more, other) >= before
    assert calc_input_percentage(coc, other, alloying, include_alloying=True) <= before


BOOKINGS = st.lists(st.tuples(st.sampled_from(["coc", "other", "internal"]), st.integers(0, 10**6)), max_size=8)


def availability(bookings: list[tuple[str, int]]) -> int:
    """What a period's bookings make available of 1,000 kg that left, booked one after the other."""
    sums = {"coc": 0, "other": 0, "internal": 0}
    left = 0
    for kind, mass in bookings:
        sums[kind] += mass
        left = calc_availability(calc_input_percentage(sums["coc"], sums["other"]), 1000, issued=0)
    return left


@given(BOOKINGS.flatmap(lambda listed: st.tuples(st.just(listed), st.permutations(listed))))
def test_the_order_of_bookings_and_internal_scrap_do_not_matter(
    pair: tuple[list[tuple[str, int]], list[tuple[str, int]]],
) -> None:
    bookings, permuted = pair
    assert availability(permuted) == availability(bookings)
    assert availability([item for item in permuted if item[0] != "internal"]) == availability(bookings)


# --- F2, F3, F4


def test_losses_are_shared_so_that_the_cap_is_below_the_coc_input() -> None:
    cap = calc_output_cap(Fraction(22, 35), OUTPUT)
    assert cap == CAP
    assert cap < COC_IN


def test_scrap_of_a_rolling_mill_has_a_cap_of_its_own() -> None:
    percentage = calc_input_percentage(30_000 * T, 10_000 * T)
    assert percentage == Fraction(3, 4)
    assert calc_output_cap(percentage, 29_000 * T) == 21_750 * T
    assert calc_scrap_cap(percentage, 10_500 * T) == 7_875 * T
    assert calc_scrap_cap(Fraction(2, 3), 10) == 6  # 6.67


@given(shares, kilograms)
def test_an_entitlement_is_floored_to_the_kilogram(percentage: Fraction, output: int) -> None:
    for cap in (calc_output_cap(percentage, output), calc_scrap_cap(percentage, output)):
        assert isinstance(cap, int)
        assert 0 <= percentage * output - cap < 1


def test_positive_balance_is_what_was_not_issued() -> None:
    assert calc_positive_balance(CAP, 18_000 * T) == CARRIED
    assert calc_positive_balance(CAP, 21_500 * T) == 0


# --- F5, F6


def test_first_in_first_out_draws_the_carried_balance_first() -> None:
    cap = calc_output_cap(calc_input_percentage(20_000 * T, 16_000 * T), 34_000 * T)
    assert cap == NEXT_CAP
    settled = settle(cap=cap, issued=19_000 * T, carried_in=CARRIED)
    # 19,000,000 − 2,868,571 = 16,131,429; 18,888,888 − 16,131,429 = 2,757,459
    assert settled == Settlement(2_868_571, 16_131_429, 0, 2_757_459, 0)


def test_last_in_first_out_lets_the_carried_balance_expire() -> None:
    settled = settle(cap=NEXT_CAP, issued=19_000 * T, carried_in=CARRIED, order="lifo")
    # 19,000,000 − 18,888,888 = 111,112; 2,868,571 − 111,112 = 2,757,459
    assert settled == Settlement(111_112, 18_888_888, 2_757_459, 0, 0)


def test_most_that_may_be_sold_is_both_balances() -> None:
    most = 21_757_459  # 2,868,571 + 18,888,888
    assert settle(cap=NEXT_CAP, issued=most, carried_in=CARRIED) == Settlement(CARRIED, NEXT_CAP, 0, 0, 0)
    assert settle(cap=NEXT_CAP, issued=most + 1, carried_in=CARRIED).overdraft == 1


def test_what_is_carried_expires_after_one_period() -> None:
    first = settle(cap=100, issued=0)
    second = settle(cap=50, issued=0, carried_in=first.positive_balance)
    third = settle(cap=0, issued=0, carried_in=second.positive_balance)
    assert (first.expired, second.expired, third.expired) == (0, 100, 50)
    assert (first.positive_balance, second.positive_balance, third.positive_balance) == (100, 50, 0)


def test_overdraft_is_allowed_within_its_limit_with_a_file_only() -> None:
    overdraft = settle(cap=CAP, issued=21_500 * T).overdraft
    assert overdraft == 631_429
    limit = calc_overdraft_limit(COC_IN, Fraction(1, 5))
    assert limit == 4_400 * T
    assert calc_overdraft_allowed(overdraft, limit, force_majeure=True)
    assert not calc_overdraft_allowed(overdraft, limit, force_majeure=False)
    assert calc_overdraft_allowed(limit, limit, force_majeure=True)
    assert not calc_overdraft_allowed(limit + 1, limit, force_majeure=True)
    assert calc_overdraft_allowed(0, limit, force_majeure=False)


def test_overdraft_is_repaid_before_anything_is_issued() -> None:
    most = 18_257_459  # 18,888,888 − 631,429
    settled = settle(cap=NEXT_CAP, issued=most, overdraft_in=631_429)
    assert settled == Settlement(0, NEXT_CAP, 0, 0, 0)
    assert settle(cap=NEXT_CAP, issued=most + 1, overdraft_in=631_429).overdraft == 1


def test_overdraft_that_a_period_cannot_repay() -> None:
    assert calc_overdraft_unpaid(NEXT_CAP, 631_429) == 0
    assert calc_overdraft_unpaid(500, 631) == 131
    assert calc_overdraft_unpaid(500, 631, carried_in=100) == 31
    assert calc_overdraft_unpaid(-500, 631) == 631
    assert settle(cap=500, issued=0, overdraft_in=631).overdraft == 131


@pytest.mark.parametrize("wrong", [{"carried_in": -1}, {"overdraft_in": -1}, {"cap": -1}, {"issued": -1}, {"order": "dearest"}])
def test_a_balance_that_cannot_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError) as caught:
        settle(**{"cap": 1, "issued": 1, **wrong})  # type: ignore[arg-type]
    assert next(iter(wrong)) in str(caught.value)


PERIODS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 3000)), min_size=1, max_size=6)


@given(PERIODS, st.integers(0, 2000), st.sampled_from(["fifo", "lifo"]))
def test_no_kilogram_appears_or_vanishes_over_periods(periods: list[tuple[int, int]], start: int, order: str) -> None:
    carried, overdraft, expired = start, 0, 0
    for cap, issued in periods:
        settled = settle(cap=cap, issued=issued, carried_in=carried, overdraft_in=overdraft, order=order)  # type: ignore[arg-type]
        assert min(settled.__dict__.values()) >= 0
        assert not (settled.positive_balance and settled.overdraft)
        carried, overdraft, expired = settled.positive_balance, settled.overdraft, expired + settled.expired
    caps, documents = sum(cap for cap, _ in periods), sum(issued for _, issued in periods)
    # Written out, not by the function under test: issued + balance + expired = caps + start, when nothing is overdrawn.
    assert documents + carried + expired - overdraft == caps + start
    assert (
        calc_conservation_gap(
            cap=caps, carried_in=start, issued=documents, expired=expired, positive_balance=carried, overdraft=overdraft
        )
        == 0
    )


@given(kilograms, kilograms, kilograms)
def test_first_in_first_out_loses_no_more_than_the_other_order(cap: int, issued: int, carried: int) -> None:
    first, last = (settle(cap=cap, issued=issued, carried_in=carried, order=order) for order in ("fifo", "lifo"))
    assert first.expired <= last.expired
    assert first.overdraft == last.overdraft


def test_conservation_gap_is_what_was_issued_without_cover() -> None:
    true = {"cap": 100, "carried_in": 20, "issued": 90, "expired": 0, "positive_balance": 30}
    assert calc_conservation_gap(**true) == 0
    assert calc_conservation_gap(**{**true, "issued": 97}) == 7
    assert calc_conservation_gap(**{**true, "expired": -4}) == -4
    assert (
        calc_conservation_gap(cap=100, carried_in=0, issued=96, expired=0, positive_balance=0, overdraft_in=6, overdraft=2) == 0
    )


# --- R22: one CoC input, two accounts


def test_two_accounts_share_one_input_first_come_first_served() -> None:
    # 100 kg came in, stock left beside it: either account alone could designate 100 kg.
    assert share_input(100, (100, 100), (0, 0)) == (100, 100, 0)
    assert share_input(100, (100, 100), (70, 0)) == (100, 30, 0)
    assert share_input(100, (100, 100), (0, 70)) == (30, 100, 70)
    assert share_input(100, (100, 100), (30, 70)) == (30, 70, 70)
    # Without such stock the caps lie within the input, and neither narrows the other.
    assert share_input(100, (60, 40), (60, 40)) == share_input(100, (60, 40), (0, 0)) == (60, 40, 40)
    # Whoever has overdrawn leaves nothing to the other, and takes nothing from him.
    assert share_input(100, (100, 100), (130, 0)) == (100, 0, 0)
    assert share_input(100, (100, 100), (0, 130)) == (0, 100, 100)


@given(kilograms, st.data())
def test_two_accounts_never_have_more_than_their_input(coc: int, data: st.DataObject) -> None:
    caps = data.draw(st.tuples(st.integers(0, coc), st.integers(0, coc)))
    used: list[int] = [0, 0]
    # Issues in any order, each as large as the account says.
    for one in data.draw(st.lists(st.sampled_from([0, 1]), max_size=6)):
        left = share_input(coc, caps, (used[0], used[1]))[one] - used[one]
        assert left >= 0
        used[one] += data.draw(st.integers(0, left))
    found = share_input(coc, caps, (used[0], used[1]))
    assert used[0] <= found.aluminium <= caps[0]
    assert used[1] <= found.scrap_at_close <= found.scrap <= caps[1]
    assert found.aluminium + found.scrap_at_close <= coc
    # Nothing is lost either: what is left is kept by one of the two, as far as its own output allows.
    assert found.aluminium + found.scrap_at_close == coc or found.scrap_at_close == caps[1]


# --- F7


def test_running_availability() -> None:
    percentage = Fraction(22, 35)
    assert calc_availability(percentage, OUTPUT, 18_000 * T) == 2_868_571
    assert calc_availability(percentage, OUTPUT, 21_500 * T) == -631_429
    assert calc_availability(Fraction(5, 9), 34_000 * T, 0, carried_in=CARRIED) == 21_757_459
    assert calc_availability(Fraction(5, 9), 34_000 * T, 0, overdraft_in=631_429) == 18_257_459


@given(shares, kilograms, kilograms, kilograms)
def test_what_is_available_can_be_issued_and_no_kilogram_more(
    percentage: Fraction, output: int, carried: int, issued: int
) -> None:
    left = calc_availability(percentage, output, issued, carried_in=carried)
    cap = calc_output_cap(percentage, output)
    assert settle(cap=cap, issued=issued + left, carried_in=carried).overdraft == 0
    assert settle(cap=cap, issued=issued + left + 1, carried_in=carried).overdraft == 1


def test_warning_comes_above_its_share_of_all_that_could_be_issued() -> None:
    share = Fraction(9, 10)
    assert not calc_nearly_spent(available=100, issued=900, share=share)
    assert calc_nearly_spent(available=99, issued=901, share=share)
    assert calc_nearly_spent(available=-10, issued=900, share=share)
    assert not calc_nearly_spent(available=0, issued=0, share=share)


# --- F9


CHARGED = [(12_000 * T, Fraction(4)), (8_000 * T, Fraction("12.5")), (15_000 * T, Fraction("0.5"))]


def test_physical_mix_gives_every_slab_one_footprint() -> None:
    # 48,000 + 100,000 + 7,500 = 155,500 tCO2e; over 33,200 t = 4.684; with the casthouse 4.934
    assert calc_physical_footprint(CHARGED, OUTPUT) == Fraction(155_500, 33_200)
    footprint = calc_physical_footprint(CHARGED, OUTPUT, Fraction("0.25"))
    assert footprint == Fraction(155_500, 33_200) + Fraction(1, 4)
    assert f"{float(footprint):.3f}" == "4.934"


def test_footprint_has_no_way_to_know_of_a_designation() -> None:
    assert list(inspect.signature(calc_physical_footprint).parameters) == ["charged", "output_kg", "own"]


@given(st.lists(st.tuples(kilograms, st.fractions(0, 20, max_denominator=100)), max_size=5), st.integers(1, 10**9))
def test_footprints_of_all_products_sum_to_that_of_the_charge(charged: list[tuple[int, Fraction]], output: int) -> None:
    designated = output // 3
    footprint = calc_physical_footprint(charged, output)
    assert footprint * designated + footprint * (output - designated) == sum(mass * intensity for mass, intensity in charged)


def test_footprint_needs_a_product() -> None:
    with pytest.raises(InputError, match="0 kg"):
        calc_physical_footprint(CHARGED, 0)


# --- F11, R22


def test_credits_of_post_consumer_scrap_after_dross_and_other_losses() -> None:
    efficiency = calc_efficiency([Fraction("0.03"), Fraction("0.01")])
    assert efficiency == Fraction("0.96")
    assert calc_credits(600 * T, Fraction(1), efficiency) == 576 * T
    assert calc_credits(600 * T, Fraction(1, 2), efficiency) == 288 * T
    assert calc_credits(1, Fraction(1), efficiency) == 0


@pytest.mark.parametrize("losses", [["-0.01"], ["0.6", "0.5"]])
def test_losses_beyond_everything_are_refused(losses: list[str]) -> None:
    with pytest.raises(InputError, match="loss fractions"):
        calc_efficiency(Fraction(loss) for loss in losses)


@given(st.lists(kilograms, max_size=6), shares, shares)
def test_credits_of_lots_never_exceed_those_of_their_sum(masses: list[int], share: Fraction, efficiency: Fraction) -> None:
    assert sum(calc_credits(mass, share, efficiency) for mass in masses) <= calc_credits(sum(masses), share, efficiency)


def test_claims_are_covered_by_input_less_losses_and_carry_over() -> None:
    efficiency = Fraction("0.96")
    assert calc_claims_covered(576 * T, 600 * T, efficiency)
    assert not calc_claims_covered(576 * T + 1, 600 * T, efficiency)
    assert calc_claims_covered(576 * T + 1, 600 * T, efficiency, carried_in=1)
