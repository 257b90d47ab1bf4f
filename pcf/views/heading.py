"""The lines above a result: headline, boundary and method, site, factor year, and what somebody changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from pcf.model import Method
from pcf.text import name_in, text, texts
from pcf.views.figures import decimals_of, shown_value, tonnes

NAMED = {"attribution": "electricity", "electricity": "electricity_basis"}
"""Choices of the method whose texts bear the name of their alternative."""


def print_heading(screen: Console, item: Mapping[str, Any], lang: str) -> None:
    """Print what stands above a result."""
    label = f" · {item['label']}" if item.get("label") else ""
    screen.print()
    screen.print(Text(f"{name_in(item['product']['name'], lang)}  [{item['product']['id']}]{label}", style="bold"))
    screen.print(Text(headline(item, lang), style="bold cyan"))
    for line in (boundary(item, lang), site_line(item, lang), factor_line(item, lang), method_line(item, lang)):
        if line:
            screen.print(Text(line))
    if is_hypothetical(item):
        screen.print(Text(text("message.hypothetical", lang), style="bold yellow"))
    if item["changes"]:
        screen.print(Text(text("message.changes", lang), style="bold yellow"))
        for change in item["changes"]:
            screen.print(Text(f"  {change_line(item, change, lang)}"))


def comma(lang: str) -> str:
    """What parts the items of a list."""
    return "、" if lang == "zh" else ", "


def process_name(item: Mapping[str, Any], process: str, lang: str) -> str:
    """Name of a process of the chain."""
    return name_in(item["process_names"].get(process, {}), lang) or process


def headline(item: Mapping[str, Any], lang: str) -> str:
    """The result in one line: both values where low-voltage PFC is open."""
    total, pair = item["total"], item["headline"]
    without, with_low = pair["without_low_voltage_pfc"], pair["with_low_voltage_pfc"]
    if with_low is None:
        return f"{tonnes(total['value'])} {total['unit']}"
    decimals = decimals_of(total["value"])
    return text(
        "message.headline-pair", lang, without=tonnes(without, decimals), with_low=tonnes(with_low, decimals), unit=total["unit"]
    )


def boundary(item: Mapping[str, Any], lang: str) -> str:
    """Boundary with its steps, and the standing of the result."""
    shown = text(f"boundary.{item['boundary']}", lang)
    if item["method"]["steps"]:
        steps = comma(lang).join(process_name(item, step, lang) for step in item["method"]["steps"])
        shown += f"（{steps}）" if lang == "zh" else f": {steps}"
    standing = text(f"standing.{item['standing']}", lang)
    return f"{shown} · {standing}"


def site_line(item: Mapping[str, Any], lang: str) -> str:
    """The product's own site."""
    site = item["site"]
    if site is None:
        return text("message.no-site", lang)
    return text(
        "message.site", lang, name=name_in(site["name"], lang), id=site["id"], geography=site["geography"], year=site["data_year"],
        standing=text(f"standing.{site['standing']}", lang),
    )  # fmt: skip


def factor_line(item: Mapping[str, Any], lang: str) -> str:
    """The year of the emission factors, and those of other years."""
    years, others = item["provenance"]["factor_years"], item["provenance"]["other_years"]
    if not years:
        return ""
    asked = item["method"]["factor_year"]
    year = max(years.values()) if asked == "newest" else asked
    if not others:
        return text("message.factor-years", lang, year=year)
    listed = comma(lang).join(f"{name} {found}" for name, found in others.items())
    return text("message.factor-years-mixed", lang, year=year, others=listed)


def changed_choices(item: Mapping[str, Any], lang: str) -> list[str]:
    """Every choice of the method that differs from its default, by name; boundary, steps and edition stand elsewhere."""
    known = texts(lang)
    found = []
    for name, default in Method().as_document().items():
        value = item["method"][name]
        if name not in ("boundary", "steps", "gwp") and value != default:
            group = NAMED.get(name, name)
            option = known.get(f"choice.{group}.{value}", str(value))
            found.append(text("message.choice", lang, choice=known[f"choice.{group}"], option=option))
    return found


def method_line(item: Mapping[str, Any], lang: str) -> str:
    """Edition of the potentials, and every choice that is not the default."""
    gwp = f"GWP100 {item['method']['gwp']}"
    choices = changed_choices(item, lang)
    if item["method"]["gwp"] != Method().gwp:
        choices.insert(0, text("message.choice", lang, choice=texts(lang)["choice.gwp"], option=item["method"]["gwp"]))
    if not choices:
        return text("message.method-default", lang, gwp=gwp)
    return text("message.method-changed", lang, gwp=gwp, choices=("；" if lang == "zh" else "; ").join(choices))


def is_hypothetical(item: Mapping[str, Any]) -> bool:
    """Whether a hypothetical mix replaces the site's own supply."""
    return any(change["name"].rpartition(".")[2] == "grid_mix" and change["value"] != {"site": 1} for change in item["changes"])


def change_line(item: Mapping[str, Any], change: Mapping[str, Any], lang: str) -> str:
    """A change beside what would stand without it, and what it reaches."""
    shown = text(
        "message.change", lang, name=change["name"], value=shown_value(change["value"], change["unit"], lang),
        default=shown_value(change["default"], change["unit"], lang),
    )  # fmt: skip
    return f"{shown}{'；' if lang == 'zh' else '; '}{reached(item, change, lang)}"


def reached(item: Mapping[str, Any], change: Mapping[str, Any], lang: str) -> str:
    """The steps that a change reaches, with their place where it is not the product's own."""
    if not change["reaches"]:
        return text("message.reaches-nothing", lang)
    own, shown = item["product"]["id"], []
    for step in change["reaches"]:
        process, _, place = step.partition("@")
        process = process_name(item, process, lang)
        shown.append(process if place == own else text("message.step-at", lang, process=process, place=place))
    return text("message.reaches", lang, steps=comma(lang).join(shown))
