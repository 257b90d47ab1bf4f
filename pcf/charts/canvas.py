"""The sheet that every static figure is drawn on: title, body and footer, measured in points.

The width is fixed at 8 inches: 1280 pixels at 160 dots an inch, and 84 per cent of it fills the text width of an A4 page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from pcf.charts import style
from pcf.charts.fonts import font, wrap
from pcf.charts.frame import Frame
from pcf.charts.numbers import tick_labels, ticks
from pcf.charts.svg import finish_svg

WIDTH = 576.0
MARGIN = 22.0
INNER = WIDTH - 2 * MARGIN
PNG_DPI = 320

_SETTINGS: Any = {
    "svg.fonttype": "none",  # text stays text: it can be read aloud, searched and edited
    "svg.hashsalt": "pcf",
    "pdf.fonttype": 42,
    "font.sans-serif": [],  # the generic name at the end of our families must not expand into matplotlib's list
    "hatch.linewidth": 0.6,
    "text.hinting": "none",  # lines are as long as they were measured, at any resolution
    "text.parse_math": False,
    "path.simplify": False,
}
_LOCK = threading.RLock()  # matplotlib's settings belong to the whole process


class Canvas:
    """A figure with its title and footer in place, and axes wherever a chart wants them."""

    def __init__(self, frame: Frame, body: float) -> None:
        self.frame = frame
        title = wrap(frame.title, style.SIZE_TITLE, INNER, bold=True)
        subtitle = wrap(frame.subtitle, style.SIZE_SUBTITLE, INNER) if frame.subtitle else []
        footer = wrap(frame.footer.words, style.SIZE_FOOTER, INNER)
        header = 20 + 18.5 * len(title) + 14 * len(subtitle) + 12
        self.foot = 18 + 10.5 * len(footer)
        self.body = body
        self.height = header + body + self.foot
        self.figure = Figure(figsize=(WIDTH / 72, self.height / 72), facecolor=style.WHITE)
        at = self.height - 20
        for line in title:
            at -= 18.5
            self._line(MARGIN, at + 4, line, style.SIZE_TITLE, style.INK, bold=True)
        for line in subtitle:
            at -= 14
            self._line(MARGIN, at + 3, line, style.SIZE_SUBTITLE, style.SOFT)
        self._rule(self.height - 16, 30, style.BLUE, 2.4)
        self._rule(self.foot, INNER, style.RULE, 0.6)
        for number, line in enumerate(footer):
            self._line(MARGIN, self.foot - 12 - 10.5 * number, line, style.SIZE_FOOTER, style.SOFT)

    def axes(self, *, left: float = 0, right: float = 0, top: float = 0, bottom: float = 0, equal: bool = False) -> Axes:
        """Axes inside the body, with distances from its edges [pt]; bare, without lines or ticks."""
        low = self.foot + 10 + bottom
        high = self.foot + self.body - top
        box = (
            (MARGIN + left) / WIDTH, low / self.height,
            (INNER - left - right) / WIDTH, (high - low) / self.height,
        )  # fmt: skip
        axes = self.figure.add_axes(box)
        axes.set_facecolor("none")
        axes.tick_params(length=0, labelbottom=False, labelleft=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        if equal:
            axes.set_aspect("equal", adjustable="box")
        return axes

    def write(
        self, axes: Axes, x: float, y: float, words: str, *, size: float = style.SIZE_LABEL, bold: bool = False,
        color: str = style.INK, ha: str = "left", va: str = "center_baseline", dx: float = 0, dy: float = 0,
        rotation: float = 0, at: Any = "data", patch: bool = False,
    ) -> Annotation:  # fmt: skip
        """Write one text at a point of the axes, moved by `dx`, `dy` [pt]; `patch` lays white behind it."""
        box = {"facecolor": style.WHITE, "edgecolor": "none", "pad": 1.2, "alpha": 0.85} if patch else None
        return axes.annotate(
            words, (x, y), xycoords=at, xytext=(dx, dy), textcoords="offset points", fontproperties=font(size, bold=bold),
            color=color, ha=ha, va=va, rotation=rotation, rotation_mode="anchor", bbox=box, annotation_clip=False,
            linespacing=1.25, zorder=10,
        )  # fmt: skip

    def points(self, axes: Axes, distance: float) -> float:
        """Height in data units of a distance [pt]."""
        low, high = axes.get_ylim()
        return distance * (high - low) / self.height_of(axes)

    def height_of(self, axes: Axes) -> float:
        """Height of axes [pt]."""
        return float(axes.get_position().height) * self.height

    def x_scale(
        self, axes: Axes, low: float, high: float, title: str, *, count: int = 7, grid: bool = True,
        marks: Sequence[float] | None = None, labels: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Set the range of the horizontal axis, with round ticks, thin grid lines and a title below."""
        axes.set_xlim(low, high)
        values = list(marks) if marks is not None else ticks(low, high, count)
        for value, label in zip(values, labels or tick_labels(values), strict=True):
            if grid:
                axes.axvline(value, color=style.GRID, linewidth=0.7, zorder=0)
            self.write(
                axes, value, 0, label, at=("data", "axes fraction"), dy=-10, ha="center", size=style.SIZE_SMALL, color=style.SOFT
            )
        self.write(axes, 0.5, 0, title, at="axes fraction", dy=-25, ha="center", color=style.SOFT)

    def y_scale(
        self, axes: Axes, low: float, high: float, title: str, *, count: int = 6, grid: bool = True,
        marks: Sequence[float] | None = None, labels: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Set the range of the vertical axis, with round ticks, thin grid lines and a title above its left end."""
        axes.set_ylim(low, high)
        values = list(marks) if marks is not None else ticks(low, high, count)
        for value, label in zip(values, labels or tick_labels(values), strict=True):
            if grid:
                axes.axhline(value, color=style.GRID, linewidth=0.7, zorder=0)
            self.write(
                axes, 0, value, label, at=("axes fraction", "data"), dx=-7, ha="right", size=style.SIZE_SMALL, color=style.SOFT
            )
        self.write(axes, 0, 1, title, at="axes fraction", dx=-26, dy=13, color=style.SOFT)

    def _line(self, x: float, y: float, words: str, size: float, color: str, *, bold: bool = False) -> None:
        self.figure.text(x / WIDTH, y / self.height, words, fontproperties=font(size, bold=bold), color=color)

    def _rule(self, y: float, length: float, color: str, thickness: float) -> None:
        ends = [MARGIN / WIDTH, (MARGIN + length) / WIDTH]
        rule = Line2D(ends, [y / self.height] * 2, color=color, linewidth=thickness, solid_capstyle="butt")
        rule.set_transform(self.figure.transFigure)
        self.figure.add_artist(rule)


def rooms(
    length: float, span: float, lefts: Sequence[tuple[float, float]], rights: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    """Room beside axes for labels that stand outside of bars [pt].

    Parameters
    ----------
    length : float
        Of axes and both rooms together [pt].
    span : float
        Range of the axis, in its units.
    lefts, rights : sequences of (distance, width)
        How far inside the edge of the axis each label begins, in the axis's units, and how wide it is [pt].
    """
    left = right = 0.0
    for _ in range(12):  # a wider room shrinks the scale, which calls for a little more room; this settles quickly
        scale = max(length - left - right, 0.2 * length) / span
        left = max(0.0, *(wide - inside * scale for inside, wide in lefts)) if lefts else 0.0
        right = max(0.0, *(wide - inside * scale for inside, wide in rights)) if rights else 0.0
    return left, right


def picture(frame: Frame, body: float, paint: Callable[[Canvas], None], form: str) -> bytes:
    """Draw a figure as `svg`, `png` or `pdf`. The same figure gives the same bytes: no date, fixed identifiers."""
    metadata: dict[str, Any] = {
        "svg": {"Date": None, "Creator": "pcf", "Title": frame.title, "Language": frame.lang},
        "pdf": {"CreationDate": None, "Creator": "pcf", "Producer": "matplotlib", "Title": frame.title},
        "png": {"Software": None, "Title": frame.title},
    }[form]
    content = BytesIO()
    with _LOCK, mpl.rc_context(_SETTINGS):
        canvas = Canvas(frame, body)
        paint(canvas)
        canvas.figure.savefig(content, format=form, dpi=PNG_DPI, metadata=metadata)
    return finish_svg(content.getvalue(), frame) if form == "svg" else content.getvalue()
