"""Certificates of footprints: what they cover, how they end, and the sealed calculations behind them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("certificate_choice", "footprint_certificate", "certificate_draw", "certificate_end", "calculation_seal")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, INT, nullable=False, autoincrement=False)


def _table(name: str, key: tuple[str, ...], *items: sa.schema.SchemaItem, references: tuple[str, ...] = ()) -> None:
    """A table whose rows name the event that wrote them; `references` are `column table.column`."""
    foreign = [("event_seq", "event.seq"), *(tuple(item.split()) for item in references)]
    op.create_table(
        name,
        _int("event_seq"),
        *items,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        *(sa.ForeignKeyConstraint([column], [target], name=f"fk_{name}_{column}") for column, target in foreign),
    )


def upgrade() -> None:
    """Make the tables, and the triggers that keep what is in them."""
    _table(
        "certificate_choice", ("product", "site", "year"), _text("product"), _text("site"), _int("year"), _text("basis"),
        references=("site site.id",),
    )  # fmt: skip
    _table(
        "footprint_certificate", ("number",), _text("number"), _text("id"), _text("kind"), _text("unit", null=True), _text("product"),
        _text("site"), _int("year"), _int("mass_kg"), _text("issued"), _text("valid_until"), _text("seal"), _int("place"),
        _text("details"), sa.CheckConstraint("mass_kg > 0", name="positive"), references=("unit unit.id", "site site.id"),
    )  # fmt: skip
    op.create_index("ix_footprint_certificate_id", "footprint_certificate", ["id"], unique=True)
    op.create_index("ix_footprint_certificate_place", "footprint_certificate", ["place"], unique=True)
    op.create_index("ix_footprint_certificate_unit", "footprint_certificate", ["unit"])
    op.create_index("ix_footprint_certificate_product_site_year", "footprint_certificate", ["product", "site", "year"])
    own = "number footprint_certificate.number"
    _table("certificate_draw", ("number", "unit"), _text("number"), _text("unit"), _text("kg"), references=(own, "unit unit.id"))
    op.create_index("ix_certificate_draw_unit", "certificate_draw", ["unit"])
    _table(
        "certificate_end", ("number",), _text("number"), _text("status"), _text("date"), _text("reason"),
        _text("replaced_by", null=True), references=(own,),
    )  # fmt: skip
    op.create_table(
        "calculation_seal", _text("sha256"), sa.Column("bundle", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_calculation_seal"),
    )  # fmt: skip
    for table in TABLES:
        _keep(table)


def _keep(table: str) -> None:
    """What is recorded stays, in the words of the database."""
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            _run(
                f'CREATE TRIGGER "{table}_no_{act.lower()}" BEFORE {act} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
        return
    _run(
        f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
        "FOR EACH STATEMENT EXECUTE FUNCTION pcf_append_only()"
    )


def _run(statement: str) -> None:
    op.get_bind().execute(sa.text(statement.replace(":", r"\:")))
