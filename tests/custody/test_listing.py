"""Lists, sheets, relatives, covers, evidence: what pages show of the book, on both databases."""

from __future__ import annotations

import pytest

from pcf.custody import Book
from pcf.custody.accounts import power_months, read_balances, running
from pcf.custody.cover import read_cover
from pcf.custody.evidences import by_month, read_evidences, read_spent
from pcf.custody.kin import read_kin
from pcf.custody.listing import Wanted, read_page
from pcf.custody.papers import read_papers
from pcf.custody.power import read_legs
from pcf.custody.sheet import read_sheet
from pcf.errors import InputError
from tests.custody.books import ALUMINIUM, POST, SCOPE, cast, enter, enter_all, lot, received, shipment, trim, ubc, void
from tests.custody.certified import certify, end


@pytest.fixture
def filled(book: Book) -> Book:
    """Two lots of scrap, one of metal and one that is void; a heat, its bundle, a shipment with a claim."""
    enter_all(book, [
        ("received", received("D-1", 5_000)),
        ("lot", ubc("U-1", 10_000)), ("lot", trim("T-1", 5_000, "D-1", date="2025-02-10")), ("lot", lot("P-1", 8_000, date="2025-03-01")),
        ("lot", lot("X_1", 7_000)),
        ("cast", cast("H-1", {"U-1": 6_000, "T-1": 2_000}, 7_000, date="2025-03-05", returns_kg=500, bundles="B-1=3000,B-2=4000")),
        ("shipment", shipment("S-1", {"B-1": 3_000}, date="2025-03-06")),
    ])  # fmt: skip
    enter(book, "void", void("lot", "X_1", date="2025-03-01", reason="weighed twice"))
    return book


def test_a_page_has_what_is_left_and_why_something_is_void(filled: Book) -> None:
    with filled.read() as connection:
        found = read_page(connection, "lot", Wanted(order="id"))
        heats = read_page(connection, "heat", Wanted())
        shipments = read_page(connection, "shipment", Wanted())
    assert found.total == 4
    # 10,000 - 6,000; 5,000 - 2,000; nothing taken; void.
    assert {row["unit"]: row["left_kg"] for row in found.rows} == {"U-1": 4_000, "T-1": 3_000, "P-1": 8_000, "X_1": 0}
    gone = {row["unit"]: row["void"] for row in found.rows if row["void"]}
    assert {name: (reason.date, reason.reason) for name, reason in gone.items()} == {"X_1": ("2025-03-01", "weighed twice")}
    assert [row["left_kg"] for row in heats.rows] == [0], "all of the heat is in its bundles, its returns weigh on top"
    assert [(row["unit"], row["left_kg"]) for row in shipments.rows] == [("S-1", 0)]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), ["P-1", "T-1", "X_1", "U-1"]), (Wanted(order="oldest"), ["U-1", "X_1", "T-1", "P-1"]),
        (Wanted(order="mass"), ["U-1", "P-1", "X_1", "T-1"]), (Wanted(state="void"), ["X_1"]), (Wanted(state="standing"), ["P-1", "T-1", "U-1"]),
        (Wanted(contains="x_"), ["X_1"]), (Wanted(contains="%"), []), (Wanted(contains="CANCO"), ["T-1"]),
        (Wanted(first="2025-02-01", last="2025-02-28"), ["T-1"]), (Wanted(site="mill"), []), (Wanted(contains="'; DROP TABLE lot"), []),
    ],
)  # fmt: skip
def test_a_page_is_found_and_ordered_in_the_database(filled: Book, wanted: Wanted, ids: list[str]) -> None:
    with filled.read() as connection:
        found = read_page(connection, "lot", wanted)
        second = read_page(connection, "lot", wanted, 1, 1)
    assert [row["unit"] for row in found.rows] == ids and found.total == len(ids) == second.total
    assert [row["unit"] for row in second.rows] == ids[1:2]


