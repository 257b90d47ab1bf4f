"""Decimals as the exchange formats write them: texts without exponent, exact, of a bearable length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, localcontext

from pcf.errors import InputError

PLAIN = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
"""A decimal as it is written: the official schemas accept `abc` or `5abc`."""

_WITH_EXPONENT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
LONGEST, WIDEST = 60, 30
"""Characters of a written decimal, and the largest power of ten of a value."""


def decimal_text(value: Decimal) -> str:
    """A decimal in plain digits, without exponent, needless zeros or a negative zero."""
    if not value.is_finite():
        raise InputError("a value", str(value), "a finite number")
    written = format(value, "f")
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return "0" if written in ("-0", "") else written


def to_decimal(value: float) -> Decimal:
    """The decimal that a double is printed as."""
    return Decimal(repr(float(value)))


def rounded(value: Decimal | float, decimals: int, *, up: bool = False) -> Decimal:
    """A value rounded to so many decimals, half to even, or up."""
    with localcontext() as context:
        context.prec = LONGEST + WIDEST
        exact = value if isinstance(value, Decimal) else to_decimal(value)
        return exact.quantize(Decimal(1).scaleb(-decimals), ROUND_CEILING if up else ROUND_HALF_EVEN)


def read_decimal(value: object, place: str) -> tuple[Decimal, str]:
    """A decimal of a stranger's file, and what is odd about how it is written (empty: nothing).

    Returns
    -------
    tuple of Decimal and str
        The value; `exponent`, `number` (where a text has to stand) or nothing.

    Raises
    ------
    InputError
        For another type, no finite number, or one of another world.
    """
    if isinstance(value, Decimal):
        odd, found = "number", value
    elif isinstance(value, str) and len(value) <= LONGEST and _WITH_EXPONENT.fullmatch(value):
        odd, found = "" if PLAIN.fullmatch(value) else "exponent", Decimal(value)
    else:
        kind = repr(value[:60]) if isinstance(value, str) else _kind(value)
        raise InputError(place, kind, 'a decimal in plain digits as a text, such as "4.25"')
    if not found.is_finite() or (found != 0 and abs(found.adjusted()) > WIDEST):
        raise InputError(place, str(found)[:60], f"a number of at most {WIDEST} digits before and behind the point")
    return found, odd


def _kind(value: object) -> str:
    names = {bool: "true or false", type(None): "null", list: "a list", dict: "an object"}
    return names.get(type(value), type(value).__name__)


def leaves(content: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every leaf of a document with its path."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from leaves(value, f"{path}.{name}" if path else name)
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from leaves(value, f"{path}[{index}]")
    else:
        yield path, content
