"""The plant's own inventory: the workbook's masses, fuels and MWh times factors, without the product system.

Of the product systems only the intensities of purchases with a chain of their own are taken: alumina, anodes, scrap classes,
additions. Fuels, power, coal, transport, process CO2 and PFC are summed from cells and factor rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcf.catalogue import UNSPECIFIED, Catalogue
from pcf.exchange.plant_layout import LEGS, OWN_RENEWABLE
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_totals import LINES, Totals, calc_gross, calc_net_power, calc_totals_of
from pcf.exchange.plant_value import GJ, MWH, TONNE

Purchases = Mapping[tuple[str, str], Any]
"""(line or empty, process) → intensity [kgCO2e/kg]."""

_SOURCES = {"hydro": "hydro", "wind": "wind", "pv": "solar-pv", "nuclear": "nuclear"}


@dataclass(frozen=True)
class Tables:
    """Factors and defaults of the catalogue's newest rows, in base units; gases characterised by one edition."""

    catalogue: Catalogue
    gwp: str

    def factor(self, name: str) -> float:
        """A factor row [kgCO2e per base unit]."""
        rows = self.catalogue.factors[name]
        row = rows[max(rows)]
        characterised = 1.0 if row.gas == UNSPECIFIED else self.gas(str(row.gas))
        return row.quantity.value * characterised

    def gas(self, name: str) -> float:
        """Warming potential of a gas [kgCO2e/kg]."""
        return self.catalogue.gwp[self.gwp][name]

    def default(self, name: str) -> float:
        """A parameter's own value [base unit]."""
        quantity = self.catalogue.parameters[name]
        if quantity.factor is None:
            return quantity.value
        rows = self.catalogue.factors[quantity.factor]
        return rows[max(rows)].quantity.value

    def fuel(self, carbon: float, oxidised: float, name: str) -> float:
        """Combustion of a fuel [kgCO2e/J] from carbon content [kg/J] and oxidised fraction."""
        direct = carbon * oxidised * self.default("carbon_to_co2")
        methane = self.default(f"{name}_combustion_ch4") * self.gas("methane, fossil")
        return direct + methane + self.default(f"{name}_combustion_n2o") * self.gas("dinitrogen monoxide")

    def natural_gas(self) -> float:
        """Natural gas, supplied and burned [kgCO2e/Nm3]."""
        burned = self.fuel(self.default("natural_gas_cc"), self.default("natural_gas_of"), "gas")
        return self.default("natural_gas_ncv") * burned + self.factor("upstream-natural-gas-cn")

    def fuel_oil(self) -> float:
        """Fuel oil, supplied and burned [kgCO2e/J]."""
        burned = self.fuel(self.default("fuel_oil_cc"), self.default("fuel_oil_of"), "oil")
        return burned + self.factor("upstream-fuel-oil-gb") / self.default("fuel_oil_ncv")


def calc_inventory(plant: PlantYear, catalogue: Catalogue, gwp: str, purchases: Purchases, switches: Mapping[str, Any]) -> Any:
    """The plant's inventory [tCO2e], less what heat and power given to others carry; switches may be (n_bases,)."""
    tables, totals = Tables(catalogue, gwp), calc_totals_of(plant)
    total = _potroom(plant, tables, totals, purchases) + _casthouse(plant, tables) + _delivery(plant, tables)
    total = total + _electricity(totals, plant, tables, switches)
    total = total + _own_coal(plant, tables, switches) + plant["gas_burned"] * tables.natural_gas()
    for line in LINES:
        total = total + _line(plant, tables, purchases, line)
    return total / TONNE


def _potroom(plant: PlantYear, tables: Tables, totals: Totals, purchases: Purchases) -> Any:
    rail, truck = tables.factor("transport-rail-freight-cn"), tables.factor("transport-truck-diesel-heavy-cn")
    total: Any = 0.0
    for process, mass, goods in (("alumina-bayer", plant["alumina"], "alumina"), ("anode-baked", plant["anode_gross"], "anode")):
        freight = 1e3 * (plant[f"{goods}_rail_km"] * rail + plant[f"{goods}_truck_km"] * truck)
        total = total + TONNE * mass * (purchases["", process] + freight)
    cathode = totals.liquid * tables.default("cathode_carbon")
    for mass, name in ((plant["alf3"], "aluminium-fluoride"), (plant["cryolite"], "cryolite"), (cathode, "cathode-block")):
        total = total + TONNE * mass * (tables.factor(name) + tables.default("electrolysis_materials_km") * truck)
    carbon = (plant["anode_gross"] - plant["butts"]) * (1 - plant["anode_sulphur"] - plant["anode_ash"])
    total = total + TONNE * carbon * tables.default("carbon_to_co2")
    cf4, c2f6 = _pfc(plant, tables, totals.liquid)
    return total + cf4 * tables.gas("tetrafluoromethane") + c2f6 * tables.gas("hexafluoroethane")


