"""The text catalogue: every label and sentence for people, in English and Chinese.

The texts are flat JSON, `pcf/texts/<language>.json`: a key is `<group>.<id>`, such as `stage.electrolysis`; fields in
braces are filled in by the caller. JSON, because a footprint that comes from the cache must not wait for YAML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_FOLDER = Path(__file__).parent / "texts"

_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Control characters, marks that turn the direction of writing, and others that change a text without being seen."""

_HALF = re.compile("[\ud800-\udfff]")
"""Half of a character: what Python makes of a wrong byte in a file name; no encoding can hold it."""


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


def visible(content: str, *, instead: str = "", keep: str = "\n\t") -> str:
    """Replace hidden characters, such as those with which a name in the data could steer a terminal.

    Parameters
    ----------
    content : str
        Any text.
    instead : str
        What stands in place of a hidden character.
    keep : str
        Hidden characters that stay.
    """
    if content.isascii() and content.isprintable():
        return content
    return _HALF.sub("�", _HIDDEN.sub(lambda found: found[0] if found[0] in keep else instead, content))


def csv_text(value: Any) -> Any:
    """A value of a CSV file: a spreadsheet gets no formula to run when it opens the file."""
    if not isinstance(value, str):
        return value
    shown = visible(value)
    begin = shown.lstrip()
    # `-10 % scrap` and `+5 kWh` are labels; a call, a link to another program or sheet is not.
    live = begin.startswith(("=", "@")) or (begin.startswith(("+", "-")) and not {"(", "|", "!"}.isdisjoint(begin))
    return f"'{shown}" if live else shown


def json_text(content: object) -> str:
    """JSON for files and pipes: UTF-8 as it is, hidden characters as escapes, so that nothing is lost.

    Raises
    ------
    ValueError
        For a number that JSON does not have: a defect of the calling code.
    """
    made = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    return _HALF.sub(_escaped, _HIDDEN.sub(_escaped, made))


def _escaped(found: re.Match[str]) -> str:
    # A line break can only be one between the values; those inside texts are escaped by then.
    return "\n" if found[0] == "\n" else json.dumps(found[0])[1:-1].replace("\x7f", "\\u007f")
