"""Commands that enter, amend, take back and list records."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pcf.commands.field_help import FIELDS, help_of
from pcf.custody import KINDS
from tests.commands.mills import Call

WORLD = (
    ("party", "add", "--id", "hq", "--name", "Head office"),
    ("party", "certificate", "--number", "C-1", "--holder", "hq", "--standard", "asi-coc", "--valid-from", "2024-01-01", "--valid-until", "2026-12-31"),
    ("site", "add", "--id", "works", "--name", "Works", "--timezone", "Asia/Shanghai", "--party", "hq", "--plant", "hongfa"),
    ("scope", "add", "--id", "S", "--name", "Scope", "--sites", "works", "--certificate", "C-1"),
    ("period", "open", "--scope", "S", "--id", "2025", "--start", "2025-01-01", "--end", "2025-12-31"),
)  # fmt: skip


@pytest.fixture
def world(pcf_home: Path, pcf: Call) -> Call:
    for arguments in WORLD:
        assert pcf(*arguments).code == 0
    return pcf


def test_every_field_says_what_it_asks_for() -> None:
    asked = {field for kind in KINDS.values() for field in kind.model.model_fields}
    assert asked == set(FIELDS)
    assert all(help_of(kind, field).endswith(".") for kind, found in KINDS.items() for field in found.model.model_fields)


def test_a_party_is_amended_and_the_list_shows_it(world: Call) -> None:
    run = world("party", "amend", "hq", "--name", "Head Office Ltd", "--address", "1 Road", "--reason", "registered anew")
    assert (run.code, run.err) == (0, "")
    (row,) = json.loads(world("party", "list", "--json").out)
    assert (row["name"], row["details"]) == ("Head Office Ltd", {"own": False, "address": "1 Road"})


def test_a_site_without_a_plant_is_warned_of(world: Call) -> None:
    run = world("site", "add", "--id", "mill", "--name", "Mill", "--timezone", "Asia/Shanghai", "--party", "hq")
    assert run.code == 0
    assert "pcf site amend mill --plant" in run.err
    assert world("site", "amend", "mill", "--plant", "hongfa", "--reason", "named").err == ""


def test_a_void_certificate_is_marked_and_its_number_free(world: Call) -> None:
    target = ("--kind", "certificate", "--target", "C-1/2024-01-01", "--date", "2025-01-05", "--reason", "last day")
    assert world("void", *target).code == 0
    again = ("party", "certificate", "--number", "C-1", "--holder", "hq", "--standard", "asi-coc", "--valid-from", "2024-01-01")
    assert "1 new" in world(*again, "--valid-until", "2027-12-31").out


def test_power_is_listed_in_megawatt_hours_with_what_is_void(world: Call) -> None:
    power = ("power", "add", "--site", "works", "--kind", "own", "--leg", "own_pv", "--time", "2025-02", "--technology", "pv")
    assert world(*power, "--id", "PV-1", "--mwh", "12345.678").code == 0
    assert "void" not in world("power", "list").out
    assert world(*power, "--id", "PV-2", "--mwh", "1").code == 0
    assert world("void", "--kind", "power", "--target", "PV-2", "--date", "2025-03-05", "--reason", "typing error").code == 0
    shown = world("power", "list").out
    assert "12,345.678" in shown and "12,345,678" not in shown and "2025-03-05" in shown
    rows = json.loads(world("power", "list", "--json").out)
    assert [(row["id"], row["wh"], row["void"]) for row in rows] == [
        ("PV-1", 12_345_678_000, None),
        ("PV-2", 1_000_000, "2025-03-05"),
    ]


def test_the_digest_of_a_paper_is_taken_from_its_file(world: Call, tmp_path: Path) -> None:
    paper = tmp_path / "report.pdf"
    paper.write_bytes(b"report")
    filing = ("filing", "add", "--scope", "S", "--period", "2025", "--part", "15", "--date", "2026-03-01", "--title", "Report")
    assert world(*filing, "--id", "F1", "--file", str(paper)).code == 0
    (row,) = json.loads(world("filing", "list", "--json").out)
    assert row["sha256"] == hashlib.sha256(b"report").hexdigest()
    assert row["recorded"].startswith("20")
    run = world(*filing, "--id", "F2", "--file", str(tmp_path / "none.pdf"))
    assert run.code == 2 and "--file: found" in run.err and "a file that can be read" in run.err
    run = world(*filing, "--id", "F2", "--file", str(paper), "--sha256", "0" * 64)
    assert run.code == 2 and "the digest of" in run.err


def test_semicolons_in_a_charge_are_named(world: Call) -> None:
    run = world("cast", "add", "--heat", "H", "--site", "works", "--date", "2025-02-01", "--furnace", "F", "--product", "hqalight",
                "--charge", "A=5;B=6", "--product-kg", "10")  # fmt: skip
    assert run.code == 2
    assert "charge: found 'A=5;B=6'; expected lines of UNIT=KG with commas between them, no semicolons" in run.err
