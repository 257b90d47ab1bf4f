"""What certificates draw, by hand: the same metal is certified once, under whatever name it stands."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.draws import Pool, calc_pool, calc_remelted, find_masses, left_to_certify, read_pool
from pcf.errors import DataError, InputError
from tests.custody.books import cast, enter, enter_all, lot, process, refused, shipment, void
from tests.custody.certified import POOL, certified, certify, certify_average, end, refusal


@pytest.fixture
def metal(book: Book) -> Book:
    """Heat H of 900 kg with bundles A (300 kg) and B (200 kg), heat I of 500 kg, and 1,000 kg of bought metal left of L."""
    enter_all(book, [
        ("lot", lot("L", 2_500)), ("cast", cast("H", {"L": 1_000}, 900, returns_kg=80, bundles="A=300,B=200")),
        ("cast", cast("I", {"L": 500}, 500)),
    ])  # fmt: skip
    return book


def melt(heat: str, charge: dict[str, int], product_kg: int, **more: Any) -> dict[str, Any]:
    """A heat that is cast after the steps of `books.process`."""
    return cast(heat, charge, product_kg, **{"date": "2025-02-25", **more})


def behind(book: Book, name: str, kg: int) -> dict[str, Fraction]:
    with book.read() as connection:
        return find_masses(connection, name, kg)


def left(book: Book, name: str) -> int:
    with book.read() as connection:
        return left_to_certify(connection, name)


def remelted(book: Book, *names: str) -> Fraction:
    with book.read() as connection:
        return calc_remelted(connection, names)


def pool(book: Book, of: Pool = POOL) -> tuple[Fraction, int]:
    with book.read() as connection:
        return calc_pool(connection, of), read_pool(connection, of)


# What is behind a unit -------------------------------------------------------------------------------------------------


def test_a_heat_and_a_bundle_draw_on_the_heat(metal: Book) -> None:
    assert behind(metal, "H", 900) == {"H": 900}
    assert behind(metal, "A", 120) == {"A": 120, "H": 120}


def test_a_coil_draws_what_was_rolled_with_its_trim(metal: Book) -> None:
    """300 kg of slab gave 250 kg of coil and 40 kg of trim: a kilogram of coil is 1.2 kg of slab."""
    enter(metal, "process", process("C", {"A": 300}, 250, returns_kg=40))
    assert behind(metal, "C", 250) == {"C": 250, "A": 300, "H": 300}
    assert behind(metal, "C", 1) == {"C": 1, "A": Fraction(6, 5), "H": Fraction(6, 5)}


def test_a_shipment_of_several_pieces_draws_on_each(metal: Book) -> None:
    """400 kg: 100 kg of A, 150 kg of H itself, 150 kg of I; half of it is 50, 75 and 75 kg, so 125 kg of H."""
    enter(metal, "shipment", shipment("S", {"A": 100, "H": 150, "I": 150}))
    assert behind(metal, "S", 200) == {"S": 200, "A": 50, "H": 125, "I": 75}


def test_a_unit_that_is_reached_by_two_ways_of_unlike_length_counts_both(metal: Book) -> None:
    """C is 100 kg of A and 100 kg of H; D is all of C and 50 kg of A: of H 100 + 100 + 50 = 250 kg."""
    enter_all(metal, [
        ("process", process("C", {"A": 100, "H": 100}, 200, step="packing")),
        ("process", process("D", {"C": 200, "A": 50}, 250, step="packing")),
    ])  # fmt: skip
    assert behind(metal, "D", 250) == {"D": 250, "C": 200, "A": 150, "H": 250}


def test_a_heat_of_heats_draws_on_itself_alone(metal: Book) -> None:
    enter(metal, "cast", melt("J", {"A": 300, "L": 100}, 390))
    assert behind(metal, "J", 390) == {"J": 390}


def test_metal_of_a_customer_is_his_to_certify(book: Book) -> None:
    """30 of 100 kg are a customer's: of the heat 70 kg can be certified, of the 60 kg that were shipped 42 kg, of what is melted nothing."""
    enter_all(book, [
        ("lot", lot("T", 30, tolled_for="buyer")), ("lot", lot("L", 70)), ("cast", cast("H", {"T": 30, "L": 70}, 100)),
        ("shipment", shipment("S", {"H": 60})),
    ])  # fmt: skip
    assert (left(book, "S"), left(book, "H")) == (42, 70)
    assert "at most the 42.000 kg of S that no certificate covers and nobody has remelted, without the 30 % of it" in refusal(
        certify, book, "S", 43
    )
    certify(book, "S", 42)
    assert certified(book, "S", "H") == {"S": 42, "H": 42}
    assert left(book, "H") == 28
    enter(book, "cast", cast("H2", {"H": 10}, 10))  # 7 kg of the own and 3 kg of the customer's
    assert left(book, "H") == 21
    assert left(book, "H2") == 7


