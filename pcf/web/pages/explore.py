"""Explore: move a product's levers and watch its footprint."""

from __future__ import annotations

import asyncio
import json
import time
from functools import partial
from typing import Any

from nicegui import background_tasks, ui

from pcf.engine.scenarios import Outcome
from pcf.errors import InputError, PcfError
from pcf.methods import Range
from pcf.views.state import State, read_state
from pcf.web import tasks, variants
from pcf.web.dialogs import open_dialog
from pcf.web.explorer import MIX, Explorer, Result, compute, with_range
from pcf.web.journal import note
from pcf.web.pages.explore_levers import Levers
from pcf.web.pages.explore_results import Results
from pcf.web.shell import View, go, headline, link, main_button, page

DETAILS_AFTER, BAND_AFTER = 0.12, 0.35
"""Pause after which the details, and then the uncertainty, are computed [s]."""

DRAWS = 4_000


@page("/explore", "web.explore", icon="tune")
async def explore(view: View) -> None:
    """The page of a product; without one, that of the first."""
    pairs = list(view.request.query_params.multi_items())
    catalogue = view.desk.catalogue
    try:
        state = read_state(pairs, next(iter(sorted(catalogue.products))))
        explorer = await asyncio.to_thread(Explorer, catalogue, state)
    except InputError as problem:
        _refused(view, problem, pairs)
        return
    await Page(view, explorer).build()


def _refused(view: View, problem: InputError, pairs: list[tuple[str, str]]) -> None:
    """A link that cannot be computed: what is wrong with it, and the way to the product as it is."""
    headline("h1", view.say("link-wrong"), "page-title")
    ui.label(view.refusal(problem)).classes("banner bad").props('role="alert"')
    product = dict(pairs).get("product", "")
    known = product in view.desk.catalogue.products
    target = f"/app/explore?product={product}" if known else "/app/"
    link(target, view.say("link-plain") if known else view.say("products-title")).classes("q-mt-md")


