"""Closure: over a plant's products, intensity × output equals the plant's own inventory. Nothing leaks, nothing counts twice.

Each product is computed the way a user asks for it, at the plant's site; the inventory is summed from the workbook.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pcf.catalogue import Catalogue
from pcf.engine import calc_intensities, supplier_order
from pcf.exchange.plant_inventory import calc_inventory
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_site import site_id
from pcf.exchange.plant_totals import calc_gross
from pcf.model import Method, System, compose, read_request

ROUTES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ingot, attributed": ("hqalight", ()),
    "ingot": ("primary-yunnan", ()),
    "liquid, attributed": ("hqalight-liquid", ()),
    "liquid": ("primary-yunnan-liquid", ()),
    "recycled": ("hqaloop", ()),
    "foundry": ("a356.2", ()),
}
"""Output of a plant → the product that stands for it at the plant's site, and what has to be set for it."""

BASES = tuple(
    Method(attribution=attribution, electricity=electricity, co_products=co_products, heat=heat)
    for co_products, heat, attribution, electricity in itertools.product(
        ("none", "mass", "economic"),
        ("energy", "exergy", "alternative"),
        ("site-average", "attributed"),
        ("contract", "location"),
    )
)
"""Every choice under which a plant has to close; the first four are the default co-products and heat."""


@dataclass(frozen=True)
class Closure:
    """Both totals of one basis [tCO2e], and the intensities behind the products' [tCO2e/t]."""

    method: Method
    products: float
    inventory: float
    intensities: Mapping[str, float]
    outputs: Mapping[str, float]

    @property
    def difference(self) -> float:
        """Relative difference of the two totals."""
        return abs(self.products - self.inventory) / max(abs(self.inventory), 1e-300)


def calc_outputs(plant: PlantYear) -> dict[str, float]:
    """Tonnes by output; those with retired MWh stand apart from the rest."""
    found = {
        "ingot, attributed": plant["ingot_attributed"],
        "ingot": plant["ingot_cast"] - plant["ingot_attributed"],
        "liquid, attributed": plant["liquid_attributed"],
        "liquid": plant["liquid_delivered"] - plant["liquid_attributed"],
        "recycled": plant["recycled_output"],
        "foundry": plant["foundry_output"],
    }
    return {name: tonnes for name, tonnes in found.items() if tonnes > 0}


def check_closure(plant: PlantYear, catalogue: Catalogue) -> list[Closure]:
    """Closure on every basis, all of them in one pass."""
    names = BASES[0].switches()
    switches: dict[str, Any] = {name: np.array([method.switches()[name] for method in BASES]) for name in names}
    outputs = calc_outputs(plant)
    systems = {name: _system(plant, catalogue, name, switches) for name in outputs}
    solved = {name: calc_intensities(system, supplier_order(system)) for name, system in systems.items()}
    intensities = {name: np.broadcast_to(np.asarray(values[0], dtype=float), len(BASES)) for name, values in solved.items()}
    if plant["dross"]:
        # Dross sold is an output where the method makes it a co-product: per t a part, by mass or price, of the ingot's burden.
        worth = switches["method_co_products__mass"]
        worth = worth + switches["method_co_products__economic"] * catalogue.parameters["dross_price_ratio"].value
        ingot = sum(outputs[name] * intensities[name] for name in outputs if name.startswith("ingot"))
        outputs["dross"], intensities["dross"] = plant["dross"], worth * ingot / plant["ingot_cast"]
    purchases = _purchases(plant, systems, solved)
    inventory = np.broadcast_to(calc_inventory(plant, catalogue, BASES[0].gwp, purchases, switches), len(BASES))
    return [
        Closure(
            method,
            float(sum(tonnes * intensities[name][index] for name, tonnes in outputs.items())),
            float(inventory[index]),
            {name: float(values[index]) for name, values in intensities.items()},
            outputs,
        )
        for index, method in enumerate(BASES)
    ]


def _system(plant: PlantYear, catalogue: Catalogue, name: str, switches: Mapping[str, Any]) -> System:
    product, texts = ROUTES[name]
    found, settings = read_request(catalogue, product, BASES[0], texts, site=site_id(plant))
    return compose(catalogue, found, BASES[0], settings, switches, len(BASES), marks=False)


def _purchases(plant: PlantYear, systems: Mapping[str, System], solved: Mapping[str, Any]) -> dict[tuple[str, str], Any]:
    """Intensities of what the plant buys with a chain of its own: of any product's system, and by line for its charge."""
    found: dict[tuple[str, str], Any] = {}
    for name, system in systems.items():
        wanted = {"alumina-bayer": "", "anode-baked": ""}
        if name in ("recycled", "foundry"):
            wanted |= {material: name for material in calc_gross(plant, name) if material != "electrolysis"}
        for index, node in enumerate(system.nodes):
            process = node.process.id
            # A supplier's scope is another site's, or the common one; a line's scrap stands in the product's own.
            if process in wanted and (wanted[process] or node.scope is not system.own):
                found.setdefault((wanted[process], process), solved[name][index])
    return found
