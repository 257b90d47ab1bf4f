"""The vectorised solver: intensities block by block, then activity levels, for all scenarios at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pcf.catalogue import Catalogue
from pcf.engine.order import blocks
from pcf.errors import InputError
from pcf.model import Link, Method, Settings, System, compose

Array = NDArray[np.float64]

LARGE = 64
"""Members of a loop above which one that does not vary is solved as a sparse matrix."""

SMALLEST_PIVOT = 1e-12
"""Net output per unit of gross output below which a loop gives nothing to speak of."""


@dataclass(frozen=True)
class Solution:
    """Intensities [kgCO2e per unit of each node's reference flow] and activity levels [unit per unit of the product].

    Both are lists over nodes, each entry a float or (n_scenarios,).
    """

    intensity: list[Any]
    activity: list[Any]
    order: list[list[int]]


def every_link(_: Link) -> bool:
    """Follow all links."""
    return True


def solve(system: System) -> Solution:
    """Solve a system for one unit of its product.

    Raises
    ------
    InputError
        Where a loop needs as much of its own product as it gives (a singular system).

    Notes
    -----
    Intensities obey `I = b + A^T I` with `A` the amounts of suppliers per consumer and `b` the direct emissions; activity
    levels obey `x = d + A x`. Without loops both are substitutions in supplier order; a loop is one small dense solve for
    all scenarios together.
    """
    order = supplier_order(system)
    intensity = calc_intensities(system, order)
    return Solution(intensity, calc_activities(system, order, every_link), order)


@dataclass(frozen=True)
class Solved:
    """A system of many scenarios with its supplier order and intensities, as `Solution` has them."""

    system: System
    order: list[list[int]]
    intensity: list[Any]


Solving = Callable[[Catalogue, str, Method, Settings, Mapping[str, Any] | None, int], Solved]
"""Solves many scenarios: `solve_scenarios`, or what does the same with less work."""


def solve_scenarios(
    catalogue: Catalogue, product_id: str, method: Method, settings: Settings, switches: Mapping[str, Any] | None = None,
    size: int = 1, known: Mapping[str, Any] | None = None,
) -> Solved:  # fmt: skip
    """Compose a system without its marks, and solve its intensities; parameters as for `compose`.

    Raises
    ------
    InputError
        As `compose` and `solve`.
    """
    system = compose(catalogue, product_id, method, settings, switches, size, marks=False, known=known)
    order = supplier_order(system)
    return Solved(system, order, calc_intensities(system, order))


def supplier_order(system: System) -> list[list[int]]:
    """Blocks of nodes, suppliers first."""
    return blocks([[int(link.target) for link in node.links if link.kind == "input"] for node in system.nodes])


def calc_intensities(system: System, order: Sequence[Sequence[int]]) -> list[Any]:
    """Intensity of each node [kgCO2e per unit], float or (n_scenarios,)."""
    intensity: list[Any] = [0.0] * len(system.nodes)
    for block in order:
        members = set(block)
        direct = []
        for index in block:
            value: Any = 0.0
            for link in system.nodes[index].links:
                if link.kind != "input":
                    value = value + link.amount * link.characterised
                elif link.target not in members:
                    value = value + link.amount * intensity[int(link.target)]
            direct.append(value)
        if len(block) == 1 and not _loops(system.nodes[block[0]].links, block[0]):
            intensity[block[0]] = direct[0]
            continue
        for index, value in zip(block, _solve_block(system, block, direct, transposed=False), strict=True):
            intensity[index] = value
    return intensity


def calc_activities(system: System, order: Sequence[Sequence[int]], follows: Callable[[Link], bool]) -> list[Any]:
    """Activity of each node [unit per unit of product], following only the links that `follows` accepts."""
    activity: list[Any] = [0.0] * len(system.nodes)
    activity[0] = 1.0
    for block in reversed(order):
        links = [link for index in block for link in system.nodes[index].links]
        if any(link.kind == "input" and link.target in block and follows(link) for link in links):
            demand = [activity[index] for index in block]
            for index, value in zip(block, _solve_block(system, block, demand, transposed=True, follows=follows), strict=True):
                activity[index] = value
        for index in block:
            level = activity[index]
            if isinstance(level, float) and level == 0.0:
                continue
            for link in system.nodes[index].links:
                if link.kind == "input" and link.target not in block and follows(link):
                    activity[int(link.target)] = activity[int(link.target)] + level * link.amount
    return activity


def _loops(links: Sequence[Link], index: int) -> bool:
    return any(link.kind == "input" and link.target == index for link in links)


def _solve_block(
    system: System,
    block: Sequence[int],
    sides: Sequence[Any],
    *,
    transposed: bool,
    follows: Callable[[Link], bool] = every_link,
) -> list[Any]:
    """Solve one loop for all scenarios together; what is the same in all of them stays a float.

    Notes
    -----
    The matrix is `1 - A` with `A >= 0`. A loop has a net output in every member exactly where that is a nonsingular M-matrix, and
    then elimination in any order meets positive pivots alone and needs no exchange of rows (Berman and Plemmons,
    *Nonnegative Matrices in the Mathematical Sciences*, theorem 6.2.3, doi 10.1137/1.9781611971262).
    """
    place = {index: position for position, index in enumerate(block)}
    names = ", ".join(system.nodes[index].key for index in block)
    rows: list[dict[int, Any]] = [{position: 1.0} for position in range(len(block))]
    for index in block:
        for link in system.nodes[index].links:
            if link.kind == "input" and link.target in place and follows(link):
                first, second = place[index], place[int(link.target)]
                if transposed:
                    first, second = second, first
                rows[first][second] = rows[first].get(second, 0.0) - link.amount
    static = not any(np.ndim(item) for item in (*sides, *(value for row in rows for value in row.values())))
    if static and len(block) > LARGE:
        return _solve_sparse(rows, sides, system, block)
    return _eliminate(rows, list(sides), names)


def _solve_sparse(rows: list[dict[int, Any]], sides: Sequence[Any], system: System, block: Sequence[int]) -> list[Any]:
    """Solve a large loop that is the same in all scenarios by one sparse factorisation.

    A matrix with a positive vector that it maps to a positive one is an M-matrix: here it has to map one to all ones.
    """
    from scipy.sparse import csc_matrix
    from scipy.sparse.linalg import splu

    count = len(rows)
    entries = [(row, column, float(value)) for row, found in enumerate(rows) for column, value in found.items()]
    place, column, value = (np.array(items) for items in zip(*entries, strict=True))
    shown = f"{system.nodes[block[0]].key} and {count - 1:,} more"
    try:
        factors = splu(csc_matrix((value, (place, column)), shape=(count, count)))
    except RuntimeError:
        raise _singular(shown) from None
    found = factors.solve(np.column_stack([np.asarray(sides, dtype=float), np.ones(count)]))
    if not np.isfinite(found).all() or found[:, 1].min() <= 0:
        raise _singular(shown)
    return [float(item) for item in found[:, 0]]


def _eliminate(rows: list[dict[int, Any]], sides: list[Any], names: str) -> list[Any]:
    """Solve sparse rows (column → coefficient, float or (n_scenarios,)) by elimination without exchange of rows."""
    for pivot, above in enumerate(rows):
        if np.any(above[pivot] < SMALLEST_PIVOT) or not np.all(np.isfinite(above[pivot])):
            raise _singular(names)
        for position in range(pivot + 1, len(rows)):
            row = rows[position]
            if pivot not in row:
                continue
            ratio = row.pop(pivot) / above[pivot]
            for column, coefficient in above.items():
                if column > pivot:
                    row[column] = row.get(column, 0.0) - ratio * coefficient
            sides[position] = sides[position] - ratio * sides[pivot]
    for pivot in reversed(range(len(rows))):
        above = rows[pivot]
        for column, coefficient in above.items():
            if column > pivot:
                sides[pivot] = sides[pivot] - coefficient * sides[column]
        sides[pivot] = sides[pivot] / above[pivot]
    return sides


def _singular(names: str) -> InputError:
    return InputError(
        f"loop {names}", "a loop that needs as much of its own product as it gives, or more", "a loop with a net output",
        "lower the returns or own use",
    )  # fmt: skip
