"""Trajectory: a roadmap over the years, with its uncertainty, its targets and what each lever contributes."""

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

_LEVER_COLORS = (style.SKY, style.ORANGE, style.GREEN, style.PURPLE, style.YELLOW, style.GREY, style.VERMILLION)
_LEVER_HATCHES = ("", "////", "", "----", "", "\\\\\\\\", "xx")


@dataclass(frozen=True)
class Target:
    """A value to reach by a year [tCO2e/t]."""

    year: int
    value: float
    name: str = ""


@dataclass(frozen=True)
class Lever:
    """What a measure takes off in each year [tCO2e/t]; positive lowers the footprint."""

    name: str
    reductions: Sequence[float]


@dataclass(frozen=True)
class Path:
    """A footprint over the years [tCO2e/t]: median, and the band between `low` and `high` (95 % of the scenarios)."""

    years: Sequence[int]
    median: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def trajectory(path: Path, frame: Frame, *, targets: Sequence[Target] = (), levers: Sequence[Lever] = ()) -> Chart:
    """Median and band over the years; the levers are stacked on the median up to what it would be without them."""
    for name, values in (
        ("median", path.median),
        ("low", path.low),
        ("high", path.high),
        *((lever.name, lever.reductions) for lever in levers),
    ):
        require(len(values) == len(path.years), name, f"{len(values)} values", f"{len(path.years)}, one a year")
        require_finite(name, values)
    require_finite("targets", [target.value for target in targets])
    require(
        len(path.years) > 1 and list(path.years) == sorted(set(path.years)),
        "years",
        f"{list(path.years)}",
        "two or more rising years",
    )
    negative = [lever.name for lever in levers if min(lever.reductions) < 0]
    require(
        not negative,
        "levers",
        f"an increase in {', '.join(negative)}",
        "reductions of zero or more; count an increase into the path",
    )
    return Chart(
        "trajectory", frame, partial(_paint, path, targets, levers, frame), partial(_spec, path, targets, levers, frame), 350
    )


def _layers(path: Path, levers: Sequence[Lever]) -> list[tuple[Lever, list[float], list[float]]]:
    """Lower and upper edge of each lever's area; the last lever lies on the median, the first on top."""
    edge, found = list(path.median), []
    for lever in reversed(levers):
        upper = [base + cut for base, cut in zip(edge, lever.reductions, strict=True)]
        found.append((lever, edge, upper))
        edge = upper
    return found


def _top(path: Path, levers: Sequence[Lever]) -> float:
    """What the first year would have without any lever."""
    return path.median[0] + sum(lever.reductions[0] for lever in levers)


def _limits(path: Path, targets: Sequence[Target], levers: Sequence[Lever]) -> tuple[float, float]:
    tops = [
        *path.high,
        *(target.value for target in targets),
        *(value for _, _, upper in _layers(path, levers) for value in upper),
    ]
    return min(0.0, *path.low), 1.08 * max(tops)


def _xs(path: Path, targets: Sequence[Target]) -> tuple[float, float]:
    years = [*path.years, *(target.year for target in targets)]
    edge = 0.02 * (max(years) - min(years))
    return min(years) - edge, max(years) + edge


def _at(years: Sequence[int], values: Sequence[float], year: float) -> float:
    """Value at a year, between those that are given; that of the nearest year outside of them."""
    import numpy as np

    return float(np.interp(year, years, values))


def _name_band(canvas: Canvas, axes: Axes, path: Path, targets: Sequence[Target], frame: Frame) -> None:
    """Say what the band is, below it, as far from the targets as there is room."""
    first, last = path.years[0], path.years[-1]
    places = [first + share * (last - first) for share in (0.4, 0.5, 0.6, 0.7, 0.8)]
    free = max(places, key=lambda year: min((abs(year - target.year) for target in targets), default=0))
    canvas.write(
        axes, free, _at(path.years, path.low, free), frame.say("band"), dx=-4, dy=-8, ha="right", size=style.SIZE_SMALL,
        color=style.SOFT, patch=True,
    )  # fmt: skip


