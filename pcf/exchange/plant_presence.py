"""Fields that others make necessary or impossible: what is missing, or stands where nothing can be, is refused."""

from __future__ import annotations

from pcf.errors import DataError, InputError
from pcf.exchange.plant_layout import ADDITIONS, ATTRIBUTABLE, CERTIFIED, LEGS, SCRAP_CLASSES
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_totals import LINES, calc_gross, own_renewable

_LINE_NEEDS = ("returns", "gas", "flux", "dross")
_COAL_NEEDS = ("generated", "own_use", "coal_ncv")


def check_presence(plant: PlantYear) -> None:
    """Refuse what the rest of the workbook contradicts.

    Raises
    ------
    DataError
        With every field.
    """
    problems = [*_metal(plant), *_power(plant), *_pfc(plant), *_attributes(plant)]
    for line in LINES:
        problems += _line(plant, line)
    if problems:
        raise DataError(problems)


def _needed(plant: PlantYear, key: str, why: str) -> list[InputError]:
    return [] if plant[key] > 0 else [InputError(plant.place(key), "nothing or zero", why)]


def _given(plant: PlantYear, key: str, why: str) -> list[InputError]:
    return [] if key in plant.given else [InputError(plant.place(key), "nothing", f"{why}; 0 where nothing flowed")]


def _metal(plant: PlantYear) -> list[InputError]:
    found: list[InputError] = []
    if plant["liquid_to_casting"]:
        found += _needed(plant, "ingot_cast", "ingot, since liquid metal went to casting")
    elif plant["use_casting"] + plant["casting_gas"] + plant["casting_oil"] > 0:
        found += _needed(plant, "ingot_cast", "ingot, since the casthouse used energy")
    if plant["ingot_cast"]:
        found += _needed(plant, "liquid_to_casting", "liquid metal, since ingot was cast")
    if plant["liquid_dispatched"]:
        found += _needed(plant, "liquid_delivered", "deliveries, since liquid metal was dispatched")
        for key in ("ladle_gas", "use_delivery", "hot_metal_km"):
            found += _given(plant, key, "a value, since liquid metal was dispatched")
    elif plant["use_delivery"] + plant["ladle_gas"] > 0:
        found += _needed(plant, "liquid_delivered", "deliveries, since ladles used energy")
    if plant["liquid_delivered"]:
        found += _needed(plant, "liquid_dispatched", "metal at the plant's own scale, since it was delivered")
    for kind, made in (("ingot", "ingot_cast"), ("liquid", "liquid_delivered")):
        if plant[f"{kind}_attributed"] and not any(plant[f"attributed_{leg}"] for leg in ATTRIBUTABLE):
            found.append(
                InputError(
                    plant.place(f"{kind}_attributed"), f"{plant[f'{kind}_attributed']:g} t", "0, since no MWh were retired"
                )
            )
        if plant[f"{kind}_attributed"] > plant[made]:
            found.append(
                InputError(
                    plant.place(f"{kind}_attributed"), f"{plant[f'{kind}_attributed']:g} t", f"at most {plant[made]:g} t made"
                )
            )
    return found


def _power(plant: PlantYear) -> list[InputError]:
    found: list[InputError] = []
    coal = ("coal_burned", "generated", "own_use", "power_exported", "heat_delivered", "leg_own_coal")
    gas = ("gas_burned", "gas_generated", "gas_own_use", "leg_own_gas")
    if any(plant[key] for key in coal):
        found += _needed(plant, "coal_burned", "coal, since own coal power or its heat is used")
        found += [item for key in _COAL_NEEDS for item in _needed(plant, key, "a value, since coal is burned for power")]
        found += _given(plant, "coal_rail_km", "the coal's distance")
        if not plant["power_exported"]:
            found += _needed(plant, "leg_own_coal", "own coal power, since coal was burned and none exported")
    if any(plant[key] for key in gas):
        found += [
            item for key in gas if key != "gas_own_use" for item in _needed(plant, key, "a value, since own gas power is used")
        ]
        found += _given(plant, "gas_own_use", "own use of the gas power plant")
    said, has = plant.texts["own_power_plant"] == "yes", any(plant[key] for key in (*coal, *gas))
    if said and not has:
        found.append(
            InputError(
                plant.place("coal_burned", "gas_burned"),
                "an empty power plant",
                "its fuel and power",
                f"{plant.place('own_power_plant')} says yes",
            )
        )
    if has and not said:
        found.append(InputError(plant.place("own_power_plant"), "'no'", "yes, since the sheet of the power plant is filled"))
    return found


