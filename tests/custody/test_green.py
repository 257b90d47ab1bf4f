"""Green low-carbon aluminium of heats: shares by hand, what evidences green power and what does not, grades with their source."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.grades import Grade, read_grades, shipped_grades
from pcf.custody.green import PARTS, Blend, green_blend, word_blend
from pcf.custody.physical import unit_content
from pcf.errors import InputError
from tests.custody.books import (
    POST,
    PRE,
    Entry,
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
    trim,
    ubc,
    void,
)

MONTH = "2025-02"

HYDRO = {"id": "HYDRO", "site": "works", "kind": "own", "leg": "own_hydro", "time": MONTH, "mwh": 9_000, "technology": "hydro"}


def liquid(name: str, mass_kg: int, **more: Any) -> dict[str, Any]:
    """Own liquid metal; metal yield 0.995."""
    return lot(name, mass_kg, **{"material": "electrolysis", "supplier": "hq", "asi_class": "coc", "source_type": "own", **more})


def match(name: str, mass_kg: int, **more: Any) -> dict[str, Any]:
    return {"id": name, "evidence": "HYDRO", "product": "hqalight", "time": MONTH, "mwh": 1_000, "mass_kg": mass_kg, **more}


SMELTER: tuple[Entry, ...] = (
    ("lot", liquid("LIQ", 404_000)),
    ("cast", cast("L1", {"LIQ": 303_000}, 300_000, product="hqalight", date="2025-02-01")),
    ("cast", cast("L2", {"LIQ": 101_000}, 100_000, product="hqalight", date="2025-02-28")),
    ("meter", {"site": "works", "time": MONTH, "leg": "own_hydro", "mwh": 9_000}),
    ("power", HYDRO),
)
"""400 t of HQALight in a month, with hydropower that may be matched to them."""


@pytest.fixture
def smelted(book: Book) -> Book:
    enter_all(book, SMELTER)
    return book


@pytest.fixture
def half(smelted: Book) -> Book:
    """As `smelted`, half of the month's metal matched."""
    enter(smelted, "match", match("M1", 200_000))
    return smelted


def blend(book: Book, name: str, grades: tuple[Grade, ...] | None = None) -> Blend:
    with book.read() as connection:
        return green_blend(connection, book.catalogue, name, grades)


def said(book: Book, name: str, language: str = "en") -> str:
    return "\n".join(word_blend(blend(book, name), language))


def lines_of(found: Blend) -> dict[str, tuple[str, Fraction]]:
    return {line.unit: (line.evidence, line.green) for line in found.heat.lines}


# Green power -----------------------------------------------------------------------------------------------------------


def test_metal_is_green_in_the_proportion_of_what_power_was_matched_to(half: Book) -> None:
    for name in ("L1", "L2"):
        found = blend(half, name)
        assert found.green_power == Fraction(200, 400)
        assert found.heat.shares["primary"] == Fraction(1, 2)
        assert lines_of(found) == {"LIQ": ("own-metal", Fraction(1, 2))}
    assert blend(half, "L1").matches[0].mwh_per_t == 5.0


def test_no_more_is_green_than_was_cast(smelted: Book) -> None:
    enter(smelted, "match", match("M1", 400_000))
    enter(smelted, "match", match("M2", 400_000))  # further power for the same tonnes
    found = blend(smelted, "L1")
    assert (found.coverages[0].matched_kg, found.coverages[0].covered_kg) == (400_000, 400_000)
    assert found.green_power == 1


def test_without_a_match_nothing_is_green(smelted: Book) -> None:
    assert blend(smelted, "L1").green == 0
    assert "no matched power behind this metal" in said(smelted, "L1")


def test_a_match_that_was_taken_back_counts_no_more(half: Book) -> None:
    enter(half, "void", void("match", "M1"))
    assert blend(half, "L1").green_power == 0


