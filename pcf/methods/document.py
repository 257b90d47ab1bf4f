"""The JSON document of a footprint, `pcf/footprint/1`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pcf import __version__
from pcf.catalogue import CATEGORIES, SOURCE_CHECKS, STAGES, UNSPECIFIED
from pcf.engine import Footprint, at, calc_displaced
from pcf.methods.checks import Check
from pcf.methods.quality import rate_quality
from pcf.methods.reportview import report_stages
from pcf.text import text

SCHEMA = "pcf/footprint/1"
NOT_SEPARABLE = "not separable"
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
    wording = text("message.aligned", language, standard=system.product.standard)
    return {
        "schema": SCHEMA,
        "product": {"id": system.product.id, "name": dict(system.product.name)},
        "declared_unit": {"amount": system.product.amount, "unit": system.product.unit},
        "boundary": system.method.boundary,
        "method": {**system.method.as_document(), "steps": list(system.method.steps or _default_steps(footprint))},
        "alignment": {"standard": system.product.standard, "wording": wording},
        "parameters": parameters(footprint),
        "total": {"value": total, "unit": "tCO2e/t"},
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
        "evidence": {
            "source_check": _shares(footprint.evidence["source_check"], SOURCE_CHECKS),
            "data_class": _shares(footprint.evidence["data_class"], ("primary", "secondary")),
        },
        "data_quality": {**quality.scores, "overall": quality.overall},
        "standing": standing(footprint),
        "checks": [
            {
                "id": check.id,
                "standard": check.standard,
                "status": check.status,
                "detail": text(check.key, language, **check.fields),
            }
            for check in checks
        ],
        "provenance": {
            "engine": f"pcf {__version__}",
            "datasets_version": system.catalogue.version,
            "datasets_sha256": system.catalogue.sha256,
            "study_sha256": system.catalogue.study_sha256,
        },
    }


def standing(footprint: Footprint) -> str:
    """Standing of a result: the weakest of the sites that it rests on, a demonstration tainting all."""
    standings = {scope.site.standing for scope in footprint.system.scopes if scope.site is not None}
    own = footprint.system.own.site
    if "demonstration" in standings:
        return "demonstration"
    return own.standing if own is not None else "model-estimate"


def parameters(footprint: Footprint) -> dict[str, dict[str, Any]]:
    """Every value of the product's own scope that the result rests on, and every value the user set elsewhere."""
    system = footprint.system
    found: dict[str, dict[str, Any]] = {}
    for scope in system.scopes:
        prefix = "" if scope is system.own else f"{scope.id.removeprefix('product:')}."
        for name in sorted(scope.used):
            origin = scope.origin.get(name, "process default")
            if scope is not system.own and origin != "user":
                continue
            group = system.catalogue.shares.get(name)
            if group is not None:
                value: Any = {option: at(scope.values[f"{name}__{option}"], 0) for option in group.options}
                found[prefix + name] = {"value": {k: v for k, v in value.items() if v}, "unit": "1", "origin": origin}
            elif name in scope.quantities:
                quantity = scope.quantities[name]
                entry = {
                    "value": at(scope.values[name], 0) / quantity.scale if name in scope.values else quantity.shown,
                    "unit": quantity.unit,
                    "origin": origin,
                }
                if origin != "user":
                    entry |= {
                        "source": quantity.marks.source,
                        "year": quantity.marks.year,
                        "source_check": quantity.marks.source_check,
                    }
                found[prefix + name] = entry
    for index, charge in system.charges.items():
        node = system.nodes[index]
        prefix = "" if node.scope is system.own else f"{node.scope.id.removeprefix('product:')}."
        for name, values in (("recycled_content", charge.recycled_content), ("recycled_input", charge.recycled_input)):
            known = node.scope.origin.get(name)
            found[prefix + name] = {"value": at(values, 0), "unit": "1", "origin": known or "charge balance"}
    return found


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


def _separate(footprint: Footprint) -> dict[str, Any]:
    """Separate items: not separable where factors published only as CO2e are inside; no leg of transport is by air."""
    gases = {gas: at(total, 0) for gas, (_, total) in footprint.gases.items()}
    if gases.get(UNSPECIFIED, 0.0) > 0:
        return {**dict.fromkeys(SEPARATE, NOT_SEPARABLE), "aircraft": NOT_SEPARABLE}
    sums = dict.fromkeys(SEPARATE, 0.0)
    for gas, value in gases.items():
        sums[_separate_item(gas, value)] += value
    return {**sums, "aircraft": 0.0}


def _charge(footprint: Footprint) -> dict[str, Any] | None:
    """The balanced charge of the product's own casthouse, or of the first one of the chain."""
    if not footprint.system.charges:
        return None
    index = min(footprint.system.charges)
    charge = footprint.system.charges[index]
    return {
        "casthouse": footprint.system.nodes[index].key,
        "gross_t_per_t": {name: at(mass, 0) for name, mass in charge.gross.items()},
        "throughput_t_per_t": at(charge.throughput, 0),
        "recycled_input": at(charge.recycled_input, 0),
        "recycled_content": at(charge.recycled_content, 0),
        "post_consumer_content": at(charge.post_consumer_content, 0),
        "composition": {element: at(value, 0) for element, value in charge.composition.items()},
        "feasible": bool(at(charge.feasible, 0)) if charge.evaluated else None,
    }


def _shares(values: Mapping[str, float], ids: Sequence[str]) -> dict[str, float]:
    total = sum(values.values())
    return {name: values.get(name, 0.0) / total if total else float(name == ids[-1]) for name in ids}
