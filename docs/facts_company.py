"""What the company publishes about itself, beside what the engine gives: avoided emissions, implied consumption, products."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cache

from pcf.catalogue import Catalogue, open_catalogue, read_runs
from pcf.engine import Footprint, at, calculate
from pcf.model import Method, read_request, read_run
from pcf.resources import datasets_path

PLAUSIBLE_AC = (12.6, 13.9)  # MWh per t: the range of AC consumption that the implied value has to overlap
ASSUMED_OUTPUT = (5.5, 6.6)  # Mt of aluminium a year; no output volume is in the report
PFC_RANGE = (0.15, 0.30)  # tCO2e per t of aluminium, cells of today
DISCLOSED_A3562 = 4.72
NEAR = 0.05
YEARS = ("2020", "2021", "2022", "2023", "2024")


@cache
def catalogue() -> Catalogue:
    """The shipped data alone, whatever plants a user has brought in."""
    return open_catalogue()


def fact(factor_id: str, year: str | None = None) -> float:
    """Value of a factor row in its own unit; the newest row at or before the year."""
    rows = catalogue().factors[factor_id]
    chosen = max(rows) if year is None else max((key for key in rows if key <= year), default=min(rows))
    return rows[chosen].quantity.shown


def footprint(product: str, *texts: str, grid_mix: str = "", **choices: object) -> Footprint:
    """A product's footprint with settings as on the command line and choices of the method."""
    method = Method(**choices)  # type: ignore[arg-type]
    product_id, settings = read_request(catalogue(), product, method, texts, grid_mix)
    return calculate(catalogue(), product_id, method, settings)


def step_total(product: str, process: str, *texts: str, grid_mix: str = "", **choices: object) -> float:
    """One step on a partial boundary, per t of that step's own product [tCO2e/t]."""
    found = footprint(product, *texts, grid_mix=grid_mix, steps=(process,), **choices)
    return at(found.total, 0) / activity(found, process)


def activity(found: Footprint, process: str) -> float:
    """Tonnes of a process's product behind a tonne of the footprint's product, over all sites [t/t]."""
    nodes = zip(found.system.nodes, found.solution.activity, strict=True)
    return sum(at(level, 0) for node, level in nodes if node.process.id == process)


def total(product: str, *texts: str, grid_mix: str = "", **choices: object) -> float:
    """A product's total [tCO2e/t]."""
    return at(footprint(product, *texts, grid_mix=grid_mix, **choices).total, 0)


# Avoided emissions ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Avoided:
    """Green electricity [MWh] times the official fossil-power factor [tCO2/MWh], beside the printed figure [10^4 t]."""

    year: str
    green: float
    factor: float
    computed: float
    printed: float
    decimals: int

    @property
    def matches(self) -> bool:
        """Whether the computed figure rounds to the printed digits."""
        return round(self.computed, self.decimals) == round(self.printed, self.decimals)


def avoided_emissions() -> list[Avoided]:
    """The report prints 173.4 for 2021 with one decimal, the other years with two."""
    found = []
    for year in YEARS:
        factor_year = "2021" if year < "2022" else "2022"
        factor = fact("grid-co2-cn-national-fossil", factor_year)
        green, printed = fact("company-green-electricity", year), fact("company-avoided-emissions", year) / 1e4
        found.append(Avoided(year, green, factor, green * factor / 1e4, printed, 1 if year == "2021" else 2))
    return found


# The consumption that the published intensity implies ----------------------------------------------------------------


@dataclass(frozen=True)
class Implied:
    """AC consumption [MWh/t] that an intensity implies: lowest and highest over the open inputs."""

    year: str
    intensity: float
    low: float
    high: float

    @property
    def plausible(self) -> bool:
        """Whether the band overlaps the range of real cell lines."""
        return self.low <= PLAUSIBLE_AC[1] and self.high >= PLAUSIBLE_AC[0]

    @property
    def beyond(self) -> float:
        """How far the band reaches above that range [MWh/t]."""
        return max(self.high - PLAUSIBLE_AC[1], 0.0)


