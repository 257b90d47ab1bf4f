"""What people and files enter, one model a record. Nothing here looks into the database.

`origin` of a lot is asked for pre-consumer scrap: who generated it, seen from the casthouse that melts it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from pcf.custody.fields import (
    Chemistry,
    Day,
    Flag,
    Id,
    Intensity,
    Kg,
    KgOrNone,
    Mwh,
    Note,
    Share,
    Time,
    Words,
    Zone,
    wrong,
)
from pcf.errors import InputError

STANDARDS = ("asi-coc", "asi-ps", "scs-103", "ul-2809", "iso-14021", "other")
CONTENT_CLASSES = ("post-consumer", "pre-consumer", "primary", "alloying", "internal", "other")
ASI_CLASSES = ("coc", "eligible-scrap", "non-coc", "outside")
ORIGINS = ("external", "company", "plant", "same-stream")
SOURCE_TYPES = (
    "municipal-collection", "informal-collection", "merchant", "dismantling", "primary-plant", "casthouse", "dross-processor",
    "manufacturer", "coc-entity", "own",
)  # fmt: skip
FORMS = ("ingot", "slab", "billet", "coil", "liquid", "scrap", "alumina", "bauxite", "other")
ACCOUNTS = ("asi-aluminium", "asi-alumina", "asi-bauxite", "eligible-scrap")
ATTRIBUTES = ("post-consumer", "pre-consumer")
LEGS = ("grid", "direct", "own")

MOST_SEPARATORS = 10_000
"""Commas and line ends of a cell that is still taken apart into lines; no record has as many lines."""

Model = TypeVar("Model", bound="Record")


class Record(BaseModel):
    """A record as it is entered."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def content(self) -> dict[str, Any]:
        """The record as plain values, for its digest."""
        return self.model_dump(mode="json")

    def details(self, *columns: str) -> dict[str, Any]:
        """What no column of its table holds, without what was left empty."""
        return {key: value for key, value in self.content().items() if key not in columns and value not in (None, "", {}, [])}


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
    valid_from: Day
    valid_until: Day
    level: Note = ""
    auditor: Note = ""
    checked_on: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Certificate:
        if self.valid_until < self.valid_from:
            raise wrong(f"valid_until on or after valid_from ({self.valid_from})")
        return self


class DueDiligence(Record):
    """A due-diligence decision on a supplier of scrap or non-CoC material (R07)."""

    id: Id
    party: Id
    date: Day
    valid_until: Day
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

    @field_validator("sites", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Period(Record):
    """An accounting period of a scope, first and last day included."""

    scope: Id
    id: Id
    start: Day
    end: Day


class InboundDocument(Record):
    """A CoC document that came with a delivery; its nine mandatory fields."""

    issuer: Id
    reference: Id
    party: Id
    date: Day
    material: Literal["asi-aluminium", "asi-alumina", "asi-bauxite", "eligible-scrap"]
    coc_kg: Kg
    total_kg: Kg
    customer: Words
    responsible: Words
    conformance: Words
    recycled_content: Note = ""
    recycled_content_method: Note = ""
    footprint: Note = ""
    file_sha256: Note = ""


class Lot(Record):
    """Material that came in over the weighbridge."""

    id: Id
    site: Id
    date: Day
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
    footprint_boundary: Note = ""
    footprint_gwp: Note = ""
    footprint_scrap: Note = ""
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
    if (commas := value.count(",") + value.count("\n")) > MOST_SEPARATORS:
        raise wrong(f"at most {MOST_SEPARATORS:,} lines; these are {commas + 1:,}")
    pairs = [part.strip().rpartition("=") for part in value.replace("\n", ",").split(",") if part.strip()]
    return [{"unit": unit.strip(), "mass_kg": mass.strip()} for unit, _, mass in pairs]


class Cast(Record):
    """A heat: what was charged and what came out."""

    heat: Id
    site: Id
    date: Day
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
    date: Day
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
    date: Day
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
    date: Day
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
    date: Day
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
    date: Day
    event: Words
    evidence: Words


class Meter(Record):
    """Electricity used in a month or hour, by the leg it came on."""

    site: Id
    time: Time
    leg: Words
    mwh: Mwh
    note: Note = ""


class PowerEvidence(Record):
    """Renewable power: green certificates, a contract, a direct line, own generation."""

    id: Id
    site: Id
    kind: Literal["certificate", "contract", "direct", "own"]
    leg: Words
    time: Time
    mwh: Mwh
    technology: Words
    registry: Note = ""
    serials: Note = ""
    cancelled_on: Day | None = None
    cancelled_for: Note = ""
    attributes_sold: Flag = False
    contract: Note = ""
    note: Note = ""


class PowerMatch(Record):
    """MWh of an evidence spent for a product's production of the same month or hour."""

    id: Id
    evidence: Id
    product: Id
    time: Time
    mwh: Mwh
    mass_kg: Kg
    note: Note = ""


class Contractor(Record):
    """Metal sent to a contractor, or come back."""

    id: Id
    party: Id
    direction: Literal["sent", "returned"]
    date: Day
    mass_kg: Kg
    unit: Id | None = None
    note: Note = ""


class Filing(Record):
    """A paper of the evidence pack."""

    id: Id
    scope: Id
    period: Id
    part: int = Field(ge=1, le=15)
    date: Day
    title: Words
    file: Note = ""
    sha256: Note = ""


class Void(Record):
    """Takes a record back: the record stays, its effect is reversed."""

    kind: Literal["document", "statement", "shipment", "lot", "cast", "process", "power", "match"]
    target: Id
    date: Day
    reason: Words


def read_record(model: type[Model], values: Mapping[str, Any], place: str) -> Model:
    """A record from values as a file or a command line has them; what is empty counts as left out.

    Raises
    ------
    DataError
        With every field that is wrong.
    """
    found, problems = check_record(model, values, place)
    if found is None:
        from pcf.errors import DataError

        raise DataError(problems)
    return found


def check_record(model: type[Model], values: Mapping[str, Any], place: str) -> tuple[Model | None, list[InputError]]:
    """As `read_record`, with the problems instead of an exception."""
    given = {key: value for key, value in values.items() if value is not None and value != ""}
    try:
        return model.model_validate(given), []
    except ValidationError as error:
        return None, [_problem(model, item, place) for item in error.errors(include_url=False)]


def _problem(model: type[Record], item: Any, place: str) -> InputError:
    where = ", ".join(f"line {part + 1}" if isinstance(part, int) else str(part)[:60] for part in item["loc"])
    kind, found = item["type"], item.get("input")
    shown = _shown(found)
    full = f"{place}, {where}" if where else place
    if kind == "missing":
        return InputError(full, "nothing", "a value")
    if kind == "extra_forbidden":
        return InputError(full, "an unknown field", f"one of: {', '.join(model.model_fields)}")
    if kind == "literal_error":
        return InputError(full, shown, item["ctx"]["expected"].replace("'", ""))
    if kind in ("too_short", "too_long"):
        return InputError(full, f"{item['ctx']['actual_length']} lines", item["msg"][:80])
    if not where:
        shown = "contradicting fields"
    return InputError(full, shown, str(item["msg"])[:200])


def _shown(found: object) -> str:
    try:
        return repr(str(found)[:100])
    except ValueError:  # Python writes no whole number of more than 4,300 digits
        return "a number of thousands of digits"
