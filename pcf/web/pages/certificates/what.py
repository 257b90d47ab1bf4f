"""Second step of the wizard: what is certified; only what still can be stands in the lists."""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, Any

from nicegui import ui

from pcf.certificate.choices import Choice
from pcf.certificate.particulars import KINDS
from pcf.custody.plain import plain
from pcf.errors import PcfError
from pcf.views.issuing import party_of
from pcf.web import certifying
from pcf.web.pages.certificates.parts import kg, reasons, seat_of

if TYPE_CHECKING:
    from pcf.web.pages.certificates.wizard import Wizard

_HEADS = """<q-tr :props="props"><q-th auto-width><span class="hidden-words">{choose}</span></q-th>
<q-th v-for="col in props.cols" :key="col.name" :props="props">{{{{ col.label }}}}</q-th></q-tr>"""
_CHOOSE = '<q-checkbox dense v-model="props.selected" :aria-label="props.row.name" />'
"""Heads and boxes with names: those that Quasar makes for what is chosen have none."""


class WhatStep:
    """Product, batch or shipment, with the mass that is left of it."""

    def __init__(self, wizard: Wizard) -> None:
        self.wizard = wizard
        self.kind = "shipment"
        self.contains = ""
        self.wanted = ""
        self.chosen: Choice | None = None
        self._turn = 0
        self._untouched = True

    def build(self) -> None:
        """Everything but the rows, which have to be computed."""
        view = self.wizard.view
        self.kind = self.wizard.form.kind or self.kind
        ui.label(view.say("cert-what-intro")).classes("lead")
        with ui.element("div").classes("cert-filters"):
            options = {name: view.say(f"cert-kind-{name}") for name in reversed(KINDS)}
            self.toggle = ui.toggle(options, value=self.kind, on_change=self._switch).props("no-caps unelevated")
            self.toggle.classes("cert-kinds").props(f'role="group" aria-label="{view.say("cert-kind")}"')
            search = ui.input(view.say("cert-what-search"), value=self.wanted).props(
                'dense outlined clearable maxlength="100" debounce="350"'
            )
            search.classes("search").on_value_change(lambda event: self._search(event.value or ""))
            self.contains = self.wanted
        self.note = ui.label(view.say(f"cert-what-{self.kind}")).classes("lever-note")
        self.place = ui.element("div").classes("full").props('id="choices" aria-live="polite"')
        self.said = ui.element("div").classes("full").props('aria-live="polite"')
        self.wizard.buttons(self._next, back=True)

    def limit(self, *, shipments: bool) -> None:
        """Offer shipments alone, whose customers are recorded, or everything."""
        self.toggle.set_enabled(not shipments)
        if shipments:
            self._untouched = False
            self.toggle.set_value("shipment")

    async def _switch(self, event: Any) -> None:
        self.kind = event.value
        self.note.set_text(self.wizard.view.say(f"cert-what-{self.kind}"))
        await self.refresh()

    async def _search(self, contains: str) -> None:
        self.contains = contains[:100].strip()
        await self.refresh()

    async def refresh(self) -> None:
        """Read what there is now."""
        view = self.wizard.view
        self._turn += 1
        turn = self._turn
        self.chosen = None
        self.said.clear()
        self.place.clear()
        with self.place:
            ui.label(view.say("computing")).classes("lead")
        try:
            arguments = (seat_of(view), self.kind, self.contains, self.wizard.replaces)
            found, more = await view.desk.work.run(certifying.choices, *arguments, seconds=certifying.SECONDS)
        except PcfError as problem:
            reasons(view, problem, self.place)
            return
        if turn != self._turn:
            return
        untouched, self._untouched = self._untouched and not self.wizard.form.kind and not self.contains, False
        if untouched and not found and self.kind == "shipment":
            self.toggle.set_value("batch")  # nobody has asked for shipments, and there are none
            return
        self._show(found, more)

    def _show(self, found: list[Choice], more: bool) -> None:
        view = self.wizard.view
        self.place.clear()
        with self.place:
            if not found:
                with ui.element("div").classes("cert-empty"):
                    ui.icon("inventory", size="36px").props('aria-hidden="true"')
                    ui.label(view.say("cert-what-none")).classes("strong")
                    ui.label(view.say("cert-what-none-how")).classes("lead")
                return
            choices = {f"{item.name} {item.site} {item.year}": item for item in found}
            columns = ["name", "product", "date", "site", *(["customer"] if self.kind == "shipment" else []), "mass", "left"]
            heads = [
                {
                    "name": name,
                    "label": view.say(f"cert-choice-{name}"),
                    "field": name,
                    "align": "right" if name in ("mass", "left") else "left",
                }
                for name in columns
            ]
            rows = [self._row(key, item) for key, item in choices.items()]
            table = ui.table(rows=rows, columns=heads, row_key="key", selection="single", pagination=8)
            table.classes("data-table full cert-choices").props(
                f'flat dense hide-selected-banner rows-per-page-label="{view.say("rows")}"'
            )
            table.add_slot("header", _HEADS.format(choose=escape(view.say("cert-choose"))))
            table.add_slot("body-selection", _CHOOSE)
            table.on_select(lambda event: self._choose(choices.get(event.selection[0]["key"]) if event.selection else None))
            table.on("row-click", lambda event: self._click(table, choices, event.args[1]["key"]))
            if more:
                ui.label(view.say("cert-what-more")).classes("lever-note")
            wanted = next((key for key, item in choices.items() if item.name == self.wanted), None)
            if wanted is not None or len(choices) == 1:
                self._click(table, choices, wanted or next(iter(choices)))

    def _row(self, key: str, item: Choice) -> dict[str, str]:
        view = self.wizard.view
        product = view.desk.catalogue.products.get(item.product)
        return {
            "key": key, "name": item.name if self.kind != "product" else item.product,
            "product": view.name(product.name) if product else item.product,
            "date": str(item.year) if self.kind == "product" else item.date, "site": item.site, "customer": item.customer,
            "mass": kg(item.mass_kg), "left": kg(item.left_kg),
        }  # fmt: skip

    def _click(self, table: ui.table, choices: dict[str, Choice], key: str) -> None:
        table.selected = [row for row in table.rows if row["key"] == key]
        table.update()
        self._choose(choices.get(key))

    def _choose(self, item: Choice | None) -> None:
        self.chosen = item
        self.said.clear()

    async def _next(self) -> None:
        """On with what is chosen; a shipment is for whom it went to, and brings its customer."""
        wizard, view, item = self.wizard, self.wizard.view, self.chosen
        self.said.clear()
        if item is None:
            with self.said:
                ui.label(view.say("cert-what-choose")).classes("banner bad").props('role="alert"')
            return
        form = wizard.form
        fresh = (form.kind, form.name, form.site, form.year) != (item.kind, item.name, *self._place(item))
        form.kind, form.name, (form.site, form.year), form.left_kg = item.kind, item.name, self._place(item), item.left_kg
        form.data_year = item.year
        if item.kind == "shipment":
            await self._take_customer(item.name)
        wizard.options.show(item, fresh=fresh and not (wizard.replaces and item.name == self.wanted))
        if problems := form.customer_problems():
            wizard.customer.complain(problems)
            wizard.stepper.set_value("customer")
            view.tell(view.say("cert-customer-needed"), "warning")
            return
        wizard.stepper.next()

    @staticmethod
    def _place(item: Choice) -> tuple[str, int | None]:
        return (item.site, item.year) if item.kind == "product" else ("", None)

    async def _take_customer(self, shipment: str) -> None:
        def read() -> dict[str, str]:
            with self.wizard.view.desk.database.read() as connection:
                return party_of(connection, shipment)

        party = await asyncio.to_thread(read)
        known = self.wizard.form.customer
        if plain(known.get("name", "")) == plain(party["name"]):
            missing = {name: value for name, value in party.items() if value and not known.get(name, "").strip()}
            self.wizard.choose_customer({**known, **missing})
            return
        if known.get("name", "").strip():
            view = self.wizard.view
            view.tell(view.say("cert-customer-taken", name=party["name"]), "info", milliseconds=8000)
        self.wizard.choose_customer(party)
