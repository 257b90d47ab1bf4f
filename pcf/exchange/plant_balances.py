"""Balances of a plant's year: what does not close is refused, what is unusual is warned about."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError
from pcf.exchange.plant_layout import ATTRIBUTABLE, CERTIFIED
from pcf.exchange.plant_reader import PlantYear
from pcf.exchange.plant_sheets import PLACES, cells_of
from pcf.exchange.plant_totals import LINES, LIQUID_USES, SIDE_USES, Totals, calc_gross, calc_net_power, calc_totals_of
from pcf.text import text

Rule = Callable[[str], float]


@dataclass(frozen=True)
class Balance:
    """One balance or plausibility test: what was found, the permitted range, the cells, and whether it is only a warning.

    `detail` says which of several: a month, a leg, a line or a field.
    """

    id: str
    value: float
    low: float
    high: float
    unit: str
    keys: tuple[str, ...]
    warning: bool = False
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value is in the permitted range."""
        return self.low <= self.value <= self.high

    @property
    def expected(self) -> str:
        """The permitted range in words."""
        if math.isinf(self.high):
            return f"at least {self.low:.6g} {self.unit}".strip()
        return f"{self.low:.6g} to {self.high:.6g} {self.unit}".strip()

    @property
    def cells(self) -> str:
        """Where the amounts stand."""
        return ", ".join(map(cells_of, self.keys))


def check_balances(plant: PlantYear, catalogue: Catalogue) -> list[Balance]:
    """Every balance of the year.

    Raises
    ------
    DataError
        With every balance that does not hold.
    """

    def rule(name: str) -> float:
        rows = catalogue.factors[f"plant-{name}"]
        return rows[max(rows)].quantity.shown

    totals = calc_totals_of(plant)
    if totals.liquid <= 0:
        raise DataError([InputError(plant.place(*LIQUID_USES), "no metal", "a year with production")])
    found = [
        *_smelter(plant, catalogue, totals, rule), *_power(plant, totals, rule), *_casthouse(plant, rule),
        *_attributes(plant, totals, rule), *_monthly(plant, rule), *_taken(plant),
    ]  # fmt: skip
    for line in LINES:
        found += _line(plant, catalogue, line, rule)
    problems = [
        InputError(
            f"{plant.file} {item.cells}", f"{text(f'plant-balance.{item.id}', 'en')}{_of(item)} {item.value:.6g} {item.unit}".strip(),
            item.expected, text(f"plant-advice.{item.id}", "en"),
        )
        for item in found
        if not item.holds and not item.warning
    ]  # fmt: skip
    if problems:
        raise DataError(problems)
    return found


def _of(item: Balance) -> str:
    return f" ({item.detail})" if item.detail else ""


def _smelter(plant: PlantYear, catalogue: Catalogue, totals: Totals, rule: Rule) -> Iterator[Balance]:
    liquid, metal = totals.liquid, rule("balance-metal")
    yield Balance(
        "metal", liquid / plant["liquid_tapped"] - 1, -metal, metal, "", (*_present(plant, *LIQUID_USES), "liquid_tapped")
    )
    alumina = ("alumina", *_present(plant, *LIQUID_USES))
    value = plant["alumina"] / liquid
    yield Balance("alumina", value, rule("alumina-low"), rule("alumina-high"), "t/t", alumina)
    yield Balance("alumina-usual", value, rule("alumina-usual-low"), rule("alumina-high"), "t/t", alumina, warning=True)
    recovered = liquid * rule("al2o3-per-al") / (plant["alumina"] * plant["alumina_purity"])
    yield Balance("al2o3", recovered, rule("al2o3-recovery-low"), 1 + metal, "", (*alumina, "alumina_purity"))
    carbon = ("anode_gross", "butts", *_present(plant, *LIQUID_USES))
    value = (plant["anode_gross"] - plant["butts"]) / liquid
    yield Balance("carbon", value, rule("anode-net-low"), rule("anode-net-high"), "t/t", carbon)
    yield Balance("carbon-usual", value, rule("anode-net-usual-low"), rule("anode-net-high"), "t/t", carbon, warning=True)
    value = 1000 * (plant["use_rectifier"] + plant["use_auxiliary"]) / liquid
    keys = ("use_rectifier", "use_auxiliary", *_present(plant, *LIQUID_USES))
    yield Balance("ac", value, rule("ac-low"), rule("ac-high"), "kWh/t", keys)
    efficiency = plant["use_direct_current"] / plant["use_rectifier"]
    yield Balance("rectifier", efficiency, rule("rectifier-low"), 1.0, "", ("use_direct_current", "use_rectifier"))
    keys = {"measured": ("cf4",), "slope": ("ae_frequency", "ae_duration")}.get(plant.texts["pfc_method"], ("pfc_method",))
    yield Balance("cf4", _cf4(plant, catalogue, liquid), 0.0, rule("cf4-most"), "kg/t", keys)
    if plant["cf4"]:
        yield Balance("c2f6", plant["c2f6"] / plant["cf4"], 0.0, rule("c2f6-usual-high"), "", ("c2f6", "cf4"), warning=True)
    yield from _some(plant, "alf3")


