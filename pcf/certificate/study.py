"""What a study report needs of a footprint beside its document: names, unit processes, places, flow checklists, drivers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pcf.catalogue import UNSPECIFIED, Catalogue, metal_name
from pcf.certificate.texts import LANGUAGES
from pcf.engine import Footprint, at, calculate, leaves
from pcf.methods import Range, assess, document, rate_quality
from pcf.methods.basis import BALANCED, scope_label
from pcf.model import Method, Scope, Settings
from pcf.text import name_in, text

DRAWS, SEED = 4096, 0
"""Draws behind the interval of a report, and their seed: the same report each time."""

Names = Mapping[str, str]


@dataclass(frozen=True)
class Step:
    """A unit process in its place: how much of it a tonne of product needs [unit/t], and what it emits itself [tCO2e/t]."""

    name: Names
    place: str
    stage: str | None
    category: str | None
    amount: float
    unit: str
    emissions: float


@dataclass(frozen=True)
class Place:
    """A part of the chain with the site that describes it; `site` is None for processes that belong to none."""

    id: str
    site: Names | None
    geography: str
    year: int | None
    standing: str


@dataclass(frozen=True)
class Flow:
    """A line of a flow checklist; `estimate` is its effect on the result [tCO2e/t], None where nobody estimated it."""

    process: Names
    flow: str
    status: str
    estimate: float | None
    source_check: str
    note: str


@dataclass(frozen=True)
class Driver:
    """An uncertain input at its 5 % and 95 % quantile, and the result there [tCO2e/t]."""

    id: str
    name: Names
    unit: str
    value: float
    ends: tuple[float, float]
    results: tuple[float, float]
    elasticity: float
    source_check: str


@dataclass(frozen=True)
class Interval:
    """Where 95 % of the draws lie [tCO2e/t]; `infeasible` is the share whose charge misses a limit of its alloy [1]."""

    low: float
    median: float
    high: float
    inputs: int
    infeasible: float


@dataclass(frozen=True)
class Study:
    """Everything that a report says.

    Parameters
    ----------
    documents : mapping of language to mapping
        `pcf/footprint/1`; in each language, as checks are sentences.
    kind, product_standard, product_note, site_note : str
        Of the product and of its site; empty where there is none.
    titles : mapping of str to Names
        Names of the document's parameters and factors.
    potentials : mapping of str to float
        GWP100 of the gases of the result [kgCO2e/kg].
    on_site, background : float or None
        Mean data-quality score of what the own site emits and of the rest.
    """

    documents: Mapping[str, Mapping[str, Any]]
    kind: str
    product_standard: str
    product_note: str
    site_note: str
    titles: Mapping[str, Names]
    steps: tuple[Step, ...]
    places: tuple[Place, ...]
    flows: tuple[Flow, ...]
    potentials: Mapping[str, float]
    on_site: float | None
    background: float | None
    drivers: tuple[Driver, ...]
    interval: Interval | None

    @property
    def result(self) -> Mapping[str, Any]:
        """The document, for what is the same in every language."""
        return self.documents["en"]


def make_study(catalogue: Catalogue, product_id: str, method: Method | None = None, settings: Settings | None = None) -> Study:
    """Compute a product and gather what its report says.

    Raises
    ------
    InputError
        As `calculate`.
    """
    method, settings = method or Method(), settings or Settings()
    found = calculate(catalogue, product_id, method, settings)
    drivers, interval = _uncertainty(catalogue, product_id, method, settings)
    checks = assess(found, None if interval is None else Range(interval.low, interval.high, DRAWS))
    quality = rate_quality(found)
    documents = {language: document(found, checks, language) for language in LANGUAGES}
    product, site = found.system.product, found.system.own.site
    gases = catalogue.gwp[method.gwp]
    return Study(
        documents, product.kind, product.product_standard, product.note, site.note if site else "", _titles(found, documents["en"]),
        _steps(found), _places(found), _flows(found), {gas: gases[gas] for gas in documents["en"]["gases"] if gas in gases},
        quality.on_site, quality.background, drivers, interval,
    )  # fmt: skip


def _titles(found: Footprint, result: Mapping[str, Any]) -> dict[str, Names]:
    """Names of parameters, shares and factor rows."""
    catalogue = found.system.catalogue
    metals = {}
    for process in catalogue.processes.values():
        if process.metal is not None:
            for item in (*process.metal.composition, "yield"):
                key = "input.yield" if item == "yield" else "input.element"
                metals[metal_name(process.id, item)] = {
                    lang: text(key, lang, process=name_in(process.name, lang), element=item) for lang in LANGUAGES
                }
    titles: dict[str, Names] = {}
    for name in result["parameters"]:
        short = name.rpartition(".")[2]
        quantity, group = catalogue.parameters.get(short), catalogue.shares.get(short)
        own = found.system.own.quantities.get(short)
        known = metals.get(short) or (own.name if own else None) or (quantity.name if quantity else None)
        if not known and short in BALANCED:
            known = {lang: text(f"heading.{short.replace('_', '-')}", lang) for lang in LANGUAGES}
        titles[name] = known or (group.title if group else {})
    for node in found.system.nodes:
        for link in node.links:
            if link.factor is not None:
                titles[link.factor.id] = link.factor.quantity.name
    return titles


def _steps(found: Footprint) -> tuple[Step, ...]:
    """The nodes that are at work, in the order of the chain from the product backwards."""
    system = found.system
    emissions: dict[str, float] = {}
    for leaf in leaves(system, found.solution):
        emissions[leaf.node.key] = emissions.get(leaf.node.key, 0.0) + at(leaf.value, 0)
    rows = []
    for node, level in zip(system.nodes, found.solution.activity, strict=True):
        process, activity = node.process, at(level, 0)
        if activity:
            # Activity is in base units per kg of product; a report speaks of tonnes.
            rows.append(Step(
                process.name, scope_label(node.scope), process.stage, process.category, 1000 * activity / process.scale, process.unit,
                emissions.get(node.key, 0.0),
            ))  # fmt: skip
    return tuple(rows)


def _places(found: Footprint) -> tuple[Place, ...]:
    used: dict[str, Scope] = {}
    for node, level in zip(found.system.nodes, found.solution.activity, strict=True):
        if at(level, 0):
            used.setdefault(node.scope.id, node.scope)
    return tuple(
        Place(scope_label(scope), None, "", None, "")
        if scope.site is None
        else Place(scope_label(scope), scope.site.name, scope.site.geography, scope.site.year, scope.site.standing)
        for scope in used.values()
    )


def _flows(found: Footprint) -> tuple[Flow, ...]:
    """Every line of the checklists of the chain, once a process, weighed by what the product needs of it."""
    rows: dict[tuple[str, str], Flow] = {}
    for node, level in zip(found.system.nodes, found.solution.activity, strict=True):
        activity = at(level, 0)
        for item in node.process.checklist if activity else ():
            counted = item.status == "omitted" and any(at(node.scope.values[name], 0) > 0 for name in item.unless.split())
            status = "included" if counted else item.status
            effect = None if item.estimate is None or counted else activity * item.estimate.value
            key = (node.process.id, item.flow)
            if key in rows and effect is not None:
                effect += rows[key].estimate or 0.0
            check = item.estimate.marks.source_check if item.estimate and not counted else ""
            rows[key] = Flow(node.process.name, item.flow, status, effect, check, item.note)
    return tuple(rows.values())


def _uncertainty(
    catalogue: Catalogue, product_id: str, method: Method, settings: Settings
) -> tuple[tuple[Driver, ...], Interval | None]:
    """What drives the result, largest swing first, and where it lies under the spreads of the data."""
    from pcf.engine.inputs import name_inputs
    from pcf.engine.montecarlo import Sampled, Variant, run_uncertainty
    from pcf.engine.sensitivity import calc_tornado

    variant = Variant(product_id, method, settings)
    sampled = Sampled(catalogue, variant, SEED)
    if not sampled.uncertain:
        return (), None
    drivers = calc_tornado(sampled)
    names = {one.item.key: one for one in name_inputs(catalogue, [driver.item for driver in drivers])}
    rows = []
    for driver in drivers:
        one = names[driver.item.key]
        if math.isfinite(driver.low) and math.isfinite(driver.high):
            known = catalogue.parameters.get(one.item.input.targets[0][1]) if one.item.input.targets else None
            title = one.item.quantity.name or (known.name if known else None) or one.title
            rows.append(Driver(
                one.id, title, one.unit, one.value, (driver.low_value / one.scale, driver.high_value / one.scale),
                (driver.low, driver.high), driver.elasticity, driver.item.quantity.marks.source_check,
            ))  # fmt: skip
    drawn = run_uncertainty(catalogue, variant, DRAWS, SEED)
    summary = drawn.total
    low, median, high = summary.quantiles((0.025, 0.5, 0.975))
    return tuple(rows), Interval(low, median, high, len(drawn.uncertain), drawn.infeasible_share)


def unspecified(study: Study) -> float:
    """Share of the result from factors published only as CO2e [1]."""
    total = study.result["total"]["value"]
    return float(study.result["gases"].get(UNSPECIFIED, {}).get("tCO2e", 0.0) / total) if total else 0.0
