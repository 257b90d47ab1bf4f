"""Turns a product's charge into the balance's input, and the balanced charge into links of its casthouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pcf.catalogue import Metal, Quantity, SiteCharge, metal_name, share_values
from pcf.errors import InputError
from pcf.model.charge import Charge, ChargeInput, Material, balance
from pcf.model.scopes import Scope
from pcf.model.system import Link, Node

if TYPE_CHECKING:
    from pcf.model.compose import _Composer

CHARGE_SETTINGS = ("recycled_input", "recycled_content", "post_consumer_share")
"""Names that a product's charge provides in its own scope."""

SCRAP = ("post-consumer", "pre-consumer")
"""Origins of metal that count as recycled."""

INTERNAL = "internal"
"""Origin of metal from inside the company: neither recycled nor primary, outside every content."""


def charge_setting(scope: Scope, name: str) -> Any | None:
    """The user's value of a charge setting, else what the site charged in its own year, else the product's, else None."""
    if name in scope.values:
        return scope.values[name]
    quantity = scope.quantities.get(name)
    if quantity is None:
        charge = (scope.product.charge if scope.product else None) or {}
        quantity = charge.get(name)
        if not isinstance(quantity, Quantity):
            return None
        scope.quantities[name] = quantity
        scope.origin.setdefault(name, "product default")
    return quantity.value


def compose_charge(composer: _Composer, node: Node) -> tuple[Charge, list[Link]]:
    """Balance the charge of a casthouse and give its metal inputs as links.

    A site that states what its casthouse charged in the year is computed on those masses; a charge setting of the user turns
    the balance on again, with the site's own classes of scrap.

    Raises
    ------
    InputError
        For a charge that contradicts itself, such as a pre-consumer share without a pre-consumer class.
    """
    from pcf.model.compose import weakest_marks

    scope, product = node.scope, node.scope.product
    assert product is not None
    assert product.charge is not None
    charge = product.charge
    own = scope.site.charge.get(node.process.id) if scope.site else None
    if own is not None:
        _place_line(composer, scope, own)
    targets: dict[str, int] = {}

    def material(target: str, site_id: str | None = None) -> tuple[Material, str]:
        index = composer.node_at_site(target, site_id) if site_id else composer.supplier(target, scope)
        targets[target] = index
        supplier = composer.nodes[index]
        metal = supplier.process.metal
        if metal is None:
            raise InputError(f"{product.id} charge", f"{target!r} without a metal block", "a supplier of metal")
        return _material(target, supplier, metal), metal.origin

    first = own.primary if own is not None and own.primary else charge["primary"]["input"]
    primary, _ = material(first, None if own is not None and own.primary else charge["primary"].get("site"))
    charged = {} if own is None else {name: quantity.value for name, quantity in own.gross.items()}
    found_metals = {name: material(name) for name in charged}
    wanted = _scrap_wanted(charge, {name: charged[name] for name, (_, origin) in found_metals.items() if origin in SCRAP})
    classes = [(found_metals.get(name) or material(name), share) for name, share in wanted]
    extra = [name for name, (_, origin) in found_metals.items() if origin == "addition"]
    additions = [material(target)[0] for target in dict.fromkeys([*(charge.get("additions") or []), *extra])]
    post = [origin == "post-consumer" for (_, origin), _ in classes]
    measured = own is not None and not any(scope.origin.get(name) == "user" for name in CHARGE_SETTINGS)
    if own is not None:
        _place_settings(scope, own, {name: origin for name, (_, origin) in found_metals.items()})
    share_post = charge_setting(scope, "post_consumer_share")
    scrap = _scrap_shares(product.id, classes, post, 1.0 if share_post is None else share_post)
    recycled_input, recycled_content = _recycled(scope)
    alloy = composer.catalogue.alloys[charge["alloy"]] if charge.get("alloy") else None
    data = ChargeInput(
        primary=primary,
        scrap=scrap,
        additions=additions,
        elements=alloy.elements if alloy else {},
        returns=scope.values[charge["returns"]] if charge.get("returns") else 0.0,
        returns_yield=scope.values[charge["returns_yield"]] if charge.get("returns_yield") else 1.0,
        iron_pickup=scope.values[charge["iron_pickup"]] if charge.get("iron_pickup") else 0.0,
        recycled_input=recycled_input,
        recycled_content=recycled_content,
    )
    found = charge_as_made(data, found_metals, charged) if measured else balance(data, post)
    scope.values["charge_throughput"] = found.throughput
    scope.values["charge_gross"] = found.gross_total
    rest = frozenset(
        name
        for name in (*CHARGE_SETTINGS, charge.get("returns"), charge.get("returns_yield"), charge.get("iron_pickup"))
        if name and (name in scope.quantities or name in scope.origin)
    )
    behind = rest & set(CHARGE_SETTINGS) if measured else rest
    check, data_class = weakest_marks(scope, behind)
    scope.used |= rest | set(CHARGE_SETTINGS)
    links = []
    for target, mass in found.gross.items():
        supplier = composer.nodes[targets[target]]
        metal = supplier.process.metal
        # The balance asks for these even where it then does without the material.
        supplier.scope.used |= {
            metal_name(supplier.process.id, item) for item in ("yield", *(metal.composition if metal else ()))
        }
        if not np.any(mass > 0):
            continue
        added = metal is not None and metal.origin == "addition"
        links.append(
            Link(
                "input", targets[target], mass, None, 0.0,
                supplier.process.category or ("ancillary" if added else ""), "alloying" if added else "", "material",
                check, data_class, behind, "as charged" if measured else "charge balance",
            )
        )  # fmt: skip
    return found, links


