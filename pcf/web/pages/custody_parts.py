"""What the pages of the custody book share: their head, how they read, how they write numbers and names."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, TypeVar
from urllib.parse import urlencode

from nicegui import ui
from sqlalchemy import Connection, select

from pcf.custody.listing import Reason
from pcf.custody.tables import scope_site, site
from pcf.errors import PcfError
from pcf.views.heading import comma
from pcf.web.shell import View, headline, link
from pcf.web.tables import Cell

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

BASE = "/app/custody"
PARTS = {
    "overview": "", "lots": "/lots", "casts": "/casts", "steps": "/steps", "shipments": "/shipments", "papers": "/papers",
    "power": "/power", "registers": "/registers", "reports": "/reports", "enter": "/enter",
}  # fmt: skip
"""Part of the book → where it is."""

MOST_UPLOAD = 18_000_000
"""Bytes of a file; larger ones come in by the command line."""


def at(path: str, **query: object) -> str:
    """Address of a page of the book, without what is empty."""
    asked = urlencode({key: value for key, value in query.items() if value not in ("", None)})
    return f"{BASE}{path}" + (f"?{asked}" if asked else "")


def unit_at(name: str) -> str:
    """Address of a unit."""
    return at("/unit", id=name)


def asked(view: View, name: str, longest: int = 200) -> str:
    """A parameter of the page's address."""
    # No database keeps a NUL, and PostgreSQL refuses to compare with one.
    return view.request.query_params.get(name, "").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()[:longest]


def number_asked(view: View, name: str) -> int:
    """The number of a page in its address, 1 where there is none."""
    given = asked(view, name, 9)
    return max(int(given), 1) if given.isascii() and given.isdigit() else 1


async def read(
    view: View,
    function: Callable[Concatenate[Connection, Arguments], Result],
    *arguments: Arguments.args,
    **more: Arguments.kwargs,
) -> Result:
    """What a function reads from the database, in a thread."""

    def inside() -> Result:
        with view.desk.database.read() as connection:
            return function(connection, *arguments, **more)

    return await asyncio.to_thread(inside)


def head(view: View, part: str, title: str, intro: str = "", *, back: tuple[str, str] | None = None) -> ui.element:
    """Title and parts of the book; gives the place for the page's own actions."""
    with ui.element("nav").classes("book-nav no-print").props(f'aria-label="{view.say("custody-parts")}"'):
        for name, path in PARTS.items():
            if name != "enter" or view.may("record"):
                entry = link(at(path), view.say(f"custody-{name}")).classes("book-link")
                if name == part:
                    entry.props('aria-current="page"')
    if back is not None:
        link(back[1], f"← {back[0]}").classes("back no-print")
    with ui.element("div").classes("title-row"):
        with ui.element("div"):
            headline("h1", title, "page-title")
            if intro:
                ui.label(intro).classes("lead")
        return ui.element("div").classes("actions no-print")


def kinds_nav(view: View, groups: Mapping[str, Sequence[str]], current: str, address: Callable[[str], str]) -> ui.element:
    """Kinds of records by their groups, each a link; more may follow inside."""
    with ui.element("nav").classes("card kinds-nav").props(f'aria-label="{view.say("custody-kinds")}"') as nav:
        for group, names in groups.items():
            headline("h2", view.say(f"custody-group-{group}"), "section-title")
            for name in names:
                entry = link(address(name), view.say(f"custody-kind-{name}")).classes("kind-link")
                if name == current:
                    entry.props('aria-current="page"')
    return nav


