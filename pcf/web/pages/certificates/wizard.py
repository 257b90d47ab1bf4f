"""The wizard: for whom, what, how much, a look at the very certificate, and its issue."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from typing import Any
from urllib.parse import quote

from nicegui import ui

from pcf.certificate.history import number_under
from pcf.certificate.register import read_entry
from pcf.errors import DataError, InputError, PcfError
from pcf.views.certificate_form import Form
from pcf.web import certifying
from pcf.web.certifying import Preview, Readiness, seat
from pcf.web.journal import note
from pcf.web.pages.certificates.customer import CustomerStep
from pcf.web.pages.certificates.looking import show_preview
from pcf.web.pages.certificates.options import OptionsStep
from pcf.web.pages.certificates.parts import HERE, downloads, readiness, reasons, seat_of, title, working
from pcf.web.pages.certificates.what import WhatStep
from pcf.web.shell import View, go, headline, link, main_button, page

STEPS = ("customer", "what", "options", "check")
_KEY = re.compile(r"[0-9a-f]{32}")


@page("/certificates/new", "web.cert-new", right="certify", listed=False)
async def new(view: View) -> None:
    """A certificate for a customer; `replaces` names one that it takes the place of."""
    title(view, "cert-new", "cert-new-intro")
    ready = await readiness(view)
    if not ready.problem:
        await Wizard(view, ready).build()


class Wizard:
    """One certificate on its way.

    Notes
    -----
    Its key stands in the address: a page that is loaded again, or a second click, finds the certificate that was issued already.
    """

    def __init__(self, view: View, ready: Readiness) -> None:
        self.view, self.ready = view, ready
        asked = view.request.query_params
        given = asked.get("key", "")
        self.key = given if _KEY.fullmatch(given) else secrets.token_hex(16)
        self.form = Form()
        self.replaces = asked.get("replaces", "")[:60]
        self.customer = CustomerStep(self)
        self.what = WhatStep(self)
        self.options = OptionsStep(self)
        self.seen: Preview | None = None
        self.done = False

    @property
    def order_key(self) -> str:
        """What makes a repeat known."""
        return f"web/{self.key}"

    async def build(self) -> None:
        """All of it, or the certificate that this page has issued already."""
        view = self.view
        query = f"?key={self.key}" + (f"&replaces={quote(self.replaces)}" if self.replaces else "")
        ui.run_javascript(f"history.replaceState(null, '', {json.dumps(f'{HERE}/new{query}')})")
        if number := await asyncio.to_thread(self._issued):
            self.place = ui.element("div").classes("card")
            self._finished(number)
            return
        if self.replaces and not await self._take_over():
            return
        with (
            ui.stepper()
            .classes("cert-stepper")
            .props(f'flat animated=false :keep-alive="true" role="group" aria-label="{view.say("cert-new")}"') as self.stepper
        ):
            builders = (self.customer.build, self.what.build, self.options.build, self._check)
            for place, (name, build) in enumerate(zip(STEPS, builders, strict=True), start=1):
                with ui.step(name, title=view.say(f"cert-step-{name}")).props(f"prefix={place}"):
                    build()
        await ui.context.client.connected()  # the first step can be filled in while the choices of the second are read
        await self.what.refresh()

    def _issued(self) -> str:
        """Number of the certificate that was issued under the key of this page."""
        with self.view.desk.database.read() as connection:
            return number_under(connection, f"key:{self.order_key}")

    async def _take_over(self) -> bool:
        """Fill the form with the certificate that is to be replaced."""

        def read() -> Any:
            with self.view.desk.database.read() as connection:
                return read_entry(connection, self.replaces)

        try:
            entry = await asyncio.to_thread(read)
        except PcfError as problem:
            reasons(self.view, problem, ui.element("div"))
            return False
        document, form = entry.document, self.form
        self.replaces = form.replaces = entry.number
        form.customer = {name: value for name, value in document["customer"].items() if value}
        form.lang = entry.lang
        form.kind = document["kind"]
        form.mass = str(document["mass_kg"])
        self.what.wanted = document["unit"]["id"] if document["unit"] else document["product"]["id"]
        with ui.element("div").classes("banner warn").props('role="status"'):
            ui.label(self.view.say("cert-replaces-banner", number=entry.number))
        return True

    # Moving --------------------------------------------------------------------------------------------------------------

    def buttons(self, forward: Any, *, back: bool = False) -> None:
        """The way on and back of a step."""
        view = self.view
        with ui.element("div").classes("actions cert-steps"):
            if back:
                ui.button(view.say("cert-back"), icon="arrow_back", on_click=self.stepper.previous).props("flat no-caps")
            main_button(view, view.say("cert-next"), "arrow_forward", forward)

    def choose_customer(self, customer: dict[str, str]) -> None:
        """Take over a customer, as a shipment or an earlier certificate has it."""
        self.form.customer = {name: value for name, value in customer.items() if value}
        self.customer.show()

    # The last step ---------------------------------------------------------------------------------------------------------

    def _check(self) -> None:
        self.place = ui.element("div").classes("full").props('id="check" aria-live="polite"')

    async def look(self) -> None:
        """Compute the certificate and show it; what is wrong in a field leads back to it."""
        view = self.view
        try:
            order = self.form.order(self.order_key)
        except DataError as problem:
            self._lead_back(problem.problems)
            return
        except PcfError as problem:
            view.explain(problem)
            return
        self.stepper.set_value("check")
        self.place.clear()
        with self.place, ui.element("div").classes("cert-waiting").props('role="status"'):
            ui.spinner(size="28px")
            ui.label(view.say("cert-computing"))
        self.seen = None
        try:
            seen = await view.desk.work.run(certifying.preview, seat_of(view), order, seconds=certifying.SECONDS)
        except PcfError as problem:
            reasons(view, problem, self.place)
            with self.place, ui.element("div").classes("actions cert-steps"):
                ui.button(view.say("cert-back"), icon="arrow_back", on_click=self.stepper.previous).props("flat no-caps")
            return
        self.seen = seen
        self.place.clear()
        with self.place:
            show_preview(view, seen)
            self.refused = ui.element("div").classes("full")
            with ui.element("div").classes("actions cert-steps"):
                ui.button(view.say("cert-back"), icon="arrow_back", on_click=self.stepper.previous).props("flat no-caps")
                words = view.say("cert-hand-over" if self.ready.four_eyes else "cert-issue")
                button = main_button(view, words, "how_to_reg" if self.ready.four_eyes else "verified", lambda: None)
                button.on_click(lambda: working(button, self._do)).props('id="issue"')

    def _lead_back(self, problems: list[InputError]) -> None:
        """To the first step with a field that is wrong."""
        places = {item.place for item in problems}
        if any(place.startswith("customer") for place in places):
            self.customer.complain(problems)
            self.stepper.set_value("customer")
        elif "what" in places:
            self.stepper.set_value("what")
        else:
            self.options.complain(problems)
            self.stepper.set_value("options")

    async def _do(self) -> None:
        """Issue, or hand over: under the key of this page, so that nothing is issued twice."""
        view = self.view
        if self.done:
            return
        try:
            actor = view.act("certify")
            order = self.form.order(self.order_key)
            what = certifying.draft_one if self.ready.four_eyes else certifying.issue_one
            made = await view.desk.work.run(what, seat(view.desk, actor), order, seconds=certifying.SECONDS)
        except PcfError as problem:
            reasons(view, problem, self.refused)
            return
        self.done = True
        note("certificate drafted" if self.ready.four_eyes else "certificate issued", name=actor, made=made)
        for step in self.stepper.default_slot.children[:-1]:
            step.props("disable")
        if self.ready.four_eyes:
            self._handed_over()
        else:
            self._finished(made)

    def _finished(self, number: str) -> None:
        view = self.view
        self.place.clear()
        with self.place:
            with ui.element("div").classes("banner good").props('role="status" id="issued"'):
                ui.icon("verified", size="26px").props('aria-hidden="true"')
                with ui.element("div"):
                    ui.label(view.say("cert-issued", number=number)).classes("strong")
                    ui.label(view.say("cert-issued-how"))
            headline("h2", view.say("cert-files"), "section-title cert-gap")
            with ui.element("div").classes("actions"):
                downloads(view, number)
            with ui.element("div").classes("actions cert-steps"):
                link(f"{HERE}/c/{number}", view.say("cert-open")).classes("text-link")
                ui.button(view.say("cert-another"), icon="add", on_click=lambda: go(f"{HERE}/new")).props("flat no-caps")

    def _handed_over(self) -> None:
        view = self.view
        self.place.clear()
        with self.place:
            with ui.element("div").classes("banner good").props('role="status" id="drafted"'):
                ui.icon("how_to_reg", size="26px").props('aria-hidden="true"')
                with ui.element("div"):
                    ui.label(view.say("cert-handed-over")).classes("strong")
                    ui.label(view.say("cert-handed-over-how"))
            with ui.element("div").classes("actions cert-steps"):
                link(f"{HERE}/drafts", view.say("cert-drafts")).classes("text-link")
                ui.button(view.say("cert-another"), icon="add", on_click=lambda: go(f"{HERE}/new")).props("flat no-caps")
