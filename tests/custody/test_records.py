"""Fields of the records: whatever is typed is read exactly or refused in one line that names place, field, found and expected."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.custody.fields import LONGEST_TEXT, MOST_KG
from pcf.custody.intake import KINDS
from pcf.custody.reading import Model, check_record, read_record
from pcf.custody.records import (
    Cast,
    Certificate,
    Charge,
    InboundDocument,
    Lot,
    Meter,
    Party,
    Scope,
    Site,
    Statement,
)
from pcf.errors import DataError
from tests.custody import books

PLACE = "lots.csv row 7"


def problems(model: type[Model], values: dict[str, Any]) -> list[str]:
    found, wrong = check_record(model, values, PLACE)
    assert (found is None) == bool(wrong)
    return [str(problem) for problem in wrong]


def only(model: type[Model], values: dict[str, Any]) -> str:
    (problem,) = problems(model, values)
    assert "\n" not in problem and problem.isprintable()
    assert len(problem) < 1500
    return problem


def a_lot(**changed: Any) -> dict[str, Any]:
    return {**books.lot("L1", 5), **changed}


def a_cast(**changed: Any) -> dict[str, Any]:
    return {**books.cast("H1", {"L1": 5}, 5), **changed}


# Masses


@pytest.mark.parametrize(
    ("given", "kg"),
    [("500", 500), (500, 500), (500.0, 500), ("500.0", 500), (Decimal("500.00"), 500), ("5e2", 500), (" 500 ", 500), (MOST_KG, MOST_KG)],
)  # fmt: skip
def test_whole_kilograms_are_read_as_they_are(given: Any, kg: int) -> None:
    assert read_record(Lot, a_lot(mass_kg=given), PLACE).mass_kg == kg


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (-5, "kilograms, 1 or more"),
        ("0", "kilograms, 1 or more"),
        ("0.5", "whole kilograms: the ledger counts no fractions"),
        (0.1 + 0.2, "whole kilograms: the ledger counts no fractions"),
        (MOST_KG + 1, "kilograms, at most 1,000,000,000,000"),
        ("1e99", "kilograms, at most 1,000,000,000,000"),
        ("1,000", "a number with digits and a decimal point, without separators of thousands"),
        ("1 000", "a number with digits and a decimal point"),
        ("12 t", "a number with digits and a decimal point"),
        ("nan", "a number with digits and a decimal point"),
        ("１００", "a number with digits and a decimal point"),
        ("+5", "a number with digits and a decimal point"),
        (float("inf"), "a number with digits and a decimal point"),
        (float("nan"), "a number with digits and a decimal point"),
        (Decimal("Infinity"), "a finite number"),
        (Decimal("NaN"), "a finite number"),
        (True, "a number"),
        ([5], "a text"),
        ({"kg": 5}, "a text"),
        ("5" * 65, "at most 64 characters; these are 65"),
        pytest.param(10**5000, "kilograms, at most 1,000,000,000,000", id="a number of 5,001 digits"),
    ],
    ids=str,
)  # fmt: skip
def test_another_mass_is_refused(given: Any, expected: str) -> None:
    problem = only(Lot, a_lot(mass_kg=given))
    assert problem.startswith(f"{PLACE}, mass_kg: found ")
    assert f"; expected {expected}" in problem


@given(st.integers(1, MOST_KG))
def test_no_kilogram_is_lost_in_reading(mass: int) -> None:
    assert read_record(Lot, a_lot(mass_kg=str(mass)), PLACE).mass_kg == mass


@pytest.mark.parametrize(("given", "wh"), [("1", 1_000_000), ("0.000001", 1), ("1000000000", 10**15), ("0", 0)])
def test_megawatt_hours_are_kept_as_watt_hours(given: str, wh: int) -> None:
    assert read_record(Meter, {"site": "works", "time": "2025-03", "leg": "grid", "mwh": given}, PLACE).mwh == wh


@pytest.mark.parametrize("given", ["0.0000001", "-1", "1000000001", "1.0000000000000000000000000000001"])
def test_a_fraction_of_a_watt_hour_is_refused(given: str) -> None:
    problem = only(Meter, {"site": "works", "time": "2025-03", "leg": "grid", "mwh": given})
    assert problem.startswith(f"{PLACE}, mwh: found {given!r}; expected MWh")


# Texts and ids


@pytest.mark.parametrize("name", ["UBC-2025/001", "批次 7", "Ω", "1", "a.b:c#d(e)+f-g", "x" * 64])
def test_ids_of_plants_are_taken(name: str) -> None:
    assert read_record(Lot, a_lot(id=name), PLACE).id == name


def test_two_spellings_of_one_id_are_one_id() -> None:
    composed, decomposed = "Caf\u00e9", "Cafe\u0301"
    assert read_record(Lot, a_lot(id=decomposed), PLACE).id == composed


@pytest.mark.parametrize("name", [7, 7.0, " 7 "])
def test_a_number_of_a_spreadsheet_is_an_id(name: Any) -> None:
    assert read_record(Lot, a_lot(id=name), PLACE).id == "7"


@pytest.mark.parametrize(
    "name",
    ["-L1", "/L1", "../L1", "L1,L2", "L1=5", "L1;DROP TABLE lot", "'L1'", "<b>", "L1\nL2", "L1\tL2", "L\u200b1", "L\u202e1", "L\x001", "x" * 65, 7.5, True, ["L1"]],
    ids=repr,
)  # fmt: skip
def test_another_id_is_refused(name: Any) -> None:
    assert only(Lot, a_lot(id=name)).startswith(f"{PLACE}, id: found ")


@pytest.mark.parametrize("text", ["two\nlines", "a\u200bb", "a\u202eb", "a\ufeffb", "bell\x07", "half \ud800"], ids=repr)
def test_hidden_characters_are_refused(text: str) -> None:
    problem = only(Party, {"id": "P", "name": text})
    assert problem.startswith(f"{PLACE}, name: found ")
    assert problem.endswith("expected a text without hidden characters and line breaks")


@pytest.mark.parametrize(
    "unit",
    ["x", "字", "e\u0301", "\u0300\u0316"],
    ids=["letters", "characters", "accents", "accents in the wrong order, which are sorted"],
)
def test_a_name_of_ten_megabytes_is_refused_at_once(unit: str) -> None:
    text = "a" + unit * (10_000_000 // len(unit.encode()))
    start = time.process_time()
    problem = only(Party, {"id": "P", "name": text})
    assert time.process_time() - start < 1
    assert f"; expected at most {LONGEST_TEXT} characters; these are " in problem
    assert len(problem) < 300


@pytest.mark.parametrize("empty", ["", None])
def test_what_is_empty_counts_as_left_out(empty: Any) -> None:
    assert read_record(Lot, a_lot(invoice=empty, coc_kg=empty), PLACE).coc_kg is None
    assert only(Lot, a_lot(supplier=empty)) == f"{PLACE}, supplier: found nothing; expected a value"


def test_blanks_are_no_name() -> None:
    assert only(Party, {"id": "P", "name": "  "}).endswith("expected a text")


# Dates


@pytest.mark.parametrize("day", ["2025-03-31", dt.date(2025, 3, 31), dt.datetime(2025, 3, 31, 23, 59, tzinfo=dt.UTC)])
def test_dates_of_files_and_spreadsheets_are_read(day: Any) -> None:
    assert read_record(Lot, a_lot(date=day), PLACE).date == "2025-03-31"


@pytest.mark.parametrize(
    "day",
    ["2025-02-29", "2025-13-01", "2025-3-1", "31.03.2025", "03/31/2025", "20250331", "2025-W01-1", "2025-W10-5", "２０２５-０３-３１", "2025-03-31T00:00", 45747, "today"],
    ids=str,
)  # fmt: skip
def test_another_date_is_refused(day: Any) -> None:
    problem = only(Lot, a_lot(date=day))
    assert problem.startswith(f"{PLACE}, date: found ")
    assert problem.endswith("expected a date such as 2025-03-31")


@pytest.mark.parametrize("day", ["1989-12-31", "2101-01-01", "0001-01-01", "9999-12-31"])
def test_a_date_of_another_century_is_refused(day: str) -> None:
    assert only(Lot, a_lot(date=day)).endswith("expected a date from 1990 to 2100")


@pytest.mark.parametrize("moment", ["2025-03", "2025-03-01T00", "2025-03-31T23"])
def test_months_and_hours_are_read(moment: str) -> None:
    assert read_record(Meter, {"site": "works", "time": moment, "leg": "grid", "mwh": 1}, PLACE).time == moment


@pytest.mark.parametrize(
    "moment",
    ["2025", "2025-00", "2025-13", "2025-03-01", "2025-03-01T24", "2025-02-29T05", "２０２５-03", "0000-03", "0001-01", "9999-12", "2025-03-01T０５"],
)  # fmt: skip
def test_another_time_is_refused(moment: str) -> None:
    problem = only(Meter, {"site": "works", "time": moment, "leg": "grid", "mwh": 1})
    assert problem.startswith(f"{PLACE}, time: found ")


def test_a_certificate_ends_after_it_begins() -> None:
    values = {"number": "N", "holder": "hq", "standard": "asi-coc", "valid_from": "2025-01-02", "valid_until": "2025-01-01"}
    problem = only(Certificate, values)
    assert problem == f"{PLACE}: found contradicting fields; expected valid_until on or after valid_from (2025-01-02)"


# Fields as such


def test_an_unknown_field_is_named_with_those_that_there_are() -> None:
    problem = only(Party, {"id": "P", "name": "N", "colour": "red"})
    assert problem.startswith(f"{PLACE}, colour: found an unknown field; expected one of: id, name, address")


def test_a_word_outside_of_a_list_is_named_with_the_list() -> None:
    problem = only(Lot, a_lot(content_class="recycled"))
    assert problem.startswith(f"{PLACE}, content_class: found 'recycled'; expected post-consumer, pre-consumer, primary")


def test_every_wrong_field_of_a_record_is_named() -> None:
    wrong = problems(Lot, a_lot(mass_kg=0, date="never", id="", colour="red"))
    assert [problem.partition(":")[0] for problem in wrong] == [
        f"{PLACE}, {name}" for name in ("id", "date", "mass_kg", "colour")
    ]
    with pytest.raises(DataError) as caught:
        read_record(Lot, a_lot(mass_kg=0, date="never"), PLACE)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("word", "value"), [("yes", True), ("是", True), ("TRUE", True), ("no", False), ("否", False), (0, False)]
)
def test_yes_and_no_are_read(word: Any, value: bool) -> None:
    assert read_record(Party, {"id": "P", "name": "N", "own": word}, PLACE).own is value


def test_a_flag_of_another_word_is_refused() -> None:
    assert only(Party, {"id": "P", "name": "N", "own": "perhaps"}).endswith("found 'perhaps'; expected yes or no")


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "../../etc/passwd", "/etc/localtime", "Asia", "UTC+8", "x" * 300])
def test_another_time_zone_is_refused(zone: str) -> None:
    assert only(Site, {"id": "s", "name": "S", "party": "hq", "timezone": zone}).startswith(f"{PLACE}, timezone: found ")


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("values", [{}, {"id": []}, {"no field": {"of": ["any", "record"]}}, {"": "x"}, {7: "x"}], ids=repr)
def test_no_record_of_any_kind_falls_over_nonsense(kind: str, values: dict[Any, Any]) -> None:
    for problem in problems(KINDS[kind].model, values):
        assert problem.startswith(PLACE) and "; expected " in problem and "\n" not in problem


# Lines of a charge


def test_lines_of_a_cell_are_read() -> None:
    found = read_record(Cast, a_cast(charge=" UBC-1=500 ,\nTRIM #2 = 300,"), PLACE)
    assert found.charge == (Charge(unit="UBC-1", mass_kg=500), Charge(unit="TRIM #2", mass_kg=300))


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("LOT", f"{PLACE}, charge, line 1, unit: found ''"),
        ("LOT=", f"{PLACE}, charge, line 1, mass_kg: found ''"),
        ("=5", f"{PLACE}, charge, line 1, unit: found ''"),
        ("LOT=5,LOT-2=many", f"{PLACE}, charge, line 2, mass_kg: found 'many'; expected a number"),
        ("LOT=5,LOT-2=-1", f"{PLACE}, charge, line 2, mass_kg: found '-1'; expected kilograms, 1 or more"),
        ("LOT=0.5", f"{PLACE}, charge, line 1, mass_kg: found '0.5'; expected whole kilograms"),
        ("A=B=5", f"{PLACE}, charge, line 1, unit: found 'A=B'; expected an id"),
        (",,", f"{PLACE}, charge: found nothing; expected at least 1"),
        (",".join(f"L{number}=1" for number in range(501)), f"{PLACE}, charge: found 501 entries; expected at most 500"),
        (5, f"{PLACE}, charge: found '5'"),
    ],
)
def test_a_wrong_line_is_named_by_its_number(cell: Any, says: str) -> None:
    found = problems(Cast, a_cast(charge=cell))
    assert any(problem.startswith(says) for problem in found), found


def test_a_charge_of_ten_megabytes_is_refused_at_once() -> None:
    start = time.process_time()
    problem = only(Cast, a_cast(charge="L=1," * 2_500_000))
    assert problem.startswith(f"{PLACE}, charge: found 'L=1,L=1,")
    assert problem.endswith("; expected at most 10,000 lines; these are 2,500,001")
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("text", "found"), [("Mg=1.10, Fe = 0.5", {"Fe": "0.5", "Mg": "1.1"}), ({"Mg": 1}, {"Mg": "1"}), ("", {})]
)
def test_an_analysis_is_kept_exactly(text: Any, found: dict[str, str]) -> None:
    assert read_record(Cast, a_cast(chemistry=text), PLACE).chemistry == found


@pytest.mark.parametrize("text", ["Mg", "Mg=", "Mg=-1", "Mg=101", "Mg=60,Si=60", "Mg=1,Mg=1", "magnesium=1", "M<g>=1", 5])
def test_another_analysis_is_refused(text: Any) -> None:
    assert only(Cast, a_cast(chemistry=text)).startswith(f"{PLACE}, chemistry: found ")


def test_sites_of_a_scope_are_read_from_a_cell() -> None:
    assert read_record(Scope, {"id": "S", "name": "S", "sites": "works, mill,"}, PLACE).sites == ("works", "mill")
    assert only(Scope, {"id": "S", "name": "S", "sites": ","}).startswith(f"{PLACE}, sites: found nothing; expected at least 1")


@pytest.mark.parametrize(
    "left_out",
    ["issuer", "reference", "party", "date", "material", "coc_kg", "total_kg", "customer", "responsible", "conformance"],
)
def test_every_mandatory_field_of_a_received_document_is_asked_for(left_out: str) -> None:
    values = {name: value for name, value in books.received("D1", 5).items() if name != left_out}
    assert only(InboundDocument, values) == f"{PLACE}, {left_out}: found nothing; expected a value"


def test_a_record_cannot_be_changed_once_it_is_read() -> None:
    found = read_record(Statement, books.statement("ST1", "SH1"), PLACE)
    with pytest.raises(ValueError, match="frozen"):
        found.mass_kg = 7  # type: ignore[misc]


# Days that have come, and words of lists


@pytest.mark.parametrize("day", ["1999-12-31", "1990-01-01"])
def test_a_day_before_any_chain_of_custody_is_refused(day: str) -> None:
    assert only(Lot, a_lot(date=day)).endswith("expected a date from 2000 on")
    assert only(Meter, {"site": "works", "time": day[:7], "leg": "grid", "mwh": 1}).endswith("expected a date from 2000 on")


def test_a_day_that_is_yet_to_come_is_refused() -> None:
    # The day that has begun where days begin first.
    today = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=14)).date()
    for ahead, taken in ((0, True), (1, False)):
        day = (today + dt.timedelta(days=ahead)).isoformat()
        assert (problems(Lot, a_lot(date=day)) == []) == taken
        assert (problems(Meter, {"site": "works", "time": f"{day}T00", "leg": "grid", "mwh": 1}) == []) == taken
    assert "expected a time that has come: " in only(Lot, a_lot(date="2099-01-01"))
    assert "expected a time that has come: " in only(Meter, {"site": "works", "time": "2099-01", "leg": "grid", "mwh": 1})


def test_a_certificate_may_begin_and_end_in_time_to_come() -> None:
    values = {"number": "N", "holder": "hq", "standard": "asi-coc", "valid_from": "2098-01-01", "valid_until": "2099-01-01"}
    assert problems(Certificate, values) == []


@pytest.mark.parametrize(
    ("field", "given", "read"),
    [
        ("footprint_boundary", "Cradle to Gate", "cradle-to-gate"), ("footprint_boundary", "cradle to grave", None),
        ("footprint_gwp", "IPCC AR6", "AR6"), ("footprint_gwp", "not stated", "not stated"), ("footprint_gwp", "AR7", None),
        ("footprint_scrap", "cut off", "cut-off"), ("footprint_scrap", "credit", None),
    ],
)  # fmt: skip
def test_the_basis_of_a_footprint_is_a_word_of_a_list(field: str, given: str, read: str | None) -> None:
    if read is None:
        assert only(Lot, a_lot(**{field: given})).startswith(f"{PLACE}, {field}: found {given!r}; expected one of: ")
    else:
        assert getattr(read_record(Lot, a_lot(**{field: given}), PLACE), field) == read


def test_a_footprint_comes_with_its_basis() -> None:
    given = books.received("D1", 5, footprint="4.1", footprint_boundary="cradle-to-gate", footprint_period="2024")
    assert only(InboundDocument, given).endswith(
        "expected a footprint with footprint_boundary, footprint_period and footprint_verifier, or none (R19)"
    )
    assert problems(InboundDocument, {**given, "footprint_verifier": "TÜV"}) == []


def test_semicolons_between_lines_are_named() -> None:
    assert only(Cast, a_cast(charge="A=5;B=6")).endswith("expected lines of UNIT=KG with commas between them, no semicolons")