def charge_as_made(data: ChargeInput, metals: Mapping[str, tuple[Material, str]], charged: Mapping[str, Any]) -> Charge:
    """The charge from the gross masses that a casthouse put in, per t of product: nothing is balanced, nothing scaled.

    Notes
    -----
    The outside metal is `E = Σ g_i y_i + f T`, with gross mass `g`, metal yield `y`, iron pick-up `f` and throughput
    `T = 1/(1 − q)`. Contents are shares of the charged metal `Σ g_i y_i`, as in the balance, without metal of origin
    `INTERNAL` (F13). Yields and compositions of the classes decide the contents alone; what the product carries are the
    masses themselves.
    """
    throughput = 1 / (1 - data.returns)
    metal = {name: mass * metals[name][0].metal_yield for name, mass in charged.items()}
    total = sum(metal.values())
    outside = total + data.iron_pickup * throughput
    gross = sum(charged.values())
    scrap = [name for name in charged if metals[name][1] in SCRAP]
    external = sum(mass for name, mass in metal.items() if metals[name][1] != INTERNAL)
    counted = np.where(external > 0, external, 1.0)  # all of it from inside: no content of anything
    return Charge(
        data=data,
        gross=dict(charged),
        throughput=throughput,
        gross_total=gross,
        recycled_input=sum(charged[name] for name in scrap) / gross,
        recycled_content=sum(metal[name] for name in scrap) / counted,
        post_consumer_content=sum(metal[name] for name in scrap if metals[name][1] == "post-consumer") / counted,
        metal=tuple((metals[name][0].composition, mass / outside) for name, mass in metal.items()),
        pickup=data.iron_pickup * throughput / outside,
    )


def _place_line(composer: _Composer, line: Scope, own: SiteCharge) -> None:
    """Let the values of the casthouse's own line stand over those of the site; a product's and a user's stand over them.

    What belongs to a process without a site, such as the origin of bought silicon, holds for the whole chain, as a user's
    setting of it does.
    """
    catalogue = composer.catalogue

    def scope_of(process_id: str) -> Scope:
        return line if catalogue.processes[process_id].per_site else composer.scopes.common()

    for name, quantity in own.parameters.items():
        scope = scope_of(catalogue.owners[name])
        if scope.origin.get(name) not in ("product default", "user"):
            scope.quantities[name], scope.values[name], scope.origin[name] = quantity, quantity.value, "site"
    for group, shares in own.shares.items():
        scope = scope_of(catalogue.shares[group].process)
        if scope.origin.get(group) not in ("product default", "user"):
            given = share_values(shares)
            for option in catalogue.shares[group].options:
                scope.values[f"{group}__{option}"] = float(given.get(option, 0.0))
            scope.origin[group] = "site"
            scope.share_marks[group] = str(shares.get("source_check", "assumed"))


