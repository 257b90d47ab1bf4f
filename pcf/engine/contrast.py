"""What may be said about variants side by side: differences by stage, and a ranking over the draws in which both can be made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from pcf.catalogue import STAGES, Catalogue
from pcf.engine.footprint import Footprint, calculate
from pcf.engine.montecarlo import Sampled, Variant, outcomes
from pcf.engine.paired import CONFIDENCE, Comparison, Difference, compare
from pcf.engine.scenarios import Outcome, calc_feasible
from pcf.engine.summary import Summary
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
        First less second over the draws in which both charges meet the limits of their alloys.
    feasible_share : float
        Share of those draws among all [1].
    verdict : str
        One of `VERDICTS`: whether the first is lower or higher, cannot be told apart, is the same, may not be ranked because a
        charge misses its limits, or because the methods differ.
    against : sequence of (choice, option)
        Choices of the method under which the difference changes its sign.
    mixed : sequence of str
        Names of the choices in which the two methods differ.
    """

    difference: Difference
    feasible_share: float
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
        Over all draws.
    summaries : sequence of Summary
        Each variant over the draws in which its own charge is feasible; over all where none is.
    pairs : sequence of Pair
    mixed : sequence of str
        Names of the choices in which the variants' methods differ.
    """

    footprints: Sequence[Footprint]
    feasible: Sequence[bool]
    stages: Sequence[Mapping[str, float]]
    comparison: Comparison
    summaries: Sequence[Summary]
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
        Told how many scenarios are done, twice for each where some charges miss their limits.

    Raises
    ------
    InputError
        As `compare`.
    """
    footprints = [calculate(catalogue, item.product, item.method, item.settings) for item in variants]
    feasible = [bool(at(calc_feasible(item.system), 0)) for item in footprints]
    comparison = compare(catalogue, variants, size, seed, workers=workers, on_block=on_block)
    mixed = find_mixed(variants, footprints)
    summaries, differences, shares = _over_feasible(catalogue, comparison, size, seed, workers, on_block)
    pairs = []
    for difference, share in zip(differences, shares, strict=True):
        against = [choice for choice, value in difference.envelope.items() if value * difference.base < 0]
        both = (difference.first, difference.second)
        apart = find_mixed([variants[index] for index in both], [footprints[index] for index in both]) if mixed else []
        pairs.append(Pair(difference, share, _judge(difference, feasible, apart), against, apart))
    stages = [calc_stage_totals(item) for item in footprints]
    return Contrast(footprints, feasible, stages, comparison, summaries, pairs, mixed)


def _judge(difference: Difference, feasible: Sequence[bool], mixed: Sequence[str]) -> str:
    if mixed:
        return "mixed"
    if not feasible[difference.first] or not feasible[difference.second] or difference.summary.count < FEWEST:
        return "infeasible"
    if difference.base == 0 and difference.summary.deviation == 0:
        return "same"
    low, high = difference.summary.quantiles((TAIL, 1 - TAIL))
    return "lower" if high < 0 else "higher" if low > 0 else "undecided"


def _over_feasible(
    catalogue: Catalogue, comparison: Comparison, size: int, seed: int, workers: int, on_block: Callable[[int], None] | None
) -> tuple[Sequence[Summary], Sequence[Difference], list[float]]:
    """The same draws once more, where any charge misses its limits: what cannot be made takes no part in a ranking."""
    if not any(comparison.infeasible):
        return comparison.summaries, comparison.differences, [1.0] * len(comparison.differences)
    sampled = [Sampled(catalogue, variant, seed) for variant in comparison.variants]

    def task(block: int, whole: int) -> list[Outcome]:
        return [item.outcome(block, whole) for item in sampled]

    pairs = list(combinations(range(len(sampled)), 2))
    own, gaps, lower = [Summary() for _ in sampled], [Summary() for _ in pairs], [0] * len(pairs)
    for found in outcomes(task, size, workers):
        for summary, item in zip(own, found, strict=True):
            summary.add(item.total[item.feasible])
        for number, (first, second) in enumerate(pairs):
            both = np.logical_and(found[first].feasible, found[second].feasible)
            gap = (found[first].total - found[second].total)[both]
            gaps[number].add(gap)
            lower[number] += int(np.count_nonzero(gap < 0))
        if on_block is not None:
            on_block(len(found[0].total))
    summaries = [new if new.count else old for new, old in zip(own, comparison.summaries, strict=True)]
    differences = [
        _conditional(old, summary, count) for old, summary, count in zip(comparison.differences, gaps, lower, strict=True)
    ]
    return summaries, differences, [summary.count / size for summary in gaps]


def _conditional(old: Difference, summary: Summary, lower: int) -> Difference:
    changes: dict[str, Any] = {"summary": summary, "probability_lower": lower / summary.count if summary.count else 0.5}
    if summary.count:
        low, middle, high = summary.quantiles((TAIL, 0.5, 1 - TAIL))
        changes["claimable"] = max(high - middle, middle - low)
    return replace(old, **changes)
