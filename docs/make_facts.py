"""Compares the engine with published facts and writes docs/facts.md; run it from the checkout after a change of data.

Nothing here feeds back into the data: a fact that does not come out is shown with its distance and the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from facts_company import (
    ASSUMED_OUTPUT,
    DISCLOSED_A3562,
    NEAR,
    PFC_RANGE,
    PLAUSIBLE_AC,
    anode_co2,
    avoided_emissions,
    disclosed_charges,
    fact,
    footprint,
    hqalight_boundaries,
    implied_consumption,
    own_coal_factor,
    ruc_saving,
    total,
)
from facts_compared import (
    BUILD_UPS,
    Compared,
    build_up,
    captive_causes,
    published_values,
    survey_ranges,
)

from pcf.engine import at
from pcf.model import highest_content

PAGE = Path(__file__).parent / "facts.md"


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
