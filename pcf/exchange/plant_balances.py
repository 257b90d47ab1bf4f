"""Balances of a plant's year: what does not close is refused, what is unusual is warned about."""

from __future__ import annotations

from dataclasses import dataclass

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError
from pcf.exchange.plant_layout import ATTRIBUTABLE, CERTIFIED, LEGS
from pcf.exchange.plant_reader import PlantYear, place_of
from pcf.text import text


@dataclass(frozen=True)
class Balance:
    """One balance or plausibility test: what was found, the permitted range, and whether it is only a warning."""

    id: str
    value: float
    low: float
    high: float
    unit: str
    warning: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value is in the permitted range."""
        return self.low <= self.value <= self.high


@dataclass(frozen=True)
class Totals:
    """Yearly totals that several balances and the site need [t, MWh]."""

    liquid: float
    supply: float
    attributed_share: dict[str, float]
    attributed_use: float


def calc_totals_of(plant: PlantYear) -> Totals:
    """Liquid metal used, power supplied, and the power that the attributed tonnes need [t, MWh].

    Liquid metal is what went to casting and to customers, so that no stock change is spread over the products.
    """
    liquid = plant["liquid_to_casting"] + plant["liquid_dispatched"]
    supply = sum(plant[f"leg_{leg}"] for leg in LEGS)
    attributed = {leg: plant[f"attributed_{leg}"] for leg in ATTRIBUTABLE}
    total = sum(attributed.values())
    share = {leg: value / total for leg, value in attributed.items()} if total else {}
    potroom = (supply - plant["use_casting"] - plant["use_delivery"]) / liquid if liquid else 0.0
    use = 0.0
    if plant["ingot_cast"]:
        per_ingot = (plant["liquid_to_casting"] * potroom + plant["use_casting"]) / plant["ingot_cast"]
        use += plant["ingot_attributed"] * per_ingot
    if plant["liquid_delivered"]:
        per_liquid = (plant["liquid_dispatched"] * potroom + plant["use_delivery"]) / plant["liquid_delivered"]
        use += plant["liquid_attributed"] * per_liquid
    return Totals(liquid, supply, share, use)


def check_balances(plant: PlantYear, catalogue: Catalogue) -> list[Balance]:
    """Every balance of the year.

    Raises
    ------
    DataError
        With every balance that does not hold.
    """
    _check_presence(plant)
    found = _balances(plant, catalogue)
    problems = [
        InputError(
            f"{plant.file} {text(f'plant-balance.{item.id}', 'en')}", f"{item.value:.6g} {item.unit}".strip(),
            f"{item.low:g} to {item.high:g} {item.unit}".strip(), text(f"plant-advice.{item.id}", "en"),
        )
        for item in found
        if not item.holds and not item.warning
    ]  # fmt: skip
    if problems:
        raise DataError(problems)
    return found


def _check_presence(plant: PlantYear) -> None:
    """Fields that others make necessary."""
    needs = [
        ("ingot_cast", plant["liquid_to_casting"] > 0, "ingot, since liquid metal went to casting"),
        ("liquid_delivered", plant["liquid_dispatched"] > 0, "deliveries, since liquid metal was dispatched"),
        (
            "ingot_cast",
            plant["use_casting"] + plant["casting_gas"] + plant["casting_oil"] > 0,
            "ingot, since the casthouse used energy",
        ),
        ("liquid_delivered", plant["use_delivery"] + plant["ladle_gas"] > 0, "deliveries, since ladles used energy"),
        ("leg_own_coal", plant["coal_burned"] > 0 and plant["power_exported"] == 0, "own coal power, since coal was burned"),
        ("coal_burned", plant["leg_own_coal"] > 0, "coal, since own coal power is used"),
        ("coal_ncv", plant["coal_burned"] > 0, "the coal's heating value"),
        ("generated", plant["coal_burned"] > 0, "the power generated from the coal"),
        ("ae_frequency", plant.texts["pfc_method"] == "slope", "anode effects, since the slope method is chosen"),
        ("ae_duration", plant.texts["pfc_method"] == "slope", "their duration, since the slope method is chosen"),
        ("cf4", plant.texts["pfc_method"] == "measured", "measured CF4, since that method is chosen"),
    ]
    problems = [
        InputError(f"{plant.file} {place_of(key)}", "nothing or zero", wanted)
        for key, needed, wanted in needs
        if needed and plant[key] <= 0
    ]
    if plant["liquid_to_casting"] + plant["liquid_dispatched"] <= 0:
        problems.append(InputError(f"{plant.file} {place_of('liquid_to_casting')}", "no metal", "a year with production"))
    if problems:
        raise DataError(problems)


def _cf4(plant: PlantYear, catalogue: Catalogue, liquid: float) -> float:
    """CF4 [kg/t] by the plant's own method."""
    method = plant.texts["pfc_method"]
    if method == "measured":
        return plant["cf4"] / liquid
    if method == "slope":
        slope = catalogue.parameters[f"pfc_slope_{plant.texts['cell_technology']}"].shown
        return slope * plant["ae_frequency"] * plant["ae_duration"]
    return catalogue.parameters["cf4_default"].shown


