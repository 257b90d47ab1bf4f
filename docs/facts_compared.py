"""Stages and build-ups of other publications beside those of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from facts_company import (
    activity,
    catalogue,
    fact,
    footprint,
    step_total,
    total,
)

from pcf.engine import Footprint, at, calculate, leaves
from pcf.model import Method, read_request

STAGE_LIMIT = 0.15


# Stages --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Compared:
    """A stage of this engine beside a published value; `high` where a range is published."""

    what: str
    ours: float
    low: float
    high: float
    reason: str = ""
    remark: str = ""

    @property
    def deviation(self) -> float:
        """Relative distance from the value, or from the nearer end of the range; 0 inside it."""
        if self.low <= self.ours <= self.high:
            return 0.0
        end = self.low if self.ours < self.low else self.high
        return self.ours / end - 1

    @property
    def holds(self) -> bool:
        """Whether it is inside the range or within 15 %."""
        return abs(self.deviation) <= STAGE_LIMIT


def _row(found: Footprint, stage: str | None, source: str | None = None) -> float:
    return sum(
        at(value, 0) for (row, column), value in found.table.items()
        if stage in (None, row) and (column == source or (source is None and column != "transport"))
    )  # fmt: skip


def _parts(found: Footprint, stage: str) -> str:
    """What a stage of ours consists of, for a build-up that does not list its inputs."""
    parts = {source: at(value, 0) for (row, source), value in found.table.items() if row == stage and source != "transport"}
    shown = ", ".join(
        f"{source} {value:.2f}" for source, value in sorted(parts.items(), key=lambda item: -item[1]) if value > 0.005
    )
    return f"the build-up does not list its inputs; here: {shown}"


def _fluoride(found: Footprint) -> float:
    return sum(at(leaf.value, 0) for leaf in leaves(found.system, found.solution) if leaf.link.target == "aluminium-fluoride")


def survey_ranges() -> Iterator[Compared]:
    """The IAI survey of 2019: lowest and highest of the world's plants, per t of the stage's own product."""
    shandong = footprint("primary-shandong")
    for name, ours in (
        ("mining", _row(footprint("alumina"), "bauxite") / at(footprint("alumina").system.own.values["bauxite_dry_imported"], 0)),
        ("refining", _row(footprint("alumina"), "alumina")),
        ("anode", total("anode")),
        ("electrolysis", _row(shandong, "electrolysis")),
        ("casting", _row(shandong, "casting")),
        ("cradle-to-gate", at(shandong.total, 0)),
    ):
        low, high = fact(f"benchmark-iai2019-range-{name}-min"), fact(f"benchmark-iai2019-range-{name}-max")
        yield Compared(f"{name}, plants of the world, 2019", ours, low, high)


def _series(what: str, ours: float, factor_id: str, years: Sequence[str], reason: str = "") -> Compared:
    """A figure published for several years: a range, with the distance from its first and last year beside it."""
    values = {year: fact(factor_id, year) for year in years}
    shown = "; ".join(
        f"{100 * (ours / values[year] - 1):+.0f} % from {values[year]:g} in {year}" for year in (years[0], years[-1])
    )
    return Compared(what, ours, min(values.values()), max(values.values()), reason, shown)


def published_values() -> Iterator[Compared]:
    """Single published figures, each on the boundary at which it was published."""
    mining = _row(footprint("primary-yunnan"), "bauxite")
    yield Compared(
        "bauxite mining, world, per t Al (CRU 2023)", mining, *[fact("benchmark-cru-bauxite-mining")] * 2,
        "59 MJ of diesel per t of ore (five Chinese data sets) here; haulage from the mine is booked as transport",
    )  # fmt: skip
    yield Compared(
        "bauxite ocean freight, world, per t Al (CRU 2023)", sea_freight(), *[fact("benchmark-cru-bauxite-ocean-freight")] * 2,
        "the modelled plant ships nearly all its ore from Guinea, 20,940 km; the world average includes ore that is never shipped",
    )  # fmt: skip
    alumina = step_total("alumina", "alumina-bayer", boundary="scope-1-2")
    fuel = (
        "the catalogue's fuel demand is a Chinese mean of 2017 to 2019, and its boilers burn out better than the guideline's 93 %"
    )
    yield _series("alumina, scope 1 and 2, the group", alumina, "benchmark-hongqiao-alumina-s12", ("2023", "2024"), fuel)
    yield _series("alumina, scope 1 and 2 (CO2), Chalco", alumina, "benchmark-chalco-alumina", ("2022", "2023", "2024"), fuel)
    group = step_total("primary-group", "electrolysis", boundary="scope-1-2")
    mix = "the mix of power behind it; see what the inputs take from the report, above"
    yield _series("electrolysis, scope 1 and 2, the group's mix", group, "benchmark-hongqiao-al-s12", ("2023", "2024"), mix)
    yield _series("electrolysis, scope 1 and 2 (CO2), Chalco", group, "benchmark-chalco-al", ("2022", "2023", "2024"), mix)
    yield Compared(
        "smelter, scope 1 and 2, world (CRU 2023), beside the group's electrolysis", group,
        *[fact("benchmark-cru-smelter-s12-world")] * 2, "another mix of power",
    )  # fmt: skip
    yield Compared(
        "primary metal, smelter with upstream, world (CRU 2023), beside the group's mean ingot", total("primary-group"),
        *[fact("benchmark-cru-total-s12-upstream-s3-world")] * 2, "the world's smelters use more hydropower than this group",
    )  # fmt: skip
    yield Compared(
        "electrolysis with power, China's industry (analyst, 2023), on the national average, gate to gate",
        step_total("primary-shandong", "electrolysis", grid_mix="national", boundary="gate-to-gate"),
        fact_range("benchmark-cn-ets-electrolysis-benchmark-estimate")[0],
        fact_range("benchmark-cn-ets-electrolysis-benchmark-estimate")[1],
        "a power factor of 0.5703 and about 13,490 kWh/t are behind the estimate",
    )  # fmt: skip
    yield Compared(
        "electrolysis on hydropower, China, gate to gate (literature list, 2020), without delivery of the power",
        step_total("hqalight", "electrolysis", boundary="gate-to-gate", td="none"),
        *[fact("benchmark-hydro-electrolysis-gate-cn")] * 2,
    )  # fmt: skip
    yield Compared(
        "scope 2 of a Yunnan smelter (2023)", _power("primary-yunnan"), *[fact("benchmark-yunnan-smelter-s2")] * 2,
        "20 % of the site's power is plain grid at the official provincial CO2 factor; the press figure has no inputs",
    )  # fmt: skip
    yield Compared(
        "power of a northern smelter, direct CO2 (press 2023: more than 11), own coal power here", _power("primary-captive-coal"),
        *[fact("benchmark-north-china-smelter-s2")] * 2,
    )  # fmt: skip
    yield Compared(
        "recycled ingot, cut-off: securities note 0.5, China 2020 0.845, UK closed loop (cans and foil) 0.995", total("hqaloop"),
        fact("benchmark-recycled-generic"), fact("aluminium-cans-foil-closed-loop-gb") / 1000,
    )  # fmt: skip


def fact_range(factor_id: str) -> tuple[float, float]:
    """The published range of a factor row in its own unit."""
    rows = catalogue().factors[factor_id]
    quantity = rows[max(rows)].quantity
    spread = quantity.uncertainty or {}
    return float(spread["low"]) / quantity.scale, float(spread["high"]) / quantity.scale


def _power(product: str) -> float:
    """Direct CO2 of the power used in electrolysis [t per t of liquid metal]."""
    found = footprint(product, boundary="scope-1-2", steps=("electrolysis",))
    return _row(found, "electrolysis", "electricity") / activity(found, "electrolysis")


def sea_freight() -> float:
    """Sea freight of bauxite [tCO2e per t of aluminium]: alumina's share times alumina per t."""
    found = footprint("primary-yunnan")
    sea = next(i for i, node in enumerate(found.system.nodes) if node.process.id == "transport-sea-bulk")
    return at(found.solution.activity[sea], 0) * at(found.solution.intensity[sea], 0)


