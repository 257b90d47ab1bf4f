"""`pcf roadmap`: a document that fulfils its schema, a picture, targets in words, bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from pcf.resources import datasets_path

Call = Callable[..., Any]


def test_the_document_fulfils_its_schema_and_adds_up(pcf: Call) -> None:
    found = json.loads(pcf("roadmap", "primary-group", "-n", "200", "--json").out)
    schema = json.loads((datasets_path() / "schema" / "roadmap-result.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []
    assert len(found["years"]) == len(found["total"]) == 36
    for index, total in enumerate(found["total"]):
        parts = sum(lever["contribution"][index] for lever in found["levers"])
        assert found["without_levers"] + parts == pytest.approx(total, rel=1e-12)
    assert all(low <= high for low, high in zip(found["band"]["q2.5"], found["band"]["q97.5"], strict=True))
    assert not any(target["met"] for target in found["targets"] if target["indicator"] == "neutral")


def test_the_targets_are_told_in_both_languages(pcf: Call) -> None:
    english, chinese = (
        pcf("roadmap", "primary-group", "-n", "0").out,
        pcf("--lang", "zh", "roadmap", "primary-group", "-n", "0").out,
    )
    assert "2055" in english
    assert "short" in english
    assert "never netted" in english
    assert "不抵扣" in chinese


def test_a_picture_and_a_table_are_written_once(pcf: Call, tmp_path: Path) -> None:
    picture, table = tmp_path / "r.svg", tmp_path / "r.csv"
    assert pcf("roadmap", "hqalight", "-n", "100", "--chart", str(picture), "--out", str(table)).code == 0
    assert picture.read_text(encoding="utf-8").lstrip().startswith("<?xml")
    assert table.read_text(encoding="utf-8").count("\n") >= 37
    again = pcf("roadmap", "hqalight", "-n", "100", "--chart", str(picture))
    assert again.code == 2
    assert "--force" in again.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--from", "2050", "--to", "2040"), "first year before"), (("--from", "1000"), "at most 101 years"),
        (("--roadmap", "hongqia"), "hongqiao"), (("--chart", "x.bmp"), ".svg"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(pcf: Call, arguments: tuple[str, ...], message: str) -> None:
    run = pcf("roadmap", "primary-group", *arguments)
    assert run.code == 2
    assert message in run.err
    assert run.err.count("\n") == 1
