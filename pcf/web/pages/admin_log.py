"""The log: its head, whether it holds, and every event by kind, person, time and text."""

from __future__ import annotations

import asyncio
import json
import tempfile
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from nicegui import ui

from pcf.certificate.desk import LOG
from pcf.errors import InputError, PcfError
from pcf.settings import home
from pcf.store.keys import read_public
from pcf.store.log import log_root, log_size
from pcf.store.search import MOST_LOOKED, Line, Page, Wanted, find_events, last_head, read_payload, recent
from pcf.text import json_text
from pcf.web import admin_work
from pcf.web.pages.admin_parts import local, rows, say_at, words
from pcf.web.shell import View, headline, main_button

PAGE = 50
MOST_PAYLOAD = 50_000
"""Characters of a payload that are shown."""

SECONDS = 3_600.0
"""How long the check of the log may take [s]."""


class Log:
    """One visit."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.wanted = Wanted()
        self.before: int | None = None
        self.following: int | None = None
        self.trail: list[int | None] = []

    async def build(self) -> None:
        """All of it."""
        view = self.view
        headline("h2", view.say("admin-log"), "section-title")
        size, root, head, key, known = await asyncio.to_thread(self._state)
        with ui.element("dl").classes("facts").props('id="log-head"'):
            for name, value in (
                ("log-size", f"{size:,}"), ("log-signed", f"{head.size:,}" if head else view.say("admin-never")),
                ("log-root", root.hex()), ("log-key", key.vkey if key else view.say("admin-none")),
            ):  # fmt: skip
                with ui.element("div"):
                    words("dt", view.say(f"admin-{name}"))
                    words("dd", value).classes("mono" if name in ("log-root", "log-key") else "")
        with ui.element("div").classes("actions admin-sub"):
            self.button = main_button(view, view.say("admin-log-verify"), "verified", self._verify)
        self.said = ui.element("div").classes("full").props('aria-live="polite" id="log-said"')
        self._filters(*known)
        self.place = ui.element("div").classes("full").props('id="events"')
        await self._look(None)

    def _state(self) -> Any:
        with self.view.desk.database.read() as connection:
            size = log_size(connection)
            return size, log_root(connection, size), last_head(connection), read_public(home() / "keys", LOG), recent(connection)

    def _filters(self, kinds: Any, actors: Any) -> None:
        view = self.view
        headline("h3", view.say("admin-events"), "admin-h3 admin-sub")
        with ui.element("form").classes("log-filters").props('role="search"') as form:
            self.kind = self._select("kind", kinds)
            self.actor = self._select("person", actors)
            self.start = ui.input(view.say("admin-from")).props('type="date" outlined dense stack-label')
            self.stop = ui.input(view.say("admin-to")).props('type="date" outlined dense stack-label')
            self.text = ui.input(view.say("admin-text")).props('outlined dense clearable maxlength="200"').classes("log-text")
            button = ui.button(view.say("admin-find"), icon="search").props('type="submit" unelevated no-caps')
            button.props(f"text-color={'dark' if view.dark else 'white'}")
        form.on("submit.prevent", self._find)
        self.problem = ui.element("div").classes("full")

    def _select(self, name: str, options: Any) -> ui.select:
        made = ui.select(
            list(options), label=self.view.say(f"admin-{name}"), with_input=True, clearable=True, new_value_mode="add-unique"
        )
        return made.props("outlined dense")

    async def _find(self) -> None:
        try:
            start, stop = _day(self.start.value, 0), _day(self.stop.value, 1)
        except InputError as problem:
            say_at(self.problem, problem)
            return
        self.problem.clear()
        given = [str(box.value or "").strip()[:200] for box in (self.kind, self.actor, self.text)]
        self.wanted, self.trail = Wanted(given[0], given[1], start, stop, given[2]), []
        await self._look(None)

    async def _look(self, before: int | None) -> None:
        view = self.view

        def read() -> Page:
            with view.desk.database.read() as connection:
                return find_events(connection, self.wanted, before, PAGE)

        try:
            found = await asyncio.to_thread(read)
        except PcfError as problem:
            view.explain(problem)
            return
        self.before, self.following = before, found.following
        self._show(found)

    def _show(self, found: Page) -> None:
        view = self.view
        self.place.clear()
        with self.place:
            if not found.lines:
                key = "admin-looked" if found.following is not None else "admin-no-events"
                ui.label(view.say(key, seq=f"{found.looked:,}", most=f"{MOST_LOOKED:,}")).classes("banner warn")
            else:
                heads = [view.say(f"admin-{name}") for name in ("number", "time", "kind", "person", "record", "payload")]
                with rows(heads, view.say("admin-events")):
                    for line in found.lines:
                        self._line(line)
            with ui.element("div").classes("actions admin-sub"):
                if self.trail:
                    ui.button(view.say("admin-newer"), icon="chevron_left", on_click=self._newer).props("outline no-caps")
                if found.following is not None:
                    ui.button(view.say("admin-older"), icon="chevron_right", on_click=self._older).props("outline no-caps")

    def _line(self, line: Line) -> None:
        view = self.view
        row = ui.element("tr").props(f'data-seq="{line.seq}"')
        with row:
            words("td", f"{line.seq:,}").classes("number")
            words("td", local(line.time)).classes("nowrap")
            words("td", line.kind).classes("mono")
            words("td", line.actor)
            words("td", line.key[:120]).classes("mono")
            cell = ui.element("td")
        below = ui.element("tr").classes("payload")
        below.set_visibility(False)
        with cell:
            button = ui.button(icon="expand_more", on_click=lambda: toggle()).props("flat round dense")
            button.props(f'aria-label="{view.say("admin-payload-of", seq=line.seq)}" aria-expanded="false"')

        async def toggle() -> None:
            if not below.default_slot.children:
                content = await asyncio.to_thread(self._payload, line.seq)
                with below, ui.element("td").props('colspan="6"'):
                    words("pre", _pretty(content)).props('tabindex="0"')
                    if line.length > MOST_PAYLOAD:
                        ui.label(view.say("admin-payload-cut", count=f"{line.length:,}")).classes("admin-note")
            below.set_visibility(not below.visible)
            button.props(f'icon={"expand_less" if below.visible else "expand_more"} aria-expanded="{str(below.visible).lower()}"')

    def _payload(self, seq: int) -> str:
        with self.view.desk.database.read() as connection:
            return read_payload(connection, seq) or ""

    async def _older(self) -> None:
        self.trail.append(self.before)
        await self._look(self.following)

    async def _newer(self) -> None:
        await self._look(self.trail.pop())

    # Whether it holds --------------------------------------------------------------------------------------------------

    async def _verify(self) -> None:
        view, desk = self.view, self.view.desk
        try:
            view.act("people")
        except PcfError as problem:
            view.explain(problem)
            return
        size = await asyncio.to_thread(self._size)
        self.button.disable()
        self.said.clear()
        with self.said, ui.element("div").classes("waiting").props('role="status"'):
            ui.label(view.say("admin-log-verifying"))
            bar = (
                ui.linear_progress(value=0, show_value=False)
                .classes("full")
                .props(f'aria-label="{view.say("admin-log-verifying")}"')
            )
        with tempfile.TemporaryDirectory(prefix="pcf-log-") as folder:
            told = Path(folder) / "done"
            timer = ui.timer(0.5, partial(_tell, told, bar, size))
            url = desk.database.engine.url.render_as_string(hide_password=False)
            try:
                found = await desk.auditing.run(admin_work.verify_log, url, str(home()), str(told), seconds=SECONDS)
            except PcfError as problem:
                say_at(self.said, problem)
                return
            finally:
                timer.cancel()
                self.button.enable()
        self._result(found)

    def _size(self) -> int:
        with self.view.desk.database.read() as connection:
            return log_size(connection)

    def _result(self, found: admin_work.Verified) -> None:
        view = self.view
        self.said.clear()
        with self.said:
            took = f"{found.seconds:,.1f}"
            if not found.count:
                ui.label(view.say("admin-log-good", size=f"{found.size:,}", seconds=took)).classes("banner good").props(
                    'role="status"'
                )
                return
            with ui.element("div").classes("banner bad").props('role="alert"'), ui.element("div"):
                ui.label(view.say("admin-log-bad", count=f"{found.count:,}", size=f"{found.size:,}")).classes("strong")
                for item in found.findings:
                    ui.label(view.text(f"log.{item.kind}", seq=item.seq, where=item.where))


def _tell(told: Path, bar: ui.linear_progress, size: int) -> None:
    try:
        bar.set_value(min(1.0, int(told.read_text(encoding="ascii")) / max(1, size)))
    except (OSError, ValueError):  # not yet, or just being written
        return


def _day(value: Any, more: int) -> int | None:
    """Begin of a day, or of the one after it [us]."""
    written = str(value or "").strip()
    if not written:
        return None
    try:
        found = datetime.combine(date.fromisoformat(written) + timedelta(days=more), datetime.min.time()).astimezone()
        return int(found.timestamp() * 1_000_000)
    except (ValueError, OverflowError):
        raise InputError("date", repr(written[:20]), "a day such as 2026-03-31") from None


def _pretty(content: str) -> str:
    """A payload with its details laid out, as far as it is shown."""
    try:
        found = json.loads(content)
    except ValueError:
        return content[:MOST_PAYLOAD]
    return json_text(found)[:MOST_PAYLOAD]
