"""JSON of a stranger: bounded in size and depth, each member once, numbers exact, texts without hidden characters."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

from pcf.errors import InputError
from pcf.text import visible

MOST_BYTES = 20_000_000
"""Largest file that is read [B]; a footprint has some 5,000."""

DEEPEST = 60
"""How far lists and objects may lie in each other."""

LONGEST_NUMBER = 60
"""Characters of a number: far more than any measurement has."""

_MARKS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def read_file(path: Path) -> Any:
    """Content of a JSON file; numbers are `Decimal`, so that nothing of what was written is lost.

    Raises
    ------
    InputError
        For no regular file, too large or too deep a text, what is no JSON in UTF-8, a member twice, a number that is none,
        and characters that a reader does not see.
    """
    place = path.name
    try:
        if not path.is_file():
            raise InputError(str(path), "no regular file", "a .json file")
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise InputError(place, f"{size:,} bytes", f"at most {MOST_BYTES:,}")
        content = path.read_bytes()
    except OSError as problem:
        raise InputError(str(path), problem.strerror or "an unreadable file", "a readable file") from problem
    return read_text(content, place)


def read_text(content: bytes, place: str) -> Any:
    """Content of a JSON text; see `read_file`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InputError(place, f"byte 0x{content[problem.start]:02x} at {problem.start:,}", "JSON in UTF-8") from None
    depth = 0
    for mark in _MARKS.finditer(text):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth > DEEPEST:
            raise InputError(place, f"more than {DEEPEST} lists or objects in each other", "a flatter text")

    def refuse(name: str) -> NoReturn:
        raise InputError(place, name, "a number")

    def number(written: str) -> Decimal:
        if len(written) > LONGEST_NUMBER:
            raise InputError(place, f"a number of {len(written):,} characters", f"at most {LONGEST_NUMBER}")
        try:
            return Decimal(written)
        except InvalidOperation:
            raise InputError(place, written, "a number") from None

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise InputError(place, f"member {name!r} twice", "each member once")
            _check_seen(place, "a name of a member", name)
            if isinstance(value, str):
                _check_seen(place, name, value)
            found[name] = value
        return found

    try:
        found = json.loads(text, object_pairs_hook=once, parse_constant=refuse, parse_float=number, parse_int=number)
    except (ValueError, RecursionError) as problem:
        raise InputError(place, f"no JSON: {str(problem)[:80]}", "a text of JSON") from None
    _check_lists(place, found)
    return found


def _check_lists(place: str, content: Any) -> None:
    """The texts of lists; those of objects were seen when they were read."""
    if isinstance(content, dict):
        for value in content.values():
            _check_lists(place, value)
    elif isinstance(content, list):
        for value in content:
            if isinstance(value, str):
                _check_seen(place, "a text of a list", value)
            else:
                _check_lists(place, value)


def _check_seen(place: str, name: str, value: str) -> None:
    """Refuse marks that turn the direction of writing, and others that change a text without being seen."""
    if visible(value, keep="\n\t\r") != value:
        shown = visible(value, instead="�", keep="\n\t\r")
        raise InputError(f"{place}, {name}", f"hidden characters: {shown[:60]!r}", "text that reads as it is written")
