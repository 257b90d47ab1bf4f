"""Every way that a tonne could be counted a second time: refused."""

from __future__ import annotations

import pytest

from pcf.custody import Book
from tests.custody.books import (
    ALUMINIUM,
    OWN,
    PRE,
    account,
    cast,
    coc_metal,
    document,
    enter,
    enter_all,
    lot,
    process,
    received,
    refused,
    shipment,
    statement,
    sums,
    trim,
    ubc,
    void,
)

SENT = received("X1", 400, issuer=OWN, party="hq", material=ALUMINIUM, date="2025-03-12")


@pytest.fixture
def sold(book: Book) -> Book:
    """1,000 kg of scrap, 400 kg of them on a document to the owner of a site of another scope."""
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("cast", cast("H", {"U": 1_000}, 880)),
        ("shipment", shipment("A", {"H": 400}, customer="abroad")), ("document", document("A", 400, reference="X1")),
    ])  # fmt: skip
    return book


def moved(name: str = "IN", site: str = "elsewhere") -> dict[str, object]:
    return coc_metal(name, 400, "X1", document_issuer=OWN, supplier="hq", material="hqaloop", site=site, date="2025-03-13")


def test_what_another_scope_has_received_stays_issued(sold: Book) -> None:
    enter_all(sold, [("received", SENT), ("lot", moved())])
    assert sums(sold, scope="T") == {"coc-in": 400}
    (problem,) = refused(sold, "void", void("document", f"out/{OWN}/X1"))
    assert "which another scope of this book has received" in problem
    assert "for which X1 was issued" in refused(sold, "void", void("shipment", "A"))[0]
    # From the far end back it can all be taken back.
    for kind, target in (("lot", "IN"), ("document", f"in/{OWN}/X1"), ("document", f"out/{OWN}/X1"), ("shipment", "A")):
        enter(sold, "void", void(kind, target))
    assert sums(sold) == {"coc-in": 1_000}


def test_nobody_receives_what_was_issued_to_somebody_else(sold: Book) -> None:
    enter_all(sold, [("shipment", shipment("B", {"H": 400})), ("document", document("B", 400, reference="X2"))])
    (problem,) = refused(sold, "received", {**SENT, "reference": "X2"})
    assert "'X2', which was issued to buyer; expected a document issued to the owner of a site of another scope (R05)" in problem


def test_a_scope_receives_nothing_from_itself(sold: Book) -> None:
    enter(sold, "received", SENT)
    (problem,) = refused(sold, "lot", moved(site="mill"))
    assert problem.startswith("lot, document_issuer: found 'ASI-OWN', the scope's own certificate")


def test_a_document_covers_deliveries_of_its_own_supplier(book: Book) -> None:
    enter(book, "received", received("D1", 100))
    (problem,) = refused(book, "lot", trim("T", 50, "D1", supplier="smelter"))
    assert problem.startswith("lot, document_reference: found 'D1', which canco issued, on a delivery of smelter")
    (doubt,) = enter(book, "lot", trim("T", 50, "D1", date="2025-01-04")).doubts
    assert "'D1' of 2025-01-05, on a delivery of 2025-01-04" in str(doubt)


UNMELTED = [
    (ubc("L", 100), "'L' (lot, scrap-ubc)"),
    (lot("L", 100, material="alumina-bayer"), "'L' (lot, alumina-bayer)"),
]


@pytest.mark.parametrize(("values", "found"), UNMELTED)
def test_a_step_takes_metal_alone(book: Book, values: dict[str, object], found: str) -> None:
    enter(book, "lot", values)
    (problem,) = refused(book, "process", process("P", {"L": 100}, 100, step="packing"))
    assert problem.startswith(f"process, inputs line 1: found {found}; expected a heat")
    assert "scrap and returns are charged into a heat" in problem


def test_a_step_takes_no_returns_that_bear_nothing(book: Book) -> None:
    enter_all(book, [("lot", ubc("U", 100)), ("cast", cast("H", {"U": 100}, 80, returns_kg=10))])
    (problem,) = refused(book, "process", process("P", {"H-R": 10}, 10, step="packing"))
    assert "'H-R' (return, hqaloop); expected a heat, a bundle, a coil, or bought metal" in problem


def test_a_step_hides_no_customers_metal(book: Book) -> None:
    enter_all(book, [
        ("lot", lot("TOLLED", 100, tolled_for="buyer")), ("process", process("P", {"TOLLED": 100}, 100, step="packing")),
        ("shipment", shipment("A", {"P": 100})),
    ])  # fmt: skip
    assert sums(book) == {}
    assert "100 kg of them a customer's own metal" in refused(book, "document", document("A", 1))[0]


def test_a_claim_leaves_a_customers_metal_out(book: Book) -> None:
    """200 kg of metal, half of it the customer's: of 190 kg shipped 95 kg are the own, all of them pre-consumer."""
    enter_all(book, [
        ("received", received("D1", 1_000)), ("lot", trim("T", 1_000, "D1", metal_yield="1")),
        ("lot", ubc("TOLLED", 100, tolled_for="buyer", metal_yield="1")),
        ("cast", cast("H", {"T": 100, "TOLLED": 100}, 190)), ("cast", cast("H2", {"T": 900}, 800)),
        ("shipment", shipment("A", {"H": 190})),
    ])  # fmt: skip
    enter(book, "statement", statement("ST", "A", PRE))
    assert sums(book, PRE)["issued"] == 95
    enter(book, "void", void("statement", "ST"))
    (problem,) = refused(book, "statement", statement("ST2", "A", PRE, basis="credit", mass_kg=96))
    assert "96 kg of a shipment of 95 kg, without the customer's own metal; expected at most its mass" in problem


def test_recycled_content_is_claimed_on_metal(book: Book) -> None:
    enter_all(book, [
        ("lot", ubc("U", 100)), ("cast", cast("H", {"U": 100}, 90)), ("lot", lot("O", 100, material="alumina-bayer")),
        ("shipment", shipment("A", {"O": 100}, form="alumina")),
    ])  # fmt: skip
    (problem,) = refused(book, "statement", statement("ST", "A", basis="credit", mass_kg=10))
    assert "'A' of account asi-alumina; expected a shipment of metal" in problem


def test_returns_of_a_step_have_an_id_of_their_own(book: Book) -> None:
    enter_all(book, [("lot", ubc("U", 100)), ("cast", cast("H", {"U": 100}, 90)), ("lot", ubc("P-R", 5))])
    (problem,) = refused(book, "process", process("P", {"H": 50}, 40, returns_kg=5))
    assert "'P-R', which another unit has; expected an id of its own" in problem
    assert account(book).sums["out"] == 0
