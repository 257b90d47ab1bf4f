"""The catalogue as it stands for one batch: its product, its site with the heat's charge, its materials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pcf.catalogue import Catalogue, Exchange, Marks, Metal, Process, Product, Quantity, Site, SiteCharge, metal_name
from pcf.custody.content import POST, PRE
from pcf.custody.metals import Charged, ChargeItem, Metals
from pcf.custody.plant_years import choose_site
from pcf.custody.supplier import Notice
from pcf.errors import InputError
from pcf.model import Method, Settings, factor_row

GATES = ("cast", "product")
"""Where the footprint ends: at the cast metal as weighed, or at the product that is sold, with the year's further steps."""

CAST, OWN_RETURNS, RECORD = "cast-batch", "own-returns", "cast-record"
"""Generated: the cast metal of a casthouse with later steps, a charge of nothing but returns, the source of the masses."""


@dataclass(frozen=True)
class BatchCharge:
    """One cast batch.

    Parameters
    ----------
    id : str
    product : str
        Product of the catalogue.
    site : str
        Plant or site, see `choose_site`.
    year : int
        Year of the cast.
    product_kg : int
        Good metal that was cast [kg].
    items : tuple of ChargeItem
    returns_kg : int, optional
        Metal of this batch that goes back to the furnace [kg]; left out: the year's rate.
    casthouse : str
        The process that charges; empty: that of the product's chain.
    """

    id: str
    product: str
    site: str
    year: int
    product_kg: int
    items: tuple[ChargeItem, ...]
    returns_kg: int | None = None
    casthouse: str = ""


@dataclass(frozen=True)
class Prepared:
    """A catalogue with one batch in it, and what has to be asked of it.

    `base` is the product of the catalogue behind `product`, `net_kg` the mass of the casthouse's product [kg].
    """

    catalogue: Catalogue
    product: str
    base: str
    settings: Settings
    site: str
    casthouse: str
    net_kg: float
    provisional: bool
    notices: tuple[Notice, ...]
    charged: tuple[Charged, ...]


def find_casthouse(catalogue: Catalogue, product: str) -> str:
    """The process of a product's chain that takes a charge.

    Raises
    ------
    InputError
        For an unknown product, or one that is not cast from a charge.
    """
    if product not in catalogue.products:
        raise InputError("product", repr(product), f"one of: {', '.join(sorted(catalogue.products))}")
    found = [catalogue.products[product].process] if catalogue.products[product].charge else []
    for name in found:
        process = catalogue.processes[name]
        if process.charge:
            return name
        steps = [exchange.target for exchange in process.exchanges if exchange.kind == "input" and exchange.role == "material"]
        found += [step for step in steps if step in catalogue.processes and step not in found]
    known = sorted(name for name, item in catalogue.products.items() if item.charge)
    raise InputError(f"product {product}", "no charge", f"a product that is cast from a charge: {', '.join(known)}")


def prepare(catalogue: Catalogue, batch: BatchCharge, method: Method, *, replaces: bool, gate: str) -> Prepared:
    """The catalogue as it stands for one batch.

    Raises
    ------
    InputError
        As `calc_batch`.
    """
    casthouse = find_casthouse(catalogue, batch.product)
    _check(batch, casthouse, gate)
    product = catalogue.products[batch.product]
    site_id, provisional = choose_site(catalogue, batch.site, batch.year)
    site = catalogue.sites[site_id]
    metals = Metals(catalogue, product, site, method, batch.year, replaces)
    if provisional:
        metals.notices.append(Notice("provisional", "", {"site": site_id, "year": str(batch.year)}))
    for item in batch.items:
        metals.charge(item)
    if not metals.gross:
        metals.notices.append(Notice("returns-only"))
    charge, net_kg, melt = _site_charge(catalogue, batch, product, site, casthouse, metals)
    # A key apart from the id: suppliers of the chain that name this site still mean the year as it was.
    site_key, product_key = f"{site.id}/{batch.id}", f"{batch.product}/{batch.id}"
    covers = (*site.covers, CAST) if casthouse in site.covers else site.covers
    changed = replace(site, charge={**site.charge, casthouse: charge}, covers=covers)
    processes = {**catalogue.processes, **metals.processes}
    if gate == "cast" and casthouse != product.process:
        processes[CAST] = _cast_process(product, processes[casthouse], melt / batch.product_kg)
        last = CAST
    else:
        last = casthouse if gate == "cast" else product.process
    made = _batch_product(product, product_key, site, last, processes[casthouse], metals)
    found = replace(
        catalogue,
        processes=processes,
        products={**catalogue.products, **metals.products, product_key: made},
        sites={**catalogue.sites, site_key: changed},
        parameters={**catalogue.parameters, **metals.parameters},
        owners={**catalogue.owners, **metals.owners},
        factors={**catalogue.factors, **metals.factors},
        sources={**catalogue.sources, **metals.sources, RECORD: _record(batch, site)},
    )
    found.__dict__["bases"] = catalogue.bases  # no derived name is new
    beside = {name: site.id for name, item in catalogue.products.items() if item.site == product.site and item.site != site.id}
    settings = Settings(sites={**beside, product_key: site_key})
    return Prepared(
        found, product_key, batch.product, settings, site_id, casthouse, net_kg, provisional, tuple(metals.notices),
        tuple(metals.charged),
    )  # fmt: skip


def check_own_metal(batch: BatchCharge) -> None:
    """Refuse bought metal in a product that is cast from the plant's own liquid metal: its burden would be lost.

    Raises
    ------
    InputError
        For scrap, and for metal with a supplier's footprint.
    """
    for item in batch.items:
        if item.content_class in (POST, PRE) or item.footprint is not None:
            raise InputError(
                f"heat {batch.id}, charge", f"{item.lot} ({item.material}) in {batch.product}",
                "the plant's own metal alone, or a product that is cast from a charge",
                "enter the heat under a product that is melted from a charge",
            )  # fmt: skip


