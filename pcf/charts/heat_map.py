"""Heat map: how the footprint follows two inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pcf.charts import style
from pcf.charts.chart import Chart, Spec
from pcf.charts.frame import Frame, require, require_finite
from pcf.charts.numbers import decimals_of, tick_labels, ticks, tonnes
from pcf.charts.sweep import Axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.contour import ContourSet

    from pcf.charts.canvas import Canvas

Grid = Sequence[Sequence[float | None]]


def heat_map(
    x: Axis, y: Axis, values: Grid, frame: Frame, *, point: tuple[float, float] | None = None, point_name: str = ""
) -> Chart:
    """Footprint over two inputs, with labelled contours; a cell without a feasible result is hatched grey.

    Parameters
    ----------
    x, y : Axis
        The inputs, rising.
    values : sequence of sequences
        One row for each value of `y`, one entry for each value of `x` [tCO2e/t]; None where infeasible.
    frame : Frame
        Title, footer, language.
    point, point_name : optional
        A point to mark, for instance the base case.
    """
    for one in (x, y):
        require_finite(one.name, one.values)
        require(
            len(one.values) > 1 and all(a < b for a, b in pairwise(one.values)),
            one.name,
            "values that do not rise",
            "two or more rising values",
        )
    shape = f"{len(y.values)} rows of {len(x.values)}"
    require(
        len(values) == len(y.values) and all(len(row) == len(x.values) for row in values),
        "values",
        "another number of cells",
        shape,
    )
    require(known(values), "values", "no feasible result", "at least one")
    paint = partial(_paint, x, y, values, frame, point, point_name)
    return Chart("heat_map", frame, paint, partial(_spec, x, y, values, frame, point, point_name), 360)


def known(values: Grid) -> list[float]:
    """All results of a grid."""
    return [value for row in values for value in row if value is not None and math.isfinite(value)]


def colors() -> Colormap:
    """Colours from low to high."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("pcf", list(style.SEQUENCE))


def edges(values: Sequence[float]) -> list[float]:
    """Edges of cells around values: half way between neighbours."""
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    return [2 * values[0] - middles[0], *middles, 2 * values[-1] - middles[-1]]


def color_bar(canvas: Canvas, low: float, high: float, frame: Frame, *, top: float = 24, bottom: float = 34) -> None:
    """The scale of colours at the right edge, with its title above."""
    import numpy as np

    from pcf.charts.canvas import INNER
    from pcf.charts.fonts import width

    axes = canvas.axes(left=INNER - 46, right=34, top=top, bottom=bottom)
    axes.set_xlim(0, 1)
    axes.set_ylim(low, high)
    axes.imshow(np.linspace(0, 1, 256)[:, None], cmap=colors(), extent=(0, 1, low, high), origin="lower", aspect="auto", zorder=1)
    values = ticks(low, high, 6)
    for value, label in zip(values, tick_labels(values), strict=True):
        canvas.write(axes, 1, value, label, dx=4, size=style.SIZE_SMALL, color=style.SOFT)
    title = frame.value_axis
    canvas.write(axes, 0, 1, title, at="axes fraction", dx=46 - width(title, style.SIZE_LABEL), dy=13, color=style.SOFT)


def label_contours(
    canvas: Canvas, axes: Axes, found: ContourSet, spaced: Sequence[float], taken: Sequence[tuple[float, float]] = ()
) -> None:
    """One label on the longest stretch of each contour line, away from the named points that take their place."""
    import numpy as np

    labels = tick_labels(spaced)
    for label, path in zip(labels, found.get_paths(), strict=True):
        polygons: list[Any] = list(path.to_polygons(closed_only=False))
        pieces = [piece for piece in polygons if len(piece) > 1]
        if not pieces:
            continue
        shown: Any = axes.transData.transform
        longest = max(pieces, key=lambda piece: float(np.sum(np.hypot(*np.diff(shown(piece), axis=0).T))))
        places = [longest[int(share * (len(longest) - 1))] for share in (0.5, 0.3, 0.7, 0.15, 0.85)]
        free = [
            at
            for at in places
            if all(abs(shown(at)[0] - shown(p)[0]) > 130 or abs(shown(at)[1] - shown(p)[1]) > 16 for p in taken)
        ]
        at = (free or places)[0]
        text = canvas.write(axes, float(at[0]), float(at[1]), label, ha="center", size=style.SIZE_SMALL, bold=True)
        text.set_bbox({"facecolor": style.WHITE, "edgecolor": "none", "pad": 1.3, "alpha": 0.9})


