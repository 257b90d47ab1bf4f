"""Specific embedded emissions of every process and good, term by term, precursors through their own process first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pcf.errors import InputError
from pcf.methods.cbam.emissions import calc_carbon_balance, calc_fuel, calc_reagent, calc_specific
from pcf.methods.cbam.potlines import Pfc, calc_pfc
from pcf.methods.cbam.records import Installation, Precursor, Process, Transfer
from pcf.methods.cbam.tables import constant, mark_up

DEDUCTED = ("heat-exported", "waste-gas-exported", "electricity-produced", "co2-captured")
"""Kinds of transfers that are taken off."""


@dataclass(frozen=True)
class Term:
    """One addend of the attributed emissions: kind, name, `co2e` [tCO2e] and the amounts that it follows from."""

    kind: str
    name: str
    co2e: float
    inputs: Mapping[str, Any]
    source: str


@dataclass(frozen=True)
class PrecursorTerm:
    """A precursor: `ratio` m_i [t/t], `see` used [tCO2e/t], `contribution` m_i·SEE_i [tCO2e/t]."""

    precursor: Precursor
    ratio: float
    see: float
    mark_up: float
    contribution: float
    default_part: float


@dataclass(frozen=True)
class Notice:
    """Something that a reader has to know; `values` fill its sentence."""

    kind: str
    process: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """A process: its terms, `attributed` [tCO2e] before the floor, `own` and `see` [tCO2e/t], `default_share` of see [1]."""

    process: Process
    terms: tuple[Term, ...]
    attributed: float
    own: float
    precursors: tuple[PrecursorTerm, ...]
    see: float
    default_share: float


def calc_installation(installation: Installation) -> tuple[dict[str, Result], list[Notice]]:
    """Every process by its id, in the order of the file, and what has to be known of them.

    Raises
    ------
    InputError
        For processes that are each other's precursors.
    """
    notices: list[Notice] = []
    found: dict[str, Result] = {}
    for process in _in_order(installation):
        found[process.id] = _calc_process(process, found, installation.year, notices)
    return {process.id: found[process.id] for process in installation.processes}, notices


def _in_order(installation: Installation) -> list[Process]:
    """Processes, each after those that it takes precursors from."""
    waiting, done, order = list(installation.processes), set[str](), list[Process]()
    while waiting:
        ready = [item for item in waiting if _needs(item) <= done]
        if not ready:
            circle = ", ".join(item.id for item in waiting)
            raise InputError(
                f"{installation.file} precursors", f"a circle among {circle}", "processes that feed each other one way"
            )
        order += ready
        done |= {item.id for item in ready}
        waiting = [item for item in waiting if item.id not in done]
    return order


def _needs(process: Process) -> set[str]:
    return {item.origin_process for item in process.precursors if item.basis == "internal"}


def _calc_process(process: Process, found: Mapping[str, Result], year: int, notices: list[Notice]) -> Result:
    terms = (
        *_carbon(process),
        *_fuels(process),
        *_reagents(process),
        *_pfcs(process, notices),
        *map(_transfer, process.transfers),
    )
    attributed = sum(item.co2e for item in terms)
    level = process.activity_level
    precursors = tuple(_precursor(item, level, found, year) for item in process.precursors)
    if attributed < 0:
        notices.append(Notice("floored", process.id, {"value": f"{attributed:,.3f}"}))
    supplied = sum(item.tonnes for item in process.precursors) + process.scrap_t
    if process.route == "products" and supplied < level:
        notices.append(Notice("less-in-than-out", process.id, {"supplied": f"{supplied:,g}", "level": f"{level:,g}"}))
    own = calc_specific(attributed, level, 0.0)
    see = calc_specific(attributed, level, sum(item.contribution for item in precursors))
    share = sum(item.default_part for item in precursors) / see if see else 0.0
    return Result(process, terms, attributed, own, precursors, see, share)


def _carbon(process: Process) -> list[Term]:
    """One term a stream, so that each can be followed; what leaves is negative."""
    found = []
    for item in process.electrodes:
        carbon = item.tonnes * item.carbon_content
        co2 = calc_carbon_balance(carbon, 0.0) if item.direction == "in" else calc_carbon_balance(0.0, carbon)
        inputs = {
            "direction": item.direction, "tonnes": item.tonnes, "carbon_content": item.carbon_content,
            "factor_tCO2_per_tC": constant("carbon-to-co2"),
        }  # fmt: skip
        found.append(Term("electrodes", item.name, co2, inputs, item.source))
    return found


def _fuels(process: Process) -> list[Term]:
    return [
        Term(
            "fuel", item.name, calc_fuel(item.amount, item.ncv, item.ef, item.oxidation, item.zero_rated_share),
            {
                "amount": item.amount, "unit": item.unit, "ncv_GJ_per_unit": item.ncv, "ef_tCO2_per_TJ": item.ef,
                "oxidation": item.oxidation, "zero_rated_share": item.zero_rated_share,
                "zero_rated_evidence": item.zero_rated_evidence,
            },
            item.source,
        )
        for item in process.fuels
    ]  # fmt: skip


def _reagents(process: Process) -> list[Term]:
    return [
        Term(
            "flue-gas-treatment", item.name, calc_reagent(item.tonnes, item.ef, item.conversion),
            {"tonnes": item.tonnes, "ef_tCO2_per_t": item.ef, "conversion": item.conversion}, item.source,
        )
        for item in process.reagents
    ]  # fmt: skip


def _pfcs(process: Process, notices: list[Notice]) -> list[Term]:
    found = []
    for line in process.potlines:
        pfc = calc_pfc(line)
        _compare_methods(process, line.name, pfc, notices)
        if line.own_factors is None and pfc.factors.technology != line.technology:
            values = {"line": line.name, "technology": line.technology, "instead": pfc.factors.technology}
            notices.append(Notice("instead", process.id, values))
        inputs: dict[str, Any] = {
            "method": line.method, "technology": line.technology, "factors_of": pfc.factors.technology,
            "cf4_factor": pfc.factors.cf4_factor, "cf4_factor_unit": pfc.factors.unit,
            "c2f6_per_cf4": pfc.factors.c2f6_per_cf4, "factors_source": pfc.factors.source, "aluminium_t": line.aluminium_t,
            "collection_efficiency": line.collection_efficiency, "ae_minutes_per_cell_day": line.ae_minutes,
            "overvoltage_mV": line.overvoltage_mv, "current_efficiency": line.current_efficiency,
            "current_efficiency_unit": line.current_efficiency_unit or None, "current_efficiency_inserted_percent": pfc.percentage,
            "cf4_t": pfc.cf4, "c2f6_t": pfc.c2f6, "cf4_t_by_the_other_method": pfc.other,
        }  # fmt: skip
        found.append(Term("pfc", line.name, pfc.co2e, inputs, line.source))
    return found


def _compare_methods(process: Process, line: str, pfc: Pfc, notices: list[Notice]) -> None:
    """Two methods that describe the same effects: a wrong unit of the current efficiency shows as a factor of 100."""
    if pfc.other is None:
        return
    most = constant("pfc-methods-ratio")
    if max(pfc.cf4, pfc.other) > most * min(pfc.cf4, pfc.other):
        values = {"line": line, "counted": f"{pfc.cf4:,.3f}", "other": f"{pfc.other:,.3f}", "most": f"{most:g}"}
        notices.append(Notice("methods-differ", process.id, values))


def _transfer(item: Transfer) -> Term:
    sign = -1.0 if item.kind in DEDUCTED else 1.0
    return Term(item.kind, item.name, sign * item.amount * item.ef, {"amount": item.amount, "ef": item.ef}, item.source)


def _precursor(item: Precursor, level: float, found: Mapping[str, Result], year: int) -> PrecursorTerm:
    ratio, added = item.tonnes / level, 0.0
    if item.basis == "internal":
        made = found[item.origin_process]
        see, share = made.see, made.default_share
    elif item.basis == "default":
        added = mark_up(year)
        see, share = item.see * (1 + added), 1.0
    elif item.basis == "zero-origin":
        see, share = 0.0, 0.0
    else:
        see, share = item.see, item.default_share
    return PrecursorTerm(item, ratio, see, added, ratio * see, ratio * see * share)
