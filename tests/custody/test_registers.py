"""Registers: what pages show of companies, papers, meters and evidence, and what happened to each, on both databases."""

from __future__ import annotations

import pytest

from pcf.custody import Book
from pcf.custody.intake import KINDS
from pcf.custody.listing import find_units
from pcf.custody.registers import AMENDED, REGISTERS, can_void, read_entry, read_register
from pcf.errors import InputError
from tests.custody.books import OTHER_SCOPE, SCOPE, THEIRS, close, enter, enter_all, lot, void

METER = {"site": "works", "time": "2025-03", "leg": "grid", "mwh": "10"}


def names(book: Book, kind: str, words: str = "") -> list[str]:
    with book.read() as connection:
        found, total = read_register(connection, kind, words)
    assert total == len(found)
    return [item.name for item in found]


def amend(of: str, **more: str) -> dict[str, str]:
    return {"id": of, "date": "2025-06-01", "reason": "as the register says", **more}


def test_a_company_is_found_by_its_first_name_and_by_its_present_one(book: Book) -> None:
    enter(book, "party-amendment", amend("canco", name='Can "Makers" 100%_ <b>'))
    assert names(book, "party", "can maker") == ["canco"]
    assert names(book, "party", '"makers" 100%_ <B>') == ["canco"]
    assert names(book, "party", "100%") == ["canco"], "a sign of the search language stands for itself"
    assert names(book, "party", "'; DROP TABLE party; --") == []
    with book.read() as connection:
        found = read_entry(connection, "party", "canco")
    assert found.fields["name"] == 'Can "Makers" 100%_ <b>' and found.void is None


def test_a_register_is_cut_into_pages_with_the_newest_first(book: Book) -> None:
    with book.read() as connection:
        first, total = read_register(connection, "party", limit=2)
        second, _ = read_register(connection, "party", offset=2, limit=2)
    # Six companies of the world, entered in this order: hq, abroad, canco, merchant, smelter, buyer.
    assert total == 6
    assert [item.name for item in [*first, *second]] == ["buyer", "smelter", "merchant", "canco"]


def test_an_amendment_stands_in_the_history_with_who_and_why(book: Book) -> None:
    enter(book, "site", {"id": "new-mill", "name": "New mill", "timezone": "Asia/Shanghai", "party": "abroad"})
    enter(book, "scope-amendment", amend(OTHER_SCOPE, add_site="new-mill", representative="Li"))
    with book.read() as connection:
        found = read_entry(connection, "scope", OTHER_SCOPE)
    assert found.fields["sites"] == ["elsewhere", "new-mill"] and found.fields["representative"] == "Li"
    first, second = found.history
    assert (first.what, first.actor, first.reason) == ("recorded", "tester", "")
    assert (second.what, second.actor, second.date, second.reason) == (
        "amended",
        "tester",
        "2025-06-01",
        "as the register says",
    )
    assert dict(second.fields) == {"representative": "Li", "add_site": ["new-mill"]}
    assert first.seq < second.seq and first.time <= second.time


def test_a_meter_that_was_taken_back_and_read_anew_has_one_history(book: Book) -> None:
    name = "works/2025-03/grid"
    enter(book, "meter", METER)
    enter(book, "void", void("meter", name, reason="wrong meter"))
    with book.read() as connection:
        gone = read_entry(connection, "meter", name)
    assert gone.void is not None and gone.void.reason == "wrong meter"
    enter(book, "meter", {**METER, "mwh": "12"})
    with book.read() as connection:
        found = read_entry(connection, "meter", name)
    # 12 MWh = 12,000,000 Wh.
    assert found.fields["wh"] == 12_000_000 and found.void is None
    assert [item.what for item in found.history] == ["recorded", "void", "recorded"]
    with book.read() as connection:
        both, _ = read_register(connection, "meter")
    assert [(item.name, item.void is not None) for item in both] == [(name, False), (name, True)], "both readings stay"


def test_a_period_says_that_it_is_closed(book: Book) -> None:
    close(book, "2025", OTHER_SCOPE)
    with book.read() as connection:
        closed, open_ = (read_entry(connection, "period", f"{scope}/2025") for scope in (OTHER_SCOPE, SCOPE))
    assert [item.what for item in closed.history] == ["recorded", "closed"]
    assert [item.what for item in open_.history] == ["recorded"]


def test_a_certificate_is_named_by_its_number_and_first_day(book: Book) -> None:
    enter(book, "certificate", {
        "number": THEIRS, "holder": "canco", "standard": "asi-coc", "valid_from": "2026-07-01", "valid_until": "2028-06-30"
    })  # fmt: skip
    assert names(book, "certificate", THEIRS) == [f"{THEIRS}/2026-07-01", f"{THEIRS}/2024-07-01"]


@pytest.mark.parametrize(
    ("kind", "name"), [("party", "nobody"), ("party", "<script>"), ("lot", "U-1"), ("'; DROP TABLE party; --", "hq"), ("meter", "")]
)  # fmt: skip
def test_what_is_not_recorded_is_said_in_one_line(book: Book, kind: str, name: str) -> None:
    with book.read() as connection, pytest.raises(InputError) as error:
        read_entry(connection, kind, name)
    assert "\n" not in str(error.value)


def test_every_register_can_be_read_and_its_records_are_amended_or_taken_back() -> None:
    assert set(REGISTERS) < set(KINDS)
    assert {kind for kind in REGISTERS if not can_void(kind)} == {*AMENDED, "period"}
    assert {f"{kind}-amendment" for kind in AMENDED} == {kind for kind in KINDS if kind.endswith("-amendment")}


def test_an_empty_book_has_empty_registers(book: Book) -> None:
    for kind in ("contractor", "force-majeure", "filing", "meter", "power", "match"):
        assert names(book, kind) == [], kind


def test_units_are_found_by_a_part_of_their_id(book: Book) -> None:
    enter_all(book, [("lot", lot("A-1", 10, date="2025-01-10")), ("lot", lot("A_2", 10, date="2025-02-10"))])
    with book.read() as connection:
        found = [[item.id for item in find_units(connection, words)] for words in ("", "a", "A_", "100%", "'; --")]
        assert [item.id for item in find_units(connection, "", limit=1)] == ["A_2"]
    assert found == [["A_2", "A-1"], ["A_2", "A-1"], ["A_2"], [], []]
