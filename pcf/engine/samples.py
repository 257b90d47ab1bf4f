"""The draws of a run and what each of them gives, block by block, for whoever wants to keep them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.draws import check_size, count_blocks
from pcf.engine.inputs import Named, name_inputs
from pcf.engine.montecarlo import Sampled, Variant
from pcf.engine.scenarios import Outcome
from pcf.engine.uncertain import Uncertain

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """One block: inputs (n_inputs, n_scenarios) in the units that people write, and the results."""

    inputs: Array
    outcome: Outcome


def draw_samples(
    catalogue: Catalogue, variant: Variant, size: int, seed: int, sampler: str = "random", extra: Sequence[Uncertain] = ()
) -> tuple[list[Named], Iterator[Sample]]:
    """What varies, and the same draws as `run_uncertainty` makes for the same seed; one block is in memory at a time."""
    check_size(size)
    sampled = Sampled(catalogue, variant, seed, sampler, stages=True, extra=extra)
    named = name_inputs(catalogue, sampled.uncertain)
    scales = np.array([one.scale for one in named])

    def blocks() -> Iterator[Sample]:
        for block in range(count_blocks(size)):
            inputs = sampled.inputs(block, size)
            yield Sample(inputs / scales[:, None], sampled.scenarios.run(inputs))

    return named, blocks()
