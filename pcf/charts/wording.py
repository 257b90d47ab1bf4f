"""The texts of figures, with the semantics of `pcf.text.text`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from pcf import text as catalogue

_FOLDER = Path(__file__).parent / "texts"


def text(key: str, language: str, **fields: object) -> str:
    """Text of a key `chart.<id>` in a language, with its fields filled in; KeyError for a key or field that is missing."""
    return texts(language)[key].format(**fields)


@lru_cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of figures in a language, by key."""
    content: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return MappingProxyType(content)


def part_name(group: str, part: str, language: str) -> str:
    """Name of a part of a footprint: a stage or source of the text catalogue, else the name that the caller gave it."""
    return catalogue.texts(language).get(f"{group}.{part}", part).replace("CO2", "CO₂")