class Page:
    """One visit."""

    def __init__(self, view: View, explorer: Explorer) -> None:
        self.view, self.explorer = view, explorer
        self.task: asyncio.Task[None] | None = None
        self.levers = Levers(self)
        self.results = Results(view)
        self.saved = ""

    async def build(self) -> None:
        """All of it, with the first result."""
        result = await asyncio.to_thread(compute, self.explorer.catalogue, self.explorer.state, self.view.lang)
        view, product = self.view, self.explorer.catalogue.products[self.explorer.state.product]
        with ui.element("div").classes("title-row"):
            with ui.element("div"):
                headline("h1", view.name(product.name), "page-title")
                ui.label(product.id).classes("tile-id")
            with ui.element("div").classes("actions"):
                self._actions()
        with ui.element("div").classes("two-columns"):
            with ui.element("aside").classes("card levers").props(f'aria-label="{view.say("levers")}"'):
                self.levers.build()
            with ui.element("div").classes("results"):
                self.results.build(result)
        self.root = ui.context.client
        self._later(band_only=True)

    def _actions(self) -> None:
        view = self.view
        ui.button(view.say("reset"), icon="restart_alt", on_click=self.reset).props("flat no-caps")
        ui.button(view.say("copy-link"), icon="link").props("flat no-caps").on(
            "click", js_handler="() => navigator.clipboard?.writeText(location.href)"
        ).on("click", lambda: view.tell(view.say("copied")))
        ui.button(view.say("compare-this"), icon="compare_arrows", on_click=self._compare).props("outline no-caps")
        if view.may("vary"):
            main_button(view, view.say("save"), "bookmark_add", self._save)

    # Changes ---------------------------------------------------------------------------------------------------------

    def move(self, name: str, value: float) -> None:
        """A slider has moved: the total and the bars at once, everything else after a pause."""
        start = time.perf_counter()
        outcome = self.explorer.move(name, value)
        self.view.desk.observe(time.perf_counter() - start)
        self.levers.mark(name)
        if outcome is not None:
            self._show(outcome)
        self._address()
        self._later()

    def _show(self, outcome: Outcome) -> None:
        stages = {stage: float(values[0]) for stage, values in outcome.stages.items()}
        self.results.show_live(float(outcome.total[0]), stages, feasible=bool(outcome.feasible[0]))

    async def change(self, changes: dict[str, str], refusal: str = "") -> bool:
        """Something else has changed: the model is recorded anew; what cannot be is said, and taken back."""
        return await self.go(self.explorer.state.with_changes(changes), refusal)

    async def go(self, state: State, refusal: str = "") -> bool:
        """To another state of the product; False where it cannot be computed, which is said in the words of `refusal`, or the error's."""
        with self.root:  # the field that somebody has written into may be gone: the next change makes the levers anew
            try:
                await asyncio.to_thread(self.explorer.set_state, state)
            except PcfError as problem:
                self.view.explain(refusal or problem)
                self.levers.refresh()
                return False
            self.levers.refresh()
            self._address()
            await self._details()
            self._later(band_only=True)
        return True

    async def reset(self) -> None:
        """The product as it is."""
        self.explorer.mix = ("site", "hydro")
        await self.go(State(self.explorer.state.product))

    async def mix_between(self, first: str, second: str) -> None:
        """Other ends for the lever of power."""
        share = self.explorer.positions.get(MIX, 0.0)
        before = self.explorer.mix
        self.explorer.mix = (first, second)
        if not await self.change({MIX: self.explorer.mix_text(share)}):
            self.explorer.mix = before

    def _address(self) -> None:
        ui.run_javascript(f"history.replaceState(null, '', {json.dumps('/app/explore?' + self.explorer.state.query)})")

    # What takes longer -----------------------------------------------------------------------------------------------

    def _later(self, *, band_only: bool = False) -> None:
        if self.task is not None and not self.task.done():
            self.task.cancel()
        self.task = background_tasks.create(self._catch_up(band_only=band_only), name="details")

    async def _catch_up(self, *, band_only: bool) -> None:
        if not band_only:
            await asyncio.sleep(DETAILS_AFTER)
            await self._details()
        await asyncio.sleep(BAND_AFTER)
        state = self.explorer.state
        try:
            found = await self.view.desk.work.run(tasks.band, state.text, DRAWS)
        except PcfError as problem:
            note("no band", level="warning", why=str(problem))
            if state == self.explorer.state:
                self.results.no_band()
            return
        if state != self.explorer.state:
            return
        self.results.show_band(found, DRAWS)
        if found is not None:
            low, _, high, count = found
            known = await asyncio.to_thread(with_range, self.results.result, Range(low, high, count), self.view.lang)
            if state == self.explorer.state == known.state:
                self.results.know(known)

    async def _details(self) -> None:
        state = self.explorer.state
        try:
            result: Result = await asyncio.to_thread(compute, self.explorer.catalogue, state, self.view.lang)
        except PcfError as problem:
            with self.root:
                self.view.explain(problem)
            return
        if state == self.explorer.state:
            with self.root:
                self.results.show(result)

    # Elsewhere -------------------------------------------------------------------------------------------------------

    def _compare(self) -> None:
        from urllib.parse import urlencode

        state = self.explorer.state
        first = [("v", state.product)] if state.changes else []
        go("/app/compare?" + urlencode([*first, ("v", state.text)]))

    def _save(self) -> None:
        view = self.view
        with open_dialog(view.say("save")) as dialog:
            ui.label(self.explorer.state.text).classes("mono")
            name = ui.input(view.say("variant-name")).props(f'outlined maxlength="{variants.LONGEST}" autofocus').classes("full")
            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=dialog.close).props("flat no-caps")
                main_button(view, view.say("save"), "bookmark_add", partial(self._keep, dialog, name))

    async def _keep(self, dialog: Any, name: Any) -> None:
        try:
            actor = self.view.act("vary")
            await asyncio.to_thread(variants.save, self.view.desk.database, actor, str(name.value or ""), self.explorer.state)
        except PcfError as problem:
            self.view.explain(problem)
            return
        dialog.close()
        self.view.tell(self.view.say("saved"))
