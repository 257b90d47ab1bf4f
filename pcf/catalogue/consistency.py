"""Checks across documents: formulas with their units, references, routes and charges."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Mapping
from dataclasses import replace

from pcf.catalogue.formula import FUNCTIONS, Expression, dimension_of, names, nesting, order_definitions
from pcf.catalogue.places import CHARGE_VALUES, charge_suppliers
from pcf.catalogue.records import UNSPECIFIED, Exchange, Process, Product, Site
from pcf.catalogue.workbench import SUM_TOLERANCE, Workbench
from pcf.errors import InputError
from pcf.units import Dimension, dimension, unit_scale

METHOD_SWITCHES = (
    "method_coproduct", "method_attributed", "method_location", "method_td_official", "method_td_loss_scaled",
    "method_low_voltage_pfc", "method_heat__energy", "method_heat__exergy", "method_heat__alternative",
    "method_co_products__mass", "method_co_products__economic",
)  # fmt: skip
"""Names of the method's choices that formulas may use; each is 0 or 1."""

CHARGE_NAMES = ("charge_throughput", "charge_gross")
"""Names that the charge balance provides to a casthouse process [t per t of product]."""

RESERVED = frozenset({*CHARGE_NAMES, *CHARGE_VALUES, *FUNCTIONS, *keyword.kwlist})

RULES = (
    "charge-yield-lowest", "charge-returns-most", "charge-iron-pickup-most", "cut-off-each-gbt", "cut-off-total-gbt", "cut-off-total-default", *(f"quality-age-{score}" for score in range(1, 5)),
    *(
        f"pedigree-{indicator}-{score}"
        for indicator in ("reliability", "completeness", "time", "geography", "technology")
        for score in range(1, 6)
    ),
)  # fmt: skip
"""Rows of factors/rules.csv without which no footprint is checked."""

DEEPEST_CHAIN = 150
"""Levels of formulas that rest on one another, the levels inside each formula included."""


def check_names(work: Workbench, name: str, place: str) -> None:
    """Note a name that the program gives a meaning of its own, or that looks like a share's."""
    if name in RESERVED or name.startswith("method_") or "__" in name or name.endswith("_"):
        work.say(place, f"name {name!r}", "a name that is free", "method_…, charge values, functions and `__` are the program's")


def check_rules(work: Workbench) -> None:
    """Rows that the program itself needs."""
    missing = [name for name in RULES if name not in work.factors and ("factor", name) not in work.lost]
    if missing and "factor" not in work.folder.unread:
        work.say("factors/rules.csv", f"no row {', '.join(missing)}", "every rule of the shipped factors/rules.csv")


def _namespace_dimensions(work: Workbench) -> dict[str, Dimension]:
    dims: dict[str, Dimension] = dict.fromkeys((*METHOD_SWITCHES, *CHARGE_NAMES), ())
    for name, quantity in work.parameters.items():
        dims[name] = dimension(quantity.unit)
    for group in work.shares.values():
        for option in group.options:
            dims[f"{group.name}__{option}"] = ()
    return dims


def check_formulas(work: Workbench, processes: Mapping[str, Process]) -> None:
    """Undefined names, cycles and units of every formula."""
    dims = _namespace_dimensions(work)
    expressions = {name: item.expression for name, item in work.derived.items()}
    known = {*dims, *expressions}
    for name, item in work.derived.items():
        _check_names(work, item.expression, known, work.where("process", item.process, "derived", name))
        dims[name] = dimension(item.unit)
    levels: dict[str, int] = {}
    for name in _order(work, expressions):
        derived = work.derived[name]
        place = work.where("process", derived.process, "derived", name)
        levels[name] = (
            3 + nesting(derived.expression) + max((levels.get(item, 0) for item in names(derived.expression)), default=0)
        )
        if levels[name] > DEEPEST_CHAIN:
            work.say(place, "too many formulas that rest on one another", "a shorter chain of derived names")
            break
        _check_dimension(work, derived.expression, dims, derived.unit, place)
    for process in processes.values():
        if process.allocation is not None and dims.get(process.allocation) != ():
            place = work.where("process", process.id, "allocation")
            work.say(place, repr(process.allocation), "a derived name that is a plain number")
        for index, exchange in enumerate(process.exchanges):
            place = f"{work.where('process', process.id, 'exchanges', index)} {exchange.target}"
            _check_names(work, exchange.expression, known, place)
            if work.attempt(_unit_at, exchange.unit, place) is None:
                continue
            _check_dimension(work, exchange.expression, dims, exchange.unit, place)
            _check_target_unit(work, process, exchange, processes, place)
            if exchange.kind == "emission" and exchange.expression != 0 and not names(exchange.expression):
                work.say(
                    place,
                    "an emission that is a bare number",
                    "a parameter with its source",
                    "no value stands without its source",
                )
        for index, line in enumerate(process.checklist):
            place = work.where("process", process.id, "checklist", index, "estimate")
            wanted = work.attempt(dimension, f"kgCO2e/({process.unit})")
            if line.estimate is not None and wanted is not None and dimension(line.estimate.unit) != wanted:
                work.say(place, f"unit {line.estimate.unit}", f"a unit of kgCO2e/({process.unit})")


