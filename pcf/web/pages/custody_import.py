"""Bringing in a file of records: all rows or none, with every problem at its row."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Any

from nicegui import ui

from pcf.custody import Book
from pcf.custody.intake import KINDS, Count, import_rows
from pcf.errors import DataError, InputError, PcfError
from pcf.refusals import parts
from pcf.web import custody_tasks
from pcf.web.journal import note
from pcf.web.pages.custody_enter import GROUPS
from pcf.web.pages.custody_parts import MOST_UPLOAD, asked, at, head, kg
from pcf.web.shell import View, link, page
from pcf.web.tables import table
from pcf.web.uploads import content_of, upload

BOOK = "book"
"""What is chosen for a workbook with a sheet for each kind."""

MOST_PROBLEMS = 200


@page("/custody/import", "web.custody-import", right="record", listed=False)
async def bring_in(view: View) -> None:
    """The upload."""
    with head(
        view,
        "enter",
        view.say("custody-import"),
        view.say("custody-import-intro"),
        back=(view.say("custody-enter"), at("/enter")),
    ):
        pass
    _Upload(view, asked(view, "kind")).build()


class _Upload:
    """The form that brings a file in."""

    def __init__(self, view: View, kind: str) -> None:
        self.view = view
        kinds = [name for names in GROUPS.values() for name in names] + ["match"]
        self.options = {BOOK: view.say("custody-whole-book"), **{name: view.say(f"custody-kind-{name}") for name in kinds}}
        self.kind = kind if kind in self.options else BOOK

    def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("section").classes("card"):
            with ui.element("div").classes("filters"):
                chosen = ui.select(self.options, value=self.kind, label=view.say("custody-import-kind")).props("outlined dense")
                chosen.classes("wide-select").bind_value(self, "kind")
                for sample, words in (("", "custody-template"), ("smelter", "custody-template-sample")):
                    ui.button(view.say(words), icon="download", on_click=lambda _, sample=sample: self._template(sample)).props(
                        "outline no-caps"
                    )
            ui.label(view.say("custody-import-how")).classes("lever-note")
            upload(
                view,
                view.say("custody-import-choose"),
                self._take,
                MOST_UPLOAD,
                accept=".csv,.xlsx",
                refuse=lambda problem: self._say([problem]),
            )
            self.place = ui.element("div").classes("full").props('id="report" aria-live="polite"')

    async def _template(self, sample: str) -> None:
        try:
            content = await self.view.desk.work.run(custody_tasks.book_template, sample)
        except PcfError as problem:
            self.view.explain(problem)
            return
        ui.download.content(content, "custody-sample.xlsx" if sample else "custody.xlsx")

    async def _take(self, event: Any) -> None:
        view = self.view
        self.place.clear()
        with self.place:
            ui.label(view.say("custody-reading")).classes("lever-note").props('role="status"')
        try:
            actor = view.act("record")
            content = await content_of(event, MOST_UPLOAD)
            name = _safe(event.file.name)
            count = await asyncio.to_thread(_bring_in, view.desk.book(actor), self.kind, name, content)
        except PcfError as problem:
            self._say(problem.problems if isinstance(problem, DataError) else [problem])
            return
        finally:
            event.sender.reset()
        note("records brought in", name=actor, kind=self.kind, file=name, new=count.written)
        self._done(name, count)

    def _done(self, name: str, count: Count) -> None:
        view = self.view
        self.place.clear()
        with self.place, ui.element("div").classes("banner good").props('role="status"'):
            ui.icon("check_circle", size="22px")
            with ui.element("div"):
                ui.label(view.say("custody-imported", file=name, count=kg(count.written), known=kg(count.known)))
                for doubt in count.doubts[:20]:
                    where, found, expected, _ = parts(doubt, view.lang)
                    ui.label(f"{where}: {view.say('custody-doubt', found=found, expected=expected)}")
                link(at(""), view.say("custody-to-accounts")).classes("link-button quiet")

    def _say(self, problems: Any) -> None:
        """Every problem at its row."""
        view = self.view
        self.place.clear()
        with self.place:
            ui.label(view.say("custody-nothing-kept", count=kg(len(problems)))).classes("banner bad").props('role="alert"')
            rows = [parts(item, view.lang) for item in problems[:MOST_PROBLEMS]]
            table([view.say(f"problem-{name}") for name in ("place", "found", "expected", "advice")], rows, classes="even")


def _bring_in(book: Book, kind: str, name: str, content: bytes) -> Count:
    """Record the rows of a file, as `pcf custody import` and `pcf … import` do."""
    from pcf.views.record_files import check_file, read_rows, read_sheets

    with tempfile.TemporaryDirectory(prefix="pcf-upload-") as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        check_file(path)
        if kind == BOOK:
            if path.suffix.lower() != ".xlsx":
                raise InputError(name, path.suffix, ".xlsx for a book of all kinds; or choose what the rows are")
            fields = {one: list(item.model.model_fields) for one, item in KINDS.items()}
            if not any(True for _, rows in read_sheets(path, fields) for _ in rows):
                raise InputError(name, "no records", "a sheet with a heading and rows")
            return import_rows(book, read_sheets(path, fields))
        own = list(KINDS[kind].model.model_fields)
        if not any(True for _ in read_rows(path, own)):
            raise InputError(name, "no rows", "a heading and at least one row")
        return import_rows(book, [(kind, read_rows(path, own))])


def _safe(given: str) -> str:
    """The file's own name as far as it is one, for the messages."""
    path = Path(given)
    stem = "".join(char for char in path.stem if char.isalnum() or char in "-_. ")[-80:].strip(". ")
    return f"{stem or 'records'}{path.suffix.lower() if path.suffix.lower() in ('.csv', '.xlsx') else '.csv'}"
