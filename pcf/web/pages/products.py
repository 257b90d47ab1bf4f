"""All products as tiles: what each is, its footprint, and what that rests on."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from nicegui import ui

from pcf.errors import PcfError
from pcf.views import heading
from pcf.views.figures import decimals_of, percent, tonnes
from pcf.web import tasks
from pcf.web.shell import View, headline, link, page

_known: dict[tuple[str, str], list[tuple[str, dict[str, Any]]]] = {}


@page("/", "web.products", icon="grid_view")
async def products(view: View) -> None:
    """Tiles by kind of product."""
    key = (view.desk.catalogue.sha256, view.lang)
    headline("h1", view.say("products-title"), "page-title")
    ui.label(view.say("products-intro")).classes("lead")
    if key not in _known:
        waiting = ui.label(view.say("computing")).classes("lead").props('role="status"')
        await ui.context.client.connected()  # the page is there, however long others keep the processes busy
        try:
            _known[key] = await view.desk.work.run(tasks.product_documents, view.lang)
        except PcfError as problem:
            ui.label(view.refusal(problem)).classes("banner bad").props('role="alert"')
            return
        finally:
            waiting.delete()
    ui.label(heading.method_line(_known[key][0][1], view.lang)).classes("line")
    ui.label(view.say("products-marks")).classes("line q-mb-lg")
    with ui.element("div").classes("kinds"):
        for kind, group in groupby(_known[key], key=lambda item: item[0]):
            items = [item for _, item in group]
            with ui.element("section").classes("kind").style(f"--tiles:{min(len(items), 4)}"):
                headline("h2", view.word("kind", kind), "section-title")
                with ui.element("div").classes("tiles"):
                    for item in items:
                        _tile(view, item)


def _tile(view: View, item: Mapping[str, Any]) -> None:
    product, total = item["product"], item["total"]["value"]
    with_low = item["headline"]["with_low_voltage_pfc"]
    with link(f"/app/explore?product={product['id']}").classes("tile"):
        ui.label(product["id"]).classes("tile-id")
        ui.label(view.name(product["name"])).classes("tile-name")
        with ui.element("div").classes("tile-number"):
            ui.label(tonnes(total, decimals_of(total))).classes("big")
            ui.label("tCO₂e/t").classes("unit")
        ui.label(
            view.say("with-low-voltage", value=tonnes(with_low, decimals_of(total))) if with_low is not None else " "
        ).classes("tile-second")
        evidence_bar(view, item["evidence"]["source_check"])
        with ui.element("div").classes("tile-foot"):
            ui.label(heading.boundary(item, view.lang).split(" · ")[0]).classes("chip")
            ui.label(view.word("standing", item["standing"])).classes(f"chip standing-{item['standing']}")
            if item["site"]:
                ui.label(view.name(item["site"]["name"]).split(",")[0].split("（")[0].split(":")[0]).classes("chip quiet")


CHECKS = ("source-read", "transcribed", "derived", "assumed")


def evidence_bar(view: View, shares: Mapping[str, float]) -> None:
    """Which share of a result rests on which check of its source."""
    words = view.say("list-comma").join(
        f"{percent(shares[name], view.lang)} {view.word('source-check', name)}" for name in CHECKS if shares.get(name)
    )
    with ui.element("div").classes("evidence").props(f'role="img" aria-label="{view.say("evidence")}: {words}"'):
        for name in CHECKS:
            if shares.get(name):
                ui.element("span").classes(f"ev-{name}").style(f"flex-grow:{shares[name]:.4f}")
    ui.label(words).classes("evidence-words")
