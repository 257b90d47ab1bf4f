"""Prints a comparison for people: variants, their stages, each pair, the choices of method, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.catalogue import STAGES
from pcf.commands.long_table import long_table
from pcf.commands.tables import add_numbers, console, fitting, new_table, width_of
from pcf.text import text, texts
from pcf.views import heading
from pcf.views.basis import product_name
from pcf.views.compare_wording import choice_name, decimals_for, likelihood, signed
from pcf.views.figures import decimals_of, percent, tonnes

Item = Mapping[str, Any]
SAME = 1e-9
MOST_PAIRS = 6
"""Pairs whose differences stand beside each other under other choices; of more, those with the first variant."""


def print_comparison(made: Item, items: Sequence[Item], lang: str, screen: Console | None = None) -> None:
    """Print a comparison document; `items` are the variants' footprint documents."""
    screen = screen or console()
    _heading(screen, made, items, lang)
    for table in _stage_tables(screen, made["variants"], lang):
        screen.print(table)
    if not all(item["feasible"] for item in made["variants"]):
        screen.print(Text(text("message.infeasible", lang), style="yellow"))
    screen.print(Text("\n" + text("heading.pairs", lang), style="bold"))
    forms = [partial(_pairs, made, lang, short=short) for short in (False, True)]
    screen.print(fitting(screen, [*forms, partial(_pairs, made, lang, short=True, long=True)]))
    shown = [pair for pair in made["pairs"] if len(made["pairs"]) <= MOST_PAIRS or pair["first"] == made["variants"][0]["letter"]]
    table = _envelope(shown, lang)
    if table.row_count:
        screen.print(Text("\n" + text("heading.envelope", lang), style="bold"))
        screen.print(table)
    screen.print(Text("\n" + text("heading.verdict", lang), style="bold"))
    for pair in made["pairs"]:
        style = "green" if pair["verdict"]["id"] in ("lower", "higher") and not pair["against"] else "yellow"
        screen.print(Text(f"{pair['first']} – {pair['second']}: {pair['verdict']['text']}", style=style))
    screen.print(Text(made["statement"], style="bold"))


def _heading(screen: Console, made: Item, items: Sequence[Item], lang: str) -> None:
    screen.print()
    screen.print(Text(text("message.compare", lang), style="bold"))
    for variant, item in zip(made["variants"], items, strict=True):
        mark = "" if variant["feasible"] else " †"
        screen.print(Text(f"{variant['letter']}{mark}  {variant['label']}  {product_name(item, lang)}", style="bold cyan"))
        if made["mixed"]:
            screen.print(Text(f"   {heading.boundary(item, lang)} · {heading.method_line(item, lang)}"))
        if heading.is_hypothetical(item):
            screen.print(Text("   " + text("message.hypothetical", lang), style="yellow"))
    if made["mixed"]:
        names = heading.comma(lang).join(texts(lang).get(f"choice.{name}", name) for name in made["mixed"])
        screen.print(Text(text("message.mixed", lang, choices=names), style="bold red"))
    else:
        screen.print(Text(f"{heading.boundary(items[0], lang)} · {heading.method_line(items[0], lang)}"))
    draws = made["draws"]
    screen.print(
        Text(
            text(
                "message.draws", lang, size=f"{draws['size']:,}", seed=draws["seed"], inputs=draws["uncertain_inputs"],
                shared=draws["shared_inputs"],
            ), style="dim",
        )
    )  # fmt: skip


def _stage_tables(screen: Console, variants: Sequence[Item], lang: str) -> list[Table]:
    """The first variant beside as many others as the screen has room for."""
    found: list[Table] = []
    rest = list(variants[1:])
    while rest:
        fits = (n for n in range(len(rest), 1, -1) if width_of(screen, _stages([variants[0], *rest[:n]], lang)) <= screen.width)
        size = next(fits, 1)
        found.append(_stages([variants[0], *rest[:size]], lang))
        rest = rest[size:]
    return found


