"""First step of the wizard: for whom the certificate is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nicegui import ui

from pcf.certificate.choices import list_parties
from pcf.certificate.listing import earlier_customers
from pcf.certificate.particulars import CUSTOMER
from pcf.errors import InputError
from pcf.refusals import parts

if TYPE_CHECKING:
    from pcf.web.pages.certificates.wizard import Wizard

MOST = 200
"""Known customers that are offered at a time; typing narrows them."""

LONGEST = 200


class CustomerStep:
    """Fields of the customer, to be filled in or taken from whom is known."""

    def __init__(self, wizard: Wizard) -> None:
        self.wizard = wizard
        self.known: dict[str, dict[str, str]] = {}

    def build(self) -> None:
        """All of it."""
        view = self.wizard.view
        ui.label(view.say("cert-customer-intro")).classes("lead")
        self.consignee = ui.checkbox(view.say("cert-customer-consignee"), on_change=self._switch).props('id="consignee"')
        self.pick = ui.select({}, label=view.say("cert-customer-known"), with_input=True, clearable=True)
        self.pick.props("dense outlined use-input input-debounce=200").classes("cert-known").on_value_change(self._take)
        ui.timer(0.05, self._offer, once=True)
        self.fields: dict[str, ui.input] = {}
        with ui.element("div").classes("cert-fields") as self.place:
            for name in CUSTOMER:
                field = ui.input(view.say(f"cert-customer-{name}")).props(f'dense outlined maxlength="{LONGEST}"')
                field.classes(f"cert-field-{name}").on_value_change(lambda event, name=name: self._write(name, event.value))
                if name == "country":
                    field.props(f'hint="{view.say("cert-country-hint")}"')
                self.fields[name] = field
        self.show()
        self.missing = ui.label().classes("banner bad").props('role="alert" id="missing"')
        self.missing.set_visibility(False)
        self.wizard.buttons(self._next)

    def _switch(self) -> None:
        """Ask for the fields, or leave the customer to the shipment that is to be chosen."""
        asked = not self.consignee.value
        if not asked:
            self.wizard.form.customer = {}
            self.show()
        for part in (self.pick, self.place):
            part.set_visibility(asked)
        self.missing.set_visibility(False)

    async def _offer(self) -> None:
        def read() -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
            with self.wizard.view.desk.database.read() as connection:
                return earlier_customers(connection, most=MOST), list_parties(connection, most=MOST)

        earlier, parties = await asyncio.to_thread(read)
        view = self.wizard.view
        for kind, found in (("earlier", earlier), ("party", parties)):
            for item in found:
                row = {name: str(item.get(name) or "") for name in CUSTOMER}
                where = ", ".join(filter(None, (row["address"], row["country"])))
                words = view.say(f"cert-known-{kind}", name=row["name"], where=where or "–")
                self.known.setdefault(words, row)
        self.pick.set_options({words: words for words in self.known})

    def _take(self, event: Any) -> None:
        if event.value in self.known:
            self.wizard.choose_customer(self.known[event.value])

    def _write(self, name: str, value: str | None) -> None:
        self.wizard.form.customer[name] = (value or "")[: LONGEST + 1]
        self._mark(name)

    def show(self) -> None:
        """Let the fields show what the form has."""
        for name, field in self.fields.items():
            field.set_value(self.wizard.form.customer.get(name, ""))
            self._mark(name)

    def complain(self, problems: list[InputError]) -> None:
        """Say at each field what is wrong with it, and in one line which are empty."""
        view, form = self.wizard.view, self.wizard.form
        self.consignee.set_value(False)
        places = [item.place.removeprefix("customer.") for item in problems]
        empty = [name for name in places if name in self.fields and not form.customer.get(name, "").strip()]
        names = view.say("list-comma").join(view.say(f"cert-customer-{name}") for name in empty)
        self.missing.set_text(view.say("cert-customer-missing", names=names))
        self.missing.set_visibility(bool(empty))
        for item in problems:
            name = item.place.removeprefix("customer.")
            if name in self.fields:
                key = "cert-bad-empty" if name in empty else "cert-bad-country" if name == "country" else ""
                self._mark(name, view.say(key) if key else "; ".join(parts(item, view.lang)[1:3]))

    def _mark(self, name: str, words: str | None = None) -> None:
        """Say what is wrong with a field, or that nothing is."""
        self.fields[name].error = words

    def _next(self) -> None:
        """On, with a customer, or to the shipments, each of which has one."""
        of_shipment = bool(self.consignee.value)
        if not of_shipment and (problems := self.wizard.form.customer_problems()):
            self.complain(problems)
            return
        self.missing.set_visibility(False)
        self.wizard.what.limit(shipments=of_shipment)
        self.wizard.stepper.next()
