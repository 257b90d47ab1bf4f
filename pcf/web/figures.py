"""Figures of `pcf.charts` as the pages have them: interactive, in the light of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.page import plotly_figure

if TYPE_CHECKING:
    from pcf.charts import Chart

_DARK = {
    style.INK: "#e8edf1", style.SOFT: "#a9b6c1", style.RULE: "#4a5966", style.GRID: "#2b3742", style.FAINT: "#222d37",
    style.WHITE: "#1a232c",
}  # fmt: skip
"""Colours of what is around the data; the data keep theirs."""

_LIFTED = {style.CARBON: "#6b7780", style.BLUE: "#2b86c5"}
"""Colours of data that would drown in the dark."""

_WORDS = {style.BLUE: "#6db8e8", style.VERMILLION: "#ff9a57", style.GREEN: "#3fcf9f"}
"""Colours of data as colours of words."""

_DATA = frozenset({"textfont"})
"""What is written upon a colour of the data, and keeps its ink."""


def figure(chart: Chart, *, dark: bool, height: int | None = None) -> dict[str, Any]:
    """A chart as the plotly element takes it."""
    return shown(chart.spec(), dark=dark, height=height)


def shown(spec: Mapping[str, Any], *, dark: bool, height: int | None = None) -> dict[str, Any]:
    """An interactive figure as the plotly element takes it."""
    made = plotly_figure(dict(spec))
    if dark:
        made = {
            **made,
            "layout": _recoloured(made["layout"], {**_DARK, **_WORDS}),
            "data": [_dark_trace(item) for item in made["data"]],
        }
    made["layout"] = {**made["layout"], "height": height or spec["height"], "autosize": True}
    return made


def _dark_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    if trace.get("type") == "sankey":
        bands = set(trace["link"]["color"])
        link = {**trace["link"], "color": [_veiled(colour) for colour in trace["link"]["color"]]}
        # A node of a band's colour is where the band passes a layer.
        node = {
            **trace["node"],
            "color": [_veiled(colour) if colour in bands else colour for colour in trace["node"]["color"]],
        }
        trace = {**trace, "link": link, "node": node}
    kept = _DATA if trace.get("type") == "bar" else frozenset()
    return {
        key: value if key in kept else _recoloured(value, {**_DARK, **_LIFTED} if key in ("marker", "node", "line") else _DARK)
        for key, value in trace.items()
    }


def _veiled(colour: str) -> str:
    """A colour that lets the dark through, so that what is written on it can be read."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.32)"


def _recoloured(value: Any, colours: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return colours.get(value, value)
    if isinstance(value, Mapping):
        return {key: _recoloured(item, colours) for key, item in value.items()}
    if isinstance(value, list):
        return [_recoloured(item, colours) for item in value]
    return value
