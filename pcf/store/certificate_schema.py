"""Tables beside the register of certificates: drafts that wait for a second person, and what certificates are found by."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from pcf.store.schema import INT, event_seq, metadata

DRAFT = "certificate-draft"
"""Kind of the events of drafts; none of them changes a footprint of the book."""

certificate_draft = Table(
    "certificate_draft",
    metadata,
    event_seq(),
    Column("id", Text, primary_key=True),
    Column("number", INT, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("content", Text, nullable=True),
    Column("reason", Text, nullable=True),
    Column("certificate", Text, nullable=True),
)
"""What became of a draft: of the rows of an id that with the highest `number` holds, counted from 1; `content` is the order."""

certificate_listing = Table(
    "certificate_listing",
    metadata,
    Column("seq", INT, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("printed", Text, nullable=False),
    Column("boundary", Text, nullable=False),
    Column("gate", Text, nullable=False),
    Column("gwp", Text, nullable=False),
    Column("words", Text, nullable=False),
    Index(None, "number", unique=True),
)
"""What certificates are found by, derived from their documents, which are too long to be searched, with the figure and what it is never
shown without; `seq` is that of their event."""
