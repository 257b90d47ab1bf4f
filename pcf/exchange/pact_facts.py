"""Facts of the exchange formats: places, standards and limits, as the tables of `datasets/exchange` state them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from pcf.catalogue.files import read_csv
from pcf.resources import datasets_path

_COLUMNS = {
    "settings": ("id", "name_en", "name_zh", "value", "unit", "source", "source_check", "note"),
    "geographies": ("geography", "country", "subdivision", "region"),
    "standards": ("standard", "cross_sectoral", "catenax", "operator", "note"),
}


@dataclass(frozen=True)
class Place:
    """A place: ISO 3166-1 country, ISO 3166-2 subdivision, UN region; nothing of them is the world."""

    country: str = ""
    subdivision: str = ""
    region: str = ""


@dataclass(frozen=True)
class Standard:
    """A standard that a result is aligned with, as each format names it; `operator` where it is a rule of a product group."""

    name: str
    cross_sectoral: str
    catenax: str
    operator: str


@cache
def _table(name: str) -> list[dict[str, str]]:
    place = f"exchange/{name}.csv"
    return read_csv(datasets_path() / "exchange" / f"{name}.csv", place, _COLUMNS[name])


@cache
def setting(name: str) -> Decimal:
    """Value of a setting; see `datasets/exchange/settings.csv`."""
    return Decimal(next(row["value"] for row in _table("settings") if row["id"] == name))


@cache
def places() -> Mapping[str, Place]:
    """Geography of a site → its place."""
    rows = _table("geographies")
    return MappingProxyType({row["geography"]: Place(row["country"], row["subdivision"], row["region"]) for row in rows})


@cache
def standards() -> Mapping[str, Standard]:
    """Name of a standard → how the formats name it."""
    rows = _table("standards")
    return MappingProxyType({
        row["standard"]: Standard(row["standard"], row["cross_sectoral"], row["catenax"], row["operator"]) for row in rows
    })  # fmt: skip


REGIONS = (
    "Africa", "Americas", "Asia", "Europe", "Oceania", "Australia and New Zealand", "Central Asia", "Eastern Asia",
    "Eastern Europe", "Latin America and the Caribbean", "Melanesia", "Micronesia", "Northern Africa", "Northern America",
    "Northern Europe", "Polynesia", "South-eastern Asia", "Southern Asia", "Southern Europe", "Sub-Saharan Africa",
    "Western Asia", "Western Europe",
)  # fmt: skip
"""Regions and subregions of the UN geoscheme as PACT lists them."""

WITHIN = MappingProxyType({
    **dict.fromkeys(("Northern Africa", "Sub-Saharan Africa"), "Africa"),
    **dict.fromkeys(("Latin America and the Caribbean", "Northern America"), "Americas"),
    **dict.fromkeys(("Central Asia", "Eastern Asia", "South-eastern Asia", "Southern Asia", "Western Asia"), "Asia"),
    **dict.fromkeys(("Eastern Europe", "Northern Europe", "Southern Europe", "Western Europe"), "Europe"),
    **dict.fromkeys(("Australia and New Zealand", "Melanesia", "Micronesia", "Polynesia"), "Oceania"),
})  # fmt: skip
"""Subregion → the region that it is in."""
