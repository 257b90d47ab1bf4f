"""Custody records as EPCIS 2.0 events: of a scope and period, or of one unit's genealogy."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pcf.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection

EXAMPLE_BASE = "https://example.org/"
"""Where identifiers begin when nobody says where: a domain that nobody owns, so that no real one is claimed."""


def events_document(
    connection: Connection, base: str, *, scope: str = "", period: str = "", unit: str = ""
) -> tuple[dict[str, Any], int]:
    """The document, checked against its schema, and how many units of a genealogy held too little to be followed.

    Raises
    ------
    InputError
        For names that are not recorded, and where there is nothing to tell.
    """
    from pcf.exchange.custody_events import custody_events
    from pcf.exchange.epcis import as_document, check

    names, ends = _genealogy(connection, unit) if unit else (_units(connection, scope, period), 0)
    events = custody_events(connection, names, base)
    if not events:
        raise InputError("what to export", "nothing recorded", "a unit, or a scope and period, with records")
    made = as_document(events, _newest(connection, [event.extensions.get("eventSeq") for event in events]))
    check(made)
    return made, ends


def _units(connection: Connection, scope: str, period: str) -> list[str]:
    """Units of a scope's sites and a period's days."""
    from sqlalchemy import select

    from pcf.custody.book import read_periods
    from pcf.custody.tables import scope_site, unit

    spans = read_periods(connection)
    if scope not in spans:
        raise InputError(
            "--scope", repr(scope), f"one of: {', '.join(sorted(spans)) or 'none yet'}", "pcf scope add, pcf period open"
        )
    known = {span.id: span for span in spans[scope]}
    if period not in known:
        raise InputError("--period", repr(period), f"one of: {', '.join(known)}")
    span = known[period]
    query = (
        select(unit.c.id)
        .join(scope_site, scope_site.c.site == unit.c.site)
        .where(scope_site.c.scope == scope, unit.c.date >= span.start, unit.c.date <= span.end)
        .order_by(unit.c.event_seq, unit.c.id)
    )
    return list(connection.execute(query).scalars())


def _genealogy(connection: Connection, name: str) -> tuple[list[str], int]:
    """A unit with what it was made of and what was made of it, and how many units held too little of it to be followed."""
    from pcf.custody.trace import MOST, trace

    found = trace(connection, name, voided=True)
    if found.cut:
        raise InputError(
            "--unit", f"{name!r}, whose genealogy has more than {MOST:,} units", "a smaller one", "--period with --scope"
        )
    return list(found.nodes), len(found.ends)


def _newest(connection: Connection, seqs: list[str | int | None]) -> datetime:
    """When the newest of some entries of the log was recorded: the document is made of the records of that moment."""
    from sqlalchemy import select

    from pcf.store.schema import event

    last = max(seq for seq in seqs if isinstance(seq, int))
    time = connection.execute(select(event.c.time).where(event.c.seq == last)).scalar_one()
    return datetime.fromtimestamp(time // 1_000_000, UTC)
