"""Scopes: which value a name has where.

A scope is a product (its own site's chain), a site that supplies others, or the common one of processes without a site.
Values of a scope: process default ← site ← product ← user, the later one standing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue, Factor, Product, Quantity, Site, ensure_finite, evaluate, evaluate_quietly, share_values
from pcf.errors import InputError
from pcf.model.attribution import settle_attribution
from pcf.text import name_in

COMMON = "common"
"""Id of the scope of processes that belong to no site."""

ORIGINS = ("process default", "site", "product default", "user")


@dataclass
class Scope:
    """One scope with its values by name.

    `origin` says where a value comes from (`ORIGINS`), `quantities` keeps the record behind each parameter and
    `values` the numbers [base units], scalars or (n_scenarios,). `used` collects the names that formulas ask
    for, `behind` what each derived name rests on.
    """

    id: str
    site: Site | None
    product: Product | None
    values: Namespace = field(init=False)
    quantities: dict[str, Quantity] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)
    share_marks: dict[str, str] = field(default_factory=dict)
    share_classes: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    behind: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def geography(self) -> str:
        """Geography of the scope's site."""
        return self.site.geography if self.site else "CN"


class Namespace(dict[str, Any]):
    """Name → value; a name without a value yet is looked up or evaluated once, at first use."""

    def __init__(self, lookup: Callable[[str], Any]) -> None:
        super().__init__()
        self._lookup = lookup

    def __missing__(self, name: str) -> Any:
        value = self._lookup(name)
        self[name] = value
        return value


def factor_row(catalogue: Catalogue, factor_id: str, year: str) -> Factor:
    """The row of a factor for a year, else the newest one.

    A year chooses among emission factors. What a process consumes (a property) is no emission factor: its newest row stands.
    """
    years = catalogue.factors[factor_id]
    newest = years[max(years)]
    return years[year] if newest.kind == "emission" and year in years else newest


