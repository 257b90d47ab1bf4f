"""Compares the engine with published facts and writes docs/facts.md; run it from the checkout after a change of data.

Nothing here feeds back into the data: a fact that does not come out is shown with its distance and the reason.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pcf.catalogue import Catalogue, open_catalogue, read_runs
from pcf.engine import Footprint, at, calculate, leaves
from pcf.model import Method, read_request, read_run
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


@cache
def own_coal_factor() -> float:
    """Direct CO2 of own coal power used in electrolysis [tCO2/MWh of AC]."""
    found = footprint("primary-captive-coal", boundary="scope-1-2", steps=("electrolysis",))
    power = at(found.table["electrolysis", "electricity"], 0)
    return power / ac_consumption(found)


def ac_consumption(found: Footprint) -> float:
    """AC consumption of the electrolysis step [MWh/t]."""
    smelter = next(i for i, node in enumerate(found.system.nodes) if node.process.id == "electrolysis")
    power = next(
        link for link in found.system.nodes[smelter].links
        if link.kind == "input" and found.system.nodes[int(link.target)].process.id == "electricity"
    )  # fmt: skip
    return at(power.amount, 0) / 3.6e6  # J per kg are MJ per t; 3,600 MJ are one MWh


@cache
def anode_co2() -> float:
    """Process CO2 of electrolysis [tCO2/t]."""
    return at(
        footprint("primary-shandong", boundary="scope-1-2", steps=("electrolysis",)).table["electrolysis", "process-co2"], 0
    )


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


def published_values() -> Iterator[Compared]:
    """Single published figures on the boundary at which they were published."""

    def step(product: str, process: str, **choices: object) -> float:
        return total(product, boundary="scope-1-2", steps=(process,), **choices)

    mining = _row(footprint("primary-yunnan"), "bauxite")
    yield Compared(
        "bauxite mining, world, per t Al (CRU 2023)", mining, *[fact("benchmark-cru-bauxite-mining")] * 2,
        "59 MJ of diesel per t of ore (five Chinese data sets) here; haulage from the mine is booked as transport",
    )  # fmt: skip
    sea = sea_freight()
    yield Compared(
        "bauxite ocean freight, world, per t Al (CRU 2023)", sea, *[fact("benchmark-cru-bauxite-ocean-freight")] * 2,
        "the modelled plant ships nearly all its ore from Guinea, 20,940 km; the world average includes ore that is never shipped",
    )  # fmt: skip
    group = [fact("benchmark-hongqiao-alumina-s12", year) for year in ("2023", "2024")]
    yield Compared(
        "alumina, scope 1 and 2, the group (2023–2024)", step("alumina", "alumina-bayer"), min(group), max(group),
        "the catalogue's fuel demand is a Chinese mean of 2017–2019, not the group's",
    )  # fmt: skip
    chalco = [fact("benchmark-chalco-alumina", year) for year in ("2022", "2023", "2024")]
    yield Compared("alumina, scope 1 and 2 (CO2), Chalco (2022–2024)", step("alumina", "alumina-bayer"), min(chalco), max(chalco))
    hongqiao = [fact("benchmark-hongqiao-al-s12", year) for year in ("2023", "2024")]
    yield Compared(
        "electrolysis, scope 1 and 2, the group's mix (2023–2024)", step("primary-group", "electrolysis"),
        min(hongqiao), max(hongqiao),
    )  # fmt: skip
    yield Compared("scope 2 of a Yunnan smelter (2023)", _row(
        footprint("primary-yunnan", boundary="scope-1-2", steps=("electrolysis",)), "electrolysis", "electricity"
    ), *[fact("benchmark-yunnan-smelter-s2")] * 2,
        "20 % of the site's power is plain grid at the official provincial CO2 factor; the press figure has no inputs",
    )  # fmt: skip


def sea_freight() -> float:
    """Sea freight of bauxite [tCO2e per t of aluminium]: alumina's share times alumina per t."""
    found = footprint("primary-yunnan")
    sea = next(i for i, node in enumerate(found.system.nodes) if node.process.id == "transport-sea-bulk")
    return at(found.solution.activity[sea], 0) * at(found.solution.intensity[sea], 0)


