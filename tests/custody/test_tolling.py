"""Customers' metal that is only melted here: neither input nor output of the scope, and never on its documents."""

from __future__ import annotations

import pytest

from pcf.custody import Book
from pcf.custody.audit.raw import calc_bookings, sum_bookings
from pcf.custody.audit.view import read_view
from tests.custody.books import (
    ALUMINIUM,
    SCRAP,
    account,
    cast,
    document,
    enter_all,
    lot,
    process,
    refused,
    shipment,
    sums,
    ubc,
)


@pytest.fixture
def melted(book: Book) -> Book:
    """300 kg of a customer's scrap with 600 kg of the own, 900 kg of other metal → 1,600 kg and 100 kg of returns."""
    enter_all(book, [
        ("lot", ubc("OWN", 600)), ("lot", lot("P", 900)), ("lot", ubc("TOLLED", 300, tolled_for="buyer")),
        ("cast", cast("H", {"OWN": 600, "P": 900, "TOLLED": 300}, 1_600, returns_kg=100)),
        ("process", process("COIL", {"H": 800}, 700)),
        ("cast", cast("H2", {"H-R": 100}, 95)),
    ])  # fmt: skip
    return book


def test_a_customers_metal_is_neither_in_nor_out(melted: Book) -> None:
    enter_all(melted, [("shipment", shipment("A", {"H": 600, "COIL": 300})), ("shipment", shipment("B", {"H2": 90}))])
    # Of 528 + 895.5 + 264 kg of metal 15.64 %: of 900 kg 140.8 kg, of the 90 kg that returns have become 14.1 kg, both rounded up.
    assert sums(melted) == {"coc-in": 600, "other-in": 900, "out": 759 + 75}
    assert account(melted).cap == 333  # 600 / 1,500 of 834 kg


def test_a_kilogram_begun_is_the_customers(melted: Book) -> None:
    enter_all(melted, [("shipment", shipment("A", {"H": 7}))])
    assert sums(melted)["out"] == 5  # 7 − 1.1 kg


def test_a_customers_own_metal_bears_no_document(melted: Book) -> None:
    enter_all(melted, [("lot", ubc("T2", 50, tolled_for="buyer")), ("shipment", shipment("A", {"H": 600, "COIL": 300}))])
    enter_all(melted, [("shipment", shipment("S", {"T2": 50}, form="scrap"))])
    assert sums(melted, SCRAP) == {}
    (problem,) = refused(melted, "document", document("S", 1))
    assert (
        "1 kg of a shipment of 50 kg, 50 kg of them a customer's own metal; expected at most 0 kg, the own metal (R04)" in problem
    )


def test_the_raw_records_tell_the_same(melted: Book) -> None:
    enter_all(melted, [("shipment", shipment("A", {"H": 600, "COIL": 300}))])
    with melted.read() as connection:
        view = read_view(connection, "S", "2025")
        told = sum_bookings(calc_bookings(view.rows, "S", "2025"))[ALUMINIUM]
    assert {kind: kg for kind, kg in told.items() if kg} == sums(melted)
