"""The way on from an address that names no unit: what is wrong in a line, a search, and the units that are like it."""

from __future__ import annotations

from nicegui import ui

from pcf.custody.listing import find_units
from pcf.errors import one_line
from pcf.web.pages.custody_parts import asked, at, kg, material, read
from pcf.web.shell import View, go, headline, link
from pcf.web.tables import Cell, table

LISTS = ("lots", "casts", "steps", "shipments")
LONGEST = 80
"""Characters of an unknown id that are shown."""


async def find_unit(view: View, path: str) -> None:
    """The rest of a page whose address names no recorded unit in `id`.

    Parameters
    ----------
    path : str
        Where the page is; the unit that is chosen is its `id`.
    """
    name, words = asked(view, "id"), asked(view, "q", 100)
    if name:
        ui.label(view.say("custody-no-such-unit", id=one_line(name, LONGEST))).classes("banner bad").props('role="alert"')
    words = words or name[:100]
    found = await read(view, find_units, words)
    with ui.element("section").classes("card").props('id="choose-unit"'):
        headline("h2", view.say("custody-choose-unit"), "section-title")
        with ui.element("div").classes("filters"):
            search = ui.input(view.say("custody-search-unit"), value=words).props(
                'dense outlined maxlength="100" type="search" id="find-unit"'
            )
            search.classes("search-field").on("keydown.enter", lambda: go(at(path, q=search.value or "")))
            ui.button(view.say("custody-find"), on_click=lambda: go(at(path, q=search.value or ""))).props("flat no-caps")
        if found:
            heads = [view.say("custody-column-unit"), *(view.text(f"field.{key}") for key in ("kind", "date", "material"))]
            rows: list[list[str | Cell]] = [
                [
                    Cell(item.id, at(path, id=item.id), "unit-id"), view.text(f"unit.{item.kind}"), item.date,
                    material(view, item.material), item.site, kg(item.mass_kg),
                ]
                for item in found
            ]  # fmt: skip
            table([*heads, view.text("field.site"), view.text("field.mass_kg")], rows, numbers=(5,), classes="even book-table")
        else:
            ui.label(view.say("custody-nothing-like-this" if words else "custody-no-units")).classes("lead")
        with ui.element("div").classes("actions row-actions"):
            for part in LISTS:
                link(at(f"/{part}"), view.say(f"custody-{part}")).classes("link-button quiet")
