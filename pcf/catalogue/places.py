"""Reads sites and products: what a place or a product sets differently, and its charge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pcf.catalogue.documents import Document
from pcf.catalogue.names import nearest
from pcf.catalogue.records import Product, Quantity, Site, SiteCharge, SiteOutput, metal_name
from pcf.catalogue.workbench import Workbench
from pcf.units import dimension


def _overrides(
    work: Workbench, document: Document, data: Mapping[str, Any], path: tuple[str, ...] = ()
) -> tuple[dict[str, Quantity], dict[str, dict[str, Any]]]:
    """Parameter and share overrides of a site, of one of its casthouses, or of a product."""
    parameters: dict[str, Quantity] = {}
    for name, value in (data.get("parameters") or {}).items():
        place = document.where(*path, "parameters", name)
        base = work.parameters.get(name)
        if base is None:
            work.unknown(place, "name", name, work.parameters, "a parameter of a process")
            continue
        quantity = work.quantity(value, place, document.data.get("defaults", {}))
        if quantity is None:
            continue
        if dimension(quantity.unit) != dimension(base.unit):
            work.say(place, f"unit {quantity.unit}", f"a unit of {base.unit}")
        if quantity.limits and base.limits:
            check_range(work, quantity, *base.limits, place)
        limits = base.limits or quantity.limits
        if limits and not limits[0] - 1e-12 <= quantity.value <= limits[1] * (1 + 1e-12):
            work.say(
                place,
                f"{quantity.shown:g} {quantity.unit}",
                f"{limits[0] / base.scale:g} to {limits[1] / base.scale:g} {base.unit}",
            )
        parameters[name] = quantity
    shares: dict[str, dict[str, Any]] = {}
    for group, value in (data.get("shares") or {}).items():
        place = document.where(*path, "shares", group)
        known = work.shares.get(group)
        if known is None:
            work.unknown(place, "name", group, work.shares, ", ".join(work.shares))
            continue
        work.check_shares(value, known.options, place)
        shares[group] = dict(value)
    return parameters, shares


CHARGE_VALUES = ("recycled_input", "recycled_content", "post_consumer_share")
"""Values of a product's charge."""

CHARGE_RULES = {
    "returns": ("", "charge-returns-most"),
    "returns_yield": ("charge-yield-lowest", ""),
    "iron_pickup": ("", "charge-iron-pickup-most"),
}
"""Parameters that a charge names → rules of their lowest and highest value [t/t]; without one it is 0 or 1."""


def read_site(work: Workbench, document: Document) -> Site:
    """A site with its own values, its electricity and who supplies it."""
    data = document.data
    parameters, shares = _overrides(work, document, document.data)
    return Site(
        data["id"],
        data["name"],
        data["geography"],
        data.get("standing", "model-estimate"),
        int(data["period"]["year"]),
        parameters,
        shares,
        data.get("supply") or {},
        {
            process_id: _read_site_charge(work, document, process_id, item)
            for process_id, item in (data.get("charge") or {}).items()
        },
        data.get("note", ""),
        tuple(data.get("covers") or ()),
        {
            process_id: output
            for process_id, item in (data.get("outputs") or {}).items()
            if (output := _read_site_output(work, document, process_id, item)) is not None
        },
    )


def _read_site_output(work: Workbench, document: Document, process_id: str, data: Mapping[str, Any]) -> SiteOutput | None:
    """What a casthouse of the site made in the year: masses, of which no more were attributed than made."""
    path = ("outputs", process_id)
    processes = [str(item.data.get("id")) for item in work.folder.documents if item.kind == "process"]
    if process_id not in processes:
        work.say(document.where(*path), f"{process_id!r}", "a process", nearest(process_id, processes))
    found: list[Quantity] = []
    for name in ("produced", "attributed"):
        place = document.where(*path, name)
        quantity = work.quantity(data[name], place, document.data.get("defaults", {}))
        if quantity is None:
            continue
        if dimension(quantity.unit) != dimension("t") or not quantity.value >= 0:
            work.say(place, f"{quantity.shown:g} {quantity.unit}", "a mass, zero or more")
        found.append(quantity)
    if len(found) < 2:
        return None
    produced, attributed = found
    if attributed.value > produced.value * (1 + 1e-12):
        work.say(document.where(*path), f"{attributed.shown:g} {attributed.unit} attributed", "at most what was produced")
    return SiteOutput(produced, attributed)


