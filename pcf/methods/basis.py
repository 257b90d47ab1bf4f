"""What a result rests on, value by value: parameters and shares of every place, factor rows, and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pcf.catalogue import Catalogue, Marks, ShareGroup, share_values
from pcf.engine import Footprint, at
from pcf.model import Scope, System

BALANCED = ("recycled_content", "recycled_input")
"""Results of a charge balance that people look for among the parameters."""


def scope_label(scope: Scope) -> str:
    """A scope's name as people write it: `shandong`, `a356.2`, `common`."""
    return scope.id.removeprefix("product:")


def describe_marks(marks: Marks) -> dict[str, str]:
    """Where a value comes from, as the document has it."""
    found = {
        "source": marks.source,
        "locator": marks.locator,
        "year": marks.year,
        "geography": marks.geography,
        "source_check": marks.source_check,
        "data_class": marks.data_class,
        "note": marks.note,
    }
    return {key: value for key, value in found.items() if value}


def describe_shares(scope: Scope, group: ShareGroup) -> dict[str, Any]:
    """Shares of a group in a scope, with their marks."""
    values = {option: at(scope.values[f"{group.name}__{option}"], 0) for option in group.options}
    origin = scope.origin.get(group.name, "process default")
    found: dict[str, Any] = {"value": {key: value for key, value in values.items() if value}, "unit": "1", "origin": origin}
    if origin == "user":
        return found
    written: Mapping[str, Any] = {}
    for layer in (scope.site, scope.product):
        if layer is not None and group.name in layer.shares:
            written = layer.shares[group.name]
    marks = {key: str(value) for key, value in written.items() if key not in share_values(written) and key != "name"}
    if not marks and group.note:
        marks["note"] = group.note
    marks["source_check"] = scope.share_marks.get(group.name, group.source_check)
    return {**found, **marks}


def describe_parameter(scope: Scope, name: str) -> dict[str, Any]:
    """A parameter's value in a scope in its own unit, with its marks unless somebody set it by hand."""
    quantity = scope.quantities[name]
    origin = scope.origin.get(name, "process default")
    value = at(scope.values[name], 0) / quantity.scale if name in scope.values else quantity.shown
    found: dict[str, Any] = {"value": value, "unit": quantity.unit, "origin": origin}
    return found if origin == "user" else {**found, **describe_marks(quantity.marks)}


def parameters(footprint: Footprint) -> dict[str, dict[str, Any]]:
    """Every value that the result rests on and every value set by hand, by name; of another place than the own with its prefix."""
    system = footprint.system
    active = _active_names(system)
    found: dict[str, dict[str, Any]] = {}
    for scope in system.scopes:
        prefix = "" if scope is system.own else f"{scope_label(scope)}."
        for name in sorted(active.get(scope.id, set()) | {name for name, origin in scope.origin.items() if origin == "user"}):
            group = system.catalogue.shares.get(name)
            if group is not None:
                found[prefix + name] = {"scope": scope_label(scope), **describe_shares(scope, group)}
            elif name in scope.quantities:
                found[prefix + name] = {"scope": scope_label(scope), **describe_parameter(scope, name)}
    for index, charge in system.charges.items():
        scope = system.nodes[index].scope
        prefix = "" if scope is system.own else f"{scope_label(scope)}."
        for name, values in zip(BALANCED, (charge.recycled_content, charge.recycled_input), strict=True):
            known = found.get(prefix + name) or {"scope": scope_label(scope), "unit": "1", "origin": "charge balance"}
            found[prefix + name] = {**known, "value": at(values, 0)}
    return found


def _active_names(system: System) -> dict[str, set[str]]:
    """Scope → the names behind the amounts of its nodes, those of a charge's metals included."""
    found: dict[str, set[str]] = {}
    for node in system.nodes:
        names = found.setdefault(node.scope.id, set())
        for link in node.links:
            names |= link.names
        if node.process.allocation and at(node.scope.values[node.process.allocation], 0) != 1:
            names |= system.catalogue.bases.get(node.process.allocation, frozenset())
    for scope in system.scopes:
        found.setdefault(scope.id, set()).update(name for name in scope.used if "__" in name and name in scope.quantities)
    return found


def factors(footprint: Footprint) -> dict[str, dict[str, Any]]:
    """Every factor row that an amount of the result is multiplied with."""
    found: dict[str, dict[str, Any]] = {}
    for node in footprint.system.nodes:
        for link in node.links:
            if link.factor is not None:
                quantity = link.factor.quantity
                gas = {"gas": str(link.factor.gas), "gwp_edition": link.factor.gwp_edition}
                row = {"value": quantity.shown, "unit": quantity.unit, **{key: value for key, value in gas.items() if value}}
                found[link.factor.id] = {**row, **describe_marks(quantity.marks)}
    return dict(sorted(found.items()))


def references(catalogue: Catalogue, entries: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """The sources that entries name."""
    return {
        name: dict(_source(catalogue, name)) for name in sorted({str(item["source"]) for item in entries if item.get("source")})
    }


def _source(catalogue: Catalogue, name: str) -> Iterator[tuple[str, str]]:
    row = catalogue.sources.get(name, {})
    for key in ("title", "publisher", "year", "url", "redistribution", "note"):
        yield key, str(row.get(key, "") or "")
