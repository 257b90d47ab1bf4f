"""Lots: what came over the weighbridge, what it may count as, and where it is posted."""

from __future__ import annotations

from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.intake import Count
from pcf.custody.tables import lot as lot_table
from tests.custody import books
from tests.custody.books import (
    ALUMINIUM,
    OTHER_SCOPE,
    SCRAP,
    coc_metal,
    enter,
    internal,
    left,
    lot,
    misses,
    received,
    refused,
    sums,
    trim,
    ubc,
)

DOCUMENT = received("D1", 300_000)


def test_metal_without_a_document_is_other_input(book: Book) -> None:
    assert enter(book, "lot", lot("L1", 200_000)) == Count(written=1, known=0)
    assert sums(book) == {"other-in": 200_000}
    assert left(book, "L1") == 200_000


def test_eligible_scrap_is_input_of_the_aluminium_account(book: Book) -> None:
    enter(book, "received", DOCUMENT)
    enter(book, "lot", ubc("U1", 500_000))
    enter(book, "lot", trim("R1", 300_000, "D1"))
    assert sums(book) == {"coc-in": 800_000}
    assert sums(book, SCRAP) == {}


def test_part_of_a_lot_may_be_coc_material(book: Book) -> None:
    enter(book, "received", received("D2", 60_000, material=ALUMINIUM, total_kg=100_000))
    enter(book, "lot", coc_metal("C1", 100_000, "D2", coc_kg=60_000))
    assert sums(book) == {"coc-in": 60_000, "other-in": 40_000}


@pytest.mark.parametrize(
    ("values", "posted"),
    [
        (internal("I1", 9_000), {}),
        (lot("I2", 9_000, asi_class="outside"), {}),
        (lot("I3", 9_000, tolled_for="buyer"), {}),
        (lot("I4", 9_000, content_class="alloying", material="silicon-metal"), {"alloying-in": 9_000}),
    ],
    ids=["internal scrap", "outside the scope", "metal of a customer", "alloying elements"],
)
def test_what_is_no_metal_input_enters_no_percentage(book: Book, values: dict[str, Any], posted: dict[str, int]) -> None:
    enter(book, "lot", values)
    assert sums(book) == posted
    assert books.account(book).percentage is None


@pytest.mark.parametrize(("material", "account"), [("bauxite-mining", "asi-bauxite"), ("alumina-bayer", "asi-alumina")])
def test_ore_and_oxide_have_accounts_of_their_own(book: Book, material: str, account: str) -> None:
    enter(book, "received", received("D3", 700, material=account))
    enter(book, "lot", coc_metal("O1", 700, "D3", material=material))
    assert sums(book, account) == {"coc-in": 700}
    assert sums(book) == {}


def test_a_lot_counts_in_the_scope_of_its_site(book: Book) -> None:
    enter(book, "lot", lot("L1", 5, site="elsewhere"))
    assert sums(book, scope=OTHER_SCOPE) == {"other-in": 5}
    assert sums(book) == {}


@pytest.mark.parametrize(("day", "period"), [("2025-01-01", "2025"), ("2025-12-31", "2025"), ("2026-01-01", "2026")])
def test_the_first_and_the_last_day_belong_to_a_period(book: Book, day: str, period: str) -> None:
    enter(book, "lot", lot("L1", 5, date=day))
    assert sums(book, period=period) == {"other-in": 5}


def test_a_repeat_is_known_and_changes_nothing(book: Book) -> None:
    enter(book, "lot", lot("L1", 5))
    before = books.size(book)
    assert enter(book, "lot", lot("L1", "5")) == Count(written=0, known=1)
    assert books.size(book) == before
    assert sums(book) == {"other-in": 5}


def test_the_same_id_with_other_content_is_refused(book: Book) -> None:
    enter(book, "lot", lot("L1", 5))
    (problem,) = refused(book, "lot", lot("L1", 6))
    assert problem.startswith("lot: found 'L1', which is recorded with other content; expected a new id")


