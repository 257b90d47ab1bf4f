"""What a certificate says, and which characters may stand in it: those of its embedded font, nothing hidden, nothing reversed."""

from __future__ import annotations

import importlib
import json
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from pcf.errors import EnvironmentProblem, InputError
from pcf.resources import certificates_path

LANGUAGES = ("zh", "en")

LONGEST = 200
"""Characters of a text that somebody enters."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_KINDS = {"Cc": "a control character", "Cs": "half of a character", "Co": "a private character", "Cn": "no character of Unicode"}
_REVERSED = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI", "LRE", "LRO", "LRI", "PDF", "PDI", "FSI"})


@lru_cache
def embedded() -> frozenset[int]:
    """Code points that both weights of the font have.

    Raises
    ------
    EnvironmentProblem
        Where a font is missing.
    """
    library = importlib.import_module("fontTools.ttLib")  # fontTools ships no types
    found: list[frozenset[int]] = []
    for weight in ("Regular", "Bold"):
        path = certificates_path() / "fonts" / f"NotoSansSC-{weight}.ttf"
        if not path.is_file():
            raise EnvironmentProblem(f"{path}: the font of certificates is not there; build it with certificates/fonts/build.py")
        with library.TTFont(path, lazy=True) as font:
            found.append(frozenset(font.getBestCmap()))
    return found[0] & found[1]


def check_characters(content: str, place: str) -> None:
    """Refuse a text with a character that cannot be printed as it is read.

    Raises
    ------
    InputError
        Naming the first such character, its code point and where it stands.
    """
    # Almost every text passes by this line.
    if content.isascii() and content.isprintable():
        return
    known = embedded()
    for position, char in enumerate(content, start=1):
        problem = _problem(char, known)
        if problem:
            raise InputError(
                place, f"{_shown(char)}, {problem}, at position {position}",
                "characters of the font of certificates (Latin, Greek, Chinese of U+4E00 to U+9FEF, common symbols)",
                "write the name in other characters",
            )  # fmt: skip


def _problem(char: str, known: frozenset[int]) -> str:
    category = unicodedata.category(char)
    if unicodedata.bidirectional(char) in _REVERSED:
        return "a character written from right to left, or a mark that turns the direction of writing"
    if category in _HIDDEN:
        return _KINDS.get(category, "a character that is not seen")
    return "" if ord(char) in known else "a character outside the font"


def _shown(char: str) -> str:
    name = unicodedata.name(char, "")
    code = f"U+{ord(char):04X}"
    return f"{char!r} ({code} {name})" if name else f"{char!r} ({code})"


def check_text(value: Any, place: str, longest: int = LONGEST) -> str:
    """A text that somebody entered, in composed form (Unicode NFC); markup in it means nothing and is printed as it stands.

    Parameters
    ----------
    value : Any
        What was entered.
    place : str
        Name of the field.
    longest : int
        Characters that it may have.

    Raises
    ------
    InputError
        For what is no text, empty, with space around it, too long, or with a character outside the font.
    """
    if not isinstance(value, str):
        raise InputError(place, "nothing" if value is None else f"a {type(value).__name__}", "a text")
    # Before anything else looks at it: composing a long text costs time.
    if len(value) > longest:
        raise InputError(place, f"{len(value):,} characters", f"at most {longest}")
    composed = unicodedata.normalize("NFC", value)
    check_characters(composed, place)
    if not composed.strip():
        raise InputError(place, "an empty text", "a text")
    if composed != composed.strip():
        raise InputError(place, f"{composed!r}, with space around it", "a text without space around it")
    return composed


def check_pair(value: Any, place: str, longest: int = LONGEST) -> dict[str, str]:
    """A text in both languages.

    Raises
    ------
    InputError
        Where one is missing, or as `check_text`.
    """
    if not isinstance(value, Mapping) or set(value) != set(LANGUAGES):
        raise InputError(place, "not exactly these", "a text as `en` and one as `zh`")
    return {language: check_text(value[language], f"{place}.{language}", longest) for language in LANGUAGES}


def check_whole(document: Any, place: str = "certificate") -> None:
    """Refuse a document with a character in any text or name of it that the font has not."""
    content = json.dumps(document, ensure_ascii=False)
    if content.isascii() and content.isprintable() and "\\" not in content:
        return
    for where, found in _texts(document, place):
        check_characters(found, where)


def _texts(node: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield f"{place}, a name", key
            yield from _texts(value, f"{place}.{key}")
    elif isinstance(node, list | tuple):
        for number, value in enumerate(node, start=1):
            yield from _texts(value, f"{place}[{number}]")


@lru_cache
def words(language: str) -> Mapping[str, str]:
    """All texts of `certificates/text/<language>.yaml`, by group and id: `label.issuer`."""
    from ruamel.yaml import YAML

    path = certificates_path() / "text" / f"{language}.yaml"
    content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return MappingProxyType(dict(_flat(content, "")))


def _flat(node: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)


def say(key: str, language: str, **fields: object) -> str:
    """Text of a key in a language, with its fields filled in.

    Raises
    ------
    KeyError
        For a key that the texts lack, or a field that is not given: defects of the calling code.
    """
    found = words(language)[key]
    return found.format(**fields) if fields else found


def say_both(key: str, **fields: object) -> dict[str, str]:
    """A text in both languages."""
    return {language: say(key, language, **fields) for language in LANGUAGES}
