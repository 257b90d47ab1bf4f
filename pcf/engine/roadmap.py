"""A roadmap over the years: trajectory with its uncertainty, what each lever contributes, and how far the targets are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue, Lever, LeverSetting, Roadmap, Target
from pcf.engine.footprint import calc_totals
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import Input, Scenarios
from pcf.engine.uncertain import draw, find_uncertain
from pcf.errors import InputError
from pcf.model import Method, Settings, compose, read_request
from pcf.units import parse_quantity, unit_scale

Array = NDArray[np.float64]
Key = tuple[str, str]

MOST_YEARS, MOST_LEVERS = 101, 12
BAND = (0.025, 0.5, 0.975)
"""Quantiles of the uncertainty band."""

FACTOR = "factor "
"""Prefix of a setting that moves a factor wherever it is used."""


@dataclass(frozen=True)
class Trajectory:
    """A product's footprint over the years under a roadmap [tCO2e/t].

    Parameters
    ----------
    years : tuple of int
    total : (n_years,)
        All levers at work, everything else as the data set has it.
    frozen : float
        Without any lever: everything as in the first year.
    contributions : mapping of lever id to (n_years,)
        What each lever takes off (negative) or adds, independent of the order in which levers come (Shapley); with `frozen` they
        sum to `total`.
    band : (3, n_years) or None
        2.5 %, 50 % and 97.5 % quantile of the total over the draws.
    unused : tuple of str
        Levers that reach nothing in this product's chain.
    """

    variant: Variant
    roadmap: Roadmap
    years: tuple[int, ...]
    total: Array
    frozen: float
    contributions: Mapping[str, Array]
    band: Array | None
    unused: tuple[str, ...]


@dataclass(frozen=True)
class Reached:
    """A target beside what the roadmap reaches: both in the target's unit; `gap` above zero is a shortfall."""

    target: Target
    found: float
    gap: float
    basis: str


def run_roadmap(
    catalogue: Catalogue, variant: Variant, roadmap: Roadmap, first: int, last: int, *, draws: int = 2000, seed: int = 0,
    on_year: Callable[[int], None] | None = None,
) -> Trajectory:  # fmt: skip
    """Compute a trajectory.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    roadmap : Roadmap
    first, last : int
        Years, both included.
    draws : int
        Draws of the uncertain inputs behind the band; 0: no band.
    seed : int
    on_year : callable, optional
        Told each year that is done.

    Raises
    ------
    InputError
        For years that make no sense, or a lever's value that its parameter does not permit.

    Notes
    -----
    With `v(S)` the total where the levers in `S` have moved on to a year and the others stand where they stood in the first
    year, lever `i` contributes `Σ_S |S|! (n-|S|-1)! / n! (v(S ∪ i) - v(S))` (Shapley 1953): the mean over every order of the
    levers, the only attribution that is efficient, symmetric and additive. All subsets of all years are one pass.
    """
    if not first < last or last - first >= MOST_YEARS:
        raise InputError("--from, --to", f"{first} to {last}", f"a first year before the last, at most {MOST_YEARS} years")
    years = tuple(range(first, last + 1))
    paths, unused = _paths(catalogue, variant, roadmap, years)
    levers = [lever for lever in roadmap.levers if any(path.lever == lever.id for path in paths)]
    if len(levers) > MOST_LEVERS:
        raise InputError("roadmap", f"{len(levers)} levers", f"at most {MOST_LEVERS}")
    subsets, count = 1 << len(levers), len(years)
    moved = np.array([[bool(subset >> index & 1) for subset in range(subsets)] for index in range(len(levers))])
    place = {lever.id: index for index, lever in enumerate(levers)}
    rows = [np.where(moved[place[path.lever]][:, None], path.values[None, :], path.values[0]).ravel() for path in paths]
    totals = _run(catalogue, variant, paths, np.array(rows).reshape(len(paths), subsets * count)).reshape(subsets, count)
    contributions = {}
    for lever in levers:
        bit = 1 << place[lever.id]
        found = np.zeros(count)
        for subset in range(subsets):
            if not subset & bit:
                size = subset.bit_count()
                weight = math.factorial(size) * math.factorial(len(levers) - size - 1) / math.factorial(len(levers))
                found += weight * (totals[subset | bit] - totals[subset])
        contributions[lever.id] = found
    band = _band(catalogue, variant, paths, years, draws, seed, on_year) if draws else None
    return Trajectory(variant, roadmap, years, totals[-1], float(totals[0, 0]), contributions, band, unused)


