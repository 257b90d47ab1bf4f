"""Units: everything is computed in a coherent base (kg, J, m, s, Nm3, kgCO2e, CNY), and shown in the unit of its source.

CO2e is a dimension of its own, so that kgCO2e/kg does not cancel; so is a normal cubic metre. pint is imported when a unit
is first looked up, never on the way to a cached result.
"""

from __future__ import annotations

import difflib
import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pcf.errors import InputError

if TYPE_CHECKING:
    from pint import UnitRegistry
    from pint.facets.plain import PlainQuantity

Dimension = tuple[tuple[str, float], ...]
"""Powers of the base dimensions, sorted by name; a plain number is `()`."""

_DEFINITIONS = (
    "kg = [mass]",
    "g = 1e-3 kg",
    "mg = 1e-6 kg",
    "t = 1e3 kg",
    "kt = 1e6 kg",
    "Mt = 1e9 kg",
    "m = [length]",
    "km = 1e3 m",
    "s = [time]",
    "min = 60 s",
    "h = 3600 s",
    "day = 86400 s",
    "m3 = 1 m ** 3",
    "L = 1e-3 m ** 3",
    "J = kg * m ** 2 / s ** 2",
    "kJ = 1e3 J",
    "MJ = 1e6 J",
    "GJ = 1e9 J",
    "TJ = 1e12 J",
    "PJ = 1e15 J",
    "W = J / s",
    "kW = 1e3 W",
    "MW = 1e6 W",
    "Wh = 3600 J",
    "kWh = 3.6e6 J",
    "MWh = 3.6e9 J",
    "GWh = 3.6e12 J",
    "TWh = 3.6e15 J",
    "A = [current]",
    "kA = 1e3 A",
    "V = W / A",
    "mV = 1e-3 V",
    "K = [temperature]",
    "tkm = 1e3 kg * 1e3 m",
    "kgce = 29.3076e6 J",  # GB/T 2589: 7,000 kcal of 4.1868 kJ
    "tce = 1e3 kgce",
    "Nm3 = [normal_volume]",
    "kgCO2e = [co2e]",
    "gCO2e = 1e-3 kgCO2e",
    "tCO2e = 1e3 kgCO2e",
    "MtCO2e = 1e9 kgCO2e",
    "CNY = [currency]",
    "percent = 0.01",
)
"""Every unit there is. A closed list: what is not here is refused, so that no look-alike of another field slips in."""

NAMES = frozenset(line.split(" = ")[0] for line in _DEFINITIONS) - {"percent"}

_WRITTEN = re.compile(r"[A-Za-z0-9*/^(). %-]{1,60}\Z")
_TOKEN = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_POWER = re.compile(r"[A-Za-z][A-Za-z0-9]*\s*(?:\^|\*\*)\s*(-?\d+(?:\.\d+)?)")
_RAISED = re.compile(r"\^|\*\*|-")
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)\s*(.*?)\s*\Z", re.ASCII)
_PLAIN = re.compile(r"\d+(?:\.\d+)?\Z", re.ASCII)
_MOST_POWER = 3


@lru_cache
def _registry() -> UnitRegistry[float]:
    from pint import UnitRegistry

    return UnitRegistry(list(_DEFINITIONS), autoconvert_offset_to_baseunit=False, case_sensitive=True)


@lru_cache(maxsize=4096)
def _parsed(unit: str) -> tuple[float, Dimension]:
    """Scale to the base and dimension of a unit."""
    dims: Dimension
    text = unit.strip()
    if not _WRITTEN.match(text):
        raise InputError("unit", repr(unit)[:80], "a unit such as t, kWh/t, kgCO2e/(t*km) or 1")
    for token in _TOKEN.findall(text):
        if token not in NAMES:
            close = difflib.get_close_matches(token, NAMES, n=1, cutoff=0.5)
            if close:
                raise InputError("unit", repr(text), "a known unit", f"did you mean {close[0]!r}?")
            raise InputError("unit", repr(text), f"units out of {', '.join(sorted(NAMES))}")
    # A power stands behind the name of a unit, and a minus in a power: neither towers of powers nor sums go on to pint.
    powers = _POWER.findall(text)
    signs = len(powers) + sum(power.startswith("-") for power in powers)
    if len(_RAISED.findall(text)) != signs or any(abs(float(power)) > _MOST_POWER for power in powers):
        raise InputError("unit", repr(text), f"plain powers of one unit such as m^3, at most {_MOST_POWER}")
    if _PLAIN.match(text):
        scale, dims = float(text), ()
    else:
        try:
            quantity: PlainQuantity[float] = _registry().Quantity(text.replace("%", " percent "))
            scale = float(str(quantity.to_base_units().magnitude))
        except Exception as problem:  # pint raises many kinds for nonsense; all mean the same to a user
            raise InputError("unit", repr(text), "a unit such as t, kWh/t, kgCO2e/(t*km) or 1") from problem
        dims = tuple(sorted((str(name), float(str(power))) for name, power in quantity.dimensionality.items()))
    if not math.isfinite(scale) or scale <= 0:
        raise InputError("unit", repr(text), "a unit with a positive size")
    return scale, dims


def unit_scale(unit: str) -> float:
    """Size of a unit in the coherent base.

    Raises
    ------
    InputError
        For a text that is not a unit of the closed list.
    """
    return _parsed(unit)[0]


def dimension(unit: str) -> Dimension:
    """Dimension of a unit; a plain number has `()`."""
    return _parsed(unit)[1]


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """A value in another unit of the same dimension.

    Raises
    ------
    InputError
        For units of different dimensions.
    """
    if dimension(from_unit) != dimension(to_unit):
        raise InputError("unit", from_unit, f"a unit of the dimension of {to_unit}")
    return value * unit_scale(from_unit) / unit_scale(to_unit)


def quantity(value: float, unit: str) -> PlainQuantity[float]:
    """A value with its unit as a `pint` quantity of this module's closed list of units."""
    return _registry().Quantity(value, unit)


def parse_quantity(text: str) -> tuple[float, str | None]:
    """Number and unit (or None) of a text such as `13500kWh/t`, `0.8` or `80%`.

    Raises
    ------
    InputError
        For anything but a finite decimal number with an optional unit.
    """
    found = _NUMBER.match(text) if text.isascii() and len(text) <= 100 else None
    if not found:
        raise InputError("value", repr(text)[:80], "a decimal number with or without a unit, such as 13500kWh/t")
    value, unit = float(found[1]), found[2] or None
    if unit is not None and unit.startswith("/"):
        unit = f"1{unit}"  # `0.1/day`, as one writes it
    if not math.isfinite(value):
        raise InputError("value", repr(text)[:80], "a finite number")
    if unit is not None:
        unit_scale(unit)
    return value, unit
