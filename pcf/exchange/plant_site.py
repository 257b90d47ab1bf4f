"""Turns a plant's year into a site document: each value per tonne, with the cells of the workbook as its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError
from pcf.exchange.plant_layout import ATTRIBUTABLE, CERTIFIED, OWN_RENEWABLE, TIMEZONE
from pcf.exchange.plant_lines import calc_line
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_sheets import locate
from pcf.exchange.plant_totals import LINES, LIQUID_USES, SIDE_USES, calc_totals_of, own_renewable
from pcf.exchange.plant_value import GJ, MWH, TONNE, Value

KM = ("alumina_rail_km", "alumina_truck_km", "anode_rail_km", "anode_truck_km", "coal_rail_km", "hot_metal_km")


@dataclass(frozen=True)
class _Marks:
    """Marks that every value of the import bears."""

    common: Mapping[str, Any]

    def of(self, *keys: str) -> dict[str, Any]:
        return {**self.common, "locator": locate(keys)}


def source_id(plant: PlantYear) -> str:
    """Id of the source row of an import."""
    return f"plant-{site_id(plant)}"


def site_id(plant: PlantYear) -> str:
    """Id of the site: the plant's identifier and the year."""
    return f"{plant.texts['site_id']}-{plant['year']:.0f}"


def source_row(plant: PlantYear) -> dict[str, str]:
    """The source row: the workbook by its hash, with verifier and certificates."""
    notes = [f"{plant.file}, SHA-256 {plant.sha256}"]
    if plant.texts.get("verifier"):
        notes.append(f"verifier: {plant.texts['verifier']}")
    notes += [f"certificates {leg}: {plant.texts[f'note_{leg}']}" for leg in CERTIFIED if f"note_{leg}" in plant.texts]
    return {
        "id": source_id(plant),
        "title": f"Plant data of {plant.texts['name_en']}, {plant['year']:.0f}",
        "publisher": plant.texts["name_en"],
        "year": f"{plant['year']:.0f}",
        "url": "",
        "redistribution": "the plant's own; not to be passed on without its consent",
        "note": "; ".join(notes),
    }


def calc_parameters(plant: PlantYear, catalogue: Catalogue) -> dict[str, Value]:
    """Parameters of the site in base units (mass per mass, J per kg, …), each with its fields."""
    found = _smelter(plant)
    if plant["ingot_cast"]:
        ingot = plant["ingot_cast"]
        gas = plant["casting_gas"] * catalogue.parameters["natural_gas_ncv"].value
        found |= {
            "liquid_metal_input": Value(plant["liquid_to_casting"] / ingot, "liquid_to_casting", "ingot_cast"),
            "ingot_electricity": Value(plant["use_casting"] * MWH / (ingot * TONNE), "use_casting", "ingot_cast"),
            "ingot_gas": Value(gas / (ingot * TONNE), "casting_gas", "ingot_cast"),
            "ingot_oil": Value(plant["casting_oil"] * GJ / (ingot * TONNE), "casting_oil", "ingot_cast"),
            "ingot_dross": Value(plant["dross"] / ingot, "dross", "ingot_cast"),
        }
    if plant["liquid_delivered"]:
        made, keys = plant["liquid_delivered"], ("liquid_dispatched", "liquid_delivered")
        found |= {
            "hot_metal_loss": Value(plant["liquid_dispatched"] / made - 1, *keys),
            "ladle_gas": Value(plant["ladle_gas"] / (made * TONNE), "ladle_gas", "liquid_delivered"),
            "ladle_electricity": Value(plant["use_delivery"] * MWH / (made * TONNE), "use_delivery", "liquid_delivered"),
        }
    found |= _power_plants(plant, catalogue)
    found |= {key: Value(plant[key] * 1e3, key) for key in KM if key in plant.given}
    own = own_renewable(plant)
    if own:
        legs = (f"leg_{leg}" for leg in OWN_RENEWABLE if plant[f"leg_{leg}"])
        found["own_attributes_sold"] = Value(plant["own_attributes_sold"] / own, "own_attributes_sold", *legs)
    return found


