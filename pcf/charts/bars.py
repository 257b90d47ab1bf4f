"""Stacked bars: variants beside each other, each with its stages (or sources) and its total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.frame import Frame, require, require_finite
from pcf.charts.numbers import decimals_of, tonnes
from pcf.charts.wording import part_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas

_BAR = 0.62
_NAME_LIMIT = 138.0
_GAP = 6.0
_REMARK = 120.0
"""Room that a remark beside a bar has at least [pt]."""


@dataclass(frozen=True)
class Variant:
    """One footprint with its parts [tCO2e/t]; `note` says for instance why it is infeasible.

    `total` may state the total where it is known more exactly than the sum of the parts; by default it is that sum.
    """

    name: str
    parts: Mapping[str, float]
    feasible: bool = True
    note: str = ""
    total: float | None = field(default=None)

    @property
    def sum(self) -> float:
        """Total of the footprint [tCO2e/t]."""
        return sum(self.parts.values()) if self.total is None else self.total


def stacked_bars(variants: Sequence[Variant], frame: Frame, *, by: str = "stage") -> Chart:
    """Variants as stacked bars, one below the other; an infeasible one is pale, hatched and marked.

    Parameters
    ----------
    variants : sequence of Variant
        From top to bottom.
    frame : Frame
        Title, footer, language.
    by : str
        What the parts are: `stage` or `source` names of the text catalogue; other parts are named by their own id.
    """
    from pcf.charts.legend import height_of

    rows = tuple(variants)
    require(rows, "variants", "none", "at least one")
    for row in rows:
        require_finite(row.name, [*row.parts.values(), row.sum])
    used = {part for row in rows for part, value in row.parts.items() if value}
    parts = style.order(by, used)
    entries = [(part_name(by, part, frame.lang), style.look(by, part)) for part in parts]
    step = 40.0 if len(rows) <= 8 else 30.0
    body = height_of(entries) + step * len(rows) + 46
    return Chart("stacked_bars", frame, partial(_paint, rows, frame, by, parts), partial(_spec, rows, frame, by, parts), body)


def _paint(rows: Sequence[Variant], frame: Frame, by: str, parts: Sequence[str], canvas: Canvas) -> None:
    from pcf.charts.canvas import INNER, rooms
    from pcf.charts.fonts import width, wrap
    from pcf.charts.legend import draw_legend, height_of

    entries = [(part_name(by, part, frame.lang), style.look(by, part)) for part in parts]
    draw_legend(canvas, entries)
    names = [wrap(row.name, style.SIZE_LABEL, _NAME_LIMIT, most=3) for row in rows]
    left = max(width(line, style.SIZE_LABEL) for lines in names for line in lines) + 12
    low = min(0.0, *(sum(value for value in row.parts.values() if value < 0) for row in rows)) * 1.05
    high = (max(0.0, *(_tip(row) for row in rows)) or 1.0) * 1.01
    ends = [(high - _tip(row), _end_width(row, frame)) for row in rows]
    _, right = rooms(INNER - left, high - low, [], ends)
    axes = canvas.axes(left=left, right=right, top=height_of(entries), bottom=34)
    canvas.x_scale(axes, low, high, frame.value_axis)
    axes.set_ylim(len(rows), 0)
    axes.axvline(0, color=style.INK, linewidth=0.8, zorder=5)
    per_point = (high - low) / (INNER - left - right)
    for number, row in enumerate(rows):
        middle = number + 0.5
        for line_number, line in enumerate(names[number]):
            offset = -11.0 * (line_number - (len(names[number]) - 1) / 2)
            canvas.write(axes, 0, middle, line, at=("axes fraction", "data"), dx=-10, dy=offset, ha="right")
        _paint_row(canvas, axes, row, by, parts, middle, per_point, decimals_of(high))
        color, total, remark = style.INK if row.feasible else style.SOFT, tonnes(row.sum), _remark(row, frame)
        canvas.write(axes, _tip(row), middle, total, bold=True, dx=_GAP, color=color)
        if remark:
            start = 2 * _GAP + width(total, style.SIZE_LABEL, bold=True)
            room = max((high - _tip(row)) / per_point + right - start, _REMARK)
            remark_lines = wrap(remark, style.SIZE_SMALL, room, most=3)
            for line_number, line in enumerate(remark_lines):
                offset = -9.5 * (line_number - (len(remark_lines) - 1) / 2)
                canvas.write(
                    axes, _tip(row), middle, line, dx=start, dy=offset, color=style.SOFT, size=style.SIZE_SMALL, patch=True
                )


def _tip(row: Variant) -> float:
    return sum(value for value in row.parts.values() if value > 0)


def _remark(row: Variant, frame: Frame) -> str:
    if row.feasible:
        return row.note
    return frame.say("infeasible-because", reason=row.note) if row.note else frame.say("infeasible")


def _end_width(row: Variant, frame: Frame) -> float:
    from pcf.charts.fonts import width

    remark = min(width(_remark(row, frame), style.SIZE_SMALL), _REMARK) + _GAP if _remark(row, frame) else 0.0
    return width(tonnes(row.sum), style.SIZE_LABEL, bold=True) + _GAP + remark + 2


def _paint_row(
    canvas: Canvas, axes: Axes, row: Variant, by: str, parts: Sequence[str], middle: float, per_point: float, decimals: int
) -> None:
    """Draw one stack."""
    from matplotlib.patches import Rectangle

    from pcf.charts.fonts import width

    sides = {True: 0.0, False: 0.0}
    for part in parts:
        value = row.parts.get(part, 0.0)
        if not value:
            continue
        look, start = style.look(by, part), sides[value > 0]
        sides[value > 0] = start + value
        color = look.color if row.feasible else style.lighter(look.color, 0.72)
        box = (start, middle - _BAR / 2)
        axes.add_patch(
            Rectangle(box, value, _BAR, facecolor=color, edgecolor=style.WHITE, linewidth=0.8, hatch=look.hatch, zorder=3)
        )
        shown = tonnes(value, decimals)
        if width(shown, style.SIZE_SMALL) + 5 < abs(value) / per_point:
            patch = bool(look.hatch)
            ink = look.ink if row.feasible else style.SOFT
            text = canvas.write(axes, start + value / 2, middle, shown, ha="center", color=ink, size=style.SIZE_SMALL)
            if patch or not row.feasible:
                text.set_bbox({"facecolor": color, "edgecolor": "none", "pad": 1.0})
    if not row.feasible:
        span = sides[True] - sides[False]
        cover = Rectangle(
            (sides[False], middle - _BAR / 2), span, _BAR, facecolor="none", edgecolor=style.SOFT, linewidth=0.9,
            linestyle=(0, (4, 2)), hatch=style.INFEASIBLE_HATCH, zorder=4,
        )  # fmt: skip
        cover.set_hatch_linewidth(0.5)
        axes.add_patch(cover)


def _spec(rows: Sequence[Variant], frame: Frame, by: str, parts: Sequence[str]) -> Spec:
    from pcf.charts.page import axis, note, stripes

    names = [row.name for row in rows]
    data: list[dict[str, Any]] = []
    decimals = decimals_of(max(row.sum for row in rows))
    for part in parts:
        look = style.look(by, part)
        values = [row.parts.get(part, 0.0) for row in rows]
        label = part_name(by, part, frame.lang)
        pattern = ["/" if not row.feasible else "\\" if look.hatch else "" for row in rows]
        colors = [look.color if row.feasible else style.lighter(look.color, 0.6) for row in rows]
        data.append({
            "type": "bar", "orientation": "h", "name": label, "y": list(range(len(rows))), "x": values,
            "text": [tonnes(value, decimals) if value else "" for value in values], "textposition": "inside", "insidetextanchor": "middle",
            "textangle": 0, "constraintext": "inside", "textfont": {"color": [look.ink if row.feasible else style.INK for row in rows]},
            "hoverinfo": "text",
            "hovertext": [f"{name}\n{label}: {frame.with_unit(tonnes(value))}" for name, value in zip(names, values, strict=True)],
            "marker": {"color": colors, "line": {"color": style.WHITE, "width": 1},
                       "pattern": stripes(pattern, [style.WHITE if row.feasible else style.SOFT for row in rows])},
        })  # fmt: skip
    ends = [
        note(
            "  ".join(filter(None, (tonnes(row.sum), "" if row.feasible else frame.say("infeasible")))), _tip(row), number,
            xanchor="left", xshift=6, font={"size": 15, "weight": 700, "color": style.INK if row.feasible else style.SOFT}, hovertext=row.note,
        )
        for number, row in enumerate(rows)
    ]  # fmt: skip
    layout = {
        "barmode": "relative", "uniformtext": {"minsize": 11, "mode": "hide"}, "bargap": 0.38, "annotations": ends, "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "xaxis": axis(frame.value_axis, gridwidth=1, zeroline=True, zerolinecolor=style.INK),
        "yaxis": axis(autorange="reversed", showgrid=False, tickmode="array", tickvals=list(range(len(rows))), ticktext=names, tickfont={"size": 14, "color": style.INK}),
        "margin": {"l": 70, "r": 110, "t": 60, "b": 60},
    }  # fmt: skip
    return {"data": data, "layout": layout, "height": 190 + 62 * len(rows)}
