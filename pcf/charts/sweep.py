"""Lines: how footprints follow one input."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.frame import Frame, require, require_finite
from pcf.charts.numbers import decimals_of, tonnes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas


@dataclass(frozen=True)
class Axis:
    """An input that is varied: its name, its unit and its values."""

    name: str
    unit: str
    values: Sequence[float]


@dataclass(frozen=True)
class Series:
    """Results along an axis [tCO2e/t]; None where no feasible result exists."""

    name: str
    values: Sequence[float | None]


Point = tuple[float, float]


def lines(x: Axis, series: Sequence[Series], frame: Frame) -> Chart:
    """Several series over one input; a stretch without a feasible result is bridged in dashed grey and has no numbers."""
    require(series, "series", "none", "at least one")
    require(len(x.values) > 1, x.name, f"{len(x.values)} values", "two or more")
    require_finite(x.name, x.values)
    require(all(a < b for a, b in zip(x.values, x.values[1:], strict=False)), x.name, "values that do not rise", "rising values")
    for row in series:
        require(
            len(row.values) == len(x.values), row.name, f"{len(row.values)} values", f"{len(x.values)}, one for each of the axis"
        )
    known = [value for row in series for value in row.values if is_known(value)]
    require(known, "series", "no feasible result", "at least one")
    return Chart("lines", frame, partial(_paint, x, series, frame), partial(_spec, x, series, frame), 310)


def is_known(value: float | None) -> bool:
    """Whether there is a result."""
    return value is not None and math.isfinite(value)


def stretches(x: Sequence[float], values: Sequence[float | None]) -> tuple[list[list[Point]], list[list[Point]]]:
    """Runs of feasible points, and the bridges over what lies between and beside them."""
    runs: list[list[Point]] = []
    open_run = False
    for at, value in zip(x, values, strict=True):
        if value is not None and math.isfinite(value):
            if not open_run:
                runs.append([])
            runs[-1].append((at, value))
            open_run = True
        else:
            open_run = False
    bridges = [[before[-1], after[0]] for before, after in itertools.pairwise(runs)]
    if runs and runs[0][0][0] > x[0]:
        bridges.append([(x[0], runs[0][0][1]), runs[0][0]])
    if runs and runs[-1][-1][0] < x[-1]:
        bridges.append([runs[-1][-1], (x[-1], runs[-1][-1][1])])
    return runs, bridges


def _limits(series: Sequence[Series]) -> tuple[float, float]:
    known = [value for row in series for value in row.values if value is not None and math.isfinite(value)]
    low, high = min(known), max(known)
    room = 0.12 * (high - low) or 0.1 * abs(high) or 1.0
    return (0.0 if 0 <= low < 0.45 * high else low - room), high + room


def _paint(x: Axis, series: Sequence[Series], frame: Frame, canvas: Canvas) -> None:
    from pcf.charts.fonts import width, wrap

    names = [wrap(row.name, style.SIZE_LABEL, 120, bold=True) for row in series]
    right = max(width(line, style.SIZE_LABEL, bold=True) for name in names for line in name) + 14
    axes = canvas.axes(left=34, right=right, top=24, bottom=34)
    low, high = _limits(series)
    canvas.x_scale(axes, x.values[0], x.values[-1], frame.axis(x.name, x.unit), grid=False)
    canvas.y_scale(axes, low, high, frame.value_axis)
    axes.axhline(low, color=style.INK, linewidth=0.8)
    ends = []
    for number, row in enumerate(series):
        color = style.SERIES[number % len(style.SERIES)]
        runs, bridges = stretches(x.values, row.values)
        for bridge in bridges:
            axes.plot(*zip(*bridge, strict=True), color=style.GREY, linewidth=1.3, linestyle=(0, (3, 2)), zorder=2)
            _mark_bridge(canvas, axes, bridge, frame)
        for run in runs:
            few = len(x.values) <= 25 or len(run) == 1
            axes.plot(
                *zip(*run, strict=True), color=color, linewidth=1.9, zorder=4, clip_on=False,
                linestyle="-" if few or not number else (0, style.DASHES[number % len(style.DASHES)]),
                marker=style.MARKERS[number % len(style.MARKERS)] if few else None, markersize=5, markeredgecolor=style.WHITE, markeredgewidth=0.6,
            )  # fmt: skip
        if runs:
            last = bridges[-1][-1] if bridges and bridges[-1][-1][0] == x.values[-1] else runs[-1][-1]
            ends.append((last[1], names[number], color))
    _write_ends(canvas, axes, ends, low, high)


def _mark_bridge(canvas: Canvas, axes: Axes, bridge: Sequence[Point], frame: Frame) -> None:
    (x0, y0), (x1, y1) = bridge[0], bridge[-1]
    canvas.write(
        axes,
        (x0 + x1) / 2,
        (y0 + y1) / 2,
        frame.say("infeasible"),
        dy=9,
        ha="center",
        size=style.SIZE_SMALL,
        color=style.SOFT,
        patch=True,
    )


def _write_ends(canvas: Canvas, axes: Axes, ends: Sequence[tuple[float, list[str], str]], low: float, high: float) -> None:
    """Names at the right end of their lines, pushed apart where they would touch."""
    height = canvas.height_of(axes)
    wanted = [((value - low) / (high - low) * height, lines_, color) for value, lines_, color in ends]
    placed: list[tuple[float, list[str], str]] = []
    for at, lines_, color in sorted(wanted, key=lambda item: item[0]):
        if placed:
            below, lines_below, _ = placed[-1]
            at = max(at, below + 6.5 * (len(lines_) + len(lines_below)))
        placed.append((at, lines_, color))
    over = max(placed[-1][0] + 6 * len(placed[-1][1]) - height, 0.0) if placed else 0.0
    for at, lines_, color in placed:
        for number, line in enumerate(lines_):
            offset = -11.5 * (number - (len(lines_) - 1) / 2)
            canvas.write(axes, 1, 0, line, at="axes fraction", dx=8, dy=at - over + offset, color=color, bold=True)


def _spec(x: Axis, series: Sequence[Series], frame: Frame) -> Spec:
    from pcf.charts.page import axis

    data: list[dict[str, Any]] = []
    for number, row in enumerate(series):
        color = style.SERIES[number % len(style.SERIES)]
        runs, bridges = stretches(x.values, row.values)
        data += [
            {
                "type": "scatter", "mode": "lines", "x": [p[0] for p in bridge], "y": [p[1] for p in bridge], "line": {"color": style.GREY, "width": 2, "dash": "dot"},
                "hoverinfo": "text", "hovertext": f"{row.name}: {frame.say('infeasible')}", "showlegend": False,
            }
            for bridge in bridges
        ]  # fmt: skip
        for at, run in enumerate(runs):
            data.append({
                "type": "scatter", "mode": "lines+markers", "name": row.name, "legendgroup": row.name, "showlegend": at == 0,
                "x": [p[0] for p in run], "y": [p[1] for p in run],
                "line": {"color": color, "width": 3, "dash": ("solid", "dash", "dot", "dashdot", "longdash")[number % 5]},
                "marker": {"size": 7, "symbol": ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "x")[number % 7]},
                "hoverinfo": "text",
                "hovertext": [f"{row.name}\n{x.name} {px:g} {x.unit}\n{frame.with_unit(tonnes(py, decimals_of(py)))}" for px, py in run],
            })  # fmt: skip
    low, high = _limits(series)
    layout = {
        "xaxis": axis(frame.axis(x.name, x.unit), showgrid=False), "yaxis": axis(frame.value_axis, range=[low, high]),
        "showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}, "margin": {"l": 70, "r": 30, "t": 60, "b": 60},
    }  # fmt: skip
    return {"data": data, "layout": layout, "height": 580}
