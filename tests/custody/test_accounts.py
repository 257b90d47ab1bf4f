"""F1–F7 through the database, with the worked examples of the reference; masses in kg, entitlements floored (R27)."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pcf.custody import Book
from pcf.custody.accounts import monthly
from pcf.custody.equations import Settlement
from pcf.errors import DataError
from tests.custody import books
from tests.custody.books import (
    ALUMINIUM,
    SCRAP,
    account,
    cast,
    close,
    coc_metal,
    document,
    enter,
    enter_all,
    internal,
    lot,
    received,
    refused,
    shipment,
    sums,
    trim,
    ubc,
)

YEAR_2 = {"date": "2026-02-01"}


@pytest.fixture
def casthouse(book: Book) -> Book:
    """The casthouse of 2025: ASI cold metal 12,000 t; ingot without CoC 8,000; post-consumer 6,000; pre-consumer with documents
    4,000 and without 5,000; internal 9,000. Output 33,200 t."""
    enter_all(book, [
        ("received", received("COLD", 12_000_000, material=ALUMINIUM)),
        ("received", received("TRIM", 4_000_000)),
        ("lot", coc_metal("COLD", 12_000_000, "COLD")),
        ("lot", lot("INGOT", 8_000_000)),
        ("lot", ubc("UBC", 6_000_000)),
        ("lot", trim("TRIM", 4_000_000, "TRIM")),
        ("lot", trim("PLAIN", 5_000_000, "", asi_class="non-coc", document_issuer=None)),
        ("lot", internal("RUN", 9_000_000)),
        ("cast", cast("H", {name: mass * 1000 for name, mass in (
            ("COLD", 12_000), ("INGOT", 8_000), ("UBC", 6_000), ("TRIM", 4_000), ("PLAIN", 5_000), ("RUN", 9_000)
        )}, 33_200_000, returns_kg=9_000_000)),
        ("shipment", shipment("OUT", {"H": 33_200_000})),
    ])  # fmt: skip
    return book


def second_year(book: Book) -> None:
    """CoC input 20,000 of 36,000 t; output 34,000 t."""
    enter_all(book, [
        ("received", received("COLD-2", 20_000_000, material=ALUMINIUM, **YEAR_2)),
        ("lot", coc_metal("COLD-2", 20_000_000, "COLD-2", **YEAR_2)),
        ("lot", lot("INGOT-2", 16_000_000, **YEAR_2)),
        ("cast", cast("H-2", {"COLD-2": 20_000_000, "INGOT-2": 16_000_000}, 34_000_000, **YEAR_2)),
        ("shipment", shipment("OUT-2", {"H-2": 34_000_000}, **YEAR_2)),
    ])  # fmt: skip


def force_majeure(name: str = "FM-1", **more: str) -> books.Values:
    return {
        "id": name,
        "scope": "S",
        "period": "2025",
        "account": ALUMINIUM,
        "date": "2025-06-01",
        "event": "Flood",
        "evidence": "FM.pdf",
        **more,
    }


def test_the_input_percentage_leaves_internal_scrap_out(casthouse: Book) -> None:
    # F1: 22,000 / 35,000 = 62.857142… %
    state = account(casthouse)
    assert state.percentage == Fraction(22_000, 35_000)
    assert (state.sums["coc-in"], state.sums["other-in"]) == (22_000_000, 13_000_000)


def test_the_percentage_is_shown_with_alloying_elements_too(casthouse: Book) -> None:
    enter(casthouse, "lot", lot("SI", 700_000, content_class="alloying", material="silicon-metal"))
    state = account(casthouse)
    assert state.percentage == Fraction(22_000, 35_000)
    assert round(100 * float(state.with_alloying or 0), 4) == 61.6246


def test_the_cap_shares_the_losses(casthouse: Book) -> None:
    # F2: 22/35 · 33,200 t = 20,868.571 t, and not 22,000 t.
    assert account(casthouse).cap == 20_868_571


def test_scrap_has_its_own_cap(book: Book) -> None:
    # F3: the rolling mill has 30,000 of 40,000 t in; sheet 29,000 → 21,750 t; scrap 10,500 → 7,875 t.
    enter_all(book, [
        ("received", received("D1", 30_000_000, material=ALUMINIUM)),
        ("lot", coc_metal("SLAB", 30_000_000, "D1")),
        ("lot", lot("OTHER", 10_000_000)),
        ("shipment", shipment("SHEET", {"SLAB": 19_500_000, "OTHER": 9_500_000}, form="coil")),
        ("shipment", shipment("SCRAP", {"SLAB": 10_500_000}, form="scrap")),
    ])  # fmt: skip
    assert account(book).percentage == Fraction(3, 4)
    assert (account(book).cap, account(book, SCRAP).cap) == (21_750_000, 7_875_000)
    # R09: no sheet entitlement becomes scrap entitlement.
    (problem,) = refused(book, "document", document("SCRAP", 7_875_001))
    assert "with 7,875,000 kg left" in problem
    enter(book, "document", document("SCRAP", 7_875_000))
    assert (account(book).available, account(book, SCRAP).available) == (21_750_000, 0)


def test_a_positive_balance_is_carried_and_drawn_first(casthouse: Book) -> None:
    # F4: 20,868,571 - 18,000,000 = 2,868,571 kg.
    enter(casthouse, "document", document("OUT", 18_000_000))
    assert close(casthouse, "2025")[ALUMINIUM] == Settlement(0, 18_000_000, 0, 2_868_571, 0)
    second_year(casthouse)
    # F5: 20/36 · 34,000 t = 18,888.888 t; with the carry 21,757.459 t (the reference rounds the sum: 21,757.460).
    state = account(casthouse, period="2026")
    assert (state.cap, state.available) == (18_888_888, 21_757_459)
    (problem,) = refused(casthouse, "document", document("OUT-2", 21_757_460, **YEAR_2))
    assert "with 21,757,459 kg left" in problem
    enter(casthouse, "document", document("OUT-2", 19_000_000, **YEAR_2))
    enter(casthouse, "period", {"scope": "S", "id": "2027", "start": "2027-01-01", "end": "2027-12-31"})
    # First in, first out: 2,868,571 + 16,131,429; what stays is the second year's own, and nothing expires.
    assert close(casthouse, "2026")[ALUMINIUM] == Settlement(2_868_571, 16_131_429, 0, 2_757_459, 0)
    assert sums(casthouse, period="2027") == {"carried-in": 2_757_459}


def test_a_balance_that_is_not_drawn_expires_after_one_period(casthouse: Book) -> None:
    enter(casthouse, "document", document("OUT", 18_000_000))
    close(casthouse, "2025")
    enter(casthouse, "period", {"scope": "S", "id": "2027", "start": "2027-01-01", "end": "2027-12-31"})
    assert close(casthouse, "2026")[ALUMINIUM] == Settlement(0, 0, 2_868_571, 0, 0)
    assert sums(casthouse, period="2027") == {}
    assert account(casthouse, period="2026").available == 0


def test_an_overdraft_needs_its_file_and_is_repaid(casthouse: Book) -> None:
    # F6: 21,500,000 - 20,868,571 = 631,429 kg; the limit is 0.2 · 22,000 t = 4,400 t.
    (problem,) = refused(casthouse, "document", document("OUT", 21_500_000))
    assert "with 20,868,571 kg left; expected no more than the account covers (R10)" in problem
    (problem,) = refused(casthouse, "document", document("OUT", 21_500_000, force_majeure="FM-1"))
    assert "document, force_majeure: found 'FM-1'; expected a record for account asi-aluminium of S in 2025 (R11)" in problem
    enter(casthouse, "force-majeure", force_majeure())
    enter(casthouse, "document", document("OUT", 21_500_000, force_majeure="FM-1"))
    assert account(casthouse).available == -631_429
    assert close(casthouse, "2025")[ALUMINIUM].overdraft == 631_429
    second_year(casthouse)
    # 18,888,888 - 631,429 kg.
    assert account(casthouse, period="2026").available == 18_257_459


def test_an_overdraft_stays_within_a_fifth_of_the_coc_input(casthouse: Book) -> None:
    enter(casthouse, "force-majeure", force_majeure())
    (problem,) = refused(casthouse, "document", document("OUT", 20_868_571 + 4_400_001, force_majeure="FM-1"))
    assert "an overdraft of 4,400,001 kg; expected at most 4,400,000 kg" in problem
    enter(casthouse, "document", document("OUT", 20_868_571 + 4_400_000, force_majeure="FM-1"))


@pytest.mark.parametrize("other", [{"period": "2026"}, {"account": SCRAP}, {"scope": "T"}], ids=["period", "account", "scope"])
def test_a_file_of_another_account_opens_no_overdraft(casthouse: Book, other: dict[str, str]) -> None:
    enter(casthouse, "force-majeure", force_majeure(**other))
    (problem,) = refused(casthouse, "document", document("OUT", 21_500_000, force_majeure="FM-1"))
    assert problem.startswith("document, force_majeure: found 'FM-1'")


def test_the_availability_moves_with_every_booking(book: Book) -> None:
    # F7 step by step: IP · out - issued.
    seen = [account(book).available]
    for kind, values in (
        ("lot", ubc("U", 600)),  # 100 % of 0
        ("lot", lot("P", 400)),  # 60 % of 0
        ("cast", cast("H", {"U": 600, "P": 400}, 990)),  # a cast is neither in nor out
        ("shipment", shipment("A", {"H": 500})),  # 60 % of 500
        ("document", document("A", 200)),  # 300 - 200
        ("lot", lot("Q", 200)),  # 50 % of 500 - 200
        ("shipment", shipment("B", {"H": 301})),  # 50 % of 801, floored, - 200
    ):
        enter(book, kind, values)
        seen.append(account(book).available)
    assert seen == [0, 0, 0, 0, 300, 100, 50, 200]


def test_input_that_comes_late_can_leave_an_account_overdrawn_and_the_period_open(book: Book) -> None:
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("cast", cast("H", {"U": 1_000}, 900)), ("shipment", shipment("A", {"H": 900})),
        ("document", document("A", 900)), ("lot", lot("P", 1_000)),
    ])  # fmt: skip
    # 50 % of 900 - 900
    assert account(book).available == -450
    with pytest.raises(DataError, match=r"an overdraft of 450 kg; expected a force-majeure record \(R11\)"):
        close(book, "2025")
    assert refused(book, "document", document("A", 1)) != []


def test_ore_and_oxide_keep_their_own_percentages(book: Book) -> None:
    # F8: no factor between the accounts.
    enter_all(book, [
        ("received", received("D1", 500, material="asi-alumina")),
        ("lot", coc_metal("A", 500, "D1", material="alumina-bayer")),
        ("lot", lot("B", 500, material="alumina-bayer")),
        ("shipment", shipment("S", {"A": 300}, form="alumina")),
    ])  # fmt: skip
    state = account(book, "asi-alumina")
    assert (state.percentage, state.cap) == (Fraction(1, 2), 150)
    assert sums(book) == {}


def test_months_add_up_to_the_period(casthouse: Book) -> None:
    enter(casthouse, "lot", lot("NOVEMBER", 5_000, date="2025-11-30"))
    with casthouse.read() as connection:
        by_month = monthly(connection, "S", "2025")[ALUMINIUM]
    assert by_month["2025-01"] == {"coc-in": 22_000_000, "other-in": 13_000_000}
    assert by_month["2025-03"] == {"out": 33_200_000}
    assert by_month["2025-11"] == {"other-in": 5_000}
    for kind, mass in sums(casthouse).items():
        assert sum(month.get(kind, 0) for month in by_month.values()) == mass


def test_sites_of_a_scope_are_pooled_and_scopes_are_not(book: Book) -> None:
    enter_all(book, [("lot", ubc("U", 100)), ("lot", lot("P", 300, site="mill")), ("lot", lot("Q", 500, site="elsewhere"))])
    assert account(book).percentage == Fraction(1, 4)
    assert account(book, scope="T").percentage == 0