@pytest.mark.parametrize(
    ("name", "kg", "says"),
    [
        ("L", 10, "unit: found 'L'; expected a heat, bundle, coil or shipment that stands"),
        ("H-R", 10, "unit: found 'H-R'; expected a heat, bundle, coil or shipment that stands"),
        ("NOWHERE", 10, "unit: found 'NOWHERE'"),
        ("A", 301, "mass_kg: found 301; expected at most the mass of A: 300"),
        ("P", 10, "unit P: found L (lot) in it; expected what is made of heats alone"),
    ],
)
def test_what_is_not_made_of_heats_has_no_footprint_to_certify(metal: Book, name: str, kg: int, says: str) -> None:
    enter(metal, "process", process("P", {"A": 50, "L": 50}, 100, step="packing"))
    with pytest.raises(InputError) as problem:
        behind(metal, name, kg)
    assert str(problem.value).startswith(says)


def test_what_is_void_has_nothing_to_certify(metal: Book) -> None:
    enter_all(metal, [("process", process("C", {"A": 100}, 90)), ("void", void("process", "C"))])
    with pytest.raises(InputError, match="unit: found 'C'; expected a heat, bundle, coil or shipment that stands"):
        behind(metal, "C", 90)
    assert left(metal, "A") == 300


# Once --------------------------------------------------------------------------------------------------------------------


def test_a_heat_and_its_bundles_share_the_mass_of_the_heat(metal: Book) -> None:
    """700 kg of H are certified: of bundle A's 300 kg 200 kg can be."""
    certify(metal, "H", 700)
    assert (left(metal, "A"), left(metal, "B"), left(metal, "H")) == (200, 200, 200)
    assert refusal(certify, metal, "A", 201).startswith(
        "batch A, mass_kg: found 201 kg of A, that is 201.000 kg of H, which A is made of; expected at most the 200.000 kg of H that no "
        "certificate covers and nobody has remelted"
    )
    certify(metal, "A", 200)
    assert (left(metal, "A"), left(metal, "B"), left(metal, "H")) == (0, 0, 0)
    assert certified(metal, "H", "A") == {"H": 900, "A": 200}


def test_a_certified_coil_leaves_less_of_its_heat(metal: Book) -> None:
    """125 kg of coil are 150 kg of slab and heat; 750 kg of the heat are left."""
    enter(metal, "process", process("C", {"A": 300}, 250, returns_kg=40))
    certify(metal, "C", 125)
    assert (left(metal, "H"), left(metal, "A"), left(metal, "C")) == (750, 150, 125)
    certify(metal, "H", 750)
    assert refusal(certify, metal, "C", 1).startswith(
        "batch C, mass_kg: found 1 kg of C, that is 1.200 kg of H, which C is made of"
    )


