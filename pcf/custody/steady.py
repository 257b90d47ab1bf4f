"""What heats of one plant's year have in common, solved once: power, alumina, anodes, melting, and all that these draw on.

A node is steady where nothing of a heat's own reaches it. Its intensity is kept, and stands in its place when the next heat's system
is composed, so that only the charge and what follows from it is composed anew.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pcf.catalogue import Catalogue, names
from pcf.catalogue.consistency import CHARGE_NAMES
from pcf.custody.batch import Prepared
from pcf.engine.solve import Solved, Solving, solve_scenarios
from pcf.model import Method, Node, Settings, System
from pcf.model.charging import CHARGE_SETTINGS

WHOLE = "cradle-to-gate"
"""The boundary under which no step is asked for by its name."""

MOST_KEPT = 32
"""Sets of intensities that are kept; of a thousand scenarios one has about half a megabyte."""


@dataclass
class Steady:
    """Intensities of steady nodes [kgCO2e per unit], float or (n_scenarios,); those that were asked for last are kept.

    Their key is all that they rest on: product, plant's year and what its line says of processes without a site (`_ground`), method,
    and what the scenarios are. It holds for one catalogue. The key of a node of a heat's own chain ends at the `@`, since its scope
    bears the heat's name.
    """

    catalogue: Catalogue
    _kept: dict[tuple[Hashable, ...], Mapping[str, Any]] = field(default_factory=dict)

    def solving(self, found: Prepared, scenarios: Hashable) -> Solving:
        """What solves the system of a heat, in place of `solve_scenarios`.

        Parameters
        ----------
        found : Prepared
        scenarios : hashable
            What tells the switches and values of the scenarios from all others that are solved with the same method.
        """

        def solve(
            catalogue: Catalogue, product: str, method: Method, settings: Settings, switches: Mapping[str, Any] | None, size: int
        ) -> Solved:
            if method.boundary != WHOLE:
                return solve_scenarios(catalogue, product, method, settings, switches, size)
            key, scope = (*_ground(self.catalogue, found), method, scenarios), f"product:{found.product}"
            steady = self._kept.get(key, {})
            solved = solve_scenarios(
                catalogue, product, method, settings, switches, size,
                known={name + scope if name.endswith("@") else name: value for name, value in steady.items()},
            )  # fmt: skip
            if not steady:
                kept = _find_steady(self.catalogue, solved.system, solved.order)
                steady = {solved.system.nodes[index].key.removesuffix(scope): solved.intensity[index] for index in kept}
            self._kept.pop(key, None)
            self._kept[key] = steady  # the last one of those that were asked for
            while len(self._kept) > MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            return solved

        return solve


def _ground(catalogue: Catalogue, found: Prepared) -> tuple[Hashable, ...]:
    """What a product's steady nodes rest on: the plant's year, and what its line says of processes without a site."""
    line = found.catalogue.sites[found.settings.sites[found.product]].charge[found.casthouse].parameters
    shared = tuple((name, item.value) for name, item in line.items() if not catalogue.processes[catalogue.owners[name]].per_site)
    return found.base, found.site, shared


def _find_steady(catalogue: Catalogue, system: System, order: Sequence[Sequence[int]]) -> set[int]:
    """Nodes that are the same whatever the heat was charged with.

    Outside of the heat's own chain that is every one of the catalogue; inside of it each one whose formulas ask for nothing that
    comes from the charge, and whose suppliers are steady themselves.
    """
    product = system.own.product
    charge = (product.charge if product else None) or {}
    changing = {*CHARGE_NAMES, *CHARGE_SETTINGS, charge.get("returns")}
    found: set[int] = set()
    for block in order:
        nodes = [system.nodes[index] for index in block]
        if all(_is_steady(catalogue, system, node, changing) for node in nodes):
            loop = found.union(block)
            if all(node.scope is not system.own or _suppliers(node) <= loop for node in nodes):
                found = loop
    return found


def _is_steady(catalogue: Catalogue, system: System, node: Node, changing: set[Any]) -> bool:
    """Whether a node is steady as far as it goes itself."""
    if node.process.id not in catalogue.processes:
        return False
    if node.scope is system.own:
        return _asks_nothing(catalogue, node, changing)
    return node.scope.product is None or node.scope.product.id in catalogue.products


def _suppliers(node: Node) -> set[int]:
    return {int(link.target) for link in node.links if link.kind == "input"}


def _asks_nothing(catalogue: Catalogue, node: Node, changing: set[Any]) -> bool:
    """Whether no formula of a node asks for any of some names, by derived ones either."""
    if node.process.charge:
        return False
    wanted = {node.process.allocation or ""}.union(*(names(item.expression) for item in node.process.exchanges))
    seen: set[str] = set()
    while wanted:
        seen |= wanted
        wanted = set().union(*(names(catalogue.derived[name].expression) for name in wanted if name in catalogue.derived)) - seen
    return changing.isdisjoint(seen)
