"""Green power: what meters say by month, the evidence with its serial numbers, what was matched, and what is left to match."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from nicegui import ui
from sqlalchemy import Connection, func, select

from pcf.custody import record
from pcf.custody.evidences import Evidence, MonthOfLeg, Spent, by_month, read_evidences, read_spent
from pcf.custody.power import calc_matched, read_legs
from pcf.custody.tables import meter, power_evidence
from pcf.custody.voids import today
from pcf.errors import DataError, PcfError
from pcf.views.account_figures import months_spec
from pcf.web.dialogs import open_dialog
from pcf.web.figures import shown
from pcf.web.journal import note
from pcf.web.pages.custody_fields import Fields, clear_problems, read_fields, show_problems
from pcf.web.pages.custody_parts import asked, at, empty, head, kg, material, mwh, read, read_sites
from pcf.web.pages.custody_registers import record_at
from pcf.web.pages.custody_void import void_button
from pcf.web.plots import plot
from pcf.web.shell import View, go, headline, link, main_button, page
from pcf.web.tables import Cell, table

MWH = 1e6
"""Wh of a MWh."""


@page("/custody/power", "web.custody-power", listed=False)
async def power(view: View) -> None:
    """The green power of a site and year."""
    sites = await read(view, read_sites)
    with head(view, "power", view.say("custody-power-title"), view.say("custody-power-intro")):
        chosen = ui.element("div").classes("actions")
        if view.may("record"):
            link(at("/enter", kind="meter"), view.say("custody-kind-meter")).classes("link-button quiet")
            link(at("/enter", kind="power"), view.say("custody-kind-power")).classes("link-button quiet")
    if not sites:
        empty(view, view.say("custody-no-sites"), (view.say("custody-kind-site"), at("/enter", kind="site")))
        return
    site, years = await read(view, _choices, asked(view, "site") or "")
    site = site if any(site == name for name, _, _ in sites) else sites[0][0]
    given = asked(view, "year", 4)
    year = given if given in years else (years[-1] if years else str(datetime.now(UTC).year))
    with chosen:
        for name, options, now in (("site", [one for one, _, _ in sites], site), ("year", years or [year], year)):
            made = (
                ui.select(options, value=now, label=view.text(f"field.{name}"))
                .props("dense outlined options-dense")
                .classes("choose")
            )
            made.on_value_change(lambda event, name=name: go(at("/power", **{"site": site, "year": year, name: event.value})))
    legs, evidences, spent = await read(view, _power, site, year)
    if not legs and not evidences:
        empty(
            view,
            view.say("custody-no-power"),
            (view.say("custody-kind-meter"), at("/enter", kind="meter")),
            (view.say("custody-kind-power"), at("/enter", kind="power")),
        )
        return
    zone = {name: zone for name, _, zone in sites}[site]
    _chart(view, legs)
    _legs(view, legs)
    _evidences(view, site, evidences)
    _spent(view, zone, spent, at("/power", site=site, year=year))


def _choices(connection: Connection, site: str) -> tuple[str, list[str]]:
    """The site that is asked for, or the first that has a meter; and the years that anything is recorded of."""
    first = connection.execute(select(meter.c.site).order_by(meter.c.event_seq).limit(1)).scalar() or ""
    years = set(connection.execute(select(func.substr(meter.c.time, 1, 4)).distinct()).scalars())
    years |= set(connection.execute(select(func.substr(power_evidence.c.time, 1, 4)).distinct()).scalars())
    return site or first, sorted(years)


def _power(connection: Connection, site: str, year: str) -> tuple[list[MonthOfLeg], list[Evidence], list[Spent]]:
    first, last = f"{year}-01", f"{year}-12"
    legs = by_month(read_legs(connection, site, first, last))
    return legs, read_evidences(connection, site, first, last), read_spent(connection, site, first, last)


def _chart(view: View, legs: Sequence[MonthOfLeg]) -> None:
    """Metered and matched power of all legs by month, and what evidence is left [MWh]."""
    months = sorted({leg.month for leg in legs})
    if not months:
        return
    year = [f"{months[0][:4]}-{number:02d}" for number in range(1, 13)]
    sums = {month: [leg for leg in legs if leg.month == month] for month in months}
    bars = {
        view.text("field.metered"): [sum(leg.metered for leg in sums[month]) / MWH for month in months],
        view.text("field.matched"): [sum(leg.matched for leg in sums[month]) / MWH for month in months],
    }
    left = [sum(leg.evidence - leg.matched for leg in sums[month]) / MWH for month in months]
    with ui.element("section").classes("card"):
        headline("h2", view.say("custody-power-chart"), "section-title")
        spec = months_spec(months, bars, (view.say("custody-evidence-left"), left), "MWh", year)
        plot(shown(spec, dark=view.dark), view.say("custody-power-chart"))


def _legs(view: View, legs: Sequence[MonthOfLeg]) -> None:
    with ui.element("section").classes("card").props('id="legs"'):
        headline("h2", view.say("custody-legs"), "section-title")
        names = ("month", "leg", "metered", "evidence", "matched", "rest", "sold")
        rows = [
            (leg.month, view.word("leg", leg.leg), *(mwh(amount) for amount in (leg.metered, leg.evidence, leg.matched, leg.rest, leg.sold)))
            for leg in legs
        ]  # fmt: skip
        table([view.text(f"field.{name}") for name in names], rows, numbers=range(2, 7), classes="even")
        ui.label(view.say("custody-legs-note")).classes("lever-note")
        link(at("/registers", kind="meter"), view.say("custody-to-meters")).classes("text-link")


def _evidences(view: View, site: str, evidences: Sequence[Evidence]) -> None:
    with ui.element("section").classes("card").props('id="evidence"'):
        headline("h2", view.say("custody-evidence"), "section-title")
        if not evidences:
            ui.label(view.say("custody-no-evidence")).classes("lever-note")
            return
        names = ("id", "time", "kind", "technology", "serials")
        heads = [view.text(f"field.{name}") for name in names] + [view.say("custody-cancelled")]
        heads += [f"{view.text(f'field.{name}')} [MWh]" for name in ("evidence", "matched", "available")]
        rows: list[list[str | Cell]] = [
            [
                Cell(item.id, record_at("power", item.id), "mono"), item.time, view.word("web.custody-evidence", item.kind), view.word("web.custody-technology", item.technology),
                Cell(f"{item.registry} {', '.join(item.serials)}".strip() or "–", classes="mono"),
                view.say("custody-sold") if item.sold else item.cancelled_on or "–", mwh(item.wh), mwh(item.matched), mwh(item.left),
            ]
            for item in evidences
        ]  # fmt: skip
        table(heads, rows, numbers=(6, 7, 8), classes="even")
        if view.may("record"):
            with ui.element("div").classes("actions row-actions"):
                for item in evidences:
                    if item.is_open:
                        ui.button(
                            view.say("custody-match", name=item.id),
                            icon="bolt",
                            on_click=lambda _, item=item: _Match(view, site, item).ask(),
                        ).props("outline no-caps")


def _spent(view: View, zone: str, spent: Sequence[Spent], here: str) -> None:
    with ui.element("section").classes("card").props('id="matches"'):
        headline("h2", view.say("custody-matches"), "section-title")
        if not spent:
            ui.label(view.say("custody-no-matches")).classes("lever-note")
            return
        with ui.element("div").classes("match-list"):
            for item in spent:
                with ui.element("div").classes("match-row"):
                    link(record_at("match", item.id), item.id).classes("kind-link strong")
                    ui.label(view.say(
                        "custody-match-words", mwh=mwh(item.wh), evidence=item.evidence, mass=kg(item.mass_kg),
                        product=material(view, item.product), time=item.time,
                    ))  # fmt: skip
                    ui.space()
                    void_button(view, "match", item.id, today(zone), here)


class _Match:
    """The question what evidence is spent for."""

    def __init__(self, view: View, site: str, evidence: Evidence) -> None:
        self.view, self.site, self.evidence = view, site, evidence
        self.fields: Fields = {}

    def ask(self) -> None:
        """Show the form."""
        view, evidence = self.view, self.evidence
        with open_dialog(view.say("custody-match", name=evidence.id)) as self.dialog:
            self.dialog.on("hide", self.dialog.delete)
            ui.label(view.say("custody-match-intro", time=evidence.time, mwh=mwh(evidence.left))).classes("lever-note")
            products = {item.id: f"{view.name(item.name)} ({item.id})" for item in view.desk.catalogue.products.values()}
            self.fields["id"] = ui.input(view.text("field.id"), value=f"M-{evidence.id}")
            self.fields["product"] = ui.select(products, label=view.text("field.product"), with_input=True)
            self.fields["product"].on_value_change(self._suggest)
            self.fields["mwh"] = ui.input(view.text("field.mwh"), value=f"{evidence.left / MWH:f}".rstrip("0").rstrip("."))
            self.fields["mass_kg"] = ui.input(view.text("field.mass_kg"))
            self.fields["note"] = ui.input(view.say("custody-note"))
            for field in self.fields.values():
                field.props('outlined dense maxlength="500"').classes("full")
            self.rest = ui.element("div").classes("full")
            with ui.element("div").classes("actions end"):
                ui.button(view.say("cancel"), on_click=self.dialog.close).props("flat no-caps")
                self.button = main_button(view, view.say("custody-match-do"), "bolt", self._do)

    async def _suggest(self) -> None:
        """What was cast of the product in that time and nothing is matched to yet."""
        product = self.fields["product"].value
        if not product:
            return
        spans = await read(self.view, calc_matched, self.site, product, self.evidence.time)
        _, matched, made = spans[-1]
        self.fields["mass_kg"].props(f'hint="{self.view.say("custody-cast-then", made=kg(made), matched=kg(matched))}"')
        if not self.fields["mass_kg"].value and made > matched:
            self.fields["mass_kg"].set_value(str(made - matched))

    async def _do(self) -> None:
        view = self.view
        self.button.disable()
        clear_problems(self.fields, self.rest)
        try:
            actor = view.act("record")
            values = {"evidence": self.evidence.id, "time": self.evidence.time, **read_fields(self.fields)}
            await asyncio.to_thread(record, view.desk.book(actor), "match", values, "match")
        except PcfError as problem:
            show_problems(
                view, "match", problem.problems if isinstance(problem, DataError) else [problem], self.fields, self.rest
            )
            self.button.enable()
            return
        note("power matched", name=actor, id=values["id"][:64])
        go(at("/power", site=self.site, year=self.evidence.time[:4]))
