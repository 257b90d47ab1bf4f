"""The figure of a goal: the footprint over what may change, with the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from pcf.catalogue import Catalogue
from pcf.commands.solve_view import sentence
from pcf.engine.montecarlo import Variant
from pcf.engine.ranges import place_at, refined
from pcf.engine.sweep import Axis, run_sweep
from pcf.errors import InputError
from pcf.text import name_in, text
from pcf.views import basis
from pcf.views.figures import option_title
from pcf.views.heading import is_hypothetical

if TYPE_CHECKING:
    from pcf.charts import Chart

POINTS = 41


def draw(
    catalogue: Catalogue, variant: Variant, axes: Sequence[Axis], made: Mapping[str, Any], item: Mapping[str, Any], lang: str
) -> Chart:  # fmt: skip
    """Lines for one parameter with the target beside them, a heat map with the answer for two.

    Raises
    ------
    InputError
        For more parameters.
    """
    from pcf.charts import Axis as ChartAxis
    from pcf.charts import Series, heat_map, lines

    if len(axes) > 2:
        raise InputError("--chart", f"{len(axes)} parameters", "one or two", "use --out")
    mixed = any(axis.name.rpartition(".")[2] == "grid_mix" for axis in axes)
    note = text("message.hypothetical", lang) if mixed and not is_hypothetical(item) else ""
    made_frame = basis.frame(item, lang, name_in(item["product"]["name"], lang), subtitle=sentence(made, lang), note=note)
    fine = [refined(axis, POINTS) for axis in axes]
    found = run_sweep(catalogue, variant, fine, stages=False)
    values, rows, at = found.shown, [], []
    for number, (axis, answer) in enumerate(zip(axes, made["answer"], strict=True)):
        shares = bool(axis.presets)
        numbers = [100 * p if shares else _value(axis, p) for p in np.linspace(0, 1, POINTS).tolist()]
        title = name_in(answer["title"], lang)
        place = 100 * answer["position"] if shares else answer["value"]
        if numbers[0] > numbers[-1]:
            numbers, values = numbers[::-1], np.flip(values, number)
        name = (
            text(
                "figure.share-of",
                lang,
                title=title,
                first=option_title(axis.presets[0], lang),
                second=option_title(axis.presets[1], lang),
            )
            if shares
            else title
        )
        rows.append(ChartAxis(name, "%" if shares else ("" if answer["unit"] == "1" else answer["unit"]), numbers))
        at.append(place)
    if len(axes) == 1:
        target = Series(text("figure.target", lang), [made["target"]] * POINTS)
        return lines(rows[0], [Series(text("heading.total", lang), _known(values)), target], made_frame)
    grid = [_known(row) for row in values.T]
    name = text("heading.answer" if made["reached"] else "heading.nearest", lang)
    return heat_map(rows[0], rows[1], grid, made_frame, point=(at[0], at[1]), point_name=name)


def _value(axis: Axis, position: float) -> float:
    value = place_at(axis, position).value
    assert value is not None
    return value


def _known(values: Any) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
