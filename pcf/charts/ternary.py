"""Ternary diagram: the footprint over three shares that sum to one."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.frame import Frame, require
from pcf.charts.numbers import decimals_of, percent, ticks, tonnes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pcf.charts.canvas import Canvas

_HEIGHT = math.sqrt(3) / 2
_TOLERANCE = 1e-6
BODY = 400.0
_SIDE = 640.0
"""Side of the interactive triangle on a wide screen [px]."""


@dataclass(frozen=True)
class Mixture:
    """Three shares that sum to one, and the footprint there [tCO2e/t]; None where infeasible. A named one is labelled."""

    shares: tuple[float, float, float]
    value: float | None
    name: str = ""


def ternary(mixtures: Sequence[Mixture], corners: tuple[str, str, str], frame: Frame) -> Chart:
    """Footprint over three shares; `corners` names them: top, bottom left, bottom right.

    On a regular lattice each mixture is a hexagonal cell, so that the triangle is filled; elsewhere it is a dot.
    """
    require(mixtures, "mixtures", "none", "at least one")
    for mixture in mixtures:
        good = all(math.isfinite(share) and share >= -_TOLERANCE for share in mixture.shares)
        require(
            good and abs(sum(mixture.shares) - 1) < _TOLERANCE,
            "mixtures",
            f"shares {mixture.shares}",
            "three shares from 0 to 1 that sum to 1",
        )
        require(
            mixture.value is None or math.isfinite(mixture.value),
            "mixtures",
            f"a footprint of {mixture.value}",
            "a finite number, or None where infeasible",
        )
    require(_known(mixtures), "mixtures", "no feasible result", "at least one")
    return Chart("ternary", frame, partial(_paint, mixtures, corners, frame), partial(_spec, mixtures, corners, frame), BODY)


def _known(mixtures: Sequence[Mixture]) -> list[float]:
    return [m.value for m in mixtures if m.value is not None]


def _place(shares: Sequence[float]) -> tuple[float, float]:
    """Point in a triangle of side one: first share up, second to the left, third to the right."""
    return shares[2] + shares[0] / 2, shares[0] * _HEIGHT


def _lattice(mixtures: Sequence[Mixture]) -> float:
    """Step of the lattice that the shares lie on; zero where they lie on none."""
    values = sorted({round(share, 6) for mixture in mixtures for share in mixture.shares})
    steps = [b - a for a, b in itertools.pairwise(values)]
    if len(mixtures) < 15 or not steps:
        return 0.0
    step = min(steps)
    regular = all(abs(value / step - round(value / step)) < 1e-3 for value in values)
    full = (round(1 / step) + 1) * (round(1 / step) + 2) / 2
    return step if regular and len(mixtures) >= 0.5 * full else 0.0


def _paint(mixtures: Sequence[Mixture], corners: tuple[str, str, str], frame: Frame, canvas: Canvas) -> None:
    from matplotlib.colors import Normalize
    from matplotlib.patches import Polygon, RegularPolygon

    from pcf.charts.heat_map import color_bar, colors

    axes = canvas.axes(left=20, right=96, top=20, bottom=30, equal=True)
    axes.set_xlim(-0.06, 1.06)
    axes.set_ylim(-0.04, _HEIGHT + 0.03)
    found = _known(mixtures)
    low, high = min(found), max(found)
    if low == high:
        low, high = low - 0.5, high + 0.5
    scale, norm = colors(), Normalize(low, high)
    edge = Polygon([(0, 0), (1, 0), (0.5, _HEIGHT)], closed=True, facecolor="none", edgecolor=style.INK, linewidth=1.0, zorder=6)
    axes.add_patch(edge)
    step = _lattice(mixtures)
    for mixture in mixtures:
        hole = mixture.value is None
        face: Any = style.INFEASIBLE_FACE if mixture.value is None else scale(norm(mixture.value))
        # A cell fills the lattice; it is rotated so that its sides face its six neighbours.
        radius = step / math.sqrt(3) * 1.005 if step else 0.022
        cell = RegularPolygon(
            _place(mixture.shares), 6, radius=radius, facecolor=face, linewidth=0 if hole and step else 0.3, zorder=2,
            edgecolor=style.INFEASIBLE_EDGE if hole else face if step else style.INK, hatch=style.INFEASIBLE_HATCH if hole else None,
        )  # fmt: skip
        axes.add_patch(cell)
        if step:
            cell.set_clip_path(edge)
    if step:
        _contours(canvas, axes, mixtures, low, high)
    _scales(canvas, axes, corners, frame)
    holes = [m for m in mixtures if m.value is None]
    if holes and step:
        middle = [sum(m.shares[k] for m in holes) / len(holes) for k in range(3)]
        nearest = min(holes, key=lambda m: sum((m.shares[k] - middle[k]) ** 2 for k in range(3)))
        canvas.write(axes, *_place(nearest.shares), frame.say("infeasible"), ha="center", color=style.SOFT, patch=True)
    decimals = decimals_of(max(abs(value) for value in found))
    for mixture in mixtures:
        if mixture.name:
            x, y = _place(mixture.shares)
            if step:
                axes.plot(x, y, marker="o", markersize=7, color=style.ORANGE, markeredgecolor=style.INK, zorder=9)
            words = mixture.name if mixture.value is None else f"{mixture.name}  {tonnes(mixture.value, decimals)}"
            canvas.write(axes, x, y, words, dx=8 if x < 0.6 else -8, ha="left" if x < 0.6 else "right", bold=True, patch=True)
    color_bar(canvas, low, high, frame, top=70, bottom=60)


def _contours(canvas: Canvas, axes: Axes, mixtures: Sequence[Mixture], low: float, high: float) -> None:
    import numpy as np
    from matplotlib.tri import Triangulation

    from pcf.charts.heat_map import label_contours

    places = np.array([_place(m.shares) for m in mixtures])
    values = np.array([math.nan if m.value is None else m.value for m in mixtures])
    mesh = Triangulation(places[:, 0], places[:, 1])
    mesh.set_mask(~np.isfinite(values)[mesh.triangles].all(axis=1))
    levels = [level for level in ticks(low, high, 7) if low < level < high]
    filled = np.where(np.isfinite(values), values, low)
    if levels:
        found = axes.tricontour(mesh, filled, levels=levels, colors=[style.WHITE], linewidths=0.9, zorder=5)
        label_contours(canvas, axes, found, levels, [_place(m.shares) for m in mixtures if m.name])


def _scales(canvas: Canvas, axes: Axes, corners: tuple[str, str, str], frame: Frame) -> None:
    """Names at the corners and per cents along the sides, each written next to the lines that it belongs to."""
    canvas.write(axes, 0.5, _HEIGHT, f"{percent(1, frame.lang)} {corners[0]}", dy=14, ha="center", bold=True)
    canvas.write(axes, 0, 0, f"{percent(1, frame.lang)} {corners[1]}", dx=-30, dy=-22, bold=True)
    canvas.write(axes, 1, 0, f"{percent(1, frame.lang)} {corners[2]}", dx=30, dy=-22, ha="right", bold=True)
    # Each side carries the share whose lines end there; the arrow says in which direction it grows.
    canvas.write(axes, *_place((0.5, 0.5, 0.0)), f"← {corners[1]}", dx=-30, dy=17, ha="center", rotation=60, color=style.SOFT)
    canvas.write(axes, *_place((0.5, 0.0, 0.5)), f"← {corners[0]}", dx=30, dy=17, ha="center", rotation=-60, color=style.SOFT)
    canvas.write(axes, *_place((0.0, 0.5, 0.5)), f"{corners[2]} →", dy=-24, ha="center", color=style.SOFT)
    for share in (0.2, 0.4, 0.6, 0.8):
        label = percent(share, frame.lang)
        rest = 1 - share
        ends = (
            ((share, rest, 0.0), (share, 0.0, rest)),
            ((rest, share, 0.0), (0.0, share, rest)),
            ((rest, 0.0, share), (0.0, rest, share)),
        )
        for start, end in ends:
            (x0, y0), (x1, y1) = _place(start), _place(end)
            axes.plot([x0, x1], [y0, y1], color=style.WHITE, linewidth=0.4, alpha=0.7, zorder=4)
        small: dict[str, Any] = {"size": style.SIZE_SMALL, "color": style.SOFT}
        canvas.write(axes, *_place((share, 0.0, rest)), label, dx=6, **small)
        canvas.write(axes, *_place((rest, share, 0.0)), label, dx=-6, ha="right", **small)
        canvas.write(axes, *_place((0.0, rest, share)), label, dy=-9, ha="center", **small)


def _hover(mixture: Mixture, corners: tuple[str, str, str], decimals: int, frame: Frame) -> str:
    shares = (f"{corner} {percent(share, frame.lang)}" for corner, share in zip(corners, mixture.shares, strict=True))
    value = frame.say("infeasible") if mixture.value is None else frame.with_unit(tonnes(mixture.value, decimals))
    return "\n".join(filter(None, (mixture.name, *shares, value)))


def _spec(mixtures: Sequence[Mixture], corners: tuple[str, str, str], frame: Frame) -> Spec:
    from pcf.charts.heat_map import plotly_scale

    found = _known(mixtures)
    decimals = decimals_of(max(abs(value) for value in found))
    step = _lattice(mixtures)
    bar = {"title": {"text": frame.value_axis, "side": "right"}, "thickness": 16, "outlinewidth": 0, "len": 0.7}
    scale = {"colorscale": plotly_scale(), "showscale": True, "colorbar": bar, "cmin": min(found), "cmax": max(found)}
    edge = {"width": 0 if step else 1, "color": style.INK}
    cell: dict[str, Any] = {"symbol": "hexagon", "size": round(_SIDE * step * 1.2) if step else 14, "line": edge}
    known = [m for m in mixtures if m.value is not None]
    groups = [
        ("markers", known, {**cell, **scale, "color": [m.value for m in known]}),
        ("markers", [m for m in mixtures if m.value is None], {**cell, "color": style.HOLE}),
        (
            "markers+text",
            [m for m in mixtures if m.name],
            {"size": 13 if step else 1, "color": style.ORANGE, "line": {"width": 1.5, "color": style.INK}},
        ),
    ]
    data = [
        {
            "type": "scatterternary", "mode": mode, "a": [m.shares[0] for m in chosen], "b": [m.shares[1] for m in chosen], "c": [m.shares[2] for m in chosen],
            "text": [m.name for m in chosen], "textposition": "top center", "textfont": {"weight": 700}, "hoverinfo": "text",
            "hovertext": [_hover(m, corners, decimals, frame) for m in chosen], "marker": marker,
        }
        for mode, chosen, marker in groups
        if chosen
    ]  # fmt: skip
    side: dict[str, Any] = {
        "tickformat": ".0%",
        "gridcolor": style.GRID,
        "linecolor": style.INK,
        "tickfont": {"size": 12, "color": style.SOFT},
    }
    sides = {f"{letter}axis": {**side, "title": {"text": name}} for letter, name in zip("abc", corners, strict=True)}
    layout = {"ternary": {"sum": 1, "bgcolor": style.WHITE, **sides}, "margin": {"l": 90, "r": 60, "t": 60, "b": 60}}
    return {"data": data, "layout": layout, "height": 680}
