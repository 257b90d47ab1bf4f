"""Voids of what other records stand on: certificates, due diligence, force majeure, contractors and papers."""

from __future__ import annotations

from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.audit.findings import audit
from pcf.custody.audit.view import View, read_view
from pcf.custody.intake import Count
from pcf.store.log import verify
from tests.custody.books import (
    ALUMINIUM,
    OTHER_SCOPE,
    OWN,
    SCOPE,
    THEIRS,
    Values,
    cast,
    close,
    document,
    enter,
    enter_all,
    lot,
    received,
    refused,
    shipment,
    trim,
    ubc,
    void,
)

CERTIFICATE = {
    "number": THEIRS,
    "holder": "canco",
    "standard": "asi-coc",
    "valid_from": "2024-07-01",
    "valid_until": "2026-06-30",
}
NAME = f"{THEIRS}/2024-07-01"


def contractor(name: str, **more: Any) -> Values:
    return {"id": name, "party": "merchant", "direction": "sent", "date": "2025-05-01", "mass_kg": 100, "scope": SCOPE, **more}


def filing(name: str, **more: Any) -> Values:
    return {"id": name, "scope": SCOPE, "period": "2025", "part": 15, "date": "2026-03-01", "title": "Audit report", **more}


def view(book: Book, scope: str = SCOPE, period: str = "2025") -> View:
    with book.read() as connection:
        return read_view(connection, scope, period)


def findings(book: Book, scope: str = SCOPE) -> dict[str, list[str]]:
    """Records of the findings by key."""
    found: dict[str, list[str]] = {}
    with book.read() as connection:
        for item in audit(read_view(connection, scope, "2025")).findings:
            found.setdefault(item.key, []).append(item.record)
    return found


def test_a_wrong_certificate_is_entered_anew(book: Book) -> None:
    enter(book, "void", void("certificate", NAME))
    (problem,) = refused(book, "received", received("D1", 300))
    assert "certificate 'ASI-CAN', not recorded as valid on 2025-01-05" in problem
    assert enter(book, "certificate", {**CERTIFICATE, "valid_until": "2025-06-30"}) == Count(1, 0)
    enter(book, "received", received("D1", 300))
    assert refused(book, "received", received("D2", 300, date="2025-07-01")) != []
    with book.read() as connection:
        assert list(verify(connection)) == []
    rows = [row["valid_until"] for row in view(book).rows["certificate"] if row["number"] == THEIRS]
    assert rows == ["2025-06-30"]
    assert [row["target"] for row in view(book).rows["void"]] == [NAME]


def test_a_certificate_with_documents_on_its_days_stays(book: Book) -> None:
    enter(book, "received", received("D1", 300))
    (problem,) = refused(book, "void", void("certificate", NAME))
    assert f"'{NAME}', on whose days stands document D1 of 2025-01-05" in problem
    # A record of the same number that covers the day lets the wrong one go.
    enter(book, "certificate", {**CERTIFICATE, "valid_from": "2024-12-01"})
    enter(book, "void", void("certificate", NAME))


def test_a_certificate_stays_while_a_document_was_issued_on_it(book: Book) -> None:
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("cast", cast("H", {"U": 1_000}, 880)), ("shipment", shipment("S1", {"H": 100})), ("document", document("S1", 50)),
    ])  # fmt: skip
    (problem,) = refused(book, "void", void("certificate", f"{OWN}/2024-01-01"))
    assert f"on whose days stands document {OWN}-2025-00001 of 2025-03-11" in problem
    enter(book, "void", void("document", f"out/{OWN}/{OWN}-2025-00001"))
    enter(book, "void", void("certificate", f"{OWN}/2024-01-01"))


def test_a_certificate_that_begins_later_can_be_taken_back_today(book: Book) -> None:
    enter(book, "certificate", {**CERTIFICATE, "valid_from": "2026-07-01", "valid_until": "2029-06-30"})
    enter(book, "void", void("certificate", f"{THEIRS}/2026-07-01", date="2026-01-05"))


def test_due_diligence_stays_while_a_lot_is_eligible_by_it(book: Book) -> None:
    enter_all(
        book, [("received", received("D1", 300)), ("lot", ubc("U", 100)), ("lot", trim("R", 100, "D1", due_diligence="DD-2"))]
    )
    (problem,) = refused(book, "void", void("due-diligence", "DD-1"))
    assert "'DD-1', by which lot U is eligible scrap" in problem
    # A lot with a document does not need it.
    enter(book, "void", void("due-diligence", "DD-2", date="2026-02-01"))
    enter(book, "void", void("lot", "U"))
    enter(book, "void", void("due-diligence", "DD-1"))
    (problem,) = refused(book, "lot", ubc("U2", 100))
    assert "no passed due diligence on merchant" in problem
    assert "DD-1" not in {row["id"] for row in view(book).rows["due_diligence"]}


@pytest.fixture
def over(book: Book) -> Book:
    """Input of 1,000 kg, all of it CoC, 900 kg shipped of which 880 are on a document; then 40 kg of the input turn out wrong."""
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("lot", lot("P", 1_000)), ("cast", cast("H", {"U": 1_000, "P": 1_000}, 1_800)),
        ("shipment", shipment("S1", {"H": 1_000})),
        ("force-majeure", {"id": "FM", "scope": SCOPE, "period": "2025", "account": ALUMINIUM, "date": "2025-02-01", "event": "flood", "evidence": "E"}),
    ])  # fmt: skip
    return book


