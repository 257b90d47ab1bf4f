"""`pcf data check` finds every kind of problem in a damaged copy of the data, all at once, each with its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.catalogue import check_paths
from pcf.resources import datasets_path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped data that a test may damage."""
    target = tmp_path / "data"
    shutil.copytree(datasets_path(), target)
    return target


def problems(folder: Path) -> list[str]:
    return [str(problem) for problem in check_paths([folder], None, "0" * 64)[1]]


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


DAMAGE = [
    ("processes/electrolysis.yaml", "amount: alumina_input, unit: kg/t", "amount: alumina_inputt, unit: kg/t", "did you mean 'alumina_input'"),
    ("processes/electrolysis.yaml", "amount: alumina_input, unit: kg/t", "amount: alumina_input, unit: kWh/t", "dimension"),
    ("processes/electrolysis.yaml", "input: alumina-bayer", "input: alumina-byer", "did you mean 'alumina-bayer'"),
    ("processes/electrolysis.yaml", "amount: cf4, unit: kg/t", "amount: 1, unit: kg/t", "dimension"),
    ("processes/electrolysis.yaml", "tetrafluoromethane", "tetraflurmethane", "gas"),
    ("processes/electrolysis.yaml", "schema: pcf/process/1", "schema: pcf/process/9", "pcf/process/1"),
    ("processes/electrolysis.yaml", "(dc_electricity - dc_saving + inert_anode_share * inert_anode_electricity)", "(dc_electricity - __import__('os').system('id'))", "in"),
    ("processes/electrolysis.yaml", "(dc_electricity - dc_saving + inert_anode_share * inert_anode_electricity)", "(dc_electricity - dc_electricity.real)", "formula"),
    ("processes/electrolysis.yaml", "(dc_electricity - dc_saving + inert_anode_share * inert_anode_electricity)", "(dc_electricity - alumina_input)", "added or compared"),
    ("processes/electrolysis.yaml", "default: {cwpb: 1}", "default: {cwpb: 0.9}", "sum to 0.9"),
    ("processes/electrolysis.yaml", "default: {cwpb: 1}", "default: {cwbp: 1}", "option"),
    ("processes/ingot-casting.yaml", "value: 1008\n", "value: 10080\n", "outside"),
    ("processes/ingot-casting.yaml", "value: 1008\n", "value: .nan\n", "plain digits"),
    ("processes/ingot-casting.yaml", "value: 1008\n", "value: １００５\n", "number"),
    ("processes/ingot-casting.yaml", "unit: kg/t", "unit: kg/zebra", "unit"),
    ("processes/ingot-casting.yaml", "source: tiangong-jcp21,", "source: somewhere,", "sources.csv"),
    ("processes/ingot-casting.yaml", "source: tiangong-jcp21, ", "", "no source"),
    ("processes/ingot-casting.yaml", "id: ingot-casting\n", "id: ingot-casting\nid: again\n", "second time"),
    ("processes/ingot-casting.yaml", "stage: casting\n", "stage: &a casting\n", "anchor"),
    ("processes/ingot-casting.yaml", "stage: casting\n", "stage: !!python/name:os.system casting\n", "tag"),
    ("processes/ingot-casting.yaml", "stage: casting\n", "stage: casting\n--- \n", "document"),
    ("products/hqalight.yaml", "site: yunnan", "site: atlantis", "sites"),
    ("sites/hongfa.yaml", "\nnote: ", "\noutputs: {ingot-castinh: {produced: {value: 2.0, unit: t, uncertainty: no published spread}, attributed: {value: 1.0, unit: t, uncertainty: no published spread}}}\nnote: ", "did you mean 'ingot-casting'"),
    ("sites/hongfa.yaml", "\nnote: ", "\noutputs: {ingot-casting: {produced: {value: 2.0, unit: MWh, uncertainty: no published spread}, attributed: {value: 1.0, unit: MWh, uncertainty: no published spread}}}\nnote: ", "a mass, zero or more"),
    ("sites/hongfa.yaml", "\nnote: ", "\noutputs: {ingot-casting: {produced: {value: -2.0, unit: t, uncertainty: no published spread}, attributed: {value: -3.0, unit: t, uncertainty: no published spread}}}\nnote: ", "a mass, zero or more"),
    ("sites/hongfa.yaml", "\nnote: ", "\noutputs: {ingot-casting: {produced: {value: 2.0, unit: t, uncertainty: no published spread}, attributed: {value: 3.0, unit: t, uncertainty: no published spread}}}\nnote: ", "at most what was produced"),
    ("products/hqalight.yaml", "aliases: [hqa-light]", "aliases: [alumina]", "used once"),
    ("products/a356.2.yaml", "alloy: a356.2", "alloy: a357", "alloys"),
    ("products/hqaloop.yaml", "share: 0.6}", "share: 0.7}", "sum"),
    ("sites/yunnan.yaml", "contract_hydro: 0.80", "contract_hydro: -0.80", "zero or more"),
    ("sites/yunnan.yaml", "grid: 0.20", "grid: 0.30", "sum"),
    ("sites/yunnan.yaml", "site: shandong", "site: mars", "sites"),
    ("factors/transport.csv", ",kgCO2e/(t*km)", ",kgCO2e/(t*mile)", "unit"),
    ("factors/materials.csv", ",0.4026,", ",0٫4026,", "number"),
    ("factors/materials.csv", ",0.4026,", ",-0.4026,", "zero or more"),
    ("factors/materials.csv", "id,name_en", "id;name_en", "column"),
    ("factors/gwp.csv", "gwp-ar6-nitrogen-trifluoride", "gwp-ar6-methane-fossil", "second time"),
    ("alloys/a356.2.yaml", "max: 0.075", "max: 0.065", "target"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "says"), DAMAGE, ids=[f"{item[0]} {item[2][:30]}" for item in DAMAGE])
