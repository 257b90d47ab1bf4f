"""Events, their log and the custody records."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _written(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    """The column that names the event which wrote a row."""
    name = f"fk_{table}_event_seq"
    return sa.Column("event_seq", INT, nullable=False), sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=name)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "event",
        sa.Column("seq", INT, nullable=False),
        sa.Column("time", INT, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_event"),
        sa.UniqueConstraint("key", name="uq_event_key"),
    )
    op.create_table(
        "log_head", sa.Column("size", INT, nullable=False), sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("size", name="pk_log_head"),
    )  # fmt: skip
    op.create_table(
        "log_tile",
        sa.Column("level", INT, nullable=False),
        sa.Column("number", INT, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_log_tile"),
    )
    op.create_table(
        "party",
        *_written("party"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_party"),
    )
    op.create_table(
        "posting",
        *_written("posting"),
        sa.Column("line", INT, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("amount", INT, nullable=False),
        sa.Column("running", INT, nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_seq", "line", name="pk_posting"),
    )
    op.create_index("ix_posting_ref", "posting", ["ref"])
    op.create_index(
        "ix_posting_scope_account_period_kind_event_seq_line",
        "posting",
        ["scope", "account", "period", "kind", "event_seq", "line"],
    )
    op.create_table(
        "scope",
        *_written("scope"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scope"),
    )
    op.create_table(
        "amendment",
        *_written("amendment"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "target", "event_seq", name="pk_amendment"),
    )
    op.create_table(
        "void",
        *_written("void"),
        sa.Column("target_kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("target_seq", INT, nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("target_kind", "target", "target_seq", name="pk_void"),
    )
    op.create_table(
        "certificate",
        *_written("certificate"),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("standard", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["holder"], ["party.id"], name="fk_certificate_holder"),
        sa.PrimaryKeyConstraint("number", "valid_from", "event_seq", name="pk_certificate"),
    )
    op.create_index("ix_certificate_holder", "certificate", ["holder"])
    op.create_table(
        "contractor",
        *_written("contractor"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("mass_kg", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("mass_kg > 0", name="positive"),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name="fk_contractor_party"),
        sa.ForeignKeyConstraint(["scope"], ["scope.id"], name="fk_contractor_scope"),
        sa.PrimaryKeyConstraint("id", name="pk_contractor"),
    )
    op.create_index("ix_contractor_party", "contractor", ["party"])
    op.create_index("ix_contractor_scope_date", "contractor", ["scope", "date"])
    op.create_table(
        "due_diligence",
        *_written("due_diligence"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name="fk_due_diligence_party"),
        sa.PrimaryKeyConstraint("id", name="pk_due_diligence"),
    )
    op.create_index("ix_due_diligence_party", "due_diligence", ["party"])
    op.create_table(
        "filing",
        *_written("filing"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("part", INT, nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scope.id"], name="fk_filing_scope"),
        sa.PrimaryKeyConstraint("id", name="pk_filing"),
    )
    op.create_index("ix_filing_scope_period", "filing", ["scope", "period"])
    op.create_table(
        "period",
        *_written("period"),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("start", sa.Text(), nullable=False),
        sa.Column("end", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scope.id"], name="fk_period_scope"),
        sa.PrimaryKeyConstraint("scope", "id", name="pk_period"),
    )
    op.create_table(
        "site",
        *_written("site"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name="fk_site_party"),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
    )
    op.create_table(
        "force_majeure",
        *_written("force_majeure"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope", "period"], ["period.scope", "period.id"], name="fk_force_majeure_scope_period"),
        sa.PrimaryKeyConstraint("id", name="pk_force_majeure"),
    )
    op.create_table(
        "meter",
        *_written("meter"),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("wh", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("wh >= 0", name="no_negative"),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name="fk_meter_site"),
        sa.PrimaryKeyConstraint("site", "time", "leg", "event_seq", name="pk_meter"),
    )
    op.create_table(
        "period_close",
        *_written("period_close"),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope", "period"], ["period.scope", "period.id"], name="fk_period_close_scope_period"),
        sa.PrimaryKeyConstraint("scope", "period", name="pk_period_close"),
    )
    op.create_table(
        "power_evidence",
        *_written("power_evidence"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("wh", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("wh > 0", name="positive"),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name="fk_power_evidence_site"),
        sa.PrimaryKeyConstraint("id", name="pk_power_evidence"),
    )
    op.create_index("ix_power_evidence_site_time_leg", "power_evidence", ["site", "time", "leg"])
    op.create_table(
        "scope_site",
        *_written("scope_site"),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope"], ["scope.id"], name="fk_scope_site_scope"),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name="fk_scope_site_site"),
        sa.PrimaryKeyConstraint("scope", "site", name="pk_scope_site"),
    )
    op.create_table(
        "unit",
        *_written("unit"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("mass_kg", INT, nullable=False),
        sa.Column("material", sa.Text(), nullable=False),
        sa.CheckConstraint("mass_kg > 0", name="positive"),
        sa.ForeignKeyConstraint(["site"], ["site.id"], name="fk_unit_site"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
    )
    op.create_index("ix_unit_kind_date", "unit", ["kind", "date"])
    op.create_index("ix_unit_site_date", "unit", ["site", "date"])
    op.create_table(
        "consumption",
        *_written("consumption"),
        sa.Column("child", sa.Text(), nullable=False),
        sa.Column("line", INT, nullable=False),
        sa.Column("parent", sa.Text(), nullable=False),
        sa.Column("mass_kg", INT, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint("child <> parent", name="no_loop"),
        sa.CheckConstraint("mass_kg > 0", name="positive"),
        sa.ForeignKeyConstraint(["child"], ["unit.id"], name="fk_consumption_child"),
        sa.ForeignKeyConstraint(["parent"], ["unit.id"], name="fk_consumption_parent"),
        sa.PrimaryKeyConstraint("child", "line", name="pk_consumption"),
    )
    op.create_index("ix_consumption_parent", "consumption", ["parent"])
    op.create_table(
        "document",
        *_written("document"),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("name_plain", sa.Text(), nullable=False),
        sa.Column("party", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("coc_kg", INT, nullable=False),
        sa.Column("total_kg", INT, nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("coc_kg > 0 AND coc_kg <= total_kg", name="coc_within_total"),
        sa.ForeignKeyConstraint(["party"], ["party.id"], name="fk_document_party"),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_document_unit"),
        sa.PrimaryKeyConstraint("direction", "issuer", "reference", name="pk_document"),
    )
    op.create_index("ix_document_direction_date", "document", ["direction", "date"])
    op.create_index("ix_document_direction_name_plain", "document", ["direction", "name_plain"])
    op.create_index("ix_document_unit", "document", ["unit"])
    op.create_table(
        "heat",
        *_written("heat"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("furnace", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("alloy", sa.Text(), nullable=False),
        sa.Column("charge_kg", INT, nullable=False),
        sa.Column("returns_kg", INT, nullable=False),
        sa.Column("dross_kg", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_heat_unit"),
        sa.PrimaryKeyConstraint("unit", name="pk_heat"),
    )
    op.create_table(
        "lot",
        *_written("lot"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=False),
        sa.Column("ticket_plain", sa.Text(), nullable=False),
        sa.Column("content_class", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("asi_class", sa.Text(), nullable=False),
        sa.Column("coc_kg", INT, nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("document_issuer", sa.Text(), nullable=True),
        sa.Column("document_reference", sa.Text(), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("coc_kg >= 0", name="no_negative_coc"),
        sa.ForeignKeyConstraint(["supplier"], ["party.id"], name="fk_lot_supplier"),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_lot_unit"),
        sa.PrimaryKeyConstraint("unit", name="pk_lot"),
    )
    op.create_index("ix_lot_document_issuer_document_reference", "lot", ["document_issuer", "document_reference"])
    op.create_index("ix_lot_site_ticket_plain", "lot", ["site", "ticket_plain"])
    op.create_index("ix_lot_supplier", "lot", ["supplier"])
    op.create_table(
        "power_certificate",
        *_written("power_certificate"),
        sa.Column("registry", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("first", INT, nullable=False),
        sa.Column("last", INT, nullable=False),
        sa.ForeignKeyConstraint(["evidence"], ["power_evidence.id"], name="fk_power_certificate_evidence"),
        sa.PrimaryKeyConstraint("registry", "serial", "evidence", name="pk_power_certificate"),
    )
    op.create_index("ix_power_certificate_evidence", "power_certificate", ["evidence"])
    op.create_index("ix_power_certificate_registry_prefix_last", "power_certificate", ["registry", "prefix", "last"])
    op.create_table(
        "power_match",
        *_written("power_match"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("wh", INT, nullable=False),
        sa.Column("mass_kg", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("wh > 0", name="positive"),
        sa.ForeignKeyConstraint(["evidence"], ["power_evidence.id"], name="fk_power_match_evidence"),
        sa.PrimaryKeyConstraint("id", name="pk_power_match"),
    )
    op.create_index("ix_power_match_evidence", "power_match", ["evidence"])
    op.create_index("ix_power_match_product_time", "power_match", ["product", "time"])
    op.create_table(
        "processing",
        *_written("processing"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("input_kg", INT, nullable=False),
        sa.Column("returns_kg", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_processing_unit"),
        sa.PrimaryKeyConstraint("unit", name="pk_processing"),
    )
    op.create_table(
        "shipment",
        *_written("shipment"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("note_plain", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer"], ["party.id"], name="fk_shipment_customer"),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_shipment_unit"),
        sa.PrimaryKeyConstraint("unit", name="pk_shipment"),
    )
    op.create_index("ix_shipment_customer", "shipment", ["customer"])
    op.create_index("ix_shipment_note_plain", "shipment", ["note_plain"])
    op.create_table(
        "statement",
        *_written("statement"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("shipment", sa.Text(), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("date", sa.Text(), nullable=False),
        sa.Column("mass_kg", INT, nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.CheckConstraint("mass_kg >= 0", name="no_negative"),
        sa.ForeignKeyConstraint(["shipment"], ["unit.id"], name="fk_statement_shipment"),
        sa.PrimaryKeyConstraint("id", name="pk_statement"),
    )
    op.create_index("ix_statement_shipment", "statement", ["shipment"])