def test_only_what_has_something_left_is_listed_as_such(filled: Book) -> None:
    enter(filled, "cast", cast("H-2", {"P-1": 8_000}, 7_900, date="2025-03-07"))
    with filled.read() as connection:
        assert [row["unit"] for row in read_page(connection, "lot", Wanted(state="left", order="id")).rows] == ["T-1", "U-1"]


def test_a_sheet_has_all_that_is_known_of_a_unit(filled: Book) -> None:
    enter(filled, "statement", {"id": "C-1", "shipment": "S-1", "date": "2025-03-07", "attribute": POST, "basis": "batch"})
    with filled.read() as connection:
        heat, scrap, sent, bundle = (read_sheet(connection, name) for name in ("H-1", "T-1", "S-1", "B-2"))
        with pytest.raises(InputError):
            read_sheet(connection, "'; DROP")
    assert [(line.id, line.taken_kg, line.whole_kg) for line in heat.up] == [("U-1", 6_000, 10_000), ("T-1", 2_000, 5_000)]
    assert [(line.id, line.taken_kg) for line in heat.down] == [("B-2", 4_000), ("B-1", 3_000), ("H-1-R", 500)]
    assert [(paper.kind, paper.name) for paper in scrap.papers] == [("document-in", "in/ASI-CAN/D-1")]
    assert scrap.names == {"canco": "Can maker"} and scrap.left_kg == 3_000
    assert [(paper.kind, paper.name, paper.what) for paper in sent.papers] == [("statement", "C-1", POST)]
    assert [item.kind for item in sent.events] == ["shipment", "statement"]
    assert sent.fields["delivery_note"] and "note" not in sent.fields
    assert (bundle.kind, bundle.left_kg, bundle.fields) == ("bundle", 4_000, {})


def test_a_sheet_names_the_certificates_that_drew(filled: Book) -> None:
    number = certify(filled, "S-1", 1_500)
    with filled.read() as connection:
        heat = read_sheet(connection, "H-1")
    # The shipment is all of the bundle of 3 t, and that is of the heat: 1,500 kg of each.
    assert [(paper.kind, paper.name, paper.mass_kg, paper.void) for paper in heat.papers] == [
        ("certificate", number, 1_500, None)
    ]
    assert "footprint-certificate" in [item.kind for item in heat.events]
    end(filled, number)
    with filled.read() as connection:
        ended = read_sheet(connection, "H-1").papers[0].void
    assert ended is not None and ended.date


def test_relatives_end_where_nobody_asked_further(filled: Book) -> None:
    with filled.read() as connection:
        near = read_kin(connection, "B-1", up=1, down=1)
        narrow = read_kin(connection, "H-1", up=1, down=1, breadth=1)
        whole = read_kin(connection, "B-1", up=3, down=3)
    assert near.level == {"B-1": 0, "H-1": -1, "S-1": 1} and near.hidden == {-2: None}
    assert set(narrow.level) == {"H-1", "U-1", "B-2"}
    # One more lot; one more bundle, and the return; beyond those that are shown there is nothing.
    assert narrow.hidden == {-1: 1, 1: 2}
    assert whole.level == {"B-1": 0, "H-1": -1, "U-1": -2, "T-1": -2, "S-1": 1} and whole.hidden == {}
    assert {(edge.parent, edge.child): edge.mass_kg for edge in whole.edges} == {
        ("H-1", "B-1"): 3_000, ("U-1", "H-1"): 6_000, ("T-1", "H-1"): 2_000, ("B-1", "S-1"): 3_000,
    }  # fmt: skip


def test_a_unit_that_is_shown_is_not_counted_again(filled: Book) -> None:
    enter(filled, "cast", cast("H-2", {"H-1-R": 500, "U-1": 4_000}, 4_300, date="2025-03-07"))
    with filled.read() as connection:
        found = read_kin(connection, "H-2", up=3, down=1)
    # U-1 went into H-2 and, by way of H-1 and its return, once more: it stands where it is nearest.
    assert found.level == {"H-2": 0, "U-1": -1, "H-1-R": -1, "H-1": -2, "T-1": -3} and found.hidden == {}