def test_force_majeure_stays_while_a_document_needs_it(over: Book) -> None:
    enter(over, "document", document("S1", 600, force_majeure="FM"))
    (problem,) = refused(over, "void", void("force-majeure", "FM"))
    assert f"'FM', which document {OWN}-2025-00001 names" in problem
    enter(over, "void", void("document", f"out/{OWN}/{OWN}-2025-00001"))
    enter(over, "void", void("force-majeure", "FM"))
    (problem,) = refused(over, "document", document("S1", 600, force_majeure="FM"))
    assert "force_majeure: found 'FM'; expected a record for account asi-aluminium" in problem
    assert view(over).rows["force_majeure"] == []


def test_force_majeure_stays_while_an_overdraft_needs_it(over: Book) -> None:
    enter(over, "document", document("S1", 500))
    enter(over, "lot", lot("LATE", 100))
    (problem,) = refused(over, "void", void("force-majeure", "FM"))
    assert "of account asi-aluminium needs" in problem
    other = {
        "id": "FM2",
        "scope": SCOPE,
        "period": "2025",
        "account": ALUMINIUM,
        "date": "2025-02-01",
        "event": "fire",
        "evidence": "E",
    }
    enter(over, "force-majeure", other)
    enter(over, "void", void("force-majeure", "FM"))
    assert "overdraft needs" not in str(close(over, "2025"))


def test_metal_at_a_contractor_is_of_one_scope(book: Book) -> None:
    enter(book, "contractor", contractor("C1"))
    assert findings(book)["contractor-open"] == ["merchant"]
    assert "contractor-open" not in findings(book, OTHER_SCOPE)
    (problem,) = refused(book, "contractor", contractor("C2", scope=None))
    assert problem == "contractor, scope: found nothing; expected the scope whose metal it is: S, T"
    assert refused(book, "contractor", contractor("C2", scope="X"))[0].startswith(
        "contractor, scope: found 'X'; expected a recorded"
    )
    enter(book, "lot", lot("L", 500))
    enter(book, "contractor", contractor("C2", scope=None, unit="L"))
    assert refused(book, "contractor", contractor("C3", scope=OTHER_SCOPE, unit="L"))[0].startswith(
        "contractor, scope: found 'T'; expected S, the scope of unit L"
    )


def test_a_movement_is_taken_back(book: Book) -> None:
    enter(book, "contractor", contractor("C1"))
    enter(book, "void", void("contractor", "C1"))
    assert "contractor-open" not in findings(book)
    assert [row["target"] for row in view(book).rows["void"]] == ["C1"]


def test_a_closed_period_takes_no_movement(book: Book) -> None:
    enter(book, "contractor", contractor("C1"))
    close(book, "2025")
    says = "which is in the closed period 2025; expected a day of an open period"
    (problem,) = refused(book, "contractor", contractor("C2"))
    assert problem.startswith(f"contractor, date: found 2025-05-01, {says}")
    (problem,) = refused(book, "void", void("contractor", "C1", date="2026-01-05"))
    assert problem.startswith(f"void, target: found 'C1' of 2025-05-01, {says}")
    enter(book, "contractor", contractor("C2", scope=OTHER_SCOPE))
    enter(book, "contractor", contractor("C3", date="2026-01-05"))


def test_a_paper_may_be_filed_after_the_close_and_the_audit_says_so(book: Book) -> None:
    enter(book, "filing", filing("F1", date="2025-12-01"))
    close(book, "2025")
    enter(book, "filing", filing("F2"))
    assert findings(book)["filed-after-close"] == ["F2"]
    enter(book, "void", void("filing", "F2", date="2026-03-02"))
    assert "filed-after-close" not in findings(book)
    assert [row["id"] for row in view(book).rows["filing"]] == ["F1"]


EARLY = [
    ("lot", "U", "2025-01-09", "2025-01-10"), ("shipment", "S1", "2025-03-09", "2025-03-10"),
    ("contractor", "C1", "2025-04-30", "2025-05-01"), ("due-diligence", "DD-2", "2025-12-31", "2026-01-01"),
]  # fmt: skip


def test_no_record_is_taken_back_before_its_own_day(over: Book) -> None:
    enter(over, "contractor", contractor("C1"))
    for kind, target, day, own in EARLY:
        if kind == "lot":
            enter(over, "lot", lot("L", 1))
            target = "L"
        (problem,) = refused(over, "void", void(kind, target, date=day))
        assert problem == f"void, date: found {day}; expected a day on or after that of the {kind}, {own}"


def test_a_correction_names_a_lot_that_there_is(book: Book) -> None:
    (problem,) = refused(book, "lot", lot("L2", 5, corrects="NOPE"))
    assert problem == "lot, corrects: found 'NOPE'; expected a recorded lot, or nothing"
    enter_all(book, [("lot", lot("L1", 5)), ("lot", lot("L2", 5, corrects="L1"))])
