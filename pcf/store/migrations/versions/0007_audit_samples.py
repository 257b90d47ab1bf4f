"""Samples that auditors draw."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, INT, nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make the table, and the triggers that keep what is in it."""
    op.create_table(
        "audit_sample", _int("event_seq"), _text("id"), _text("scope"), _text("period"), _text("kind"), _int("size"), _int("seed"),
        _text("method"), _int("log_size"), _int("items"), _int("mass_kg"), _text("population_sha256"), _text("purpose"),
        _text("drawn"), sa.PrimaryKeyConstraint("id", name="pk_audit_sample"),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name="fk_audit_sample_event_seq"),
        sa.CheckConstraint("size > 0", name="positive"),
    )  # fmt: skip
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            _run(
                f'CREATE TRIGGER "audit_sample_no_{act.lower()}" BEFORE {act} ON "audit_sample" '
                "BEGIN SELECT RAISE(ABORT, 'append-only: audit_sample'); END"
            )
        return
    _run(
        'CREATE TRIGGER "audit_sample_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_sample" '
        "FOR EACH STATEMENT EXECUTE FUNCTION pcf_append_only()"
    )


def _run(statement: str) -> None:
    op.get_bind().execute(sa.text(statement.replace(":", r"\:")))
