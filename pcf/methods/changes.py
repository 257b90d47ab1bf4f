"""What somebody changed by hand: each value beside the one that would stand without it, and what it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.engine import Footprint, at
from pcf.methods.basis import describe_parameter, describe_shares, scope_label
from pcf.model import Scope, Settings, System, compose


def find_changes(footprint: Footprint) -> list[dict[str, Any]]:
    """Every change against the product's defaults.

    Returns
    -------
    list of mapping
        `name`, `scope`, `value` and `unit`; `default` and `default_origin` of what would stand without the change (None where the
        chain as it stands has no such value); `reaches`: the steps of the chain whose amounts rest on it. An empty `reaches` means
        that the value moves nothing in this result.
    """
    system = footprint.system
    changed = [(scope, name) for scope in system.scopes for name, origin in scope.origin.items() if origin == "user"]
    found = _moved_site(system)
    if changed:
        base = compose(system.catalogue, system.product.id, system.method, Settings(sites=_sites(system)))
        before = {scope.id: scope for scope in base.scopes}
        found += [_change(system, base, before, scope, name) for scope, name in changed]
    return found


def _sites(system: System) -> dict[str, str]:
    """Products of the chain that are computed at another site than their own."""
    return {
        scope.product.id: scope.site.id
        for scope in system.scopes
        if scope.product is not None and scope.site is not None and scope.site.id != scope.product.site
    }


def _moved_site(system: System) -> list[dict[str, Any]]:
    site = system.own.site
    if site is None or site.id == system.product.site:
        return []
    reaches = [_step(node.process.id, node.scope) for node in system.nodes if node.scope is system.own and node.process.stage]
    return [{
        "name": "site", "scope": scope_label(system.own), "value": site.id, "unit": "", "default": system.product.site,
        "default_origin": "product default", "reaches": reaches,
    }]  # fmt: skip


def _change(system: System, base: System, before: Mapping[str, Scope], scope: Scope, name: str) -> dict[str, Any]:
    group = system.catalogue.shares.get(name)
    now = describe_shares(scope, group) if group else _value(scope, name)
    old = before.get(scope.id)
    was: Mapping[str, Any] = {}
    if old is not None:
        was = describe_shares(old, group) if group else _value(old, name)
    default = was.get("value")
    balanced = _balanced(base, scope.id, name)
    return {
        "name": name if scope is system.own else f"{scope_label(scope)}.{name}",
        "scope": scope_label(scope),
        "value": now.get("value"),
        "unit": now.get("unit", "1"),
        "default": default if balanced is None else balanced,
        "default_origin": was.get("origin", "process default") if balanced is None else "charge balance",
        "reaches": _reached(system, scope, name),
    }


def _value(scope: Scope, name: str) -> dict[str, Any]:
    if name in scope.quantities:
        return describe_parameter(scope, name)
    known = scope.values.get(name)
    return {} if known is None else {"value": at(known, 0), "unit": "1", "origin": scope.origin.get(name, "process default")}


def _balanced(base: System, scope_id: str, name: str) -> float | None:
    """What the charge would have had of a name that its balance gives."""
    for index, charge in base.charges.items():
        if base.nodes[index].scope.id == scope_id and name in ("recycled_content", "recycled_input"):
            return at(getattr(charge, name), 0)
    return None


def _reached(system: System, scope: Scope, name: str) -> list[str]:
    """Steps of the chain whose amounts rest on a value, through the services (power, fuels, freight) that carry it."""
    consumers: dict[int, set[int]] = {}
    for index, node in enumerate(system.nodes):
        for link in node.links:
            if link.kind == "input":
                consumers.setdefault(int(link.target), set()).add(index)
    open_nodes = {
        index for index, node in enumerate(system.nodes) if node.scope is scope and any(name in link.names for link in node.links)
    }
    if "__" in name:  # a metal's composition or yield: the charges that it goes into
        open_nodes |= {index for index in system.charges if name in scope.used}
    steps: set[int] = set()
    seen: set[int] = set()
    while open_nodes:
        index = open_nodes.pop()
        seen.add(index)
        if system.nodes[index].process.stage is not None or index == 0:
            steps.add(index)
        else:
            open_nodes |= consumers.get(index, set()) - seen
    return [_step(system.nodes[index].process.id, system.nodes[index].scope) for index in sorted(steps)]


def _step(process_id: str, scope: Scope) -> str:
    return f"{process_id}@{scope_label(scope)}"
