"""The custody commands as people call them: the can-stock story, bad input, and what a repeat does."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands.mills import Call, done, loaded

SMELTER, MILL = "smelter-scope", "mill-scope"


def account(pcf: Call, scope: str, name: str) -> dict[str, Any]:
    accounts = loaded(pcf("account", "show", scope, "2025", "--json"))["accounts"]
    found: dict[str, Any] = next(item for item in accounts if item["account"] == name)
    return found


def test_the_story_from_used_cans_to_can_stock(pcf: Call, mill: None, tmp_path: Path) -> None:
    smelter = account(pcf, SMELTER, "asi-aluminium")
    assert (smelter["input_percentage"], smelter["cap_kg"], smelter["available_kg"]) == (1.0, 200_000, 0)
    # CoC in: 500 + 300 + 200 t, other 100 t; shipped 300 t: floor(10/11 × 300,000) = 272,727 kg (F1, F2)
    before = account(pcf, MILL, "asi-aluminium")
    assert (before["cap_kg"], before["available_kg"]) == (272_727, 272_727)
    issued = loaded(pcf(
        "coc", "issue", "SH-C-01", "--date", "2025-03-12", "--coc-kg", "240000", "--responsible", "Wang", "--footprint", "--json",
        "--out", "document.html",
    ))  # fmt: skip
    assert issued["reference"] == "DEMO-COC-2-2025-00001"
    assert issued["available_kg"] == 32_727
    assert "model-estimate" in issued["footprint"]
    assert "DEMO-COC-2-2025-00001" in (tmp_path / "document.html").read_text(encoding="utf-8")
    second = pcf("coc", "issue", "SH-C-01", "--date", "2025-03-13", "--coc-kg", "100000", "--responsible", "Wang")
    assert second.code == 2
    assert "R04" in second.err
    done(pcf("coc", "void", issued["reference"], "--date", "2025-03-14", "--reason", "wrong customer"))
    assert account(pcf, MILL, "asi-aluminium")["available_kg"] == 272_727
    done(pcf("coc", "issue", "SH-C-01", "--date", "2025-03-14", "--coc-kg", "100000", "--responsible", "Wang"))
    assert "VOID" in done(pcf("coc", "show", issued["reference"])).out
    clean = done(pcf("log", "verify"))
    assert "verifies" in clean.out


def test_more_than_the_account_covers_is_refused_and_nothing_is_written(pcf: Call, mill: None) -> None:
    refused = pcf("coc", "issue", "SH-C-01", "--date", "2025-03-12", "--coc-kg", "272728", "--responsible", "Wang")
    assert refused.code == 2
    assert "272,727 kg left" in refused.err
    assert "R10" in refused.err
    assert account(pcf, MILL, "asi-aluminium")["sums"]["issued"] == 0
    done(pcf("coc", "issue", "SH-C-01", "--date", "2025-03-12", "--coc-kg", "272727", "--responsible", "Wang"))


def test_recycled_content_is_that_of_the_physical_charge_and_credit_stands_apart(pcf: Call, mill: None) -> None:
    content = loaded(pcf("batch", "content", "H12345", "--json"))
    # Metal by yield [kg]: cans 250,000 × 0.88, trim 150,000 × 0.97, ingot 100,000 × 0.995, manganese 1,500 × 0.92
    cans, trim, ingot, manganese = 220_000, 145_500, 99_500, 1_380
    assert content["post_consumer"] == pytest.approx(cans / (cans + trim + ingot + manganese), rel=1e-12)
    assert content["pre_consumer"] == pytest.approx(trim / (cans + trim + ingot + manganese), rel=1e-12)
    claim = ("--date", "2025-03-12", "--shipment", "SH-C-01", "--basis", "credit", "--mass-kg", "300000")
    done(pcf("statement", "claim", "--id", "C-1", "--attribute", "post-consumer", *claim))
    shipped = loaded(pcf("batch", "content", "SH-C-01", "--json"))
    assert shipped["attributed"] == {"post-consumer": 1.0}
    assert shipped["post_consumer"] == pytest.approx(content["post_consumer"])
    refused = pcf("statement", "claim", "--id", "C-2", "--attribute", "post-consumer", *claim)
    assert refused.code == 2
    assert "one claim a shipment" in refused.err


def test_a_batch_footprint_is_a_document_with_its_charge(pcf: Call, mill: None) -> None:
    found = loaded(pcf("batch", "footprint", "H12346", "--json"))
    assert found["schema"] == "pcf/batch/1"
    charge = {line["lot"]: line for line in found["heats"][0]["batch"]["charge"]}
    assert charge["H12345-R"]["kgCO2e_per_kg"] == 0
    assert charge["H12345-R"]["basis"] == "returns"
    assert found["total"]["value"] == pytest.approx(found["heats"][0]["footprint"]["total"]["value"])
    coil = loaded(pcf("batch", "footprint", "SH-C-01", "--json"))
    assert coil["gate"] == "product"
    assert [item["share"] for item in coil["heats"]] == [1.0]
    # 220 t of slab became 190 t and 189 t of coil; 190 t and 110 t of them were shipped
    heat = loaded(pcf("batch", "footprint", "H12345", "--json"))["total"]["value"]
    assert coil["cast_metal"]["value"] == pytest.approx(heat * (190 * 220 / 190 + 110 * 220 / 189) / 300, rel=1e-12)
    rolling = next(item["value"] for item in json.loads(done(pcf("footprint", "can-stock-3104", "--json")).out)["stages"]
                   if item["id"] == "rolling")  # fmt: skip
    assert coil["further_steps"]["value"] == pytest.approx(rolling, rel=1e-9)
    assert coil["total"]["value"] == pytest.approx(coil["cast_metal"]["value"] + coil["further_steps"]["value"], rel=1e-12)


def test_a_repeat_changes_nothing(pcf: Call, mill: None) -> None:
    before = loaded(pcf("log", "list", "--limit", "1000", "--json"))
    again = done(pcf("custody", "import", "mill.xlsx"))
    assert "already recorded" in again.out
    assert loaded(pcf("log", "list", "--limit", "1000", "--json")) == before


def test_closing_carries_balances_and_bars_the_period(pcf: Call, mill: None) -> None:
    closed = loaded(pcf("period", "close", MILL, "2025", "--json"))
    assert closed["accounts"]["asi-aluminium"]["positive_balance"] == 272_727
    assert closed["accounts"]["asi-aluminium"]["expired"] == 0
    late = pcf("coc", "issue", "SH-C-01", "--date", "2026-01-05", "--coc-kg", "1000", "--responsible", "Wang")
    assert late.code == 2
    assert "closed period 2025" in late.err
    assert loaded(pcf("period", "close", MILL, "2025", "--json"))["already_closed"] is True
    out_of_order = pcf("period", "close", MILL, "2026")
    assert out_of_order.code == 2
    assert "no period is open" in out_of_order.err


def test_power_is_spent_once_and_adds_up_to_the_meter(pcf: Call, mill: None) -> None:
    match = ("power", "match", "--product", "hqalight", "--time", "2025-02", "--mass-kg", "500000")
    over = pcf(*match, "--id", "M-2", "--evidence", "HYDRO-2025-02", "--mwh", "2101")
    assert over.code == 2
    assert "2,100 MWh left" in over.err
    other = pcf("power", "match", "--product", "hqalight", "--time", "2025-03", "--mass-kg", "500000", "--id", "M-3",
                "--evidence", "HYDRO-2025-02", "--mwh", "1")  # fmt: skip
    assert other.code == 2
    assert "in its own time" in other.err
    done(pcf(*match, "--id", "M-4", "--evidence", "GEC-2025-02", "--mwh", "1000"))
    legs = loaded(pcf("power", "status", "--site", "demo-smelter", "--json"))
    assert {leg["leg"]: (leg["matched_wh"], leg["rest_wh"]) for leg in legs} == {
        "grid": (7_900_000_000, 3_100_000_000),  # 11,000 MWh metered: 6,900 hydro and 1,000 wind, both by certificates
        "own_coal": (0, 5_000_000_000),
    }
    twice = pcf(
        "power", "add", "--id", "GEC-X", "--site", "demo-smelter", "--kind", "certificate", "--leg", "grid", "--time", "2025-02",
        "--mwh", "1", "--technology", "wind", "--registry", "GEC-DEMO", "--serials", "W250200500", "--cancelled-on", "2025-03-01",
    )  # fmt: skip
    assert twice.code == 2
    assert "each certificate once" in twice.err


@pytest.mark.parametrize(("changes", "expected"), [
    ({"mass_kg": "-5"}, "mass_kg: found '-5'; expected kilograms, 1 or more"),
    ({"mass_kg": "0"}, "mass_kg"),
    ({"mass_kg": "1.5"}, "whole kilograms"),
    ({"coc_kg": "600"}, "at most the mass of the lot (R04)"),
    ({"ticket": "W-0212-01"}, "the weigh ticket of UBC-0001"),
    ({"date": "2024-12-31"}, "in no period"),
    ({"date": "31.12.2025"}, "a date such as 2025-03-31"),
    ({"material": "scrap-ubk"}, "did you mean"),
    ({"supplier": "nobody"}, "a recorded party"),
    ({"id": "=1+1"}, "begins with a letter or digit"),
    ({"note": "x" * 90_000}, "note: found 'xxxxxxxxxx"),
    ({"note": "x" * 110_000}, "note: found 110,000 characters"),
    ({"note": "x" * 10_000_000}, "field larger than field limit"),
    ({"due_diligence": ""}, "no passed due diligence"),
    ({"content_class": "pre-consumer"}, "the CoC document that came with it (R06)"),
])  # fmt: skip
def test_a_bad_lot_is_refused_with_record_and_field(
    pcf: Call, plant: None, tmp_path: Path, changes: dict[str, str], expected: str
) -> None:
    done(pcf("custody", "template", "smelter.xlsx", "--sample", "smelter"))
    done(pcf("custody", "import", "smelter.xlsx"))
    lot = {
        "id": "UBC-0002", "site": "demo-mill", "date": "2025-02-12", "material": "scrap-ubc", "mass_kg": "500", "supplier": "city-collect",
        "ticket": "W-1", "content_class": "post-consumer", "asi_class": "eligible-scrap", "due_diligence": "DD-2025-01",
    }  # fmt: skip
    good = lot | {"id": "UBC-0001", "ticket": "W-0212-01"}
    rows = [good, lot | changes]
    with (tmp_path / "lots.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, [*lot, *(name for name in changes if name not in lot)])
        writer.writeheader()
        writer.writerows(rows)
    refused = pcf("lot", "import", "lots.csv")
    assert refused.code == 2
    assert "lots.csv row 3" in refused.err
    assert expected in refused.err
    assert max(len(line) for line in refused.err.splitlines()) < 2_500
    kept = loaded(pcf("lot", "list", "--json"))
    assert [row["unit"] for row in kept] == ["LIQ-2025-02"]


def test_a_formula_in_a_workbook_is_refused(pcf: Call, plant: None, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["id", "name"])
    sheet.append(["a", "=1+1"])
    book.save(tmp_path / "parties.xlsx")
    refused = pcf("party", "import", "parties.xlsx")
    assert refused.code == 2
    assert "B2: found a formula" in refused.err


def test_without_records_every_reader_says_so(pcf: Call, pcf_home: Path) -> None:
    for command in (("lot", "list"), ("log", "verify"), ("batch", "footprint", "x"), ("account", "show", "a", "b")):
        run = pcf(*command)
        assert run.code == 3
        assert "no custody records yet" in run.err


@pytest.mark.parametrize(
    "url", ["mysql://user:secret@host/db", "nonsense", "sqlite://", "postgresql://user:secret@127.0.0.1:1/db"]
)
def test_a_wrong_database_is_one_line_without_the_password(
    pcf: Call, pcf_home: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("PCF_DATABASE_URL", url)
    run = pcf("party", "add", "--id", "a", "--name", "A")
    assert run.code in (2, 3)
    assert len(run.err.splitlines()) == 1
    assert "secret" not in run.err
