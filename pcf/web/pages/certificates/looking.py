"""A certificate before it is one: its pages, its footprint with boundary, and the checks that it has passed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from nicegui import ui

from pcf.views.figures import percent
from pcf.web.certifying import Preview
from pcf.web.pages.certificates.parts import basis_words, checks_list, facts, kg
from pcf.web.shell import View, headline


def show_preview(view: View, seen: Preview) -> None:
    """Facts on one side, the very pages on the other."""
    document = seen.document
    with ui.element("div").classes("cert-look").props('id="preview"'):
        with ui.element("div").classes("cert-side"):
            _result(view, document)
            open_ = [check for check in seen.checks if check["status"] != "pass"]
            headline(
                "h2",
                view.say("cert-checks", count=len(seen.checks), passed=len(seen.checks) - len(open_)),
                "section-title cert-gap",
            )
            checks_list(view, open_)
            with ui.expansion(view.say("cert-checks-passed")).classes("more cert-passed"):
                checks_list(view, [check for check in seen.checks if check["status"] == "pass"])
        with ui.element("div").classes("cert-pages"):
            with ui.element("div").classes("actions cert-preview-bar"):
                ui.label(view.say("cert-preview-mark")).classes("chip standing-demonstration")
                ui.button(
                    view.say("cert-preview-pdf"), icon="download",
                    on_click=lambda: ui.download.content(seen.pdf, "preview.pdf", "application/pdf"),
                ).props("flat no-caps dense")  # fmt: skip
            for number, picture in enumerate(seen.pictures, start=1):
                source = f"data:image/png;base64,{base64.b64encode(picture).decode()}"
                with ui.element("figure").classes("cert-page"):
                    image = ui.element("img").props(f'alt="{view.say("cert-page-alt", number=number, count=len(seen.pictures))}"')
                    image._props["src"] = source


def _result(view: View, document: Mapping[str, Any]) -> None:
    made = document["footprint"]
    with ui.element("div").classes("tile-number"):
        ui.label(made["printed"]).classes("huge").props('id="footprint"')
        ui.label("tCO₂e/t").classes("unit")
    ui.label(basis_words(view, made["boundary"], made["gate"], made["gwp"])).classes("line")
    if document["demonstration"]:
        ui.label(view.say("cert-demonstration")).classes("banner warn cert-gap")
    facts(document_facts(view, document))


def document_facts(view: View, document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a certificate says, beside its footprint."""
    unit, pair = document["unit"], document["low_voltage_pfc"]
    method, interval = document["footprint"]["method"], document["uncertainty"]
    customer = ", ".join(str(document["customer"][name]) for name in ("name", "address", "country"))
    rows = [
        ("customer", customer),
        ("order", document["customer"].get("order") or ""),
        ("product", f"{view.name(document['product']['name'])} · {document['product']['standard']}"),
        ("certified", f"{unit['id']} ({unit['date']})" if unit else view.say("cert-average-of", year=document["data_period"]["start"][:4])),
        ("site", f"{view.name(document['site']['name'])} · {document['data_period']['start'][:4]}"),
        ("mass", kg(document["mass_kg"])),
        ("until", document["valid_until"]),
        ("electricity", f"{view.word('choice', 'electricity_basis.' + method['electricity'])} · {view.word('choice', 'attribution.' + document['electricity']['attribution'])}"),
        ("low-voltage", view.say("cert-low-voltage", without=_number(pair["without"]), with_=_number(pair["with"]))),
        ("primary", percent(document["primary_data"]["share"], view.lang)),
    ]  # fmt: skip
    if interval:
        rows.append(("interval", f"{_number(interval['low'])} – {_number(interval['high'])} tCO₂e/t"))
    return [(view.say(f"cert-fact-{name}"), value) for name, value in rows if value]


def _number(value: Any) -> str:
    return "–" if value is None else f"{float(value):.2f}"