def test_a_match_counts_in_its_own_month_only(half: Book) -> None:
    enter_all(half, [
        ("lot", liquid("LIQ-3", 101_000, date="2025-03-01")),
        ("cast", cast("L3", {"LIQ-3": 101_000}, 100_000, product="hqalight", date="2025-03-01")),
    ])  # fmt: skip
    assert blend(half, "L3").green_power == 0


def test_hours_of_a_month_add_up(smelted: Book) -> None:
    enter(smelted, "void", void("meter", f"works/{MONTH}/own_hydro"))
    for hour, kg in (("2025-02-01T05", 60_000), ("2025-02-28T23", 40_000)):
        enter_all(smelted, [
            ("meter", {"site": "works", "time": hour, "leg": "own_hydro", "mwh": 50}),
            ("power", {**HYDRO, "id": f"P-{hour}", "time": hour, "mwh": 50}),
            ("match", match(f"M-{hour}", kg, evidence=f"P-{hour}", time=hour, mwh=50)),
        ])  # fmt: skip
    assert blend(smelted, "L1").green_power == Fraction(100, 400)


def test_nuclear_power_is_no_green_power(smelted: Book) -> None:
    enter_all(smelted, [
        ("meter", {"site": "works", "time": MONTH, "leg": "grid", "mwh": 5_000}),
        ("power", {
            "id": "NUCLEAR", "site": "works", "kind": "contract", "leg": "grid", "time": MONTH, "mwh": 5_000, "technology": "nuclear",
            "contract": "C-1", "cancelled_on": "2025-03-05",
        }),
        ("match", match("M-N", 200_000, evidence="NUCLEAR")),
    ])  # fmt: skip
    found = blend(smelted, "L1")
    assert (found.green_power, [item.counts for item in found.matches]) == (0, [False])
    assert "not counted: no renewable power" in said(smelted, "L1")


def test_certificates_stand_with_their_numbers(smelted: Book) -> None:
    enter_all(smelted, [
        ("meter", {"site": "works", "time": MONTH, "leg": "grid", "mwh": 5_000}),
        ("power", {
            "id": "GEC", "site": "works", "kind": "certificate", "leg": "grid", "time": MONTH, "mwh": 500, "technology": "wind",
            "registry": "GEC-CN", "serials": "W-000001-W-000400, W-000777-W-000876", "cancelled_on": "2025-03-05",
            "cancelled_for": "HQALight",
        }),
        ("match", match("M-W", 40_000, evidence="GEC", mwh=500)),
    ])  # fmt: skip
    words = said(smelted, "L1")
    assert "GEC-CN W-000001-W-000400, W-000777-W-000876; cancelled on 2025-03-05" in words
    evidence = blend(smelted, "L1").as_document()["power"][0]["matches"][0]["evidence"]
    assert evidence["serials"] == ["W-000001-W-000400", "W-000777-W-000876"]
    assert (evidence["cancelled_on"], evidence["cancelled_for"]) == ("2025-03-05", "HQALight")


# Remelted metal --------------------------------------------------------------------------------------------------------

REMELT: tuple[Entry, ...] = (
    ("received", received("D1", 300_000)),
    ("lot", ubc("UBC", 500_000)),
    ("lot", trim("TRIM", 300_000, "D1")),
    ("lot", lot("PRIME", 200_000, note="绿电铝 2025")),
    ("lot", lot("MG", 10_000, material="magnesium-metal", content_class="alloying")),
    ("lot", lot("TOLL", 40_000, material="scrap-ubc", content_class=POST, tolled_for="buyer")),
    ("lot", lot("SISTER", 30_000, material="scrap-can-trim", content_class=PRE, origin="plant", supplier="hq")),
    ("cast", cast("R1", {
        "UBC": 500_000, "TRIM": 300_000, "L1": 100_000, "PRIME": 200_000, "MG": 10_000, "TOLL": 40_000, "SISTER": 30_000,
    }, 1_080_000, returns_kg=20_000, dross_kg=15_000, date="2025-03-02")),
    ("cast", cast("R2", {"R1-R": 20_000, "R1": 100_000}, 110_000, returns_kg=9_000, date="2025-03-03")),
)  # fmt: skip
"""Metal of R1 [t]: 440 post, 291 pre, 100 of L1, 199 prime, 9 magnesium (0.9); tolled, inside and own scrap count nowhere."""


