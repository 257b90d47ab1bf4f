"""Heats that a later heat has charged: what they bring into it and nothing else, each after the one before.

A footprint with tables, evidence and alternatives is for the heat that is asked for. Of a heat below it only the totals under both
treatments of scrap and the contents count, in one pass of two scenarios; and what the heats of one plant have in common (power,
alumina, anodes, melting) is computed for the first of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue, ensure_finite, names
from pcf.catalogue.consistency import CHARGE_NAMES
from pcf.custody.batch import BatchCharge, Prepared, check_own_metal, prepare
from pcf.custody.plant_years import choose_site
from pcf.custody.supplier import SWITCHES, OwnHeat
from pcf.engine import at, calc_intensities, calc_totals, supplier_order
from pcf.model import Method, Node, System, compose, read_request
from pcf.model.charging import CHARGE_SETTINGS

WHOLE = "cradle-to-gate"
"""The boundary under which no step is asked for by its name."""


@dataclass
class Chain:
    """What own heats bring into a charge, under one method; `replace` as for `calc_batch`.

    Intensities of steady nodes [kgCO2e per unit] are kept by what they rest on and by node; the key of a node of the heat's own
    chain ends at the `@`, since its scope bears the heat's name.
    """

    catalogue: Catalogue
    method: Method
    replace: bool = False
    _steady: dict[tuple[Any, ...], Mapping[str, Any]] = field(default_factory=dict)
    _plain: dict[tuple[str, str], OwnHeat] = field(default_factory=dict)

    def own_heat(self, batch: BatchCharge) -> OwnHeat:
        """A batch as it is charged into a later one of the same company: the values of `calc_batch`, in a part of its time.

        Raises
        ------
        InputError
            As `calc_batch`.
        """
        product = self.catalogue.products.get(batch.product)
        if product is not None and product.charge is None:
            return self._without_charge(batch)
        found = prepare(self.catalogue, batch, self.method, replaces=self.replace, gate="cast")
        scope, key = f"product:{found.product}", (batch.product, *_ground(self.catalogue, found))
        steady = self._steady.get(key, {}) if self.method.boundary == WHOLE else {}
        system = compose(
            found.catalogue, found.product, self.method, found.settings, self._switches, len(SWITCHES), marks=False,
            known={name + scope if name.endswith("@") else name: value for name, value in steady.items()},
        )  # fmt: skip
        order = supplier_order(system)
        intensity = calc_intensities(system, order)
        ensure_finite(intensity[0], f"{batch.id} total")
        if not steady:
            kept = _find_steady(self.catalogue, system, order)
            self._steady[key] = {system.nodes[index].key.removesuffix(scope): intensity[index] for index in kept}
        charge = next(item for index, item in system.charges.items() if system.nodes[index].scope is system.own)
        post = at(charge.post_consumer_content, 0)
        return OwnHeat(_by_option(intensity[0]), post, at(charge.recycled_content, 0) - post)

    def _without_charge(self, batch: BatchCharge) -> OwnHeat:
        """A product that is cast from the plant's own liquid metal: the same for every batch of a year."""
        check_own_metal(batch)
        site, _ = choose_site(self.catalogue, batch.site, batch.year)
        if (batch.product, site) not in self._plain:
            _, settings = read_request(self.catalogue, batch.product, self.method, site=site)
            totals = calc_totals(self.catalogue, batch.product, self.method, settings, len(SWITCHES), self._switches)
            self._plain[(batch.product, site)] = OwnHeat(_by_option(totals))
        return self._plain[(batch.product, site)]

    @property
    def _switches(self) -> Mapping[str, Any]:
        """The switches that the treatment of scrap changes, over its options."""
        first, *rest = (self.method.with_choice("scrap", option).switches() for option in SWITCHES)
        return {
            name: np.array([value, *(other[name] for other in rest)])
            for name, value in first.items()
            if any(other[name] != value for other in rest)
        }  # fmt: skip


def _by_option(totals: Any) -> dict[str, float]:
    return {option: at(totals, place) for place, option in enumerate(SWITCHES)}


def _ground(catalogue: Catalogue, found: Prepared) -> tuple[Any, ...]:
    """What a product's steady nodes rest on: the plant's year, and what its line says of processes without a site."""
    line = found.catalogue.sites[found.settings.sites[found.product]].charge[found.casthouse].parameters
    shared = tuple((name, item.value) for name, item in line.items() if not catalogue.processes[catalogue.owners[name]].per_site)
    return found.site, shared


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
