"""Databases for the custody benchmark: a small real start, then many rows at once.

Bulk rows all name one event, which the log check would refuse; what is measured here reads units, consumptions and postings.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pcf.catalogue import open_catalogue
from pcf.custody import Book, record
from pcf.store import open_database

SITE = "works"
HEAT_KG, LINE_KG = 4_700, 1_000
LOT_KG = 20_000
"""A truck: enough for twenty heats that take a line of each of five lots."""
LOTS = tuple(f"L{number}" for number in range(50))
CHAIN_KG = 2_700
"""Heats of a chain: three lines are charged."""
MANY_LOTS = 1_000

_START: tuple[tuple[str, dict[str, Any]], ...] = (
    ("party", {"id": "own", "name": "Own company", "own": "yes"}),
    ("party", {"id": "merchant", "name": "Scrap merchant"}),
    ("site", {"id": SITE, "name": "Works", "timezone": "Asia/Shanghai", "party": "own", "plant": "recycling-park"}),
    ("scope", {"id": "S", "name": "Scope", "sites": SITE}),
    ("period", {"scope": "S", "id": "2025", "start": "2025-01-01", "end": "2025-12-31"}),
    *(
        ("lot", {
            "id": name, "site": SITE, "date": "2025-01-10", "material": "scrap-mixed-cast", "mass_kg": LOT_KG, "supplier": "merchant",
            "ticket": name, "content_class": "post-consumer",
        })
        for name in LOTS
    ),
)  # fmt: skip


def charge(number: int) -> str:
    """Charge of a heat by its number: of the first lots that are left."""
    first = 5 * (number * LINE_KG // LOT_KG)
    return ",".join(f"{lot}={LINE_KG}" for lot in LOTS[first : first + 5])


def start_book(path: Path) -> Book:
    """A new database with a site, a period and fifty lots, all entered as people do."""
    book = Book(open_database(f"sqlite:///{path}"), open_catalogue(None), "benchmark")
    for kind, values in _START:
        record(book, kind, values, kind)
    return book


def bulk(book: Book, path: Path, heats: int, *, postings: int = 0) -> None:
    """Heats with five charge lines each from a thousand lots, and postings over the months."""
    book.database.close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous=OFF")
        seq = database.execute("SELECT max(seq) FROM event").fetchone()[0]
        unit = "INSERT INTO unit (event_seq, id, kind, site, date, mass_kg, material) VALUES (?, ?, ?, ?, ?, ?, ?)"
        database.executemany(unit, _lots(seq))
        database.executemany(_LOT, ((seq, f"M{number}", f"M{number}") for number in range(MANY_LOTS)))
        database.executemany(
            unit, ((seq, f"B{number}", "heat", SITE, _day(number), HEAT_KG, "hqaloop") for number in range(heats))
        )
        database.executemany(_LINE, _lines(seq, heats))
        database.executemany(_HEAT, ((seq, f"B{number}") for number in range(heats)))
        database.executemany(_POSTING, _postings(seq, postings))
    database.close()


def chain(book: Book, path: Path, depth: int) -> str:
    """Heats of which each charges the one before and two lots; the name of the last."""
    book.database.close()
    with sqlite3.connect(path) as database:
        seq = database.execute("SELECT max(seq) FROM event").fetchone()[0]
        before = "M0"
        for number in range(depth):
            name = f"D{depth}-{number}"
            database.execute(
                "INSERT INTO unit (event_seq, id, kind, site, date, mass_kg, material) VALUES (?, ?, 'heat', ?, ?, ?, 'hqaloop')",
                (seq, name, SITE, "2025-06-01", CHAIN_KG),
            )
            for line, parent in enumerate((before, "M1", "M2")):
                database.execute(_LINE, (seq, name, line, parent, LINE_KG))
            database.execute(_HEAT, (seq, name))
            before = name
    database.close()
    return before


_LOT = (
    "INSERT INTO lot (event_seq, unit, supplier, ticket, ticket_plain, content_class, origin, asi_class, coc_kg, site, details) "
    f"VALUES (?1, ?2, 'merchant', ?3, ?3, 'post-consumer', 'external', 'non-coc', 0, '{SITE}', '{{}}')"
)
_LINE = "INSERT INTO consumption (event_seq, child, line, parent, mass_kg, role) VALUES (?, ?, ?, ?, ?, 'charge')"
_HEAT = (
    "INSERT INTO heat (event_seq, unit, furnace, product, alloy, charge_kg, returns_kg, dross_kg, details) "
    "VALUES (?, ?, 'F1', 'hqaloop', '', 5000, 0, 0, '{\"post\":\"1\",\"pre\":\"0\"}')"
)
_POSTING = (
    "INSERT INTO posting (event_seq, line, scope, account, period, kind, month, amount, running, ref) "
    "VALUES (?, ?, 'S', 'asi-aluminium', '2025', 'other-in', ?, 1000, ?, 'bulk')"
)


def _day(number: int) -> str:
    return f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}"


def _lots(seq: int) -> Iterator[tuple[Any, ...]]:
    for number in range(MANY_LOTS):
        yield seq, f"M{number}", "lot", SITE, "2025-01-10", 10**12, "scrap-mixed-cast"


def _lines(seq: int, heats: int) -> Iterator[tuple[Any, ...]]:
    for number in range(heats):
        for line in range(5):
            yield seq, f"B{number}", line, f"M{(7 * number + 131 * line) % MANY_LOTS}", LINE_KG


def _postings(seq: int, count: int) -> Iterator[tuple[Any, ...]]:
    for number in range(count):
        yield seq, 1000 + number, f"2025-{1 + number % 12:02d}", 1000 * (number + 1)
