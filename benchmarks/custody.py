"""Measures the custody database: posting beside bare inserts, traces and footprints by size and depth, reconciliation, import.

`--small` runs everything at a hundredth of its size. Nothing here is a test: a time depends on the machine, a ratio hardly.
"""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.custody_world import HEAT_KG, SITE, bulk, chain, charge, start_book
from benchmarks.run import process, timed
from pcf.custody import Placed
from pcf.custody.accounts import monthly, read_balances
from pcf.custody.casts import record_casts
from pcf.custody.heats import Heats
from pcf.custody.reading import read_record
from pcf.custody.records import Cast
from pcf.custody.trace import trace

SMALL = "--small" in sys.argv
SCALE = 100 if SMALL else 1
ROUNDS, CASTS = 5, 200
PCF = (sys.executable, "-c", "from pcf.commands import main; main()")
TABLES = ("event", "unit", "consumption", "heat", "posting")


def posting(folder: Path) -> None:
    """Casts with their ledger entries, a commit each, beside bare inserts of the same rows into a copy of the same database."""
    ratios = []
    for turn in range(ROUNDS):
        book = start_book(folder / f"post-{turn}.db")
        book.database.close()
        shutil.copy(folder / f"post-{turn}.db", folder / f"bare-{turn}.db")
        casts = [
            Placed(
                read_record(
                    Cast,
                    {
                        "heat": f"H{number}", "site": SITE, "date": "2025-03-01", "furnace": "F1", "product": "hqaloop",
                        "charge": charge(number), "product_kg": HEAT_KG,
                    },
                    "cast",
                ),
                "cast",
            )
            for number in range(CASTS)
        ]  # fmt: skip

        def ours(book: Any = book, casts: Any = casts) -> None:
            for cast in casts:
                with book.write() as work:
                    record_casts(work, [cast])

        whole = timed(ours)
        book.database.close()
        bare = timed(bare_inserts(folder / f"post-{turn}.db", folder / f"bare-{turn}.db"))
        ratios.append((bare / whole, CASTS / whole, CASTS / bare))
    ratio, rate, most = (statistics.median(values) for values in zip(*ratios, strict=True))
    print(
        f"posting a cast, a commit each: {rate:,.0f}/s; bare inserts of its rows {most:,.0f}/s; ratio {ratio:.2f} (wanted 0.33)"
    )


def bare_inserts(source: Path, target: Path) -> Callable[[], None]:
    """Inserts of all casts' rows as plain sqlite3 makes them, with the same pragmas and a commit a cast."""
    with sqlite3.connect(source) as read:
        groups = []
        for (seq,) in read.execute("SELECT seq FROM event WHERE kind = 'cast' ORDER BY seq").fetchall():
            rows = {
                table: read.execute(f"SELECT * FROM {table} WHERE {_column(table)} = ?", (seq,)).fetchall() for table in TABLES
            }
            groups.append(rows)
    write = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        write.execute(f"PRAGMA {pragma}")

    def run() -> None:
        for rows in groups:
            write.execute("BEGIN IMMEDIATE")
            for table, found in rows.items():
                if found:
                    write.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * len(found[0]))})", found)
            write.execute("COMMIT")
        write.close()

    return run


def _column(table: str) -> str:
    return "seq" if table == "event" else "event_seq"


def by_size(folder: Path) -> None:
    """Trace and footprint of heats over the size of the table, and over the depth of the genealogy in the largest one."""
    for heats in (10_000 // SCALE, 100_000 // SCALE, 1_000_000 // SCALE):
        path = folder / "big.db"
        path.unlink(missing_ok=True)
        book = start_book(path)
        seconds = timed(lambda book=book, path=path, heats=heats: bulk(book, path, heats))
        names = [f"B{number}" for number in range(0, heats, max(heats // 40, 1))]
        traced, computed = _asked(book, names)
        print(f"{heats:>9,} heats, {5 * heats:>9,} charge lines (built in {seconds:.0f} s): trace {traced}, footprint {computed}")
        if heats != 1_000_000 // SCALE:
            book.database.close()
    for depth in (1, 4, 16, 40):
        top = chain(book, path, depth)
        traced, computed = _asked(book, [top] * 15)
        print(f"  depth {depth:>3} of own heats: trace {traced}, footprint {computed}")
    book.database.close()
    environment = dict(os.environ, PCF_HOME=str(folder / "home"), PCF_DATABASE_URL=f"sqlite:///{path}")
    os.environ.update(environment)
    for command in (("trace", "B1"), ("batch", "footprint", "B1", "--json")):
        times = sorted(process(*PCF, *command)[0] for _ in range(5))
        print(f"  pcf {' '.join(command)} as a process: {1000 * times[2]:.0f} ms median of 5")


def _asked(book: Any, names: list[str]) -> tuple[str, str]:
    """Medians of a trace and of a footprint, in words."""
    traced, computed = [], []
    for name in names:
        with book.read() as connection:
            traced.append(timed(lambda connection=connection, name=name: trace(connection, name)))
        with book.read() as connection:
            computed.append(timed(lambda connection=connection, name=name: Heats(connection, book.catalogue).footprint(name)))
    return tuple(f"{1000 * statistics.median(times):.1f} ms (worst {1000 * max(times):.0f})" for times in (traced, computed))  # type: ignore[return-value]


def reconciliation(folder: Path) -> None:
    """The months of a year, and the balances, over the number of postings."""
    for count in (10_000 // SCALE, 100_000 // SCALE, 1_000_000 // SCALE):
        path = folder / "ledger.db"
        path.unlink(missing_ok=True)
        book = start_book(path)
        bulk(book, path, 0, postings=count)
        with book.read() as connection:
            monthly(connection, "S", "2025")
            seconds = statistics.median(timed(lambda connection=connection: monthly(connection, "S", "2025")) for _ in range(3))
            balance = statistics.median(
                timed(lambda connection=connection: read_balances(connection, "S", "2025")) for _ in range(5)
            )
        print(
            f"{count:>9,} postings: reconciled in {1000 * seconds:,.1f} ms ({1e9 * seconds / count:,.0f} ns a posting); "
            f"balances {1000 * balance:.1f} ms"
        )
        book.database.close()


def importing(folder: Path) -> None:
    """Import of lots from CSV as a process: rate and peak memory over the number of rows."""
    for rows in (10_000 // SCALE, 100_000 // SCALE):
        home = folder / f"home-{rows}"
        home.mkdir()
        start_book(home / "pcf.db").database.close()
        path = folder / f"lots-{rows}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["id", "site", "date", "material", "mass_kg", "supplier", "ticket", "content_class"])
            writer.writerows(_lots(rows))
        os.environ["PCF_HOME"] = str(home)
        os.environ.pop("PCF_DATABASE_URL", None)
        seconds, peak = process(*PCF, "lot", "import", str(path))
        again, _ = process(*PCF, "lot", "import", str(path))
        checked, memory = process(*PCF, "log", "verify")
        print(
            f"{rows:>9,} lots imported in {seconds:.1f} s ({rows / seconds:,.0f}/s), peak {peak:.0f} MiB; repeated in {again:.1f} s; "
            f"log verified in {checked:.1f} s, peak {memory:.0f} MiB"
        )


def _lots(rows: int) -> Iterator[list[Any]]:
    for number in range(rows):
        yield [f"C{number}", SITE, "2025-02-01", "scrap-ubc", 20_000, "merchant", f"W{number}", "post-consumer"]


def main() -> None:
    """Run all of it in a temporary folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in (posting, reconciliation, importing, by_size):
            part(folder)


if __name__ == "__main__":
    main()
