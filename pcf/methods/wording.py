"""Fills the sentence of a check in a language: ids of stages, processes and choices become their names."""

from __future__ import annotations

from typing import Any

from pcf.catalogue import STAGES, Catalogue
from pcf.methods.checks import Check
from pcf.text import name_in, text, texts

LISTS = ("stages", "unknown", "others")
"""Fields that hold several items, parted by commas."""


def word_check(catalogue: Catalogue, check: Check, language: str) -> str:
    """The sentence of a check."""
    fields = {name: _word(catalogue, name, value, language) for name, value in check.fields.items()}
    return text(check.key, language, **fields)


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
