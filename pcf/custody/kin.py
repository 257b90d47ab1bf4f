"""The near relatives of a unit: a few generations up and down, the largest of each, however large the genealogy is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from pcf.custody.genealogy import RETURN
from pcf.custody.shares import Edge
from pcf.custody.tables import consumption
from pcf.custody.trace import Node, read_nodes
from pcf.errors import InputError

GENERATIONS, MOST_GENERATIONS = 2, 6
BREADTH, MOST_BREADTH = 7, 40
"""Units of a generation that are shown by default, and at most."""


@dataclass
class Kin:
    """Some relatives of a unit.

    Attributes
    ----------
    level : dict
        Generation of each unit: 0 the root, below it what it was made of, above it what was made of it.
    hidden : dict
        Generation → how many more units there are in it; None: nobody has looked, only that there are some.
    """

    root: str
    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    level: dict[str, int] = field(default_factory=dict)
    hidden: dict[int, int | None] = field(default_factory=dict)


def read_kin(connection: Connection, root: str, *, up: int = GENERATIONS, down: int = GENERATIONS, breadth: int = BREADTH) -> Kin:
    """The relatives of a unit, generation by generation; two queries each.

    Raises
    ------
    InputError
        For a unit that is not recorded.
    """
    found = Kin(root, read_nodes(connection, [root]))
    if not found.nodes:
        raise InputError("unit", repr(root[:80]), "the id of a recorded lot, heat, bundle, coil or shipment")
    found.level[root] = 0
    for sign, count in ((-1, up), (1, down)):
        front = [root]
        for generation in range(1, min(count, MOST_GENERATIONS) + 1):
            front = _step(connection, found, front, sign * generation, min(breadth, MOST_BREADTH))
        if front and _goes_on(connection, front, upward=sign < 0, known=found.level):
            found.hidden[sign * (min(count, MOST_GENERATIONS) + 1)] = None
    return found


def _step(connection: Connection, found: Kin, front: Sequence[str], level: int, breadth: int) -> list[str]:
    """Read the next generation; gives those of it that are shown."""
    if not front:
        return []
    upward = level < 0
    near, far = (consumption.c.child, consumption.c.parent) if upward else (consumption.c.parent, consumption.c.child)
    sums = (
        select(far.label("far"), func.sum(consumption.c.mass_kg).label("mass")).where(near.in_(list(front)))
        .group_by(far).order_by(func.sum(consumption.c.mass_kg).desc(), far)
    )  # fmt: skip
    fresh = [name for name in connection.execute(sums.limit(breadth + len(found.level))).scalars() if name not in found.level]
    shown = fresh[:breadth]
    whole = int(connection.execute(select(func.count()).select_from(sums.order_by(None).subquery())).scalar_one())
    known = sum(1 for name in _among(connection, front, list(found.level), upward=upward))
    if (more := whole - known - len(shown)) > 0:
        found.hidden[level] = more
    found.nodes |= read_nodes(connection, shown)
    found.level |= dict.fromkeys(shown, level)
    lines = select(consumption).where(near.in_(list(front)), far.in_(shown)).order_by(consumption.c.child, consumption.c.line)
    for row in connection.execute(lines):
        found.edges.append(Edge(row.parent, row.child, row.mass_kg, row.role, row.event_seq))
    return shown


def _among(connection: Connection, front: Sequence[str], names: Sequence[str], *, upward: bool) -> list[str]:
    """Of some units those that are next to a generation already."""
    near, far = (consumption.c.child, consumption.c.parent) if upward else (consumption.c.parent, consumption.c.child)
    return list(connection.execute(select(far).distinct().where(near.in_(list(front)), far.in_(list(names)))).scalars())


def _goes_on(connection: Connection, front: Sequence[str], *, upward: bool, known: dict[str, int]) -> bool:
    near, far = (consumption.c.child, consumption.c.parent) if upward else (consumption.c.parent, consumption.c.child)
    query = select(far).where(near.in_(list(front)), far.not_in(list(known))).limit(1)
    return connection.execute(query).first() is not None


def is_return(edge: Edge) -> bool:
    """Whether a line is what goes back to the furnace."""
    return edge.role == RETURN
