"""API clients: who may ask the PACT service, what was published to whom, and the events both ways."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from typing import Any

from nicegui import ui

from pcf.exchange.sharing.clients import Client, list_clients
from pcf.exchange.sharing.inbox import list_inbox
from pcf.exchange.sharing.keeping import change_client, let_in, renew_secret, shut_out
from pcf.exchange.sharing.outbox import list_outbox
from pcf.exchange.sharing.register import list_publications
from pcf.web.dialogs import open_dialog
from pcf.web.pages.admin_parts import act, ask, chip, rows, show_once, words
from pcf.web.shell import View, headline, main_button
from pcf.web.tables import table

MOST_SHOWN = 100
"""Newest publications and events; `pcf pact published` and `pcf pact events` have all."""


class Clients:
    """The clients."""

    def __init__(self, view: View) -> None:
        self.view = view

    async def build(self) -> None:
        """All of it."""
        view = self.view
        with ui.element("div").classes("title-row"):
            headline("h2", view.say("admin-clients"), "section-title")
            main_button(view, view.say("admin-client-add"), "add", partial(self._form, None))
        self.place = ui.element("div").classes("full").props('id="clients"')
        await self.show()
        published, went, came = await asyncio.to_thread(self._moved)
        self._lists(published, went, came)

    def _moved(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
        with self.view.desk.database.read() as connection:
            published = list_publications(connection, None, MOST_SHOWN)
            return published, list_outbox(connection, MOST_SHOWN), list_inbox(connection, MOST_SHOWN)

    def _read(self) -> list[Client]:
        with self.view.desk.database.read() as connection:
            return list_clients(connection)

    async def show(self) -> None:
        """The clients as they are now."""
        view = self.view
        found = await asyncio.to_thread(self._read)
        heads = [view.say(f"admin-{name}") for name in ("name", "state", "hosts", "own-service", "what")]
        self.place.clear()
        with self.place:
            if not found:
                with ui.element("div").classes("banner warn"), ui.element("div"):
                    ui.label(view.say("admin-no-clients")).classes("strong")
                    ui.label(view.say("admin-no-clients-why"))
                return
            with rows(heads, view.say("admin-clients")):
                for client in found:
                    self._row(client)

    def _row(self, client: Client) -> None:
        view = self.view
        with ui.element("tr").props(f'data-name="{client.id}"'):
            with ui.element("td"):
                words("div", client.name).classes("strong")
                words("div", client.id if client.party is None else f"{client.id} · {client.party}").classes("mono")
            with ui.element("td"):
                chip(
                    view.say("admin-active" if client.active else "admin-disabled"), "chip-good" if client.active else "chip-bad"
                )
            words("td", ", ".join(client.hosts) or "–").classes("mono")
            words("td", client.address or "–").classes("mono")
            with ui.element("td"), ui.element("div").classes("actions"):
                off = ("block", "admin-disable", self._disable) if client.active else ("undo", "admin-enable", self._enable)
                for icon, key, do in (("edit", "admin-change", self._form), ("key", "admin-new-secret", self._renew), off):
                    button = ui.button(icon=icon, on_click=partial(do, client)).props("flat round dense")
                    button.props(f'aria-label="{view.say(key)}: {client.id}"').tooltip(view.say(key))

    def _lists(self, published: list[Any], went: list[Any], came: list[Any]) -> None:
        view = self.view
        lists: list[tuple[str, list[Any], tuple[str, ...]]] = [
            ("published", published, ("client", "product", "certificate", "state", "status", "id")),
            ("went", went, ("made", "client", "type", "state", "tries", "error")),
            ("came", came, ("made", "client", "type", "source", "id")),
        ]
        for name, found, columns in lists:
            headline("h3", view.say(f"admin-{name}"), "admin-h3 admin-sub")
            if not found:
                ui.label(view.say("admin-nothing-yet")).classes("admin-note")
                continue
            table(
                [view.text(f"field.{column}") for column in columns],
                [[str(item[column] if item[column] is not None else "–") for column in columns] for item in found],
                caption=view.say("admin-newest", count=MOST_SHOWN) if len(found) == MOST_SHOWN else "",
            )

    # Actions -----------------------------------------------------------------------------------------------------------

    def _form(self, client: Client | None) -> None:
        """Let one in, or change one."""
        view, desk = self.view, self.view.desk
        title = view.say("admin-client-add") if client is None else f"{view.say('admin-change')}: {client.id}"
        with open_dialog(title) as dialog:
            boxes: dict[str, Any] = {}
            known = client.row() if client else {}
            for name in (*(() if client else ("id",)), "name", "party", "hosts", "address"):
                label = view.say(f"admin-client-{name}")
                boxes[name] = ui.input(label, value=str(known.get(name) or "")).props(
                    'outlined dense maxlength="2000" autocomplete="off"'
                )
                boxes[name].classes("full")
            place = ui.element("div").classes("full")

            async def go_on() -> None:
                given = {name: str(box.value or "").strip() for name, box in boxes.items()}
                hosts = tuple(item for item in re.split(r"[\s,;，；]+", given["hosts"]) if item)

                def do(actor: str) -> str | None:
                    with desk.database.write(actor) as tx:
                        if client is None:
                            made = Client(
                                given["id"], given["name"], given["party"] or None, hosts=hosts, address=given["address"] or None
                            )
                            return let_in(tx, made)
                        change_client(
                            tx, client.id, name=given["name"], party=given["party"], hosts=hosts, address=given["address"],
                            active=client.active,
                        )  # fmt: skip
                        return None

                done, secret = await act(view, do, place)
                if done:
                    dialog.close()
                    if secret:
                        self._once(given["id"], secret)
                    else:
                        await self.show()

            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
                main_button(view, view.say("admin-save" if client else "admin-add"), "check", go_on)

    def _once(self, name: str, secret: str) -> None:
        view = self.view
        show_once(view, view.say("admin-client-once", name=name), view.say("admin-client-once-why"), secret, self.show)

    def _renew(self, client: Client) -> None:
        view = self.view

        def do(actor: str) -> str:
            with view.desk.database.write(actor) as tx:
                return renew_secret(tx, client.id)

        async def then(secret: str) -> None:
            self._once(client.id, secret)

        title = f"{view.say('admin-new-secret')}: {client.id}"
        ask(view, title, view.say("admin-new-secret-why"), do, then, word=view.say("admin-new-secret"))

    def _disable(self, client: Client) -> None:
        view = self.view

        def do(actor: str) -> None:
            with view.desk.database.write(actor) as tx:
                shut_out(tx, client.id)

        async def then(_: Any) -> None:
            await self.show()

        title = f"{view.say('admin-disable')}: {client.id}"
        ask(view, title, view.say("admin-client-disable-why"), do, then, word=view.say("admin-disable"))

    async def _enable(self, client: Client) -> None:
        def do(actor: str) -> None:
            with self.view.desk.database.write(actor) as tx:
                change_client(tx, client.id)

        if (await act(self.view, do))[0]:
            await self.show()