def _order(work: Workbench, expressions: Mapping[str, Expression]) -> list[str]:
    try:
        return order_definitions(expressions)
    except InputError as problem:
        name = problem.found.partition(" ")[0]
        work.say(work.where("process", work.owners.get(name, ""), "derived", name), problem.found, problem.expected)
        return []


def _check_names(work: Workbench, expression: Expression, known: Collection[str], place: str) -> None:
    for name in sorted(names(expression) - set(known)):
        work.unknown(place, "name", name, known, "a parameter, share or derived name")


def _check_dimension(work: Workbench, expression: Expression, dims: Mapping[str, Dimension], unit: str, place: str) -> None:
    """The formula's dimension is its unit's; a bare number stands only where the unit has the size one."""
    used = names(expression)
    if not used <= set(dims) or expression == 0:
        return
    found = work.attempt(_dimension_at, expression, dims, place)
    if found is not None and found != dimension(unit):
        work.say(place, f"a formula of dimension {_show(found)}", f"the dimension of {unit}")
    elif not used and abs(unit_scale(unit) - 1) > SUM_TOLERANCE:
        work.say(place, f"a bare number with unit {unit}", "a parameter with that unit", "numbers in formulas are dimensionless")


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
    work: Workbench, process: Process, exchange: Exchange, processes: Mapping[str, Process], place: str
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
    expected = work.attempt(dimension, f"({wanted})/({process.unit})")
    if expected is not None and expected != dimension(exchange.unit):
        work.say(place, f"unit {exchange.unit}", f"a unit of ({wanted})/({process.unit})")


