"""The uncertainty interval of what is certified: the draws of an input are the same in every heat that it reaches.

So the interval of a shipment is that of its mean, not the mean of intervals. Values without a published spread do not vary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import solve_once
from pcf.engine.uncertain import draw, find_uncertain
from pcf.model import System

DRAWS, SEED, SAMPLER = 1000, 0, "random"
LOW, HIGH = 0.025, 0.975


@dataclass(frozen=True)
class Part:
    """A part of a result: `weight` of it in a kg of what is certified; of one stage alone where `stage` names it.

    `system` is the variant composed without uncertainty.
    """

    weight: float
    catalogue: Catalogue
    variant: Variant
    system: System
    stage: str = ""


def find_interval(parts: Sequence[Part]) -> dict[str, Any] | None:
    """95 % of the draws lie in it [tCO2e/t]; None where a draw cannot be solved, such as a charge without metal.

    Raises
    ------
    InputError
        For a spread that cannot be a distribution.
    """
    whole = np.zeros(DRAWS)
    for part in parts:
        inputs = find_uncertain(part.system)
        values = draw(inputs, SEED, 0, DRAWS, SAMPLER)
        found = solve_once(
            part.catalogue, part.variant.product, part.variant.method, part.variant.settings, [item.input for item in inputs], values,
            stages=bool(part.stage),
        )  # fmt: skip
        whole += part.weight * (found.stages.get(part.stage, 0.0) if part.stage else found.total)
    if not np.isfinite(whole).all():
        return None
    low, high = np.quantile(whole, [LOW, HIGH])
    return {
        "low": float(low), "high": float(high), "level": round(HIGH - LOW, 3), "draws": DRAWS, "seed": SEED, "sampler": SAMPLER
    }  # fmt: skip
