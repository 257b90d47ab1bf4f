"""Tornado: which input moves the result most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.frame import Frame, require, require_finite
from pcf.charts.numbers import decimals_of, tonnes

if TYPE_CHECKING:
    from pcf.charts.canvas import Canvas

_STEP = 30.0
_BAR = 0.56
_NAME_LIMIT = 150.0


@dataclass(frozen=True)
class Swing:
    """How far one input moves the result.

    Attributes
    ----------
    name : str
        The input.
    low, high : float
        Results at the low and at the high end of the input [tCO2e/t]; `low` may be the larger of the two.
    low_input, high_input : str
        The input's value at either end with its unit, ready to print.
    """

    name: str
    low: float
    high: float
    low_input: str
    high_input: str

    @property
    def span(self) -> float:
        """Distance between the two results [tCO2e/t]."""
        return abs(self.high - self.low)


def tornado(swings: Sequence[Swing], base: float, frame: Frame) -> Chart:
    """Inputs ordered by how far they move the result from its base value [tCO2e/t], the widest on top."""
    require(swings, "swings", "none", "at least one")
    for swing in swings:
        require_finite(swing.name, [swing.low, swing.high, base])
    rows = tuple(sorted(swings, key=lambda swing: -swing.span))
    body = _STEP * len(rows) + 84
    return Chart("tornado", frame, partial(_paint, rows, base, frame), partial(_spec, rows, base, frame), body)


def _limits(rows: Sequence[Swing], base: float) -> tuple[float, float]:
    low, high = min(base, *(min(row.low, row.high) for row in rows)), max(base, *(max(row.low, row.high) for row in rows))
    edge = 0.03 * (high - low) or 0.05 * abs(base) or 1.0
    return low - edge, high + edge


def _ends(row: Swing) -> list[tuple[float, str, bool]]:
    """Result, input and whether the input is the high one, from the smaller result to the larger."""
    return sorted([(row.low, row.low_input, False), (row.high, row.high_input, True)])


def _paint(rows: Sequence[Swing], base: float, frame: Frame, canvas: Canvas) -> None:
    from matplotlib.patches import Rectangle

    from pcf.charts.canvas import INNER, rooms
    from pcf.charts.fonts import width, wrap

    decimals = decimals_of(base)
    names = [wrap(row.name, style.SIZE_LABEL, _NAME_LIMIT, most=2) for row in rows]
    left = max(width(line, style.SIZE_LABEL) for lines in names for line in lines) + 10
    low, high = _limits(rows, base)
    lefts = [(_ends(row)[0][0] - low, _label_width(_ends(row)[0], decimals)) for row in rows]
    rights = [(high - _ends(row)[1][0], _label_width(_ends(row)[1], decimals)) for row in rows]
    room = rooms(INNER - left, high - low, lefts, rights)
    _paint_key(canvas, frame)
    axes = canvas.axes(left=left + room[0], right=room[1], top=38, bottom=34)
    canvas.x_scale(axes, low, high, frame.value_axis)
    axes.set_ylim(len(rows), 0)
    for number, row in enumerate(rows):
        middle = number + 0.5
        for line_number, line in enumerate(names[number]):
            offset = -11 * (line_number - (len(names[number]) - 1) / 2)
            canvas.write(axes, 0, middle, line, at=("axes fraction", "data"), dx=-room[0] - 8, dy=offset, ha="right")
        for result, _input, is_high in _ends(row):
            color, hatch = (style.ORANGE, "////") if is_high else (style.BLUE, "")
            box = (min(base, result), middle - _BAR / 2)
            axes.add_patch(
                Rectangle(
                    box, abs(result - base), _BAR, facecolor=color, edgecolor=style.WHITE, linewidth=0, hatch=hatch, zorder=3
                )
            )
        for side, (result, words, _high) in enumerate(_ends(row)):
            ha, sign = ("right", -1) if side == 0 else ("left", 1)
            shown = tonnes(result, decimals)
            canvas.write(axes, result, middle, shown, dx=sign * 4, ha=ha, bold=True, size=style.SIZE_SMALL)
            step = 8 + width(shown, style.SIZE_SMALL, bold=True)
            canvas.write(axes, result, middle, f"({words})", dx=sign * step, ha=ha, size=style.SIZE_SMALL, color=style.SOFT)
    axes.axvline(base, color=style.INK, linewidth=1.2, zorder=5)
    words = frame.say("base-value", value=frame.with_unit(tonnes(base, decimals)))
    canvas.write(axes, base, 1, words, at=("data", "axes fraction"), dy=9, ha="center", bold=True)


def _label_width(end: tuple[float, str, bool], decimals: int) -> float:
    from pcf.charts.fonts import width

    return width(tonnes(end[0], decimals), style.SIZE_SMALL, bold=True) + width(f"({end[1]})", style.SIZE_SMALL) + 12


def _paint_key(canvas: Canvas, frame: Frame) -> None:
    from pcf.charts.legend import draw_legend

    draw_legend(canvas, [
        (frame.say("low-input"), style.Look(style.BLUE)), (frame.say("high-input"), style.Look(style.ORANGE, style.INK, "////")),
    ])  # fmt: skip


def _spec(rows: Sequence[Swing], base: float, frame: Frame) -> Spec:
    from pcf.charts.page import axis, stripes

    decimals = decimals_of(base)
    data: list[dict[str, Any]] = []
    for is_high, color, key, shape in ((False, style.BLUE, "low-input", ""), (True, style.ORANGE, "high-input", "/")):
        results = [row.high if is_high else row.low for row in rows]
        inputs = [row.high_input if is_high else row.low_input for row in rows]
        data.append({
            "type": "bar", "orientation": "h", "name": frame.say(key), "y": list(range(len(rows))), "base": base,
            "x": [result - base for result in results], "text": [f"{tonnes(r, decimals)} ({i})" for r, i in zip(results, inputs, strict=True)],
            "textposition": "outside", "cliponaxis": False, "hoverinfo": "text",
            "hovertext": [
                f"{row.name} = {words}\n{frame.with_unit(tonnes(result, decimals))}"
                for row, words, result in zip(rows, inputs, results, strict=True)
            ],
            "marker": {"color": color, "pattern": stripes(shape)},
        })  # fmt: skip
    low, high = _limits(rows, base)
    edge = 0.22 * (high - low)
    layout = {
        "barmode": "overlay", "bargap": 0.42, "showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1.1, "yanchor": "bottom"},
        "xaxis": axis(frame.value_axis, range=[low - edge, high + edge]),
        "yaxis": axis(autorange="reversed", showgrid=False, tickmode="array", tickvals=list(range(len(rows))), ticktext=[row.name for row in rows],
                      tickfont={"size": 14, "color": style.INK}),
        "shapes": [{"type": "line", "x0": base, "x1": base, "y0": 0, "y1": 1, "yref": "paper", "line": {"color": style.INK, "width": 2}}],
        "annotations": [{"x": base, "y": 1.01, "yref": "paper", "yanchor": "bottom", "showarrow": False,
                         "text": frame.say("base-value", value=frame.with_unit(tonnes(base, decimals)))}],
        "margin": {"l": 70, "r": 30, "t": 90, "b": 60},
    }  # fmt: skip
    return {"data": data, "layout": layout, "height": 200 + 44 * len(rows)}
