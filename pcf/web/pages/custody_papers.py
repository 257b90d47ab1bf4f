"""Papers: CoC documents and claims of recycled content; each to read, print, save and take back."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui
from sqlalchemy import Connection, select

from pcf.custody.coc_document import covering_head, find_document, read_document
from pcf.custody.listing import Reason
from pcf.custody.papers import KINDS, read_papers
from pcf.custody.statements import EDITIONS, read_statement, word_statement
from pcf.custody.tables import site, unit
from pcf.custody.voids import today
from pcf.errors import InputError
from pcf.text import json_text
from pcf.views.coc_page import fields
from pcf.web.pages.custody_parts import (
    asked,
    at,
    empty,
    file_name,
    head,
    kg,
    number_asked,
    pager,
    problem_banner,
    read,
    state_cell,
    unit_at,
    value,
    void_banner,
)
from pcf.web.pages.custody_void import void_button
from pcf.web.shell import View, go, headline, link, page
from pcf.web.tables import Cell, table

ROWS = 50


@page("/custody/papers", "web.custody-papers", listed=False)
async def papers(view: View) -> None:
    """The list of one kind of papers."""
    kind = asked(view, "kind")
    kind = kind if kind in KINDS else "issued"
    words, number = asked(view, "q", 100), number_asked(view, "page")
    found = await read(view, read_papers, kind, words, (number - 1) * ROWS, ROWS)
    with head(view, "papers", view.say("custody-papers"), view.say("custody-papers-intro")):
        if view.may("record"):
            link(at("/enter", kind="received"), view.say("custody-new-received")).classes("link-button quiet")
            link(at("/shipments"), view.say("custody-choose-shipment")).classes("link-button")
    with ui.element("nav").classes("segments").props(f'aria-label="{view.text("field.kind")}"'):
        for name in KINDS:
            entry = link(at("/papers", kind=name), view.say(f"custody-papers-{name}")).classes("segment")
            if name == kind:
                entry.props('aria-current="page"')
    if not found.total and not words:
        empty(view, view.say(f"custody-no-{kind}"), (view.say("custody-shipments"), at("/shipments")))
        return
    with ui.element("section").classes("card"):
        with ui.element("div").classes("filters"):
            search = ui.input(view.say("custody-search"), value=words).props('dense outlined maxlength="100" type="search"')
            search.classes("search-field").on("keydown.enter", lambda: go(at("/papers", kind=kind, q=search.value or "")))
        ui.label(view.say("custody-found", count=kg(found.total))).classes("lever-note").props('role="status" id="found"')
        if found.rows:
            _list(view, kind, list(found.rows))
        pager(view, number, found.total, ROWS, lambda other: at("/papers", kind=kind, q=words, page=other))


def _list(view: View, kind: str, rows: list[dict[str, Any]]) -> None:
    names = ("attribute", "basis", "date", "mass_kg") if kind == "claims" else ("party", "account", "date", "coc_kg", "total_kg")
    first, last = ("custody-claim", "shipment") if kind == "claims" else ("custody-document", "shipment")
    shown: list[list[str | Cell]] = []
    for row in rows:
        own = at("/claim", id=row["name"]) if kind == "claims" else at("/paper", name=row["name"])
        ship = row["shipment"] if kind == "claims" else row["unit"]
        cells: list[str | Cell] = [Cell(row.get("reference") or row["name"], own, "unit-id")]
        cells += [value(view, name, row[name]) for name in names]
        if kind != "received":
            cells.append(Cell(ship or "–", unit_at(ship) if ship else "", "unit-id"))
        shown.append([*cells, state_cell(view, row["void"])])
    heads = [view.say(first), *(view.text(f"field.{name}") for name in names)]
    heads += [*([view.text(f"field.{last}")] if kind != "received" else []), view.text("field.state")]
    numbers = [place + 1 for place, name in enumerate(names) if name.endswith("_kg")]
    table(heads, shown, numbers=numbers, classes="even book-table")


# A document ----------------------------------------------------------------------------------------------------------------


def _read_paper(connection: Connection, name: str) -> tuple[dict[str, Any], str, str]:
    """A document with the zone of its shipment's site and the first signed head that it is in, where there is one."""
    found = read_document(connection, *find_document(connection, name))
    query = select(site.c.timezone).join(unit, unit.c.site == site.c.id).where(unit.c.id == (found["unit"] or ""))
    return found, connection.execute(query).scalar() or "", covering_head(connection, found["event_seq"]) or ""


