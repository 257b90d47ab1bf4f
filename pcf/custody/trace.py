"""Genealogy: what a unit was made of and what was made of it, by following the consumptions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

from sqlalchemy import Connection, func, select

from pcf.custody.genealogy import voided_units
from pcf.custody.shares import Edge, Parts, calc_reached, calc_shares, circle, split_down, split_up, sum_inputs
from pcf.custody.tables import consumption, heat, lot, unit, void
from pcf.errors import InputError

Value = TypeVar("Value")

__all__ = ["MOST", "Edge", "Genealogy", "Node", "calc_shares", "mixed_content", "origin_heats", "read_contents", "trace"]

MOST = 20_000
"""Units that one direction of a genealogy may hold before it is cut off, and says so."""

LEAST_KG, LEAST_SHARE = 1, Fraction(1, 1000)
"""What of the root makes a unit worth following [kg]; of a root of less than a tonne, that share of it."""

CHUNK = 500
"""Units of one query."""


@dataclass(frozen=True)
class Node:
    """A unit of a genealogy; `content_class` is that of a lot, `event_seq` the event of the log that recorded it."""

    id: str
    kind: str
    site: str
    date: str
    mass_kg: int
    material: str
    voided: bool = False
    content_class: str = ""
    event_seq: int = -1


@dataclass
class Genealogy:
    """A unit with what it was made of (`up`) and what was made of it (`down`).

    Attributes
    ----------
    shares : dict
        For each unit up, the part of the root's mass that comes from it by the proportion of charged masses.
    reached : dict
        For each unit down, the part of the root's mass that went into it.
    totals : dict
        All that went into each unit down [kg], from outside of the genealogy too.
    ends : set
        Units that hold so little of the root that they were not followed further.
    withdrawn : list
        Edges into void units; they carry no mass.
    cut : bool
        Whether there is more than a genealogy may hold.
    """

    root: str
    nodes: dict[str, Node] = field(default_factory=dict)
    up: list[Edge] = field(default_factory=list)
    down: list[Edge] = field(default_factory=list)
    shares: dict[str, Fraction] = field(default_factory=dict)
    reached: dict[str, Fraction] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    ends: set[str] = field(default_factory=set)
    withdrawn: list[Edge] = field(default_factory=list)
    cut: bool = False

    @property
    def start(self) -> Node:
        """The unit that was asked for."""
        return self.nodes[self.root]

    def portions_up(self) -> list[tuple[Edge, Fraction]]:
        """Each edge up with the mass of the root that came by it [kg]."""
        return split_up(self.start.mass_kg, self.up, self.shares)

    def portions_down(self) -> list[tuple[Edge, Fraction]]:
        """Each edge down with the mass of the root that went by it [kg]."""
        return split_down(self.root, self.start.mass_kg, self.down, self.reached, self.totals)


def trace(
    connection: Connection, name: str, *, up: bool = True, down: bool = True, least_kg: int = LEAST_KG, voided: bool = False
) -> Genealogy:
    """Follow a unit both ways; a few queries a generation, so the time grows with the genealogy, not with the table.

    Parameters
    ----------
    least_kg : int
        Units that less than this of the root's mass came from or went into are shown, and not followed further [kg]; 0 follows
        all. Returns that are charged again tie every heat of a furnace to all heats before it; at 1 kg, the resolution of the
        records, the ties end where they stop to matter.
    voided : bool
        Whether to name the void units down too; they are never followed and carry no mass.

    Raises
    ------
    InputError
        For a unit that is not recorded.
    CheckFailed
        For a circle of units, which no entry makes.
    """
    found = Genealogy(name)
    _add_nodes(connection, found, [name])
    if name not in found.nodes:
        raise InputError("unit", repr(name), "the id of a recorded lot, heat, bundle, coil or shipment")
    if up:
        _follow(connection, found, upward=True, least_kg=least_kg, voided=voided)
    if down:
        _follow(connection, found, upward=False, least_kg=least_kg, voided=voided)
    return found


def _follow(connection: Connection, found: Genealogy, *, upward: bool, least_kg: int, voided: bool) -> None:
    """Read one direction, generation by generation."""
    most = len(found.nodes) + MOST
    least = min(Fraction(least_kg, found.start.mass_kg), LEAST_SHARE)
    seen, front = {found.root}, [found.root]
    parts = Parts(found.root)
    waiting: dict[str, None] = {}
    cut = False
    while front and not cut:
        for start in range(0, len(front), CHUNK):
            edges, cut = _read_edges(connection, front[start : start + CHUNK], most - len(found.nodes), upward=upward)
            _add_nodes(connection, found, [name for name in _ends(edges, upward=upward) if name not in found.nodes])
            if not upward:
                edges = _standing(found, edges, voided=voided)
                _add_totals(connection, found, [edge.child for edge in edges if edge.child not in found.totals])
            (found.up if upward else found.down).extend(edges)
            if least_kg:
                parts.add(_lines(found, edges, upward=upward))
            waiting |= {name: None for name in _ends(edges, upward=upward) if name not in seen}
            if cut := cut or len(found.nodes) >= most:
                waiting |= dict.fromkeys(front[start + CHUNK :])
                break
        front = [name for name in waiting if not least_kg or parts.found[name] >= least]
        seen.update(front)
        if not cut:
            for name in front:
                del waiting[name]
    last = "lot" if upward else "shipment"
    found.ends.update(name for name in waiting if found.nodes[name].kind != last)
    found.cut = found.cut or cut
    _measure(found, upward=upward)


def _lines(found: Genealogy, edges: Sequence[Edge], *, upward: bool) -> list[tuple[str, str, Fraction]]:
    """Edges as lines away from the root, with the share of the nearer unit's part of the root that goes by each."""
    if upward:
        totals = sum_inputs(edges)
        return [(edge.child, edge.parent, Fraction(edge.mass_kg, totals[edge.child])) for edge in edges]
    whole = found.totals | {found.root: found.start.mass_kg}
    return [(edge.parent, edge.child, Fraction(edge.mass_kg, whole[edge.parent])) for edge in edges]


