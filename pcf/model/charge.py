"""The element balance of a charge: primary metal, scrap, additions and returns that make one melt of an alloy.

All shares are of the metal that enters from outside; run-around returns circulate inside and only raise the throughput.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.errors import InputError

Array = NDArray[np.float64]

LIMIT_TOLERANCE = 1e-9
"""Mass fraction by which a limit may be missed through rounding alone."""


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
    """The balanced charge per t of product, for all scenarios.

    `gross` maps a material's id to its gross mass [t/t] (n_scenarios,), `composition` an element to its mass fraction.
    `worst` holds for each scenario the excess over (positive) or margin below the limits, by element.
    """

    gross: Mapping[str, Array]
    throughput: Array
    gross_total: Array
    recycled_input: Array
    recycled_content: Array
    post_consumer_content: Array
    composition: Mapping[str, Array]
    excess: Mapping[str, Array]
    feasible: NDArray[np.bool_]
    evaluated: bool


def balance(data: ChargeInput, size: int, post_consumer: Sequence[bool]) -> Charge:
    """Balance a charge in closed form; limits that are missed show in `feasible`, nothing is relaxed.

    Parameters
    ----------
    data : ChargeInput
    size : int
        Number of scenarios.
    post_consumer : sequence of bool
        For each scrap class, whether it is post-consumer.

    Raises
    ------
    InputError
        Where returns reach 100 %.

    Notes
    -----
    With melt `T` = 1/(1 − q) per t of product and returns `q T` of yield `y_r`, the outside metal is
    `E = T (1 − y_r q)`. Per t of outside metal an element `e` obeys

        c_e = M_s c_se + M_p c_pe + Σ_k A_k C_ke + f_e T/E,   M_s + M_p + Σ A_k + f T/E = 1

    with pick-up `f` of iron. Setting `c_e` to the target of each adjusted element gives the additions `A` as linear
    functions of the scrap share `M_s`; negative additions are dropped, and where primary metal would become negative the
    additions are scaled to what room there is.
    """
    q, y_r = _full(data.returns, size), _full(data.returns_yield, size)
    if np.any(q >= 1) or np.any(q < 0):
        raise InputError("charge returns", f"{float(np.max(q)):.4g}", "run-around returns of 0 to below 1 t per t of melt")
    throughput = 1 / (1 - q)
    outside = throughput * (1 - y_r * q)
    pickup = _full(data.iron_pickup, size) * throughput / outside
    metal = 1 - pickup

    scrap = _mixture(data, size)
    scrap_metal, additions = _solve(data, size, scrap, pickup, metal)
    primary = np.maximum(metal - scrap_metal - additions.sum(axis=0), 0.0)

    yields = [_full(item.metal_yield, size) for item in data.additions]
    gross: dict[str, Array] = {data.primary.id: primary * outside / _full(data.primary.metal_yield, size)}
    post = np.zeros(size)
    for (material, share), is_post in zip(data.scrap, post_consumer, strict=True):
        mass = scrap_metal * outside / scrap.metal_yield * _full(share, size)
        gross[material.id] = gross.get(material.id, np.zeros(size)) + mass
        if is_post:
            post = post + mass * _full(material.metal_yield, size)
    for item, amount, y in zip(data.additions, additions, yields, strict=True):
        gross[item.id] = amount * outside / y
    total = np.sum(list(gross.values()), axis=0)
    scrap_gross = scrap_metal * outside / scrap.metal_yield

    composition = {
        element: _element(data, size, element, scrap, scrap_metal, primary, additions, pickup) for element in data.elements
    }
    excess = {
        element: np.maximum(composition[element] - limits.get("max", 1.0), limits.get("min", 0.0) - composition[element])
        for element, limits in data.elements.items()
    }
    feasible = np.all([value <= LIMIT_TOLERANCE for value in excess.values()], axis=0) if excess else np.ones(size, bool)
    return Charge(
        gross=gross,
        throughput=throughput,
        gross_total=total,
        recycled_input=scrap_gross / total,
        recycled_content=scrap_metal,
        post_consumer_content=post / outside,
        composition=composition,
        excess=excess,
        feasible=np.broadcast_to(feasible, (size,)),
        evaluated=bool(data.elements),
    )


@dataclass(frozen=True)
class _Mixture:
    metal_yield: Array
    composition: Mapping[str, Array]


def _full(value: Any, size: int) -> Array:
    return np.broadcast_to(np.asarray(value, dtype=float), (size,))


def _mixture(data: ChargeInput, size: int) -> _Mixture:
    """Yield and composition of the metal that the scrap mixture gives."""
    if not data.scrap:
        return _Mixture(np.ones(size), {})
    parts = [(_full(share, size) * _full(item.metal_yield, size), item) for item, share in data.scrap]
    metal_yield = np.sum([part for part, _ in parts], axis=0)
    elements = {element for item, _ in data.scrap for element in item.composition}
    composition = {
        element: np.sum([part * _full(item.composition.get(element, 0.0), size) for part, item in parts], axis=0) / metal_yield
        for element in elements
    }
    return _Mixture(metal_yield, composition)


def _solve(data: ChargeInput, size: int, scrap: _Mixture, pickup: Array, metal: Array) -> tuple[Array, Array]:
    """Scrap metal (n_scenarios,) and additions (n_additions, n_scenarios) [t per t of outside metal]."""
    count = len(data.additions)
    active = np.ones((count, size), bool)
    while True:
        base, slope = _additions(data, size, scrap, pickup, metal, active)
        scrap_metal = _scrap_metal(data, size, scrap, metal, base, slope)
        additions = base + slope * scrap_metal
        negative = active & (additions < 0)
        if not negative.any():
            break
        active = active & ~negative
    additions = np.maximum(additions, 0.0)
    room = metal - scrap_metal
    total = additions.sum(axis=0)
    tight = total > room
    if np.any(tight):
        scrap_metal, additions = _without_primary(data, size, scrap, metal, scrap_metal, additions, tight)
    return scrap_metal, additions


def _additions(
    data: ChargeInput, size: int, scrap: _Mixture, pickup: Array, metal: Array, active: NDArray[np.bool_]
) -> tuple[Array, Array]:
    """Additions as `base + slope × scrap metal`, each (n_additions, n_scenarios), for the additions that are active."""
    count = len(data.additions)
    base, slope = np.zeros((count, size)), np.zeros((count, size))
    if not count:
        return base, slope
    primary = data.primary.composition
    targets = [item.element or "" for item in data.additions]
    rhs = np.zeros((count, size))
    per_scrap = np.zeros((count, size))
    matrix = np.zeros((size, count, count))
    for row, element in enumerate(targets):
        in_primary = _full(primary.get(element, 0.0), size)
        picked = pickup if element == "Fe" else 0.0
        rhs[row] = data.elements[element]["target"] - picked - metal * in_primary
        per_scrap[row] = in_primary - _full(scrap.composition.get(element, 0.0), size)
        for column, item in enumerate(data.additions):
            matrix[:, row, column] = _full(item.composition.get(element, 0.0), size) - in_primary
    patterns = active[:, :1].T if (active == active[:, :1]).all() else np.unique(active, axis=1).T
    for pattern in patterns:
        chosen = np.flatnonzero(pattern)
        if not chosen.size:
            continue
        where = np.flatnonzero((active == pattern[:, None]).all(axis=0))
        block = matrix[np.ix_(where, chosen, chosen)]
        sides = np.stack([rhs[np.ix_(chosen, where)].T, per_scrap[np.ix_(chosen, where)].T], axis=-1)
        solution = np.linalg.solve(block, sides)
        base[np.ix_(chosen, where)] = solution[..., 0].T
        slope[np.ix_(chosen, where)] = solution[..., 1].T
    return base, slope


def _scrap_metal(data: ChargeInput, size: int, scrap: _Mixture, metal: Array, base: Array, slope: Array) -> Array:
    """Scrap share on metal basis: given itself, or from the share of the gross charge (a linear equation)."""
    if not data.scrap:
        return np.zeros(size)
    if data.recycled_content is not None:
        return np.minimum(_full(data.recycled_content, size), metal)
    share = _full(data.recycled_input, size)
    y_p = _full(data.primary.metal_yield, size)
    yields = np.array([_full(item.metal_yield, size) for item in data.additions]).reshape(len(data.additions), size)
    fixed = (metal - base.sum(axis=0)) / y_p + (base / yields).sum(axis=0)
    rising = 1 / scrap.metal_yield - (1 + slope.sum(axis=0)) / y_p + (slope / yields).sum(axis=0)
    result: Array = share * fixed / (1 / scrap.metal_yield - share * rising)
    return result


def _without_primary(
    data: ChargeInput, size: int, scrap: _Mixture, metal: Array, scrap_metal: Array, additions: Array,
    tight: NDArray[np.bool_],
) -> tuple[Array, Array]:  # fmt: skip
    """Where additions leave no room for primary metal: scrap and scaled additions alone."""
    total = additions.sum(axis=0)
    weights = np.divide(additions, total, out=np.zeros_like(additions), where=total > 0)
    if data.recycled_content is None and len(data.additions):
        yields = np.array([_full(item.metal_yield, size) for item in data.additions])
        share = _full(data.recycled_input, size)
        per_addition = (weights / yields).sum(axis=0)
        denominator = (1 - share) / scrap.metal_yield + share * per_addition
        alone = np.divide(share * metal * per_addition, denominator, out=metal.copy(), where=denominator > 0)
        scrap_metal = np.where(tight, np.minimum(alone, metal), scrap_metal)
    room = np.maximum(metal - scrap_metal, 0.0)
    return scrap_metal, np.where(tight, weights * room, additions)


def _element(
    data: ChargeInput, size: int, element: str, scrap: _Mixture, scrap_metal: Array, primary: Array, additions: Array,
    pickup: Array,
) -> Array:  # fmt: skip
    result = scrap_metal * _full(scrap.composition.get(element, 0.0), size)
    result = result + primary * _full(data.primary.composition.get(element, 0.0), size)
    for item, amount in zip(data.additions, additions, strict=True):
        result = result + amount * _full(item.composition.get(element, 0.0), size)
    return result + pickup if element == "Fe" else result


def highest_content(data: ChargeInput) -> tuple[float, str] | None:
    """Highest feasible recycled content (metal basis) of one scenario with its scrap mixture, and the elements that bind.

    A linear program over scrap, primary and additions: elements with an addition meet their targets; where no charge does,
    their limits. None where no charge meets even those.
    """
    if not data.scrap:
        return 0.0, ""
    return _highest(data, at_target=True) or _highest(data, at_target=False)


def _highest(data: ChargeInput, *, at_target: bool) -> tuple[float, str] | None:
    from scipy.optimize import linprog

    returns, returns_yield = (float(_full(value, 1)[0]) for value in (data.returns, data.returns_yield))
    pickup = float(_full(data.iron_pickup, 1)[0]) / (1 - returns_yield * returns)
    sources: list[_Mixture | Material] = [_mixture(data, 1), data.primary, *data.additions]
    adjusted = {item.element for item in data.additions} if at_target else set()
    above: list[tuple[list[float], float, str]] = []
    equal: list[tuple[list[float], float]] = [([1.0] * len(sources), 1 - pickup)]
    for element, limits in data.elements.items():
        picked = pickup if element == "Fe" else 0.0
        contents = [float(_full(source.composition.get(element, 0.0), 1)[0]) for source in sources]
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
    return float(np.asarray(found.x)[0]), ", ".join(dict.fromkeys(binding))
