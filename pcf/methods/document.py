"""The JSON document of a footprint, `pcf/footprint/1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pcf import __version__
from pcf.catalogue import CATEGORIES, SOURCE_CHECKS, STAGES, UNSPECIFIED
from pcf.engine import Footprint, at, calc_displaced
from pcf.methods.basis import factors, parameters, references
from pcf.methods.changes import find_changes
from pcf.methods.checks import FAIL, Check
from pcf.methods.cutoff import assess_cut_off
from pcf.methods.quality import rate_quality
from pcf.methods.reportview import report_stages
from pcf.methods.standing import standing
from pcf.methods.wording import word_check
from pcf.methods.years import calc_factor_years, find_other_years
from pcf.text import text

SCHEMA = "pcf/footprint/1"
NOT_SEPARABLE = "not separable"
SAME = 1e-9
"""Relative difference up to which two totals are the same."""

SEPARATE = ("fossil", "biogenic_emissions", "biogenic_removals", "land_use_change")


def _separate_item(gas: str, value: float) -> str:
    """Which separate item a gas belongs to."""
    if "land use" in gas:
        return "land_use_change"
    if "biogenic" in gas:
        return "biogenic_removals" if value < 0 else "biogenic_emissions"
    return "fossil"


def document(footprint: Footprint, checks: Sequence[Check], language: str = "en") -> dict[str, Any]:
    """A footprint of one scenario as the JSON contract has it; all totals in tCO2e per declared unit's tonne."""
    system = footprint.system
    total = at(footprint.total, 0)
    table = {key: at(value, 0) for key, value in footprint.table.items()}
    matrix: dict[str, dict[str, float]] = {}
    for (stage, source), value in table.items():
        if value:
            matrix.setdefault(stage, {})[source] = value
    by_stage = {stage: sum(row.values()) for stage, row in matrix.items()}
    by_source = {source: sum(row.get(source, 0.0) for row in matrix.values()) for source in CATEGORIES}
    quality = rate_quality(footprint)
    values, rows = parameters(footprint), factors(footprint)
    return {
        "schema": SCHEMA,
        "product": {"id": system.product.id, "name": dict(system.product.name)},
        "declared_unit": {"amount": system.product.amount, "unit": system.product.unit},
        "boundary": system.method.boundary,
        "method": {**system.method.as_document(), "steps": list(system.method.steps or _default_steps(footprint))},
        "site": _site(footprint),
        "changes": find_changes(footprint),
        "alignment": _alignment(system.product.standard, checks, language),
        "parameters": values,
        "factors": rows,
        "references": references(system.catalogue, (*values.values(), *rows.values())),
        "total": {"value": total, "unit": "tCO2e/t"},
        "headline": _headline(footprint),
        "stages": _sums(by_stage, STAGES, total),
        "sources": _sums(by_source, CATEGORIES, total),
        "matrix": matrix,
        "report_stages": report_stages(matrix, STAGES),
        "gases": _gases(footprint),
        "separate": _separate(footprint),
        "alternatives": footprint.alternatives,
        "information": {
            "substitution": {name: at(value, 0) for name, value in calc_displaced(footprint.system, footprint.solution).items()}
        },
        "charge": _charge(footprint),
        "process_names": {node.process.id: dict(node.process.name) for node in system.nodes},
        "evidence": {
            "source_check": _shares(footprint.evidence["source_check"], SOURCE_CHECKS),
            "data_class": _shares(footprint.evidence["data_class"], ("primary", "secondary")),
        },
        "data_quality": {**quality.scores, "overall": quality.overall},
        "omitted": _omitted(footprint),
        "standing": standing(footprint.system),
        "checks": [
            {
                "id": check.id,
                "standard": check.standard,
                "status": check.status,
                "detail": word_check(system.catalogue, check, language),
                "clause": check.rule.clause,
                "clause_guess": check.rule.clause_guess,
                "mark": check.rule.mark,
            }
            for check in checks
        ],
        "provenance": {
            "engine": f"pcf {__version__}",
            "datasets_version": system.catalogue.version,
            "datasets_sha256": system.catalogue.sha256,
            "own_data_sha256": system.catalogue.own_sha256,
            "study_sha256": system.catalogue.study_sha256,
            "factor_years": calc_factor_years(footprint),
            "other_years": find_other_years(footprint),
        },
    }


def _alignment(standard: str, checks: Sequence[Check], language: str) -> dict[str, Any]:
    """The rules that a result follows; a partial result claims nothing."""
    claimed = not any(check.id == "A-10" and check.status == FAIL for check in checks)
    wording = text("message.aligned", language, standard=standard) if claimed else text("message.not-aligned", language)
    return {"standard": standard, "claimed": claimed, "wording": wording}


