"""Tables of the custody records. Columns are what rules and searches need; everything else of a record is in `details`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

from pcf.store.schema import INT, event_seq, metadata


def _table(name: str, *items: SchemaItem) -> Table:
    return Table(name, metadata, event_seq(), *items)


def _text(name: str, *rest: Any, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, *rest, nullable=null, primary_key=key)


def _int(name: str, *rest: Any, null: bool = False, key: bool = False) -> Column[int]:
    return Column(name, INT, *rest, nullable=null, primary_key=key, autoincrement=False)


def _details() -> Column[str]:
    """The rest of the record as canonical JSON."""
    return Column("details", Text, nullable=False)


party = _table("party", _text("id", key=True), _text("name"), _details())

certificate = _table(
    "certificate",
    _text("number"),
    _text("valid_from"),
    _text("valid_until"),
    _text("holder", ForeignKey("party.id")),
    _text("standard"),
    _details(),
    PrimaryKeyConstraint("number", "valid_from", "event_seq"),
    Index(None, "holder"),
)

due_diligence = _table(
    "due_diligence",
    _text("id", key=True),
    _text("party", ForeignKey("party.id")),
    _text("date"),
    _text("valid_until"),
    _text("result"),
    _details(),
    Index(None, "party"),
)

site = _table("site", _text("id", key=True), _text("name"), _text("timezone"), _text("party", ForeignKey("party.id")), _details())

scope = _table("scope", _text("id", key=True), _text("name"), _text("certificate", null=True), _details())

scope_site = _table(
    "scope_site",
    _text("scope", ForeignKey("scope.id"), key=True),
    _text("site", ForeignKey("site.id"), key=True),
)

amendment = _table(
    "amendment",
    _text("kind"),
    _text("target"),
    _text("date"),
    _text("reason"),
    _details(),
    PrimaryKeyConstraint("kind", "target", "event_seq"),
)
"""What changed about a party, site or scope, in the order of the events; the newest value of a field holds."""

period = _table(
    "period",
    _text("scope", ForeignKey("scope.id"), key=True),
    _text("id", key=True),
    _text("start"),
    _text("end"),
    _details(),
)

period_close = _table(
    "period_close",
    _text("scope", key=True),
    _text("period", key=True),
    _details(),
    ForeignKeyConstraint(["scope", "period"], ["period.scope", "period.id"]),
)

unit = _table(
    "unit",
    _text("id", key=True),
    _text("kind"),
    _text("site", ForeignKey("site.id")),
    _text("date"),
    _int("mass_kg"),
    _text("material"),
    CheckConstraint("mass_kg > 0", name="positive"),
    Index(None, "kind", "date"),
    Index(None, "site", "date"),
)
"""Everything with a mass: lot, heat, bundle, processed, return, dross, shipment."""

consumption = _table(
    "consumption",
    _text("child", ForeignKey("unit.id"), key=True),
    _int("line", key=True),
    _text("parent", ForeignKey("unit.id")),
    _int("mass_kg"),
    _text("role"),
    CheckConstraint("mass_kg > 0", name="positive"),
    CheckConstraint("child <> parent", name="no_loop"),
    Index(None, "parent"),
)
"""What went into what: charge lines of a heat, input of a processing step, pieces of a shipment."""

document = _table(
    "document",
    _text("direction", key=True),
    _text("issuer", key=True),
    _text("reference", key=True),
    _text("name_plain"),
    _text("party", ForeignKey("party.id")),
    _text("date"),
    _text("account"),
    _int("coc_kg"),
    _int("total_kg"),
    _text("unit", ForeignKey("unit.id"), null=True),
    _details(),
    CheckConstraint("coc_kg > 0 AND coc_kg <= total_kg", name="coc_within_total"),
    Index(None, "unit"),
    Index(None, "direction", "date"),
    Index(None, "direction", "name_plain"),
)
"""CoC documents: `in` received, `out` issued; unique by the issuer's certificate and the reference, however they are typed."""

lot = _table(
    "lot",
    _text("unit", ForeignKey("unit.id"), key=True),
    _text("supplier", ForeignKey("party.id")),
    _text("ticket"),
    _text("ticket_plain"),
    _text("content_class"),
    _text("origin"),
    _text("asi_class"),
    _int("coc_kg"),
    _text("site"),
    _text("document_issuer", null=True),
    _text("document_reference", null=True),
    _details(),
    Index(None, "site", "ticket_plain"),
    CheckConstraint("coc_kg >= 0", name="no_negative_coc"),
    Index(None, "supplier"),
    Index(None, "document_issuer", "document_reference"),
)

heat = _table(
    "heat",
    _text("unit", ForeignKey("unit.id"), key=True),
    _text("furnace"),
    _text("product"),
    _text("alloy"),
    _int("charge_kg"),
    _int("returns_kg"),
    _int("dross_kg"),
    _details(),
)

processing = _table(
    "processing",
    _text("unit", ForeignKey("unit.id"), key=True),
    _text("step"),
    _int("input_kg"),
    _int("returns_kg"),
    _details(),
)

shipment = _table(
    "shipment",
    _text("unit", ForeignKey("unit.id"), key=True),
    _text("customer", ForeignKey("party.id")),
    _text("note"),
    _text("note_plain"),
    _text("form"),
    _text("account"),
    _details(),
    Index(None, "note_plain"),
    Index(None, "customer"),
)

statement = _table(
    "statement",
    _text("id", key=True),
    _text("shipment", ForeignKey("unit.id")),
    _text("attribute"),
    _text("basis"),
    _text("date"),
    _int("mass_kg"),
    _details(),
    CheckConstraint("mass_kg >= 0", name="no_negative"),
    Index(None, "shipment"),
)
"""Claims of recycled content on a shipment: kg of the attribute, on the physical batch, the site's average, or as credit."""

