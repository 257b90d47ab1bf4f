"""`pcf trace` and `pcf epcis export` as people call them."""

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
from tests.custody import books
from tests.custody.books import cast, document, enter, lot, process, shipment, ubc, void

Call = Callable[..., Any]

STORY = (
    ("lot", ubc("U", 60_000)),
    ("lot", lot("P", 40_000)),
    ("cast", cast("H1", {"U": 30_000, "P": 10_000}, 36_000, returns_kg=2_000, bundles="B1=20000")),
    ("cast", cast("H2", {"U": 20_000, "H1-R": 2_000, "P": 18_000}, 38_000, date="2025-02-11")),
    ("process", process("C1", {"B1": 20_000}, 18_000)),
    ("shipment", shipment("SH", {"C1": 18_000, "H2": 18_000})),
    ("document", document("SH", 5_000, reference="R1")),
)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file with the story, to be copied."""
    path = tmp_path_factory.mktemp("told") / "pcf.db"
    books.prepare(f"sqlite:///{path}")
    database = open_database(f"sqlite:///{path}")
    for kind, values in STORY:
        enter(Book(database, books.shipped_catalogue(), "tester"), kind, values)
    database.close()
    return path


@pytest.fixture
def custody(told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder with the story's database, which is the one that commands use."""
    shutil.copy(told, tmp_path / "pcf.db")
    monkeypatch.setenv("PCF_DATABASE_URL", f"sqlite:///{tmp_path / 'pcf.db'}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def take_back(folder: Path, kind: str, target: str) -> None:
    database = open_database(f"sqlite:///{folder / 'pcf.db'}")
    enter(Book(database, books.shipped_catalogue(), "tester"), "void", void(kind, target))
    database.close()


def loaded(run: Any) -> Any:
    assert run.code == 0, run.err
    return json.loads(run.out)


def test_json_has_masses_shares_and_entries_of_the_log(pcf: Call, custody: Path) -> None:
    found = loaded(pcf("trace", "SH", "--json"))
    assert (found["schema"], found["root"], found["complete"]) == ("pcf/genealogy/1", "SH", True)
    nodes = {node["id"]: node for node in found["nodes"]}
    assert nodes["U"]["share_from"] == 103 / 160
    assert nodes["P"]["share_from"] == 57 / 160
    assert nodes["SH"]["share_into"] == 1
    assert {"parent": "U", "child": "H2", "mass_kg": 20_000, "role": "charge", "event_seq": nodes["H2"]["event_seq"]} in found[
        "up"
    ]
    assert found["down"] == []
    assert nodes["SH"]["event_seq"] == found["log_size"] - 2


@pytest.mark.parametrize(("option", "up", "down"), [("--up", 3, 0), ("--down", 0, 1), ("--both", 3, 1)])
def test_directions(pcf: Call, custody: Path, option: str, up: int, down: int) -> None:
    found = loaded(pcf("trace", "H2", option, "--json"))
    assert sum(1 for edge in found["up"] if edge["child"] == "H2") == up
    assert sum(1 for edge in found["down"] if edge["parent"] == "H2") == down


def test_the_tree_shows_shares_masses_and_repeats_nothing(pcf: Call, custody: Path) -> None:
    shown = pcf("trace", "SH").out
    lines = [line for line in shown.splitlines() if " H1 " in line]
    assert len(lines) == 2
    assert "52.50 %" in lines[0] and "20,000 of 36,000 kg" in lines[0]
    assert "see above" in lines[1] and "%" not in lines[1]
    assert sum("64.38 %" in line for line in shown.splitlines()) == 1
    chinese = pcf("--lang", "zh", "trace", "SH").out
    assert "52.50%" in chinese and "见上" in chinese and "熔次" in chinese


def test_what_is_void_is_marked(pcf: Call, custody: Path) -> None:
    take_back(custody, "document", "out/ASI-OWN/R1")
    take_back(custody, "shipment", "SH")
    down = pcf("trace", "U", "--down").out
    assert [line for line in down.splitlines() if " SH " in line and "VOID" in line]
    assert "VOID" in pcf("trace", "SH").out.splitlines()[0]
    found = loaded(pcf("trace", "U", "--json"))
    assert {edge["child"] for edge in found["withdrawn"]} == {"SH"}
    assert next(node for node in found["nodes"] if node["id"] == "SH")["voided"] is True


def test_a_genealogy_that_is_cut_off_says_so(pcf: Call, custody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pcf.custody import trace

    monkeypatch.setattr(trace, "MOST", 2)
    assert "INCOMPLETE" in pcf("trace", "SH").out
    assert loaded(pcf("trace", "SH", "--json"))["cut"] is True


@pytest.mark.parametrize("arguments", [("trace", "NOPE"), ("epcis", "export", "--unit", "NOPE", "--out", "x.json")])
def test_an_unknown_unit_is_one_line(pcf: Call, custody: Path, arguments: tuple[str, ...]) -> None:
    run = pcf(*arguments)
    assert (run.code, run.out, len(run.err.splitlines())) == (2, "", 1)
    assert "'NOPE'" in run.err


def test_pictures(pcf: Call, custody: Path) -> None:
    run = pcf("trace", "SH", "--chart", "up.svg", "--chart", "up.png")
    assert run.code == 0, run.err
    assert run.out.splitlines()[-2:] == ["up.svg", "up.png"]
    drawn = (custody / "up.svg").read_text(encoding="utf-8")
    # 36 t, half of them by the coil, and 0.9 t by the returns of H1 in H2
    assert "18.00 t · 50 %" in drawn and "0.90 t · 2.5 %" in drawn
    assert pcf("trace", "SH", "--chart", "up.svg").code == 2
    assert pcf("--lang", "zh", "trace", "U", "--chart", "up.svg", "--force").code == 0
    # 60 t, of which 10 t are there yet, and 30 t went into H1
    drawn = (custody / "up.svg").read_text(encoding="utf-8")
    assert "10.00 t · 17%" in drawn and "30.00 t · 50%" in drawn


def test_returns_come_on_top_of_what_is_in_stock(pcf: Call, custody: Path) -> None:
    assert pcf("trace", "H1", "--chart", "h1.svg").code == 0
    # 36 t of product, 20 t of them in a bundle; the 2 t of returns are no product.
    assert "16.00 t · 44 %" in (custody / "h1.svg").read_text(encoding="utf-8")


def test_a_unit_without_relations_has_its_stock_for_a_picture(pcf: Call, custody: Path) -> None:
    database = open_database(f"sqlite:///{custody / 'pcf.db'}")
    enter(Book(database, books.shipped_catalogue(), "tester"), "lot", lot("NEW", 1_000))
    database.close()
    shown = pcf("trace", "NEW").out
    assert "nothing recorded that was made of it" in shown
    run = pcf("trace", "NEW", "--chart", "new.svg")
    assert run.code == 2 and "nothing that went into it" in run.err


def test_names_in_the_data_steer_no_terminal(pcf: Call, custody: Path) -> None:
    assert "[bold]" not in pcf("trace", "SH").out
    run = pcf("trace", "[red]x[/red]\x1b[31m")
    assert run.code == 2 and "\x1b" not in run.err


# EPCIS -------------------------------------------------------------------------------------------------------------------------


def test_export_of_a_period(pcf: Call, custody: Path) -> None:
    run = pcf("epcis", "export", "--period", "2025", "--scope", "S", "--out", "events.json", "--base", "https://hq.example/")
    assert (run.code, run.err) == (0, "")
    first = (custody / "events.json").read_bytes()
    found = json.loads(first)
    steps = [item.get("bizStep") for item in found["epcisBody"]["eventList"]]
    assert steps == ["receiving"] * 2 + ["commissioning", "packing"] + ["commissioning"] * 2 + ["shipping", None]
    assert (
        pcf("epcis", "export", "--period", "2025", "--scope", "S", "--out", "events.json", "--base", "https://hq.example/").code
        == 2
    )
    again = pcf(
        "epcis",
        "export",
        "--period",
        "2025",
        "--scope",
        "S",
        "--out",
        "events.json",
        "--base",
        "https://hq.example/",
        "--force",
        "--json",
    )
    assert loaded(again)["events"] == 8
    assert (custody / "events.json").read_bytes() == first


def test_export_of_a_unit_has_its_genealogy_only(pcf: Call, custody: Path) -> None:
    run = pcf("epcis", "export", "--unit", "B1", "--out", "b1.jsonld")
    assert run.code == 0
    assert "a domain for examples" in run.err
    found = json.loads((custody / "b1.jsonld").read_text(encoding="utf-8"))
    named = {item["pcf:eventSeq"] for item in found["epcisBody"]["eventList"]}
    nodes = {node["id"]: node["event_seq"] for node in loaded(pcf("trace", "B1", "--json"))["nodes"]}
    assert named >= set(nodes.values())
    assert "H2" not in nodes
    assert f"{json.dumps('https://example.org/unit/H2')}" not in json.dumps(
        [item for item in found["epcisBody"]["eventList"] if item["type"] == "TransformationEvent"]
    )


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("--period", "2025"), ("--scope", "S"), ("--unit", "SH", "--period", "2025", "--scope", "S"), ("--unit", "SH", "--scope", "S"),
        ("--period", "2024", "--scope", "S"), ("--period", "2025", "--scope", "X"), ("--period", "2026", "--scope", "S"),
        ("--unit", "SH", "--base", "foo"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_one_line_and_no_file(pcf: Call, custody: Path, arguments: tuple[str, ...]) -> None:
    run = pcf("epcis", "export", "--out", "x.json", *arguments)
    assert (run.code, len(run.err.splitlines())) == (2, 1)
    assert not (custody / "x.json").exists()


def test_every_sentence_is_there_in_both_languages() -> None:
    for language in ("en", "zh"):
        known = texts(language)
        for kind in ("lot", "heat", "bundle", "processed", "return", "dross", "shipment"):
            assert known[f"unit.{kind}"]
        for part in (
            "post-consumer", "pre-consumer", "primary", "alloying", "internal", "other", "heat", "return", "dross", "bundle", "processed",
            "shipment", "rest",
        ):  # fmt: skip
            assert known[f"unit-key.{part}"]