@dataclass(frozen=True)
class _Path:
    """One value over the years (n_years,) [base unit], and the lever that moves it."""

    lever: str
    input: Input
    values: Array


def _paths(catalogue: Catalogue, variant: Variant, roadmap: Roadmap, years: Sequence[int]) -> tuple[list[_Path], tuple[str, ...]]:
    system = compose(catalogue, variant.product, variant.method, variant.settings)
    used = {link.factor.id for node in system.nodes for link in node.links if link.factor is not None}
    used |= {item.factor for scope in system.scopes for item in scope.quantities.values() if item.factor}
    paths: list[_Path] = []
    unused = []
    for lever in roadmap.levers:
        found = [path for setting in lever.settings for path in _setting(catalogue, variant, lever, setting, years, used)]
        if not any(np.ptp(path.values) > 0 for path in found):
            unused.append(lever.id)
            continue
        paths += found
    return paths, tuple(unused)


def _setting(
    catalogue: Catalogue, variant: Variant, lever: Lever, setting: LeverSetting, years: Sequence[int], used: set[str]
) -> list[_Path]:
    at = [point.year for point in setting.points]
    found: list[_Path] = []
    for name in setting.names:
        if name.startswith(FACTOR):
            factor = name.removeprefix(FACTOR)
            if factor in used:
                values = [_base_value(point.text, f"roadmap {lever.id} {name}") for point in setting.points]
                path = np.interp(years, at, values)
                found.append(_Path(lever.id, Input(name, (), factor, float(path.min()), float(path.max())), path))
            continue
        read = [_read(catalogue, variant, name, point.text) for point in setting.points]
        if read[0] is None:
            continue
        keys = dict.fromkeys(key for values in read if values for key in values)
        for key in keys:
            path = np.interp(years, at, [(values or {}).get(key, 0.0) for values in read])
            label = f"{key[0]}.{key[1]}"
            found.append(_Path(lever.id, Input(label, (key,), "", float(path.min()), float(path.max())), path))
    return found


def _read(catalogue: Catalogue, variant: Variant, name: str, text: str) -> Mapping[Key, float] | None:
    """What a setting moves in this product's chain; None where the chain does not have it."""
    try:
        _, settings = read_request(catalogue, variant.product, variant.method, [f"{name}={text}"])
    except InputError as problem:
        if "name" in problem.found or "scope" in problem.found or "unknown" in problem.found:
            return None
        raise InputError(f"roadmap {name}", problem.found, problem.expected, problem.advice) from None
    return settings.values


def _base_value(text: str, place: str) -> float:
    value, unit = parse_quantity(text)
    if unit is None:
        raise InputError(place, text, "a value with a unit")
    return value * unit_scale(unit)


