"""Closing a period: first what will be carried and what expires, then a confirmation; afterwards it takes nothing more."""

from __future__ import annotations

import asyncio

from nicegui import ui

from pcf.custody.book import find_span
from pcf.errors import DataError, InputError, PcfError
from pcf.views.figures import with_percent
from pcf.views.period_close import Closed, Preview, close, preview_close
from pcf.web import custody_tasks
from pcf.web.journal import note
from pcf.web.pages.custody_parts import asked, at, head, kg, problem_banner, read
from pcf.web.shell import View, headline, link, page
from pcf.web.tables import table


@page("/custody/close", "web.custody-close", right="record", listed=False)
async def close_page(view: View) -> None:
    """The close of the period that the address names."""
    scope, name = asked(view, "scope"), asked(view, "period")
    title = view.say("custody-close-title", scope=scope, period=name)
    try:
        span = await read(view, find_span, scope, name)
        preview = await read(view, preview_close, span)
    except InputError as problem:
        head(view, "overview", view.say("custody-close"))
        problem_banner(view, problem, (view.say("custody-overview"), at("")))
        return
    head(
        view,
        "overview",
        title,
        view.say("custody-close-intro"),
        back=(view.say("custody-overview"), at("", scope=scope, period=name)),
    )
    if span.closed:
        with ui.element("div").classes("banner warn").props('role="status"'):
            ui.icon("lock", size="22px")
            ui.label(view.say("custody-status-closed", period=name, start=span.start, end=span.end))
        return
    await _Close(view, scope, name, preview).build()


class _Close:
    """The preview and the confirmation."""

    def __init__(self, view: View, scope: str, name: str, preview: Preview) -> None:
        self.view, self.scope, self.name, self.preview = view, scope, name, preview

    async def build(self) -> None:
        """All of it; the findings of an audit come last."""
        view, preview = self.view, self.preview
        with ui.element("section").classes("card").props('id="preview"'):
            following = preview.following.id if preview.following else "–"
            headline("h2", view.say("custody-preview", following=following), "section-title")
            heads = [view.text("field.account"), view.text("field.available")]
            heads += [view.say(f"custody-settle-{name}", following=following) for name in ("carried", "expired", "overdraft")]
            rows = [
                (
                    view.text(f"account.{item.account}"), kg(item.available), kg(item.settlement.positive_balance),
                    kg(item.settlement.expired), kg(item.settlement.overdraft),
                )
                for item in preview.balances.values()
            ]  # fmt: skip
            if rows:
                table(heads, rows, numbers=(1, 2, 3, 4), classes="even")
            else:
                ui.label(view.say("custody-no-postings", period=self.name)).classes("lever-note")
            ui.label(view.say("custody-preview-note")).classes("lever-note")
        if preview.following is None:
            ui.label(view.say("custody-no-following", end=preview.span.end)).classes("banner warn").props('role="alert"')
            link(at("/enter", kind="period"), view.say("custody-kind-period")).classes("link-button")
            return
        self.place = ui.element("section").classes("card").props('id="confirm" aria-live="polite"')
        with self.place:
            waiting = ui.label(view.say("custody-checking")).classes("lever-note").props('role="status"')
        await ui.context.client.connected()
        try:
            findings = await view.desk.work.run(custody_tasks.close_findings, self.scope, self.name, seconds=300.0)
        except PcfError as problem:
            waiting.set_text(view.refusal(problem))
            return
        waiting.delete()
        with self.place:
            self._confirm(findings or {})

    def _confirm(self, findings: dict[str, int]) -> None:
        view = self.view
        headline("h2", view.say("custody-confirm"), "section-title")
        grave = findings.get("major", 0)
        counts = {name: kg(findings.get(name, 0)) for name in ("major", "minor", "observation")}
        ui.label(view.say("custody-findings", **counts)).classes(
            f"banner {'bad' if grave else 'warn' if any(findings.values()) else 'good'}"
        ).props('role="status" id="findings"')
        if grave:
            link("/app/audit", view.say("custody-to-audit-checks")).classes("text-link")
        self.boxes = [ui.checkbox(view.say("custody-understood"))]
        if grave:
            self.boxes.append(ui.checkbox(view.say("custody-nevertheless")))
        self.rest = ui.element("div").classes("full")
        with ui.element("div").classes("actions end"):
            link(at("", scope=self.scope, period=self.name), view.say("cancel")).classes("link-button quiet")
            self.button = ui.button(view.say("custody-close-do", period=self.name), icon="lock", on_click=self._close)
            self.button.props("unelevated no-caps color=negative text-color=white").disable()
        for box in self.boxes:
            box.on_value_change(lambda: self.button.set_enabled(all(one.value for one in self.boxes)))

    async def _close(self) -> None:
        view = self.view
        self.button.disable()
        try:
            actor = view.act("record")
            if not all(box.value for box in self.boxes):
                return
            found = await asyncio.to_thread(close, view.desk.book(actor), self.scope, self.name)
        except PcfError as problem:
            self.rest.clear()
            with self.rest:
                for item in problem.problems if isinstance(problem, DataError) else [problem]:
                    ui.label(self.view.refusal(item)).classes("banner bad").props('role="alert"')
            return
        note("period closed", name=actor, scope=self.scope, period=self.name)
        self._done(found)

    def _done(self, found: Closed) -> None:
        view = self.view
        self.place.clear()
        with self.place:
            with ui.element("div").classes("banner good").props('role="status" id="closed"'):
                ui.icon("lock", size="22px")
                ui.label(
                    view.say("custody-was-closed" if found.known else "custody-now-closed", scope=self.scope, period=self.name)
                )
            if found.moved:
                headline("h2", view.say("custody-restated"), "section-title")
                heads = [
                    view.say("custody-document"),
                    view.say("custody-stated-then"),
                    view.say("custody-stated-now"),
                    view.say("change"),
                ]
                rows = [
                    (
                        item.document, f"{item.old:.3f}", "–" if item.new is None else f"{item.new:.3f}",
                        "–" if item.new is None else with_percent(f"{100 * item.change:+.1f}", view.lang),
                    )
                    for item in found.moved
                ]  # fmt: skip
                table(heads, rows, numbers=(1, 2, 3), classes="even")
            link(at("", scope=self.scope, period=self.name), view.say("custody-to-accounts")).classes("link-button quiet")
