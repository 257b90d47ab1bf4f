"""JSON as proofs need it: one meaning a text, bounded, and where it matters one spelling."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

from pcf.errors import InputError
from pcf.store.canonical import canonical

MOST_BYTES = 20_000_000
"""Largest text that is read."""

DEEPEST = 60
"""How far lists and objects may lie in each other."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""Texts, of which one that nobody closes reaches to the end, lest it be looked for from each of its own quotes; and brackets."""


def read_json(content: bytes, place: str, most: int = MOST_BYTES) -> Any:
    """Read a text of JSON.

    Raises
    ------
    InputError
        For what is no JSON in UTF-8, is too large or too deep, names a member twice, or holds a number that is none.
    """
    if len(content) > most:
        raise InputError(place, f"{len(content):,} bytes", f"at most {most:,}")
    _check_depth(content, place)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
            raise InputError(place, f"member {twice!r} twice", "each member once")
        return found

    def refuse(name: str) -> Any:
        raise InputError(place, name, "a number")

    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=once, parse_constant=refuse)
    except (ValueError, RecursionError) as problem:
        raise InputError(place, f"no JSON in UTF-8: {str(problem)[:80]}", "a text of JSON") from None


def read_canonical(content: bytes, place: str, most: int = MOST_BYTES) -> Any:
    """Read a text of JSON in its canonical spelling (RFC 8785): no byte of it can change without changing its content.

    Raises
    ------
    InputError
        As `read_json`, and for another spelling.
    """
    found = read_json(content, place, most)
    if write_canonical(found, place) != content:
        raise InputError(place, "JSON in another spelling", "canonical JSON (RFC 8785)", "use the file as it was sent")
    return found


def write_canonical(content: Any, place: str) -> bytes:
    """Canonical JSON (RFC 8785).

    Raises
    ------
    InputError
        For what has none: numbers beyond a double, keys that are no text, halves of characters.
    """
    import rfc8785

    try:
        return canonical(content)
    except (rfc8785.CanonicalizationError, UnicodeError, RecursionError) as problem:
        raise InputError(
            place, f"{type(problem).__name__}: {str(problem)[:80]}", "content that canonical JSON can hold"
        ) from None


def _check_depth(content: bytes, place: str) -> None:
    depth = 0
    for found in _BRACKETS.finditer(content):
        mark = found[0]
        depth += (mark in (b"[", b"{")) - (mark in (b"]", b"}"))
        if depth > DEEPEST:
            raise InputError(place, f"more than {DEEPEST} lists in each other", "a flatter text")
