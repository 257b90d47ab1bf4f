"""What is recorded stays: triggers refuse every change and deletion, and postings into a closed period."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = (
    "event", "log_tile", "log_head", "party", "certificate", "due_diligence", "site", "scope", "scope_site", "amendment", "period",
    "period_close", "unit", "consumption", "document", "lot", "heat", "processing", "shipment", "statement", "void", "posting",
    "force_majeure", "meter", "power_evidence", "power_certificate", "power_match", "contractor", "filing",
)  # fmt: skip

CLOSED = "EXISTS (SELECT 1 FROM period_close WHERE period_close.scope = NEW.scope AND period_close.period = NEW.period)"


def upgrade() -> None:
    """Make the triggers in the words of the database."""
    if op.get_bind().dialect.name == "sqlite":
        _sqlite()
    else:
        _postgresql()


def _sqlite() -> None:
    for table in TABLES:
        for act in ("UPDATE", "DELETE"):
            _run(
                f'CREATE TRIGGER "{table}_no_{act.lower()}" BEFORE {act} ON "{table}" '
                f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
            )
    _run(
        f"CREATE TRIGGER posting_closed BEFORE INSERT ON posting WHEN {CLOSED} "
        "BEGIN SELECT RAISE(ABORT, 'the period is closed'); END"
    )


def _postgresql() -> None:
    _run(
        "CREATE FUNCTION pcf_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME; END $$"
    )
    for table in TABLES:
        _run(
            f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "{table}" '
            "FOR EACH STATEMENT EXECUTE FUNCTION pcf_append_only()"
        )
    _run(
        "CREATE FUNCTION pcf_closed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN IF {CLOSED} THEN RAISE EXCEPTION 'the period is closed'; END IF; RETURN NEW; END $$"
    )
    _run("CREATE TRIGGER posting_closed BEFORE INSERT ON posting FOR EACH ROW EXECUTE FUNCTION pcf_closed()")


def _run(statement: str) -> None:
    op.get_bind().execute(sa.text(statement.replace(":", r"\:")))
