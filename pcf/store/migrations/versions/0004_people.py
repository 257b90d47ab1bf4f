"""People of the workbench: accounts, which are records, and secrets, sessions and failed attempts, which are none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
RECORDS = ("account", "saved_variant")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, INT, nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make the tables, and the triggers that keep what is in those of records."""
    _record("account", ("name", "number"), _text("name"), _int("number"), _text("display"), _text("role"), _int("active"))
    _record("saved_variant", ("id", "number"), _text("id"), _int("number"), _text("name"), _text("state"), _int("kept"))
    op.create_table(
        "secret", _text("name"), _text("hash"), _int("must_change"), sa.PrimaryKeyConstraint("name", name="pk_secret")
    )
    op.create_table(
        "web_session", _text("token_sha256"), _text("name"), _int("created"), _int("seen"), _text("csrf"),
        sa.PrimaryKeyConstraint("token_sha256", name="pk_web_session"),
        sa.ForeignKeyConstraint(["name"], ["secret.name"], name="fk_web_session_name"),
    )  # fmt: skip
    op.create_index("ix_web_session_name", "web_session", ["name"])
    op.create_table("login_attempt", _text("key"), _int("time"), sa.PrimaryKeyConstraint("key", "time", name="pk_login_attempt"))
    for table in RECORDS:
        _keep(table)


def _record(name: str, key: tuple[str, ...], *items: sa.schema.SchemaItem) -> None:
    """A table whose rows name the event that wrote them."""
    op.create_table(
        name,
        _int("event_seq"),
        *items,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name=f"fk_{name}_event_seq"),
    )


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
