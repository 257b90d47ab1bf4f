"""Waterfall: from one footprint to another, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pcf.charts import style
from pcf.charts.bars import Variant
from pcf.charts.chart import Chart, Spec
from pcf.charts.frame import Frame, require_finite
from pcf.charts.numbers import decimals_of, signed, ticks, tonnes, with_percent
from pcf.charts.wording import part_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas

_SAME = 1e-9
_BROKEN_BELOW = 0.25
"""The axis is broken where all that happens takes less than this share of it."""


@dataclass(frozen=True)
class _Step:
    name: str
    start: float
    change: float

    @property
    def end(self) -> float:
        return self.start + self.change


def waterfall(start: Variant, end: Variant, frame: Frame, *, by: str = "stage") -> Chart:
    """The difference of two footprints, part by part; parts that are the same in both are left out.

    Where the changes are small beside the totals, the axis does not begin at zero; the two totals then show a break.
    """
    for variant in (start, end):
        require_finite(variant.name, [*variant.parts.values(), variant.sum])
    steps, level = [], start.sum
    for part in style.order(by, set(start.parts) | set(end.parts)):
        change = end.parts.get(part, 0.0) - start.parts.get(part, 0.0)
        if abs(change) > _SAME * max(abs(start.sum), abs(end.sum)):
            steps.append(_Step(part_name(by, part, frame.lang), level, change))
            level += change
    return Chart("waterfall", frame, partial(_paint, start, end, steps, frame), partial(_spec, start, end, steps, frame), 300)


def _range(start: Variant, end: Variant, steps: Sequence[_Step]) -> tuple[float, float]:
    levels = [start.sum, end.sum, *(step.end for step in steps)]
    low, high = min(levels), max(levels)
    if low <= 0 or high - low > _BROKEN_BELOW * high:
        return min(0.0, low * 1.08), max(high, 0.0) * 1.08 or 1.0
    floor = max(0.0, low - max(1.2 * (high - low), 0.04 * high))
    return ticks(floor, high)[0], high + 0.18 * (high - floor)


def _paint(start: Variant, end: Variant, steps: Sequence[_Step], frame: Frame, canvas: Canvas) -> None:
    from matplotlib.patches import Rectangle

    from pcf.charts.canvas import INNER
    from pcf.charts.fonts import wrap

    low, high = _range(start, end, steps)
    count = len(steps) + 2
    room = (INNER - 34) / count - 6
    names = [wrap(name, style.SIZE_SMALL, room, most=3) for name in (start.name, *(step.name for step in steps), end.name)]
    axes = canvas.axes(left=34, top=24, bottom=10.5 * max(map(len, names)) + 4)
    axes.set_xlim(-0.5, count - 0.5)
    canvas.y_scale(axes, low, high, frame.value_axis)
    axes.axhline(max(low, 0.0), color=style.INK, linewidth=0.8, zorder=5)
    decimals = decimals_of(max(abs(start.sum), abs(end.sum)))
    for at, variant, color in ((0, start, style.SOFT), (count - 1, end, style.INK)):
        axes.add_patch(
            Rectangle(
                (at - 0.34, low if low > 0 else 0), 0.68, variant.sum - max(low, 0.0), facecolor=color, linewidth=0, zorder=3
            )
        )
        canvas.write(axes, at, variant.sum, tonnes(variant.sum, decimals), bold=True, ha="center", dy=8, size=10)
        if low > 0:
            _paint_break(axes, at, low, high)
    for at, step in enumerate(steps, start=1):
        color, hatch = (style.UP, "////") if step.change > 0 else (style.DOWN, "")
        axes.add_patch(
            Rectangle(
                (at - 0.34, step.start),
                0.68,
                step.change,
                facecolor=color,
                edgecolor=style.WHITE,
                linewidth=0,
                hatch=hatch,
                zorder=3,
            )
        )
        axes.plot([at - 0.66, at + 0.34], [step.start] * 2, color=style.GREY, linewidth=0.8, zorder=2)
        top, below = max(step.start, step.end), step.change < 0
        where, shift = (min(step.start, step.end), -8) if below else (top, 8)
        canvas.write(axes, at, where, signed(step.change, decimals), ha="center", dy=shift, color=color, bold=True, patch=True)
    if steps:
        axes.plot([count - 1.66, count - 0.66], [steps[-1].end] * 2, color=style.GREY, linewidth=0.8, zorder=2)
    for at, name in enumerate(names):
        for number, line in enumerate(name):
            bold = at in (0, count - 1)
            canvas.write(
                axes,
                at,
                0,
                line,
                at=("data", "axes fraction"),
                dy=-12 - 10.5 * number,
                ha="center",
                size=style.SIZE_SMALL,
                bold=bold,
            )
    share = _share(start, end, frame.lang)
    if share:
        canvas.write(axes, count - 1, end.sum, share, ha="center", dy=21, color=style.SOFT, size=style.SIZE_SMALL, patch=True)
    if low > 0:
        canvas.write(
            axes, 1, 1, frame.say("broken-axis"), at="axes fraction", dy=13, ha="right", size=style.SIZE_SMALL, color=style.SOFT
        )


def _paint_break(axes: Axes, at: float, low: float, high: float) -> None:
    """A white zigzag through the foot of a bar that does not begin at zero."""
    y, wave = low + 0.07 * (high - low), 0.012 * (high - low)
    xs = [at - 0.4 + 0.1 * number for number in range(9)]
    axes.plot(xs, [y + wave * (-1) ** number for number in range(9)], color=style.WHITE, linewidth=3, zorder=4)


def _share(start: Variant, end: Variant, lang: str) -> str:
    if not start.sum:
        return ""
    return with_percent(signed(100 * (end.sum - start.sum) / abs(start.sum), 1), lang)


def _spec(start: Variant, end: Variant, steps: Sequence[_Step], frame: Frame) -> Spec:
    from pcf.charts.fonts import wrap
    from pcf.charts.page import axis, note, stripes

    low, high = _range(start, end, steps)
    base = max(low, 0.0)
    decimals = decimals_of(max(abs(start.sum), abs(end.sum)))
    names = [start.name, *(step.name for step in steps), end.name]
    words = [tonnes(start.sum, decimals), *(signed(step.change, decimals) for step in steps), tonnes(end.sum, decimals)]
    bars = {
        "type": "bar", "x": list(range(len(names))), "width": 0.68,
        "base": [base, *(step.start for step in steps), base],
        "y": [start.sum - base, *(step.change for step in steps), end.sum - base],
        "text": words, "textposition": "outside", "textfont": {"size": 15}, "cliponaxis": False,
        "hoverinfo": "text",
        "hovertext": [f"{name}: {frame.with_unit(word)}" for name, word in zip(names, words, strict=True)],
        "marker": {
            "color": [style.SOFT, *(style.UP if step.change > 0 else style.DOWN for step in steps), style.INK],
            "pattern": stripes(["", *("/" if step.change > 0 else "" for step in steps), ""]),
        },
    }  # fmt: skip
    levels = [start.sum, *(step.end for step in steps)]
    lines = [
        {"type": "line", "x0": at + 0.34, "x1": at + 0.66, "y0": level, "y1": level, "line": {"color": style.GREY, "width": 1}}
        for at, level in enumerate(levels)
    ]
    notes = [note(_share(start, end, frame.lang), len(names) - 1, end.sum, yshift=38, font={"size": 13, "color": style.SOFT})]
    if low > 0:
        notes.append(
            note(
                frame.say("broken-axis"),
                1,
                1.06,
                xref="paper",
                yref="paper",
                xanchor="right",
                font={"size": 13, "color": style.SOFT},
            )
        )
    layout = {
        "xaxis": axis(tickmode="array", tickvals=list(range(len(names))), ticktext=["\n".join(wrap(name, 13, 1080 / len(names) - 10)) for name in names], showgrid=False),
        "yaxis": axis(frame.value_axis, range=[low, high]), "shapes": lines, "annotations": notes,
    }  # fmt: skip
    return {"data": [bars], "layout": layout, "height": 560}
