"""The footprint of one cast batch from what was really charged, at its plant's data of the year.

A batch is the catalogue with the casthouse's charge replaced by the heat's masses, and computed like any other product. What a
plant measures by the year (energy, returns, power) stays the year's; what a heat has of its own is its charge.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pcf.catalogue import Catalogue
from pcf.custody.batch import BatchCharge, check_own_metal, prepare
from pcf.custody.metals import Charged, ChargeItem
from pcf.custody.plant_years import choose_site
from pcf.custody.records import Lot
from pcf.custody.steady import Steady
from pcf.custody.supplier import Notice, OwnHeat, SupplierFootprint
from pcf.engine import Footprint, at, calc_totals, calculate
from pcf.methods import assess, document, standing
from pcf.model import Charge, Method, read_request


@dataclass(frozen=True)
class LotBurden:
    """What 1 kg of a lot brought in [kgCO2e/kg], by the catalogue, a supplier, an own heat, or as own returns.

    `plant`: the metal of the plant itself, whose burden is not told apart (None). `supplier`: the supplier's own figure inside of
    `intensity`, which holds the way from his gate to the furnace and the preparation of scrap besides.
    """

    lot: str
    material: str
    mass_kg: int
    content_class: str
    basis: str
    intensity: float | None
    supplier: float | None = None


@dataclass(frozen=True)
class BatchFootprint:
    """The footprint of a batch with everything that belongs to it.

    `total` [kgCO2e/kg] is per kg of cast metal, or of the product that is sold, by `gate`; `emissions_kg` [kgCO2e] what the
    whole batch carries when it leaves the casthouse. Contents are of the external metal (F13) [1].
    """

    batch: BatchCharge
    site: str
    casthouse: str
    gate: str
    footprint: Footprint
    total: float
    emissions_kg: float
    charge: Charge | None
    post_consumer_content: float
    pre_consumer_content: float
    standing: str
    provisional: bool
    warnings: tuple[Notice, ...]
    lots: tuple[LotBurden, ...]

    @property
    def recycled_content(self) -> float:
        """Post- and pre-consumer content together [1]."""
        return self.post_consumer_content + self.pre_consumer_content


def calc_batch(
    catalogue: Catalogue, batch: BatchCharge, method: Method | None = None, *, replace: bool = False, gate: str = "cast",
    steady: Steady | None = None,
) -> BatchFootprint:  # fmt: skip
    """Compute the footprint of a batch.

    Parameters
    ----------
    catalogue : Catalogue
    batch : BatchCharge
    method : Method, optional
    replace : bool
        Whether the catalogue's data set stands in for a supplier's footprint that cannot be used, with a warning, instead of
        an error.
    gate : str
        One of `GATES`.
    steady : Steady, optional
        What is kept of other batches of the same catalogue.

    Raises
    ------
    InputError
        For materials, classes, masses or sites that do not exist, and supplier's footprints that cannot be used.

    Notes
    -----
    With gross masses `m_i`, intensities `b_i`, melt `M` (product and returns of the batch), and product `G`:

        E = Σ m_i b_i + M e_melting + N e_casting,   total = E / G

    `N` is what is left of the melt when all returns have gone back (of slab also those of the rolling mills, by the year's
    rate); it is `G` where the casthouse makes the product itself. Own returns bring nothing in and take nothing out: all of `E`
    is in the product (R20, F9: no CoC designation is in these terms).
    """
    method = method or Method()
    if batch.product in catalogue.products and catalogue.products[batch.product].charge is None:
        return _calc_without_charge(catalogue, batch, method)
    found = prepare(catalogue, batch, method, replaces=replace, gate=gate)
    solving = (steady or Steady(catalogue)).solving(found, "alternatives")
    footprint = calculate(found.catalogue, found.product, method, found.settings, solving)
    system, intensity = footprint.system, footprint.solution.intensity
    own = next(index for index in system.charges if system.nodes[index].scope is system.own)
    charge = system.charges[own]
    burdens = {
        system.nodes[int(link.target)].process.id: at(intensity[int(link.target)], 0)
        for link in system.nodes[own].links
        if link.kind == "input"
    }
    post = at(charge.post_consumer_content, 0)
    return BatchFootprint(
        batch=batch,
        site=found.site,
        casthouse=found.casthouse,
        gate=gate,
        footprint=footprint,
        total=at(footprint.total, 0),
        emissions_kg=at(intensity[own], 0) * found.net_kg,
        charge=charge,
        post_consumer_content=post,
        pre_consumer_content=at(charge.recycled_content, 0) - post,
        standing=standing(system),
        provisional=found.provisional,
        warnings=found.notices,
        lots=tuple(_burdens(found.charged, burdens)),
    )


def _calc_without_charge(catalogue: Catalogue, batch: BatchCharge, method: Method) -> BatchFootprint:
    """A batch of a product that is cast from the plant's own liquid metal: the product at the plant, whatever ladle it came from."""
    check_own_metal(batch)
    site, provisional = choose_site(catalogue, batch.site, batch.year)
    _, settings = read_request(catalogue, batch.product, method, site=site)
    footprint = calculate(catalogue, batch.product, method, settings)
    total = at(footprint.total, 0)
    notices = (Notice("provisional", "", {"site": site, "year": str(batch.year)}),) if provisional else ()
    casthouse = catalogue.products[batch.product].process
    made = BatchFootprint(
        batch, site, casthouse, "cast", footprint, total, 0.0, None, 0.0, 0.0, standing(footprint.system), provisional, notices, ()
    )  # fmt: skip
    return calc_alike(made, batch)


