"""Tables of the PACT service: who may ask, what was published to whom, what came in and what has to go out."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from pcf.store.schema import INT, event_seq, metadata

CLIENT, FOOTPRINT, PUBLICATION, SECRET = "api-client", "pact-footprint", "pact-publication", "api-secret"
KINDS = (CLIENT, FOOTPRINT, PUBLICATION, SECRET)
"""Kinds of the events; none of them changes a footprint of the book."""


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null, primary_key=key)


def _int(name: str) -> Column[int]:
    return Column(name, INT, nullable=False, autoincrement=False)


api_client = Table(
    "api_client",
    metadata,
    event_seq(),
    _text("id"),
    _text("name"),
    _text("party", null=True),
    _int("active"),
    _text("hosts"),
    _text("address", null=True),
    PrimaryKeyConstraint("id", "event_seq"),
)
"""Who may ask; the newest row of an id holds. `hosts`: where answers may go, separated by spaces; `address`: their own service."""

api_secret = Table(
    "api_secret",
    metadata,
    _text("client", key=True),
    _text("sha256", null=True),
    _int("made"),
    _text("peer_id", null=True),
    Column("peer_secret", LargeBinary, nullable=True),
)
"""Digest of the secret that a client shows, and, encrypted, the one that is shown to the client's own service. Changes; no event."""

pact_footprint = Table(
    "pact_footprint",
    metadata,
    event_seq(),
    _text("id"),
    _text("document"),
    _text("status"),
    _int("valid_from"),
    _int("valid_until"),
    _text("certificate", null=True),
    PrimaryKeyConstraint("id", "event_seq"),
    Index(None, "certificate"),
)
"""Footprints as they go out; the newest row of an id holds: only its status can differ from the one before. Validity in us."""

pact_publication = Table(
    "pact_publication",
    metadata,
    event_seq(),
    _text("client"),
    _text("footprint"),
    _text("state"),
    _int("valid_from"),
    _int("valid_until"),
    PrimaryKeyConstraint("event_seq"),
    Index(None, "client", "footprint", "event_seq"),
    Index(None, "client", "event_seq", "valid_from", "valid_until"),
    Index(None, "footprint"),
)
"""What a client sees: `published` or `withdrawn`; the newest row of a client and footprint holds.

One row an event, whose number is its place in lists and, as the key, what SQLite finds it by without any statistics.
"""

pact_term = Table(
    "pact_term",
    metadata,
    event_seq(),
    _text("client"),
    _text("kind"),
    _text("value"),
    _int("place"),
    PrimaryKeyConstraint("client", "kind", "value", "place"),
)
"""What a publication is found by; `place` is the event of the publication, by which lists are ordered."""

pact_inbox = Table(
    "pact_inbox",
    metadata,
    _text("client"),
    _text("source"),
    _text("id"),
    _text("type"),
    _text("sha256"),
    _int("time"),
    _text("body"),
    PrimaryKeyConstraint("client", "source", "id"),
)
"""CloudEvents that came in, each once: a repeat is known by who sent it, source and id."""

pact_outbox = Table(
    "pact_outbox",
    metadata,
    _text("id", key=True),
    _text("client"),
    _text("url"),
    _text("body"),
    _text("criteria", null=True),
    _int("made"),
    _int("next_try"),
    _int("tries"),
    _text("state"),
    _text("error", null=True),
    Index(None, "state", "next_try"),
)
"""CloudEvents that have to go out, with the next try [us]; `criteria`: of a request that is answered when it goes out. Changes."""

MUTABLE = frozenset({"api_secret", "pact_outbox"})
"""Tables whose rows change: what they hold is no record."""
