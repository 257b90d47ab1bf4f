"""Batches for the tests: a casthouse without burdens of its own, lots, heats."""

from __future__ import annotations

import dataclasses
from typing import Any

from pcf.catalogue import Catalogue, Marks, Quantity, SiteCharge
from pcf.custody.batch import BatchCharge
from pcf.custody.footprint import (
    BatchFootprint,
)
from pcf.custody.metals import ChargeItem
from pcf.custody.supplier import SupplierFootprint

TOLERANCE = 1e-9
PLANT = "demo-smelter"
PARK = "recycling-park"
KWH = 3.6e6  # J
NATIONAL = 0.5777  # kgCO2e/kWh, plain grid of 2024, as delivered

ENERGY = (
    "reverberatory_gas", "reverberatory_electricity", "salt_flux", "melt_dross", "melt_sundries", "recycled_holding_gas",
    "recycled_casting_electricity", "recycled_iron_pickup", "strapping_mass", "scrap_truck_km", "scrap_handling_diesel",
    "scrap_baling_electricity", "primary_truck_km", "shredding_electricity", "decoating_gas", "decoating_electricity",
)  # fmt: skip


def bare(catalogue: Catalogue, **values: float) -> Catalogue:
    """The recycling park without energy, ancillaries, freight or scrap handling, but for the given values [base units]."""
    marks = Marks("project-estimates", "2024", "CN", "assumed")
    unknown = set(values) - set(ENERGY) - {"recycled_returns"}
    assert not unknown
    given = {**dict.fromkeys(ENERGY, 0.0), "recycled_returns": 0.0, **values}
    line = {name: Quantity(value, "1", 1.0, marks) for name, value in given.items()}
    site = catalogue.sites[PARK]
    shares = {**site.shares, "electricity_supply": {"grid": 1.0}, "furnace": {"reverberatory": 1.0}}
    changed = dataclasses.replace(site, shares=shares, charge={"recycled-casting": SiteCharge("", {}, line)})
    return dataclasses.replace(catalogue, sites={**catalogue.sites, PARK: changed})


def claimed(value: float, **texts: str) -> SupplierFootprint:
    return SupplierFootprint(value, **{"boundary": "cradle-to-gate", "gwp": "AR6", "scrap": "cut-off", **texts})


def scrap(lot: str, mass_kg: int, value: float | None = None, content_class: str = "post-consumer", **more: Any) -> ChargeItem:
    return ChargeItem(lot, "scrap-wire-ec", mass_kg, content_class, None if value is None else claimed(value), **more)


def primary(lot: str, mass_kg: int, value: float | None = None, content_class: str = "primary", **more: Any) -> ChargeItem:
    return ChargeItem(lot, "primary-delivery", mass_kg, content_class, None if value is None else claimed(value), **more)


def returns(mass_kg: int) -> ChargeItem:
    return ChargeItem("R-1", "return", mass_kg, "internal")


def park(*items: ChargeItem, product_kg: int, returns_kg: int | None = None, name: str = "H-1") -> BatchCharge:
    return BatchCharge(name, "hqaloop", PARK, 2024, product_kg, items, returns_kg)


def cans(*more: ChargeItem, product_kg: int = 97_000) -> BatchCharge:
    items = (
        ChargeItem("U-1", "scrap-ubc", 50_000, "post-consumer"),
        ChargeItem("T-1", "scrap-can-trim", 15_000, "pre-consumer"),
        ChargeItem("P-1", "hqalight", 34_000, "primary"),
        ChargeItem("M-1", "manganese-master-alloy", 800, "alloying"),
    )
    return BatchCharge("H-7", "can-stock-3104", "hongfa", 2024, product_kg, (*items, *more))


def intensity_of(result: BatchFootprint, lot: str) -> float:
    return next(item.intensity for item in result.lots if item.lot == lot)
