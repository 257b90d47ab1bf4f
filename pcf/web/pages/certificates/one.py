"""One certificate: what it says, what it draws, what has happened to it; revoke it, put another one in its place, download it again."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from nicegui import ui

from pcf.certificate.history import Record, read_record
from pcf.certificate.listing import EXPIRED, status_of
from pcf.certificate.register import revoke
from pcf.errors import PcfError
from pcf.store.clock import show_local
from pcf.views.issuing import this_day
from pcf.web.dialogs import open_dialog
from pcf.web.journal import note
from pcf.web.pages.certificates.looking import document_facts
from pcf.web.pages.certificates.parts import (
    HERE,
    basis_words,
    downloads,
    facts,
    read_or_say,
    reasons,
    status_chip,
    title,
    working,
)
from pcf.web.shell import View, go, headline, link, page
from pcf.web.tables import table

MOST_DRAWS = 200
LONGEST_REASON = 300


@page("/certificates/c/{number}", "web.cert-one", listed=False)
async def one(view: View) -> None:
    """A certificate by its number or id."""
    found = await read_or_say(view, "cert-one", read_record, str(view.request.path_params["number"]))
    if found is not None:
        One(view, found).build()


class One:
    """One visit."""

    def __init__(self, view: View, found: Record) -> None:
        self.view, self.found = view, found
        self.number = found.entry.number

    def build(self) -> None:
        """All of it."""
        view, document, end = self.view, self.found.entry.document, self.found.end
        with title(view, "cert-one-title", number=self.number):
            downloads(view, self.number)
        if end is not None:
            with ui.element("div").classes("banner bad cert-ended").props('role="status"'):
                ui.icon("block", size="22px").props('aria-hidden="true"')
                with ui.element("div"):
                    ui.label(view.say(f"cert-ended-{end.status}", date=end.date, reason=end.reason)).classes("strong")
                    if end.replaced_by:
                        link(f"{HERE}/c/{quote(end.replaced_by)}", end.replaced_by).classes("text-link")
                    ui.label(view.say("cert-publish-hint"))
        with ui.element("div").classes("cert-two"):
            with ui.element("section").classes("card"):
                self._result(document)
            with ui.element("div").classes("cert-column"):
                draws = "draws" if end is None else "drew"
                for key, build in (("verify", self._verify), (draws, self._draws), ("history", self._history)):
                    with ui.element("section").classes("card").props(f'id="{key}"'):
                        headline("h2", view.say(f"cert-{key}"), "section-title")
                        build()
        if end is None and view.may("certify"):
            with ui.element("section").classes("card cert-end"):
                with ui.element("div"):
                    headline("h2", view.say("cert-end-title"), "section-title")
                    ui.label(view.say("cert-end-intro")).classes("lever-note")
                with ui.element("div").classes("actions"):
                    target = f"{HERE}/new?replaces={quote(self.number)}"
                    ui.button(view.say("cert-supersede"), icon="published_with_changes", on_click=lambda: go(target)).props(
                        "outline no-caps"
                    )
                    ui.button(view.say("cert-revoke"), icon="block", on_click=self._ask).props(
                        'outline no-caps color=negative id="revoke"'
                    )

    def _status(self) -> str:
        end = self.found.end
        return status_of(end.status if end else None, self.found.entry.document["valid_until"], this_day())

    def _result(self, document: Any) -> None:
        view, made = self.view, document["footprint"]
        status_chip(view, self._status())
        with ui.element("div").classes("tile-number"):
            ui.label(made["printed"]).classes("huge")
            ui.label("tCO₂e/t").classes("unit")
        ui.label(basis_words(view, made["boundary"], made["gate"], made["gwp"])).classes("line")
        if document["demonstration"]:
            ui.label(view.say("cert-demonstration")).classes("banner warn cert-gap")
        facts(document_facts(view, document))

    def _verify(self) -> None:
        view, document = self.view, self.found.entry.document
        url = document["verify"]["url"]
        ui.label(view.say("cert-verify-how")).classes("lever-note")
        found = link(url, url).classes("text-link mono")
        found.props('target="_blank" rel="noopener noreferrer"')
        here = link(f"/verify/{quote(self.found.entry.id)}", view.say("cert-verify-here")).classes("text-link")
        here.props('target="_blank"')
        facts([
            (view.say("cert-fact-id"), self.found.entry.id), (view.say("cert-fact-seal"), document["seal"]["sha256"]),
            (view.say("cert-fact-log"), view.say("cert-log-place", seq=self.found.entry.seq)),
            (view.say("cert-fact-version"), str(document["version"])),
        ], "cert-mono")  # fmt: skip

    def _draws(self) -> None:
        view, draws, end = self.view, self.found.draws, self.found.end
        if not draws:
            ui.label(view.say("cert-draws-average" if end is None else "cert-drew-average")).classes("lever-note")
            return
        if end is not None:
            ui.label(view.say(f"cert-drew-{end.status}")).classes("banner warn")
        elif self._status() == EXPIRED:
            ui.label(view.say("cert-draws-expired")).classes("lever-note")
        heads = [view.say(f"cert-draw-{name}") for name in ("unit", "kind", "date")]
        heads.append(view.say("cert-draw-kg" if end is None else "cert-drew-kg"))
        rows = [
            [item.unit, view.word("web.cert-unit", item.kind), item.date, f"{float(Fraction(item.kg)):,.3f}"] for item in draws
        ]
        table(heads, rows[:MOST_DRAWS], numbers=(3,))
        if len(rows) > MOST_DRAWS:
            ui.label(view.say("cert-draws-more", count=f"{len(rows) - MOST_DRAWS:,}")).classes("lever-note")

    def _history(self) -> None:
        view = self.view
        with ui.element("ol").classes("cert-history"):
            for item in self.found.history:
                with ui.element("li"):
                    ui.label(view.say(f"cert-happened-{item.what}", actor=item.actor)).classes("strong")
                    ui.label(
                        show_local(item.time) + (f" · {view.say('cert-log-place', seq=item.seq)}" if item.seq >= 0 else "")
                    ).classes("cert-under")
                    if item.reason:
                        ui.label(item.reason)
                    if item.other:
                        with ui.element("div"):
                            ui.label(view.say("cert-replaces-label" if item.what == "issued" else "cert-replaced-label")).classes(
                                "cert-inline"
                            )
                            link(f"{HERE}/c/{quote(item.other)}", item.other).classes("text-link")

    # Revoking --------------------------------------------------------------------------------------------------------------

    def _ask(self) -> None:
        view = self.view
        with open_dialog(view.say("cert-revoke-title", number=self.number), "cert-dialog") as dialog:
            ui.label(view.say("cert-revoke-intro"))
            reason = (
                ui.textarea(view.say("cert-revoke-reason"))
                .props(f'outlined autogrow maxlength="{LONGEST_REASON}"')
                .classes("full")
            )
            typed = (
                ui.input(view.say("cert-revoke-number", number=self.number))
                .props('dense outlined maxlength="60" autocomplete="off"')
                .classes("full")
            )
            said = ui.element("div").classes("full")
            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
                button = ui.button(view.say("cert-revoke"), icon="block").props(
                    'unelevated no-caps color=negative id="revoke-now"'
                )
                button.on_click(lambda: working(button, lambda: self._revoke(reason, typed, said)))

    async def _revoke(self, reason: ui.textarea, typed: ui.input, said: ui.element) -> None:
        view = self.view
        words = " ".join(str(reason.value or "").split())
        reason.error = None if words else view.say("cert-bad-reason")
        typed.error = None if str(typed.value or "").strip() == self.number else view.say("cert-bad-number")
        if reason.error or typed.error:
            return
        try:
            actor = view.act("certify")
            await asyncio.to_thread(revoke, view.desk.book(actor), self.number, this_day(), words)
        except PcfError as problem:
            reasons(view, problem, said)
            return
        note("certificate revoked", name=actor, number=self.number)
        go(f"{HERE}/c/{quote(self.number)}")
