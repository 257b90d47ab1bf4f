"""Recycled metal as the Catena-X aspect `secondary_material_content_calculated` 1.0.0; the footprint model has no field for it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pcf.errors import DataError, InputError
from pcf.exchange.catenax import number
from pcf.exchange.catenax_rules import find_material_problems
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
    material = company.material
    if material is None:
        raise InputError("company file, material", "nothing", "what the aspect of secondary material asks for")
    post, pre = recycled(document)
    vehicles = rounded(post * Decimal(repr(material.automotive_percent)) / 100, int(setting("share-decimals")))
    told = notice(document, lang)
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
                "preConsumer": {"mechanicalRecycling": _share(pre)},
                "postConsumer": {"mechanicalRecycling": _share(post - vehicles), "chemicalRecycling": _share(Decimal(0))},
                "postConsumerAutomotive": {"mechanicalRecycling": _share(vehicles), "chemicalRecycling": _share(Decimal(0))},
            },
            "primaryInorganic": {"percentageOfMaterialWeight": number(100 - post - pre)},
        },
        "bioBased": {
            "bioBasedClass": "gen1",
            "secondaryBioBased": _share(Decimal(0)),
            "primaryBioBased": {"percentageOfMaterialWeight": 0},
        },
        "additionalInformation": f"{told}. {text('pact.material-basis', lang)}" if told else text("pact.material-basis", lang),
    }
    made = {"secondaryMaterialContent": [item], "orderNumber": material.order_number}
    if problems := find_material_problems(made):
        raise DataError(problems)
    return made


def _share(percent: Decimal) -> dict[str, Any]:
    return {"percentageOfMaterialWeight": number(percent), "isMassBalanced": False}
