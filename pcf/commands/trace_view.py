"""A genealogy on the screen: a tree of what a unit was made of, and one of what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import click
from rich.text import Text
from rich.tree import Tree

from pcf.catalogue import Catalogue
from pcf.commands.tables import console
from pcf.text import text
from pcf.views.figures import with_percent
from pcf.views.trace_figure import material_name

if TYPE_CHECKING:
    from pcf.custody.shares import Edge
    from pcf.custody.trace import Genealogy, Node

MOST_LINES, DEEPEST = 400, 12
"""Lines and levels of a tree that a screen shows."""


def print_genealogy(found: Genealogy, catalogue: Catalogue, direction: str, lang: str) -> None:
    """Print the trees of the directions that were asked for; what is left out is said."""
    screen = console()
    screen.print(_heading(found.start, catalogue, lang))
    screen.print(Text(text("genealogy.help", lang, unit=found.root), style="dim"))
    for way in ("up", "down"):
        if direction not in (way, "both"):
            continue
        edges = found.up if way == "up" else [*found.down, *found.withdrawn]
        screen.print()
        if not edges:
            screen.print(Text(text(f"genealogy.none-{way}", lang), style="dim"))
            continue
        grown = _Grown(found, catalogue, lang, way, _by_near(edges, way))
        tree = Tree(Text(text(f"genealogy.{way}", lang), style="bold"))
        grown.grow(tree, found.root, 1)
        screen.print(tree)
        hidden = {end for edge in edges for end in (edge.parent, edge.child)} - grown.seen
        if hidden:
            screen.print(Text(text("genealogy.more", lang, count=f"{len(hidden):,}"), style="dim"))
    if found.cut:
        click.echo(text("genealogy.cut", lang, most=f"{len(found.nodes):,}"))


@dataclass
class _Grown:
    """A tree while it grows."""

    found: Genealogy
    catalogue: Catalogue
    lang: str
    way: str
    lines: Mapping[str, list[Edge]]
    seen: set[str] = field(default_factory=set)
    count: int = 0

    def grow(self, to: Tree, name: str, level: int) -> None:
        """Add what is next to a unit on the way from the root, and what is beyond."""
        self.seen.add(name)
        for edge in self.lines.get(name, ()):
            if self.count >= MOST_LINES:
                return
            self.count += 1
            end = edge.parent if self.way == "up" else edge.child
            again = end in self.seen
            branch = to.add(self._label(edge, self.found.nodes[end], again=again))
            if not again and level < DEEPEST:
                self.grow(branch, end, level + 1)
            self.seen.add(end)

    def _label(self, edge: Edge, node: Node, *, again: bool) -> Text:
        """Share of the root, id, masses, and what the unit is; of one that stands above, only what is new."""
        words = text(f"genealogy.line-{self.way}", self.lang, mass=f"{edge.mass_kg:,}", whole=f"{node.mass_kg:,}")
        label = Text.assemble((f"{node.id}  ", "bold"), f"{words}  ")
        if again:
            label.append(f"↑ {text('genealogy.again', self.lang)}", "dim italic")
            return label
        label.append(_what(node, self.found.start, self.catalogue, self.lang), "dim")
        if node.voided:
            label.stylize("strike")
            label.append(f"  {text('genealogy.void', self.lang)}", "bold red")
            return label
        if node.id in self.found.ends:
            label.append(f"  … {text('genealogy.end', self.lang)}", "dim italic")
        shares = self.found.shares if self.way == "up" else self.found.reached
        return Text.assemble((f"{_percent(shares[node.id], self.lang)}  ", "cyan"), label)


def _by_near(edges: list[Edge], way: str) -> dict[str, list[Edge]]:
    """Edges by their end that is nearer to the root, the largest first."""
    found: dict[str, list[Edge]] = {}
    for edge in sorted(edges, key=lambda item: (-item.mass_kg, item.parent, item.child)):
        found.setdefault(edge.child if way == "up" else edge.parent, []).append(edge)
    return found


def _heading(node: Node, catalogue: Catalogue, lang: str) -> Text:
    heading = Text.assemble((f"{node.id}  ", "bold"), (f"{node.mass_kg:,} kg  ", "bold"), _what(node, None, catalogue, lang))
    if node.voided:
        heading.append(f"  {text('genealogy.void', lang)}", "bold red")
    return heading


def _what(node: Node, start: Node | None, catalogue: Catalogue, lang: str) -> str:
    """Kind, date, material and class; the site where it is not the root's."""
    named = [text(f"unit.{node.kind}", lang), node.date, material_name(node, catalogue, lang)]
    if node.content_class:
        named.append(text(f"class.{node.content_class}", lang))
    if start is None or node.site != start.site:
        named.append(node.site)
    return " · ".join(named)


def _percent(share: Fraction, lang: str) -> str:
    value = 100 * float(share)
    return with_percent("<0.01" if 0 < value < 0.005 else f"{value:.2f}", lang)
