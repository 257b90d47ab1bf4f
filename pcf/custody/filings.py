"""Records that no account depends on: force majeure, contractors, papers of the evidence pack."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from pcf.custody.book import Placed, Work
from pcf.custody.parties import known_parties
from pcf.custody.records import Contractor, Filing, ForceMajeure
from pcf.custody.standing import is_open
from pcf.custody.tables import period, scope, unit
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


def record_contractors(work: Work, items: Sequence[Placed[Contractor]]) -> None:
    """Record metal sent to a contractor and come back (R17)."""
    known = known_parties(work, (item.record.party for item in items))
    sites = _sites_of(work, [item.record.unit for item in items if item.record.unit])
    for item, key, asked in work.new("contractor", items, "id"):
        record = item.record
        if record.party not in known:
            work.problem(f"{item.place}, party", repr(record.party), "a recorded party", "pcf party add")
            continue
        if record.unit and record.unit not in sites:
            work.problem(f"{item.place}, unit", repr(record.unit), "a recorded unit, or nothing")
            continue
        found = _scope_of(work, item, sites.get(record.unit or "", ""))
        if not found or not is_open(
            work, f"{item.place}, date", found, record.date, (record.date, record.date), "enter the movement in an open period"
        ):
            continue
        columns = ("id", "party", "direction", "date", "unit", "mass_kg", "scope")
        row = {name: getattr(record, name) for name in columns} | {"scope": found, "details": compact(record.details(*columns))}
        work.add("contractor", key, asked, {"contractor": [row]})
    work.tx.flush()


def _sites_of(work: Work, names: Sequence[str]) -> dict[str, str]:
    """Of some units those that are recorded, with their site."""
    return dict(work.connection.execute(select(unit.c.id, unit.c.site).where(unit.c.id.in_(names))).all())


def _scope_of(work: Work, item: Placed[Contractor], site_id: str) -> str:
    """Scope whose metal it is: that of the unit's site, the one that is named, or the only one; else nothing and a problem."""
    record, own = item.record, work.scope_name(site_id)
    known = sorted(work.connection.execute(select(scope.c.id)).scalars())
    if record.scope and record.scope not in known:
        work.problem(f"{item.place}, scope", repr(record.scope), "a recorded scope", "pcf scope add")
        return ""
    if record.scope and own and record.scope != own:
        work.problem(f"{item.place}, scope", repr(record.scope), f"{own}, the scope of unit {record.unit}")
        return ""
    found = record.scope or own or (known[0] if len(known) == 1 else "")
    if not found:
        work.problem(f"{item.place}, scope", "nothing", f"the scope whose metal it is: {', '.join(known) or 'none yet'}")
    return found


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
