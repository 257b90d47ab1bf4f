"""Imports: all rows or none, every problem by its row, repeats known, memory bounded."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from pcf.custody import Book, import_rows
from pcf.custody.intake import MOST_PROBLEMS, Count, Row
from pcf.custody.places import Places
from pcf.errors import DataError, InputError
from tests.custody.books import POST, cast, enter, enter_all, left, lot, process, refused, shipment, size, sums, ubc

ROOT = Path(__file__).parents[2]


def rows(*records: dict[str, Any], name: str = "lots.csv") -> list[Row]:
    return [(f"{name} row {number}", record) for number, record in enumerate(records, 2)]


def problems(book: Book, kind: str, *records: dict[str, Any]) -> list[str]:
    """Problems of an import of which nothing stays."""
    before = size(book)
    with pytest.raises(DataError) as caught:
        import_rows(book, [(kind, rows(*records))])
    assert size(book) == before
    return [str(problem) for problem in caught.value.problems]


def test_an_import_counts_what_it_wrote_and_what_it_knew(book: Book) -> None:
    assert import_rows(book, [("lot", rows(lot("A", 1), lot("B", 2)))]) == Count(written=2, known=0)
    assert import_rows(book, [("lot", rows(lot("A", 1), lot("B", 2), lot("C", 3)))]) == Count(written=1, known=2)
    assert sums(book) == {"other-in": 6}


def test_one_wrong_row_keeps_all_others_out(book: Book) -> None:
    good = [lot(f"L{number}", 1) for number in range(1_200)]
    assert problems(book, "lot", *good, lot("BAD", 0)) == ["lots.csv row 1202, mass_kg: found '0'; expected kilograms, 1 or more"]
    assert sums(book) == {}


def test_every_problem_of_every_row_is_named(book: Book) -> None:
    found = problems(
        book, "lot",
        lot("A", 0, date="never"), lot("B", 5, supplier="nobody", material="unobtainium"), lot("C", 5), lot("D", 5, ticket="T-C"),
        lot("C", 5, ticket="T9"), {"id": "E"}, ubc("F", 5, due_diligence="DD-9"),
    )  # fmt: skip
    assert sorted(problem.partition(":")[0] for problem in found) == sorted([
        "lots.csv row 2, date", "lots.csv row 2, mass_kg", "lots.csv row 3, supplier", "lots.csv row 3, material",
        "lots.csv row 5, ticket", "lots.csv row 6", *(f"lots.csv row 7, {name}" for name in ("site", "date", "material", "mass_kg", "supplier", "ticket", "content_class")),
        "lots.csv row 8, due_diligence",
    ])  # fmt: skip


def test_problems_of_all_tables_are_named_together(book: Book) -> None:
    with pytest.raises(DataError) as caught:
        import_rows(book, [("lot", rows(lot("A", 0))), ("shipment", rows(shipment("S", {"A": 1}), name="shipments.csv"))])
    assert [item.place for item in caught.value.problems] == ["lots.csv row 2, mass_kg", "shipments.csv row 2, items line 1"]


def test_a_file_of_the_wrong_kind_ends_early(book: Book) -> None:
    def endless() -> Iterator[Row]:
        number = 0
        while True:
            number += 1
            yield f"row {number}", {"colour": "red"}

    with pytest.raises(DataError) as caught:
        import_rows(book, [("lot", endless())])
    assert MOST_PROBLEMS < len(caught.value.problems) < MOST_PROBLEMS + 100


def test_rows_that_repeat_within_a_file_are_named_with_the_first(book: Book) -> None:
    (problem,) = problems(book, "lot", lot("A", 1), lot("A", 1))
    assert problem.startswith("lots.csv row 3: found 'A' a second time; expected each id once; it stands at lots.csv row 2 too")


def test_an_error_of_the_source_leaves_nothing(book: Book) -> None:
    def broken() -> Iterator[Row]:
        yield from rows(*(lot(f"L{number}", 1) for number in range(600)))
        raise InputError("lots.csv row 602", "half a line", "a whole one")

    before = size(book)
    with pytest.raises(InputError, match="half a line"):
        import_rows(book, [("lot", broken())])
    assert size(book) == before


def test_progress_is_told_row_by_row_in_chunks(book: Book) -> None:
    told: list[int] = []
    import_rows(book, [("lot", rows(*(lot(f"L{number}", 1) for number in range(1_001))))], told.append)
    assert told == [500, 500, 1]


def test_heats_in_any_order_find_each_other(book: Book) -> None:
    enter(book, "lot", ubc("U", 1_000))
    backwards = [
        cast("H3", {"H2": 900}, 890),
        cast("H2", {"H1-R": 50, "H1": 900}, 920),
        cast("H1", {"U": 1_000}, 900, returns_kg=60),
    ]
    assert import_rows(book, [("cast", rows(*backwards))]) == Count(3, 0)
    assert (left(book, "H1"), left(book, "H1-R"), left(book, "H2"), left(book, "H3")) == (0, 10, 20, 890)


def test_heats_of_more_than_a_chunk_find_each_other_too(book: Book) -> None:
    enter(book, "lot", ubc("U", 1_000))
    names = ["U", *(f"H{number}" for number in range(700))]
    chain = [cast(new, {old: 1_000}, 1_000) for old, new in pairwise(names)]
    assert import_rows(book, [("cast", rows(*reversed(chain)))]) == Count(700, 0)
    assert sums(book, POST) == {"credit": 880}


def test_a_circle_of_heats_is_refused(book: Book) -> None:
    enter(book, "lot", lot("P", 1_000))
    circle = [cast("H1", {"H3-R": 10, "P": 90}, 90), cast("H2", {"H1": 90}, 85), cast("H3", {"H2": 85}, 70, returns_kg=10)]
    found = problems(book, "cast", *circle)
    assert len(found) == 1
    assert found[0].startswith("lots.csv row 2, charge: found a circle of heats: H")
    assert "expected heats that are charged after they were cast" in found[0]
    assert {"H1", "H2", "H3"} <= set(found[0].replace(";", " ").split())


def test_heats_that_together_take_too_much_are_refused(book: Book) -> None:
    enter(book, "lot", lot("P", 100))
    (problem,) = problems(book, "cast", cast("H1", {"P": 60}, 58), cast("H2", {"P": 60}, 58))
    assert problem.startswith("lots.csv row 3, charge line 1: found 60 kg of 'P', of which 40 kg are left")


def test_a_whole_delivery_chain_is_one_import(book: Book) -> None:
    count = enter_all(book, [
        ("lot", ubc("U", 1_000)), ("cast", cast("H", {"U": 1_000}, 900)), ("process", process("C", {"H": 900}, 850)),
        ("shipment", shipment("S", {"C": 850})),
    ])  # fmt: skip
    assert count == Count(4, 0)
    assert sums(book) == {"coc-in": 1_000, "out": 850}


MEASURE = """
import resource, sys
from contextlib import closing
from pcf.custody import Book, import_rows
from pcf.store import open_database
from tests.custody import books
url, size = sys.argv[1], int(sys.argv[2])
catalogue = books.shipped_catalogue()
rows = lambda name, size: ((f"row {n}", books.lot(f"{name}{n}", 1000 + n)) for n in range(size))
with closing(open_database(url)) as database:
    book = Book(database, catalogue, "tester")
    import_rows(book, [("lot", rows("WARM", 2000))])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    import_rows(book, [("lot", rows("L", size))])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def more_memory(url: str, size: int) -> int:
    """Memory that an import takes at its peak, beyond that of a small one [KiB]."""
    command = [sys.executable, "-c", MEASURE, url, str(size)]
    return int(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_rows(database_url: str) -> None:
    # 20,000 lots are some 40 MB as objects; kept until the end they would show.
    assert more_memory(database_url, 20_000) < 8 * 1024


def test_a_row_that_comes_again_far_below_is_named_with_the_first_one(book: Book) -> None:
    """A thousand rows further down the first one is in the database already; known is what an earlier import brought."""
    rows_ = [(f"lots.csv row {number + 2}", lot(f"L{number}", 1)) for number in range(1_200)]
    again = [*rows_, ("lots.csv row 1900", lot("L3", 1)), ("lots.csv row 1901", lot("L7", 2, ticket="T-new"))]
    with pytest.raises(DataError) as refused:
        import_rows(book, [("lot", again)])
    assert [str(problem) for problem in refused.value.problems] == [
        "lots.csv row 1900: found 'L3' a second time; expected each id once; it stands at lots.csv row 5 too",
        "lots.csv row 1901: found 'L7' a second time; expected each id once; it stands at lots.csv row 9 too",
    ]
    assert import_rows(book, [("lot", rows_)]) == Count(1_200, 0)
    assert import_rows(book, [("lot", rows_)]) == Count(0, 1_200)


def test_places_of_an_import_take_eight_bytes_a_row() -> None:
    places = Places()
    for number in range(10_000):
        places.add(50 + number, f"book.xlsx sheet {'lot' if number < 6_000 else 'cast'} row {number + 2}")
    assert places[50] == "book.xlsx sheet lot row 2"
    assert places[50 + 6_000] == "book.xlsx sheet cast row 6002"
    assert places[50 + 9_999] == "book.xlsx sheet cast row 10001"
    assert [seq in places for seq in (49, 50, 10_049, 10_050)] == [False, True, True, False]
    assert 50 not in Places()
    assert sys.getsizeof(places._numbers) < 8 * 12_000
    assert len(places._starts) == 2


def test_a_key_that_is_used_again_is_named(book: Book) -> None:
    enter(book, "lot", lot("L1", 5), key="key:monday")
    assert refused(book, "lot", lot("L2", 6), key="key:monday") == [
        (
            "lot: found key 'monday', which is recorded with other content; expected a new key; "
            "a record is never changed: void it and enter a new one"
        )
    ]


def test_a_day_before_any_period_says_so(book: Book) -> None:
    enter(book, "party", {"id": "new", "name": "New"})
    enter(book, "site", {"id": "third", "name": "Third", "timezone": "UTC", "party": "new"})
    enter(book, "scope", {"id": "U", "name": "Unopened", "sites": "third"})
    (problem,) = refused(book, "lot", lot("L1", 5, site="third"))
    assert "expected a day of an accounting period, of which the scope has none yet" in problem
