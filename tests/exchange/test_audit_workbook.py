"""The workbook of the evidence pack: formulas that compute themselves, held against the reference examples (F1–F7)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from pcf.custody import Book
from pcf.exchange.audit_account import DIFFERS, MONTHS
from pcf.store.keys import Signer
from tests.custody.audits import add, lot, spoil
from tests.exchange.packs import export, term
from tests.exchange.spreadsheet import Spreadsheet

ALUMINIUM = "asi-aluminium"


@pytest.fixture
def workbook(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> Callable[[str, str], Path]:
    return lambda story, period: export(book(story), tmp_path / f"{story}-{period}", signer, period) / "ledger.xlsx"


def test_formulas_give_the_figures_of_the_first_example(workbook: Callable[[str, str], Path]) -> None:
    sheet = Spreadsheet(workbook("closed", "2025"))
    for column in "DE":  # from the raw records, from the ledger
        # F1: 22,000 / 35,000 and 22,000 / 35,700; F2: 20,868.571 t; F4: 2,868.571 t; F6: 0.2 × 22,000 t.
        assert sheet(ALUMINIUM, term("percentage", column)) == pytest.approx(0.62857142857142857, abs=1e-15)
        assert sheet(ALUMINIUM, term("with-alloying", column)) == pytest.approx(0.61624649859943981, abs=1e-15)
        assert sheet(ALUMINIUM, term("cap", column)) == 20_868_571
        assert sheet(ALUMINIUM, term("issued", column)) == 18_000_000
        assert sheet(ALUMINIUM, term("positive-balance", column)) == 2_868_571
        assert sheet(ALUMINIUM, term("overdraft-limit", column)) == 4_400_000
        assert sheet(ALUMINIUM, term("available", column)) == 2_868_571
    assert sheet("summary", "A2") == ALUMINIUM
    assert sheet("summary", "B2") == 0


def test_formulas_draw_the_balance_first(workbook: Callable[[str, str], Path]) -> None:
    sheet = Spreadsheet(workbook("next", "2026"))
    # F5, first in first out: 2,868.571 t carried, 19,000 t issued, cap 18,888.888 t.
    assert sheet(ALUMINIUM, term("cap")) == 18_888_888
    assert sheet(ALUMINIUM, term("drawn-from-carry")) == 2_868_571
    assert sheet(ALUMINIUM, term("drawn-from-cap")) == 16_131_429
    assert sheet(ALUMINIUM, term("positive-balance")) == 2_757_459
    assert sheet(ALUMINIUM, term("expires")) == 0
    assert sheet("summary", "B2") == 0


@pytest.mark.parametrize(("story", "period"), [("open", "2025"), ("closed", "2025"), ("next", "2025"), ("next", "2026")])
def test_every_cached_value_is_what_its_formula_gives(workbook: Callable[[str, str], Path], story: str, period: str) -> None:
    path = workbook(story, period)
    sheet = Spreadsheet(path)
    cached = load_workbook(path, data_only=True)
    formulas = 0
    for (title, row, column), value in sheet.cells.items():
        if isinstance(value, str) and value.startswith("="):
            formulas += 1
            found, kept = sheet.at(title, row, column), cached[title].cell(row, column).value
            assert found == (kept if isinstance(kept, str) else pytest.approx(kept, abs=1e-12)), (title, row, column, value)
            assert found != DIFFERS
    assert formulas > 200


def test_a_changed_ticket_shows_in_the_check(workbook: Callable[[str, str], Path]) -> None:
    sheet = Spreadsheet(workbook("closed", "2025"))
    heads = {sheet.at("lots", 1, column): column for column in range(1, 20)}
    row = next(row for row in range(2, 20) if sheet.at("lots", row, heads["id"]) == "INGOT")
    assert sheet(ALUMINIUM, term("percentage", "G")) == "OK"
    # 8,000 t of other ingot called internal: 22,000 / 27,000 would be the percentage.
    sheet.change("lots", f"L{row}", "internal")
    assert sheet.at("lots", row, heads["counts_as"]) == "outside"
    assert sheet(ALUMINIUM, term("percentage")) == pytest.approx(22 / 27, abs=1e-15)
    assert sheet(ALUMINIUM, term("percentage", "G")) == DIFFERS
    assert sheet("summary", "B2") > 0


def test_scrap_has_the_percentage_of_aluminium_and_a_cap_of_its_own(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer
) -> None:
    found = book("open")
    add(
        found,
        "shipment",
        id="SCRAP",
        site="hongfa",
        date="2025-06-01",
        customer="scrapco",
        delivery_note="N9",
        form="scrap",
        items="H1-R=1050000",
    )
    add(found, "document", shipment="SCRAP", date="2025-06-02", coc_kg=600_000, responsible="Wang")
    add(found, "void", kind="document", target="out/ASI-1/ASI-1-2025-00003", date="2025-07-01", reason="typo")
    sheet = Spreadsheet(export(found, tmp_path / "scrap", signer) / "ledger.xlsx")
    # F3: 22 / 35 × 1,050 t = 660.000 t exactly: nothing is lost to binary fractions.
    assert sheet("eligible-scrap", term("cap")) == 660_000
    assert sheet("eligible-scrap", term("issued")) == 0  # 600,000 issued and taken back
    assert sheet("eligible-scrap", term("available")) == 660_000
    june = MONTHS + 5
    assert [sheet("eligible-scrap", f"{column}{june}") for column in "AEFL"] == ["2025-06", 1_050_000, 0, "OK"]
    assert sheet("eligible-scrap", f"O{june}") == 660_000
    assert sheet("summary", "B3") == 0


def test_one_input_is_shared_to_the_kilogram(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    found = book("open")
    # 12,000 t of run-around stock make 10,000 t of scrap: F3 alone, 22 / 35 of it, would be 6,285.714 t.
    lot(found, "STOCK", 12_000, "internal", "outside", supplier="hq")
    add(
        found, "cast", heat="H9", site="hongfa", date="2025-05-20", furnace="F1", product="hqalight", charge="STOCK=12000000",
        product_kg=11_000_000, chemistry="Mg=0.01",
    )  # fmt: skip
    add(
        found, "shipment", id="SCRAP", site="hongfa", date="2025-06-01", customer="scrapco", delivery_note="N9", form="scrap",
        items="H9=10000000",
    )  # fmt: skip
    add(found, "document", shipment="SCRAP", date="2025-06-02", coc_kg=3_000_000, responsible="Wang")
    path = export(found, tmp_path / "shared", signer) / "ledger.xlsx"
    sheet, cached = Spreadsheet(path), load_workbook(path, data_only=True)
    for column in "DE":
        # 22,000 t came in: 18,000 t of them are used for aluminium, 3,000 t for scrap.
        assert sheet(ALUMINIUM, term("own-cap", column)) == 20_868_571
        assert sheet(ALUMINIUM, term("cap", column)) == 19_000_000
        assert sheet(ALUMINIUM, term("available", column)) == sheet("eligible-scrap", term("available", column)) == 1_000_000
        assert sheet("eligible-scrap", term("own-cap", column)) == 6_285_714
        assert sheet("eligible-scrap", term("cap", column)) == 4_000_000
        # What neither has used is kept once, by aluminium.
        assert sheet(ALUMINIUM, term("positive-balance", column)) == 1_000_000
        assert sheet("eligible-scrap", term("positive-balance", column)) == 0
    may, june = MONTHS + 4, MONTHS + 5
    assert [sheet(ALUMINIUM, f"O{row}") for row in (may, june)] == [2_868_571, 1_000_000]
    assert sheet("eligible-scrap", f"O{june}") == 1_000_000
    for (title, row, column), value in sheet.cells.items():
        if isinstance(value, str) and value.startswith("="):
            assert sheet.at(title, row, column) == pytest.approx(cached[title].cell(row, column).value, abs=1e-12)
    assert sheet("summary", "B2") == sheet("summary", "B3") == 0


def test_months_show_what_was_available(workbook: Callable[[str, str], Path]) -> None:
    sheet = Spreadsheet(workbook("closed", "2025"))
    # April: 20,000 t out, cap 22/35 × 20,000 = 12,571.428 t, 12,000 t issued; May: 33,200 t and 18,000 t.
    april, may = MONTHS + 3, MONTHS + 4
    assert (sheet(ALUMINIUM, f"A{april}"), sheet(ALUMINIUM, f"N{april}"), sheet(ALUMINIUM, f"O{april}")) == (
        "2025-04",
        12_571_428,
        571_428,
    )
    assert (sheet(ALUMINIUM, f"N{may}"), sheet(ALUMINIUM, f"O{may}")) == (20_868_571, 2_868_571)


def test_a_ledger_that_differs_from_its_tickets_shows(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    found = book("open")
    spoil(found, "UPDATE lot SET coc_kg=11000000 WHERE unit='COLD'")
    path = export(found, tmp_path / "spoilt", signer) / "ledger.xlsx"
    sheet, cached = Spreadsheet(path), load_workbook(path, data_only=True)
    assert sheet(ALUMINIUM, term("coc-in", "G")) == DIFFERS
    assert cached[ALUMINIUM][term("coc-in", "G")].value == DIFFERS
    assert sheet("summary", "B2") == cached["summary"]["B2"].value > 0
