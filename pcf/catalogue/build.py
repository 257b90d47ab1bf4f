"""Builds the catalogue from documents and finds every inconsistency: references, cycles, units, shares, ranges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pcf.catalogue.consistency import check_formulas, check_names, check_references, check_rules
from pcf.catalogue.documents import Document, Folder
from pcf.catalogue.formula import parse
from pcf.catalogue.names import MARK_KEYS, UnknownName
from pcf.catalogue.places import check_range, read_product, read_site
from pcf.catalogue.quantities import number, read_factor, read_marks
from pcf.catalogue.records import (
    BOUNDARIES,
    CATEGORIES,
    SOURCE_CHECKS,
    UNSPECIFIED,
    Alloy,
    Catalogue,
    ChecklistItem,
    Derived,
    Exchange,
    Marks,
    Metal,
    Process,
    Quantity,
    ShareGroup,
    metal_name,
)
from pcf.catalogue.roadmaps import read_roadmap
from pcf.catalogue.schemas import schema_problems
from pcf.catalogue.workbench import SUM_TOLERANCE, Workbench
from pcf.errors import InputError
from pcf.units import dimension, unit_scale


def build(folder: Folder, sha256: str) -> tuple[Catalogue, list[InputError]]:
    """Build the catalogue of a folder; the second result holds every problem found (none: the catalogue is sound)."""
    work = Workbench(folder, list(folder.problems))
    _read_sources(work)
    _read_factors(work)
    check_rules(work)
    documents = [item for item in folder.documents if not _schema_fails(work, item)]
    by_kind = {
        kind: [item for item in documents if item.kind == kind] for kind in ("alloy", "process", "site", "product", "roadmap")
    }
    for document in by_kind["alloy"]:
        _read_alloy(work, document)
    for document in by_kind["process"]:
        _read_values(work, document)
    processes = _unique(work, by_kind["process"], lambda item: _read_process(work, item))
    check_formulas(work, processes)
    sites = _unique(work, by_kind["site"], lambda item: read_site(work, item))
    products = _unique(work, by_kind["product"], lambda item: read_product(work, item))
    check_references(work, processes, sites, products)
    catalogue = Catalogue(
        folder.version or "unversioned", sha256, work.sources, work.factors, work.gwp, processes, work.parameters,
        work.owners, work.shares, work.derived, work.alloys, sites, products,
        roadmaps=_unique(work, by_kind["roadmap"], lambda item: read_roadmap(work, item)),
    )  # fmt: skip
    return catalogue, work.first_problems()


def _unique(work: Workbench, documents: list[Document], read: Callable[[Document], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for document in documents:
        work.documents.setdefault((document.kind, document.data["id"]), document)
        item = work.attempt(read, document)
        if item is None:
            work.lose(document.kind, document.data["id"])
            continue
        if item.id in found:
            work.say(document.where("id"), f"{item.id!r} a second time", "an id of its own")
        found[item.id] = item
    return found


def _schema_fails(work: Workbench, document: Document) -> bool:
    problems = schema_problems(document)
    work.problems += problems
    if problems:
        data = document.data
        work.lose(document.kind, str(data.get("id")))
        for part in ("parameters", "shares", "derived"):
            names = data.get(part) if document.kind == "process" else None
            for name, value in names.items() if isinstance(names, dict) else ():
                options = value.get("options") if isinstance(value, dict) else None
                work.lose("name", name, *(f"{name}__{option}" for option in (options if isinstance(options, list) else ())))
    return bool(problems)


def _read_sources(work: Workbench) -> None:
    if not work.folder.sources and "source" not in work.folder.unread:
        work.say("sources.csv", "no sources", "the table of sources that the values name")
        work.folder.unread.add("source")
    for place, row in work.folder.sources:
        if not row["id"] or not row["title"]:
            work.say(place, "a source without id or title", "id and title")
        if row["id"] in work.sources:
            work.say(place, f"source {row['id']!r} a second time", "an id of its own")
        work.sources[row["id"]] = {key: value for key, value in row.items() if not key.startswith("#")}


def _read_factors(work: Workbench) -> None:
    ids = {row["id"] for _, row in work.folder.factors}
    if "factor" not in work.folder.unread and not any(name.startswith("gwp-") for name in ids):
        work.say("factors/gwp.csv", "no warming potentials", "rows gwp-<edition>-<gas>")
        work.folder.unread.add("gas" if ids else "factor")
    for place, row in work.folder.factors:
        factor = work.attempt(read_factor, row, place, work.sources)
        if factor is None:
            work.lose("factor", row["id"])
            work.lose("gas", row["gas"])
            continue
        years = work.factors.setdefault(factor.id, {})
        year = factor.quantity.marks.year
        if year in years:
            work.say(place, f"{factor.id} {year} a second time", "one row for an id and a year")
        years[year] = factor
        if factor.id.startswith("gwp-") and factor.gas and factor.gwp_edition:
            work.gwp.setdefault(factor.gwp_edition, {})[factor.gas] = factor.quantity.value
    gases = {gas for table in work.gwp.values() for gas in table}
    for years in work.factors.values():
        for factor in years.values():
            if factor.kind == "emission" and factor.gas not in gases | {UNSPECIFIED}:
                work.unknown(f"{factor.quantity.place} gas", "gas", str(factor.gas), gases, "a gas with a GWP row")


def _read_alloy(work: Workbench, document: Document) -> None:
    data = document.data
    elements: dict[str, dict[str, Any]] = {}
    for element, limits in data["elements"].items():
        place = document.where("elements", element)
        entry: dict[str, Any] = {}
        for key in ("min", "max", "target"):
            if key in limits:
                entry[key] = work.attempt(number, limits[key], f"{place} {key}")
        if not entry:
            work.say(place, "no limit", "min, max or target")
        low, high = entry.get("min", 0.0), entry.get("max", 1.0)
        if not 0 <= low <= entry.get("target", low) <= high <= 1:
            work.say(place, str(entry), "mass fractions with 0 <= min <= target <= max <= 1")
        marks = work.attempt(read_marks, limits, data.get("defaults", {}), work.sources, place)
        entry["source_check"] = marks.source_check if marks else "assumed"
        entry["source"] = marks.source if marks else ""
        elements[element] = entry
    if data["id"] in work.alloys:
        work.say(document.where("id"), f"{data['id']!r} a second time", "an id of its own")
    work.alloys[data["id"]] = Alloy(data["id"], data["name"], data.get("standard", ""), elements)


def _own(work: Workbench, name: str, place: str, process: str) -> None:
    if name in work.owners:
        work.say(place, f"name {name!r} is also used by process {work.owners[name]!r}", "a name used once")
    work.owners[name] = process


def _read_values(work: Workbench, document: Document) -> None:
    """Parameters, share groups and derived names of one process."""
    data, process = document.data, document.data["id"]
    defaults = data.get("defaults", {})
    for name, value in (data.get("parameters") or {}).items():
        place = document.where("parameters", name)
        _own(work, name, place, process)
        check_names(work, name, place)
        quantity = work.quantity(value, place, defaults)
        if quantity is None:
            work.lose("name", name)
            continue
        if quantity.limits is None:
            work.say(place, "no limits", "limits: [lowest, highest] in the value's unit")
        work.parameters[name] = replace(quantity, own_only=bool(value.get("own_only", False)))
    for group, value in (data.get("shares") or {}).items():
        place = document.where("shares", group)
        _own(work, group, place, process)
        options = tuple(str(option) for option in value["options"])
        check_names(work, group, place)
        for option in options:
            if option in MARK_KEYS:
                work.say(place, f"option {option!r}", "a name that is no mark of a value")
            elif (value.get("presets") or {}).get(option, {option: 1}) != {option: 1}:
                work.say(place, f"preset {option!r}", "a name that is no option")
        presets = {**{option: {option: 1.0} for option in options}, **(value.get("presets") or {})}
        presets = {key: {k: v for k, v in item.items() if k in options or k not in MARK_KEYS} for key, item in presets.items()}
        for label, shares in {"default": value["default"], **presets}.items():
            work.check_shares(shares, options, f"{place}.{label}")
        marks = value.get("source_check", defaults.get("source_check", "assumed"))
        if marks not in SOURCE_CHECKS:
            work.say(place, f"source_check {marks!r}", " | ".join(SOURCE_CHECKS))
        work.shares[group] = ShareGroup(
            group,
            options,
            dict(value["default"]),
            presets,
            value.get("name", {}),
            process,
            marks,
            value.get("note", ""),
        )
    for name, value in (data.get("derived") or {}).items():
        place = document.where("derived", name)
        _own(work, name, place, process)
        check_names(work, name, place)
        expression = work.attempt(parse, str(value["formula"]), place)
        scale = work.attempt(unit_scale, str(value["unit"]))
        if expression is None or scale is None:
            work.lose("name", name)
            continue
        text = str(value["formula"])
        work.derived[name] = Derived(name, expression, str(value["unit"]), scale, value.get("name", {}), process, text)


def _read_metal(work: Workbench, document: Document) -> Metal | None:
    data = document.data.get("metal")
    if data is None:
        return None
    place = document.where("metal")
    defaults = document.data.get("defaults", {})
    composition: dict[str, Quantity] = {}
    if "alloy" in data:
        alloy = work.alloys.get(data["alloy"])
        if alloy is None:
            work.unknown(place, "alloy", str(data["alloy"]), work.alloys, "an id of alloys/")
            work.lose("metal", document.data["id"])
            return None
        composition = _registered_range(alloy, place)
    for element, value in (data.get("composition") or {}).items():
        quantity = work.quantity(value, f"{place}.composition.{element}", defaults)
        if quantity is not None:
            composition[element] = quantity
    if sum(item.value for item in composition.values()) > 1 + SUM_TOLERANCE:
        work.say(place, "elements that sum to more than 1", "mass fractions of at most 1 together")
    metal_yield = work.quantity(data["yield"], f"{place}.yield", defaults)
    if metal_yield is None:
        work.lose("metal", document.data["id"])
        return None
    for item, quantity in {**composition, "yield": metal_yield}.items():
        name = metal_name(document.data["id"], item)
        _own(work, name, place, document.data["id"])
        lowest = work.rule("charge-yield-lowest", 0.0) if item == "yield" else 0.0
        if dimension(quantity.unit):
            work.say(f"{place}.{item}", f"unit {quantity.unit}", "a plain share")
        check_range(work, replace(quantity, limits=None), lowest, 1.0, f"{place}.{item}")
        check_range(work, quantity, lowest, 1.0, f"{place}.{item}")
        work.parameters[name] = replace(quantity, limits=quantity.limits or (lowest, 1.0))
    return Metal(data["origin"], composition, metal_yield, data.get("alloy"), data.get("element"))


def _registered_range(alloy: Alloy, place: str) -> dict[str, Quantity]:
    """Composition of a scrap of a known alloy: the middle of its registered range, the limits as its spread."""
    composition = {}
    for element, limits in alloy.elements.items():
        low, high = limits.get("min", 0.0), limits.get("max", limits.get("target", 0.0))
        value = limits.get("target", (low + high) / 2)
        marks = Marks(limits["source"], "registered", "GLO", limits["source_check"], note=f"registered range of {alloy.id}")
        spread = {"distribution": "uniform", "low": low, "high": high, "basis": "registered"}
        composition[element] = Quantity(value, "1", 1.0, marks, spread, (0.0, 1.0), {}, None, f"{place}.composition.{element}")
    return composition


def _read_process(work: Workbench, document: Document) -> Process:
    data = document.data
    stage, category = data.get("stage"), data.get("category")
    if stage is None and category is None:
        work.say(document.where(), "neither stage nor category", "a stage, or for a service a category")
    scale = unit_scale(data["reference"]["unit"])
    exchanges = []
    for index, item in enumerate(data.get("exchanges") or []):
        exchange = work.attempt(_read_exchange, work, document, item, index, stage)
        if exchange is not None:
            exchanges.append(exchange)
    checklist = []
    for index, item in enumerate(data.get("checklist") or []):
        place = document.where("checklist", index)
        estimate = item.get("estimate")
        quantity = None
        if estimate is not None:
            quantity = work.quantity(estimate, f"{place} estimate", data.get("defaults", {}), spread=False)
        elif item["status"] == "omitted":
            work.say(place, "an omitted flow without estimate", "an estimate [kgCO2e per unit], or status unknown")
        checklist.append(ChecklistItem(item["flow"], item["status"], quantity, item.get("note", ""), item.get("unless", "")))
    return Process(
        data["id"], data["name"], stage, category, bool(data.get("per_site", False)), data["reference"]["unit"], scale,
        data["reference"].get("name", data["name"]), tuple(data.get("parameters") or ()), tuple(data.get("shares") or ()),
        tuple(data.get("derived") or ()), tuple(exchanges), tuple(checklist), _read_metal(work, document),
        bool(data.get("charge", False)), data.get("allocation"), data.get("note", ""),
    )  # fmt: skip


def _read_exchange(work: Workbench, document: Document, item: dict[str, Any], index: int, stage: str | None) -> Exchange:
    place = document.where("exchanges", index)
    kinds = [kind for kind in ("input", "factor", "emission") if kind in item]
    if len(kinds) != 1:
        raise InputError(place, f"{kinds or 'no target'}", "exactly one of input, factor, emission")
    kind = kinds[0]
    target = str(item[kind])
    if kind == "factor":
        rows = work.factors.get(target)
        if not rows:
            raise UnknownName(place, "factor", target, "an id of factors/*.csv", work.advice(target, work.factors))
        if rows[max(rows)].kind != "emission":
            raise InputError(place, f"factor {target!r} is a property", "a factor of kind emission")
    gases = {gas for table in work.gwp.values() for gas in table} | {UNSPECIFIED}
    if kind == "emission" and target not in gases:
        raise UnknownName(place, "gas", target, "a gas of factors/gwp.csv", work.advice(target, gases))
    if kind != "input" and stage is not None and not item.get("category"):
        raise InputError(place, "no category", " | ".join(CATEGORIES))
    return Exchange(
        kind, target, parse(str(item["amount"]), place), str(item["amount"]), str(item["unit"]), item["role"],
        item.get("category"), item.get("stage"), tuple(item.get("boundaries") or BOUNDARIES[:2]), item.get("note", ""),
    )  # fmt: skip
