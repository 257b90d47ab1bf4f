"""Tables of the people who use the workbench. Accounts are records like any other; secrets, sessions and attempts come and go."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from pcf.store.schema import INT, event_seq, metadata

MUTABLE = frozenset({"secret", "web_session", "login_attempt"})
"""Tables whose rows are changed and deleted: nothing in them is a record, and none of it goes into the log."""

account = Table(
    "account",
    metadata,
    event_seq(),
    Column("name", Text, primary_key=True),
    Column("number", INT, primary_key=True, autoincrement=False),
    Column("display", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", INT, nullable=False),
)
"""A person or what became of it: of the rows of a name that with the highest `number` holds, counted from 1."""

saved_variant = Table(
    "saved_variant",
    metadata,
    event_seq(),
    Column("id", Text, primary_key=True),
    Column("number", INT, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("kept", INT, nullable=False),
)
"""A variant that somebody has saved: `state` is the text that makes it again; the row with the highest `number` holds."""

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("hash", Text, nullable=False),
    Column("must_change", INT, nullable=False),
)
"""The Argon2 hash of a password; `must_change` is 1 while it is a one-time password."""

web_session = Table(
    "web_session",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("name", Text, ForeignKey("secret.name"), nullable=False),
    Column("created", INT, nullable=False),
    Column("seen", INT, nullable=False),
    Column("csrf", Text, nullable=False),
    Index("ix_web_session_name", "name"),
)
"""Who is signed in: the hash of the cookie's token, when it began and was last seen [us, UTC], and what forms must carry."""

login_attempt = Table(
    "login_attempt",
    metadata,
    Column("key", Text, primary_key=True),
    Column("time", INT, primary_key=True, autoincrement=False),
)
"""A sign-in that failed, once for the name and once for the address [us, UTC]."""
