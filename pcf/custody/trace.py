"""Genealogy: what a unit was made of and what was made of it, by following the consumptions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from pcf.custody.genealogy import voided_units
from pcf.custody.tables import consumption, heat, unit, void
from pcf.errors import InputError

MOST = 20_000
"""Units that one genealogy may hold before it is cut off, and says so."""


@dataclass(frozen=True)
class Node:
    """A unit of a genealogy."""

    id: str
    kind: str
    site: str
    date: str
    mass_kg: int
    material: str
    voided: bool = False


@dataclass(frozen=True)
class Edge:
    """Mass that went from one unit into another [kg]."""

    parent: str
    child: str
    mass_kg: int
    role: str


@dataclass
class Genealogy:
    """A unit with what it was made of (`up`) and what was made of it (`down`).

    `shares`: for each unit up, the part of the root's mass that comes from it by the proportion of charged masses.
    """

    root: str
    nodes: dict[str, Node] = field(default_factory=dict)
    up: list[Edge] = field(default_factory=list)
    down: list[Edge] = field(default_factory=list)
    shares: dict[str, Fraction] = field(default_factory=dict)
    cut: bool = False


def trace(connection: Connection, name: str, *, up: bool = True, down: bool = True) -> Genealogy:
    """Follow a unit both ways; one query a generation, so the time grows with the genealogy, not with the table.

    Raises
    ------
    InputError
        For a unit that is not recorded.
    """
    found = Genealogy(name)
    _add_nodes(connection, found, [name])
    if name not in found.nodes:
        raise InputError("unit", repr(name), "the id of a recorded lot, heat, bundle, coil or shipment")
    if up:
        found.up = _follow(connection, found, name, consumption.c.child, consumption.c.parent)
        found.shares = calc_shares(name, found.up)
    if down:
        found.down = _follow(connection, found, name, consumption.c.parent, consumption.c.child)
    return found


def _follow(connection: Connection, found: Genealogy, name: str, here: Any, there: Any) -> list[Edge]:
    """Edges of one direction, generation by generation."""
    edges: list[Edge] = []
    front, seen = [name], {name}
    forward = there.name
    gone = voided_units()
    while front:
        following: dict[str, None] = {}
        for start in range(0, len(front), 500):
            query = select(consumption).where(here.in_(front[start : start + 500]), consumption.c.child.not_in(gone))
            for row in connection.execute(query.order_by(consumption.c.child, consumption.c.line)):
                edges.append(Edge(row.parent, row.child, row.mass_kg, row.role))
                following[getattr(row, forward)] = None
        front = [name for name in following if name not in seen]
        if len(seen) + len(front) > MOST:
            found.cut = True
            front = front[: MOST - len(seen)]
            _add_nodes(connection, found, front)
            break
        seen.update(front)
        _add_nodes(connection, found, front)
    return [edge for edge in edges if edge.parent in found.nodes and edge.child in found.nodes]


def _add_nodes(connection: Connection, found: Genealogy, names: Sequence[str]) -> None:
    for start in range(0, len(names), 500):
        some = names[start : start + 500]
        gone = set(connection.execute(voided_units().where(void.c.target.in_(some))).scalars())
        for row in connection.execute(select(unit).where(unit.c.id.in_(some))):
            found.nodes[row.id] = Node(row.id, row.kind, row.site, row.date, row.mass_kg, row.material, row.id in gone)


def calc_shares(root: str, edges: Iterable[Edge]) -> dict[str, Fraction]:
    """Share of the root's mass that comes from each unit above it: charged masses in proportion, generation by generation."""
    inputs: dict[str, list[Edge]] = {}
    for edge in edges:
        inputs.setdefault(edge.child, []).append(edge)
    order = _children_first(root, inputs)
    shares: dict[str, Fraction] = {root: Fraction(1)}
    for name in order:
        lines = inputs.get(name, [])
        total = sum(edge.mass_kg for edge in lines)
        for edge in lines:
            shares[edge.parent] = shares.get(edge.parent, Fraction(0)) + shares[name] * Fraction(edge.mass_kg, total)
    return shares


def _children_first(root: str, inputs: Mapping[str, Sequence[Edge]]) -> list[str]:
    from graphlib import TopologicalSorter

    sorter: TopologicalSorter[str] = TopologicalSorter({root: ()})
    for child, lines in inputs.items():
        for edge in lines:
            sorter.add(edge.parent, child)
    return list(sorter.static_order())


def origin_heats(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, tuple[Fraction, Fraction]]]:
    """Kind of own units with the post- and pre-consumer content of the heats that they come from, weighted by mass."""
    found: dict[str, tuple[str, tuple[Fraction, Fraction]]] = {}
    for name in dict.fromkeys(ids):
        row = connection.execute(select(unit.c.kind).where(unit.c.id == name)).first()
        if row is None or row.kind in ("lot", "shipment"):
            continue
        if row.kind in ("return", "dross"):
            found[name] = (row.kind, (Fraction(0), Fraction(0)))
            continue
        found[name] = (row.kind, mixed_content(connection, name))
    return found


def mixed_content(connection: Connection, name: str) -> tuple[Fraction, Fraction]:
    """Post- and pre-consumer content of a heat, bundle, coil or shipment: that of its heats by mass."""
    contents = read_contents(connection, [name])
    if name in contents:
        return contents[name]
    total, post, pre = 0, Fraction(0), Fraction(0)
    query = select(consumption.c.parent, consumption.c.mass_kg).where(consumption.c.child == name)
    for parent, mass in connection.execute(query).all():
        one, other = mixed_content(connection, parent)
        total, post, pre = total + mass, post + mass * one, pre + mass * other
    return (post / total, pre / total) if total else (Fraction(0), Fraction(0))


def read_contents(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Fraction, Fraction]]:
    """Post- and pre-consumer content of heats by id; ids of other units are left out."""
    found = {}
    for start in range(0, len(ids), 500):
        query = select(heat.c.unit, heat.c.details).where(heat.c.unit.in_(list(ids[start : start + 500])))
        for row in connection.execute(query):
            details = json.loads(row.details)
            found[row.unit] = (Fraction(details["post"]), Fraction(details["pre"]))
    return found