def _smelter(plant: PlantYear) -> dict[str, Value]:
    totals = calc_totals_of(plant)
    liquid = totals.liquid
    metal = tuple(key for key in LIQUID_USES if plant[key])
    supply = tuple(f"leg_{leg}" for leg, value in totals.legs.items() if value)
    net = ("generated", "own_use", "power_exported") if plant["coal_burned"] else ()
    rest = (*supply, *(key for key in (*net, "use_rectifier", *SIDE_USES) if plant[key]), *metal)
    found = {
        "alumina_input": Value(plant["alumina"] / liquid, "alumina", *metal),
        "anode_gross": Value(plant["anode_gross"] / liquid, "anode_gross", *metal),
        "anode_net": Value((plant["anode_gross"] - plant["butts"]) / liquid, "anode_gross", "butts", *metal),
        "anode_sulphur": Value(plant["anode_sulphur"], "anode_sulphur"),
        "anode_ash": Value(plant["anode_ash"], "anode_ash"),
        "alf3_input": Value(plant["alf3"] / liquid, "alf3", *metal),
        "cryolite_input": Value(plant["cryolite"] / liquid, "cryolite", *metal),
        "dc_electricity": Value(plant["use_direct_current"] * MWH / (liquid * TONNE), "use_direct_current", *metal),
        "rectifier_efficiency": Value(
            plant["use_direct_current"] / plant["use_rectifier"], "use_direct_current", "use_rectifier"
        ),
        # Levers of scenarios: what the plant used holds whatever it does already.
        "dc_saving": Value(0.0, "use_direct_current"),
        "inert_anode_share": Value(0.0, "anode_gross"),
        "auxiliary_electricity": Value((totals.potroom - plant["use_rectifier"]) * MWH / (liquid * TONNE), *rest),
    }
    if plant.texts["pfc_method"] == "measured":
        found["cf4_measured"] = Value(plant["cf4"] / TONNE / liquid, "cf4", *metal)
        found["c2f6_measured"] = Value(plant["c2f6"] / TONNE / liquid, "c2f6", *metal)
    if plant.texts["pfc_method"] == "slope":
        found["ae_frequency"] = Value(plant["ae_frequency"] / 86400, "ae_frequency")
        found["ae_duration"] = Value(plant["ae_duration"] * 60, "ae_duration")
    return found


def _power_plants(plant: PlantYear, catalogue: Catalogue) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if plant["coal_burned"]:
        heat = plant["coal_burned"] * TONNE * plant["coal_ncv"] * 1e6
        standard = catalogue.parameters["standard_coal_heat"].value
        fuel = ("coal_burned", "coal_ncv")
        found |= {
            "coal_generation_rate": Value(heat / standard / (plant["generated"] * MWH), *fuel, "generated"),
            "own_use_rate": Value(plant["own_use"] / plant["generated"], "own_use", "generated"),
            "chp_heat_efficiency": Value(plant["heat_delivered"] * GJ / heat, "heat_delivered", *fuel),
            "coal_ncv": Value(plant["coal_ncv"] * 1e6, "coal_ncv"),
        }
        if "coal_cc" in plant.given:
            found["coal_cc"] = Value(plant["coal_cc"] / GJ, "coal_cc")
        if "coal_oxidation" in plant.given:
            found["power_coal_oxidation"] = Value(plant["coal_oxidation"], "coal_oxidation")
    if plant["gas_burned"]:
        made = plant["gas_generated"] * MWH
        found["gas_generation_rate"] = Value(plant["gas_burned"] / made, "gas_burned", "gas_generated")
        found["gas_own_use_rate"] = Value(plant["gas_own_use"] / plant["gas_generated"], "gas_own_use", "gas_generated")
    return found


def calc_shares(plant: PlantYear) -> dict[str, tuple[dict[str, float], tuple[str, ...]]]:
    """Share groups of the site, each with its fields."""
    totals = calc_totals_of(plant)
    legs = tuple(f"leg_{leg}" for leg in totals.legs if plant[f"leg_{leg}"])
    retired = tuple(f"attributed_{leg}" for leg in ATTRIBUTABLE if plant[f"attributed_{leg}"])
    tonnes = tuple(key for key in ("ingot_attributed", "liquid_attributed") if plant[key])
    found = {
        "electricity_supply": (_shares(totals.legs), legs),
        "grid_mix": ({"site": 1.0}, legs),
        "electricity_attribution": ({"site": 1.0}, legs),
        "pfc_method": ({plant.texts["pfc_method"]: 1.0}, ("pfc_method",)),
        "cell_technology": ({plant.texts["cell_technology"]: 1.0}, ("cell_technology",)),
    }
    if totals.attributed_share:
        found["attributed_supply"] = (_shares(totals.attributed_share), retired)
        rest = totals.rest
        whole = sum(rest.values()) <= 1e-9 * totals.supply
        found["rest_supply"] = (_shares(totals.legs if whole else rest), (*legs, *retired, *tonnes))
        found["rest_basis"] = ({"rest": 1.0}, (*retired, *tonnes))
    return found


def _shares(values: Mapping[str, float]) -> dict[str, float]:
    """Shares that sum to 1; what is negative through rounding alone counts as nothing."""
    kept = {key: max(value, 0.0) for key, value in values.items()}
    total = sum(kept.values())
    return {key: value / total for key, value in kept.items() if value}


