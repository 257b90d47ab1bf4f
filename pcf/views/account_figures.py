"""Accounts over the months of a period: what came in, what was issued, what may still be issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pcf.charts import style
from pcf.charts.chart import Spec
from pcf.charts.page import axis, stripes

IN, OUT = style.BLUE, style.ORANGE


def months_spec(
    months: Sequence[str], bars: Mapping[str, Sequence[float]], line: tuple[str, Sequence[float]], unit: str, span: Sequence[str]
) -> Spec:
    """Bars by month side by side, and a line of what is left at the end of each.

    Parameters
    ----------
    bars : mapping of str to sequence of float
        Name → values; the first in the colour of what comes in, the second in that of what goes out.
    line : (str, sequence of float)
        Name and values of what is left.
    span : sequence of str
        All months that the axis shows; those without values stay empty.
    """
    colours, patterns = (IN, OUT), ("", "/")
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "name": name, "x": list(months), "y": list(values), "marker": {"color": colour, "pattern": stripes(pattern)},
            "hovertemplate": f"%{{x}}<br>%{{y:,.3~f}} {unit}<extra></extra>",
        }
        for (name, values), colour, pattern in zip(bars.items(), colours, patterns, strict=False)
    ]  # fmt: skip
    data.append({
        "type": "scatter", "mode": "lines+markers", "name": line[0], "x": list(months), "y": list(line[1]),
        "line": {"color": style.GREEN, "width": 3, "shape": "hv"}, "marker": {"color": style.GREEN, "size": 8},
        "hovertemplate": f"%{{x}}<br>%{{y:,.3~f}} {unit}<extra></extra>",
    })  # fmt: skip
    layout = {
        "barmode": "group", "bargap": 0.35, "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "font": {"size": 13, "color": style.INK}},
        "xaxis": axis(type="category", showgrid=False, categoryorder="array", categoryarray=list(span), tickvals=list(span[::2]), tickangle=0, ticks="outside", ticklen=7, tickcolor="rgba(0,0,0,0)", range=[-0.5, len(span) - 0.5]), "yaxis": axis(unit, zeroline=True, zerolinecolor=style.RULE, rangemode="tozero"),
        "margin": {"l": 60, "r": 16, "t": 44, "b": 36},
    }  # fmt: skip
    return {"data": data, "layout": layout, "height": 260}
