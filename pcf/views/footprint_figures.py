"""Figures of footprints: stages of one or more products, or the flows through one product's chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pcf.engine import Footprint, at
from pcf.engine.flows import calc_flows
from pcf.errors import InputError
from pcf.model import Node
from pcf.text import name_in, text
from pcf.views import basis

if TYPE_CHECKING:
    from pcf.charts import Chart

PICTURES = ("stages", "sources", "sankey")
SMALLEST = 0.004
"""Share of the total below which a flow is drawn with the others of its source."""


def draw(results: Sequence[Footprint], items: Sequence[Mapping[str, Any]], picture: str, lang: str) -> Chart:
    """The figure that was asked for.

    Raises
    ------
    InputError
        For the flows of more than one product.
    """
    if picture == "sankey":
        if len(results) > 1:
            raise InputError("--picture sankey", f"{len(results)} products", "one product")
        return _sankey(results[0], items[0], lang)
    from pcf.charts import Variant, stacked_bars

    by = "stage" if picture == "stages" else "source"
    variants = [
        Variant(
            name_in(item["product"]["name"], lang),
            {entry["id"]: entry["value"] for entry in item["stages" if by == "stage" else "sources"] if entry["value"]},
            basis.is_feasible(item),
            total=item["total"]["value"],
        )
        for item in items
    ]
    title = name_in(items[0]["product"]["name"], lang) if len(items) == 1 else text("figure.footprints", lang)
    return stacked_bars(variants, basis.frame(items[0], lang, title), by=by)


def _sankey(result: Footprint, item: Mapping[str, Any], lang: str) -> Chart:
    from pcf.charts import Link, sankey
    from pcf.charts import Node as Place
    from pcf.charts.wording import part_name

    total = at(result.total, 0)
    nodes: dict[str, Place] = {}
    links: dict[tuple[str, str], float] = {}

    def place(part: Node | str | None) -> str:
        if part is None:
            nodes.setdefault("product", Place("product", name_in(item["product"]["name"], lang)))
            return "product"
        if isinstance(part, str):
            nodes.setdefault(f"source {part}", Place(f"source {part}", part_name("source", part, lang), part, "source"))
            return f"source {part}"
        stage = part.process.stage or ""
        nodes.setdefault(f"stage {stage}", Place(f"stage {stage}", text(f"stage.{stage}", lang), stage, "stage"))
        return f"stage {stage}"

    for flow in calc_flows(result.system, result.solution):
        first, last = place(flow.source), place(flow.target)
        if first != last:
            links[first, last] = links.get((first, last), 0.0) + flow.value
    shown = [Link(first, last, value) for (first, last), value in links.items() if value >= SMALLEST * total]
    used = {end for link in shown for end in (link.source, link.target)}
    return sankey(
        [node for name, node in nodes.items() if name in used],
        shown,
        basis.frame(item, lang, name_in(item["product"]["name"], lang)),
    )
