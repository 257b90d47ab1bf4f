"""Variants compared draw by draw: what they share is drawn once, so that only what sets them apart is uncertain."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine.draws import check_size
from pcf.engine.footprint import calc_alternatives
from pcf.engine.montecarlo import Sampled, Variant, outcomes
from pcf.engine.scenarios import Outcome
from pcf.engine.summary import Summary
from pcf.errors import InputError

CONFIDENCE = 0.95
"""Probability with which a difference has to have one sign before it may be claimed."""


@dataclass(frozen=True)
class Difference:
    """How variant `first` differs from variant `second` [tCO2e per t]: first less second.

    Parameters
    ----------
    base : float
        Without uncertainty.
    summary : Summary
        Over the draws in which both charges meet the limits of their alloys: what cannot be made takes no part in a ranking.
    feasible_share : float
        Share of those draws among all [1].
    probability_lower : float
        Share of those draws in which the first is lower [1]; one half where there are none.
    claimable : float
        Smallest difference that may be claimed with draws like these: what the 95 % interval leaves on its wider side; NaN
        without such draws.
    envelope : mapping of (choice, option) to float
        The difference under each other choice of the method: no probability, but scenarios that the claim has to outlive.
    """

    first: int
    second: int
    base: float
    summary: Summary
    feasible_share: float
    probability_lower: float
    claimable: float
    envelope: Mapping[tuple[str, str], float]

    @property
    def holds_everywhere(self) -> bool:
        """Whether the difference keeps its sign under every choice of the method."""
        return all(value * self.base > 0 for value in self.envelope.values())

    @property
    def distinguishable(self) -> bool:
        """Whether one variant is lower with the confidence asked for."""
        low, high = self.summary.quantiles(((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
        return low > 0 or high < 0


@dataclass(frozen=True)
class Comparison:
    """Variants with their distributions on common draws, and each pair's difference.

    `summaries` are over the draws in which a variant's own charge is feasible, over all where none is; `infeasible` is the share of
    the others [1].
    """

    variants: Sequence[Variant]
    bases: Sequence[float]
    summaries: Sequence[Summary]
    infeasible: Sequence[float]
    differences: Sequence[Difference]
    shared_inputs: int
    uncertain_inputs: int


def compare(
    catalogue: Catalogue,
    variants: Sequence[Variant],
    size: int = 100_000,
    seed: int = 0,
    *,
    workers: int = 1,
    on_block: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare two or more variants on common draws.

    Raises
    ------
    InputError
        For fewer than two variants, or a size that makes no sense.
    """
    if len(variants) < 2:
        raise InputError("compare", f"{len(variants)} variant", "two or more")
    check_size(size)
    sampled = [Sampled(catalogue, variant, seed) for variant in variants]

    def task(block: int, whole: int) -> list[Outcome]:
        return [item.outcome(block, whole) for item in sampled]

    pairs = list(combinations(range(len(variants)), 2))
    every, feasible = [Summary() for _ in variants], [Summary() for _ in variants]
    differences, lower = [Summary() for _ in pairs], [0] * len(pairs)
    for found in outcomes(task, size, workers):
        for index, item in enumerate(found):
            every[index].add(item.total[np.isfinite(item.total)])
            feasible[index].add(item.total[item.feasible])
        for number, (first, second) in enumerate(pairs):
            both = np.logical_and(found[first].feasible, found[second].feasible)
            gap = (found[first].total - found[second].total)[both]
            differences[number].add(gap)
            lower[number] += int(np.count_nonzero(gap < 0))
        if on_block is not None:
            on_block(len(found[0].total))
    alternatives = [calc_alternatives(catalogue, item.product, item.method, item.settings) for item in variants]
    made = [
        _difference(first, second, sampled, differences[number], size, lower[number], alternatives)
        for number, (first, second) in enumerate(pairs)
    ]
    keys = [{item.key for item in one.uncertain} for one in sampled]
    return Comparison(
        variants, [item.base for item in sampled],
        [own if own.count else whole for own, whole in zip(feasible, every, strict=True)],
        [1 - own.count / size for own in feasible], made,
        len(set.intersection(*keys)), len(set.union(*keys)),
    )  # fmt: skip


def _difference(
    first: int, second: int, sampled: Sequence[Sampled], summary: Summary, size: int, lower: int,
    alternatives: Sequence[Mapping[str, Mapping[str, float]]],
) -> Difference:  # fmt: skip
    low, middle, high = summary.quantiles(((1 - CONFIDENCE) / 2, 0.5, (1 + CONFIDENCE) / 2))
    envelope = {
        (choice, option): value - alternatives[second][choice][option]
        for choice, options in alternatives[first].items()
        for option, value in options.items()
    }
    return Difference(
        first, second, sampled[first].base - sampled[second].base, summary, summary.count / size,
        lower / summary.count if summary.count else 0.5,
        max(high - middle, middle - low), envelope,
    )  # fmt: skip
