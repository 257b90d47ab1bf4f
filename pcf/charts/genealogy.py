"""Genealogy of a unit as flows: what it came from on the left, what became of it on the right, all of it as mass of the unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from graphlib import TopologicalSorter

from pcf.charts import style
from pcf.charts.chart import Chart
from pcf.charts.frame import Frame, require
from pcf.charts.numbers import with_percent
from pcf.charts.sankey import Link, Manner, Node, column_width, draw_flows
from pcf.text import text

MOST_UNITS = 40
"""Units that a picture shows by name; the smallest of the others of a layer and kind become one."""

MOST_LAYERS = 7
"""Layers whose labels still have room."""

_STEPS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of the whole below which a unit is an end, tried in turn until the layers are few enough."""

_ROW = 11.0
_CROWD = 9
"""Units in one layer beyond which each has one line only."""


@dataclass(frozen=True)
class Unit:
    """A unit of a genealogy: `part` gives its colour (content class of a lot, else the kind), `name` says what it is of.

    `title` is what it is called where that is not its id.
    """

    id: str
    name: str
    part: str
    title: str = ""


@dataclass(frozen=True)
class _Drawn:
    """What of a genealogy is drawn, and what was left out: ends by the share that made them so, and what is far away."""

    links: tuple[Link, ...]
    share: float = 0.0
    far: bool = False


def genealogy(units: Sequence[Unit], links: Sequence[Link], root: str, whole: float, frame: Frame) -> Chart:
    """Flows of a unit's mass from its origins to it, and on to where it went.

    Parameters
    ----------
    units : sequence of Unit
        All that the flows name.
    links : sequence of Link
        Mass of the root that came or went by each [t].
    root : str
        The unit that the picture is of.
    whole : float
        Its mass [t].

    Raises
    ------
    InputError
        For flows that the root has no part in, and for whatever `sankey` refuses.
    """
    require(any(root in (link.source, link.target) for link in links), "links", "none of the root", "at least one")
    drawn = _shorten(links, root, whole)
    known = {unit.id: unit for unit in units}
    layer = _layers(drawn.links)
    grouped, names = _group(drawn.links, known, root, layer, frame.lang)
    layers = max(layer.values()) + 1
    crowd = Counter(item.layer for item in names.values())
    inline = frozenset(id_ for id_, item in names.items() if crowd[item.layer] > _CROWD)
    limit = column_width(layers)
    nodes = [
        Node(id_, _name(item.title, "" if id_ in inline else item.name, limit), item.part, "unit", strong=id_ == root)
        for id_, item in names.items()
    ]
    slots = {node.id: _ROW * (_lines(node.name, limit) + (node.id not in inline)) + 4 for node in nodes}
    parts = style.order("unit", {node.part for node in nodes})
    entries = tuple((text(f"unit-key.{part}", frame.lang), style.look("unit", part)) for part in parts)
    manner = Manner(partial(_words, frame, root, whole), entries, slots, inline)
    return draw_flows("genealogy", nodes, grouped, _noted(frame, drawn), manner)


def _noted(frame: Frame, drawn: _Drawn) -> Frame:
    """The frame, saying in its footer what the picture leaves out."""
    said = [frame.footer.note]
    if drawn.share:
        said.append(text("genealogy.shortened", frame.lang, share=with_percent(f"{100 * drawn.share:g}", frame.lang)))
    if drawn.far:
        said.append(text("genealogy.shortened-far", frame.lang))
    return replace(frame, footer=replace(frame.footer, note=" · ".join(filter(None, said))))


def _words(frame: Frame, root: str, whole: float, node: Node, value: float, decimals: int, _final: bool) -> str:
    """Mass of the root in a unit, with its share."""
    if node.id == root:
        return frame.with_unit(f"{whole:,.{decimals}f}")
    least = 10**-decimals
    shown = f"{value:,.{decimals}f}" if value >= least / 2 else f"<{least:g}"
    share = value / whole
    number = "<0.1" if share < 0.0005 else f"{100 * share:.1f}" if share < 0.0995 else f"{100 * share:.0f}"
    return f"{frame.with_unit(shown)} · {with_percent(number, frame.lang)}"


def _name(id_: str, name: str, limit: float) -> str:
    """Id, broken where it may be if it is too wide, and what the unit is of."""
    from pcf.charts.fonts import width

    lines = [""]
    for piece in _pieces(id_):
        if lines[-1] and width(lines[-1] + piece, style.SIZE_LABEL) > limit:
            lines.append("")
        lines[-1] += piece
    return "\n".join([*lines, *([name] if name else [])])


