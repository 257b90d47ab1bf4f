"""Charts on a page: each is a picture with a name, and its figures in words for whoever does not see it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any

from nicegui import ui

MOST = 24
"""Figures that are read out; tables beside a chart have the rest."""

_MARKUP = re.compile(r"<[^>]*>|\s+")


def plot(made: dict[str, Any], title: str) -> ui.plotly:
    """A chart with its text alternative.

    Parameters
    ----------
    made : dict
        Figure as `pcf.web.figures` gives it.
    title : str
        What it shows.
    """
    drawn = ui.plotly(made).classes("plot").props('role="img"')
    drawn._props["aria-label"] = in_words(made, title)
    return drawn


def redraw(drawn: ui.plotly, made: dict[str, Any], title: str) -> None:
    """Another figure in the same place."""
    drawn._props["aria-label"] = in_words(made, title)
    drawn.update_figure(made)


def in_words(made: Mapping[str, Any], title: str) -> str:
    """Title and figures of a chart, as its labels have them."""
    figures = [
        words for trace in made["data"] for item in _marks(trace) if (words := unescape(_MARKUP.sub(" ", item)).strip(" :"))
    ]
    return "; ".join([title, *list(dict.fromkeys(figures))[:MOST]])


def _marks(trace: Mapping[str, Any]) -> Iterator[str]:
    """What one series says: the names of flows, what shows under the pointer, or names with their values."""
    if trace["type"] == "sankey":
        yield from trace["node"]["label"]
    elif isinstance(hover := trace.get("hovertext"), list):
        yield from (str(item) for item, shown in zip(hover, trace.get("text") or hover, strict=False) if shown)
    elif isinstance(hover, str):
        yield hover
    elif trace.get("name"):
        values = [
            f"{x} {_plain(y)}" for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None
        ]  # none: a legend's entry
        yield f"{trace['name']}: {', '.join(values)}" if values else ""


def _plain(value: Any) -> str:
    return f"{value:,.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
