"""Reads what a sweep goes over: `name=from:to:step`, `name=value,value,…` or `shares=preset:preset:count`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine.montecarlo import Variant
from pcf.engine.sweep import MOST_POINTS, Axis
from pcf.errors import InputError
from pcf.model import CHOICES, Method, read_request
from pcf.units import parse_quantity

MOST_PRESETS = 3


def read_axis(catalogue: Catalogue, variant: Variant, text: str) -> Axis:
    """One axis of a sweep over a variant.

    Parameters
    ----------
    catalogue : Catalogue
    variant : Variant
    text : str
        `recycled_content=0:1:0.01` (numbers by step), `silicon_origin=coal,hydro` (values one by one) or
        `grid_mix=coal:hydro:21` (from one mix to another in 21 points; three mixes make a triangle).

    Raises
    ------
    InputError
        For an axis that cannot be read, or a step that leads nowhere.
    """
    name, found, written = text.partition("=")
    name, place = name.strip(), f"--over {text[:80]}"
    if not found or not name or not written.strip():
        raise InputError(place, "no name or no values", "name=from:to:step, name=value,value or shares=preset:preset:count")
    parts = [part.strip() for part in written.split(":")]
    if len(parts) == 1:
        return _listed(catalogue, variant, name, [part.strip() for part in written.split(",")], place)
    if len(parts) < 3:
        raise InputError(place, written, "three parts, from:to:step, or preset:preset:count")
    if _is_number(parts[0]):
        return _ranged(catalogue, variant, name, parts, place)
    return _mixed(catalogue, variant, name, parts, place)


def _is_number(text: str) -> bool:
    try:
        parse_quantity(text)
    except InputError:
        return False
    return True


def _values(catalogue: Catalogue, variant: Variant, name: str, value: str, place: str) -> Mapping[tuple[str, str], float]:
    """What a setting moves."""
    site = next(iter(variant.settings.sites.values()), "")
    try:
        texts, mix = ([], value) if name == "grid_mix" else ([f"{name}={value}"], "")
        _, settings = read_request(catalogue, variant.product, variant.method, texts, mix, site)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None
    return settings.values


def _ranged(catalogue: Catalogue, variant: Variant, name: str, parts: Sequence[str], place: str) -> Axis:
    if len(parts) != 3:
        raise InputError(place, f"{len(parts)} parts", "from:to:step")
    (low, unit), (high, _), (step, _) = (parse_quantity(part) for part in parts)
    if not all(math.isfinite(value) for value in (low, high, step)) or step <= 0 or high < low:
        raise InputError(place, ":".join(parts), "from below to, and a step above zero")
    count = math.floor((high - low) / step * (1 + 1e-12)) + 1
    if count > MOST_POINTS:
        raise InputError(place, f"{count:,} points", f"at most {MOST_POINTS:,}", "a larger step")
    labels = tuple(low + step * index for index in range(count))
    first = _values(catalogue, variant, name, f"{low!r}{unit or ''}", place)
    last = _values(catalogue, variant, name, f"{labels[-1]!r}{unit or ''}", place)
    way = np.linspace(0, 1, count)
    values = {key: first[key] + (last[key] - first[key]) * way for key in first}
    return Axis(name, tuple(round(label, 12) for label in labels), unit or "", values)


def _listed(catalogue: Catalogue, variant: Variant, name: str, items: Sequence[str], place: str) -> Axis:
    found = [_values(catalogue, variant, name, item, place) for item in items]
    if any(set(values) != set(found[0]) for values in found):
        raise InputError(place, "values that move different things", "values of one kind")
    return Axis(name, tuple(items), "", {key: np.array([values[key] for values in found]) for key in found[0]})


def _mixed(catalogue: Catalogue, variant: Variant, name: str, parts: Sequence[str], place: str) -> Axis:
    *presets, written = parts
    if not written.isascii() or not written.isdigit() or int(written) < 2:
        raise InputError(place, f"count {written!r}", "a whole number of points, 2 or more")
    count = int(written)
    if len(presets) > MOST_PRESETS or count > 10_000:
        raise InputError(place, f"{len(presets)} mixes, {count} points", "two or three mixes and at most 10,000 points a side")
    ends = [_values(catalogue, variant, name, preset, place) for preset in presets]
    steps = [
        tuple(part / (count - 1) for part in shares)
        for shares in itertools.product(range(count), repeat=len(presets))
        if sum(shares) == count - 1
    ]
    steps.sort(reverse=True)
    keys = dict.fromkeys(key for end in ends for key in end)
    values = {
        key: np.array([sum(share * end.get(key, 0.0) for share, end in zip(shares, ends, strict=True)) for shares in steps])
        for key in keys
    }
    labels = tuple(
        " + ".join(f"{share:.0%} {preset}" for share, preset in zip(shares, presets, strict=True) if share) for shares in steps
    )
    return Axis(name, labels, "", values, tuple(steps), tuple(presets))


def read_variant(catalogue: Catalogue, text: str, base: Variant | None = None) -> Variant:
    """A variant such as `a356.2:recycled_content=0.9,grid_mix=coal:0.2,hydro:0.8`.

    Parameters
    ----------
    catalogue : Catalogue
    text : str
        Product, then settings; a choice of the method (`scrap=co-product`) changes the method.
    base : Variant, optional
        Its method is the one to start from.

    Raises
    ------
    InputError
        For a product or settings that cannot be read.
    """
    product, _, rest = text.partition(":")
    settings: dict[str, str] = {}
    last = ""
    for part in filter(None, (item.strip() for item in rest.split(","))):
        name, found, value = part.partition("=")
        if found:
            last = name.strip()
            if last in settings:
                raise InputError(f"variant {text[:80]}", f"{last} twice", "each setting once")
            settings[last] = value.strip()
        elif last:
            settings[last] += f",{part}"
        else:
            raise InputError(f"variant {text[:80]}", repr(part[:40]), "product:name=value,name=value")
    method = base.method if base else Method()
    for name in [name for name in settings if name.replace("-", "_") in {*CHOICES, "factor_year"}]:
        method = method.with_choice(name.replace("-", "_"), settings.pop(name))
    mix, site = settings.pop("grid_mix", ""), settings.pop("site", "")
    texts = [f"{name}={value}" for name, value in settings.items()]
    product_id, chosen = read_request(catalogue, product, method, texts, mix, site)
    return Variant(product_id, method, chosen)
