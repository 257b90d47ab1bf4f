"""Issuing for a shipment: a CoC document, or a claim of recycled content, with what is available shown before."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from nicegui import ui

from pcf.custody import record
from pcf.custody.cover import Cover, read_cover
from pcf.custody.ledger import CREDIT
from pcf.custody.voids import today
from pcf.custody.wording import cut_percent
from pcf.errors import CheckFailed, DataError, InputError, PcfError
from pcf.views.coc_issue import issue
from pcf.views.figures import with_percent
from pcf.web import custody_tasks
from pcf.web.journal import note
from pcf.web.pages.custody_fields import Fields, clear_problems, read_fields, show_problems
from pcf.web.pages.custody_parts import asked, at, head, kg, problem_banner, read, unit_at, void_banner
from pcf.web.shell import View, go, headline, main_button, page
from pcf.web.tables import table

BASES = ("batch", "site-average", "credit")
STANDARDS = ("iso-14021", "scs-103", "en-45557", "ul-2809")


@page("/custody/issue", "web.custody-issue", right="record", listed=False)
async def issue_page(view: View) -> None:
    """What may be issued for the shipment that the address names."""
    try:
        cover = await read(view, read_cover, asked(view, "shipment"))
    except InputError as problem:
        head(view, "papers", view.say("custody-issue"))
        problem_banner(view, problem, (view.say("custody-choose-shipment"), at("/shipments")))
        return
    head(
        view,
        "papers",
        view.say("custody-issue-title", shipment=cover.shipment),
        view.say("custody-issue-intro"),
        back=(cover.shipment, unit_at(cover.shipment)),
    )
    if cover.void:
        void_banner(view, cover.void)
        return
    _cover(view, cover)
    if cover.span is None or cover.span.closed:
        return
    with ui.element("div").classes("issue-grid"):
        with ui.element("section").classes("card").props('id="document-form"'):
            _Document(view, cover).build()
        with ui.element("section").classes("card").props('id="claim-form"'):
            _Claim(view, cover).build()


def _cover(view: View, cover: Cover) -> None:
    """What the account and the metal allow."""
    if cover.span is None:
        ui.label(view.say("custody-no-period", date=cover.date)).classes("banner warn").props('role="alert"')
        return
    if cover.span.closed:
        ui.label(view.say("custody-period-closed", period=cover.span.id)).classes("banner warn").props('role="alert"')
    with ui.element("section").classes("card").props('id="cover"'):
        headline("h2", view.say("custody-cover", scope=cover.scope, period=cover.span.id), "section-title")
        with ui.element("dl").classes("facts"):
            facts = [
                ("custody-shipped", kg(cover.mass_kg)), ("custody-own-metal", kg(cover.own_kg)), ("custody-documented", kg(cover.documented_kg)),
                ("custody-issuable", kg(cover.issuable_kg)),
            ]  # fmt: skip
            for name, number in facts:
                with ui.element("div"):
                    headline("dt", f"{view.say(name)} [kg]")
                    headline("dd", number)
        heads = [view.text(f"field.{name}") for name in ("account", "available")] + [
            view.say("custody-on-shipment"),
            view.say("custody-in-metal"),
        ]
        rows = []
        if cover.account is not None:
            rows.append((view.text(f"account.{cover.account_name}"), kg(cover.account.available), kg(cover.documented_kg), "–"))
        for name in CREDIT:
            share = with_percent(cut_percent(cover.content[name]), view.lang)
            rows.append((view.text(f"account.{name}"), kg(cover.accounts[name].available), kg(cover.claimed.get(name, 0)), share))
        table(heads, rows, numbers=(1, 2, 3), classes="even")
        ui.label(view.say("custody-cover-note")).classes("lever-note")


def _open(cover: Cover) -> str:
    """The first attribute that nobody has claimed for the shipment."""
    return next((name for name in CREDIT if name not in cover.claimed), CREDIT[0])


class _Form:
    """A form that issues something."""

    kind = ""

    def __init__(self, view: View, cover: Cover) -> None:
        self.view, self.cover = view, cover
        self.fields: Fields = {}

    def finish(self, words: str, do: Callable[[], Awaitable[str]]) -> None:
        """The place for problems and the button."""
        self.rest = ui.element("div").classes("full")
        with ui.element("div").classes("actions end"):
            self.button = main_button(self.view, words, "verified", lambda: self._do(do))

    async def _do(self, do: Callable[[], Awaitable[str]]) -> None:
        self.button.disable()
        clear_problems(self.fields, self.rest)
        try:
            address = await do()
        except PcfError as problem:
            problems = problem.problems if isinstance(problem, DataError) else [problem]
            show_problems(self.view, self.kind, problems, self.fields, self.rest)
            self.button.enable()
            return
        go(address)

    def field(self, name: str, value: str = "", props: str = "") -> None:
        """A field of text."""
        self.fields[name] = (
            ui.input(self.view.say("custody-note") if name == "note" else self.view.text(f"field.{name}"), value=value)
            .props(f'outlined dense maxlength="500" {props}')
            .classes("full")
        )


class _Document(_Form):
    """A CoC document."""

    kind = "document"

    def build(self) -> None:
        """All of it."""
        view, cover = self.view, self.cover
        headline("h2", view.text("coc.title-out"), "form-title")
        ui.label(view.say("custody-document-intro", certificate=cover.certificate or "–")).classes("lever-note")
        self.field("date", today(cover.zone), "type=date stack-label")
        self.field("coc_kg", str(cover.issuable_kg or ""), 'inputmode="numeric"')
        self.field("responsible")
        self.field("reference", props=f'placeholder="{view.say("custody-next-number")}"')
        self.field("force_majeure")
        self.state = ui.checkbox(view.say("custody-state-footprint"))
        self.field("footprint_verifier", props=f'placeholder="{view.say("custody-self-declared")}"')
        self.fields["footprint_verifier"].bind_visibility_from(self.state, "value")
        self.finish(view.say("custody-issue-document"), self._issue)

    async def _issue(self) -> str:
        view, cover = self.view, self.cover
        actor = view.act("record")
        values: dict[str, Any] = {"shipment": cover.shipment, **read_fields(self.fields)}
        verifier = str(values.pop("footprint_verifier", ""))
        if self.state.value:
            values |= await view.desk.work.run(custody_tasks.stated, cover.shipment, verifier)
        found = await asyncio.to_thread(issue, view.desk.book(actor), values, self.kind)
        if found is None:
            raise CheckFailed(view.say("custody-issued-before"))
        note("document issued", name=actor, reference=found.issued.reference, shipment=cover.shipment)
        return at("/paper", name=f"out/{found.issued.issuer}/{found.issued.reference}")


class _Claim(_Form):
    """A claim of recycled content."""

    kind = "statement"

    def build(self) -> None:
        """All of it."""
        view, cover = self.view, self.cover
        headline("h2", view.say("custody-claim"), "form-title")
        ui.label(view.say("custody-claim-intro")).classes("lever-note")
        self.field("id", f"RC-{cover.shipment}-{_open(cover).partition('-')[0]}")
        self.field("date", today(cover.zone), "type=date stack-label")
        options = {name: view.text(f"account.{name}") for name in CREDIT}
        self._select("attribute", options, _open(cover))
        self._select("basis", {name: view.say(f"custody-basis.{name}") for name in BASES}, BASES[0])
        self.field("mass_kg", props=f'inputmode="numeric" hint="{view.say("custody-hint-credit")}"')
        self.fields["mass_kg"].bind_visibility_from(self.fields["basis"], "value", backward=lambda basis: basis == "credit")
        self._select("standard", {name: name.upper().replace("-", " ") for name in STANDARDS}, STANDARDS[0])
        self.field("note")
        self.finish(view.say("custody-claim-do"), self._claim)

    def _select(self, name: str, options: dict[str, str], chosen: str) -> None:
        label = self.view.text(f"field.{name}")
        self.fields[name] = ui.select(options, value=chosen, label=label).props("outlined dense").classes("full")

    async def _claim(self) -> str:
        view, cover = self.view, self.cover
        actor = view.act("record")
        values = {"shipment": cover.shipment, **read_fields(self.fields)}
        if values.get("basis") != "credit":
            values.pop("mass_kg", None)
        await asyncio.to_thread(record, view.desk.book(actor), "statement", values, self.kind)
        note("claim made", name=actor, id=values.get("id", "")[:64], shipment=cover.shipment)
        return at("/claim", id=values["id"].strip())
