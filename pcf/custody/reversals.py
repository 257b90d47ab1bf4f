"""What takes the postings of a record back: its own period while that is open (R14), the open one after it (R26)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from pcf.custody.book import Placed, Work
from pcf.custody.records import Void
from pcf.custody.tables import posting


def reversals(work: Work, item: Placed[Void], event_seq: int) -> list[dict[str, Any]] | None:
    """Postings of the opposite sign of those of an event; None and a problem where no open period can take them."""
    record = item.record
    # By the event, not by `ref`: a statement or a match may be called like a unit.
    rows = work.connection.execute(select(posting).where(posting.c.event_seq == event_seq).order_by(posting.c.line))
    found = []
    for row in rows.all():
        period, month = row.period, row.month
        if row.account != "renewable-power":
            spans = work.spans(row.scope)
            own = next((span for span in spans if span.id == row.period), None)
            if own is None or own.closed:
                span = work.open_period(item.place, row.scope, record.date)
                if span is None:
                    return None
                period, month = span.id, record.date[:7]
        found.append(work.ledger.post(row.scope, row.account, period, row.kind, month, -row.amount, record.target))
    return found
