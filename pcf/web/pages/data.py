"""Data: what the numbers rest on, and a plant's own year brought in."""

from __future__ import annotations

import asyncio
import tempfile
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import ui

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError, PcfError
from pcf.refusals import parts
from pcf.views.figures import plain
from pcf.views.source_words import known, locator, process_note
from pcf.web import tasks
from pcf.web.journal import note
from pcf.web.pages.data_versions import Versions
from pcf.web.shell import View, headline, page
from pcf.web.tables import table
from pcf.web.uploads import content_of, upload

MOST_UPLOAD = 10_000_000
"""Bytes of a workbook."""

MOST_PROBLEMS = 200
EARLIEST = 2000


@page("/data", "web.data", icon="dataset")
async def data(view: View) -> None:
    """Factors, processes, sources, and the upload."""
    catalogue = view.desk.catalogue
    with ui.element("div").classes("title-row"):
        with ui.element("div"):
            headline("h1", view.say("data-title"), "page-title")
            ui.label(view.say("data-intro")).classes("lead")
        with ui.element("div").classes("version").props('id="version"'):
            ui.label(view.say("data-version", version=catalogue.version)).classes("chip")
            ui.label(f"sha256 {catalogue.sha256[:16]}").classes("mono")
    with ui.element("section").classes("card"):
        names = ("factors", "processes", "data-sources", "versions", *(("plant",) if view.may("data") else ()))
        wanted = view.request.query_params.get("tab", "")
        with ui.tabs().props("no-caps dense align=left active-color=primary indicator-color=primary") as tabs:
            for name in names:
                ui.tab(name, view.say(f"tab-{name}"))
        with ui.tab_panels(tabs, value=wanted if wanted in names else names[0]).classes("panels").props("animated=false"):
            with ui.tab_panel("factors"):
                _searchable(view, "factors", FACTORS, _factors(view, catalogue))
            with ui.tab_panel("processes"):
                _searchable(view, "processes", PROCESSES, _processes(view, catalogue))
            with ui.tab_panel("data-sources"):
                _searchable(view, "data-sources", SOURCES, _sources(view, catalogue))
            with ui.tab_panel("versions"):
                await Versions(view).build()
            if view.may("data"):
                with ui.tab_panel("plant"):
                    Upload(view).build()


# Tables ----------------------------------------------------------------------------------------------------------------

FACTORS = ("id", "name", "value", "unit", "year", "geography", "check", "class", "source", "locator")
PROCESSES = ("id", "name", "stage", "unit", "count", "flows", "note")
SOURCES = ("id", "title", "publisher", "year", "url", "redistribution")


def _factors(view: View, catalogue: Catalogue) -> list[dict[str, Any]]:
    rows = []
    for versions in catalogue.factors.values():
        for year, item in sorted(versions.items(), reverse=True):
            marks = item.quantity.marks
            rows.append({
                "key": f"{item.id} {year}", "id": item.id, "name": view.name(item.quantity.name), "value": plain(item.quantity.value),
                "unit": item.quantity.unit, "year": year, "geography": marks.geography,
                "check": view.word("source-check", marks.source_check), "class": view.word("data-class", marks.data_class),
                "source": marks.source, "locator": locator(marks.locator, view.lang),
            })  # fmt: skip
    return sorted(rows, key=lambda row: row["key"])


def _processes(view: View, catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "key": item.id, "id": item.id, "name": view.name(item.name), "stage": view.word("stage", item.stage) if item.stage else "–",
            "unit": item.unit, "count": len(item.parameters), "flows": len(item.exchanges),
            "note": process_note(item.id, item.note, view.lang),
        }
        for item in sorted(catalogue.processes.values(), key=lambda item: item.id)
    ]  # fmt: skip


def _sources(view: View, catalogue: Catalogue) -> list[dict[str, Any]]:
    return [
        {
            "key": name,
            **{column: str(row.get(column, "") or "") for column in SOURCES},
            "id": name,
            "redistribution": known("redistribution", str(row.get("redistribution", "") or ""), view.lang),
        }
        for name, row in sorted(catalogue.sources.items())
    ]


