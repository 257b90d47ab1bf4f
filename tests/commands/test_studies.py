"""Studies: a published inventory entered as it stands, and studies that cannot be computed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]
EXAMPLES = sorted((Path(__file__).parents[2] / "docs" / "studies").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_the_worked_examples_are_sound_and_run(pcf: Call, path: Path) -> None:
    assert "Sound" in pcf("data", "check", str(path)).out
    run = pcf("run", str(path), "--json")
    assert run.code == 0, run.err
    assert pcf("run", str(path)).code == 0


def test_world_electrolysis_by_hand(pcf: Call) -> None:
    # 14,210 kWh × 0.65 + 463 × 0.976 × 44/12 + 0.0741 × 7,380 + 0.00425 × 12,400 = 9,236.5 + 1,656.9 + 546.9 + 52.7 kg
    documents = json.loads(pcf("run", str(EXAMPLES[-1]), "--json").out)
    assert documents[0]["label"] == "as published"
    kilograms = 14210 * 0.65 + 463 * 0.976 * 3.6667 + 0.0741 * 7380 + 0.00425 * 12400
    assert documents[0]["total"]["value"] == pytest.approx(kilograms / 1000, rel=1e-9)
    assert documents[1]["total"]["value"] == pytest.approx((kilograms - 710 * 0.65) / 1000, rel=1e-9)


def test_al_si12_by_hand(pcf: Call) -> None:
    item = json.loads(pcf("run", str(EXAMPLES[0]), "--json").out)
    # Silicon 120 kg and copper 8 kg at the catalogue's factors; both are booked as alloying.
    alloying = next(entry["value"] for entry in item["stages"] if entry["id"] == "alloying")
    assert alloying == pytest.approx((120 * 12.75 + 8 * 4.0) / 1000, rel=0.05)
    assert item["study_sha256"] if "study_sha256" in item else item["provenance"]["study_sha256"]


HEAD = "schema: pcf/study/1\nbase: none\nsources:\n  - {id: s, title: t, publisher: p, year: 2020, redistribution: free}\n"


def process(name: str, exchanges: str, parameters: str = "") -> str:
    return (
        f"  - id: {name}\n    name: {{en: {name}, zh: {name}}}\n    stage: casting\n    per_site: false\n"
        f"    reference: {{unit: t, name: {{en: x, zh: x}}}}\n"
        f"    defaults: {{source: s, year: 2020, geography: GLO, source_check: assumed}}\n"
        + (f"    parameters:\n{parameters}" if parameters else "")
        + f"    exchanges:\n{exchanges}    checklist: []\n"
    )


def product(name: str) -> str:
    return (
        f"products:\n  - {{id: it, aliases: [], name: {{en: it, zh: it}}, kind: intermediate, standard: GB/T 44905-2024, "
        f"process: {name}, declared_unit: {{amount: 1, unit: t}}}}\n"
    )


EMIT = '      - {emission: "carbon dioxide, fossil", amount: a_mass, unit: kg/t, role: emission, category: process-co2}\n'
MASS = "      a_mass: {value: 10, unit: kg/t, uncertainty: no published spread, limits: [0, 100], name: {en: x, zh: x}}\n"


def loop(share: float) -> str:
    return (
        HEAD + "processes:\n"
        + process("one", EMIT + "      - {input: two, amount: 1, unit: t/t, role: material}\n", MASS)
        + process("two", f"      - {{input: one, amount: {share}, unit: t/t, role: material}}\n")
        + product("one")
    )  # fmt: skip


def test_a_loop_is_solved(pcf: Call, tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    path.write_text(loop(0.5), encoding="utf-8")
    # x = 10 + 0.5 x, so 20 kg/t
    run = pcf("run", str(path), "--json")
    assert run.code == 0, run.err
    assert json.loads(run.out)["total"]["value"] == pytest.approx(0.020, rel=1e-12)


@pytest.mark.parametrize("share", [1.0, 1.5])
def test_a_loop_without_a_net_output_is_refused(pcf: Call, tmp_path: Path, share: float) -> None:
    path = tmp_path / "loop.yaml"
    path.write_text(loop(share), encoding="utf-8")
    run = pcf("run", str(path))
    assert run.code == 2
    assert "net output" in run.err
    assert len(run.err.strip().splitlines()) == 1


BAD = [
    ("schema: pcf/study/9\n", "pcf/study/1"),
    ("schema: pcf/study/1\n", "runs"),
    ("- a\n- b\n", "mapping"),
    ("schema: pcf/study/1\nruns: []\n", "runs"),
    ("schema: pcf/study/1\nruns: [{product: hqalihgt}]\n", "did you mean 'hqalight'"),
    ("schema: pcf/study/1\nruns: [{product: hqalight, set: {dc_electricty: 1}}]\n", "did you mean 'dc_electricity'"),
    ("schema: pcf/study/1\nruns: [{product: hqalight, set: {dc_electricity: 13000zebra}}]\n", "unit"),
    ("schema: pcf/study/1\nruns: [{product: hqalight, method: {gwp: AR9}}]\n", "AR6"),
    ("schema: pcf/study/1\nruns: [{product: hqalight, method: {colour: red}}]\n", "colour"),
    ("schema: pcf/study/1\nruns: [{product: hqalight, bogus: 1}]\n", "bogus"),
    ("schema: pcf/study/1\nbogus: 1\nruns: [{product: hqalight}]\n", "bogus"),
    ("schema: pcf/study/1\nsources: x\nruns: [{product: hqalight}]\n", "array"),
    ("schema: pcf/study/1\nruns: &a [{product: hqalight}]\n", "anchor"),
    (loop(0.5).replace("a_mass, unit", "a_mass.__class__, unit"), "a_mass.__class__"),
    (loop(0.5).replace("a_mass, unit", "a_mass ** 9, unit"), "power"),
    (loop(0.5).replace("value: 10,", "value: -10,"), "a_mass"),
    (loop(0.5).replace("value: 10,", "value: .nan,"), "number"),
    (loop(0.5).replace("input: two", "input: three"), "three"),
    (HEAD + product("nothing"), "nothing"),
]


@pytest.mark.parametrize(("content", "says"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_a_study_that_cannot_be_computed_says_why(pcf: Call, tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content, encoding="utf-8")
    run = pcf("run", str(path), "--out", str(tmp_path / "result.json"))
    assert run.code == 2, run.out
    assert run.out == ""
    assert "Traceback" not in run.err
    assert says.lower() in run.err.lower()
    assert not (tmp_path / "result.json").exists()


def test_returns_of_a_whole_melt_are_refused_on_the_command_line(pcf: Call) -> None:
    run = pcf("footprint", "a356.2", "--set", "alloy_returns=1")
    assert run.code == 2
    assert len(run.err.strip().splitlines()) == 1
