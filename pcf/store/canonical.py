"""Canonical JSON (RFC 8785) at the speed of the standard library where the two write the same bytes.

They differ in floats, in integers that a double cannot hold, in keys that are no texts, and in the order of keys of which one
lies beyond the basic plane; such content, and whatever else is unusual, goes to the reference implementation.
"""

from __future__ import annotations

import json
import re
from typing import Any

import rfc8785

MOST_INTEGER = 2**53 - 1
"""Largest integer that canonical JSON holds: a double has it, and no other one rounds to it."""

DEEPEST = 20
"""How far lists may lie in lists here; the reference alone decides what is too deep."""

_ENCODE = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode
_UNUSUAL = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")
"""Halves of characters, and characters beyond the basic plane, which UTF-16 sorts otherwise than code points do."""


def canonical(content: Any) -> bytes:
    """Canonical JSON of plain values.

    Raises
    ------
    rfc8785.CanonicalizationError
        For what has no canonical form.
    """
    if not _is_plain(content, DEEPEST):
        return rfc8785.dumps(content)
    text = _ENCODE(content)
    return text.encode() if text.isascii() or not _UNUSUAL.search(text) else rfc8785.dumps(content)


def _is_plain(content: Any, deepest: int) -> bool:
    """Whether there is nothing in it but texts, small integers, truth values, None, lists, and mappings of texts to such."""
    kind = type(content)
    if kind is str or content is None or kind is bool:
        return True
    if kind is int:
        return bool(-MOST_INTEGER <= content <= MOST_INTEGER)
    if not deepest:
        return False
    if kind is dict:
        return all(type(key) is str and _is_plain(value, deepest - 1) for key, value in content.items())
    return kind in (list, tuple) and all(_is_plain(value, deepest - 1) for value in content)
