"""The check list on a result (standards reference, A-01 …): pass, warn, fail or not evaluated, each with its reason.

The requirements are readings of summaries; no clause numbers are printed until the texts have been compared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pcf.catalogue import STAGES
from pcf.engine import Footprint, at
from pcf.methods.cutoff import assess_cut_off
from pcf.methods.quality import rate_quality
from pcf.methods.standing import rests_on_plant
from pcf.methods.years import calc_factor_years, find_other_years
from pcf.model import is_settled_on_average

PASS, WARN, FAIL, NOT_EVALUATED = "pass", "warn", "fail", "not evaluated"
PRIMARY_RULES, GENERAL_RULES = "GB/T 44905-2024", "GB/T 24067-2024"
PRIMARY_KINDS = ("primary", "intermediate")


@dataclass(frozen=True)
class Rule:
    """Origin of a check: `clause` stays empty until somebody has read it in the text; `clause_guess` says where it may stand."""

    mark: str
    clause_guess: str = ""
    clause: str = ""


RULES: Mapping[str, Rule] = {
    "A-01": Rule("transcribed", "scope"),
    "A-03": Rule("derived", "scope"),
    "A-08": Rule("transcribed", "declared unit"),
    "A-10": Rule("transcribed", "system boundary"),
    "A-11": Rule("transcribed", "cut-off criteria"),
    "A-12": Rule("transcribed", "data"),
    "A-13": Rule("transcribed", "data quality"),
    "A-15": Rule("transcribed", "data collection"),
    "A-16": Rule("transcribed", "life cycle inventory"),
    "A-17": Rule("transcribed", "impact assessment"),
    "A-18": Rule("transcribed", "interpretation"),
    "electricity": Rule("assumed", "electricity"),
    "factor-years": Rule("derived"),
    "pfc": Rule("derived", "emission sources"),
    "separate": Rule("assumed", "separately documented results"),
    "no-offsets": Rule("assumed", "quantification"),
    "allocation": Rule("assumed", "allocation"),
    "charge-feasible": Rule("derived"),
    "evidence": Rule("derived"),
}
"""Check → its origin, with the marks of a value's source: nothing here has been read in a standard's own text."""


@dataclass(frozen=True)
class Check:
    """One line of the check list; `key` names the sentence in the text catalogue, `fields` fills it."""

    id: str
    standard: str
    status: str
    key: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rule(self) -> Rule:
        """Where the check comes from."""
        return RULES[self.id]


@dataclass(frozen=True)
class Range:
    """Where 95 % of the draws of a result lie [tCO2e/t]; `draws` are those that count."""

    low: float
    high: float
    draws: int


def assess(footprint: Footprint, range_: Range | None = None) -> list[Check]:
    """Every check that applies to a footprint; `range_` is what an uncertainty analysis has found, where there is one."""
    standard = footprint.system.product.standard
    found = [
        _scope(footprint),
        _declared_unit(footprint, standard),
        _boundary(footprint, standard),
        _cut_off(footprint, standard),
        _data_class(footprint, standard),
        _data_quality(footprint, standard),
        _period(footprint, standard),
        _balances(footprint, standard),
        _gwp(footprint, standard),
        _interpretation(footprint, standard, range_),
        _electricity(footprint, standard),
        _years(footprint, standard),
        _pfc(footprint, standard),
        _separate(footprint, standard),
        Check("no-offsets", standard, PASS, "check.no-offsets"),
        _allocation(footprint, standard),
        _charge(footprint, standard),
        _assumed(footprint, standard),
    ]
    return [check for check in found if check is not None]


def _scope(footprint: Footprint) -> Check:
    product = footprint.system.product
    if product.standard == PRIMARY_RULES:
        fits = product.kind in PRIMARY_KINDS and not _soderberg(footprint)
        return Check("A-01", PRIMARY_RULES, PASS if fits else FAIL, "check.scope.primary" if fits else "check.scope.outside")
    key = "check.scope.general" if product.kind not in PRIMARY_KINDS else "check.scope.general-primary"
    return Check("A-03", GENERAL_RULES, PASS if product.kind not in PRIMARY_KINDS else WARN, key)


def _soderberg(footprint: Footprint) -> bool:
    """Whether metal of the chain comes from Söderberg cells."""
    return any(
        at(node.scope.values[f"cell_technology__{name}"], 0) > 0
        for node in footprint.system.nodes
        if "cell_technology" in node.process.shares
        for name in ("vss", "hss")
    )


def _declared_unit(footprint: Footprint, standard: str) -> Check:
    product = footprint.system.product
    fits = product.unit == "t" and product.amount == 1
    return Check(
        "A-08", standard, PASS if fits else FAIL, "check.declared-unit",
        {"amount": f"{product.amount:g}", "unit": product.unit},
    )  # fmt: skip


def _boundary(footprint: Footprint, standard: str) -> Check:
    boundary = footprint.system.method.boundary
    if boundary != "cradle-to-gate":
        return Check("A-10", standard, FAIL, "check.boundary.partial", {"boundary": boundary})
    present = {stage for (stage, _), value in footprint.table.items() if at(value, 0) != 0}
    absent = [stage for stage in STAGES if stage not in present]
    key = "check.boundary.zeros" if absent else "check.boundary.full"
    return Check("A-10", standard, PASS, key, {"stages": ", ".join(absent)})


def _cut_off(footprint: Footprint, standard: str) -> Check:
    found = assess_cut_off(footprint)
    fields = {
        "total": f"{100 * found.total:.2f}", "limit": f"{100 * found.limit:g}", "largest": found.largest,
        "share": f"{100 * found.largest_share:.2f}", "unknown": ", ".join(found.unknown),
    }  # fmt: skip
    if found.exceeded:
        return Check("A-11", standard, FAIL, "check.cut-off.exceeded", fields)
    if found.unknown:
        return Check("A-11", standard, NOT_EVALUATED, "check.cut-off.unknown", fields)
    return Check("A-11", standard, PASS, "check.cut-off.pass", fields)


def _data_class(footprint: Footprint, standard: str) -> Check:
    total = sum(footprint.evidence["data_class"].values())
    share = footprint.evidence["data_class"].get("primary", 0.0) / total if total else 0.0
    status = PASS if rests_on_plant(footprint.system) else FAIL
    key = "check.data-class.site" if status == PASS else "check.data-class.model"
    return Check("A-12", standard, status, key, {"share": f"{100 * share:.0f}"})


def _data_quality(footprint: Footprint, standard: str) -> Check:
    rating = rate_quality(footprint)
    fields = {name: f"{value:.1f}" for name, value in rating.scores.items()}
    parts = {"on_site": rating.on_site, "background": rating.background}
    fields |= {name: "–" if value is None else f"{value:.1f}" for name, value in parts.items()}
    return Check(
        "A-13", standard, WARN if rating.overall > 3 else PASS, "check.quality", {**fields, "overall": f"{rating.overall:.1f}"}
    )


def _period(footprint: Footprint, standard: str) -> Check:
    site = footprint.system.own.site
    if site is None or not rests_on_plant(footprint.system):
        return Check("A-15", standard, NOT_EVALUATED, "check.period.model")
    return Check("A-15", standard, PASS, "check.period.year", {"year": site.year})


def _balances(footprint: Footprint, standard: str) -> Check:
    if not rests_on_plant(footprint.system):
        return Check("A-16", standard, NOT_EVALUATED, "check.balances.model")
    return Check("A-16", standard, PASS, "check.balances.site")


def _gwp(footprint: Footprint, standard: str) -> Check:
    edition = footprint.system.method.gwp
    newest = max(footprint.system.catalogue.gwp)
    total = at(footprint.total, 0)
    fixed = at(footprint.gases.get("GHG, unspecified", (0.0, 0.0))[1], 0)
    fields = {"edition": edition, "share": f"{100 * fixed / total if total else 0:.0f}"}
    return Check("A-17", standard, PASS if edition == newest else WARN, "check.gwp", fields)


def _interpretation(footprint: Footprint, standard: str, range_: Range | None) -> Check:
    stages: dict[str, float] = {}
    for (stage, _), value in footprint.table.items():
        stages[stage] = stages.get(stage, 0.0) + at(value, 0)
    total = at(footprint.total, 0)
    largest = sorted(stages.items(), key=lambda item: -item[1])[:3]
    listed = ", ".join(f"{stage} {100 * value / total if total else 0:.0f} %" for stage, value in largest if value > 0)
    # Hot spots and sensitivity cases are there; uncertainty is not part of a single footprint.
    if range_ is None:
        return Check("A-18", standard, WARN, "check.interpretation", {"stages": listed})
    fields = {"stages": listed, "low": f"{range_.low:.2f}", "high": f"{range_.high:.2f}", "draws": f"{range_.draws:,}"}
    return Check("A-18", standard, PASS, "check.interpretation.range", fields)


def _electricity(footprint: Footprint, standard: str) -> Check | None:
    values = footprint.alternatives.get("electricity_basis")
    if not values:
        return None
    fields = {"contract": f"{values['contract']:.3f}", "location": f"{values['location']:.3f}"}
    scope = footprint.system.own
    if "grid_mix" in scope.used and at(scope.values["grid_mix__site"], 0) < 1:
        return Check("electricity", standard, WARN, "check.electricity.hypothetical", fields)
    if is_settled_on_average(scope):
        return Check("electricity", standard, WARN, "check.electricity.average", fields)
    contracts = any(
        at(scope.values[f"{group}__{option}"], 0) > 0
        for group in ("electricity_supply", "attributed_supply")
        if group in scope.used
        for option in footprint.system.catalogue.shares[group].options
        if option.startswith("contract_")
    )
    # The import of a plant's year refuses contract power above the certificates retired for it.
    unproven = contracts and not rests_on_plant(footprint.system) and footprint.system.method.electricity == "contract"
    key = "check.electricity.unproven" if unproven else "check.electricity"
    return Check("electricity", standard, WARN if unproven else PASS, key, fields)


def _years(footprint: Footprint, standard: str) -> Check:
    others = find_other_years(footprint)
    fields = {
        "year": footprint.system.method.factor_year or max(calc_factor_years(footprint).values(), default="–"),
        "others": ", ".join(f"{name} {year}" for name, year in others.items()),
    }
    return Check("factor-years", standard, WARN if others else PASS, "check.years.mixed" if others else "check.years", fields)


def _pfc(footprint: Footprint, standard: str) -> Check | None:
    gases = footprint.gases
    if at(gases.get("tetrafluoromethane", (0.0, 0.0))[1], 0) == 0:
        return None
    values = footprint.alternatives.get("low_voltage_pfc", {})
    fields = {
        "cf4": f"{1000 * at(gases['tetrafluoromethane'][0], 0):.4f}",
        "c2f6": f"{1000 * at(gases.get('hexafluoroethane', (0.0, 0.0))[0], 0):.4f}",
        "without": f"{values.get('excluded', 0):.3f}", "with_low": f"{values.get('included', 0):.3f}",
    }  # fmt: skip
    measured = any(
        node.process.id == "electrolysis" and at(node.scope.values["pfc_method__measured"], 0) > 0
        for node in footprint.system.nodes
        if "pfc_method" in node.process.shares
    )
    included = footprint.system.method.low_voltage_pfc == "included"
    key = "check.pfc.measured" if measured else "check.pfc"
    return Check("pfc", standard, PASS if measured or included else WARN, key, fields)


def _separate(footprint: Footprint, standard: str) -> Check:
    unspecified = at(footprint.gases.get("GHG, unspecified", (0.0, 0.0))[1], 0)
    key = "check.separate.partly" if unspecified > 0 else "check.separate.full"
    return Check("separate", standard, WARN if unspecified > 0 else PASS, key)


def _allocation(footprint: Footprint, standard: str) -> Check:
    method = footprint.system.method
    return Check("allocation", standard, PASS, "check.allocation", {"heat": method.heat, "co_products": method.co_products})


def _charge(footprint: Footprint, standard: str) -> Check | None:
    from pcf.model import highest_content

    charges = footprint.system.charges
    if not charges:
        return None
    if not any(charge.evaluated for charge in charges.values()):
        return Check("charge-feasible", standard, NOT_EVALUATED, "check.charge.open")
    failed = [charge for charge in charges.values() if charge.evaluated and not at(charge.feasible, 0)]
    if not failed:
        return Check("charge-feasible", standard, PASS, "check.charge.pass")
    charge = failed[0]
    element = max(charge.excess, key=lambda item: at(charge.excess[item], 0))
    limits = charge.data.elements[element]
    content = at(charge.composition[element], 0)
    above = content > limits.get("max", 1.0)
    limit = limits["max" if above else "min"]
    highest = highest_content(charge.data)
    fields = {
        "element": element, "content": f"{100 * content:.3f}", "limit": f"{100 * limit:.3f}",
        "highest": "0" if highest is None else f"{100 * highest[0]:.1f}",
    }  # fmt: skip
    key = "check.charge.none" if highest is None else "check.charge.fail" if above else "check.charge.low"
    return Check("charge-feasible", standard, FAIL, key, fields)


def _assumed(footprint: Footprint, standard: str) -> Check:
    shares = footprint.evidence["source_check"]
    total = sum(shares.values())
    share = shares.get("assumed", 0.0) / total if total else 0.0
    return Check("evidence", standard, WARN if share > 0 else PASS, "check.evidence", {"share": f"{100 * share:.0f}"})
