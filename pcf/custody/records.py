"""What people and files enter, one model a record. Nothing here looks into the database.

`origin` of a lot is asked for pre-consumer scrap: who generated it, seen from the casthouse that melts it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from pcf.custody.fields import (
    Chemistry,
    Flag,
    Id,
    Intensity,
    Kg,
    KgOrNone,
    Mwh,
    Note,
    Share,
    Words,
    Zone,
    wrong,
)
from pcf.custody.reading import Record
from pcf.custody.record_fields import Boundary, Edition, Happened, Past, Planned, Treatment, read_names

CONTENT_CLASSES = ("post-consumer", "pre-consumer", "primary", "alloying", "internal", "other")
ORIGINS = ("external", "company", "plant", "same-stream")

MOST_SEPARATORS = 10_000
"""Commas and line ends of a cell that is still taken apart into lines; no record has as many lines."""


class Party(Record):
    """A company or person: supplier, customer, contractor, oneself."""

    id: Id
    name: Words
    address: Note = ""
    country: Note = ""
    contact: Note = ""
    own: Flag = False


class Certificate(Record):
    """A certificate of a party; a renewal is a further record of the same number."""

    number: Id
    holder: Id
    standard: Literal["asi-coc", "asi-ps", "scs-103", "ul-2809", "iso-14021", "other"]
    valid_from: Planned
    valid_until: Planned
    level: Note = ""
    auditor: Note = ""
    checked_on: Happened | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Certificate:
        if self.valid_until < self.valid_from:
            raise wrong(f"valid_until on or after valid_from ({self.valid_from})")
        return self


class DueDiligence(Record):
    """A due-diligence decision on a supplier of scrap or non-CoC material (R07)."""

    id: Id
    party: Id
    date: Happened
    valid_until: Planned
    result: Literal["passed", "failed"]
    source_type: Note = ""
    principals: Note = ""
    place: Note = ""
    payment: Note = ""
    note: Note = ""


class Site(Record):
    """A plant; `plant` is the name before the year in the catalogue's sites (`demo-smelter` of `demo-smelter-2025`)."""

    id: Id
    name: Words
    timezone: Zone
    party: Id
    plant: Note = ""
    address: Note = ""


class Scope(Record):
    """A certification scope: the sites whose metal is one account."""

    id: Id
    name: Words
    sites: tuple[Id, ...] = Field(min_length=1)
    certificate: Id | None = None
    representative: Note = ""

    _split = field_validator("sites", mode="before")(read_names)


class Period(Record):
    """An accounting period of a scope, first and last day included."""

    scope: Id
    id: Id
    start: Planned
    end: Planned


class InboundDocument(Record):
    """A CoC document that came with a delivery; its nine mandatory fields."""

    issuer: Id
    reference: Id
    party: Id
    date: Happened
    material: Literal["asi-aluminium", "asi-alumina", "asi-bauxite", "eligible-scrap"]
    coc_kg: Kg
    total_kg: Kg
    customer: Words
    responsible: Words
    conformance: Words
    recycled_content: Note = ""
    recycled_content_method: Note = ""
    footprint: Note = ""
    footprint_boundary: Note = ""
    footprint_period: Note = ""
    footprint_verifier: Note = ""
    file_sha256: Note = ""

    @model_validator(mode="after")
    def _with_its_basis(self) -> InboundDocument:
        if self.footprint and not (self.footprint_boundary and self.footprint_period and self.footprint_verifier):
            raise wrong("a footprint with footprint_boundary, footprint_period and footprint_verifier, or none (R19)")
        return self


class Lot(Record):
    """Material that came in over the weighbridge."""

    id: Id
    site: Id
    date: Happened
    material: Id
    mass_kg: Kg
    supplier: Id
    ticket: Id
    content_class: Literal["post-consumer", "pre-consumer", "primary", "alloying", "internal", "other"]
    asi_class: Literal["coc", "eligible-scrap", "non-coc", "outside"] = "non-coc"
    coc_kg: KgOrNone | None = None
    origin: Literal["external", "company", "plant", "same-stream"] = "external"
    source_type: Note = ""
    document_issuer: Id | None = None
    document_reference: Id | None = None
    due_diligence: Id | None = None
    invoice: Note = ""
    tolled_for: Id | None = None
    metal_yield: Share | None = None
    chemistry: Chemistry = Field(default_factory=dict)
    footprint: Intensity | None = None
    footprint_boundary: Boundary = ""
    footprint_gwp: Edition = ""
    footprint_scrap: Treatment = ""
    footprint_standard: Note = ""
    footprint_period: Note = ""
    footprint_verifier: Note = ""
    footprint_document: Note = ""
    corrects: Id | None = None
    note: Note = ""


class Charge(Record):
    """One line of a charge or of any other step: how much of which unit."""

    unit: Id
    mass_kg: Kg


