"""What may be said about variants side by side: differences by stage, and a ranking over the draws in which both can be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pcf.catalogue import STAGES, Catalogue
from pcf.engine.footprint import Footprint, calculate
from pcf.engine.montecarlo import Variant
from pcf.engine.paired import CONFIDENCE, Comparison, Difference, compare
from pcf.engine.scenarios import calc_feasible
from pcf.engine.table import at

TAIL = (1 - CONFIDENCE) / 2
"""Probability left on either side."""

FEWEST = round(1 / TAIL)
"""Draws below which nothing can be said about a tail."""

VERDICTS = ("lower", "higher", "undecided", "same", "infeasible", "mixed")


@dataclass(frozen=True)
class Pair:
    """One pair of variants.

    Parameters
    ----------
    difference : Difference
        First less second.
    verdict : str
        One of `VERDICTS`: whether the first is lower or higher, cannot be told apart, is the same, may not be ranked because a
        charge misses its limits, or because the methods differ.
    against : sequence of (choice, option)
        Choices of the method under which the difference changes its sign.
    mixed : sequence of str
        Names of the choices in which the two methods differ.
    """

    difference: Difference
    verdict: str
    against: Sequence[tuple[str, str]]
    mixed: Sequence[str]


@dataclass(frozen=True)
class Contrast:
    """Variants side by side.

    Parameters
    ----------
    footprints : sequence of Footprint
        Without uncertainty.
    feasible : sequence of bool
        Whether each variant's own charges, without uncertainty, meet the limits of their alloys.
    stages : sequence of mapping of stage to float
        [tCO2e/t]
    comparison : Comparison
    pairs : sequence of Pair
    mixed : sequence of str
        Names of the choices in which the variants' methods differ.
    """

    footprints: Sequence[Footprint]
    feasible: Sequence[bool]
    stages: Sequence[Mapping[str, float]]
    comparison: Comparison
    pairs: Sequence[Pair]
    mixed: Sequence[str]


def calc_stage_totals(footprint: Footprint) -> dict[str, float]:
    """Stage → [tCO2e/t] of a footprint's first scenario, in the order of the chain; they sum to its total."""
    found: dict[str, float] = {}
    for (stage, _), value in footprint.table.items():
        found[stage] = found.get(stage, 0.0) + at(value, 0)
    return {stage: found[stage] for stage in (*STAGES, *sorted(set(found) - set(STAGES))) if stage in found}


def calc_stage_differences(first: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Stage → other less first [tCO2e/t]; they sum to the difference of the totals."""
    return {
        stage: other.get(stage, 0.0) - first.get(stage, 0.0) for stage in STAGES if first.get(stage, 0.0) or other.get(stage, 0.0)
    }


def find_mixed(variants: Sequence[Variant], footprints: Sequence[Footprint]) -> list[str]:
    """Choices in which the methods differ, the steps that a part of the chain counts among them."""
    methods = [variant.method.as_document() for variant in variants]
    for method, footprint in zip(methods, footprints, strict=True):
        if method["boundary"] != "cradle-to-gate" and not method["steps"] and footprint.system.product.step:
            method["steps"] = [footprint.system.product.step]
    return [name for name in methods[0] if any(method[name] != methods[0][name] for method in methods)]


def contrast(
    catalogue: Catalogue, variants: Sequence[Variant], size: int, seed: int = 0, *, workers: int = 1,
    on_block: Callable[[int], None] | None = None,
) -> Contrast:  # fmt: skip
    """Compare variants on common draws and say what may be said.

    Parameters
    ----------
    on_block : callable, optional
        Told how many scenarios are done.

    Raises
    ------
    InputError
        As `compare`.
    """
    footprints = [calculate(catalogue, item.product, item.method, item.settings) for item in variants]
    feasible = [bool(at(calc_feasible(item.system), 0)) for item in footprints]
    comparison = compare(catalogue, variants, size, seed, workers=workers, on_block=on_block)
    mixed = find_mixed(variants, footprints)
    pairs = []
    for difference in comparison.differences:
        against = [choice for choice, value in difference.envelope.items() if value * difference.base < 0]
        both = (difference.first, difference.second)
        apart = find_mixed([variants[index] for index in both], [footprints[index] for index in both]) if mixed else []
        pairs.append(Pair(difference, _judge(difference, feasible, apart), against, apart))
    stages = [calc_stage_totals(item) for item in footprints]
    return Contrast(footprints, feasible, stages, comparison, pairs, mixed)


def _judge(difference: Difference, feasible: Sequence[bool], mixed: Sequence[str]) -> str:
    if mixed:
        return "mixed"
    if not feasible[difference.first] or not feasible[difference.second] or difference.summary.count < FEWEST:
        return "infeasible"
    if difference.base == 0 and difference.summary.deviation == 0:
        return "same"
    low, high = difference.summary.quantiles((TAIL, 1 - TAIL))
    return "lower" if high < 0 else "higher" if low > 0 else "undecided"
