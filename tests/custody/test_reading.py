"""What is said about wrong fields: place, what was found and what was expected, in this program's own words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pcf.custody.intake import KINDS
from pcf.custody.reading import check_record

ODD: tuple[Any, ...] = (
    "", " ", "x", "=1", "1,5", 0, -1, 16, 1.5, 10**5000, True, [], [1], [[]], {}, {"unit": 1}, {"a": 1}, (), ("a",), b"x", None, object(),
    Decimal("NaN"), float("inf"), "nan", "A=1;B=2", ",", "A", "A=", "=5", "A=x", [{"unit": "A"}], [{"unit": "A", "mass_kg": 1, "more": 2}],
    "x" * 100_000, "A=1," * 600,
)  # fmt: skip

LEAKED = (
    "Input should",
    "should have",
    "valid ",
    "Value error",
    "Field required",
    "Extra inputs",
    "after validation",
    "instance of",
    "dictionary",
)


@pytest.mark.parametrize("kind", KINDS)
def test_no_words_of_the_library_are_in_a_problem(kind: str) -> None:
    model = KINDS[kind].model
    for field in model.model_fields:
        for value in ODD:
            for problem in check_record(model, {field: value}, "row 1")[1]:
                assert problem.found
                assert problem.expected
                assert not any(word in str(problem) for word in LEAKED), str(problem)


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        ("scope", {"sites": ","}, "row 1, sites: found nothing; expected at least 1"),
        ("scope", {"sites": 5}, "row 1, sites: found '5'; expected one or more, with commas between them"),
        ("cast", {"charge": ","}, "row 1, charge: found nothing; expected at least 1"),
        ("cast", {"charge": "A=1," * 501}, "row 1, charge: found 501 entries; expected at most 500"),
        ("filing", {"part": "x"}, "row 1, part: found 'x'; expected a whole number"),
        ("filing", {"part": "1.5"}, "row 1, part: found '1.5'; expected a whole number"),
        ("filing", {"part": 0}, "row 1, part: found '0'; expected a whole number, 1 or more"),
        ("filing", {"part": 16}, "row 1, part: found '16'; expected a whole number, at most 15"),
    ],
)
def test_what_is_found_and_expected(kind: str, values: dict[str, Any], expected: str) -> None:
    assert expected in {str(problem) for problem in check_record(KINDS[kind].model, values, "row 1")[1]}


@pytest.mark.parametrize("name", ["ТICKET-1", "LОT-1", "W-Α1", "Тx", "А1B"])
def test_an_id_of_two_alphabets_that_look_the_same_is_refused(name: str) -> None:
    (problem,) = (item for item in check_record(KINDS["lot"].model, {"ticket": name}, "row 1")[1] if "ticket" in item.place)
    assert "letters of one alphabet" in problem.expected


@pytest.mark.parametrize("name", ["TICKET-1", "Партия 7", "磅单-A1", "ΔT-1", "Überfracht 9", "Лот-1", "CO2-µ"])
def test_an_id_of_one_alphabet_or_of_signs_that_look_like_no_other_is_taken(name: str) -> None:
    assert not [item for item in check_record(KINDS["lot"].model, {"ticket": name}, "row 1")[1] if "ticket" in item.place]
