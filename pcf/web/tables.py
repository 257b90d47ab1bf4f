"""Plain tables: real ones, so that a screen reader finds its way, and a copy lands in a spreadsheet as it looks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nicegui import ui

_DAY = re.compile(r"\d{4}-\d{2}(-\d{2})?")
"""A day or month: it is never broken at its hyphens."""


@dataclass(frozen=True)
class Cell:
    """A cell that is more than a text: with an address its words are a link; the cell and its words may have classes of their own."""

    words: str
    address: str = ""
    classes: str = ""
    mark: str = ""


def table(
    heads: Sequence[str],
    rows: Iterable[Sequence[str | Cell]],
    *,
    numbers: Sequence[int] = (),
    caption: str = "",
    classes: str = "",
) -> None:
    """A table of texts; whatever is in them is shown and never interpreted.

    Parameters
    ----------
    numbers : sequence of int
        Columns of numbers: they stand right.
    """
    with ui.element("div").classes("scroll"), ui.element("table").classes(f"pcf-table {classes}".strip()):
        if caption:
            _cell("caption", caption)
        with ui.element("thead"), ui.element("tr"):
            for place, head in enumerate(heads):
                _cell("th", head, number=place in numbers).props('scope="col"')
        with ui.element("tbody"):
            for row in rows:
                with ui.element("tr"):
                    for place, words in enumerate(row):
                        _cell("td", words, number=place in numbers)


def _cell(tag: str, content: str | Cell, *, number: bool = False) -> ui.element:
    made = ui.element(tag).classes("number" if number else "")
    if _DAY.fullmatch(content if isinstance(content, str) else content.words):
        made.classes("nowrap")
    if isinstance(content, str):
        made._text = content
        return made
    made.classes(content.classes)
    if not content.address and not content.mark:
        made._text = content.words
        return made
    with made:
        inner = ui.element("a" if content.address else "span").classes(content.mark)
        inner._text = content.words
        if content.address:
            inner._props["href"] = content.address
    return made
