"""Records that no account depends on: force majeure, papers of the evidence pack."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from pcf.custody.book import Placed, Work
from pcf.custody.records import Filing, ForceMajeure
from pcf.custody.tables import period, scope
from pcf.store.events import compact

_DIGEST = re.compile("[0-9a-f]{64}")


def record_force_majeure(work: Work, items: Sequence[Placed[ForceMajeure]]) -> None:
    """Record what prevented a supply, with its evidence (R11)."""
    known = set(work.connection.execute(select(period.c.scope, period.c.id)).all())
    for item, key, asked in work.new("force-majeure", items, "id"):
        record = item.record
        if (record.scope, record.period) not in known:
            work.problem(
                f"{item.place}, period", f"{record.period!r} of {record.scope!r}", "a recorded period", "pcf period open"
            )
            continue
        columns = ("id", "scope", "period", "account", "date")
        row = {name: getattr(record, name) for name in columns} | {"details": compact(record.details(*columns))}
        work.add("force-majeure", key, asked, {"force_majeure": [row]})
    work.tx.flush()


def record_filings(work: Work, items: Sequence[Placed[Filing]]) -> None:
    """Record papers: what they are and their digest; the file itself stays where it is."""
    known = set(work.connection.execute(select(scope.c.id)).scalars())
    for item, key, asked in work.new("filing", items, "id"):
        record = item.record
        if record.scope not in known:
            work.problem(f"{item.place}, scope", repr(record.scope), "a recorded scope", "pcf scope add")
            continue
        if record.sha256 and not _DIGEST.fullmatch(record.sha256):
            work.problem(f"{item.place}, sha256", repr(record.sha256), "64 hexadecimal digits, or nothing")
            continue
        columns = ("id", "scope", "period", "part", "date", "title", "sha256")
        row = {name: getattr(record, name) for name in columns} | {"details": compact(record.details(*columns))}
        work.add("filing", key, asked, {"filing": [row]})
    work.tx.flush()
