"""Audit, log: its head to hand out, its verification, the proof of an event."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import ui
from sqlalchemy import select

from pcf.errors import InputError, PcfError
from pcf.store.checkpoint import parse
from pcf.store.log import log_size
from pcf.store.schema import log_head
from pcf.text import json_text
from pcf.views.log import proof_document
from pcf.views.signing import log_public_key, sign_head
from pcf.web import audit_tasks
from pcf.web.journal import note
from pcf.web.pages.audit_frame import LONG, Place, database_url, say_problem, whole_number
from pcf.web.progress import run_watched
from pcf.web.shell import View, headline, main_button
from pcf.web.tables import Cell, table
from pcf.web.uploads import content_of, upload

MOST_HEAD = 100_000
"""Bytes of a head."""

LAST = 10
"""Heads that the page lists."""


async def build(view: View, _place: Place) -> None:
    """The tab."""
    size, heads, keys = await asyncio.to_thread(_state, view)
    with ui.element("div").classes("two-cards"):
        _head(view, size, heads, keys)
        _verify(view)
    _proof(view, size)


def _state(view: View) -> tuple[int, list[tuple[int, str]], list[str]]:
    with view.desk.database.read() as connection:
        rows = connection.execute(select(log_head.c.size, log_head.c.root).order_by(log_head.c.size.desc()).limit(LAST))
        heads = [(int(row.size), bytes(row.root).hex()) for row in rows]
        return log_size(connection), heads, [key.vkey for key in log_public_key()]


def _head(view: View, size: int, heads: list[tuple[int, str]], keys: list[str]) -> None:
    with ui.element("section").classes("card").props('id="head"'):
        headline("h2", view.say("audit-head-title"), "section-title")
        ui.label(view.say("audit-head-intro", size=f"{size:,}")).classes("lead")
        said = ui.element("div").classes("full").props('id="head-report" aria-live="polite"')

        async def sign() -> None:
            try:
                actor = view.act("audit")
                made = await asyncio.to_thread(sign_head, view.desk.database)
            except PcfError as problem:
                say_problem(view, said, problem)
                return
            note("log head signed", name=actor)
            found = parse(made)[0]
            said.clear()
            with said:
                ui.label(view.say("audit-head-made", size=f"{found.size:,}")).classes("banner good").props('role="status"')
                headline("pre", made, "mono")
            ui.download.content(made.encode(), f"log-head-{found.size}.txt")

        if view.may("audit"):
            main_button(view, view.say("audit-head-sign"), "draw", sign)
        else:
            ui.label(view.say("audit-only-look")).classes("banner warn")
        if heads:
            headline("h3", view.say("audit-heads"), "small-title")
            table(
                [view.say("audit-events"), view.say("audit-root")],
                [[f"{number:,}", Cell(root, mark="mono")] for number, root in heads],
                numbers=[0],
            )
        for key in keys:
            headline("h3", view.say("audit-public-key"), "small-title")
            ui.label(key).classes("mono")


def _verify(view: View) -> None:
    held = {"head": ""}
    with ui.element("section").classes("card").props('id="verify"'):
        headline("h2", view.say("audit-verify-title"), "section-title")
        ui.label(view.say("audit-verify-intro")).classes("lead")
        named = ui.label("").classes("line")
        named.set_visibility(False)

        async def take(event: Any) -> None:
            try:
                words = (await content_of(event, MOST_HEAD)).decode("utf-8")
                found = parse(words)[0]
            except UnicodeDecodeError:
                say_problem(
                    view, said, InputError(view.say("audit-head-file"), view.say("audit-no-text"), view.say("audit-a-head"))
                )
                return
            except PcfError as problem:
                say_problem(view, said, problem)
                return
            finally:
                event.sender.reset()
            held["head"] = words
            named.text = view.say("audit-held", size=f"{found.size:,}", root=found.root.hex()[:16])
            named.set_visibility(True)
            said.clear()

        upload(view, view.say("audit-head-file"), take, MOST_HEAD, refuse=lambda problem: say_problem(view, said, problem))

        async def verify() -> None:
            try:
                made = await run_watched(
                    view, said, audit_tasks.verify_log, database_url(view), held["head"], view.lang, seconds=LONG
                )
            except PcfError as problem:
                say_problem(view, said, problem)
                return
            with said:
                if made["clean"]:
                    ui.label(made["clean"]).classes("banner good").props('role="status"')
                    return
                with ui.element("div").classes("banner bad").props('role="alert"'), ui.element("div"):
                    ui.label(view.say("audit-log-broken")).classes("strong")
                    for line in made["findings"]:
                        ui.label(line)

        main_button(view, view.say("audit-verify"), "verified", verify)
        said = ui.element("div").classes("full").props('id="verify-report" aria-live="polite"')


def _proof(view: View, size: int) -> None:
    with ui.element("section").classes("card").props('id="proof"'):
        headline("h2", view.say("audit-proof-title"), "section-title")
        ui.label(view.say("audit-proof-intro")).classes("lead")
        with ui.element("div").classes("form-row"):
            asked = ui.input(view.say("audit-event-number")).props('dense outlined maxlength="12" inputmode="numeric"')

            async def prove() -> None:
                def read(seq: int) -> dict[str, Any]:
                    with view.desk.database.read() as connection:
                        return proof_document(connection, seq)

                try:
                    seq = whole_number(view, "audit-event-number", asked.value, 0, max(size - 1, 0))
                    made = json_text(await asyncio.to_thread(read, seq))
                except PcfError as problem:
                    say_problem(view, said, problem)
                    return
                said.clear()
                with said:
                    headline("pre", made, "mono")
                ui.download.content(f"{made}\n".encode(), f"proof-{seq}.json")

            ui.button(view.say("audit-prove"), icon="download", on_click=prove).props("outline no-caps")
        said = ui.element("div").classes("full").props('id="proof-report" aria-live="polite"')
