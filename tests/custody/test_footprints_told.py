"""Footprints of an evidence pack: each heat's lines add up to it, and what was changed shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.audit.footprints import find_wrong_sums, footprint_table
from pcf.custody.audit.view import read_view
from tests.custody.books import cast, enter, enter_all, lot, shipped_catalogue, ubc

MASSES = {"H": {"U": 600, "P": 400}, "H2": {"H": 100, "H-R": 50, "P": 50}}
PRODUCTS = {"H": 900, "H2": 190}


@pytest.fixture
def melted(book: Book) -> Book:
    enter_all(book, [
        ("site-amendment", {"id": "works", "date": "2025-01-02", "reason": "plant", "plant": "hongfa"}),
        ("lot", ubc("U", 1_000)), ("lot", lot("P", 1_000)),
        ("cast", cast("H", MASSES["H"], PRODUCTS["H"], returns_kg=60)), ("cast", cast("H2", MASSES["H2"], PRODUCTS["H2"])),
    ])  # fmt: skip
    return book


def read(book: Book) -> list[dict[str, str]]:
    with book.read() as connection:
        table = footprint_table(read_view(connection, "S", "2025"), shipped_catalogue())
    return [dict(zip(table.columns, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in table.rows]


def wrong(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [item[:2] for item in find_wrong_sums(rows, MASSES, PRODUCTS)]


def test_the_lines_of_a_heat_are_its_footprint(melted: Book) -> None:
    rows = read(melted)
    assert wrong(rows) == []
    assert [row["line"] for row in rows] == ["charge"] * 2 + ["process", "total"] + ["charge"] * 3 + ["process", "total"]
    first = rows[3]
    assert float(first["kgCO2e"]) == pytest.approx(900 * float(first["kgCO2e_per_kg"]), rel=1e-9)
    # The heat goes into the next one with what it bears itself, returns with nothing.
    into, returns = (next(row for row in rows[4:] if row["from"] == name) for name in ("H", "H-R"))
    assert into["kgCO2e_per_kg"] == first["kgCO2e_per_kg"]
    assert float(returns["kgCO2e"]) == 0
    assert {(row["boundary"], row["gwp"], row["scrap"]) for row in rows} == {("cradle-to-gate", "AR6", "cut-off")}


CHANGES: list[tuple[Callable[[dict[str, str]], Any], str]] = [
    (lambda row: row.update(kgCO2e=f"{float(row['kgCO2e']) * 1.0001}"), "sum of the lines"),
    (lambda row: row.update(kgCO2e_per_kg="0.5"), "sum of the lines"),
    (lambda row: row.update(mass_kg="599"), "charge"),
    (lambda row: row.update({"from": "X"}), "charge"),
]


@pytest.mark.parametrize(("change", "what"), CHANGES)
def test_a_changed_line_shows(melted: Book, change: Callable[[dict[str, str]], Any], what: str) -> None:
    rows = read(melted)
    change(rows[0])
    assert ("H", what) in wrong(rows)


def test_a_missing_heat_and_an_invented_one_show(melted: Book) -> None:
    rows = read(melted)
    assert wrong([row for row in rows if row["heat"] != "H2"]) == [("H2", "footprint")]
    assert wrong([*rows, {**rows[3], "heat": "X"}]) == [("X", "footprint")]


def test_a_heat_without_plant_says_why(book: Book, tmp_path: Path) -> None:
    enter(book, "lot", ubc("U", 1_000))
    enter(book, "cast", cast("H", {"U": 600}, 550))
    (row,) = read(book)
    assert row["line"] == "none"
    assert row["note"].startswith("site works: found no plant")
    assert list(find_wrong_sums([row], {"H": {"U": 600}}, {"H": 550})) == []
