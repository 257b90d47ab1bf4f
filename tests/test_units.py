"""Units: a closed list, exact conversions, and nothing that merely looks like a unit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import InputError
from pcf.units import NAMES, convert, dimension, parse_quantity, unit_scale


@pytest.mark.parametrize(
    ("unit", "scale"),
    [
        ("t", 1000),
        ("kWh/t", 3600),
        ("kgCO2e/kWh", 1 / 3.6e6),
        ("tCO2e/t", 1),
        ("t*km", 1e6),
        ("tkm", 1e6),
        ("GJ/t", 1e6),
        ("kgce/t", 29307.6),
        ("Nm3/t", 1e-3),
        ("%", 0.01),
        ("1", 1),
        ("kg/t*day/min", 1e-3 * 1440),
    ],
)
def test_sizes_in_the_coherent_base(unit: str, scale: float) -> None:
    assert unit_scale(unit) == pytest.approx(scale, rel=1e-12)


def test_co2e_is_no_mass_and_a_normal_cubic_metre_no_volume() -> None:
    assert dimension("kgCO2e/kg") != ()
    assert dimension("Nm3") != dimension("m3")
    with pytest.raises(InputError):
        convert(1, "kgCO2e", "kg")
    with pytest.raises(InputError):
        convert(1, "Nm3", "m3")


@pytest.mark.parametrize(
    "text",
    ["", " ", "zebra", "kg/zebra", "ft", "lb", "kg**9", "kg^(9)", "kg; import os", "__import__('os')", "kg/", "kg kg", "ｋｇ", "µg",
     "kg" * 40, "0", "-1", "1e400", "kg/0", "t.__class__", "9^3^3^3", "1 9^3^3^3", "kg^3^3^3",
     "(kg^3)^3", "%^3", "kg-g", "kg--g", "2^3", "(" * 30 + "kg" + ")" * 30],
)  # fmt: skip
def test_what_is_no_unit_is_refused(text: str) -> None:
    if text in {"kg kg"}:  # pint reads juxtaposition as a product; it is a unit of its own dimension, never a mass
        assert dimension(text) != dimension("kg")
        return
    with pytest.raises(InputError):
        unit_scale(text)


@given(
    value=st.floats(1e-6, 1e12),
    first=st.sampled_from(["kWh", "MWh", "GJ", "kgce"]),
    second=st.sampled_from(["kWh", "MWh", "TJ", "tce"]),
)
def test_there_and_back_is_the_same(value: float, first: str, second: str) -> None:
    assert convert(convert(value, first, second), second, first) == pytest.approx(value, rel=1e-12)


@given(value=st.floats(allow_nan=False, allow_infinity=False, width=64))
def test_a_written_number_is_read_back(value: float) -> None:
    text = repr(value)
    if abs(value) >= 1e100 and "e" in text:
        return  # three digits of exponent are read, the sign and dot included
    number, unit = parse_quantity(text)
    assert number == value
    assert unit is None


def test_a_number_per_unit_is_read_as_one_writes_it() -> None:
    number, unit = parse_quantity("0.1/day")
    assert unit is not None
    assert number * unit_scale(unit) == pytest.approx(0.1 / 86400, rel=1e-12)
    assert dimension(unit) == dimension("1/day")
    with pytest.raises(InputError):
        parse_quantity("0.1/")


@given(st.text(max_size=30))
def test_any_text_is_a_quantity_or_a_clear_refusal(text: str) -> None:
    try:
        value, unit = parse_quantity(text)
    except InputError:
        return
    assert math.isfinite(value)
    assert unit is None or unit_scale(unit) > 0


def test_the_nearest_unit_is_named() -> None:
    with pytest.raises(InputError, match="did you mean 'kWh'"):
        unit_scale("kwh")
    assert "kgCO2e" in NAMES
