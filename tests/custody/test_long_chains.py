"""Chains of thousands of heats, each of the metal of the one before: as deep as they are, they are followed to the end."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pcf.custody import Book
from pcf.custody.physical import metal_yield, unit_content
from pcf.custody.shares import Edge, Parts, calc_shares
from pcf.custody.trace import mixed_content, trace
from pcf.errors import CheckFailed
from tests.custody.books import cast, enter, enter_all, lot, process, ubc

LENGTH, MASS = 3_000, 100_000


def close(one: Fraction, other: Fraction) -> bool:
    """Whether two shares agree as far as long chains are computed: beyond, their digits would fill books."""
    return abs(one - other) < Fraction(1, 10**60)


def cut(share: Fraction) -> Fraction:
    """A share without the digits that no comparison here looks at."""
    return share if share.denominator.bit_length() < 3_000 else Fraction(round(share * 2**2_000), 2**2_000)


def test_a_chain_of_3000_heats_has_the_content_and_shares_of_the_hand_calculation(book: Book) -> None:
    enter(book, "lot", ubc("U", 10 * MASS))
    enter(book, "lot", lot("P", 10_000 * MASS))
    charges = [{"U": 50_000, "P": 51_000}, *({f"H{number - 1}": MASS, "P": 1_000} for number in range(1, LENGTH))]
    enter_all(book, [("cast", cast(f"H{number}", charge, MASS)) for number, charge in enumerate(charges)])
    # Metal by yield: scrap 0.88, primary ingot that of the catalogue; own metal comes with its shares, all of its mass.
    ingot = metal_yield(book.catalogue, "primary-delivery")
    content = Fraction(44_000) / (44_000 + 51_000 * ingot)
    for _ in range(1, LENGTH):
        content = cut(content * MASS / (MASS + 1_000 * ingot))
    last = f"H{LENGTH - 1}"
    with book.read() as connection:
        found = unit_content(connection, book.catalogue, last, "company", "batch", include_tolled=False)
        whole = trace(connection, last, least_kg=0, down=False)
        followed = trace(connection, last, down=False)
    assert close(found.post, content)
    assert len(whole.nodes) == LENGTH + 2
    # 50,000 / 101,000 of the first heat, of which 100/101 are in each one after it.
    assert close(whole.shares["U"], Fraction(50, 101) * cut(Fraction(100, 101) ** (LENGTH - 1)))
    # A heat is followed while a kilogram of the 100 t is of it: (100/101)^n >= 1e-5 up to n = ln 1e5 / ln 1.01 = 1157.04.
    assert followed.ends == {f"H{LENGTH - 1 - 1158}"}


def test_a_chain_of_steps_has_the_content_of_its_heat(book: Book) -> None:
    enter(book, "lot", ubc("U", MASS))
    enter(book, "cast", cast("H", {"U": MASS}, MASS, bundles=f"B={MASS}"))
    steps = [("process", process("S0", {"B": MASS}, MASS))]
    steps += [("process", process(f"S{number}", {f"S{number - 1}": MASS}, MASS)) for number in range(1, 1_500)]
    for step in steps:
        enter(book, *step)
    with book.read() as connection:
        assert mixed_content(connection, "S1499") == (1, 0)


def test_parts_are_the_shares_whatever_the_order_in_which_a_genealogy_is_read() -> None:
    # R is of A and B, A of B and C, B of C: by hand A 1/4, B 3/4 + 1/4 × 1/2 = 7/8, C 1/8 + 7/8 = 1.
    edges = [Edge("A", "R", 1, ""), Edge("B", "R", 3, ""), Edge("B", "A", 5, ""), Edge("C", "A", 5, ""), Edge("C", "B", 7, "")]
    expected = {"R": 1, "A": Fraction(1, 4), "B": Fraction(7, 8), "C": 1}
    totals = {"R": 4, "A": 10, "B": 7}
    for order in (("R", "A", "B"), ("R", "B", "A")):
        parts = Parts("R")
        for name in order:
            parts.add([(edge.child, edge.parent, Fraction(edge.mass_kg, totals[name])) for edge in edges if edge.child == name])
        assert parts.found == expected
    assert calc_shares("R", edges) == expected


def test_a_circle_is_named() -> None:
    edges = [Edge("A", "R", 1, ""), Edge("B", "A", 1, ""), Edge("A", "B", 1, "")]
    with pytest.raises(CheckFailed, match=r"circle of units, [AB] ← [AB] ← [AB]"):
        calc_shares("R", edges)
    parts = Parts("R")
    for edge in edges[:-1]:
        parts.add([(edge.child, edge.parent, Fraction(1))])
    with pytest.raises(CheckFailed, match="circle"):
        parts.add([("B", "A", Fraction(1))])