def _check(batch: BatchCharge, casthouse: str, gate: str) -> None:
    place = f"batch {batch.id}"
    if gate not in GATES:
        raise InputError(f"{place} gate", repr(gate), " | ".join(GATES))
    if batch.casthouse not in ("", casthouse):
        raise InputError(f"{place} casthouse", repr(batch.casthouse), f"{casthouse}, that of {batch.product}")
    masses: list[tuple[str, Any, int]] = [("product", batch.product_kg, 1), ("returns", batch.returns_kg or 0, 0)]
    masses += [(f"lot {item.lot}", item.mass_kg, 1) for item in batch.items]
    for name, mass, least in masses:
        if not isinstance(mass, int) or isinstance(mass, bool) or mass < least:
            raise InputError(f"{place} {name}", repr(mass), f"whole kilograms, {least} or more")
    charged = sum(item.mass_kg for item in batch.items)
    out = batch.product_kg + (batch.returns_kg or 0)
    if out > charged:
        raise InputError(place, f"{out:,} kg out of {charged:,} kg charged", "no more than was charged", "name all that went in")


def _site_charge(
    catalogue: Catalogue, batch: BatchCharge, product: Product, site: Site, casthouse: str, metals: Metals
) -> tuple[SiteCharge, float, float]:
    """The casthouse's charge per mass of its product; that mass, and the melt [kg]."""
    marks = Marks(RECORD, str(batch.year), site.geography, "source-read", "primary", "none", batch.id)
    assert product.charge is not None
    line = site.charge.get(casthouse, SiteCharge("", {}))
    parameters = dict(line.parameters)
    melt = float(batch.product_kg + (batch.returns_kg or 0))
    name = product.charge.get("returns")
    if casthouse != product.process:
        net = melt * (1 - _value(catalogue, name, product, line, site)) if name else melt
    else:
        net = float(batch.product_kg)
        if name and batch.returns_kg is not None:
            share = batch.returns_kg / melt
            parameters[name] = Quantity(share, "1", 1.0, marks, None, (0.0, 1.0), catalogue.parameters[name].name)
    gross = dict(metals.gross)
    if not gross:
        metals.processes[OWN_RETURNS] = _returns_process(catalogue.processes[casthouse], marks)
        metals.parameters[metal_name(OWN_RETURNS, "yield")] = Quantity(1.0, "1", 1.0, marks, None, (0.0, 1.0))
        gross[OWN_RETURNS] = float(sum(item.mass_kg for item in batch.items))
    first = next((target for target in gross if _origin(catalogue, metals, target) == "primary"), "")
    if not first and not (product.charge.get("alloy") and metals.gross):
        first = next(iter(gross))  # no limits to meet, so no metal to fill up with: what is not charged is not composed
    quantities = {target: Quantity(mass / net, "t/t", 1.0, marks) for target, mass in gross.items()}
    return SiteCharge(first, quantities, parameters, line.shares), net, melt


def _origin(catalogue: Catalogue, metals: Metals, target: str) -> str:
    process = metals.processes[target] if target in metals.processes else catalogue.processes[target]
    return process.metal.origin if process.metal else ""


def _value(catalogue: Catalogue, name: str, product: Product, line: SiteCharge, site: Site) -> float:
    """A parameter's value where it is used: the product's own, the line's, the site's or the process's."""
    layers: tuple[Mapping[str, Quantity], ...] = (product.parameters, line.parameters, site.parameters, catalogue.parameters)
    quantity = next(layer[name] for layer in layers if name in layer)
    return factor_row(catalogue, quantity.factor, "").quantity.value if quantity.factor else quantity.value


def _batch_product(product: Product, key: str, site: Site, last: str, casthouse: Process, metals: Metals) -> Product:
    charge = {**(product.charge or {}), "scrap": [], "additions": []}  # what was charged is known: nothing by default
    if not metals.gross:
        charge["alloy"] = None  # what returns hold stands nowhere
    if last == product.process:
        return replace(product, id=key, aliases=(), site=site.id, charge=charge)
    name = {language: f"{name} · {casthouse.name[language]}" for language, name in product.name.items()}
    return replace(product, id=key, aliases=(), site=site.id, name=name, process=last, step=last, charge=charge)


def _cast_process(product: Product, casthouse: Process, melt: float) -> Process:
    """Cast metal as it is weighed: as much of the casthouse's product as is left of it when all returns have gone back."""
    name = (product.charge or {}).get("returns")
    amount: Any = ["*", melt, ["-", 1.0, ["n", name]]] if name else melt
    text = f"{melt:g} * (1 - {name})" if name else f"{melt:g}"
    exchange = Exchange("input", casthouse.id, amount, text, "t/t", "material", None, None, ("cradle-to-gate", "gate-to-gate"))
    return replace(
        casthouse, id=CAST, parameters=(), shares=(), derived=(), exchanges=(exchange,), checklist=(), charge=False, note=""
    )


def _returns_process(casthouse: Process, marks: Marks) -> Process:
    metal = Metal("internal", {}, Quantity(1.0, "1", 1.0, marks))
    return replace(
        casthouse, id=OWN_RETURNS, parameters=(), shares=(), derived=(), exchanges=(), checklist=(), charge=False, metal=metal,
        note="",
    )  # fmt: skip


def _record(batch: BatchCharge, site: Site) -> dict[str, str]:
    return {"id": RECORD, "title": batch.id, "publisher": site.name.get("en", site.id), "year": str(batch.year)}
