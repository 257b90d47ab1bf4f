"""The order in which lists show products."""

from __future__ import annotations

from collections.abc import Iterable

from pcf.catalogue import Product

KINDS = ("primary", "recycled", "alloy", "stock", "intermediate")
"""Kinds of products in the order in which lists show them."""


def in_order(products: Iterable[Product]) -> list[Product]:
    """Products as every list shows them: by kind, then by id."""
    return sorted(products, key=lambda item: (KINDS.index(item.kind) if item.kind in KINDS else len(KINDS), item.id))
