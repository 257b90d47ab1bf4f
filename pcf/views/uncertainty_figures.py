"""The figure of a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pcf.engine.montecarlo import Uncertainty
from pcf.text import name_in, text
from pcf.views import basis
from pcf.views.compare_figures import density
from pcf.views.figures import percent

if TYPE_CHECKING:
    from pcf.charts import Chart


def draw(found: Uncertainty, item: Mapping[str, Any], lang: str) -> Chart:
    """All draws, and beneath them those whose charge is feasible where some are not."""
    from pcf.charts import distribution

    rows = [density(text("figure.all-draws", lang), found.total, found.base)]
    if found.infeasible_share and found.feasible.count:
        rows.append(density(text("figure.feasible-draws", lang), found.feasible, found.base if basis.is_feasible(item) else None))
    note = text("message.infeasible-draws", lang, share=percent(found.infeasible_share, lang)) if found.infeasible_share else ""
    subtitle = text("figure.draws", lang, size=f"{found.size:,}", inputs=len(found.uncertain))
    return distribution(rows, basis.frame(item, lang, name_in(item["product"]["name"], lang), subtitle=subtitle, note=note))