def _stages(variants: Sequence[Item], lang: str) -> Table:
    table, first = new_table(), variants[0]
    decimals = decimals_of(max(abs(item["total"]["value"]) for item in variants))
    table.add_column("tCO2e/t", no_wrap=True)
    add_numbers(table, _head(first))
    for item in variants[1:]:
        add_numbers(table, _head(item), f"{item['letter']} − {first['letter']}")

    def row(name: str, cell: Any, gap: Any, style: str = "") -> None:
        cells = [cell(first)]
        for item in variants[1:]:
            cells += [cell(item), gap(item)]
        table.add_row(name, *cells, style=style)

    for stage in STAGES:
        if any(stage in item["stages"] for item in variants):
            row(
                text(f"stage.{stage}", lang), lambda item, stage=stage: tonnes(item["stages"].get(stage, 0.0), decimals),
                lambda item, stage=stage: _gap(item["difference_to_first"].get(stage, 0.0), decimals),
            )  # fmt: skip
    table.add_section()

    def total_gap(item: Item) -> str:
        return _gap(item["total"]["value"] - first["total"]["value"], decimals)

    row(text("heading.total", lang), lambda item: tonnes(item["total"]["value"], decimals), total_gap, "bold")
    row(text("heading.interval", lang), lambda item: _interval(item["spread"], decimals), lambda _: "")
    row(text("heading.infeasible-share", lang), lambda item: _share(item["infeasible_share"], lang), lambda _: "")
    row(text("source-check.assumed", lang), lambda item: percent(item["evidence"]["source_check"]["assumed"], lang), lambda _: "")
    return table


def _head(item: Item) -> str:
    return f"{item['letter']}{'' if item['feasible'] else ' †'}"


def _gap(value: float, decimals: int) -> str:
    return "–" if abs(value) < SAME else signed(value, decimals)


def _interval(spread: Item, decimals: int) -> str:
    ends = spread["interval"]
    return f"{ends['low']:.{decimals}f} … {ends['high']:.{decimals}f}"


def _share(share: float, lang: str) -> str:
    return "–" if share == 0 else percent(share, lang)


def _pairs(made: Item, lang: str, *, short: bool, long: bool = False) -> Table:
    keys = ["difference", "interval", "probability-lower", "claimable", "other-choices"]
    headings = [text(f"heading.{key}", lang) for key in keys]
    rows = [(f"{pair['first']} − {pair['second']}", _pair_cells(pair, lang)) for pair in made["pairs"]]
    if long:
        return long_table(headings, rows)
    table = new_table()
    table.add_column(text("heading.pair", lang), no_wrap=True)
    add_numbers(table, *(heading.replace(" ", "\n") if short else heading for heading in headings))
    for name, cells in rows:
        table.add_row(name, *cells)
    return table


def _pair_cells(pair: Item, lang: str) -> list[str]:
    decimals = decimals_for(pair["smallest_claimable"] or pair["difference"] or 1)
    values = [entry["difference"] for entry in pair["envelope"]]
    known, share = pair["spread"] is not None, pair["probability_lower"]
    return [
        signed(pair["difference"], decimals),
        _signed_interval(pair["spread"], decimals) if known else "–",
        "–" if share is None else likelihood(share, lang),
        f"{pair['smallest_claimable']:.{decimals}f}" if known else "–",
        f"{signed(min(values), decimals)} … {signed(max(values), decimals)}",
    ]


def _signed_interval(spread: Item, decimals: int) -> str:
    ends = spread["interval"]
    return f"{signed(ends['low'], decimals)} … {signed(ends['high'], decimals)}"


def _envelope(pairs: Sequence[Item], lang: str) -> Table:
    """The differences under each other choice that moves one of them."""
    table = new_table()
    table.add_column(text("heading.choice", lang))
    add_numbers(table, *(f"{pair['first']} − {pair['second']}" for pair in pairs))
    decimals = [decimals_for(pair["smallest_claimable"] or pair["difference"] or 1) for pair in pairs]
    turned = [{(item["choice"], item["option"]) for item in pair["against"]} for pair in pairs]
    for entries in zip(*(pair["envelope"] for pair in pairs), strict=True):
        key = (entries[0]["choice"], entries[0]["option"])
        cells, moved = [], False
        for entry, pair, places, against in zip(entries, pairs, decimals, turned, strict=True):
            moved |= abs(entry["difference"] - pair["difference"]) >= 0.5 * 10**-places or key in against
            cells.append(Text(signed(entry["difference"], places), style="red" if key in against else ""))
        if moved:
            table.add_row(choice_name(*key, lang), *cells)
    return table
