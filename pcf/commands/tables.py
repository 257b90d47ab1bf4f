"""Tables that never cut a number or a name: of several forms, the first one that fits the screen."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from typing import IO

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.measure import Measurement
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pcf.text import visible

WIDTH = 120
"""Columns where there is no terminal and COLUMNS says nothing."""


class Screen(Console):
    """A console for text from data: no markup, no signs for pictures, nothing hidden."""

    def __init__(self, file: IO[str] | None = None, width: int | None = None) -> None:
        stream = file or getattr(sys.stdout, "unfiltered", None)
        super().__init__(highlight=False, emoji=False, markup=False, file=stream, width=width)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does, without hidden characters, which take no room and so leave every table in shape."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else visible(text), style, control)


def console(file: IO[str] | None = None) -> Console:
    """Where tables go: colour only on a terminal; as wide as the terminal, else as COLUMNS says."""
    screen = Screen(file)
    if screen.is_terminal:
        return screen
    asked = os.environ.get("COLUMNS", "")
    width = int(asked) if file is None and asked.isascii() and asked.isdigit() and int(asked) > 0 else WIDTH
    return Screen(file, width)


def new_table(title: str = "") -> Table:
    """An empty table in the house's form."""
    heading = Text(f"\n{title}", style="bold") if title else None
    return Table(box=SIMPLE_HEAD, pad_edge=False, title=heading, title_justify="left", collapse_padding=True)


def add_numbers(table: Table, *headings: str, style: str = "") -> None:
    """Columns of numbers: flush right and never broken."""
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True, style=style)


def width_of(screen: Console, table: Table) -> int:
    """Columns that a table takes if nothing in it is broken."""
    return Measurement.get(screen, screen.options.update(width=10_000), table).maximum


def fitting(screen: Console, forms: Iterable[Callable[[], Table]]) -> Table:
    """The first form that fits, else the last one, which has to be able to fold."""
    found: Table | None = None
    for form in forms:
        found = form()
        if width_of(screen, found) <= screen.width:
            return found
    assert found is not None
    return found
