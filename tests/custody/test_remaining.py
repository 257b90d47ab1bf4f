"""Product certificates of a year that is certified by batch, by hand: each draws of every heat in proportion to what is left of it."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pcf.custody import Book
from pcf.custody.draws import Pool, calc_pool, left_to_certify, read_pool, read_remelted
from pcf.custody.remaining import GRAIN, apportion, is_alike, read_remaining
from pcf.custody.tables import certificate_draw
from tests.custody.books import cast, enter, enter_all, lot, process, refused, shipment, void
from tests.custody.certified import POOL, certified, certify, certify_average, certify_remaining, end, refusal


@pytest.fixture
def metal(book: Book) -> Book:
    """Heat H of 900 kg with bundle A (300 kg) and heat I of 500 kg; of A 300 kg are certified, so that 600 and 500 kg are left."""
    enter_all(book, [
        ("lot", lot("L", 2_500)), ("cast", cast("H", {"L": 1_000}, 900, returns_kg=80, bundles="A=300")),
        ("cast", cast("I", {"L": 500}, 500)),
    ])  # fmt: skip
    certify(book, "A", 300)
    return book


def remaining(book: Book, pool: Pool = POOL) -> dict[str, Fraction]:
    with book.read() as connection:
        return read_remaining(connection, pool)


def left(book: Book, *names: str) -> list[int]:
    with book.read() as connection:
        return [left_to_certify(connection, name) for name in names]


def test_each_heat_gives_in_proportion_to_what_is_left_of_it(metal: Book) -> None:
    """110 of 1,100 kg: 60 kg of H, 50 kg of I."""
    assert remaining(metal) == {"H": 600, "I": 500}
    certify_remaining(metal, 110)
    assert certified(metal, "H", "I", "A") == {"H": 360, "I": 50, "A": 300}
    assert remaining(metal) == {"H": 540, "I": 450}
    assert left(metal, "H", "A", "I") == [540, 0, 450]


def test_what_is_no_whole_kilogram_is_told_to_the_microgram(metal: Book) -> None:
    """7 of 1,100 kg are 42/11 = 3.818181818|18 kg of H and 35/11 = 3.181818181|81 kg of I, whose remainder is the larger one."""
    before = remaining(metal)
    certify_remaining(metal, 7)
    drawn = {"H": Fraction("3.818181818"), "I": Fraction("3.181818182")}
    assert certified(metal, "H", "I") == {"H": 300 + drawn["H"], "I": drawn["I"]}
    assert remaining(metal) == {"H": 600 - drawn["H"], "I": 500 - drawn["I"]}
    assert is_alike(before, remaining(metal))
    certify_remaining(metal, 1_093)
    assert remaining(metal) == {}
    assert certified(metal, "H", "I") == {"H": 900, "I": 500}


def test_what_is_alike() -> None:
    """Of the same heats, and their shares the same to a billionth."""
    one = {"H": Fraction(600), "I": Fraction(500)}
    assert is_alike(one, {"H": Fraction(300), "I": Fraction(250)})
    assert is_alike(one, {"H": Fraction(600), "I": 500 + Fraction(1, 10**6)})
    assert not is_alike(one, {"H": Fraction(600), "I": 500 + Fraction(1, 10**5)})
    assert not is_alike(one, {"H": Fraction(600)})
    assert not is_alike(one, {"H": Fraction(600), "J": Fraction(500)})


@given(
    left=st.lists(st.fractions(min_value=0, max_value=1_000, max_denominator=10**12).filter(bool), min_size=1, max_size=9),
    share=st.fractions(min_value=0, max_value=1),
)
def test_a_mass_is_shared_out_to_the_last_microgram(left: list[Fraction], share: Fraction) -> None:
    """Together the mass, of no heat more than is left of it, and each within a microgram of its proportion or with the rest of all."""
    remaining = {f"H{number}": mass for number, mass in enumerate(left)}
    total = sum(left)
    mass = int(total * share)
    found = apportion(remaining, mass)
    assert sum(found.values()) == mass
    assert all(0 < kg <= remaining[name] for name, kg in found.items())
    assert all(abs(found.get(name, 0) - mass * kg / total) <= len(left) * GRAIN for name, kg in remaining.items())
    if mass == total:
        assert found == remaining


def test_draws_do_not_grow_with_the_certificates_before(metal: Book) -> None:
    """A hundred certificates in turn, of the product and by batch: the draws stay as short as the first ones."""
    for _ in range(50):
        certify_remaining(metal, 7)
        certify(metal, "I", 1)
    with metal.read() as connection:
        longest = max(len(kg) for kg in connection.execute(select(certificate_draw.c.kg)).scalars())
    assert longest <= len("3818181818/1000000000") + 2
    assert sum(remaining(metal).values()) == 1_100 - 50 * 8


def test_a_batch_certificate_in_between_changes_the_average(metal: Book) -> None:
    """Of 600 and 500 kg half each are drawn; then all that is left of I, 250 kg: only H remains."""
    certify_remaining(metal, 550)
    certify(metal, "I", 250)
    assert remaining(metal) == {"H": 300}
    certify_remaining(metal, 300)
    assert refusal(certify, metal, "H", 1).startswith("batch H, mass_kg: found 1 kg of H")


def test_no_more_than_remains(metal: Book) -> None:
    text = (
        "product, mass_kg: found {mass} kg of hqaloop of works in 2025, which is certified by batch; expected at most the {left} kg of "
        "{count} heats that no certificate covers and nobody has remelted; pcf certificate list; a certificate that should not hold is "
        "revoked first"
    )
    assert refusal(certify_remaining, metal, 1_101) == text.format(mass="1,101", left="1,100.000", count=2)
    certify_remaining(metal, 1_100)
    assert refusal(certify_remaining, metal, 1) == text.format(mass="1", left="0.000", count=0)


def test_the_fraction_that_no_batch_certificate_can_take_is_in_the_average(metal: Book) -> None:
    """4 of 7 kg of coil from 9 kg of H are 36/7 kg; of H all but 6/7 kg can be certified whole, which then remain with I."""
    enter(metal, "process", process("C", {"H": 9}, 7))
    certify(metal, "C", 4)
    certify(metal, "H", 594)
    assert remaining(metal) == {"H": Fraction(6, 7), "I": 500}
    certify_remaining(metal, 500)
    assert sum(remaining(metal).values()) == Fraction(6, 7)


def test_remelted_metal_does_not_remain_and_what_is_drawn_is_not_melted(metal: Book) -> None:
    enter(metal, "cast", cast("J", {"I": 100}, 95, date="2025-02-25", product="hqalight"))
    assert remaining(metal) == {"H": 600, "I": 400}
    assert remaining(metal, Pool("hqalight", "works", 2025)) == {"J": 95}
    number = certify_remaining(metal, 500)  # half of it: 300 of H, 200 of I
    melt = cast("K", {"I": 201}, 200, date="2025-02-25")
    assert refused(metal, "cast", melt) == [
        (
            f"cast, charge: found 201 kg of I, of which certificate {number} covers some; expected at most the 200.000 kg of I that no "
            f"certificate covers, all lines together; revoke {number} first, if that metal is to be melted again"
        )
    ]
    enter(metal, "cast", {**melt, "charge": "I=200"})
    assert remaining(metal) == {"H": 300, "K": 200}


def test_a_heat_that_it_draws_on_is_not_taken_back(metal: Book) -> None:
    number = certify_remaining(metal, 1)
    assert f"'I', which certificate {number} covers" in refused(metal, "void", void("cast", "I"))[0]
    end(metal, number)
    enter(metal, "void", void("cast", "I"))
    assert remaining(metal) == {"H": 600}


def test_a_heat_that_is_recorded_later_remains(metal: Book) -> None:
    certify_remaining(metal, 1_100)
    enter(metal, "cast", cast("N", {"L": 100}, 90))
    assert remaining(metal) == {"N": 90}


def test_shipped_metal_remains_until_its_shipment_is_certified(metal: Book) -> None:
    enter(metal, "shipment", shipment("S", {"H": 200, "I": 200}))
    assert remaining(metal) == {"H": 600, "I": 500}
    certify(metal, "S", 400)
    assert remaining(metal) == {"H": 400, "I": 300}
    certify_remaining(metal, 350)
    assert left(metal, "S", "H", "I") == [0, 200, 150]


def test_a_revoked_one_gives_each_heat_back_what_it_took(metal: Book) -> None:
    number = certify_remaining(metal, 550)
    certify(metal, "I", 250)
    end(metal, number, "superseded")
    assert remaining(metal) == {"H": 600, "I": 250}


def test_an_average_has_no_part_in_it(metal: Book) -> None:
    certify_remaining(metal, 11)
    text = "by average; expected one by batch or shipment"
    assert text in refusal(certify_average, metal, 1)
    with metal.read() as connection:
        assert (calc_pool(connection, POOL), read_pool(connection, POOL)) == (1_400, 0)


def test_what_each_unit_was_remelted_of(metal: Book) -> None:
    """Of 300 kg of I 240 kg became coil C; 120 kg of it and 50 kg of I itself were melted, and 100 kg of H: 200 kg of I."""
    enter_all(metal, [
        ("process", process("C", {"I": 300}, 240, returns_kg=50)),
        ("cast", cast("J", {"C": 120, "I": 50, "H": 100}, 265, date="2025-02-25")),
    ])  # fmt: skip
    with metal.read() as connection:
        assert read_remelted(connection, ["H", "I", "A"]) == {"H": 100, "I": 200}
        assert read_remelted(connection, ["H", "I"], ["J"]) == {}