class Scopes:
    """All scopes of one calculation.

    Parameters
    ----------
    catalogue : Catalogue
    switches : mapping of str to float or (n_scenarios,)
        The method's switches.
    factor_year : str
        Year of factor rows behind parameters; empty: the newest.
    overrides : mapping of (scope id, name) to value
        The user's values [base units]; shares under `group__option`.
    sites : mapping of product id to site id
        Products that are computed at another site than their own.
    factors : mapping of factor id to value
        Values that replace factor rows [base units].
    """

    def __init__(
        self,
        catalogue: Catalogue,
        switches: Mapping[str, Any],
        factor_year: str,
        overrides: Mapping[tuple[str, str], Any],
        sites: Mapping[str, str] | None = None,
        factors: Mapping[str, Any] | None = None,
    ) -> None:
        self.catalogue, self._switches, self._year = catalogue, switches, factor_year
        self._overrides, self._sites, self._factors = overrides, dict(sites or {}), dict(factors or {})
        self._known: dict[str, Scope] = {}

    def __iter__(self) -> Any:
        return iter(self._known.values())

    def common(self) -> Scope:
        """The scope of processes that belong to no site."""
        return self._get(COMMON, None, None)

    def of_site(self, site_id: str) -> Scope:
        """The scope of a site that supplies others."""
        if site_id not in self.catalogue.sites:
            raise InputError("site", repr(site_id), ", ".join(sorted(self.catalogue.sites)))
        return self._get(site_id, self.catalogue.sites[site_id], None)

    def of_product(self, product_id: str) -> Scope:
        """The scope of a product."""
        product = self.catalogue.products[product_id]
        site_id = self._sites.get(product_id, product.site)
        site = self.catalogue.sites[site_id] if site_id else None
        return self._get(f"product:{product_id}", site, product)

    def _get(self, scope_id: str, site: Site | None, product: Product | None) -> Scope:
        if scope_id not in self._known:
            self._known[scope_id] = self._make(scope_id, site, product)
        return self._known[scope_id]

    def _make(self, scope_id: str, site: Site | None, product: Product | None) -> Scope:
        scope = Scope(scope_id, site, product)
        scope.values = Namespace(lambda name: self._lookup(scope, name))
        scope.values.update(self._switches)
        layers = (("site", site), ("product default", product))
        for origin, layer in layers:
            if layer is None:
                continue
            for name, quantity in layer.parameters.items():
                self._place(scope, name, quantity, origin)
            for group, shares in layer.shares.items():
                for option in self.catalogue.shares[group].options:
                    scope.values[f"{group}__{option}"] = float(share_values(shares).get(option, 0.0))
                scope.origin[group] = origin
                scope.share_marks[group] = str(shares.get("source_check", "assumed"))
                scope.share_classes[group] = str(shares.get("data_class", "secondary"))
        for (target, name), value in self._overrides.items():
            if target == scope_id:
                parameter = self.catalogue.parameters.get(name)
                if parameter is not None:
                    scope.quantities.setdefault(name, parameter)
                scope.values[name] = value
                scope.origin[name.split("__")[0] if parameter is None else name] = "user"
        settle_attribution(self.catalogue, scope)
        return scope

    def _place(self, scope: Scope, name: str, quantity: Quantity, origin: str) -> None:
        if quantity.factor is not None:
            row = factor_row(self.catalogue, quantity.factor, self._year)
            quantity = _with_row(quantity, row.quantity)
        scope.quantities[name] = quantity
        scope.values[name] = self._factors.get(quantity.factor, quantity.value) if quantity.factor else quantity.value
        scope.origin[name] = origin

    def _lookup(self, scope: Scope, name: str) -> Any:
        """Value of a name that no layer sets: a derived name, else the process default."""
        derived = self.catalogue.derived.get(name)
        if derived is not None:
            value = evaluate(derived.expression, scope.values)
            return ensure_finite(value, f"{scope.id} {name} ({name_in(derived.title, 'en')})")
        quantity = self.catalogue.parameters.get(name)
        if quantity is not None:
            self._place(scope, name, quantity, "process default")
            return scope.values[name]
        group, _, option = name.partition("__")
        shares = self.catalogue.shares.get(group)
        if shares is not None and option in shares.options:
            scope.origin.setdefault(group, "process default")
            scope.share_marks.setdefault(group, shares.source_check)
            return float(shares.default.get(option, 0.0))
        raise InputError(f"{scope.id} {name}", "no value", "a parameter, share, derived name or method switch")


def _with_row(quantity: Quantity, row: Quantity) -> Quantity:
    return replace(quantity, value=row.value, marks=row.marks, uncertainty=row.uncertainty)


def active_names(catalogue: Catalogue, scope: Scope, expression: Any) -> frozenset[str]:
    """Parameters and share groups that the value of an expression really rests on in a scope; asked inside of `quiet`.

    A product with a factor that is zero in every scenario, or a quotient of nothing, rests on that zero alone: where the measured
    PFC mass is used, the default beside it leaves no mark on the evidence.
    """
    if not isinstance(expression, list | tuple):
        return frozenset()
    head = expression[0]
    if head == "n":
        return _names_behind(catalogue, scope, expression[1])
    if head in ("*", "/"):
        for side in expression[1:] if head == "*" else expression[1:2]:
            if not _is_something(evaluate_quietly(side, scope.values)):
                return active_names(catalogue, scope, side)
    arguments = expression[(2 if head == "f" else 1) :]
    if head in ("+", "-"):
        # A lever that stands at nothing, in a sum with something, is not at work.
        arguments = [side for side in arguments if _is_something(evaluate_quietly(side, scope.values))] or arguments
    return frozenset().union(*(active_names(catalogue, scope, item) for item in arguments))


def _is_something(value: Any) -> bool:
    return value != 0 if isinstance(value, float) else bool(np.any(value))


def _names_behind(catalogue: Catalogue, scope: Scope, name: str) -> frozenset[str]:
    known = scope.behind.get(name)
    if known is None:
        derived = catalogue.derived.get(name)
        if derived is not None:
            known = active_names(catalogue, scope, derived.expression)
        else:
            group = name.partition("__")[0]
            found = name if name in catalogue.parameters else group if group in catalogue.shares else None
            known = frozenset({found} if found else ())
        scope.behind[name] = known
    return known