def test_the_last_fraction_of_a_kilogram_is_nobodys(metal: Book) -> None:
    """Of 7 kg of coil from 9 kg of slab 4 kg are 36/7 kg: 4 kg of the slab can still be certified, 6/7 kg never."""
    enter(metal, "process", process("C", {"A": 9}, 7))
    certify(metal, "C", 4)
    certify(metal, "H", 891)
    assert left(metal, "A") == 9 - 6
    assert certified(metal, "A", "H") == {"A": Fraction(36, 7), "H": 891 + Fraction(36, 7)}
    assert (left(metal, "H"), left(metal, "C")) == (3, 3)


def test_two_certificates_of_one_writing_see_each_other(metal: Book) -> None:
    assert "at most the 200.000 kg of H" in refusal(certify, metal, "H", 700, ("A", 300))
    certify(metal, "H", 700, ("A", 200))
    assert left(metal, "H") == 0


def test_a_shipment_and_what_it_was_made_of(metal: Book) -> None:
    enter_all(metal, [("shipment", shipment("S", {"A": 300, "I": 100})), ("shipment", shipment("S2", {"I": 400}))])
    certify(metal, "S", 400)
    assert (left(metal, "A"), left(metal, "H"), left(metal, "I"), left(metal, "S2")) == (0, 600, 400, 400)
    certify(metal, "I", 1)
    assert left(metal, "S2") == 399


def test_a_revoked_certificate_gives_its_metal_back(metal: Book) -> None:
    number = certify(metal, "A", 300)
    certify(metal, "H", 600)
    assert left(metal, "B") == 0
    end(metal, number, "superseded")
    assert (left(metal, "B"), left(metal, "A")) == (200, 300)
    certify(metal, "B", 200)
    assert left(metal, "A") == 100


# Remelting ---------------------------------------------------------------------------------------------------------------


def test_remelted_metal_cannot_be_certified(metal: Book) -> None:
    """Of 300 kg of A 250 kg became coil C, of which 120 kg were melted again: 150 kg of A, and 50 kg of A itself."""
    enter_all(metal, [
        ("process", process("C", {"A": 250}, 200, returns_kg=50)), ("cast", melt("J", {"C": 120, "A": 50}, 165)),
    ])  # fmt: skip
    assert (remelted(metal, "A"), remelted(metal, "H"), remelted(metal, "C")) == (200, 200, 120)
    assert (left(metal, "A"), left(metal, "H"), left(metal, "C"), left(metal, "J")) == (100, 700, 80, 165)
    assert "at most the 80.000 kg of C that no certificate covers and nobody has remelted" in refusal(certify, metal, "C", 81)
    certify(metal, "C", 80)
    certify(metal, "H", 600)
    assert left(metal, "H") == 0
    enter(metal, "void", void("cast", "J"))
    assert left(metal, "H") == 200


def test_trim_and_returns_bear_nothing_and_are_melted_freely(metal: Book) -> None:
    enter(metal, "process", process("C", {"A": 300}, 250, returns_kg=40))
    certify(metal, "H", 900)
    enter(metal, "cast", melt("J", {"H-R": 80, "C-R": 40, "L": 100}, 210))
    assert remelted(metal, "H", "C") == 0
    assert left(metal, "J") == 210


def test_certified_metal_is_not_melted_again(metal: Book) -> None:
    number = certify(metal, "H", 700)
    assert refused(metal, "cast", melt("J", {"A": 201}, 201)) == [
        (
            f"cast, charge: found 201 kg of A, of which certificate {number} covers some; expected at most the 200.000 kg of H that no "
            f"certificate covers, all lines together; revoke {number} first, if that metal is to be melted again"
        )
    ]
    enter(metal, "cast", melt("J", {"A": 200}, 200))
    assert refused(metal, "cast", melt("K", {"A": 1, "L": 99}, 100))
    end(metal, number)
    enter(metal, "cast", melt("K", {"A": 100}, 100))


