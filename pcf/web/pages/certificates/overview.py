"""The list of certificates: searched, filtered and cut into pages by the database."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import quote, urlencode

from nicegui import ui

from pcf.certificate.drafting import list_drafts
from pcf.certificate.listing import STATUSES, Listed, Wanted, list_page, products_of
from pcf.certificate.particulars import KINDS
from pcf.views.issuing import this_day
from pcf.web.pages.certificates.parts import HERE, basis_words, kg, status_chip
from pcf.web.shell import View, go, headline, link, main_button, page

SIZE = 50
DEEPEST = 100_000
"""Page beyond which nobody turns."""


@page("/certificates", "web.certificates", icon="verified")
async def certificates(view: View) -> None:
    """Search, filters, and the table."""
    await Overview(view).build()


class Overview:
    """One visit to the list."""

    def __init__(self, view: View) -> None:
        self.view = view
        asked = view.request.query_params
        self.wanted = Wanted(
            asked.get("q", "")[:200], _known(asked.get("status", ""), STATUSES), _known(asked.get("kind", ""), KINDS),
            asked.get("product", "")[:100],
        )  # fmt: skip
        number = asked.get("page", "1")
        self.page = int(number) - 1 if number.isascii() and number.isdigit() and 0 < int(number[:9]) <= DEEPEST else 0
        self._turn = 0

    async def build(self) -> None:
        """All of it."""
        view = self.view
        waiting, products = await asyncio.to_thread(self._around)
        with ui.element("div").classes("title-row"):
            with ui.element("div"):
                headline("h1", view.say("cert-title"), "page-title")
                ui.label(view.say("cert-intro")).classes("lead")
            with ui.element("div").classes("actions"):
                words = view.say("cert-drafts-count", count=waiting) if waiting else view.say("cert-drafts")
                ui.button(words, icon="how_to_reg", on_click=lambda: go(f"{HERE}/drafts")).props("flat no-caps")
                if view.may("certify"):
                    ui.button(view.say("cert-bulk"), icon="table_view", on_click=lambda: go(f"{HERE}/bulk")).props(
                        "outline no-caps"
                    )
                    main_button(view, view.say("cert-new"), "add", lambda: go(f"{HERE}/new"))
        with ui.element("section").classes("card"):
            self._filters(products)
            self.place = ui.element("div").props('id="listed" aria-live="polite"')
        await self._show()

    def _around(self) -> tuple[int, list[str]]:
        with self.view.desk.database.read() as connection:
            return list_drafts(connection, waiting=True, most=1)[0], products_of(connection)

    def _filters(self, products: list[str]) -> None:
        view = self.view
        with ui.element("div").classes("cert-filters"):
            search = ui.input(view.say("cert-search"), value=self.wanted.contains)
            search.props('dense outlined clearable maxlength="200" debounce="350"').classes("search").on_value_change(
                lambda event: self._change(contains=(event.value or "")[:200])
            )
            for name, options in (("status", STATUSES), ("kind", KINDS)):
                words = {"": view.say("cert-all"), **{item: view.say(f"cert-{name}-{item}") for item in options}}
                ui.select(words, value=getattr(self.wanted, name), label=view.say(f"cert-{name}")).props(
                    "dense outlined"
                ).classes("cert-filter").on_value_change(lambda event, name=name: self._change(**{name: event.value or ""}))
            named = {"": view.say("cert-all"), **{item: self._product(item) for item in products}}
            chosen = self.wanted.product if self.wanted.product in named else ""
            ui.select(named, value=chosen, label=view.say("cert-product")).props("dense outlined").classes(
                "cert-filter"
            ).on_value_change(lambda event: self._change(product=event.value or ""))

    def _product(self, name: str) -> str:
        found = self.view.desk.catalogue.products.get(name)
        return name if found is None else self.view.name(found.name)

    async def _change(self, **changed: str) -> None:
        self.wanted, self.page = Wanted(**{**self.wanted.__dict__, **changed}), 0
        await self._show()

    async def _turn_to(self, number: int) -> None:
        self.page = number
        await self._show()

    async def _show(self) -> None:
        """Read a page and show it, unless another one has been asked for meanwhile."""
        self._turn += 1
        turn, wanted, number = self._turn, self.wanted, self.page

        def read() -> tuple[int, list[Listed]]:
            with self.view.desk.database.read() as connection:
                return list_page(connection, wanted, this_day(), number, SIZE)

        count, rows = await asyncio.to_thread(read)
        if turn != self._turn:
            return
        asked = {"q": wanted.contains, "status": wanted.status, "kind": wanted.kind, "product": wanted.product}
        query = urlencode({name: value for name, value in asked.items() if value} | ({"page": number + 1} if number else {}))
        ui.run_javascript(f"history.replaceState(null, '', {json.dumps(f'{HERE}?{query}' if query else HERE)})")
        self.place.clear()
        with self.place:
            if rows:
                self._table(rows)
                self._pager(count, number)
            else:
                self._nothing(any(asked.values()) or number > 0)

    def _nothing(self, searched: bool) -> None:
        view = self.view
        with ui.element("div").classes("cert-empty"):
            ui.icon("search_off" if searched else "verified", size="40px").props('aria-hidden="true"')
            ui.label(view.say("cert-nothing" if searched else "cert-empty")).classes("strong")
            if not searched:
                ui.label(view.say("cert-empty-how")).classes("lead")
                if view.may("certify"):
                    link(f"{HERE}/new", view.say("cert-new")).classes("text-link")

    def _table(self, rows: list[Listed]) -> None:
        view = self.view
        heads = ("number", "status", "customer", "certified", "mass", "footprint", "issued", "valid-until")
        with ui.element("div").classes("scroll"), ui.element("table").classes("pcf-table cert-table"):
            with ui.element("thead"), ui.element("tr"):
                for name in heads:
                    _cell("th", view.say(f"cert-column-{name}"), number=name in ("mass", "footprint")).props('scope="col"')
            with ui.element("tbody"):
                for row in rows:
                    with ui.element("tr"):
                        with ui.element("td"):
                            link(f"{HERE}/c/{quote(row.number)}", row.number).classes("text-link")
                        with ui.element("td"):
                            status_chip(view, row.status)
                        _cell("td", row.customer)
                        with ui.element("td"):
                            what = row.certified if row.kind != "product" else view.say("cert-average-of", year=row.year)
                            ui.label(self._product(row.product))
                            ui.label(f"{view.say(f'cert-kind-{row.kind}')} · {what}").classes("cert-under")
                        _cell("td", kg(row.mass_kg), number=True)
                        with ui.element("td").classes("number"):
                            ui.label(row.printed)
                            ui.label(basis_words(view, row.boundary, row.gate, row.gwp)).classes("cert-under cert-basis")
                        for day in (row.issued, row.valid_until):
                            with ui.element("td").classes("cert-day"):
                                ui.label(day)

    def _pager(self, count: int, number: int) -> None:
        view, last = self.view, max(0, -(-count // SIZE) - 1)
        with ui.element("nav").classes("cert-pager").props(f'aria-label="{view.say("cert-pages")}"'):
            ui.label(
                view.say(
                    "cert-range", first=f"{number * SIZE + 1:,}", last=f"{min((number + 1) * SIZE, count):,}", count=f"{count:,}"
                )
            )
            for icon, key, target in (
                ("first_page", "first", 0), ("chevron_left", "before", number - 1), ("chevron_right", "next", number + 1),
                ("last_page", "last", last),
            ):  # fmt: skip
                button = ui.button(icon=icon, on_click=lambda _, target=target: self._turn_to(target))
                button.props(f'flat round dense aria-label="{view.say(f"cert-page-{key}")}"')
                if not 0 <= target <= last or target == number:
                    button.disable()


def _known(value: str, known: tuple[str, ...]) -> str:
    return value if value in known else ""


def _cell(tag: str, words: Any, *, number: bool = False) -> ui.element:
    made = ui.element(tag).classes("number" if number else "")
    made._text = str(words)
    return made
