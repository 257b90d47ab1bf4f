"""What the pages of certificates share: status, masses, what is missing to issue, files to download."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from nicegui import ui
from sqlalchemy import Connection

from pcf.errors import DataError, PcfError
from pcf.methods.wording import retell_check
from pcf.text import json_text
from pcf.web import certifying
from pcf.web.certifying import Readiness, Seat, seat
from pcf.web.pages.explore_results import STATUS_ICONS
from pcf.web.shell import View, headline, link

Found = TypeVar("Found")
HERE = "/app/certificates"
STATUS_KIND = {"active": "good", "expired": "warn", "superseded": "quiet", "revoked": "bad"}


def kg(mass: int) -> str:
    """A mass for people."""
    return f"{mass:,} kg"


def status_chip(view: View, status: str) -> None:
    """Whether a certificate holds, in a word."""
    ui.label(view.say(f"cert-status-{status}")).classes(f"chip cert-{STATUS_KIND.get(status, 'quiet')}")


def basis_words(view: View, boundary: str, gate: str, gwp: str) -> str:
    """What a certified footprint is of: boundary, gate, edition of the potentials, and low-voltage PFC, without which none is issued."""
    return view.say("cert-basis", boundary=view.text(f"boundary.{boundary}"), gate=view.text(f"gate.{gate}"), gwp=gwp)


def title(view: View, key: str, intro: str = "", **fields: object) -> ui.element:
    """Heading of a page with its way back; gives the place for actions."""
    with ui.element("div").classes("title-row"):
        with ui.element("div"):
            with link(HERE).classes("cert-back"):
                ui.icon("arrow_back", size="16px").props('aria-hidden="true"')
                ui.label(view.say("certificates"))
            headline("h1", view.say(key, **fields), "page-title")
            if intro:
                ui.label(view.say(intro)).classes("lead")
        return ui.element("div").classes("actions")


async def read_or_say(view: View, key: str, read: Callable[[Connection, str], Found], name: str) -> Found | None:
    """A record by its name; where it is not there, the page says so under the heading `key`, and there is nothing."""

    def look() -> Found:
        with view.desk.database.read() as connection:
            return read(connection, name)

    try:
        return await asyncio.to_thread(look)
    except PcfError as problem:
        title(view, key)
        reasons(view, problem, ui.element("div"), "cert-not-there")
        return None


def seat_of(view: View) -> Seat:
    """The seat of whoever looks, for what only reads."""
    return seat(view.desk, view.session.account.name)


async def readiness(view: View) -> Readiness:
    """Whether certificates can be issued here; what is missing is shown with who can set it up."""
    found = await asyncio.to_thread(certifying.look, view.desk.book(view.session.account.name))
    if found.problem:
        with ui.element("div").classes("banner warn").props('role="alert" id="not-ready"'):
            ui.icon("key_off", size="22px").props('aria-hidden="true"')
            with ui.element("div"):
                ui.label(view.say("cert-not-ready")).classes("strong")
                ui.label(view.refusal(found.problem))
                ui.label(view.say("cert-not-ready-commands")).classes("mono")
                if view.may("people"):
                    link("/app/admin", view.say("cert-to-admin")).classes("text-link")
                else:
                    ui.label(view.say("cert-ask-admin"))
    return found


def reasons(view: View, problem: PcfError, place: ui.element, key: str = "cert-refused") -> None:
    """Why something was refused, one clear line each."""
    place.clear()
    found = problem.problems if isinstance(problem, DataError) else [problem]
    with place, ui.element("div").classes("banner bad").props('role="alert"'):
        ui.icon("block", size="22px").props('aria-hidden="true"')
        with ui.element("div"):
            ui.label(view.say(key)).classes("strong")
            for item in found:
                ui.label(view.refusal(item)).classes("cert-reason")


def facts(rows: Sequence[tuple[str, str]], classes: str = "") -> None:
    """Names with values."""
    with ui.element("dl").classes(f"cert-facts {classes}"):
        for name, value in rows:
            with ui.element("div"):
                headline("dt", name)
                headline("dd", value)


def checks_list(view: View, checks: Sequence[Mapping[str, Any]]) -> None:
    """Checks of a result with what each found."""
    with ui.element("ul").classes("checks"):
        for check in checks:
            with ui.element("li").classes(f"check {check['status'].replace(' ', '-')}"):
                ui.icon(STATUS_ICONS[check["status"]], size="20px").props('aria-hidden="true"')
                with ui.element("div"):
                    status = view.word("check-status", check["status"].replace(" ", "-"))
                    ui.label(f"{view.word('check-name', check['id'])} · {status}").classes("strong")
                    # Certificates are computed in English, whatever language their pages are in.
                    ui.label(retell_check(view.desk.catalogue, check["detail"], view.lang)).classes("check-detail")


async def working(button: ui.button, do: Callable[[], Awaitable[Any]]) -> Any:
    """Do something while the button says so and takes no second click."""
    if button.props.get("loading"):
        return None
    button.props(add="loading").disable()
    try:
        return await do()
    finally:
        if not button.is_deleted:
            button.props(remove="loading").enable()


def downloads(view: View, number: str) -> None:
    """Buttons for the files of a certificate; the sealed calculation, which holds the plant's inventory, only for who may audit."""
    items: list[tuple[str, str, Callable[..., Awaitable[None]]]] = [
        ("pdf", "picture_as_pdf", _pdf),
        ("json", "data_object", _json),
    ]
    if view.may("audit"):
        items.append(("bundle", "inventory_2", _bundle))
    for name, icon, do in items:
        button = ui.button(view.say(f"cert-download-{name}"), icon=icon).props("outline no-caps")
        button.on_click(partial(_download, view, number, do, button))


async def _download(view: View, number: str, do: Callable[..., Awaitable[None]], button: ui.button) -> None:
    async def run() -> None:
        try:
            await do(view, number)
        except PcfError as problem:
            view.explain(problem)

    await working(button, run)


async def _pdf(view: View, number: str) -> None:
    content = await view.desk.work.run(certifying.make_pdf, seat_of(view), number, seconds=certifying.SECONDS)
    ui.download.content(content, f"{number}.pdf", "application/pdf")


async def _json(view: View, number: str) -> None:
    from pcf.certificate.register import read_entry

    def read() -> str:
        with view.desk.database.read() as connection:
            return json_text(dict(read_entry(connection, number).document))

    ui.download.content(await asyncio.to_thread(read) + "\n", f"{number}.json", "application/json")


async def _bundle(view: View, number: str) -> None:
    from pcf.certificate.register import read_bundle, read_entry

    view.act("audit")

    def read() -> bytes:
        with view.desk.database.read() as connection:
            return read_bundle(connection, read_entry(connection, number))

    ui.download.content(await asyncio.to_thread(read), f"{number}-bundle.json", "application/json")
