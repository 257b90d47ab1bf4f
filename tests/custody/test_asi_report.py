"""The yearly report to ASI against the casthouse of the reference examples (F1–F7)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.asi_report import AsiReport, ScrapInput, read_report, word_report
from pcf.errors import InputError
from tests.custody import audits
from tests.custody.books import cast, close, enter, enter_all, lot, shipment, ubc, void


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> dict[str, Path]:
    return audits.make(tmp_path_factory.mktemp("stories"), catalogue)


@pytest.fixture
def at(stories: dict[str, Path], tmp_path: Path, catalogue: Catalogue) -> Any:
    """Open a copy of a story, to be read and written on."""
    opened: list[Book] = []

    def place(name: str) -> Book:
        opened.append(audits.open_book(Path(shutil.copy(stories[name], tmp_path / f"{name}.db")), catalogue))
        return opened[-1]

    yield place
    for book in opened:
        book.database.close()


def read(book: Book, period: str = "2025", scope: str = "S") -> AsiReport:
    with book.read() as connection:
        return read_report(connection, scope, period)


def account(book: Book, name: str = "asi-aluminium", period: str = "2025", scope: str = "S") -> dict[str, Any]:
    return next(item for item in read(book, period, scope).as_document()["accounts"] if item["account"] == name)


def said(book: Book, period: str = "2025", scope: str = "S", language: str = "en") -> str:
    return "\n".join(word_report(read(book, period, scope), language))


def test_the_year_of_the_reference_example(at: Any) -> None:
    # 22,000 of 35,000 t; of 35,700 t with alloying elements. Cap of 33,200 t out: 20,868,571.4 kg. Documents for 18,000 t.
    found = account(at("closed"))
    assert found["input"] == {"coc_kg": 22_000_000, "non_coc_kg": 13_000_000, "alloying_kg": 700_000}
    assert (found["input_percentage"], found["input_percentage_with_alloying"]) == ("62.857142", "61.624649")
    assert found["output"] == {"total_kg": 33_200_000, "cap_kg": 20_868_571, "coc_kg": 18_000_000}
    assert found["positive_balance"] == {"carried_in_kg": 0, "drawn_kg": 0, "expired_kg": 0, "carried_out_kg": 2_868_571}
    assert found["internal_overdraft"] == {"repaid_kg": 0, "used_kg": 0, "limit_kg": 4_400_000, "force_majeure": []}


def test_the_balance_is_drawn_first_in_the_next_year(at: Any) -> None:
    # 20,000 of 36,000 t, 34,000 t out: 18,888,888.9 kg. 19,000 t of documents draw 2,868,571 kg of what was carried in first.
    book = at("next")
    found = account(book, period="2026")
    assert found["input_percentage"] == "55.555555"
    assert found["positive_balance"] == {
        "carried_in_kg": 2_868_571, "drawn_kg": 2_868_571, "expired_kg": 0, "carried_out_kg": 18_888_888 - (19_000_000 - 2_868_571),
    }  # fmt: skip
    words = said(book, "2026")
    assert "carried in 2,868,571, drawn 2,868,571, expired 0; carried out 2,757,459" in words
    assert "input percentage 55.5555 %" in words


def test_scrap_is_told_by_class(at: Any) -> None:
    assert read(at("closed")).scrap == ScrapInput(6_000_000, 4_000_000, 0, 5_000_000)
    assert "eligible 10,000,000 (post-consumer 6,000,000, pre-consumer 4,000,000), not eligible 5,000,000" in said(at("closed"))


def test_a_closed_year_stays_as_it_was_reported(at: Any) -> None:
    book = at("open")
    audits.lot(
        book, "LATE", 100, "post-consumer", "eligible-scrap", material="scrap-ubc", supplier="scrapco", due_diligence="DD-1"
    )
    audits.close(book, "2025")
    before = (read(book).scrap, account(book))
    assert before[0].post_kg == 6_100_000
    enter(book, "void", void("lot", "LATE", date="2026-02-01"))
    assert (read(book).scrap, account(book)) == before
    assert read(book, "2026").scrap == ScrapInput(0, 0, 0, 0)


def test_an_overdraft_stands_with_its_record(at: Any) -> None:
    # F6: 21,500 t issued on a cap of 20,868,571 kg.
    book = at("open")
    audits.add(
        book, "force-majeure", id="FM-1", scope="S", period="2025", account="asi-aluminium", date="2025-05-01", event="Flood",
        evidence="Letter",
    )  # fmt: skip
    audits.add(book, "document", shipment="SH2", date="2025-05-12", coc_kg=3_500_000, responsible="Wang", force_majeure="FM-1")
    audits.close(book, "2025")
    assert account(book)["internal_overdraft"] == {
        "repaid_kg": 0, "used_kg": 631_429, "limit_kg": 4_400_000, "force_majeure": ["FM-1"]
    }  # fmt: skip
    assert account(book, period="2026")["internal_overdraft"]["repaid_kg"] == 631_429
    assert "to repay 0, used 631,429 of at most 4,400,000; force majeure FM-1" in said(book)


def test_an_open_period_is_not_final(at: Any) -> None:
    for name, final in (("open", False), ("closed", True)):
        book = at(name)
        assert read(book).as_document()["final"] is final
        assert ("NOT FINAL" in said(book)) is not final
        assert ("非最终值" in said(book, language="zh")) is not final


def test_the_day_it_is_due(at: Any, book: Book) -> None:
    assert read(at("closed")).due == "2026-06-30"
    assert "Due by 2026-06-30 (indicative)" in said(at("closed"))
    assert "calendar year" not in said(at("closed"))
    enter_all(book, [
        ("site", {"id": "third", "name": "Third", "timezone": "Asia/Shanghai", "party": "hq"}),
        ("scope", {"id": "U", "name": "Third scope", "sites": "third"}),
        ("period", {"scope": "U", "id": "24/25", "start": "2024-07-01", "end": "2025-06-30"}),
    ])  # fmt: skip
    assert read(book, "24/25", "U").due == "2026-06-30"
    words = said(book, "24/25", "U")
    assert "The period is no calendar year" in words
    assert "No account has a posting" in words
    assert "certificate –" in words


def test_every_mark_is_indicative(at: Any) -> None:
    found = read(at("closed")).as_document()
    assert found["indicative"] is True
    assert {item["id"] for item in found["rules"]} >= {"R05", "R10", "R11", "R12", "R13"}
    for language, mark in (("en", "indicative"), ("zh", "参考性")):
        last = said(at("closed"), language=language).splitlines()[-1]
        assert last.count(mark) == sum(item["indicative"] for item in found["rules"])
        assert "conform" not in said(at("closed"), language=language)


def test_scrap_that_is_sold_has_the_percentage_of_aluminium(book: Book) -> None:
    enter_all(book, [
        ("lot", ubc("U", 60_000)), ("lot", lot("P", 40_000)),
        ("cast", cast("H", {"U": 60_000, "P": 40_000}, 80_000, returns_kg=10_000)),
        ("shipment", shipment("SCRAP", {"H-R": 10_000}, form="scrap")), ("lot", ubc("ABROAD", 5_000, site="elsewhere")),
    ])  # fmt: skip
    found = account(book, "eligible-scrap")
    # F3: 60 % of 10,000 kg.
    assert (found["input"], found["input_percentage"], found["output"]["cap_kg"]) == (None, "60.000000", 6_000)
    assert "input percentage of ASI aluminium 60.0000 %" in said(book)
    assert (read(book).scrap.post_kg, read(book, scope="T").scrap.post_kg) == (60_000, 5_000)
    close(book, "2025")
    assert account(book, "eligible-scrap")["positive_balance"]["carried_out_kg"] == 6_000


def test_names_that_do_not_exist(book: Book) -> None:
    with pytest.raises(InputError, match="one of: S, T"):
        read(book, scope="s")
    with pytest.raises(InputError, match="one of: 2025, 2026"):
        read(book, "2024")
