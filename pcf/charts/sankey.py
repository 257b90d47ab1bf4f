"""Sankey diagram: how emissions gather along the supply chain, or any other amount flows from node to node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.flows import Layout, Slot, arrange
from pcf.charts.frame import Frame, require
from pcf.charts.numbers import decimals_of, tonnes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas

BODY = 330.0
_NODE = 11.0
_SLOT = 31.0
_AIR, _TIGHT = 13.0, 6.0
_BETWEEN = 5.0
_LAST = True


@dataclass(frozen=True)
class Node:
    """A place where emissions arise or pass: `part` gives its colour (a stage, or a source with `by="source"`); `strong` ones stand out."""

    id: str
    name: str
    part: str = ""
    by: str = "stage"
    strong: bool = False


@dataclass(frozen=True)
class Link:
    """A flow from one node to the next, in the frame's unit: emissions [tCO2e/t] unless it says otherwise."""

    source: str
    target: str
    value: float


Words = Callable[[Node, float, int, bool], str]


@dataclass(frozen=True)
class Manner:
    """How flows are drawn.

    Attributes
    ----------
    words : callable, optional
        The amount of a node for people, of the node, its amount, the decimals of the largest one, and whether the node is in the
        last layer; default: the number, and the unit with it in the last layer.
    entries : tuple of (name, look)
        Legend of the nodes' colours.
    slot : float or mapping of node to float
        Height that a node takes at least, for its label [pt].
    inline : set
        Nodes whose amounts stand behind their names instead of beneath them.
    """

    words: Words | None = None
    entries: tuple[tuple[str, style.Look], ...] = ()
    slot: Slot = _SLOT
    inline: frozenset[str] = frozenset()


def sankey(nodes: Sequence[Node], links: Sequence[Link], frame: Frame) -> Chart:
    """Flows of emissions between nodes, from left to right; the height of a band is its amount.

    Raises
    ------
    InputError
        For a link that names no node, an amount that is not above zero, two nodes of one id, or a circle of flows.
    """
    return draw_flows("sankey", nodes, links, frame, Manner())


def draw_flows(kind: str, nodes: Sequence[Node], links: Sequence[Link], frame: Frame, manner: Manner) -> Chart:
    """A chart of flows, of any kind and manner; errors as those of `sankey`."""
    ids = [node.id for node in nodes]
    require(links, "links", "none", "at least one")
    require(len(ids) == len(set(ids)), "nodes", "two of the same id", "ids that differ")
    layout = arrange(ids, [(link.source, link.target, link.value) for link in links])
    body = max(BODY, layout.crowd(manner.slot, _TIGHT if manner.inline else _AIR) + 40)
    words = manner.words or partial(_words, frame)
    drawing = _Drawing(nodes, links, layout, frame, manner, words)
    return Chart(kind, frame, partial(_paint, drawing, body), partial(_spec, drawing, body), body + legend_height(manner.entries))


@dataclass(frozen=True)
class _Drawing:
    """What a chart of flows is drawn from."""

    nodes: Sequence[Node]
    links: Sequence[Link]
    layout: Layout
    frame: Frame
    manner: Manner
    words: Words


def _words(frame: Frame, _node: Node, value: float, decimals: int, final: bool) -> str:
    shown = tonnes(value, decimals)
    return frame.with_unit(shown) if final else shown


def column_width(layers: int) -> float:
    """Room of a layer's labels beside its nodes [pt]."""
    from pcf.charts.canvas import INNER

    return min(INNER / max(layers, 2) - _NODE - 16, 130)


def legend_height(entries: Sequence[tuple[str, style.Look]]) -> float:
    """Height of the legend [pt]."""
    if not entries:
        return 0
    from pcf.charts.legend import height_of

    return height_of(entries)


@dataclass(frozen=True)
class _Labels:
    """What stands beside each node: lines of its name and its amount; `right` is the room that the last layer wants for it [pt]."""

    names: Mapping[str, Sequence[str]]
    amounts: Mapping[str, str]
    right: float

    @classmethod
    def of(cls, drawing: _Drawing) -> _Labels:
        """The labels of a drawing."""
        from pcf.charts.fonts import width, wrap

        layout, frame, inline = drawing.layout, drawing.frame, drawing.manner.inline
        known = {node.id: node for node in drawing.nodes if node.id in layout.nodes}
        decimals = decimals_of(max(layout.size.values()))
        last = len(layout.columns) - 1
        names = {id_: wrap(node.name, style.SIZE_LABEL, column_width(last + 1)) for id_, node in known.items()}
        amounts = {id_: drawing.words(known[id_], layout.size[id_], decimals, layout.layer[id_] == last) for id_ in names}
        ends = [id_ for id_ in names if layout.layer[id_] == last]
        right = max(_breadth(known[id_], names[id_], amounts[id_], id_ in inline) for id_ in ends)
        if drawing.manner.words is None:
            total = frame.with_unit(tonnes(max(layout.size.values()), decimals))
            right = max(right, width(total, style.SIZE_LABEL, bold=True))
        return cls(names, amounts, right + 12)

    def words(self, id_: str, *, inline: bool) -> str:
        """Name and amount, one above the other or in one line."""
        return "\n".join(self.names[id_]) + ("  " if inline else "\n") + self.amounts[id_]


