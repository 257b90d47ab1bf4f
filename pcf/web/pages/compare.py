"""Compare: two to six variants side by side, and what may be said about the difference."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from nicegui import ui

from pcf.catalogue import STAGES
from pcf.errors import InputError, PcfError
from pcf.text import text
from pcf.views import heading
from pcf.views.compare_wording import signed
from pcf.views.figures import decimals_of, percent, tonnes
from pcf.views.order import in_order
from pcf.views.state import State, parse_state
from pcf.views.state_words import describe
from pcf.web import tasks, variants
from pcf.web.dialogs import open_dialog
from pcf.web.pages.products import evidence_bar
from pcf.web.plots import plot
from pcf.web.shell import View, go, headline, link, page
from pcf.web.tables import table

MOST, DRAWS = 6, 8_000
LETTERS = "ABCDEF"


@page("/compare", "web.compare", icon="compare_arrows")
async def compare(view: View) -> None:
    """The page of the variants that the link names."""
    asked = view.request.query_params.getlist("v")
    states, problems = [], []
    for item in asked[:MOST]:
        try:
            state = parse_state(item)
            await asyncio.to_thread(state.variant, view.desk.catalogue)
            states.append(state)
        except InputError as problem:
            problems.append(view.refusal(problem))
    saved = await asyncio.to_thread(variants.listed, view.desk.database)
    await Compare(view, states, saved).build(problems)


class Compare:
    """One visit."""

    def __init__(self, view: View, states: list[State], saved: list[variants.Saved]) -> None:
        self.view, self.states, self.saved = view, states, saved
        names = {item.state.text: item.name for item in reversed(saved) if item.state.changes}  # a product has its own name
        self.labels = [names.get(state.text) or describe(state, view.desk.catalogue, view.lang) for state in states]
        given = view.request.query_params.get("pair", "")
        letters = [LETTERS.find(letter) for letter in given[:2].upper()]
        good = len(letters) == 2 and letters[0] != letters[1] and all(0 <= place < len(states) for place in letters)
        self.pair = (letters[0], letters[1]) if good else (0, 1)

    def _link(self, states: list[State], pair: str = "") -> str:
        return "/app/compare?" + urlencode([*(("v", state.text) for state in states), *([("pair", pair)] if pair else [])])

    async def build(self, problems: list[str]) -> None:
        """All of it."""
        view = self.view
        with ui.element("div").classes("title-row"):
            with ui.element("div"):
                headline("h1", view.say("compare-title"), "page-title")
                ui.label(view.say("compare-intro", most=MOST)).classes("lead no-print")
            with ui.element("div").classes("actions no-print"):
                self._actions()
        for problem in problems:
            ui.label(problem).classes("banner bad").props('role="alert"')
        if len(self.states) < MOST:
            self._adder()
        if len(self.states) < 2:
            ui.label(view.say("compare-few")).classes("banner warn")
            for place, state in enumerate(self.states):
                self._waiting(place, state)
            return
        spinner = ui.label(view.say("computing")).classes("lead").props('role="status"')
        results = ui.element("div").classes("results")
        texts = [state.text for state in self.states]
        await ui.context.client.connected()  # the page is there, however long others keep the processes busy
        try:
            made = await view.desk.work.run(tasks.comparison, texts, self.labels, self.pair, DRAWS, view.lang, view.dark)
        except PcfError as problem:
            spinner.delete()
            ui.label(view.refusal(problem)).classes("banner bad").props('role="alert"')
            return
        spinner.delete()
        with results:
            self._show(made)

    # Choosing --------------------------------------------------------------------------------------------------------

    def _actions(self) -> None:
        view = self.view
        if len(self.states) >= 2:
            for ending in (".xlsx", ".csv"):
                ui.button(
                    view.say("export", kind=ending[1:].upper()), icon="download", on_click=partial(self._export, ending)
                ).props("flat no-caps")
            ui.button(view.say("print"), icon="print").props("outline no-caps").on("click", js_handler="() => window.print()")

    def _adder(self) -> None:
        view = self.view
        options = {f"saved {item.id}": f"★ {item.name}" for item in self.saved}
        options |= {item.id: view.name(item.name) for item in in_order(view.desk.catalogue.products.values())}
        with ui.element("div").classes("card adder no-print"):
            chosen = (
                ui.select(options, label=view.say("add-variant"), with_input=True).props("dense outlined").classes("wide-select")
            )
            ui.label(view.say("add-hint")).classes("lever-note")
            if self.saved and view.may("vary"):
                ui.button(view.say("manage-saved"), icon="bookmarks", on_click=self._manage).props("flat no-caps")

        def add(event: Any) -> None:
            if event.value:
                kept = next((item.state for item in self.saved if f"saved {item.id}" == event.value), None)
                go(self._link([*self.states, kept or State(event.value)]))

        chosen.on_value_change(add)

    def _manage(self) -> None:
        view = self.view
        with open_dialog(view.say("manage-saved")) as dialog:
            for item in self.saved:
                with ui.element("div").classes("saved-row"):
                    with ui.element("div"):
                        ui.label(item.name).classes("strong")
                        ui.label(f"{item.state.text} · {item.actor}").classes("mono")
                    ui.button(icon="delete_outline", on_click=partial(self._drop, item.id)).props(
                        f'flat round aria-label="{view.say("drop")}"'
                    )
            ui.button(view.say("close"), on_click=dialog.close).props("flat no-caps")

    async def _drop(self, identity: str) -> None:
        try:
            actor = self.view.act("vary")
            await asyncio.to_thread(variants.drop, self.view.desk.database, actor, identity)
        except PcfError as problem:
            self.view.explain(problem)
            return
        go(self._link(self.states))

    def _waiting(self, place: int, state: State) -> None:
        with ui.element("div").classes("card waiting"):
            ui.label(LETTERS[place]).classes("letter")
            ui.label(self.labels[place]).classes("strong")
            link(f"/app/explore?{state.query}", self.view.say("explore"))

    async def _export(self, ending: str) -> None:
        try:
            texts = [state.text for state in self.states]
            content = await self.view.desk.work.run(tasks.comparison_file, texts, self.labels, DRAWS, self.view.lang, ending)
        except PcfError as problem:
            self.view.explain(problem)
            return
        ui.download.content(content, f"comparison{ending}")

    # Showing ---------------------------------------------------------------------------------------------------------

    def _show(self, made: Mapping[str, Any]) -> None:
        view, found, items = self.view, made["document"], made["items"]
        if found["mixed"]:
            choices = heading.comma(view.lang).join(view.word("choice", name) for name in found["mixed"])
            with ui.element("div").classes("banner warn").props('role="alert"'):
                ui.icon("report", size="22px")
                ui.label(text("message.mixed", view.lang, choices=choices))
        with ui.element("div").classes("side-by-side"):
            for place, (variant, item) in enumerate(zip(found["variants"], items, strict=True)):
                self._variant(place, variant, item)
        self._verdict(made["pair"])
        with ui.element("div").classes("figures"):
            for name in ("waterfall", "stages", "difference", "distributions"):
                if name in made["figures"]:
                    with ui.element("section").classes(f"card figure-{name}"):
                        title = view.say(f"figure-{name}", first=LETTERS[self.pair[0]], second=LETTERS[self.pair[1]])
                        headline("h2", title, "section-title")
                        plot(made["figures"][name], title)
        with ui.element("section").classes("card"):
            headline("h2", view.say("stage-table"), "section-title")
            self._stages(found)
        ui.label(found["statement"]).classes("lead")

    def _variant(self, place: int, variant: Mapping[str, Any], item: Mapping[str, Any]) -> None:
        view, total = self.view, variant["total"]["value"]
        interval = variant["spread"]["interval"]
        with ui.element("section").classes("card variant"):
            with ui.element("div").classes("variant-head"):
                ui.label(variant["letter"]).classes("letter")
                rest = [state for number, state in enumerate(self.states) if number != place]
                with (
                    link(self._link(rest))
                    .classes("remove no-print")
                    .props(f'aria-label="{view.say("remove", name=variant["letter"])}"')
                ):
                    ui.icon("close", size="18px")
            ui.label(self.labels[place]).classes("tile-name")
            with ui.element("div").classes("tile-number"):
                ui.label(tonnes(total, decimals_of(total))).classes("big" if variant["feasible"] else "big infeasible")
                ui.label("tCO₂e/t").classes("unit")
            if variant["feasible"]:  # what cannot be made has no interval
                ends = {end: tonnes(interval[end], decimals_of(total)) for end in ("low", "high")}
                ui.label(view.say("interval", **ends)).classes("tile-second")
                if not interval["low"] <= total <= interval["high"]:
                    ui.label(view.say("interval-outside")).classes("tile-second")
            if heading.is_hypothetical(item):
                ui.label(view.text("message.hypothetical")).classes("banner warn")
            if not variant["feasible"]:
                ui.label(view.say("infeasible")).classes("chip standing-demonstration")
            ui.label(heading.boundary(item, view.lang)).classes("line")
            evidence_bar(view, item["evidence"]["source_check"])
            link(f"/app/explore?{self.states[place].query}", view.say("explore-this")).classes("no-print")

    def _verdict(self, pair: Mapping[str, Any]) -> None:
        view, (chosen_first, chosen_second), first, second = self.view, self.pair, pair["first"], pair["second"]
        with ui.element("section").classes("card verdict"):
            if len(self.states) > 2:
                options = {
                    f"{a}{b}": f"{a} → {b}" for a in LETTERS[: len(self.states)] for b in LETTERS[: len(self.states)] if a != b
                }
                chosen = ui.select(options, value=LETTERS[chosen_first] + LETTERS[chosen_second], label=view.say("pair")).props(
                    "dense outlined"
                )
                chosen.classes("no-print").on_value_change(lambda event: go(self._link(self.states, event.value)))
            kind = {"lower": "good", "higher": "good", "same": "good"}.get(pair["verdict"]["id"], "warn")
            ui.label(pair["verdict"]["text"]).classes(f"banner {kind}").props('role="status" id="verdict"')
            chance, made = pair["probability_lower"], pair["verdict"]["id"] != "infeasible"
            facts = [
                (view.say("difference", first=first, second=second), f"{signed(pair['difference'], 3)} tCO₂e/t" if made else "–"),
                (view.say("chance", first=first, second=second), "–" if chance is None else percent(chance, view.lang)),
                (view.say("claimable"), "–" if pair["smallest_claimable"] is None else f"{tonnes(pair['smallest_claimable'], 3)} tCO₂e/t"),
                (view.say("every-choice"), view.say("yes" if pair["holds_under_every_choice"] else "no") if made else "–"),
            ]  # fmt: skip
            with ui.element("dl").classes("facts"):
                for name, value in facts:
                    with ui.element("div"):
                        headline("dt", name)
                        headline("dd", value)

    def _stages(self, found: Mapping[str, Any]) -> None:
        view, listed = self.view, found["variants"]
        stages = [stage for stage in STAGES if any(stage in item["stages"] for item in listed)]
        heads = [view.say("stage"), *(item["letter"] for item in listed), *(f"{item['letter']} − A" for item in listed[1:])]
        rows = []
        for stage in stages:
            values = [tonnes(item["stages"].get(stage, 0.0), 3) for item in listed]
            changes = [signed(item["difference_to_first"].get(stage, 0.0), 3) for item in listed[1:]]
            rows.append([view.word("stage", stage), *values, *changes])
        totals = [tonnes(item["total"]["value"], 3) for item in listed]
        first = listed[0]["total"]["value"]
        apart = [signed(item["total"]["value"] - first, 3) for item in listed[1:]]
        table(heads, [*rows, [view.say("total"), *totals, *apart]], numbers=range(1, len(heads)))