void = _table(
    "void",
    _text("target_kind"),
    _text("target"),
    _int("target_seq"),
    _text("date"),
    _text("reason"),
    _details(),
    PrimaryKeyConstraint("target_kind", "target", "target_seq"),
)
"""Records that were taken back; `target_seq` is the event of the record: a meter or a certificate may be entered anew by its name."""

posting = _table(
    "posting",
    _int("line"),
    _text("scope"),
    _text("account"),
    _text("period"),
    _text("kind"),
    _text("month"),
    _int("amount"),
    _int("running"),
    _text("ref"),
    PrimaryKeyConstraint("event_seq", "line"),
    Index(None, "scope", "account", "period", "kind", "event_seq", "line"),
    Index(None, "ref"),
)
"""The ledger: signed kg or Wh; `running` is the sum of its scope, account, period and kind up to this line."""

force_majeure = _table(
    "force_majeure",
    _text("id", key=True),
    _text("scope"),
    _text("period"),
    _text("account"),
    _text("date"),
    _details(),
    ForeignKeyConstraint(["scope", "period"], ["period.scope", "period.id"]),
)

meter = _table(
    "meter",
    _text("site", ForeignKey("site.id")),
    _text("time"),
    _text("leg"),
    _int("wh"),
    _details(),
    PrimaryKeyConstraint("site", "time", "leg", "event_seq"),
    CheckConstraint("wh >= 0", name="no_negative"),
)
"""Electricity used by leg in a month (`2025-03`) or hour (`2025-03-01T05`)."""

power_evidence = _table(
    "power_evidence",
    _text("id", key=True),
    _text("site", ForeignKey("site.id")),
    _text("kind"),
    _text("leg"),
    _text("time"),
    _int("wh"),
    _details(),
    CheckConstraint("wh > 0", name="positive"),
    Index(None, "site", "time", "leg"),
)
"""Renewable power: certificate, contract, direct line, own generation; `sold`: attributes that went to somebody else."""

power_certificate = _table(
    "power_certificate",
    _text("registry", key=True),
    _text("serial", key=True),
    _text("evidence", ForeignKey("power_evidence.id"), key=True),
    _text("prefix"),
    _int("first"),
    _int("last"),
    Index(None, "evidence"),
    Index(None, "registry", "prefix", "last"),
)
"""Ranges of green-certificate numbers behind an evidence: each number once, whoever brings it."""

power_match = _table(
    "power_match",
    _text("id", key=True),
    _text("evidence", ForeignKey("power_evidence.id")),
    _text("product"),
    _text("time"),
    _int("wh"),
    _int("mass_kg"),
    _details(),
    CheckConstraint("wh > 0", name="positive"),
    Index(None, "evidence"),
    Index(None, "product", "time"),
)
"""MWh spent for the production of their own month or hour."""

contractor = _table(
    "contractor",
    _text("id", key=True),
    _text("party", ForeignKey("party.id")),
    _text("direction"),
    _text("date"),
    _text("unit", null=True),
    _text("scope", ForeignKey("scope.id")),
    _int("mass_kg"),
    _details(),
    CheckConstraint("mass_kg > 0", name="positive"),
    Index(None, "party"),
    Index(None, "scope", "date"),
)
"""Metal sent to a contractor and come back (R17)."""

filing = _table(
    "filing",
    _text("id", key=True),
    _text("scope", ForeignKey("scope.id")),
    _text("period"),
    _int("part"),
    _text("date"),
    _text("title"),
    _text("sha256"),
    _details(),
    Index(None, "scope", "period"),
)
"""Papers of the evidence pack that no record makes: procedures, training, audits, reports as submitted."""

certificate_choice = _table(
    "certificate_choice",
    _text("product", key=True),
    _text("site", ForeignKey("site.id"), key=True),
    _int("year", key=True),
    _text("basis"),
)
"""How a product's footprint is certified at a site for a year: `average` or `batch`, chosen once."""

footprint_certificate = _table(
    "footprint_certificate",
    _text("number", key=True),
    _text("id"),
    _text("kind"),
    _text("unit", ForeignKey("unit.id"), null=True),
    _text("product"),
    _text("site", ForeignKey("site.id")),
    _int("year"),
    _int("mass_kg"),
    _text("issued"),
    _text("valid_until"),
    _text("seal"),
    _int("place"),
    _details(),
    CheckConstraint("mass_kg > 0", name="positive"),
    Index(None, "id", unique=True),
    Index(None, "place", unique=True),
    Index(None, "unit"),
    Index(None, "product", "site", "year"),
)
"""Certificates of a footprint; `place` is the bit in the status list, `details` the document and how it is printed."""

certificate_draw = _table(
    "certificate_draw",
    _text("number", ForeignKey("footprint_certificate.number"), key=True),
    _text("unit", ForeignKey("unit.id"), key=True),
    _text("kg"),
    Index(None, "unit"),
)
"""Mass of each unit behind a certificate that it covers [kg], as an exact fraction."""

certificate_end = _table(
    "certificate_end",
    _text("number", ForeignKey("footprint_certificate.number"), key=True),
    _text("status"),
    _text("date"),
    _text("reason"),
    _text("replaced_by", null=True),
)
"""Certificates that no longer hold: `revoked`, or `superseded` by a later one; their mass is free again."""

calculation_seal = Table(
    "calculation_seal", metadata, Column("sha256", Text, primary_key=True), Column("bundle", LargeBinary, nullable=False)
)
"""Sealed calculations; no event holds them, since a certificate has their digest and they go to whom the issuer chooses."""
