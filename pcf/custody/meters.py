"""Meters of electricity: what a site used by leg in a month or hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from pcf.custody.book import Placed, Work
from pcf.custody.records import Meter
from pcf.custody.standing import again, is_open, stands
from pcf.custody.tables import meter
from pcf.store.events import compact

GRID = "grid"
METERED = ("own_coal", "own_gas", "own_hydro", "own_wind", "own_pv", "direct_hydro", "direct_wind", "direct_pv", GRID)
"""Legs that a meter sees; a contract or a certificate covers power of the grid."""

LATE = "a closed period keeps its power as it was"
"""Advice where power of a closed period is refused."""


def record_meters(work: Work, items: Sequence[Placed[Meter]]) -> None:
    """Record what a site used by leg: a month of a leg is metered as a whole or by the hour, never both."""
    keys = again(work, "meter", [f"{item.record.site}/{item.record.time}/{item.record.leg}" for item in items])
    placed = [Placed(item.record, item.place, item.key or key) for item, key in zip(items, keys, strict=True)]
    times: dict[tuple[str, str, str], set[str]] = {}
    for item, key, asked in work.new("meter", placed, "time"):
        record, before = item.record, len(work.problems)
        if record.leg not in METERED:
            work.problem(f"{item.place}, leg", repr(record.leg), f"one of: {', '.join(METERED)}")
            continue
        if not work.has_site(item.place, record.site) or not is_open_time(work, item.place, record.site, record.time):
            continue
        known = times.setdefault((record.site, record.leg, record.time[:7]), set()) or _times(work, record)
        times[(record.site, record.leg, record.time[:7])] = known
        if record.time in known:
            work.problem(
                f"{item.place}, time", f"{record.time}, which is metered for leg {record.leg} of {record.site} already", "each time once",
                f"pcf void --kind meter --target {record.site}/{record.time}/{record.leg} takes the other reading back",
            )  # fmt: skip
            continue
        _check_grain(work, item, known)
        known.add(record.time)
        if len(work.problems) > before:
            continue
        row = {
            "site": record.site, "time": record.time, "leg": record.leg, "wh": record.mwh, "details": compact({"note": record.note})
        }  # fmt: skip
        work.add("meter", key, asked, {"meter": [row]})
    work.tx.flush()


def _times(work: Work, record: Meter) -> set[str]:
    """Times of a leg's month that are metered."""
    query = select(meter.c.time).where(
        meter.c.site == record.site, meter.c.leg == record.leg, meter.c.time.startswith(record.time[:7]), stands(meter, "meter")
    )  # fmt: skip
    return set(work.connection.execute(query).scalars())


def _check_grain(work: Work, item: Placed[Meter], known: set[str]) -> None:
    """Hours inside a month that is metered as a whole would count twice."""
    record = item.record
    other = min((time for time in known if ("T" in time) != ("T" in record.time)), default="")
    if not other:
        return
    work.problem(
        f"{item.place}, time", f"{record.time}, while leg {record.leg} of {record.site} is metered for {other}",
        f"{'months' if 'T' in record.time else 'hours'} in {record.time[:7]}, as before: no power is counted twice",
        f"pcf void --kind meter --target {record.site}/{other}/{record.leg} takes the other reading back",
    )  # fmt: skip


def is_open_time(work: Work, place: str, site_id: str, time: str) -> bool:
    """Whether no closed period of a site's scope has any of a month or hour; else that is a problem (R26)."""
    return is_open(work, f"{place}, time", work.scope_name(site_id), time, span_of(time), LATE)


def span_of(time: str) -> tuple[str, str]:
    """First and last day of a month, or twice the day of an hour."""
    if "T" in time:
        return time[:10], time[:10]
    first = date.fromisoformat(f"{time}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return first.isoformat(), (following - timedelta(days=1)).isoformat()
