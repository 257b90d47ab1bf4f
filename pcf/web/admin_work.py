"""The log held against everything, in a worker process; how far it is stands in a file that the page looks into."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from pcf.certificate.desk import LOG
from pcf.store import open_database
from pcf.store.keys import read_public
from pcf.store.log import Finding, log_size, verify

MOST_FINDINGS = 200
EVERY = 0.3
"""How often it is told how far it is [s]."""


@dataclass(frozen=True)
class Verified:
    """What came of it: size of the log, how long it took [s], how many differences, and the first of them."""

    size: int
    seconds: float
    count: int
    findings: tuple[Finding, ...]


def verify_log(url: str, home: str, told: str) -> Verified:
    """Check records, log and heads against each other, as `pcf log verify` does.

    Parameters
    ----------
    told : str
        File that receives how many events are done.
    """
    started = last = time.monotonic()
    done = 0

    def advance(more: int) -> None:
        nonlocal done, last
        done += more
        if time.monotonic() - last > EVERY:
            last = time.monotonic()
            Path(told).write_text(str(done), encoding="ascii")

    own = read_public(Path(home) / "keys", LOG)
    database = open_database(url, create=False)
    try:
        with database.read() as connection:
            size, count, first = log_size(connection), 0, []
            for item in verify(connection, (), advance, [own] if own else []):
                count += 1
                if count <= MOST_FINDINGS:
                    first.append(item)
    finally:
        database.close()
    return Verified(size, time.monotonic() - started, count, tuple(first))