BUILD_UPS = (
    ("cn-captive-coal", "primary-captive-coal", ""),
    ("cn-national", "primary-shandong", "national"),
    ("hydro-contract", "hqalight", ""),
)


def build_up(case: str, product: str, grid_mix: str) -> Iterator[Compared]:
    """A build-up made by hand from single factors, beside the engine's stages, per t of ingot."""
    found = footprint(product, grid_mix=grid_mix)
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
    }
    stages = {"mining": "bauxite", "refining": "alumina", "anode": "anode", "casting": "casting"}
    for stage, value in ours.items():
        reason = _parts(found, stages[stage]) if stage in stages else ""
        published = fact(f"benchmark-buildup-{case}-{stage}") / 1000
        yield Compared(stage, value, published, published, reason)


# The page ------------------------------------------------------------------------------------------------------------


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    aligned = ["---"] + ["---:"] * (len(headings) - 1)
    return [f"| {' | '.join(row)} |" for row in (headings, aligned, *rows)] + [""]


def _compared(items: Sequence[Compared]) -> list[str]:
    rows = []
    for item in items:
        published = f"{item.low:.3f}" if item.low == item.high else f"{item.low:g} to {item.high:g}"
        verdict = "yes" if item.holds else f"no, {100 * item.deviation:+.0f} %: {item.reason}"
        rows.append((item.what, f"{item.ours:.3f}", published, verdict))
    return _table(("stage", "engine, tCO2e/t", "published, tCO2e/t", "within 15 % or in the range"), rows)


def render() -> str:
    """The whole page."""
    lines = [
        "# Published facts, and what the engine makes of them",
        "",
        "This page is written by `docs/make_facts.py` and kept true by a test. The figures on the published side are",
        "company statements or literature, stored in `datasets/factors/company.csv` and `benchmarks.csv`; none of them is an",
        "input of a footprint, and nothing was tuned to meet them. Where a fact does not come out, the distance is shown.",
        "All values are GWP100 of AR6 unless a line says otherwise.",
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
        "The report gives scope 1 and 2 per tonne of electrolytic aluminium, but neither output nor consumption. **Without a",
        (
            "cited output volume the consumption is not evaluated.** If the output is assumed between "
            f"{ASSUMED_OUTPUT[0]} and {ASSUMED_OUTPUT[1]} Mt a"
        ),
        f"year, PFC between {PFC_RANGE[0]} and {PFC_RANGE[1]} tCO2e/t, and between none and all of the group's purchased power goes into",
        f"electrolysis, then with anode CO2 of {anode_co2():.2f} t/t and own coal power at {own_coal_factor():.3f} tCO2/MWh:",
        "",
        *_table(
            (
                "year",
                "published, tCO2e/t",
                "implied AC, MWh/t",
                f"overlaps {PLAUSIBLE_AC[0]} to {PLAUSIBLE_AC[1]}",
                "distance of the middle",
            ),
            [
                (
                    i.year,
                    f"{i.intensity:.2f}",
                    f"{i.low:.1f} to {i.high:.1f}",
                    "yes" if i.plausible else "no",
                    f"{(i.low + i.high) / 2 - sum(PLAUSIBLE_AC) / 2:+.1f} MWh/t",
                )
                for i in implied_consumption()
            ],
        ),
        "2022 to 2024 are possible at any of these inputs. For 2020 the band touches the range only at its lower end: about one",
        "MWh/t stays unexplained. The oldest official provincial factor is that of 2021, and whether the organisational boundary",
        "or the plants' own consumption changed after 2020 is not published; no input was changed to close the gap.",
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
        f"material; these charges of `datasets/studies/a356.2-disclosed.yaml` come within {100 * NEAR:.0f} % of it. Several do, so none is",
        "shown to be the right one:",
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
    lines += [
        (
            f"The other {len(charges) - len(near)} of {len(charges)} charges lie between "
            f"{min(value for _, value in charges):.2f} and {max(value for _, value in charges):.2f}."
        ),
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
    for case, product, grid_mix in BUILD_UPS:
        lines += [f"### {case}: {product}{f' with --grid-mix {grid_mix}' if grid_mix else ''}", ""]
        lines += _compared(list(build_up(case, product, grid_mix)))
    return "\n".join(lines)


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