def _pfc(plant: PlantYear, tables: Tables, liquid: float) -> tuple[float, float]:
    """CF4 and C2F6 [kg] by the plant's method (IPCC 2006 Eq. 4.26 for the slope)."""
    method, cells = plant.texts["pfc_method"], plant.texts["cell_technology"]
    if method == "measured":
        return plant["cf4"], plant["c2f6"]
    if method == "slope":
        minutes = plant["ae_frequency"] * plant["ae_duration"]
        cf4 = tables.catalogue.parameters[f"pfc_slope_{cells}"].shown * minutes * liquid
        return cf4, cf4 * tables.default(f"pfc_ratio_{cells}")
    return TONNE * liquid * tables.default("cf4_default"), TONNE * liquid * tables.default("c2f6_default")


def _casthouse(plant: PlantYear, tables: Tables) -> float:
    small = tables.default("strapping_mass") * tables.factor("steel-strapping") + tables.default("ingot_sundries")
    fuels = plant["casting_gas"] * tables.natural_gas() + plant["casting_oil"] * GJ * tables.fuel_oil()
    return TONNE * (plant["ingot_cast"] * small + plant["dross"] * tables.factor("dross-treatment")) + fuels


def _delivery(plant: PlantYear, tables: Tables) -> float:
    moved = plant["liquid_delivered"] * TONNE * tables.default("ladle_mass_ratio") * plant["hot_metal_km"] * 1e3
    return plant["ladle_gas"] * tables.natural_gas() + moved * tables.factor("transport-truck-diesel-heavy-cn")


def _electricity(totals: Totals, plant: PlantYear, tables: Tables, switches: Mapping[str, Any]) -> Any:
    """Each MWh with the factor of its own leg [kgCO2e]; delivery is added to power under contract only; own coal and gas apart."""
    national = tables.factor("electricity-cn-national")
    delivery = tables.factor("electricity-td-cn")
    own = sum(plant[f"leg_{leg}"] for leg in OWN_RENEWABLE)
    sold = plant["own_attributes_sold"] / own if own else 0.0
    total: Any = 0.0
    for leg in LEGS:
        energy = totals.legs[leg] * MWH
        kind, _, source = leg.partition("_")
        if leg == "grid":
            total = total + energy * national
        elif source in _SOURCES:
            factor = tables.factor(f"electricity-cn-{_SOURCES[source]}")
            if kind == "own":
                total = total + energy * ((1 - sold) * factor + sold * national)
            elif kind == "direct":
                total = total + energy * factor
            else:
                at_place = switches["method_location"]
                total = total + energy * (at_place * national + (1 - at_place) * (factor + delivery))
    return total


def _own_coal(plant: PlantYear, tables: Tables, switches: Mapping[str, Any]) -> Any:
    """The coal that was burned [kgCO2e], less the part of heat and of power given to others."""
    if not plant["coal_burned"]:
        return 0.0
    carbon = plant["coal_cc"] / GJ if "coal_cc" in plant.given else tables.default("coal_cc")
    oxidised = plant["coal_oxidation"] if "coal_oxidation" in plant.given else tables.default("power_coal_oxidation")
    mining = tables.default("coal_mining_electricity") + tables.default("coal_washing_electricity")
    upstream = tables.factor("coal-mine-methane-underground-cn") + mining * tables.factor("electricity-cn-national")
    upstream += plant["coal_rail_km"] * 1e3 * tables.factor("transport-rail-freight-cn")
    burned = plant["coal_burned"] * TONNE * (plant["coal_ncv"] * 1e6 * tables.fuel(carbon, oxidised, "coal") + upstream)
    plain = switches["method_heat__energy"] + switches["method_heat__exergy"]
    alternative = switches["method_heat__alternative"]
    power = plant["generated"] * MWH * (plain + alternative / tables.default("chp_reference_electric"))
    exergy = switches["method_heat__energy"] + switches["method_heat__exergy"] * tables.default("chp_carnot")
    heat = plant["heat_delivered"] * GJ * (exergy + alternative / tables.default("chp_reference_heat"))
    net = plant["generated"] - plant["own_use"]
    return burned * power / (power + heat) * calc_net_power(plant)["own_coal"] / net


def _line(plant: PlantYear, tables: Tables, purchases: Purchases, line: str) -> Any:
    """A remelting line without its power and its own metal, which are counted with the plant's [kgCO2e]."""
    output = plant[f"{line}_output"]
    if not output:
        return 0.0
    total: Any = plant[f"{line}_gas"] * tables.natural_gas()
    for material, mass in calc_gross(plant, line).items():
        if material != "electrolysis":
            total = total + TONNE * mass * purchases[line, material]
    melt = output + plant[f"{line}_returns"]
    small = plant[f"{line}_flux"] * tables.default("salt_flux_intensity") + melt * tables.default("melt_sundries")
    small += plant[f"{line}_dross"] * tables.factor("dross-treatment")
    small += output * tables.default("strapping_mass") * tables.factor("steel-strapping")
    if line == "foundry":
        small += output * tables.default("alloy_sundries")
    return total + TONNE * small
