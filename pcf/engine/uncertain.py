"""Which values of a product's chain are uncertain, and which of them are one and the same."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue, Marks, Quantity
from pcf.engine.distributions import Distribution, from_spread
from pcf.engine.draws import draw_block
from pcf.engine.scenarios import Input
from pcf.errors import InputError
from pcf.model import Scope, System

INDICATORS = ("reliability", "completeness", "time", "geography", "technology")


@dataclass(frozen=True)
class Uncertain:
    """An uncertain input: what it moves, its distribution [base unit], and the record behind it.

    Inputs of one `group` are shares that sum to 1 (Dirichlet): each draw is divided by the sum of the group.
    """

    input: Input
    distribution: Distribution
    quantity: Quantity
    group: str = ""

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
        for group in sorted(scope.used & set(system.catalogue.shares)):
            spread = _spread_of_shares(scope, group)
            if spread is not None:
                found |= {item.key: item for item in share_inputs(system, scope, group, spread)}
    for node in system.nodes:
        for link in node.links:
            if link.factor is not None and link.factor.quantity.uncertainty is not None:
                name = link.factor.id
                _add(found, Input(factor_key(link.factor.quantity, name), (), name), link.factor.quantity, variances)
    return [found[key] for key in sorted(found)]


def _spread_of_shares(scope: Scope, group: str) -> float | None:
    """Concentration of the Dirichlet distribution of a group of shares, where its record has one."""
    if scope.origin.get(group) == "user":
        return None
    for layer in (scope.product, scope.site):
        spread = layer.shares.get(group, {}).get("uncertainty") if layer else None
        if isinstance(spread, Mapping):
            if spread.get("distribution") != "dirichlet" or not isinstance(spread.get("concentration"), int | float):
                raise InputError(
                    f"{scope.id} {group} uncertainty", str(dict(spread)), "distribution: dirichlet with a concentration"
                )
            return float(spread["concentration"])
    return None


def share_inputs(system: System, scope: Scope, group: str, concentration: float) -> list[Uncertain]:
    """Shares of a group as a Dirichlet distribution around what they are.

    Parameters
    ----------
    concentration : float
        Sum of the distribution's parameters: the variance of a share `s` is `s (1 - s) / (concentration + 1)`.

    Raises
    ------
    InputError
        For a concentration that is not above zero.
    """
    if not concentration > 0 or not math.isfinite(concentration):
        raise InputError(f"{scope.id} {group}", f"concentration {concentration:g}", "a number above zero")
    shares = {option: float(scope.values[f"{group}__{option}"]) for option in system.catalogue.shares[group].options}
    marks = Marks("", str(scope.site.year) if scope.site else "", scope.geography, scope.share_marks.get(group, "assumed"))
    title = system.catalogue.shares[group].title
    key = f"shares {scope.id} {group}"
    return [
        Uncertain(
            Input(f"{key} {option}", ((scope.id, f"{group}__{option}"),), "", 0.0, 1.0),
            Distribution("gamma", (concentration * share,)),
            Quantity(
                share, "1", 1.0, marks, None, (0.0, 1.0), {lang: f"{name}: {option}" for lang, name in title.items()}, None,
                f"{key} {option}",
            ),
            key,
        )
        for option, share in shares.items()
        if 0 < share < 1
    ]  # fmt: skip


def normalise(items: Sequence[Uncertain], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Draws (n_inputs, n_scenarios) in which the shares of each group sum to 1; the array itself is changed."""
    groups: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        if item.group:
            groups.setdefault(item.group, []).append(index)
    for rows in groups.values():
        values[rows] /= values[rows].sum(axis=0)
    return values


def draw(
    items: Sequence[Uncertain], seed: int, block: int, size: int, sampler: str = "random", label: str = ""
) -> NDArray[np.float64]:
    """Inputs of the scenarios of one block (n_inputs, n_scenarios) [base units]; see `draw_block`."""
    keys = [f"{label}{item.key}" for item in items]
    return normalise(items, draw_block(keys, [item.distribution for item in items], seed, block, size, sampler))


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