def _balances(plant: PlantYear, catalogue: Catalogue) -> list[Balance]:
    def rule(name: str) -> float:
        rows = catalogue.factors[f"plant-{name}"]
        return rows[max(rows)].quantity.shown

    totals = calc_totals_of(plant)
    liquid, metal, power = totals.liquid, rule("balance-metal"), rule("balance-electricity")
    uses = sum(plant[key] for key in ("use_rectifier", "use_auxiliary", "use_casting", "use_delivery"))
    alumina = plant["alumina"] / liquid
    recovered = liquid * rule("al2o3-per-al") / (plant["alumina"] * plant["alumina_purity"]) if plant["alumina"] else 2.0
    found = [
        Balance("metal", liquid / plant["liquid_tapped"] - 1 if plant["liquid_tapped"] else 1.0, -metal, metal, ""),
        Balance("alumina", alumina, rule("alumina-low"), rule("alumina-high"), "t/t"),
        Balance("al2o3", recovered, 0.95, 1 + metal, ""),
        Balance("carbon", (plant["anode_gross"] - plant["butts"]) / liquid, rule("anode-net-low"), rule("anode-net-high"), "t/t"),
        Balance(
            "ac", 1000 * (plant["use_rectifier"] + plant["use_auxiliary"]) / liquid, rule("ac-low"), rule("ac-high"), "kWh/t"
        ),
        Balance(
            "rectifier", plant["use_direct_current"] / plant["use_rectifier"] if plant["use_rectifier"] else 0.0, 0.9, 1.0, ""
        ),
        Balance("electricity", totals.supply / uses - 1 if uses else 1.0, -power, power, ""),
        Balance("cf4", _cf4(plant, catalogue, liquid), 0.0, rule("cf4-most"), "kg/t"),
    ]
    if plant["ingot_cast"]:
        found.append(Balance("casting", plant["liquid_to_casting"] / plant["ingot_cast"], 1.0, 1.06, "t/t"))
        found.append(
            Balance(
                "casting-electricity",
                1000 * plant["use_casting"] / plant["ingot_cast"],
                0.0,
                rule("casting-electricity"),
                "kWh/t",
                warning=True,
            )
        )
        found.append(Balance("attributed-ingot", plant["ingot_attributed"], 0.0, plant["ingot_cast"], "t"))
    if plant["liquid_delivered"]:
        found.append(Balance("delivery", plant["liquid_dispatched"] / plant["liquid_delivered"], 1.0, 1.05, "t/t"))
        found.append(Balance("attributed-liquid", plant["liquid_attributed"], 0.0, plant["liquid_delivered"], "t"))
    if plant["coal_burned"]:
        net = plant["generated"] - plant["own_use"] - plant["power_exported"]
        found.append(Balance("power-plant", plant["leg_own_coal"] / net - 1 if net > 0 else 1.0, -power, power, ""))
        captive = plant["leg_grid"] > 0 and plant["leg_own_coal"] == 0
        found.append(Balance("captive-on-grid", float(captive), 0.0, 0.0, "", warning=True))
    found += [
        Balance("certificates", plant[f"leg_{leg}"] / max(plant[f"certificates_{leg}"], 1e-9), 0.0, 1.0, "")
        for leg in CERTIFIED
        if plant[f"leg_{leg}"]
    ]
    found += [
        Balance("attributed-leg", plant[f"attributed_{leg}"], 0.0, plant[f"leg_{leg}"], "MWh")
        for leg in ATTRIBUTABLE
        if plant[f"attributed_{leg}"]
    ]
    if totals.attributed_use or sum(totals.attributed_share.values()):
        retired = sum(plant[f"attributed_{leg}"] for leg in ATTRIBUTABLE)
        found.append(Balance("attributed-power", totals.attributed_use, 0.0, retired, "MWh"))
    return found
