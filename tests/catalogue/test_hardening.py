"""Data that nobody means well: odd files, numbers beyond meaning, characters that act on a terminal."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pcf.catalogue import Catalogue, check_paths, open_catalogue, read_runs, workbench
from pcf.engine import calc_totals, calc_tree, calculate
from pcf.errors import InputError
from pcf.model import Method, Settings, read_settings
from pcf.resources import datasets_path
from pcf.settings import cache_dir

Call = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    target = tmp_path / "data"
    shutil.copytree(datasets_path(), target)
    return target


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("unit", ["9^3^3^3", "kg^3^3^3^3^3", "(kg^3)^3", "9**9", "m**3**3"])
def test_a_tower_of_powers_is_refused_at_once(pcf: Call, unit: str) -> None:
    run = pcf("footprint", "hqalight", "--set", f"dc_electricity=1 {unit}")
    assert run.code == 2
    assert "power" in run.err


@pytest.mark.parametrize("kind", ["fifo", "folder", "dangling", "loop", "device"])
@pytest.mark.parametrize("place", ["sites/z.yaml", "factors/z.csv"])
def test_only_plain_files_are_read(pcf: Call, folder: Path, kind: str, place: str) -> None:
    path = folder / place
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "dangling":
        path.symlink_to(folder / "nowhere")
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.symlink_to("/dev/zero")
    run = pcf("data", "check", str(folder))
    assert run.code == 2
    assert "no regular file" in run.err


def test_a_huge_file_is_refused_before_it_is_read(pcf: Call, folder: Path) -> None:
    with (folder / "sites" / "z.yaml").open("wb") as stream:
        stream.truncate(20 * 2**30)
    run = pcf("data", "check", str(folder))
    assert run.code == 2
    assert "bytes" in run.err


def test_a_document_of_very_many_parts_is_refused(pcf: Call, folder: Path) -> None:
    (folder / "studies" / "z.yaml").write_text("runs: [" + "1," * 400_000 + "1]\n", encoding="utf-8")
    run = pcf("run", str(folder / "studies" / "z.yaml"))
    assert run.code == 2
    assert "parts" in run.err


@pytest.mark.parametrize(
    ("place", "old", "new", "message"),
    [
        ("products/a356.2.yaml", "recycled_input: {value: 0.75", "recycled_input: {value: 5", "[0, 1]"),
        ("products/a356.2.yaml", "post_consumer_share: {value: 1", "post_consumer_share: {value: 3", ""),
        ("products/a356.2.yaml", "id: a356.2\n", 'id: a356.2\nnote: "\\x1b[31m"\n', "control"),
        ("factors/gwp.csv", ",7380,", ",-7380,", "zero or more"),
        ("factors/materials.csv", ",0.4026,", ",1e300,", "at most"),
        ("factors/fuels.csv", ",2024,CN,", ",abcd,CN,", "four digits"),
        ("sites/yunnan.yaml", "schema: pcf/site/1", "%YAML 1.1\n---\nschema: pcf/site/1", "directive"),
        ("processes/scrap-wheels-a356.yaml", "yield: {value: 0.94", "yield: {value: 0.0001", "yield"),
    ],
)  # fmt: skip
def test_values_without_meaning_are_found(pcf: Call, folder: Path, place: str, old: str, new: str, message: str) -> None:
    change(folder / place, old, new)
    run = pcf("data", "check", str(folder))
    assert run.code == 2
    assert place in run.err
    assert message in run.err


def test_a_yield_of_nothing_is_out_of_range(pcf: Call) -> None:
    run = pcf("footprint", "a356.2", "--set", "scrap_wheels_a356__yield=0")
    assert run.code == 2
    assert "0.01 to 1" in run.err


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_folder_that_cannot_be_read_is_no_empty_one(pcf: Call, folder: Path) -> None:
    (folder / "sites").chmod(0)
    try:
        assert pcf("data", "check", str(folder)).code == 3
    finally:
        (folder / "sites").chmod(0o755)


@pytest.mark.parametrize("steps", ["5", "null", "true", "1.5"])
def test_steps_that_are_no_list_are_refused(pcf: Call, tmp_path: Path, steps: str) -> None:
    study = tmp_path / "study.yaml"
    study.write_text(
        f"schema: pcf/study/1\nid: s\nname: {{en: S, zh: S}}\nruns: [{{product: anode, method: {{steps: {steps}}}}}]\n",
        encoding="utf-8",
    )
    run = pcf("run", str(study))
    assert run.code == 2


def problems(folder: Path, study: Path | None = None) -> list[str]:
    return [str(item) for item in check_paths([folder], study, "0" * 64)[1]]


DAMAGE = [
    ("products/hqalight.yaml", "amount: 1, unit: t", "amount: 5, unit: t", "declared_unit.amount: found 5; expected 1"),
    ("products/hqalight.yaml", "amount: 1, unit: t", "amount: 1, unit: kWh", "declared_unit.unit: found 'kWh'"),
    ("products/hqalight.yaml", "process: ingot-casting\n", 'process: "product:anode"\n', "a process"),
    ("products/hqalight.yaml", "aliases: [hqa-light]", 'aliases: [" "]', "a name"),
    ("products/a356.2.yaml", "primary: {input: primary-delivery,", "primary: {input: primary-delivery, site: mars,", "'mars'"),
    ("products/a356.2.yaml", "  primary: {", "  primary: null #{", "charge.primary"),
    ("products/a356.2.yaml", "additions: [silicon-metal,", "additions: [silicon-metal, silicon-metal,", "twice"),
    ("products/a356.2.yaml", "limits: [0, 1], locator", "limits: [0, 9], locator", "0 to 1"),
    ("sites/yunnan.yaml", "id: yunnan", "id: common", "an id of its own"),
    ("sites/yunnan.yaml", "id: yunnan", "id: anode", "an id of its own"),
    ("processes/melting.yaml", "parameters:\n", "parameters:\n  method_coproduct: V\n", "a name that is free"),
    ("processes/melting.yaml", "parameters:\n", "parameters:\n  charge_gross: V\n", "a name that is free"),
    ("processes/melting.yaml", "parameters:\n", "parameters:\n  a__b: V\n", "a name that is free"),
    ("processes/melting.yaml", "parameters:\n", "parameters:\n  recycled_input: V\n", "a name that is free"),
    ("processes/melting.yaml", "parameters:\n", 'parameters:\n  "b\\n": V\n', "control"),
    ("processes/melting.yaml", "parameters:\n", "parameters:\n  big: {value: 1.0e+30, unit: t, limits: [0, 1.0e+31], uncertainty: no published spread}\n", "size"),
    ("processes/melting.yaml", "options: [whole_plant,", "options: [whole_plant, rotary,", "non-unique"),
    ("processes/melting.yaml", "options: [whole_plant,", "options: [whole_plant, note,", "no mark"),
    ("processes/melting.yaml", "year: 2024", "year: 2024x", "four digits"),
    ("processes/melting.yaml", "value: 100,", "value: " + "9" * 400 + ",", "finite"),
    ("processes/melting.yaml", "formula: 1 - furnace__whole_plant", "formula: 0x10 - furnace__whole_plant", "formula"),
    ("processes/melting.yaml", "formula: 1 - furnace__whole_plant", 'formula: "1 - furnace__whole_plant # text"', "formula"),
    ("alloys/a356.2.yaml", "elements:\n", "elements:\n  Zr: {}\n", "min, max or target"),
    ("factors/rules.csv", "quality-age-2,", "quality-age-9,", "quality-age-2"),
    ("factors/fuels.csv", ",2024,CN,", ",2024-,CN,", "four digits"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "says"), DAMAGE, ids=[f"{item[0]} {item[2][:24]!r}" for item in DAMAGE])
def test_what_the_program_cannot_take_is_found_with_its_file(folder: Path, name: str, old: str, new: str, says: str) -> None:
    value = '{value: 1, unit: "1", uncertainty: no published spread, limits: [0, 1], name: {en: x, zh: x}}'
    change(folder / name, old, new.replace(" V\n", f" {value}\n"))
    found = problems(folder)
    assert any(name in line and says in line for line in found), found


def test_returns_of_a_whole_melt_are_found_in_the_limits(folder: Path) -> None:
    (path,) = [item for item in (folder / "processes").iterdir() if "  recycled_returns:" in item.read_text(encoding="utf-8")]
    text = path.read_text(encoding="utf-8")
    head, _, tail = text.partition("  recycled_returns:")
    path.write_text(head + "  recycled_returns:" + tail.replace("limits: [0, 0.8]", "limits: [0, 1]", 1), encoding="utf-8")
    assert any("products/hqaloop.yaml" in line and "0 to 0.95" in line for line in problems(folder))


@pytest.mark.parametrize("name", ["processes/z.yml", "processes/z.YAML", "factors/z.CSV", "z.csv", "process", "processes/more"])
def test_what_looks_like_data_and_is_not_read_is_named(folder: Path, name: str) -> None:
    (folder / name).write_text("x", encoding="utf-8") if "." in name else (folder / name).mkdir()
    (line,) = problems(folder)
    assert line.startswith(f"{name}: found something that is not read")


@pytest.mark.parametrize("content", [None, b"", b"two words", b"\xff1", b"1" * 100])
def test_a_version_is_one_word(folder: Path, content: bytes | None) -> None:
    (folder / "VERSION").unlink() if content is None else (folder / "VERSION").write_bytes(content)
    (line,) = problems(folder)
    assert line.startswith("VERSION")


def _with_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


FIRST = [
    ("sources.csv", Path.unlink), ("factors/fuels.csv", _with_mark), ("factors/rules.csv", Path.unlink), ("factors/gwp.csv", _with_mark),
    ("factors", shutil.rmtree), ("processes/electrolysis.yaml", _with_mark), ("alloys/a356.2.yaml", _with_mark),
    ("processes/electrolysis.yaml", lambda path: change(path, "stage: electrolysis", "stage: electrolisis")),
    ("sources.csv", lambda path: path.write_text("a,b\n", encoding="utf-8")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "damage"), FIRST, ids=[f"{number} {item[0]}" for number, item in enumerate(FIRST)])
def test_one_mistake_gives_one_line(folder: Path, name: str, damage: Callable[[Path], object]) -> None:
    damage(folder / name)
    (line,) = problems(folder)
    assert name in line


def test_a_long_chain_of_formulas_is_refused_and_a_short_one_is_not(folder: Path) -> None:
    def chain(length: int) -> str:
        lines = [
            f"  chain_{n}: {{formula: {f'chain_{n - 1}' if n else 1}, unit: '1', name: {{en: x, zh: x}}}}\n"
            for n in range(length)
        ]
        return "derived:\n" + "".join(lines)

    path = folder / "processes" / "electrolysis.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("derived:\n", chain(20)), encoding="utf-8")
    assert problems(folder) == []
    path.write_text(text.replace("derived:\n", chain(3000)), encoding="utf-8")
    (line,) = problems(folder)
    assert "processes/electrolysis.yaml" in line
    assert "rest on one another" in line


def test_unknown_names_by_the_thousand_cost_no_search_each(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 0

    def counted(name: str, known: object) -> str:
        nonlocal count
        count += 1
        return ""

    monkeypatch.setattr(workbench, "nearest", counted)
    lines = "".join(f"  - {{input: nowhere-{n}, amount: nothing_{n}, unit: t/t, role: waste}}\n" for n in range(200))
    change(folder / "processes" / "melting.yaml", "exchanges:\n", "exchanges:\n" + lines)
    assert len(problems(folder)) == 400
    assert count == workbench.MOST_ADVICE


GOOD_ROW = {
    "id": "ok", "name_en": "a", "name_zh": "b", "kind": "emission", "value": 1, "unit": "kgCO2e/kg", "gas": "GHG, unspecified",
    "gwp_edition": "AR6", "year": 2024, "geography": "CN", "source": "project-estimates", "locator": "x", "source_check": "assumed",
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"vaule": 5}, "column 'vaule'"), ({"id": "F One!"}, "an id"), ({"id": ""}, "an id"), ({"id": "a\x1bb"}, "control"),
        ({"low": 1}, "none published"), ({"gwp_edition": "zz"}, "AR4 | AR5 | AR6"), ({"value": True}, "a text or a number"),
        ({"note": ["x"]}, "a text or a number"), ({"value": -1}, "zero or more"), ({"name_en": "\ud800"}, "UTF-8|control"),
    ],
)  # fmt: skip
def test_rows_of_a_study_are_as_strict_as_those_of_a_table(pcf: Call, tmp_path: Path, changed: dict[str, Any], says: str) -> None:
    study = tmp_path / "study.yaml"
    content = {"schema": "pcf/study/1", "factors": [{**GOOD_ROW, **changed}], "runs": [{"product": "anode"}]}
    study.write_text(json.dumps(content), encoding="utf-8")
    run = pcf("data", "check", str(study))
    assert run.code == 2
    assert any(part in run.err for part in says.split("|")), run.err
    study.write_text(json.dumps({**content, "factors": [GOOD_ROW]}), encoding="utf-8")
    assert pcf("data", "check", str(study)).code == 0


def test_the_runs_of_a_study_are_counted_together(tmp_path: Path) -> None:
    levels = [{"label": str(number)} for number in range(100)]
    run = {"product": "anode", "vary": {"a": levels, "b": levels}}
    study = tmp_path / "study.yaml"
    study.write_text(json.dumps({"schema": "pcf/study/1", "runs": [run]}), encoding="utf-8")
    assert len(read_runs(study).runs) == 10_000
    study.write_text(json.dumps({"schema": "pcf/study/1", "runs": [run, run]}), encoding="utf-8")
    with pytest.raises(InputError, match="20,000 runs"):
        read_runs(study)


@pytest.mark.parametrize("warm", [False, True])
def test_own_data_that_are_empty_are_none_and_odd_ones_are_named(pcf_home: Path, *, warm: bool) -> None:
    own = pcf_home / "data"
    if warm:
        open_catalogue(overlays=[own])
    (own / "sites").mkdir(parents=True)
    assert open_catalogue(overlays=[own]).own_sha256 is None
    (own / "sites" / "z.yml").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"sites/z\.yml"):
        open_catalogue(overlays=[own])
    shutil.rmtree(own)
    os.mkfifo(own)
    with pytest.raises(InputError, match="no folder"):
        open_catalogue(overlays=[own])


@pytest.mark.parametrize("kind", ["fifo", "device", "huge", "folder"])
def test_an_odd_compiled_catalogue_is_made_anew(pcf_home: Path, kind: str) -> None:
    wanted = open_catalogue()
    (path,) = cache_dir().glob("catalogue-*.json")
    path.unlink()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "huge":
        with path.open("wb") as stream:
            stream.truncate(20 * 2**30)
    else:
        path.mkdir()
    assert open_catalogue() == wanted


def test_a_message_is_one_line_of_bearable_length() -> None:
    problem = InputError("a" * 5000 + "/file.yaml", "x\n\x1b[31m\u202e" + "y" * 100_000, "z" * 5000, "\ud800")
    text = str(problem)
    assert text.isprintable()
    assert len(problem.found) == 120
    assert len(text) < 3200
    assert "/file.yaml: found" in text


def test_a_tree_without_end_is_refused(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    footprint = calculate(catalogue, "hqalight")
    monkeypatch.setattr("pcf.engine.table.MOST_BRANCHES", 50)
    with pytest.raises(InputError, match="--at-least"):
        calc_tree(footprint.system, footprint.solution, depth=40)


def test_a_total_that_is_not_finite_is_refused(catalogue: Catalogue) -> None:
    system = calculate(catalogue, "anode").system
    factor = next(link.factor.id for node in system.nodes for link in node.links if link.factor)
    for value in (np.inf, np.array([1.0, np.inf])):
        with pytest.raises(InputError, match="finite"):
            calc_totals(catalogue, "anode", Method(), Settings(factors={factor: value}), np.size(value))
    with pytest.raises(InputError, match="finite"):
        calculate(catalogue, "anode", settings=Settings(factors={factor: np.inf}))


def test_a_mix_for_a_product_without_electricity_of_its_site_is_refused(catalogue: Catalogue) -> None:
    base = calculate(catalogue, "hqalight").system
    for scope in base.scopes:
        scope.used.discard("grid_mix")
    with pytest.raises(InputError, match="--grid-mix"):
        read_settings(base, [], grid_mix="hydro")
