"""Contents and credits of heats, told again from the charge lists of an evidence pack."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.audit.contents import charge_table, find_differences, tell_heat
from pcf.custody.audit.view import View, read_view
from tests.custody.books import POST, PRE, cast, enter_all, lot, process, received, trim, ubc


@pytest.fixture
def melted(book: Book) -> Book:
    """The worked example of F13, its returns and a part of it melted again, and a customer's scrap."""
    later = {"date": "2025-03-01"}
    enter_all(book, [
        ("received", received("D1", 300_000)), ("lot", ubc("UBC", 500_000)), ("lot", trim("TRIM", 300_000, "D1")),
        ("lot", lot("PRIME", 1_000_000)), ("lot", ubc("OWN-YIELD", 1_000, metal_yield="0.9")),
        ("lot", ubc("TOLLED", 1_000, tolled_for="buyer")),
        ("cast", cast("H1", {"UBC": 500_000, "TRIM": 300_000, "PRIME": 200_000}, 900_000, returns_kg=10_000)),
        ("process", process("C1", {"H1": 100_000}, 95_000)),
        ("cast", cast("H2", {"H1-R": 10_000, "C1": 20_000, "H1": 1_000, "OWN-YIELD": 1_000, "TOLLED": 1_000}, 32_000, **later)),
    ])  # fmt: skip
    return book


def read(book: Book) -> tuple[View, list[dict[str, Any]]]:
    with book.read() as connection:
        view = read_view(connection, "S", "2025")
        table = charge_table(view)
    lines = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return view, [{name: "" if value is None else str(value) for name, value in row.items()} for row in lines]


def differences(view: View, lines: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    found = find_differences(view.rows, view.rows["heat"], lines)
    return [(item.heat, item.what, item.told, item.said) for item in found]


def test_a_charge_list_gives_the_content(melted: Book) -> None:
    view, lines = read(melted)
    assert differences(view, lines) == []
    told = tell_heat([row for row in lines if row["heat"] == "H1"], 900_000)
    # 930 t of metal: 440 post, 291 pre. In 900 t of product at most what was charged: 425,806.4 and 281,612.9 kg.
    assert (told.post, told.pre) == (Fraction(440, 930), Fraction(291, 930))
    assert told.credits == {POST: 425_806, PRE: 281_612}
    again = tell_heat([row for row in lines if row["heat"] == "H2"], 32_000)
    # 21 t of own metal by the contents of H1, 900 kg of a lot's own yield; returns and the customer's metal are in neither.
    assert again.post == (21_000 * Fraction(440, 930) + 900) / 21_900
    assert again.credits == {POST: 900, PRE: 0}


CHANGES: list[tuple[dict[str, str], set[str]]] = [
    ({"metal_yield": "1"}, {"UBC metal_yield", "post-consumer content", "pre-consumer content", "post-consumer credit", "pre-consumer credit"}),
    ({"content_class": "primary"}, {"UBC content_class", "post-consumer content", "post-consumer credit"}),
    ({"mass_kg": "400000"}, {"charge"}),
    ({"tolled": "yes"}, {"UBC tolled", "post-consumer content", "pre-consumer content", "post-consumer credit", "pre-consumer credit"}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_changed_term_shows(melted: Book, change: Mapping[str, str], expected: set[str]) -> None:
    view, lines = read(melted)
    changed = [row | change if (row["heat"], row["from"]) == ("H1", "UBC") else row for row in lines]
    found = differences(view, changed)
    assert {heat for heat, *_ in found} == {"H1"}
    assert {what for _, what, *_ in found} == expected


def test_a_missing_and_an_invented_line_show(melted: Book) -> None:
    view, lines = read(melted)
    (found,) = differences(view, [row for row in lines if row["from"] != "TRIM"])
    assert found[:2] == ("H1", "charge")
    (found,) = differences(view, [*lines, {**lines[0], "heat": "H9"}])
    assert found[:2] == ("H9", "charge")
