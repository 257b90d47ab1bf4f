"""Registers: companies, certificates, papers, meters, evidence; each record with its history, to amend or to take back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pcf.custody.registers import AMENDED, REGISTERS, Change, Entry, can_void, read_entry, read_register
from pcf.custody.voids import today
from pcf.errors import InputError
from pcf.web.pages.custody_parts import (
    asked,
    at,
    head,
    kg,
    kinds_nav,
    moment,
    number_asked,
    pager,
    problem_banner,
    read,
    read_sites,
    state_cell,
    unit_at,
    value,
    void_banner,
)
from pcf.web.pages.custody_void import void_button
from pcf.web.shell import View, go, headline, link, page
from pcf.web.tables import Cell, table

ROWS = 50

GROUPS: Mapping[str, tuple[str, ...]] = {
    "who": ("party", "certificate", "site", "scope", "period"),
    "papers-in": ("due-diligence", "contractor", "force-majeure", "filing"),
    "energy": ("meter", "power", "match"),
}

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "party": ("name", "country"), "certificate": ("holder", "standard", "valid_from", "valid_until"),
    "site": ("name", "party", "plant"), "scope": ("name", "sites", "certificate"), "period": ("scope", "start", "end"),
    "due-diligence": ("party", "date", "valid_until", "result"),
    "contractor": ("party", "direction", "date", "unit", "mass_kg"),
    "force-majeure": ("scope", "period", "account", "date"), "filing": ("title", "part", "scope", "period", "date"),
    "meter": ("site", "time", "leg", "wh"), "power": ("site", "time", "kind", "technology", "wh"),
    "match": ("evidence", "product", "time", "wh", "mass_kg"),
}  # fmt: skip
"""Kind → what its list shows beside the name and whether it stands."""

NUMBERS = ("wh", "mass_kg", "part")
UNITS = ("unit", "lot")
"""Fields that name a unit."""


def record_at(kind: str, name: str) -> str:
    """Address of a record of a register."""
    return at("/record", kind=kind, name=name)


def label(view: View, name: str) -> str:
    """Label of a field of a recorded row; energy is shown in MWh."""
    if name == "note":
        return view.say("custody-note")
    return view.word("field", "mwh" if name == "wh" else name)


@page("/custody/registers", "web.custody-registers", listed=False)
async def registers(view: View) -> None:
    """The register that the address names."""
    kind, words, number = asked(view, "kind"), asked(view, "q", 100), number_asked(view, "page")
    kind = kind if kind in REGISTERS else "party"
    found, total = await read(view, read_register, kind, words, (number - 1) * ROWS, ROWS)
    with head(view, "registers", view.say("custody-registers"), view.say("custody-registers-intro")):
        if view.may("record"):
            link(at("/import", kind=kind), view.say("custody-import-file")).classes("link-button quiet")
            if kind != "match":
                link(at("/enter", kind=kind), view.say("custody-enter-one")).classes("link-button")
    with ui.element("div").classes("two-columns enter"):
        kinds_nav(view, GROUPS, kind, lambda name: at("/registers", kind=name))
        with ui.element("section").classes("card"):
            headline("h2", view.say(f"custody-kind-{kind}"), "form-title")
            ui.label(view.text(f"kind.{kind}")).classes("lever-note")
            with ui.element("div").classes("filters"):
                search = ui.input(view.say("custody-search"), value=words).props('dense outlined maxlength="100" type="search"')
                search.classes("search-field").on("keydown.enter", lambda: go(at("/registers", kind=kind, q=search.value or "")))
            ui.label(view.say("custody-found", count=kg(total))).classes("lever-note").props('role="status" id="found"')
            if found:
                _list(view, kind, found)
            elif words:
                ui.label(view.say("custody-nothing-like-this")).classes("lead")
            pager(view, number, total, ROWS, lambda other: at("/registers", kind=kind, q=words, page=other))


def _list(view: View, kind: str, found: list[Entry]) -> None:
    names = COLUMNS[kind]
    rows: list[list[str | Cell]] = [
        [
            Cell(item.name, record_at(kind, item.name), "unit-id"),
            *(value(view, name, item.fields[name]) if name in item.fields else "–" for name in names),
            *([state_cell(view, item.void)] if can_void(kind) else []),
        ]
        for item in found
    ]  # fmt: skip
    heads = [view.say("custody-column-unit"), *(label(view, name) for name in names)]
    heads += [view.text("field.state")] if can_void(kind) else []
    numbers = [place + 1 for place, name in enumerate(names) if name in NUMBERS]
    table(heads, rows, numbers=numbers, classes="even book-table")


# One record ----------------------------------------------------------------------------------------------------------------


@page("/custody/record", "web.custody-entry", listed=False)
async def record_page(view: View) -> None:
    """The record that the address names, with what happened to it."""
    kind, name = asked(view, "kind"), asked(view, "name")
    try:
        found = await read(view, read_entry, kind, name)
    except InputError as problem:
        head(view, "registers", view.say("custody-entry"), back=(view.say("custody-registers"), at("/registers")))
        problem_banner(view, problem, (view.say("custody-registers"), at("/registers", kind=kind if kind in REGISTERS else "")))
        return
    back = (view.say(f"custody-kind-{kind}"), at("/registers", kind=kind))
    what = [view.say(f"custody-kind-{kind}"), *(str(found.fields[key]) for key in ("name", "title") if key in found.fields)]
    with head(view, "registers", name, " · ".join(what), back=back):
        await _actions(view, found)
    if found.void:
        void_banner(view, found.void)
    with ui.element("div").classes("unit-grid"):
        with ui.element("div").classes("results"):
            _fields(view, found)
        with ui.element("div").classes("results"):
            _history(view, found)


async def _actions(view: View, found: Entry) -> None:
    """What may be done with the record."""
    if not view.may("record"):
        return
    if found.kind in AMENDED:
        address = at("/enter", kind=f"{found.kind}-amendment", id=found.name)
        link(address, view.say("custody-amend")).classes("link-button").props('id="amend"')
    if can_void(found.kind) and not found.void:
        zones = {site: zone for site, _, zone in await read(view, read_sites)}
        zone = zones.get(str(found.fields.get("site", "")), next(iter(zones.values()), ""))
        void_button(view, found.kind, found.name, today(zone), record_at(found.kind, found.name))


def _fields(view: View, found: Entry) -> None:
    with ui.element("section").classes("card").props('id="fields"'):
        headline("h2", view.say("custody-as-it-is" if found.kind in AMENDED else "custody-fields"), "section-title")
        rows: list[list[str | Cell]] = [
            [label(view, name), _value(view, name, content)] for name, content in found.fields.items()
        ]
        table([view.say("custody-field"), view.say("column-value")], rows, classes="even fields-table")
        if not can_void(found.kind):
            ui.label(view.say(f"custody-kept-{'period' if found.kind == 'period' else 'master'}")).classes("lever-note")


def _value(view: View, name: str, content: Any) -> str | Cell:
    words = value(view, name, content)
    return Cell(words, unit_at(content), "unit-id") if name in UNITS else words


def _history(view: View, found: Entry) -> None:
    with ui.element("section").classes("card").props('id="history"'):
        headline("h2", view.say("custody-history"), "section-title")
        heads = [view.text("field.seq"), view.say("custody-when"), view.text("field.actor"), view.say("custody-what")]
        rows = [(kg(item.seq), moment(item.time), item.actor, _told(view, item)) for item in found.history]
        table(heads, rows, classes="even")


def _told(view: View, item: Change) -> str:
    """What happened, in a sentence."""
    said = view.say(f"custody-happened-{item.what}", date=item.date, reason=item.reason)
    set_to = [
        view.say("custody-set-to", field=label(view, name), value=value(view, name, content))
        for name, content in item.fields.items()
    ]
    return " · ".join([said, *set_to])