CONTRADICTIONS = [
    (lot("L1", 5, site="nowhere"), "lot, site: found 'nowhere'; expected one of: elsewhere, mill, works"),
    (lot("L1", 5, supplier="nobody"), "lot, supplier: found 'nobody'; expected a recorded party"),
    (lot("L1", 5, tolled_for="nobody"), "lot, tolled_for: found 'nobody'"),
    (lot("L1", 5, material="primary-delivry"), "lot, material: found 'primary-delivry'"),
    (lot("L1", 5, date="2024-12-31"), "lot, date: found 2024-12-31, in no period of scope S"),
    (lot("L1", 5, date="2024-12-31"), "lot, date: found 2024-12-31, in no period of scope S"),
    (lot("L1", 5, ticket="T-TAKEN"), "lot, ticket: found 'T-TAKEN', the weigh ticket of TAKEN"),
    (lot("L1", 5, coc_kg=5), "lot, coc_kg: found 5 kg of a lot that is non-coc"),
    (ubc("L1", 5, coc_kg=6), "lot, coc_kg: found 6 kg of 5 kg; expected at most the mass of the lot (R04)"),
    (ubc("L1", 5, due_diligence=None), "lot, due_diligence: found no passed due diligence on merchant that is valid on 2025-01-10"),
    (ubc("L1", 5, due_diligence="DD-FAILED"), "lot, due_diligence: found no passed due diligence"),
    (ubc("L1", 5, date="2026-01-01"), "lot, due_diligence: found no passed due diligence"),
    (ubc("L1", 5, supplier="smelter"), "lot, due_diligence: found no passed due diligence on smelter"),
    (trim("L1", 5, "D9"), "lot, document_reference: found 'D9' of 'ASI-CAN'; expected a received document"),
    (trim("L1", 5, "D1", document_reference=None), "lot, document_reference: found nothing; expected the CoC document"),
    (trim("L1", 300_001, "D1"), "lot, coc_kg: found 300,001 kg, of a document with 300,000 kg left"),
    (coc_metal("L1", 5, "D1"), "lot, asi_class: found coc on a document of eligible-scrap"),
    (lot("L1", 5, asi_class="coc"), "lot, document_reference: found nothing"),
    (lot("L1", 5, asi_class=SCRAP), "lot, asi_class: found eligible-scrap of primary metal"),
    (lot("L1", 5, origin="plant"), "lot, origin: found plant; expected external: only pre-consumer"),
    (lot("L1", 5, footprint="4.2"), "lot, footprint: found 4.2 without boundary or GWP edition"),
    (lot("TAKEN", 5, ticket="T-NEW"), "lot: found 'TAKEN', which is recorded with other content"),
]  # fmt: skip


def test_what_contradicts_the_book_is_refused(book: Book) -> None:
    enter(book, "received", DOCUMENT)
    enter(book, "lot", lot("TAKEN", 5))
    assert misses(book, [("lot", values, says) for values, says in CONTRADICTIONS]) == {}


def test_a_document_is_spent_once_by_all_lots_together(book: Book) -> None:
    enter(book, "received", DOCUMENT)
    enter(book, "lot", trim("R1", 200_000, "D1"))
    (problem,) = refused(book, "lot", trim("R2", 100_001, "D1"))
    assert "100,001 kg, of a document with 100,000 kg left" in problem
    enter(book, "lot", trim("R2", 100_000, "D1"))
    assert sums(book) == {"coc-in": 300_000}


def test_a_void_document_covers_nothing(book: Book) -> None:
    enter(book, "received", DOCUMENT)
    enter(book, "void", books.void("document", "in/ASI-CAN/D1"))
    (problem,) = refused(book, "lot", trim("R1", 5, "D1"))
    assert "expected a received document" in problem


def test_own_metal_of_the_scope_needs_its_certificate_in_place_of_a_document(book: Book) -> None:
    own = {"asi_class": "coc", "source_type": "own", "supplier": "hq", "material": "electrolysis"}
    enter(book, "lot", lot("L1", 5, **own))
    assert sums(book) == {"coc-in": 5}
    # Scope T has no certificate.
    (problem,) = refused(book, "lot", lot("L2", 5, site="elsewhere", **{**own, "supplier": "abroad"}))
    assert "expected the CoC document that came with it (R06)" in problem


