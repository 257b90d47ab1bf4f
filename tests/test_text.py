"""Both languages say the same things."""

from __future__ import annotations

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from pcf.settings import LANGUAGES
from pcf.text import name_in, text, texts

SCHEMAS = Path(__file__).parents[1] / "datasets" / "schema"


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_there_is_a_catalogue_for_each_language_that_can_be_set() -> None:
    import pcf

    found = {path.stem for path in (Path(pcf.__file__).parent / "texts").iterdir() if not path.name.startswith("refusals.")}
    assert found == set(LANGUAGES)


def test_both_languages_have_the_same_keys_in_the_same_order() -> None:
    assert list(texts("en")) == list(texts("zh"))


@pytest.mark.parametrize("key", sorted(texts("en")))
def test_a_text_has_the_same_fields_in_both_languages_and_is_not_empty(key: str) -> None:
    assert fields(texts("en")[key]) == fields(texts("zh")[key])
    assert texts("en")[key].strip()
    assert texts("zh")[key].strip()


def test_chinese_is_chinese() -> None:
    english_only = [key for key, sentence in texts("zh").items() if sentence.isascii()]
    assert english_only == []


def test_the_auditors_folder_has_one_name() -> None:
    """It was a pack in one place and a folder in the other."""
    for lang, other in (("en", r"\bpacks?\b"), ("zh", "证据包|审核包|审计包")):
        assert [key for key, words in texts(lang).items() if re.search(other, words, re.IGNORECASE)] == []


def test_fields_are_filled_in() -> None:
    assert text("message.and-more", "en", count=3) == "and 3 more"
    assert text("message.and-more", "zh", count=3) == "另有 3 项"


def test_a_key_or_field_that_is_missing_is_a_defect() -> None:
    with pytest.raises(KeyError, match=r"stage\.smelting"):
        text("stage.smelting", "en")
    with pytest.raises(KeyError, match="count"):
        text("message.and-more", "en")


def test_no_key_stands_twice_in_a_file() -> None:
    import pcf

    for language in LANGUAGES:
        content = (Path(pcf.__file__).parent / "texts" / f"{language}.json").read_text(encoding="utf-8")
        keys = [key for key, _ in json.loads(content, object_pairs_hook=list)]
        assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    ("names", "language", "name"),
    [
        ({"en": "Electrolysis", "zh": "电解"}, "zh", "电解"),
        ({"en": "Electrolysis", "zh": ""}, "zh", "Electrolysis"),
        ({"zh": "电解"}, "en", "电解"),
    ],
)
def test_a_bilingual_name_falls_back_to_the_language_there_is(names: dict[str, str], language: str, name: str) -> None:
    assert name_in(names, language) == name
