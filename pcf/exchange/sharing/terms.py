"""What a footprint is found by: its ids and places, folded, and the time in which it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from pcf.exchange.pact_facts import WITHIN, places, setting
from pcf.exchange.pact_rules import add_years

PRODUCT, COMPANY, CLASSIFICATION, GEOGRAPHY, STATUS = "product", "company", "classification", "geography", "status"
MEMBERS = {PRODUCT: "productIds", COMPANY: "companyIds", CLASSIFICATION: "productClassifications"}
"""Kind of a term → member that holds its values."""

DEPRECATED = "deprecated"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def folded(value: str) -> str:
    """A value as it is compared: whatever its case."""
    return value.strip().casefold()


def terms_of(footprint: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Kinds and values by which a footprint is found, each once."""
    found = [(kind, folded(value)) for kind, member in MEMBERS.items() for value in footprint.get(member, ())]
    found += [(GEOGRAPHY, folded(name)) for name in _places(footprint["pcf"])]
    if footprint["status"] == "Deprecated":
        found.append((STATUS, DEPRECATED))
    return list(dict.fromkeys(found))


def _places(pcf: Mapping[str, Any]) -> Iterator[str]:
    """The place of a footprint and those that it lies in."""
    subdivision = pcf.get("geographyCountrySubdivision", "")
    country = pcf.get("geographyCountry", "") or subdivision[:2]
    region = pcf.get("geographyRegionOrSubregion", "") or _regions().get(country, "")
    yield from filter(None, (subdivision, country, region, WITHIN.get(region, "")))


@cache
def _regions() -> Mapping[str, str]:
    """Country → UN region, of the countries that are known here."""
    return {place.country: place.region for place in places().values() if place.country and place.region}


def validity_of(footprint: Mapping[str, Any]) -> tuple[int, int]:
    """First and last moment in which a footprint holds [us]; without a statement three years from the end of its period."""
    end = moment(footprint["pcf"]["referencePeriodEnd"])
    start, stop = footprint.get("validityPeriodStart"), footprint.get("validityPeriodEnd")
    last = add_years(end, int(setting("pact-validity-years")))
    return microseconds(moment(start) if start else end), microseconds(moment(stop) if stop else last)


def moment(value: str) -> datetime:
    """A moment as it is written; a time without a zone is of UTC.

    Raises
    ------
    ValueError
        For what is none.
    """
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def microseconds(value: datetime) -> int:
    """A moment as tables hold it [us, UTC]."""
    return (value - _EPOCH) // timedelta(microseconds=1)