def _cf4(plant: PlantYear, catalogue: Catalogue, liquid: float) -> float:
    """CF4 [kg/t] by the plant's own method."""
    method = plant.texts["pfc_method"]
    if method == "measured":
        return plant["cf4"] / liquid
    if method == "slope":
        slope = catalogue.parameters[f"pfc_slope_{plant.texts['cell_technology']}"].shown
        return slope * plant["ae_frequency"] * plant["ae_duration"]
    return catalogue.parameters["cf4_default"].shown


def _power(plant: PlantYear, totals: Totals, rule: Rule) -> Iterator[Balance]:
    power = rule("balance-electricity")
    uses = ("use_rectifier", "use_auxiliary", *SIDE_USES)
    legs = tuple(f"leg_{leg}" for leg in totals.legs)
    supply = sum(plant[key] for key in legs)
    keys = _present(plant, *legs, *uses)
    yield Balance("electricity", supply / sum(plant[key] for key in uses) - 1, -power, power, "", keys)
    for leg, net in calc_net_power(plant).items():
        plants = ("generated", "own_use", "power_exported") if leg == "own_coal" else ("gas_generated", "gas_own_use")
        ratio = plant[f"leg_{leg}"] / net - 1 if net > 0 else float(net < 0 or plant[f"leg_{leg}"] > 0)
        keys = _present(plant, f"leg_{leg}", *plants)
        yield Balance("power-plant", ratio, -power, power, "", keys, detail=leg.replace("_", " "))
        # Whatever the meters differ by is in the products: the leg counts with what the power plant gave.
        if not math.isclose(plant[f"leg_{leg}"], net, rel_tol=1e-9):
            yield Balance(
                "power-plant-booked",
                totals.leg_difference[leg],
                0.0,
                0.0,
                "MWh",
                keys,
                warning=True,
                detail=leg.replace("_", " "),
            )
    if calc_net_power(plant):
        share = plant["leg_grid"] / supply
        keys = _present(plant, "leg_grid", "coal_burned", "gas_burned", "power_exported")
        yield Balance("captive-on-grid", share, 0.0, 0.0, "", keys, warning=True)


def _casthouse(plant: PlantYear, rule: Rule) -> Iterator[Balance]:
    if plant["ingot_cast"]:
        ratio = plant["liquid_to_casting"] / plant["ingot_cast"]
        keys = ("liquid_to_casting", "ingot_cast")
        yield Balance("casting", ratio, 1.0, rule("casting-metal-high"), "t/t", keys)
        yield Balance(
            "casting-usual", ratio, rule("casting-metal-usual-low"), rule("casting-metal-usual-high"), "t/t", keys, warning=True
        )
        value = 1000 * plant["use_casting"] / plant["ingot_cast"]
        yield Balance(
            "casting-electricity", value, 0.0, rule("casting-electricity"), "kWh/t", ("use_casting", "ingot_cast"), warning=True
        )
        if not plant["casting_oil"]:
            yield from _some(plant, "casting_gas")
    if plant["liquid_delivered"]:
        ratio = plant["liquid_dispatched"] / plant["liquid_delivered"]
        yield Balance("delivery", ratio, 1.0, rule("delivery-metal-high"), "t/t", ("liquid_dispatched", "liquid_delivered"))


