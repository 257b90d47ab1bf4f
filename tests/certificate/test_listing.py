"""Lists of certificates: found by any word, filtered by status, cut into pages by the database; older books are listed by their migration."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, text

from pcf.certificate.history import read_record
from pcf.certificate.issue import Office, issue
from pcf.certificate.listing import Wanted, earlier_customers, list_page, products_of, read_listed
from pcf.certificate.register import revoke
from pcf.store import open_database
from pcf.store.certificate_schema import certificate_listing
from pcf.store.log import verify
from tests.certificate.offices import CUSTOMER, HEAT, INGOT, OTHER_HEAT, TODAY, order

LATER = date(2027, 6, 1)
"""A day on which certificates of `TODAY` have expired."""

OTHER = {"name": "铝轮毂 100% (west)_A", "address": "1 Road", "country": "CN", "order": "PO-77", "part_number": "W-9"}


@pytest.fixture
def filled(office: Office) -> Office:
    """Three certificates: of a shipment, of a batch which is revoked, of the same batch in place of an earlier one."""
    issue(office, order(), TODAY)
    second = issue(office, order("batch", OTHER_HEAT, 1_000, customer=OTHER), TODAY)
    third = issue(office, order("batch", OTHER_HEAT, 2_000, customer=OTHER), TODAY)
    issue(office, order("batch", OTHER_HEAT, 3_000, customer=OTHER, replaces=third.number, reason="weighed anew"), TODAY)
    revoke(office.book, second.number, TODAY, "wrong")
    return office


def numbers(office: Office, today: date = TODAY, page: int = 0, size: int = 50, **wanted: str) -> list[int]:
    with office.book.read() as connection:
        count, rows = list_page(connection, Wanted(**wanted), today, page, size)
    if size == 50:
        assert count == len(rows)
    return [int(row.number.removeprefix("PCF-2026-")) for row in rows]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [4, 3, 2, 1]), ("pcf-2026-000003", [3]), ("räderwerk", [1]), ("RÄDERWERK gmbh", [1]), ("铝轮毂", [4, 3, 2]), (INGOT, [1]),
        (HEAT, [1]), (OTHER_HEAT.lower(), [4, 3, 2]), ("po-77", [4, 3, 2]), ("W-9 hqalight", [4, 3, 2]), ("hqalight", [4, 3, 2, 1]),
        ("100%", [4, 3, 2]), ("%", [4, 3, 2]), ("_A", [4, 3, 2]), ("' OR 1=1 --", []), ("\\", []), ("x" * 10_000, []),
    ],
)  # fmt: skip
def test_certificates_are_found_by_every_word_that_is_typed(filled: Office, words: str, expected: list[int]) -> None:
    assert numbers(filled, contains=words) == expected


def test_certificates_are_listed_by_their_numbers_whatever_else_is_asked(filled: Office) -> None:
    asked = ["PCF-2026-000001", "PCF-2026-000002", "PCF-2026-000003", "PCF-2026-000003", "nobody's", *map(str, range(500))]
    with filled.book.read() as connection:
        found = read_listed(connection, asked, TODAY)
        later = read_listed(connection, asked[:2], LATER)
    assert {number: item.status for number, item in found.items()} == {
        "PCF-2026-000001": "active", "PCF-2026-000002": "revoked", "PCF-2026-000003": "superseded",
    }  # fmt: skip
    assert found["PCF-2026-000001"].gwp == "AR6"
    assert [later[number].status for number in asked[:2]] == ["expired", "revoked"]


def test_a_status_is_that_of_the_day(filled: Office) -> None:
    assert numbers(filled, status="active") == [4, 1]
    assert numbers(filled, status="expired") == []
    assert numbers(filled, LATER, status="expired") == [4, 1]
    assert numbers(filled, LATER, status="active") == []
    assert numbers(filled, LATER, status="revoked") == [2]
    assert numbers(filled, status="superseded") == [3]


def test_kind_and_product_narrow_a_list(filled: Office) -> None:
    assert numbers(filled, kind="shipment") == [1]
    assert numbers(filled, kind="batch", status="active") == [4]
    assert numbers(filled, product="hqalight", contains="räder") == [1]
    assert numbers(filled, product="a356.2") == []
    with filled.book.read() as connection:
        assert products_of(connection) == ["hqalight"]


def test_pages_follow_one_another(filled: Office) -> None:
    assert numbers(filled, page=0, size=3) == [4, 3, 2]
    assert numbers(filled, page=1, size=3) == [1]
    assert numbers(filled, page=2, size=3) == []
    with filled.book.read() as connection:
        assert list_page(connection, Wanted(kind="batch"), TODAY, 1, 2)[0] == 3


def test_earlier_customers_are_those_of_their_newest_certificate(filled: Office) -> None:
    with filled.book.read() as connection:
        found = earlier_customers(connection)
        assert earlier_customers(connection, "räder") == [found[1]]
    assert [item["name"] for item in found] == [OTHER["name"], CUSTOMER["name"]]
    assert found[0] == OTHER


def test_what_happened_to_a_certificate_is_told_with_who_and_why(filled: Office) -> None:
    with filled.book.read() as connection:
        third, fourth, second = (read_record(connection, f"PCF-2026-00000{number}") for number in (3, 4, 2))
    assert [(item.what, item.actor, item.reason, item.other) for item in third.history] == [
        ("issued", "office", "", ""), ("superseded", "office", "weighed anew", "PCF-2026-000004"),
    ]  # fmt: skip
    assert [(item.what, item.other) for item in fourth.history] == [("issued", "PCF-2026-000003")]
    assert [(item.what, item.reason) for item in second.history] == [("issued", ""), ("revoked", "wrong")]
    assert [(item.unit, item.kind, item.kg) for item in fourth.draws] == [(OTHER_HEAT, "heat", "3000")]


def test_the_certificates_of_an_older_book_are_listed_by_its_migration(filled: Office, database_url: str) -> None:
    """What the migration has written out is what an issue lists."""
    database = filled.book.database
    with database.write("test") as tx:
        rows = listed(tx.connection)
        for table in ("audit_sample", "certificate_draft", "certificate_listing"):
            tx.connection.execute(text(f"DROP TABLE {table}"))
        tx.connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with closing(open_database(database_url)) as renewed, renewed.read() as connection:
        assert listed(connection) == rows
        assert len(rows) == 4
        assert list(verify(connection)) == []


def listed(connection: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(select(certificate_listing).order_by(certificate_listing.c.seq))]
