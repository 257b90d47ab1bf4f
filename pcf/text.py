"""The text catalogue: every label and sentence for people, in English and Chinese.

The texts are flat JSON, `pcf/texts/<language>.json`: a key is `<group>.<id>`, such as `stage.electrolysis`; fields in
braces are filled in by the caller. JSON, because a footprint that comes from the cache must not wait for YAML.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

_FOLDER = Path(__file__).parent / "texts"


def text(key: str, language: str, **fields: object) -> str:
    """Text of a key in a language, with its fields filled in.

    Parameters
    ----------
    key : str
        `<group>.<id>`, for instance `heading.total`.
    language : str
        `en` or `zh`.
    **fields : object
        Values of the fields that the text names in braces.

    Raises
    ------
    KeyError
        For a key that the catalogue lacks or a field that is not given: both are defects of the calling code.
    """
    return texts(language)[key].format(**fields)


@lru_cache
def texts(language: str) -> Mapping[str, str]:
    """All texts of a language, by key."""
    content: dict[str, str] = json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return MappingProxyType(content)


def name_in(names: Mapping[str, str], language: str) -> str:
    """Pick from a bilingual name as data files hold it, falling back to the first language there is."""
    return names.get(language) or next(iter(names.values()), "")
