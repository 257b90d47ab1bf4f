"""A plant's inventory a second time, from the workbook's cells and the factor tables alone.

Nothing of `pcf.exchange` or the product system is used: cells are found by their headings, factors are read from the CSV
files, and every line is a sum of mass or energy times factor in the workbook's own units (t, MWh, Nm3, GJ). Alumina and
anode are the footprints of those two products, which have tests of their own.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from pcf.catalogue import Catalogue
from pcf.engine import at, calculate
from pcf.model import Method
from pcf.resources import datasets_path

Cells = Callable[[str, str], float]


class Workbook:
    """Values by sheet and heading (English); months are summed."""

    def __init__(self, path: Path) -> None:
        self.rows: dict[tuple[str, str], list[object]] = {}
        for sheet in load_workbook(path).worksheets[1:]:
            for row in sheet.iter_rows(min_row=4, values_only=True):
                if row[0]:
                    key = (sheet.title.rsplit(" ", 1)[0], str(row[0]).removesuffix(" (optional)"))
                    self.rows[key] = [cell for cell in row[3:15] if cell is not None]

    def __call__(self, sheet: str, heading: str) -> float:
        numbers = [cell for cell in self.rows[sheet, heading] if isinstance(cell, int | float)]
        return float(sum(numbers))

    def word(self, sheet: str, heading: str) -> str:
        cells = self.rows[sheet, heading]
        return str(cells[0]) if cells else ""

    def group(self, sheet: str, prefix: str) -> dict[str, float]:
        keys = [heading for title, heading in self.rows if title == sheet and heading.startswith(prefix)]
        return {heading.removeprefix(prefix): self(sheet, heading) for heading in keys}


class Factors:
    """Newest rows of the factor tables: value as printed, and value × warming potential (AR6)."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, str]] = {}
        for path in sorted((datasets_path() / "factors").glob("*.csv")):
            with path.open(encoding="utf-8", newline="") as stream:
                for row in csv.DictReader(stream):
                    if row["id"] not in self.rows or row["year"] >= self.rows[row["id"]]["year"]:
                        self.rows[row["id"]] = row

    def __call__(self, name: str) -> float:
        return float(self.rows[name]["value"])

    def gas(self, name: str) -> float:
        row = next(row for row in self.rows.values() if row["id"].startswith("gwp-ar6") and row["gas"] == name)
        return float(row["value"])

    def co2e(self, name: str) -> float:
        """CO2e in kg per kg, per kWh, per Nm3 or per t·km; rows per tonne are divided by 1,000."""
        gas = self.rows[name]["gas"]
        per_tonne = self.rows[name]["unit"].endswith("/t")
        return self(name) / (1000 if per_tonne else 1) * (1.0 if gas == "GHG, unspecified" else self.gas(gas))


_KNOWN: dict[tuple[str, Method], float] = {}


def _bought(catalogue: Catalogue, product: str, method: Method) -> float:
    """Footprint of a shipped product [t/t]; no plant's data are in its chain, so it is computed once for a method."""
    if (product, method) not in _KNOWN:
        _KNOWN[product, method] = at(calculate(catalogue, product, method).total, 0)
    return _KNOWN[product, method]


