"""The near relatives of a unit as a graph to click through: what it was made of on the left, what was made of it on the right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from pcf.catalogue import Catalogue
from pcf.text import text, visible
from pcf.views.trace_figure import part_of, short_name

if TYPE_CHECKING:
    from pcf.custody.kin import Kin
    from pcf.custody.trace import Node

WIDTH, HEIGHT = 172.0, 62.0
"""Size of a unit's box [px]."""

GAP, ROOM = 66.0, 14.0
"""Between two generations, and between two boxes of one [px]."""

LEAST, MOST = 1.5, 12.0
"""Width of a line [px]."""

LONGEST, LONGEST_SMALL = 21, 25
"""Characters of a line in a box, and of its smallest line."""

Address = Callable[[str], str]


@dataclass(frozen=True)
class _Box:
    x: float
    y: float


def draw_kin(found: Kin, catalogue: Catalogue, lang: str, address: Address, more: Mapping[int, str]) -> str:
    """The graph as SVG, its colours by the classes of a style sheet; every box is a link.

    Parameters
    ----------
    address : callable
        Where the box of a unit leads.
    more : mapping of int to str
        Generation → where its box `more` leads.
    """
    columns: dict[int, list[str]] = {}
    for name, level in found.level.items():
        columns.setdefault(level, []).append(name)
    for level in found.hidden:
        columns.setdefault(level, [])
    levels = sorted(columns)
    counts = {level: len(columns[level]) + (level in found.hidden) for level in levels}
    tall = max(counts.values()) * (HEIGHT + ROOM) - ROOM
    boxes: dict[str, _Box] = {}
    parts: list[str] = []
    for place, level in enumerate(levels):
        x = place * (WIDTH + GAP)
        y = (tall - counts[level] * (HEIGHT + ROOM) + ROOM) / 2
        for name in columns[level]:
            boxes[name] = _Box(x, y)
            parts.append(_node(found.nodes[name], found, catalogue, lang, boxes[name], address(name)))
            y += HEIGHT + ROOM
        if level in found.hidden:
            parts.append(_more(found.hidden[level], level, lang, _Box(x, y), more[level]))
    wide = len(levels) * (WIDTH + GAP) - GAP
    lines = _lines(found, boxes)
    title = escape(text("web.custody-graph-title", lang, unit=visible(found.root)))
    return (
        f'<svg class="kin" role="group" aria-label="{title}" viewBox="-4 -4 {wide + 8:.0f} {tall + 8:.0f}" width="{wide + 8:.0f}" '
        f'height="{tall + 8:.0f}">{"".join(lines)}{"".join(parts)}</svg>'
    )


def _node(node: Node, found: Kin, catalogue: Catalogue, lang: str, box: _Box, address: str) -> str:
    kind, mass = text(f"unit.{node.kind}", lang), f"{node.mass_kg:,} kg"
    name, of = visible(node.id), short_name(node, catalogue, lang)
    classes = " ".join(filter(None, (
        "kin-node", f"kin-{part_of(node)}", "kin-root" if node.id == found.root else "", "kin-void" if node.voided else ""
    )))  # fmt: skip
    said = ", ".join((kind, name, of, mass, node.date, *([text("genealogy.void", lang)] if node.voided else [])))
    rows = ((name, "kin-id", 19), (of, "kin-of", 36), (f"{kind} · {mass}", "kin-what", 52))
    words = "".join(
        f'<text x="{box.x + 14:.1f}" y="{box.y + down}" class="{style}">{escape(_cut(shown, LONGEST_SMALL if style == "kin-what" else LONGEST))}</text>'
        for shown, style, down in rows
    )
    return (
        f'<a href="{escape(address)}" class="{classes}" aria-label="{escape(said)}"><title>{escape(said)}</title>'
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="{WIDTH:g}" height="{HEIGHT:g}" rx="9" class="kin-box"/>'
        f'<rect x="{box.x:.1f}" y="{box.y:.1f}" width="6" height="{HEIGHT:g}" rx="3" class="kin-mark"/>{words}</a>'
    )


def _more(count: int | None, level: int, lang: str, box: _Box, address: str) -> str:
    """A box that leads to what is not shown: more of a generation, or one further away."""
    way = "up" if level < 0 else "down"
    said = text(f"web.custody-further-{way}", lang) if count is None else text("web.custody-more", lang, count=f"{count:,}")
    return (
        f'<a href="{escape(address)}" class="kin-more" aria-label="{escape(said)}"><rect x="{box.x:.1f}" y="{box.y:.1f}" '
        f'width="{WIDTH:g}" height="{HEIGHT:g}" rx="9" class="kin-box"/><text x="{box.x + WIDTH / 2:.1f}" '
        f'y="{box.y + HEIGHT / 2 + 5:.1f}" text-anchor="middle">{escape(said)}</text></a>'
    )


def _lines(found: Kin, boxes: Mapping[str, _Box]) -> list[str]:
    """A curve for each line of the records, as wide as its mass."""
    largest = max((edge.mass_kg for edge in found.edges), default=1)
    made = []
    for edge in found.edges:
        parent, child = boxes[edge.parent], boxes[edge.child]
        width = max(LEAST, MOST * edge.mass_kg / largest)
        x1, y1, x2, y2 = parent.x + WIDTH, parent.y + HEIGHT / 2, child.x, child.y + HEIGHT / 2
        bend = GAP * 0.5
        if x2 <= x1:  # both in one generation, or backwards
            x1, x2 = parent.x + WIDTH / 2, child.x + WIDTH / 2
        classes = "kin-line kin-back" if edge.role == "return" else "kin-line"
        made.append(
            f'<path class="{classes}" d="M{x1:.1f} {y1:.1f} C{x1 + bend:.1f} {y1:.1f} {x2 - bend:.1f} {y2:.1f} {x2:.1f} {y2:.1f}" '
            f'stroke-width="{width:.1f}"><title>{escape(visible(edge.parent))} → {escape(visible(edge.child))}: {edge.mass_kg:,} kg</title></path>'
        )
    return made


def _cut(words: str, most: int) -> str:
    """Words that fit into a box: a Chinese character is as wide as two others."""
    room, kept = most, ""
    for char in words:
        room -= 2 if ord(char) > 0x2E80 else 1
        if room < 0:
            return f"{kept[:-1]}…"
        kept += char
    return kept
