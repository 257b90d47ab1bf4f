"""The sixteen items that an operator tells the importer, in order, from the document of the calculation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pcf.text import text

ITEMS = 16

Document = Mapping[str, Any]


def summary(found: Document, lang: str) -> list[dict[str, Any]]:
    """The items: number, title, and content; where there is nothing, it says why.

    Parameters
    ----------
    found : Mapping
        Document `pcf/cbam/1`.
    lang : str
        Language of titles and remarks.
    """
    made = []
    for number, build in enumerate(_ITEMS, start=1):
        content = build(found, lang)
        item: dict[str, Any] = {"number": number, "title": text(f"cbam-item.{number}", lang), "content": content}
        if not content:
            item["remark"] = text(f"cbam-empty.{number}", lang)
        made.append(item)
    return made


def _operator(found: Document, _lang: str) -> Any:
    return dict(found["operator"])


def _installation(found: Document, _lang: str) -> Any:
    return dict(found["installation"])


def _routes(found: Document, lang: str) -> Any:
    goods = found["goods"]
    return [
        {
            "process": item["id"], "name": dict(item["name"]), "route": item["route"], "route_name": text(f"cbam-route.{item['route']}", lang),
            "activity_level_t": item["activity_level_t"], "cn": [good["cn"] for good in goods if good["process"] == item["id"]],
        }
        for item in found["processes"]
    ]  # fmt: skip


def _goods(found: Document, lang: str) -> Any:
    keys = (
        "cn", "name", "process", "tonnes", "see", "default_share", "scrap_t_per_t", "pre_consumer_share_of_scrap",
        "other_elements_share",
    )  # fmt: skip
    made = []
    for good in found["goods"]:
        allocation = good["free_allocation"]
        made.append({
            **{key: good[key] for key in keys},
            "indirect": text("cbam.no-indirect", lang),
            "imported_electricity": text("cbam.no-indirect", lang),
            "sefa": text("cbam.not-stated", lang) if allocation is None else allocation["sefa"],
            "benchmark": text("cbam.not-stated", lang) if allocation is None else allocation["benchmark"],
        })  # fmt: skip
    return made


def _direct(found: Document, _lang: str) -> Any:
    each = {item["id"]: item["attributed_tCO2e"] for item in found["processes"]}
    return {"tCO2e": sum(each.values()), "by_process_tCO2e": each}


def _terms(found: Document, *kinds: str) -> list[dict[str, Any]]:
    return [
        {"process": process["id"], **{key: term[key] for key in ("kind", "name", "tCO2e", "inputs")}}
        for process in found["processes"]
        for term in process["terms"]
        if term["kind"] in kinds
    ]


def _indirect(_found: Document, _lang: str) -> Any:
    return None


def _heat(found: Document, _lang: str) -> Any:
    return _terms(found, "heat-imported", "heat-exported")


def _zero_rated(found: Document, _lang: str) -> Any:
    return [item for item in _terms(found, "fuel") if item["inputs"]["zero_rated_share"]]


def _waste_gases(found: Document, _lang: str) -> Any:
    return _terms(found, "waste-gas-imported", "waste-gas-exported")


def _captured(found: Document, _lang: str) -> Any:
    return _terms(found, "co2-captured")


def _electricity(found: Document, _lang: str) -> Any:
    return _terms(found, "electricity-produced")


def _precursors(found: Document, *bases: str) -> list[dict[str, Any]]:
    return [
        {"process": process["id"], **item}
        for process in found["processes"]
        for item in process["precursors"]
        if item["basis"] in bases
    ]


def _by_default(found: Document, _lang: str) -> Any:
    return _precursors(found, "default")


def _actual(found: Document, _lang: str) -> Any:
    own = f"{found['year']}"
    return [
        {"period": own, **item, "direct": item["see"], "indirect": None}
        for item in _precursors(found, "actual", "internal", "zero-origin")
    ]


def _averaging(_found: Document, _lang: str) -> Any:
    return None


def _origins(found: Document, lang: str) -> Any:
    keys = ("operator", "installation", "registry_id", "period", "origin")
    unknown = text("cbam.not-stated", lang)
    return [
        {"process": item["process"], "name": item["name"], **{key: item.get(key, unknown) for key in keys}}
        for item in _precursors(found, "actual", "default", "zero-origin")
    ]


_ITEMS: tuple[Callable[[Document, str], Any], ...] = (
    _operator, _installation, _routes, _goods, _direct, _indirect, _heat, _zero_rated, _waste_gases, _captured, _electricity,
    _by_default, _actual, _averaging, _averaging, _origins,
)  # fmt: skip
