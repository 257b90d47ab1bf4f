"""Prints a distribution for people: quantiles, stages, convergence, what varies."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.commands.long_table import long_table
from pcf.commands.tables import add_numbers, console, fitting, new_table
from pcf.text import name_in, text
from pcf.views.compare_wording import DECIMALS
from pcf.views.figures import decimals_of, percent, plain, with_percent
from pcf.views.heading import print_heading
from pcf.views.uncertainty_document import words

Item = Mapping[str, Any]
SHOWN = (0.025, 0.25, 0.5, 0.75, 0.975)
"""Quantiles that the screen has room for."""

MOST_INPUTS = 15


def print_uncertainty(made: Item, item: Item, lang: str, screen: Console | None = None) -> None:
    """Print a document of a distribution under the heading of its footprint."""
    screen = screen or console()
    print_heading(screen, item, lang)
    draws = made["draws"]
    shown = text(
        "message.uncertainty", lang, size=f"{draws['size']:,}", seed=draws["seed"], inputs=draws["uncertain_inputs"],
        sampler=text(f"sampler.{draws['sampler']}", lang),
    )  # fmt: skip
    screen.print(Text(shown, style="dim"))
    screen.print(fitting(screen, [partial(_statistics, made, lang), partial(_statistics, made, lang, long=True)]))
    share = made["infeasible_share"]
    if share:
        screen.print(Text(text("message.infeasible-draws", lang, share=percent(share, lang)), style="yellow"))
    screen.print(_convergence(made, lang))
    screen.print(_inputs(made, lang))
    more = len(made["uncertain_inputs"]) - MOST_INPUTS
    if more > 0:
        screen.print(text("message.more-inputs", lang, count=more))


def _statistics(made: Item, lang: str, *, long: bool = False) -> Table:
    decimals = decimals_of(made["total"]["mean"]) if made["total"] else DECIMALS
    headings = [text("heading.mean", lang), text("heading.deviation", lang)]
    headings += [text("heading.median", lang) if p == 0.5 else with_percent(f"{100 * p:g}", lang) for p in SHOWN]
    rows = [(text(f"stage.{stage}", lang), found) for stage, found in made["stages"].items()]
    totals = [(text("heading.total", lang), made["total"])]
    totals += [(text("heading.feasible-draws", lang), made["feasible_draws"])] if made["infeasible_share"] else []
    if long:
        return long_table(headings, [(name, _values(found, decimals)) for name, found in (*rows, *totals)])
    table = new_table(text("heading.distribution", lang))
    table.add_column("tCO2e/t", no_wrap=True)
    add_numbers(table, *headings)
    for name, found in rows:
        table.add_row(name, *_values(found, decimals))
    table.add_section()
    for number, (name, found) in enumerate(totals):
        table.add_row(name, *_values(found, decimals), style="" if number else "bold")
    return table


def _values(found: Item | None, decimals: int) -> list[str]:
    if found is None:
        return ["–"] * (2 + len(SHOWN))
    known = {entry["probability"]: entry["value"] for entry in found["quantiles"]}
    return [f"{value:.{decimals}f}" for value in (found["mean"], found["standard_deviation"], *(known[p] for p in SHOWN))]


def _convergence(made: Item, lang: str) -> Table:
    table = new_table(text("heading.convergence", lang))
    add_numbers(table, text("heading.scenarios", lang), text("heading.mean", lang), text("heading.standard-error", lang))
    for step in made["convergence"]:
        error = step["standard_error"]
        table.add_row(f"{step['size']:,}", f"{step['mean']:.4f}", "–" if error is None else f"{error:.1e}")
    last = made["total"]
    if last and (not made["convergence"] or last["draws"] != made["convergence"][-1]["size"]):
        error = last["standard_error"]
        table.add_row(f"{last['draws']:,}", f"{last['mean']:.4f}", "–" if error is None else f"{error:.1e}")
    return table


def _inputs(made: Item, lang: str) -> Table:
    table = new_table(text("heading.varying", lang))
    for heading in ("name", "value", "unit", "spread", "source-check"):
        table.add_column(text(f"heading.{heading}", lang), overflow="fold")
    for one in made["uncertain_inputs"][:MOST_INPUTS]:
        name = Text.assemble(one["id"], (f"\n  {name_in(one['name'], lang)}", "dim"))
        check = text(f"source-check.{one['source_check']}", lang)
        table.add_row(name, plain(one["value"]), "" if one["unit"] == "1" else one["unit"], words(one["spread"]), check)
    return table
