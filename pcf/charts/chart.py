"""A chart: what to draw, as a picture or as a page, whatever its kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.charts.files import FORMATS, format_of, write_new
from pcf.charts.frame import Frame
from pcf.errors import InputError

if TYPE_CHECKING:
    from pcf.charts.canvas import Canvas

Spec = dict[str, Any]
"""A plotly figure as plain data: `data`, `layout` and, for the page around it, `height`."""


@dataclass(frozen=True)
class Chart:
    """A figure of one kind in one language, drawn when it is saved.

    Attributes
    ----------
    kind : str
        Name of the function that made it.
    frame : Frame
        Title, footer, language, unit.
    paint : callable
        Draws onto a canvas, for SVG, PNG and PDF.
    spec : callable
        Gives the interactive figure, for HTML.
    body : float
        Height of the figure without title and footer [pt].
    """

    kind: str
    frame: Frame
    paint: Callable[[Canvas], None] = field(repr=False)
    spec: Callable[[], Spec] = field(repr=False)
    body: float = 300.0

    def render(self, form: str) -> bytes:
        """Content of a file of a format: `svg`, `png`, `pdf` or `html`.

        Raises
        ------
        InputError
            For any other format.
        EnvironmentProblem
            Where the font is missing, or plotly for `html`.
        """
        if form not in FORMATS:
            raise InputError("chart format", repr(form), " or ".join(FORMATS))
        if form == "html":
            from pcf.charts.page import page

            return page(self.frame, self.spec())
        from pcf.charts.canvas import picture

        return picture(self.frame, self.body, self.paint, form)

    def save(self, path: Path | str, *, force: bool = False) -> Path:
        """Write a file, whole or not at all, in the format that its ending names.

        Raises
        ------
        InputError
            For an unknown ending, a folder that does not exist, or a file that exists unless `force`.
        EnvironmentProblem
            Where the file cannot be written, or something to draw with is missing.
        """
        target = Path(path)
        form = format_of(target)
        return write_new(target, lambda: self.render(form), force=force)
