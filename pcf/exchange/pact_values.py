"""The values of a footprint document, rounded so that the sums of the exchange formats hold exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pcf.errors import InputError
from pcf.exchange.pact_decimals import rounded
from pcf.exchange.pact_facts import setting
from pcf.methods import NOT_SEPARABLE

UNSPECIFIED = "GHG, unspecified"


@dataclass(frozen=True)
class Values:
    """Values of 1 kg of product [kgCO2e], rounded; None where the document cannot separate them.

    Attributes
    ----------
    excluding, including : Decimal
        Footprint without and with biogenic uptake.
    fossil : Decimal
        Fossil emissions and everything that is not separable; the rest of the rounding is in them.
    land_use, biogenic_other : Decimal or None
        Emissions of land-use change; biogenic methane and other biogenic gases but carbon dioxide.
    uptake : Decimal or None
        Biogenic carbon dioxide bound in the product, not above zero.
    aircraft : Decimal or None
        Part of the fossil emissions.
    """

    excluding: Decimal
    including: Decimal
    fossil: Decimal
    land_use: Decimal | None
    biogenic_other: Decimal | None
    uptake: Decimal | None
    aircraft: Decimal | None


def read_values(document: Mapping[str, Any]) -> Values:
    """Round a document's values so that excluding = fossil + the rest, and including = excluding + uptake, exactly.

    Parameters
    ----------
    document : mapping
        `pcf/footprint/1`; its tCO2e per t are kgCO2e per kg.

    Raises
    ------
    InputError
        For biogenic carbon dioxide that no uptake balances: PACT has no addend for it.
    """
    separate = document["separate"]
    carbon, other = _biogenic(document["gases"]) if separate["fossil"] != NOT_SEPARABLE else (0.0, 0.0)
    if carbon > 0:
        raise InputError(
            "biogenic carbon dioxide", f"{carbon:g} tCO2e/t that no uptake balances", "none, or less than was taken up",
            "PACT has no addend for it",
        )  # fmt: skip
    digits = int(setting("value-decimals"))
    land_use, aircraft = _number(separate["land_use_change"]), _number(separate["aircraft"])
    uptake = rounded(carbon, digits) if carbon else None
    excluding = rounded(rounded(document["total"]["value"], 15) - rounded(carbon, 15), digits)
    methane = rounded(other, digits) if other else None
    fossil = excluding - (land_use or 0) - (methane or 0)
    return Values(excluding, excluding + (uptake or 0), fossil, land_use, methane, uptake, aircraft)


def _number(value: float | str) -> Decimal | None:
    return rounded(value, int(setting("value-decimals"))) if not isinstance(value, str) else None


def _biogenic(gases: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Biogenic carbon dioxide and the other biogenic gases [tCO2e/t]."""
    found = {name: float(entry["tCO2e"]) for name, entry in gases.items() if "biogenic" in name}
    carbon = sum(value for name, value in found.items() if "carbon dioxide" in name)
    return carbon, sum(found.values()) - carbon


def editions(document: Mapping[str, Any]) -> list[str]:
    """IPCC reports whose factors are in a footprint: the method's, and those of factors published only as CO2e."""
    told = document["gases"].get(UNSPECIFIED, {}).get("editions", {})
    return sorted({document["method"]["gwp"], *(name for name, value in told.items() if value and name.startswith("AR"))})


def unstated_share(document: Mapping[str, Any]) -> float:
    """Share of a footprint that rests on factors of an edition that nobody has stated [1]."""
    told = document["gases"].get(UNSPECIFIED, {}).get("editions", {})
    total = float(document["total"]["value"])
    return float(told.get("not stated", 0.0)) / total if total else 0.0


def recycled(document: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Post- and pre-consumer content [%] on metal basis (F13); a chain without a charge has no scrap in it."""
    charge, digits = document["charge"], int(setting("share-decimals"))
    if charge is None:
        return Decimal(0), Decimal(0)
    return rounded(100 * charge["post_consumer_content"], digits), rounded(100 * charge["pre_consumer_content"], digits)


def exempted_percent(document: Mapping[str, Any]) -> Decimal:
    """What was left out, of the footprint with it [%], rounded up; flows without an estimate are told in words."""
    return rounded(100 * document["omitted"]["share"], int(setting("share-decimals")), up=True)


def secondary_sources(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Titles and years of the sources of secondary emission factors."""
    names = {row["source"] for row in document["factors"].values() if row.get("data_class") == "secondary" and row.get("source")}
    rows = [document["references"][name] for name in sorted(names) if name in document["references"]]
    return sorted({(row["title"], row["year"] or "not stated") for row in rows})
