"""Reads a potline and computes its PFC: by the method that counts, with the other one beside it where its data are given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcf.catalogue.documents import Document
from pcf.errors import InputError
from pcf.methods.cbam.emissions import as_percentage, calc_cf4_overvoltage, calc_cf4_slope, calc_pfc_co2e
from pcf.methods.cbam.records import Potline
from pcf.methods.cbam.tables import PfcFactors, constant, pfc_factors


@dataclass(frozen=True)
class Pfc:
    """PFC of a potline.

    Attributes
    ----------
    cf4, c2f6 : float
        Masses [t].
    co2e : float
        With the AR5 potentials of the act [tCO2e].
    factors : PfcFactors
        Factors used.
    percentage : float or None
        Current efficiency as it was inserted [%].
    other : float or None
        CF4 by the method that does not count [t].
    """

    cf4: float
    c2f6: float
    co2e: float
    factors: PfcFactors
    percentage: float | None
    other: float | None


def read_potline(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> Potline:
    """A potline of a file.

    Raises
    ------
    InputError
        For data that the method lacks, a technology without factors, or a current efficiency that is no percentage.
    """
    method = item["method"]
    if method not in item:
        raise InputError(document.where(*path, method), "nothing", f"the data of the method {method}")
    own = item.get("own_factors")
    if own is None and pfc_factors(method, item["technology"]) is None:
        raise InputError(
            document.where(*path, "technology"), item["technology"], f"a technology with factors of the method {method}",
            "or `own_factors` of an own measurement",
        )  # fmt: skip
    minutes = _minutes(document, path, item["slope"]) if "slope" in item else None
    volts = item.get("overvoltage", {})
    if volts:
        _check_efficiency(document, (*path, "overvoltage"), volts)
    return Potline(
        name=item["name"], technology=item["technology"], aluminium_t=item["aluminium_t"],
        collection_efficiency=item["collection_efficiency"], method=method, ae_minutes=minutes,
        overvoltage_mv=volts.get("overvoltage_mv"), current_efficiency=volts.get("current_efficiency"),
        current_efficiency_unit=volts.get("current_efficiency_unit", ""),
        own_factors=None if own is None else (own["cf4_factor"], own["c2f6_per_cf4"], own["source"]), source=item["source"],
    )  # fmt: skip


def _minutes(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> float:
    """AEM: as recorded, or frequency times mean duration."""
    if set(item) == {"ae_minutes"}:
        return float(item["ae_minutes"])
    if set(item) == {"ae_frequency", "ae_duration"}:
        return float(item["ae_frequency"] * item["ae_duration"])
    raise InputError(
        document.where(*path, "slope"), ", ".join(sorted(item)) or "nothing", "ae_minutes, or ae_frequency and ae_duration"
    )  # fmt: skip


def _check_efficiency(document: Document, path: tuple[Any, ...], item: Mapping[str, Any]) -> None:
    least, value, unit = constant("current-efficiency-least"), item["current_efficiency"], item["current_efficiency_unit"]
    percentage = as_percentage(value, unit)
    if not least <= percentage <= 100:
        expected = f"{least:g} to 100 in percent, or {least / 100:g} to 1 with current_efficiency_unit: fraction"
        raise InputError(document.where(*path, "current_efficiency"), f"{value:g} {unit}", expected)


def calc_pfc(line: Potline) -> Pfc:
    """CF4, C2F6 and their CO2 equivalent; divided by what the duct collects."""
    percentage = None
    if line.current_efficiency is not None:
        percentage = as_percentage(line.current_efficiency, line.current_efficiency_unit)
    factors = _factors(line)
    cf4 = _cf4(line, line.method, factors, percentage)
    assert cf4 is not None  # reading saw to the data of the method
    other_method = "overvoltage" if line.method == "slope" else "slope"
    published = pfc_factors(other_method, line.technology)
    other = None if published is None else _cf4(line, other_method, published, percentage)
    return Pfc(cf4, cf4 * factors.c2f6_per_cf4, calc_pfc_co2e(cf4, cf4 * factors.c2f6_per_cf4), factors, percentage, other)


def _factors(line: Potline) -> PfcFactors:
    published = pfc_factors(line.method, line.technology)
    if line.own_factors is not None:
        factor, share, source = line.own_factors
        unit = pfc_unit(line.method)
        return PfcFactors(factor, unit, share, line.technology, source)
    assert published is not None  # reading saw to it
    return published


def pfc_unit(method: str) -> str:
    """Unit of a method's CF4 factor."""
    found = pfc_factors(method, "CWPB")
    assert found is not None
    return found.unit


def _cf4(line: Potline, method: str, factors: PfcFactors, percentage: float | None) -> float | None:
    if method == "slope":
        found = None if line.ae_minutes is None else calc_cf4_slope(line.ae_minutes, factors.cf4_factor, line.aluminium_t)
    elif line.overvoltage_mv is None or percentage is None:
        found = None
    else:
        found = calc_cf4_overvoltage(line.overvoltage_mv, percentage, factors.cf4_factor, line.aluminium_t)
    return None if found is None else found / line.collection_efficiency
