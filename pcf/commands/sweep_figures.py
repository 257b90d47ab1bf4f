"""The figure of a sweep: lines over one axis, a triangle for three presets, a heat map over two axes, bars for names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pcf.catalogue import Catalogue
from pcf.commands.sweep_view import is_hypothetical_sweep, label_of
from pcf.engine.ranges import Scale, title_of
from pcf.engine.sweep import Axis, Sweep
from pcf.errors import InputError
from pcf.text import name_in, text
from pcf.views import basis
from pcf.views.figures import option_title
from pcf.views.heading import is_hypothetical

if TYPE_CHECKING:
    from pcf.charts import Axis as ChartAxis
    from pcf.charts import Chart

MOST_SERIES = 8


def draw(catalogue: Catalogue, found: Sweep, scales: Sequence[Scale], item: Mapping[str, Any], lang: str) -> Chart:
    """The figure that the axes ask for.

    Raises
    ------
    InputError
        For axes of which no figure can be drawn.
    """
    from pcf.charts import Series, heat_map, lines

    kinds = [scale.kind for scale in scales]
    missing = int(np.count_nonzero(~found.feasible))
    notes = [text("figure.infeasible-points", lang)] if missing else []
    notes += [text("message.hypothetical", lang)] if is_hypothetical_sweep(found) and not is_hypothetical(item) else []
    note = " · ".join(notes)
    made = basis.frame(item, lang, name_in(item["product"]["name"], lang), note=note)
    rows = [_axis(catalogue, found, axis, scale, lang) for axis, scale in zip(found.axes, scales, strict=True)]
    if kinds == ["mixture"]:
        return _triangle(found, made)
    if kinds == ["names"]:
        return _bars(found, scales[0], made, lang)
    if len(kinds) == 1:
        return lines(rows[0], [Series(text("heading.total", lang), _known(found.shown))], made)
    if len(kinds) == 2 and all(kind in ("number", "shares") for kind in kinds):
        return heat_map(rows[0], rows[1], [_known(row) for row in found.shown.T], made)
    if len(kinds) == 2 and "names" in kinds and kinds != ["names", "names"] and "mixture" not in kinds:
        named = kinds.index("names")
        values = found.shown if named == 0 else found.shown.T
        if len(values) <= MOST_SERIES:
            series = [Series(str(label), _known(row)) for label, row in zip(found.axes[named].labels, values, strict=True)]
            return lines(rows[1 - named], series, made)
    shown = ", ".join(f"{axis.name} ({len(axis)} points)" for axis in found.axes)
    raise InputError(
        "--chart", f"the axes {shown}", "one axis, two axes of numbers or shares, or three presets of one", "use --out"
    )


def _axis(catalogue: Catalogue, found: Sweep, axis: Axis, scale: Scale, lang: str) -> ChartAxis:
    from pcf.charts import Axis as ChartAxis

    title = name_in(title_of(catalogue, found.variant, axis.name), lang)
    if scale.kind == "shares":
        name = text(
            "figure.share-of",
            lang,
            title=title,
            first=option_title(axis.presets[0], lang),
            second=option_title(axis.presets[1], lang),
        )
        return ChartAxis(name, "%", [100 * value for value in scale.values])
    return ChartAxis(title, scale.unit, list(scale.values))


def _known(values: Any) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]


def _triangle(found: Sweep, made: Any) -> Chart:
    from pcf.charts import Mixture, ternary

    (axis,) = found.axes
    mixtures = [
        Mixture((shares[0], shares[1], shares[2]), value) for shares, value in zip(axis.shares, _known(found.shown), strict=True)
    ]
    return ternary(mixtures, (axis.presets[0], axis.presets[1], axis.presets[2]), made)


def _bars(found: Sweep, scale: Scale, made: Any, lang: str) -> Chart:
    from pcf.charts import Variant, stacked_bars

    (axis,) = found.axes
    bars = []
    for point in range(len(axis)):
        good = bool(found.feasible[point])
        parts = {stage: float(values[point]) for stage, values in found.stages.items()}
        bars.append(Variant(label_of(axis, scale, point, lang), parts, good, "" if good else text("figure.misses-limits", lang)))
    return stacked_bars(bars, made)
