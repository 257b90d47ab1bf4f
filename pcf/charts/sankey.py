"""Sankey diagram: how emissions gather along the supply chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.flows import Layout, arrange
from pcf.charts.frame import Frame, require
from pcf.charts.numbers import decimals_of, tonnes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas

BODY = 330.0
_NODE = 11.0
_SLOT = 31.0


@dataclass(frozen=True)
class Node:
    """A place where emissions arise or pass: `part` gives its colour (a stage, or a source with `by="source"`)."""

    id: str
    name: str
    part: str = ""
    by: str = "stage"


@dataclass(frozen=True)
class Link:
    """A flow of emissions from one node to the next [tCO2e/t]."""

    source: str
    target: str
    value: float


def sankey(nodes: Sequence[Node], links: Sequence[Link], frame: Frame) -> Chart:
    """Flows of emissions between nodes, from left to right; the height of a band is its amount.

    Raises
    ------
    InputError
        For a link that names no node, an amount that is not above zero, two nodes of one id, or a circle of flows.
    """
    ids = [node.id for node in nodes]
    require(links, "links", "none", "at least one")
    require(len(ids) == len(set(ids)), "nodes", "two of the same id", "ids that differ")
    layout = arrange(ids, [(link.source, link.target, link.value) for link in links])
    body = max(BODY, 44.0 * layout.crowd + 40)
    return Chart(
        "sankey", frame, partial(_paint, nodes, layout, frame, body), partial(_spec, nodes, links, layout, frame, body), body
    )


def _look(node: Node) -> style.Look:
    return style.look(node.by, node.part)


def _paint(nodes: Sequence[Node], layout: Layout, frame: Frame, body: float, canvas: Canvas) -> None:
    from matplotlib.patches import Rectangle

    from pcf.charts.canvas import INNER
    from pcf.charts.fonts import width, wrap

    known = {node.id: node for node in nodes}
    decimals = decimals_of(max(layout.size.values()))
    last = len(layout.columns) - 1
    column = INNER / max(last + 1, 2)
    names = {
        node.id: wrap(node.name, style.SIZE_LABEL, min(column - _NODE - 16, 130)) for node in nodes if node.id in layout.nodes
    }
    right = max(width(line, style.SIZE_LABEL) for id_, lines in names.items() if layout.layer[id_] == last for line in lines) + 12
    right = max(right, width(frame.with_unit(tonnes(max(layout.size.values()), decimals)), style.SIZE_LABEL, bold=True) + 12)
    height = body - 30
    axes = canvas.axes(right=right, top=8, bottom=12)
    length = INNER - right
    axes.set_xlim(0, length)
    axes.set_ylim(height, 0)
    scale = layout.scale(height, _SLOT)
    tops = layout.tops(height, scale, _SLOT)
    ports = layout.ports(tops, scale)
    x = {id_: (length - _NODE) * layer / max(last, 1) for id_, layer in layout.layer.items()}
    for route in layout.routes:
        hops = [(x[layout.hops[n][0]] + _NODE, ports[n][0], x[layout.hops[n][1]], ports[n][1]) for n in route]
        source, _, value = layout.hops[route[0]]
        _band(axes, hops, value * scale, style.lighter(_look(known[source]).color, 0.55))
    for id_ in names:
        size = layout.size[id_]
        tall = size * scale
        axes.add_patch(Rectangle((x[id_], tops[id_]), _NODE, tall, facecolor=_look(known[id_]).color, linewidth=0, zorder=4))
        lines = names[id_]
        final = layout.layer[id_] == last
        words = frame.with_unit(tonnes(size, decimals)) if final else tonnes(size, decimals)
        first = tops[id_] + tall / 2 - 11 * len(lines) / 2
        for number, line in enumerate(lines):
            canvas.write(axes, x[id_] + _NODE, first + 11 * number, line, dx=5, patch=not final)
        canvas.write(axes, x[id_] + _NODE, first + 11 * len(lines), words, dx=5, bold=True, patch=not final)


def _band(axes: Axes, hops: Sequence[tuple[float, float, float, float]], thickness: float, color: str) -> None:
    """A band over one or more hops (x, y → x, y), level at every stop, bounded by cubic curves."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points, codes = [hops[0][:2]], [Path.MOVETO]
    there = [(x0, y0, x1, y1) for x0, y0, x1, y1 in hops]
    back = [(x1, y1 + thickness, x0, y0 + thickness) for x0, y0, x1, y1 in reversed(hops)]
    for x0, y0, x1, y1 in (*there, *back):
        points += [(x0, y0), ((x0 + x1) / 2, y0), ((x0 + x1) / 2, y1), (x1, y1)]
        codes += [Path.LINETO, *[Path.CURVE4] * 3]
    points.append(hops[0][:2])
    codes.append(Path.CLOSEPOLY)
    axes.add_patch(PathPatch(Path(points, codes), facecolor=color, edgecolor=style.WHITE, linewidth=0.5, zorder=2))


def _spec(nodes: Sequence[Node], links: Sequence[Link], layout: Layout, frame: Frame, body: float) -> Spec:
    used = [node for node in nodes if node.id in layout.nodes]
    place = {node.id: number for number, node in enumerate(used)}
    names = {node.id: node.name for node in used}
    decimals = decimals_of(max(layout.size.values()))
    ends = {link.target for link in links} - {link.source for link in links}
    shown = {id_: tonnes(layout.size[id_], decimals) for id_ in place}
    amounts = {id_: frame.with_unit(words) if id_ in ends else words for id_, words in shown.items()}
    data = {
        "type": "sankey", "arrangement": "snap", "textfont": {"size": 14, "color": style.INK, "shadow": "none"}, "valueformat": f".{decimals}f", "valuesuffix": f" {frame.unit}",
        "node": {
            "label": [f"{node.name}  {amounts[node.id]}" for node in used],
            "color": [_look(node).color for node in used], "pad": 22, "thickness": 16, "line": {"width": 0},
            "customdata": [f"{node.name}: {frame.with_unit(tonnes(layout.size[node.id], decimals))}" for node in used],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
        "link": {
            "source": [place[link.source] for link in links], "target": [place[link.target] for link in links],
            "value": [link.value for link in links],
            "color": [style.lighter(_look(used[place[link.source]]).color, 0.55) for link in links],
            "customdata": [
                f"{names[link.source]} → {names[link.target]}: {frame.with_unit(tonnes(link.value))}" for link in links
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    }  # fmt: skip
    return {"data": [data], "layout": {"margin": {"l": 10, "r": 10, "t": 20, "b": 20}}, "height": round(body * 1.7)}
