"""The form in which ids and references of papers are compared: one paper stays one, however somebody types its number."""

from __future__ import annotations

import unicodedata

LOOK_ALIKES = frozenset(
    "АВСЕНІЈКМОРЅТХУаесһіјкорѕхуԁԛԝ"  # Cyrillic
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοικνρυχ"  # Greek
)
"""Cyrillic and Greek letters that nobody can tell from Latin ones."""


def plain(text: str) -> str:
    """A registry, a number or a reference in the form in which it is compared: no width, case or space makes another one of it."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def mixes_alphabets(text: str) -> bool:
    """Whether letters of another alphabet that look Latin stand among Latin ones: two such texts look the same and are not."""
    if text.isascii():
        return False
    shown = unicodedata.normalize("NFKC", text)
    return any(letter in LOOK_ALIKES for letter in shown) and any(letter.isascii() and letter.isalpha() for letter in shown)