def _place_settings(scope: Scope, own: SiteCharge, origins: Mapping[str, str]) -> None:
    """Recycled input and post-consumer share of the year, which follow from the masses, with the marks of the masses."""
    gross = {name: quantity.value for name, quantity in own.gross.items()}
    scrap = sum(mass for name, mass in gross.items() if origins[name] in SCRAP)
    post = sum(mass for name, mass in gross.items() if origins[name] == "post-consumer")
    one = next(iter(own.gross.values()))
    values = {"recycled_input": scrap / sum(gross.values()), "post_consumer_share": post / scrap if scrap else 1.0}
    for name, value in values.items():
        default = ((scope.product.charge if scope.product else None) or {}).get(name)
        title = default.name if isinstance(default, Quantity) else {}
        # The unit and the scale of a share, the marks of the masses behind it.
        quantity = replace(one, value=value, unit="1", scale=1.0, limits=(0.0, 1.0), name=title)
        if scope.origin.get(name) != "user":
            scope.quantities[name], scope.origin[name] = quantity, "site"
        else:
            scope.quantities.setdefault(name, quantity)


def _scrap_wanted(charge: Mapping[str, Any], own: Mapping[str, float]) -> list[tuple[str, float]]:
    """Classes of scrap with their gross masses where the site states them, else with the product's shares."""
    if own:
        return list(own.items())
    return [(item["input"], float(item["share"])) for item in charge.get("scrap") or []]


def _material(target: str, supplier: Node, metal: Metal) -> Material:
    process_id, values = supplier.process.id, supplier.scope.values
    composition = {element: values[metal_name(process_id, element)] for element in metal.composition}
    return Material(target, values[metal_name(process_id, "yield")], composition, metal.element)


def _scrap_shares(product_id: str, classes: list[Any], post: list[bool], share_post: Any) -> list[tuple[Material, Any]]:
    """Gross shares of the scrap classes from the post-consumer share and the share within each consumer class."""
    value = share_post
    if not classes:
        return []
    for wanted, present, word in ((value > 0, any(post), "post"), (value < 1, not all(post), "pre")):
        if np.any(wanted) and not present:
            raise InputError(
                f"{product_id} post_consumer_share", f"{float(np.max(value)):g}",
                f"a share that needs no {word}-consumer scrap: the product's charge has none",
            )  # fmt: skip
    # Shares within the consumer class; a site states masses instead.
    within = [
        sum(share for (_, share), other in zip(classes, post, strict=True) if other == is_post) for is_post in (False, True)
    ]
    return [
        (material, share / within[is_post] * (share_post if is_post else 1 - share_post))
        for ((material, _), share), is_post in zip(classes, post, strict=True)
    ]


def _recycled(scope: Scope) -> tuple[Any | None, Any | None]:
    """Recycled input or content: the user's, else the product's default; exactly one."""
    chosen: Mapping[str, Any] = {name: charge_setting(scope, name) for name in CHARGE_SETTINGS[:2]}
    by_user = [name for name in CHARGE_SETTINGS[:2] if scope.origin.get(name) == "user"]
    if len(by_user) == 2:
        raise InputError("recycled_input and recycled_content", "both", "one of them: the other follows from it")
    if by_user:
        other = "recycled_content" if by_user[0] == "recycled_input" else "recycled_input"
        scope.quantities.pop(other, None)
        scope.origin.pop(other, None)
        return (chosen["recycled_input"], None) if by_user[0] == "recycled_input" else (None, chosen["recycled_content"])
    return chosen["recycled_input"], chosen["recycled_content"]
