"""The table of rules and the table of limits: complete, with sources, and never surer than what was read."""

from __future__ import annotations

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest

from pcf.custody.rules import RULE_COLUMNS, SETTING_COLUMNS, read_rules, read_settings, rule, rules, setting, settings
from pcf.errors import InputError
from pcf.resources import datasets_path

with (datasets_path() / "sources.csv").open(encoding="utf-8", newline="") as _file:
    SOURCES = {row["id"] for row in csv.DictReader(_file)}

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_every_rule_is_there_once_and_in_order() -> None:
    assert list(rules()) == [f"R{number:02d}" for number in range(1, 29)]
    assert all(name == found.id for name, found in rules().items())


def test_only_what_the_source_itself_says_is_verified() -> None:
    assert [found.id for found in rules().values() if not found.indicative] == ["R18", "R23", "R24", "R25"]


def test_a_number_of_a_criterion_is_printed_for_a_verified_rule_only() -> None:
    assert {found.id: found.criterion for found in rules().values() if found.criterion} == {"R18": "9.3"}


def test_every_row_has_both_names_and_a_known_source() -> None:
    for found in [*rules().values(), *settings().values()]:
        assert found.source in SOURCES, found.id
        assert found.names["en"].isascii(), found.id
        assert CHINESE.search(found.names["zh"]), found.id


def test_a_rule_of_a_standard_names_its_edition() -> None:
    for found in rules().values():
        assert bool(found.standard) == bool(found.version) == (found.source != "project-estimates"), found.id


def test_a_name_of_a_rule_prints_no_number_of_a_clause() -> None:
    for found in rules().values():
        assert not re.search(r"\d+\.\d+", "".join(found.names.values()) + found.note.replace(found.version or "-", "")), found.id


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("overdraft-share", "0.2", "1"),
        ("availability-warning", "0.9", "1"),
        ("period-longest", "366", "day"),
        ("carry-over-periods", "1", "period"),
        ("retention-years", "5", "year"),
        ("cash-limit", "3000", "USD"),
        ("annual-report-month", "6", "month"),
        ("annual-report-day", "30", "day"),
        ("yield-lowest", "0.85", "1"),
        ("yield-highest", "1", "1"),
        ("dross-per-loss", "1.8895", "1"),
        ("scs-floor", "0.05", "1"),
        ("restatement-from", "0.05", "1"),
    ],
)
def test_limits_are_exact(name: str, value: str, unit: str) -> None:
    assert setting(name) == Fraction(value)
    assert settings()[name].unit == unit


def test_an_assumed_limit_says_why_in_its_note() -> None:
    assert not [found.id for found in settings().values() if found.source_check == "assumed" and not found.note]


def test_unknown_names_are_refused_with_the_nearest() -> None:
    with pytest.raises(InputError) as caught:
        setting("overdraft-shares")
    assert "'overdraft-share'" in caught.value.advice
    with pytest.raises(InputError) as caught:
        rule("R29")
    assert "R01 to R28" in str(caught.value)
    assert rule("R10").id == "R10"


def test_tables_cannot_be_changed_in_memory() -> None:
    with pytest.raises(TypeError):
        rules()["R01"] = rules()["R02"]  # type: ignore[index]
    with pytest.raises(TypeError):
        settings()["scs-floor"] = settings()["yield-lowest"]  # type: ignore[index]
    with pytest.raises(TypeError):
        rules()["R01"].names["en"] = "other"  # type: ignore[index]


RULE = ["R01", "name", "名称", "", "ASI", "V2", "unverified", "asi-coc", ""]
LIMIT = ["some-limit", "name", "名称", "0.5", "1", "asi-coc", "", "assumed", "a note"]


def _table(path: Path, columns: tuple[str, ...], *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    return path


def _with(row: list[str], columns: tuple[str, ...], **cells: str) -> list[str]:
    return [cells.get(name, cell) for name, cell in zip(columns, row, strict=True)]


@pytest.mark.parametrize(
    "cells",
    [
        {"id": "R1"},
        {"id": "X01"},
        {"status": "certain"},
        {"status": ""},
        {"criterion": "9.3"},
        {"name_zh": " "},
        {"name_en": ""},
        {"source": ""},
    ],
)
def test_a_wrong_rule_is_refused_with_its_row(tmp_path: Path, cells: dict[str, str]) -> None:
    assert read_rules(_table(tmp_path / "good.csv", RULE_COLUMNS, RULE))["R01"].indicative
    with pytest.raises(InputError) as caught:
        read_rules(_table(tmp_path / "wrong.csv", RULE_COLUMNS, _with(RULE, RULE_COLUMNS, **cells)))
    assert caught.value.place == f"wrong.csv:2 {next(iter(cells))}"


@pytest.mark.parametrize(
    "cells",
    [
        {"id": "Some"},
        {"value": ""},
        {"value": "nan"},
        {"value": "1e3"},
        {"value": "-1"},
        {"value": "０.5"},
        {"source_check": "sure"},
    ],
)
def test_a_wrong_limit_is_refused_with_its_row(tmp_path: Path, cells: dict[str, str]) -> None:
    assert read_settings(_table(tmp_path / "good.csv", SETTING_COLUMNS, LIMIT))["some-limit"].value == Fraction(1, 2)
    with pytest.raises(InputError) as caught:
        read_settings(_table(tmp_path / "wrong.csv", SETTING_COLUMNS, _with(LIMIT, SETTING_COLUMNS, **cells)))
    assert caught.value.place == f"wrong.csv:2 {next(iter(cells))}"


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="an id of its own"):
        read_rules(_table(tmp_path / "rules.csv", RULE_COLUMNS, RULE, RULE))
    with pytest.raises(InputError, match="an id of its own"):
        read_settings(_table(tmp_path / "settings.csv", SETTING_COLUMNS, LIMIT, LIMIT))