@dataclass(frozen=True)
class BuildUp:
    """A build-up made by hand from single factors, and how its premises are set here."""

    case: str
    product: str
    grid_mix: str = ""
    texts: tuple[str, ...] = ()
    grid_factor: float | None = None
    title: str = ""


WORLD_2015 = (
    "alumina_input=1928kg/t", "anode_net=0.463t/t", "alf3_input=16.7kg/t", "dc_electricity=14210kWh/t", "rectifier_efficiency=1",
    "auxiliary_electricity=0kWh/t", "cf4_default=0.0741kg/t", "c2f6_default=0.00425kg/t", "liquid_metal_input=1000kg/t",
    "ingot_gas=832MJ/t", "ingot_oil=72MJ/t", "ingot_electricity=53kWh/t", "bauxite_dry_imported=2847kg/t", "naoh_input=73kg/t",
    "lime_input=32kg/t", "alumina_electricity=218kWh/t", "alumina_fuel_energy=12312MJ/t",
    "alumina_fuel=coal:0.6956,gas:0.2142,oil:0.0902", "pitch_input=155kg/t", "anode_electricity=110kWh/t",
)  # fmt: skip
"""World column of 2015 (European Aluminium's profile report of 2018) as settings; oil with diesel."""

BUILD_UPS = (
    BuildUp("cn-captive-coal", "primary-captive-coal", title="primary-captive-coal"),
    BuildUp("cn-national", "primary-shandong", "national", title="primary-shandong with --grid-mix national"),
    BuildUp("hydro-contract", "hqalight", title="hqalight"),
    BuildUp(
        "world-2015", "primary-shandong", "national", WORLD_2015, 0.65,
        "primary-shandong with the world's unit processes of 2015 and power at 0.65 kgCO2e/kWh",
    ),
    BuildUp(
        "yunnan-location", "primary-yunnan", "national", (), 0.1333,
        "primary-yunnan with power at Yunnan's direct CO2 factor, 0.1333 (arithmetic alone: no result mixes the two series)",
    ),
)  # fmt: skip