@pytest.fixture
def remelted(half: Book) -> Book:
    enter_all(half, REMELT)
    return half


def test_shares_of_a_remelted_heat(remelted: Book) -> None:
    found = blend(remelted, "R1")
    assert dict(found.heat.shares) == {
        POST: Fraction(440, 1039), PRE: Fraction(291, 1039), "green-power": Fraction(50, 1039), "primary": Fraction(249, 1039),
        "alloying": Fraction(9, 1039), "other": Fraction(0),
    }  # fmt: skip
    assert (found.recycled, found.green_power, found.green) == (Fraction(731, 1039), Fraction(50, 1039), Fraction(781, 1039))
    assert [item.id for item in found.sources] == ["L1"]
    # 781/1039 = 75.1684 %
    assert "Green-power metal and recycled metal together: 75.16 %" in said(remelted, "R1")


def test_the_trace_record_has_every_line_and_the_mass_balance(remelted: Book) -> None:
    found = blend(remelted, "R1")
    assert {line.unit: line.metal_kg for line in found.heat.lines} == {
        "UBC": 440_000, "TRIM": 291_000, "L1": 100_000, "PRIME": 199_000, "MG": 9_000, "TOLL": 0, "SISTER": 0
    }  # fmt: skip
    # 1,180 charged = 1,080 product + 20 returns + 15 dross + 65 loss
    assert (found.heat.charged_kg, found.heat.loss_kg) == (1_180_000, 65_000)
    words = said(remelted, "R1")
    assert "supplier merchant; weigh ticket T-UBC" in words
    assert "document ASI-CAN/D1" in words
    assert "heat L1 of 2025-02-01, works, hqalight: green-power metal 50.00 %" in words
    record = {line["unit"]: line["record"] for line in found.as_document()["heat"]["charge"]}
    assert record["UBC"]["due_diligence"] == "DD-1"


def test_what_a_supplier_says_of_bought_metal_is_shown_and_not_counted(remelted: Book) -> None:
    assert lines_of(blend(remelted, "R1"))["PRIME"] == ("none", 0)
    line = next(line for line in said(remelted, "R1").splitlines() if "PRIME" in line)
    assert "note: 绿电铝 2025" in line and "green power not evidenced by these records" in line


def test_own_returns_leave_the_shares_as_they_are(remelted: Book) -> None:
    assert dict(blend(remelted, "R2").heat.shares) == dict(blend(remelted, "R1").heat.shares)


def test_a_heat_of_nothing_but_returns_shows_nothing(remelted: Book) -> None:
    enter_all(remelted, [
        ("cast", cast("R3", {"R2-R": 9_000}, 8_500, date="2025-03-04")), ("cast", cast("R4", {"R3": 8_500}, 8_300, date="2025-03-05")),
    ])  # fmt: skip
    assert set(blend(remelted, "R3").heat.shares.values()) == {0}
    assert blend(remelted, "R4").heat.shares["primary"] == 1
    assert blend(remelted, "R4").green == 0


@pytest.mark.parametrize("name", ["L1", "L2", "R1", "R2"])
def test_shares_add_up_and_agree_with_the_recycled_content(remelted: Book, catalogue: Catalogue, name: str) -> None:
    found = blend(remelted, name)
    with remelted.read() as connection:
        content = unit_content(connection, catalogue, name, "company", "batch", include_tolled=False)
    assert sum(found.heat.shares.values()) == 1
    assert (found.heat.shares[POST], found.heat.shares[PRE]) == (content.post, content.pre)
    assert set(found.heat.shares) == set(PARTS)


