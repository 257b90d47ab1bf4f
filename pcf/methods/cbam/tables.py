"""Facts of the CBAM acts as `datasets/cbam/` states them, each with its source; no other regime uses them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from pcf.catalogue.files import parse_number, read_csv
from pcf.errors import InputError
from pcf.resources import datasets_path

_MARKS = ("year", "source", "locator", "source_check", "note")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "constants": ("id", "name_en", "name_zh", "value", "unit", *_MARKS),
    "pfc_factors": ("method", "technology", "cf4_factor", "unit", "c2f6_per_cf4", "instead", *_MARKS),
    "default_values": ("origin", "cn", "value", "unit", "route", *_MARKS),
    "mark_ups": ("year", "value", "unit", *_MARKS[1:]),
    "goods": ("heading", "category", "name_en", "name_zh", *_MARKS),
    "zero_origins": ("origin", "kind", *_MARKS),
}
"""Table → its columns."""

SCRAP_HEADING = "7602"


@dataclass(frozen=True)
class PfcFactors:
    """CF4 factor in `unit`, mass of C2F6 per mass of CF4, and where both come from."""

    cf4_factor: float
    unit: str
    c2f6_per_cf4: float
    technology: str
    source: str


@dataclass(frozen=True)
class DefaultValue:
    """A default value before mark-up [tCO2e/t]: the row that was found, its route and source."""

    origin: str
    cn: str
    value: float
    route: str
    source: str


@cache
def table(name: str) -> tuple[Mapping[str, str], ...]:
    """Rows of a table."""
    rows = read_csv(datasets_path() / "cbam" / f"{name}.csv", f"cbam/{name}.csv", COLUMNS[name])
    return tuple(MappingProxyType(row) for row in rows)


@cache
def constant(name: str) -> float:
    """A constant of the regime; see `datasets/cbam/constants.csv`."""
    row = next(row for row in table("constants") if row["id"] == name)
    return parse_number(row["value"], f"cbam/constants.csv:{row['#row']}")


def gwps() -> dict[str, float]:
    """GWP100 of the two PFCs in AR5, as the act states them [tCO2e/t]."""
    return {"CF4": constant("gwp-cf4"), "C2F6": constant("gwp-c2f6")}


@cache
def pfc_factors(method: str, technology: str) -> PfcFactors | None:
    """Factors of a method and a cell technology; none where the act states none."""
    for row in table("pfc_factors"):
        if (row["method"], row["technology"]) == (method, technology):
            if row["instead"]:
                return pfc_factors(method, row["instead"])
            place = f"cbam/pfc_factors.csv:{row['#row']}"
            factor, share = (parse_number(row[name], f"{place} {name}") for name in ("cf4_factor", "c2f6_per_cf4"))
            return PfcFactors(factor, row["unit"], share, technology, f"{row['source']}, {row['locator']}")
    return None


def category_of(cn: str) -> str:
    """`unwrought` or `products`; empty for a code that is no aluminium good of the regime."""
    return next((row["category"] for row in table("goods") if cn.startswith(row["heading"])), "")


def headings() -> list[str]:
    """Headings of the aluminium goods."""
    return [row["heading"] for row in table("goods")]


def zero_origin(origin: str) -> str:
    """`eu` or `exempt` for an origin whose precursors count zero, else empty."""
    return next((row["kind"] for row in table("zero_origins") if row["origin"] == origin), "")


def default_value(origin: str, cn: str) -> DefaultValue | None:
    """The default value of an origin for a full CN code: that of the longest code that the full one begins with."""
    rows = [row for row in table("default_values") if row["origin"] == origin and cn.startswith(row["cn"])]
    if not rows:
        return None
    row = max(rows, key=lambda item: len(item["cn"]))
    value = parse_number(row["value"], f"cbam/default_values.csv:{row['#row']}")
    return DefaultValue(origin, row["cn"], value, row["route"], f"{row['source']}, {row['locator']}")


def default_origins() -> list[str]:
    """Origins of which the table holds default values."""
    return sorted({row["origin"] for row in table("default_values")})


@cache
def mark_ups() -> Mapping[int, float]:
    """Mark-up on default values by year; the last one holds from then on."""
    rows = table("mark_ups")
    return MappingProxyType({
        int(row["year"]): parse_number(row["value"], f"cbam/mark_ups.csv:{row['#row']}") for row in rows
    })  # fmt: skip


def mark_up(year: int) -> float:
    """Mark-up of a year.

    Raises
    ------
    InputError
        For a year before the first one.
    """
    found = mark_ups()
    if year < min(found):
        raise InputError("year", str(year), f"{min(found)} or later", "the table of mark-ups begins there")
    return found[min(year, max(found))]


def sources_of(names: Iterable[str] = tuple(COLUMNS)) -> list[str]:
    """Ids of the sources behind tables."""
    return sorted({row["source"] for name in names for row in table(name)})
