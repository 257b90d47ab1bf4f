"""What an exported footprint says in words: how it was made, what it cannot tell, and what it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.errors import InputError
from pcf.exchange.pact_company import Company
from pcf.exchange.pact_values import unstated_share
from pcf.methods import NOT_SEPARABLE
from pcf.text import name_in, text

DEMONSTRATION = "demonstration"

METAL = ("electrolysis", "casting", "recycling")
"""Stages of which a product of metal has at least one."""


def require_claim(document: Mapping[str, Any]) -> None:
    """Refuse what no company may hand on as its own: an estimate, or a part of the life cycle.

    Raises
    ------
    InputError
        For a model's estimate, and for a boundary other than cradle-to-gate.
    """
    if document.get("schema") != "pcf/footprint/1":
        raise InputError("footprint", repr(document.get("schema"))[:60], "a document of the schema pcf/footprint/1")
    place = f"product {document['product']['id']}"
    if document["standing"] == "model-estimate":
        raise InputError(
            place, "a model estimate", "the result of a plant's own year, with no value changed",
            "pcf data import PLANT.xlsx --year YEAR, then --site; a draft is not handed on",
        )  # fmt: skip
    if document["boundary"] != "cradle-to-gate":
        raise InputError(place, f"the boundary {document['boundary']}", "cradle-to-gate")
    unit = document["declared_unit"]
    if unit["unit"] != "t" or unit["amount"] <= 0:
        raise InputError(place, f"{unit['amount']:g} {unit['unit']}", "a mass of product as declared unit")
    if not any(item["value"] for item in document["stages"] if item["id"] in METAL):
        raise InputError(place, "a product before the metal, whose carbon content is not known here", "aluminium metal")


def comment(document: Mapping[str, Any], company: Company, lang: str = "en") -> str:
    """The comment: method, alignment, verification, what is not separable and which checks fail."""
    method = document["method"]
    found = [f"{notice(document, lang)}."] if document["standing"] == DEMONSTRATION else []
    found.append(
        text(
            "pact.basis", lang, boundary=document["boundary"], gwp=method["gwp"], scrap=method["scrap"],
            electricity=method["electricity"], attribution=method["attribution"], td=method["td"], pfc=method["low_voltage_pfc"],
        )
    )  # fmt: skip
    found.append(document["alignment"]["wording"])
    found.append(
        text("pact.verified", lang, provider=company.verification.provider)
        if company.verification
        else text("pact.unverified", lang)
    )
    if NOT_SEPARABLE in document["separate"].values():
        found.append(text("pact.not-separable", lang))
    if share := unstated_share(document):
        found.append(text("pact.unstated", lang, share=f"{100 * share:.0f}"))
    if failed := [check["id"] for check in document["checks"] if check["status"] == "fail"]:
        found.append(text("pact.failed", lang, checks=", ".join(failed)))
    found += [text("pact.primary-share", lang), text("pact.no-offsets", lang), text("pact.no-cbam", lang)]
    return " ".join([*found, *([company.comment] if company.comment else [])])


def notice(document: Mapping[str, Any], lang: str = "en") -> str:
    """The words without which no demonstration leaves the house, in both languages; else nothing."""
    return text("pact.demonstration", lang) if document["standing"] == DEMONSTRATION else ""


def processes(document: Mapping[str, Any], lang: str = "en") -> str:
    """The stages that are counted, largest first, with their shares."""
    counted = sorted((item for item in document["stages"] if item["value"]), key=lambda item: -item["value"])
    shown = "; ".join(f"{text('stage.' + item['id'], lang)} {100 * item['share']:.1f} %" for item in counted)
    names = sorted({name_in(names, lang) for names in document["process_names"].values()})
    return text("pact.processes", lang, stages=shown, processes="; ".join(names))


def exempted(document: Mapping[str, Any], lang: str = "en") -> str:
    """What was left out: the largest flow, and those without an estimate."""
    omitted = document["omitted"]
    parts = [text("pact.exempted", lang, largest=omitted["largest"])] if omitted["largest"] else []
    if omitted["unknown"]:
        parts.append(text("pact.exempted-unknown", lang, flows="; ".join(omitted["unknown"])))
    return " ".join(parts)


def allocation(document: Mapping[str, Any], lang: str = "en") -> str:
    """How burdens are shared between products, between heat and power, and with those who bring scrap."""
    method = document["method"]
    return text("pact.allocation", lang, scrap=method["scrap"], co_products=method["co_products"], heat=method["heat"])
