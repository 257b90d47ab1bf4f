"""What a furnace was charged with, as processes of a catalogue: plain materials, named sites, supplier's footprints, own heats.

Whatever is not a material of the catalogue as it stands becomes a process of its own, added to a copy: it wraps the material
with the lot's class, yield and burden. So the engine, the evidence and the document treat a lot like any other supplier.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pcf.catalogue import (
    UNSPECIFIED,
    Catalogue,
    Exchange,
    Factor,
    Marks,
    Metal,
    Process,
    Product,
    Quantity,
    Site,
    metal_name,
    nearest,
)
from pcf.custody.plant_years import choose_site
from pcf.custody.supplier import SWITCHES, Notice, OwnHeat, SupplierFootprint, accept, bears_scrap, read_edition
from pcf.errors import InputError
from pcf.model import Method

RETURN = "return"
"""Material of own returns: they bear nothing, since the product from which they came bears it all."""

ORIGINS: Mapping[str, str] = {
    "post-consumer": "post-consumer",
    "pre-consumer": "pre-consumer",
    "primary": "primary",
    "other": "primary",
    "alloying": "addition",
    "internal": "internal",
}
"""Content class of a lot (ISO 14021) → origin of its metal in the charge; what is unknown counts as primary (R25)."""

DELIVERED_HOT = "hot-metal-delivery"
"""The process whose metal has made its way to the customer already."""

_ONE, _NONE = 1.0, 0.0


@dataclass(frozen=True)
class ChargeItem:
    """One line of a charge. CoC designations are no part of it: they change no footprint (F9).

    Parameters
    ----------
    lot : str
        The unit that was charged.
    material : str
        A process of the catalogue with metal (`scrap-ubc`), a product whose ingot it is (`hqalight`), or `return`.
    mass_kg : int
        Gross mass as charged [kg].
    content_class : str
        Key of `ORIGINS`; decides recycled content whatever the catalogue says of the material.
    footprint : SupplierFootprint, optional
    heat : OwnHeat, optional
        Of an earlier heat of one's own; its contents stand in place of `content_class`.
    site : str
        Plant or site that made the metal, where it is another than the catalogue's.
    metal_yield : float, optional
        The lot's own metal yield [kg/kg], in place of that of its class.
    """

    lot: str
    material: str
    mass_kg: int
    content_class: str
    footprint: SupplierFootprint | None = None
    heat: OwnHeat | None = None
    site: str = ""
    metal_yield: float | None = None


@dataclass(frozen=True)
class Charged:
    """A line of a charge with the process that stands for it and on what its burden rests.

    `basis` is `catalogue`, `supplier`, `heat` (an own one) or `returns`, which no process stands for.
    """

    item: ChargeItem
    process: str
    basis: str


@dataclass
class Metals:
    """The materials of one charge: gross mass by process [kg], and what has to be added to the catalogue."""

    catalogue: Catalogue
    product: Product
    site: Site
    method: Method
    year: int
    replace: bool
    gross: dict[str, float] = field(default_factory=dict)
    charged: list[Charged] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    processes: dict[str, Process] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    parameters: dict[str, Quantity] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    factors: dict[str, Mapping[str, Factor]] = field(default_factory=dict)
    sources: dict[str, Mapping[str, str]] = field(default_factory=dict)
    _wrapped: dict[tuple[Any, ...], str] = field(default_factory=dict)

    def charge(self, item: ChargeItem) -> None:
        """Add one line of the charge.

        Raises
        ------
        InputError
            For a material without metal, a class that does not exist, or a supplier's footprint that cannot be used.
        """
        if item.material == RETURN:
            self.charged.append(Charged(item, "", "returns"))
            return
        if item.heat is not None:
            self._charge_heat(item, item.heat)
            return
        if item.content_class not in ORIGINS:
            raise InputError(f"lot {item.lot} content class", repr(item.content_class), " | ".join(ORIGINS))
        used = None
        if item.footprint is not None:
            fits, notices = accept(item.lot, item.footprint, item.content_class, self.method, replace=self.replace)
            self.notices += notices
            used = item.footprint if fits else None
        base = self._base(item, bought=used is not None)
        origin = ORIGINS[item.content_class]
        if base.process.metal is not None:
            self._compare_class(item, base.metal.origin, origin)
        metal = replace(base.metal, origin=origin)
        if item.metal_yield is not None:
            metal = replace(metal, metal_yield=_lot_yield(item, item.metal_yield, base.metal.metal_yield))
        if used is not None:
            name = self._add(self._supplied(base, item, used), metal, base)
        elif base.target == base.process.id and metal == base.metal:
            name = base.process.id
        else:
            key = (base.target, origin, metal.metal_yield.value)
            if key not in self._wrapped:
                self._wrapped[key] = self._add(_wrap(base, (_input(base.target, _ONE), *base.transports)), metal, base)
            name = self._wrapped[key]
        self.gross[name] = self.gross.get(name, 0.0) + item.mass_kg
        self.charged.append(Charged(item, name, "supplier" if used is not None else "catalogue"))

    def _compare_class(self, item: ChargeItem, of_material: str, of_lot: str) -> None:
        """Say where a lot's class is not that of its material: its burden is still the material's."""
        if of_lot not in (of_material, "internal") and {of_lot, of_material} != {"primary", "addition"}:
            values = {"material": item.material, "found": item.content_class, "expected": of_material}
            self.notices.append(Notice("class-differs", item.lot, values))

    def _base(self, item: ChargeItem, *, bought: bool) -> _Base:
        """The material behind a line, with the way that its metal takes to the casthouse where the material has none."""
        catalogue, wanted = self.catalogue, item.material.removeprefix("product:")
        delivery = catalogue.processes[(self.product.charge or {})["primary"]["input"]]
        product = catalogue.products.get(wanted)
        process = catalogue.processes.get(product.process if product else wanted)
        metal, stage = (process.metal, process.stage) if process is not None else (None, None)
        if product is not None and metal is None:
            metal, stage = delivery.metal, delivery.stage  # ingot of a casthouse: it melts like other ingot
        if process is None or metal is None:
            known = [*(name for name, other in catalogue.processes.items() if other.metal), *catalogue.products, RETURN]
            raise InputError(f"lot {item.lot} material", repr(item.material), "a material with metal", nearest(wanted, known))
        target = f"product:{wanted}" if product else process.id
        # Where a plant is computed on its own data, so is what the model makes beside this product.
        maker = self.site.id if product and product.site == self.product.site else product.site if product else None
        if item.site:
            maker, provisional = choose_site(catalogue, item.site, self.year)
            if provisional:
                self.notices.append(Notice("provisional", item.lot, {"site": maker, "year": str(self.year)}))
            target = f"product:{self._at_site(process, product, maker)}"
        moved = bought or (target != process.id and maker != self.site.id)
        has_way = process.id in (delivery.id, DELIVERED_HOT) or metal.origin != "primary"
        transports = _transports(delivery) if moved and not has_way else ()
        per_site = delivery.per_site if transports else process.per_site
        return _Base(target, replace(process, stage=stage), metal, transports, per_site)

    def _at_site(self, process: Process, product: Product | None, site_id: str) -> str:
        """A product of the material at the site that made it."""
        name = f"{product.id if product else process.id}/{site_id}"
        if product is None:
            product = Product(
                name, (), process.name, "", self.product.standard, process.id, None, site_id, process.unit, 1.0, {}, {}, None
            )
        self.products[name] = replace(product, id=name, aliases=(), site=site_id)
        return name

    def _supplied(self, base: _Base, item: ChargeItem, footprint: SupplierFootprint) -> Process:
        """The supplier's value with what lies between his gate and the furnace; under the other treatment of scrap the catalogue.

        His value stands for the metal as it leaves him. Scrap keeps collection and preparation besides, of which part may be
        his: rather a little twice than nothing.
        """
        switch = SWITCHES[self.method.scrap] if bears_scrap(item.content_class) else _ONE
        other = _NONE if switch == _ONE else ["-", 1.0, switch]
        is_scrap = base.process.stage == "recycling"
        rest: list[Exchange] = []
        if is_scrap:
            burdens = [exchange.category == "scrap-burden" for exchange in base.process.exchanges]
            pairs = list(zip(base.process.exchanges, burdens, strict=True))
            kept = [exchange for exchange, burden in pairs if not burden]
            rest = [_times(exchange, other) for exchange, burden in pairs if burden]
        elif base.transports:
            kept, rest = list(base.transports), [_input(base.target, other)]
        else:
            kept = [_times(exchange, switch) for exchange in _transports(base.process)]
            rest = [_input(base.target, other)]
        supplied = _leaf(self._factor(item, footprint), switch, "scrap-burden" if is_scrap else "ancillary")
        return _wrap(base, (supplied, *kept, *(rest if other != _NONE else ())), f" · {item.lot}")

    def _factor(self, item: ChargeItem, footprint: SupplierFootprint) -> str:
        name = f"supplier-{len(self.factors) + 1}"
        year = next(iter(re.findall(r"\d{4}", footprint.period)), str(self.year))
        self.sources[name] = {
            "id": name,
            "title": footprint.document or footprint.standard or item.lot,
            "publisher": footprint.supplier,
            "year": year,
            "url": "",
            "redistribution": "",
            "note": "; ".join(
                f"{key}: {text}"
                for key, text in (
                    ("boundary", footprint.boundary), ("scrap", footprint.scrap), ("standard", footprint.standard),
                    ("period", footprint.period), ("verifier", footprint.verifier),
                )
                if text
            ),
        }  # fmt: skip
        marks = Marks(
            name, year, "", "source-read" if footprint.document else "assumed", "primary",
            "limited" if footprint.verifier else "none", item.lot,
        )  # fmt: skip
        edition = read_edition(footprint.gwp)
        self._add_factor(name, footprint.value, marks, item.lot, edition)
        return name

    def _add_factor(self, name: str, value: float, marks: Marks, lot: str, edition: str | None) -> None:
        quantity = Quantity(value, "kgCO2e/kg", 1.0, marks, None, None, {"en": lot, "zh": lot}, None, f"lot {lot} footprint")
        self.factors[name] = {marks.year: Factor(name, "emission", quantity, UNSPECIFIED, edition)}

    def _charge_heat(self, item: ChargeItem, heat: OwnHeat) -> None:
        """An own heat, split by its contents; metal that was cast once is charged without further loss."""
        if set(heat.values) != set(SWITCHES) or min(heat.post, heat.pre, 1 - heat.post - heat.pre) < -1e-9:
            found = f"{dict(heat.values)}, contents {heat.post:g} and {heat.pre:g}"
            raise InputError(f"heat {item.lot}", found, f"a value for {' and '.join(SWITCHES)}, contents of at most 1 together")
        base = self._base(item, bought=False)
        year, exchanges = str(self.year), []
        for option, value in heat.values.items():
            name = f"heat-{len(self.factors) + 1}"
            self.sources[name] = {"id": name, "title": item.lot, "publisher": "", "year": year}
            marks = Marks(name, year, self.site.geography, "derived", "secondary", "none", item.lot)
            self._add_factor(name, value, marks, item.lot, self.method.gwp)
            exchanges.append(_leaf(name, SWITCHES[option], "ancillary"))
        metal = replace(base.metal, metal_yield=_lot_yield(item, 1.0, base.metal.metal_yield))
        shares = {"post-consumer": heat.post, "pre-consumer": heat.pre, "primary": 1 - heat.post - heat.pre}
        process = _wrap(base, tuple(exchanges), f" · {item.lot}")
        names = {self._add(process, replace(metal, origin=origin), base): share for origin, share in shares.items() if share > 0}
        self.gross |= {name: item.mass_kg * share for name, share in names.items()}
        self.charged.append(Charged(item, next(iter(names)), "heat"))

    def _add(self, process: Process, metal: Metal, base: _Base) -> str:
        name = f"charged-{len(self.processes) + 1}"
        self.processes[name] = replace(process, id=name, metal=metal)
        for part, quantity in (*metal.composition.items(), ("yield", metal.metal_yield)):
            key = metal_name(name, part)
            known = self.catalogue.parameters.get(metal_name(base.process.id, part))
            same = known is not None and known.value == quantity.value
            self.parameters[key] = known if known is not None and same else quantity
            self.owners[key] = name
        return name


@dataclass(frozen=True)
class _Base:
    target: str
    process: Process
    metal: Metal
    transports: tuple[Exchange, ...]
    per_site: bool


def _lot_yield(item: ChargeItem, value: float, default: Quantity) -> Quantity:
    if not 0 < value <= 1:
        raise InputError(f"lot {item.lot} metal yield", f"{value:g}", "a share above 0 and at most 1")
    marks = replace(default.marks, source_check="assumed", data_class="primary", locator=item.lot)
    return replace(default, value=value, marks=marks, uncertainty=None, limits=(0.0, 1.0))


def _wrap(base: _Base, exchanges: tuple[Exchange, ...], ending: str = "") -> Process:
    """A process of these exchanges in the place of a material."""
    return replace(
        base.process, name={language: name + ending for language, name in base.process.name.items()}, per_site=base.per_site,
        parameters=(), shares=(), derived=(), exchanges=exchanges, checklist=(), charge=False, allocation=None, note="",
    )  # fmt: skip


def _transports(process: Process) -> tuple[Exchange, ...]:
    return tuple(item for item in process.exchanges if item.role == "transport")


def _times(exchange: Exchange, factor: object) -> Exchange:
    return exchange if factor == _ONE else replace(exchange, expression=["*", factor, exchange.expression])


def _input(target: str, amount: object) -> Exchange:
    return Exchange("input", target, amount, "1", "1", "material", None, None, ("cradle-to-gate", "gate-to-gate"))


def _leaf(factor: str, amount: object, category: str) -> Exchange:
    return Exchange("factor", factor, amount, "1", "1", "material", category, None, ("cradle-to-gate",))