def _run(catalogue: Catalogue, variant: Variant, paths: Sequence[_Path], values: Array) -> Array:
    if not paths:
        total = calc_totals(catalogue, variant.product, variant.method, variant.settings, 1)[0]
        return np.full(values.shape[1], total)
    step = max(1, values.shape[1] // 64)
    scenarios = Scenarios(
        catalogue, variant.product, variant.method, variant.settings, [path.input for path in paths], values[:, ::step]
    )
    return scenarios.run(values).total


def _band(
    catalogue: Catalogue, variant: Variant, paths: Sequence[_Path], years: Sequence[int], draws: int, seed: int,
    on_year: Callable[[int], None] | None,
) -> Array:  # fmt: skip
    """Quantiles over the draws; every year has the same draws, so the band's shape is the roadmap's and not the dice's."""
    moved = {target for path in paths for target in path.input.targets} | {path.input.factor for path in paths}
    system = compose(catalogue, variant.product, variant.method, variant.settings)
    items = [
        item for item in find_uncertain(system)
        if not moved & set(item.input.targets) and (not item.input.factor or item.input.factor not in moved)
    ]  # fmt: skip
    values = draw(items, seed, 0, draws, "latin")
    inputs = [item.input for item in items] + [path.input for path in paths]
    probe = np.vstack(
        [values[:, : len(years)], np.array([path.values[: values.shape[1]] for path in paths]).reshape(len(paths), -1)]
    )
    scenarios = Scenarios(catalogue, variant.product, variant.method, variant.settings, inputs, probe)
    found = np.empty((len(BAND), len(years)))
    for index, year in enumerate(years):
        fixed = np.repeat(np.array([path.values[index] for path in paths])[:, None], draws, axis=1)
        totals = scenarios.run(np.vstack([values, fixed.reshape(len(paths), draws)])).total
        found[:, index] = np.nanquantile(totals, BAND)
        if on_year is not None:
            on_year(year)
    return found


def hold_against_targets(
    catalogue: Catalogue, roadmap: Roadmap, last: int, method: Method, product: str = "primary-group"
) -> list[Reached]:
    """Each target of the roadmap beside what its levers reach for the group's primary metal.

    Parameters
    ----------
    catalogue : Catalogue
    roadmap : Roadmap
    last : int
        Last year that counts.
    method : Method
        Its choices, but for the boundary: the stated intensity is scope 1 and 2 of the electrolysis step.
    product : str
        Product whose intensity is meant: the group's primary metal.

    Notes
    -----
    `neutral` is held against what remains on that boundary; nothing is netted.
    """
    partial = Variant(product, replace(method, boundary="scope-1-2", steps=("electrolysis",)), Settings())
    reached = []
    for target in roadmap.targets:
        if not roadmap.base_year < target.year <= last:
            continue
        if target.indicator in ("primary-intensity", "neutral"):
            found = run_roadmap(catalogue, partial, roadmap, roadmap.base_year, target.year, draws=0)
            start, end = float(found.total[0]), float(found.total[-1])
            value = end / start - 1 if target.indicator == "primary-intensity" else end
            reached.append(Reached(target, value, value - target.value, "scope-1-2"))
        elif target.indicator == "green-share":
            share = _green_share(catalogue, partial, roadmap, target.year)
            reached.append(Reached(target, share, target.value - share, "electricity of the electrolysis"))
    return reached


GREEN = ("own_hydro", "own_wind", "own_pv", "direct_", "contract_hydro", "contract_wind", "contract_pv")


def _green_share(catalogue: Catalogue, variant: Variant, roadmap: Roadmap, year: int) -> float:
    """Share of renewable legs in the electricity of the sites, weighted by their metal."""
    paths, _ = _paths(catalogue, variant, roadmap, (roadmap.base_year, year))
    last = {key: float(path.values[-1]) for path in paths for key in path.input.targets}
    system = compose(catalogue, variant.product, variant.method, replace(variant.settings, values={**last}))
    total = green = 0.0
    weights = {
        system.nodes[int(link.target)].scope.id: float(link.amount)
        for link in system.nodes[0].links
        if link.kind == "input" and system.nodes[int(link.target)].scope.product is not None
    }
    for scope in system.scopes:
        if scope.id not in weights or "electricity_supply" not in scope.used:
            continue
        weight = weights[scope.id]
        total += weight
        shares = {
            option: float(scope.values[f"electricity_supply__{option}"])
            for option in catalogue.shares["electricity_supply"].options
        }
        green += weight * sum(share for option, share in shares.items() if option.startswith(GREEN))
    return green / total if total else math.nan
