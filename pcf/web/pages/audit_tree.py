"""Audit, trail: the tree of one direction, the largest part first, each unit a link to its own walk."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pcf.views.figures import with_percent
from pcf.web.pages.audit_frame import trail
from pcf.web.shell import View, headline, link

MOST_LINES, DEEPEST = 120, 10
"""Lines and levels of a tree that a page shows."""


def build(view: View, made: Mapping[str, Any], way: str) -> None:
    """The tree of what a unit was made of (`up`) or of what was made of it (`down`)."""
    with ui.element("section").classes("card").props(f'id="tree-{way}"'):
        headline("h2", view.say(f"audit-tree-{way}"), "section-title")
        stops = {stop["id"]: stop for stop in made["stops"]}
        near, far = ("child", "parent") if way == "up" else ("parent", "child")
        lines: dict[str, list[Mapping[str, Any]]] = {}
        sides = (way, "root")
        for edge in sorted(made["edges"], key=lambda item: (-item["mass_kg"], item["parent"], item["child"])):
            if (
                all(end in stops and stops[end]["side"] in sides for end in (edge["parent"], edge["child"]))
                and edge[far] != made["root"]
            ):
                lines.setdefault(edge[near], []).append(edge)
        if not lines.get(made["root"]):
            ui.label(view.text(f"genealogy.none-{way}")).classes("line")
            return
        _Grown(view, stops, lines, far).grow(made["root"], 1)


class _Grown:
    """A tree while it grows; a unit that is there already is named and not followed again."""

    def __init__(self, view: View, stops: Mapping[str, Any], lines: Mapping[str, list[Mapping[str, Any]]], far: str) -> None:
        self.view, self.stops, self.lines, self.far = view, stops, lines, far
        self.seen: set[str] = set()
        self.count = 0

    def grow(self, name: str, level: int) -> None:
        """Add what is next to a unit, and what is beyond."""
        if not self.lines.get(name):
            return
        with ui.element("ul").classes("tree" if level == 1 else ""):
            for edge in self.lines[name]:
                if self.count >= MOST_LINES:
                    headline("li", "…")
                    return
                self.count += 1
                with ui.element("li"):
                    self._line(edge)
                    end = edge[self.far]
                    again = end in self.seen
                    self.seen.add(end)
                    if not again and level < DEEPEST:
                        self.grow(end, level + 1)

    def _line(self, edge: Mapping[str, Any]) -> None:
        view, stop = self.view, self.stops[edge[self.far]]
        with ui.element("span").classes("tree-line"):
            ui.label(with_percent(f"{100 * stop['share']:.1f}", view.lang)).classes("share")
            link(trail(stop["id"]), stop["id"]).classes("record")
            what = view.text(f"class.{stop['content_class']}") if stop["content_class"] else view.text(f"unit.{stop['kind']}")
            ui.label(f"{what} · {edge['mass_kg']:,} / {stop['mass_kg']:,} kg").classes("soft")
            for paper in stop["papers"]:
                words = view.text(f"audit-paper.{paper['kind']}")
                if paper["void"]:
                    words += f" · {view.say('audit-void', date=paper['void'])}"
                ui.label(words).classes("chip severity-major" if paper["void"] else "chip quiet").tooltip(paper["name"])
            if stop["voided"]:
                ui.label(view.text("genealogy.void")).classes("chip severity-major")