def recompute(path: Path, catalogue: Catalogue, method: Method) -> float:
    """The plant's inventory [tCO2e] on one basis, heat and power given to others left out."""
    c, f = Workbook(path), Factors()

    def p(name: str) -> float:
        return catalogue.parameters[name].shown

    truck, rail = f.co2e("transport-truck-diesel-heavy-cn") / 1000, f.co2e("transport-rail-freight-cn") / 1000  # t per t·km
    ch4, n2o = f.gas("methane, fossil"), f.gas("dinitrogen monoxide")
    carbon = f("carbon-to-co2")
    # kgCO2e per Nm3: NCV [MJ] × (tC/GJ × oxidised × 44/12 + kg CH4/TJ + kg N2O/TJ) + upstream; then t per Nm3.
    ncv = p("natural_gas_ncv")
    gas = ncv * (
        p("natural_gas_cc") * p("natural_gas_of") * carbon + (p("gas_combustion_ch4") * ch4 + p("gas_combustion_n2o") * n2o) / 1e6
    )
    gas = (gas + f.co2e("upstream-natural-gas-cn")) / 1000
    oil = p("fuel_oil_cc") * p("fuel_oil_of") * carbon + (p("oil_combustion_ch4") * ch4 + p("oil_combustion_n2o") * n2o) / 1e6
    oil = oil + f.co2e("upstream-fuel-oil-gb") / p("fuel_oil_ncv")  # kg per MJ = t per GJ

    total = 0.0
    # Potroom: what is bought, with its transport.
    for goods, product in (("Alumina", "alumina"), ("Anodes", "anode")):
        mass = c("Electrolysis", "Alumina used" if goods == "Alumina" else "Anodes set, gross")
        bought = _bought(catalogue, product, method)
        total += mass * (bought + c("Transport", f"{goods} by rail") * rail + c("Transport", f"{goods} by truck") * truck)
    line_metal = c("Recycled line", "Own liquid metal charged") + c("Foundry line", "Own liquid metal charged")
    liquid = (
        c("Production", "Liquid metal to ingot casting") + c("Production", "Liquid metal dispatched, at the scale") + line_metal
    )
    for mass, name in (
        (c("Electrolysis", "Aluminium fluoride"), "aluminium-fluoride"),
        (c("Electrolysis", "Cryolite"), "cryolite"),
        (liquid * p("cathode_carbon") / 1000, "cathode-block"),
    ):
        total += mass * (f.co2e(name) + p("electrolysis_materials_km") * truck)
    # Anode carbon: IPCC 2006 Eq. 4.21.
    net = c("Electrolysis", "Anodes set, gross") - c("Electrolysis", "Butts returned")
    total += net * (1 - c("Electrolysis", "Anode, sulphur") - c("Electrolysis", "Anode, ash")) * carbon
    # PFC.
    cells = c.word("Electrolysis", "Cell technology")
    if c.word("Electrolysis", "PFC method") == "measured":
        cf4, c2f6 = c("Electrolysis", "CF4, measured") / 1000, c("Electrolysis", "C2F6, measured") / 1000
    elif c.word("Electrolysis", "PFC method") == "slope":
        minutes = c("Electrolysis", "Anode effects per cell and day") * c("Electrolysis", "Mean duration of an anode effect")
        row = {"pfpb_l": "pfpb-l-cbam", "pfpb_m": "pfpb-m-cbam", "cwpb": "cwpb-ipcc2006", "swpb": "swpb-ipcc2006"}[cells]
        cf4 = f(f"pfc-slope-{row}") * minutes * liquid / 1000
        c2f6 = cf4 * f(f"pfc-ratio-{row}")
    else:
        cf4, c2f6 = liquid * f("pfc-default-cf4-cn") / 1000, liquid * f("pfc-default-c2f6-cn") / 1000
    total += cf4 * f.gas("tetrafluoromethane") + c2f6 * f.gas("hexafluoroethane")
    # Casthouse and delivery.
    ingot = c("Production", "Ingot cast")
    strap, dross = f.co2e("steel-strapping") * p("strapping_mass") / 1000, f.co2e("dross-treatment")
    total += ingot * (strap + p("ingot_sundries") / 1000) + c("Casting", "Dross of the ingot casthouse, sold") * dross
    total += (c("Casting", "Natural gas, ingot casthouse") + c("Casting", "Natural gas, ladles")) * gas
    total += c("Casting", "Fuel oil and diesel, ingot casthouse") * oil
    delivered = c("Production", "Liquid metal received by customers")
    total += delivered * p("ladle_mass_ratio") * c("Transport", "Liquid metal to customers, one way") * truck
    # Lines.
    for sheet, output in (("Recycled line", "Recycled ingot cast"), ("Foundry line", "Foundry-alloy ingot A356.2 cast")):
        made = c(sheet, output)
        melt = made + c(sheet, "Run-around returns remelted")
        total += c(sheet, "Natural gas of the line") * gas + c(sheet, "Flux and salt") * p("salt_flux_intensity")
        total += c(sheet, "Dross and salt slag for treatment") * dross + melt * p("melt_sundries") / 1000 + made * strap
        total += _scrap(c.group(sheet, "Scrap: "), p, f, truck, carbon)
    total += c("Foundry line", "Foundry-alloy ingot A356.2 cast") * p("alloy_sundries") / 1000
    total += _additions(c, p, f, truck)
    return total + _power(c, p, f, method, gas, rail, carbon)


