"""A refusal is read in the reader's language, whatever stands in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import pcf
from pcf.errors import LONGEST_PART, CheckFailed, DataError, EnvironmentProblem, InputError
from pcf.refusals import parts, refusal
from tests.refusal_sources import HOLE, PARTS, PLACES, Sources

FILE = Path(pcf.__file__).parent / "texts" / "refusals.zh.json"
CATALOGUE: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
ENTRIES = [entry for section in CATALOGUE.values() for entry in section.items()]
NUMBERED = re.compile(r"\{(\d+)\??\}")

VALUES = (
    "released by {}", "rejected by {}", "revoked on {}", "superseded on {}", "revoked on {}: {}", "superseded on {}: {}",
    "expired", "revoked", "superseded", "kilograms", "remaining", "certificates", "documents", "shipments", "tickets", "coil", "lot", "party", "return",
)  # fmt: skip
"""States, kinds and their like, which the code fills in by their names."""


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources()


@pytest.mark.parametrize("section", [PLACES, PARTS])
def test_each_refusal_of_the_code_has_a_translation(section: str, sources: Sources) -> None:
    assert len(sources.needed[section]) > 100
    assert {text: where for text, where in sources.needed[section].items() if text not in CATALOGUE[section]} == {}


@pytest.mark.parametrize("section", [PLACES, PARTS])
def test_each_translation_is_of_a_refusal_of_the_code(section: str, sources: Sources) -> None:
    assert CATALOGUE[section].keys() - sources.possible[section] - set(VALUES) == set()


def test_a_translation_has_each_value_of_its_refusal_once() -> None:
    wrong = {
        text: said
        for text, said in ENTRIES
        if sorted(map(int, NUMBERED.findall(said))) != list(range(1, text.count(HOLE) + 1)) or HOLE in said
    }
    assert wrong == {}


def test_values_without_anything_between_them_stay_together() -> None:
    # Where one ends and the other begins, nobody could tell.
    assert [text for text, said in ENTRIES if HOLE * 2 in text and "{1}{2}" not in said] == []


def test_the_catalogue_is_in_order_and_has_no_entry_twice() -> None:
    sections = json.loads(FILE.read_text(encoding="utf-8"), object_pairs_hook=list)
    assert [name for name, _ in sections] == ["frame", PLACES, PARTS]
    for _, entries in sections[1:]:
        assert [key for key, _ in entries] == sorted({key for key, _ in entries})


def test_a_refusal_has_place_what_was_found_what_was_expected_and_what_to_do() -> None:
    problem = InputError("shipment", "'SH-9'", "a recorded shipment", "pcf ship list")
    assert str(problem) == "shipment: found 'SH-9'; expected a recorded shipment; pcf ship list"
    assert refusal(problem, "zh") == "发货：现为 'SH-9'；应为已登记的发货；pcf ship list"
    assert parts(problem, "zh") == ("发货", "'SH-9'", "已登记的发货", "pcf ship list")


def test_values_come_where_the_sentence_of_the_language_has_them() -> None:
    problem = InputError("heat H-1, charge", "700 kg of 'L-1', of which 500 kg are left", "what is left, or less")
    assert refusal(problem, "zh") == "熔次 H-1, charge：现为 'L-1' 的 700 kg，而仅剩 500 kg；应为不超过剩余量"


def test_the_first_of_several_problems_says_how_many_there_are() -> None:
    problem = DataError([InputError("unit", "nothing", "a value")] * 3)
    assert refusal(problem, "zh") == "unit：现为空；应为填写一个值；另有 2 个问题"
    assert str(problem).endswith("and 2 more problems")


@pytest.mark.parametrize("kind", [CheckFailed, EnvironmentProblem])
def test_a_refusal_of_one_sentence_is_looked_up_whole(kind: type[Exception]) -> None:
    assert refusal(kind("certificate PCF-1: the sealed calculation is missing or was changed; restore a backup"), "zh") == (
        "证书 PCF-1：密封的计算文件缺失或已被更改；请恢复备份"
    )


def test_a_message_of_which_only_the_text_is_left_is_taken_apart_again() -> None:
    for problem in (
        InputError("heat H-1", "nothing", "a value"),
        InputError("shipment", "'S-9'", "a recorded shipment", "pcf ship list"),
        InputError("heat H-1, unit", "'S-1', a shipment that has left", "a unit in stock; what comes back is a new lot"),
    ):
        assert refusal(str(problem), "zh") == refusal(problem, "zh") != str(problem)


def test_what_is_said_of_something_typed_is_looked_up_without_it() -> None:
    found = parts(InputError("void", "'L, 7', which covers lot A-1", "a record that nothing stands on"), "zh")[1]
    assert found == "'L, 7'，覆盖进厂批次 A-1"


def test_words_that_are_in_any_text_take_values_of_one_word() -> None:
    assert parts(InputError("x", "12 to 200", "from here to somewhere"), "zh")[1:3] == ("12 至 200", "from here to somewhere")


def test_what_has_no_entry_stays_english() -> None:
    problem = InputError("a place of nowhere", "something unheard of", "a value", "nobody knows")
    assert refusal(problem, "zh") == "a place of nowhere：现为 something unheard of；应为填写一个值；nobody knows"
    assert refusal("an error of another program", "zh") == "an error of another program"


def test_english_is_what_the_error_says() -> None:
    for problem in (
        InputError("a", "b", "c", "d"),
        CheckFailed("nothing"),
        DataError([InputError("a", "b", "c")] * 2),
        "nothing",
    ):
        assert refusal(problem, "en") == str(problem)
    assert parts(CheckFailed("nothing"), "en") == ("", "nothing", "", "")


def test_what_somebody_has_typed_is_no_phrase_of_the_catalogue() -> None:
    assert (
        refusal(InputError("name", repr("released by Anna"), "a new name"), "zh") == "名称：现为 'released by Anna'；应为新名称"
    )
    # A value is kept even where it is a phrase: only where a translation says so (`{1?}`) it is one.
    assert refusal(InputError("certificate nothing", "x", "a value"), "zh").startswith("证书 nothing：现为 x；")


def test_the_name_of_a_field_stays_as_it_stands_in_the_file() -> None:
    assert (
        refusal(InputError("lots.csv row 4, name", "nothing", "a value"), "zh")
        == "lots.csv 第 4 行, name：现为空；应为填写一个值"
    )


def test_of_two_entries_that_fit_the_one_that_knows_more_is_taken() -> None:
    found = "700 kg of H-1, that is 700.000 kg of H-2, which C-1 is made of"
    assert parts(InputError("x", found, "a value"), "zh")[1] == "H-1 的 700 kg，即制成 C-1 的 H-2 中的 700.000 kg"


HOSTILE = st.one_of(
    st.text(max_size=LONGEST_PART),
    st.lists(st.sampled_from([*(text for text, _ in ENTRIES), "{", "}", "{1}", "{9?}", "; expected ", ": found ", ", ", "'", "\\1"]), max_size=20).map("".join),
)  # fmt: skip


@given(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
@example("{0}{1}{", "; expected ", ": found ; expected ", "{}" * 300)
@example("a, " * 333, " kg of " * 140, "at most " * 125, "one of: " * 125)
def test_no_text_breaks_a_refusal(place: str, found: str, expected: str, advice: str) -> None:
    problem = InputError(place, found, expected, advice)
    for said in (refusal(problem, "zh"), refusal(str(problem), "zh"), refusal(CheckFailed(str(problem)), "zh")):
        assert "\n" not in said


@given(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=100))
@example("{1}{2?}{")
@example("; expected ")
@example(": found a value")
def test_a_value_is_never_changed(value: str) -> None:
    said = refusal(InputError("unit", f"certificate {value}, not valid on {value}", "a value"), "zh")
    assert said.count(value) >= 2
    said = refusal(CheckFailed(f"certificate {value}: the sealed calculation is missing or was changed; restore a backup"), "zh")
    # Between two Chinese characters there is no space.
    assert said.replace(" ", "") == f"证书{value}：密封的计算文件缺失或已被更改；请恢复备份".replace(" ", "")


def test_a_language_without_a_catalogue_is_english() -> None:
    assert refusal(InputError("unit", "nothing", "a value"), "fr") == "unit: found nothing; expected a value"
