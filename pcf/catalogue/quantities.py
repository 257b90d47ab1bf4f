"""Turns what a file says about one value into a `Quantity`: unit, marks, spread and limits."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from pcf.catalogue.files import parse_number
from pcf.catalogue.names import UnknownName
from pcf.catalogue.records import DATA_CLASSES, SOURCE_CHECKS, Factor, Marks, Quantity
from pcf.errors import InputError
from pcf.units import dimension, unit_scale

ASSURANCES = ("none", "limited", "reasonable")
LARGEST = 1e15
"""Largest value of a factor row in its own unit; above it nothing is meant."""

LARGEST_BASE = 1e21
"""Largest value of a document in the coherent base: a TWh is 3.6e15 J."""

GWP_EDITIONS = ("AR4", "AR5", "AR6", "not stated")
NO_SPREAD = "no published spread"
PUBLISHED = ("source-read", "transcribed")
"""Source checks of rows whose range stands in their source."""

_YEAR = re.compile(r"[12]\d{3}\Z", re.ASCII)
_ID = re.compile(r"[a-z0-9][a-z0-9.+-]{0,99}\Z")


def number(value: Any, place: str) -> float:
    """A finite number from YAML or CSV [as written]; booleans and texts that only look like numbers are refused."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(place, repr(value), "a number with a decimal point")
    if not math.isfinite(value):
        raise InputError(place, repr(value), "a finite number")
    return float(value)


def read_marks(data: Mapping[str, Any], defaults: Mapping[str, Any], sources: Mapping[str, Any], place: str) -> Marks:
    """Marks of a value; the file's `defaults` fill what the value itself leaves out."""
    merged = {**defaults, **{key: value for key, value in data.items() if value not in (None, "")}}
    for key in ("source", "year", "geography", "source_check"):
        if not str(merged.get(key, "")).strip():
            raise InputError(place, f"no {key}", f"a value with {key}", "no value stands without its source and marks")
    if merged["source"] not in sources:
        raise UnknownName(place, "source", str(merged["source"]), "an id of sources.csv")
    if not _YEAR.match(str(merged["year"])):
        raise InputError(place, f"year {merged['year']!r}", "a year of four digits")
    for key, allowed in (("source_check", SOURCE_CHECKS), ("data_class", DATA_CLASSES), ("assurance", ASSURANCES)):
        if key in merged and merged[key] not in allowed:
            raise InputError(place, f"{key} {merged[key]!r}", " | ".join(allowed))
    return Marks(
        source=str(merged["source"]),
        year=str(merged["year"]),
        geography=str(merged["geography"]),
        source_check=str(merged["source_check"]),
        data_class=str(merged.get("data_class", "secondary")),
        assurance=str(merged.get("assurance", "none")),
        locator=str(merged.get("locator", "")),
        note=str(merged.get("note", "")),
    )


def read_uncertainty(data: Any, value: float, scale: float, place: str) -> dict[str, Any] | None:
    """Spread of a value in the base unit, or None for the words "no published spread"."""
    if data is None:
        raise InputError(place, "no uncertainty", f'a distribution, a pedigree or the words "{NO_SPREAD}"')
    if data == NO_SPREAD:
        return None
    if not isinstance(data, Mapping):
        raise InputError(place, repr(data), f'a mapping with distribution, low and high, or "{NO_SPREAD}"')
    if "pedigree" in data:
        scores = data["pedigree"]
        if not isinstance(scores, list) or len(scores) != 5 or not all(score in (1, 2, 3, 4, 5) for score in scores):
            raise InputError(f"{place} pedigree", repr(scores), "five whole numbers from 1 to 5")
        return {"distribution": "pedigree", "pedigree": scores}
    distribution = data.get("distribution", "triangular")
    if distribution not in {"lognormal", "normal", "triangular", "uniform", "beta"}:
        raise InputError(place, f"distribution {distribution!r}", "lognormal | normal | triangular | uniform | beta")
    low, high = (number(data.get(key), f"{place} {key}") for key in ("low", "high"))
    if not low <= value <= high:
        raise InputError(place, f"value {value:g} outside its own range {low:g} to {high:g}", "low <= value <= high")
    if distribution == "lognormal" and low <= 0:
        raise InputError(place, f"low {low:g}", "a positive low for a lognormal")
    spread = {"distribution": distribution, "low": low * scale, "high": high * scale}
    return {**spread, **{key: data[key] for key in ("sets", "basis") if key in data}}


def read_limits(data: Any, scale: float, place: str) -> tuple[float, float] | None:
    """Permitted range of a value [base unit], or None."""
    if data is None:
        return None
    if not isinstance(data, list) or len(data) != 2:
        raise InputError(place, repr(data), "two numbers: [lowest, highest]")
    low, high = (number(part, place) for part in data)
    if low > high:
        raise InputError(place, f"[{low:g}, {high:g}]", "the lowest first")
    return low * scale, high * scale


