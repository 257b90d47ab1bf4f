"""The PACT service: clients, what is published to them, events that come in and go out."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LOGGED = ("api_client", "pact_footprint", "pact_publication", "pact_term")
"""Tables whose rows name the event that wrote them."""


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, INT, nullable=False, autoincrement=False)


def _table(name: str, key: tuple[str, ...], *items: sa.schema.SchemaItem) -> None:
    logged = name in LOGGED
    op.create_table(
        name,
        *([_int("event_seq")] if logged else []),
        *items,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        *([sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=f"fk_{name}_event_seq")] if logged else []),
    )


def upgrade() -> None:
    """Make the tables, and the triggers that keep what is a record."""
    _table(
        "api_client", ("id", "event_seq"), _text("id"), _text("name"), _text("party", null=True), _int("active"), _text("hosts"),
        _text("address", null=True),
    )  # fmt: skip
    _table(
        "api_secret", ("client",), _text("client"), _text("sha256", null=True), _int("made"), _text("peer_id", null=True),
        sa.Column("peer_secret", sa.LargeBinary(), nullable=True),
    )  # fmt: skip
    _table(
        "pact_footprint", ("id", "event_seq"), _text("id"), _text("document"), _text("status"), _int("valid_from"),
        _int("valid_until"), _text("certificate", null=True),
    )  # fmt: skip
    op.create_index("ix_pact_footprint_certificate", "pact_footprint", ["certificate"])
    _table(
        "pact_publication", ("event_seq",), _text("client"), _text("footprint"), _text("state"),
        _int("valid_from"), _int("valid_until"),
    )  # fmt: skip
    for columns in (["client", "footprint", "event_seq"], ["client", "event_seq", "valid_from", "valid_until"]):
        op.create_index(f"ix_pact_publication_{'_'.join(columns)}", "pact_publication", columns)
    op.create_index("ix_pact_publication_footprint", "pact_publication", ["footprint"])
    _table(
        "pact_term", ("client", "kind", "value", "place"), _text("client"), _text("kind"), _text("value"), _int("place")
    )  # fmt: skip
    _table(
        "pact_inbox", ("client", "source", "id"), _text("client"), _text("source"), _text("id"), _text("type"), _text("sha256"),
        _int("time"), _text("body"),
    )  # fmt: skip
    _table(
        "pact_outbox", ("id",), _text("id"), _text("client"), _text("url"), _text("body"), _text("criteria", null=True), _int("made"),
        _int("next_try"), _int("tries"), _text("state"), _text("error", null=True),
    )  # fmt: skip
    op.create_index("ix_pact_outbox_state_next_try", "pact_outbox", ["state", "next_try"])
    for table in (*LOGGED, "pact_inbox"):
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
