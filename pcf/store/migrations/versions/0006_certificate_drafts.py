"""Certificates that wait for a second person, and what certificates are found by."""

import json
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CHUNK = 500


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _int(name: str) -> sa.Column[int]:
    return sa.Column(name, INT, nullable=False, autoincrement=False)


def upgrade() -> None:
    """Make the tables, list the certificates that are there, and add the triggers that keep what is in them."""
    op.create_table(
        "certificate_draft", _int("event_seq"), _text("id"), _int("number"), _text("state"), _text("content", null=True),
        _text("reason", null=True), _text("certificate", null=True), sa.PrimaryKeyConstraint("id", "number", name="pk_certificate_draft"),
        sa.ForeignKeyConstraint(["event_seq"], ["event.seq"], name="fk_certificate_draft_event_seq"),
    )  # fmt: skip
    listing = op.create_table(
        "certificate_listing", _int("seq"), _text("number"), _text("customer"), _text("printed"), _text("boundary"),
        _text("gate"), _text("gwp"), _text("words"),
        sa.PrimaryKeyConstraint("seq", name="pk_certificate_listing"),
    )  # fmt: skip
    op.create_index("ix_certificate_listing_number", "certificate_listing", ["number"], unique=True)
    _fill(listing)
    for table in ("certificate_draft", "certificate_listing"):
        _keep(table)


def _fill(listing: sa.Table) -> None:
    """A row for each certificate that is there; written out here, because a migration is never changed."""
    connection, last = op.get_bind(), -1
    query = sa.text(
        "SELECT event_seq, number, unit, product, site, details FROM footprint_certificate WHERE event_seq > :last "
        "ORDER BY event_seq LIMIT :most"
    )
    while rows := connection.execute(query, {"last": last, "most": CHUNK}).all():
        connection.execute(listing.insert(), [_row(item) for item in rows])
        last = rows[-1].event_seq


def _row(item: Any) -> dict[str, Any]:
    document = json.loads(item.details)["document"]
    customer = document["customer"]
    parts = [
        item.number, *(customer.get(name) or "" for name in ("name", "order", "part_number")), item.unit or "", item.product,
        *document["product"]["name"].values(), item.site, *(heat["id"] for heat in document["batches"]),
    ]  # fmt: skip
    words = unicodedata.normalize("NFKC", "\n".join(parts)).casefold()
    figure = {name: document["footprint"][name] for name in ("printed", "boundary", "gate", "gwp")}
    return {"seq": item.event_seq, "number": item.number, "customer": customer["name"], **figure, "words": words}


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
