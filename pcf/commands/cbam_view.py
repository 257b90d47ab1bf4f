"""Prints a CBAM document for people: what it is, each good, each term, precursors, default values, notices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.commands.tables import add_numbers, console, new_table
from pcf.text import name_in, text
from pcf.views.figures import percent


def print_cbam(found: Mapping[str, Any], lang: str, *, screen: Console | None = None) -> None:
    """Print the document; what it is and is not stands first."""
    screen = screen or console()
    if "demonstration" in found:
        screen.print(Text(found["demonstration"], style="bold red"))
    screen.print(Text(found["statement"], style="bold"))
    place = text("cbam.place", lang, operator=found["operator"]["name"], name=found["installation"]["name"], year=found["year"])
    screen.print(Text(f"{place}\n{found['assurance']}"))
    screen.print(Text(found["basis"], style="dim"))
    screen.print(_goods(found, lang))
    for process in found["processes"]:
        screen.print(_terms(process, lang))
        if process["precursors"]:
            screen.print(_precursors(process, lang))
    screen.print(_defaults(found, lang))
    for item in found["notices"]:
        screen.print(Text(item["text"], style="yellow"))
    screen.print(Text(found["check_before_use"], style="dim"))


def _table(title: str, words: tuple[str, ...], numbers: tuple[str, ...], lang: str) -> Table:
    table = new_table(title)
    for name in words:
        table.add_column(text(f"cbam-column.{name}", lang), overflow="fold")
    add_numbers(table, *(text(f"cbam-column.{name}", lang) for name in numbers))
    return table


def _goods(found: Mapping[str, Any], lang: str) -> Table:
    table = _table(
        text("cbam.goods", lang), ("cn", "name"), ("tonnes", "own", "from-precursors", "see", "default-share", "scrap"), lang
    )  # fmt: skip
    for item in found["goods"]:
        table.add_row(
            item["cn"], name_in(item["name"], lang), f"{item['tonnes']:,.0f}", f"{item['own_process']:.3f}", f"{item['precursors']:.3f}",
            f"{item['see']:.3f}", percent(item["default_share"], lang), f"{item['scrap_t_per_t']:.3f}",
        )  # fmt: skip
    return table


def _terms(process: Mapping[str, Any], lang: str) -> Table:
    route = text(f"cbam-route.{process['route']}", lang)
    title = text(
        "cbam.process", lang, name=name_in(process["name"], lang), route=route, level=f"{process['activity_level_t']:,.0f}"
    )  # fmt: skip
    table = _table(title, ("kind", "name"), ("co2e", "per-t"), lang)
    for term in process["terms"]:
        table.add_row(text(f"cbam-term.{term['kind']}", lang), term["name"], f"{term['tCO2e']:,.1f}", f"{term['per_t']:.3f}")
    table.add_section()
    table.add_row(text("cbam.attributed", lang), "", f"{process['attributed_tCO2e']:,.1f}", f"{process['own']:.3f}", style="bold")
    return table


def _precursors(process: Mapping[str, Any], lang: str) -> Table:
    title = text("cbam.precursors-of", lang, name=name_in(process["name"], lang))
    table = _table(title, ("name", "basis", "origin"), ("tonnes", "t-per-t", "see", "contribution"), lang)
    for item in process["precursors"]:
        table.add_row(
            item["name"], text(f"cbam-basis.{item['basis']}", lang), item.get("origin") or item.get("from", ""),
            f"{item['tonnes']:,.0f}", f"{item['t_per_t']:.3f}", f"{item['see']:.3f}", f"{item['contribution']:.3f}",
        )  # fmt: skip
    return table


def _defaults(found: Mapping[str, Any], lang: str) -> Table:
    table = _table(
        text("cbam.defaults", lang), ("cn", "row"), ("before-mark-up", "year", "mark-up", "with-mark-up", "see", "difference"), lang
    )  # fmt: skip
    for good in found["goods"]:
        values = good["default_values"]
        if values is None:
            table.add_row(good["cn"], text("cbam.no-default", lang), *("–",) * 4, f"{good['see']:.3f}", "–")
            continue
        for place, item in enumerate(values["years"]):
            head = (
                (good["cn"], f"{values['origin']} {values['row']}", f"{values['before_mark_up']:.3f}") if not place else ("",) * 3
            )
            year = f"{item['year']}{'+' if item['and_later'] else ''}"
            table.add_row(
                *head, year, percent(item["mark_up"], lang), f"{item['with_mark_up']:.3f}", f"{good['see']:.3f}",
                f"{item['result_minus_default']:+.3f}",
            )  # fmt: skip
    return table
