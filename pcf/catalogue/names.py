"""Small helpers about names and shares that several rooms use."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from pcf.errors import InputError

MARK_KEYS = frozenset(
    {"source", "locator", "year", "geography", "source_check", "data_class", "assurance", "note", "name", "uncertainty"}
)
"""Keys of a mapping of shares that are marks, not shares."""


class UnknownName(InputError):
    """A name that leads nowhere; `kind` says what was looked for: source, factor, gas, alloy, process, site, product, name."""

    def __init__(self, place: str, kind: str, name: str, expected: str, advice: str = "") -> None:
        self.kind, self.name = kind, name
        super().__init__(place, f"{kind} {name!r}", expected, advice)


def nearest(name: str, known: Collection[str]) -> str:
    """An advice that names the nearest known name, or nothing."""
    close = difflib.get_close_matches(name[:80], list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""


def share_values(shares: Mapping[str, Any]) -> dict[str, Any]:
    """The shares of a mapping without its marks."""
    return {key: value for key, value in shares.items() if key not in MARK_KEYS}
