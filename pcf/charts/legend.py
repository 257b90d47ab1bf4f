"""The row of colours above a stack, in the order of the stack."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.patches import Rectangle

from pcf.charts import style
from pcf.charts.canvas import INNER, Canvas
from pcf.charts.fonts import width

ROW = 15.0
_SWATCH, _GAP, _SPACE = 9.0, 4.0, 13.0

Entry = tuple[str, style.Look]


def rows_of(entries: Sequence[Entry]) -> list[list[Entry]]:
    """Entries broken into rows that fit the sheet."""
    rows: list[list[Entry]] = [[]]
    used = 0.0
    for entry in entries:
        length = _SWATCH + _GAP + width(entry[0], style.SIZE_LABEL) + _SPACE
        if rows[-1] and used + length > INNER:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += length
    return rows


def height_of(entries: Sequence[Entry]) -> float:
    """Height that the legend takes [pt], with the space below it."""
    return ROW * len(rows_of(entries)) + 10 if entries else 0.0


def draw_legend(canvas: Canvas, entries: Sequence[Entry]) -> None:
    """Draw the entries at the top of the body."""
    if not entries:
        return
    rows = rows_of(entries)
    axes = canvas.axes(bottom=canvas.body - 10 - ROW * len(rows))
    axes.set_xlim(0, INNER)
    axes.set_ylim(ROW * len(rows), 0)
    for number, row in enumerate(rows):
        x, y = 0.0, ROW * number + ROW / 2
        for name, look in row:
            axes.add_patch(
                Rectangle(
                    (x, y - _SWATCH / 2),
                    _SWATCH,
                    _SWATCH,
                    facecolor=look.color,
                    edgecolor=style.WHITE,
                    linewidth=0,
                    hatch=look.hatch,
                )
            )
            canvas.write(axes, x + _SWATCH + _GAP, y, name)
            x += _SWATCH + _GAP + width(name, style.SIZE_LABEL) + _SPACE
