"""Uncertainty of one product's footprint: every uncertain input drawn, every draw a full solution of the chain."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.draws import BLOCK, check_size, count_blocks
from pcf.engine.footprint import calc_totals
from pcf.engine.scenarios import PROBE, Outcome, Scenarios
from pcf.engine.summary import Summary
from pcf.engine.uncertain import Uncertain, draw, find_uncertain
from pcf.model import Method, Settings, compose

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Variant:
    """What is computed: a product by a method with settings."""

    product: str
    method: Method = field(default_factory=Method)
    settings: Settings = field(default_factory=Settings)


class Sampled:
    """A variant whose uncertain inputs are drawn.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    seed : int
    sampler : str
        One of `pcf.engine.draws.SAMPLERS`.
    stages : bool
        Whether results by stage are wanted.
    extra : sequence of Uncertain
        Inputs of the user's own; they replace those of the data with the same targets.
    """

    def __init__(
        self, catalogue: Catalogue, variant: Variant, seed: int, sampler: str = "random", *, stages: bool = False,
        extra: Sequence[Uncertain] = (),
    ) -> None:  # fmt: skip
        self.seed, self.sampler = seed, sampler
        system = compose(catalogue, variant.product, variant.method, variant.settings)
        taken = {target for item in extra for target in item.input.targets}
        keys = {item.key for item in extra}
        own = [item for item in find_uncertain(system) if item.key not in keys and not taken & set(item.input.targets)]
        found = own + list(extra)
        self.base = float(calc_totals(catalogue, variant.product, variant.method, variant.settings, 1)[0])
        probe = self._draw(found, 0, PROBE, "random")
        self.scenarios = Scenarios(
            catalogue, variant.product, variant.method, variant.settings, [item.input for item in found], probe, stages=stages
        )
        used = {operand for step in self.scenarios.program.operations for operand in step.operands if isinstance(operand, int)}
        used |= {slot for slot in self.scenarios.program.outputs.values() if isinstance(slot, int)}
        self.uncertain = [item for index, item in enumerate(found) if index in used]
        if len(self.uncertain) < len(found):
            kept = [index for index in range(len(found)) if index in used]
            self.scenarios = Scenarios(
                catalogue, variant.product, variant.method, variant.settings, [found[index].input for index in kept],
                probe[kept], stages=stages,
            )  # fmt: skip

    def _draw(self, items: Sequence[Uncertain], block: int, size: int, sampler: str) -> Array:
        return draw(items, self.seed, block, size, sampler)

    def inputs(self, block: int, size: int) -> Array:
        """Drawn inputs of a block (n_inputs, n_scenarios) [base units]."""
        return self._draw(self.uncertain, block, size, self.sampler)

    def outcome(self, block: int, size: int) -> Outcome:
        """Results of a block."""
        return self.scenarios.run(self.inputs(block, size))


@dataclass(frozen=True)
class Uncertainty:
    """Distribution of one variant's footprint [tCO2e per t].

    `base` is the result without uncertainty, `total` over all draws, `feasible` over those that meet the alloy's limits, `stages`
    by stage.
    """

    variant: Variant
    size: int
    seed: int
    sampler: str
    base: float
    uncertain: Sequence[Uncertain]
    total: Summary
    feasible: Summary
    stages: Mapping[str, Summary]
    failed: int

    @property
    def infeasible_share(self) -> float:
        """Share of the draws in which a charge misses a limit of its alloy, or nothing can be computed [1]."""
        return 1 - self.feasible.count / self.size


def run_uncertainty(
    catalogue: Catalogue,
    variant: Variant,
    size: int,
    seed: int = 0,
    *,
    sampler: str = "random",
    workers: int = 1,
    extra: Sequence[Uncertain] = (),
    on_block: Callable[[int], None] | None = None,
) -> Uncertainty:
    """Draw and solve.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    size : int
        Scenarios.
    seed : int
        The same seed gives the same figures, on any number of workers.
    sampler : str
    workers : int
        Processes; 1: this one alone.
    extra : sequence of Uncertain
    on_block : callable, optional
        Told how many scenarios are done, for a progress bar.

    Raises
    ------
    InputError
        For a size, a spread or settings that make no sense.
    """
    check_size(size)
    sampled = Sampled(catalogue, variant, seed, sampler, stages=True, extra=extra)
    independent = sampler == "random"
    total, feasible = Summary(independent), Summary(independent)
    stages: dict[str, Summary] = {}
    failed = 0
    for outcome in outcomes(sampled.outcome, size, workers):
        known = np.isfinite(outcome.total)
        failed += int(np.count_nonzero(~known))
        total.add(outcome.total[known])
        feasible.add(outcome.total[outcome.feasible])
        for name, values in outcome.stages.items():
            stages.setdefault(name, Summary(independent)).add(values[known])
        if on_block is not None:
            on_block(len(outcome.total))
    return Uncertainty(variant, size, seed, sampler, sampled.base, sampled.uncertain, total, feasible, stages, failed)


_task: Callable[[int, int], Any] | None = None


def outcomes(task: Callable[[int, int], Any], size: int, workers: int) -> Iterator[Any]:
    """What `task(block, size)` gives for every block, in order, on one or more processes.

    Workers are forked, so that they share the model; where a system cannot fork, this process does everything.
    """
    count = count_blocks(size)
    if workers <= 1 or count == 1 or "fork" not in multiprocessing.get_all_start_methods():
        for block in range(count):
            yield task(block, size)
        return
    global _task
    _task = task
    try:
        with multiprocessing.get_context("fork").Pool(min(workers, count)) as pool:
            yield from pool.imap(_run, ((block, size) for block in range(count)))
    finally:
        _task = None


def _run(arguments: tuple[int, int]) -> Any:
    assert _task is not None
    return _task(*arguments)


__all__ = ["BLOCK", "Sampled", "Uncertainty", "Variant", "outcomes", "run_uncertainty"]
