"""Compares the engine with published facts and writes docs/facts.md; run it from the checkout after a change of data.

Nothing here feeds back into the data: a fact that does not come out is shown with its distance and the reason.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pcf.catalogue import Catalogue, open_catalogue, read_runs
from pcf.engine import Footprint, at, calculate, leaves
from pcf.model import Method, highest_content, read_request, read_run
from pcf.resources import datasets_path

PAGE = Path(__file__).parent / "facts.md"
PLAUSIBLE_AC = (12.6, 13.9)  # MWh per t: the range of AC consumption that the implied value has to overlap
ASSUMED_OUTPUT = (5.5, 6.6)  # Mt of aluminium a year; no output volume is in the report
PFC_RANGE = (0.15, 0.30)  # tCO2e per t of aluminium, cells of today
DISCLOSED_A3562 = 4.72
NEAR = 0.05
STAGE_LIMIT = 0.15
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


# The page ------------------------------------------------------------------------------------------------------------


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    aligned = ["---"] + ["---:"] * (len(headings) - 1)
    return [f"| {' | '.join(row)} |" for row in (headings, aligned, *rows)] + [""]


def _compared(items: Sequence[Compared]) -> list[str]:
    rows = []
    for item in items:
        published = f"{item.low:.3f}" if item.low == item.high else f"{item.low:.4g} to {item.high:.4g}"
        verdict = "yes" if item.holds else f"no, {100 * item.deviation:+.0f} %: {item.reason}"
        verdict += f" ({item.remark})" if item.remark else ""
        rows.append((item.what, f"{item.ours:.3f}", published, verdict))
    return _table(("stage", "engine, tCO2e/t", "published, tCO2e/t", "within 15 % of the nearer end, or in the range"), rows)


def render() -> str:
    """The whole page."""
    lines = [
        "# Published facts, and what the engine makes of them",
        "",
        "This page is written by `docs/make_facts.py` and kept true by a test. The figures on the published side are",
        "company statements or literature, stored in `datasets/factors/company.csv` and `benchmarks.csv`. Nothing was tuned to meet",
        "them; where a fact does not come out, the distance is shown. All values are GWP100 of AR6 unless a line says otherwise.",
        "",
        "**What the inputs take from the same report.** No emission figure is an input, but these are derived from the company's",
        "report: the electricity of the Shandong sites (0.57 own coal, 0.41 grid, 0.02 photovoltaics, from shares of its emissions),",
        "the 80 % of contract hydropower in Yunnan, the group's mix of sites (0.23 Yunnan, from output and capacity), and the shares of",
        "scrap and ingot in A356.2 and can stock. So a comparison of the group's electrolysis with its own published intensity is",
        "partly circular: it tests the cell line and the coal plant, not the mix.",
        "",
        "## Avoided emissions of green electricity",
        "",
        "Green electricity times the official CO2 factor of China's fossil power (2021's factor for 2020 and 2021, 2022's",
        "from then on). A displacement figure: it is never netted from a footprint.",
        "",
        *_table(
            ("year", "green electricity, MWh", "factor, tCO2/MWh", "computed, 10^4 t", "printed, 10^4 t", "same digits"),
            [
                (
                    a.year,
                    f"{a.green:,.2f}",
                    f"{a.factor:.4f}",
                    f"{a.computed:.{a.decimals}f}",
                    f"{a.printed:.{a.decimals}f}",
                    "yes" if a.matches else "no",
                )
                for a in avoided_emissions()
            ],
        ),
        "## The electricity that the published intensity implies",
        "",
        "The report gives scope 1 and 2 per tonne of electrolytic aluminium, but neither output nor consumption, and no cited output",
        "volume is at hand. **The implied consumption is therefore not evaluated, in any year.** What can be said is conditional: if",
        f"output were between {ASSUMED_OUTPUT[0]} and {ASSUMED_OUTPUT[1]} Mt a year, PFC between {PFC_RANGE[0]} and {PFC_RANGE[1]} tCO2e/t, and if between none and all",
        f"of the group's purchased power went into electrolysis, then with anode CO2 of {anode_co2():.3f} t/t and own coal power at",
        f"{own_coal_factor():.3f} tCO2/MWh the intensity would imply:",
        "",
        *_table(
            (
                "year",
                "published, tCO2e/t",
                "implied AC if so, MWh/t",
                f"would overlap {PLAUSIBLE_AC[0]} to {PLAUSIBLE_AC[1]}",
                "reaches above it by, MWh/t",
                "verdict",
            ),
            [
                (
                    i.year,
                    f"{i.intensity:.2f}",
                    f"{i.low:.1f} to {i.high:.1f}",
                    "yes" if i.plausible else "no",
                    f"{i.beyond:.1f}",
                    "not evaluated",
                )
                for i in implied_consumption()
            ],
        ),
        "Every band overlaps the range of real cell lines, and every band but one year's reaches well beyond it: only some of the",
        "inputs are possible together. For 2020 the overlap is at the lower end alone: with any middle value about one MWh/t stays",
        "unexplained. The oldest official provincial factor is that of 2021, and whether the organisational boundary or the plants'",
        "own consumption changed after 2020 is not published; no input was changed to close the gap.",
        "",
        "## HQALight below 1.83",
        "",
        "The published claim has no published boundary. On four boundaries the engine gives:",
        "",
        *_table(("boundary", "tCO2e/t"), [(name, f"{value:.2f}") for name, value in hqalight_boundaries().items()]),
        "Only scope 1 and 2 of electrolysis agrees with the claim. The engine does not call that a cradle-to-gate footprint.",
        "",
        "## A356.2 at 4.72",
        "",
        f'The default follows the modelled site: **{total("a356.2"):.2f} tCO2e/t**. Published is one figure with "nearly 75 %" recycled raw',
        "material. `datasets/studies/a356.2-disclosed.yaml` crosses what is not published: power of the primary metal (4), origin of the",
        "silicon (3), silicon in the scrap (2), and pre-consumer share with its burden (7; burdens are published figures for primary",
        "metal, Europe 2015 6.8 and China 2020 15.947).",
        "",
        f"These charges come within {100 * NEAR:.0f} % of the figure. Several do, so none is shown to be the right one:",
        "",
    ]
    charges = disclosed_charges()
    near = [item for item in charges if abs(item[1] / DISCLOSED_A3562 - 1) <= NEAR]
    lines += _table(
        ("charge", "tCO2e/t", "from 4.72"),
        [(label, f"{value:.2f}", f"{100 * (value / DISCLOSED_A3562 - 1):+.1f} %") for label, value in near],
    )
    cut_off, co_product = total("hqaloop"), total("hqaloop", scrap="co-product")
    primary = total("primary-shandong")
    saved, lower = ruc_saving()
    charge = next(iter(footprint("a356.2").system.charges.values()))
    iron, highest = at(charge.composition["Fe"], 0), highest_content(charge.data)
    assert highest is not None
    lines += [
        (
            f"The other {len(charges) - len(near)} of {len(charges)} charges lie between "
            f"{min(value for _, value in charges):.2f} and {max(value for _, value in charges):.2f}."
        ),
        "",
        f"None of this says that the charge is possible. Iron of the default charge comes to {100 * iron:.3f} %, limit 0.120 %: with wheel",
        f"scrap of 0.115 % iron the highest recycled content that meets the alloy is {100 * highest[0]:.0f} %. At 75 % the scrap or the primary metal has to",
        "be lower in iron than assumed here.",
        "",
        "## HQALoop",
        "",
        f'Under cut-off {cut_off:.2f} tCO2e/t; with pre-consumer scrap carrying the burden of its metal {co_product:.2f}. "More than',
        f'85 % less than primary" is a cut-off statement: against the Shandong primary metal ({primary:.2f}) the difference is',
        f"{100 * (1 - cut_off / primary):.0f} % under cut-off and {100 * (1 - co_product / primary):.0f} % under co-product.",
        "",
        "## The copper-carbon cathode's 600 kWh",
        "",
        f"`--set dc_saving=600kWh/t` lowers the DC consumption by {saved:.0f} kWh/t, and the Yunnan site's footprint by {lower:.2f} tCO2e/t.",
        "",
        "## Stages beside published values",
        "",
        "Ranges of the International Aluminium Institute's survey, per tonne of the stage's product:",
        "",
        *_compared(list(survey_ranges())),
        "Single figures, each on its own boundary:",
        "",
        *_compared(list(published_values())),
        "Build-ups by hand from single factors, per tonne of ingot (a check of the order of size; derived, not measured):",
        "",
    ]
    for case in BUILD_UPS:
        lines += [f"### {case.case}: {case.title}", ""]
        lines += _compared(list(build_up(case)))
    ours, published = total("primary-captive-coal"), fact("benchmark-buildup-cn-captive-coal-total") / 1000
    lines += [
        f"### Why the captive case is {ours:.1f} and not {published:.1f}",
        "",
        f"The build-up for own coal power comes to {published:.2f} tCO2e/t, the engine to {ours:.2f}. The build-up lists no inputs; these choices,",
        "each exchanged alone, account for more than the difference, since they overlap:",
        "",
        *_table(("cause: here; other value", "tCO2e/t"), [(what, f"{value:+.2f}") for what, value in captive_causes()]),
        f"The power itself is {own_coal_factor():.3f} t/MWh of direct CO2 plus coal upstream here, 0.924 life-cycle in the build-up. Ore of 2.8 t/t with",
        "117 kg of caustic soda is on the high side twice: the mass belongs to gibbsitic imported ore, the caustic to diasporic domestic",
        "ore. Both stand until a refinery shows its own figures.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
