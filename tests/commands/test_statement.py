"""`pcf statement` as people call it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.custody import Book
from pcf.store import open_database
from pcf.text import texts
from tests.commands.documents import checked
from tests.custody import books
from tests.custody.books import cast, enter_all, lot, shipment, statement, ubc, void

Call = Callable[..., Any]

STORY = (
    ("lot", ubc("U", 60_000)),
    ("lot", lot("LIQ", 101_000, material="electrolysis", supplier="hq", asi_class="coc", source_type="own")),
    ("cast", cast("L1", {"LIQ": 101_000}, 100_000, product="hqalight", date="2025-02-01")),
    ("cast", cast("H1", {"U": 50_000, "L1": 50_000}, 90_000)),
    ("shipment", shipment("SH", {"H1": 40_000})),
    ("statement", statement("ST1", "SH")),
    ("statement", statement("ST2", "SH", "pre-consumer")),
    ("meter", {"site": "works", "time": "2025-02", "leg": "own_hydro", "mwh": 9_000}),
    ("power", {"id": "HYDRO", "site": "works", "kind": "own", "leg": "own_hydro", "time": "2025-02", "mwh": 9_000, "technology": "hydro"}),
    ("match", {"id": "M1", "evidence": "HYDRO", "product": "hqalight", "time": "2025-02", "mwh": 1_380, "mass_kg": 100_000}),
    ("void", void("statement", "ST2")),
)  # fmt: skip
"""H1: 44 t of used cans by yield and 50 t of own green metal: 46.80 % and 53.19 %."""


@pytest.fixture(scope="session")
def stated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file with the story, to be copied."""
    path = tmp_path_factory.mktemp("stated") / "pcf.db"
    books.prepare(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")
    enter_all(Book(database, books.shipped_catalogue(), "tester"), STORY)
    database.close()
    return path


@pytest.fixture(autouse=True)
def custody(stated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the story's database, which is the one that commands use."""
    shutil.copy(stated, tmp_path / "pcf.db")
    monkeypatch.setenv("PCF_DATABASE_URL", f"sqlite:///{tmp_path / 'pcf.db'}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def good(run: Any) -> str:
    assert (run.code, run.err) == (0, "")
    return str(run.out)


def refused(run: Any) -> str:
    assert (run.code, run.out, len(run.err.splitlines())) == (2, "", 1)
    return str(run.err)


@pytest.mark.parametrize("standard", ["iso-14021", "scs-103", "en-45557", "ul-2809"])
def test_a_claim_in_the_words_of_each_standard(pcf: Call, standard: str) -> None:
    found = checked("recycled-content-statement", good(pcf("statement", "show", "ST1", "--standard", standard, "--json")))
    # 44/94 of 40,000 kg = 18,723 kg: 46.8075 %.
    assert (found["standard"]["id"], found["content"]["post_consumer"]["percent"]) == (standard, "46.80")
    assert "46.80 %" in good(pcf("statement", "show", "ST1", "--standard", standard))
    assert "46.80%" in good(pcf("--lang", "zh", "statement", "show", "ST1", "--standard", standard))


def test_a_void_claim(pcf: Call) -> None:
    assert good(pcf("statement", "show", "ST2")).count("\n") == 1
    assert checked("recycled-content-statement", good(pcf("statement", "show", "ST2", "--json")))["content"] is None


def test_what_cannot_be_stated_is_one_line(pcf: Call) -> None:
    assert "a recorded claim; did you mean" in refused(pcf("statement", "show", "ST3"))
    assert "iso-14021" in refused(pcf("statement", "show", "ST1", "--standard", "iso-9001"))
    assert "a recorded heat" in refused(pcf("statement", "green", "U"))
    assert "one of: S, T" in refused(pcf("statement", "asi-report", "X", "2025"))
    assert "one of: 2025, 2026" in refused(pcf("statement", "asi-report", "S", "2030"))


def test_claims_are_entered_and_listed(pcf: Call) -> None:
    good(pcf("statement", "claim", "--id", "ST4", "--shipment", "SH", "--date", "2025-03-20", "--attribute", "pre-consumer",
             "--basis", "site-average"))  # fmt: skip
    assert {row["id"] for row in json.loads(good(pcf("statement", "list", "--json")))} == {"ST1", "ST2", "ST4"}


def test_green_aluminium_of_a_heat(pcf: Call) -> None:
    found = json.loads(good(pcf("statement", "green", "H1", "--json")))
    assert found["schema"] == "pcf/green-aluminium/1"
    assert found["shares"] == {
        "recycled": 44 / 94, "green_power": 50 / 94, "green": 1.0, "recycled_percent": "46.80", "green_power_percent": "53.19",
        "green_percent": "100.00",
    }  # fmt: skip
    assert found["grading"]["status"] == "not evaluated"
    assert "13.80 MWh/t" in good(pcf("statement", "green", "H1"))
    assert "等级：未评价" in good(pcf("--lang", "zh", "statement", "green", "H1"))


def test_grades_come_from_a_table_with_sources(pcf: Call, custody: Path) -> None:
    path = custody / "grades.csv"
    path.write_text("grade,min_recycled_share,source\nA,0.6,Customer X\nB,0.4,Customer X\n", encoding="utf-8")
    assert "Grade: B (thresholds by: Customer X)" in good(pcf("statement", "green", "H1", "--grades", "grades.csv"))
    path.write_text("grade,min_recycled_share,source\nA,0.4,\n", encoding="utf-8")
    assert "grades.csv:2 source" in refused(pcf("statement", "green", "H1", "--grades", "grades.csv"))
    assert "missing.csv" in refused(pcf("statement", "green", "H1", "--grades", "missing.csv"))


def test_the_yearly_report(pcf: Call) -> None:
    found = json.loads(good(pcf("statement", "asi-report", "S", "2025", "--json")))
    assert (found["schema"], found["due"], found["final"]) == ("pcf/asi-annual-report/1", "2026-06-30", False)
    # 60 t of eligible scrap and 101 t of own metal came in, all CoC.
    assert found["accounts"][0]["input"] == {"coc_kg": 161_000, "non_coc_kg": 0, "alloying_kg": 0}
    assert "NOT FINAL" in good(pcf("statement", "asi-report", "S", "2025"))
    assert "非最终值" in good(pcf("--lang", "zh", "statement", "asi-report", "S", "2025"))


def test_every_sentence_is_there_in_both_languages() -> None:
    english, chinese = texts("en"), texts("zh")
    groups = ("statement.", "green.", "asi-report.", "rule-mark.", "custody-model.")
    known = [key for key in english if key.startswith(groups)]
    assert len(known) > 100
    assert [key for key in known if key not in chinese or set(_fields(english[key])) != set(_fields(chinese[key]))] == []
    for name in ("hydro", "wind", "pv", "nuclear"):
        assert f"green.power-{name}" in english
    for name in ("identity-preserved", "segregated", "controlled-blending", "mass-balance", "book-and-claim"):
        assert f"custody-model.{name}" in english


def _fields(sentence: str) -> list[str]:
    from string import Formatter

    return [name for _, name, _, _ in Formatter().parse(sentence) if name]
