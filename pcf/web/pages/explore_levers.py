"""The left side of Explore: everything that can be moved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from nicegui import ui

from pcf.text import texts, visible
from pcf.views.figures import percent, plain, with_percent
from pcf.views.heading import NAMED
from pcf.views.levers import Lever
from pcf.web.explorer import MIX
from pcf.web.shell import headline

if TYPE_CHECKING:
    from pcf.web.pages.explore import Page

MOST_SHOWN = 40
"""Parameters that the list of all of them shows at a time: the rest is found by its name."""

SHARES_OF_SITE = frozenset(
    {"electricity_supply", "attributed_supply", "rest_supply", "rest_basis", "electricity_attribution", MIX}
)
"""Groups that a site's own records fill: a salesperson chooses a mix instead."""

_MOVED = "(event) => emit(Number(event.target.value))"


class Levers:
    """The levers of a page."""

    def __init__(self, owner: Page) -> None:
        self.page, self.view = owner, owner.view
        self._marks: dict[str, Callable[[], None]] = {}

    def build(self) -> None:
        """The card's content; `refresh` makes it again."""
        self._content()

    def refresh(self) -> None:
        """Show the state as it is now."""
        self._content.refresh()

    def mark(self, name: str) -> None:
        """Show whether a lever stands where the product has it; for a slider, which moves without the levers being made again."""
        if name in self._marks:
            self._marks[name]()

    @ui.refreshable_method
    def _content(self) -> None:
        view, explorer = self.view, self.page.explorer
        headline("h2", view.say("levers"), "section-title")
        for lever in explorer.main:
            if lever.name == MIX:
                self._mix()
            elif lever.is_number:
                self._number(lever)
            else:
                self._choice(lever.name, view.name(lever.title), lever.value, self._options(lever))
        sites = explorer.sites()
        if len(sites) > 1:
            own = explorer.catalogue.products[explorer.state.product].site or ""
            names = {key: view.name(name) for key, name in sites.items()}
            self._choice("site", view.say("site"), explorer.state.changes.get("site", own), names, plain_value=own)
        with ui.expansion(view.say("method"), icon="rule").classes("more").props("dense"):
            self._method()
        with (
            ui.expansion(view.say("all-parameters", count=len(explorer.rest)), icon="list").classes("more").props("dense") as rest
        ):
            place = ui.element("div").classes("full")
        rest.on_value_change(lambda event: self._fill(place) if event.value else None)

    # One lever -------------------------------------------------------------------------------------------------------

    def _head(self, name: str, title: str, note: str = "") -> None:
        with ui.element("div").classes("lever-head"):
            words = ui.label(title).classes("lever-title")
            if note:
                self._note(note)
            button = ui.button(icon="undo", on_click=partial(self.page.change, {name: ""})).props("flat dense round size=sm")
            button.props(f'aria-label="{self.view.say("undo", name=title)}"')

        def show() -> None:
            touched = name in self.page.explorer.state.changes
            words.classes(add="touched" if touched else "", remove="" if touched else "touched")
            button.set_visibility(touched)

        self._marks[name] = show
        show()

    def _note(self, note: str) -> None:
        """What is to be said of a lever: under the pointer, at the keyboard's focus, and read out."""
        with (
            ui.icon("info_outline", size="16px")
            .classes("lever-info")
            .props('tabindex="0" role="img" aria-hidden="false"') as icon
        ):
            tip = ui.tooltip(note).classes("tip")
        icon._props["aria-label"] = f"{self.view.say('note')}: {note}"
        for moment, do in (("focus", "show"), ("blur", "hide")):
            icon.on(moment, js_handler=f"() => getElement({tip.id}).{do}()")

    def _number(self, lever: Lever) -> None:
        view = self.view
        title, value = view.name(lever.title), self.page.explorer.positions.get(lever.name, float(lever.value))
        with ui.element("div").classes("lever"):
            self._head(lever.name, title, lever.note)
            with ui.element("div").classes("lever-row"):
                slider = _slider(title, lever.low, lever.high, lever.step, value)
                field = (
                    ui.input(value=self._shown(lever, value)).props(f'dense outlined aria-label="{title}"').classes("lever-input")
                )
            slider.on("input", partial(self._slid, lever, field), throttle=0.02, js_handler=_MOVED)
            field.on("change", partial(self._typed, lever, field))
            with ui.element("div").classes("lever-range"):
                ui.label(self._shown(lever, lever.low))
                ui.label(view.word("source-check", lever.check))
                ui.label(self._shown(lever, lever.high))

    def _shown(self, lever: Lever, value: float) -> str:
        if lever.is_share:
            return with_percent(f"{100 * value:.4g}", self.view.lang)
        return plain(value) if lever.unit in ("1", "") else f"{plain(value)} {lever.unit}"

    def _slid(self, lever: Lever, field: Any, event: Any) -> None:
        if isinstance(event.args, int | float):
            field.value = self._shown(lever, float(event.args))
            self.page.move(lever.name, float(event.args))

    async def _typed(self, lever: Lever, field: Any) -> None:
        written = str(field.value or "").strip().replace(" %", "%")
        refusal = ""
        if lever.low == lever.low:  # it has a range
            low, high = (self._shown(lever, value) for value in (lever.low, lever.high))
            title = self.view.name(lever.title) or lever.name
            refusal = self.view.say("lever-refused", name=title, written=visible(written[:60]), low=low, high=high)
        await self.page.change({lever.name: written}, refusal)

    def _mix(self) -> None:
        view, explorer = self.view, self.page.explorer
        first, second = explorer.mix
        options = {name: self._option(name, MIX) for name in explorer.catalogue.shares[MIX].options}
        options |= {name: self._option(name, MIX) for name in explorer.catalogue.shares[MIX].presets if name not in options}
        share = explorer.positions.get(MIX)
        with ui.element("div").classes("lever"):
            self._head(MIX, view.say("grid-mix"), view.say("grid-mix-note"))
            with ui.element("div").classes("lever-row"):
                for end, label in ((first, view.say("mix-from")), (second, view.say("mix-to"))):
                    chosen = ui.select(options, value=end).props("dense outlined").classes("half")
                    _name(chosen, label)
                    chosen.on_value_change(partial(self._ends, first=end == first))
            if share is None:
                ui.label(f"{view.say('mix-written')} {explorer.state.changes.get(MIX, '')}").classes("lever-note")
                return
            slider = _slider(view.say("grid-mix"), 0, 1, 0.01, share)
            with ui.element("div").classes("lever-range"):
                shown = [ui.label(percent(1 - share, view.lang)), ui.label(percent(share, view.lang))]

            def slid(event: Any) -> None:
                if isinstance(event.args, int | float):
                    for label, part in zip(shown, (1 - event.args, event.args), strict=True):
                        label.text = percent(part, view.lang)
                    self.page.move(MIX, float(event.args))

            slider.on("input", slid, throttle=0.02, js_handler=_MOVED)

    async def _ends(self, event: Any, *, first: bool) -> None:
        ends = self.page.explorer.mix
        chosen = (event.value, ends[1]) if first else (ends[0], event.value)
        if chosen[0] == chosen[1]:
            self.refresh()
            return
        await self.page.mix_between(*chosen)

    # Choices ---------------------------------------------------------------------------------------------------------

    def _options(self, lever: Lever) -> dict[str, str]:
        return {name: self._option(name, lever.name) for name in lever.options}

    def _option(self, name: str, group: str = "") -> str:
        """What an option is called: by its own text, as a product, or as the data have it."""
        known = texts(self.view.lang)
        for key in (f"web.option-{group}-{name}", f"option.{name}", f"web.option-{name}"):
            if key in known:
                return known[key]
        product = self.page.explorer.catalogue.products.get(name.replace("_", "-"))
        if product is not None:
            return self.view.name(product.name)
        site = self.page.explorer.catalogue.sites.get(name)
        return self.view.name(site.name) if site is not None else name.replace("_", " ")

    def _choice(self, name: str, title: str, value: Any, options: dict[str, str], *, plain_value: str = "") -> None:
        with ui.element("div").classes("lever"):
            self._head(name, title)
            mixed = {} if value in options else {"": self.view.say("mixture")}
            chosen = ui.select({**mixed, **options}, value=value if value in options else "").classes("full")
            chosen.props("dense outlined options-dense")
            _name(chosen, title)

        async def change(event: Any) -> None:
            if event.value:
                await self.page.change({name: "" if event.value == plain_value else event.value})

        chosen.on_value_change(change)

    def _method(self) -> None:
        known = texts(self.view.lang)
        for name, (value, options) in self.page.explorer.choices().items():
            group = NAMED.get(name, name)
            titles = {
                option: known.get(f"choice.{group}.{option}") or known.get(f"{group}.{option}") or option for option in options
            }
            self._choice(name, known[f"choice.{group}"], value, titles, plain_value=options[0])

    # All parameters --------------------------------------------------------------------------------------------------

    def _fill(self, place: Any) -> None:
        if place.default_slot.children:
            return
        with place:
            search = ui.input(placeholder=self.view.say("search")).props("dense outlined clearable").classes("full")
            search.props(f'aria-label="{self.view.say("search")}"')
            rows = ui.element("div").classes("full")
        search.on_value_change(lambda event: self._rows(rows, str(event.value or "")))
        self._rows(rows, "")

    def _rows(self, place: Any, wanted: str) -> None:
        place.clear()
        asked = wanted.strip().lower()
        found = [
            lever for lever in self.page.explorer.rest
            if lever.name not in SHARES_OF_SITE and "__" not in lever.name
            and (asked in lever.name or any(asked in name.lower() for name in lever.title.values()))
        ]  # fmt: skip
        with place:
            for lever in found[:MOST_SHOWN]:
                self._row(lever)
            if len(found) > MOST_SHOWN:
                ui.label(self.view.say("more-parameters", count=len(found) - MOST_SHOWN)).classes("lever-note")
            if not found:
                ui.label(self.view.say("nothing-found")).classes("lever-note")

    def _row(self, lever: Lever) -> None:
        title = self.view.name(lever.title) or lever.name
        if not lever.is_number:
            self._choice(lever.name, title, lever.value, self._options(lever))
            return
        with ui.element("div").classes("lever small"):
            self._head(lever.name, title, lever.note)
            field = (
                ui.input(value=self._shown(lever, float(lever.value)))
                .props(f'dense outlined aria-label="{title}"')
                .classes("full")
            )
            field.on("change", partial(self._typed, lever, field))
            with ui.element("div").classes("lever-range"):
                ui.label(f"{self._shown(lever, lever.low)} … {self._shown(lever, lever.high)}")
                ui.label(self.view.word("source-check", lever.check))


def _slider(title: str, low: float, high: float, step: float, value: float) -> ui.element:
    """A slider of the browser's own: the focus is on what has the name and the value, which Quasar's keeps apart."""
    made = ui.element("input").classes("slider")
    # The default, after the ends: a value would be put back whenever something else on the page is drawn again.
    made._props.update({"type": "range", "min": low, "max": high, "step": step, "defaultValue": value, "aria-label": title})
    return made


def _name(chosen: ui.select, words: str) -> None:
    """A name for a list whose title stands above it: what stands in its label is read out, which else is its value alone."""
    with chosen.add_slot("before"):
        ui.label(words).classes("hidden-words")
