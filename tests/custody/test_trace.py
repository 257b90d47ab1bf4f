"""Genealogies: shares by hand, both ways, voids, what is too little to follow, and queries that use the indices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from pcf.custody import Book
from pcf.custody import trace as module
from pcf.custody.shares import Edge, calc_reached, calc_shares, split_down, split_up, sum_inputs
from pcf.custody.trace import Genealogy, trace
from pcf.errors import InputError
from tests.custody.books import cast, enter, enter_all, lot, process, shipment, ubc, void

STORY = (
    ("lot", ubc("U", 60_000)),
    ("lot", lot("P", 40_000)),
    ("cast", cast("H1", {"U": 30_000, "P": 10_000}, 36_000, returns_kg=2_000, bundles="B1=20000")),
    ("cast", cast("H2", {"U": 20_000, "H1-R": 2_000, "P": 18_000}, 38_000, date="2025-02-11")),
    ("process", process("C1", {"B1": 20_000}, 18_000)),
    ("shipment", shipment("SH", {"C1": 18_000, "H2": 18_000})),
)


@pytest.fixture
def story(book: Book) -> Book:
    for kind, values in STORY:
        enter(book, kind, values)
    return book


def follow(book: Book, name: str, **more: Any) -> Genealogy:
    with book.read() as connection:
        return trace(connection, name, **more)


def pairs(edges: list[Edge]) -> set[tuple[str, str, int]]:
    return {(edge.parent, edge.child, edge.mass_kg) for edge in edges}


def test_shares_of_the_origins_are_those_of_the_hand_calculation(story: Book) -> None:
    found = follow(story, "SH", down=False)
    # H1: half of the shipment by the coil, and 1/2 × 2/40 by its returns in H2.
    assert found.shares == {
        "SH": 1, "C1": Fraction(1, 2), "H2": Fraction(1, 2), "B1": Fraction(1, 2), "H1-R": Fraction(1, 40), "H1": Fraction(21, 40),
        "U": Fraction(103, 160), "P": Fraction(57, 160),
    }  # fmt: skip
    assert {(edge.parent, edge.child): mass for edge, mass in found.portions_up()} == {
        ("C1", "SH"): 18_000, ("H2", "SH"): 18_000, ("B1", "C1"): 18_000, ("H1", "B1"): 18_000, ("H1", "H1-R"): 900,
        ("H1-R", "H2"): 900, ("U", "H1"): 18_900 * Fraction(3, 4), ("P", "H1"): 18_900 * Fraction(1, 4), ("U", "H2"): 9_000,
        ("P", "H2"): 8_100,
    }  # fmt: skip
    assert (found.down, found.reached, found.ends, found.cut) == ([], {}, set(), False)


def test_shares_of_where_it_went_count_the_metal_that_others_brought(story: Book) -> None:
    found = follow(story, "U", up=False)
    assert found.reached == {
        "U": 1, "H1": Fraction(1, 2), "B1": Fraction(1, 4), "H1-R": Fraction(1, 40), "H2": Fraction(1, 3) + Fraction(1, 40),
        "C1": Fraction(1, 4), "SH": Fraction(18_000 * 3 * 20 + 18_000 * 43, 80 * 60_000),
    }  # fmt: skip
    assert found.totals["H2"] == 40_000
    assert ("U", "H2", 20_000) in pairs(found.down)
    assert sum(mass for edge, mass in found.portions_down() if edge.child == "SH") == 23_175


def test_a_unit_in_the_middle_is_followed_both_ways(story: Book) -> None:
    found = follow(story, "H1")
    assert pairs(found.up) == {("U", "H1", 30_000), ("P", "H1", 10_000)}
    assert pairs(found.down) == {
        ("H1", "B1", 20_000), ("H1", "H1-R", 2_000), ("H1-R", "H2", 2_000), ("B1", "C1", 20_000), ("C1", "SH", 18_000),
        ("H2", "SH", 18_000),
    }  # fmt: skip
    assert found.nodes["U"].content_class == "post-consumer"
    assert found.nodes["H1"].content_class == ""
    assert {edge.event_seq for edge in found.up} == {found.start.event_seq}


def test_an_unknown_unit_is_refused(story: Book) -> None:
    with pytest.raises(InputError, match="'NOPE'"):
        follow(story, "NOPE")


def test_a_void_unit_carries_no_mass_and_is_named_on_request(story: Book) -> None:
    enter(story, "void", void("shipment", "SH"))
    silent = follow(story, "U")
    assert "SH" not in silent.nodes and not silent.withdrawn
    named = follow(story, "U", voided=True)
    assert named.nodes["SH"].voided and "SH" not in named.reached
    assert pairs(named.withdrawn) == {("C1", "SH", 18_000), ("H2", "SH", 18_000)}
    own = follow(story, "SH")
    assert own.start.voided
    assert own.shares["U"] == Fraction(103, 160)


def chain(heats: int) -> list[tuple[str, dict[str, Any]]]:
    """Heats that each charge 2 of 40 t as returns of the heat before."""
    made: list[tuple[str, dict[str, Any]]] = [("lot", ubc("U", 10_000_000))]
    for number in range(1, heats + 1):
        charge = {"U": 38_000, f"H{number - 1}-R": 2_000} if number > 1 else {"U": 40_000}
        made.append(("cast", cast(f"H{number}", charge, 36_000, returns_kg=2_000)))
    return made


def test_returns_are_followed_as_long_as_they_bring_a_kilogram(book: Book) -> None:
    enter_all(book, chain(8))
    found = follow(book, "H8", down=False)
    # 36 t × (1/20)³ = 4.5 kg come from H5 and 0.2 kg from H4, which is shown but not followed.
    assert [name for name in found.nodes if name.endswith("-R")] == ["H7-R", "H6-R", "H5-R", "H4-R"]
    assert found.ends == {"H4-R"}
    assert found.shares["H4-R"] == Fraction(1, 20) ** 4
    assert sum(found.shares[name] for name in ("U", "H4-R")) == 1
    whole = follow(book, "H8", down=False, least_kg=0)
    assert whole.shares["U"] == 1 and whole.ends == set()
    onward = follow(book, "H1", up=False)
    # Of H1's metal 2,000 kg are in its returns, then 100, 5 and 0.25 kg in those of the heats after it.
    assert onward.ends == {"H4-R"}


def test_of_a_small_unit_a_thousandth_is_followed(book: Book) -> None:
    enter_all(book, [*chain(4), ("shipment", shipment("SH", {"H4": 10}))])
    assert follow(book, "SH").ends == {"H1-R"}


@pytest.mark.parametrize(("start", "up"), [("H8", True), ("H1", False)])
def test_a_genealogy_that_is_cut_off_says_so(book: Book, monkeypatch: pytest.MonkeyPatch, start: str, up: bool) -> None:
    enter_all(book, chain(8))
    monkeypatch.setattr(module, "MOST", 6)
    found = follow(book, start, up=up, down=not up, least_kg=0)
    assert found.cut
    assert len(found.nodes) <= 9
    assert found.ends
    if up:
        leaves = {edge.parent for edge in found.up} - {edge.child for edge in found.up}
        assert sum(found.shares[name] for name in leaves) == 1


@contextmanager
def statements(book: Book) -> Iterator[list[tuple[str, Any]]]:
    made: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        made.append((statement, parameters))

    event.listen(book.database.engine, "before_cursor_execute", note)
    try:
        yield made
    finally:
        event.remove(book.database.engine, "before_cursor_execute", note)


def test_every_query_searches_by_an_index(story: Book) -> None:
    if not story.database.is_sqlite:
        pytest.skip("the plans are those of SQLite")
    with statements(story) as made:
        follow(story, "H1", voided=True)
    queries = [item for item in made if item[0].startswith("SELECT")]
    assert queries
    with story.database.engine.connect() as connection:
        for statement, parameters in queries:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert not [row.detail for row in plan if "SCAN" in row.detail], statement


def test_queries_grow_with_the_generations_only(book: Book) -> None:
    enter_all(book, chain(12))
    with statements(book) as short:
        follow(book, "H3", down=False, least_kg=0)
    with statements(book) as long:
        follow(book, "H12", down=False, least_kg=0)
    # 9 heats further are 18 generations further, of three queries each.
    assert len(long) - len(short) == 18 * 3


# Shares of any graph -----------------------------------------------------------------------------------------------------------


@st.composite
def graphs(draw: st.DrawFn) -> list[Edge]:
    """Edges between units 0 … n, each from a higher to a lower number, with unit 0 at the end of all."""
    size = draw(st.integers(2, 9))
    edges = []
    for parent in range(1, size):
        children = draw(st.sets(st.integers(0, parent - 1), min_size=1, max_size=3))
        edges += [Edge(str(parent), str(child), draw(st.integers(1, 10**6)), "charge") for child in sorted(children)]
    return edges


@given(graphs(), st.integers(1, 10**9))
def test_origins_sum_to_the_whole_and_every_unit_passes_on_what_it_gets(edges: list[Edge], mass: int) -> None:
    shares = calc_shares("0", edges)
    leaves = set(shares) - {edge.child for edge in edges}
    assert sum(shares[name] for name in leaves) == 1
    portions = split_up(mass, edges, shares)
    for name in shares:
        into = sum(part for edge, part in portions if edge.child == name)
        out = sum(part for edge, part in portions if edge.parent == name)
        assert name in leaves or into == shares[name] * mass
        assert name == "0" or out == shares[name] * mass


@given(graphs())
def test_without_loss_as_much_goes_down_as_came_up(edges: list[Edge]) -> None:
    """What a leaf brought to the root by the shares above it is what the root got of it by the shares below the leaf."""
    shares = calc_shares("0", edges)
    totals = sum_inputs(edges)
    for leaf in set(shares) - set(totals):
        below = {leaf}
        lines = []
        for edge in sorted(edges, key=lambda item: -int(item.parent)):
            if edge.parent in below:
                below.add(edge.child)
                lines.append(edge)
        mass = sum(edge.mass_kg for edge in lines if edge.parent == leaf)
        reached = calc_reached(leaf, mass, lines, totals)
        lossless = all(totals[name] == sum(edge.mass_kg for edge in edges if edge.parent == name) for name in below - {leaf, "0"})
        portions = split_down(leaf, mass, lines, reached, totals)
        assert sum(part for edge, part in portions if edge.child == "0") == reached["0"] * mass
        if lossless:
            assert reached["0"] == 1
            assert reached["0"] * mass == shares[leaf] * totals["0"]


def test_a_chain_of_a_thousand_heats_keeps_short_numbers() -> None:
    edges = []
    for number in range(1_000):
        edges += [Edge(f"R{number + 1}", f"R{number}", 999_983, "charge"), Edge(f"L{number}", f"R{number}", 7, "charge")]
    shares = calc_shares("R0", edges)
    assert max(share.denominator.bit_length() for share in shares.values()) < 500
    assert abs(float(shares["R1000"]) - (999_983 / 999_990) ** 1_000) < 1e-12
    assert abs(sum(shares[f"L{number}"] for number in range(1_000)) + shares["R1000"] - 1) < Fraction(1, 10**60)