def covered(plant: PlantYear) -> list[str]:
    """Processes that the workbook's data describe."""
    made = {
        "electrolysis": True,
        "electricity": True,
        "ingot-casting": plant["ingot_cast"] > 0,
        "hot-metal-delivery": plant["liquid_delivered"] > 0,
        "power-own-coal": plant["coal_burned"] > 0,
        "power-own-gas": plant["gas_burned"] > 0,
        **{process: plant[f"{line}_output"] > 0 for line, process in LINES.items()},
    }
    return [process for process, has in made.items() if has]


OUTPUTS = {
    "ingot-casting": ("ingot_cast", "ingot_attributed"),
    "hot-metal-delivery": ("liquid_delivered", "liquid_attributed"),
    **{process: (f"{line}_output", "") for line, process in LINES.items()},
}
"""Casthouse process → fields of what it made, and of the part that MWh were retired for; the remelting lines have none."""


def _outputs(plant: PlantYear, marks: _Marks) -> dict[str, Any]:
    """What each casthouse made in the year."""
    found = {}
    for process, (made, attributed) in OUTPUTS.items():
        if plant[made]:
            values = {
                "produced": (plant[made], made),
                "attributed": (plant[attributed] if attributed else 0.0, attributed or made),
            }
            found[process] = {
                name: {"value": value, "unit": "t", "uncertainty": "no published spread", **marks.of(key)}
                for name, (value, key) in values.items()
            }
    return found


def site_document(plant: PlantYear, catalogue: Catalogue) -> dict[str, Any]:
    """The site as a document of the data format, every value primary and read from the workbook.

    Raises
    ------
    DataError
        With every value outside the range that its parameter permits.
    """
    marks = _Marks({
        "source": source_id(plant), "year": int(plant["year"]), "geography": plant.texts["geography"], "source_check": "source-read",
        "data_class": "primary", "assurance": plant.texts["assurance"],
    })  # fmt: skip
    problems: list[InputError] = []
    parameters = _documents(plant, catalogue, calc_parameters(plant, catalogue), marks, problems)
    charge = {}
    for line, process in LINES.items():
        found = calc_line(plant, line)
        if found is None:
            continue
        gross = {
            name: {"value": value.value, "unit": "t/t", "uncertainty": "no published spread", **marks.of(*value.keys)}
            for name, value in found.gross.items()
        }
        charge[process] = {
            "primary": "electrolysis",
            "gross": gross,
            "parameters": _documents(plant, catalogue, found.parameters, marks, problems),
            "shares": {group: {**values, **marks.of(*keys)} for group, (values, keys) in found.shares.items()},
        }
    if problems:
        raise DataError(problems)
    province = plant.texts["geography"].removeprefix("CN-").lower().replace(" ", "-")
    parameters["grid_co2"] = {"factor": f"grid-co2-cn-{province}"}
    year = f"{plant['year']:.0f}"
    return {
        "schema": "pcf/site/1",
        "id": site_id(plant),
        "name": {"en": f"{plant.texts['name_en']}, {year}", "zh": f"{plant.texts['name_zh']}，{year} 年"},
        "geography": plant.texts["geography"],
        "timezone": TIMEZONE,
        "standing": "demonstration" if plant.texts["kind"] == "DEMONSTRATION" else "site-result",
        "period": {"year": int(plant["year"])},
        "defaults": dict(marks.common),
        "parameters": parameters,
        "shares": {group: {**values, **marks.of(*keys)} for group, (values, keys) in calc_shares(plant).items()},
        "supply": {
            "alumina-bayer": {"site": plant.texts["alumina_site"]},
            "anode-baked": {"site": plant.texts["anode_site"]},
            "coke-calcination": {"site": plant.texts["anode_site"]},
        },
        "covers": covered(plant),
        "outputs": _outputs(plant, marks),
        **({"charge": charge} if charge else {}),
    }


def _documents(
    plant: PlantYear, catalogue: Catalogue, values: Mapping[str, Value], marks: _Marks, problems: list[InputError]
) -> dict[str, Any]:
    """Values as the data format has them; those outside their parameter's range are problems with their cells."""
    documents: dict[str, Any] = {}
    for name, item in values.items():
        parameter = catalogue.parameters[name]
        shown = item.value / parameter.scale
        low, high = parameter.limits or (item.value, item.value)
        if not low * (1 - 1e-12) <= item.value <= high * (1 + 1e-12):
            expected = f"{low / parameter.scale:g} to {high / parameter.scale:g} {parameter.unit}"
            title = parameter.name.get("en", name)
            problems.append(
                InputError(
                    plant.place(*item.keys), f"{title} {shown:.6g} {parameter.unit}", expected, "check the amounts behind it"
                )
            )
        documents[name] = {"value": shown, "unit": parameter.unit, "uncertainty": "no published spread", **marks.of(*item.keys)}
    return documents
