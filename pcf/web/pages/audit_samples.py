"""Audit, samples: draw by mass with a seed, the samples that were drawn, each drawn again."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from nicegui import ui

from pcf.custody.audit.samples import (
    MOST_PURPOSE,
    MOST_SEED,
    MOST_SIZE,
    Sample,
    draw_again,
    draw_sample,
    find_sample,
    read_samples,
)
from pcf.custody.audit.sampling import KINDS
from pcf.errors import InputError, PcfError
from pcf.store.clock import show
from pcf.text import texts
from pcf.web.journal import note
from pcf.web.pages.audit_frame import Place, at, say_problem, trail, whole_number
from pcf.web.shell import View, go, headline, main_button
from pcf.web.tables import Cell, table

SIZE = 10


async def build(view: View, place: Place) -> None:
    """The tab: the form, the sample that the link names, and all that were drawn."""
    with ui.element("section").classes("card no-print"):
        headline("h2", view.say("audit-draw-title"), "section-title")
        ui.label(view.say("audit-draw-intro")).classes("lead")
        if view.may("audit"):
            Form(view, place).build()
        else:
            ui.label(view.say("audit-only-look")).classes("banner warn")
    listed = await asyncio.to_thread(_listed, view)
    asked = view.request.query_params.get("sample", "")
    shown = next((item for item in listed if item.id == asked), None)
    if asked and shown is None:
        ui.label(str(InputError(view.say("audit-sample"), repr(asked[:40]), view.say("audit-sample-known")))).classes(
            "banner bad"
        ).props('role="alert"')
    if shown is not None:
        _sample(view, shown)
    with ui.element("section").classes("card").props('id="samples"'):
        headline("h2", view.say("audit-drawn"), "section-title")
        if not listed:
            ui.label(view.say("audit-none-drawn"))
            return
        heads = [
            view.text(f"audit.head-{name}")
            for name in ("id", "time", "actor", "scope", "period", "of", "size", "seed", "purpose")
        ]
        table(heads, [_row(view, place, item) for item in listed])


def _listed(view: View) -> list[Sample]:
    with view.desk.database.read() as connection:
        return read_samples(connection)


def _row(view: View, place: Place, item: Sample) -> list[str | Cell]:
    return [
        Cell(item.id, at("samples", place, sample=item.id), mark="record"), show(item.time), item.actor, item.scope, item.period,
        view.text(f"audit-of.{item.kind}"), f"{len(item.drawn):,} / {item.items:,}", str(item.seed), item.purpose,
    ]  # fmt: skip


class Form:
    """What is drawn, how many, by which seed."""

    def __init__(self, view: View, place: Place) -> None:
        self.view, self.place = view, place

    def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("div").classes("form-row"):
            kinds = {kind: view.text(f"audit-of.{kind}") for kind in KINDS}
            self.kind = ui.select(kinds, value=KINDS[0], label=view.say("audit-of")).props("dense outlined").classes("chooser")
            self.size = ui.input(view.say("audit-size"), value=str(SIZE)).props(
                'dense outlined maxlength="6" inputmode="numeric"'
            )
            self.seed = (
                ui.input(view.say("audit-seed")).props('dense outlined maxlength="16" inputmode="numeric"').classes("seed-input")
            )
            self.purpose = ui.input(view.say("audit-purpose")).props(f'dense outlined maxlength="{MOST_PURPOSE}"').classes("grow")
            main_button(view, view.say("audit-draw"), "casino", self._draw)
        ui.label(view.say("audit-seed-hint")).classes("line")
        self.said = ui.element("div").classes("full").props('id="draw-report" aria-live="polite"')

    async def _draw(self) -> None:
        view = self.view
        try:
            actor = view.act("audit")
            size = whole_number(view, "audit-size", self.size.value, 1, MOST_SIZE)
            written = str(self.seed.value or "").strip()
            seed = whole_number(view, "audit-seed", written, 0, MOST_SEED) if written else None
            purpose = str(self.purpose.value or "").strip()
            if self.kind.value not in KINDS:
                raise InputError(view.say("audit-of"), repr(self.kind.value), ", ".join(KINDS))
            book = view.desk.book(actor)
            made = await asyncio.to_thread(
                draw_sample, book, self.place.scope, self.place.period, self.kind.value, size, seed, purpose
            )
        except PcfError as problem:
            say_problem(view, self.said, problem)
            return
        note("sample drawn", name=actor, sample=made.id, seed=made.seed)
        go(at("samples", self.place, sample=made.id))


def _sample(view: View, found: Sample) -> None:
    """A sample with what was drawn, and the button that draws it again."""
    with ui.element("section").classes("card").props(f'id="sample" data-sample="{found.id}"'):
        with ui.element("div").classes("title-row"):
            with ui.element("div"):
                headline(
                    "h2", view.say("audit-sample-title", id=found.id, kind=view.text(f"audit-of.{found.kind}")), "dialog-title"
                )
                ui.label(f"{found.scope} · {found.period}" + (f" · {found.purpose}" if found.purpose else "")).classes("line")
            with ui.element("div").classes("actions no-print"):
                said = ui.element("div").props('aria-live="polite" id="again"')
                ui.button(view.say("audit-again"), icon="replay", on_click=partial(_again, view, found, said)).props(
                    "outline no-caps"
                )
                ui.button(view.say("audit-print"), icon="print").props("flat no-caps").on(
                    "click", js_handler="() => window.print()"
                )
        facts = (
            ("audit-actor", found.actor), ("audit-time", show(found.time)), ("audit-seed-is", str(found.seed)),
            ("audit-size-is", f"{len(found.drawn):,} / {found.items:,}"),
            ("audit-mass", f"{found.drawn_kg:,} / {found.mass_kg:,} kg"), ("audit-event", f"{found.seq:,}"),
        )  # fmt: skip
        with ui.element("dl").classes("facts small"):
            for key, value in facts:
                with ui.element("div"):
                    headline("dt", view.say(key))
                    headline("dd", value)
        ui.label(
            view.say("audit-population", size=f"{found.log_size:,}", sha256=found.population_sha256, method=found.method)
        ).classes("mono")
        heads = [view.text(f"audit.head-{name}") for name in ("id", "stratum", "date", "mass")]
        rows: list[list[Any]] = [
            [
                Cell(item.id, trail(item.unit), mark="record"), _stratum(view, found.kind, item.stratum), item.date,
                f"{item.mass_kg:,}{' *' if item.certain else ''}",
            ]
            for item in found.drawn
        ]  # fmt: skip
        table(heads, rows, numbers=[3])
        if any(item.certain for item in found.drawn):
            ui.label(view.say("audit-certain")).classes("line")


def _stratum(view: View, kind: str, name: str) -> str:
    group = {"tickets": "class", "documents": "account"}.get(kind)
    known = texts(view.lang)
    if group:
        return known.get(f"{group}.{name}", name)
    product = view.desk.catalogue.products.get(name)
    return view.name(product.name) if product else known.get(f"form.{name}", name)


async def _again(view: View, found: Sample, place: ui.element) -> None:
    def draw() -> bool:
        with view.desk.database.read() as connection:
            find_sample(connection, found.id)
            return draw_again(connection, found.id).agrees

    try:
        agrees = await asyncio.to_thread(draw)
    except PcfError as problem:
        say_problem(view, place, problem)
        return
    place.clear()
    with place:
        words = view.text("audit.redrawn" if agrees else "audit.redrawn-otherwise", id=found.id)
        ui.label(words).classes(f"banner {'good' if agrees else 'bad'}").props('role="status"')
