"""Builds the catalogue from documents and finds every inconsistency: references, cycles, units, shares, ranges."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pcf.catalogue.documents import Document, Folder
from pcf.catalogue.formula import Expression, dimension_of, names, order_definitions, parse
from pcf.catalogue.quantities import number, read_factor, read_marks, read_quantity
from pcf.catalogue.records import (
    BOUNDARIES,
    CATEGORIES,
    SOURCE_CHECKS,
    STAGES,
    UNSPECIFIED,
    Alloy,
    Catalogue,
    ChecklistItem,
    Derived,
    Exchange,
    Factor,
    Metal,
    Process,
    Product,
    Quantity,
    ShareGroup,
    Site,
)
from pcf.catalogue.schemas import schema_problems
from pcf.errors import InputError
from pcf.units import Dimension, dimension, unit_scale

METHOD_SWITCHES = (
    "method_coproduct", "method_attributed", "method_location", "method_td_official", "method_td_loss_scaled",
    "method_low_voltage_pfc", "method_heat__energy", "method_heat__exergy", "method_heat__alternative",
)  # fmt: skip
"""Names of the method's choices that formulas may use; each is 0 or 1."""

CHARGE_NAMES = ("charge_throughput", "charge_gross")
"""Names that the charge balance provides to a casthouse process [t per t of product]."""

ROLES = ("material", "energy", "transport", "emission", "waste")
CHECKLIST = ("included", "estimated", "omitted", "unknown")
SUM_TOLERANCE = 1e-9


@dataclass
class _Build:
    folder: Folder
    problems: list[InputError]
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    factors: dict[str, dict[str, Factor]] = field(default_factory=dict)
    gwp: dict[str, dict[str, float]] = field(default_factory=dict)
    parameters: dict[str, Quantity] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    shares: dict[str, ShareGroup] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    alloys: dict[str, Alloy] = field(default_factory=dict)

    def attempt(self, action: Callable[[], Any]) -> Any:
        """Run one reading step; a problem is noted and the rest goes on."""
        try:
            return action()
        except InputError as problem:
            self.problems.append(problem)
            return None

    def say(self, place: str, found: str, expected: str, advice: str = "") -> None:
        self.problems.append(InputError(place, found, expected, advice))

    def quantity(self, data: Any, place: str, defaults: Mapping[str, Any], *, spread: bool = True) -> Quantity | None:
        result: Quantity | None = self.attempt(
            lambda: read_quantity(
                data, place, sources=self.sources, defaults=defaults, factors=self.factors, spread=spread
            )
        )
        return result


