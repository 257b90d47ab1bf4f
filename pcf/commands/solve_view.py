"""Prints the answer to a goal: the values, or that none reaches it and how near they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.commands.tables import add_numbers, console, new_table
from pcf.text import name_in, text
from pcf.views.compare_wording import DECIMALS
from pcf.views.figures import percent, plain, shown_shares, with_unit
from pcf.views.heading import print_heading

Item = Mapping[str, Any]


def print_goal(made: Item, item: Item, lang: str, screen: Console | None = None) -> None:
    """Print the document under the heading of its footprint."""
    screen = screen or console()
    print_heading(screen, item, lang)
    screen.print()
    style = "bold green" if made["reached"] else "bold yellow"
    screen.print(Text(sentence(made, lang), style=style))
    if made["total"] is not None:
        screen.print(_answer(made, lang))
    if any(row["name"].rpartition(".")[2] == "grid_mix" for row in made["answer"]):
        screen.print(Text(text("message.hypothetical", lang), style="bold yellow"))
    if made["cost"] is not None:
        screen.print(text("message.cost", lang, cost=plain(made["cost"])))
    start = "–" if made["at_start"] is None else _tonnes(made["at_start"])
    screen.print(Text(text("message.at-start", lang, total=start), style="dim"))
    if made["feasible_share"] < 1:
        screen.print(Text(text("message.feasible-space", lang, share=percent(made["feasible_share"], lang)), style="yellow"))


def sentence(made: Item, lang: str) -> str:
    """The answer in one sentence, with how sure it is."""
    target = plain(made["target"])
    if made["total"] is None:
        return text("message.nothing-feasible", lang)
    if made["reached"]:
        return text("message.reached", lang, target=target, total=_tonnes(made["total"]))
    proof = text(f"message.proof-{made['proof']}", lang)
    return text("message.not-reached", lang, target=target, total=_tonnes(made["total"]), proof=proof)


def _tonnes(value: float) -> str:
    return f"{value:.{DECIMALS}f}"


def _answer(made: Item, lang: str) -> Table:
    table = new_table(text("heading.answer" if made["reached"] else "heading.nearest", lang))
    table.add_column(text("heading.name", lang), overflow="fold")
    add_numbers(table, text("heading.from", lang), text("heading.to", lang))
    table.add_column(text("heading.value", lang), style="bold")
    costs = any(row["cost"] is not None for row in made["answer"])
    if costs:
        add_numbers(table, text("heading.cost", lang))
    for row in made["answer"]:
        value = row["value"]
        mixed = isinstance(value, Mapping)
        shown = (
            shown_shares({name: share for name, share in value.items() if share}, lang)
            if mixed
            else with_unit(value, row["unit"])
        )
        ends = [row[end] if mixed else plain(row[end]) for end in ("from", "to")]
        name = Text.assemble(row["name"], (f"\n  {name_in(row['title'], lang)}", "dim"))
        cost = [] if not costs else ["–" if row["cost"] is None else plain(row["cost"])]
        table.add_row(name, *ends, shown, *cost)
    return table
