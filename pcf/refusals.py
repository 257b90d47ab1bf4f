"""Why something was refused, in the reader's language.

The code raises English messages: they are what logs, JSON and tests hold. Where a refusal reaches a person, its sentence is
looked up here: `pcf/texts/refusals.<language>.json` holds templates, `{}` in the English ones for any value, `{1}` in the others
for the first of these values. A value stays as it is; `{1?}` says that it may be a phrase of the catalogue itself. What the
catalogue lacks stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from pcf.errors import DataError, InputError, PcfError
from pcf.text import texts

_FOLDER = Path(__file__).parent / "texts"

_DEEPEST = 3
"""Phrases in phrases that are looked up."""

_LEAST = 7
"""Characters that have to stand between two values, or else each of them is one word: `to` alone may be in a value as well."""

_WITHOUT_ADVICE = "{}: found {}; expected {}"
_WITH_ADVICE = "{}: found {}; expected {}; {}"
_MORE = "and {} more problems"

_QUOTES = ("'", '"')

_HOLE = re.compile(r"\{(\d+)(\??)\}")

_FULL_WIDTH = re.compile("[\u2e80-\u9fff\uff00-\uffef“”（）《》]")


@dataclass(frozen=True)
class _Template:
    """An entry: the texts around the values, and what is said instead."""

    around: tuple[str, ...]
    said: str

    @cached_property
    def size(self) -> int:
        """Characters of it that are no values."""
        return sum(map(len, self.around))

    def values(self, text: str) -> list[str] | None:
        """What stands in the holes of a text that has this form; each text between is taken where it comes first."""
        first, *between, last = self.around
        if not (text.startswith(first) and text.endswith(last) and len(text) >= len(first) + len(last)):
            return None
        found, place, end = [], len(first), len(text) - len(last)
        for part in between:
            at = text.find(part, place, end)
            if at < 0:
                return None
            found.append(text[place:at])
            place = at + len(part)
        found.append(text[place:end])
        return None if not first + last and self.size < _LEAST and any(" " in value for value in found) else found


class _Section:
    """Entries: those without values by their text, the others with the longest first, which knows most of a text."""

    def __init__(self, entries: Mapping[str, str]) -> None:
        self.phrases = {text: said for text, said in entries.items() if "{}" not in text}
        found = [_Template(tuple(text.split("{}")), said) for text, said in entries.items() if "{}" in text]
        self.templates = sorted(found, key=lambda item: -item.size)

    def find(self, text: str) -> tuple[str, list[str]] | None:
        """What is said instead of a text, and its values; nothing where no entry is it."""
        if text in self.phrases:
            return self.phrases[text], []
        # What somebody has typed is quoted, and is no sentence, whatever it says.
        if text.startswith(_QUOTES) and text.endswith(text[0]):
            return None
        for template in self.templates:
            if (values := template.values(text)) is not None:
                return template.said, values
        return None


@dataclass(frozen=True)
class _Catalogue:
    """The entries of a language: the sentence around the parts, the places, and all other parts."""

    frame: Mapping[str, str]
    places: _Section
    parts: _Section

    def say(self, text: str, depth: int = _DEEPEST) -> str | None:
        """A text in the language, or nothing where no entry is it."""
        if not depth:
            return None
        if (found := self.parts.find(text)) is not None:
            return self.fill(*found, depth - 1)
        # `'L-7', which is void`: what was typed, and what is said of it.
        typed, comma, rest = text.partition(f"{text[0]}, ") if text.startswith(_QUOTES) else ("", "", "")
        said = self.say(rest, depth - 1) if comma else None
        return None if said is None else f"{typed}{comma[0]}，{said}"

    def fill(self, said: str, values: list[str], depth: int = _DEEPEST) -> str:
        """A sentence with its values."""
        parts: list[str] = []
        place = 0
        for hole in _HOLE.finditer(said):
            value = values[int(hole[1]) - 1]
            parts += [said[place : hole.start()], (self.say(value, depth) or value) if hole[2] else value]
            place = hole.end()
        return _joined([*parts, said[place:]])

    def place(self, text: str) -> str:
        """A place: the thing and what follows it; one word behind it is the name of a field and stays."""
        first, *others = [text] if text in self.places.phrases else text.split(", ")
        return ", ".join([self._place(first), *(self._place(item) if " " in item else item for item in others)])

    def _place(self, text: str) -> str:
        found = self.places.find(text)
        return text if found is None else self.fill(*found)

    def parts_of(self, problem: InputError) -> tuple[str, str, str, str]:
        """Place, found, expected and advice in the language."""
        found, expected, advice = (self.say(item) or item for item in (problem.found, problem.expected, problem.advice))
        return self.place(problem.place), found, expected, advice

    def sentence(self, problem: InputError, others: int = 0) -> str:
        """A problem in one sentence, with how many others there are."""
        place, found, expected, advice = self.parts_of(problem)
        more = self.fill(self.frame[_MORE], [f"{others:,}"]) if others else ""
        last = "；".join(filter(None, (advice, more)))
        return self.fill(self.frame[_WITH_ADVICE if last else _WITHOUT_ADVICE], [place, found, expected, last])

    def message(self, text: str) -> str:
        """A message of one text: a sentence of the catalogue, or one that was an `InputError`, as far as its parts can be told apart."""
        if (whole := self.say(text)) is not None:
            return whole
        place, found_at, rest = text.partition(": found ")
        found, expected_at, rest = rest.partition("; expected ")
        if not found_at or not expected_at:
            return text
        expected, _, advice = rest.partition("; ")
        if advice and self.say(expected) is None and self.say(rest) is not None:
            expected, advice = rest, ""
        return self.sentence(InputError(place, found, expected, advice))


def refusal(problem: BaseException | str, lang: str) -> str:
    """Why something was refused, in one line for people.

    Parameters
    ----------
    problem : BaseException | str
        An error of `pcf.errors`, or its message where only that is left.
    lang : str
        Language of the reader. Without a catalogue of it, or an entry in that, the English stays.
    """
    catalogue = _catalogue(lang)
    if catalogue is None:
        return str(problem)
    if isinstance(problem, DataError):
        return catalogue.sentence(problem.problems[0], len(problem.problems) - 1)
    return catalogue.sentence(problem) if isinstance(problem, InputError) else catalogue.message(str(problem))


def parts(problem: PcfError, lang: str) -> tuple[str, str, str, str]:
    """Place, what was found, what was expected and what to do, where they stand by themselves; an error of one text is what was found."""
    if not isinstance(problem, InputError):
        return "", refusal(problem, lang), "", ""
    catalogue = _catalogue(lang)
    return catalogue.parts_of(problem) if catalogue else (problem.place, problem.found, problem.expected, problem.advice)


def _joined(parts: list[str]) -> str:
    """Words and values in turn; the words leave out a space that would stand between two Chinese characters."""
    text = ""
    for place, part in enumerate(parts):
        words = parts[place - 1] if place % 2 else part
        if place % 2 and words.endswith(" ") and _FULL_WIDTH.match(text[-2:]) and _FULL_WIDTH.match(part):
            text = text[:-1]
        elif not place % 2 and words.startswith(" ") and _FULL_WIDTH.match(text[-1:]) and _FULL_WIDTH.match(part[1:]):
            part = part[1:]
        text += part
    return text


@lru_cache
def _catalogue(lang: str) -> _Catalogue | None:
    file = _FOLDER / f"refusals.{lang}.json"
    if not file.is_file():
        return None
    sections: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return _Catalogue(sections["frame"], _Section(sections["places"]), _Section(sections["parts"] | _shared(lang)))


def _shared(lang: str) -> dict[str, str]:
    """What refusals take from the text catalogue: balances of a plant with what to do about them, and how sure a result is."""
    english, other = texts("en"), texts(lang)
    found: dict[str, str] = {}
    for key, said in other.items():
        group, _, name = key.partition(".")
        if group == "plant-balance":
            found[f"{english[key]} {{}}"] = f"{said} {{1}}"
        elif group == "plant-advice":
            found[english[key]] = said
        elif group == "standing":
            found[name] = said
    return found
