"""Composes the linear system of a product from catalogue, settings and method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from pcf.catalogue import (
    DATA_CLASSES,
    SOURCE_CHECKS,
    STAGES,
    UNSPECIFIED,
    Catalogue,
    Exchange,
    Factor,
    Process,
    ensure_finite,
    evaluate_quietly,
    quiet,
)
from pcf.errors import InputError
from pcf.model.charging import compose_charge
from pcf.model.method import Method
from pcf.model.scopes import Scope, Scopes, active_names, factor_row
from pcf.model.settings import Settings
from pcf.model.system import Link, Node, System

SUBSTITUTION = ("substitution",)
"""Boundaries of an exchange that only informs."""

PARTIAL_ROLES = ("energy", "emission")
"""Roles that the boundary gate-to-gate counts in its steps."""


def compose(
    catalogue: Catalogue,
    product_id: str,
    method: Method,
    settings: Settings,
    switches: Mapping[str, Any] | None = None,
    size: int = 1,
    *,
    marks: bool = True,
    known: Mapping[str, Any] | None = None,
) -> System:
    """Compose the system of one product.

    Parameters
    ----------
    catalogue : Catalogue
    product_id : str
        Id of a product (`find_product` resolves names).
    method : Method
    settings : Settings
        The user's values.
    switches : mapping of str to float or (n_scenarios,), optional
        Overrides the method's switches, so that alternatives are scenarios of one pass.
    size : int
        Number of scenarios.
    marks : bool
        Whether links say what they rest on; totals of many scenarios do without.
    known : mapping of str to float or (n_scenarios,), optional
        Intensities of nodes by key [kgCO2e per unit] from a system with the same values there: they stand in place of the nodes'
        own links.

    Raises
    ------
    InputError
        For settings that reach nothing, steps that are not in the chain, amounts that are not finite or negative.
    """
    composer = _Composer(catalogue, product_id, method, settings, {**method.switches(), **(switches or {})}, size, marks=marks)
    composer.known = known or {}
    return composer.run()


class _Composer:
    known: Mapping[str, Any]

    def __init__(
        self,
        catalogue: Catalogue,
        product_id: str,
        method: Method,
        settings: Settings,
        switches: Mapping[str, Any],
        size: int,
        *,
        marks: bool,
    ) -> None:
        self.catalogue, self.method, self.size, self.marks = catalogue, method, size, marks
        self.product = catalogue.products[product_id]
        self.settings = settings
        self.scopes = Scopes(catalogue, switches, method.factor_year, settings.values, settings.sites, settings.factors)
        self.gwp = catalogue.gwp.get(method.gwp)
        if self.gwp is None:
            raise InputError("method gwp", method.gwp, f"an edition of factors/gwp.csv: {', '.join(catalogue.gwp)}")
        self.own_only = frozenset(name for name, item in catalogue.parameters.items() if item.own_only)
        self.gwp_checks = gwp_checks(catalogue, method.gwp) if marks else {}
        self.steps = method.steps or ((self.product.step,) if self.product.step else ())
        self.nodes: list[Node] = []
        self.index: dict[tuple[str, str], int] = {}
        self.charges: dict[int, Any] = {}

    def run(self) -> System:
        if self.method.boundary != "cradle-to-gate" and not self.steps:
            raise InputError("method steps", "no step", f"the step that {self.method.boundary} counts, by --step")
        self.node_of_product(self.product.id)
        done = 0
        while done < len(self.nodes):
            self._fill(done)
            done += 1
        self._check()
        return System(
            self.catalogue,
            self.product,
            self.method,
            self.size,
            self.nodes,
            self.scopes,
            self.charges,
        )

    def node_of_product(self, product_id: str) -> int:
        """Index of a product's last node."""
        product = self.catalogue.products[product_id]
        process = self.catalogue.processes[product.process]
        return self._node(process, self.scopes.of_product(product_id))

    def node_of_process(self, process_id: str, consumer: Scope) -> int:
        """Index of the node that supplies a process's output to a consumer in a scope."""
        process = self.catalogue.processes[process_id]
        if not process.per_site:
            return self._node(process, self.scopes.common())
        supply = consumer.site.supply.get(process_id, {}) if consumer.site else {}
        site_id = supply.get("site")
        if site_id is not None and consumer.site is not None and site_id != consumer.site.id:
            return self._node(process, self.scopes.of_site(site_id))
        return self._node(process, consumer)

    def node_at_site(self, process_id: str, site_id: str) -> int:
        """Index of a process's node at a named site."""
        return self._node(self.catalogue.processes[process_id], self.scopes.of_site(site_id))

    def supplier(self, target: str, consumer: Scope) -> int:
        """Index of the node behind an `input` target."""
        if target.startswith("product:"):
            return self.node_of_product(target.removeprefix("product:"))
        return self.node_of_process(target, consumer)

    def _node(self, process: Process, scope: Scope) -> int:
        key = (process.id, scope.id)
        if key not in self.index:
            self.index[key] = len(self.nodes)
            self.nodes.append(Node(f"{process.id}@{scope.id}", process, scope))
        return self.index[key]

    def _fill(self, index: int) -> None:
        node = self.nodes[index]
        if node.key in self.known:
            node.links.append(_carried(self.known[node.key]))
            return
        if node.process.charge:
            if node.scope.product is None or node.scope.product.charge is None:
                raise InputError(node.key, "a casthouse without a product's charge", "a product that declares the charge")
            self.charges[index], links = compose_charge(self, node)
            node.links += [link for link in links if self._counts(node, link.role, None, link)]
        share = self._allocated_share(node)
        with quiet():
            for exchange in node.process.exchanges:
                link = self._link(node, exchange, share)
                if link is not None:
                    (node.displaced if exchange.boundaries == SUBSTITUTION else node.links).append(link)

    def _allocated_share(self, node: Node) -> Any:
        """Share of a process's exchanges that its main product carries."""
        name = node.process.allocation
        if not name:
            return 1.0
        node.scope.used |= self.catalogue.bases[name]
        share = node.scope.values[name]
        if not np.all((share >= 0) & (share <= 1)):
            found = f"{float(np.min(share)):.4g} to {float(np.max(share)):.4g}"
            raise InputError(f"{node.key} allocation", found, "a share from 0 to 1", f"it follows from {name}")
        return share

    def _link(self, node: Node, exchange: Exchange, share: Any) -> Link | None:
        if exchange.expression == 0:
            return None
        amount = evaluate_quietly(exchange.expression, node.scope.values)
        place = f"{node.key} → {exchange.target}"
        ensure_finite(amount, f"{place}: {exchange.text}")
        if node.process.allocation:
            amount = amount * share
        bases = self.catalogue.bases_of(exchange.expression)
        node.scope.used |= bases
        if isinstance(amount, float | int) and amount == 0:
            return None
        negative = amount < 0
        if (negative if isinstance(negative, bool) else np.any(negative)) and exchange.target != "carbon dioxide, biogenic":
            low = float(np.min(amount))
            raise InputError(place, f"a negative amount ({low:.4g})", "zero or more: nothing is credited", exchange.text)
        # Which values are at work is asked for evidence, and where a value may not stand in for a plant's own.
        asked = self.marks or bases & self.own_only
        rest = active_names(self.catalogue, node.scope, exchange.expression) if asked else frozenset()
        for name in sorted(rest & self.own_only):
            if node.scope.origin.get(name) == "process default":
                raise InputError(
                    f"{node.scope.id} {name}", "no value of the plant's own", "its measurement or record", f"--set {name}=…"
                )
        check, data_class = weakest_marks(node.scope, rest)
        if exchange.kind == "input":
            if not self._counts(node, exchange.role, exchange, None):
                return None
            target = self.supplier(exchange.target, node.scope)
            category = exchange.category or self.nodes[target].process.category or ""
            return Link(
                "input", target, amount, None, 0.0, category, exchange.stage or "", exchange.role, check, data_class, rest,
                exchange.text, exchange.note,
            )  # fmt: skip
        if not self._counts(node, exchange.role, exchange, None):
            return None
        return self.leaf(node, exchange, amount, check, data_class, rest)

    def leaf(self, node: Node, exchange: Exchange, amount: Any, check: str, data_class: str, rest: frozenset[str]) -> Link:
        """A link to a factor or a gas, characterised."""
        factor, gas = None, exchange.target
        per_unit: Any = 1.0
        if exchange.kind == "factor":
            factor = factor_row(self.catalogue, exchange.target, self.method.factor_year)
            gas, per_unit = str(factor.gas), self.settings.factors.get(exchange.target, factor.quantity.value)
            marks = factor.quantity.marks
            check, data_class = weaker(check, marks.source_check), weaker_class(data_class, marks.data_class)
        if gas in self.gwp_checks:
            check = weaker(check, self.gwp_checks[gas])
        if gas != UNSPECIFIED and gas not in (self.gwp or {}):
            raise InputError(f"{node.key} → {gas}", f"no {self.method.gwp} value", "a gas with a row in factors/gwp.csv")
        characterised = per_unit * (1.0 if gas == UNSPECIFIED else (self.gwp or {})[gas])
        category = exchange.category or node.process.category or ""
        return Link(
            exchange.kind, exchange.target, amount, gas, characterised, category, exchange.stage or "", exchange.role,
            check, data_class, rest, exchange.text, exchange.note, factor, per_unit,
        )  # fmt: skip

    def _counts(self, node: Node, role: str, exchange: Exchange | None, charge_link: Link | None) -> bool:
        """Whether the boundary has an exchange; material between stages always passes its flow on."""
        boundary = self.method.boundary
        if exchange is not None and exchange.boundaries == SUBSTITUTION:
            return boundary == "cradle-to-gate"
        named = boundary in (exchange.boundaries if exchange else ("cradle-to-gate",))
        if boundary == "cradle-to-gate":
            return named
        if self._passes_on(exchange, charge_link):
            return True
        if node.process.stage is None:
            return named
        if node.process.id not in self.steps:
            return False
        return named and (boundary == "scope-1-2" or role in PARTIAL_ROLES)

    def _passes_on(self, exchange: Exchange | None, charge_link: Link | None) -> bool:
        if charge_link is not None:
            return charge_link.kind == "input"
        if exchange is None or exchange.kind != "input" or exchange.role != "material":
            return False
        if exchange.category == "scrap-burden":
            return False
        target = exchange.target
        return target.startswith("product:") or self.catalogue.processes[target].stage in STAGES

    def _check_year(self) -> None:
        """Refuse a year for which the chain's electricity, or without any its other factors, has no row."""
        year = self.method.factor_year
        if not year or not self.marks:
            return
        known: dict[bool, set[str]] = {True: set(), False: set()}
        for node in self.nodes:
            for link in node.links:
                for rows in dated_rows(self.catalogue, node, link):
                    known[is_electric(node, link)] |= set(rows)
        years = known[True] or known[False]
        if years and year not in years:
            raise InputError("--year", year, f"a year of this chain's emission factors: {', '.join(sorted(years))}")

    def _check(self) -> None:
        if not self.known:  # what a value reaches behind a known node is not seen here; the system that it is from was checked
            self.settings.check_reached(self.scopes, {scope.id for scope in self.scopes})
        self._check_year()
        if self.method.boundary == "cradle-to-gate":
            return
        present = {node.process.id for node in self.nodes if node.process.stage}
        for step in self.steps:
            if step not in present:
                raise InputError("method steps", repr(step), f"a step of the chain: {', '.join(sorted(present))}")
        if self.method.boundary == "scope-1-2":
            for scope in self.scopes:
                if "grid_mix" in self.catalogue.shares and np.any(scope.values["grid_mix__site"] < 1):
                    raise InputError(
                        "grid_mix", "a hypothetical mix on scope-1-2", "the site's own supply",
                        "factors by type are life-cycle factors and never meet direct CO2 factors",
                    )  # fmt: skip


