"""The project's own extension of a PACT footprint: what a buyer of aluminium asks and PACT has no field for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from pcf.exchange.pact_company import Company
from pcf.exchange.pact_decimals import decimal_text, rounded
from pcf.exchange.pact_facts import setting
from pcf.exchange.pact_values import recycled
from pcf.exchange.pact_words import notice
from pcf.resources import datasets_path

NAME = "pcf/pact-aluminium/1"
PHYSICAL, MODEL = "metal, physical charge (F13)", "metal, F13"
"""Basis of the recycled content of a charge, here and in a footprint document."""

UNCLAIMED = "not claimed"
"""Basis of the recycled content of what bears no claim."""

EXTENSION_VERSION = "2.0.0"
"""Version of PACT's specification of extensions."""


def aluminium_extension(document: Mapping[str, Any], company: Company) -> dict[str, Any]:
    """The extension of a footprint; results in kgCO2e per kg, contents in per cent, all as texts."""
    return {"specVersion": EXTENSION_VERSION, "dataSchema": company.extension_schema, "data": _data(document, company)}


def _data(document: Mapping[str, Any], company: Company) -> dict[str, Any]:
    method, alternatives = document["method"], document["alternatives"]
    headline = {name: value for name, value in document["headline"].items() if value is not None}
    made: dict[str, Any] = {
        "schema": NAME,
        "standing": document["standing"],
        "boundary": document["boundary"],
        "gwp": method["gwp"],
        "scrap": {
            "method": method["scrap"],
            "cutOff": _value(alternatives["scrap"]["cut-off"]),
            "coProduct": _value(alternatives["scrap"]["co-product"]),
        },
        **_content(document),
        "power": {
            "electricity": method["electricity"],
            "attribution": method["attribution"],
            "transmission": method["td"],
            **{name: _value(value) for name, value in _power(alternatives).items()},
        },
        "lowVoltagePfc": {
            "method": method["low_voltage_pfc"],
            **({"without": _value(headline["without_low_voltage_pfc"])} if "without_low_voltage_pfc" in headline else {}),
            **({"with": _value(headline["with_low_voltage_pfc"])} if "with_low_voltage_pfc" in headline else {}),
        },
        "chainOfCustodyModel": company.custody_model,
        "stages": [{"stage": item["id"], "value": _value(item["value"])} for item in document["stages"] if item["value"]],
        "pfc": _value(sum(row.get("pfc", 0.0) for row in document["matrix"].values())),
        "calculation": {
            "engine": document["provenance"]["engine"],
            "datasetsVersion": document["provenance"]["datasets_version"],
            "datasetsSha256": document["provenance"]["datasets_sha256"],
        },
    }
    return {"notice": notice(document), **made} if notice(document) else made


def _content(document: Mapping[str, Any]) -> dict[str, Any]:
    """The recycled content, or nothing where none was claimed: that is no content of zero."""
    charge = document["charge"]
    if charge is not None and charge["basis"] == UNCLAIMED:
        return {}
    post, pre = recycled(document)
    return {
        "recycledContent": {
            "postConsumerPercent": decimal_text(post), "preConsumerPercent": decimal_text(pre), "basis": _basis(charge),
        }
    }  # fmt: skip


def _basis(charge: Mapping[str, Any] | None) -> str:
    """What the recycled content is measured by: the metal in the furnace, or what was claimed of a shipment."""
    return PHYSICAL if charge is None or charge["basis"] == MODEL else str(charge["basis"])


def _power(alternatives: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """The result by contract and by location, where the document has both."""
    basis = alternatives.get("electricity_basis", {})
    return {"byContract": basis["contract"], "byLocation": basis["location"]} if {"contract", "location"} <= set(basis) else {}


def _value(value: float) -> str:
    return decimal_text(rounded(value, int(setting("value-decimals"))))


@cache
def extension_schema() -> dict[str, Any]:
    """JSON Schema of the extension's data."""
    found: dict[str, Any] = json.loads((datasets_path() / "schema" / "pact-aluminium.schema.json").read_text(encoding="utf-8"))
    return found
