"""The genealogy of a unit: a graph of its near relatives to click through, and all of it as flows of mass."""

from __future__ import annotations

from nicegui import ui

from pcf.custody.kin import BREADTH, GENERATIONS, MOST_BREADTH, MOST_GENERATIONS, read_kin
from pcf.errors import InputError, PcfError
from pcf.views.kin_graph import draw_kin
from pcf.web import custody_tasks
from pcf.web.pages.custody_find import find_unit
from pcf.web.pages.custody_parts import asked, at, head, material, read, unit_at
from pcf.web.plots import plot
from pcf.web.shell import View, headline, link, page


@page("/custody/genealogy", "web.custody-genealogy", listed=False)
async def genealogy(view: View) -> None:
    """The graph around the unit that the address names."""
    name = asked(view, "id")
    up, down = (_count(asked(view, way, 3), GENERATIONS, MOST_GENERATIONS) for way in ("up", "down"))
    breadth = _count(asked(view, "breadth", 3), BREADTH, MOST_BREADTH)
    try:
        found = await read(view, read_kin, name, up=up, down=down, breadth=breadth)
    except InputError:
        head(view, "", view.say("custody-genealogy"), view.say("custody-genealogy-intro"))
        await find_unit(view, "/genealogy")
        return
    root = found.nodes[name]
    what = " · ".join(
        (view.text(f"unit.{root.kind}"), root.date, material(view, root.material), f"{root.mass_kg:,} kg", root.site)
    )
    head(view, "", view.say("custody-graph-title", unit=name), what, back=(name, unit_at(name)))
    more = {
        level: _here(name, up=up, down=down, breadth=breadth * 2)
        if count is not None
        else _here(name, up=up + (level < 0) * 2, down=down + (level > 0) * 2, breadth=breadth)
        for level, count in found.hidden.items()
    }
    with ui.element("section").classes("card"):
        ui.label(view.say("custody-graph-help")).classes("lever-note")
        with ui.element("div").classes("kin-frame").props('id="graph" tabindex="0"'):
            drawn = draw_kin(found, view.desk.catalogue, view.lang, lambda other: _to(name, other), more)
            ui.html(drawn, sanitize=False)
        with ui.element("div").classes("kin-key"):
            for part in (
                "post-consumer",
                "pre-consumer",
                "primary",
                "alloying",
                "heat",
                "bundle",
                "processed",
                "shipment",
                "return",
            ):
                with ui.element("span").classes(f"key kin-{part}"):
                    ui.element("i").classes("key-mark")
                    ui.label(view.text(f"unit-key.{part}"))
    with ui.element("section").classes("card").props('id="flows"'):
        headline("h2", view.say("custody-flows"), "section-title")
        waiting = ui.label(view.say("computing")).classes("lever-note")
        place = ui.element("div").classes("full")
    await ui.context.client.connected()
    try:
        drawn_flows = await view.desk.work.run(custody_tasks.flows, name, view.lang, view.dark)
    except PcfError as problem:
        waiting.set_text(view.refusal(problem))
        return
    waiting.delete()
    with place:
        if drawn_flows is None:
            ui.label(view.text("genealogy.nothing-to-draw", unit=name)).classes("lever-note")
        else:
            plot(drawn_flows, view.say("custody-flows"))
        link(unit_at(name), view.say("custody-to-unit")).classes("text-link")


def _to(root: str, other: str) -> str:
    return unit_at(other) if other == root else at("/genealogy", id=other)


def _here(name: str, *, up: int, down: int, breadth: int) -> str:
    return at(
        "/genealogy", id=name, up=min(up, MOST_GENERATIONS), down=min(down, MOST_GENERATIONS), breadth=min(breadth, MOST_BREADTH)
    )


def _count(text: str, default: int, most: int) -> int:
    return min(int(text), most) if text.isascii() and text.isdigit() else default
