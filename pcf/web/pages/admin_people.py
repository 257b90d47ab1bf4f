"""People: who may use the workbench, and who is signed in."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from nicegui import ui

from pcf.store import clock
from pcf.web.dialogs import open_dialog
from pcf.web.pages.admin_parts import act, ask, chip, local, rows, show_once, words
from pcf.web.people import Account
from pcf.web.rights import ROLES
from pcf.web.sessions import Seen
from pcf.web.shell import View, headline, main_button


class Everybody:
    """The accounts."""

    def __init__(self, view: View) -> None:
        self.view = view

    async def build(self) -> None:
        """All of it."""
        with ui.element("div").classes("title-row"):
            headline("h2", self.view.say("admin-people"), "section-title")
            main_button(self.view, self.view.say("admin-person-add"), "person_add", self._add)
        self.place = ui.element("div").classes("full").props('id="people"')
        await self.show()

    async def show(self) -> None:
        """The table as it is now."""
        view, desk = self.view, self.view.desk
        accounts, seen = await asyncio.to_thread(lambda: (desk.people.accounts(), desk.sessions.listed()))
        heads = [view.say(f"admin-{name}") for name in ("name", "role", "state", "signed-in", "what")]
        self.place.clear()
        with self.place, rows(heads, view.say("admin-people")):
            for account in accounts:
                self._row(account, [item for item in seen if item.name == account.name])

    def _row(self, account: Account, seen: list[Seen]) -> None:
        view = self.view
        with ui.element("tr").props(f'data-name="{account.name}"'):
            with ui.element("td"):
                words("div", account.display).classes("strong")
                words("div", account.name).classes("mono")
            words("td", view.say(f"role-{account.role}"))
            with ui.element("td"):
                chip(
                    view.say("admin-active" if account.active else "admin-disabled"),
                    "chip-good" if account.active else "chip-bad",
                )
            with ui.element("td"):
                for item in seen[:5]:
                    words("div", view.say("admin-session", since=local(item.created), last=_ago(item.seen)))
                if not seen:
                    words("span", "–")
            with ui.element("td"), ui.element("div").classes("actions"):
                buttons = [("edit", "admin-change", self._change), ("password", "admin-new-password", self._reset)]
                if seen:
                    buttons.append(("logout", "admin-end-sessions", self._end))
                off = ("block", "admin-disable", self._disable) if account.active else ("undo", "admin-enable", self._enable)
                for icon, key, do in (*buttons, off):
                    button = ui.button(icon=icon, on_click=partial(do, account)).props("flat round dense")
                    button.props(f'aria-label="{view.say(key)}: {account.name}"').tooltip(view.say(key))

    # Actions -----------------------------------------------------------------------------------------------------------

    def _add(self) -> None:
        view = self.view
        with open_dialog(view.say("admin-person-add")) as dialog:
            name = (
                ui.input(view.say("admin-name-hint"))
                .props('outlined dense autofocus maxlength="60" autocomplete="off"')
                .classes("full")
            )
            display = (
                ui.input(view.say("admin-display")).props('outlined dense maxlength="100" autocomplete="off"').classes("full")
            )
            role = _role_select(view, "sales")
            place = ui.element("div").classes("full")

            async def go_on() -> None:
                given = (str(name.value or ""), str(role.value), str(display.value or ""))
                done, password = await act(view, lambda actor: view.desk.people.add(actor, *given), place)
                if done:
                    dialog.close()
                    self._once(given[0].strip().lower(), password)

            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
                main_button(view, view.say("admin-add"), "check", go_on)

    def _once(self, name: str, password: str) -> None:
        view = self.view
        show_once(view, view.say("admin-once", name=name), view.say("admin-once-why"), password, self.show)

    def _change(self, account: Account) -> None:
        view = self.view
        with open_dialog(f"{view.say('admin-change')}: {account.name}") as dialog:
            ui.label(view.say("admin-signs-out")).classes("dialog-why")
            display = (
                ui.input(view.say("admin-display"), value=account.display).props('outlined dense maxlength="100"').classes("full")
            )
            role = _role_select(view, account.role)
            place = ui.element("div").classes("full")

            async def go_on() -> None:
                new, shown = str(role.value), str(display.value or "")
                if (await act(view, lambda actor: view.desk.people.change(actor, account.name, role=new, display=shown), place))[
                    0
                ]:
                    await self._done(dialog)

            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
                main_button(view, view.say("admin-save"), "check", go_on)

    async def _done(self, dialog: Any = None) -> None:
        self.view.desk.sessions.forget()
        await self.show()
        if dialog is not None:
            dialog.close()  # last: what lies beneath is then what is clicked

    def _reset(self, account: Account) -> None:
        view = self.view

        async def then(password: str) -> None:
            self._once(account.name, password)

        ask(
            view, f"{view.say('admin-new-password')}: {account.name}", view.say("admin-new-password-why"),
            lambda actor: view.desk.people.reset(actor, account.name), then, word=view.say("admin-new-password"),
        )  # fmt: skip

    def _end(self, account: Account) -> None:
        view = self.view
        ask(
            view, f"{view.say('admin-end-sessions')}: {account.name}", view.say("admin-end-sessions-why"),
            lambda actor: view.desk.sessions.end_all(actor, account.name), self._after, word=view.say("admin-end-sessions"),
        )  # fmt: skip

    def _disable(self, account: Account) -> None:
        view = self.view
        ask(
            view, f"{view.say('admin-disable')}: {account.name}", view.say("admin-disable-why"),
            lambda actor: view.desk.people.change(actor, account.name, active=False), self._after, word=view.say("admin-disable"),
        )  # fmt: skip

    async def _enable(self, account: Account) -> None:
        done, _ = await act(self.view, lambda actor: self.view.desk.people.change(actor, account.name, active=True))
        if done:
            await self._done()

    async def _after(self, _: Any) -> None:
        await self._done()


def _role_select(view: View, value: str) -> ui.select:
    names = {name: view.say(f"role-{name}") for name in ROLES}
    return ui.select(names, value=value, label=view.say("admin-role")).props("outlined dense").classes("full")


def _ago(moment: int) -> str:
    return local(moment) if clock.now() - moment > 86_400_000_000 else local(moment)[11:16]
