"""Data that nobody means well: odd files, numbers beyond meaning, characters that act on a terminal."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.resources import datasets_path

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
