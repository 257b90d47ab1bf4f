"""Distributions: how sure a footprint is, and how sure the difference of two is."""

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
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas

_ROW = 106.0


@dataclass(frozen=True)
class Density:
    """A distribution as a histogram.

    Attributes
    ----------
    name : str
        What is distributed.
    edges : sequence of float
        Edges of the bins (n + 1) [tCO2e/t], rising.
    shares : sequence of float
        Share of the scenarios in each bin (n).
    low, high : float
        The 95 % interval [tCO2e/t].
    base : float, optional
        The value without uncertainty [tCO2e/t].
    """

    name: str
    edges: Sequence[float]
    shares: Sequence[float]
    low: float
    high: float
    base: float | None = None

    def __post_init__(self) -> None:
        require(
            len(self.shares) and len(self.edges) == len(self.shares) + 1,
            self.name,
            f"{len(self.edges)} edges for {len(self.shares)} bins",
            "one edge more than bins",
        )
        require_finite(self.name, [*self.edges, *self.shares, self.low, self.high, *([] if self.base is None else [self.base])])
        require(
            all(a < b for a, b in zip(self.edges, self.edges[1:], strict=False)),
            self.name,
            "edges that do not rise",
            "rising edges",
        )
        require(self.low <= self.high, self.name, f"an interval from {self.low} to {self.high}", "low before high")

    def heights(self) -> list[float]:
        """Density in each bin: share per tCO2e/t."""
        return [share / (b - a) for share, a, b in zip(self.shares, self.edges, self.edges[1:], strict=False)]


def distribution(densities: Sequence[Density], frame: Frame) -> Chart:
    """One or several distributions, one above the other on a common axis, each with its base value and 95 % interval."""
    rows = tuple(densities)
    require(rows, "densities", "none", "at least one")
    row = _ROW if len(rows) > 1 else 220.0
    body = row * len(rows) + 50
    return Chart("distribution", frame, partial(_paint, rows, frame, row), partial(_spec, rows, frame), body)


def _limits(rows: Sequence[Density]) -> tuple[float, float]:
    low = min(min(row.edges[0], row.low, row.edges[0] if row.base is None else row.base) for row in rows)
    high = max(max(row.edges[-1], row.high, row.edges[-1] if row.base is None else row.base) for row in rows)
    edge = 0.03 * (high - low)
    return low - edge, high + edge


def outline(density: Density) -> tuple[list[float], list[float]]:
    """The steps of a histogram as a line."""
    xs, ys = [density.edges[0]], [0.0]
    for height, left, right in zip(density.heights(), density.edges, density.edges[1:], strict=False):
        xs += [left, right]
        ys += [height, height]
    return [*xs, density.edges[-1]], [*ys, 0.0]


def _paint(rows: Sequence[Density], frame: Frame, row: float, canvas: Canvas) -> None:
    axes = canvas.axes(top=6, bottom=34)
    low, high = _limits(rows)
    canvas.x_scale(axes, low, high, frame.value_axis)
    axes.set_ylim(0, len(rows))
    tallest = max(max(item.heights()) for item in rows)
    for number, item in enumerate(rows):
        foot = len(rows) - 1 - number + 30 / row
        color = style.SERIES[number % len(style.SERIES)]
        xs, ys = outline(item)
        scaled = [foot + y / tallest * (row - 62) / row for y in ys]
        axes.fill_between(xs, foot, scaled, color=style.lighter(color, 0.72), linewidth=0, zorder=2)
        axes.plot(xs, scaled, color=color, linewidth=1.1, zorder=3)
        axes.axhline(foot, color=style.RULE, linewidth=0.7, zorder=1)
        canvas.write(
            axes, 0, len(rows) - number, item.name, at=("axes fraction", "data"), dy=-10, bold=True, color=color, size=9.5
        )
        _paint_interval(canvas, axes, item, frame, foot, color)
        if item.base is not None:
            peak = max(scaled) + 12 / row
            axes.plot([item.base] * 2, [foot, peak], color=style.INK, linewidth=1.3, zorder=4)
            words = frame.say("base-value", value=frame.with_unit(tonnes(item.base)))
            late = item.base > low + 0.7 * (high - low)
            canvas.write(
                axes, item.base, peak, words, dx=-5 if late else 5, dy=2, ha="right" if late else "left", bold=True, patch=True
            )


