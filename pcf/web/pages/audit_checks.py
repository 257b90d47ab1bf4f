"""Audit, checks: what an auditor would find in a period, the balance of its metal, its accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pcf.errors import PcfError
from pcf.store.log import log_size
from pcf.web import audit_tasks
from pcf.web.pages.audit_frame import LONG, Place, database_url, say_problem, trail
from pcf.web.progress import run_watched
from pcf.web.shell import View, headline, main_button
from pcf.web.tables import Cell, table

AT_ONCE = 20_000
"""Events of a log that is checked without being asked."""

SEVERITIES = ("major", "minor", "observation")
BALANCE = ("opening_kg", "received_kg", "shipped_kg", "loss_kg", "closing_kg", "difference_kg")


async def build(view: View, place: Place) -> None:
    """The tab; a short log is checked at once."""
    size = await asyncio.to_thread(_log_size, view)
    shown = ui.element("div").classes("results full").props('id="checks" aria-live="polite"')

    async def run() -> None:
        try:
            made = await run_watched(
                view, shown, audit_tasks.check, database_url(view), place.scope, place.period, view.lang, seconds=LONG
            )
        except PcfError as problem:
            say_problem(view, shown, problem)
            return
        with shown:
            _show(view, made)

    with shown:
        if size > AT_ONCE:
            ui.label(view.say("audit-large", count=f"{size:,}")).classes("lead")
            main_button(view, view.say("audit-run"), "play_arrow", run)
            return
        ui.label(view.say("computing")).classes("lead").props('role="status"')
    ui.timer(0.05, run, once=True)


def _log_size(view: View) -> int:
    with view.desk.database.read() as connection:
        return log_size(connection)


def _show(view: View, made: Mapping[str, Any]) -> None:
    if made["log"]:
        with ui.element("div").classes("banner bad").props('role="alert"'), ui.element("div"):
            ui.label(view.say("audit-log-broken")).classes("strong")
            for line in made["log"]:
                ui.label(line)
        return
    with ui.element("div").classes("count-tiles"):
        for severity in SEVERITIES:
            count = made["counts"][severity]
            with ui.element("div").classes(f"card count-tile {severity if count else 'none'}"):
                ui.label(f"{count:,}").classes("big")
                ui.label(view.say(f"audit-{severity}")).classes("tile-second")
        good = sum(item[3] for item in made["traces"])
        with ui.element("div").classes("card count-tile"):
            ui.label(f"{good} / {len(made['traces'])}").classes("big")
            ui.label(view.say("audit-followed")).classes("tile-second")
    state = view.text("audit-page.closed" if made["closed"] else "audit-page.open")
    ui.label(view.say("audit-span", start=made["start"], end=made["end"], state=state, events=f"{made['events']:,}")).classes(
        "line"
    )
    _findings(view, made)
    with ui.element("div").classes("two-cards"):
        _balance(view, made["balance"])
        _traces(view, made["traces"])
    _accounts(view, made["accounts"])


def _findings(view: View, made: Mapping[str, Any]) -> None:
    with ui.element("section").classes("card").props('id="findings"'):
        headline("h2", view.say("audit-findings"), "section-title")
        if not made["findings"]:
            ui.label(view.text("audit-page.none")).classes("banner good")
            return
        heads = [view.say(f"audit-{name}") for name in ("severity", "place", "found", "expected")]
        rows = []
        for item in made["findings"]:
            rule = f"{item['rule']} {item['expected']}" if item["rule"] else "–"
            if item["indicative"]:
                rule += f" ({view.text('audit-page.is-indicative')})"
            rows.append([
                Cell(view.text(f"audit.{item['severity']}"), mark=f"chip severity-{item['severity']}"),
                Cell(item["record"], trail(item["unit"]), mark="record"), item["found"], rule,
            ])  # fmt: skip
        table(heads, rows)
        if made["more"]:
            ui.label(view.say("audit-more", count=f"{made['more']:,}")).classes("line")
        ui.label(view.text("audit.indicative")).classes("line")


def _balance(view: View, row: Mapping[str, int]) -> None:
    with ui.element("section").classes("card").props('id="balance"'):
        headline("h2", view.say("audit-balance"), "section-title")
        table(
            [view.say("audit-item"), "kg"], [[view.say(f"audit-{name[:-3]}"), f"{row[name]:,}"] for name in BALANCE], numbers=[1]
        )
        closes = not row["difference_kg"]
        ui.label(view.say("audit-closes" if closes else "audit-open-balance")).classes(f"banner {'good' if closes else 'bad'}")


def _traces(view: View, traces: list[tuple[str, str, str, bool]]) -> None:
    with ui.element("section").classes("card").props('id="traces"'):
        headline("h2", view.say("audit-traces"), "section-title")
        if not traces:
            ui.label(view.say("audit-no-traces"))
            return
        rows: list[list[str | Cell]] = [
            [
                view.say(f"audit-{direction}"),
                Cell(start, trail(unit), mark="record"),
                view.say("audit-unbroken" if good else "audit-broken"),
            ]
            for direction, start, unit, good in traces
        ]
        table([view.say("audit-way"), view.say("audit-from"), view.say("audit-outcome")], rows)


def _accounts(view: View, accounts: list[dict[str, Any]]) -> None:
    if not accounts:
        return
    with ui.element("section").classes("card").props('id="accounts"'):
        headline("h2", view.say("audit-accounts"), "section-title")
        heads = [
            view.text(f"audit-page.head-{name}") for name in ("account", "percentage", "cap", "issued", "carried", "available")
        ]
        rows = [
            [
                view.text(f"account.{item['account']}"), item["percentage"] or "–",
                *(f"{item[name]:,}" for name in ("cap_kg", "issued_kg", "carried_kg", "available_kg")),
            ]
            for item in accounts
        ]  # fmt: skip
        table(heads, rows, numbers=range(1, 6))
