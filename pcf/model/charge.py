"""The element balance of a charge: primary metal, scrap, additions and returns that make one melt of an alloy.

All shares are of the metal that enters from outside; run-around returns circulate inside and only raise the throughput.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from pcf.errors import InputError

LIMIT_TOLERANCE = 1e-9
"""Mass fraction by which a limit may be missed through rounding alone."""

SMALLEST_OUTPUT = 0.01
"""Share of a melt that leaves it as product; below it a charge goes round and round."""

SMALLEST_PIVOT = 1e-9
"""Mass fraction of its own element below which an addition adjusts nothing."""


_TRUE: Any = np.ones((), dtype=bool)


@dataclass(frozen=True)
class Material:
    """One material of a charge: metal yield [t/t] and mass fractions [1], scalars or (n_scenarios,)."""

    id: str
    metal_yield: Any
    composition: Mapping[str, Any]
    element: str | None = None


@dataclass(frozen=True)
class ChargeInput:
    """What the balance needs.

    Parameters
    ----------
    primary : Material
    scrap : sequence of (Material, share)
        Share of the gross scrap, scalar or (n_scenarios,); the shares sum to 1. Empty: no scrap.
    additions : sequence of Material
        Each with the element that it adds.
    elements : mapping of element to limits
        `min`, `max`, `target` as mass fractions; empty: composition not specified.
    returns, returns_yield : scalar or (n_scenarios,)
        Run-around returns [t per t of melt] and their metal yield [t/t].
    iron_pickup : scalar or (n_scenarios,)
        Iron from tools and linings [t per t of melt].
    recycled_input, recycled_content : scalar, (n_scenarios,) or None
        Exactly one: share of scrap in the gross charge, or recycled content on metal basis (F13) [1].
    """

    primary: Material
    scrap: Sequence[tuple[Material, Any]]
    additions: Sequence[Material]
    elements: Mapping[str, Mapping[str, float]]
    returns: Any
    returns_yield: Any
    iron_pickup: Any
    recycled_input: Any | None
    recycled_content: Any | None


@dataclass(frozen=True)
class Charge:
    """The balanced charge per t of product; every number is a float or (n_scenarios,).

    `gross` maps a material's id to its gross mass [t/t]; `metal` is the outside metal by source [t per t of outside metal].
    Recycled contents are shares of the external metal (F13): iron that the melt picks up is neither recycled nor primary.
    Composition and limits are computed when asked for: a sweep of totals needs neither.
    """

    data: ChargeInput
    gross: Mapping[str, Any]
    throughput: Any
    gross_total: Any
    recycled_input: Any
    recycled_content: Any
    post_consumer_content: Any
    metal: tuple[tuple[Mapping[str, Any], Any], ...]
    pickup: Any

    @property
    def evaluated(self) -> bool:
        """Whether there are limits to meet."""
        return bool(self.data.elements)

    @cached_property
    def composition(self) -> Mapping[str, Any]:
        """Element → mass fraction of the melt."""
        found = {}
        for element in self.data.elements:
            content: Any = self.pickup if element == "Fe" else 0.0
            for contents, mass in self.metal:
                content = content + mass * contents.get(element, 0.0)
            found[element] = content
        return found

    @cached_property
    def excess(self) -> Mapping[str, Any]:
        """Element → mass fraction above (positive) or margin below the nearer limit."""
        return {
            element: np.maximum(
                self.composition[element] - limits.get("max", 1.0), limits.get("min", 0.0) - self.composition[element]
            )
            for element, limits in self.data.elements.items()
        }

    @cached_property
    def feasible(self) -> Any:
        """Whether all limits are met."""
        found: Any = _TRUE
        for value in self.excess.values():
            found = np.logical_and(found, value <= LIMIT_TOLERANCE)
        return found


def balance(data: ChargeInput, post_consumer: Sequence[bool]) -> Charge:
    """Balance a charge in closed form; limits that are missed show in `feasible`, nothing is relaxed.

    Parameters
    ----------
    data : ChargeInput
    post_consumer : sequence of bool
        For each scrap class, whether it is post-consumer.

    Raises
    ------
    InputError
        For shares and yields outside their range, returns of nearly the whole melt, recycled input without scrap, or additions
        that have no target or adjust the same element.

    Notes
    -----
    With melt `T` = 1/(1 − q) per t of product and returns `q T` of yield `y_r`, the outside metal is
    `E = T (1 − y_r q)`. Per t of outside metal an element `e` obeys

        c_e = M_s c_se + M_p c_pe + Σ_k A_k C_ke + f_e T/E,   M_s + M_p + Σ A_k + f T/E = 1

    with pick-up `f` of iron. Setting `c_e` to the target of each adjusted element gives the additions `A` as linear
    functions of the scrap share `M_s`; negative additions are dropped, and where primary metal would become negative the
    additions are scaled to what room there is. What is the same in all scenarios stays a float throughout.
    """
    _check(data)
    q, y_r = data.returns, data.returns_yield
    throughput = 1 / (1 - q)
    outside = throughput * (1 - y_r * q)
    pickup = data.iron_pickup * throughput / outside
    metal = 1 - pickup

    scrap = _mixture(data)
    scrap_metal, additions = _solve(data, scrap, pickup, metal)
    primary = np.maximum(metal - scrap_metal - sum(additions), 0.0)

    gross: dict[str, Any] = {data.primary.id: primary * outside / data.primary.metal_yield}
    scrap_gross = scrap_metal * outside / scrap.metal_yield
    post: Any = 0.0
    for (material, share), is_post in zip(data.scrap, post_consumer, strict=True):
        mass = scrap_gross * share
        gross[material.id] = gross.get(material.id, 0.0) + mass
        if is_post:
            post = post + mass * material.metal_yield
    for item, amount in zip(data.additions, additions, strict=True):
        gross[item.id] = amount * outside / item.metal_yield
    total = sum(gross.values())
    sources = [(scrap.composition, scrap_metal), (data.primary.composition, primary)]
    return Charge(
        data=data,
        gross={name: _plain(mass) for name, mass in gross.items()},
        throughput=throughput,
        gross_total=_plain(total),
        recycled_input=_plain(scrap_gross / total),
        recycled_content=_plain(scrap_metal / metal),
        post_consumer_content=_plain(post / outside / metal),
        metal=(*sources, *((item.composition, amount) for item, amount in zip(data.additions, additions, strict=True))),
        pickup=pickup,
    )


def _check(data: ChargeInput) -> None:
    """Refuse what is no share, no yield, or a melt that returns nearly whole."""
    materials = (data.primary, *(item for item, _ in data.scrap), *data.additions)
    ranges = [
        ("returns", data.returns, 0.0, 1 - SMALLEST_OUTPUT),
        ("returns yield", data.returns_yield, 0.0, 1.0),
        ("iron pick-up", data.iron_pickup, 0.0, 1 - SMALLEST_OUTPUT),
        *((f"share of {item.id}", share, 0.0, 1.0) for item, share in data.scrap),
        *((f"yield of {item.id}", item.metal_yield, SMALLEST_PIVOT, 1.0) for item in materials),
    ]
    wanted = "recycled_input" if data.recycled_content is None else "recycled_content"
    share = data.recycled_content if data.recycled_input is None else data.recycled_input
    ranges.append((wanted, 0.0 if share is None else share, 0.0, 1.0 if data.scrap else 0.0))
    for name, value, low, high in ranges:
        # Shares of scrap classes are products, and may miss 1 by a rounding.
        if not np.all(np.logical_and(value >= low, value <= high + LIMIT_TOLERANCE)):
            expected = f"{low:g} to {high:g}" if high else "0, since the charge has no scrap"
            raise InputError(f"charge {name}", f"{float(np.min(value)):.4g} to {float(np.max(value)):.4g}", expected)
    for item in data.additions:
        if "target" not in data.elements.get(item.element or "", {}):
            raise InputError(f"charge addition {item.id}", "no target for its element", "an alloy with a target for it")


def _plain(value: Any) -> Any:
    """An array over scenarios as it is, anything else as a float."""
    return value if np.ndim(value) else float(value)


@dataclass(frozen=True)
class _Mixture:
    metal_yield: Any
    composition: Mapping[str, Any]


def _mixture(data: ChargeInput) -> _Mixture:
    """Yield and composition of the metal that the scrap mixture gives."""
    if not data.scrap:
        return _Mixture(1.0, {})
    if len(data.scrap) == 1:
        return _Mixture(data.scrap[0][0].metal_yield * data.scrap[0][1], data.scrap[0][0].composition)
    parts = [(share * item.metal_yield, item) for item, share in data.scrap]
    metal_yield = sum(part for part, _ in parts)
    elements = {element for item, _ in data.scrap for element in item.composition}
    composition = {
        element: sum(part * item.composition.get(element, 0.0) for part, item in parts) / metal_yield for element in elements
    }
    return _Mixture(metal_yield, composition)


def _solve(data: ChargeInput, scrap: _Mixture, pickup: Any, metal: Any) -> tuple[Any, list[Any]]:
    """Scrap metal and additions [t per t of outside metal]."""
    active: list[Any] = [_TRUE] * len(data.additions)
    while True:
        base, slope = _additions(data, scrap, pickup, metal, active)
        scrap_metal = _scrap_metal(data, scrap, metal, base, slope)
        additions = [first + rise * scrap_metal for first, rise in zip(base, slope, strict=True)]
        negative = [np.logical_and(on, amount < 0) for on, amount in zip(active, additions, strict=True)]
        if not any(np.any(item) for item in negative):
            break
        active = [np.logical_and(on, np.logical_not(item)) for on, item in zip(active, negative, strict=True)]
    additions = [np.maximum(amount, 0.0) for amount in additions]
    tight = sum(additions) > metal - scrap_metal
    if np.any(tight):
        return _without_primary(data, scrap, metal, scrap_metal, additions, tight)
    return scrap_metal, additions


def _additions(data: ChargeInput, scrap: _Mixture, pickup: Any, metal: Any, active: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """Additions as `base + slope × scrap metal`; one that is not active is zero."""
    matrix: list[list[Any]] = []
    constant: list[Any] = []
    per_scrap: list[Any] = []
    for row, (item, on) in enumerate(zip(data.additions, active, strict=True)):
        element = item.element or ""
        in_primary = data.primary.composition.get(element, 0.0)
        picked = pickup if element == "Fe" else 0.0
        contents = [other.composition.get(element, 0.0) - in_primary for other in data.additions]
        first = data.elements[element]["target"] - picked - metal * in_primary
        rise = in_primary - scrap.composition.get(element, 0.0)
        if not np.all(on):
            contents = [np.where(on, content, float(row == column)) for column, content in enumerate(contents)]
            first, rise = np.where(on, first, 0.0), np.where(on, rise, 0.0)
        matrix.append(contents)
        constant.append(first)
        per_scrap.append(rise)
    return _eliminate(matrix, constant, per_scrap)


def _eliminate(matrix: list[list[Any]], first: list[Any], second: list[Any]) -> tuple[list[Any], list[Any]]:
    """Solve a small system with two right sides by Gauss-Jordan elimination, entries floats or (n_scenarios,).

    Each addition is mostly the element that it adjusts, so the diagonal is the largest of its column and needs no pivoting;
    where it is not, the additions cannot adjust their elements and the charge is refused.
    """
    rows = [[*row, a, b] for row, a, b in zip(matrix, first, second, strict=True)]
    for pivot, above in enumerate(rows):
        if np.any(np.abs(above[pivot]) < SMALLEST_PIVOT):
            raise InputError("charge additions", "additions that do not adjust their elements", "one addition for each element")
        for row in rows:
            if row is above or (np.ndim(row[pivot]) == 0 and row[pivot] == 0):
                continue
            ratio = row[pivot] / above[pivot]
            row[pivot + 1 :] = [value - ratio * other for value, other in zip(row[pivot + 1 :], above[pivot + 1 :], strict=True)]
    return [row[-2] / row[i] for i, row in enumerate(rows)], [row[-1] / row[i] for i, row in enumerate(rows)]


def _scrap_metal(data: ChargeInput, scrap: _Mixture, metal: Any, base: Sequence[Any], slope: Sequence[Any]) -> Any:
    """Scrap share on metal basis: given itself, or from the share of the gross charge (a linear equation)."""
    if not data.scrap:
        return 0.0
    if data.recycled_content is not None:
        return data.recycled_content * metal
    share: Any = data.recycled_input
    y_p = data.primary.metal_yield
    yields = [item.metal_yield for item in data.additions]
    fixed = (metal - sum(base)) / y_p + sum(value / y for value, y in zip(base, yields, strict=True))
    rising = 1 / scrap.metal_yield - (1 + sum(slope)) / y_p + sum(value / y for value, y in zip(slope, yields, strict=True))
    return share * fixed / (1 / scrap.metal_yield - share * rising)


def _without_primary(
    data: ChargeInput, scrap: _Mixture, metal: Any, scrap_metal: Any, additions: Sequence[Any], tight: Any
) -> tuple[Any, list[Any]]:
    """Where additions leave no room for primary metal: scrap and scaled additions alone."""
    total = sum(additions)
    weights = [amount / np.where(total > 0, total, 1.0) for amount in additions]
    if data.recycled_content is None and data.additions:
        share: Any = data.recycled_input
        per_addition = sum(weight / item.metal_yield for weight, item in zip(weights, data.additions, strict=True))
        denominator = (1 - share) / scrap.metal_yield + share * per_addition
        alone = np.where(denominator > 0, share * metal * per_addition / np.where(denominator > 0, denominator, 1.0), metal)
        scrap_metal = np.where(tight, np.minimum(alone, metal), scrap_metal)
    room = np.maximum(metal - scrap_metal, 0.0)
    return scrap_metal, [np.where(tight, weight * room, amount) for weight, amount in zip(weights, additions, strict=True)]


def highest_content(data: ChargeInput) -> tuple[float, str] | None:
    """Highest feasible recycled content (metal basis) of one scenario with its scrap mixture, and the elements that bind.

    A linear program over scrap, primary and additions: elements with an addition meet their targets; where no charge does,
    their limits. None where no charge meets even those.
    """
    if not data.scrap:
        return 0.0, ""
    for at_target in (True, False):
        found = [result for subset in _subsets(data.additions) if (result := _highest(data, subset, at_target=at_target))]
        if found:
            return max(found)
    return None


def _subsets(additions: Sequence[Material]) -> list[list[Material]]:
    """Every choice of additions: the balance does without one whose element the scrap brings already."""
    return [
        [item for place, item in enumerate(additions) if number >> place & 1] for number in reversed(range(1 << len(additions)))
    ]


def _highest(data: ChargeInput, additions: Sequence[Material], *, at_target: bool) -> tuple[float, str] | None:
    from scipy.optimize import linprog

    returns, returns_yield = (float(value) for value in (data.returns, data.returns_yield))
    pickup = float(data.iron_pickup) / (1 - returns_yield * returns)
    sources: list[_Mixture | Material] = [_mixture(data), data.primary, *additions]
    adjusted = {item.element for item in additions} if at_target else set()
    above: list[tuple[list[float], float, str]] = []
    equal: list[tuple[list[float], float]] = [([1.0] * len(sources), 1 - pickup)]
    for element, limits in data.elements.items():
        picked = pickup if element == "Fe" else 0.0
        contents = [float(source.composition.get(element, 0.0)) for source in sources]
        if element in adjusted:
            equal.append((contents, limits["target"] - picked))
            continue
        if "max" in limits:
            above.append((contents, limits["max"] - picked, element))
        if limits.get("min", 0.0) > 0:
            above.append(([-value for value in contents], picked - limits["min"], element))
    found = linprog(
        [-1.0] + [0.0] * (len(sources) - 1),
        A_ub=np.array([row for row, *_ in above]) if above else None,
        b_ub=np.array([bound for _, bound, _ in above]) if above else None,
        A_eq=np.array([row for row, _ in equal]),
        b_eq=np.array([bound for _, bound in equal]),
        bounds=[(0, None)] * len(sources),
        method="highs",
    )
    if found.status != 0:
        return None
    slack = np.asarray(found.slack).tolist()
    binding = [element for (*_, element), value in zip(above, slack, strict=True) if value <= LIMIT_TOLERANCE]
    return float(np.asarray(found.x)[0]) / (1 - pickup), ", ".join(dict.fromkeys(binding))
