"""What one writing of a book takes over from the one before: never what was not written, nor what another one has changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import event

from pcf.custody import Book
from pcf.custody.intake import Count
from pcf.errors import DataError
from pcf.store import open_database
from tests.custody.books import Values, cast, close, enter, enter_all, lot, refused, shipment, void


def site(name: str = "new") -> Values:
    return {"id": name, "name": "New works", "timezone": "Asia/Shanghai", "party": "hq"}


def scope(name: str = "new") -> Values:
    return {"id": f"scope-{name}", "name": "New scope", "sites": name}


def period(name: str = "new") -> Values:
    return {"scope": f"scope-{name}", "id": "2025", "start": "2025-01-01", "end": "2025-12-31"}


def place(name: str = "new") -> list[tuple[str, Values]]:
    return [("site", site(name)), ("scope", scope(name)), ("period", period(name))]


@pytest.fixture
def other(book: Book, database_url: str) -> Iterator[Book]:
    """Another process at the same database."""
    with closing(open_database(database_url)) as database:
        yield Book(database, book.catalogue, "other")


@pytest.fixture
def warm(book: Book) -> Book:
    """A book that has written and knows the sites, scopes and periods."""
    enter(book, "lot", lot("A", 100))
    enter(book, "lot", lot("B", 100))
    return book


def test_a_site_of_a_writing_that_failed_is_forgotten_with_it(warm: Book) -> None:
    with pytest.raises(DataError):
        enter_all(warm, [*place(), ("lot", lot("C", 100, site="new")), ("lot", lot("D", 100, supplier="nobody"))])
    # As many sites, scopes and periods as the failed writing had, but others.
    enter_all(warm, place("third"))
    assert any("'new'" in problem for problem in refused(warm, "lot", lot("C", 100, site="new")))
    enter(warm, "lot", lot("C", 100, site="third"))


def test_a_site_that_the_same_writing_adds_is_known_in_it_and_after_it(warm: Book) -> None:
    enter_all(warm, [*place(), ("lot", lot("D", 100, site="new"))])
    enter(warm, "lot", lot("E", 100, site="new"))


def test_what_another_process_adds_is_seen(warm: Book, other: Book) -> None:
    enter_all(other, place())
    enter(warm, "lot", lot("C", 100, site="new"))


def test_a_period_that_another_process_closes_takes_nothing_more(warm: Book, other: Book) -> None:
    close(other, "2025")
    (problem,) = refused(warm, "lot", lot("C", 100))
    assert "in the closed period 2025" in problem


def test_a_period_that_the_same_book_closes_takes_nothing_more(warm: Book) -> None:
    close(warm, "2025")
    (problem,) = refused(warm, "lot", lot("C", 100))
    assert "in the closed period 2025" in problem


def test_two_writers_in_turn_see_each_other(warm: Book, other: Book) -> None:
    for number in range(3):
        enter_all(other, place(f"new{number}"))
        enter(warm, "lot", lot(f"C{number}", 100, site=f"new{number}"))
        enter(other, "lot", lot(f"D{number}", 100, site=f"new{number}"))


VOIDED = [("lot", lot("A", 100)), ("cast", cast("H", {"B": 100}, 90)), ("shipment", shipment("S1", {"C": 100}, form="scrap"))]


@pytest.mark.parametrize(("kind", "values"), VOIDED, ids=[kind for kind, _ in VOIDED])
@pytest.mark.parametrize("key", ["", "mine"])
def test_a_record_that_was_taken_back_is_no_known_one(book: Book, kind: str, values: Values, key: str) -> None:
    enter_all(book, [("lot", lot(name, 100)) for name in "BC"])
    assert enter(book, kind, values, key) == Count(1, 0)
    assert enter(book, kind, values, key) == Count(0, 1)
    enter(book, "void", void(kind, str(values.get("id") or values["heat"])))
    (problem,) = refused(book, kind, values, key)
    assert "which is void since 2025-12-01; expected a record that stands" in problem


def test_a_repeated_void_is_known(warm: Book) -> None:
    enter(warm, "void", void("lot", "A"))
    assert enter(warm, "void", void("lot", "A")) == Count(0, 1)


def test_only_a_repeat_asks_what_is_void(warm: Book) -> None:
    asked: list[str] = []
    event.listen(warm.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    enter(warm, "lot", lot("C", 100))
    assert not [statement for statement in asked if "target_seq" in statement]
    enter(warm, "lot", lot("C", 100))
    assert len([statement for statement in asked if "target_seq" in statement]) == 1


def test_a_writing_after_a_writing_asks_for_no_site_again(warm: Book) -> None:
    asked: list[str] = []
    event.listen(warm.database.engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    enter(warm, "lot", lot("C", 100))
    assert asked and not [statement for statement in asked if "FROM site" in statement or "FROM period" in statement]
