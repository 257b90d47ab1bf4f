"""Third step of the wizard: how much, in which language, until when, and by which choices of the method."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from nicegui import ui

from pcf.certificate.choices import Choice
from pcf.certificate.render import PRINTS
from pcf.errors import InputError
from pcf.views.issuing import METHOD, this_day
from pcf.web.pages.certificates.parts import kg, working
from pcf.web.shell import main_button

if TYPE_CHECKING:
    from pcf.web.pages.certificates.wizard import Wizard


class OptionsStep:
    """Mass, language, validity, method; each with a default that does."""

    def __init__(self, wizard: Wizard) -> None:
        self.wizard = wizard

    def build(self) -> None:
        """All of it."""
        view, form = self.wizard.view, self.wizard.form
        self.summary = ui.label("").classes("lead strong").props('id="chosen"')
        with ui.element("div").classes("cert-fields"):
            self.mass = ui.input(view.say("cert-mass"), value=form.mass).props(
                'dense outlined maxlength="20" inputmode="numeric" suffix="kg"'
            )
            self.mass.on_value_change(lambda event: self._set("mass", event.value))
            languages = {name: view.say(f"cert-lang-{name}") for name in reversed(list(PRINTS))}
            ui.select(languages, value=form.lang, label=view.say("cert-lang")).props("dense outlined").on_value_change(
                lambda event: self._set("lang", event.value)
            )
            self.until = ui.input(view.say("cert-until")).props('dense outlined type="date" stack-label')
            self.until.on_value_change(lambda event: self._set("valid_until", event.value))
        if self.wizard.replaces:
            self.reason = (
                ui.input(view.say("cert-replace-reason")).props('dense outlined maxlength="300"').classes("full cert-gap")
            )
            self.reason.on_value_change(lambda event: self._set("reason", event.value))
        with ui.expansion(view.say("cert-method")).classes("more"):
            ui.label(view.say("cert-method-note")).classes("lever-note")
            with ui.element("div").classes("cert-fields"):
                for name, options in METHOD.items():
                    key = {"electricity": "electricity_basis"}.get(name, name)
                    words = {item: view.word("choice", f"{key}.{item}") for item in options}
                    words = {item: item if word.startswith(f"{key}.") else word for item, word in words.items()}
                    ui.select(words, value=form.method[name], label=view.word("choice", key)).props(
                        "dense outlined"
                    ).on_value_change(lambda event, name=name: form.method.__setitem__(name, event.value))
        with ui.element("div").classes("actions cert-steps"):
            ui.button(view.say("cert-back"), icon="arrow_back", on_click=self.wizard.stepper.previous).props("flat no-caps")
            button = main_button(view, view.say("cert-look"), "preview", lambda: None)
            button.on_click(lambda: working(button, self.wizard.look))

    def _set(self, name: str, value: Any) -> None:
        setattr(self.wizard.form, name, str(value or "")[:400])
        field = {"mass": self.mass, "valid_until": self.until}.get(name)
        if field is not None:
            field.error = None

    def show(self, item: Choice, *, fresh: bool) -> None:
        """Defaults for what was chosen; what somebody has changed stays while the choice does."""
        view, form = self.wizard.view, self.wizard.form
        product = view.desk.catalogue.products.get(item.product)
        words = view.name(product.name) if product else item.product
        self.summary.set_text(
            view.say("cert-chosen", what=f"{words} · {item.name}" if item.kind != "product" else f"{words} · {item.year}")
        )
        if fresh or not form.mass:
            self.mass.set_value(str(item.left_kg))
        if fresh or not form.valid_until:
            self.until.set_value(min(this_day() + timedelta(days=365), form.latest).isoformat())
        self.mass.props(f'hint="{view.say("cert-mass-hint", left=kg(item.left_kg))}"')

    def complain(self, problems: list[InputError]) -> None:
        """Say at each field what is wrong with it."""
        view, places = self.wizard.view, {item.place for item in problems}
        if "mass" in places:
            self.mass.error = view.say("cert-bad-mass", left=kg(self.wizard.form.left_kg))
        if "valid_until" in places:
            self.until.error = view.say("cert-bad-day", latest=self.wizard.form.latest.isoformat())
        if "reason" in places and self.wizard.replaces:
            self.reason.error = view.say("cert-bad-reason")
