"""Casts: what was charged is what came out, with the recycled content of its metal (F13) and the credits of it (F11)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pcf.custody import Book
from pcf.custody.intake import Count
from pcf.custody.trace import read_contents
from tests.custody.books import (
    POST,
    PRE,
    cast,
    enter,
    enter_all,
    internal,
    left,
    lot,
    misses,
    process,
    received,
    refused,
    sums,
    trim,
    ubc,
)


def content(book: Book, heat: str) -> tuple[Fraction, Fraction]:
    with book.read() as connection:
        return read_contents(connection, [heat])[heat]


@pytest.fixture
def stocked(book: Book) -> Book:
    """The lots of the worked example of F13, in kg."""
    enter_all(book, [
        ("received", received("D1", 300_000)), ("lot", ubc("UBC", 500_000)), ("lot", trim("TRIM", 300_000, "D1")),
        ("lot", lot("PRIME", 200_000)), ("lot", internal("RUNAROUND", 250_000)),
    ])  # fmt: skip
    return book


WHOLE = {"UBC": 500_000, "TRIM": 300_000, "PRIME": 200_000}


def test_the_worked_example_has_the_published_contents(stocked: Book) -> None:
    # 500 t · 0.88 = 440 t, 300 t · 0.97 = 291 t, 200 t · 0.995 = 199 t: 930 t of metal.
    enter(stocked, "cast", cast("H1", WHOLE, 910_000))
    post, pre = content(stocked, "H1")
    assert (post, pre) == (Fraction(440, 930), Fraction(291, 930))
    assert (round(100 * float(post), 2), round(100 * float(pre), 2)) == (47.31, 31.29)


# 1,000 t charged, 910 t of product and 40 t of returns: 50 t are lost, which as alumina are 50 · 1.8895 = 94.475 t.
@pytest.mark.parametrize(
    ("product_kg", "returns_kg", "dross_kg", "most"),
    [(910_000, 40_000, 94_476, "94,475"), (960_000, 40_000, 1, "0"), (910_000, 40_000, 1_000_001, "94,475")],
)
def test_no_more_dross_than_the_metal_that_was_lost_can_become(
    stocked: Book, product_kg: int, returns_kg: int, dross_kg: int, most: str
) -> None:
    (problem,) = refused(stocked, "cast", cast("H1", WHOLE, product_kg, returns_kg=returns_kg, dross_kg=dross_kg))
    assert problem.startswith(f"cast, dross_kg: found {dross_kg:,} kg from ")
    assert f"expected at most {most} kg, as if all of it had become oxide" in problem


def test_dross_may_be_oxide(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", WHOLE, 910_000, returns_kg=40_000, dross_kg=94_475))
    assert left(stocked, "H1") == 910_000


def test_internal_scrap_leaves_the_content_as_it_is(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", {**WHOLE, "RUNAROUND": 250_000}, 1_150_000))
    assert content(stocked, "H1") == (Fraction(440, 930), Fraction(291, 930))


def test_credits_are_the_metal_in_the_product(stocked: Book) -> None:
    # 910 t of 930 t of metal: 440 · 910/930 = 430.537…, 291 · 910/930 = 284.741…, floored to the kilogram.
    enter(stocked, "cast", cast("H1", WHOLE, 910_000))
    assert sums(stocked, POST) == {"credit": 430_537}
    assert sums(stocked, PRE) == {"credit": 284_741}


def test_credits_never_exceed_the_metal_that_was_charged(stocked: Book) -> None:
    # With run-around scrap the product weighs more than the external metal; 440 t of it are post-consumer all the same.
    enter(stocked, "cast", cast("H1", {**WHOLE, "RUNAROUND": 250_000}, 1_150_000))
    assert sums(stocked, POST) == {"credit": 440_000}
    assert sums(stocked, PRE) == {"credit": 291_000}


def test_a_lot_may_state_its_own_yield(book: Book) -> None:
    enter(book, "lot", ubc("U", 1_000, metal_yield="0.9"))
    enter(book, "cast", cast("H1", {"U": 1_000}, 900))
    assert sums(book, POST) == {"credit": 900}


@pytest.mark.parametrize(
    ("origin", "post", "pre"), [("external", 0, 1), ("company", 0, 0), ("plant", 0, 0), ("same-stream", 0, 0)]
)
def test_pre_consumer_scrap_from_inside_the_company_is_not_counted(book: Book, origin: str, post: int, pre: int) -> None:
    enter(book, "received", received("D1", 1_000))
    enter(book, "lot", trim("R", 1_000, "D1", origin=origin))
    enter(book, "cast", cast("H1", {"R": 1_000}, 950))
    assert content(book, "H1") == (post, pre)


def test_metal_of_a_customer_gives_no_content(book: Book) -> None:
    enter_all(
        book,
        [
            ("lot", ubc("U", 1_000, tolled_for="buyer")),
            ("lot", lot("P", 1_000)),
            ("cast", cast("H", {"U": 1_000, "P": 1_000}, 1_900)),
        ],
    )
    assert content(book, "H") == (0, 0)
    assert sums(book, POST) == {}


def test_the_content_of_an_own_heat_goes_on_and_is_credited_once(book: Book) -> None:
    enter_all(book, [
        ("lot", ubc("U", 1_000)),  # 880 kg of metal
        ("lot", lot("P", 1_000)),
        ("cast", cast("H1", {"U": 1_000}, 880)),
        ("cast", cast("H2", {"H1": 880, "P": 1_000}, 1_800)),
    ])  # fmt: skip
    # 880 kg of post-consumer metal in 880 + 995 kg.
    assert content(book, "H2") == (Fraction(880, 1875), 0)
    assert sums(book, POST) == {"credit": 880}


def test_returns_and_bundles_are_units_of_their_own(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", WHOLE, 900_000, returns_kg=30_000, bundles="B1=400000,B2=450000"))
    assert {name: left(stocked, name) for name in ("UBC", "TRIM", "PRIME", "H1", "H1-R", "B1", "B2")} == {
        "UBC": 0, "TRIM": 0, "PRIME": 0, "H1": 50_000, "H1-R": 30_000, "B1": 400_000, "B2": 450_000,
    }  # fmt: skip


def test_returns_are_charged_again_as_internal_metal(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", WHOLE, 900_000, returns_kg=30_000))
    before = sums(stocked, POST)
    enter(stocked, "lot", lot("P2", 70_000))
    enter(stocked, "cast", cast("H2", {"H1-R": 30_000, "P2": 70_000}, 99_000))
    assert content(stocked, "H2") == (0, 0)
    assert sums(stocked, POST) == before


NEVER_CAST = [
    (cast("H1", WHOLE, 1_000_001), "cast, product_kg: found 1,000,001 kg of product and returns out of 1,000,000 kg"),
    (cast("H1", WHOLE, 900_000, returns_kg=100_001), "cast, product_kg: found 1,000,001 kg of product and returns"),
    (cast("H1", WHOLE, 849_999), "cast, product_kg: found a yield of 85.0 % (849,999 of 1,000,000 kg); expected 85 % or more"),
    (cast("H1", WHOLE, 910_000, bundles="B1=910001"), "cast, bundles: found 910,001 kg; expected at most the product"),
    (cast("H1", WHOLE, 910_000, bundles="UBC=1"), "cast, heat: found 'UBC', which another unit has"),
    (cast("H1", WHOLE, 910_000, bundles="B1=1,B1=1"), "cast, heat: found 'B1', which another unit has"),
    (cast("UBC", {"TRIM": 300_000}, 290_000), "cast, heat: found 'UBC', which another unit has; expected an id of its own (R15)"),
    (cast("H1", WHOLE, 910_000, product="ingots"), "cast, product: found 'ingots'; expected one of:"),
    (cast("H1", WHOLE, 910_000, alloy="9999"), "cast, alloy: found '9999'; expected one of:"),
    (cast("H1", WHOLE, 910_000, alloy="3104", chemistry="Mn=5"), "cast, chemistry Mn: found 5 %; expected "),
    (cast("H1", WHOLE, 910_000, site="nowhere"), "cast, site: found 'nowhere'"),
    (cast("H1", WHOLE, 910_000, date="2024-12-31"), "cast, date: found 2024-12-31, in no period"),
    (cast("H1", WHOLE, 910_000, date="2025-01-09"), "cast, charge line 1: found 'UBC' of 2025-01-10; expected a unit that was there"),
    (cast("H1", {"UBC": 500_001}, 480_000), "cast, charge line 1: found 500,001 kg of 'UBC', of which 500,000 kg are left"),
    (cast("H1", {"NONE": 5}, 5), "cast, charge line 1: found 'NONE'; expected a recorded lot"),
    (cast("H1", {"H1": 5}, 5), "cast, charge line 1: found 'H1', the unit itself"),
    ({**cast("H1", {}, 10), "charge": "UBC=5,UBC=5"}, "cast, charge line 2: found 'UBC' a second time"),
    (cast("H1", {"UBC": 500_000}, 480_000, returns_kg=0, bundles="H1=5"), "cast, heat: found 'H1', which another unit has"),
]  # fmt: skip


def test_what_cannot_have_been_cast_is_refused(stocked: Book) -> None:
    assert misses(stocked, [("cast", values, says) for values, says in NEVER_CAST]) == {}


def test_the_yield_limit_itself_is_allowed(stocked: Book) -> None:
    assert refused(stocked, "cast", cast("H1", WHOLE, 850_000)) == []


def test_metal_of_another_scope_cannot_be_charged_without_a_delivery(book: Book) -> None:
    enter(book, "lot", ubc("U", 1_000, site="elsewhere"))
    problems = refused(book, "cast", cast("H1", {"U": 1_000}, 900))
    assert any(problem.startswith("cast, charge line 1: found 'U'") and "elsewhere" in problem for problem in problems), problems


def test_a_repeat_of_a_cast_takes_nothing_a_second_time(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", {"UBC": 100_000}, 90_000))
    assert enter(stocked, "cast", cast("H1", {"UBC": 100_000}, 90_000)) == Count(written=0, known=1)
    assert left(stocked, "UBC") == 400_000


# Steps after casting


def test_a_step_takes_its_inputs_and_keeps_its_trim(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", WHOLE, 910_000))
    enter(stocked, "process", process("C1", {"H1": 400_000}, 380_000, returns_kg=15_000))
    assert (left(stocked, "H1"), left(stocked, "C1"), left(stocked, "C1-R")) == (510_000, 380_000, 15_000)
    assert sums(stocked, POST) == {"credit": 430_537}, "a step after casting makes no recycled metal"


NEVER_MADE = [
    (process("C1", {"H1": 400_000}, 380_000, returns_kg=20_001), "process, product_kg: found 400,001 kg out of 400,000 kg"),
    (process("C1", {"H1": 910_001}, 5), "process, inputs line 1: found 910,001 kg of 'H1', of which 910,000 kg are left"),
    (process("H1", {"UBC": 1}, 1), "process, id: found 'H1', which another unit has"),
    (process("C1", {"H1": 5}, 5, product="coils"), "process, product: found 'coils'"),
    (
        process("C1", {"H1": 5}, 5, step="flying"),
        "process, step: found 'flying'; expected one of: rolling, cold-rolling, hot-rolling",
    ),
    (process("C1", {"H1": 5}, 5, date="2025-02-09"), "process, inputs line 1: found 'H1' of 2025-02-10"),
]


def test_what_cannot_have_been_made_is_refused(stocked: Book) -> None:
    enter(stocked, "cast", cast("H1", WHOLE, 910_000))
    assert misses(stocked, [("process", values, says) for values, says in NEVER_MADE]) == {}
