"""Audit, trail: one record with its fields, papers, evidence and the proof that the log holds it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from nicegui import ui

from pcf.custody.wording import cut_percent
from pcf.text import texts, visible
from pcf.views.figures import with_percent
from pcf.views.source_words import slug
from pcf.web.pages.audit_frame import trail
from pcf.web.pages.certificates.parts import basis_words
from pcf.web.shell import View, headline, link
from pcf.web.tables import Cell, table

NAMED = {
    "content_class": "class", "asi_class": "asi-class", "origin": "lot-origin", "account": "account", "source_type": "source-type",
    "form": "form", "step": "step", "footprint_boundary": "boundary", "content": "content-basis",
}  # fmt: skip
"""Fields whose values have names → how the keys of the names begin."""


PARTIES = ("supplier", "customer", "tolled_for")


def anchor(name: str) -> str:
    """What a record is found by on the page, whatever signs its name has."""
    return hashlib.sha256(name.encode()).hexdigest()[:12]


def build(view: View, made: Mapping[str, Any], stop: Mapping[str, Any]) -> None:
    """The card of a record."""
    good = stop["proof"]["included"] and stop["proof"]["intact"]
    with ui.element("article").classes(f"card record-card {stop['side']}").props(f'id="record-{anchor(stop["id"])}"'):
        with ui.element("div").classes("record-head"):
            ui.label(view.text(f"audit.side-{stop['side']}")).classes("chip quiet")
            headline("h3", f"{view.text('unit.' + stop['kind'])} {stop['id']}", "record-title")
            if stop["side"] != "root":
                link(trail(stop["id"]), view.say("audit-from-here")).classes("record no-print")
            ui.space()
            state = view.say("audit-proven" if good else "audit-not-proven", event=f"{stop['proof']['event']:,}")
            ui.label(("✓ " if good else "✗ ") + state).classes(f"chip {'severity-none' if good else 'severity-major'}")
        with ui.element("dl").classes("walk-fields"):
            for name, value in _fields(view, made, stop):
                with ui.element("div"):
                    headline("dt", name)
                    headline("dd", value)
        if stop["papers"]:
            _papers(view, made, stop["papers"])
        _proof(view, made, stop["proof"])


def _fields(view: View, made: Mapping[str, Any], stop: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = texts(view.lang)

    def word(name: str, value: Any) -> str:
        if name == "material" and stop["id"] in made["names"]:
            return str(made["names"][stop["id"]])
        if name in NAMED:
            return known.get(f"{NAMED[name]}.{slug(str(value))}", visible(str(value), keep=""))
        if name == "product":
            return _named(view, str(value))
        if name == "footprint" and str(value).replace(".", "", 1).isdigit():  # of a document it is the supplier's own words
            return f"{value} tCO₂e/t"
        if name == "footprint_period":
            return ", ".join(known.get(f"coc-term.{part}", visible(part, keep="")) for part in str(value).split(", "))
        if isinstance(value, int) and not isinstance(value, bool):
            return f"{value:,}"
        if name in PARTIES:
            return str(made["parties"].get(str(value), value))
        if isinstance(value, dict):
            return ", ".join(f"{_named(view, key)} {part}" for key, part in sorted(value.items()))
        if isinstance(value, list):
            return json.dumps(value, ensure_ascii=False)[:400]
        return visible(str(value), keep="")

    found = [
        (known.get(f"field.{name}", known.get(f"web.audit-field-{name}", name.replace("_", " "))), word(name, value))
        for name, value in stop["fields"].items()
    ]
    if content := stop["content"]:
        found.append((view.say("audit-content"), content_words(view, content)))
    if footprint := made["footprints"].get(stop["id"]):
        found.append((view.say("audit-footprint"), footprint_words(view, footprint)))
    return found


def _named(view: View, name: str) -> str:
    """Name of a material, or what else it is."""
    known = view.desk.catalogue.products.get(name) or view.desk.catalogue.processes.get(name)
    return view.name(known.name) if known else name


def _papers(view: View, made: Mapping[str, Any], papers: list[dict[str, Any]]) -> None:
    known = texts(view.lang)
    rows: list[list[str | Cell]] = []
    for paper in papers:
        what, certificate = (
            known.get(f"account.{paper['what']}", known.get(f"web.audit-result-{paper['what']}", paper["what"])),
            "",
        )
        if item := made["certificates"].get(paper["name"]) if paper["kind"] == "certificate" else None:
            what = f"{item['printed']} tCO₂e/t · {basis_words(view, item['boundary'], item['gate'], item['gwp'])}"
            certificate = f" · {view.say('cert-status-' + item['status'])}"
        good = paper["proof"]["included"] and paper["proof"]["intact"]
        rows.append([
            view.text(f"audit-paper.{paper['kind']}") + certificate + (f" · {view.say('audit-void', date=paper['void'])}" if paper["void"] else ""),
            Cell(visible(paper["name"], keep=""), trail(paper["follows"]), mark="record" if paper["follows"] else ""), paper["date"], "–" if paper["mass_kg"] is None else f"{paper['mass_kg']:,} kg", what,
            visible(made["parties"].get(paper["party"], paper["party"]), keep=""), f"{'✓' if good else '✗'} {paper['proof']['event']:,}",
        ])  # fmt: skip
    heads = [view.say(f"audit-{name}") for name in ("paper", "record", "date", "mass", "says", "with", "event")]
    table(heads, rows, numbers=[3, 6])


def _proof(view: View, made: Mapping[str, Any], proof: Mapping[str, Any]) -> None:
    with ui.element("details").classes("proof"):
        headline(
            "summary",
            view.say("audit-proof", event=f"{proof['event']:,}", time=proof["time"], actor=visible(proof["actor"], keep="")),
        )
        ui.label(view.say("audit-proof-how", size=f"{made['log']['size']:,}")).classes("line")
        lines = [f"leaf  {proof['leaf']}", *(f"      {item}" for item in proof["path"]), f"root  {made['log']['root']}"]
        headline("pre", "\n".join(lines), "mono")


def content_words(view: View, content: Mapping[str, float]) -> str:
    """Recycled content, post- and pre-consumer, cut off as everywhere: it is never rounded up (R27)."""
    shares = (Fraction(str(content[name])) for name in ("post_consumer", "pre_consumer"))
    return " + ".join(with_percent(cut_percent(share), view.lang) for share in shares)


def footprint_words(view: View, footprint: Mapping[str, Any]) -> str:
    """A footprint with boundary, edition and treatment of low-voltage PFC, without which it is never shown."""
    boundary = view.text("batch.boundary", gate=view.text(f"gate.{footprint['gate']}"))
    treated = view.text(f"choice.low_voltage_pfc.{footprint['low_voltage_pfc']}")
    pfc = view.text("message.choice", choice=view.text("choice.low_voltage_pfc"), option=treated)
    return f"{footprint['total']:.3f} tCO₂e/t · {boundary} · GWP100 {footprint['gwp']} · {pfc}"
