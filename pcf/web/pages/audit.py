"""Audit: the checks of a period, samples, the walk from any record both ways, the audit folder and the log."""

from __future__ import annotations

import asyncio

from nicegui import ui

from pcf.custody.book import Span, read_periods
from pcf.web.pages import audit_checks, audit_folder, audit_log, audit_samples, audit_trail
from pcf.web.pages.audit_frame import Place, at
from pcf.web.shell import View, go, headline, link, page

TABS = {
    "checks": audit_checks.build, "samples": audit_samples.build, "trail": audit_trail.build, "folder": audit_folder.build,
    "log": audit_log.build,
}  # fmt: skip
OF_PERIOD = ("checks", "samples", "folder")
"""Tabs that are of a scope and period."""


@page("/audit", "web.audit", icon="fact_check")
async def audit(view: View) -> None:
    """The tab that the link names."""
    asked = view.request.query_params
    tab = asked.get("tab", "")
    tab = tab if tab in TABS else "trail" if asked.get("unit") else "checks"
    spans = await asyncio.to_thread(_read_spans, view)
    place = _place(spans, asked.get("scope", ""), asked.get("period", ""))
    with ui.element("div").classes("title-row"):
        with ui.element("div"):
            headline("h1", view.say("audit-title"), "page-title")
            ui.label(view.say("audit-intro")).classes("lead no-print")
        if tab in OF_PERIOD and place is not None:
            _chooser(view, tab, spans, place)
    with ui.element("nav").classes("tab-links no-print").props(f'aria-label="{view.say("audit-parts")}"'):
        for name in TABS:
            entry = link(at(name, place), view.say(f"audit-tab-{name}")).classes("tab-link")
            if name == tab:
                entry.props('aria-current="page"')
    if place is None:
        _empty(view)
        return
    await TABS[tab](view, place)


def _read_spans(view: View) -> dict[str, list[Span]]:
    with view.desk.database.read() as connection:
        return read_periods(connection)


def _place(spans: dict[str, list[Span]], scope: str, period: str) -> Place | None:
    """What is asked for, or else the newest period of the first scope that has begun; None in an empty book."""
    if not spans:
        return None
    scope = scope if scope in spans else sorted(spans)[0]
    known = {span.id: span for span in spans[scope]}
    return Place(scope, period if period in known else _first(spans[scope]))


def _first(spans: list[Span]) -> str:
    """The first open period: what was closed has been audited, what comes later has not begun."""
    return next((span.id for span in spans if not span.closed), spans[-1].id)


def _chooser(view: View, tab: str, spans: dict[str, list[Span]], place: Place) -> None:
    """Scope and period; a change leads to their link."""
    with ui.element("div").classes("actions no-print"):
        scopes = (
            ui.select(sorted(spans), value=place.scope, label=view.say("audit-scope")).props("dense outlined").classes("chooser")
        )
        scopes.on_value_change(lambda event: go(at(tab, Place(event.value, ""))))
        periods = ui.select([span.id for span in spans[place.scope]], value=place.period, label=view.say("audit-period"))
        periods.props("dense outlined").classes("chooser narrow")
        periods.on_value_change(lambda event: go(at(tab, Place(place.scope, event.value))))


def _empty(view: View) -> None:
    """What a newcomer does next."""
    with ui.element("section").classes("card empty-state"):
        ui.icon("inventory_2", size="34px")
        headline("h2", view.say("audit-empty-title"), "dialog-title")
        ui.label(view.say("audit-empty"))
        with ui.element("ul"):
            for key in ("audit-empty-demo", "audit-empty-own"):
                headline("li", view.say(key))
