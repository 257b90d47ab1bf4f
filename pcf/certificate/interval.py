"""The uncertainty interval of what is certified: the draws of an input are the same in every heat that it reaches.

So the interval of a shipment is that of its mean, not the mean of intervals. Values without a published spread do not vary.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.custody.batch import Prepared
from pcf.custody.steady import Steady
from pcf.engine.distributions import Distribution
from pcf.engine.draws import draw_block
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import solve_once
from pcf.engine.solve import Solving, solve_scenarios
from pcf.engine.uncertain import Uncertain, find_uncertain, normalise
from pcf.model import System

DRAWS, SEED, SAMPLER = 1000, 0, "random"
LOW, HIGH = 0.025, 0.975

MOST_DRAWN = 1000
"""Inputs whose draws are kept, about 8 kB each."""


@dataclass(frozen=True)
class Part:
    """A part of a result: `weight` of it in a kg of what is certified; of one stage alone where `stage` names it.

    `system` is the variant composed without uncertainty, `heat` what a heat with a charge of its own was prepared as.
    """

    weight: float
    catalogue: Catalogue
    variant: Variant
    system: System
    stage: str = ""
    heat: Prepared | None = None


def find_interval(parts: Sequence[Part], steady: Steady) -> dict[str, Any] | None:
    """95 % of the draws lie in it [tCO2e/t]; None where a draw cannot be solved, such as a charge without metal.

    Parameters
    ----------
    parts : sequence of Part
    steady : Steady
        What heats of the same catalogue have in common.

    Raises
    ------
    InputError
        For a spread that cannot be a distribution.
    """
    whole = np.zeros(DRAWS)
    for part in parts:
        inputs = find_uncertain(part.system)
        # What a stage adds is told from the links of all of its nodes.
        solving: Solving = solve_scenarios
        if part.heat is not None and not part.stage:
            solving = steady.solving(part.heat, _scenarios(part, inputs))
        found = solve_once(
            part.catalogue, part.variant.product, part.variant.method, part.variant.settings, [item.input for item in inputs],
            _draw(inputs), stages=bool(part.stage), solving=solving,
        )  # fmt: skip
        whole += part.weight * (found.stages.get(part.stage, 0.0) if part.stage else found.total)
    if not np.isfinite(whole).all():
        return None
    low, high = np.quantile(whole, [LOW, HIGH])
    return {
        "low": float(low), "high": float(high), "level": round(HIGH - LOW, 3), "draws": DRAWS, "seed": SEED, "sampler": SAMPLER
    }  # fmt: skip


def _draw(inputs: Sequence[Uncertain]) -> NDArray[np.float64]:
    """Inputs of the scenarios (n_inputs, DRAWS) [base units], as `pcf.engine.uncertain.draw` draws them."""
    values = np.empty((len(inputs), DRAWS))
    for row, item in zip(values, inputs, strict=True):
        row[:] = _draw_one(item.key, item.distribution)
    return normalise(inputs, values)


@lru_cache(MOST_DRAWN)
def _draw_one(key: str, distribution: Distribution) -> NDArray[np.float64]:
    """An input (DRAWS,), whose stream is its own: whatever is drawn beside it, it is the same."""
    return draw_block([key], [distribution], SEED, 0, DRAWS, SAMPLER).reshape(DRAWS)


def _scenarios(part: Part, inputs: Sequence[Uncertain]) -> Hashable:
    """What tells the draws of a heat from all others: what varies, where (its own chain without the heat's name), and how."""
    own = part.system.own.id
    return tuple(
        (
            item.key, item.input.factor, item.distribution, item.group,
            tuple(("" if scope == own else scope, name) for scope, name in item.input.targets),
        )
        for item in inputs
    )  # fmt: skip
