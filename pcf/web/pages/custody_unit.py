"""One unit: its fields, what it was made of and what was made of it, its footprint, papers on it, and its events in the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nicegui import ui

from pcf.custody.sheet import MOST_LINES, VOID_KIND, Line, Paper, Sheet, read_sheet
from pcf.custody.voids import today
from pcf.custody.wording import cut_percent
from pcf.errors import InputError, PcfError
from pcf.views.figures import decimals_of, tonnes, with_percent
from pcf.web import custody_tasks
from pcf.web.pages.custody_find import find_unit
from pcf.web.pages.custody_parts import (
    asked,
    at,
    head,
    kg,
    material,
    moment,
    read,
    read_sites,
    state_cell,
    unit_at,
    value,
    void_banner,
)
from pcf.web.pages.custody_void import void_button
from pcf.web.shell import View, headline, link, page
from pcf.web.tables import Cell, table

PART_OF = {"lot": "lots", "heat": "casts", "processed": "steps", "shipment": "shipments"}
MADE_OF_HEATS = ("heat", "bundle", "processed", "shipment")
PARTIES = ("supplier", "customer", "tolled_for")


@page("/custody/unit", "web.custody-unit", listed=False)
async def unit(view: View) -> None:
    """The unit that the address names."""
    try:
        sheet = await read(view, read_sheet, asked(view, "id"))
    except InputError:
        head(view, "", view.say("custody-unit"))
        await find_unit(view, "/unit")
        return
    await _Unit(view, sheet).build()


class _Unit:
    """A unit's page."""

    def __init__(self, view: View, sheet: Sheet) -> None:
        self.view, self.sheet = view, sheet

    async def build(self) -> None:
        """All of it; what takes long comes last."""
        view, sheet = self.view, self.sheet
        part = PART_OF.get(sheet.kind, "casts")
        back = (view.say(f"custody-{part}"), at(f"/{part}"))
        what = " · ".join((view.text(f"unit.{sheet.kind}"), sheet.date, material(view, sheet.material), sheet.site))
        with head(view, part, sheet.id, what, back=back):
            await self._actions()
        if sheet.void:
            void_banner(view, sheet.void)
        with ui.element("div").classes("unit-grid"):
            with ui.element("div").classes("results"):
                self._fields()
                if sheet.kind in MADE_OF_HEATS:
                    place = ui.element("section").classes("card").props('id="footprint" aria-live="polite"')
            with ui.element("div").classes("results"):
                self._lines("up", sheet.up, sheet.up_count)
                self._lines("down", sheet.down, sheet.down_count)
                self._papers()
                self._events()
        if sheet.kind in MADE_OF_HEATS:
            await self._footprint(place)

    async def _actions(self) -> None:
        view, sheet = self.view, self.sheet
        link(at("/genealogy", id=sheet.id), view.say("custody-genealogy")).classes("link-button quiet")
        if sheet.kind == "heat":
            link(at("/green", heat=sheet.id), view.say("custody-green")).classes("link-button quiet")
        if sheet.void:
            return
        if sheet.kind == "shipment" and view.may("record"):
            link(at("/issue", shipment=sheet.id), view.say("custody-issue")).classes("link-button")
        if sheet.kind in VOID_KIND:
            zone = {name: zone for name, _, zone in await read(view, read_sites)}.get(sheet.site, "")
            void_button(view, VOID_KIND[sheet.kind], sheet.id, today(zone), unit_at(sheet.id))

    def _fields(self) -> None:
        view, sheet = self.view, self.sheet
        with ui.element("section").classes("card"):
            headline("h2", view.say("custody-fields"), "section-title")
            facts = [(view.text("field.mass_kg"), kg(sheet.mass_kg))]
            if sheet.kind != "shipment" and not sheet.void:
                facts.append((view.say("custody-left"), kg(sheet.left_kg)))
            with ui.element("dl").classes("facts"):
                for name, number in facts:
                    with ui.element("div"):
                        headline("dt", name)
                        headline("dd", number)
            rows = []
            for name, found in sheet.fields.items():
                shown = value(view, name, found)
                if name in PARTIES:
                    shown = f"{sheet.names.get(found, found)} ({found})"
                rows.append((view.say("custody-note") if name == "note" else view.word("field", name), shown))
            rows.append((view.text("field.scope"), sheet.scope or "–"))
            table([view.say("custody-field"), view.say("column-value")], rows, classes="even fields-table")

    def _lines(self, way: str, lines: Sequence[Line], count: int) -> None:
        view = self.view
        with ui.element("section").classes("card").props(f'id="{way}"'):
            headline("h2", f"{view.text(f'genealogy.{way}')} ({kg(count)})", "section-title")
            if not lines:
                ui.label(view.text(f"genealogy.none-{way}")).classes("lever-note")
                return
            heads = [
                view.say("custody-column-unit"),
                view.text("field.kind"),
                view.text("field.date"),
                view.text("field.material"),
            ]
            rows: list[list[str | Cell]] = [
                [
                    Cell(line.id, unit_at(line.id), "unit-id gone" if line.voided else "unit-id"), view.text(f"unit.{line.kind}"),
                    line.date, material(view, line.material), kg(line.taken_kg), kg(line.whole_kg),
                ]
                for line in lines
            ]  # fmt: skip
            table([*heads, view.say("custody-taken"), view.say("custody-of-mass")], rows, numbers=(4, 5), classes="even")
            if count > MOST_LINES:
                link(at("/genealogy", id=self.sheet.id), view.say("custody-more", count=kg(count - MOST_LINES))).classes(
                    "text-link"
                )

    def _papers(self) -> None:
        view, sheet = self.view, self.sheet
        with ui.element("section").classes("card").props('id="papers"'):
            headline("h2", view.say("custody-papers-on"), "section-title")
            if not sheet.papers:
                ui.label(view.say("custody-no-papers")).classes("lever-note")
            else:
                heads = [view.text(f"field.{name}") for name in ("reference", "kind", "date", "mass_kg")] + [
                    view.text("field.state")
                ]
                rows = [self._paper(paper) for paper in sheet.papers]
                table(heads, rows, numbers=(3,), classes="even")
            if sheet.kind == "shipment":
                link("/app/audit", view.say("custody-to-audit")).classes("text-link")

    def _paper(self, paper: Paper) -> list[str | Cell]:
        view = self.view
        addresses = {"statement": at("/claim", id=paper.name), "certificate": "/app/certificates"}
        shown = paper.name.split("/", 2)[-1] if paper.kind.startswith("document") else paper.name
        kind = view.say(f"custody-paper-{paper.kind}")
        if paper.what:
            kind += f" · {view.word('account', paper.what)}"
        address = addresses.get(paper.kind, at("/paper", name=paper.name))
        return [Cell(shown, address, "unit-id"), kind, paper.date, kg(paper.mass_kg), state_cell(view, paper.void)]

    def _events(self) -> None:
        view = self.view
        with ui.element("section").classes("card").props('id="events"'):
            headline("h2", view.say("custody-events"), "section-title")
            rows = [
                (kg(item.seq), moment(item.time), view.word("web.custody-event", item.kind), item.actor)
                for item in self.sheet.events
            ]
            heads = [view.text("field.seq"), view.say("custody-when"), view.text("field.kind"), view.text("field.actor")]
            table(heads, rows, classes="even")

    # Footprint ---------------------------------------------------------------------------------------------------------

    async def _footprint(self, place: ui.element) -> None:
        view, sheet = self.view, self.sheet
        with place:
            headline("h2", view.say("custody-footprint"), "section-title")
            waiting = ui.label(view.say("computing")).classes("lever-note")
        await ui.context.client.connected()
        try:
            content = await view.desk.work.run(custody_tasks.content, sheet.id)
        except PcfError:
            content = None
        try:
            found = await view.desk.work.run(custody_tasks.batch, sheet.id, view.lang)
        except PcfError as problem:
            found = None
            with place:
                ui.label(view.say("custody-no-footprint", reason=view.refusal(problem))).classes("banner warn").props(
                    'role="status"'
                )
        waiting.delete()
        with place:
            if found is not None:
                self._total(found)
            if content is not None:
                self._content(content)

    def _total(self, found: Mapping[str, Any]) -> None:
        view, total = self.view, found["total"]["value"]
        with ui.element("div").classes("tile-number"):
            ui.label(tonnes(total, decimals_of(total))).classes("big").props('id="total"')
            ui.label("tCO₂e/t").classes("unit")
        gate = view.text(f"gate.{found['gate']}")
        ui.label(f"{view.text('batch.boundary', gate=gate)} · GWP100 {found['gwp']}").classes("line")
        pair = found["headline"]
        if pair["with_low_voltage_pfc"] is not None:
            ui.label(view.say("with-low-voltage", value=tonnes(pair["with_low_voltage_pfc"], decimals_of(total)))).classes("line")
        with ui.element("div").classes("tile-foot"):
            ui.label(view.text(f"standing.{found['standing']}")).classes(f"chip standing-{found['standing']}")
            if found["provisional"]:
                ui.label(view.say("custody-provisional")).classes("chip standing-demonstration")
        rows: list[list[str | Cell]] = [
            [
                Cell(item["batch"]["id"], unit_at(item["batch"]["id"]), "unit-id"), with_percent(f"{100 * item['share']:.2f}", view.lang),
                tonnes(item["batch"]["total"]["value"], 3),
            ]
            for item in found["heats"]
        ]  # fmt: skip
        if len(rows) > 1 or found["heats"][0]["batch"]["id"] != self.sheet.id:
            table([view.text("unit.heat"), view.say("custody-share"), "tCO₂e/t"], rows, numbers=(1, 2), classes="even")

    def _content(self, found: Mapping[str, Any]) -> None:
        view = self.view
        with ui.element("dl").classes("facts content-facts"):
            for name, share in (("post", found["post"]), ("pre", found["pre"])):
                with ui.element("div"):
                    headline("dt", view.say(f"custody-content-{name}"))
                    headline("dd", with_percent(cut_percent(share), view.lang))
        ui.label(view.say("custody-content-note")).classes("lever-note")
