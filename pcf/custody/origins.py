"""Whether the class that a lot is declared as can be true of its material: what the catalogue says of the material's own origin.

A class decides what may be claimed; ingot of a smelter is nobody's scrap, and used cans are no primary metal.
"""

from __future__ import annotations

from collections.abc import Mapping

from pcf.catalogue import Catalogue

PRIMARY, POST, PRE, ADDITION = "primary", "post-consumer", "pre-consumer", "addition"

IMPOSSIBLE: Mapping[str, frozenset[str]] = {
    PRIMARY: frozenset({POST, PRE, "alloying"}),
    POST: frozenset({PRIMARY, "alloying"}),
    PRE: frozenset({PRIMARY, "alloying"}),
}
"""Origin of a material → content classes that it cannot have. Scrap of unknown origin is `other`, which counts as primary (R25)."""

DOUBTFUL: Mapping[str, frozenset[str]] = {
    POST: frozenset({PRE, "internal"}),
    PRE: frozenset({POST}),
    ADDITION: frozenset({POST, PRE}),
}
"""Origin of a material → content classes that it may have, such as cans of a filler that were never used; the papers say why."""

ORES = ("bauxite-mining", "alumina-bayer")


def origin_of(catalogue: Catalogue, material: str) -> str:
    """Origin of a material: primary, post-consumer, pre-consumer or addition; nothing for ingot that may be of anything."""
    process, product = catalogue.processes.get(material), catalogue.products.get(material)
    if process is not None and process.metal is not None:
        return process.metal.origin
    return PRIMARY if material in ORES or (product is not None and product.kind == PRIMARY) else ""
