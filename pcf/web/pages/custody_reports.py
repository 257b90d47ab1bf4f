"""Reports that the records give: the yearly ASI report of a scope, green low-carbon aluminium of a heat; to read, print and save."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from nicegui import ui

from pcf.custody.asi_report import read_report, word_report
from pcf.custody.book import read_periods
from pcf.custody.listing import Wanted, read_page
from pcf.errors import InputError, PcfError
from pcf.text import json_text
from pcf.web import custody_tasks
from pcf.web.pages.custody_lists import a_day
from pcf.web.pages.custody_parts import (
    asked,
    at,
    empty,
    file_name,
    head,
    kg,
    material,
    number_asked,
    pager,
    problem_banner,
    read,
    read_sites,
    unit_at,
)
from pcf.web.shell import View, go, headline, link, page
from pcf.web.tables import Cell, table
from pcf.web.uploads import content_of, upload

ROWS = 50
MOST_GRADES = 200_000
"""Bytes of a table of grades."""

PARTS = {"asi": "/reports", "green": "/green"}


def _head(view: View, part: str, title: str, intro: str = "", *, back: tuple[str, str] | None = None) -> ui.element:
    actions = head(view, "reports", title, intro, back=back)
    if back is None:
        with ui.element("nav").classes("segments").props(f'aria-label="{view.say("custody-reports")}"'):
            for name, path in PARTS.items():
                entry = link(at(path), view.say(f"custody-report-{name}")).classes("segment")
                if name == part:
                    entry.props('aria-current="page"')
            link(at("/papers", kind="claims"), view.say("custody-papers-claims")).classes("segment")
    return actions


def _files(view: View, name: str, document: dict[str, Any], lines: Sequence[str]) -> None:
    """What the command prints, as files, and the way to paper."""
    for label, content, ending in (
        ("JSON", f"{json_text(document)}\n", "json"), (view.say("custody-as-text"), "\n".join([*lines, ""]), "txt"),
    ):  # fmt: skip
        ui.button(
            label, icon="download", on_click=lambda _, c=content, e=ending: ui.download.content(c, f"{name}.{e}")
        ).props("flat no-caps")  # fmt: skip
    ui.button(view.say("custody-print"), icon="print").props("outline no-caps").on("click", js_handler="() => window.print()")


def _lines(lines: Sequence[str]) -> None:
    """Lines of a report as the command prints them: the first one is its heading, those with blanks before them stand in."""
    for number, line in enumerate(lines):
        strong = not number or (not line.startswith(" ") and lines[number + 1 : number + 2] and lines[number + 1].startswith(" "))
        ui.label(line.strip()).classes(
            "claim-line strong" if strong else "claim-line inner" if line.startswith(" ") else "claim-line"
        )


# The yearly report ---------------------------------------------------------------------------------------------------------


@page("/custody/reports", "web.custody-reports", listed=False)
async def asi_report(view: View) -> None:
    """The yearly report of the scope and period that the address names."""
    actions = _head(view, "asi", view.say("custody-reports"), view.say("custody-reports-intro"))
    spans = await read(view, read_periods)
    if not spans:
        empty(view, view.say("custody-no-periods"), (view.say("custody-kind-period"), at("/enter", kind="period")))
        return
    scope = asked(view, "scope") or next(iter(spans))
    known = [item.id for item in spans.get(scope, [])]
    period = asked(view, "period") or (known[-1] if known else "")
    with ui.element("div").classes("filters no-print"):
        _choose(view, "scope", list(spans), scope, lambda chosen: at("/reports", scope=chosen))
        _choose(view, "period", known, period, lambda chosen: at("/reports", scope=scope, period=chosen))
    try:
        found = await read(view, read_report, scope, period)
    except InputError as problem:
        problem_banner(view, problem)
        return
    lines = await asyncio.to_thread(word_report, found, view.lang)
    with actions:
        _files(view, file_name(f"asi-report-{scope}-{period}", "asi-report"), found.as_document(), lines)
    with ui.element("section").classes("card paper").props('id="report"'):
        _lines(lines)


def _choose(view: View, what: str, options: list[str], chosen: str, address: Any) -> None:
    made = ui.select(options, value=chosen if chosen in options else None, label=view.text(f"field.{what}"))
    made.props("dense outlined options-dense").classes("choose").on_value_change(lambda event: go(address(event.value)))


# Green low-carbon aluminium ------------------------------------------------------------------------------------------------


@page("/custody/green", "web.custody-green", listed=False)
async def green(view: View) -> None:
    """The statement of the heat that the address names, or the heats to choose from."""
    heat = asked(view, "heat")
    if heat:
        await _Green(view, heat).build()
    else:
        await _heats(view)


async def _heats(view: View) -> None:
    """Heats by plant, day and words, each with its statement."""
    sites = [name for name, _, _ in await read(view, read_sites)]
    site, number = asked(view, "site", 64), number_asked(view, "page")
    days = {name: a_day(asked(view, name)) for name in ("from", "to")}
    wanted = Wanted(asked(view, "q", 100), site, days["from"], days["to"], "standing")

    def here(**changes: object) -> str:
        query: dict[str, object] = {"q": wanted.contains, "site": site, **days}
        return at("/green", **(query | changes))

    found = await read(view, read_page, "heat", wanted, (number - 1) * ROWS, ROWS)
    _head(view, "green", view.say("custody-reports"), view.say("custody-green-intro"))
    if not found.total and wanted == Wanted(state="standing"):
        empty(view, view.say("custody-none-casts"), (view.say("custody-new-cast"), at("/enter", kind="cast")))
        return
    with ui.element("section").classes("card"):
        headline("h2", view.say("custody-choose-heat"), "section-title")
        with ui.element("div").classes("filters"):
            search = ui.input(view.say("custody-search"), value=wanted.contains).props(
                'dense outlined maxlength="100" type="search"'
            )
            search.classes("search-field").on("keydown.enter", lambda: go(here(q=search.value or "")))
            options = {"": view.say("custody-any-site"), **{name: name for name in sites}}
            made = ui.select(options, value=site if site in options else "", label=view.text("field.site"))
            made.props("dense outlined options-dense").classes("choose").on_value_change(lambda event: go(here(site=event.value)))
            for name, day in days.items():
                field = ui.input(view.say(f"custody-{name}"), value=day).props("dense outlined type=date stack-label")
                field.classes("day-field").on(
                    "change", lambda _, name=name, field=field: go(here(**{name: a_day(str(field.value or ""))}))
                )
        ui.label(view.say("custody-found", count=kg(found.total))).classes("lever-note").props('role="status" id="found"')
        names = ("date", "site", "product", "product_kg")
        rows: list[list[str | Cell]] = [
            [
                Cell(row["unit"], at("/green", heat=row["unit"]), "unit-id"), row["date"], row["site"], material(view, row["material"]),
                kg(row["mass_kg"]),
            ]
            for row in found.rows
        ]  # fmt: skip
        heads = [view.text("unit.heat"), *(view.text(f"field.{name}") for name in names)]
        if rows:
            table(heads, rows, numbers=(4,), classes="even book-table")
        pager(view, number, found.total, ROWS, lambda other: here(page=other))


class _Green:
    """The statement of one heat, by the grades that somebody brings along."""

    def __init__(self, view: View, heat: str) -> None:
        self.view, self.heat = view, heat

    async def build(self) -> None:
        """All of it; the statement is computed in a worker."""
        view, heat = self.view, self.heat
        title = view.say("custody-green-title", heat=heat)
        self.actions = _head(view, "green", title, back=(view.say("custody-report-green"), at("/green")))
        self.place = ui.element("section").classes("card paper").props('id="report" aria-live="polite"')
        with self.place:
            ui.label(view.say("computing")).classes("lever-note").props('role="status"')
        await ui.context.client.connected()
        if not await self._show(None):
            return
        with ui.element("section").classes("card no-print").props('id="grades"'):
            headline("h2", view.say("custody-grades"), "section-title")
            ui.label(view.say("custody-grades-intro")).classes("lever-note")
            upload(view, view.say("custody-grades-choose"), self._take, MOST_GRADES, accept=".csv", refuse=view.explain)
            link(unit_at(heat), view.say("custody-to-unit")).classes("text-link")

    async def _take(self, event: Any) -> None:
        try:
            content = await content_of(event, MOST_GRADES)
        except InputError as problem:
            self.view.explain(problem)
            return
        finally:
            event.sender.reset()
        await self._show(content)

    async def _show(self, grades: bytes | None) -> bool:
        """Compute and show it; a table of grades that is none changes nothing."""
        view = self.view
        try:
            found = await view.desk.work.run(custody_tasks.green, self.heat, view.lang, grades)
        except PcfError as problem:
            if grades is not None:
                view.explain(problem)
                return True
            self.place.clear()
            with self.place:
                problem_banner(view, problem)
                link(at("/green"), view.say("custody-choose-heat")).classes("link-button quiet")
            return False
        self.place.clear()
        with self.place:
            _lines(found["lines"])
        self.actions.clear()
        with self.actions:
            _files(view, file_name(f"green-aluminium-{self.heat}", "green-aluminium"), found["document"], found["lines"])
        return True