def test_accounts_run_from_month_to_month(filled: Book) -> None:
    with filled.read() as connection:
        months, last = running(connection, SCOPE, "2025"), read_balances(connection, SCOPE, "2025")
    aluminium = dict(months[ALUMINIUM])
    # January: 10 t of eligible scrap and nothing else that stands; no output yet. March: 15 of 23 t, of 3 t of output: 1,956 kg, floored.
    assert aluminium["2025-01"].available == 0 and aluminium["2025-01"].sums["coc-in"] == 10_000
    assert aluminium["2025-03"].available == 3_000 * 15_000 // 23_000 == 1_956
    for name, found in months.items():
        assert (found[-1][1].sums, found[-1][1].available) == (last[name].sums, last[name].available)


def test_a_cover_says_what_may_still_be_issued(filled: Book) -> None:
    with filled.read() as connection:
        before = read_cover(connection, "S-1")
        with pytest.raises(InputError):
            read_cover(connection, "H-1")
    assert (before.own_kg, before.documented_kg, before.issuable_kg, before.certificate) == (3_000, 0, 1_956, "ASI-OWN")
    enter(filled, "document", {"shipment": "S-1", "date": "2025-03-08", "coc_kg": 1_000, "responsible": "Li"})
    with filled.read() as connection:
        after, papers = read_cover(connection, "S-1"), read_papers(connection, "issued", "S-1")
        others = [read_papers(connection, kind).total for kind in ("received", "claims")]
    assert (after.documented_kg, after.undocumented_kg, after.issuable_kg) == (1_000, 2_000, 956)
    assert [(row["coc_kg"], row["unit"], row["void"]) for row in papers.rows] == [(1_000, "S-1", None)] and others == [1, 0]


def test_evidence_says_what_is_left_of_it(filled: Book) -> None:
    power = {
        "site": "works", "kind": "certificate", "leg": "grid", "time": "2025-03", "technology": "hydro", "registry": "R", "cancelled_on": "2025-04-10",
    }  # fmt: skip
    enter_all(filled, [
        ("meter", {"site": "works", "time": "2025-03", "leg": "grid", "mwh": 100}),
        ("power", {**power, "id": "E-1", "mwh": 10, "serials": "A-001-A-010"}),
        ("power", {**power, "id": "E-2", "mwh": 5, "serials": "A-011-A-015", "attributes_sold": "yes"}),
        ("power", {**power, "id": "E-3", "mwh": 3, "serials": "A-016-A-018", "cancelled_on": ""}),
        ("match", {"id": "M-1", "evidence": "E-1", "product": "hqaloop", "time": "2025-03", "mwh": 4, "mass_kg": 1_000}),
    ])  # fmt: skip
    with filled.read() as connection:
        found = read_evidences(connection, "works", "2025-01", "2025-12")
        legs, spent = (
            by_month(read_legs(connection, "works", "2025-01", "2025-12")),
            read_spent(connection, "works", "2025-01", "2025-12"),
        )
        months = power_months(connection, SCOPE, "2025-01", "2025-12")
    assert [(item.id, item.matched, item.left, item.is_open) for item in found] == [
        ("E-1", 4_000_000, 6_000_000, True), ("E-2", 0, 0, False), ("E-3", 0, 3_000_000, False)
    ]  # fmt: skip
    assert found[0].serials == ("A-001-A-010",)
    assert [(leg.metered, leg.matched, leg.rest, leg.evidence, leg.sold) for leg in legs] == [
        (100_000_000, 4_000_000, 96_000_000, 13_000_000, 5_000_000)
    ]
    assert [(item.id, item.wh, item.mass_kg) for item in spent] == [("M-1", 4_000_000, 1_000)]
    assert months == {"2025-03": (13_000_000, 4_000_000)}