def _read_charges(value: Any) -> Any:
    """Lines from `LOT-1=500, LOT-2=300` as they stand in a cell."""
    if not isinstance(value, str):
        return value
    if ";" in value:
        raise wrong("lines of UNIT=KG with commas between them, no semicolons")
    if (commas := value.count(",") + value.count("\n")) > MOST_SEPARATORS:
        raise wrong(f"at most {MOST_SEPARATORS:,} lines; these are {commas + 1:,}")
    pairs = [part.strip().rpartition("=") for part in value.replace("\n", ",").split(",") if part.strip()]
    return [{"unit": unit.strip(), "mass_kg": mass.strip()} for unit, _, mass in pairs]


class Cast(Record):
    """A heat: what was charged and what came out."""

    heat: Id
    site: Id
    date: Happened
    furnace: Id
    product: Id
    alloy: Note = ""
    charge: tuple[Charge, ...] = Field(min_length=1, max_length=500)
    product_kg: Kg
    returns_kg: KgOrNone = 0
    dross_kg: KgOrNone = 0
    chemistry: Chemistry = Field(default_factory=dict)
    bundles: tuple[Charge, ...] = Field(default=(), max_length=2000)
    note: Note = ""

    _split = field_validator("charge", "bundles", mode="before")(_read_charges)


class Process(Record):
    """A step after casting: slab to coil, ingots to a bundle."""

    id: Id
    site: Id
    date: Happened
    step: Words
    product: Id
    inputs: tuple[Charge, ...] = Field(min_length=1, max_length=500)
    product_kg: Kg
    returns_kg: KgOrNone = 0
    note: Note = ""

    _split = field_validator("inputs", mode="before")(_read_charges)


class Shipment(Record):
    """A delivery to a customer: ingot, coil, liquid metal, scrap."""

    id: Id
    site: Id
    date: Happened
    customer: Id
    delivery_note: Id
    form: Literal["ingot", "slab", "billet", "coil", "liquid", "scrap", "alumina", "bauxite", "other"]
    items: tuple[Charge, ...] = Field(min_length=1, max_length=2000)
    invoice: Note = ""
    order: Note = ""
    note: Note = ""

    _split = field_validator("items", mode="before")(_read_charges)


class CocDocument(Record):
    """A CoC document to issue for a shipment."""

    shipment: Id
    date: Happened
    coc_kg: Kg
    responsible: Words
    reference: Id | None = None
    force_majeure: Id | None = None
    recycled_content_method: Note = ""
    footprint: Intensity | None = None
    footprint_boundary: Note = ""
    footprint_period: Note = ""
    footprint_verifier: Note = ""
    note: Note = ""


class Statement(Record):
    """A claim of recycled content on a shipment."""

    id: Id
    shipment: Id
    date: Happened
    attribute: Literal["post-consumer", "pre-consumer"]
    basis: Literal["batch", "site-average", "credit"]
    mass_kg: Kg | None = None
    standard: Literal["iso-14021", "scs-103", "en-45557", "ul-2809"] = "iso-14021"
    note: Note = ""


class ForceMajeure(Record):
    """What prevented the supply of CoC material; opens the internal overdraft of one account (R11)."""

    id: Id
    scope: Id
    period: Id
    account: Literal["asi-aluminium", "asi-alumina", "asi-bauxite", "eligible-scrap"]
    date: Happened
    event: Words
    evidence: Words


class Meter(Record):
    """Electricity used in a month or hour, by the leg it came on."""

    site: Id
    time: Past
    leg: Words
    mwh: Mwh
    note: Note = ""


class PowerEvidence(Record):
    """Renewable power: green certificates, a contract, a direct line, own generation."""

    id: Id
    site: Id
    kind: Literal["certificate", "contract", "direct", "own"]
    leg: Words
    time: Past
    mwh: Mwh
    technology: Words
    registry: Note = ""
    serials: Note = ""
    cancelled_on: Happened | None = None
    cancelled_for: Note = ""
    attributes_sold: Flag = False
    contract: Note = ""
    note: Note = ""


class PowerMatch(Record):
    """MWh of an evidence spent for a product's production of the same month or hour."""

    id: Id
    evidence: Id
    product: Id
    time: Past
    mwh: Mwh
    mass_kg: Kg
    note: Note = ""


class Contractor(Record):
    """Metal sent to a contractor, or come back."""

    id: Id
    party: Id
    direction: Literal["sent", "returned"]
    date: Happened
    mass_kg: Kg
    unit: Id | None = None
    material: Literal["", "dross"] = ""
    movement: Id | None = None
    scope: Id | None = None
    note: Note = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Contractor:
        if self.unit and self.material:
            raise wrong("a unit, or the material of what has none")
        if self.movement and not (self.unit and self.direction == "returned"):
            raise wrong("a movement out with the lot that came back from it as unit, or none")
        return self


class Filing(Record):
    """A paper of the evidence pack."""

    id: Id
    scope: Id
    period: Id
    part: int = Field(ge=1, le=15)
    date: Happened
    title: Words
    file: Note = ""
    sha256: Note = ""


class Void(Record):
    """Takes a record back: the record stays, its effect is reversed."""

    kind: Literal[
        "document",
        "statement",
        "shipment",
        "lot",
        "cast",
        "process",
        "power",
        "match",
        "meter",
        "certificate",
        "due-diligence",
        "contractor",
        "filing",
        "force-majeure",
    ]
    target: Words
    date: Happened
    reason: Words