def test_own_metal_by_way_of_bundles_and_coils(half: Book) -> None:
    enter_all(half, [
        ("process", process("BUNDLE", {"L1": 50_000, "L2": 50_000}, 100_000, product="hqalight", date="2025-03-01")),
        ("cast", cast("R", {"BUNDLE": 100_000}, 98_000, date="2025-03-02")),
    ])  # fmt: skip
    found = blend(half, "R")
    assert (found.green_power, lines_of(found)["BUNDLE"]) == (Fraction(1, 2), ("own-heat", Fraction(1, 2)))


def test_power_of_a_remelted_product_is_no_power_of_an_electrolysis(smelted: Book) -> None:
    enter_all(smelted, [
        ("lot", lot("OURS", 100_000, supplier="hq", material="primary-delivery")),
        ("cast", cast("R", {"OURS": 100_000}, 98_000, date="2025-02-03")),
        ("match", match("M-R", 98_000, product="hqaloop")),
    ])  # fmt: skip
    assert lines_of(blend(smelted, "R")) == {"OURS": ("none", Fraction(0))}


# Metal of another scope ------------------------------------------------------------------------------------------------


def sold(book: Book, *lots: tuple[str, int, int]) -> None:
    """100 t of L1 go to the other scope on a document; there `lots` name it: id, mass [kg], CoC mass [kg]."""
    enter_all(book, [
        ("shipment", shipment("OUT", {"L1": 100_000}, date="2025-03-01", customer="abroad")),
        ("document", document("OUT", 90_000, reference="X1")),
        ("received", received("X1", 90_000, issuer="ASI-OWN", party="hq", material="asi-aluminium", total_kg=100_000, date="2025-03-11")),
    ])  # fmt: skip
    for name, mass, coc in lots:
        enter(book, "lot", coc_metal(name, mass, "X1", document_issuer="ASI-OWN", site="elsewhere", supplier="hq", date="2025-03-12",
                                     material="hqalight", coc_kg=coc))  # fmt: skip


def abroad(name: str, mass: int) -> Entry:
    return "cast", cast(f"R-{name}", {name: mass}, mass - 1_000, site="elsewhere", date="2025-04-01")


def test_a_document_of_this_book_leads_to_the_heats_behind_it(half: Book) -> None:
    sold(half, ("IN", 100_000, 90_000))
    enter_all(half, [abroad("IN", 50_000)])
    found = blend(half, "R-IN")
    assert lines_of(found) == {"IN": ("document", Fraction(1, 2))}
    assert [item.id for item in found.sources] == ["L1"]
    # It stands as long as the other scope holds it.
    (problem,) = refused(half, "void", void("document", "out/ASI-OWN/X1"))
    assert "which another scope of this book has received" in problem


def test_lots_on_one_document_share_what_its_shipment_weighed(half: Book) -> None:
    sold(half, ("IN-1", 100_000, 40_000), ("IN-2", 100_000, 40_000))
    enter_all(half, [abroad("IN-1", 100_000), abroad("IN-2", 100_000)])
    # 100 t were sent, 200 t name the document: half of each lot can be that metal, and half of that is green.
    for name in ("IN-1", "IN-2"):
        assert blend(half, f"R-{name}").green_power == Fraction(1, 4)


def test_own_metal_without_a_document_counts_by_its_month_and_says_so(half: Book) -> None:
    enter(half, "lot", lot("IN", 100_000, supplier="hq", material="hqalight", site="elsewhere", date="2025-02-28"))
    enter(half, "lot", lot("LATER", 100_000, supplier="hq", material="hqalight", site="elsewhere", date="2025-03-01"))
    enter(half, "lot", lot("BOUGHT", 100_000, material="hqalight", site="elsewhere", date="2025-02-28"))
    enter_all(half, [abroad("IN", 100_000), abroad("LATER", 100_000), abroad("BOUGHT", 100_000)])
    assert lines_of(blend(half, "R-IN")) == {"IN": ("month", Fraction(1, 2))}
    assert "no document names the heats" in said(half, "R-IN")
    for name in ("LATER", "BOUGHT"):
        assert lines_of(blend(half, f"R-{name}")) == {name: ("none", Fraction(0))}


