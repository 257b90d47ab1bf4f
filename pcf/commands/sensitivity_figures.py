"""The tornado."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pcf.text import name_in, text
from pcf.views import basis

if TYPE_CHECKING:
    from pcf.charts import Chart


def draw(made: Mapping[str, Any], item: Mapping[str, Any], top: int, lang: str) -> Chart:
    """The inputs with the largest effects."""
    from pcf.charts import Swing, tornado

    rows = [row for row in made["drivers"] if row["swing"] is not None][:top]
    swings = [
        Swing(
            _name(row, lang), row["low"], row["high"], *(_with_unit(row[end], row["unit"]) for end in ("low_value", "high_value"))
        )
        for row in rows
    ]
    subtitle = text("figure.tornado", lang, count=len(rows), all=len(made["drivers"]))
    return tornado(
        swings, made["base"]["value"], basis.frame(item, lang, name_in(item["product"]["name"], lang), subtitle=subtitle)
    )


def _name(row: Mapping[str, Any], lang: str) -> str:
    """Name, with the part of the chain where an id has one."""
    part = row["id"].rpartition(".")[0]
    shown = name_in(row["name"], lang)
    return f"{shown} ({part})" if part else shown


def _with_unit(value: float, unit: str) -> str:
    return f"{value:.3g}" if unit == "1" else f"{value:.3g} {unit}"
