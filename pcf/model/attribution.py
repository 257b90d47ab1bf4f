"""Attribution of retired power to a product: only what the site has, and only what can carry attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pcf.errors import InputError

if TYPE_CHECKING:
    from pcf.catalogue import Catalogue
    from pcf.model.scopes import Scope

ATTRIBUTION, ATTRIBUTED, SUPPLY = "electricity_attribution", "attributed_supply", "electricity_supply"
ATTRIBUTABLE = ("own_hydro", "own_wind", "own_pv", "direct_", "contract_")
"""Legs whose MWh can be retired for a product; own coal and gas and the plain grid have no attribute to give."""


def settle_attribution(catalogue: Catalogue, scope: Scope) -> None:
    """Let a product carry power of its own only as far as its site has such power.

    A product that asks for attributed power at a site that has retired none is computed on the site's average.

    Raises
    ------
    InputError
        Where power is attributed from a leg that has no attributes, or that the site does not have.
    """
    if ATTRIBUTION not in catalogue.shares or not np.any(scope.values[f"{ATTRIBUTION}__product"] > 0):
        return
    by_user = scope.origin.get(ATTRIBUTED) == "user"
    declared = by_user or (scope.site is not None and ATTRIBUTED in scope.site.shares)
    if not declared:
        if scope.origin.get(ATTRIBUTION) == "user":
            where = scope.site.id if scope.site else scope.id
            raise InputError(
                ATTRIBUTION, f"site {where}, which has retired no power for products", "a site that declares attributed_supply",
                "name the legs by attributed_supply, or use the site's average",
            )  # fmt: skip
        for option in catalogue.shares[ATTRIBUTION].options:
            scope.values[f"{ATTRIBUTION}__{option}"] = float(option == "site")
        scope.origin[ATTRIBUTION] = "site"
        return
    if scope.site is not None and ATTRIBUTED in scope.site.shares and scope.origin.get(ATTRIBUTION) != "user":
        # Whether MWh were retired for the product is the site's record, not the product's wish.
        scope.share_marks[ATTRIBUTION] = scope.share_marks[ATTRIBUTED]
        scope.share_classes[ATTRIBUTION] = scope.share_classes[ATTRIBUTED]
    for option in catalogue.shares[ATTRIBUTED].options:
        share = scope.values[f"{ATTRIBUTED}__{option}"]
        if not np.any(share > 0):
            continue
        if not option.startswith(ATTRIBUTABLE):
            raise InputError(ATTRIBUTED, f"power from {option}", "own or direct renewable power, or power under contract")
        if np.any(scope.values[f"{SUPPLY}__{option}"] <= 0):
            raise InputError(
                ATTRIBUTED, f"power from {option}, of which the site has none", f"a leg of the site's {SUPPLY}",
                "the product's MWh have to be among the site's",
            )  # fmt: skip


def is_settled_on_average(scope: Scope) -> bool:
    """Whether the product asks for attributed power and its site had none to give."""
    wanted = scope.product.shares.get(ATTRIBUTION, {}) if scope.product else {}
    return bool(wanted.get("product", 0)) and scope.origin.get(ATTRIBUTION) == "site"
