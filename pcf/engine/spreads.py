"""The user's own spreads: `name=triangular:low,mode,high` and tables in the vocabulary of `stats_arrays`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from pcf.catalogue import Catalogue, Quantity
from pcf.engine.distributions import KINDS, Distribution, from_stats_arrays, to_stats_arrays
from pcf.engine.inputs import Named, find_quantity, name_inputs
from pcf.engine.montecarlo import Variant
from pcf.engine.scenarios import Input
from pcf.engine.uncertain import Uncertain, factor_key, find_uncertain, share_inputs, support
from pcf.errors import InputError
from pcf.model import System, compose
from pcf.units import dimension, parse_quantity, unit_scale

FORMS = "; ".join(
    [
        *(f"{kind}:{','.join(names)}" for kind, names in KINDS.items()),
        "discrete:value@weight,value@weight",
        "dirichlet:concentration (shares)",
    ]
)
"""How a spread may be written."""

COLUMNS = ("name", "unit", "uncertainty_type", "loc", "scale", "shape", "minimum", "maximum")
"""Columns of a table of `stats_arrays` rows, each in the unit of its value."""


def read_spreads(catalogue: Catalogue, variant: Variant, texts: Sequence[str]) -> tuple[Variant, list[Uncertain]]:
    """The user's own spreads from texts such as `dc_electricity=normal:13000,100`.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    texts : sequence of str
        `name=kind:numbers`, numbers in the parameter's unit or with one of its dimension; the deviation of a lognormal spread is
        that of the logarithm.

    Returns
    -------
    variant : Variant
        With each parameter at the middle of its spread, which is its value without uncertainty.
    extra : list of Uncertain

    Raises
    ------
    InputError
        For a name, a number or a spread that cannot be.
    """
    system = compose(catalogue, variant.product, variant.method, variant.settings)
    found: list[Uncertain] = []
    for text in texts:
        place = f"--uncertain {text[:80]}"
        name, given, spread = text.partition("=")
        kind, colon, numbers = spread.partition(":")
        kind = kind.strip().lower()
        if not given or not colon or kind not in {*KINDS, "discrete", "dirichlet"}:
            raise InputError(place, "no spread that is known", f"NAME={FORMS}")
        if kind == "dirichlet":
            found += _shares(system, name.strip(), numbers, place)
            continue
        target = _find(system, name.strip(), place)
        found.append(_uncertain(target, _read(kind, numbers, target[1], place), place))
    return _settled(variant, found), found


def _shares(system: System, name: str, numbers: str, place: str) -> list[Uncertain]:
    """Shares of a group around what they are: `electricity_supply=dirichlet:50`."""
    prefix, _, group = name.rpartition(".")
    known = {
        scope.id.removeprefix("product:"): scope
        for scope in system.scopes
        if group in scope.used and group in system.catalogue.shares
    }
    scope = known.get(prefix) if prefix else known.get(system.own.id.removeprefix("product:"))
    if scope is None:
        shown = ", ".join(f"{label}.{group}" for label in sorted(known)) or "a group of shares that the chain uses"
        raise InputError(place, f"{name!r}", shown)
    try:
        concentration = float(numbers)
    except ValueError:
        raise InputError(place, repr(numbers[:40]), "a concentration, such as 50") from None
    try:
        return share_inputs(system, scope, group, concentration)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected) from None


def without_spreads(catalogue: Catalogue, extra: Sequence[Uncertain]) -> Catalogue:
    """The catalogue in which those factor rows have no spread of their own for which the user gives one."""
    replaced = {item.input.factor for item in extra if item.input.factor}
    rows = {
        name: {
            year: replace(row, quantity=replace(row.quantity, uncertainty=None)) for year, row in catalogue.factors[name].items()
        }
        for name in replaced
    }
    return replace(catalogue, factors={**catalogue.factors, **rows}) if rows else catalogue


def _read(kind: str, numbers: str, quantity: Quantity, place: str) -> Distribution:
    parts = [part.strip() for part in numbers.split(",")]
    lowest, highest = quantity.limits or (-math.inf, math.inf)
    try:
        if kind == "discrete":
            pairs = [part.partition("@") for part in parts]
            values = tuple(_number(value, quantity) for value, _, _ in pairs)
            weights = tuple(parse_quantity(weight)[0] if weight else 1 / len(parts) for _, _, weight in pairs)
            return Distribution(kind, values, lowest, highest, weights)
        if len(parts) != len(KINDS[kind]):
            raise InputError("", f"{len(parts)} numbers", ",".join(KINDS[kind]))
        plain = kind == "lognormal"
        numbers_read = [
            parse_quantity(part)[0] if plain and index == 1 else _number(part, quantity) for index, part in enumerate(parts)
        ]
        return Distribution(kind, tuple(numbers_read), lowest, highest)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None


def _number(text: str, quantity: Quantity) -> float:
    value, unit = parse_quantity(text)
    if unit is None or unit == quantity.unit:
        return value * quantity.scale
    if dimension(unit) != dimension(quantity.unit):
        raise InputError("", f"unit {unit}", f"a unit of {quantity.unit}")
    return value * unit_scale(unit)


Target = tuple[Input, Quantity]


def _find(system: System, name: str, place: str) -> Target:
    """What a name means: an input of the data by its id, a factor of the chain, or a parameter."""
    for one in name_inputs(system.catalogue, find_uncertain(system)):
        if one.id == name:
            return one.item.input, one.item.quantity
    for node in system.nodes:
        for link in node.links:
            if link.factor is not None and link.factor.id == name:
                return Input(factor_key(link.factor.quantity, name), (), name), link.factor.quantity
    for scope in system.scopes:
        for used in sorted(scope.used):
            quantity = scope.quantities.get(used)
            if quantity is not None and quantity.factor == name and scope.origin.get(used) != "user":
                return Input(factor_key(quantity), (), name), quantity
    try:
        scope_id, known, quantity = find_quantity(system, name)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None
    # A value that rests on a factor row moves with it wherever the row is used: only here is it set apart.
    return Input(f"own {scope_id}.{known}", ((scope_id, known),)), quantity


def _uncertain(target: Target, distribution: Distribution, place: str) -> Uncertain:
    item, quantity = target
    low, high = support(distribution)
    if quantity.limits and not quantity.limits[0] <= max(low, quantity.limits[0]) <= min(high, quantity.limits[1]):
        raise InputError(place, "a spread outside the permitted range", _range(quantity))
    ends = distribution.kind not in {"lognormal", "normal"}
    slack = 1e-12 * max(abs(low), abs(high)) if ends else 0.0
    if quantity.limits and ends and not quantity.limits[0] - slack <= low <= high <= quantity.limits[1] + slack:
        raise InputError(place, f"{low / quantity.scale:g} to {high / quantity.scale:g}", _range(quantity))
    middle = calc_middle(distribution)
    return Uncertain(replace(item, low=low, high=high), distribution, replace(quantity, value=middle))


def _range(quantity: Quantity) -> str:
    assert quantity.limits is not None
    low, high = (limit / quantity.scale for limit in quantity.limits)
    return f"{low:g} to {high:g} {'' if quantity.unit == '1' else quantity.unit}".strip()


def calc_middle(distribution: Distribution) -> float:
    """What stands for a distribution where nothing varies: mode, mean, median, or the likeliest value."""
    values = distribution.parameters
    if distribution.kind == "discrete":
        return values[max(range(len(values)), key=lambda index: distribution.weights[index])]
    if distribution.kind == "uniform":
        return (values[0] + values[1]) / 2
    middle = values[0] if distribution.kind in {"lognormal", "normal"} else values[1]
    return min(max(middle, distribution.lowest), distribution.highest)


def _settled(variant: Variant, found: Sequence[Uncertain]) -> Variant:
    """The variant with every target at its middle."""
    targets = [target for item in found for target in item.input.targets]
    keys = [item.key for item in found]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None or len(set(targets)) < len(targets):
        raise InputError("--uncertain", "one input twice", "one spread an input")
    values = {target: item.quantity.value for item in found for target in item.input.targets}
    factors = {item.input.factor: item.quantity.value for item in found if item.input.factor}
    settings = replace(variant.settings.with_values(values), factors={**variant.settings.factors, **factors})
    return replace(variant, settings=settings)


def write_rows(named: Sequence[Named]) -> tuple[list[dict[str, object]], list[str]]:
    """Rows of `stats_arrays`, and the ids of those inputs whose spread that vocabulary does not have."""
    rows: list[dict[str, object]] = []
    left: list[str] = []
    for one in named:
        try:
            row = to_stats_arrays(one.distribution)
        except InputError:
            left.append(one.id)
        else:
            rows.append({"name": one.id, "unit": one.unit, **row})
    return rows, left


def read_rows(
    catalogue: Catalogue, variant: Variant, rows: Sequence[Mapping[str, str]], place: str
) -> tuple[Variant, list[Uncertain]]:
    """The user's own spreads from rows of `stats_arrays`; a row's unit may be any of its value's dimension.

    Raises
    ------
    InputError
        Naming the row.
    """
    system = compose(catalogue, variant.product, variant.method, variant.settings)
    found: list[Uncertain] = []
    for number, row in enumerate(rows, 2):
        here = f"{place}:{number}"
        target = _find(system, row["name"].strip(), here)
        quantity = target[1]
        unit = row.get("unit", "").strip() or quantity.unit
        try:
            if dimension(unit) != dimension(quantity.unit):
                raise InputError(here, f"unit {unit}", f"a unit of {quantity.unit}")
            read = from_stats_arrays({key: _cell(row.get(key, ""), here, key) for key in COLUMNS[2:]})
        except InputError as problem:
            raise InputError(here, problem.found, problem.expected, problem.advice) from None
        scale = quantity.scale if unit == quantity.unit else unit_scale(unit)
        lowest, highest = quantity.limits or (-math.inf, math.inf)
        first, *rest = read.parameters
        others = rest if read.kind == "lognormal" else [value * scale for value in rest]
        distribution = Distribution(
            read.kind, (first * scale, *others), max(read.lowest * scale, lowest), min(read.highest * scale, highest)
        )
        found.append(_uncertain(target, distribution, here))
    return _settled(variant, found), found


def _cell(text: str, place: str, column: str) -> float:
    if not text.strip() or text.strip().lower() == "nan":
        return math.nan
    try:
        return float(text)
    except ValueError:
        raise InputError(place, f"{column} {text[:40]!r}", "a number") from None
