"""Fills the sentence of a check in a language: ids of stages, processes and choices become their names."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from pcf.catalogue import STAGES, Catalogue
from pcf.methods.checks import Check
from pcf.text import name_in, text, texts

_NUMBERED = re.compile(r"^(.*?)((?: [\d.]+ %)?)$")
"""A name, and the share that may follow it."""

LISTS = ("stages", "unknown", "others")
"""Fields that hold several items, parted by commas."""


def word_check(catalogue: Catalogue, check: Check, language: str) -> str:
    """The sentence of a check."""
    fields = {name: _word(catalogue, name, value, language) for name, value in check.fields.items()}
    return text(check.key, language, **fields)


def retell_check(catalogue: Catalogue, sentence: str, language: str) -> str:
    """The English sentence of a check in another language, for documents that were made in English; as it is where none fits."""
    if language == "en":
        return sentence
    for key, pattern in _patterns():
        if found := pattern.fullmatch(sentence):
            return text(key, language, **{name: _retold(catalogue, value, language) for name, value in found.groupdict().items()})
    return sentence


def _retold(catalogue: Catalogue, value: str, language: str) -> str:
    """What fills a field: flows of processes, names of stages and choices, alone or in a list."""
    known, names = texts(language), _names()
    for process in catalogue.processes.values():
        value = value.replace(
            f"{process.name['en']}: ", text("message.flow-of", language, process=name_in(process.name, language))
        )
    for words, key in names.items():
        if key.startswith("flow."):
            value = value.replace(words, known.get(key, words))
    parts = (
        _NUMBERED.sub(lambda found: known.get(names.get(found[1], ""), found[1]) + found[2], part) for part in value.split(", ")
    )
    return "、".join(parts).replace(" %", "%") if language == "zh" else ", ".join(parts)


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Key of each sentence and what it looks like in English, the most particular first."""
    english = {key: words for key, words in texts("en").items() if key.startswith("check.")}
    ordered = sorted(english, key=lambda key: -len(re.sub(r"\{\w+\}", "", english[key])))
    return [(key, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(english[key])))) for key in ordered]


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """English name of what may stand in a sentence → its key."""
    groups = ("stage.", "flow.", "boundary.", "choice.heat.", "choice.co_products.")
    return {words: key for key, words in texts("en").items() if key.startswith(groups)}


def _word(catalogue: Catalogue, name: str, value: Any, language: str) -> Any:
    if not isinstance(value, str):
        return value
    if name in ("heat", "co_products"):
        return text(f"choice.{name}.{value}", language)
    if name == "boundary":
        return text(f"boundary.{value}", language)
    if name == "stages":
        for stage in STAGES:
            value = value.replace(stage, text(f"stage.{stage}", language))
    if name in ("unknown", "largest"):
        for process in catalogue.processes.values():
            for item in process.checklist:
                if (shown := texts(language).get(f"flow.{item.flow}")) is not None:
                    value = value.replace(f"{process.id}: {item.flow}", f"{process.id}: {shown}")
            value = value.replace(f"{process.id}: ", text("message.flow-of", language, process=name_in(process.name, language)))
    if name in LISTS and language == "zh":
        value = value.replace(", ", "、").replace(" %", "%")
    return value