def _paint_interval(canvas: Canvas, axes: Axes, item: Density, frame: Frame, foot: float, color: str) -> None:
    decimals = decimals_of(max(abs(item.low), abs(item.high)))
    shift = canvas.points(axes, -10)
    axes.plot([item.low, item.high], [foot + shift] * 2, color=color, linewidth=4, solid_capstyle="butt", zorder=5)
    canvas.write(axes, item.low, foot + shift, tonnes(item.low, decimals), dx=-4, ha="right", size=style.SIZE_SMALL, patch=True)
    canvas.write(axes, item.high, foot + shift, tonnes(item.high, decimals), dx=4, size=style.SIZE_SMALL, patch=True)
    canvas.write(
        axes, (item.low + item.high) / 2, foot + shift, frame.say("interval"), dy=-9, ha="center", size=6.8, color=style.SOFT
    )


def _spec(rows: Sequence[Density], frame: Frame) -> Spec:
    from pcf.charts.page import axis, note

    low, high = _limits(rows)
    tallest = max(max(item.heights()) for item in rows)
    data: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for number, item in enumerate(rows):
        foot = float(len(rows) - 1 - number) + 0.22
        color = style.SERIES[number % len(style.SERIES)]
        xs, ys = outline(item)
        decimals = decimals_of(max(abs(item.low), abs(item.high)))
        span = f"{tonnes(item.low, decimals)} – {tonnes(item.high, decimals)}"
        hover = f"{item.name}\n{frame.say('interval')}: {frame.with_unit(span)}"
        if item.base is not None:
            hover += f"\n{frame.say('base-value', value=frame.with_unit(tonnes(item.base)))}"
        line = {"x": xs, "y": [foot] * len(xs), "type": "scatter", "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        area = {
            "x": xs, "y": [foot + 0.6 * y / tallest for y in ys], "type": "scatter", "mode": "lines", "fill": "tonexty", "fillcolor": style.lighter(color, 0.72),
            "line": {"color": color, "width": 1.5}, "hoverinfo": "text", "hovertext": hover, "hoveron": "points+fills", "text": hover,
        }  # fmt: skip
        bar = {"x": [item.low, item.high], "y": [foot - 0.07] * 2, "type": "scatter", "mode": "lines+text", "line": {"color": color, "width": 7},
               "text": [f"{tonnes(item.low, decimals)}  ", f"  {tonnes(item.high, decimals)}"], "textposition": ["middle left", "middle right"],
               "cliponaxis": False, "hoverinfo": "text", "hovertext": hover}  # fmt: skip
        data += [line, area, bar]
        small: dict[str, Any] = {"size": 12, "color": style.SOFT}
        notes.append(
            note(item.name, 0, foot + 0.7, xref="paper", xanchor="left", font={"color": color, "size": 16, "weight": 700})
        )
        notes.append(note(frame.say("interval"), (item.low + item.high) / 2, foot - 0.14, font=small))
        if item.base is not None:
            peak = foot + 0.6 * max(ys) / tallest + 0.07
            stroke: dict[str, Any] = {"color": style.INK, "width": 2}
            data.append({
                "x": [item.base] * 2, "y": [foot, peak], "type": "scatter", "mode": "lines", "line": stroke, "hoverinfo": "text", "hovertext": hover,
            })  # fmt: skip
            late = item.base > low + 0.7 * (high - low)
            words = frame.say("base-value", value=frame.with_unit(tonnes(item.base)))
            notes.append(note(words, item.base, peak, xanchor="right" if late else "left", xshift=-6 if late else 6))
    layout = {
        "xaxis": axis(frame.value_axis, range=[low, high]),
        "yaxis": axis(visible=False, range=[0, len(rows)]),
        "annotations": notes,
    }
    return {"data": data, "layout": layout, "height": 130 + (230 if len(rows) > 1 else 380) * len(rows)}
