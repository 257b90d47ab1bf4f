"""Footprint documents, company data and schemas for the tests of the exchange formats."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, Draft202012Validator
from ruamel.yaml import YAML

from pcf.catalogue import Catalogue
from pcf.engine import calculate
from pcf.exchange.pact_company import Company, company_of
from pcf.methods import assess, document
from pcf.model import Method
from pcf.resources import datasets_path

CREATED = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def made(catalogue: Catalogue, product: str = "a356.2", **changes: Any) -> dict[str, Any]:
    """A product's document as if a plant's own year stood behind it."""
    found = calculate(catalogue, product, Method(low_voltage_pfc="included"))
    return {**document(found, assess(found)), "standing": "site-result", **changes}


def separable(total: float, gases: dict[str, float], **separate: float) -> dict[str, Any]:
    """What `read_values` reads, of a result whose gases are all known [tCO2e/t]."""
    told = dict.fromkeys(("biogenic_emissions", "biogenic_removals", "land_use_change"), "not separable")
    return {
        "total": {"value": total},
        "separate": {"fossil": 1.0, "aircraft": 0.0, **told, **separate},
        "gases": {name: {"tCO2e": value} for name, value in gases.items()},
    }


def company(**changes: Any) -> Company:
    """The example of the company file with other values; None takes a block out."""
    content = YAML(typ="safe").load((datasets_path() / "exchange" / "company.yaml").read_text(encoding="utf-8"))
    for name in ("start", "end"):
        content["validity"][name] = str(content["validity"][name])
    content = {name: value for name, value in {**content, **changes}.items() if value is not None}
    return company_of(copy.deepcopy(content), "company.yaml")


@cache
def pact_validator(shared: Path) -> Draft202012Validator:
    """The official schema of a ProductFootprint of version 3."""
    found = YAML(typ="safe").load((shared / "pact" / "openapi-3.0.4.yaml").read_text(encoding="utf-8"))
    schema = {"$ref": "#/components/schemas/ProductFootprint", "components": found["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def catenax_validator(shared: Path, name: str) -> Draft4Validator:
    """The official schema of an aspect, in draft 4."""
    found = json.loads((shared / "catenax" / name).read_text(encoding="utf-8"))
    return Draft4Validator(found, format_checker=Draft4Validator.FORMAT_CHECKER)