def _read_site_charge(work: Workbench, document: Document, process_id: str, data: Mapping[str, Any]) -> SiteCharge:
    """What a casthouse of the site charged; every material has a metal block, every mass is zero or more."""
    path = ("charge", process_id)
    processes = [item.data for item in work.folder.documents if item.kind == "process"]
    casthouses = [str(item.get("id")) for item in processes if item.get("charge")]
    if process_id not in casthouses:
        work.say(document.where(*path), f"{process_id!r}", "a casthouse process", nearest(process_id, casthouses))
    gross: dict[str, Quantity] = {}
    for name in (data.get("primary") or "", *data["gross"]):
        if name and metal_name(name, "yield") not in work.parameters:
            work.unknown(document.where(*path, "gross", name), "process", name, (), "a process with a metal block")
    for name, value in data["gross"].items():
        quantity = work.quantity(value, document.where(*path, "gross", name), document.data.get("defaults", {}))
        if quantity is None:
            continue
        if dimension(quantity.unit) or not quantity.value >= 0:
            work.say(document.where(*path, "gross", name), f"{quantity.shown:g} {quantity.unit}", "t/t, zero or more")
        gross[name] = quantity
    if gross and not sum(item.value for item in gross.values()) > 0:
        work.say(document.where(*path, "gross"), "no mass at all", "what the casthouse charged")
    parameters, shares = _overrides(work, document, data, path)
    return SiteCharge(data.get("primary", ""), gross, parameters, shares)


def read_product(work: Workbench, document: Document) -> Product:
    data = document.data
    parameters, shares = _overrides(work, document, document.data)
    charge = data.get("charge")
    if charge is not None:
        charge = _read_charge(work, document, charge)
    declared = data["declared_unit"]
    return Product(
        data["id"], tuple(data.get("aliases") or ()), data["name"], data["kind"], data["standard"], data["process"],
        data.get("step"), data.get("site"), declared["unit"], float(declared["amount"]), parameters, shares, charge,
        data.get("product_standard", ""), data.get("note", ""),
    )  # fmt: skip


def _read_charge(work: Workbench, document: Document, charge: Mapping[str, Any]) -> dict[str, Any]:
    place = document.where("charge")
    defaults = document.data.get("defaults", {})
    if ("recycled_input" in charge) == ("recycled_content" in charge):
        work.say(place, "both or neither of recycled_input and recycled_content", "exactly one of them as default")
    result = dict(charge)
    for key in CHARGE_VALUES:
        if key in charge:
            quantity = work.quantity(charge[key], f"{place}.{key}", defaults)
            if quantity is not None and (dimension(quantity.unit) or not 0 <= quantity.value <= 1):
                work.say(f"{place}.{key}", f"{quantity.shown:g} {quantity.unit}", "a share from 0 to 1")
            elif quantity is not None:
                quantity = replace(quantity, limits=quantity.limits or (0.0, 1.0))
                check_range(work, quantity, 0.0, 1.0, f"{place}.{key}")
            result[key] = quantity
    for index, item in enumerate(charge.get("scrap") or []):
        if not 0 <= float(item["share"]) <= 1:
            work.say(f"{place}.scrap[{index}]", f"share {item['share']}", "a share from 0 to 1")
    if not charge.get("scrap") and "recycled_input" in charge and (value := result.get("recycled_input")) and value.value > 0:
        work.say(place, "recycled input without scrap", "scrap classes, or a recycled input of 0")
    if not (charge.get("primary") or {}).get("input"):
        work.say(place, "no primary metal", "primary: {input: …}, even where none is charged by default")
    if charge.get("alloy") is not None and charge["alloy"] not in work.alloys:
        work.unknown(place, "alloy", str(charge["alloy"]), work.alloys, "an id of alloys/")
    for key, (lowest, highest) in CHARGE_RULES.items():
        if charge.get(key) is None:
            continue
        parameter = work.parameters.get(charge[key])
        if parameter is None:
            work.unknown(f"{place}.{key}", "name", charge[key], work.parameters, "a parameter of a process")
        elif dimension(parameter.unit):
            work.say(f"{place}.{key}", f"{charge[key]} in {parameter.unit}", "a plain share")
        else:
            low, high = work.rule(lowest, 0.0), work.rule(highest, 1.0)
            check_range(work, parameter, low, high, f"{place}.{key}")
    return result


def check_range(work: Workbench, quantity: Quantity, low: float, high: float, place: str) -> None:
    """Note a value whose limits, or without any it itself, reach beyond what it may mean."""
    lowest, highest = quantity.limits or (quantity.value, quantity.value)
    if not low <= lowest <= highest <= high:
        shown = f"limits of {lowest:g} to {highest:g}" if quantity.limits else f"{quantity.value:g}"
        work.say(place, shown, f"{low:g} to {high:g}")


def charge_suppliers(product: Product) -> list[str]:
    """Ids of everything that a product's charge draws on: primary, scrap classes, additions."""
    charge = product.charge
    if charge is None:
        return []
    found = [charge["primary"]["input"]] if charge.get("primary") else []
    found += [item["input"] for item in charge.get("scrap") or []]
    return found + list(charge.get("additions") or [])
