"""Audit, trail: find a record, then walk from it back to its tickets and on to its documents."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pcf.certificate.listing import Listed, read_listed
from pcf.custody.audit.find import LONGEST, Hit, find_starts
from pcf.errors import PcfError
from pcf.text import json_text
from pcf.views.figures import with_percent
from pcf.views.issuing import this_day
from pcf.web import audit_tasks
from pcf.web.pages import audit_records, audit_tree
from pcf.web.pages.audit_frame import Place, at, database_url, trail
from pcf.web.pages.certificates.parts import STATUS_KIND
from pcf.web.plots import plot
from pcf.web.shell import View, go, headline, main_button
from pcf.web.tables import Cell, table

OF_PRODUCT = ("certificate", "heat", "bundle", "processed")
"""Kinds of records that a search finds with a product instead of a party."""


async def build(view: View, _place: Place) -> None:
    """The search, and the walk where the link names a unit."""
    unit, words = view.request.query_params.get("unit", ""), view.request.query_params.get("q", "")
    with ui.element("section").classes("card no-print"):
        headline("h2", view.say("audit-search-title"), "section-title")
        with ui.element("form").classes("form-row").props('role="search"') as form:
            label = view.say("audit-search")
            search = (
                ui.input(label, value=words[:LONGEST]).props(f'dense outlined clearable maxlength="{LONGEST}"').classes("grow")
            )
            button = main_button(view, view.say("audit-search-go"), "search", lambda: go(at("trail", q=str(search.value or ""))))
            button.props('type="button"')
        form.on(
            "submit",
            lambda: go(at("trail", q=str(search.value or ""))),
            js_handler="(event) => { event.preventDefault(); emit() }",
        )
        if not unit:
            found = await asyncio.to_thread(_find, view, words)
            _hits(view, found, words)
    if unit:
        await _walk(view, unit)


Found = tuple[list[Hit], dict[str, Listed]]
"""Where a trail may begin, and the certificates among it."""


def _find(view: View, words: str) -> Found:
    with view.desk.database.read() as connection:
        hits = find_starts(connection, words)
        numbers = [hit.name for hit in hits if hit.kind == "certificate"]
        return hits, read_listed(connection, numbers, this_day())


def _hits(view: View, hits: Found, words: str) -> None:
    found, certificates = hits
    if not found:
        ui.label(view.say("audit-nothing", words=words[:60]) if words else view.say("audit-no-records")).classes(
            "banner warn"
        ).props('role="status"')
        return
    ui.label(view.say("audit-hits" if words else "audit-newest", count=len(found))).classes("line")
    heads = [view.say(f"audit-{name}") for name in ("kind", "record", "standing", "follows", "date", "mass", "with-or-product")]
    table(heads, [
        [
            view.say(f"audit-hit-{hit.kind}"), Cell(hit.name, trail(hit.unit), mark="record"), _standing(view, certificates.get(hit.name)),
            hit.unit, hit.date, f"{hit.mass_kg:,} kg", _with(view, hit),
        ]
        for hit in found
    ], numbers=[5])  # fmt: skip


def _standing(view: View, found: Listed | None) -> Cell:
    """Whether a certificate holds; nothing for what is none."""
    return (
        Cell("")
        if found is None
        else Cell(view.say(f"cert-status-{found.status}"), mark=f"chip cert-{STATUS_KIND[found.status]}")
    )


def _with(view: View, hit: Hit) -> str:
    """With whom it was, or the product's name."""
    product = view.desk.catalogue.products.get(hit.party) if hit.kind in OF_PRODUCT else None
    return hit.party if product is None else view.name(product.name)


async def _walk(view: View, unit: str) -> None:
    waiting = ui.label(view.say("computing")).classes("lead").props('role="status"')
    await ui.context.client.connected()  # the page is there, however long others keep the processes busy
    try:
        made = await view.desk.work.run(audit_tasks.walk, database_url(view), unit, view.lang, view.dark)
    except PcfError as problem:
        waiting.delete()
        ui.label(view.refusal(problem)).classes("banner bad").props('role="alert"')
        return
    waiting.delete()
    stops = {stop["id"]: stop for stop in made["stops"]}
    with ui.element("div").classes("results walk").props(f'id="walk" data-unit="{len(stops)}"'):
        _head(view, made, stops[made["root"]])
        if made["figure"]:
            with ui.element("section").classes("card figure-walk"):
                headline("h2", view.say("audit-flow"), "section-title")
                said = [view.text("genealogy.method", unit=made["root"]), made["figure_note"]]
                ui.label(" · ".join(filter(None, said))).classes("lever-note")
                plot(made["figure"], view.say("audit-flow"))
        with ui.element("div").classes("two-cards"):
            for way in ("up", "down"):
                audit_tree.build(view, made, way)
        _table(view, made)
        with ui.element("section").classes("records-part"):
            headline("h2", view.say("audit-records"), "section-title")
            ui.label(view.say("audit-records-intro")).classes("lead")
            for stop in made["stops"]:
                audit_records.build(view, made, stop)


