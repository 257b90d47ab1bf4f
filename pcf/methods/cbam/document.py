"""The document `pcf/cbam/1`: specific embedded emissions of an installation's goods, each term with what it follows from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pcf import __version__
from pcf.methods.cbam.embedded import Notice, PrecursorTerm, Result, Term
from pcf.methods.cbam.records import Good, Installation
from pcf.methods.cbam.tables import constant, default_value, gwps, mark_ups, sources_of, table
from pcf.text import text

SCHEMA = "pcf/cbam/1"
UNIT = "tCO2e/t"


def document(
    installation: Installation, results: Mapping[str, Result], notices: Sequence[Notice], lang: str
) -> dict[str, Any]:  # fmt: skip
    """The document.

    Parameters
    ----------
    installation : Installation
    results : Mapping[str, Result]
        Processes by id.
    notices : Sequence[Notice]
    lang : str
        Language of its sentences.
    """
    goods = [_good(installation, result, good) for result in results.values() for good in result.process.goods]
    made: dict[str, Any] = {"schema": SCHEMA, "statement": text("cbam.statement", lang)}
    if installation.standing == "demonstration":
        made["demonstration"] = text("cbam.demonstration", lang)
    return {
        **made,
        "language": lang,
        "standing": installation.standing,
        "assurance": text("cbam.verified", lang, name=installation.verifier["name"]) if installation.verifier
        else text("cbam.not-verified", lang),
        "basis": text("cbam.basis", lang),
        "check_before_use": text("cbam.check-before-use", lang),
        "unit": UNIT,
        "year": installation.year,
        "boundary": "direct emissions of the production processes and of precursors",
        "gwp": {"edition": "AR5", **gwps(), "source": "eu-2025-2547, Annex II G"},
        "carbon_to_co2": constant("carbon-to-co2"),
        "operator": dict(installation.operator),
        "installation": dict(installation.place),
        "verifier": None if installation.verifier is None else dict(installation.verifier),
        "goods": goods,
        "processes": [_process(result) for result in results.values()],
        "carbon_price_paid": None if installation.carbon_price is None else [dict(item) for item in installation.carbon_price],
        "notices": [
            {"kind": item.kind, "process": item.process, "values": dict(item.values), "text": _sentence(item, lang)}
            for item in notices
        ],
        "provenance": {
            "engine": __version__, "file": installation.file, "file_sha256": installation.sha256, "sources": sources_of(),
            "source_checks": sorted({row["source_check"] for name in ("constants", "pfc_factors", "default_values", "mark_ups")
                                     for row in table(name)}),
        },
    }  # fmt: skip


def _sentence(item: Notice, lang: str) -> str:
    return text(f"cbam-notice.{item.kind}", lang, process=item.process, **item.values)


def _good(installation: Installation, result: Result, good: Good) -> dict[str, Any]:
    """A good: its emissions, the data of Annex IV 2, and the default values that would take their place."""
    process, level = result.process, result.process.activity_level
    scrap = process.scrap_t / level
    stated = good.other_elements > constant("alloy-share-stated")
    return {
        "cn": good.cn,
        "name": dict(good.name),
        "process": process.id,
        "route": process.route,
        "tonnes": good.tonnes,
        "see": result.see,
        "own_process": result.own,
        "precursors": result.see - result.own,
        "embedded_tCO2e": result.see * good.tonnes,
        "default_share": result.default_share,
        "scrap_t_per_t": scrap,
        "pre_consumer_share_of_scrap": process.pre_consumer_share if scrap else None,
        "other_elements_share": good.other_elements if stated else None,
        "free_allocation": None if good.free_allocation is None else dict(good.free_allocation),
        "default_values": compare_defaults(installation.place["country"], good.cn, result.see, installation.year),
    }


def compare_defaults(origin: str, cn: str, see: float, year: int) -> dict[str, Any] | None:
    """The default value of an origin and full CN code with the mark-up of every year, beside the result.

    None where the table holds no value for the code: another code's value is never taken instead.
    """
    found = default_value(origin, cn)
    if found is None:
        return None
    years = [
        {
            "year": item, "mark_up": share, "with_mark_up": found.value * (1 + share),
            "result_minus_default": see - found.value * (1 + share), "and_later": item == max(mark_ups()),
        }
        for item, share in mark_ups().items()
    ]  # fmt: skip
    of_year = min(year, max(mark_ups()))
    return {
        "origin": origin, "row": found.cn, "route": found.route, "before_mark_up": found.value, "source": found.source,
        "of_the_year": next(item for item in years if item["year"] == of_year), "years": years,
    }  # fmt: skip


def _process(result: Result) -> dict[str, Any]:
    process, level = result.process, result.process.activity_level
    return {
        "id": process.id,
        "name": dict(process.name),
        "route": process.route,
        "activity_level_t": level,
        "outside_activity_level_t": dict(process.outside),
        "scrap": {"tonnes": process.scrap_t, "pre_consumer_share": process.pre_consumer_share, "tCO2e": 0.0},
        "terms": [_term(item, level) for item in result.terms],
        "attributed_tCO2e": max(0.0, result.attributed),
        "attributed_before_floor_tCO2e": result.attributed,
        "own": result.own,
        "precursors": [_precursor(item) for item in result.precursors],
        "see": result.see,
        "default_share": result.default_share,
    }


def _term(item: Term, level: float) -> dict[str, Any]:
    inputs = {key: value for key, value in item.inputs.items() if value not in (None, "")}
    return {
        "kind": item.kind, "name": item.name, "tCO2e": item.co2e, "per_t": item.co2e / level, "inputs": inputs, "source": item.source
    }  # fmt: skip


def _precursor(item: PrecursorTerm) -> dict[str, Any]:
    precursor = item.precursor
    found: dict[str, Any] = {
        "name": precursor.name, "cn": precursor.cn, "basis": precursor.basis, "from": precursor.origin_process,
        "origin": precursor.origin, **precursor.facts,
    }  # fmt: skip
    made = {key: value for key, value in found.items() if value}
    if precursor.basis == "default":
        made |= {"default_value_before_mark_up": precursor.see, "mark_up": item.mark_up}
    return made | {
        "tonnes": precursor.tonnes, "t_per_t": item.ratio, "see": item.see, "contribution": item.contribution,
        "default_share": item.default_part / item.contribution if item.contribution else 0.0, "source": precursor.source,
    }  # fmt: skip
