"""Reads what a goal may vary: `name`, `name=from:to` or `shares=preset:preset`; and says where a position on an axis lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine.axes import read_axis
from pcf.engine.footprint import calc_totals
from pcf.engine.inputs import find_quantity
from pcf.engine.montecarlo import Variant
from pcf.engine.sweep import Axis
from pcf.errors import InputError
from pcf.model import System, compose
from pcf.settings import LANGUAGES
from pcf.text import text
from pcf.units import parse_quantity


@dataclass(frozen=True)
class Place:
    """A position on an axis in people's terms: a number in a unit, or shares of two presets."""

    value: float | None
    unit: str
    shares: Mapping[str, float]


def read_range(catalogue: Catalogue, variant: Variant, written: str) -> Axis:
    """One axis from its start to its end.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    written : str
        `dc_electricity=13500:12500` from the first to the second; `recycled_content` over its permitted range, from the end with the
        higher footprint; `grid_mix=coal:hydro` from one mix to another.

    Raises
    ------
    InputError
        For a name or a range that cannot be read.
    """
    place = f"--vary {written[:80]}"
    name, given, ends = (part.strip() for part in written.partition("="))
    if not name or (given and not ends):
        raise InputError(place, "no name or no range", "NAME, NAME=from:to or SHARES=preset:preset")
    if not given:
        return _permitted(catalogue, variant, name, place)
    parts = [part.strip() for part in ends.split(":")]
    if len(parts) != 2:
        raise InputError(place, ends, "two ends, from:to or preset:preset")
    try:
        (first, unit), (last, other) = (parse_quantity(part) for part in parts)
    except InputError:
        return _read(catalogue, variant, f"{name}={parts[0]}:{parts[1]}:2", place)
    if first == last:
        raise InputError(place, "two ends that are the same", "a range")
    return _numbers(catalogue, variant, name, (first, last), unit or other or "", place)


def _numbers(catalogue: Catalogue, variant: Variant, name: str, ends: tuple[float, float], unit: str, place: str) -> Axis:
    axis = _read(catalogue, variant, f"{name}={ends[0]!r}{unit},{ends[1]!r}{unit}", place)
    shown = unit or ("" if name in catalogue.shares else find_quantity(_system(catalogue, variant), name)[2].unit)
    return replace(axis, labels=ends, unit="" if shown == "1" else shown)


def _read(catalogue: Catalogue, variant: Variant, written: str, place: str) -> Axis:
    try:
        return read_axis(catalogue, variant, written)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None


def _system(catalogue: Catalogue, variant: Variant) -> System:
    return compose(catalogue, variant.product, variant.method, variant.settings)


def _permitted(catalogue: Catalogue, variant: Variant, name: str, place: str) -> Axis:
    if name in catalogue.shares:
        raise InputError(place, "no range", f"{name}=preset:preset, presets out of {', '.join(catalogue.shares[name].presets)}")
    try:
        *_, quantity = find_quantity(_system(catalogue, variant), name)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None
    if quantity.limits is None:
        raise InputError(place, "no permitted range in the data", f"{name}=from:to")
    low, high = (limit / quantity.scale for limit in quantity.limits)
    axis = _numbers(catalogue, variant, name, (low, high), "", place)
    totals = [_total(catalogue, variant, axis, index) for index in (0, 1)]
    return axis if totals[0] >= totals[1] or np.isnan(totals).any() else turned(axis)


def _total(catalogue: Catalogue, variant: Variant, axis: Axis, index: int) -> float:
    settings = variant.settings.with_values({key: float(values[index]) for key, values in axis.values.items()})
    try:
        return float(calc_totals(catalogue, variant.product, variant.method, settings, 1)[0])
    except InputError:
        return float("nan")


def turned(axis: Axis) -> Axis:
    """The same axis from its end to its start."""
    return replace(
        axis, labels=axis.labels[::-1], values={key: values[::-1].copy() for key, values in axis.values.items()},
        shares=axis.shares[::-1],
    )  # fmt: skip


def place_at(axis: Axis, position: float) -> Place:
    """What stands at a position from 0 to 1 of an axis with two ends."""
    if axis.presets:
        return Place(None, "", dict(zip(axis.presets, (1 - position, position), strict=True)))
    first, last = (float(label) for label in axis.labels)
    return Place(first + (last - first) * position, axis.unit, {})


@dataclass(frozen=True)
class Scale:
    """How an axis is read by people.

    Parameters
    ----------
    kind : str
        `number`, `shares` (between two presets), `mixture` (among three) or `names`.
    unit : str
    values : tuple of float
        Rising numbers, or the share of the second of two presets [1]; empty for the other kinds.
    """

    kind: str
    unit: str
    values: tuple[float, ...]


def scale_of(catalogue: Catalogue, variant: Variant, axis: Axis) -> Scale:
    """Numbers in the parameter's unit where the points of an axis are numbers that rise, shares, or names."""
    if axis.presets:
        two = len(axis.presets) == 2
        return Scale("shares" if two else "mixture", "", tuple(shares[1] for shares in axis.shares) if two else ())
    try:
        read = [parse_quantity(str(label)) for label in axis.labels]
        *_, quantity = find_quantity(_system(catalogue, variant), axis.name)
    except InputError:
        return Scale("names", "", ())
    written = {unit for _, unit in read if unit} | ({axis.unit} if axis.unit else set())
    unit = written.pop() if len(written) == 1 else quantity.unit
    values = tuple(value for value, _ in read)
    rising = all(first < last for first, last in pairwise(values))
    return Scale("number", "" if unit == "1" else unit, values) if rising and not written else Scale("names", "", ())


def title_of(catalogue: Catalogue, variant: Variant, name: str) -> Mapping[str, str]:
    """What a parameter or a group of shares is called."""
    if name in catalogue.shares:
        return catalogue.shares[name].title
    try:
        *_, quantity = find_quantity(_system(catalogue, variant), name)
    except InputError:
        return {"en": name}
    plain = name.rpartition(".")[2]
    if plain in ("recycled_content", "recycled_input"):  # a charge states one of them; the record behind both is the one stated
        return {lang: text(f"heading.{plain.replace('_', '-')}", lang) for lang in LANGUAGES}
    known = catalogue.parameters.get(plain)
    return (known.name if known is not None else None) or quantity.name or {"en": name}


def refined(axis: Axis, count: int) -> Axis:
    """An axis with two ends as one with `count` points between them."""
    way = np.linspace(0, 1, count)
    values = {key: ends[0] + (ends[-1] - ends[0]) * way for key, ends in axis.values.items()}
    return replace(axis, labels=tuple(way.tolist()), values=values, shares=(), presets=())
