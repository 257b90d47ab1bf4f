"""Which part of a unit came from which other, and which part of it went where: charged masses in proportion, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter

from pcf.errors import CheckFailed

_LONGEST = 400
"""Bits of a denominator; beyond them a share is rounded, at 1e-75, lest a chain of a thousand heats counts in books of digits."""

_FINE = 1 << 250

MOST_NAMED = 6
"""Units of a circle that are named."""


@dataclass(frozen=True)
class Edge:
    """Mass that went from one unit into another [kg], and the event of the log that recorded it (-1: unknown)."""

    parent: str
    child: str
    mass_kg: int
    role: str
    event_seq: int = -1


def circle(names: Sequence[str]) -> CheckFailed:
    """What a circle of units is: no entry makes one, so somebody changed the records past the program."""
    shown = names if len(names) <= MOST_NAMED else [*names[: MOST_NAMED - 1], "…", names[-1]]
    return CheckFailed(
        f"genealogy: found a circle of units, {' ← '.join(shown)}; expected units that go into what was made after them; "
        "pcf log verify says what was changed"
    )


@dataclass
class Parts:
    """Parts of the root in the units that were reached so far, while a genealogy is read.

    It says what is worth following; the parts themselves are computed once the genealogy is whole.
    """

    root: str
    found: dict[str, Fraction] = field(default_factory=dict)
    _lines: dict[str, list[tuple[str, Fraction]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.found[self.root] = Fraction(1)

    def add(self, lines: Iterable[tuple[str, str, Fraction]]) -> None:
        """Add lines from a unit to one further away, with what share of the former's part they carry.

        Raises
        ------
        CheckFailed
            For a circle.
        """
        new: dict[str, list[tuple[str, Fraction]]] = {}
        for near, far, factor in lines:
            new.setdefault(near, []).append((far, factor))
        self._lines |= new
        more = {near: self.found[near] for near in new}
        for _ in range(len(self._lines) + 1):
            if not more:
                return
            following: dict[str, Fraction] = {}
            for near, part in more.items():
                for far, factor in self._lines.get(near, ()):
                    following[far] = rounded(following.get(far, Fraction(0)) + part * factor)
            for name, part in following.items():
                self.found[name] = rounded(self.found.get(name, Fraction(0)) + part)
            more = {name: part for name, part in following.items() if name in self._lines}
        _sorted({near: {far for far, _ in lines} for near, lines in self._lines.items()})  # names the circle


def calc_shares(root: str, edges: Iterable[Edge]) -> dict[str, Fraction]:
    """Share of the root's mass that comes from each unit above it."""
    listed = list(edges)
    totals = sum_inputs(listed)
    shares: dict[str, Fraction] = {root: Fraction(1)}
    for name, lines in _in_order(root, listed, upward=True):
        for edge in lines:
            part = shares[name] * Fraction(edge.mass_kg, totals[name])
            shares[edge.parent] = rounded(shares.get(edge.parent, Fraction(0)) + part)
    return shares


def calc_reached(root: str, mass_kg: int, edges: Iterable[Edge], totals: Mapping[str, int]) -> dict[str, Fraction]:
    """Share of the root's mass that went into each unit below it.

    Parameters
    ----------
    mass_kg : int
        Mass of the root [kg].
    totals : mapping
        All that went into each unit below [kg], from outside of the genealogy too.

    Notes
    -----
    Metal that is lost in a melt is in no unit below, so the shares of a generation may sum to less than one; returns that are
    charged again carry the root's metal a second time into a heat, and it counts there again.
    """
    listed = list(edges)
    reached: dict[str, Fraction] = {root: Fraction(1)}
    for name, lines in _in_order(root, listed, upward=False):
        for edge in lines:
            part = _content(name, root, mass_kg, reached, totals) * edge.mass_kg / mass_kg
            reached[edge.child] = rounded(reached.get(edge.child, Fraction(0)) + part)
    return reached


def split_up(mass_kg: int, edges: Iterable[Edge], shares: Mapping[str, Fraction]) -> list[tuple[Edge, Fraction]]:
    """Each edge above the root with the mass of the root that came by it [kg]."""
    listed = list(edges)
    totals = sum_inputs(listed)
    return [(edge, mass_kg * shares[edge.child] * Fraction(edge.mass_kg, totals[edge.child])) for edge in listed]


def split_down(
    root: str, mass_kg: int, edges: Iterable[Edge], reached: Mapping[str, Fraction], totals: Mapping[str, int]
) -> list[tuple[Edge, Fraction]]:
    """Each edge below the root with the mass of the root that went by it [kg]."""
    return [(edge, edge.mass_kg * _content(edge.parent, root, mass_kg, reached, totals)) for edge in edges]


def sum_inputs(edges: Iterable[Edge]) -> dict[str, int]:
    """All that goes into each unit [kg], of some edges."""
    totals: dict[str, int] = {}
    for edge in edges:
        totals[edge.child] = totals.get(edge.child, 0) + edge.mass_kg
    return totals


def _content(name: str, root: str, mass_kg: int, reached: Mapping[str, Fraction], totals: Mapping[str, int]) -> Fraction:
    """Part of a unit that comes from the root."""
    return Fraction(1) if name == root else reached[name] * mass_kg / totals[name]


def _in_order(root: str, edges: Iterable[Edge], *, upward: bool) -> list[tuple[str, list[Edge]]]:
    """Units with their edges away from the root, each after all units between it and the root."""
    before: dict[str, set[str]] = {root: set()}
    lines: dict[str, list[Edge]] = {}
    for edge in edges:
        near, far = (edge.child, edge.parent) if upward else (edge.parent, edge.child)
        before.setdefault(far, set()).add(near)
        lines.setdefault(near, []).append(edge)
    return [(name, lines[name]) for name in _sorted(before) if name in lines]


def _sorted(before: Mapping[str, set[str]]) -> list[str]:
    try:
        return list(TopologicalSorter(before).static_order())
    except CycleError as error:
        raise circle(error.args[1]) from None


def rounded(share: Fraction) -> Fraction:
    """A share as it is, or within 1e-75 where its digits would fill books."""
    return share if share.denominator.bit_length() <= _LONGEST else Fraction(round(share * _FINE), _FINE)
