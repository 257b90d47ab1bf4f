"""Faults for real: processes killed at random, many at the last tonnes, a full disk, a lost server, a clock that goes back.

`PCF_SOAK` sets how many processes are killed; `make soak` has a thousand.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pcf.catalogue import Catalogue
from pcf.custody import Book, import_rows
from pcf.custody.tables import document, lot, posting
from pcf.errors import DataError, EnvironmentProblem
from pcf.store import clock, open_database
from pcf.store.log import verify
from tests.custody import books
from tests.postgres import PrivateCluster

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("PCF_SOAK", "50"))
RACERS = 32
FORK = multiprocessing.get_context("fork")
"""Children that have everything imported already: a kill then falls into the work, not into the start of Python."""


def opened(url: str, catalogue: Catalogue) -> Book:
    return Book(open_database(url), catalogue, f"process {os.getpid()}")


def check_sound(book: Book) -> None:
    """The log verifies, every running sum is the sum of its postings, every document has its posting."""
    with book.read() as connection:
        assert list(verify(connection)) == []
        sums: dict[tuple[str, ...], int] = {}
        for row in connection.execute(select(posting).order_by(posting.c.event_seq, posting.c.line)):
            key = (row.scope, row.account, row.period, row.kind)
            sums[key] = sums.get(key, 0) + row.amount
            assert row.running == sums[key]
        issued = connection.execute(select(func.coalesce(func.sum(document.c.coc_kg), 0)).where(document.c.direction == "out"))
        assert int(issued.scalar_one()) == sum(mass for key, mass in sums.items() if key[3] == "issued")


def count(book: Book, table: Any) -> int:
    with book.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def killed_while(work: Callable[[], None], longest: float, chance: random.Random) -> None:
    """Run something in a child and kill it at a random moment."""
    child = FORK.Process(target=work)
    child.start()
    time.sleep(chance.uniform(0, longest))
    if child.pid is not None and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()


def lot_rows(size: int, name: str = "KILL") -> Iterator[tuple[str, dict[str, Any]]]:
    for number in range(size):
        yield f"lots.csv row {number + 2}", books.lot(f"{name}-{number:05d}", 1000 + number)


def test_a_kill_leaves_all_of_an_import_or_nothing(database_url: str, catalogue: Catalogue) -> None:
    """Half of the kills, each at an import of its own; a repeat then completes what was killed."""
    size, chance, whole = 300, random.Random(1), 0
    for turn in range(KILLS // 2):

        def work(name: str = f"KILL-{turn}") -> None:
            with closing(open_database(database_url)) as database:
                import_rows(Book(database, catalogue, "killed"), [("lot", lot_rows(size, name))])

        killed_while(work, 0.25, chance)
        book = opened(database_url, catalogue)
        present = count(book, lot) - turn * size
        assert present in (0, size)
        whole += present == size
        again = import_rows(book, [("lot", lot_rows(size, f"KILL-{turn}"))])
        assert (again.written, again.known) == ((0, size) if present else (size, 0))
        book.database.close()
    print(f"{KILLS // 2} kills; {whole} imports had come through")  # noqa: T201 (seen with -s, for the page on testing)
    book = opened(database_url, catalogue)
    check_sound(book)
    book.database.close()


def test_a_kill_leaves_every_document_whole_or_not_there(database_url: str, catalogue: Catalogue) -> None:
    chance = random.Random(2)
    book = opened(database_url, catalogue)
    stock(book, 100_000_000)
    book.database.close()

    def work() -> None:
        with closing(open_database(database_url)) as database:
            mine = Book(database, catalogue, "killed")
            for number in range(200):
                books.enter(mine, "document", books.document("OUT", 100 + number), f"{os.getpid()}-{number}")

    for _ in range(KILLS - KILLS // 2):
        killed_while(work, 0.3, chance)
    book = opened(database_url, catalogue)
    check_sound(book)
    print(f"{KILLS - KILLS // 2} kills; {count(book, document) - 1} documents issued")  # noqa: T201
    assert count(book, document) > 1
    books.enter(book, "document", books.document("OUT", 99))
    book.database.close()


def stock(book: Book, kg: int) -> None:
    """CoC metal that becomes a heat and is shipped: `kg` may be issued, no more."""
    books.enter(book, "received", books.received("R-OUT", 2 * kg, material="asi-aluminium"))
    books.enter(book, "lot", books.coc_metal("COC", 2 * kg, "R-OUT"))
    books.enter(book, "cast", books.cast("HEAT", {"COC": 2 * kg}, 2 * kg))
    books.enter(book, "shipment", books.shipment("OUT", {"HEAT": kg}))


def test_32_processes_at_the_last_ten_tonnes_get_exactly_ten(database_url: str, catalogue: Catalogue) -> None:
    book = opened(database_url, catalogue)
    stock(book, 10_000)
    book.database.close()
    start, results = FORK.Barrier(RACERS), FORK.Queue()

    def race(number: int, start: Barrier) -> None:
        with closing(open_database(database_url)) as database:
            mine = Book(database, catalogue, f"racer {number}")
            start.wait()
            got = 0
            for turn in range(3):
                try:
                    books.enter(mine, "document", books.document("OUT", 1_000), f"{number}-{turn}")
                    got += 1_000
                except DataError:
                    break
            results.put(got)

    racers = [FORK.Process(target=race, args=(number, start)) for number in range(RACERS)]
    for racer in racers:
        racer.start()
    got = [results.get(timeout=120) for _ in racers]
    for racer in racers:
        racer.join()
    assert sum(got) == 10_000
    book = opened(database_url, catalogue)
    assert books.sums(book)["issued"] == 10_000
    check_sound(book)
    book.database.close()


def test_a_period_closes_while_others_post(database_url: str, catalogue: Catalogue) -> None:
    start, results = FORK.Barrier(9), FORK.Queue()

    def post(number: int, start: Barrier) -> None:
        with closing(open_database(database_url)) as database:
            mine = Book(database, catalogue, f"poster {number}")
            start.wait()
            written = 0
            for turn in range(100_000):  # until it is refused
                try:
                    books.enter(mine, "lot", books.lot(f"P-{number}-{turn}", 500))
                except DataError as error:
                    results.put((written, str(error)))
                    return
                written += 1
            results.put((written, "never refused"))

    posters = [FORK.Process(target=post, args=(number, start)) for number in range(8)]
    for poster in posters:
        poster.start()
    book = opened(database_url, catalogue)
    start.wait()
    time.sleep(0.2)
    books.close(book, "2025")
    in_the_closed_period = books.sums(book).get("other-in", 0)
    ends = [results.get(timeout=120) for _ in posters]
    written = sum(end[0] for end in ends)
    assert all("closed period" in end[1] for end in ends)
    for poster in posters:
        poster.join()
    assert in_the_closed_period == 500 * written  # what came after the close was refused, nothing of it stayed
    assert books.sums(book).get("other-in", 0) == in_the_closed_period
    check_sound(book)
    book.database.close()


def test_a_clock_that_goes_back_stops_the_writing(
    database_url: str, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = opened(database_url, catalogue)
    books.enter(book, "lot", books.lot("L-1", 1000))
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() - 60_000_000)  # a minute, as NTP may do: times stand still, work goes on
    books.enter(book, "lot", books.lot("L-2", 1000))
    monkeypatch.setattr(clock, "now", lambda: real() - 3_600_000_000)
    with pytest.raises(EnvironmentProblem, match=r"clock says .* nothing was written"):
        books.enter(book, "lot", books.lot("L-3", 1000))
    monkeypatch.setattr(clock, "now", real)
    books.enter(book, "lot", books.lot("L-3", 1000))
    check_sound(book)
    book.database.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 3 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a small disk (tmpfs)")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_is_one_line_and_loses_nothing(small_disk: Path, catalogue: Catalogue) -> None:
    url = f"sqlite:///{small_disk / 'pcf.db'}"
    books.prepare(url)
    book = opened(url, catalogue)
    books.enter(book, "lot", books.lot("BEFORE", 1000))
    with pytest.raises(EnvironmentProblem, match="the disk is full; nothing was written") as problem:
        import_rows(book, [("lot", lot_rows(20_000))])
    assert len(str(problem.value).splitlines()) == 1
    book.database.close()
    book = opened(url, catalogue)
    assert count(book, lot) == 1
    books.enter(book, "lot", books.lot("AFTER", 1000))
    check_sound(book)
    book.database.close()


@pytest.mark.postgresql
def test_a_lost_server_is_one_line_and_a_repeat_is_safe(private_postgres: PrivateCluster, catalogue: Catalogue) -> None:
    url = private_postgres.create_database()
    books.prepare(url)
    book = opened(url, catalogue)

    def lose_it() -> None:
        with book.write() as work:
            private_postgres.terminate(url)
            work.tx.recorded(["x"])

    with pytest.raises(EnvironmentProblem, match="connection is lost") as problem:
        lose_it()
    assert len(str(problem.value).splitlines()) == 1
    books.enter(book, "lot", books.lot("L-1", 1000))
    private_postgres.stop("immediate")
    with pytest.raises(EnvironmentProblem, match="connection is lost or was refused"):
        books.enter(book, "lot", books.lot("L-2", 1000))
    private_postgres.start()
    books.enter(book, "lot", books.lot("L-1", 1000))
    books.enter(book, "lot", books.lot("L-2", 1000))
    assert count(book, lot) == 2
    check_sound(book)
    book.database.close()