@page("/custody/paper", "web.custody-document", listed=False)
async def paper(view: View) -> None:
    """The document that the address names."""
    try:
        found, zone, signed = await read(view, _read_paper, asked(view, "name"))
    except InputError as problem:
        head(view, "papers", view.say("custody-document"))
        problem_banner(view, problem, (view.say("custody-papers"), at("/papers")))
        return
    name = f"{found['direction']}/{found['issuer']}/{found['reference']}"
    title = view.text(f"coc.title-{found['direction']}")
    with head(view, "papers", found["reference"], title, back=(view.say("custody-papers"), at("/papers"))):
        address = f"/custody/document?{_query(name)}"
        link(address, view.say("custody-open-page")).classes("link-button").props('target="_blank"')
        link(f"{address}&form=html", "HTML").classes("link-button quiet").props("download")
        link(f"{address}&form=json", "JSON").classes("link-button quiet").props("download")
        if not found["void"]:
            void_button(view, "document", name, today(zone), at("/paper", name=name))
    if found["void"]:
        void_banner(view, Reason(**found["void"]))
    with ui.element("section").classes("card paper"):
        headline("h2", title, "section-title")
        table([view.say("custody-field"), view.say("column-value")], list(fields(found, view.lang)), classes="even fields-table")
        ui.label(view.text("coc.footprint-note")).classes("lever-note")
        if signed:
            ui.label(view.text("coc.head-of", seq=f"{found['event_seq']:,}")).classes("lever-note")
            headline("pre", signed, "mono head-text")
        if found["unit"]:
            link(unit_at(found["unit"]), view.say("custody-to-shipment", name=found["unit"])).classes("text-link")


def _query(name: str) -> str:
    from urllib.parse import urlencode

    return urlencode({"name": name})


# A claim -------------------------------------------------------------------------------------------------------------------


@page("/custody/claim", "web.custody-claim", listed=False)
async def claim(view: View) -> None:
    """The claim that the address names, worded by a standard."""
    name, standard = asked(view, "id"), asked(view, "standard")
    try:
        found = await read(view, read_statement, name, standard if standard in EDITIONS else None)
        lines = await asyncio.to_thread(word_statement, found, view.lang)
    except InputError as problem:
        head(view, "papers", view.say("custody-claim"))
        problem_banner(view, problem, (view.say("custody-papers-claims"), at("/papers", kind="claims")))
        return
    shipment = str(found.shipment["id"])
    with head(view, "papers", name, view.say("custody-claim"), back=(view.say("custody-papers"), at("/papers", kind="claims"))):
        chosen = ui.select(list(EDITIONS), value=found.standard, label=view.text("field.standard")).props("dense outlined")
        chosen.classes("choose").on_value_change(lambda event: go(at("/claim", id=name, standard=event.value)))
        ui.button(
            "JSON",
            icon="download",
            on_click=lambda: ui.download.content(f"{json_text(found.as_document())}\n", f"{file_name(name, 'claim')}.json"),
        ).props("flat no-caps")
        ui.button(view.say("custody-print"), icon="print").props("outline no-caps").on("click", js_handler="() => window.print()")
        if not found.void:
            zone = await read(view, _zone_of, shipment)
            void_button(view, "statement", name, today(zone), at("/claim", id=name))
    if found.void:
        void_banner(view, Reason(found.void["date"], found.void["reason"]))
    with ui.element("section").classes("card paper").props('id="wording"'):
        for number, line in enumerate(lines):
            classes = "claim-line strong" if not number else "claim-line inner" if line.startswith(" ") else "claim-line"
            ui.label(line.strip()).classes(classes)
        link(unit_at(shipment), view.say("custody-to-shipment", name=shipment)).classes("text-link no-print")


def _zone_of(connection: Connection, name: str) -> str:
    return (
        connection.execute(select(site.c.timezone).join(unit, unit.c.site == site.c.id).where(unit.c.id == name)).scalar() or ""
    )