def _site(footprint: Footprint) -> dict[str, Any] | None:
    site = footprint.system.own.site
    if site is None:
        return None
    return {
        "id": site.id, "name": dict(site.name), "geography": site.geography, "data_year": site.year, "standing": site.standing
    }  # fmt: skip


def _headline(footprint: Footprint) -> dict[str, float | None]:
    """The result without and with low-voltage PFC, both of them headline values where no measurement decides between them."""
    options = footprint.alternatives.get("low_voltage_pfc", {})
    without, with_low = options.get("excluded", 0.0), options.get("included", 0.0)
    applies = abs(with_low - without) > SAME * abs(with_low)
    return {
        "without_low_voltage_pfc": without if applies else None,
        "with_low_voltage_pfc": with_low if applies else None,
    }


def _default_steps(footprint: Footprint) -> tuple[str, ...]:
    step = footprint.system.product.step
    return (step,) if step and footprint.system.method.boundary != "cradle-to-gate" else ()


def _sums(values: Mapping[str, float], ids: Sequence[str], total: float) -> list[dict[str, Any]]:
    return [
        {"id": name, "value": values.get(name, 0.0), "share": values.get(name, 0.0) / total if total else 0.0} for name in ids
    ]


def _gases(footprint: Footprint) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for gas, (mass, total) in footprint.gases.items():
        entry: dict[str, Any] = {"mass_kg": 1000 * at(mass, 0), "tCO2e": at(total, 0)}
        if gas == UNSPECIFIED:
            entry = {"mass_kg": None, "tCO2e": at(total, 0), "editions": _editions(footprint)}
        found[gas] = entry
    return found


def _editions(footprint: Footprint) -> dict[str, float]:
    """Editions of the GWP in which factors published only as CO2e were made [tCO2e/t]."""
    from pcf.engine import leaves

    found: dict[str, float] = {}
    for leaf in leaves(footprint.system, footprint.solution):
        if leaf.link.gas == UNSPECIFIED and leaf.link.factor is not None:
            edition = leaf.link.factor.gwp_edition or "not stated"
            found[edition] = found.get(edition, 0.0) + at(leaf.value, 0)
    return found


def _omitted(footprint: Footprint) -> dict[str, Any]:
    """What the flow checklists leave out, by their estimates [1], and the flows that nobody has estimated."""
    found = assess_cut_off(footprint)
    return {"share": found.total, "limit": found.limit, "largest": found.largest, "unknown": list(found.unknown)}


def _separate(footprint: Footprint) -> dict[str, Any]:
    """Separate items: not separable where factors published only as CO2e are inside; no leg of transport is by air."""
    gases = {gas: at(total, 0) for gas, (_, total) in footprint.gases.items()}
    if gases.get(UNSPECIFIED, 0.0) > 0:
        return {**dict.fromkeys(SEPARATE, NOT_SEPARABLE), "aircraft": NOT_SEPARABLE}
    sums = dict.fromkeys(SEPARATE, 0.0)
    for gas, value in gases.items():
        sums[_separate_item(gas, value)] += value
    # A zero means assessed: legs of transport are all listed by mode, biogenic carbon and land use only where a gas of them is.
    whole = footprint.system.method.boundary == "cradle-to-gate"
    shown: dict[str, Any] = {name: value or NOT_SEPARABLE for name, value in sums.items()}
    return {**shown, "fossil": sums["fossil"], "aircraft": 0.0 if whole else NOT_SEPARABLE}


def _charge(footprint: Footprint) -> dict[str, Any] | None:
    """The balanced charge of the product's own casthouse, or of the first one of the chain."""
    if not footprint.system.charges:
        return None
    index = min(footprint.system.charges)
    charge = footprint.system.charges[index]
    content, post = at(charge.recycled_content, 0), at(charge.post_consumer_content, 0)
    return {
        "casthouse": footprint.system.nodes[index].key,
        "gross_t_per_t": {name: at(mass, 0) for name, mass in charge.gross.items()},
        "throughput_t_per_t": at(charge.throughput, 0),
        "recycled_input": at(charge.recycled_input, 0),
        "recycled_content": content,
        "post_consumer_content": post,
        "pre_consumer_content": content - post,
        "basis": "metal, F13",
        "composition": {element: at(value, 0) for element, value in charge.composition.items()},
        "feasible": bool(at(charge.feasible, 0)) if charge.evaluated else None,
    }


def _shares(values: Mapping[str, float], ids: Sequence[str]) -> dict[str, float]:
    total = sum(values.values())
    return {name: values.get(name, 0.0) / total if total else float(name == ids[-1]) for name in ids}
