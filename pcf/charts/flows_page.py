"""Flows as an interactive figure: nodes, bands and labels stand where the picture on paper has them.

Plotly would write the labels of the last layer to the left of their nodes, over those of the layer before, and lead a band that
passes a layer behind its nodes. Here every node has its place, what passes a layer passes through a stop without a name, and
names and amounts are notes to the right of their nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pcf.charts import style
from pcf.charts.chart import Spec
from pcf.charts.flows import Layout, Slot
from pcf.charts.page import note

PIXELS = 1.7
"""Pixels of a page for a point of the picture."""

MARGIN = {"l": 10, "r": 10, "t": 20, "b": 20}
LEGEND_TOP = 60
_THICK = 16
_TO_LABEL = _THICK / 2 + 5
_SIZE = 13.5


@dataclass(frozen=True)
class Place:
    """A node of the figure: its colour, its name with the amount, the lines beside it, what is said of it under the pointer."""

    color: str
    name: str
    label: str
    said: str
    strong: bool = False


@dataclass(frozen=True)
class Band:
    """A flow between two nodes: its colour, what is said of it under the pointer."""

    color: str
    said: str


def page_spec(
    places: Mapping[str, Place], bands: Sequence[Band], layout: Layout, slot: Slot, *, size: tuple[float, float], entries: Sequence[tuple[str, style.Look]]
) -> Spec:  # fmt: skip
    """The figure as the page draws it.

    Parameters
    ----------
    places : mapping of node to Place
    bands : sequence of Band
        One for each flow of the layout.
    slot : float or mapping of node to float
        Height that a node takes at least, for its label [pt].
    size : tuple of float
        Share of the width that nodes and bands take, the labels of the last layer the rest [1]; height [pt].
    entries : sequence of (name, look)
        Legend of the nodes' colours.
    """
    share, height = size
    scale = layout.scale(height, slot)
    tops = layout.tops(height, scale, slot)
    last = max(layout.layer.values())
    of_route = {number: route for route, numbers in enumerate(layout.routes) for number in numbers}
    ids = list(layout.layer)
    place = {id_: number for number, id_ in enumerate(ids)}
    passing = {hop[1]: bands[of_route[number]] for number, hop in enumerate(layout.hops) if hop[1] not in layout.nodes}
    known = {id_: places[id_] if id_ in layout.nodes else Place(passing[id_].color, "", "", passing[id_].said) for id_ in ids}
    edge = _THICK / 2 / 1000  # a node at the very edge would be cut, and one at nothing at all not be placed
    x = {id_: edge + (1 - 2 * edge) * layout.layer[id_] / max(last, 1) for id_ in ids}
    y = {id_: (tops[id_] + layout.size[id_] * scale / 2) / height for id_ in ids}
    data = {
        "type": "sankey", "arrangement": "fixed", "domain": {"x": [0, share], "y": [0, 1]},
        "textfont": {"size": 1, "color": "rgba(0,0,0,0)", "shadow": "none"},
        "node": {
            "label": [known[id_].name for id_ in ids], "color": [known[id_].color for id_ in ids], "x": [x[id_] for id_ in ids],
            "y": [y[id_] for id_ in ids], "align": "right", "pad": _pad(layout, height, scale) * PIXELS, "thickness": _THICK,
            "line": {"width": 0}, "customdata": [known[id_].said for id_ in ids], "hovertemplate": "%{customdata}<extra></extra>",
        },
        "link": {
            "source": [place[hop[0]] for hop in layout.hops], "target": [place[hop[1]] for hop in layout.hops],
            "value": [hop[2] for hop in layout.hops], "color": [bands[of_route[number]].color for number in range(len(layout.hops))],
            "customdata": [bands[of_route[number]].said for number in range(len(layout.hops))],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }  # fmt: skip
    notes = [_label(known[id_], x[id_] * share, 1 - y[id_]) for id_ in ids if known[id_].label]
    made: Spec = {"data": [data], "layout": {"margin": MARGIN, "annotations": notes}, "height": round(height * PIXELS) + 40}
    if entries:
        _add_legend(made, entries)
    return made


def _pad(layout: Layout, height: float, scale: float) -> float:
    """Room between nodes [pt] with which plotly comes to the very scale of the layout."""
    counts: dict[int, int] = defaultdict(int)
    sums: dict[int, float] = defaultdict(float)
    for id_, layer in layout.layer.items():
        counts[layer] += 1
        sums[layer] += layout.size[id_]
    rooms = [(height - scale * sums[layer]) / (count - 1) for layer, count in counts.items() if count > 1]
    return max(min(rooms, default=0.0), 0.0)


def _label(place: Place, x: float, y: float) -> dict[str, Any]:
    font = {"size": _SIZE} | ({"weight": "bold"} if place.strong else {})
    return note(
        place.label, x, y, xref="paper", yref="paper", xanchor="left", yanchor="middle", align="left", xshift=_TO_LABEL, font=font
    )


def _add_legend(made: Spec, entries: Sequence[tuple[str, style.Look]]) -> None:
    made["data"] += [
        {"type": "scatter", "x": [None], "y": [None], "mode": "markers", "name": name, "hoverinfo": "skip",
         "marker": {"symbol": "square", "size": 13, "color": look.color}}
        for name, look in entries
    ]  # fmt: skip
    made["layout"] |= {
        "showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "itemclick": False, "itemdoubleclick": False},
        "xaxis": {"visible": False}, "yaxis": {"visible": False}, "margin": {**MARGIN, "t": LEGEND_TOP},
    }  # fmt: skip
    made["height"] += LEGEND_TOP - MARGIN["t"]
