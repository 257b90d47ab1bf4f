"""Yearly totals behind balances, site and inventory: metal by use, power by leg, and what attributed tonnes took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pcf.exchange.plant_layout import ADDITIONS, ATTRIBUTABLE, LEGS, OWN_RENEWABLE, SCRAP_CLASSES
from pcf.exchange.plant_reader import PlantYear

LINES = {"recycled": "recycled-casting", "foundry": "alloy-casting"}
"""Remelting lines of the workbook and their casthouse processes."""

LIQUID_USES = ("liquid_to_casting", "liquid_dispatched", "recycled_primary", "foundry_primary")
SIDE_USES = ("use_casting", "use_delivery", "use_recycled", "use_foundry")
"""Uses of power apart from the potroom."""


@dataclass(frozen=True)
class Totals:
    """Yearly totals [t, MWh].

    `legs` is the supply as the products carry it: own coal and gas power are what the power plant gave (generated less own
    use and exports), so that all fuel is in the products; `leg_difference` is what the plant's own meter says less that.
    """

    liquid: float
    legs: Mapping[str, float]
    supply: float
    leg_difference: Mapping[str, float]
    potroom: float
    attributed_share: Mapping[str, float]
    attributed_use: float

    @property
    def rest(self) -> dict[str, float]:
        """Supply of the tonnes without attribution, by leg [MWh]."""
        return {leg: value - self.attributed_use * self.attributed_share.get(leg, 0.0) for leg, value in self.legs.items()}


def calc_net_power(plant: PlantYear) -> dict[str, float]:
    """Power that the plant's own power plants gave it [MWh], by leg."""
    found = {}
    if plant["coal_burned"]:
        found["own_coal"] = plant["generated"] - plant["own_use"] - plant["power_exported"]
    if plant["gas_burned"]:
        found["own_gas"] = plant["gas_generated"] - plant["gas_own_use"]
    return found


def calc_totals_of(plant: PlantYear) -> Totals:
    """Liquid metal used, power supplied, and the power that the attributed tonnes need [t, MWh].

    Liquid metal is what went to casting, lines and customers, so that no stock change is spread over the products. What the
    submeters do not explain is used somewhere at the plant: it stays with the potroom, so nothing leaks.
    """
    liquid = sum(plant[key] for key in LIQUID_USES)
    net = calc_net_power(plant)
    legs = {leg: net.get(leg, plant[f"leg_{leg}"]) for leg in LEGS}
    supply = sum(legs.values())
    attributed = {leg: plant[f"attributed_{leg}"] for leg in ATTRIBUTABLE}
    total = sum(attributed.values())
    share = {leg: value / total for leg, value in attributed.items()} if total else {}
    potroom = supply - sum(plant[key] for key in SIDE_USES)
    per_tonne = potroom / liquid if liquid else 0.0
    use = 0.0
    if plant["ingot_cast"]:
        per_ingot = (plant["liquid_to_casting"] * per_tonne + plant["use_casting"]) / plant["ingot_cast"]
        use += plant["ingot_attributed"] * per_ingot
    if plant["liquid_delivered"]:
        per_liquid = (plant["liquid_dispatched"] * per_tonne + plant["use_delivery"]) / plant["liquid_delivered"]
        use += plant["liquid_attributed"] * per_liquid
    difference = {leg: plant[f"leg_{leg}"] - value for leg, value in net.items()}
    return Totals(liquid, legs, supply, difference, potroom, share, use)


def calc_gross(plant: PlantYear, line: str) -> dict[str, float]:
    """Gross charge of a remelting line by material [t]; own liquid metal under `electrolysis`."""
    found = {key: plant[f"{line}_{key}"] for key in SCRAP_CLASSES}
    found["electrolysis"] = plant[f"{line}_primary"]
    found |= {key: plant[f"{line}_{key}"] for key in ADDITIONS}
    return {key: mass for key, mass in found.items() if mass}


def own_renewable(plant: PlantYear) -> float:
    """Own renewable power [MWh]."""
    return sum(plant[f"leg_{leg}"] for leg in OWN_RENEWABLE)
