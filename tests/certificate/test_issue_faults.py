"""Faults for real while certificates are issued: many at the last tonnes, processes killed at random, a file that was not written."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pcf.certificate import issue as module
from pcf.certificate.issue import Office, Order, issue, make_file, prepare
from pcf.certificate.register import list_entries, read_bundle, read_entry
from pcf.certificate.verify import holds
from pcf.custody.draws import read_certified
from pcf.errors import PcfError
from pcf.store.log import verify as verify_log
from tests.certificate import offices
from tests.certificate.offices import HEAT, INGOT, OTHER_HEAT, TODAY, judge, order

pytestmark = pytest.mark.slow

RACERS, KILLS = 16, 12
FORK = multiprocessing.get_context("fork")
"""Children that have everything imported already: they race for the metal, not for the start of Python."""

Race = Callable[[Order], list[str]]


@pytest.fixture
def race(keys_folder: Path, database_url: str) -> Race:
    """Sixteen processes that want the same at once; what each has got: a number, or the class of its refusal."""

    def run(wanted: Order) -> list[str]:
        office = offices.open_desk(keys_folder, database_url)
        case, _ = prepare(office, wanted, TODAY)
        office.book.database.close()
        start, results = FORK.Barrier(RACERS), FORK.Queue()

        def work() -> None:
            mine = offices.open_desk(keys_folder, database_url)
            with closing(mine.book.database):
                start.wait()
                try:
                    results.put(issue(mine, wanted, TODAY, case).number)
                except PcfError as problem:
                    results.put(f"{type(problem).__name__}: {problem}")

        racers = [FORK.Process(target=work) for _ in range(RACERS)]
        for racer in racers:
            racer.start()
        found = [results.get(timeout=240) for _ in racers]
        for racer in racers:
            racer.join()
        return found

    return run


def check_sound(office: Office) -> list[str]:
    """The log verifies, numbers and places have no gap, nothing is drawn beyond its mass; the numbers."""
    with office.book.read() as connection:
        assert list(verify_log(connection)) == []
        rows = list_entries(connection, "", 1_000)[::-1]
        drawn = read_certified(connection, [HEAT, OTHER_HEAT, INGOT])
        places = [read_entry(connection, row["number"]).place for row in rows]
    assert [row["number"] for row in rows] == [f"PCF-2026-{number:06d}" for number in range(1, len(rows) + 1)]
    assert places == list(range(len(rows)))
    assert drawn.get(INGOT, 0) <= 200_000
    assert all(drawn.get(name, 0) <= 250_000 for name in (HEAT, OTHER_HEAT))
    return [row["number"] for row in rows]


def test_16_processes_want_the_same_200_tonnes_and_one_gets_them(race: Race, office: Office) -> None:
    found = race(order())
    assert Counter(item.partition(":")[0] for item in found) == {"PCF-2026-000001": 1, "DataError": 15}
    assert check_sound(office) == ["PCF-2026-000001"]
    assert holds(judge(office, make_file(office, "PCF-2026-000001")))


def test_16_processes_want_30_tonnes_of_250_and_8_get_them(race: Race, office: Office) -> None:
    found = race(order("batch", OTHER_HEAT, 30_000))
    numbers = sorted(item for item in found if item.startswith("PCF-"))
    assert numbers == check_sound(office) == [f"PCF-2026-{number:06d}" for number in range(1, 9)]
    with office.book.read() as connection:
        assert read_certified(connection, [OTHER_HEAT]) == {OTHER_HEAT: 240_000}


def test_16_processes_with_one_key_get_one_certificate(race: Race, office: Office) -> None:
    assert race(order(key="ORDER-7")) == ["PCF-2026-000001"] * RACERS
    assert check_sound(office) == ["PCF-2026-000001"]


def test_what_was_recorded_before_a_kill_has_its_file_written_later(office: Office, keys_folder: Path, database_url: str) -> None:
    """`kill -9` just between the record and the file."""

    def work() -> None:
        mine = offices.open_desk(keys_folder, database_url)
        issue(mine, order(), TODAY)
        os.kill(os.getpid(), signal.SIGKILL)

    child = FORK.Process(target=work)
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert check_sound(office) == ["PCF-2026-000001"]
    with office.book.read() as connection:
        sealed = read_bundle(connection, read_entry(connection, "PCF-2026-000001"))
    assert holds(judge(office, make_file(office, "PCF-2026-000001"), sealed))


def test_a_kill_leaves_a_certificate_whole_or_not_there(office: Office, keys_folder: Path, database_url: str) -> None:
    chance = random.Random(3)
    case, _ = prepare(office, order("batch", OTHER_HEAT, 1), TODAY)

    def work() -> None:
        mine = offices.open_desk(keys_folder, database_url)
        while True:
            issue(mine, order("batch", OTHER_HEAT, 1), TODAY, case)

    for _ in range(KILLS):
        child = FORK.Process(target=work)
        child.start()
        time.sleep(chance.uniform(0.05, 0.5))
        os.kill(child.pid or 0, signal.SIGKILL)
        child.join()
    numbers = check_sound(office)
    assert numbers
    assert holds(judge(office, make_file(office, numbers[-1])))
    assert issue(office, order(), TODAY).number == f"PCF-2026-{len(numbers) + 1:06d}"


def test_a_file_that_fails_leaves_the_certificate(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.render
    monkeypatch.setattr(module, "render", lambda *_: (_ for _ in ()).throw(MemoryError))
    entry = issue(office, order(), TODAY)
    with pytest.raises(MemoryError):
        make_file(office, entry.number)
    monkeypatch.setattr(module, "render", real)
    assert holds(judge(office, make_file(office, entry.number)))
