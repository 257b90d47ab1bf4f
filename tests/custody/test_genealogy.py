"""Genealogy: what is left of a unit, and what was made of what, through casts, steps, shipments and voids."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import pytest

from pcf.custody import Book
from pcf.custody.trace import trace
from tests.custody.books import cast, enter, enter_all, left, lot, process, refused, shipment, ubc, void


@pytest.fixture
def chain(book: Book) -> Book:
    """Two lots → a heat with a bundle and returns → a coil → a shipment."""
    enter_all(book, [
        ("lot", ubc("U", 600)),
        ("lot", lot("P", 400)),
        ("cast", cast("H", {"U": 600, "P": 400}, 900, returns_kg=50, bundles="B=800")),
        ("process", process("C", {"B": 500}, 450, returns_kg=40)),
        ("shipment", shipment("S1", {"C": 450})),
    ])  # fmt: skip
    return book


def test_a_shipment_leads_back_to_its_lots_by_their_masses(chain: Book) -> None:
    with chain.read() as connection:
        found = trace(connection, "S1", down=False)
    assert {edge.parent for edge in found.up} == {"C", "B", "H", "U", "P"}
    assert (found.shares["U"], found.shares["P"]) == (Fraction(3, 5), Fraction(2, 5))


def test_a_lot_leads_forward_to_everything_made_of_it(chain: Book) -> None:
    with chain.read() as connection:
        found = trace(connection, "U", up=False, least_kg=0)
    assert {edge.child for edge in found.down} == {"H", "H-R", "B", "C", "C-R", "S1"}


def test_the_mass_of_every_unit_is_used_once(chain: Book) -> None:
    # H: 900 of product, 50 more are returns of their own; B took 800. B: C took 500. C went whole.
    assert {name: left(chain, name) for name in ("U", "P", "H", "H-R", "B", "C", "C-R")} == {
        "U": 0, "P": 0, "H": 100, "H-R": 50, "B": 300, "C": 0, "C-R": 40,
    }  # fmt: skip


TOO_MUCH = [
    ("shipment", shipment("S2", {"C": 1})),
    ("shipment", shipment("S2", {"B": 301})),
    ("process", process("C2", {"H": 101}, 100)),
    ("cast", cast("H2", {"H-R": 51}, 50)),
    ("shipment", shipment("S2", {"U": 1})),
]


def test_no_step_takes_more_than_is_left(chain: Book) -> None:
    for kind, values in TOO_MUCH:
        (problem,) = refused(chain, kind, values)
        assert "kg are left; expected what is left, or less" in problem


def test_a_shipment_has_left_for_good(chain: Book) -> None:
    (problem,) = refused(chain, "cast", cast("H2", {"S1": 400}, 390, date="2025-04-01"))
    assert "'S1', a shipment that has left; expected a unit in stock; what comes back is a new lot" in problem


def test_what_something_stands_on_is_not_taken_back(chain: Book) -> None:
    for kind, target, user in [("lot", "U", "H"), ("lot", "P", "H"), ("cast", "H", "C"), ("process", "C", "S1")]:
        (problem,) = refused(chain, "void", void(kind, target))
        assert problem.startswith(f"void, target: found {target!r}, of which {user} has taken some")


def test_a_chain_is_taken_back_from_its_end(chain: Book) -> None:
    for kind, target in (("shipment", "S1"), ("process", "C"), ("cast", "H"), ("lot", "U"), ("lot", "P")):
        enter(chain, "void", void(kind, target))
    assert (left(chain, "U"), left(chain, "P")) == (600, 400)
    with chain.read() as connection:
        assert trace(connection, "U", up=False).down == []


OF_A_VOID_HEAT = [
    ("cast", cast("H2", {"H-R": 50}, 49)),
    ("shipment", shipment("S2", {"B": 100})),
    ("shipment", shipment("S2", {"H": 100})),
    ("process", process("C2", {"B": 100}, 90)),
    ("shipment", shipment("S2", {"C-R": 40}, form="scrap")),
]
"""Returns, a bundle shipped, the heat itself, a bundle rolled, trim of a void step."""


def test_nothing_is_made_of_a_void_heat_or_of_what_came_with_it(chain: Book) -> None:
    for target_kind, target in (("shipment", "S1"), ("process", "C"), ("cast", "H")):
        enter(chain, "void", void(target_kind, target))
    for kind, values in OF_A_VOID_HEAT:
        problems = refused(chain, kind, values)
        assert any("which is void; expected a unit that stands" in problem for problem in problems), problems


def test_metal_of_a_void_heat_can_be_charged_again(chain: Book) -> None:
    for kind, target in (("shipment", "S1"), ("process", "C"), ("cast", "H")):
        enter(chain, "void", void(kind, target))
    enter(chain, "cast", cast("H2", {"U": 600, "P": 400}, 900))
    assert (left(chain, "U"), left(chain, "H2")) == (0, 900)


def test_heats_may_stand_on_each_other_a_hundred_deep(book: Book) -> None:
    enter(book, "lot", ubc("U", 1_000))
    names = ["U", *(f"H{number}" for number in range(100))]
    enter_all(book, [("cast", cast(new, {old: 1_000}, 1_000)) for old, new in pairwise(names)])
    with book.read() as connection:
        assert trace(connection, "H99", down=False).shares["U"] == 1
