"""Checks across documents: formulas with their units, references, routes and charges."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from pcf.catalogue.formula import Expression, dimension_of, names, order_definitions
from pcf.catalogue.names import nearest
from pcf.catalogue.places import charge_suppliers
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
        _check_names(work, item.expression, known, f"{item.process}.derived.{name}")
        dims[name] = dimension(item.unit)
    for name in work.attempt(order_definitions, expressions) or ():
        derived = work.derived[name]
        _check_dimension(work, derived.expression, dims, derived.unit, f"{derived.process}.derived.{name}")
    for process in processes.values():
        if process.allocation is not None and dims.get(process.allocation) != ():
            work.say(f"{process.id} allocation", repr(process.allocation), "a derived name that is a plain number")
        for index, exchange in enumerate(process.exchanges):
            place = f"{process.id}.exchanges[{index}] {exchange.target}"
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
            place = f"{process.id}.checklist[{index}] estimate"
            wanted = work.attempt(dimension, f"kgCO2e/({process.unit})")
            if line.estimate is not None and wanted is not None and dimension(line.estimate.unit) != wanted:
                work.say(place, f"unit {line.estimate.unit}", f"a unit of kgCO2e/({process.unit})")


def _check_names(work: Workbench, expression: Expression, known: Collection[str], place: str) -> None:
    for name in sorted(names(expression) - set(known)):
        work.say(place, f"unknown name {name!r}", "a parameter, share or derived name", nearest(name, known))


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
            work.say(f"{place} site", f"{product.site!r}", "an id of sites/", nearest(product.site, sites))
        _check_charge_shares(work, product, processes)
        for supplier_id in charge_suppliers(product):
            target(supplier_id, f"{place} charge")
            supplier = processes.get(supplier_id)
            if supplier is not None and supplier.metal is None:
                work.say(
                    f"{place} charge",
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


def _check_charge_shares(work: Workbench, product: Product, processes: Mapping[str, Process]) -> None:
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
            work.say(f"products/{product.id} charge", f"scrap of origin {origin}", "post-consumer or pre-consumer")
        if abs(total - 1) > SUM_TOLERANCE:
            work.say(f"products/{product.id} charge", f"{origin} shares that sum to {total:.10g}", "a sum of 1")
    alloy = work.alloys.get(charge.get("alloy") or "")
    for addition in charge.get("additions") or []:
        supplier = processes.get(addition)
        element = supplier.metal.element if supplier is not None and supplier.metal is not None else None
        if element is None or alloy is None or "target" not in alloy.elements.get(element, {}):
            work.say(
                f"products/{product.id} charge", f"addition {addition!r}", "an addition whose element has a target in the alloy"
            )
