"""Turns a plant's year into a site document: each value per tonne, with the workbook as its source."""

from __future__ import annotations

from typing import Any

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError
from pcf.exchange.plant_balances import calc_totals_of
from pcf.exchange.plant_layout import ATTRIBUTABLE, LEGS, SCRAP_CLASSES
from pcf.exchange.plant_reader import PlantYear

MWH, GJ, TONNE = 3.6e9, 1e9, 1e3  # units of the workbook in the coherent base


def source_id(plant: PlantYear) -> str:
    """Id of the source row of an import."""
    return f"plant-{plant.texts['site_id']}-{plant['year']:.0f}"


def source_row(plant: PlantYear) -> dict[str, str]:
    """The source row: the workbook by its hash."""
    return {
        "id": source_id(plant),
        "title": f"Plant data of {plant.texts['name_en']}, {plant['year']:.0f}",
        "publisher": plant.texts["name_en"],
        "year": f"{plant['year']:.0f}",
        "url": "",
        "redistribution": "the plant's own; not to be passed on without its consent",
        "note": f"{plant.file}, SHA-256 {plant.sha256}"
        + (f"; verifier: {plant.texts['verifier']}" if plant.texts.get("verifier") else ""),
    }


def calc_parameters(plant: PlantYear, catalogue: Catalogue) -> dict[str, float]:
    """Parameters of the site in base units (mass per mass, J per kg, …)."""
    totals = calc_totals_of(plant)
    liquid = totals.liquid
    found = {
        "alumina_input": plant["alumina"] / liquid,
        "anode_gross": plant["anode_gross"] / liquid,
        "anode_net": (plant["anode_gross"] - plant["butts"]) / liquid,
        "anode_sulphur": plant["anode_sulphur"],
        "anode_ash": plant["anode_ash"],
        "alf3_input": plant["alf3"] / liquid,
        "cryolite_input": plant["cryolite"] / liquid,
        "dc_electricity": plant["use_direct_current"] * MWH / (liquid * TONNE),
        "rectifier_efficiency": plant["use_direct_current"] / plant["use_rectifier"],
        # What the submeters do not explain is used somewhere at the plant: it stays with the potroom, so nothing leaks.
        "auxiliary_electricity": (totals.supply - plant["use_rectifier"] - plant["use_casting"] - plant["use_delivery"])
        * MWH / (liquid * TONNE),
    }  # fmt: skip
    if plant.texts["pfc_method"] == "measured":
        found |= {"cf4_measured": plant["cf4"] / TONNE / liquid, "c2f6_measured": plant["c2f6"] / TONNE / liquid}
    if plant.texts["pfc_method"] == "slope":
        found |= {"ae_frequency": plant["ae_frequency"] / 86400, "ae_duration": plant["ae_duration"] * 60}
    if plant["ingot_cast"]:
        ingot = plant["ingot_cast"]
        found |= {
            "liquid_metal_input": plant["liquid_to_casting"] / ingot,
            "ingot_electricity": plant["use_casting"] * MWH / (ingot * TONNE),
            "ingot_gas": plant["casting_gas"] * catalogue.parameters["natural_gas_ncv"].value / (ingot * TONNE),
            "ingot_oil": plant["casting_oil"] * GJ / (ingot * TONNE),
            "ingot_dross": plant["dross"] / ingot,
        }
    if plant["liquid_delivered"]:
        delivered = plant["liquid_delivered"]
        found |= {
            "hot_metal_loss": plant["liquid_dispatched"] / delivered - 1,
            "ladle_gas": plant["ladle_gas"] / (delivered * TONNE),
            "ladle_electricity": plant["use_delivery"] * MWH / (delivered * TONNE),
        }
    if plant["coal_burned"]:
        heat = plant["coal_burned"] * TONNE * plant["coal_ncv"] * 1e6
        standard = catalogue.parameters["standard_coal_heat"].value
        found |= {
            "coal_generation_rate": heat / standard / (plant["generated"] * MWH),
            "own_use_rate": plant["own_use"] / plant["generated"],
            "chp_heat_efficiency": plant["heat_delivered"] * GJ / heat,
            "coal_ncv": plant["coal_ncv"] * 1e6,
        }
        if "coal_cc" in plant.given:
            found["coal_cc"] = plant["coal_cc"] / GJ
        if "coal_oxidation" in plant.given:
            found["power_coal_oxidation"] = plant["coal_oxidation"]
    for key in ("alumina_rail_km", "alumina_truck_km", "anode_rail_km", "anode_truck_km", "coal_rail_km", "hot_metal_km"):
        if key in plant.given:
            found[key] = plant[key] * 1e3
    own = sum(plant[f"leg_{leg}"] for leg in ("own_hydro", "own_wind", "own_pv"))
    if own:
        found["own_attributes_sold"] = plant["own_attributes_sold"] / own
    return found


