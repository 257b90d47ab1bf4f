"""Closure: over a plant's products, intensity × output equals the plant's own inventory. Nothing leaks, nothing counts twice.

The inventory is computed from the workbook's yearly totals, without the product system: masses, MWh by leg and fuels times
the intensities of what the plant buys.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pcf.catalogue import UNSPECIFIED, Catalogue
from pcf.engine import Footprint, at, calculate
from pcf.exchange.plant_balances import calc_totals_of
from pcf.exchange.plant_layout import LEGS
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_site import MWH, TONNE, calc_parameters
from pcf.model import Method, Settings

CARRIERS = {"ingot": "hqalight", "liquid": "hqalight-liquid"}
"""Products whose routes stand for the plant's two outputs; site and electricity are replaced by the plant's own."""


@dataclass(frozen=True)
class Closure:
    """Both totals of one basis [tCO2e], and the intensities behind the products' [tCO2e/t]."""

    attribution: str
    electricity: str
    products: float
    inventory: float
    intensities: Mapping[str, float]
    outputs: Mapping[str, float]

    @property
    def difference(self) -> float:
        """Relative difference of the two totals."""
        return abs(self.products - self.inventory) / max(abs(self.inventory), 1e-300)


def check_closure(plant: PlantYear, catalogue: Catalogue) -> list[Closure]:
    """Closure on both attributions and both electricity bases."""
    return [
        _close(plant, catalogue, attribution, electricity)
        for attribution in ("site-average", "attributed")
        for electricity in ("contract", "location")
    ]


def _close(plant: PlantYear, catalogue: Catalogue, attribution: str, electricity: str) -> Closure:
    method = Method(attribution=attribution, electricity=electricity)
    outputs = _outputs(plant, attribution)
    results = {name: _footprint(plant, catalogue, method, name) for name, output in outputs.items() if output}
    intensities = {name: at(result.total, 0) for name, result in results.items()}
    products = sum(outputs[name] * value for name, value in intensities.items())
    # Both outputs on the site's own mix, so that every leg and fuel of the plant is in one of the two systems.
    average = Method(attribution="site-average", electricity=electricity)
    kinds = [kind for kind, made in (("ingot", plant["ingot_cast"]), ("liquid", plant["liquid_delivered"])) if made]
    inventory = _inventory(plant, catalogue, [_footprint(plant, catalogue, average, kind) for kind in kinds], method)
    return Closure(attribution, electricity, products, inventory, intensities, {name: outputs[name] for name in results})


def _outputs(plant: PlantYear, attribution: str) -> dict[str, float]:
    """Tonnes by output; under `attributed` the tonnes with retired MWh stand apart from the rest."""
    apart = attribution == "attributed"
    ingot, liquid = (plant[f"{kind}_attributed"] if apart else 0.0 for kind in ("ingot", "liquid"))
    return {
        "ingot, attributed": ingot,
        "ingot": plant["ingot_cast"] - ingot,
        "liquid, attributed": liquid,
        "liquid": plant["liquid_delivered"] - liquid,
    }


def _footprint(plant: PlantYear, catalogue: Catalogue, method: Method, name: str) -> Footprint:
    kind, _, attributed = name.partition(", ")
    product = CARRIERS[kind]
    scope = f"product:{product}"
    supply = _attributed_shares(plant) if attributed else _rest_shares(plant, method)
    values: dict[tuple[str, str], float] = {
        (scope, "electricity_attribution__product"): 0.0,
        (scope, "electricity_attribution__site"): 1.0,
    }
    values |= {(scope, f"electricity_supply__{leg}"): supply.get(leg, 0.0) for leg in LEGS}
    return calculate(catalogue, product, method, Settings(values, {product: plant.texts["site_id"]}))


def _attributed_shares(plant: PlantYear) -> dict[str, float]:
    return dict(calc_totals_of(plant).attributed_share)


def _rest_shares(plant: PlantYear, method: Method) -> dict[str, float]:
    """Supply of what is not attributed: the meters less the MWh that the attributed tonnes needed."""
    totals = calc_totals_of(plant)
    taken = totals.attributed_use if method.attribution == "attributed" else 0.0
    rest = {leg: plant[f"leg_{leg}"] - taken * totals.attributed_share.get(leg, 0.0) for leg in LEGS}
    total = sum(rest.values())
    return (
        {leg: value / total for leg, value in rest.items()}
        if total > 0
        else {leg: plant[f"leg_{leg}"] / totals.supply for leg in LEGS}
    )