def _searchable(view: View, name: str, columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    label = view.say("search-in", what=view.say(f"tab-{name}"))
    search = ui.input(placeholder=label).props(f'dense outlined clearable aria-label="{label}" maxlength="100"').classes("search")
    heads = [
        {
            "name": column, "label": view.say(f"column-{column}"), "field": column, "align": "right" if column in ("value", "count", "flows") else "left",
            "sortable": True, "classes": f"column-{column}",
        }
        for column in columns
    ]  # fmt: skip
    made = (
        ui.table(rows=rows, columns=heads, row_key="key", pagination=15).classes("data-table full").props("flat dense wrap-cells")
    )
    made.props(
        f'no-data-label="{view.say("nothing-found")}" no-results-label="{view.say("nothing-found")}" rows-per-page-label="{view.say("rows")}"'
    )
    made.bind_filter_from(search, "value", lambda value: value or "")


# A plant's own year ------------------------------------------------------------------------------------------------------


class Upload:
    """The form that brings a workbook in."""

    def __init__(self, view: View) -> None:
        self.view = view

    def build(self) -> None:
        """All of it."""
        view = self.view
        ui.label(view.say("plant-intro")).classes("lead")
        with ui.element("div").classes("actions"):
            for sample in (False, True):
                words = view.say("template-sample" if sample else "template-empty")
                ui.button(words, icon="download", on_click=partial(self._template, sample)).props("outline no-caps")
        with ui.element("div").classes("upload-row"):
            last = date.today().year - 1  # noqa: DTZ011 - a year that is over, where the user is
            self.year = ui.input(view.say("plant-year"), value=str(last)).props(
                'dense outlined maxlength="4" inputmode="numeric"'
            )
            self.replace = ui.checkbox(view.say("plant-replace"))
        upload(view, view.say("plant-file"), self._take, MOST_UPLOAD, accept=".xlsx", refuse=lambda problem: self._say([problem]))
        self.place = ui.element("div").classes("full").props('id="report" aria-live="polite"')

    async def _template(self, sample: bool) -> None:
        try:
            content = await self.view.desk.work.run(tasks.template, sample)
        except PcfError as problem:
            self.view.explain(problem)
            return
        ui.download.content(content, "plant-sample.xlsx" if sample else "plant.xlsx")

    async def _take(self, event: Any) -> None:
        view = self.view
        try:
            actor = view.act("data")
            year = self._year()
            content = await content_of(event, MOST_UPLOAD)
            with tempfile.TemporaryDirectory(prefix="pcf-upload-") as folder:
                path = Path(folder) / _safe(event.file.name)
                await asyncio.to_thread(path.write_bytes, content)
                arguments = (str(path), year, str(view.desk.data), view.lang, bool(self.replace.value))
                site, lines, balances = await view.desk.work.run(tasks.bring_in, *arguments)
        except PcfError as problem:
            self._say(problem.problems if isinstance(problem, DataError) else [problem])
            return
        finally:
            event.sender.reset()
        await asyncio.to_thread(self._record, actor, site, year)
        view.desk.renew()
        note("plant data brought in", name=actor, site=site, year=year)
        self._done(lines, balances)

    def _year(self) -> int:
        written = str(self.year.value or "").strip()
        if not written.isascii() or not written.isdigit() or not EARLIEST <= int(written) <= 2100:
            raise InputError(self.view.say("plant-year"), repr(written[:20]), f"{EARLIEST} … 2100")
        return int(written)

    def _record(self, actor: str, site: str, year: int) -> None:
        """In the log: who brought in which site, and when."""
        from pcf.store import digest

        with self.view.desk.database.write(actor) as tx:
            tx.add("plant-data", f"plant-data:{site}:{tx.tip[0]}", digest({"site": site, "year": year}), {})

    def _done(self, lines: list[str], balances: list[tuple[str, str]]) -> None:
        """What was brought in, each balance with its status, and that the plant closes."""
        view = self.view
        self.place.clear()
        with self.place:
            with ui.element("div").classes("banner good").props('role="status"'):
                ui.icon("check_circle", size="22px")
                ui.label(lines[0].strip())
            headline("h2", view.say("plant-balances"), "section-title spaced")
            with ui.element("ul").classes("checks"):
                for status, words in balances:
                    with ui.element("li").classes(f"check {status}"):
                        ui.icon("check_circle" if status == "pass" else "warning", size="20px").props(
                            f'role="img" aria-label="{view.text(f"check-status.{status}")}"'
                        )
                        ui.label(words)
            with ui.element("div").classes("card quiet-lines"):
                for line in lines[1:]:
                    ui.label(line.strip())

    def _say(self, problems: Any) -> None:
        """Every problem at its cell."""
        view = self.view
        self.place.clear()
        with self.place:
            ui.label(view.say("plant-problems", count=len(problems))).classes("banner bad").props('role="alert"')
            rows = [parts(item, view.lang) for item in problems[:MOST_PROBLEMS]]
            table([view.say(f"problem-{name}") for name in ("place", "found", "expected", "advice")], rows)


def _safe(name: str) -> str:
    """The file's own name as far as it is one, for the messages."""
    kept = "".join(char for char in Path(name).name if char.isalnum() or char in "-_. ")[-80:].strip(". ")
    return kept if kept.lower().endswith(".xlsx") else f"{kept or 'workbook'}.xlsx"
