"""The user's settings: which values of which scope they replace, checked against units and permitted ranges."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pcf.catalogue import Catalogue, Quantity, ShareGroup, nearest
from pcf.errors import InputError
from pcf.units import dimension, parse_quantity, unit_scale

if TYPE_CHECKING:
    from pcf.model.scopes import Scopes
    from pcf.model.system import System

SUM_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Settings:
    """Values that replace those of the catalogue.

    Parameters
    ----------
    values : mapping of (scope id, name) to float or (n_scenarios,)
        In base units; shares under `group__option`.
    sites : mapping of product id to site id
        Products computed at another site than their own.
    texts : mapping of str to str
        What the user wrote, for the record.
    factors : mapping of factor id to float or (n_scenarios,)
        Values that replace a factor's row wherever it is used [base units], behind a parameter or in an exchange.
    """

    values: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    sites: Mapping[str, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, Any] = field(default_factory=dict)

    def with_values(self, values: Mapping[tuple[str, str], Any]) -> Settings:
        """The same settings with more values."""
        return replace(self, values={**self.values, **values})

    def check_reached(self, scopes: Scopes, known: Collection[str]) -> None:
        """Refuse a setting that reaches nothing.

        Raises
        ------
        InputError
            Naming the setting.
        """
        used = {scope.id: scope.used for scope in scopes}
        for scope_id, name in self.values:
            if scope_id not in known:
                raise InputError(f"{scope_id}.{name}", "a scope that the product does not use", ", ".join(sorted(known)))
            base = name if name in used[scope_id] else name.partition("__")[0]
            if base not in used[scope_id]:
                advice = nearest(base, used[scope_id])
                raise InputError(f"{scope_id}.{name}", "a value that nothing uses", "a name of `pcf show`", advice)


def find_product(catalogue: Catalogue, name: str) -> str:
    """Id of a product by id, alias or name in any letter case.

    Raises
    ------
    InputError
        With the nearest known name.
    """
    wanted = name.strip().lower()
    products = catalogue.products.values()
    names = {label.lower(): item.id for item in products for label in (*item.name.values(), *item.aliases, item.id)}
    if wanted in names:
        return names[wanted]
    shown = name if len(name) <= 60 else name[:60] + "…"
    advice = nearest(wanted, names) or "see `pcf products`"
    raise InputError("product", repr(shown), "a product of the catalogue", advice)


def read_settings(base: System, texts: Iterable[str], grid_mix: str = "", site: str = "") -> Settings:
    """Read the user's settings against the product's chain as it stands without them.

    Parameters
    ----------
    base : System
        The product's system without settings: it says which names exist where.
    texts : iterable of str
        `name=value[unit]` or `scope.name=value[unit]`; for shares `group=option` or `group=a:0.2,b:0.8`.
    grid_mix : str
        A preset or shares by type for every scope of the product's own site.
    site : str
        Another site for the product and those parts of its chain that are made at its own site.

    Raises
    ------
    InputError
        For unknown, ambiguous or repeated names, wrong units, values out of range, shares that do not sum to 1.
    """
    catalogue = base.catalogue
    values: dict[tuple[str, str], Any] = {}
    record: dict[str, str] = {}
    for text in texts:
        key, found, written = text.partition("=")
        key, written = key.strip(), written.strip()
        if not found or not key or not written:
            raise InputError(f"--set {text}", "no name or no value", "name=value[unit]")
        scope_id, name = _locate(base, key)
        if any(scope_id == known and (name == item or item.startswith(f"{name}__")) for known, item in values):
            raise InputError(f"--set {key}", "the same name twice", "one value for a name")
        values.update(_read_value(base, scope_id, name, written, f"--set {key}"))
        record[key] = written
    sites: dict[str, str] = {}
    if site:
        sites = _moved(base, site)
        record["site"] = site
    if grid_mix:
        record["grid_mix"] = grid_mix
        for scope_id in _own_site_scopes(base):
            for option, share in read_shares(catalogue.shares["grid_mix"], grid_mix, "--grid-mix").items():
                values[(scope_id, f"grid_mix__{option}")] = share
    return Settings(values, sites, record)


def is_known(base: System, text: str) -> bool:
    """Whether the name in `name=value` means something in the chain as it stands."""
    try:
        _locate(base, text.partition("=")[0].strip())
    except InputError:
        return False
    return True


def _own_site_scopes(base: System) -> list[str]:
    """Scopes of the chain that lie at the product's own site and use electricity."""
    own = base.own.site
    if own is None:
        raise InputError("--grid-mix", f"{base.product.id} has no site of its own", "a product that is made at one site")
    found = [
        scope.id
        for scope in base.scopes
        if scope.site is own and "grid_mix" in scope.used and (scope.product is not None or scope is base.own)
    ]
    if not found:
        raise InputError("--grid-mix", f"{base.product.id}, which uses no electricity of its site", "a product that does")
    return found


def find_site(catalogue: Catalogue, name: str) -> str:
    """Id of a site by id or name in any letter case; a plant without a year means its newest one.

    Raises
    ------
    InputError
        With the nearest known one.
    """
    names = {label.lower(): item.id for item in catalogue.sites.values() for label in (*item.name.values(), item.id)}
    wanted = name.strip().lower()
    years = {key[-4:]: key for key in names if key[:-5] == wanted and key[-5:-4] == "-" and key[-4:].isdigit()}
    if wanted not in names and years:
        return names[years[max(years)]]
    if wanted not in names:
        raise InputError("--site", repr(name[:60]), ", ".join(sorted(catalogue.sites)), nearest(wanted, names))
    return names[wanted]


