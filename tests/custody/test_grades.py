"""Grades of green low-carbon aluminium: a table with sources, and how figures are held to it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.grades import CRITERIA, SHARES, Grade, evaluate, read_grades, shipped_grades
from pcf.custody.green import green_blend, word_blend
from pcf.custody.heats import Heats
from pcf.errors import InputError
from tests.custody.books import cast, enter_all, ubc


def table(folder: Path, *rows: str, header: str = "grade,min_green_share,min_recycled_share,source") -> Path:
    path = folder / "grades.csv"
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def test_the_shipped_table_has_its_columns_and_no_grade() -> None:
    assert read_grades(shipped_grades()) == ()
    assert set(shipped_grades().read_text(encoding="utf-8").strip().split(",")) >= {
        "grade",
        *CRITERIA,
        "footprint_boundary",
        "source",
    }


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("A,0.5,,", "a grade without its source proves nothing"),
        ("A,0.5,,  ", "where the thresholds stand"),
        ("A,,,Source", "no limit"),
        (",0.5,,Source", "a name of its own"),
        ("A,75,,Source", "a share from 0 to 1"),
        ("A,-0.5,,Source", "a share from 0 to 1"),
        ("A,0.5%,,Source", "a share from 0 to 1"),
        ("A,nan,,Source", "a share from 0 to 1"),
    ],
)
def test_grades_that_are_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_grades(table(tmp_path, row))


def test_a_footprint_of_another_boundary_is_refused(tmp_path: Path) -> None:
    header = "grade,max_footprint,footprint_boundary,source"
    for row in ("A,4.0,,Market convention", "A,4.0,scope 1 and 2,Market convention"):
        with pytest.raises(InputError, match="a footprint is compared within one boundary"):
            read_grades(table(tmp_path, row, header=header))
    assert read_grades(table(tmp_path, "A,4.0,cradle-to-gate,Source", header=header))[0].limits == {"max_footprint": 4}
    with pytest.raises(InputError, match="a name of its own"):
        read_grades(table(tmp_path, "A,4.0,cradle-to-gate,Source", "A,5.0,cradle-to-gate,Source", header=header))


limits = st.dictionaries(st.sampled_from(SHARES), st.fractions(0, 1, max_denominator=100), min_size=1)
figures = st.fixed_dictionaries({name: st.fractions(0, 1, max_denominator=100) for name in CRITERIA})


@given(st.lists(limits, max_size=4), figures)
def test_a_grade_is_met_by_all_its_limits_and_none_before_it(
    asked: list[dict[str, Fraction]], found: dict[str, Fraction]
) -> None:
    grades = [Grade(str(number), one, "s") for number, one in enumerate(asked)]
    met = [grade.name for grade in grades if all(found[name] >= limit for name, limit in grade.limits.items())]
    grading = evaluate(grades, found)
    assert (grading.grade.name if grading.grade else None) == (met[0] if met else None)
    assert grading.evaluated == bool(asked)


def test_a_grade_by_footprint_is_held_to_the_heats_own(book: Book, catalogue: Catalogue) -> None:
    enter_all(book, [
        ("site", {"id": "casthouse", "name": "Casthouse", "timezone": "Asia/Shanghai", "party": "hq", "plant": "hongfa"}),
        ("scope", {"id": "U", "name": "Third scope", "sites": "casthouse"}),
        ("period", {"scope": "U", "id": "2025", "start": "2025-01-01", "end": "2025-12-31"}),
        ("lot", ubc("U1", 100_000, site="casthouse")),
        ("cast", cast("H", {"U1": 100_000}, 86_000, site="casthouse", product="can-stock-3104")),
    ])  # fmt: skip
    with book.read() as connection:
        total = Fraction(Heats(connection, catalogue).footprint("H").total)
        low, high = Grade("low", {"max_footprint": total - 1}, "s"), Grade("high", {"max_footprint": total}, "s")
        found = green_blend(connection, catalogue, "H", (low, high))
    assert [item.met for item in found.grading.verdicts] == [False, True]
    assert any("tCO2e/t cradle to gate, at most" in line for line in word_blend(found, "en"))
