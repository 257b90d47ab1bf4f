"""Prints a sweep for people: a table of one axis, a field of two, the ends of more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pcf.catalogue import STAGES, Catalogue
from pcf.commands.tables import add_numbers, console, fitting, new_table
from pcf.engine.ranges import Scale, title_of
from pcf.engine.sweep import Axis, Sweep
from pcf.text import name_in, text
from pcf.views.figures import decimals_of, percent, plain, tonnes, with_percent
from pcf.views.heading import print_heading

MOST_LINES = 21
"""Points of an axis on the screen; of more, some at even distances."""


def print_sweep(
    catalogue: Catalogue, found: Sweep, scales: Sequence[Scale], item: Mapping[str, Any], lang: str, screen: Console | None = None
) -> None:  # fmt: skip
    """Print a sweep under the heading of its footprint."""
    screen = screen or console()
    print_heading(screen, item, lang)
    for axis in found.axes:
        shown = name_in(title_of(catalogue, found.variant, axis.name), lang)
        screen.print(Text(text("message.axis", lang, name=axis.name, title=shown, count=len(axis)), style="dim"))
    if is_hypothetical_sweep(found):
        screen.print(Text(text("message.hypothetical", lang), style="bold yellow"))
    known = found.shown[np.isfinite(found.shown)]
    decimals = decimals_of(float(np.abs(known).max())) if known.size else 2
    if len(found.axes) == 1:
        screen.print(
            fitting(screen, [partial(_line, found, scales[0], lang, decimals, stages=stages) for stages in (True, False)])
        )
    elif len(found.axes) == 2:
        counts = (11, 7, 5, 3, 2)
        screen.print(fitting(screen, [partial(_field, found, scales, lang, decimals, count) for count in counts]))
    if known.size:
        for key, place in (("lowest", np.nanargmin(found.shown)), ("highest", np.nanargmax(found.shown))):
            index = np.unravel_index(int(place), found.total.shape)
            where = ", ".join(
                f"{axis.name} = {label_of(axis, scale, int(point), lang)}"
                for axis, scale, point in zip(found.axes, scales, index, strict=True)
            )
            value = tonnes(float(found.shown[index]), decimals)
            screen.print(text(f"message.{key}-point", lang, value=value, where=where))
    missing = int(np.count_nonzero(~found.feasible))
    if missing:
        share = percent(missing / found.feasible.size, lang)
        shown = text("message.infeasible-points", lang, count=f"{missing:,}", all=f"{found.feasible.size:,}", share=share)
        screen.print(Text(shown, style="yellow"))
    if max(len(axis) for axis in found.axes) > MOST_LINES or len(found.axes) > 2:
        screen.print(Text(text("message.all-points", lang), style="dim"))


def is_hypothetical_sweep(found: Sweep) -> bool:
    """Whether an axis replaces the supply of a real site."""
    return any(axis.name.rpartition(".")[2] == "grid_mix" for axis in found.axes)


def label_of(axis: Axis, scale: Scale, point: int, lang: str) -> str:
    """What a point of an axis is called: a number with its unit, shares, or a name."""
    if axis.presets:
        shares = zip(axis.presets, axis.shares[point], strict=True)
        shown = [f"{with_percent(f'{100 * share:.3g}', lang)} {preset}" for preset, share in shares if share]
        return ("、" if lang == "zh" else " + ").join(shown)
    if scale.values:
        return f"{plain(scale.values[point])} {scale.unit}".strip()
    return str(axis.labels[point])


def _thinned(count: int, most: int) -> list[int]:
    if count <= most:
        return list(range(count))
    return sorted({round(place) for place in np.linspace(0, count - 1, most)})


def _cell(value: float, decimals: int, lang: str) -> str:
    return f"{value:.{decimals}f}" if np.isfinite(value) else text("word.infeasible", lang)


def _line(found: Sweep, scale: Scale, lang: str, decimals: int, *, stages: bool) -> Table:
    table, (axis,) = new_table(), found.axes
    table.add_column(axis.name, overflow="fold", justify="right" if scale.values else "left")
    shown = [stage for stage in STAGES if stage in found.stages] if stages else []
    add_numbers(table, *(text(f"stage-short.{stage}", lang) for stage in shown))
    add_numbers(table, text("heading.total", lang), style="bold")
    for point in _thinned(len(axis), MOST_LINES):
        good = bool(found.feasible[point])
        parts = [_cell(float(found.stages[stage][point]), decimals, lang) if good else "" for stage in shown]
        table.add_row(label_of(axis, scale, point, lang), *parts, _cell(float(found.shown[point]), decimals, lang))
    return table


def _field(found: Sweep, scales: Sequence[Scale], lang: str, decimals: int, most: int) -> Table:
    """The first axis down, the second across."""
    table, (down, across) = new_table(), found.axes
    table.add_column(f"{down.name} ↓  {across.name} →", overflow="fold")
    columns = _thinned(len(across), most)
    add_numbers(table, *(label_of(across, scales[1], point, lang).replace(" + ", "\n") for point in columns))
    for row in _thinned(len(down), MOST_LINES):
        cells = [_cell(float(found.shown[row, column]), decimals, lang) for column in columns]
        table.add_row(label_of(down, scales[0], row, lang), *cells)
    return table