def _carried(intensity: Any) -> Link:
    """All that one unit of a node carries, as one emission."""
    return Link(
        "emission", UNSPECIFIED, 1.0, UNSPECIFIED, intensity, "", "", "material", SOURCE_CHECKS[-1], DATA_CLASSES[-1], frozenset(), ""
    )  # fmt: skip


def is_electric(node: Node, link: Link) -> bool:
    """Whether a link's factors are those of electricity."""
    return "electricity" in (link.category, node.process.category)


def dated_rows(catalogue: Catalogue, node: Node, link: Link) -> list[Mapping[str, Factor]]:
    """Rows by year of the emission factors behind a link that belong to a year: electricity's, and others with several years."""
    ids = {link.factor.id} if link.factor is not None else set()
    ids |= {quantity.factor for name in link.names if (quantity := node.scope.quantities.get(name)) and quantity.factor}
    found = [catalogue.factors[name] for name in sorted(ids)]
    return [rows for rows in found if next(iter(rows.values())).kind == "emission" and (len(rows) > 1 or is_electric(node, link))]


def gwp_checks(catalogue: Catalogue, edition: str) -> dict[str, str]:
    """Gas → source check of its warming potential in an edition."""
    return {
        str(row.gas): row.quantity.marks.source_check
        for years in catalogue.factors.values()
        for row in years.values()
        if row.kind == "property" and row.gas and row.gwp_edition == edition
    }


def weaker(first: str, second: str) -> str:
    """The weaker of two source checks."""
    return max(first, second, key=SOURCE_CHECKS.index)


def weaker_class(first: str, second: str) -> str:
    """`primary` only where both are."""
    return max(first, second, key=DATA_CLASSES.index)


def weakest_marks(scope: Scope, rest: frozenset[str]) -> tuple[str, str]:
    """The weakest source check and data class of parameters and share groups in a scope."""
    check, data_class = SOURCE_CHECKS[0], DATA_CLASSES[0]
    for name in rest:
        if scope.origin.get(name) == "user":
            check, data_class = SOURCE_CHECKS[-1], DATA_CLASSES[-1]
        elif name in scope.quantities:
            marks = scope.quantities[name].marks
            check, data_class = weaker(check, marks.source_check), weaker_class(data_class, marks.data_class)
        elif name in scope.share_marks:
            check = weaker(check, scope.share_marks[name])
            data_class = weaker_class(data_class, scope.share_classes.get(name, DATA_CLASSES[-1]))
    return check, data_class