def _pfc(plant: PlantYear) -> list[InputError]:
    wanted = {
        "slope": (("ae_frequency", "ae_duration"), "the anode-effect record, since the slope method is chosen"),
        "measured": (("cf4", "c2f6"), "the measured mass, since that method is chosen: both gases"),
    }
    keys, why = wanted.get(plant.texts["pfc_method"], ((), ""))
    return [item for key in keys for item in _needed(plant, key, why)]


def _attributes(plant: PlantYear) -> list[InputError]:
    """No MWh's attribute is given twice, and none that is not there."""
    found: list[InputError] = []
    own, sold = own_renewable(plant), plant["own_attributes_sold"]
    retired = sum(plant[f"attributed_{leg}"] for leg in ATTRIBUTABLE if leg.startswith("own_"))
    if sold > own:
        found.append(
            InputError(plant.place("own_attributes_sold"), f"{sold:g} MWh", f"at most the {own:g} MWh of own renewable power")
        )
    elif sold + retired > own:
        keys = (
            "own_attributes_sold",
            *(f"attributed_{leg}" for leg in ATTRIBUTABLE if leg.startswith("own_") and plant[f"attributed_{leg}"]),
        )
        found.append(
            InputError(
                plant.place(*keys),
                f"{sold:g} MWh sold and {retired:g} MWh retired for products",
                f"together at most {own:g} MWh of own renewable power",
                "an attribute is given once",
            )
        )
    for leg in ATTRIBUTABLE:
        value, supplied = plant[f"attributed_{leg}"], plant[f"leg_{leg}"]
        if value > supplied:
            found.append(
                InputError(
                    plant.place(f"attributed_{leg}"), f"{value:g} MWh", f"at most the {supplied:g} MWh of {LEGS[leg][0].lower()}"
                )
            )
    for leg in CERTIFIED:
        value, needed = plant[f"certificates_{leg}"], plant[f"leg_{leg}"]
        if value < needed:
            found.append(
                InputError(
                    plant.place(f"certificates_{leg}"), f"{value:g} MWh", f"at least the {needed:g} MWh of {plant.place(f'leg_{leg}').rpartition(' ')[2]}",
                    "MWh without certificates belong to the plain grid",
                )
            )  # fmt: skip
    return found


def _line(plant: PlantYear, line: str) -> list[InputError]:
    """A line is whole or absent."""
    keys = [f"{line}_{name}" for name in ("output", *SCRAP_CLASSES, "primary", *_LINE_NEEDS, *ADDITIONS)] + [f"use_{line}"]
    if not any(plant[key] for key in keys):
        return []
    found = _needed(plant, f"{line}_output", "the line's output, since the line was at work")
    found += _needed(plant, f"use_{line}", "the line's electricity")
    found += [item for name in _LINE_NEEDS for item in _given(plant, f"{line}_{name}", "a value, since the line was at work")]
    if f"{line}_furnace" not in plant.texts:
        found.append(InputError(plant.place(f"{line}_furnace"), "nothing", "the furnace of the line"))
    if not calc_gross(plant, line):
        found.append(InputError(plant.place(f"{line}_primary"), "no charge", "what the line melted, by class"))
    if line == "foundry":
        for key, addition in (("silicon_origin", "silicon-metal"), ("magnesium_origin", "magnesium-metal")):
            if plant[f"foundry_{addition}"] and key not in plant.texts:
                found.append(
                    InputError(
                        plant.place(key),
                        "nothing",
                        "a choice, since the addition is charged",
                        "national or pidgeon where it is not known",
                    )
                )
    return found
