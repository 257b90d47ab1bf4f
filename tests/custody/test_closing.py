"""Closing: balances are settled once, in order, and nothing is posted into a closed period afterwards."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from pcf.custody import Book
from pcf.errors import DataError, EnvironmentProblem
from tests.custody.books import (
    ALUMINIUM,
    POST,
    SCRAP,
    account,
    cast,
    close,
    document,
    enter,
    enter_all,
    internal,
    lot,
    misses,
    refused,
    shipment,
    size,
    statement,
    sums,
    ubc,
    void,
)


@pytest.fixture
def sold(book: Book) -> Book:
    """1,000 kg of scrap → 880 kg shipped, 500 kg of them as CoC material."""
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("cast", cast("H", {"U": 1_000}, 880)), ("shipment", shipment("A", {"H": 800})),
        ("document", document("A", 500)), ("statement", statement("ST", "A", basis="credit", mass_kg=300)),
    ])  # fmt: skip
    return book


def test_what_is_left_is_carried_once(sold: Book) -> None:
    close(sold, "2025")
    assert sums(sold, period="2026") == {"carried-in": 300}
    assert sums(sold, POST, "2026") == {"carried-in": 580}
    before = size(sold)
    assert close(sold, "2025") == {}
    assert size(sold) == before


def test_what_is_carried_can_be_issued_and_claimed(sold: Book) -> None:
    close(sold, "2025")
    later = {"date": "2026-02-01"}
    enter(sold, "lot", lot("P", 5_000, **later))
    enter(sold, "cast", cast("H2", {"P": 5_000}, 4_900, **later))
    enter(sold, "shipment", shipment("B", {"H2": 4_900}, **later))
    (problem,) = refused(sold, "document", document("B", 301, **later))
    assert "with 300 kg left" in problem
    enter(sold, "document", document("B", 300, **later))
    enter(sold, "statement", statement("ST2", "B", basis="credit", mass_kg=580, **later))
    assert account(sold, period="2026").available == account(sold, POST, "2026").available == 0


TOO_LATE = [
    ("lot", lot("L", 5)),
    ("cast", cast("H2", {"U": 1}, 1)),
    ("shipment", shipment("B", {"H": 5})),
    ("document", document("A", 5)),
    ("statement", statement("ST2", "A", "pre-consumer")),
]


def test_nothing_is_posted_into_a_closed_period(sold: Book) -> None:
    close(sold, "2025")
    for kind, values in TOO_LATE:
        problems = refused(sold, kind, values)
        assert any("which is in the closed period 2025; expected a day of an open period" in problem for problem in problems), (
            problems
        )
        assert any("post the correction into 2026" in problem for problem in problems)


def test_the_database_itself_refuses_such_a_posting(sold: Book) -> None:
    close(sold, "2025")
    insert = (
        "INSERT INTO posting (event_seq, line, scope, account, period, kind, month, amount, running, ref) "
        "VALUES (0, 99, 'S', 'asi-aluminium', '2025', 'coc-in', '2025-01', 5, 5, 'x')"
    )
    with (
        pytest.raises(EnvironmentProblem, match="the period has been closed meanwhile; nothing was written"),
        sold.database.write("x") as tx,
    ):
        tx.connection.execute(text(insert))


def test_periods_close_in_their_order(sold: Book) -> None:
    with pytest.raises(DataError, match="found 2026; expected 2025 first: periods close in their order"):
        close(sold, "2026")


def test_the_last_period_stays_open_until_there_is_a_next(sold: Book) -> None:
    close(sold, "2025")
    with pytest.raises(DataError, match="found 2026, after which no period is open; expected a next period"):
        close(sold, "2026")


def test_an_unknown_period_is_named_with_the_known_ones(sold: Book) -> None:
    with pytest.raises(DataError, match="found '2031'; expected a period of S: 2025, 2026"):
        close(sold, "2031")


def test_scopes_close_apart(sold: Book) -> None:
    close(sold, "2025", "T")
    assert enter(sold, "lot", lot("L", 5)).written == 1


def test_a_correction_of_a_closed_period_is_posted_into_the_open_one(sold: Book) -> None:
    # The scrap lot stands under a heat; the document does not.
    close(sold, "2025")
    before = sums(sold)
    enter(sold, "void", void("document", "out/ASI-OWN/ASI-OWN-2025-00001", date="2026-02-01"))
    assert sums(sold) == before
    # 800 kg left and none of them is designated now: 800 kg are carried instead of 300 kg.
    assert sums(sold, period="2026") == {"carried-in": 800}
    assert account(sold, period="2026").available == 800
    # The day of the correction has to be in the open period.
    (problem,) = refused(sold, "void", void("statement", "ST", date="2025-12-01"))
    assert "which is in the closed period 2025" in problem


def test_entitlement_that_a_correction_releases_expires_with_the_next_period(sold: Book) -> None:
    close(sold, "2025")
    enter(sold, "void", void("document", "out/ASI-OWN/ASI-OWN-2025-00001", date="2026-02-01"))
    enter(sold, "period", {"scope": "S", "id": "2027", "start": "2027-01-01", "end": "2027-12-31"})
    settled = close(sold, "2026")[ALUMINIUM]
    assert (settled.expired, settled.positive_balance) == (800, 0)
    assert account(sold, period="2026").available == 0


@pytest.mark.usefixtures("in_2027")
def test_what_has_expired_meanwhile_stays_expired(sold: Book) -> None:
    """R13: the document was issued in 2025; its entitlement was due until the end of 2026, whenever it is taken back."""
    enter(sold, "period", {"scope": "S", "id": "2027", "start": "2027-01-01", "end": "2027-12-31"})
    close(sold, "2025")
    assert close(sold, "2026")[ALUMINIUM].expired == 300
    enter(sold, "void", void("document", "out/ASI-OWN/ASI-OWN-2025-00001", date="2027-02-01"))
    assert sums(sold, period="2027") == {}
    assert account(sold, period="2027").available == 0


def test_a_void_lot_lowers_the_percentage_of_its_closed_period(book: Book) -> None:
    """1,000 kg of scrap and 1,000 kg of CoC stock that is never charged; 1,000 kg of other metal, 880 of 1,880 kg shipped."""
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("lot", ubc("UNUSED", 1_000)), ("lot", lot("P", 1_000)),
        ("cast", cast("H", {"U": 1_000}, 880)), ("shipment", shipment("A", {"H": 880})), ("document", document("A", 500)),
    ])  # fmt: skip
    close(book, "2025")
    # 2/3 of 880 kg is 586 kg.
    assert sums(book, period="2026") == {"carried-in": 86}
    before = sums(book)
    enter(book, "void", void("lot", "UNUSED", date="2026-02-01"))
    assert sums(book) == before
    # 1/2 of 880 kg is 440 kg: 60 kg too much were designated, and are owed.
    assert sums(book, period="2026") == {"overdraft-in": 60}
    assert account(book, period="2026").available == -60


def test_a_shipment_that_never_left_lowers_the_cap_of_its_closed_period(sold: Book) -> None:
    enter(sold, "shipment", shipment("B", {"H": 80}))
    close(sold, "2025")
    assert sums(sold, period="2026") == {"carried-in": 380}
    enter(sold, "void", void("shipment", "B", date="2026-02-01"))
    assert sums(sold, period="2026") == {"carried-in": 300}


@pytest.mark.usefixtures("in_2027")
def test_corrections_add_up_whatever_period_they_are_of(sold: Book) -> None:
    """A correction of 2026 does not undo one of 2025."""
    enter(sold, "period", {"scope": "S", "id": "2027", "start": "2027-01-01", "end": "2027-12-31"})
    close(sold, "2025")
    later = {"date": "2026-02-01"}
    enter_all(sold, [
        ("lot", ubc("V", 100, due_diligence="DD-2", **later)), ("cast", cast("H2", {"V": 100}, 90, **later)),
        ("shipment", shipment("B", {"H2": 90}, **later)), ("document", document("B", 90, **later)),
    ])  # fmt: skip
    # 90 kg are drawn from the 300 kg carried, so that the 90 kg of 2026 itself are carried on.
    assert close(sold, "2026")[ALUMINIUM].positive_balance == 90
    enter(sold, "void", void("document", "out/ASI-OWN/ASI-OWN-2025-00001", date="2027-02-01"))
    assert sums(sold, period="2027") == {"carried-in": 90}
    enter(sold, "void", void("document", "out/ASI-OWN/ASI-OWN-2026-00001", date="2027-02-01"))
    assert sums(sold, period="2027") == {"carried-in": 90}
    enter(sold, "void", void("shipment", "B", date="2027-02-01"))
    assert sums(sold, period="2027") == {}


WRONG_PERIODS = [
    ({"id": "X", "start": "2027-01-02", "end": "2027-12-31"}, "period, start: found 2027-01-02; expected 2027-01-01, the day after period 2026"),
    ({"id": "X", "start": "2026-12-31", "end": "2027-06-30"}, "period, start: found 2026-12-31; expected a day after 2026-12-31, where period 2026"),
    ({"id": "X", "start": "2024-01-01", "end": "2024-12-31"}, "period, start: found 2024-01-01; expected 2027-01-01"),
    ({"id": "X", "start": "2027-01-01", "end": "2028-01-02"}, "period, end: found 2028-01-02; expected a day of the 366 days from 2027-01-01"),
    ({"id": "X", "start": "2027-01-01", "end": "2026-12-31"}, "period, end: found 2026-12-31"),
    ({"id": "X", "start": "2027-01-01", "end": "2027-12-31", "scope": "U"}, "period, scope: found 'U'"),
    ({"id": "2026", "start": "2027-01-01", "end": "2027-12-31"}, "period: found 'S/2026', which is recorded with other content"),
]  # fmt: skip


def test_periods_have_no_gap_and_no_overlap(book: Book) -> None:
    assert misses(book, [("period", {"scope": "S", **values}, says) for values, says in WRONG_PERIODS]) == {}


def test_an_account_without_postings_is_left_alone(book: Book) -> None:
    assert close(book, "2025") == {}
    assert sums(book, SCRAP, "2026") == {}


def test_two_accounts_that_share_an_input_carry_no_more_than_is_left_of_it(book: Book) -> None:
    """R22: 100 kg came in; run-around scrap makes 400 kg of either output, so each cap alone is 100 kg."""
    enter_all(book, [
        ("lot", ubc("U", 100)), ("lot", internal("I", 1_000)), ("cast", cast("H", {"U": 100, "I": 1_000}, 1_000)),
        ("shipment", shipment("A", {"H": 400})), ("shipment", shipment("B", {"H": 400}, form="scrap")),
    ])  # fmt: skip
    close(book, "2025")
    later = {"date": "2026-02-01"}
    enter(book, "shipment", shipment("C", {"H": 100}, **later))
    enter(book, "shipment", shipment("D", {"H": 100}, form="scrap", **later))
    enter(book, "document", document("C", 100, **later))
    assert refused(book, "document", document("D", 1, **later)) != []
