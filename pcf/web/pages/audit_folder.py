"""Audit, folder: the evidence pack of a period as a ZIP file, a pack computed again, events for other systems."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from nicegui import ui

from pcf.errors import InputError, PcfError
from pcf.views.audit import SAMPLE, SEED
from pcf.views.events import EXAMPLE_BASE
from pcf.web import audit_tasks
from pcf.web.journal import note
from pcf.web.pages.audit_frame import LONG, Place, database_url, say_problem, whole_number
from pcf.web.progress import run_watched
from pcf.web.shell import View, headline, main_button
from pcf.web.tables import Cell, table
from pcf.web.uploads import content_of, upload

MOST_UPLOAD = 19_000_000
"""Bytes of a pack; larger ones are for `pcf audit recompute`."""

MOST_KEY, MOST_BASE = 300, 200


async def build(view: View, place: Place) -> None:
    """The tab."""
    Export(view, place).build()
    Again(view).build()
    Events(view, place).build()


class Export:
    """The form that makes a folder."""

    def __init__(self, view: View, place: Place) -> None:
        self.view, self.place = view, place
        self.busy = False

    def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("section").classes("card").props('id="export"'):
            headline("h2", view.say("audit-export-title", scope=self.place.scope, period=self.place.period), "section-title")
            ui.label(view.say("audit-export-intro")).classes("lead")
            if not view.may("audit"):
                ui.label(view.say("audit-only-look")).classes("banner warn")
                return
            with ui.element("div").classes("form-row"):
                self.sample = ui.input(view.say("audit-samples-each"), value=str(SAMPLE)).props(
                    'dense outlined maxlength="6" inputmode="numeric"'
                )
                self.seed = ui.input(view.say("audit-seed-plain"), value=str(SEED)).props(
                    'dense outlined maxlength="16" inputmode="numeric"'
                )
                languages = {"en": "English", "zh": "中文"}
                self.lang = (
                    ui.select(languages, value=view.lang, label=view.say("audit-language"))
                    .props("dense outlined")
                    .classes("chooser")
                )
                self.footprints = ui.checkbox(view.say("audit-with-footprints"), value=True)
                self.button = main_button(view, view.say("audit-export"), "folder_zip", self._make)
            self.said = ui.element("div").classes("full").props('id="export-report" aria-live="polite"')

    async def _make(self) -> None:
        view, place = self.view, self.place
        if self.busy:
            return
        self.busy = True
        self.button.disable()
        try:
            actor = view.act("audit")
            sample = whole_number(view, "audit-samples-each", self.sample.value, 0, 10_000)
            seed = whole_number(view, "audit-seed-plain", self.seed.value, 0, 2**63 - 1)
            lang = self.lang.value if self.lang.value in ("en", "zh") else view.lang
            made = await run_watched(
                view, self.said, audit_tasks.export, database_url(view), place.scope, place.period, sample, seed,
                bool(self.footprints.value), lang, seconds=LONG,
            )  # fmt: skip
        except PcfError as problem:
            say_problem(view, self.said, problem)
            return
        finally:
            self.busy = False
            self.button.enable()
        note("audit folder made", name=actor, scope=place.scope, period=place.period)
        name = f"audit-{_safe(place.scope)}-{_safe(place.period)}.zip"
        counts = {key: f"{number:,}" for key, number in made["counts"].items()}
        with self.said, ui.element("div").classes("banner good").props('role="status"'):
            ui.icon("check_circle", size="22px")
            with ui.element("div"):
                ui.label(view.text("audit.exported", path=name, files=made["files"], events=f"{made['events']:,}", **counts))
                ui.button(
                    view.say("audit-again-download"), icon="download", on_click=lambda: ui.download.content(made["content"], name)
                ).props("flat no-caps")
        ui.download.content(made["content"], name)


class Again:
    """A pack computed again from nothing but itself."""

    def __init__(self, view: View) -> None:
        self.view = view

    def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("section").classes("card").props('id="recompute"'):
            headline("h2", view.say("audit-recompute-title"), "section-title")
            ui.label(view.say("audit-recompute-intro")).classes("lead")
            self.key = ui.input(view.say("audit-key")).props(f'dense outlined clearable maxlength="{MOST_KEY}"').classes("full")
            ui.label(view.say("audit-key-hint")).classes("line")
            upload(view, view.say("audit-pack-file"), self._take, MOST_UPLOAD, accept=".zip", refuse=self._refused)
            self.said = ui.element("div").classes("full").props('id="recompute-report" aria-live="polite"')

    def _refused(self, problem: InputError) -> None:
        say_problem(self.view, self.said, InputError(problem.place, problem.found, problem.expected, "pcf audit recompute"))

    async def _take(self, event: Any) -> None:
        view = self.view
        try:
            content = await content_of(event, MOST_UPLOAD)
            key = str(self.key.value or "").strip()
            if len(key) > MOST_KEY:
                raise InputError(view.say("audit-key"), f"{len(key):,} characters", f"at most {MOST_KEY:,}")
            with tempfile.TemporaryDirectory(prefix="pcf-pack-") as folder:
                path = Path(folder) / "pack.zip"
                await asyncio.to_thread(path.write_bytes, content)
                made = await run_watched(view, self.said, audit_tasks.recompute, str(path), key, view.lang, seconds=LONG)
        except PcfError as problem:
            say_problem(view, self.said, problem)
            return
        finally:
            event.sender.reset()
        self._show(made)

    def _show(self, made: dict[str, Any]) -> None:
        view = self.view
        with self.said:
            words = (
                view.say("audit-differs", wrong=f"{made['wrong']:,}", count=f"{made['count']:,}") if made["wrong"]
                else view.text("audit.agrees", count=f"{made['count']:,}")
            )  # fmt: skip
            ui.label(words).classes(f"banner {'bad' if made['wrong'] else 'good'}").props('role="status"')
            table(
                [view.say("audit-outcome"), view.say("audit-file"), view.say("audit-comparison")],
                [
                    [
                        Cell(view.say("audit-agrees" if good else "audit-differ"), mark=f"chip severity-{'none' if good else 'major'}"),
                        file, sentence,
                    ]
                    for good, file, sentence in made["lines"]
                ],
            )  # fmt: skip


class Events:
    """The events of the period as EPCIS 2.0."""

    def __init__(self, view: View, place: Place) -> None:
        self.view, self.place = view, place

    def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("section").classes("card").props('id="epcis"'):
            headline("h2", view.say("audit-epcis-title"), "section-title")
            ui.label(view.say("audit-epcis-intro")).classes("lead")
            with ui.element("div").classes("form-row"):
                self.base = (
                    ui.input(view.say("audit-epcis-base"), value=EXAMPLE_BASE)
                    .props(f'dense outlined maxlength="{MOST_BASE}"')
                    .classes("grow")
                )
                self.unit = ui.input(view.say("audit-epcis-unit")).props('dense outlined maxlength="100"').classes("grow")
                ui.button(view.say("audit-epcis"), icon="download", on_click=self._make).props("outline no-caps")
            self.said = ui.element("div").classes("full").props('id="epcis-report" aria-live="polite"')

    async def _make(self) -> None:
        view, place = self.view, self.place
        unit = str(self.unit.value or "").strip()
        try:
            made = await run_watched(
                view, self.said, audit_tasks.epcis, database_url(view), place.scope, place.period, unit, str(self.base.value or "").strip(),
                seconds=LONG,
            )  # fmt: skip
        except PcfError as problem:
            say_problem(view, self.said, problem)
            return
        name = f"events-{_safe(unit or f'{place.scope}-{place.period}')}.jsonld"
        with self.said:
            ui.label(view.text("epcis.written", path=name, count=f"{made['events']:,}")).classes("banner good").props(
                'role="status"'
            )
            if made["ends"]:
                ui.label(view.text("epcis.ends", count=f"{made['ends']:,}")).classes("banner warn")
            if str(self.base.value or "").strip() == EXAMPLE_BASE:
                ui.label(view.text("epcis.example-base", base=EXAMPLE_BASE)).classes("banner warn")
        ui.download.content(made["content"].encode(), name)


def _safe(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)[:60]
