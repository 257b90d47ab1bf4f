"""Canonical JSON (RFC 8785) at the speed of the standard library where the two write the same bytes.

They differ in some floats, which are spelled here, in integers that a double cannot hold, in keys that are no texts, and in the
order of keys of which one lies beyond the basic plane; such content, and whatever else is unusual, goes to the reference
implementation.
"""

from __future__ import annotations

import json
import math
from typing import Any

import rfc8785

MOST_INTEGER = 2**53 - 1
"""Largest integer that canonical JSON holds: a double has it, and no other one rounds to it."""

DEEPEST = 20
"""How far lists may lie in lists here; the reference alone decides what is too deep."""

MARK = "\x7f"
"""Stands around a number whose spelling the standard library does not know: a control character that JSON writes as it is."""

_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_SMALLEST = 1e-4
"""Fractions from here on up to `MOST_INTEGER` are written alike, and without an exponent, by the standard library and RFC 8785."""


class _Unusual(Exception):
    """Content that the reference implementation has to write, or to refuse."""


def canonical(content: Any) -> bytes:
    """Canonical JSON of plain values.

    Raises
    ------
    rfc8785.CanonicalizationError
        For what has no canonical form.
    """
    marked: list[float] = []
    try:
        text = _ENCODE(_plain(content, DEEPEST, marked))
        if text.count(MARK) == 2 * len(marked) and not _is_beyond(text):
            return (_without_marks(text) if marked else text).encode()
    except (_Unusual, UnicodeEncodeError):
        pass
    return rfc8785.dumps(content)


def _is_beyond(text: str) -> bool:
    """Whether there are characters beyond the basic plane, which UTF-16 sorts otherwise than code points do."""
    return not text.isascii() and len(text.encode("utf-16-le")) != 2 * len(text)


def _without_marks(text: str) -> str:
    """The text with its marked numbers as numbers: without the marks and the quotes around them."""
    first, *parts = text.split(MARK)
    between = (part if place % 2 == 0 else part[1:-1] for place, part in enumerate(parts[:-1]))
    return "".join((first[:-1], *between, parts[-1][1:]))


def _plain(content: Any, deepest: int, marked: list[float]) -> Any:
    """The content with its floats as the standard library has to see them; those that are spelled in a text are added to `marked`.

    Raises
    ------
    _Unusual
        For anything but texts, numbers, truth values, None, lists, and mappings of texts to such.
    """
    kind = type(content)
    if kind is str or content is None or kind is bool:
        return content
    if kind is float:
        return _float(content, marked)
    if kind is int:
        if not -MOST_INTEGER <= content <= MOST_INTEGER:
            raise _Unusual
        return content
    if not deepest:
        raise _Unusual
    if kind is dict:
        if set(map(type, content)) - {str}:
            raise _Unusual
        return {
            key: value if type(value) is str else _plain(value, deepest - 1, marked) for key, value in content.items()
        }  # fmt: skip
    if kind is list or kind is tuple:
        return [value if type(value) is str else _plain(value, deepest - 1, marked) for value in content]
    raise _Unusual


def _float(value: float, marked: list[float]) -> Any:
    """A float, or what is written in its place: an integer without its `.0`, or the text of the reference between marks."""
    if not math.isfinite(value):
        raise _Unusual
    size = abs(value)
    if size <= MOST_INTEGER:
        if value.is_integer():
            return int(value)
        if size >= _SMALLEST:
            return value
    marked.append(value)
    return f"{MARK}{rfc8785.dumps(value).decode()}{MARK}"
