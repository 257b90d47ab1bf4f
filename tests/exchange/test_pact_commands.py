"""The commands around the exchange formats, on the sample of a plant: what is written, what is refused and leaves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PLANT = ("--site", "demo-smelter", "--low-voltage-pfc", "included")


@pytest.fixture
def folder(pcf: Callable[..., Any], pcf_home: Path, tmp_path: Path) -> Path:
    assert pcf("export", "company", "--out", str(tmp_path / "company.yaml")).code == 0
    return tmp_path


def export(folder: Path, out: str, *more: str, product: str = "a356.2", kind: str = "pact") -> list[str]:
    return ["export", kind, product, *more, "--company", str(folder / "company.yaml"), "--out", str(folder / out)]


def test_a_changed_footprint_supersedes_the_one_before(pcf: Callable[..., Any], folder: Path) -> None:
    assert pcf("data", "template", str(folder / "plant.xlsx"), "--sample").code == 0
    assert pcf("data", "import", str(folder / "plant.xlsx"), "--year", "2025").code == 0
    run = pcf(*export(folder, "a.json", *PLANT, "--json"))
    assert run.code == 0 and "leads nowhere" in run.err
    first = json.loads((folder / "a.json").read_text(encoding="utf-8"))
    assert json.loads(run.out)["id"] == first["id"]
    assert "DEMONSTRATION" in first["productDescription"]
    assert pcf(*export(folder, "a.json", *PLANT)).code == 2  # a file that exists
    again = export(folder, "b.json", *PLANT, "--supersedes", str(folder / "a.json"))
    run = pcf(*again)
    assert run.code == 2 and "nothing changed" in run.err and not (folder / "b.json").exists()
    page = folder / "company.yaml"
    page.write_text(
        page.read_text(encoding="utf-8").replace("custody_model: none", "custody_model: mass-balance"), encoding="utf-8"
    )
    assert pcf(*again).code == 0
    new, old = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("b.json", "b.superseded.json"))
    assert (new["precedingPfIds"], new["status"]) == ([first["id"]], "Active")
    assert old == {**first, "status": "Deprecated"}
    # Without low-voltage PFC too much is left out of it; nothing is written.
    run = pcf(*export(folder, "c.json", *PLANT[:2]))
    assert run.code == 2 and "exemptedEmissionsPercent" in run.err and not (folder / "c.json").exists()


@pytest.mark.parametrize("kind", ["pact", "catenax", "catenax-material"])
def test_an_estimate_of_the_catalogue_is_not_handed_on(pcf: Callable[..., Any], folder: Path, kind: str) -> None:
    run = pcf(*export(folder, "a.json", kind=kind))
    assert run.code == 2 and "model estimate" in run.err and not (folder / "a.json").exists()


@pytest.mark.parametrize("case", ["huge", "deep", "nan", "twice", "direction", "text", "broken", "missing", "unknown"])
def test_bad_company_files_give_clear_lines(pcf: Callable[..., Any], folder: Path, case: str) -> None:
    page = folder / "company.yaml"
    good = page.read_text(encoding="utf-8")
    contents = {
        "deep": "[" * 10_000 + "]" * 10_000,
        "nan": good.replace("net_kg: 1000", "net_kg: .nan"),
        "twice": good + "\ncustody_model: none\n",
        "direction": good.replace("Remelt ingot", "Remelt \u202e togni"),
        "text": "a footprint",
        "broken": good.replace("product:\n", "product: [\n"),
        "unknown": good + "\nprice: 3\n",
    }
    if case == "huge":
        with page.open("wb") as file:
            file.truncate(100_000_000)
    elif case == "missing":
        page.unlink()
    else:
        page.write_text(contents[case], encoding="utf-8")
    run = pcf(*export(folder, "a.json"))
    assert run.code == 2 and run.out == ""
    assert run.err.count("\n") == 1 and "company.yaml" in run.err and "defect" not in run.err
