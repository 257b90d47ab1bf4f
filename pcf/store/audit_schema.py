"""Table of the samples that auditors draw: records like any other, in the log with who drew them and when."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Table, Text

from pcf.store.schema import INT, event_seq, metadata

SAMPLE = "audit-sample"
"""Kind of the events."""


def _text(name: str, *, key: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, primary_key=key)


def _int(name: str) -> Column[int]:
    return Column(name, INT, nullable=False, autoincrement=False)


audit_sample = Table(
    "audit_sample",
    metadata,
    event_seq(),
    _text("id", key=True),
    _text("scope"),
    _text("period"),
    _text("kind"),
    _int("size"),
    _int("seed"),
    _text("method"),
    _int("log_size"),
    _int("items"),
    _int("mass_kg"),
    _text("population_sha256"),
    _text("purpose"),
    _text("drawn"),
    CheckConstraint("size > 0", name="positive"),
)
"""Samples: `log_size` says as of which state of the records, `items`, `mass_kg` and the digest what there was to draw from,
`drawn` what came out, as canonical JSON."""