def pager(view: View, number: int, total: int, rows: int, address: Callable[[int], str]) -> None:
    """Links to the pages before and after, where there are several."""
    last = -(-total // rows)
    if last <= 1:
        return
    with ui.element("nav").classes("pager").props(f'aria-label="{view.say("custody-pages")}"'):
        if number > 1:
            link(address(number - 1), view.say("custody-previous")).classes("link-button quiet")
        ui.label(view.say("custody-page", number=kg(number), last=kg(last)))
        if number < last:
            link(address(number + 1), view.say("custody-next")).classes("link-button quiet")


def file_name(name: str, default: str) -> str:
    """A name as far as a file can have it."""
    return "".join(char if char.isalnum() or char in "-_." else "-" for char in name)[:80] or default


def empty(view: View, words: str, *actions: tuple[str, str]) -> None:
    """What to do where there is nothing yet."""
    with ui.element("section").classes("card empty"):
        ui.icon("inventory_2", size="36px")
        ui.label(words).classes("empty-words")
        if view.may("record"):
            with ui.element("div").classes("actions"):
                for name, address in actions:
                    link(address, name).classes("link-button")
        else:
            ui.label(view.say("custody-ask-engineer")).classes("lever-note")


def problem_banner(view: View, problem: PcfError, way_on: tuple[str, str] | None = None) -> None:
    """A page that cannot be shown says why, and where to go from there."""
    ui.label(view.refusal(problem)).classes("banner bad").props('role="alert"')
    if way_on is not None:
        link(way_on[1], way_on[0]).classes("link-button quiet")


def void_banner(view: View, reason: Reason) -> None:
    """That a record was taken back, since when and why."""
    with ui.element("div").classes("banner bad").props('role="status"'):
        ui.icon("block", size="22px")
        ui.label(view.say("custody-void-since", date=reason.date, reason=reason.reason))


def kg(mass: int | None) -> str:
    """A mass with separators of thousands."""
    return "–" if mass is None else f"{mass:,}".replace("-", "−")


def mwh(wh: int) -> str:
    """Energy in MWh."""
    return f"{wh / 1e6:,.3f}".rstrip("0").rstrip(".").replace("-", "−")


def moment(time: int) -> str:
    """A moment of the log, from microseconds."""
    return datetime.fromtimestamp(time / 1e6, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def material(view: View, name: str) -> str:
    """Name of a material or product of the catalogue, else its id."""
    if name == "return":
        return view.text("unit.return")
    if name == "several":
        return view.text("genealogy.several")
    known = view.desk.catalogue.products.get(name) or view.desk.catalogue.processes.get(name)
    return view.name(known.name) if known else name


NAMED = {
    "content_class": "class", "asi_class": "asi-class", "origin": "lot-origin", "leg": "leg", "account": "account",
    "attribute": "account", "form": "web.custody-form", "basis": "web.custody-basis", "direction": "web.custody-direction",
    "kind": "web.custody-kind", "standard": "web.custody-standard", "result": "web.custody-result",
    "technology": "web.custody-technology",
}  # fmt: skip
"""Fields whose ids have names → how the keys of the names begin."""


def value(view: View, name: str, found: Any) -> str:
    """A field's value as people read it."""
    if isinstance(found, bool):
        return view.say("yes" if found else "no")
    if name == "wh":
        return mwh(found)
    if isinstance(found, int):
        return kg(found)
    if isinstance(found, dict):
        return comma(view.lang).join(f"{key} {item}" for key, item in found.items())
    if isinstance(found, list):
        return comma(view.lang).join(map(str, found))
    if name in ("material", "product"):
        return material(view, str(found))
    if name == "step":
        return view.word("step", str(found))
    return view.word(NAMED[name], str(found)) if name in NAMED else str(found)


def state_cell(view: View, reason: Reason | None) -> Cell:
    """Whether a record stands."""
    if reason is None:
        return Cell(view.say("custody-stands"), classes="stands")
    return Cell(view.say("custody-void-short", date=reason.date, reason=reason.reason), classes="gone")


def read_sites(connection: Connection) -> list[tuple[str, str, str]]:
    """Sites with their scope and time zone."""
    query = select(site.c.id, scope_site.c.scope, site.c.timezone).outerjoin(scope_site, scope_site.c.site == site.c.id)
    return [(row.id, row.scope or "", row.timezone) for row in connection.execute(query.order_by(site.c.id))]
