"""The log looked through: by kind, person, period and text, page by page, and never further than it may at once."""

from __future__ import annotations

import json

import pytest

from pcf.store import Database, clock, search
from pcf.store.search import Wanted, find_events, first_at, last_head, read_payload, recent

BEGIN, STEP = 1_700_000_000_000_000, 1_000_000
"""Time of event 0, and from one to the next [us]."""


@pytest.fixture
def log(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Twenty events of two persons: those with even numbers are of lin and lots, the others of wei and casts."""
    for number in range(20):
        monkeypatch.setattr(clock, "now", lambda number=number: BEGIN + number * STEP)
        with database.write("wei" if number % 2 else "lin") as tx:
            tx.add("cast" if number % 2 else "lot", f"key:{number}", "r", {})
    return database


def seqs(log: Database, before: int | None = None, limit: int = 50, **wanted: object) -> list[int]:
    with log.read() as connection:
        return [line.seq for line in find_events(connection, Wanted(**wanted), before, limit).lines]  # type: ignore[arg-type]


def test_what_is_asked_for_is_found_the_newest_first(log: Database) -> None:
    assert seqs(log) == list(range(19, -1, -1))
    assert seqs(log, kind="cast", limit=3) == [19, 17, 15]
    assert seqs(log, actor="lin", limit=3) == [18, 16, 14]
    assert seqs(log, kind="cast", actor="lin") == []
    assert seqs(log, text="KEY:1") == [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1]
    assert seqs(log, kind="' OR 1=1 --") == [] == seqs(log, text="%") == seqs(log, text="_")


def test_a_period_has_its_first_and_not_its_last_moment(log: Database) -> None:
    assert seqs(log, start=BEGIN + 3 * STEP, stop=BEGIN + 6 * STEP) == [5, 4, 3]
    assert seqs(log, start=BEGIN + 3 * STEP - 1, stop=BEGIN + 6 * STEP + 1) == [6, 5, 4, 3]
    assert seqs(log, start=BEGIN + 100 * STEP) == [] == seqs(log, stop=BEGIN)
    assert seqs(log, start=6, stop=5) == []
    with log.read() as connection:
        assert [first_at(connection, BEGIN + number * STEP, 20) for number in range(21)] == list(range(21))


def test_pages_follow_each_other_without_gap_or_repeat(log: Database) -> None:
    found, before = [], None
    with log.read() as connection:
        while True:
            page = find_events(connection, Wanted(kind="lot"), before, 3)
            found += [line.seq for line in page.lines]
            if page.following is None:
                break
            before = page.following
    assert found == list(range(18, -1, -2))


def test_a_page_looks_no_further_than_it_may_and_says_how_far(log: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_LOOKED", 5)
    with log.read() as connection:
        page = find_events(connection, Wanted(text="key:2"))
        assert (page.lines, page.following, page.looked) == ((), 15, 15)
        for _ in range(3):
            assert page.following is not None
            page = find_events(connection, Wanted(text="key:2"), page.following)
        assert ([line.seq for line in page.lines], page.following) == ([2], None)


def test_a_line_has_the_length_of_what_it_holds(log: Database) -> None:
    with log.read() as connection:
        line = find_events(connection, Wanted(), None, 1).lines[0]
        payload = read_payload(connection, line.seq)
        assert payload is not None and (len(payload), json.loads(payload)["key"]) == (line.length, "key:19")
        assert read_payload(connection, 99) is None
        assert tuple(map(list, recent(connection))) == (["cast", "lot"], ["lin", "wei"])
        assert last_head(connection) is None