def _mark_target(canvas: Canvas, axes: Axes, path: Path, target: Target, words: str) -> None:
    """A diamond, with its name below the band, or above it where the axis is near."""
    (first, last), (low, high) = axes.get_xlim(), axes.get_ylim()
    foot = min(target.value, _at(path.years, path.low, target.year))
    up = foot - max(low, 0.0) < 0.06 * (high - low)
    end = max(target.value, _at(path.years, path.high, target.year)) if up else foot
    shift = 11 if up else -9
    early = target.year < first + 0.2 * (last - first)
    axes.plot(
        [target.year] * 2, [target.value, end + canvas.points(axes, shift)], color=style.VERMILLION, linewidth=0.7, zorder=8
    )
    axes.plot(
        target.year, target.value, marker="D", markersize=7.5, color=style.VERMILLION, markeredgecolor=style.WHITE, zorder=9
    )
    canvas.write(
        axes, target.year, end, words, dx=5 if early else -5, dy=shift, ha="left" if early else "right", color=style.VERMILLION,
        bold=True, patch=True,
    )  # fmt: skip


def _paint(path: Path, targets: Sequence[Target], levers: Sequence[Lever], frame: Frame, canvas: Canvas) -> None:
    from pcf.charts.fonts import width, wrap

    labels = [(wrap(lever.name, style.SIZE_LABEL, 128), number) for number, lever in enumerate(levers)]
    right = (
        max(
            [width(line, style.SIZE_LABEL) for lines, _ in labels for line in lines]
            + [width(frame.say("median"), style.SIZE_LABEL, bold=True) + 34, 40]
        )
        + 36
    )
    axes = canvas.axes(left=34, right=right, top=24, bottom=34)
    low, high = _limits(path, targets, levers)
    first, last = _xs(path, targets)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (last - first) / step <= 7)
    years = [year for year in range(int(first), int(last) + 1) if year % step == 0 and first <= year <= last]
    canvas.x_scale(axes, first, last, frame.say("year"), grid=False, marks=years, labels=[str(year) for year in years])
    canvas.y_scale(axes, low, high, frame.value_axis)
    axes.axhline(max(low, 0.0), color=style.INK, linewidth=0.8, zorder=6)
    decimals = decimals_of(max(path.median))
    ends = [(path.median[-1], [frame.say("median-at", value=tonnes(path.median[-1], decimals))], style.INK, True)]
    for lever, lower, upper in _layers(path, levers):
        number = list(levers).index(lever)
        color, hatch = _LEVER_COLORS[number % 7], _LEVER_HATCHES[number % 7]
        axes.fill_between(
            path.years,
            lower,
            upper,
            facecolor=style.lighter(color, 0.35),
            edgecolor=style.WHITE,
            linewidth=0.5,
            hatch=hatch,
            zorder=2,
        )
        cut = f"{tonnes(-lever.reductions[-1], decimals)}"
        ends.append(((lower[-1] + upper[-1]) / 2, [*labels[number][0][:-1], f"{labels[number][0][-1]}  {cut}"], style.INK, False))
    axes.fill_between(path.years, path.low, path.high, facecolor=style.INK, edgecolor="none", alpha=0.13, linewidth=0, zorder=3)
    for edge in (path.low, path.high):
        axes.plot(path.years, edge, color=style.SOFT, linewidth=0.7, linestyle=(0, (3, 2)), zorder=4)
    axes.plot(path.years, path.median, color=style.INK, linewidth=2.2, zorder=5)
    canvas.write(
        axes, path.years[0], max(path.high[0], _top(path, levers)), tonnes(path.median[0], decimals), dx=-2, dy=8, bold=True
    )
    _name_band(canvas, axes, path, targets, frame)
    for target in targets:
        _mark_target(canvas, axes, path, target, f"{target.name or frame.say('target')} {tonnes(target.value, decimals)}")
    _write_right(canvas, axes, ends, path.years[-1], low, high)