def test_the_lines_of_a_charge_count_together(metal: Book) -> None:
    """600 kg of H are certified, 300 kg are not: A alone may be melted, B alone too, both together not."""
    certify(metal, "H", 600)
    assert "200 kg of B, of which certificate" in refused(metal, "cast", melt("J", {"A": 300, "B": 200}, 500))[0]
    assert "expected at most the 300.000 kg of H" in refused(metal, "cast", melt("J", {"A": 300, "H": 1}, 301))[0]
    enter(metal, "cast", melt("J", {"A": 100, "B": 200}, 300))
    assert left(metal, "H") == 0


def test_casts_of_one_file_count_together(metal: Book) -> None:
    certify(metal, "H", 600)
    with pytest.raises(DataError, match=r"expected at most the 0\.000 kg of H"):
        enter_all(metal, [("cast", melt("J", {"A": 300}, 300)), ("cast", melt("K", {"B": 1}, 1))])
    enter_all(metal, [("cast", melt("J", {"A": 200}, 200)), ("cast", melt("K", {"B": 100}, 100))])


def test_what_one_file_has_made_of_certified_metal_is_not_melted_by_it(metal: Book) -> None:
    certify(metal, "A", 300)
    with pytest.raises(DataError, match=r"80 kg of C, of which certificate PCF-2026-\d+ covers some"):
        enter_all(metal, [("process", process("C", {"A": 100}, 80)), ("cast", melt("J", {"C": 80}, 80))])


def test_bought_metal_that_was_packed_is_melted_whatever_is_certified(metal: Book) -> None:
    """P is bought metal alone; of Q half is bundle B, which is certified."""
    enter_all(metal, [
        ("process", process("P", {"L": 100}, 100, step="packing")),
        ("process", process("Q", {"L": 100, "B": 100}, 200, step="packing")),
    ])  # fmt: skip
    certify(metal, "B", 200)
    enter(metal, "shipment", shipment("S", {"P": 10}))
    (problem,) = refused(metal, "cast", melt("J", {"Q": 2}, 2))
    assert "2 kg of Q, of which certificate" in problem


def test_a_certified_heat_of_heats_leaves_the_rest_of_the_first_one(metal: Book) -> None:
    enter(metal, "cast", melt("J", {"A": 300}, 290))
    certify(metal, "J", 290)
    assert left(metal, "H") == 600
    certify(metal, "H", 600)
    assert left(metal, "B") == 0
    assert refused(metal, "cast", melt("K", {"J": 1}, 1))


# Voids -------------------------------------------------------------------------------------------------------------------


def test_nothing_that_a_certificate_covers_is_taken_back(metal: Book) -> None:
    enter_all(metal, [("process", process("C", {"A": 300}, 250)), ("shipment", shipment("S", {"C": 250}))])
    number = certify(metal, "S", 100)
    for kind, target in (("shipment", "S"), ("process", "C"), ("cast", "H")):
        assert (
            f"{target!r}, which certificate {number} covers; expected a record" in refused(metal, "void", void(kind, target))[0]
        )
    end(metal, number)
    for kind, target in (("shipment", "S"), ("process", "C"), ("cast", "H")):
        enter(metal, "void", void(kind, target))


def test_a_bundle_holds_its_heat(metal: Book) -> None:
    number = certify(metal, "B", 10)
    assert f"which certificate {number} covers" in refused(metal, "void", void("cast", "H"))[0]
    enter(metal, "void", void("cast", "I"))


# Averages ----------------------------------------------------------------------------------------------------------------


def test_an_average_covers_at_most_what_was_cast(metal: Book) -> None:
    certify_average(metal, 1_000)
    assert refusal(certify_average, metal, 401).startswith(
        "product, mass_kg: found 401 kg of hqaloop of works in 2025, of which 1,000 kg are certified; expected at most what was cast and "
        "not remelted, 1,400 kg, all certificates together"
    )
    certify_average(metal, 400)
    assert pool(metal) == (1_400, 1_400)


