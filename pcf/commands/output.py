"""Tables for people, and the one place that rounds numbers for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.catalogue import CATEGORIES, STAGES
from pcf.text import name_in, text, texts

STATUS_STYLES = {"pass": "green", "warn": "yellow", "fail": "red", "not evaluated": "dim"}


def console() -> Console:
    """Where tables go: colour only on a terminal, and never narrower than a table needs."""
    screen = Console(highlight=False, emoji=False)
    return screen if screen.is_terminal else Console(highlight=False, emoji=False, width=120)


def tonnes(value: float) -> str:
    """tCO2e/t for people: three significant digits from 1 on, at most three decimals."""
    if value == 0:
        return "–"
    size = abs(value)
    return f"{value:.1f}" if size >= 100 else f"{value:.2f}" if size >= 1 else f"{value:.3f}"


def percent(share: float) -> str:
    """A share as whole per cent; what is there but small shows as such."""
    return "<1 %" if 0 < share < 0.005 else f"{100 * share:.0f} %"


def print_footprint(item: Mapping[str, Any], lang: str, *, full: bool = False) -> None:
    """Print one footprint document."""
    screen = console()
    product, total = item["product"], item["total"]
    screen.print()
    label = f" · {item['label']}" if item.get("label") else ""
    screen.print(Text(f"{name_in(product['name'], lang)}  [{product['id']}]{label}", style="bold"))
    headline = f"{tonnes(total['value'])} {total['unit']}"
    screen.print(Text.assemble((headline, "bold cyan"), f"   {_subtitle(item, lang)}"))
    screen.print(_matrix(item, lang))
    screen.print(_basis(item, lang))
    if item.get("charge"):
        screen.print(_charge(item, lang))
    screen.print(_alternatives(item, lang))
    if full:
        screen.print(_gases(item, lang))
        screen.print(_parameters(item, lang))
        for name, value in item["information"]["substitution"].items():
            screen.print(Text(text("message.substitution", lang, name=name, value=tonnes(value)), style="dim"))
    screen.print(_checks(item, lang, full=full))
    if "cross_check" in item:
        screen.print(_cross_check(item["cross_check"], lang))


def _subtitle(item: Mapping[str, Any], lang: str) -> str:
    method = item["method"]
    boundary = text(f"boundary.{item['boundary']}", lang)
    if method["steps"]:
        boundary += f" ({', '.join(method['steps'])})"
    parts = [
        boundary,
        f"GWP100 {method['gwp']}",
        text(f"choice.scrap.{method['scrap']}", lang),
        text(f"choice.attribution.{method['attribution']}", lang),
        text(f"standing.{item['standing']}", lang),
    ]
    return " · ".join(parts)


def _matrix(item: Mapping[str, Any], lang: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(text("heading.stage", lang))
    used = [source for source in CATEGORIES if any(source in row for row in item["matrix"].values())]
    for source in used:
        table.add_column(text(f"source.{source}", lang), justify="right")
    table.add_column(text("heading.total", lang), justify="right", style="bold")
    table.add_column(text("heading.share", lang), justify="right")
    total = item["total"]["value"]
    for stage in STAGES:
        row = item["matrix"].get(stage)
        if not row:
            continue
        cells = [tonnes(row.get(source, 0.0)) for source in used]
        subtotal = sum(row.values())
        table.add_row(text(f"stage.{stage}", lang), *cells, tonnes(subtotal), percent(subtotal / total if total else 0))
    sums = [sum(row.get(source, 0.0) for row in item["matrix"].values()) for source in used]
    table.add_section()
    table.add_row(text("heading.total", lang), *[tonnes(value) for value in sums], tonnes(total), "100 %", style="bold")
    return table


def _basis(item: Mapping[str, Any], lang: str) -> Text:
    checks = ", ".join(
        f"{percent(share)} {text(f'source-check.{key}', lang)}"
        for key, share in item["evidence"]["source_check"].items()
        if share
    )
    primary = percent(item["evidence"]["data_class"]["primary"])
    line = text("message.rests-on", lang, checks=checks, primary=primary)
    provenance = item["provenance"]
    data = f"{provenance['engine']} · {text('heading.data-set', lang)} {provenance['datasets_version']} ({provenance['datasets_sha256'][:12]})"
    return Text(f"{line}\n{item['alignment']['wording']} {data}", style="dim")


def _charge(item: Mapping[str, Any], lang: str) -> Text:
    charge = item["charge"]
    parts = [f"{name} {mass:.3f}" for name, mass in charge["gross_t_per_t"].items() if mass > 0]
    return Text(
        text("message.charge", lang, parts=", ".join(parts), content=f"{100 * charge['recycled_content']:.1f}",
             post=f"{100 * charge['post_consumer_content']:.1f}", gross=f"{100 * charge['recycled_input']:.1f}")
    )  # fmt: skip


def _alternatives(item: Mapping[str, Any], lang: str) -> Table:
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, title=text("heading.alternatives", lang), title_justify="left", title_style="bold"
    )
    table.add_column(text("heading.choice", lang))
    table.add_column("tCO2e/t")
    known = texts(lang)
    for choice, options in item["alternatives"].items():
        values = list(options.values())
        if max(values) - min(values) <= 1e-9 * max(abs(max(values)), 1e-12) and choice not in {"scrap", "electricity"}:
            continue
        shown = "   ".join(f"{known.get(f'choice.{choice}.{name}', name)} {tonnes(value)}" for name, value in options.items())
        table.add_row(known.get(f"choice.{choice}", choice), shown)
    return table


def _gases(item: Mapping[str, Any], lang: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=text("heading.gases", lang), title_justify="left", title_style="bold")
    table.add_column(text("heading.gas", lang))
    table.add_column("kg/t", justify="right")
    table.add_column("tCO2e/t", justify="right")
    for gas, values in item["gases"].items():
        mass = "" if values["mass_kg"] is None else f"{values['mass_kg']:.4g}"
        table.add_row(gas, mass, tonnes(values["tCO2e"]))
    return table


def _parameters(item: Mapping[str, Any], lang: str) -> Table:
    table = Table(
        box=SIMPLE_HEAD, pad_edge=False, title=text("heading.parameters", lang), title_justify="left", title_style="bold"
    )
    for heading in ("name", "value", "unit", "origin", "source-check"):
        table.add_column(text(f"heading.{heading}", lang), justify="right" if heading == "value" else "left")
    for name, entry in item["parameters"].items():
        value = entry["value"]
        shown = ", ".join(f"{k} {v:.4g}" for k, v in value.items()) if isinstance(value, dict) else f"{value:.6g}"
        table.add_row(name, shown, entry["unit"], entry["origin"], entry.get("source_check", ""))
    return table


def _checks(item: Mapping[str, Any], lang: str, *, full: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=text("heading.checks", lang), title_justify="left", title_style="bold")
    table.add_column(text("heading.check", lang), no_wrap=True)
    table.add_column(text("heading.status", lang), no_wrap=True)
    table.add_column(text("heading.detail", lang))
    for check in item["checks"]:
        if check["status"] == "pass" and not full:
            continue
        status = Text(text(f"check-status.{check['status'].replace(' ', '-')}", lang), style=STATUS_STYLES[check["status"]])
        table.add_row(check["id"], status, check["detail"])
    passed = sum(check["status"] == "pass" for check in item["checks"])
    if not full and passed:
        table.add_row("", Text(text("check-status.pass", lang), style="green"), text("message.passed", lang, count=passed))
    return table


def _cross_check(found: Mapping[str, Any], lang: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=text("heading.solvers", lang), title_justify="left", title_style="bold")
    for heading in ("solver", "total", "difference", "tolerance"):
        table.add_column(text(f"heading.{heading}", lang), justify="left" if heading == "solver" else "right")
    table.add_row("vectorised", f"{found['vectorised']:.12g}", "", "")
    for name in ("reference", "brightway"):
        difference, tolerance = found["relative_differences"][name], found["tolerances"][name]
        table.add_row(
            name, f"{found[name]:.12g}", f"{difference:.1e}", f"{tolerance:.0e}", style="red" if difference > tolerance else ""
        )
    return table


def print_overview(documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Print several footprints in one table; results of different methods say so and are not ranked."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    stages = [stage for stage in STAGES if any(stage in item["matrix"] for item in documents)]
    labelled = any(item.get("label") for item in documents)
    table.add_column(text("heading.product", lang), no_wrap=not labelled)
    for stage in stages:
        table.add_column(text(f"stage-short.{stage}", lang), justify="right")
    table.add_column(text("heading.total", lang), justify="right", style="bold")
    table.add_column(text("source-check.assumed", lang), justify="right")
    for item in documents:
        cells = [tonnes(sum(item["matrix"].get(stage, {}).values())) for stage in stages]
        assumed = percent(item["evidence"]["source_check"]["assumed"])
        table.add_row(item.get("label") or item["product"]["id"], *cells, tonnes(item["total"]["value"]), assumed)
    screen = console()
    first = documents[0]
    same = all(item["method"] == first["method"] for item in documents)
    screen.print()
    screen.print(Text(f"tCO2e/t · {_subtitle(first, lang)}" if same else text("message.different-methods", lang), style="bold"))
    screen.print(table)
