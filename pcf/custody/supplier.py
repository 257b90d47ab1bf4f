"""Footprints that come with a delivery: which of them may stand in a batch's footprint, and with what mark."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from pcf.errors import InputError
from pcf.model import CHOICES, Method

USABLE_BOUNDARY = "cradle-to-gate"
NOT_STATED = "not stated"
WITHOUT_SCRAP = ("primary", "alloying")
"""Content classes whose footprint does not depend on how scrap is treated."""

SWITCHES: Mapping[str, object] = {"cut-off": ["-", 1.0, ["n", "method_coproduct"]], "co-product": ["n", "method_coproduct"]}
"""Treatment of scrap → the expression that is 1 under it and 0 under the other one."""


@dataclass(frozen=True)
class SupplierFootprint:
    """What a supplier's document says of 1 kg of a lot; texts as they stand in it.

    Parameters
    ----------
    value : float
        [kgCO2e/kg = tCO2e/t], up to the supplier's gate.
    boundary, gwp, scrap : str
        System boundary, edition of the warming potentials (`AR6`) and treatment of scrap (`cut-off`, `co-product`).
    standard, period, verifier, document, supplier : str
    """

    value: float
    boundary: str
    gwp: str = ""
    scrap: str = ""
    standard: str = ""
    period: str = ""
    verifier: str = ""
    document: str = ""
    supplier: str = ""


@dataclass(frozen=True)
class OwnHeat:
    """What an earlier heat of one's own brings into a charge: its footprint by treatment of scrap, and its contents.

    Parameters
    ----------
    values : mapping of treatment of scrap to float
        [kgCO2e/kg], both treatments.
    post, pre : float
        Post- and pre-consumer content on metal basis (F13) [1].
    """

    values: Mapping[str, float]
    post: float = 0.0
    pre: float = 0.0


@dataclass(frozen=True)
class Notice:
    """Something that a reader of the result has to know: what kind, of which lot (empty: the batch), with its values."""

    kind: str
    lot: str = ""
    values: Mapping[str, str] = field(default_factory=dict)


def read_edition(text: str) -> str | None:
    """The edition that a document names, `not stated`, or None for one that the catalogue does not know."""
    written = text.strip().upper().removeprefix("IPCC ").strip()
    if written.lower() in ("", NOT_STATED):
        return NOT_STATED
    return written if written in CHOICES["gwp"] else None


def bears_scrap(content_class: str) -> bool:
    """Whether a footprint of such metal depends on the treatment of scrap; metal of an unknown class may."""
    return content_class not in WITHOUT_SCRAP


def find_obstacle(footprint: SupplierFootprint, content_class: str, method: Method) -> tuple[str, str, str] | None:
    """Why a supplier's footprint cannot be used: field, what it says and what it would have to say; None: it can."""
    boundary = "-".join(footprint.boundary.lower().split())
    if boundary != USABLE_BOUNDARY:
        return "boundary", footprint.boundary or NOT_STATED, USABLE_BOUNDARY
    if read_edition(footprint.gwp) is None:
        return "gwp", footprint.gwp, " | ".join((*CHOICES["gwp"], NOT_STATED))
    if bears_scrap(content_class) and "-".join(footprint.scrap.lower().split()) != method.scrap:
        return "scrap", footprint.scrap or NOT_STATED, method.scrap
    return None


def accept(
    lot: str, footprint: SupplierFootprint, content_class: str, method: Method, *, replace: bool
) -> tuple[bool, list[Notice]]:
    """Whether a supplier's footprint is used, and what has to be said about it.

    Notes
    -----
    A figure published only as CO2e cannot be characterised again: one of another edition is taken as it stands, and said.

    Raises
    ------
    InputError
        For a footprint that cannot be used, unless `replace` puts the catalogue's data set in its place.
    """
    if not (math.isfinite(footprint.value) and footprint.value > 0):
        raise InputError(
            f"lot {lot} footprint",
            f"{footprint.value}",
            "kgCO2e per kg, more than 0: no metal is without emissions, and nothing is credited",
        )
    obstacle = find_obstacle(footprint, content_class, method)
    if obstacle is not None:
        reason, found, expected = obstacle
        if not replace:
            raise InputError(
                f"lot {lot} footprint {reason}", repr(found), expected,
                "get a footprint on that basis, or let the catalogue's data set stand in its place",
            )  # fmt: skip
        values = {"reason": reason, "found": found, "expected": expected, "value": f"{footprint.value:g}"}
        return False, [Notice("supplier-replaced", lot, values)]
    edition = read_edition(footprint.gwp)
    if edition != method.gwp:
        return True, [Notice("supplier-edition", lot, {"found": str(edition), "expected": method.gwp})]
    return True, []