def _inventory(plant: PlantYear, catalogue: Catalogue, results: Sequence[Footprint], method: Method) -> float:
    """The plant's inventory [tCO2e] from its totals; of the results only the intensities of purchases are used."""
    own = calc_parameters(plant, catalogue)
    supply: dict[str, float] = {}
    values: dict[str, float] = {}
    for result in results:
        for index, node in enumerate(result.system.nodes):
            # The plant's own power plant stands before a supplier's of the same kind.
            if node.scope is result.system.own or node.process.id not in supply:
                supply[node.process.id] = at(result.solution.intensity[index], 0)
        values |= result.system.own.values
    liquid = calc_totals_of(plant).liquid
    factor = _Factors(catalogue, method.gwp)
    total = _electricity(plant, supply, factor, location=method.electricity == "location")
    total += TONNE * (plant["alumina"] * supply["alumina-bayer"] + plant["anode_gross"] * supply["anode-baked"])
    for goods, mode in (("alumina", "rail"), ("alumina", "truck"), ("anode", "rail"), ("anode", "truck")):
        mass = plant["alumina"] if goods == "alumina" else plant["anode_gross"]
        total += TONNE * mass * values[f"{goods}_{mode}_km"] * supply[f"transport-{mode}"]
    total += TONNE * (plant["alf3"] * factor("aluminium-fluoride") + plant["cryolite"] * factor("cryolite"))
    total += TONNE * liquid * values["cathode_carbon"] * factor("cathode-block")
    bought = plant["alf3"] + plant["cryolite"] + liquid * values["cathode_carbon"]
    total += TONNE * bought * values["electrolysis_materials_km"] * supply["transport-truck"]
    small = values["strapping_mass"] * factor("steel-strapping") + values["ingot_sundries"]
    total += TONNE * plant["ingot_cast"] * (small + values["ingot_dross"] * factor("dross-treatment"))
    carbon = (plant["anode_gross"] - plant["butts"]) * (1 - plant["anode_sulphur"] - plant["anode_ash"])
    total += TONNE * carbon * values["carbon_to_co2"]
    gwp = catalogue.gwp[method.gwp]
    total += TONNE * liquid * (values["cf4"] * gwp["tetrafluoromethane"] + values["c2f6"] * gwp["hexafluoroethane"])
    total += plant["casting_gas"] * supply.get("natural-gas-burned", 0.0) + plant["casting_oil"] * 1e9 * supply.get(
        "fuel-oil-burned", 0.0
    )
    total += plant["ladle_gas"] * supply.get("natural-gas-burned", 0.0)
    if plant["liquid_delivered"]:
        moved = plant["liquid_delivered"] * TONNE * values["ladle_mass_ratio"]
        km = own.get("hot_metal_km", catalogue.parameters["hot_metal_km"].value)
        total += moved * km * supply.get("transport-truck", 0.0)
    return float(total / TONNE)


@dataclass(frozen=True)
class _Factors:
    """Characterised factors of the catalogue's newest rows [kgCO2e per base unit]."""

    catalogue: Catalogue
    gwp: str

    def __call__(self, name: str) -> float:
        rows = self.catalogue.factors[name]
        row = rows[max(rows)]
        characterised = 1.0 if row.gas == UNSPECIFIED else self.catalogue.gwp[self.gwp][str(row.gas)]
        return row.quantity.value * characterised


def _electricity(plant: PlantYear, supply: Mapping[str, float], factor: _Factors, *, location: bool) -> float:
    """Each MWh with the factor of its own leg [kgCO2e]; delivery is added to power under contract only."""
    own = sum(plant[f"leg_{leg}"] for leg in ("own_hydro", "own_wind", "own_pv"))
    sold = plant["own_attributes_sold"] / own if own else 0.0
    national = factor("electricity-cn-national")
    types = {"hydro": "hydro", "wind": "wind", "pv": "solar-pv", "nuclear": "nuclear"}
    total = plant["leg_grid"] * MWH * national
    for leg in LEGS:
        energy = plant[f"leg_{leg}"] * MWH
        kind, _, source = leg.partition("_")
        if not energy or leg == "grid":
            continue
        if source in {"coal", "gas"}:
            total += energy * supply[f"power-own-{source}"]
        elif kind == "own":
            total += energy * ((1 - sold) * factor(f"electricity-cn-{types[source]}") + sold * national)
        elif kind == "direct":
            total += energy * factor(f"electricity-cn-{types[source]}")
        elif location:
            total += energy * national
        else:
            total += energy * (factor(f"electricity-cn-{types[source]}") + factor("electricity-td-cn"))
    return total
