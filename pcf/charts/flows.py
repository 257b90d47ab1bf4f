"""Where the nodes and bands of a Sankey diagram lie."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pcf.charts.frame import require

Flow = tuple[str, str, float]
Slot = float | Mapping[str, float]
"""Least height of a node, for its label [pt]: of all nodes, or of each."""

_SWEEPS = 8
_PASS = 9.0
"""Room between a band that passes a layer and its neighbours [pt]."""


@dataclass(frozen=True)
class Layout:
    """Layers of a diagram.

    Attributes
    ----------
    hops : tuple of Flow
        Every flow, cut into steps from one layer to the next. What passes a layer passes through a stop there, a node
        without a name, so that no band runs behind a node that it has nothing to do with.
    routes : tuple of tuples
        For each flow, the numbers of its hops.
    layer, size : dict
        Layer and amount of every node and stop.
    columns : tuple of tuples
        Nodes and stops of each layer from top to bottom.
    nodes : frozenset
        The real nodes.
    """

    hops: tuple[Flow, ...]
    routes: tuple[tuple[int, ...], ...]
    layer: dict[str, int]
    size: dict[str, float]
    columns: tuple[tuple[str, ...], ...]
    nodes: frozenset[str]

    def crowd(self, slot: Slot, air: float) -> float:
        """Height that the fullest layer wants for its labels [pt], `air` beside each; what passes a layer has none."""
        return max(sum(least_of(slot, id_) + air if id_ in self.nodes else _PASS for id_ in column) for column in self.columns)

    def scale(self, height: float, slot: Slot) -> float:
        """Points per tonne, so that every layer fits: a node takes at least a slot, for its label."""
        low, high = 0.0, height / max(self.size.values())
        for _ in range(40):
            middle = (low + high) / 2
            if all(sum(self._room(id_, middle, slot) for id_ in column) <= height for column in self.columns):
                low = middle
            else:
                high = middle
        return low

    def _room(self, id_: str, scale: float, slot: Slot) -> float:
        tall = self.size[id_] * scale
        return max(tall + _PASS, least_of(slot, id_)) if id_ in self.nodes else tall + _PASS

    def tops(self, height: float, scale: float, slot: Slot) -> dict[str, float]:
        """Upper edge of every node and stop [pt]; what a layer leaves over is shared between its nodes."""
        found = {}
        for column in self.columns:
            rooms = [self._room(id_, scale, slot) for id_ in column]
            gap = min((height - sum(rooms)) / (len(column) + 1), 24.0)
            at = (height - sum(rooms) - gap * (len(column) - 1)) / 2
            for id_, room in zip(column, rooms, strict=True):
                found[id_] = at + (room - self.size[id_] * scale) / 2
                at += room + gap
        return found

    def ports(self, tops: dict[str, float], scale: float) -> list[tuple[float, float]]:
        """Where each hop leaves and arrives: upper edges [pt], in the order of the other ends, so that few bands cross."""
        leave: dict[int, float] = {}
        arrive: dict[int, float] = {}
        for id_ in self.size:
            for own, other, where in ((0, 1, leave), (1, 0, arrive)):
                mine = [(tops[str(hop[other])], number) for number, hop in enumerate(self.hops) if hop[own] == id_]
                at = tops[id_]
                for _, number in sorted(mine):
                    where[number] = at
                    at += self.hops[number][2] * scale
        return [(leave[number], arrive[number]) for number in range(len(self.hops))]


def least_of(slot: Slot, id_: str) -> float:
    """Least height of a node [pt]; where each has its own, a band that passes has only the room beside it."""
    return slot.get(id_, _PASS) if isinstance(slot, Mapping) else slot


def arrange(ids: Sequence[str], flows: Sequence[Flow]) -> Layout:
    """Lay nodes in layers by their longest way to the end, and order each layer by where its flows come from and go."""
    for source, target, value in flows:
        place = f"link {source} → {target}"
        require(source in ids and target in ids, place, "a node that is not listed", f"nodes among {', '.join(ids)}")
        require(math.isfinite(value) and value > 0, place, f"{value}", "an amount above zero")
    used = [id_ for id_ in ids if any(id_ in flow[:2] for flow in flows)]
    steps = _steps_to_end(used, flows)
    top = max(steps.values())
    layer = {id_: top - steps[id_] for id_ in used}
    size = {
        id_: max(
            sum(value for source, _, value in flows if source == id_), sum(value for _, target, value in flows if target == id_)
        )
        for id_ in used
    }
    hops: list[Flow] = []
    routes: list[tuple[int, ...]] = []
    for number, (source, target, value) in enumerate(flows):
        stops = {f"\0{number}:{between}": between for between in range(layer[source] + 1, layer[target])}
        layer |= stops
        size |= dict.fromkeys(stops, value)
        way = [source, *stops, target]
        routes.append(tuple(range(len(hops), len(hops) + len(way) - 1)))
        hops += [(start, end, value) for start, end in itertools.pairwise(way)]
    columns = [[id_ for id_ in layer if layer[id_] == number] for number in range(top + 1)]
    for _ in range(_SWEEPS):
        for own, other, sweep in ((1, 0, range(1, top + 1)), (0, 1, range(top - 1, -1, -1))):
            for number in sweep:
                columns[number] = _sorted(columns, number, hops, own, other)
    return Layout(tuple(hops), tuple(routes), layer, size, tuple(tuple(column) for column in columns), frozenset(used))


def _sorted(columns: Sequence[Sequence[str]], number: int, hops: Sequence[Flow], own: int, other: int) -> list[str]:
    """A layer in the order of the mean place of its neighbours on one side, weighted by flow; nodes without any stay."""
    rank = {id_: (at + 0.5) / len(column) for column in columns for at, id_ in enumerate(column)}

    def pull(id_: str) -> float:
        near = [(rank[str(hop[other])], hop[2]) for hop in hops if hop[own] == id_]
        weight = sum(value for _, value in near)
        return sum(at * value for at, value in near) / weight if weight else rank[id_]

    return sorted(columns[number], key=pull)


def _steps_to_end(used: Sequence[str], flows: Sequence[Flow]) -> dict[str, int]:
    """Longest number of steps from each node to an end; refuses circles."""
    steps = dict.fromkeys(used, 0)
    for _ in range(len(used) + 1):
        changed = False
        for source, target, _value in flows:
            if steps[source] < steps[target] + 1:
                steps[source] = steps[target] + 1
                changed = True
        if not changed:
            return steps
    require(condition=False, place="links", found="a circle of flows", expected="flows that lead from left to right")
    return steps