def calc_alike(known: BatchFootprint, batch: BatchCharge) -> BatchFootprint:
    """The footprint of another batch of a product without a charge, of the same plant and year: only its masses are its own.

    Raises
    ------
    InputError
        For bought metal in it.
    """
    check_own_metal(batch)
    lots = tuple(LotBurden(item.lot, item.material, item.mass_kg, item.content_class, "plant", None) for item in batch.items)
    return replace(known, batch=batch, emissions_kg=known.total * batch.product_kg, lots=lots)


def calc_batch_totals(
    catalogue: Catalogue,
    batches: Iterable[BatchCharge],
    method: Method | None = None,
    *,
    replace: bool = False,
    gate: str = "cast",
) -> list[float]:
    """Totals of batches alone [kgCO2e/kg], for many of them: neither tables nor evidence nor alternatives."""
    method = method or Method()
    totals = []
    for batch in batches:
        found = prepare(catalogue, batch, method, replaces=replace, gate=gate)
        totals.append(float(calc_totals(found.catalogue, found.product, method, found.settings, 1)[0]))
    return totals


def footprint_document(result: BatchFootprint, language: str = "en") -> dict[str, Any]:
    """The footprint's own document (`pcf/footprint/1`), under the product's id."""
    found = document(result.footprint, assess(result.footprint), language)
    return {**found, "product": {**found["product"], "id": result.batch.product}}


def batch_part(result: BatchFootprint) -> dict[str, Any]:
    """What a batch has beside its footprint document, as plain values: charge, contents, standing, warnings."""
    batch = result.batch
    return {
        "id": batch.id,
        "product": batch.product,
        "site": result.site,
        "year": batch.year,
        "casthouse": result.casthouse,
        "gate": result.gate,
        "product_kg": batch.product_kg,
        "total": {"value": result.total, "unit": "kgCO2e/kg"},
        "emissions_kg": result.emissions_kg,
        "standing": result.standing,
        "provisional": result.provisional,
        "post_consumer_content": result.post_consumer_content,
        "pre_consumer_content": result.pre_consumer_content,
        "content_basis": "metal, F13",
        "charge": [
            {
                "lot": item.lot, "material": item.material, "mass_kg": item.mass_kg, "content_class": item.content_class,
                "basis": item.basis, "kgCO2e_per_kg": item.intensity, "supplier_kgCO2e_per_kg": item.supplier,
                "added_kgCO2e_per_kg": None if item.supplier is None or item.intensity is None else item.intensity - item.supplier,
            }
            for item in result.lots
        ],
        "warnings": [{"kind": item.kind, "lot": item.lot, "values": dict(item.values)} for item in result.warnings],
    }  # fmt: skip


def own_heat(result: BatchFootprint) -> OwnHeat:
    """A batch as it is charged into a later one of the same company."""
    values = result.footprint.alternatives["scrap"]
    return OwnHeat(dict(values), result.post_consumer_content, result.pre_consumer_content)


def lot_item(lot: Lot, mass_kg: int) -> ChargeItem:
    """What a lot brings into a charge. Its ASI class, its CoC mass and documents are left out on purpose (F9, R20).

    Scrap that arose inside the company is internal metal (`same_process_boundary` company, R21).
    """
    inside = lot.content_class == "pre-consumer" and lot.origin != "external"
    footprint = None
    if lot.footprint is not None:
        footprint = SupplierFootprint(
            float(lot.footprint), lot.footprint_boundary, lot.footprint_gwp, lot.footprint_scrap, lot.footprint_standard,
            lot.footprint_period, lot.footprint_verifier, lot.footprint_document, lot.supplier,
        )  # fmt: skip
    return ChargeItem(
        lot.id, lot.material, mass_kg, "internal" if inside else lot.content_class, footprint,
        metal_yield=None if lot.metal_yield is None else float(lot.metal_yield),
    )  # fmt: skip


def _burdens(charged: Iterable[Charged], intensities: Mapping[str, float]) -> Iterable[LotBurden]:
    for line in charged:
        item = line.item
        own = item.footprint.value if line.basis == "supplier" and item.footprint else None
        intensity = intensities.get(line.process, 0.0)
        yield LotBurden(item.lot, item.material, item.mass_kg, item.content_class, line.basis, intensity, own)
