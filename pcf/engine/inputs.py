"""What the things that vary are called, and in which units people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pcf.catalogue import Catalogue, Quantity, metal_name
from pcf.engine.distributions import Distribution
from pcf.engine.sensitivity import Simplified
from pcf.engine.uncertain import Uncertain
from pcf.errors import InputError
from pcf.model import System
from pcf.settings import LANGUAGES
from pcf.text import name_in, text


@dataclass(frozen=True)
class Named:
    """An uncertain input as people know it.

    Parameters
    ----------
    id : str
        A factor's id, or a name of the chain, with its part of the chain where several have it.
    title : mapping of language to str
    unit : str
        Unit in which people write it.
    scale : float
        Base units in one of it.
    item : Uncertain
    """

    id: str
    title: Mapping[str, str]
    unit: str
    scale: float
    item: Uncertain

    @property
    def value(self) -> float:
        """The value without uncertainty [unit]."""
        return self.item.quantity.value / self.scale

    @property
    def distribution(self) -> Distribution:
        """The spread [unit]."""
        return scaled(self.item.distribution, self.scale)


def name_inputs(catalogue: Catalogue, items: Sequence[Uncertain]) -> list[Named]:
    """Ids of inputs, each one once; in the order of the items."""
    short = [item.input.factor or item.input.targets[0][1] for item in items]
    counts = Counter(short)
    found, taken = [], set()
    for item, id_ in zip(items, short, strict=True):
        if counts[id_] > 1 and item.input.targets:
            id_ = f"{item.input.targets[0][0].removeprefix('product:')}.{id_}"
        while id_ in taken:
            id_ += "'"
        taken.add(id_)
        quantity = item.quantity
        found.append(Named(id_, _title(catalogue, item, id_), quantity.unit, quantity.scale, item))
    return found


def _title(catalogue: Catalogue, item: Uncertain, id_: str) -> Mapping[str, str]:
    """Name of a value; what a supplier of metal brings is named after the supplier."""
    name = item.input.targets[0][1] if item.input.targets else ""
    if "__" in name:
        for process in catalogue.processes.values():
            part = name.rpartition("__")[2]
            if process.metal is not None and metal_name(process.id, part) == name:
                key, element = ("input.yield", "") if part == "yield" else ("input.element", part.capitalize())
                return {lang: text(key, lang, process=name_in(process.name, lang), element=element) for lang in LANGUAGES}
    return item.quantity.name or {"en": id_}


def scaled(distribution: Distribution, scale: float) -> Distribution:
    """A distribution of a value in base units as one in a unit of `scale` base units."""
    values = distribution.parameters
    if distribution.kind == "lognormal":  # the deviation is that of the logarithm
        parameters: tuple[float, ...] = (values[0] / scale, values[1])
    else:
        parameters = tuple(value / scale for value in values)
    return replace(distribution, parameters=parameters, lowest=distribution.lowest / scale, highest=distribution.highest / scale)


def in_units(catalogue: Catalogue, found: Simplified) -> tuple[float, list[tuple[Named, float]]]:
    """Constant [tCO2e/t] and terms of a short formula with slopes [tCO2e/t per unit that people write]."""
    named = name_inputs(catalogue, [item for item, _ in found.terms])
    return found.constant, [(name, slope * name.scale) for name, (_, slope) in zip(named, found.terms, strict=True)]


def find_quantity(system: System, key: str) -> tuple[str, str, Quantity]:
    """Scope, name and record of a parameter by the name that `pcf show` prints, with or without its part of the chain.

    Raises
    ------
    InputError
        For an unknown or an ambiguous name, or one of shares.
    """
    prefix, _, name = key.strip().lower().rpartition(".")
    scopes = {scope.id.removeprefix("product:"): scope for scope in system.scopes}
    if prefix:
        holders = [scope for label, scope in scopes.items() if label == prefix and name in scope.used]
    elif name in system.own.used:
        holders = [system.own]
    else:
        holders = [scope for scope in scopes.values() if name in scope.used]
    if len(holders) != 1:
        shown = " or ".join(f"{scope.id.removeprefix('product:')}.{name}" for scope in holders)
        raise InputError(
            key[:60], "an unknown name" if not holders else "a name of several parts", shown or "a name of `pcf show`"
        )
    scope = holders[0]
    # A charge states one of recycled input and content; the other has the same unit and range.
    quantity = next((scope.quantities[known] for known in (name, *_CHARGE) if known in scope.quantities), None)
    if name in system.catalogue.shares or quantity is None or (name not in scope.quantities and name not in _CHARGE):
        raise InputError(key[:60], "shares", "the name of a number")
    parameter = system.catalogue.parameters.get(name)
    if quantity.limits is None and parameter is not None:
        quantity = replace(quantity, limits=parameter.limits)
    return scope.id, name, quantity


_CHARGE = ("recycled_input", "recycled_content")
