"""`pcf audit` from the command line: export, check, compute again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import Catalogue
from tests.custody import audits

Pcf = Callable[..., Any]


@pytest.fixture(scope="module")
def stories(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> dict[str, Path]:
    return audits.make(tmp_path_factory.mktemp("stories"), catalogue)


@pytest.fixture
def at(stories: dict[str, Path], pcf_home: Path, session_home: Path) -> Callable[[str], None]:
    """Put a story into the state folder."""

    def place(name: str) -> None:
        shutil.copy(stories[name], pcf_home / "pcf.db")
        if (session_home / "cache").is_dir():
            shutil.copytree(session_home / "cache", pcf_home / "cache", dirs_exist_ok=True)

    return place


WHAT = ("--period", "2025", "--scope", "S")


def test_export_and_recompute_agree(pcf: Pcf, at: Callable[[str], None], tmp_path: Path) -> None:
    at("closed")
    run = pcf("audit", "export", *WHAT, "--out", str(tmp_path / "pack"))
    assert (run.code, run.err) == (0, "")
    assert "0 major" in run.out
    again = pcf("audit", "recompute", str(tmp_path / "pack"))
    assert (again.code, again.err) == (0, "")
    assert "✗" not in again.out
    assert "22/35 = 62.857142 %" in again.out
    assert "20868571" in again.out
    key = pcf("log", "head", "--public-key").out.strip()
    assert pcf("audit", "recompute", str(tmp_path / "pack"), "--public-key", key).code == 0


def test_two_exports_have_the_same_bytes(pcf: Pcf, at: Callable[[str], None], tmp_path: Path) -> None:
    at("closed")
    for name in ("one.zip", "other.zip"):
        assert pcf("audit", "export", *WHAT, "--out", str(tmp_path / name), "--lang", "zh").code == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_recompute_needs_no_state(pcf: Pcf, at: Callable[[str], None], tmp_path: Path, pcf_home: Path) -> None:
    at("closed")
    pcf("audit", "export", *WHAT, "--out", str(tmp_path / "pack.zip"))
    shutil.rmtree(pcf_home)
    run = pcf("audit", "recompute", str(tmp_path / "pack.zip"), "--json")
    assert run.code == 0
    assert json.loads(run.out)["agrees"] is True
    assert not pcf_home.exists()


def test_an_altered_pack_is_named_in_one_line(pcf: Pcf, at: Callable[[str], None], tmp_path: Path) -> None:
    at("closed")
    pcf("audit", "export", *WHAT, "--out", str(tmp_path / "pack"))
    with (tmp_path / "pack" / "04-lots.csv").open("a", encoding="utf-8") as file:
        file.write("X\n")
    run = pcf("audit", "recompute", str(tmp_path / "pack"))
    assert run.code == 1
    assert "04-lots.csv" in run.err
    assert run.err.count("\n") == 1
    assert "Traceback" not in run.out + run.err


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_check_says_no_where_a_finding_is_major(
    pcf: Pcf, at: Callable[[str], None], lang: str, catalogue: Catalogue, pcf_home: Path
) -> None:
    at("open")
    run = pcf("audit", "check", *WHAT, "--lang", lang)
    assert (run.code, run.err) == (0, "")
    book = audits.open_book(pcf_home / "pcf.db", catalogue)
    audits.add(book, "contractor", id="K1", party="canco", direction="returned", date="2025-03-01", mass_kg=7, scope="S")
    book.database.close()
    run = pcf("audit", "check", *WHAT, "--lang", lang)
    assert run.code == 1
    assert "R17" in run.out
    assert "Can Co" in run.err


TAMPERED = {
    "value": "UPDATE due_diligence SET result='failed'",
    "details": "UPDATE lot SET details='{' WHERE unit='UBC'",
    "number": "UPDATE unit SET mass_kg='heavy' WHERE id='UBC'",
    "gone": "DELETE FROM unit WHERE id='UBC'",
    "circle": "UPDATE consumption SET parent='B1' WHERE child='H1' AND line=0",
    "scope": "UPDATE scope SET details='[]'",
}


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("what", TAMPERED)
def test_records_that_are_not_those_of_the_log_end_an_audit_in_one_line(
    pcf: Pcf, at: Callable[[str], None], catalogue: Catalogue, pcf_home: Path, tmp_path: Path, what: str, lang: str
) -> None:
    at("open")
    book = audits.open_book(pcf_home / "pcf.db", catalogue)
    audits.spoil(book, TAMPERED[what])
    book.database.close()
    for command in (("check",), ("export", "--out", str(tmp_path / "pack"))):
        run = pcf("audit", command[0], *WHAT, *command[1:], "--lang", lang)
        assert run.code == 1
        assert run.err.count("\n") == 1
        assert "pcf log verify" in run.err
        assert run.out.strip()
        assert "Traceback" not in run.out + run.err
    assert not (tmp_path / "pack").exists()
    assert not (pcf_home / "keys").exists()
    found = json.loads(pcf("audit", "check", *WHAT, "--json").out)
    assert {item["kind"] for item in found["log"]} <= {"changed", "missing", "unlogged"}


@pytest.mark.parametrize("command", [("trace", "SH1"), ("trace", "COLD"), ("batch", "content", "SH1")])
def test_a_circle_of_units_is_found_not_followed(
    pcf: Pcf, at: Callable[[str], None], catalogue: Catalogue, pcf_home: Path, command: tuple[str, ...]
) -> None:
    at("open")
    book = audits.open_book(pcf_home / "pcf.db", catalogue)
    audits.spoil(book, TAMPERED["circle"].replace("line=0", "line=1"))
    book.database.close()
    run = pcf(*command)
    assert run.code == 1
    assert run.err.count("\n") == 1
    assert "circle" in run.err
    assert "H1 ←" in run.err or "← H1" in run.err


def test_the_sample_is_that_of_the_audit_room() -> None:
    from pcf.commands import audit as command
    from pcf.custody.audit.traces import SAMPLE, SEED

    assert (command.SAMPLE, command.SEED) == (SAMPLE, SEED)


def test_check_as_json(pcf: Pcf, at: Callable[[str], None]) -> None:
    at("open")
    run = pcf("audit", "check", *WHAT, "--json", "--sample", "3", "--seed", "9")
    found = json.loads(run.out)
    assert (run.code, run.err) == (0, "")
    assert (found["sample"], found["seed"]) == (3, 9)
    assert found["counts"] == {"major": 0, "minor": 0, "observation": 1}
    assert [item["finding"] for item in found["findings"]] == ["period-open"]
    assert len(found["traces"]) == 5  # two documents there are, three lots were asked for
    again = json.loads(pcf("audit", "check", *WHAT, "--json", "--sample", "3", "--seed", "9").out)
    assert again == found


def test_wrong_names_are_refused_before_anything_is_written(
    pcf: Pcf, at: Callable[[str], None], tmp_path: Path, pcf_home: Path
) -> None:
    at("open")
    for arguments in (("--period", "2025", "--scope", "T"), ("--period", "1999", "--scope", "S")):
        for command in (("check",), ("export", "--out", str(tmp_path / "pack"))):
            run = pcf("audit", command[0], *arguments, *command[1:])
            assert run.code == 2
            assert run.err.count("\n") == 1
    assert not (tmp_path / "pack").exists()
    assert not (pcf_home / "keys").exists()
    assert pcf("audit", "export", *WHAT, "--out", str(tmp_path / "no" / "pack")).code == 2
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "file").write_text("x", encoding="utf-8")
    for force in ((), ("--force",)):
        assert pcf("audit", "export", *WHAT, "--out", str(tmp_path / "there"), *force).code == 2
    assert pcf("audit", "recompute", str(tmp_path / "nothing")).code == 2


def test_without_records_it_says_so(pcf: Pcf, pcf_home: Path, tmp_path: Path) -> None:
    run = pcf("audit", "check", *WHAT)
    assert run.code == 3
    assert run.err.count("\n") == 1


# Samples and the walk


def test_a_sample_is_drawn_listed_and_drawn_again(pcf: Pcf, at: Callable[[str], None]) -> None:
    at("open")
    assert "no sample has been drawn yet" in pcf("audit", "samples").out
    made = json.loads(
        pcf("audit", "sample", *WHAT, "--of", "tickets", "--size", "3", "--seed", "7", "--purpose", "stage 2", "--json").out
    )
    # 12,000 t are less than a third of 44,700 t, so no ticket is certain.
    assert (made["id"], made["seed"], made["items"], made["mass_kg"]) == ("AS-0001", 7, 7, 44_700_000)
    assert [item["certain"] for item in made["drawn"]] == [False] * 3
    assert json.loads(pcf("audit", "samples", "--json").out) == [made]
    again = json.loads(pcf("audit", "redraw", "AS-0001", "--json").out)
    assert again["agrees"] and again["drawn"] == [item["id"] for item in made["drawn"]]
    for lang, words in (("en", "drawn again with the same outcome"), ("zh", "结果相同")):
        run = pcf("--lang", lang, "audit", "redraw", "AS-0001")
        assert run.code == 0 and words in run.out
    assert pcf("log", "verify").code == 0
    chance = json.loads(pcf("audit", "sample", *WHAT, "--of", "shipments", "--size", "1", "--json").out)
    assert 0 <= chance["seed"] < 2**53


def test_a_sample_that_comes_out_otherwise_fails(
    pcf: Pcf, at: Callable[[str], None], catalogue: Catalogue, pcf_home: Path
) -> None:
    at("open")
    pcf("audit", "sample", *WHAT, "--of", "tickets", "--size", "3", "--seed", "7")
    book = audits.open_book(pcf_home / "pcf.db", catalogue)
    audits.spoil(book, "UPDATE unit SET mass_kg = mass_kg + 1 WHERE id = 'MG'")
    book.database.close()
    run = pcf("audit", "redraw", "AS-0001")
    assert (run.code, run.err.count("\n")) == (1, 1)
    assert "another outcome" in run.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--of", "people", "--size", "3"), ("--of", "tickets", "--size", "0"), ("--of", "tickets", "--size", "x"),
        ("--of", "tickets", "--size", "3", "--seed", "-1"), ("--of", "certificates", "--size", "3"),
        ("--of", "tickets", "--size", "3", "--purpose", "x" * 10_000),
    ],
)  # fmt: skip
def test_a_sample_that_cannot_be_drawn_is_refused(pcf: Pcf, at: Callable[[str], None], arguments: tuple[str, ...]) -> None:
    at("open")
    run = pcf("audit", "sample", *WHAT, *arguments)
    assert (run.code, run.out, run.err.count("\n")) == (2, "", 1)
    assert json.loads(pcf("audit", "samples", "--json").out) == []
    assert pcf("audit", "redraw", "AS-0001").code == 2


def test_a_walk_shows_every_stop_and_fails_where_one_was_changed(
    pcf: Pcf, at: Callable[[str], None], catalogue: Catalogue, pcf_home: Path
) -> None:
    at("open")
    run = pcf("audit", "walk", "SH1")
    assert (run.code, run.err) == (0, "")
    assert all(name in run.out for name in ("UBC", "TRIM", "COLD", "H1", "B1", "in/ASI-2/COLD-1", "✓"))
    found = json.loads(pcf("audit", "walk", "SH1", "--json").out)
    assert (found["schema"], found["good"], found["complete"]) == ("pcf/audit-walk/1", True, True)
    assert pcf("audit", "walk", "nothing").code == 2
    book = audits.open_book(pcf_home / "pcf.db", catalogue)
    audits.spoil(book, "UPDATE lot SET content_class = 'post-consumer' WHERE unit = 'INGOT'")
    book.database.close()
    run = pcf("audit", "walk", "SH1")
    assert (run.code, run.err.count("\n")) == (1, 1)
    assert "INGOT" in run.err and "✗" in run.out
