"""The JSON document of a distribution, `pcf/uncertainty/1`, and its tables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import STAGES, Catalogue
from pcf.engine.distributions import KINDS, Distribution
from pcf.engine.inputs import Named, name_inputs
from pcf.engine.montecarlo import Uncertainty
from pcf.engine.summary import QUANTILES, Summary
from pcf.views.basis import UNIT, basis_of, notes_of
from pcf.views.table_files import ResultTable

SCHEMA = "pcf/uncertainty/1"


def uncertainty_document(catalogue: Catalogue, found: Uncertainty, item: Mapping[str, Any]) -> dict[str, Any]:
    """A distribution as documents have it."""
    return {
        "schema": SCHEMA,
        "unit": UNIT,
        **basis_of(item),
        "draws": {"size": found.size, "seed": found.seed, "sampler": found.sampler, "uncertain_inputs": len(found.uncertain)},
        "total": statistics(found.total),
        "feasible_draws": statistics(found.feasible),
        "infeasible_share": found.infeasible_share,
        "failed": found.failed,
        "stages": {stage: statistics(found.stages[stage]) for stage in STAGES if stage in found.stages},
        "convergence": [
            {"size": step.size, "mean": step.mean, "standard_error": _known(step.standard_error)} for step in found.total.steps
        ],
        "uncertain_inputs": [describe(one) for one in name_inputs(catalogue, found.uncertain)],
    }


def statistics(summary: Summary) -> dict[str, Any] | None:
    """Mean, deviation, standard error and quantiles; None without a single draw."""
    if not summary.count:
        return None
    return {
        "draws": summary.count, "mean": summary.mean, "standard_deviation": summary.deviation,
        "standard_error": _known(summary.standard_error), "least": summary.least, "most": summary.most,
        "quantiles": [{"probability": p, "value": value} for p, value in zip(QUANTILES, summary.quantiles(), strict=True)],
    }  # fmt: skip


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def describe(one: Named) -> dict[str, Any]:
    """An uncertain input as documents have it, in the unit that people write."""
    marks = one.item.quantity.marks
    return {
        "id": one.id, "name": dict(one.title), "unit": one.unit, "value": one.value, "spread": spread(one.distribution),
        "source": marks.source, "year": marks.year, "source_check": marks.source_check, "place": one.item.quantity.place,
        "parts": sorted({scope.removeprefix("product:") for scope, _ in one.item.input.targets}),
    }  # fmt: skip


def spread(distribution: Distribution) -> dict[str, Any]:
    """A distribution by kind and parameters."""
    values: dict[str, Any]
    if distribution.kind == "gamma":
        return {"kind": "dirichlet", "parameter": distribution.parameters[0]}
    if distribution.kind == "discrete":
        values = {"values": list(distribution.parameters), "weights": list(distribution.weights)}
    else:
        values = dict(zip(KINDS[distribution.kind], distribution.parameters, strict=True))
    limits = {"lowest": distribution.lowest, "highest": distribution.highest}
    return {"kind": distribution.kind, **values, **{key: value for key, value in limits.items() if math.isfinite(value)}}


def uncertainty_tables(made: Mapping[str, Any], item: Mapping[str, Any], lang: str) -> list[ResultTable]:
    """Statistics of the total and every stage, the convergence, and what varies."""
    rows = {"total": made["total"], "total, feasible draws": made["feasible_draws"]}
    rows |= {f"stage {stage}": values for stage, values in made["stages"].items()}
    known = {name: values for name, values in rows.items() if values}
    columns: dict[str, Sequence[Any]] = {"part": list(known)}
    for name in ("draws", "mean", "standard_deviation", "standard_error", "least", "most"):
        columns[name] = [values[name] for values in known.values()]
    for index, probability in enumerate(QUANTILES):
        columns[f"quantile {probability:g}"] = [values["quantiles"][index]["value"] for values in known.values()]
    draws = made["draws"]
    notes = notes_of(item, lang) | {
        "draws": f"{draws['size']} {draws['sampler']}, seed {draws['seed']}", "infeasible share": f"{made['infeasible_share']:.6g}",
    }  # fmt: skip
    steps = {key: [step[key] for step in made["convergence"]] for key in ("size", "mean", "standard_error")}
    inputs = {key: [one[key] for one in made["uncertain_inputs"]] for key in ("id", "unit", "value", "source", "source_check")}
    inputs["spread"] = [words(one["spread"]) for one in made["uncertain_inputs"]]
    return [ResultTable("statistics", columns, notes), ResultTable("convergence", steps), ResultTable("inputs", inputs)]


def words(found: Mapping[str, Any]) -> str:
    """A spread in the form in which one is written."""
    if found["kind"] == "dirichlet":
        return f"dirichlet:{found['parameter']:.6g}"
    if found["kind"] == "discrete":
        parts = [f"{value:.6g}@{weight:.6g}" for value, weight in zip(found["values"], found["weights"], strict=True)]
    else:
        parts = [f"{found[name]:.6g}" for name in KINDS[found["kind"]]]
    return f"{found['kind']}:{','.join(parts)}"
