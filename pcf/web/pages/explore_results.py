"""The right side of Explore: the footprint, what it consists of, what it rests on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nicegui import ui

from pcf.charts import Variant, stacked_bars
from pcf.views import basis, heading
from pcf.views.figures import decimals_of, tonnes
from pcf.views.footprint_figures import draw
from pcf.web.explorer import Result
from pcf.web.figures import figure
from pcf.web.pages.products import evidence_bar
from pcf.web.plots import plot, redraw
from pcf.web.shell import View, headline
from pcf.web.tables import Cell, table

STATUS_ICONS = {"pass": "check_circle", "warn": "warning", "fail": "cancel", "not evaluated": "remove_circle_outline"}


class Results:
    """The results of a page."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.result: Result

    def build(self, result: Result) -> None:
        """Every panel, with the first result."""
        view, self.result = self.view, result
        with ui.element("section").classes("card result").props('aria-live="polite"'):
            with ui.element("div"):
                with ui.element("div").classes("tile-number"):
                    self.total = ui.label("").classes("huge").props('id="total"')
                    ui.label("tCO₂e/t").classes("unit")
                self.band = ui.label(" ").classes("band").props('id="band"')
                self.second = ui.label("").classes("second")
            self.side = ui.element("div").classes("result-side")
        self.banner = ui.element("div").classes("full")
        with ui.element("section").classes("card"):
            headline("h2", view.say("by-stage"), "section-title")
            self.bars = plot(self._bars(result), view.say("by-stage")).props('id="bars"')
        with ui.element("section").classes("card"):
            names = ("flow", "sources", "gases", "choices", "checks", "changes")
            with ui.tabs().props("no-caps dense align=left inline-label active-color=primary indicator-color=primary") as tabs:
                self.tabs = {name: ui.tab(name, view.say(f"tab-{name}")) for name in names}
            with ui.tab_panels(tabs, value="flow").classes("panels").props("animated=false") as self.shown:
                self.panels = {}
                for name in names:
                    with ui.tab_panel(name):
                        self.panels[name] = ui.element("div").classes("full")
        self.shown.on_value_change(self._panel)
        self.show(result)

    # At once ---------------------------------------------------------------------------------------------------------

    def show_live(self, total: float, stages: Mapping[str, float], *, feasible: bool) -> None:
        """The total and the bars, from the live model."""
        self.total.text = tonnes(total, decimals_of(total)) if total == total else "–"
        self.total.classes(add="" if feasible else "infeasible", remove="infeasible" if feasible else "")
        self.band.text = " "
        if total != total:
            return
        row = Variant("", {name: value for name, value in stages.items() if value}, feasible, total=total)
        chart = stacked_bars([row], basis.frame(self.result.item, self.view.lang, "·"))
        redraw(self.bars, _low(figure(chart, dark=self.view.dark)), self.view.say("by-stage"))

    def show_band(self, found: tuple[float, float, float, int] | None, draws: int) -> None:
        """The interval of the draws that can be made."""
        if found is None:
            self.band.text = self.view.say("band-none")
            return
        low, _, high, count = found
        decimals = decimals_of(high)
        words = {"low": tonnes(low, decimals), "high": tonnes(high, decimals), "count": f"{count:,}", "draws": f"{draws:,}"}
        said = self.view.say("band" if count == draws else "band-part", **words)
        outside = not low <= float(self.result.item["total"]["value"]) <= high
        self.band.text = self.view.say("band-outside", band=said, why=self.view.say("interval-outside")) if outside else said

    def know(self, result: Result) -> None:
        """The same result, whose checks know of its interval."""
        self.result = result
        if self.shown.value == "checks":
            self._panel()

    def no_band(self) -> None:
        """The draws could not be computed now."""
        self.band.text = self.view.say("band-later")

    # After a moment --------------------------------------------------------------------------------------------------

    def show(self, result: Result) -> None:
        """Every panel."""
        self.result = result
        item, view = result.item, self.view
        total, with_low = item["total"]["value"], item["headline"]["with_low_voltage_pfc"]
        good = basis.is_feasible(item)
        self.total.text = tonnes(total, decimals_of(total))
        self.total.classes(add="" if good else "infeasible", remove="infeasible" if good else "")
        self.second.text = (
            view.say("with-low-voltage", value=tonnes(with_low, decimals_of(total))) if with_low is not None else " "
        )
        redraw(self.bars, self._bars(result), view.say("by-stage"))
        self._side(item)
        self._banner(item, good=good)
        self._panel()

    def _panel(self) -> None:
        """The panel that is open; the others are made when somebody opens them."""
        made: dict[str, Callable[[], None]] = {
            "flow": lambda: self._flow(self.result), "sources": lambda: self._sources(self.result),
            "gases": lambda: self._gases(self.result.item), "choices": lambda: self._choices(self.result.item),
            "checks": lambda: self._checks(self.result.item), "changes": lambda: self._changes(self.result.item),
        }  # fmt: skip
        made[str(self.shown.value)]()

    def _bars(self, result: Result) -> dict[str, Any]:
        item = result.item
        parts = {entry["id"]: entry["value"] for entry in item["stages"] if entry["value"]}
        row = Variant("", parts, basis.is_feasible(item), total=item["total"]["value"])
        return _low(figure(stacked_bars([row], basis.frame(item, self.view.lang, "·")), dark=self.view.dark))

    def _side(self, item: Mapping[str, Any]) -> None:
        view = self.view
        self.side.clear()
        scrap = item["alternatives"].get("scrap", {})
        with self.side:
            with ui.element("div").classes("pair"):
                for option in ("cut-off", "co-product"):
                    if option in scrap:
                        with ui.element("div").classes("pair-item"):
                            ui.label(view.text(f"choice.scrap.{option}")).classes("pair-name")
                            ui.label(tonnes(scrap[option], decimals_of(item["total"]["value"]))).classes("pair-value")
            ui.label(heading.boundary(item, view.lang)).classes("line")
            ui.label(heading.method_line(item, view.lang)).classes("line")
            if line := heading.site_line(item, view.lang):
                ui.label(line).classes("line")
            evidence_bar(view, item["evidence"]["source_check"])

    def _banner(self, item: Mapping[str, Any], *, good: bool) -> None:
        self.banner.clear()
        with self.banner:
            if not good:
                why = next(check["detail"] for check in item["checks"] if check["id"] == "charge-feasible")
                with ui.element("div").classes("banner bad").props('role="alert" id="infeasible"'):
                    ui.icon("report", size="22px")
                    with ui.element("div"):
                        ui.label(self.view.say("infeasible")).classes("strong")
                        ui.label(why)
            if heading.is_hypothetical(item):
                with ui.element("div").classes("banner warn"):
                    ui.icon("science", size="22px")
                    ui.label(self.view.text("message.hypothetical"))

    def _flow(self, result: Result) -> None:
        short = {**result.item, "product": {"id": "", "name": {self.view.lang: self.view.say("total")}}}
        self._plot("flow", draw([result.footprint], [short], "sankey", self.view.lang), note="flow-cumulative")

    def _sources(self, result: Result) -> None:
        chart = draw(
            [result.footprint], [{**result.item, "product": {"id": "", "name": {self.view.lang: ""}}}], "sources", self.view.lang
        )
        self._plot("sources", chart, height=230)

    def _plot(self, name: str, chart: Any, *, height: int | None = None, note: str = "") -> None:
        made = figure(chart, dark=self.view.dark, height=height)
        panel, title = self.panels[name], self.view.say(f"tab-{name}")
        for drawn in panel.default_slot.children:
            if isinstance(drawn, ui.plotly):
                redraw(drawn, made, title)
                return
        with panel:
            if note:
                ui.label(self.view.say(note)).classes("lever-note")
            plot(made, title)

    def _gases(self, item: Mapping[str, Any]) -> None:
        decimals = decimals_of(item["total"]["value"]) + 1
        rows = [
            (
                self.view.word("gas", gas), "–" if values["mass_kg"] is None else f"{values['mass_kg']:,.4g}",
                tonnes(values["tCO2e"], decimals),
            )
            for gas, values in item["gases"].items()
        ]  # fmt: skip
        view = self.view
        self._table("gases", (view.text("heading.gas"), "kg/t", "tCO₂e/t"), rows, numbers=(1, 2))

    def _choices(self, item: Mapping[str, Any]) -> None:
        view, total = self.view, item["total"]["value"]
        method, rows = item["method"], []
        groups = {group: name for name, group in heading.NAMED.items()}
        for group, options in item["alternatives"].items():
            for option, value in options.items():
                change: str | Cell = view.say("same-result") if value == total else f"{value - total:+.3f}".replace("-", "−")
                if method.get(groups.get(group, group)) == option:
                    change = Cell(view.say("chosen"), mark="chip")
                rows.append((view.word("choice", group), view.word(f"choice.{group}", option), tonnes(value, 3), change))
        heads = (view.say("choice"), view.say("option"), "tCO₂e/t", view.say("change"))
        self._table("choices", heads, rows, numbers=(2, 3))

    def _checks(self, item: Mapping[str, Any]) -> None:
        view, panel = self.view, self.panels["checks"]
        panel.clear()
        with panel, ui.element("ul").classes("checks"):
            for check in item["checks"]:
                with ui.element("li").classes(f"check {check['status'].replace(' ', '-')}"):
                    ui.icon(STATUS_ICONS[check["status"]], size="20px").props('aria-hidden="true"')
                    with ui.element("div"):
                        status = view.word("check-status", check["status"].replace(" ", "-"))
                        ui.label(f"{view.word('check-name', check['id'])} · {status}").classes("strong")
                        ui.label(check["detail"]).classes("check-detail")

    def _changes(self, item: Mapping[str, Any]) -> None:
        view = self.view
        rows = [(heading.change_line(item, change, view.lang),) for change in item["changes"]]
        self._table("changes", (view.say("tab-changes"),), rows or [(view.say("no-changes"),)])

    def _table(
        self, name: str, heads: tuple[str, ...], rows: Sequence[Sequence[str | Cell]], numbers: tuple[int, ...] = ()
    ) -> None:
        self.panels[name].clear()
        with self.panels[name]:
            table(heads, rows, numbers=numbers)


def _low(made: dict[str, Any]) -> dict[str, Any]:
    """One bar needs neither a name nor much room."""
    layout = {**made["layout"], "height": 210, "margin": {"l": 8, "r": 96, "t": 64, "b": 52}}
    return {**made, "layout": layout}
