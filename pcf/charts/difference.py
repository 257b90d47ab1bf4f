"""The distribution of a difference: is A lower than B, and how surely?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.densities import Density, outline
from pcf.charts.frame import Frame, require
from pcf.charts.numbers import decimals_of, percent, signed

if TYPE_CHECKING:
    from pcf.charts.canvas import Canvas


def difference(density: Density, first: str, second: str, probability_below: float, frame: Frame) -> Chart:
    """Distribution of the footprint of `first` minus that of `second`, with the line of no difference.

    Parameters
    ----------
    density : Density
        Of the paired difference A − B [tCO2e/t]; its `base` is the difference without uncertainty.
    first, second : str
        Names of A and B.
    probability_below : float
        P(A < B), as the scenarios gave it.
    frame : Frame
        Title, footer, language.
    """
    require(0 <= probability_below <= 1, density.name, f"a probability of {probability_below}", "0 to 1")
    return Chart(
        "difference", frame, partial(_paint, density, first, second, probability_below, frame),
        partial(_spec, density, first, second, probability_below, frame), 310,
    )  # fmt: skip


def _limits(density: Density) -> tuple[float, float]:
    low, high = min(density.edges[0], density.low, 0.0), max(density.edges[-1], density.high, 0.0)
    edge = 0.12 * (high - low)
    return low - edge, high + edge


def _decimals(density: Density) -> int:
    return decimals_of(max(abs(density.low), abs(density.high)))


def _verdicts(first: str, second: str, probability: float, frame: Frame) -> list[tuple[str, str, str]]:
    """Share, sentence and colour for the left and the right of zero."""
    lang = frame.lang
    return [
        (percent(probability, lang), frame.say("lower-than", first=first, second=second), style.DOWN),
        (percent(1 - probability, lang), frame.say("higher-than", first=first, second=second), style.UP),
    ]


def _paint(density: Density, first: str, second: str, probability: float, frame: Frame, canvas: Canvas) -> None:
    from pcf.charts.fonts import wrap

    axes = canvas.axes(top=8, bottom=34)
    low, high = _limits(density)
    canvas.x_scale(axes, low, high, frame.axis(frame.quantity or frame.say("difference", first=first, second=second), frame.unit))
    xs, ys = outline(density)
    top = max(ys)
    axes.set_ylim(-0.22 * top, 1.5 * top)
    for sign, color, hatch in ((-1, style.DOWN, ""), (1, style.UP, "////")):
        where = [sign * x >= 0 for x in xs]
        clipped = [x if inside else 0.0 for x, inside in zip(xs, where, strict=True)]
        axes.fill_between(
            clipped, 0, ys, facecolor=style.lighter(color, 0.6), edgecolor=style.WHITE, linewidth=0, zorder=2, hatch=hatch
        )
    axes.plot(xs, ys, color=style.INK, linewidth=1.0, zorder=3)
    axes.axhline(0, color=style.RULE, linewidth=0.7)
    axes.plot([0, 0], [-0.02 * top, 1.44 * top], color=style.INK, linewidth=1.4, zorder=4)
    for (share, words, color), side, at in zip(
        _verdicts(first, second, probability, frame), ("left", "right"), (low, high), strict=True
    ):
        canvas.write(axes, at, 1.42 * top, share, ha=side, size=20, bold=True, color=color, patch=True)
        for number, line in enumerate(wrap(words, style.SIZE_LABEL, 190)):
            canvas.write(axes, at, 1.42 * top, line, dy=-19 - 11.5 * number, ha=side, color=color, patch=True)
    decimals = _decimals(density)
    axes.plot([density.low, density.high], [-0.08 * top] * 2, color=style.SOFT, linewidth=4, solid_capstyle="butt", zorder=5)
    canvas.write(
        axes, density.low, -0.08 * top, signed(density.low, decimals), dx=-4, ha="right", size=style.SIZE_SMALL, patch=True
    )
    canvas.write(axes, density.high, -0.08 * top, signed(density.high, decimals), dx=4, size=style.SIZE_SMALL, patch=True)
    canvas.write(
        axes, (density.low + density.high) / 2, -0.16 * top, frame.say("interval"), ha="center", size=6.8, color=style.SOFT
    )
    if density.base is not None:
        axes.plot([density.base] * 2, [0, 1.08 * top], color=style.INK, linewidth=1.1, linestyle=(0, (4, 2)), zorder=4)
        words = frame.say("base-value", value=frame.with_unit(signed(density.base, decimals)))
        canvas.write(
            axes,
            density.base,
            1.08 * top,
            words,
            dx=-5 if density.base < 0 else 5,
            ha="right" if density.base < 0 else "left",
            bold=True,
            patch=True,
        )


def _spec(density: Density, first: str, second: str, probability: float, frame: Frame) -> Spec:
    from pcf.charts.fonts import wrap
    from pcf.charts.page import axis, note, stripes

    low, high = _limits(density)
    decimals = _decimals(density)
    middles = [(a + b) / 2 for a, b in zip(density.edges, density.edges[1:], strict=False)]
    heights = density.heights()
    verdicts = _verdicts(first, second, probability, frame)
    span = f"{signed(density.low, decimals)} … {signed(density.high, decimals)}"
    hover = f"{frame.say('interval')}: {frame.with_unit(span)}"
    bars = {
        "type": "bar", "x": middles, "y": heights, "width": [b - a for a, b in zip(density.edges, density.edges[1:], strict=False)],
        "marker": {"color": [style.lighter(style.DOWN if x < 0 else style.UP, 0.45) for x in middles], "line": {"width": 0},
                   "pattern": stripes(["" if x < 0 else "/" for x in middles])},
        "hoverinfo": "text",
        "hovertext": [
            f"{signed(a, decimals)} … {frame.with_unit(signed(b, decimals))}: {percent(share, frame.lang)}"
            for a, b, share in zip(density.edges, density.edges[1:], density.shares, strict=False)
        ],
    }  # fmt: skip
    top = max(heights)
    interval = {
        "type": "scatter", "mode": "lines+text", "x": [density.low, density.high], "y": [-0.07 * top] * 2, "line": {"color": style.SOFT, "width": 7},
        "text": [f"{signed(density.low, decimals)}  ", f"  {signed(density.high, decimals)}"], "textposition": ["middle left", "middle right"],
        "hoverinfo": "text", "hovertext": hover,
    }  # fmt: skip
    top_line = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1.4 * top, "line": {"color": style.INK, "width": 2}}
    shapes: list[dict[str, Any]] = [top_line]
    small = {"size": 12, "color": style.SOFT}
    notes = [note(frame.say("interval"), (density.low + density.high) / 2, -0.14 * top, font=small)]
    for (share, words, color), side in zip(verdicts, ("left", "right"), strict=True):
        at = {"xref": "paper", "xanchor": side, "align": side, "bgcolor": style.WHITE}
        x = 0 if side == "left" else 1
        notes.append(note(share, x, 1.5 * top, yanchor="top", font={"size": 32, "weight": 700, "color": color}, **at))
        lines = "\n".join(wrap(words, 14, 360))
        notes.append(note(lines, x, 1.35 * top, yanchor="top", font={"size": 14, "color": color}, **at))
    if density.base is not None:
        shapes.append(
            {
                **top_line,
                "x0": density.base,
                "x1": density.base,
                "y1": 1.07 * top,
                "line": {"color": style.INK, "width": 1.5, "dash": "dash"},
            }
        )
        words = frame.say("base-value", value=frame.with_unit(signed(density.base, decimals)))
        notes.append(note(words, density.base, 1.07 * top, yanchor="bottom", bgcolor=style.WHITE))
    layout = {
        "xaxis": axis(frame.axis(frame.quantity or frame.say("difference", first=first, second=second), frame.unit), range=[low, high]),
        "yaxis": axis(visible=False, range=[-0.2 * top, 1.5 * top]), "shapes": shapes, "annotations": notes, "bargap": 0,
    }  # fmt: skip
    return {"data": [bars, interval], "layout": layout, "height": 560}