def _lines(name: str, limit: float) -> int:
    from pcf.charts.fonts import wrap

    return len(wrap(name, style.SIZE_LABEL, limit))


def _pieces(id_: str) -> list[str]:
    pieces = [""]
    for character in id_:
        pieces[-1] += character
        if character in "-/_.:# ":
            pieces.append("")
    return [piece for piece in pieces if piece]


def _shorten(links: Sequence[Link], root: str, whole: float) -> _Drawn:
    """The flows near enough to the root for a picture of few layers."""
    for share in _STEPS:
        kept = _near(links, root, share * whole, len(links))
        if max(_layers(kept).values()) < MOST_LAYERS:
            left = len(kept) < len(links)
            return _Drawn(kept, share if left else 0.0)
    for steps in range(MOST_LAYERS, 0, -1):
        kept = _near(links, root, 0.0, steps)
        if max(_layers(kept).values()) < MOST_LAYERS:
            break
    return _Drawn(kept, far=True)


def _near(links: Sequence[Link], root: str, least: float, steps: int) -> tuple[Link, ...]:
    """Flows up and down from the root, through units of at least an amount, over at most so many steps."""
    into: dict[str, list[Link]] = {}
    out: dict[str, list[Link]] = {}
    for link in links:
        into.setdefault(link.target, []).append(link)
        out.setdefault(link.source, []).append(link)
    kept: dict[tuple[str, str], Link] = {}
    for towards, back, far in ((into, out, "source"), (out, into, "target")):
        front, seen = [root], {root}
        for _ in range(steps):
            found = [link for name in front for link in towards.get(name, ())]
            kept.update({(link.source, link.target): link for link in found})
            ends = dict.fromkeys(getattr(link, far) for link in found)
            front = [name for name in ends if name not in seen and sum(link.value for link in back.get(name, ())) >= least]
            seen.update(front)
            if not front:
                break
    return tuple(link for link in links if (link.source, link.target) in kept)


def _layers(links: Iterable[Link]) -> dict[str, int]:
    """Layer of each unit, by its longest way to the end, as the layout has it."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    out: dict[str, list[str]] = {}
    for link in links:
        sorter.add(link.source, link.target)
        out.setdefault(link.source, []).append(link.target)
    steps: dict[str, int] = {}
    for name in sorter.static_order():
        steps[name] = max((steps[target] + 1 for target in out.get(name, ())), default=0)
    top = max(steps.values())
    return {name: top - count for name, count in steps.items()}


def _sums(links: Iterable[Link]) -> dict[str, float]:
    """Amount of each unit: what goes in or what goes out, whichever is more."""
    into: dict[str, float] = {}
    out: dict[str, float] = {}
    for link in links:
        into[link.target] = into.get(link.target, 0.0) + link.value
        out[link.source] = out.get(link.source, 0.0) + link.value
    return {name: max(into.get(name, 0.0), out.get(name, 0.0)) for name in into | out}


@dataclass(frozen=True)
class _Shown:
    """A unit or a group of them, as the picture names it."""

    title: str
    name: str
    part: str
    layer: int


def _group(
    links: Sequence[Link], known: Mapping[str, Unit], root: str, layer: Mapping[str, int], lang: str
) -> tuple[list[Link], dict[str, _Shown]]:
    """Flows and names, with the smallest units of a layer and kind as one where there are too many.

    Units of one layer have no flows between them, so that a group closes no circle.
    """
    amount = {name: value for name, value in _sums(links).items() if name != root}
    ranked = sorted(amount, key=lambda name: (-amount[name], name))
    small: dict[tuple[int, str], list[str]] = {}
    if len(ranked) > MOST_UNITS:
        groups = len({(layer[name], known[name].part) for name in ranked})
        for name in ranked[max(MOST_UNITS - groups, 0) :]:
            small.setdefault((layer[name], known[name].part), []).append(name)
    place = {name: name for name in (root, *ranked)}
    names: dict[str, _Shown] = {}
    for (number, part), members in small.items():
        if len(members) > 1:
            group = f"\0others:{number}:{part}"
            place |= dict.fromkeys(members, group)
            names[group] = _Shown(text("genealogy.others", lang, count=f"{len(members):,}"), "", part, number)
    used = [name for link in links for name in (link.source, link.target)]
    shown = {
        place[name]: names.get(place[name]) or _Shown(known[name].title or name, known[name].name, known[name].part, layer[name])
        for name in used
    }
    sums: dict[tuple[str, str], float] = {}
    for link in links:
        ends = (place[link.source], place[link.target])
        sums[ends] = sums.get(ends, 0.0) + link.value
    return [Link(source, target, value) for (source, target), value in sums.items()], shown
