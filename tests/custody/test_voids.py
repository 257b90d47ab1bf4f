"""Voids: the record stays, its effect is gone, and whatever it had taken is there again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from pcf.custody import Book
from pcf.custody.intake import Count
from pcf.custody.ledger import ACCOUNTS, read_sums
from pcf.custody.tables import posting
from pcf.custody.tables import void as table
from pcf.store.schema import metadata
from tests.custody.books import (
    OWN,
    POST,
    Values,
    account,
    cast,
    close,
    document,
    enter,
    enter_all,
    left,
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

UNITS = ("U", "P", "R", "H", "H-R", "B", "C")
FIRST = f"out/{OWN}/{OWN}-2025-00001"


@pytest.fixture
def chain(book: Book) -> Book:
    enter_all(book, [
        ("received", received("D1", 300)), ("lot", ubc("U", 600)), ("lot", lot("P", 400)), ("lot", trim("R", 100, "D1")),
        ("cast", cast("H", {"U": 600, "P": 300}, 800, returns_kg=50, bundles="B=300")),
        ("process", process("C", {"B": 200}, 190)),
        ("shipment", shipment("S1", {"C": 90})), ("document", document("S1", 50)), ("statement", statement("ST1", "S1")),
    ])  # fmt: skip
    return book


def everything(book: Book) -> tuple[dict[str, dict[str, int]], dict[str, int]]:
    """All balances and all stocks."""
    with book.read() as connection:
        balances = {name: dict(read_sums(connection, "S", name, "2025")) for name in ACCOUNTS}
    return balances, {name: left(book, name) for name in UNITS}


@pytest.mark.parametrize(
    ("kind", "values", "void_kind", "target"),
    [
        ("lot", lot("L", 77), "lot", "L"),
        ("lot", ubc("L", 77), "lot", "L"),
        ("lot", trim("L", 77, "D1"), "lot", "L"),
        ("cast", cast("L", {"P": 100}, 90, bundles="L1=20,L2=30", returns_kg=5), "cast", "L"),
        ("process", process("L", {"B": 100}, 90, returns_kg=5), "process", "L"),
        ("shipment", shipment("L", {"H": 200, "C": 50}), "shipment", "L"),
        ("shipment", shipment("L", {"H": 200}, form="scrap"), "shipment", "L"),
        ("document", document("S1", 5), "document", f"out/{OWN}/{OWN}-2025-00002"),
        ("statement", statement("L", "S1", "pre-consumer", "credit", mass_kg=1), "statement", "L"),
    ],
)
def test_a_void_restores_what_was_there(chain: Book, kind: str, values: Values, void_kind: str, target: str) -> None:
    if values.get("attribute") == "pre-consumer":
        enter(chain, "cast", cast("PRE", {"R": 100}, 97))
    before = everything(chain)
    enter(chain, kind, values)
    assert everything(chain) != before
    enter(chain, "void", void(void_kind, target))
    assert everything(chain) == before


def test_a_void_is_a_new_row_and_the_record_stays(chain: Book) -> None:
    def rows() -> dict[str, int]:
        with chain.read() as connection:
            return {
                item.name: int(connection.execute(select(func.count()).select_from(item)).scalar_one())
                for item in metadata.sorted_tables
            }

    before = rows()
    enter(chain, "void", void("document", FIRST))
    after = rows()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "event": 1,
        "void": 1,
        "posting": 1,
    }


def test_a_void_names_its_reason_and_day(chain: Book) -> None:
    enter(chain, "void", void("document", FIRST, date="2025-04-01", reason="wrong customer"))
    with chain.read() as connection:
        row = connection.execute(select(table).where(table.c.target == FIRST)).one()
    assert (row.target_kind, row.date, row.reason) == ("document", "2025-04-01", "wrong customer")


def test_the_reversal_is_in_the_month_of_the_posting_while_its_period_is_open(chain: Book) -> None:
    enter(chain, "void", void("document", FIRST))
    with chain.read() as connection:
        rows = connection.execute(select(posting).where(posting.c.ref == FIRST).order_by(posting.c.event_seq)).all()
    assert [(row.month, row.amount, row.running) for row in rows] == [("2025-03", 50, 50), ("2025-03", -50, 0)]


def test_a_repeated_void_is_known(chain: Book) -> None:
    enter(chain, "void", void("document", FIRST))
    assert enter(chain, "void", void("document", FIRST)) == Count(0, 1)
    assert sums(chain).get("issued", 0) == 0


@pytest.mark.parametrize(("key", "changed"), [("another", {}), ("", {"date": "2025-12-02"})], ids=["key", "day"])
def test_nothing_is_void_twice(chain: Book, key: str, changed: dict[str, str]) -> None:
    enter(chain, "void", void("document", FIRST))
    assert refused(chain, "void", void("document", FIRST, **changed), key) != []
    assert sums(chain).get("issued", 0) == 0


BUILT_ON = [
    ("lot", "U", "'U', of which H has taken some"),
    ("cast", "H", "'H', of which C has taken some"),
    ("process", "C", "'C', of which S1 has taken some"),
    ("shipment", "S1", f"'S1', for which {OWN}-2025-00001 was issued"),
    ("document", "in/ASI-CAN/D1", "'in/ASI-CAN/D1', which covers lot R"),
]


def test_what_is_built_on_stays(chain: Book) -> None:
    for kind, target, says in BUILT_ON:
        (problem,) = refused(chain, "void", void(kind, target))
        assert problem == f"void, target: found {says}; expected a record that nothing stands on"


def test_a_shipment_with_a_claim_alone_stays_too(chain: Book) -> None:
    enter(chain, "void", void("document", FIRST))
    (problem,) = refused(chain, "void", void("shipment", "S1"))
    assert "'S1', for which ST1 was issued" in problem


OF_ANOTHER_KIND = [
    ("lot", "NONE", "a recorded lot"),
    ("lot", "H", "a recorded lot"),
    ("cast", "U", "a recorded cast"),
    ("cast", "B", "a recorded cast"),
    ("document", "S1", "in/CERTIFICATE/REFERENCE or out/CERTIFICATE/REFERENCE"),
    ("document", f"in/{OWN}/{OWN}-2025-00001", "in/CERTIFICATE/REFERENCE or out/CERTIFICATE/REFERENCE"),
]


def test_only_a_record_of_its_kind_is_taken_back(chain: Book) -> None:
    for kind, target, expected in OF_ANOTHER_KIND:
        (problem,) = refused(chain, "void", void(kind, target))
        assert problem == f"void, target: found {target!r}; expected {expected}"


@pytest.mark.parametrize(
    ("make", "void_kind"),
    [
        (lambda: ("statement", statement("S1", "S1", "pre-consumer", "credit", mass_kg=1)), "statement"),
        (lambda: ("statement", statement("H", "S1", "pre-consumer", "credit", mass_kg=1)), "statement"),
    ],
    ids=["called like its shipment", "called like a heat"],
)
def test_a_void_reverses_its_own_record_alone(chain: Book, make: Callable[[], tuple[str, Any]], void_kind: str) -> None:
    enter(chain, "cast", cast("PRE", {"R": 100}, 97))
    before = everything(chain)
    kind, values = make()
    enter(chain, kind, values)
    enter(chain, "void", void(void_kind, values["id"]))
    assert everything(chain) == before


def test_a_certificate_number_may_hold_a_slash(book: Book) -> None:
    certificate = {
        "number": "ASI/409",
        "holder": "canco",
        "standard": "asi-coc",
        "valid_from": "2024-01-01",
        "valid_until": "2026-12-31",
    }
    enter(book, "certificate", certificate)
    enter(book, "received", received("D/1", 300, issuer="ASI/409"))
    enter(book, "lot", trim("R", 300, "D/1", document_issuer="ASI/409"))
    (problem,) = refused(book, "void", void("document", "in/ASI/409/D/1"))
    assert "which covers lot R" in problem
    enter(book, "void", void("lot", "R"))
    enter(book, "void", void("document", "in/ASI/409/D/1"))


def test_a_lot_called_like_the_returns_of_another_is_no_part_of_it(book: Book) -> None:
    enter_all(
        book, [("lot", ubc("X", 10)), ("lot", ubc("X-R", 10)), ("cast", cast("H", {"X-R": 10}, 9)), ("void", void("lot", "X"))]
    )
    assert sums(book) == {"coc-in": 10}


def test_a_void_in_a_closed_period_goes_to_the_open_one(chain: Book) -> None:
    close(chain, "2025")
    before = everything(chain)
    enter(chain, "void", void("statement", "ST1", date="2026-01-05"))
    assert everything(chain) == before
    assert sums(chain, POST, "2026").keys() == {"carried-in"}
    assert account(chain, POST, "2026").available > 0


def test_a_lot_is_entered_anew_with_the_ticket_of_the_void_one(book: Book) -> None:
    enter(book, "lot", lot("L1", 5_000, ticket="W-77"))
    enter(book, "void", void("lot", "L1"))
    assert enter(book, "lot", lot("L1A", 50_000, ticket="W-77")) == Count(1, 0)


def test_a_shipment_is_entered_anew_with_the_note_of_the_void_one(chain: Book) -> None:
    enter(chain, "shipment", shipment("X1", {"H": 10}, delivery_note="DN-5"))
    enter(chain, "void", void("shipment", "X1"))
    assert enter(chain, "shipment", shipment("X1A", {"H": 20}, delivery_note="DN-5")) == Count(1, 0)


def test_a_received_document_keeps_its_reference_when_it_is_void(book: Book) -> None:
    """What was entered wrong comes in under a further reference; the wrong one stays, void."""
    enter(book, "received", received("D1", 300))
    enter(book, "void", void("document", "in/ASI-CAN/D1"))
    assert "a new id" in refused(book, "received", received("D1", 400))[0]
    enter(book, "received", received("D1 (2)", 400))
    enter(book, "lot", trim("R", 400, "D1 (2)"))
