"""Lots, heats, steps and shipments: searched and paged in the database, with what is left of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pcf.custody.listing import ORDERS, STATES, Wanted, read_page
from pcf.web.pages.custody_parts import (
    asked,
    at,
    empty,
    head,
    kg,
    material,
    number_asked,
    pager,
    read,
    read_sites,
    state_cell,
    unit_at,
    value,
)
from pcf.web.shell import View, go, link, page
from pcf.web.tables import Cell, table

ROWS = 50

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "lot": ("supplier", "content_class", "asi_class", "ticket"),
    "heat": ("furnace", "alloy", "charge_kg"),
    "processing": ("step", "input_kg"),
    "shipment": ("customer", "note", "form", "account"),
}
"""Table → what its list shows beside id, day, site, material, mass and what is left."""

LISTS = {
    "lots": ("lot", "lot"),
    "casts": ("heat", "cast"),
    "steps": ("processing", "process"),
    "shipments": ("shipment", "shipment"),
}
"""Part of the book → its table, and the kind of record that is entered."""


@page("/custody/lots", "web.custody-lots", listed=False)
async def lots(view: View) -> None:
    """What came in."""
    await _List(view, "lots").build()


@page("/custody/casts", "web.custody-casts", listed=False)
async def casts(view: View) -> None:
    """What was cast."""
    await _List(view, "casts").build()


@page("/custody/steps", "web.custody-steps", listed=False)
async def steps(view: View) -> None:
    """What was made of castings."""
    await _List(view, "steps").build()


@page("/custody/shipments", "web.custody-shipments", listed=False)
async def shipments(view: View) -> None:
    """What went out."""
    await _List(view, "shipments").build()


class _List:
    """One page of one list; everything that is asked for stands in the address."""

    def __init__(self, view: View, part: str) -> None:
        self.view, self.part = view, part
        self.table, self.kind = LISTS[part]
        state, order = asked(view, "state"), asked(view, "order")
        self.wanted = Wanted(
            asked(view, "q", 100), asked(view, "site", 64), a_day(asked(view, "from")), a_day(asked(view, "to")),
            state if state in STATES else "all", order if order in ORDERS else "newest",
        )  # fmt: skip
        self.number = number_asked(view, "page")

    def _at(self, **changes: object) -> str:
        wanted = self.wanted
        query: dict[str, object] = {
            "q": wanted.contains, "site": wanted.site, "from": wanted.first, "to": wanted.last,
            "state": "" if wanted.state == "all" else wanted.state, "order": "" if wanted.order == "newest" else wanted.order,
        } | changes  # fmt: skip
        return at(f"/{self.part}", **query)

    async def build(self) -> None:
        """All of it."""
        view = self.view
        found = await read(view, read_page, self.table, self.wanted, (self.number - 1) * ROWS, ROWS)
        sites = [name for name, _, _ in await read(view, read_sites)]
        with head(view, self.part, view.say(f"custody-{self.part}"), view.say(f"custody-{self.part}-intro")):
            if view.may("record"):
                link(at("/import", kind=self.kind), view.say("custody-import-file")).classes("link-button quiet")
                link(at("/enter", kind=self.kind), view.say(f"custody-new-{self.kind}")).classes("link-button")
        if not found.total and self.wanted == Wanted():
            empty(
                view, view.say(f"custody-none-{self.part}"), (view.say(f"custody-new-{self.kind}"), at("/enter", kind=self.kind)),
                (view.say("custody-import-file"), at("/import", kind=self.kind)),
            )  # fmt: skip
            return
        with ui.element("section").classes("card"):
            self._filters(sites)
            ui.label(view.say("custody-found", count=kg(found.total))).classes("lever-note").props('role="status" id="found"')
            if found.rows:
                self._table(list(found.rows))
                pager(view, self.number, found.total, ROWS, lambda number: self._at(page=number))
            else:
                ui.label(view.say("custody-nothing-like-this")).classes("lead")

    def _filters(self, sites: list[str]) -> None:
        view, wanted = self.view, self.wanted
        with ui.element("div").classes("filters"):
            search = ui.input(view.say("custody-search"), value=wanted.contains).props(
                'dense outlined maxlength="100" type="search"'
            )
            search.classes("search-field").on("keydown.enter", lambda: go(self._at(q=search.value or "")))
            if len(sites) > 1:
                options = {"": view.say("custody-any-site"), **{name: name for name in sites}}
                self._select("site", options, wanted.site if wanted.site in options else "", view.text("field.site"))
            states = {name: view.say(f"custody-state-{name}") for name in STATES if name != "left" or self.part != "shipments"}
            self._select("state", states, wanted.state, view.text("field.state"))
            self._select(
                "order", {name: view.say(f"custody-order-{name}") for name in ORDERS}, wanted.order, view.say("custody-order")
            )
            for name, day in (("from", wanted.first), ("to", wanted.last)):
                field = (
                    ui.input(view.say(f"custody-{name}"), value=day)
                    .props("dense outlined type=date stack-label")
                    .classes("day-field")
                )
                field.on("change", lambda _, name=name, field=field: go(self._at(**{name: a_day(str(field.value or ""))})))
            ui.button(view.say("custody-find"), on_click=lambda: go(self._at(q=search.value or ""))).props("flat no-caps")

    def _select(self, name: str, options: dict[str, str], chosen: str, label: str) -> None:
        made = ui.select(options, value=chosen, label=label).props("dense outlined options-dense").classes("choose")
        made.on_value_change(lambda event: go(self._at(**{name: event.value})))

    def _table(self, rows: list[dict[str, Any]]) -> None:
        view, more = self.view, COLUMNS[self.table]
        names = ["unit", "date", "site", "material", *more, "mass_kg"]
        shown_as = {"note": "delivery_note"} if self.table == "shipment" else {}
        heads = [view.say("custody-column-unit"), *(view.text(f"field.{shown_as.get(name, name)}") for name in names[1:])]
        left = self.part != "shipments"
        heads += [*([view.say("custody-left")] if left else []), view.text("field.state")]
        shown: list[list[str | Cell]] = []
        for row in rows:
            cells: list[str | Cell] = [Cell(row["unit"], unit_at(row["unit"]), "unit-id"), row["date"], row["site"]]
            cells.append(material(view, row["material"]))
            cells += [value(view, name, row[name]) if row[name] not in ("", None) else "–" for name in more]
            cells += [kg(row["mass_kg"]), *([kg(row["left_kg"])] if left else []), state_cell(view, row["void"])]
            shown.append(cells)
        numbers = [place for place, name in enumerate(names) if name.endswith("_kg")] + ([len(names)] if left else [])
        table(heads, shown, numbers=numbers, classes="even book-table")


def a_day(text: str) -> str:
    """A day of a filter, or nothing where it is none."""
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""