def test_metal_of_others_is_no_own_metal(book: Book) -> None:
    own = {"asi_class": "coc", "source_type": "own"}
    for values in ({"supplier": "smelter", "material": "electrolysis"}, {"supplier": "hq", "material": "hqalight"}):
        (problem,) = refused(book, "lot", lot("L1", 5, **own, **values))
        assert "the CoC document that came with it (R06)" in problem


def test_a_custom_key_does_not_let_an_id_in_twice(book: Book) -> None:
    assert enter(book, "lot", lot("L1", 5), key="first") == Count(1, 0)
    assert enter(book, "lot", lot("L1", 5), key="first") == Count(0, 1)
    problems = refused(book, "lot", lot("L1", 5, ticket="T2"), key="second")
    assert any("'L1', which another unit has" in problem for problem in problems)
    assert sums(book) == {"other-in": 5}


# What lots stand on


UNFOUNDED = [
    ("certificate", {"number": "N", "holder": "nobody", "standard": "other", "valid_from": "2025-01-01", "valid_until": "2025-12-31"}, "certificate, holder: found 'nobody'; expected a recorded party"),
    ("due-diligence", {"id": "D", "party": "nobody", "date": "2025-01-01", "valid_until": "2025-12-31", "result": "passed"}, "due-diligence, party: found 'nobody'"),
    ("due-diligence", {"id": "D", "party": "hq", "date": "2025-01-01", "valid_until": "2024-12-31", "result": "passed"}, "due-diligence, valid_until: found 2024-12-31; expected a day on or after 2025-01-01"),
    ("site", {"id": "s", "name": "S", "timezone": "UTC", "party": "nobody"}, "site, party: found 'nobody'"),
    ("site", {"id": "s", "name": "S", "timezone": "UTC", "party": "hq", "plant": "atlantis"}, "site, plant: found 'atlantis'; expected a site of the catalogue"),
    ("scope", {"id": "X", "name": "X", "sites": "works"}, "scope, sites: found 'works', which is in scope S; expected a recorded site that is in no other scope"),
    ("scope", {"id": "X", "name": "X", "sites": "nowhere"}, "scope, sites: found 'nowhere'"),
    ("scope", {"id": "X", "name": "X", "sites": "nowhere,nowhere"}, "scope, sites: found a site twice; expected each site once"),
    ("party", {"id": "hq", "name": "Other"}, "party: found 'hq', which is recorded with other content"),
]  # fmt: skip


def test_what_lots_stand_on_has_to_stand_itself(book: Book) -> None:
    assert misses(book, UNFOUNDED) == {}


def test_a_renewed_certificate_has_its_number_and_other_dates(book: Book) -> None:
    renewed = {
        "number": books.THEIRS,
        "holder": "canco",
        "standard": "asi-coc",
        "valid_from": "2026-07-01",
        "valid_until": "2029-06-30",
    }
    assert enter(book, "certificate", renewed) == Count(1, 0)
    assert enter(book, "received", received("D9", 5, date="2026-07-01")) == Count(1, 0)


@pytest.mark.parametrize("again", ["w-77 a", "W-77A", "Ｗ-７７Ａ", "  w-77  A ", "w-77a"])
def test_a_ticket_is_one_however_it_is_typed(book: Book, again: str) -> None:
    """Case, blanks and width make no other paper of it (R01), at the same site; another site has a series of its own."""
    enter(book, "lot", lot("L1", 5, ticket="W-77A"))
    (problem,) = refused(book, "lot", lot("L2", 6, ticket=again))
    assert "the weigh ticket of L1" in problem
    enter(book, "lot", lot("L3", 6, ticket=again, site="mill"))
    enter(book, "lot", lot("L4", 6, ticket="W-77B"))


def test_tickets_are_found_by_an_index_of_their_plain_form(book: Book) -> None:
    (index,) = (index for index in lot_table.indexes if "ticket_plain" in index.columns)
    assert [column.name for column in index.columns] == ["site", "ticket_plain"]