def nearest(name: str, known: Collection[str]) -> str:
    """An advice that names the nearest known name, or nothing."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"did you mean {close[0]!r}?" if close else ""


def build(folder: Folder, sha256: str) -> tuple[Catalogue, list[InputError]]:
    """Build the catalogue of a folder; the second result holds every problem found (none: the catalogue is sound)."""
    work = _Build(folder, list(folder.problems))
    _read_sources(work)
    _read_factors(work)
    documents = [item for item in folder.documents if not _schema_fails(work, item)]
    by_kind = {kind: [item for item in documents if item.kind == kind] for kind in ("alloy", "process", "site", "product")}
    for document in by_kind["alloy"]:
        _read_alloy(work, document)
    for document in by_kind["process"]:
        _read_values(work, document)
    processes = _unique(work, by_kind["process"], lambda item: _read_process(work, item))
    _check_formulas(work, processes)
    sites = _unique(work, by_kind["site"], lambda item: _read_site(work, item))
    products = _unique(work, by_kind["product"], lambda item: _read_product(work, item))
    _check_references(work, processes, sites, products)
    catalogue = Catalogue(
        folder.version or "unversioned", sha256, work.sources, work.factors, work.gwp, processes, work.parameters,
        work.owners, work.shares, work.derived, work.alloys, sites, products,
    )  # fmt: skip
    return catalogue, work.problems


def _unique(work: _Build, documents: list[Document], read: Callable[[Document], Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for document in documents:
        item = work.attempt(lambda document=document: read(document))
        if item is None:
            continue
        if item.id in found:
            work.say(document.where("id"), f"{item.id!r} a second time", "an id of its own")
        found[item.id] = item
    return found


def _schema_fails(work: _Build, document: Document) -> bool:
    problems = schema_problems(document)
    work.problems += problems
    return bool(problems)


def _read_sources(work: _Build) -> None:
    for place, row in work.folder.sources:
        if not row["id"] or not row["title"]:
            work.say(place, "a source without id or title", "id and title")
        if row["id"] in work.sources:
            work.say(place, f"source {row['id']!r} a second time", "an id of its own")
        work.sources[row["id"]] = {key: value for key, value in row.items() if not key.startswith("#")}


def _read_factors(work: _Build) -> None:
    for place, row in work.folder.factors:
        factor = work.attempt(lambda row=row, place=place: read_factor(row, place, work.sources))
        if factor is None:
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
                advice = nearest(str(factor.gas), gases)
                work.say(f"{factor.quantity.place} gas", repr(factor.gas), "a gas with a GWP row", advice)


def _read_alloy(work: _Build, document: Document) -> None:
    data = document.data
    elements: dict[str, dict[str, Any]] = {}
    for element, limits in data["elements"].items():
        place = document.where("elements", element)
        entry: dict[str, Any] = {}
        for key in ("min", "max", "target"):
            if key in limits:
                entry[key] = work.attempt(lambda k=key, li=limits, p=place: number(li[k], f"{p} {k}"))
        low, high = entry.get("min", 0.0), entry.get("max", 1.0)
        if not 0 <= low <= entry.get("target", low) <= high <= 1:
            work.say(place, str(entry), "mass fractions with 0 <= min <= target <= max <= 1")
        marks = work.attempt(lambda li=limits, p=place: read_marks(li, data.get("defaults", {}), work.sources, p))
        entry["source_check"] = marks.source_check if marks else "assumed"
        entry["source"] = marks.source if marks else ""
        elements[element] = entry
    work.alloys[data["id"]] = Alloy(data["id"], data["name"], data.get("standard", ""), elements)


def _own(work: _Build, name: str, place: str, process: str) -> None:
    if name in work.owners:
        work.say(place, f"name {name!r} is also used by process {work.owners[name]!r}", "a name used once")
    work.owners[name] = process


def _read_values(work: _Build, document: Document) -> None:
    """Parameters, share groups and derived names of one process."""
    data, process = document.data, document.data["id"]
    defaults = data.get("defaults", {})
    for name, value in (data.get("parameters") or {}).items():
        place = document.where("parameters", name)
        _own(work, name, place, process)
        quantity = work.quantity(value, place, defaults)
        if quantity is None:
            continue
        if quantity.limits is None:
            work.say(place, "no limits", "limits: [lowest, highest] in the value's unit")
        work.parameters[name] = quantity
    for group, value in (data.get("shares") or {}).items():
        place = document.where("shares", group)
        _own(work, group, place, process)
        options = tuple(str(option) for option in value["options"])
        presets = {**{option: {option: 1.0} for option in options}, **(value.get("presets") or {})}
        presets = {key: {k: v for k, v in item.items() if k in options or k not in _MARK_KEYS} for key, item in presets.items()}
        for label, shares in {"default": value["default"], **presets}.items():
            _check_shares(work, shares, options, f"{place}.{label}")
        marks = value.get("source_check", defaults.get("source_check", "assumed"))
        if marks not in SOURCE_CHECKS:
            work.say(place, f"source_check {marks!r}", " | ".join(SOURCE_CHECKS))
        work.shares[group] = ShareGroup(
            group, options, dict(value["default"]), presets, value.get("name", {}), process, marks, value.get("note", "")
        )
    for name, value in (data.get("derived") or {}).items():
        place = document.where("derived", name)
        _own(work, name, place, process)
        expression = work.attempt(lambda v=value, p=place: parse(str(v["formula"]), p))
        scale = work.attempt(lambda v=value: unit_scale(str(v["unit"])))
        if expression is None or scale is None:
            continue
        text = str(value["formula"])
        work.derived[name] = Derived(name, expression, str(value["unit"]), scale, value.get("name", {}), process, text)


_MARK_KEYS = {"source", "locator", "year", "geography", "source_check", "data_class", "assurance", "note", "name"}


def share_values(shares: Mapping[str, Any]) -> dict[str, Any]:
    """The shares of a mapping without its marks."""
    return {key: value for key, value in shares.items() if key not in _MARK_KEYS}


def _check_shares(work: _Build, shares: Mapping[str, Any], options: Collection[str], place: str) -> None:
    values = share_values(shares)
    total = 0.0
    for option, share in values.items():
        if option not in options:
            work.say(place, f"option {option!r}", ", ".join(options), nearest(option, options))
            return
        value = work.attempt(lambda s=share, o=option: number(s, f"{place}.{o}"))
        if value is None:
            return
        if value < 0:
            work.say(f"{place}.{option}", f"{value:g}", "a share of zero or more")
        total += value
    if abs(total - 1) > SUM_TOLERANCE:
        work.say(place, f"shares that sum to {total:.10g}", "a sum of 1")


def _read_metal(work: _Build, document: Document) -> Metal | None:
    data = document.data.get("metal")
    if data is None:
        return None
    place = document.where("metal")
    defaults = document.data.get("defaults", {})
    composition: dict[str, Quantity] = {}
    if "alloy" in data:
        alloy = work.alloys.get(data["alloy"])
        if alloy is None:
            work.say(place, f"alloy {data['alloy']!r}", "an id of alloys/", nearest(str(data["alloy"]), work.alloys))
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
        return None
    if not 0 < metal_yield.value <= 1:
        work.say(f"{place}.yield", f"{metal_yield.value:g}", "a yield above 0, at most 1")
    return Metal(data["origin"], composition, metal_yield, data.get("alloy"), data.get("element"))


def _registered_range(alloy: Alloy, place: str) -> dict[str, Quantity]:
    """Composition of a scrap of a known alloy: the middle of its registered range, the limits as its spread."""
    from pcf.catalogue.records import Marks

    composition = {}
    for element, limits in alloy.elements.items():
        low, high = limits.get("min", 0.0), limits.get("max", limits.get("target", 0.0))
        value = limits.get("target", (low + high) / 2)
        marks = Marks(limits["source"], "registered", "GLO", limits["source_check"], note=f"registered range of {alloy.id}")
        spread = {"distribution": "uniform", "low": low, "high": high}
        composition[element] = Quantity(value, "1", 1.0, marks, spread, (0.0, 1.0), {}, None, place)
    return composition


def _read_process(work: _Build, document: Document) -> Process:
    data = document.data
    stage, category = data.get("stage"), data.get("category")
    if stage is None and category is None:
        work.say(document.where(), "neither stage nor category", "a stage, or for a service a category")
    scale = unit_scale(data["reference"]["unit"])
    exchanges = []
    for index, item in enumerate(data.get("exchanges") or []):
        exchange = work.attempt(lambda i=item, n=index: _read_exchange(work, document, i, n, stage))
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
        checklist.append(ChecklistItem(item["flow"], item["status"], quantity, item.get("note", "")))
    return Process(
        data["id"], data["name"], stage, category, bool(data.get("per_site", False)), data["reference"]["unit"], scale,
        data["reference"].get("name", data["name"]), tuple(data.get("parameters") or ()), tuple(data.get("shares") or ()),
        tuple(data.get("derived") or ()), tuple(exchanges), tuple(checklist), _read_metal(work, document),
        bool(data.get("charge", False)), data.get("note", ""),
    )  # fmt: skip


def _read_exchange(work: _Build, document: Document, item: dict[str, Any], index: int, stage: str | None) -> Exchange:
    place = document.where("exchanges", index)
    kinds = [kind for kind in ("input", "factor", "emission") if kind in item]
    if len(kinds) != 1:
        raise InputError(place, f"{kinds or 'no target'}", "exactly one of input, factor, emission")
    kind = kinds[0]
    target = str(item[kind])
    if kind == "factor":
        rows = work.factors.get(target)
        if not rows:
            raise InputError(place, f"factor {target!r}", "an id of factors/*.csv", nearest(target, work.factors))
        if rows[max(rows)].kind != "emission":
            raise InputError(place, f"factor {target!r} is a property", "a factor of kind emission")
    gases = {gas for table in work.gwp.values() for gas in table} | {UNSPECIFIED}
    if kind == "emission" and target not in gases:
        raise InputError(place, f"gas {target!r}", "a gas of factors/gwp.csv", nearest(target, gases))
    if kind != "input" and stage is not None and not item.get("category"):
        raise InputError(place, "no category", " | ".join(CATEGORIES))
    return Exchange(
        kind, target, parse(str(item["amount"]), place), str(item["amount"]), str(item["unit"]), item["role"],
        item.get("category"), item.get("stage"), tuple(item.get("boundaries") or BOUNDARIES[:2]), item.get("note", ""),
    )  # fmt: skip


def _namespace_dimensions(work: _Build) -> dict[str, Dimension]:
    dims: dict[str, Dimension] = dict.fromkeys((*METHOD_SWITCHES, *CHARGE_NAMES), ())
    for name, quantity in work.parameters.items():
        dims[name] = dimension(quantity.unit)
    for group in work.shares.values():
        for option in group.options:
            dims[f"{group.name}__{option}"] = ()
    return dims


def _check_formulas(work: _Build, processes: Mapping[str, Process]) -> None:
    dims = _namespace_dimensions(work)
    expressions = {name: item.expression for name, item in work.derived.items()}
    known = set(dims)
    sound: dict[str, Expression] = {}
    for name, expression in expressions.items():
        missing = names(expression) - known - set(expressions)
        for item in sorted(missing):
            place = f"{work.derived[name].process}.derived.{name}"
            work.say(place, f"unknown name {item!r}", "a parameter, share or derived name", nearest(item, known))
        if not missing:
            sound[name] = expression
    order = work.attempt(lambda: order_definitions(sound, known | set(expressions) - set(sound)))
    for name in order or ():
        item = work.derived[name]
        place = f"{item.process}.derived.{name}"
        found = work.attempt(lambda e=item.expression, p=place: _dimension_at(e, dims, p))
        if found is not None and found != dimension(item.unit):
            work.say(place, f"a formula of dimension {_show(found)}", f"the dimension of {item.unit}")
        dims[name] = dimension(item.unit)
    for process in processes.values():
        for index, exchange in enumerate(process.exchanges):
            place = f"{process.id}.exchanges[{index}] {exchange.target}"
            missing = names(exchange.expression) - set(dims)
            for item_name in sorted(missing):
                work.say(place, f"unknown name {item_name!r}", "a parameter, share or derived name", nearest(item_name, dims))
            expected = work.attempt(lambda e=exchange, p=place: _unit_at(e.unit, p))
            if missing or expected is None:
                continue
            found = work.attempt(lambda e=exchange, p=place: _dimension_at(e.expression, dims, p))
            if found is not None and found != expected and exchange.expression != 0:
                work.say(place, f"an amount of dimension {_show(found)}", f"the dimension of {exchange.unit}")
            _check_target_unit(work, process, exchange, processes, place)


def _unit_at(unit: str, place: str) -> Dimension:
    try:
        return dimension(unit)
    except InputError as problem:
        raise InputError(f"{place} unit", problem.found, problem.expected, problem.advice) from None


def _dimension_at(expression: Expression, dims: Mapping[str, Dimension], place: str) -> Dimension:
    try:
        return dimension_of(expression, dims)
    except InputError as problem:
        raise InputError(place, problem.found, problem.expected, problem.advice) from None


def _show(dims: Dimension) -> str:
    return " ".join(f"{name}^{power:g}" for name, power in dims) or "1 (a plain number)"


def _check_target_unit(
    work: _Build, process: Process, exchange: Exchange, processes: Mapping[str, Process], place: str
) -> None:
    """The amount must be what the supplier's reference unit measures, per this process's reference unit."""
    if exchange.kind == "emission":
        wanted = "kgCO2e" if exchange.target == UNSPECIFIED else "kg"
    elif exchange.kind == "factor":
        factor = next(iter(work.factors[exchange.target].values()))
        base = "kgCO2e" if factor.gas == UNSPECIFIED else "kg"
        wanted = f"{base}/({factor.quantity.unit})"
    else:
        supplier = processes.get(exchange.target)
        if supplier is None:
            return
        wanted = supplier.unit
    expected = work.attempt(lambda: dimension(f"({wanted})/({process.unit})"))
    if expected is not None and expected != dimension(exchange.unit):
        work.say(place, f"unit {exchange.unit}", f"a unit of ({wanted})/({process.unit})")


def _overrides(work: _Build, document: Document) -> tuple[dict[str, Quantity], dict[str, dict[str, Any]]]:
    """Parameter and share overrides of a site or a product."""
    parameters: dict[str, Quantity] = {}
    for name, value in (document.data.get("parameters") or {}).items():
        place = document.where("parameters", name)
        base = work.parameters.get(name)
        if base is None:
            work.say(place, f"unknown parameter {name!r}", "a parameter of a process", nearest(name, work.parameters))
            continue
        quantity = work.quantity(value, place, document.data.get("defaults", {}))
        if quantity is None:
            continue
        if dimension(quantity.unit) != dimension(base.unit):
            work.say(place, f"unit {quantity.unit}", f"a unit of {base.unit}")
        limits = quantity.limits or base.limits
        if limits and not limits[0] - 1e-12 <= quantity.value <= limits[1] * (1 + 1e-12):
            work.say(place, f"{quantity.shown:g} {quantity.unit}", f"{limits[0] / base.scale:g} to {limits[1] / base.scale:g} {base.unit}")
        parameters[name] = quantity
    shares: dict[str, dict[str, Any]] = {}
    for group, value in (document.data.get("shares") or {}).items():
        place = document.where("shares", group)
        known = work.shares.get(group)
        if known is None:
            work.say(place, f"unknown share group {group!r}", ", ".join(work.shares), nearest(group, work.shares))
            continue
        _check_shares(work, value, known.options, place)
        shares[group] = dict(value)
    return parameters, shares


def _read_site(work: _Build, document: Document) -> Site:
    data = document.data
    parameters, shares = _overrides(work, document)
    return Site(
        data["id"], data["name"], data["geography"], data.get("standing", "model-estimate"), int(data["period"]["year"]),
        parameters, shares, data.get("supply") or {}, data.get("note", ""),
    )  # fmt: skip


def _read_product(work: _Build, document: Document) -> Product:
    data = document.data
    parameters, shares = _overrides(work, document)
    charge = data.get("charge")
    if charge is not None:
        charge = _read_charge(work, document, charge)
    declared = data["declared_unit"]
    return Product(
        data["id"], tuple(data.get("aliases") or ()), data["name"], data["kind"], data["standard"], data["process"],
        data.get("step"), data.get("site"), declared["unit"], float(declared["amount"]), parameters, shares, charge,
        data.get("product_standard", ""), data.get("note", ""),
    )  # fmt: skip


def _read_charge(work: _Build, document: Document, charge: Mapping[str, Any]) -> dict[str, Any]:
    place = document.where("charge")
    defaults = document.data.get("defaults", {})
    if ("recycled_input" in charge) == ("recycled_content" in charge):
        work.say(place, "both or neither of recycled_input and recycled_content", "exactly one of them as default")
    result = dict(charge)
    for key in ("recycled_input", "recycled_content", "post_consumer_share"):
        if key in charge:
            result[key] = work.quantity(charge[key], f"{place}.{key}", defaults)
    if charge.get("alloy") is not None and charge["alloy"] not in work.alloys:
        work.say(place, f"alloy {charge['alloy']!r}", "an id of alloys/", nearest(str(charge["alloy"]), work.alloys))
    for key in ("returns", "iron_pickup", "returns_yield"):
        if charge.get(key) is not None and charge[key] not in work.parameters:
            work.say(f"{place}.{key}", f"{charge[key]!r}", "a parameter of a process", nearest(charge[key], work.parameters))
    return result


def _check_references(
    work: _Build, processes: Mapping[str, Process], sites: Mapping[str, Site], products: Mapping[str, Product]
) -> None:
    targets = set(processes) | {f"product:{name}" for name in products}

    def target(name: str, place: str) -> None:
        if name not in targets:
            work.say(place, f"{name!r}", "a process, or product:<id>", nearest(name, targets))

    for process in processes.values():
        for index, exchange in enumerate(process.exchanges):
            if exchange.kind != "input":
                continue
            place = f"{process.id}.exchanges[{index}]"
            target(exchange.target, place)
            supplier = processes.get(exchange.target)
            staged = exchange.target.startswith("product:") or (supplier is not None and supplier.stage is not None)
            if process.stage is None and staged:
                work.say(place, f"service {process.id} uses {exchange.target}", "services use services only")
    for site in sites.values():
        for process_id, supply in site.supply.items():
            if process_id not in processes:
                work.say(f"sites/{site.id} supply", f"{process_id!r}", "a process", nearest(process_id, processes))
            if supply.get("site", site.id) not in sites:
                work.say(f"sites/{site.id} supply.{process_id}", f"site {supply['site']!r}", "an id of sites/")
    seen: dict[str, str] = {}
    for product in products.values():
        place = f"products/{product.id}"
        for name in (product.id, *product.aliases):
            if name.lower() in seen:
                work.say(place, f"name {name!r} also names {seen[name.lower()]}", "a name used once")
            seen[name.lower()] = product.id
        own = processes.get(product.process)
        if own is None:
            target(product.process, f"{place} process")
        elif own.charge != (product.charge is not None):
            work.say(f"{place} charge", "a charge without casthouse, or the reverse", "a charge where the process has `charge: true`")
        if product.site is not None and product.site not in sites:
            work.say(f"{place} site", f"{product.site!r}", "an id of sites/", nearest(product.site, sites))
        for supplier_id in charge_suppliers(product):
            target(supplier_id, f"{place} charge")
            supplier = processes.get(supplier_id)
            if supplier is not None and supplier.metal is None:
                work.say(f"{place} charge", f"{supplier_id!r} has no metal block", "a process with origin, composition and yield")


def charge_suppliers(product: Product) -> list[str]:
    """Ids of everything that a product's charge draws on: primary, scrap classes, additions."""
    charge = product.charge
    if charge is None:
        return []
    found = [charge["primary"]["input"]] if charge.get("primary") else []
    found += [item["input"] for item in charge.get("scrap") or []]
    return found + list(charge.get("additions") or [])


__all__ = ["CATEGORIES", "CHECKLIST", "ROLES", "STAGES", "build", "charge_suppliers", "nearest", "share_values"]