def test_a_damaged_file_is_reported_with_its_place(folder: Path, name: str, old: str, new: str, says: str) -> None:
    change(folder, name, old, new)
    found = problems(folder)
    assert any(says.lower() in line.lower() for line in found), found
    stem = Path(name).stem
    assert any(stem in line for line in found), found


def test_all_problems_come_at_once(folder: Path) -> None:
    for name, old, new, _ in (DAMAGE[0], DAMAGE[13], DAMAGE[21], DAMAGE[26]):
        change(folder, name, old, new)
    assert len(problems(folder)) >= 4


def test_semicolons_and_byte_order_marks_are_named(folder: Path) -> None:
    path = folder / "factors" / "anode.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",", ";"), encoding="utf-8")
    assert any("semicolons" in line and "factors/anode.csv:1" in line for line in problems(folder))
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert any("byte order mark" in line for line in problems(folder))


def test_an_alias_bomb_is_refused_at_its_first_anchor(folder: Path) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    (folder / "processes" / "bomb.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert any("bomb.yaml:1" in line and "anchor" in line for line in problems(folder))


def test_a_cycle_of_formulas_is_named(folder: Path) -> None:
    change(
        folder,
        "processes/electrolysis.yaml",
        "formula: ae_frequency * ae_duration",
        "formula: ae_frequency * ae_duration + 0 * ae_loop",
    )
    change(
        folder, "processes/electrolysis.yaml", "derived:\n",
        "derived:\n  ae_loop: {formula: ae_minutes, unit: min/day, name: {en: x, zh: x}}\n",
    )  # fmt: skip
    assert any(
        "ae_loop -> ae_minutes -> ae_loop" in line or "ae_minutes -> ae_loop -> ae_minutes" in line for line in problems(folder)
    )


def test_a_special_file_is_refused(folder: Path) -> None:
    (folder / "processes" / "zero.yaml").symlink_to("/dev/zero")
    assert any("zero.yaml" in line and "regular" in line for line in problems(folder))


def test_an_empty_folder_and_a_folder_that_is_none(pcf: Callable[..., Any], tmp_path: Path) -> None:
    run = pcf("data", "check", str(tmp_path))
    assert run.code == 2
    assert "no data files" in run.err