def _paint(
    x: Axis, y: Axis, values: Grid, frame: Frame, point: tuple[float, float] | None, point_name: str, canvas: Canvas
) -> None:
    import numpy as np
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    axes = canvas.axes(left=34, right=76, top=24, bottom=34)
    grid = np.array([[math.nan if value is None else value for value in row] for row in values], dtype=float)
    low, high = _range(known(values))
    across, up = edges(x.values), edges(y.values)
    canvas.x_scale(axes, across[0], across[-1], frame.axis(x.name, x.unit), grid=False)
    canvas.y_scale(axes, up[0], up[-1], frame.axis(y.name, y.unit), grid=False)
    scale, norm = colors(), Normalize(low, high)
    for row, (bottom, top) in enumerate(pairwise(up)):
        for column, (left, right) in enumerate(pairwise(across)):
            value = grid[row, column]
            hole = not math.isfinite(value)
            face: Any = style.INFEASIBLE_FACE if hole else scale(norm(value))
            axes.add_patch(Rectangle(
                (left, bottom), right - left, top - bottom, facecolor=face, edgecolor=style.INFEASIBLE_EDGE if hole else face,
                linewidth=0 if hole else 0.4, hatch=style.INFEASIBLE_HATCH if hole else None, zorder=2,
            ))  # fmt: skip
    levels = [level for level in ticks(low, high, 8) if low < level < high]
    if levels and min(grid.shape) > 2:
        found = axes.contour(x.values, y.values, grid, levels=levels, colors=[style.WHITE], linewidths=0.9, zorder=5)
        label_contours(canvas, axes, found, levels, [point] if point else [])
    holes = np.argwhere(~np.isfinite(grid))
    if len(holes):
        row, column = holes[len(holes) // 2]
        canvas.write(axes, x.values[column], y.values[row], frame.say("infeasible"), ha="center", color=style.SOFT, patch=True)
    if point:
        axes.plot(*point, marker="o", markersize=8, color=style.ORANGE, markeredgecolor=style.INK, zorder=8)
        right_half = point[0] > (across[0] + across[-1]) / 2
        canvas.write(
            axes, *point, point_name, dx=-9 if right_half else 9, ha="right" if right_half else "left", bold=True, patch=True
        )
    color_bar(canvas, low, high, frame)


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def plotly_scale() -> list[list[Any]]:
    """The colours in plotly's form."""
    last = len(style.SEQUENCE) - 1
    return [[number / last, color] for number, color in enumerate(style.SEQUENCE)]


def _spec(x: Axis, y: Axis, values: Grid, frame: Frame, point: tuple[float, float] | None, point_name: str) -> Spec:
    from pcf.charts.page import axis, note

    found = known(values)
    decimals = decimals_of(max(abs(value) for value in found))
    cells = [[value if value is not None and math.isfinite(value) else None for value in row] for row in values]
    hover = [
        [
            f"{x.name} {px:g} {x.unit}\n{y.name} {py:g} {y.unit}\n{frame.say('infeasible') if value is None else frame.with_unit(tonnes(value, decimals))}"
            for px, value in zip(x.values, row, strict=True)
        ]
        for py, row in zip(y.values, cells, strict=True)
    ]
    low, high = _range(found)
    bar = {"title": {"text": frame.value_axis, "side": "right"}, "thickness": 16, "outlinewidth": 0}
    common = {"x": list(x.values), "y": list(y.values), "z": cells, "hoverongaps": True}
    levels = ticks(low, high, 8)
    data: list[dict[str, Any]] = [
        {"type": "heatmap", **common, "colorscale": plotly_scale(), "zmin": low, "zmax": high, "colorbar": bar, "hoverinfo": "text", "text": hover},
        {
            "type": "contour", **common, "showscale": False, "hoverinfo": "skip", "connectgaps": False, "autocontour": False,
            "contours": {"coloring": "none", "showlabels": True, "start": levels[0], "end": levels[-1], "size": levels[1] - levels[0],
                         "labelfont": {"size": 15, "color": style.ORANGE, "weight": 700}},
            "line": {"color": style.WHITE, "width": 1.5},
        },
    ]  # fmt: skip
    across, up = edges(x.values), edges(y.values)
    shapes = [
        {
            "type": "rect", "x0": across[c], "x1": across[c + 1], "y0": up[r], "y1": up[r + 1], "layer": "below", "line": {"width": 1, "color": style.WHITE},
            "fillcolor": style.HOLE,
        }
        for r, row in enumerate(cells) for c, value in enumerate(row) if value is None
    ]  # fmt: skip
    notes: list[dict[str, Any]] = []
    if point:
        notes.append(note(point_name, *point, yshift=20, bgcolor=style.WHITE, borderpad=2, font={"weight": 700}))
        data.append({
            "type": "scatter", "mode": "markers", "x": [point[0]], "y": [point[1]],
            "marker": {"size": 13, "color": style.ORANGE, "line": {"color": style.INK, "width": 1.5}}, "hoverinfo": "skip",
        })  # fmt: skip
    if shapes:
        notes.append(
            note(
                f"■ {frame.say('infeasible')}",
                1,
                1.06,
                xref="paper",
                yref="paper",
                xanchor="right",
                font={"color": style.HOLE_INK},
            )
        )
    layout = {
        "xaxis": axis(frame.axis(x.name, x.unit), showgrid=False), "yaxis": axis(frame.axis(y.name, y.unit), showgrid=False),
        "shapes": shapes, "annotations": notes, "margin": {"l": 70, "r": 30, "t": 50, "b": 60},
    }  # fmt: skip
    return {"data": data, "layout": layout, "height": 640}