def _attributes(plant: PlantYear, totals: Totals, rule: Rule) -> Iterator[Balance]:
    for leg in CERTIFIED:
        retired, supplied = plant[f"certificates_{leg}"], plant[f"leg_{leg}"]
        if retired or supplied:
            keys = (f"certificates_{leg}", f"leg_{leg}")
            detail = leg.replace("_", " ")
            yield Balance("certificates", retired, supplied, math.inf, "MWh", keys, detail=detail)
            most = supplied * (1 + rule("certificates-unspent"))
            yield Balance("certificates-unspent", retired, supplied, most, "MWh", keys, warning=True, detail=detail)
    legs = tuple(f"attributed_{leg}" for leg in ATTRIBUTABLE)
    if totals.attributed_use or totals.attributed_share:
        retired = sum(plant[key] for key in legs)
        present = _present(plant, *legs, "ingot_attributed", "liquid_attributed")
        yield Balance("attributed-power", retired, totals.attributed_use, math.inf, "MWh", present)
        most = totals.attributed_use * (1 + rule("certificates-unspent"))
        yield Balance("attributed-unspent", retired, 0.0, most, "MWh", present, warning=True)


def _line(plant: PlantYear, catalogue: Catalogue, line: str, rule: Rule) -> Iterator[Balance]:
    output = plant[f"{line}_output"]
    if not output:
        return
    gross = calc_gross(plant, line)
    keys = tuple(f"{line}_primary" if name == "electrolysis" else f"{line}_{name}" for name in gross)
    per_tonne = sum(gross.values()) / output
    name = text(f"plant.output.{line}", "en")
    yield Balance("charge", per_tonne, 1.0, rule("charge-high"), "t/t", (*keys, f"{line}_output"), detail=name)
    low, high = rule("charge-usual-low"), rule("charge-usual-high")
    yield Balance("charge-usual", per_tonne, low, high, "t/t", (*keys, f"{line}_output"), warning=True, detail=name)
    metal = 0.0
    for material, mass in gross.items():
        block = catalogue.processes[material].metal
        assert block is not None
        metal += mass * block.metal_yield.value
    tolerance = rule("charge-metal")
    yield Balance(
        "charge-metal", metal / output - 1, -tolerance, tolerance, "", (*keys, f"{line}_output"), warning=True, detail=name
    )
    yield from _some(plant, f"{line}_gas")


def _monthly(plant: PlantYear, rule: Rule) -> Iterator[Balance]:
    """Months whose use per tonne tapped stands apart from what a month can have; stocks move, so these only warn."""
    bands = (
        ("month-ac", "use_rectifier", "kWh/t", 1000.0, "month-ac-low", "month-ac-high"),
        ("month-alumina", "alumina", "t/t", 1.0, "month-alumina-low", "month-alumina-high"),
        ("month-anode", "anode_gross", "t/t", 1.0, "month-anode-low", "month-anode-high"),
    )
    for name, key, unit, scale, low, high in bands:
        pairs = zip(plant.months[key], plant.months["liquid_tapped"], strict=True)
        for number, (used, tapped) in enumerate(pairs, start=1):
            value = scale * used / tapped if tapped else rule(low)
            if not rule(low) <= value <= rule(high):
                yield Balance(
                    name, value, rule(low), rule(high), unit, (key, "liquid_tapped"), warning=True, detail=f"{number:02d}"
                )


def _taken(plant: PlantYear) -> Iterator[Balance]:
    """Defaults of the catalogue that stand where the plant left a cell empty."""
    wanted = [("coal_cc", "coal_burned"), ("coal_oxidation", "coal_burned")]
    for key, because in wanted:
        if plant[because] and key not in plant.given:
            yield Balance("default-taken", 1.0, 0.0, 0.0, "", (key,), warning=True, detail=PLACES[key][2].en)


def _some(plant: PlantYear, key: str) -> Iterator[Balance]:
    """A flow that every plant has; zero is taken as said, and warned about."""
    if plant[key] == 0:
        yield Balance("zero-flow", 1.0, 0.0, 0.0, "", (key,), warning=True, detail=PLACES[key][2].en)


def _present(plant: PlantYear, *keys: str) -> tuple[str, ...]:
    return tuple(key for key in keys if plant[key]) or keys[:1]
