"""Turns a product's charge into the balance's input, and the balanced charge into links of its casthouse."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pcf.catalogue import Metal, Quantity, metal_name
from pcf.errors import InputError
from pcf.model.charge import Charge, ChargeInput, Material, balance
from pcf.model.scopes import Scope
from pcf.model.system import Link, Node

if TYPE_CHECKING:
    from pcf.model.compose import _Composer

CHARGE_SETTINGS = ("recycled_input", "recycled_content", "post_consumer_share")
"""Names that a product's charge provides in its own scope."""


def charge_setting(scope: Scope, name: str) -> Any | None:
    """The user's value of a charge setting, else the site's own year, else the product's, else None."""
    if name in scope.values:
        return scope.values[name]
    charge = (scope.product.charge if scope.product else None) or {}
    own = scope.site.charge if scope.site else {}
    if name.startswith("recycled_") and any(key.startswith("recycled_") for key in own):
        quantity, origin = own.get(name), "site"
    elif name in own:
        quantity, origin = own[name], "site"
    else:
        quantity, origin = charge.get(name), "product default"
    if not isinstance(quantity, Quantity):
        return None
    scope.quantities.setdefault(name, quantity)
    scope.origin.setdefault(name, origin)
    return quantity.value


def compose_charge(composer: _Composer, node: Node) -> tuple[Charge, list[Link]]:
    """Balance the charge of a casthouse and give its metal inputs as links.

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
    targets: dict[str, int] = {}

    def material(target: str, site_id: str | None = None) -> tuple[Material, str]:
        index = composer.node_at_site(target, site_id) if site_id else composer.supplier(target, scope)
        targets[target] = index
        supplier = composer.nodes[index]
        metal = supplier.process.metal
        if metal is None:
            raise InputError(f"{product.id} charge", f"{target!r} without a metal block", "a supplier of metal")
        return _material(target, supplier, metal), metal.origin

    primary, _ = material(charge["primary"]["input"], charge["primary"].get("site"))
    classes = [(material(item["input"]), float(item["share"])) for item in charge.get("scrap") or []]
    additions = [material(target)[0] for target in charge.get("additions") or []]
    post = [origin == "post-consumer" for (_, origin), _ in classes]
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
    found = balance(data, post)
    scope.values["charge_throughput"] = found.throughput
    scope.values["charge_gross"] = found.gross_total
    rest = frozenset(
        name
        for name in (*CHARGE_SETTINGS, charge.get("returns"), charge.get("returns_yield"), charge.get("iron_pickup"))
        if name and (name in scope.quantities or name in scope.origin)
    )
    check, data_class = weakest_marks(scope, rest)
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
                check, data_class, rest, "charge balance",
            )
        )  # fmt: skip
    return found, links


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
    return [
        (material, share * (share_post if is_post else 1 - share_post))
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
