"""Drafts: what one person has handed over, and another one releases or rejects."""

from __future__ import annotations

import asyncio
from functools import partial
from urllib.parse import quote

from nicegui import ui

from pcf.certificate.drafting import DRAFTED, LONGEST_REASON, RELEASED, Draft, list_drafts, read_draft, reject
from pcf.errors import PcfError
from pcf.store.clock import show_local
from pcf.web import certifying
from pcf.web.certifying import seat
from pcf.web.dialogs import open_dialog
from pcf.web.journal import note
from pcf.web.pages.certificates.looking import show_preview
from pcf.web.pages.certificates.parts import HERE, downloads, kg, read_or_say, reasons, seat_of, title, working
from pcf.web.shell import View, go, headline, link, main_button, page

MOST = 200


@page("/certificates/drafts", "web.cert-drafts", listed=False)
async def drafts(view: View) -> None:
    """Those that wait, and those that were decided lately."""
    title(view, "cert-drafts", "cert-drafts-intro")

    def read() -> list[tuple[int, list[Draft]]]:
        with view.desk.database.read() as connection:
            return [list_drafts(connection, waiting=waiting, most=MOST) for waiting in (True, False)]

    for key, (count, found) in zip(("waiting", "decided"), await asyncio.to_thread(read), strict=True):
        with ui.element("section").classes("card cert-gap").props(f'id="{key}"'):
            headline("h2", view.say(f"cert-drafts-{key}", count=f"{count:,}"), "section-title")
            if not found:
                ui.label(view.say(f"cert-drafts-none-{key}")).classes("lever-note")
                continue
            _table(view, found)
            if count > len(found):
                ui.label(view.say("cert-drafts-more", count=f"{count - len(found):,}")).classes("lever-note")


def _table(view: View, found: list[Draft]) -> None:
    heads = ("draft", "customer", "certified", "mass", "drafted", "state")
    with ui.element("div").classes("scroll"), ui.element("table").classes("pcf-table cert-table"):
        with ui.element("thead"), ui.element("tr"):
            for name in heads:
                made = ui.element("th").classes("number" if name == "mass" else "").props('scope="col"')
                made._text = view.say(f"cert-column-{name}")
        with ui.element("tbody"):
            for item in found:
                request = item.order.request
                with ui.element("tr"):
                    with ui.element("td"):
                        link(f"{HERE}/drafts/{quote(item.id)}", item.id[:8]).classes("text-link mono")
                    for words, kind in (
                        (str(item.order.customer.get("name", "")), ""),
                        (f"{view.say(f'cert-kind-{request.kind}')} · {request.name}", ""),
                        (kg(request.mass_kg) if request.mass_kg else view.say("cert-all-left"), "number"),
                    ):
                        cell = ui.element("td").classes(kind)
                        cell._text = words
                    with ui.element("td"):
                        ui.label(item.drafter)
                        ui.label(show_local(item.drafted)).classes("cert-under")
                    with ui.element("td"):
                        _state(view, item)


def _state(view: View, item: Draft) -> None:
    kind = {DRAFTED: "warn", RELEASED: "good"}.get(item.state, "bad")
    ui.label(view.say(f"cert-draft-{item.state}")).classes(f"chip cert-{kind}")
    if item.state != DRAFTED:
        ui.label(f"{item.decider} · {show_local(item.decided)}").classes("cert-under")
    if item.reason:
        ui.label(item.reason)
    if item.certificate:
        link(f"{HERE}/c/{quote(item.certificate)}", item.certificate).classes("text-link")