def read_quantity(
    data: Any,
    place: str,
    *,
    sources: Mapping[str, Any],
    defaults: Mapping[str, Any],
    factors: Mapping[str, Mapping[str, Factor]],
    spread: bool = True,
) -> Quantity:
    """A value of a YAML document (data-formats: "A value in YAML").

    Raises
    ------
    InputError
        For a missing or bad number, unit, mark, spread or limit, naming the place.
    """
    if not isinstance(data, Mapping):
        raise InputError(place, repr(data), "a mapping with value, unit, source, year, geography, source_check")
    names = data.get("name") or {}
    if "factor" in data:
        rows = factors.get(str(data["factor"]))
        if not rows:
            raise UnknownName(place, "factor", str(data["factor"]), "an id of factors/*.csv")
        base = rows[max(rows)].quantity
        limits = read_limits(data.get("limits"), base.scale, f"{place} limits")
        for row in rows.values():
            if limits and not limits[0] * (1 - 1e-12) <= row.quantity.value <= limits[1] * (1 + 1e-12):
                found = f"factor {data['factor']} {row.quantity.marks.year}: {row.quantity.shown:g} {base.unit}"
                raise InputError(place, f"{found} outside its limits", f"{data['limits']} {base.unit}")
        marks = base.marks
        if data.get("note"):
            marks = Marks(**{**marks.__dict__, "note": str(data["note"])})
        return Quantity(
            base.value, base.unit, base.scale, marks, base.uncertainty, limits or base.limits,
            dict(names) or base.name, str(data["factor"]), place,
        )  # fmt: skip
    if "unit" not in data:
        raise InputError(place, "no unit", 'a unit, `"1"` for a plain number')
    unit = str(data["unit"])
    try:
        scale = unit_scale(unit)
    except InputError as problem:
        raise InputError(f"{place} unit", problem.found, problem.expected, problem.advice) from None
    value = number(data.get("value"), f"{place} value")
    if abs(value * scale) > LARGEST_BASE:
        raise InputError(f"{place} value", f"{value:g} {unit}", "a value of a size that occurs")
    limits = read_limits(data.get("limits"), scale, f"{place} limits")
    if limits and not limits[0] <= value * scale <= limits[1]:
        raise InputError(place, f"value {value:g} {unit} outside its limits", f"{data['limits']} {unit}")
    uncertainty = None
    if spread:
        uncertainty = read_uncertainty(data.get("uncertainty"), value, scale, f"{place} uncertainty")
    marks = read_marks(data, defaults, sources, place)
    return Quantity(value * scale, unit, scale, marks, uncertainty, limits, dict(names), None, place)


def read_factor(row: Mapping[str, str], place: str, sources: Mapping[str, Any]) -> Factor:
    """A row of a factor table."""
    if not _ID.match(row["id"]):
        raise InputError(f"{place} id", repr(row["id"]), "an id of a-z 0-9 . + -")
    value = parse_number(row["value"], f"{place} value")
    try:
        scale = unit_scale(row["unit"])
    except InputError as problem:
        raise InputError(f"{place} unit", problem.found, problem.expected, problem.advice) from None
    if row["kind"] not in {"emission", "property"}:
        raise InputError(f"{place} kind", repr(row["kind"]), "emission | property")
    if row["kind"] == "emission" and not row["gas"]:
        raise InputError(f"{place} gas", "nothing", "a gas, or `GHG, unspecified`")
    if value < 0 or value > LARGEST:
        what = "an emission of zero or more" if row["kind"] == "emission" else "zero or more"
        raise InputError(f"{place} value", row["value"], f"{what}, at most {LARGEST:g}")
    uncertainty: dict[str, Any] | None = None
    if row["distribution"] == "none published":
        written = [key for key in ("low", "high", "sets", "pedigree") if row[key]]
        if written:
            raise InputError(f"{place} {written[0]}", row[written[0]], "nothing beside `none published`")
    elif row["pedigree"]:
        scores = [int(part) if part.strip().isdigit() else 0 for part in row["pedigree"].split(";")]
        uncertainty = read_uncertainty({"pedigree": scores}, value, scale, f"{place} pedigree")
    else:
        low, high = (parse_number(row[key], f"{place} {key}") for key in ("low", "high"))
        spread: dict[str, Any] = {"distribution": row["distribution"], "low": low, "high": high}
        if row["sets"]:
            spread["sets"] = int(parse_number(row["sets"], f"{place} sets"))
        spread["basis"] = "sets" if row["sets"] else "published" if row["source_check"] in PUBLISHED else "judgement"
        uncertainty = read_uncertainty(spread, value, scale, place)
    marks = read_marks(row, {}, sources, place)
    if row["gwp_edition"] and row["gwp_edition"] not in GWP_EDITIONS:
        raise InputError(f"{place} gwp_edition", repr(row["gwp_edition"]), " | ".join(GWP_EDITIONS))
    if row["kind"] == "emission" and row["gas"] == "GHG, unspecified":
        if not row["gwp_edition"]:
            raise InputError(f"{place} gwp_edition", "nothing", "AR4 | AR5 | AR6 | not stated")
        if dict(dimension(row["unit"])).get("[co2e]") != 1:
            raise InputError(f"{place} unit", row["unit"], "a unit of CO2e, such as kgCO2e/kWh")
    name = {"en": row["name_en"], "zh": row["name_zh"]}
    quantity = Quantity(value * scale, row["unit"], scale, marks, uncertainty, None, name, None, place)
    return Factor(row["id"], row["kind"], quantity, row["gas"] or None, row["gwp_edition"] or None)
