"""Remarks of the data in the reader's language: places within sources, notes on processes, terms of redistribution.

The data have them in English. What a source calls its own rows and tables is left in the words of the source, where they are looked for.
"""

from __future__ import annotations

import re

from pcf.text import text, texts

_BETWEEN = re.compile(r"([,;] )")
_ROW = "row "


def slug(words: str) -> str:
    """Words as a key has them."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def locator(words: str, lang: str) -> str:
    """A place within a source, its parts named one by one."""
    return "".join(_part(part, lang) for part in _BETWEEN.split(words))


def _part(words: str, lang: str) -> str:
    if words.startswith(_ROW):
        return text("locator.row", lang, name=words.removeprefix(_ROW))
    return known("locator", words, lang)


def known(group: str, words: str, lang: str) -> str:
    """Words that a group of texts has, in a language; any others as they stand."""
    return texts(lang).get(f"{group}.{slug(words)}", words)


def process_note(process: str, note: str, lang: str) -> str:
    """The note on a process."""
    return texts(lang).get(f"process-note.{process}", note)