@page("/certificates/drafts/{identity}", "web.cert-draft", listed=False)
async def draft(view: View) -> None:
    """One draft, computed as it would be issued now."""
    found = await read_or_say(view, "cert-draft", read_draft, str(view.request.path_params["identity"]))
    if found is None:
        return
    title(view, "cert-draft-title", name=found.id[:8])
    with ui.element("div").classes("cert-draft-head"):
        ui.label(view.say("cert-happened-drafted", actor=found.drafter)).classes("strong")
        ui.label(show_local(found.drafted)).classes("cert-under")
        _state(view, found)
    if found.order.replaces:
        ui.label(view.say("cert-replaces-because", number=found.order.replaces, reason=found.order.reason)).classes(
            "banner warn cert-gap"
        )
    if found.state == DRAFTED:
        await _Decision(view, found).build()


class _Decision:
    """The choice of the second person."""

    def __init__(self, view: View, found: Draft) -> None:
        self.view, self.found = view, found

    async def build(self) -> None:
        """What it would be, and what can be done."""
        view = self.view
        self.place = ui.element("div").classes("card cert-gap").props('id="check" aria-live="polite"')
        own = self.found.drafter == view.session.account.name
        with self.place, ui.element("div").classes("cert-waiting").props('role="status"'):
            ui.spinner(size="28px")
            ui.label(view.say("cert-computing"))
        self.said = ui.element("div").classes("full")
        if view.may("certify"):
            if own:
                ui.label(view.say("cert-draft-own")).classes("banner warn cert-gap").props('id="own"')
            with ui.element("div").classes("actions end"):
                ui.button(view.say("cert-take-back" if own else "cert-reject"), icon="undo", on_click=self._ask).props(
                    "outline no-caps color=negative"
                )
                if not own:
                    self.button = main_button(view, view.say("cert-release"), "verified", lambda: None)
                    self.button.on_click(lambda: working(self.button, self._release)).props('id="release"')
                    self.button.disable()
        ui.timer(0.05, self._look, once=True)

    async def _look(self) -> None:
        view = self.view
        try:
            seen = await view.desk.work.run(certifying.preview, seat_of(view), self.found.order, seconds=certifying.SECONDS)
        except PcfError as problem:
            reasons(view, problem, self.place)
            return
        self.place.clear()
        with self.place:
            show_preview(view, seen)
        if hasattr(self, "button"):
            self.button.enable()

    async def _release(self) -> None:
        view = self.view
        try:
            actor = view.act("certify")
            number = await view.desk.work.run(
                certifying.release_one, seat(view.desk, actor), self.found.id, seconds=certifying.SECONDS
            )
        except PcfError as problem:
            reasons(view, problem, self.said)
            return
        note("certificate released", name=actor, number=number)
        self.place.clear()
        self.said.clear()
        self.button.set_visibility(False)
        with self.place:
            with ui.element("div").classes("banner good").props('role="status" id="issued"'):
                ui.icon("verified", size="26px").props('aria-hidden="true"')
                ui.label(view.say("cert-issued", number=number)).classes("strong")
            with ui.element("div").classes("actions cert-steps"):
                downloads(view, number)
                link(f"{HERE}/c/{quote(number)}", view.say("cert-open")).classes("text-link")

    def _ask(self) -> None:
        view = self.view
        with open_dialog(view.say("cert-reject-title"), "cert-dialog") as dialog:
            reason = (
                ui.textarea(view.say("cert-reject-reason"))
                .props(f'outlined autogrow maxlength="{LONGEST_REASON}"')
                .classes("full")
            )
            said = ui.element("div").classes("full")
            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
                button = ui.button(view.say("cert-reject-now"), icon="undo").props(
                    'unelevated no-caps color=negative id="reject-now"'
                )
                button.on_click(partial(working, button, partial(self._reject, reason, said)))

    async def _reject(self, reason: ui.textarea, said: ui.element) -> None:
        view, words = self.view, " ".join(str(reason.value or "").split())
        reason.error = None if words else view.say("cert-bad-reason")
        if not words:
            return
        try:
            actor = view.act("certify")
            await asyncio.to_thread(reject, view.desk.book(actor), self.found.id, words)
        except PcfError as problem:
            reasons(view, problem, said)
            return
        note("certificate rejected", name=actor, draft=self.found.id)
        go(f"{HERE}/drafts")
