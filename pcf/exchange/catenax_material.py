"""Recycled metal as the Catena-X aspect `secondary_material_content_calculated` 1.0.0; the footprint model has no field for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pcf.custody.models import MODELS
from pcf.errors import DataError, InputError
from pcf.exchange.catenax import number
from pcf.exchange.catenax_rules import find_material_problems
from pcf.exchange.pact_aluminium import NAME, PHYSICAL
from pcf.exchange.pact_company import Company
from pcf.exchange.pact_decimals import rounded
from pcf.exchange.pact_facts import setting
from pcf.exchange.pact_values import recycled
from pcf.exchange.pact_words import notice, require_claim
from pcf.text import text


def secondary_material(document: Mapping[str, Any], company: Company, lang: str = "en") -> dict[str, Any]:
    """Map a product's recycled content: post- and pre-consumer metal of the physical charge, remelted, never mass-balanced.

    Notes
    -----
    The shares are on metal basis (F13), rounded, the rest of 100 % is primary. Content that was assigned as credit is not
    in a footprint document. The model has no entry for a material without biomass: its two bio-based shares are zero.

    Raises
    ------
    InputError
        For a footprint that is not handed on, and for a company file without `material`.
    DataError
        Where the result breaks the rules.
    """
    require_claim(document)
    return _material(recycled(document), company, notice(document, lang), text("pact.material-basis", lang), balanced=False)


def secondary_material_of(twin: Mapping[str, Any], company: Company, lang: str = "en") -> dict[str, Any]:
    """Map the recycled content that a certificate claims, from its PACT footprint, with the certificate's chain of custody.

    Raises
    ------
    InputError
        For a certificate without a claim: what nobody has claimed is no content of zero.
    DataError
        Where the result breaks the rules.
    """
    told = next(item["data"] for item in twin["extensions"] if item["data"]["schema"] == NAME)
    content = told.get("recycledContent")
    if content is None:
        raise InputError(
            "recycled content",
            "none that was claimed",
            "a certificate that claims recycled content",
            "pcf statement, then a new certificate",
        )
    shares = Decimal(content["postConsumerPercent"]), Decimal(content["preConsumerPercent"])
    if content["basis"] == PHYSICAL:
        return _material(shares, company, told.get("notice", ""), text("pact.material-basis", lang), balanced=False)
    model = told["chainOfCustodyModel"]
    said = text("pact.material-claimed", lang, basis=content["basis"], model=model)
    return _material(shares, company, told.get("notice", ""), said, balanced=model in MODELS and not MODELS[model].physical)


def _material(shares: tuple[Decimal, Decimal], company: Company, told: str, basis: str, *, balanced: bool) -> dict[str, Any]:
    material = company.material
    if material is None:
        raise InputError("company file, material", "nothing", "what the aspect of secondary material asks for")
    post, pre = shares

    def share(percent: Decimal) -> dict[str, Any]:
        return {"percentageOfMaterialWeight": number(percent), "isMassBalanced": balanced and bool(percent)}

    vehicles = rounded(post * Decimal(repr(material.automotive_percent)) / 100, int(setting("share-decimals")))
    item: dict[str, Any] = {
        "materialClass": material.material_class,
        "materialNameStandardized": {
            "referencedStandard": material.standard,
            "referencedStandardID": material.standard_id,
            "materialNameStandardizedValue": material.name,
        },
        "unitOfMeasure": {
            "unitOfMeasureKey": "unit:kilogram",
            "materialNetMass": material.net_kg,
            "grossMaterialInputMass": material.gross_kg,
        },
        "inorganic": {
            "secondaryInorganic": {
                "preConsumer": {"mechanicalRecycling": share(pre)},
                "postConsumer": {"mechanicalRecycling": share(post - vehicles), "chemicalRecycling": share(Decimal(0))},
                "postConsumerAutomotive": {"mechanicalRecycling": share(vehicles), "chemicalRecycling": share(Decimal(0))},
            },
            "primaryInorganic": {"percentageOfMaterialWeight": number(100 - post - pre)},
        },
        "bioBased": {
            "bioBasedClass": "gen1",
            "secondaryBioBased": share(Decimal(0)),
            "primaryBioBased": {"percentageOfMaterialWeight": 0},
        },
        "additionalInformation": f"{told}. {basis}" if told else basis,
    }
    made = {"secondaryMaterialContent": [item], "orderNumber": material.order_number}
    if problems := find_material_problems(made):
        raise DataError(problems)
    return made
