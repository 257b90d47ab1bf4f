"""Which values of a product's chain are uncertain, and which of them are one and the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pcf.catalogue import Catalogue, Quantity
from pcf.engine.distributions import Distribution, from_spread
from pcf.engine.scenarios import Input
from pcf.errors import InputError
from pcf.model import System

INDICATORS = ("reliability", "completeness", "time", "geography", "technology")


@dataclass(frozen=True)
class Uncertain:
    """An uncertain input: what it moves, its distribution [base unit], and the record behind it."""

    input: Input
    distribution: Distribution
    quantity: Quantity

    @property
    def key(self) -> str:
        """Identity of the input."""
        return self.input.key


def find_uncertain(system: System) -> list[Uncertain]:
    """Uncertain inputs of a chain in a fixed order.

    One record is one draw: a factor wherever it is used, and a value of a process wherever nothing stands in its place. Values
    that the user has set, and values without a published spread, do not vary.

    Raises
    ------
    InputError
        For a spread that cannot be a distribution, naming the place of the value.
    """
    variances = pedigree_variances(system.catalogue)
    found: dict[str, Uncertain] = {}
    for scope in system.scopes:
        for name in sorted(scope.used):
            quantity = scope.quantities.get(name)
            if quantity is None or scope.origin.get(name) == "user" or quantity.uncertainty is None:
                continue
            if quantity.factor:
                _add(found, Input(factor_key(quantity), (), quantity.factor), quantity, variances)
            else:
                _add(found, Input(place_key(quantity), ((scope.id, name),)), quantity, variances)
    for node in system.nodes:
        for link in node.links:
            if link.factor is not None and link.factor.quantity.uncertainty is not None:
                name = link.factor.id
                _add(found, Input(factor_key(link.factor.quantity, name), (), name), link.factor.quantity, variances)
    return [found[key] for key in sorted(found)]


def place_key(quantity: Quantity) -> str:
    """Identity of a value of a document: file and name without the line, so that a new line above changes no draw."""
    return re.sub(r":\d+ ", " ", quantity.place, count=1)


def factor_key(quantity: Quantity, name: str = "") -> str:
    """Identity of a factor row: rows of two years are two things."""
    return f"factor {name or quantity.factor} {quantity.marks.year}"


def _add(found: dict[str, Uncertain], item: Input, quantity: Quantity, variances: Mapping[str, Sequence[float]]) -> None:
    known = found.get(item.key)
    targets = tuple(dict.fromkeys((*(known.input.targets if known else ()), *item.targets)))
    if known is not None and targets == known.input.targets:
        return
    assert quantity.uncertainty is not None
    try:
        distribution = from_spread(quantity.value, quantity.uncertainty, quantity.limits, variances)
    except InputError as problem:
        raise InputError(f"{quantity.place} uncertainty", problem.found, problem.expected, problem.advice) from None
    if distribution.is_constant:
        return
    low, high = support(distribution)
    found[item.key] = Uncertain(Input(item.key, targets, item.factor, low, high), distribution, quantity)


def support(distribution: Distribution) -> tuple[float, float]:
    """Lowest and highest value that a distribution may give."""
    if distribution.kind == "discrete":
        return min(distribution.parameters), max(distribution.parameters)
    if distribution.kind in {"lognormal", "normal"}:
        floor = 0.0 if distribution.kind == "lognormal" else distribution.lowest
        return max(floor, distribution.lowest), distribution.highest
    return distribution.parameters[0], distribution.parameters[-1]


def pedigree_variances(catalogue: Catalogue) -> dict[str, tuple[float, ...]]:
    """Variance of the logarithm by indicator, for its five scores; empty where the data set has none."""
    found: dict[str, tuple[float, ...]] = {}
    for indicator in INDICATORS:
        names = [f"pedigree-{indicator}-{score}" for score in range(1, 6)]
        if all(name in catalogue.factors for name in names):
            rows = [catalogue.factors[name] for name in names]
            found[indicator] = tuple(years[max(years)].quantity.value for years in rows)
    return found
