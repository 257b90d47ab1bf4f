"""CoC documents: received ones are booked once, issued ones never exceed shipment or account, and both are never edited."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from pcf.custody import Book
from pcf.custody.book import Placed
from pcf.custody.coc_document import read_document
from pcf.custody.documents import Issued, issue_document
from pcf.custody.intake import Count
from pcf.custody.reading import read_record
from pcf.custody.records import CocDocument
from pcf.custody.tables import document as table
from tests.custody import books
from tests.custody.books import (
    ALUMINIUM,
    OWN,
    SCRAP,
    cast,
    coc_metal,
    document,
    enter,
    enter_all,
    lot,
    misses,
    received,
    refused,
    shipment,
    sums,
    ubc,
    void,
)


def issue(book: Book, values: dict[str, Any]) -> Issued | None:
    with book.write() as work:
        return issue_document(work, Placed(read_record(CocDocument, values, "document"), "document"))


def numbers(book: Book) -> list[str]:
    """References of the documents issued, in the order of the log."""
    with book.read() as connection:
        query = select(table.c.reference).where(table.c.direction == "out").order_by(table.c.event_seq)
        return list(connection.execute(query).scalars())


@pytest.fixture
def shipped(book: Book) -> Book:
    """800 t of CoC scrap in 1,000 t; shipments of 400 t and 380 t: with 80 % of 780 t there are 624 t to issue."""
    enter_all(book, [
        ("lot", ubc("U", 800_000)),
        ("lot", lot("P", 200_000)),
        ("cast", cast("H", {"U": 800_000, "P": 200_000}, 900_000)),
        ("shipment", shipment("S1", {"H": 400_000})),
        ("shipment", shipment("S2", {"H": 380_000})),
    ])  # fmt: skip
    return book


# Received


UNRELIABLE = [
    (received("D1", 300, total_kg=299), "received, coc_kg: found 300 kg of 299 kg; expected at most the total mass (R04)"),
    (received("D1", 300, party="nobody"), "received, party: found 'nobody'"),
    (received("D1", 300, issuer="ASI-9"), "received, issuer: found certificate 'ASI-9', not recorded as valid on 2025-01-05 for canco"),
    (received("D1", 300, party="merchant"), "received, issuer: found certificate 'ASI-CAN', not recorded as valid on 2025-01-05 for merchant"),
    (received("D1", 300, date="2024-06-30"), "received, issuer: found certificate 'ASI-CAN', not recorded as valid on 2024-06-30"),
    (received("D1", 300, date="2026-07-01"), "received, issuer: found certificate 'ASI-CAN', not recorded as valid on 2026-07-01"),
    (received("D1", 300, issuer="ISO-CAN"), "received, issuer: found certificate 'ISO-CAN', not recorded as valid on 2025-01-05"),
    (received("D1", 300, recycled_content="50 %"), "received, recycled_content_method: found nothing; expected the method"),
]  # fmt: skip


def test_a_document_that_cannot_be_relied_on_is_refused(book: Book) -> None:
    assert misses(book, [("received", values, says) for values, says in UNRELIABLE]) == {}


@pytest.mark.parametrize("day", ["2024-07-01", "2026-06-30"])
def test_a_certificate_is_valid_on_its_first_and_last_day(book: Book, day: str) -> None:
    assert enter(book, "received", received("D1", 300, date=day)) == Count(1, 0)


def test_a_received_document_is_booked_once(book: Book) -> None:
    enter(book, "received", received("D1", 300))
    assert enter(book, "received", received("D1", 300)) == Count(0, 1)
    (problem,) = refused(book, "received", received("D1", 400))
    assert "'in/ASI-CAN/D1', which is recorded with other content" in problem


def test_two_issuers_may_use_the_same_reference(book: Book) -> None:
    certificate = {
        "number": "ASI-3",
        "holder": "smelter",
        "standard": "asi-coc",
        "valid_from": "2024-01-01",
        "valid_until": "2026-12-31",
    }
    enter(book, "certificate", certificate)
    enter(book, "received", received("D1", 300))
    assert enter(book, "received", received("D1", 300, issuer="ASI-3", party="smelter")) == Count(1, 0)


# Issued


def test_an_issue_draws_on_the_account_of_its_shipment(shipped: Book) -> None:
    assert issue(shipped, document("S1", 300_000)) == Issued(OWN, f"{OWN}-2025-00001", 324_000, 0, warning=False)
    assert sums(shipped)["issued"] == 300_000
    assert books.account(shipped).available == 324_000


def test_an_issue_beyond_nine_tenths_is_warned_of(shipped: Book) -> None:
    # 90 % of 624 t are 561,600 kg.
    first = issue(shipped, document("S1", 400_000))
    second = issue(shipped, document("S2", 161_600))
    third = issue(shipped, document("S2", 1))
    assert [item.warning for item in (first, second, third) if item] == [False, False, True]


def test_an_account_gives_its_last_kilogram_and_no_more(shipped: Book) -> None:
    issue(shipped, document("S1", 400_000))
    (problem,) = refused(shipped, "document", document("S2", 224_001))
    assert problem.startswith(f"document, coc_kg: found 224,001 kg, of account {ALUMINIUM} of S in 2025 with 224,000 kg left")
    assert issue(shipped, document("S2", 224_000)) is not None
    assert books.account(shipped).available == 0


def test_no_tonne_of_a_shipment_is_on_two_documents(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 300_000))
    (problem,) = refused(shipped, "document", document("S1", 100_001))
    assert "100,001 kg on top of 300,000 kg of a shipment of 400,000 kg; expected no tonne on two documents (R04)" in problem
    enter(shipped, "document", document("S1", 100_000))


def test_numbers_run_without_a_gap_by_year_of_issue(shipped: Book) -> None:
    for kg, day in ((1, "2025-03-11"), (2, "2025-03-12"), (3, "2026-01-02")):
        enter(shipped, "document", document("S1", kg, date=day))
    enter(shipped, "void", void("document", f"out/{OWN}/{OWN}-2025-00002"))
    enter(shipped, "document", document("S1", 4))
    assert numbers(shipped) == [f"{OWN}-2025-00001", f"{OWN}-2025-00002", f"{OWN}-2026-00001", f"{OWN}-2025-00003"]


def test_a_number_of_ones_own_does_not_stop_the_numbering(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 1, reference=f"{OWN}-2025-00002"))
    for kg in (2, 3):
        enter(shipped, "document", document("S1", kg))
    assert len(set(numbers(shipped))) == 3


def test_a_document_once_however_its_name_is_typed(book: Book) -> None:
    enter(book, "received", received("CoC-2025/0017", 100))
    for typed in ("coc-2025/0017", "CoC-2025 / 0017", "ＣｏＣ-２０２５/0017"):
        (problem,) = refused(book, "received", received(typed, 100))
        assert "a second document of that name (ASI-CAN/CoC-2025/0017); expected a document once (R01)" in problem
    problems = refused(book, "received", received("coc-2025/0017", 100), key="other")
    assert len(problems) == 1
    # One certificate with a stroke in its number and another without are told apart by the whole name.
    enter(
        book,
        "certificate",
        {
            "number": "ASI-CAN/CoC-2025",
            "holder": "canco",
            "standard": "asi-coc",
            "valid_from": "2025-01-01",
            "valid_until": "2026-01-01",
        },
    )
    assert len(refused(book, "received", received("0017", 100, issuer="ASI-CAN/CoC-2025"))) == 1


def test_a_reference_given_by_hand_is_used_once_however_it_is_typed(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 1, reference="Ref-1"))
    (problem,) = refused(shipped, "document", document("S1", 2, reference="REF - 1"))
    assert "which is used; expected a reference of its own (R01)" in problem


def test_a_reference_is_used_once(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 1, reference="X-1"))
    (problem,) = refused(shipped, "document", document("S2", 2, reference="X-1"))
    assert problem.startswith("document, reference: found 'X-1', which is used; expected a reference of its own (R01)")


def test_a_repeat_is_known(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 5))
    assert enter(shipped, "document", document("S1", 5)) == Count(0, 1)
    assert sums(shipped)["issued"] == 5


def test_a_key_of_the_caller_tells_two_like_documents_apart(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 5), key="order 1")
    assert enter(shipped, "document", document("S1", 5), key="order 2") == Count(1, 0)
    assert enter(shipped, "document", document("S1", 5), key="order 2") == Count(0, 1)
    assert sums(shipped)["issued"] == 10


@pytest.mark.parametrize("changed", [{}, {"responsible": "Zhao"}], ids=["the same again", "with a field put right"])
def test_another_document_takes_the_place_of_a_void_one(shipped: Book, changed: dict[str, str]) -> None:
    enter(shipped, "document", document("S1", 400_000))
    enter(shipped, "void", void("document", f"out/{OWN}/{OWN}-2025-00001"))
    assert enter(shipped, "document", document("S1", 400_000, **changed)) == Count(1, 0)
    assert sums(shipped)["issued"] == 400_000
    assert numbers(shipped)[-1] == f"{OWN}-2025-00002"


NOT_ISSUED = [
    (document("NONE", 5), "document, shipment: found 'NONE'; expected a recorded shipment that is not void"),
    (document("H", 5), "document, shipment: found 'H'"),
    (document("S1", 400_001), "document, coc_kg: found 400,001 kg of a shipment of 400,000 kg"),
    (document("S1", 5, date="2025-03-09"), "document, date: found 2025-03-09; expected a day on or after that of the shipment"),
    (document("S1", 5, date="2023-12-31"), "document, date: found certificate 'ASI-OWN', not valid on 2023-12-31"),
    (document("S1", 5, footprint="4.2"), "document, footprint: found 4.2 alone; expected with boundary, period and verifier (R19)"),
]  # fmt: skip


def test_what_may_not_be_issued_is_refused(shipped: Book) -> None:
    assert misses(shipped, [("document", values, says) for values, says in NOT_ISSUED]) == {}


def test_a_void_shipment_gets_no_document(shipped: Book) -> None:
    enter(shipped, "void", void("shipment", "S1"))
    (problem,) = refused(shipped, "document", document("S1", 5))
    assert "expected a recorded shipment that is not void" in problem


def test_a_scope_without_a_certificate_issues_nothing(book: Book) -> None:
    there = {"site": "elsewhere"}
    enter_all(
        book,
        [
            ("lot", ubc("U", 1_000, **there)),
            ("cast", cast("H", {"U": 1_000}, 900, **there)),
            ("shipment", shipment("S", {"H": 900}, **there)),
        ],
    )
    (problem,) = refused(book, "document", document("S", 5))
    assert problem.startswith("document, date: found scope T, which has no certificate; expected a CoC certificate of the scope")


def test_scrap_is_issued_on_its_own_account(shipped: Book) -> None:
    enter(shipped, "shipment", shipment("S3", {"H": 100_000}, form="scrap"))
    enter(shipped, "document", document("S3", 80_000))
    assert sums(shipped, SCRAP) == {"out": 100_000, "issued": 80_000}
    assert "issued" not in sums(shipped)
    (problem,) = refused(shipped, "document", document("S3", 1, date="2025-03-12"))
    assert f"of account {SCRAP} of S in 2025 with 0 kg left" in problem


def test_a_document_bears_its_nine_fields(shipped: Book) -> None:
    enter(shipped, "document", document("S1", 300_000))
    with shipped.read() as connection:
        found = read_document(connection, "out", OWN, f"{OWN}-2025-00001")
    assert found["date"] == "2025-03-11"
    assert found["issuer_party"]["name"] == "Own company" and found["issuer"] == OWN
    assert (found["customer"]["name"], found["customer"]["address"]) == ("Buyer", "1 Mill Road")
    assert found["responsible"] == "Wang"
    assert found["account"] == ALUMINIUM
    assert (found["coc_kg"], found["total_kg"]) == (300_000, 400_000)
    assert json.loads(json.dumps(found)) == found


def test_a_designation_changes_no_mass_and_no_metal(shipped: Book) -> None:
    before = [books.left(shipped, name) for name in ("H", "U", "P")]
    enter(shipped, "document", document("S1", 400_000))
    assert [books.left(shipped, name) for name in ("H", "U", "P")] == before
    assert {key: mass for key, mass in sums(shipped).items() if key != "issued"} == {
        "coc-in": 800_000, "other-in": 200_000, "out": 780_000
    }  # fmt: skip


def test_metal_that_stays_in_the_scope_is_no_output(shipped: Book) -> None:
    enter(shipped, "shipment", shipment("S3", {"H": 10_000}, customer="hq"))
    assert sums(shipped)["out"] == 780_000
    enter(shipped, "shipment", shipment("S4", {"H": 10_000}, customer="abroad"))
    assert sums(shipped)["out"] == 790_000


def test_a_delivery_note_is_of_one_shipment(shipped: Book) -> None:
    (problem,) = refused(shipped, "shipment", shipment("S3", {"H": 10}, delivery_note="N-S1"))
    assert problem.startswith("shipment, delivery_note: found 'N-S1', that of S1; expected a note of its own")
    assert len(refused(shipped, "shipment", shipment("S3", {"H": 10}, delivery_note="n- s1"))) == 1


def test_cold_metal_that_is_sold_on_is_output_too(book: Book) -> None:
    enter_all(book, [
        ("received", received("D1", 100, material=ALUMINIUM)), ("lot", coc_metal("C", 100, "D1")),
        ("shipment", shipment("S", {"C": 60})), ("document", document("S", 60)),
    ])  # fmt: skip
    assert sums(book) == {"coc-in": 100, "out": 60, "issued": 60}


def test_old_stock_never_becomes_more_coc_metal_than_came_in(book: Book) -> None:
    """In 2026 all input is CoC, 1 t of it; what is shipped is stock of 2025, which was not."""
    enter(book, "lot", lot("OLD", 1_000_000))
    enter(book, "cast", cast("HO", {"OLD": 1_000_000}, 980_000))
    enter(book, "received", received("R26", 1_000, material="asi-aluminium", date="2026-01-05"))
    enter(book, "lot", coc_metal("NEW", 1_000, "R26", date="2026-01-06"))
    enter(book, "shipment", shipment("X26", {"HO": 900_000}, date="2026-02-01"))
    (problem,) = refused(book, "document", document("X26", 1_001, date="2026-02-02"))
    assert "1,000 kg left" in problem
    enter(book, "document", document("X26", 1_000, date="2026-02-02"))