def calc_shares(plant: PlantYear) -> dict[str, dict[str, float]]:
    """Share groups of the site."""
    totals = calc_totals_of(plant)
    supply = {leg: plant[f"leg_{leg}"] / totals.supply for leg in LEGS if plant[f"leg_{leg}"]}
    found = {
        "electricity_supply": supply,
        "pfc_method": {plant.texts["pfc_method"]: 1.0},
        "cell_technology": {plant.texts["cell_technology"]: 1.0},
    }
    attributed = {leg: totals.attributed_share[leg] for leg in ATTRIBUTABLE if totals.attributed_share.get(leg)}
    return {**found, **({"attributed_supply": attributed} if attributed else {})}


def calc_scrap(plant: PlantYear, catalogue: Catalogue) -> dict[str, float]:
    """Recycled input and post-consumer share of the plant's scrap [1]; empty where it charges none."""
    gross = {key: plant[f"gross_{key}"] for key in SCRAP_CLASSES}
    total = sum(gross.values())
    if not total:
        return {}
    post = 0.0
    for key, mass in gross.items():
        metal = catalogue.processes[key].metal
        if metal is not None and metal.origin == "post-consumer":
            post += mass
    charged = total + plant["alloy_primary"] + plant["alloy_additions"]
    return {"recycled_input": total / charged, "post_consumer_share": post / total}


def site_document(plant: PlantYear, catalogue: Catalogue) -> dict[str, Any]:
    """The site as a document of the data format, every value primary and read from the workbook.

    Raises
    ------
    DataError
        With every value outside the range that its parameter permits.
    """
    marks = {
        "source": source_id(plant), "year": int(plant["year"]), "geography": plant.texts["geography"], "source_check": "source-read",
        "data_class": "primary", "assurance": plant.texts["assurance"],
    }  # fmt: skip
    problems: list[InputError] = []
    parameters: dict[str, Any] = {}
    for name, value in calc_parameters(plant, catalogue).items():
        parameter = catalogue.parameters[name]
        shown = value / parameter.scale
        low, high = parameter.limits or (value, value)
        if not low * (1 - 1e-12) <= value <= high * (1 + 1e-12):
            expected = f"{low / parameter.scale:g} to {high / parameter.scale:g} {parameter.unit}"
            problems.append(
                InputError(f"{plant.file} → {name}", f"{shown:.6g} {parameter.unit}", expected, "check the amounts behind it")
            )
        parameters[name] = {
            "value": shown,
            "unit": parameter.unit,
            "uncertainty": "no published spread",
            "locator": name,
            **marks,
        }
    province = plant.texts["geography"].removeprefix("CN-").lower().replace(" ", "-")
    factor = f"grid-co2-cn-{province}"
    parameters["grid_co2"] = {"factor": factor if factor in catalogue.factors else "grid-co2-cn-national"}
    if problems:
        raise DataError(problems)
    shares = {group: {**values, **marks} for group, values in calc_shares(plant).items()}
    document: dict[str, Any] = {
        "schema": "pcf/site/1",
        "id": plant.texts["site_id"],
        "name": {"en": plant.texts["name_en"], "zh": plant.texts["name_zh"]},
        "geography": plant.texts["geography"],
        "timezone": "Asia/Shanghai",
        "standing": "demonstration" if plant.texts["kind"] == "DEMONSTRATION" else "site-result",
        "period": {"year": int(plant["year"])},
        "defaults": marks,
        "parameters": parameters,
        "shares": shares,
        "supply": {
            "alumina-bayer": {"site": plant.texts["alumina_site"]},
            "anode-baked": {"site": plant.texts["anode_site"]},
            "coke-calcination": {"site": plant.texts["anode_site"]},
        },
    }
    scrap = calc_scrap(plant, catalogue)
    if scrap:
        document["charge"] = {
            name: {"value": value, "unit": "1", "uncertainty": "no published spread", "limits": [0, 1], **marks}
            for name, value in scrap.items()
        }
    return document