def test_a_document_of_another_book_evidences_nothing_here(half: Book) -> None:
    enter_all(half, [
        ("received", received("D9", 100_000, material="asi-aluminium")),
        ("lot", coc_metal("IN", 100_000, "D9", material="hqalight", date="2025-02-10")),
        ("cast", cast("R", {"IN": 100_000}, 99_000, product="hqalight", date="2025-02-11")),
    ])  # fmt: skip
    assert lines_of(blend(half, "R")) == {"IN": ("none", Fraction(0))}


# Grades ----------------------------------------------------------------------------------------------------------------


def test_nothing_is_evaluated_without_a_table(remelted: Book) -> None:
    assert read_grades(shipped_grades()) == ()
    assert blend(remelted, "R1").as_document()["grading"] == {
        "status": "not evaluated", "grade": None, "source": None, "grades": []
    }  # fmt: skip
    for language, wanted in (("en", "Grade: not evaluated"), ("zh", "等级：未评价")):
        assert wanted in said(remelted, "R1", language)


def grade(name: str, source: str, green: str, recycled: str = "0") -> Grade:
    return Grade(name, {"min_green_share": Fraction(green), "min_recycled_share": Fraction(recycled)}, source)


def test_the_first_grade_that_is_met_is_given_with_its_source(remelted: Book) -> None:
    # R1: green 781/1039 = 0.75168, recycled 731/1039 = 0.70356.
    grades = (grade("A", "X", "0.76"), grade("B", "X", "0.75", "0.71"), grade("C", "Y", "0.75", "0.7"), grade("D", "X", "0.5"))
    found = blend(remelted, "R1", grades)
    assert found.grading.grade is not None
    assert (found.grading.grade.name, found.grading.grade.source) == ("C", "Y")
    assert [item.met for item in found.grading.verdicts] == [False, False, True, True]
    words = word_blend(found, "en")
    assert "Grade: C (thresholds by: Y)" in words
    assert "  B: not met; green-power and recycled metal 75.16 %, at least 75 %, recycled metal 70.35 %, at least 71 %" in words


def test_a_table_that_nothing_meets(remelted: Book) -> None:
    found = blend(remelted, "R1", (grade("A", "X", "0.99"),))
    assert (found.grading.evaluated, found.grading.grade) == (True, None)
    assert "Grade: none of the table's grades is met." in word_blend(found, "en")


# Sentences and refusals ------------------------------------------------------------------------------------------------


def test_what_is_not_confirmed_is_said_plainly(remelted: Book) -> None:
    wanted = {
        "en": ("indicative: neither text was read", "thresholds and names of grades", "least share", "validity", "the label", "list of records"),
        "zh": ("未见标准原文", "等级的阈值与名称", "最低比例", "有效期", "标识", "必备清单"),
    }  # fmt: skip
    for language, parts in wanted.items():
        words = said(remelted, "R1", language)
        assert [part for part in parts if part not in words] == []
        assert "conform" not in words and "符合" not in words
    found = blend(remelted, "R1").as_document()
    assert found["indicative"] is True
    assert {item["text_read"] for item in found["standards"]} == {False}


def test_heats_that_cannot_be_asked_for(remelted: Book) -> None:
    for name in ("UBC", "nobody", "R1-R"):
        with pytest.raises(InputError, match="a recorded heat"):
            blend(remelted, name)
    enter(remelted, "void", void("cast", "R2"))
    with pytest.raises(InputError, match="void since 2025-12-01"):
        blend(remelted, "R2")


def test_metal_cannot_come_from_itself(half: Book) -> None:
    """A document may be received before it is issued; the scope's own metal comes in by none."""
    enter(half, "received", received("X9", 90_000, issuer="ASI-OWN", party="hq", material="asi-aluminium", total_kg=100_000))
    values = coc_metal("IN", 100_000, "X9", document_issuer="ASI-OWN", supplier="hq", material="hqalight", coc_kg=90_000)
    (problem,) = refused(half, "lot", values)
    assert "'ASI-OWN', the scope's own certificate; expected metal from outside of the scope (R05)" in problem
