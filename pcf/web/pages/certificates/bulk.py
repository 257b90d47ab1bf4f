"""Many certificates from a table: every row is checked before any is issued; progress, results, and all files in one."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from nicegui import background_tasks, ui

from pcf.certificate.render import PRINTS
from pcf.errors import DataError, PcfError
from pcf.model import Method
from pcf.refusals import parts
from pcf.views.certificate_orders import FIELDS, RESULTS, Placed
from pcf.web import bulk as jobs
from pcf.web import certifying
from pcf.web.certifying import Readiness, seat
from pcf.web.journal import note
from pcf.web.pages.certificates.parts import HERE, kg, readiness, title, working
from pcf.web.shell import View, headline, link, main_button, page
from pcf.web.tables import table
from pcf.web.uploads import content_of, upload

MOST_UPLOAD = 5_000_000
"""Bytes of a table: many times what its rows take."""

MOST_SHOWN = 200
FORMS = (".xlsx", ".csv")
EXAMPLE = {
    "order": "PO-4711/10", "shipment": "SH-L-01", "name": "Räderwerk GmbH", "address": "Hafenstraße 1, 20457 Hamburg", "country": "DE",
    "customer_order": "PO-4711",
}  # fmt: skip


@page("/certificates/bulk", "web.cert-bulk", right="certify", listed=False)
async def bulk(view: View) -> None:
    """Upload, check, issue."""
    with title(view, "cert-bulk", "cert-bulk-intro"):
        ui.button(view.say("cert-bulk-template"), icon="download", on_click=_template).props("outline no-caps")
    ready = await readiness(view)
    if not ready.problem:
        Bulk(view, ready).build()


def _template() -> None:
    page = io.StringIO()
    made = csv.DictWriter(page, FIELDS, lineterminator="\n")
    made.writeheader()
    made.writerow(EXAMPLE)
    ui.download.content("\ufeff" + page.getvalue(), "orders.csv", "text/csv")


class Bulk:
    """One visit."""

    def __init__(self, view: View, ready: Readiness) -> None:
        self.view, self.ready = view, ready
        self.placed: list[Placed] = []
        self.name = ""
        self.shown = -1

    def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("section").classes("card"):
            if self.ready.four_eyes:
                ui.label(view.say("cert-bulk-four-eyes")).classes("banner warn")
            ui.label(view.say("cert-bulk-columns", columns=", ".join(FIELDS))).classes("lever-note")
            with ui.element("div").classes("upload-row"):
                languages = {name: view.say(f"cert-lang-{name}") for name in reversed(list(PRINTS))}
                self.lang = (
                    ui.select(languages, value="both", label=view.say("cert-lang-default"))
                    .props("dense outlined")
                    .classes("cert-wide")
                )
            upload(
                view,
                view.say("cert-bulk-file"),
                self._take,
                MOST_UPLOAD,
                accept=",".join(FORMS),
                refuse=lambda problem: self._wrong([problem]),
            )
            self.report = ui.element("div").classes("full").props('id="report" aria-live="polite"')
        self.place = ui.element("section").classes("card cert-gap").props('id="job" aria-live="polite"')
        self.place.set_visibility(False)
        self.timer = ui.timer(0.7, self._watch)
        self._watch()

    async def _take(self, event: Any) -> None:
        view = self.view
        self.report.clear()
        with self.report, ui.element("div").classes("cert-waiting").props('role="status"'):
            ui.spinner(size="28px")
            ui.label(view.say("cert-bulk-checking"))
        try:
            actor = view.act("certify")
            content = await content_of(event, MOST_UPLOAD)
            self.name = _safe(event.file.name)
            with tempfile.TemporaryDirectory(prefix="pcf-orders-") as folder:
                path = Path(folder) / self.name
                await asyncio.to_thread(path.write_bytes, content)
                arguments = (seat(view.desk, actor), str(path), Method(low_voltage_pfc="included"), str(self.lang.value))
                self.placed = await view.desk.work.run(certifying.read_upload, *arguments, seconds=certifying.SECONDS)
        except PcfError as problem:
            self._wrong(problem.problems if isinstance(problem, DataError) else [problem])
            return
        finally:
            event.sender.reset()
        self._good()

    def _wrong(self, problems: Any) -> None:
        """Every problem at its row; nothing was issued."""
        view = self.view
        self.report.clear()
        with self.report:
            ui.label(view.say("cert-bulk-problems", count=f"{len(problems):,}")).classes("banner bad").props('role="alert"')
            rows = [parts(item, view.lang) for item in problems[:MOST_SHOWN]]
            table([view.say(f"problem-{name}") for name in ("place", "found", "expected", "advice")], rows)

    def _good(self) -> None:
        view, placed = self.view, self.placed
        self.report.clear()
        with self.report:
            with ui.element("div").classes("banner good").props('role="status"'):
                ui.icon("check_circle", size="22px").props('aria-hidden="true"')
                ui.label(view.say("cert-bulk-good", count=f"{len(placed):,}", name=self.name))
            rows = []
            for item in placed[:MOST_SHOWN]:
                request = item.order.request
                mass = kg(request.mass_kg) if request.mass_kg else view.say("cert-all-left")
                what = f"{view.say(f'cert-kind-{request.kind}')} · {request.name}"
                rows.append((item.name, str(item.order.customer["name"]), what, mass, view.say(f"cert-lang-{item.order.lang}")))
            heads = [view.say(f"cert-column-{name}") for name in ("order", "customer", "certified", "mass", "lang")]
            table(heads, rows, numbers=(3,))
            if len(placed) > MOST_SHOWN:
                ui.label(view.say("cert-bulk-more", count=f"{len(placed) - MOST_SHOWN:,}")).classes("lever-note")
            with ui.element("div").classes("actions cert-steps"):
                key = "cert-bulk-draft" if self.ready.four_eyes else "cert-bulk-issue"
                button = main_button(view, view.say(key, count=f"{len(placed):,}"), "verified", lambda: None)
                button.on_click(lambda: working(button, self._start)).props('id="issue-all"')

    async def _start(self) -> None:
        view = self.view
        try:
            actor = view.act("certify")
            orders = [(item.name, item.order) for item in self.placed]
            job = jobs.begin(actor, self.name, orders, four_eyes=self.ready.four_eyes)
        except PcfError as problem:
            self._wrong([problem])
            return
        note("table of certificates begun", name=actor, rows=len(orders))
        background_tasks.create(jobs.work(view.desk, job))
        self.report.clear()
        self._watch()

    # Progress and results ----------------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        job = jobs.job_of(self.view.session.account.name)
        state = -1 if job is None else 2 * len(job.outcomes) + (0 if job.running else 1)
        if job is None or state == self.shown:
            return
        self.shown = state
        self.place.set_visibility(True)
        self.place.clear()
        with self.place:
            self._job(job)

    def _job(self, job: jobs.Job) -> None:
        view, done, count = self.view, len(job.outcomes), len(job.orders)
        headline("h2", view.say("cert-bulk-job", name=job.name), "section-title")
        words = view.say("cert-bulk-progress", done=f"{done:,}", count=f"{count:,}")
        bar = ui.linear_progress(done / count if count else 1, show_value=False, size="10px").props("rounded")
        bar.props(f'aria-label="{words}"')
        ui.label(words).classes("lever-note").props('role="status"')
        if job.problem:
            ui.label(view.refusal(job.problem)).classes("banner bad").props('role="alert"')
        if job.running:
            ui.button(view.say("cert-bulk-stop"), icon="stop", on_click=lambda: self._stop(job)).props("outline no-caps")
            return
        good = done - job.refused
        key = "cert-bulk-drafted" if job.four_eyes else "cert-bulk-done"
        ui.label(view.say(key, good=f"{good:,}", refused=f"{job.refused:,}")).classes(
            f"banner {'warn' if job.refused or done < count else 'good'}"
        ).props('id="bulk-done"')
        if done < count:
            ui.label(view.say("cert-bulk-again")).classes("lever-note")
        with ui.element("div").classes("actions"):
            if not job.four_eyes:
                ui.button(view.say("cert-bulk-zip"), icon="folder_zip", on_click=lambda: self._send(job, jobs.ZIP)).props(
                    "outline no-caps"
                )
            ui.button(view.say("cert-bulk-csv"), icon="table_view", on_click=lambda: self._send(job, RESULTS)).props(
                "outline no-caps"
            )
        self._results(job)

    def _results(self, job: jobs.Job) -> None:
        view = self.view
        first = sorted(job.outcomes, key=lambda item: not item.refused)
        heads = ("order", "number", "footprint", "refused")
        with ui.element("div").classes("scroll"), ui.element("table").classes("pcf-table cert-table"):
            with ui.element("thead"), ui.element("tr"):
                for name in heads:
                    made = ui.element("th").props('scope="col"')
                    made._text = view.say(f"cert-column-{name}")
            with ui.element("tbody"):
                for item in first[:MOST_SHOWN]:
                    with ui.element("tr"):
                        cell = ui.element("td")
                        cell._text = item.order
                        with ui.element("td"):
                            target = f"{HERE}/{'drafts' if job.four_eyes else 'c'}/{quote(item.number)}"
                            if item.number:
                                link(target, item.number).classes("text-link")
                        for words in (item.footprint, view.refusal(item.refused)):
                            cell = ui.element("td")
                            cell._text = words

    def _stop(self, job: jobs.Job) -> None:
        job.stopping = True
        self.view.tell(self.view.say("cert-bulk-stopping"), "info")

    def _send(self, job: jobs.Job, name: str) -> None:
        path = job.folder / name
        if path.is_file():
            ui.download.file(path, name)
        else:
            self.view.tell(self.view.say("cert-bulk-gone"), "warning")


def _safe(name: str) -> str:
    """The file's own name as far as it is one, for the messages."""
    kept = "".join(char for char in Path(name).name if char.isalnum() or char in "-_. ")[-80:].strip(". ")
    return kept if kept.lower().endswith(FORMS) else f"{kept or 'orders'}.bin"