def test_a_pool_is_a_product_a_site_and_a_year(metal: Book) -> None:
    enter_all(metal, [
        ("cast", cast("N", {"L": 100}, 90, date="2026-01-05")), ("lot", lot("M", 100, site="mill")),
        ("cast", cast("O", {"M": 100}, 95, site="mill")), ("cast", cast("Q", {"L": 100}, 88, product="hqalight")),
    ])  # fmt: skip
    assert pool(metal) == (1_400, 0)
    assert pool(metal, Pool("hqaloop", "works", 2026)) == (90, 0)
    assert pool(metal, Pool("hqaloop", "mill", 2025)) == (95, 0)
    assert pool(metal, Pool("hqalight", "works", 2025)) == (88, 0)


def test_remelted_metal_leaves_its_pool_and_the_new_heat_is_in_its_own(metal: Book) -> None:
    """100 kg of A go into a heat of another product: 1,300 kg are left of the first one."""
    enter(metal, "cast", melt("J", {"A": 100}, 95, product="hqalight"))
    assert pool(metal) == (1_300, 0)
    assert pool(metal, Pool("hqalight", "works", 2025)) == (95, 0)
    assert "expected at most what was cast and not remelted, 1,300 kg" in refusal(certify_average, metal, 1_301)
    certify_average(metal, 1_300)


def test_metal_that_an_average_covers_is_not_melted_again(metal: Book) -> None:
    number = certify_average(metal, 1_000)
    assert refused(metal, "cast", melt("J", {"A": 300, "I": 101}, 400)) == [
        (
            "cast, charge: found 401 kg of hqaloop of works in 2025 charged again, of which certificates cover 1,000 kg; expected what no "
            "certificate covers, or less; pcf certificate list; one that should not hold is revoked first"
        )
    ]
    enter(metal, "cast", melt("J", {"A": 300, "I": 100}, 400, product="hqalight"))
    assert pool(metal) == (1_000, 1_000)
    assert refused(metal, "cast", melt("K", {"I": 1}, 1))
    end(metal, number)
    enter(metal, "cast", melt("K", {"I": 1}, 1))


def test_a_heat_that_an_average_needs_is_not_taken_back(metal: Book) -> None:
    certify_average(metal, 901)
    (problem,) = refused(metal, "void", void("cast", "I"))
    assert "'I', without which less of hqaloop of works in 2025 was cast than the 901 kg that certificates cover" in problem


def test_a_heat_that_an_average_does_not_need_is_taken_back(metal: Book) -> None:
    certify_average(metal, 900)
    enter(metal, "void", void("cast", "I"))
    assert pool(metal) == (900, 900)


def test_a_heat_of_own_metal_is_taken_back_where_that_metal_covers_the_average(metal: Book) -> None:
    """J was made of 300 kg of A: without it these are metal of H again, and 1,400 kg cover 1,300 kg."""
    enter(metal, "cast", melt("J", {"A": 300}, 290))
    assert pool(metal) == (1_390, 0)
    certify_average(metal, 1_390)
    enter(metal, "void", void("cast", "J"))
    assert pool(metal) == (1_400, 1_390)


@pytest.mark.parametrize("first", ["average", "batch"])
def test_a_year_is_certified_one_way(metal: Book, first: str) -> None:
    ways: dict[str, Any] = {"average": lambda: certify_average(metal, 10), "batch": lambda: certify(metal, "A", 10)}
    number = ways.pop(first)()
    (other,) = ways
    said = {"average": "at the product's average", "batch": "by batch or shipment"}
    text = (
        f"found a certificate of hqaloop of works in 2025 by {other}; expected one {said[first]}, as the first certificate of that year "
        "has chosen; all of a product, site and year is certified one way"
    )
    assert text in refusal(ways[other])
    end(metal, number)  # the choice stays: who revokes and takes the other way would choose by the result
    assert text in refusal(ways[other])


def test_another_year_may_be_certified_the_other_way(metal: Book) -> None:
    enter(metal, "cast", cast("N", {"L": 100}, 90, date="2026-01-05"))
    certify_average(metal, 10)
    certify(metal, "N", 10)