def _look(node: Node) -> style.Look:
    return style.look(node.by, node.part)


def _paint(drawing: _Drawing, body: float, canvas: Canvas) -> None:
    from matplotlib.patches import Rectangle

    from pcf.charts.canvas import INNER
    from pcf.charts.legend import draw_legend

    layout, manner = drawing.layout, drawing.manner
    known = {node.id: node for node in drawing.nodes}
    last = len(layout.columns) - 1
    labels = _Labels.of(drawing)
    names, amounts, right = labels.names, labels.amounts, labels.right
    height = body - 30
    draw_legend(canvas, manner.entries)
    axes = canvas.axes(right=right, top=8 + legend_height(manner.entries), bottom=12)
    length = INNER - right
    axes.set_xlim(0, length)
    axes.set_ylim(height, 0)
    scale = layout.scale(height, manner.slot)
    tops = layout.tops(height, scale, manner.slot)
    ports = layout.ports(tops, scale)
    x = {id_: (length - _NODE) * layer / max(last, 1) for id_, layer in layout.layer.items()}
    for route in layout.routes:
        hops = [(x[layout.hops[n][0]] + _NODE, ports[n][0], x[layout.hops[n][1]], ports[n][1]) for n in route]
        source, _, value = layout.hops[route[0]]
        _band(axes, hops, value * scale, style.lighter(_look(known[source]).color, 0.55))
    for id_ in names:
        tall = layout.size[id_] * scale
        axes.add_patch(Rectangle((x[id_], tops[id_]), _NODE, tall, facecolor=_look(known[id_]).color, linewidth=0, zorder=4))
        _label(
            canvas,
            axes,
            (x[id_] + _NODE, tops[id_] + tall / 2),
            known[id_],
            names[id_],
            amounts[id_],
            manner,
            last=layout.layer[id_] == last,
        )


def _breadth(node: Node, lines: Sequence[str], amount: str, inline: bool) -> float:
    """Width of a node's label [pt]."""
    from pcf.charts.fonts import width

    wide = [width(line, style.SIZE_LABEL, bold=node.strong) for line in lines]
    own = width(amount, style.SIZE_LABEL, bold=True)
    return wide[-1] + _BETWEEN + own if inline else max(*wide, own)


def _label(
    canvas: Canvas, axes: Axes, at: tuple[float, float], node: Node, lines: Sequence[str], amount: str, manner: Manner, *, last: bool
) -> None:  # fmt: skip
    """Name and amount beside a node, around its middle."""
    from pcf.charts.fonts import width

    x, middle = at
    inline = node.id in manner.inline
    rows = len(lines) - inline
    first = middle - 11 * rows / 2
    for number, line in enumerate(lines):
        canvas.write(axes, x, first + 11 * number, line, dx=5, bold=node.strong, patch=not last)
    beside = width(lines[-1], style.SIZE_LABEL, bold=node.strong) + _BETWEEN if inline else 0
    canvas.write(axes, x, first + 11 * rows, amount, dx=5 + beside, bold=True, patch=not last)


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


def _spec(drawing: _Drawing, body: float) -> Spec:
    from pcf.charts.canvas import INNER
    from pcf.charts.flows_page import Band, Place, page_spec

    layout, frame, links, known = drawing.layout, drawing.frame, drawing.links, _Labels.of(drawing)
    decimals = decimals_of(max(layout.size.values()))
    used = {node.id: node for node in drawing.nodes if node.id in layout.nodes}
    places = {
        id_: Place(
            _look(node).color, f"{node.name}  {known.amounts[id_]}", known.words(id_, inline=id_ in drawing.manner.inline),
            f"{node.name}: {drawing.words(node, layout.size[id_], decimals, _LAST)}", node.strong,
        )
        for id_, node in used.items()
    }  # fmt: skip
    bands = [
        Band(
            style.lighter(_look(used[link.source]).color, 0.55),
            f"{used[link.source].name} → {used[link.target].name}: {frame.with_unit(tonnes(link.value))}",
        )
        for link in links
    ]
    size = (1 - known.right / INNER, body - 30)
    return page_spec(places, bands, layout, drawing.manner.slot, size=size, entries=drawing.manner.entries)