def _moved(base: System, name: str) -> dict[str, str]:
    site = find_site(base.catalogue, name)
    if base.own.site is None:
        raise InputError("--site", f"{base.product.id} has no site of its own", "a product that is made at one site")
    return {scope.product.id: site for scope in base.scopes if scope.product is not None and scope.site is base.own.site}


def _locate(base: System, key: str) -> tuple[str, str]:
    """Scope and name that a key means."""
    prefix, _, name = key.rpartition(".")
    scopes = {scope.id.removeprefix("product:"): scope for scope in base.scopes}
    if prefix:
        scope = scopes.get(prefix.lower())
        if scope is None:
            advice = nearest(prefix, scopes)
            raise InputError(f"--set {key}", f"scope {prefix!r}", f"one of {', '.join(sorted(scopes))}", advice)
        name = name.lower()
        if name not in scope.used:
            raise InputError(f"--set {key}", f"name {name!r}", f"a name used in {prefix}", nearest(name, scope.used))
        return scope.id, name
    name = name.lower()
    if name in base.own.used:
        return base.own.id, name
    holders = [label for label, scope in scopes.items() if name in scope.used]
    if len(holders) == 1:
        return scopes[holders[0]].id, name
    if holders:
        shown = " or ".join(f"{label}.{name}" for label in sorted(holders))
        raise InputError(f"--set {key}", f"a name that {len(holders)} parts of the chain have", f"which one: {shown}")
    every = {item for scope in base.scopes for item in scope.used}
    raise InputError(f"--set {key}", "an unknown name", "a name of `pcf show`", nearest(name, every))


def _read_value(base: System, scope_id: str, name: str, text: str, place: str) -> dict[tuple[str, str], Any]:
    group = base.catalogue.shares.get(name)
    if group is not None:
        return {(scope_id, f"{name}__{key}"): value for key, value in read_shares(group, text, place).items()}
    scope = next(item for item in base.scopes if item.id == scope_id)
    # A charge states one of recycled input and content; the other has the same unit and range.
    quantity = next(scope.quantities[key] for key in (name, "recycled_input", "recycled_content") if key in scope.quantities)
    return {(scope_id, name): read_number(quantity, base.catalogue.parameters.get(name), text, place)}


def read_number(quantity: Quantity, parameter: Quantity | None, text: str, place: str) -> float:
    """A user's value [base unit] with unit and range checked.

    Parameters
    ----------
    quantity : Quantity
        What it replaces.
    parameter : Quantity or None
        The process's own parameter, whose range and unit hold.
    text : str
        Number with or without a unit; without one it is in the parameter's unit.
    """
    limits = quantity.limits or (parameter.limits if parameter else None)
    unit = parameter.unit if parameter else quantity.unit
    scale = parameter.scale if parameter else quantity.scale
    try:
        value, written = parse_quantity(text)
        if written is None or written == unit:
            value *= scale
        elif dimension(written) != dimension(unit):
            raise InputError(place, f"unit {written}", f"a unit of {unit}")
        else:
            value *= unit_scale(written)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None
    if not math.isfinite(value):
        raise InputError(place, text, "a finite number")
    if limits and not limits[0] * (1 - 1e-12) <= value <= limits[1] * (1 + 1e-12):
        raise InputError(place, text, f"{limits[0] / scale:g} to {limits[1] / scale:g} {'' if unit == '1' else unit}".strip())
    return value


def read_shares(group: ShareGroup, text: str, place: str) -> dict[str, float]:
    """Shares of a group from a preset's name, an option or `a=0.2,b=0.8`; every option has a value.

    Raises
    ------
    InputError
        For unknown options, repeated ones, shares outside 0 to 1 or a sum other than 1.
    """
    options = group.options
    written = text.strip()
    if written in group.presets:
        preset = group.presets[written]
        return {option: float(preset.get(option, 0.0)) for option in options}
    shares: dict[str, float] = {}
    for part in written.split(","):
        option, found, number = part.replace("=", ":").partition(":")
        option = option.strip().replace("-", "_")
        if option not in options:
            known = [*options, *(name for name in group.presets if name not in options)]
            raise InputError(place, repr(option), ", ".join(known), nearest(option, known))
        if not found:
            raise InputError(place, repr(part), f"{option}=<share>, or one option alone")
        if option in shares:
            raise InputError(place, f"{option} twice", "each option once")
        try:
            value, unit = parse_quantity(number)
        except InputError as problem:
            raise InputError(place, problem.found, problem.expected, problem.advice) from None
        value = value / 100 if unit == "%" else value
        if unit not in (None, "%", "1") or not 0 <= value <= 1:
            raise InputError(f"{place} {option}", number.strip(), "a share from 0 to 1")
        shares[option] = value
    total = sum(shares.values())
    if abs(total - 1) > SUM_TOLERANCE:
        raise InputError(place, f"shares that sum to {total:.10g}", "a sum of 1")
    return {option: shares.get(option, 0.0) for option in options}