def _write_right(
    canvas: Canvas, axes: Axes, ends: Sequence[tuple[float, list[str], str, bool]], year: int, low: float, high: float
) -> None:
    """Names to the right of their areas, pushed apart, with a thin line to where they belong."""
    height = canvas.height_of(axes)
    at = -1e9
    before = 0
    for value, words, color, bold in ends:
        wanted = (value - low) / (high - low) * height
        at = max(wanted, at + 6.2 * (before + len(words)))
        before = len(words)
        y = low + at / height * (high - low)
        x0, x1 = axes.get_xlim()
        axes.plot([year, x1, x1 + 0.018 * (x1 - x0)], [value, value, y], color=style.GREY, linewidth=0.6, zorder=1, clip_on=False)
        for number, line in enumerate(words):
            offset = -11.0 * (number - (len(words) - 1) / 2)
            canvas.write(axes, 1, 0, line, at="axes fraction", dx=12, dy=at + offset, color=color, bold=bold)


def _spec(path: Path, targets: Sequence[Target], levers: Sequence[Lever], frame: Frame) -> Spec:
    from pcf.charts.page import axis

    years = list(path.years)
    decimals = decimals_of(max(path.median))
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "x": years,
            "y": list(path.median),
            "mode": "lines",
            "line": {"width": 0},
            "hoverinfo": "skip",
            "showlegend": False,
        }
    ]
    for lever, _, upper in _layers(path, levers):
        number = list(levers).index(lever)
        color = style.lighter(_LEVER_COLORS[number % 7], 0.35)
        shape = {"": "", "////": "/", "----": "-", "\\\\\\\\": "\\", "xx": "x"}[_LEVER_HATCHES[number % 7]]
        data.append({
            "type": "scatter", "x": years, "y": upper, "mode": "lines", "fill": "tonexty", "name": lever.name, "line": {"color": style.WHITE, "width": 1},
            "fillcolor": color, "fillpattern": {"shape": shape, "bgcolor": color, "fgcolor": style.WHITE, "size": 7, "solidity": 0.2, "fillmode": "overlay"}, "hoverinfo": "text",
            "hovertext": [f"{year} {lever.name}: {frame.with_unit(tonnes(-cut, decimals))}" for year, cut in zip(years, lever.reductions, strict=True)],
        })  # fmt: skip
    low, high = _limits(path, targets, levers)
    edge = {
        "type": "scatter",
        "x": years,
        "mode": "lines",
        "line": {"color": style.SOFT, "width": 1, "dash": "dot"},
        "hoverinfo": "skip",
    }
    median = {
        "type": "scatter", "x": years, "y": list(path.median), "mode": "lines+markers", "name": frame.say("median"), "line": {"color": style.INK, "width": 3},
        "marker": {"size": 6}, "hoverinfo": "text",
        "hovertext": [
            f"{year}: {frame.with_unit(tonnes(m, decimals))}\n{frame.say('band')}: {tonnes(a, decimals)} – {tonnes(b, decimals)}"
            for year, m, a, b in zip(years, path.median, path.low, path.high, strict=True)
        ],
    }  # fmt: skip
    data += [
        {**edge, "y": list(path.low), "showlegend": False},
        {**edge, "y": list(path.high), "fill": "tonexty", "fillcolor": "rgba(31,41,51,0.13)", "name": frame.say("band")},
        median,
    ]
    if targets:
        data.append({
            "type": "scatter", "mode": "markers+text", "x": [t.year for t in targets], "y": [t.value for t in targets], "name": frame.say("target"),
            "text": [f"{t.name or frame.say('target')} {tonnes(t.value, decimals)}  " for t in targets], "textposition": "bottom left", "hoverinfo": "text",
            "marker": {"symbol": "diamond", "size": 13, "color": style.VERMILLION, "line": {"color": style.WHITE, "width": 1}}, "textfont": {"color": style.VERMILLION},
        })  # fmt: skip
    layout = {
        "xaxis": axis(frame.say("year"), showgrid=False, range=list(_xs(path, targets)), tickformat="d"), "yaxis": axis(frame.value_axis, range=[low, high]),
        "showlegend": True, "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "reversed"}, "margin": {"l": 70, "r": 40, "t": 90, "b": 60},
    }  # fmt: skip
    return {"data": data, "layout": layout, "height": 640}