def _ends(edges: Sequence[Edge], *, upward: bool) -> list[str]:
    """Where edges lead to, seen from the root."""
    return list(dict.fromkeys(edge.parent if upward else edge.child for edge in edges))


def _measure(found: Genealogy, *, upward: bool) -> dict[str, Fraction]:
    if upward:
        found.shares = calc_shares(found.root, found.up)
        return found.shares
    found.reached = calc_reached(found.root, found.start.mass_kg, found.down, found.totals)
    return found.reached


def _read_edges(connection: Connection, names: Sequence[str], room: int, *, upward: bool) -> tuple[list[Edge], bool]:
    """Edges away from the root, and whether there are more. Up there never are: the shares need all lines of a charge."""
    column = consumption.c.child if upward else consumption.c.parent
    query = select(consumption).where(column.in_(names)).order_by(consumption.c.child, consumption.c.line)
    rows = connection.execute(query if upward else query.limit(room + 1)).all()
    edges = [Edge(row.parent, row.child, row.mass_kg, row.role, row.event_seq) for row in rows]
    return (edges, False) if upward else (edges[:room], len(edges) > room)


def _standing(found: Genealogy, edges: Sequence[Edge], *, voided: bool) -> list[Edge]:
    """Edges whose child stands; the others are set apart, or forgotten together with their children."""
    gone = [edge for edge in edges if found.nodes[edge.child].voided]
    if voided:
        found.withdrawn += gone
    else:
        for name in {edge.child for edge in gone}:
            del found.nodes[name]
    return [edge for edge in edges if edge.child in found.nodes and not found.nodes[edge.child].voided]


def _add_totals(connection: Connection, found: Genealogy, names: Sequence[str]) -> None:
    listed = list(dict.fromkeys(names))
    for start in range(0, len(listed), CHUNK):
        query = (
            select(consumption.c.child, func.sum(consumption.c.mass_kg))
            .where(consumption.c.child.in_(listed[start : start + CHUNK]))
            .group_by(consumption.c.child)
        )
        found.totals.update((child, int(mass)) for child, mass in connection.execute(query))


