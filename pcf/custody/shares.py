"""Which part of a unit came from which other, and which part of it went where: charged masses in proportion, exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from graphlib import TopologicalSorter

_LONGEST = 400
"""Bits of a denominator; beyond them a share is rounded, at 1e-75, lest a chain of a thousand heats counts in books of digits."""

_FINE = 1 << 250


@dataclass(frozen=True)
class Edge:
    """Mass that went from one unit into another [kg], and the event of the log that recorded it (-1: unknown)."""

    parent: str
    child: str
    mass_kg: int
    role: str
    event_seq: int = -1


def calc_shares(root: str, edges: Iterable[Edge]) -> dict[str, Fraction]:
    """Share of the root's mass that comes from each unit above it."""
    listed = list(edges)
    totals = sum_inputs(listed)
    shares: dict[str, Fraction] = {root: Fraction(1)}
    for name, lines in _in_order(root, listed, upward=True):
        for edge in lines:
            part = shares[name] * Fraction(edge.mass_kg, totals[name])
            shares[edge.parent] = _rounded(shares.get(edge.parent, Fraction(0)) + part)
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
            reached[edge.child] = _rounded(reached.get(edge.child, Fraction(0)) + part)
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
    sorter: TopologicalSorter[str] = TopologicalSorter({root: ()})
    lines: dict[str, list[Edge]] = {}
    for edge in edges:
        near, far = (edge.child, edge.parent) if upward else (edge.parent, edge.child)
        sorter.add(far, near)
        lines.setdefault(near, []).append(edge)
    return [(name, lines[name]) for name in sorter.static_order() if name in lines]


def _rounded(share: Fraction) -> Fraction:
    return share if share.denominator.bit_length() <= _LONGEST else Fraction(round(share * _FINE), _FINE)
