"""The state of one build: what has been read so far and every problem found."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pcf.catalogue.documents import Document, Folder
from pcf.catalogue.names import UnknownName, nearest, share_values
from pcf.catalogue.quantities import number, read_quantity
from pcf.catalogue.records import Alloy, Derived, Factor, Quantity, ShareGroup
from pcf.errors import InputError

SUM_TOLERANCE = 1e-9

MOST_ADVICE = 50
"""Unknown names for which the nearest known one is looked for; after them a file has another trouble than slips."""

_ALONG: Mapping[str, tuple[str, ...]] = {"factor": ("gas",), "process": ("name",)}
"""Kind of what was not read → what is unknown along with it."""


@dataclass
class Workbench:
    """What a build has read, and its problems."""

    folder: Folder
    problems: list[InputError]
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, dict[str, Factor]] = field(default_factory=dict)
    gwp: dict[str, dict[str, float]] = field(default_factory=dict)
    parameters: dict[str, Quantity] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    shares: dict[str, ShareGroup] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    alloys: dict[str, Alloy] = field(default_factory=dict)
    documents: dict[tuple[str, str], Document] = field(default_factory=dict)
    lost: set[tuple[str, str]] = field(default_factory=set)
    _advised: int = 0

    def attempt(self, action: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Run one reading step; a problem is noted and the rest goes on."""
        try:
            return action(*arguments, **named)
        except InputError as problem:
            self.problems.append(problem)
            return None

    def say(self, place: str, found: str, expected: str, advice: str = "") -> None:
        """Note a problem."""
        self.problems.append(InputError(place, found, expected, advice))

    def unknown(self, place: str, kind: str, name: str, known: Collection[str], expected: str) -> None:
        """Note a name that leads nowhere, with the nearest known one."""
        self.problems.append(UnknownName(place, kind, name, expected, self.advice(name, known)))

    def advice(self, name: str, known: Collection[str]) -> str:
        """The nearest known name, for the first unknown ones."""
        self._advised += 1
        return nearest(name, known) if self._advised <= MOST_ADVICE else ""

    def lose(self, kind: str, *names: str) -> None:
        """Remember what was not read, so that who refers to it is not blamed."""
        self.lost.update((kind, name) for name in names)

    def first_problems(self) -> list[InputError]:
        """The problems without those that only follow from something that could not be read."""
        unread = {item for kind in self.folder.unread for item in (kind, *_ALONG.get(kind, ()))}
        return [
            problem
            for problem in self.problems
            if not (isinstance(problem, UnknownName) and (problem.kind in unread or (problem.kind, problem.name) in self.lost))
        ]

    def where(self, kind: str, name: str, *path: Any) -> str:
        """Place of a part of a document that has been read."""
        document = self.documents.get((kind, name))
        return document.where(*path) if document else f"{kind} {name}"

    def quantity(self, data: Any, place: str, defaults: Mapping[str, Any], *, spread: bool = True) -> Quantity | None:
        """Read a value; a problem is noted and gives None."""
        result: Quantity | None = self.attempt(
            read_quantity, data, place, sources=self.sources, defaults=defaults, factors=self.factors, spread=spread
        )
        return result

    def rule(self, name: str, without: float) -> float:
        """Value of a row of factors/rules.csv [base unit]; its absence is noted elsewhere."""
        rows = self.factors.get(name)
        return rows[max(rows)].quantity.value if rows else without

    def check_shares(self, shares: Mapping[str, Any], options: Collection[str], place: str) -> None:
        """Note unknown options, negative shares and a sum other than 1."""
        values = share_values(shares)
        total = 0.0
        for option, share in values.items():
            if option not in options:
                self.say(place, f"option {option!r}", ", ".join(options), nearest(option, options))
                return
            value = self.attempt(number, share, f"{place}.{option}")
            if value is None:
                return
            if value < 0:
                self.say(f"{place}.{option}", f"{value:g}", "a share of zero or more")
            total += value
        if abs(total - 1) > SUM_TOLERANCE:
            self.say(place, f"shares that sum to {total:.10g}", "a sum of 1")