def check_references(
    work: Workbench, processes: Mapping[str, Process], sites: Mapping[str, Site], products: Mapping[str, Product]
) -> None:
    """Every reference between documents leads somewhere, and what is exchanged has the supplier's unit."""
    targets = {**processes, **{f"product:{name}": processes.get(item.process) for name, item in products.items()}}

    def target(name: str, place: str) -> None:
        if name not in targets:
            kind, plain = ("product", name[8:]) if name.startswith("product:") else ("process", name)
            work.unknown(place, kind, plain, processes if kind == "process" else products, "a process, or product:<id>")

    for kind, items in (("site", sites), ("product", products)):
        for name in items:
            if name == "common" or (kind == "site" and name in products):
                work.say(work.where(kind, name, "id"), repr(name), "an id of its own", "settings name parts of a chain by it")

    for process in processes.values():
        for index, exchange in enumerate(process.exchanges):
            if exchange.kind != "input":
                continue
            place = work.where("process", process.id, "exchanges", index)
            target(exchange.target, place)
            made = products.get(exchange.target.removeprefix("product:")) if exchange.target.startswith("product:") else None
            supplier = processes.get(made.process if made else exchange.target)
            if made is not None and supplier is not None:
                _check_target_unit(work, process, replace(exchange, target=supplier.id), processes, place)
            staged = exchange.target.startswith("product:") or (supplier is not None and supplier.stage is not None)
            if process.stage is None and staged:
                work.say(place, f"service {process.id} uses {exchange.target}", "services use services only")
    for site in sites.values():
        for process_id, supply in site.supply.items():
            if process_id not in processes:
                work.unknown(work.where("site", site.id, "supply"), "process", process_id, processes, "a process")
            if supply.get("site", site.id) not in sites:
                place = work.where("site", site.id, "supply", process_id)
                work.unknown(place, "site", supply["site"], sites, "an id of sites/")
    seen: dict[str, str] = {}
    for product in products.values():
        place = work.where("product", product.id)
        for name in (product.id, *product.aliases):
            if name.lower() in seen:
                work.say(place, f"name {name!r} also names {seen[name.lower()]}", "a name used once")
            seen[name.lower()] = product.id
        own = processes.get(product.process)
        if own is None:
            work.unknown(f"{place} process", "process", product.process, processes, "a process")
        elif own.stage is None:
            work.say(f"{place} process", f"the service {own.id!r}", "a process with a stage")
        elif dimension(own.unit) != dimension("t") or work.attempt(dimension, product.unit) != dimension("t"):
            work.say(
                f"{place} declared_unit", f"{product.unit} of a process in {own.unit}", "a mass, since results are per tonne"
            )
        elif _has_casthouse(own, processes) != (product.charge is not None):
            work.say(
                f"{place} charge", "a charge without casthouse, or the reverse", "a charge where the route has `charge: true`"
            )
        if product.site is not None and product.site not in sites:
            work.unknown(work.where("product", product.id, "site"), "site", product.site, sites, "an id of sites/")
        place = work.where("product", product.id, "charge")
        _check_charge_shares(work, product, processes, place)
        primary = (product.charge or {}).get("primary") or {}
        if primary.get("site") not in {None, *sites}:
            work.unknown(f"{place}.primary", "site", primary["site"], sites, "an id of sites/")
        suppliers = charge_suppliers(product)
        if len(set(suppliers)) < len(suppliers):
            work.say(place, "the same material twice", "each material once")
        for supplier_id in suppliers:
            target(supplier_id, place)
            supplier = targets.get(supplier_id)
            if supplier is not None and supplier.metal is None and ("metal", supplier.id) not in work.lost:
                work.say(
                    place,
                    f"{supplier_id!r} has no metal block",
                    "a process with origin, composition and yield",
                )


def _has_casthouse(process: Process, processes: Mapping[str, Process]) -> bool:
    """Whether a process or one that supplies it at the same site is a casthouse with a charge."""
    pending, seen = [process.id], set()
    while pending:
        item = processes.get(pending.pop())
        if item is None or item.id in seen:
            continue
        seen.add(item.id)
        if item.charge:
            return True
        pending += [exchange.target for exchange in item.exchanges if exchange.kind == "input"]
    return False


def _check_charge_shares(work: Workbench, product: Product, processes: Mapping[str, Process], place: str) -> None:
    """Shares of the scrap classes sum to 1 within post- and within pre-consumer; additions have a target to meet."""
    charge = product.charge
    if charge is None:
        return
    sums: dict[str, float] = {}
    for item in charge.get("scrap") or []:
        supplier = processes.get(item["input"])
        if supplier is not None and supplier.metal is not None:
            sums[supplier.metal.origin] = sums.get(supplier.metal.origin, 0.0) + float(item["share"])
    for origin, total in sums.items():
        if origin not in {"post-consumer", "pre-consumer"}:
            work.say(place, f"scrap of origin {origin}", "post-consumer or pre-consumer")
        if abs(total - 1) > SUM_TOLERANCE:
            work.say(place, f"{origin} shares that sum to {total:.10g}", "a sum of 1")
    alloy = work.alloys.get(charge.get("alloy") or "")
    adjusted: set[str | None] = set()
    for addition in charge.get("additions") or []:
        supplier = processes.get(addition)
        if supplier is None or ("metal", supplier.id) in work.lost or (alloy is None and charge.get("alloy")):
            continue  # said already
        element = supplier.metal.element if supplier.metal is not None else None
        if element is None or alloy is None or "target" not in alloy.elements.get(element, {}):
            work.say(place, f"addition {addition!r}", "an addition whose element has a target in the alloy")
        elif element in adjusted:
            work.say(place, f"a second addition of {element}", "one addition for each element")
        adjusted.add(element)