@cache
def own_coal_factor() -> float:
    """Direct CO2 of own coal power used in electrolysis [tCO2/MWh of AC]."""
    found = footprint("primary-captive-coal", boundary="scope-1-2", steps=("electrolysis",))
    power = at(found.table["electrolysis", "electricity"], 0) / activity(found, "electrolysis")
    return power / ac_consumption(found)


def ac_consumption(found: Footprint) -> float:
    """AC consumption of the electrolysis step [MWh per t of liquid metal]."""
    smelter = next(i for i, node in enumerate(found.system.nodes) if node.process.id == "electrolysis")
    power = next(
        link for link in found.system.nodes[smelter].links
        if link.kind == "input" and found.system.nodes[int(link.target)].process.id == "electricity"
    )  # fmt: skip
    return at(power.amount, 0) / 3.6e6  # J per kg are MJ per t; 3,600 MJ are one MWh


@cache
def anode_co2() -> float:
    """Process CO2 of electrolysis [tCO2 per t of liquid metal]."""
    found = footprint("primary-shandong", boundary="scope-1-2", steps=("electrolysis",))
    return at(found.table["electrolysis", "process-co2"], 0) / activity(found, "electrolysis")


def implied_consumption() -> list[Implied]:
    """Band over output, PFC, and how much of the purchased electricity goes into electrolysis (none of it … all of it).

    AC = ((I − D) − purchased) ÷ own-coal factor + purchased ÷ grid factor + green ÷ output, all per t of aluminium.
    """
    found = []
    for year in YEARS:
        intensity = fact("company-intensity-aluminium", year)
        purchased_total = fact("company-scope-2", year) / 1e6
        grid = fact("grid-co2-cn-shandong", year)
        values = []
        for output, pfc, share in itertools.product(ASSUMED_OUTPUT, PFC_RANGE, (0.0, 1.0)):
            power = intensity - anode_co2() - pfc
            purchased = share * purchased_total / output
            green = fact("company-green-electricity", year) / 1e6 / output
            values.append((power - purchased) / own_coal_factor() + purchased / grid + green)
        found.append(Implied(year, intensity, min(values), max(values)))
    return found


# Products ------------------------------------------------------------------------------------------------------------


def hqalight_boundaries() -> dict[str, float]:
    """HQALight [tCO2e/t] on three boundaries, never to be mixed."""
    step = {"steps": ("electrolysis",)}
    return {
        "Scope 1 and 2 of electrolysis": total("hqalight", boundary="scope-1-2", **step),
        "Electrolysis gate to gate, life-cycle power, no T&D": total("hqalight", boundary="gate-to-gate", td="none", **step),
        "Electrolysis gate to gate, life-cycle power, official T&D": total("hqalight", boundary="gate-to-gate", **step),
        "Cradle to gate": total("hqalight"),
    }


def disclosed_charges() -> list[tuple[str, float]]:
    """Every charge of the study with its total [tCO2e/t], nearest to the disclosed figure first."""
    found = []
    for run in read_runs(datasets_path() / "studies" / "a356.2-disclosed.yaml").runs:
        product_id, method, settings = read_run(catalogue(), run)
        found.append((str(run["label"]), at(calculate(catalogue(), product_id, method, settings).total, 0)))
    return sorted(found, key=lambda item: abs(item[1] - DISCLOSED_A3562))


def ruc_saving() -> tuple[float, float]:
    """(DC saving passed on [kWh/t], footprint saved by 600 kWh [tCO2e/t]) on the Yunnan site's mix."""
    without, with_it = footprint("primary-yunnan", "dc_saving=0kWh/t"), footprint("primary-yunnan", "dc_saving=600kWh/t")
    efficiency = at(with_it.system.own.values["rectifier_efficiency"], 0)
    saved = (ac_consumption(without) - ac_consumption(with_it)) * 1000 * efficiency
    return saved, at(without.total, 0) - at(with_it.total, 0)