def _scrap(masses: dict[str, float], p: Callable[[str], float], f: Factors, truck: float, carbon: float) -> float:
    """Collection of every class, and the lacquer of cans; post-consumer scrap and, under cut-off, new scrap bear nothing else."""
    ch4, n2o = f.gas("methane, fossil"), f.gas("dinitrogen monoxide")
    diesel = p("diesel_cc") * p("diesel_of") * carbon + (p("oil_combustion_ch4") * ch4 + p("oil_combustion_n2o") * n2o) / 1e6
    diesel += f.co2e("upstream-diesel-cn") / p("diesel_ncv")
    collected = p("scrap_truck_km") * truck + p("scrap_handling_diesel") * diesel / 1000
    collected += p("scrap_baling_electricity") * f.co2e("electricity-cn-national") / 1000
    return sum(masses.values()) * collected + masses["Used beverage cans"] * p("lacquer_carbon") * carbon


def _additions(c: Workbook, p: Callable[[str], float], f: Factors, truck: float) -> float:
    sheet, words = "Foundry line", c.group("Foundry line", "Addition: ")
    power = {
        "coal": f.co2e("electricity-cn-coal"),
        "national": f.co2e("electricity-cn-national"),
        "hydro": f.co2e("electricity-cn-hydro") + f.co2e("electricity-td-cn"),
        "": 0.0,
    }[c.word(sheet, "Power behind the silicon")]
    silicon = f.co2e("silicon-process-co2-ipcc") + f.co2e("silicon-reductant-upstream") + p("silicon_electricity") * power
    route = c.word(sheet, "Route of the magnesium")
    magnesium = f.co2e(f"magnesium-{route}-cn") if route else 0.0
    found = words["Silicon metal"] * (silicon + p("silicon_truck_km") * truck)
    found += words["Magnesium"] * (magnesium + p("magnesium_truck_km") * truck)
    for name, metal, row in (
        ("titanium", "Aluminium-titanium", "titanium-sponge-cn"),
        ("strontium", "Aluminium-strontium", "strontium-conservative"),
    ):
        content = p(f"{name}_content")
        per_tonne = content * f.co2e(row) + (1 - content) * f.co2e("primary-aluminium-cn-2020") + p(f"{name}_truck_km") * truck
        found += sum(mass for key, mass in words.items() if key.startswith(metal)) * per_tonne
    return found


def _power(c: Workbook, p: Callable[[str], float], f: Factors, method: Method, gas: float, rail: float, carbon: float) -> float:
    """Legs at their own factors [t per MWh]; own coal by the coal, less what heat and power for others carry."""
    legs = c.group("Electricity", "Supply: ")
    national = f.co2e("electricity-cn-national")
    kinds = {"hydropower": "hydro", "wind": "wind", "photovoltaics": "solar-pv", "nuclear": "nuclear"}
    own = legs["Own hydropower"] + legs["Own wind power"] + legs["Own photovoltaics"]
    sold = c("Electricity", "Own renewable MWh whose attributes were sold") / own if own else 0.0
    total = legs["Plain grid"] * national
    for name, energy in legs.items():
        kind = next((factor for word, factor in kinds.items() if word in name.lower()), None)
        if kind is None:
            continue
        factor = f.co2e(f"electricity-cn-{kind}")
        if name.startswith("Own"):
            total += energy * ((1 - sold) * factor + sold * national)
        elif name.startswith("Direct"):
            total += energy * factor
        else:
            total += energy * (national if method.electricity == "location" else factor + f.co2e("electricity-td-cn"))
    total += c("Power plant", "Natural gas burned for power") * gas
    coal, sheet = c("Power plant", "Coal burned"), "Power plant"
    if not coal:
        return total
    per_gj = c(sheet, "Coal, carbon content") * c(sheet, "Coal, oxidised fraction") * carbon / 1000
    per_gj += (
        p("coal_combustion_ch4") * f.gas("methane, fossil") + p("coal_combustion_n2o") * f.gas("dinitrogen monoxide")
    ) / 1e6
    mined = f.co2e("coal-mine-methane-underground-cn")
    mined += (f("coal-mining-electricity-cn") + f("coal-washing-electricity-cn")) * national / 1000
    burned = coal * (c(sheet, "Coal, net calorific value") * per_gj + mined + c(sheet, "Coal by rail") * rail)
    generated, heat = c(sheet, "Power generated from coal") * 3.6, c(sheet, "Heat delivered to others")
    weight = {
        "energy": (1.0, 1.0),
        "exergy": (1.0, p("chp_carnot")),
        "alternative": (1 / p("chp_reference_electric"), 1 / p("chp_reference_heat")),
    }[method.heat]
    share = generated * weight[0] / (generated * weight[0] + heat * weight[1])
    net = generated / 3.6 - c(sheet, "Own use of the coal power plant")
    return total + burned * share * (net - c(sheet, "Coal power given to others")) / net
