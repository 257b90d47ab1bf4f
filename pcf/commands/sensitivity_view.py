"""Prints what drives a footprint: the ranking, the indices, the short formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.commands.long_table import long_table
from pcf.commands.tables import add_numbers, console, fitting, new_table
from pcf.text import name_in, text
from pcf.views.figures import decimals_of, percent, plain
from pcf.views.heading import print_heading

Item = Mapping[str, Any]
NARROWEST = 24
"""Columns that names have at least."""

NARROW = 110
"""Columns of a screen below which each input is a block of its own."""


def print_sensitivity(made: Item, item: Item, top: int, lang: str, screen: Console | None = None) -> None:
    """Print the document under the heading of its footprint."""
    screen = screen or console()
    print_heading(screen, item, lang)
    rows = made["drivers"]
    screen.print(Text(text("message.tornado", lang, count=len(rows)), style="dim"))
    forms = [partial(_ranking, made, rows[:top], lang, wide=wide) for wide in (True, False)]
    if screen.width >= NARROW:  # names may fold, numbers may not
        screen.print(fitting(screen, forms))
    else:
        screen.print(_ranking(made, rows[:top], lang, wide=False, long=True))
    if made["sobol_points"]:
        screen.print(Text(text("message.sobol", lang, points=f"{made['sobol_points']:,}"), style="dim"))
    if len(rows) > top:
        screen.print(text("message.more-drivers", lang, count=len(rows) - top))
    if made["simplified"]:
        _print_formula(screen, made["simplified"], lang)


def _ranking(made: Item, rows: Sequence[Item], lang: str, *, wide: bool, long: bool = False) -> Table:
    sobol = bool(made["sobol_points"])
    decimals = decimals_of(made["base"]["value"])
    keys = ["input-range", "total-range", "swing", "elasticity", *(["slope"] if wide else [])]
    keys += ["sobol-first", "sobol-total"] if sobol else []
    headings = [text(f"heading.{key}", lang) for key in keys]
    cells = [_cells(row, decimals, wide=wide, sobol=sobol) for row in rows]
    if long:
        names = [f"{row['id']}: {name_in(row['name'], lang)}" for row in rows]
        return long_table(headings, zip(names, cells, strict=True))
    table = new_table()
    table.add_column(text("heading.name", lang), overflow="fold", min_width=NARROWEST)
    add_numbers(table, *headings)
    for row, values in zip(rows, cells, strict=True):
        table.add_row(Text.assemble(row["id"], (f"\n  {name_in(row['name'], lang)}", "dim")), *values)
    return table


def _cells(row: Item, decimals: int, *, wide: bool, sobol: bool) -> list[str]:
    unit = "" if row["unit"] == "1" else f" {row['unit']}"
    ends = [_total(row[end], decimals) for end in ("low", "high")]
    cells = [f"{row['low_value']:.4g} … {row['high_value']:.4g}{unit}", " … ".join(ends), _total(row["swing"], decimals)]
    cells.append(f"{row['elasticity']:+.2f}".replace("-", "−"))
    if wide:
        cells.append(f"{row['slope']:+.3g}".replace("-", "−"))
    if sobol:
        cells += [_index(row["sobol"], order) for order in ("first", "total")]
    return cells


def _total(value: float | None, decimals: int) -> str:
    return "–" if value is None else f"{value:.{decimals}f}"


def _index(found: Item, order: str) -> str:
    ends = found[f"{order}_interval"]
    return f"{found[order]:.2f}\n({ends['low']:.2f} … {ends['high']:.2f})".replace("-", "−")


def _print_formula(screen: Console, found: Item, lang: str) -> None:
    screen.print(Text("\n" + text("heading.simplified", lang), style="bold"))
    parts = [f"tCO2e/t ≈ {found['constant']:.4g}".replace("-", "−")]
    for term in found["terms"]:
        sign = "−" if term["slope"] < 0 else "+"
        unit = "" if term["unit"] == "1" else f" [{term['unit']}]"
        parts.append(f"  {sign} {abs(term['slope']):.4g} × {term['id']}{unit}")
    screen.print(Text("\n".join(parts)))
    for term in found["terms"]:
        screen.print(Text(f"  {term['id']}: {name_in(term['name'], lang)} ({plain(term['value'])})", style="dim"))
    error = f"{found['error']:.3f}"
    screen.print(text("message.simplified", lang, explained=percent(found["explained"], lang), error=error))