def _head(view: View, made: Mapping[str, Any], start: Mapping[str, Any]) -> None:
    with ui.element("section").classes("card"):
        with ui.element("div").classes("title-row"):
            with ui.element("div"):
                headline("h2", f"{view.text('unit.' + start['kind'])} {start['id']}", "walk-title")
                ui.label(f"{made['names'][start['id']]} · {start['date']} · {start['site']}").classes("line")
            with ui.element("div").classes("actions no-print"):
                ui.button(
                    view.say("audit-json"), icon="download",
                    on_click=lambda: ui.download.content(json_text(_document(made)).encode(), f"walk-{_safe(start['id'])}.json"),
                ).props("flat no-caps")  # fmt: skip
                ui.button(view.say("audit-print"), icon="print").props("outline no-caps").on(
                    "click", js_handler="() => window.print()"
                )
        facts = [("audit-mass", f"{start['mass_kg']:,} kg")]
        if footprint := made["footprints"].get(start["id"]):
            facts.append(("audit-footprint", audit_records.footprint_words(view, footprint)))
        if content := made.get("content"):
            facts.append(("audit-content", audit_records.content_words(view, content)))
        facts.append(("audit-heats", f"{sum(stop['kind'] == 'heat' for stop in made['stops']):,}"))
        facts.append(("audit-tickets", f"{sum(stop['kind'] == 'lot' for stop in made['stops']):,}"))
        with ui.element("dl").classes("facts"):
            for key, value in facts:
                with ui.element("div"):
                    headline("dt", view.say(key))
                    headline("dd", value)
        for problem in made["problems"].values():
            ui.label(f"{view.say('audit-footprint')}: {view.refusal(problem)}").classes("banner warn")
        key = "audit-walk-good" if made["good"] else "audit-walk-broken"
        words = view.say(key, count=len(made["stops"]), size=f"{made['log']['size']:,}", root=made["log"]["root"][:16])
        with ui.element("div").classes(f"banner {'good' if made['good'] else 'bad'}").props('id="walk-verdict" role="status"'):
            ui.icon("verified" if made["good"] else "gpp_bad", size="22px")
            ui.label(words)
        if made["left_out"]:
            ui.label(view.text("audit.walk-left-out", count=f"{made['left_out']:,}")).classes("banner warn")


def _document(made: Mapping[str, Any]) -> dict[str, Any]:
    """The walk as `pcf audit walk --json` has it."""
    return {
        key: value
        for key, value in made.items()
        if key not in ("figure", "names", "parties", "figure_note", "footprints", "problems", "content", "certificates")
    }


def _safe(name: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "-_." else "-" for sign in name)[:60]


def _table(view: View, made: Mapping[str, Any]) -> None:
    with ui.element("section").classes("card").props('id="stops"'):
        headline("h2", view.say("audit-stops"), "section-title")
        heads = [view.text(f"audit.head-{name}") for name in ("side", "kind", "id")]
        heads += [view.say("audit-material"), *(view.text(f"audit.head-{name}") for name in ("date", "mass"))]
        heads += [view.say("audit-share"), *(view.text(f"audit.head-{name}") for name in ("papers", "proof"))]
        rows: list[list[str | Cell]] = []
        for stop in made["stops"]:
            papers = "\n".join(f"{view.text('audit-paper.' + paper['kind'])} {paper['name']}" for paper in stop["papers"])
            good = stop["proof"]["included"] and stop["proof"]["intact"]
            rows.append([
                view.text(f"audit.side-{stop['side']}"), view.text(f"unit.{stop['kind']}"), Cell(stop["id"], f"#record-{audit_records.anchor(stop['id'])}", mark="record"),
                made["names"][stop["id"]], stop["date"], f"{stop['mass_kg']:,}",
                "" if stop["side"] == "root" else with_percent(f"{100 * stop['share']:.2f}", view.lang),
                Cell(papers or "–", mark="lines"), f"{'✓' if good else '✗'} {stop['proof']['event']:,}",
            ])  # fmt: skip
        table(heads, rows, numbers=[5, 6, 8])
