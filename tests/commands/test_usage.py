"""How commands may be written: help, languages, names and values as people write them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


def total(pcf: Call, *arguments: str) -> float:
    run = pcf("footprint", *arguments, "--json")
    assert run.code == 0, run.err
    return float(json.loads(run.out)["total"]["value"])


def test_a_bare_call_prints_the_help(pcf: Call) -> None:
    run = pcf()
    assert run.code == 0
    assert "Commands:" in run.out
    assert "footprint" in run.out


REFUSED = {
    "en": "pcf: product: found 'nothing-like-it'; expected a product of the catalogue; see `pcf products`\n",
    "zh": "pcf: 产品：现为 'nothing-like-it'；应为数据目录中的产品；见 `pcf products`\n",
}


@pytest.mark.parametrize(
    ("lang", "before", "behind"),
    [
        ("en", [], []), ("en", ["--lang", "en"], []), ("zh", ["--lang", "zh"], []), ("zh", ["--lang=zh"], []),
        ("zh", [], ["--lang", "zh"]), ("zh", ["--lang", "en"], ["--lang", "zh"]),
    ],
)  # fmt: skip
def test_a_refusal_is_one_line_in_the_language_of_the_call(pcf: Call, lang: str, before: list[str], behind: list[str]) -> None:
    run = pcf(*before, "footprint", "nothing-like-it", *behind)
    assert (run.code, run.out, run.err) == (2, "", REFUSED[lang])


def test_a_refusal_is_in_the_language_of_the_settings_and_english_where_they_are_damaged(pcf: Call, pcf_home: Path) -> None:
    settings = pcf_home / "settings.toml"
    settings.write_text('language = "zh"\n', encoding="utf-8")
    assert pcf("footprint", "nothing-like-it").err == REFUSED["zh"]
    settings.write_text("language = 7\n", encoding="utf-8")
    run = pcf("footprint", "nothing-like-it")
    assert run.code == 2 and "key language: found 7; expected " in run.err
    assert "键 language：现为 7；应为 " in pcf("--lang", "zh", "footprint", "nothing-like-it").err


def test_what_other_programs_read_is_english_in_every_language(pcf: Call, tmp_path: Path) -> None:
    run = pcf("--lang", "zh", "data", "check", str(tmp_path / "nowhere"), "--json")
    (problem,) = json.loads(run.out)["problems"]
    assert (problem["found"], problem["expected"][:13]) == ("no such folder or file", "a data folder")


@pytest.mark.parametrize("group", ["data", "export"])
def test_a_group_without_a_command_prints_its_help_as_lines(pcf: Call, group: str) -> None:
    run = pcf(group)
    assert run.code == 2
    assert run.out == ""
    assert len(run.err.splitlines()) > 5
    assert "�" not in run.err


@pytest.mark.parametrize(
    "arguments",
    [("--lang", "zh", "footprint", "anode"), ("footprint", "--lang", "zh", "anode"), ("footprint", "anode", "--lang=zh")],
)
def test_the_language_may_stand_anywhere(pcf: Call, arguments: tuple[str, ...]) -> None:
    assert "从摇篮到大门" in pcf(*arguments).out


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("--gwp", "ar5"), ("--gwp", "AR5")),
        (("--cut-off", "1%"), ("--cut-off", "1 % each, 5 % together")),
        (("--site", "Shandong"), ("--site", "shandong")),
        (("--site", "云南"), ("--site", "yunnan")),
        (("--grid-mix", "HYDRO"), ("--grid-mix", "hydro")),
        (("--boundary", "gate-to-gate", "--step", "casting"), ("--boundary", "gate-to-gate", "--step", "ingot-casting")),
    ],
)
def test_natural_spellings_mean_the_same(pcf: Call, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert total(pcf, "hqalight", *one) == total(pcf, "hqalight", *other)


def test_a_share_may_be_per_cent(pcf: Call) -> None:
    assert total(pcf, "a356.2", "--recycled-content", "50%") == total(pcf, "a356.2", "--recycled-content", "0.5")


def test_show_looks_at_another_site_too(pcf: Call) -> None:
    def supply(*arguments: str) -> dict[str, float]:
        rows = json.loads(pcf("show", "hqalight", "--json", *arguments).out)["parameters"]
        found: dict[str, float] = next(row["value"] for row in rows if row["name"] == "electricity_supply")
        return found

    assert supply("--site", "shandong") != supply()


def test_products_stand_by_kind(pcf: Call) -> None:
    kinds = [row["kind"] for row in json.loads(pcf("products", "--json").out)]
    assert sorted(set(kinds), key=kinds.index) == ["primary", "recycled", "alloy", "stock", "intermediate"]
    assert kinds == sorted(kinds, key=sorted(set(kinds), key=kinds.index).index)


def test_a_terminal_that_lacks_characters_gets_question_marks(session_home: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PCF_HOME": str(session_home)}
    command = [str(Path(sys.executable).with_name("pcf")), "footprint", "anode", "--lang", "zh"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0
    assert run.stderr == ""
    assert "tCO2e/t" in run.stdout


def test_the_demo_never_writes_beside_the_users_own_data(
    pcf: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session_home: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    before = set(session_home.parent.iterdir())
    pcf("demo")
    assert [path.name for path in tmp_path.iterdir()] == ["pcf-demo"]
    assert set(session_home.parent.iterdir()) == before


def test_a_result_on_the_screen_imports_nothing_heavy(session_home: Path) -> None:
    program = (
        "import sys\nfrom pcf.commands import main\n"
        "try: main(['footprint', 'anode'])\nexcept SystemExit: pass\n"
        "heavy = {'pint', 'jsonschema', 'ruamel.yaml', 'pandas', 'openpyxl', 'scipy', 'brightway2'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "PCF_HOME": str(session_home)}
    subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True)  # fills the cache
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"