def build_up_footprint(case: BuildUp) -> Footprint:
    """The engine's footprint under the premises of a build-up."""
    method = Method()
    product_id, settings = read_request(catalogue(), case.product, method, case.texts, case.grid_mix)
    if case.grid_factor is not None:
        settings = replace(settings, factors={"electricity-cn-national": case.grid_factor / 3.6e6})
    return calculate(catalogue(), product_id, method, settings)


def build_up(case: BuildUp) -> Iterator[Compared]:
    """A build-up made by hand from single factors, beside the engine's stages, per t of ingot."""
    found = build_up_footprint(case)
    ours = {
        "mining": _row(found, "bauxite"),
        "refining": _row(found, "alumina"),
        "anode": _row(found, "anode"),
        "electricity": _row(found, "electrolysis", "electricity"),
        "process-co2": _row(found, "electrolysis", "process-co2"),
        "pfc": _row(found, "electrolysis", "pfc"),
        "alf3": _fluoride(found),
        "casting": _row(found, "casting"),
        "transport": _row(found, None, "transport"),
        "total": at(found.total, 0),
    }
    stages = {"mining": "bauxite", "refining": "alumina", "anode": "anode", "casting": "casting"}
    for stage, value in ours.items():
        reason = (
            _parts(found, stages[stage])
            if stage in stages
            else "other freight"
            if stage == "transport"
            else "the sum of the above"
        )
        published = fact(f"benchmark-buildup-{case.case}-{stage}") / 1000
        yield Compared(stage, value, published, published, reason)


CAUSES = (
    ("alumina fuel energy 11.0 GJ/t; 9.0 GJ/t is the middle of what the build-up calls usual", "alumina_fuel_energy=9000MJ/t"),
    ("caustic soda 117 kg/t of diasporic ore; 62 kg/t for gibbsitic imported ore", "naoh_input=62kg/t"),
    ("lime 81 kg/t; 32 kg/t for gibbsitic imported ore", "lime_input=32kg/t"),
    ("bauxite 2.8 t/t of imported ore; 2.42 t/t of domestic ore", "bauxite_dry_imported=2420kg/t"),
    ("mine methane of underground coal, 6.26 kg/t; open pit 1.11 kg/t", "coal_mine=open_pit"),
    ("oxidation of coal in the refinery's boilers 0.98; 0.93 of the guideline", "coal_of=0.93"),
    ("AC 13,562 kWh/t; 13,400 kWh/t", "auxiliary_electricity=180.4kWh/t"),
    ("melt loss 0.8 %; none", "liquid_metal_input=1000kg/t"),
)
"""What makes the captive case higher than its build-up: our value against another, and the setting that exchanges it."""


def captive_causes() -> list[tuple[str, float]]:
    """Each cause alone, by how much it raises the captive footprint [tCO2e/t]; then what the anode's kiln adds."""
    ours = total("primary-captive-coal")
    found = [(what, ours - total("primary-captive-coal", text)) for what, text in CAUSES]
    kiln = _row(footprint("primary-captive-coal"), "anode", "process-co2")
    return [*found, ("CO2 of coke calcination, pitch volatiles and packing coke, which the build-up does not list", kiln)]
