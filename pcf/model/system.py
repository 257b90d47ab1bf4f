"""The linear system of a product: nodes (a process in a scope) and their links with amounts for every scenario."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pcf.catalogue import Catalogue, Factor, Process, Product
from pcf.model.charge import Charge
from pcf.model.method import Method
from pcf.model.scopes import Scope, Scopes


@dataclass(frozen=True)
class Link:
    """One input or emission of a node, per unit of the node's reference flow [base units].

    Parameters
    ----------
    kind : str
        `input`, `factor` or `emission`.
    target : int or str
        Node index, factor id or gas.
    amount : float or (n_scenarios,)
    gas : str or None
        Gas of a factor or emission.
    characterised : float or (n_scenarios,)
        kgCO2e per unit of `amount`; 0 for an input, whose intensity is solved.
    category, stage : str
        Where the two-way table books it; `stage` empty: that of the consuming process.
    source_check, data_class : str
        The weakest mark of what the amount and the factor rest on.
    names : frozenset of str
        Parameters and share groups behind the amount.
    per_unit : float or (n_scenarios,)
        Mass of the gas per unit of `amount` [kg; for `GHG, unspecified` kgCO2e]: 1 for an emission, the row's value for a factor.
    """

    kind: str
    target: int | str
    amount: Any
    gas: str | None
    characterised: Any
    category: str
    stage: str
    role: str
    source_check: str
    data_class: str
    names: frozenset[str]
    text: str
    note: str = ""
    factor: Factor | None = None
    per_unit: Any = 1.0


@dataclass
class Node:
    """A process in a scope."""

    key: str
    process: Process
    scope: Scope
    links: list[Link] = field(default_factory=list)
    displaced: list[Link] = field(default_factory=list)
    """What co-products and losses would displace: information beside the result, never part of it."""


@dataclass(frozen=True)
class System:
    """Everything the engine needs: the nodes with the product's own one first."""

    catalogue: Catalogue
    product: Product
    method: Method
    size: int
    nodes: list[Node]
    scopes: Scopes
    charges: Mapping[int, Charge]

    @property
    def is_hypothetical(self) -> bool:
        """Whether somebody has replaced a value of the catalogue or of a plant by hand."""
        return any("user" in scope.origin.values() for scope in self.scopes)

    @property
    def own(self) -> Scope:
        """The product's own scope."""
        return self.nodes[0].scope