def _add_nodes(connection: Connection, found: Genealogy, names: Sequence[str]) -> None:
    found.nodes |= read_nodes(connection, names)


def read_nodes(connection: Connection, names: Sequence[str]) -> dict[str, Node]:
    """Units by id, void ones too; those that nobody has recorded are left out."""
    nodes: dict[str, Node] = {}
    listed = list(dict.fromkeys(names))
    for start in range(0, len(listed), CHUNK):
        some = listed[start : start + CHUNK]
        gone = set(connection.execute(voided_units().where(void.c.target.in_(some))).scalars())
        query = select(unit, lot.c.content_class).outerjoin(lot, lot.c.unit == unit.c.id).where(unit.c.id.in_(some))
        for row in connection.execute(query):
            nodes[row.id] = Node(
                row.id, row.kind, row.site, row.date, row.mass_kg, row.material, row.id in gone, row.content_class or "",
                row.event_seq,
            )  # fmt: skip
    return nodes


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
    return _walk(connection, name, lambda _, one: read_contents(connection, [one]).get(one), _mean)


def _walk(
    connection: Connection,
    name: str,
    read: Callable[[Connection, str], Value | None],
    mean: Callable[[Sequence[tuple[int, Value]]], Value],
) -> Value:
    """A value that is known of some units and the mean by mass of what they are made of for all others, however long the chain."""
    known: dict[str, Value] = {}
    inputs: dict[str, list[tuple[str, int]]] = {}
    path = [name]
    while path:
        last = path[-1]
        if last not in inputs:
            value = read(connection, last)
            if value is not None:
                known[last] = value
                path.pop()
                continue
            query = select(consumption.c.parent, consumption.c.mass_kg).where(consumption.c.child == last)
            inputs[last] = [(row.parent, row.mass_kg) for row in connection.execute(query)]
        following = next((parent for parent, _ in inputs[last] if parent not in known), None)
        if following is None:
            known[last] = mean([(mass, known[parent]) for parent, mass in inputs[last]])
            path.pop()
        elif following in inputs:
            raise circle([*path[path.index(following) :], following])
        else:
            path.append(following)
    return known[name]


def _mean(parts: Sequence[tuple[int, tuple[Fraction, Fraction]]]) -> tuple[Fraction, Fraction]:
    """Mean contents by mass; nothing of no mass."""
    total = sum(mass for mass, _ in parts)
    if not total:
        return Fraction(0), Fraction(0)
    post = sum((mass * one for mass, (one, _) in parts), Fraction(0)) / total
    return post, sum((mass * other for mass, (_, other) in parts), Fraction(0)) / total


TOLLED = "tolled"
"""Name, in the details of a heat, of the share of its charge that belongs to customers; absent where nothing does."""


def tolled_share(connection: Connection, name: str) -> Fraction:
    """Share of a unit's metal that belongs to customers: that of its heats and lots by mass."""
    return _walk(connection, name, _read_tolled, _weighted)


def _read_tolled(connection: Connection, name: str) -> Fraction | None:
    """The share of a heat or lot; None of what is made of them."""
    details = connection.execute(select(heat.c.details).where(heat.c.unit == name)).scalar()
    if details is not None:
        return Fraction(json.loads(details).get(TOLLED, 0))
    details = connection.execute(select(lot.c.details).where(lot.c.unit == name)).scalar()
    return None if details is None else Fraction("tolled_for" in json.loads(details))


def _weighted(parts: Sequence[tuple[int, Fraction]]) -> Fraction:
    total = sum(mass for mass, _ in parts)
    return sum((mass * share for mass, share in parts), Fraction(0)) / total if total else Fraction(0)


def read_contents(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Fraction, Fraction]]:
    """Post- and pre-consumer content of heats by id; ids of other units are left out."""
    found = {}
    for start in range(0, len(ids), 500):
        query = select(heat.c.unit, heat.c.details).where(heat.c.unit.in_(list(ids[start : start + 500])))
        for row in connection.execute(query):
            details = json.loads(row.details)
            found[row.unit] = (Fraction(details["post"]), Fraction(details["pre"]))
    return found
