"""What every result of many scenarios stands on: the footprint without uncertainty, in documents, files, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.catalogue import Catalogue
from pcf.engine import Footprint, calculate
from pcf.engine.montecarlo import Variant
from pcf.methods import assess, document
from pcf.text import name_in, text
from pcf.views import heading
from pcf.views.figures import percent

if TYPE_CHECKING:
    from pcf.charts import Chart, Frame

UNIT = "tCO2e/t"
KEYS = ("product", "declared_unit", "boundary", "method", "site", "changes", "evidence", "standing", "provenance")


def base_document(catalogue: Catalogue, variant: Variant, lang: str) -> dict[str, Any]:
    """The footprint document of a variant without uncertainty."""
    return document_of(calculate(catalogue, variant.product, variant.method, variant.settings), lang)


def document_of(footprint: Footprint, lang: str) -> dict[str, Any]:
    """The footprint document of a result."""
    return document(footprint, assess(footprint), lang)


def basis_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """What a document of many scenarios repeats of the footprint beneath it."""
    return {**{key: item[key] for key in KEYS}, "base": item["total"], "feasible": is_feasible(item)}


def is_feasible(item: Mapping[str, Any]) -> bool:
    """Whether the charge meets the alloy's limits."""
    return not any(check["id"] == "charge-feasible" and check["status"] == "fail" for check in item["checks"])


def interval(low: float, high: float, probability: float) -> dict[str, float]:
    """An interval as documents have it."""
    return {"probability": probability, "low": low, "high": high}


def notes_of(item: Mapping[str, Any], lang: str) -> dict[str, str]:
    """What stands beside the numbers of a table in a file."""
    provenance = item["provenance"]
    return {
        "unit": UNIT,
        "boundary": heading.boundary(item, "en"),
        "method": heading.method_line(item, "en"),
        "evidence": evidence(item, "en"),
        "provenance": f"{provenance['engine']} · {provenance['datasets_version']} · {provenance['datasets_sha256'][:12]}",
        **({"changes": "; ".join(_change(change, lang) for change in item["changes"])} if item["changes"] else {}),
    }


def _change(change: Mapping[str, Any], lang: str) -> str:
    from pcf.views.figures import shown_value

    return f"{change['name']} = {shown_value(change['value'], change['unit'], lang)}"


def evidence(item: Mapping[str, Any], lang: str) -> str:
    """What share of the result rests on which check of the source, in words."""
    checks = heading.comma(lang).join(
        f"{percent(share, lang)} {text(f'source-check.{key}', lang)}"
        for key, share in item["evidence"]["source_check"].items()
        if share
    )
    return text("figure.evidence", lang, checks=checks)


def frame(
    item: Mapping[str, Any], lang: str, title: str, *, subtitle: str = "", note: str = "", quantity: str = ""
) -> Frame:  # fmt: skip
    """What stands around a figure: title, boundary, method, evidence."""
    from pcf.charts import Footer, Frame

    choices = heading.changed_choices(item, lang)
    method = ("；" if lang == "zh" else "; ").join(choices) if choices else text("figure.default-method", lang)
    boundary, _, standing = heading.boundary(item, lang).rpartition(" · ")
    if heading.is_hypothetical(item):
        note = " · ".join(filter(None, (text("message.hypothetical", lang), note)))
    footer = Footer(boundary, method, f"GWP100 {item['method']['gwp']}", standing, evidence(item, lang), note)
    return Frame(title, footer, lang, subtitle, quantity)


def product_name(item: Mapping[str, Any], lang: str) -> str:
    """Name of a document's product with its id."""
    return f"{name_in(item['product']['name'], lang)} [{item['product']['id']}]"


def save_charts(charts: Sequence[Path], chart: Chart, *, force: bool) -> None:
    """Write one picture into each file."""
    for path in charts:
        chart.save(path, force=force)
