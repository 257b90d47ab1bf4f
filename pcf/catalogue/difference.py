"""What differs between two catalogues: every value, choice and reference, none left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from pcf.catalogue.records import Catalogue, Quantity

NOT_COMPARED = frozenset({"sha256", "own_sha256", "study_sha256", "version", "owners", "gwp", "place", "expression"})
"""Fields that follow from others, or that say where something stands and not what it is."""


@dataclass(frozen=True)
class Change:
    """One difference: kind of thing, its place, and what stands there before and after; empty where nothing does.

    `before` and `after` are the quantities themselves, where it is one.
    """

    kind: str
    id: str
    old: str
    new: str
    before: Quantity | None = None
    after: Quantity | None = None

    @property
    def way(self) -> str:
        """`added`, `removed` or `changed`."""
        return "changed" if self.old and self.new else "added" if self.new else "removed"


def compare_data(first: Catalogue, second: Catalogue) -> list[Change]:
    """Every difference in the order of kinds and names."""
    before, after = (dict(_flatten(item, ())) for item in (first, second))
    nothing: Leaf = ("", None)
    found = []
    for path in sorted({*before, *after}):
        (old, one), (new, other) = before.get(path, nothing), after.get(path, nothing)
        if old != new:
            found.append(Change(path[0], " ".join(path[1:]), old, new, one, other))
    return found


Leaf = tuple[str, Quantity | None]
"""What stands at a place in words, and the quantity where it is one."""


def _flatten(item: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Leaf]]:
    """Leaves of nested records by their path."""
    if isinstance(item, Quantity):
        yield path, (_describe(item), item)
    elif is_dataclass(item):
        for part in fields(item):
            if part.name not in NOT_COMPARED:
                yield from _flatten(getattr(item, part.name), (*path, part.name))
    elif isinstance(item, Mapping):
        for key, value in item.items():
            yield from _flatten(value, (*path, str(key)))
    elif isinstance(item, list | tuple):
        for index, value in enumerate(item):
            yield from _flatten(value, (*path, f"[{index}]"))
    elif item is not None and item != "":
        yield path, (str(item), None)


def _describe(item: Quantity) -> str:
    marks = item.marks
    parts = [
        f"{item.shown:.9g} {item.unit}",
        f"({marks.source}, {marks.year}, {marks.geography}, {marks.source_check}, {marks.data_class})",
    ]
    if item.uncertainty:
        parts.append(" ".join(f"{key}={value}" for key, value in item.uncertainty.items()))
    if item.limits:
        parts.append(f"{item.limits[0] / item.scale:.9g} … {item.limits[1] / item.scale:.9g}")
    return " ".join(parts)
