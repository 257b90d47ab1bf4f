"""Several footprints side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.catalogue import STAGES
from pcf.commands.tables import add_numbers, console, fitting, new_table, width_of
from pcf.text import text
from pcf.views.figures import decimals_of, percent, tonnes
from pcf.views.heading import boundary, comma, is_hypothetical, method_line


def print_overview(documents: Sequence[Mapping[str, Any]], lang: str, screen: Console | None = None) -> None:
    """Print several footprints in one table; results of different methods say so and are not ranked."""
    screen = screen or console()
    first = documents[0]
    same = all(item["method"] == first["method"] for item in documents)
    screen.print()
    screen.print(Text(text("message.overview", lang), style="bold"))
    shown = (
        f"{boundary(first, lang).split(' · ')[0]} · {method_line(first, lang)}"
        if same
        else text("message.different-methods", lang)
    )
    screen.print(Text(shown, style="" if same else "bold yellow"))
    changed = dict.fromkeys(change["name"] for item in documents for change in item["changes"])
    if changed:
        screen.print(Text(text("message.overview-changed", lang, names=comma(lang).join(changed)), style="bold yellow"))
    if any(is_hypothetical(item) for item in documents):
        screen.print(Text(text("message.hypothetical", lang), style="bold yellow"))
    for table in _tables(screen, documents, lang):
        screen.print(table)
    if any(_infeasible(item) for item in documents):
        screen.print(Text(text("message.infeasible", lang), style="yellow"))


def _tables(screen: Console, documents: Sequence[Mapping[str, Any]], lang: str) -> list[Table]:
    wide: list[Callable[[], Table]] = [
        partial(_by_product, documents, lang, "stage-short", short=short) for short in (False, True)
    ]
    table = fitting(screen, wide)
    if width_of(screen, table) <= screen.width:
        return [table]
    found: list[Table] = []
    rest = list(documents)
    while rest:  # as many products beside each other as the screen has room for
        size = next((n for n in range(len(rest), 1, -1) if width_of(screen, _by_stage(rest[:n], lang)) <= screen.width), 1)
        found.append(_by_stage(rest[:size], lang))
        rest = rest[size:]
    return found


def _infeasible(item: Mapping[str, Any]) -> bool:
    return any(check["id"] == "charge-feasible" and check["status"] == "fail" for check in item["checks"])


def row_label(item: Mapping[str, Any]) -> str:
    """What a row is called: the study's label, else the product."""
    return str(item.get("label") or item["product"]["id"]) + (" †" if _infeasible(item) else "")


def _other(item: Mapping[str, Any]) -> float | None:
    """The other headline value: with low-voltage PFC, or without it where the method includes it."""
    included = item["method"]["low_voltage_pfc"] == "included"
    found: float | None = item["headline"]["without_low_voltage_pfc" if included else "with_low_voltage_pfc"]
    return found


def _other_key(documents: Sequence[Mapping[str, Any]]) -> str | None:
    if all(_other(item) is None for item in documents):
        return None
    included = {item["method"]["low_voltage_pfc"] for item in documents}
    return "heading.without-low" if included == {"included"} else "heading.with-low"


def _decimals(documents: Sequence[Mapping[str, Any]]) -> int:
    return decimals_of(max(abs(item["total"]["value"]) for item in documents))


def _by_product(documents: Sequence[Mapping[str, Any]], lang: str, stage_key: str, *, short: bool) -> Table:
    table, decimals = new_table(), _decimals(documents)
    stages = [stage for stage in STAGES if any(stage in item["matrix"] for item in documents)]
    table.add_column(text("heading.product", lang), no_wrap=not any(item.get("label") for item in documents))
    add_numbers(table, *(text(f"{stage_key}.{stage}", lang) for stage in stages))
    add_numbers(table, text("heading.total", lang), style="bold")
    other = _other_key(documents)
    if other:
        add_numbers(table, text(f"{other}-short" if short and other.endswith("with-low") else other, lang))
    if not short:
        add_numbers(table, text("source-check.assumed", lang))
    for item in documents:
        cells = [tonnes(sum(item["matrix"].get(stage, {}).values()), decimals) for stage in stages]
        pair = [_second(item, decimals)] if other else []
        last = [] if short else [percent(item["evidence"]["source_check"]["assumed"], lang)]
        table.add_row(row_label(item), *cells, tonnes(item["total"]["value"], decimals), *pair, *last)
    return table


def _second(item: Mapping[str, Any], decimals: int) -> str:
    value = _other(item)
    return "" if value is None else tonnes(value, decimals)


def _by_stage(documents: Sequence[Mapping[str, Any]], lang: str) -> Table:
    """The same with products as columns."""
    table, decimals = new_table(), _decimals(documents)
    table.add_column(text("heading.stage", lang), no_wrap=True)
    add_numbers(table, *(row_label(item) for item in documents))
    for stage in STAGES:
        if any(stage in item["matrix"] for item in documents):
            cells = [tonnes(sum(item["matrix"].get(stage, {}).values()), decimals) for item in documents]
            table.add_row(text(f"stage.{stage}", lang), *cells)
    table.add_section()
    table.add_row(text("heading.total", lang), *(tonnes(item["total"]["value"], decimals) for item in documents), style="bold")
    other = _other_key(documents)
    if other:
        table.add_row(text(other, lang).replace("-\n", "-").replace("\n", ""), *(_second(item, decimals) for item in documents))
    assumed = [percent(item["evidence"]["source_check"]["assumed"], lang) for item in documents]
    table.add_row(text("source-check.assumed", lang), *assumed)
    return table
