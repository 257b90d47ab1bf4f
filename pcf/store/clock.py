"""The clock of the events: UTC in microseconds, never running backwards."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from pcf.errors import EnvironmentProblem

TOLERANCE = 300_000_000
"""How far the machine's clock may stand behind the last event [us]: an adjustment by NTP, and no more."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> int:
    """The machine's time [us, UTC]."""
    return time.time_ns() // 1000


def next_time(last: int) -> int:
    """Time of the next event [us]: the machine's, or that of the last event where the clock stands a little behind it.

    Raises
    ------
    EnvironmentProblem
        When the clock stands so far behind that one of the two is wrong.
    """
    moment = now()
    if moment < last - TOLERANCE:
        raise EnvironmentProblem(
            f"the machine's clock says {show(moment)}, which is before the last recorded event of {show(last)}; "
            "nothing was written; set the clock and repeat"
        )
    return max(moment, last)


def show(moment: int) -> str:
    """A time [us] as people and documents write it: UTC to the second."""
    return as_datetime(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def show_local(moment: int) -> str:
    """A time [us] in the zone of the machine, to the second, with the zone's offset."""
    return as_datetime(moment).astimezone().isoformat(timespec="seconds")


def as_datetime(moment: int) -> datetime:
    """A time [us] as an aware datetime; exact, unlike a division by a million."""
    return _EPOCH + timedelta(microseconds=moment)
