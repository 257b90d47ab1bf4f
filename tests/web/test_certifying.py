"""What the pages of certificates call: the last tonne is issued once, whoever asks and how often; a stop leaves all or nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.drafting import list_drafts
from pcf.certificate.gather import Request
from pcf.certificate.issue import Order
from pcf.certificate.listing import Wanted, list_page
from pcf.certificate.trust import create_issuer
from pcf.custody.draws import left_to_certify
from pcf.errors import DataError, InputError
from pcf.store import Database, open_database
from pcf.store.log import log_size, verify
from pcf.views.issuing import this_day
from pcf.web import certifying
from pcf.web.certifying import Seat
from pcf.web.desk import Desk
from tests.web.certified import CUSTOMER, HEAT, ask_for_four_eyes, fill_home, url_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home to be copied."""
    home = tmp_path_factory.mktemp("certified") / "home"
    fill_home(home)
    return home


@pytest.fixture
def home(full_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copied = Path(shutil.copytree(full_home, tmp_path / "home"))
    monkeypatch.setenv("PCF_HOME", str(copied))
    return copied


@pytest.fixture
def database(home: Path) -> Iterator[Database]:
    with closing(open_database(url_of(home))) as found:
        yield found


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    made = Desk(open_database(url_of(home)))
    yield made
    made.close()


def order(mass: int, key: str = "", heat: str = HEAT) -> Order:
    return Order(Request("batch", heat, mass_kg=mass), CUSTOMER, key=key)


def state(database: Database) -> tuple[int, int, int]:
    """Certificates, mass of the heat that is left [kg], events; the log is sound."""
    with database.read() as connection:
        assert list(verify(connection)) == []
        count, _ = list_page(connection, Wanted(), this_day())
        return count, left_to_certify(connection, HEAT), log_size(connection)


def run(desk: Desk, calls: list[tuple[Any, ...]]) -> list[Any]:
    """What calls of the workers give, all asked for at once, 32 at a time as the server lets them wait."""

    async def all_of_them() -> list[Any]:
        gate = asyncio.Semaphore(32)

        async def one(call: tuple[Any, ...]) -> Any:
            async with gate:
                return await desk.work.run(*call, seconds=300)

        return await asyncio.gather(*map(one, calls), return_exceptions=True)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, all_of_them()).result()


def test_of_fifty_who_want_the_last_tonne_one_gets_it(desk: Desk, database: Database) -> None:
    """In the worker processes of two servers on one database."""
    (first,) = run(desk, [(certifying.issue_one, certifying.seat(desk, "lin"), order(249_000))])
    assert first.endswith("-000001")
    before = state(database)[2]
    beside = Desk(open_database(url_of_(desk)))

    def ask(which: Desk, start: int) -> list[Any]:
        seats = [certifying.seat(which, f"person-{start + number}") for number in range(25)]
        return run(which, [(certifying.issue_one, seat, order(1_000, f"k-{seat.actor}")) for seat in seats])

    try:
        with ThreadPoolExecutor(2) as threads:
            found = [item for some in threads.map(ask, (desk, beside), (0, 25)) for item in some]
    finally:
        beside.close()
    good = [item for item in found if isinstance(item, str)]
    bad = [item for item in found if not isinstance(item, str)]
    assert (len(good), len(bad)) == (1, 49), bad[:3]
    assert all(isinstance(item, InputError) and "at most the 0.000 kg" in str(item) for item in bad), bad[:3]
    assert state(database) == (2, 0, before + 1)


def url_of_(desk: Desk) -> str:
    return desk.database.engine.url.render_as_string(hide_password=False)


def test_a_click_that_comes_ten_times_issues_once(desk: Desk, database: Database) -> None:
    call = (certifying.issue_one, certifying.seat(desk, "lin"), order(1_000, "web/one"))
    found = run(desk, [call] * 10)
    assert len(set(found)) == 1
    assert state(database)[:2] == (1, 249_000)


def test_a_preview_records_nothing(desk: Desk, database: Database) -> None:
    before = state(database)
    (seen,) = run(desk, [(certifying.preview, certifying.seat(desk, "lin"), order(1_000))])
    assert state(database) == before
    assert seen.document["number"] == "PREVIEW"
    assert seen.pdf.startswith(b"%PDF-")
    assert all(picture.startswith(b"\x89PNG") for picture in seen.pictures)
    assert len(seen.pictures) == 2
    assert {check["status"] for check in seen.checks} <= {"pass", "warn", "not evaluated"}


def test_what_is_refused_says_why_and_records_nothing(desk: Desk, database: Database) -> None:
    before = state(database)
    seat = certifying.seat(desk, "lin")
    wrong = [
        order(250_001), order(1, heat="'; DROP TABLE unit; --"), replace(order(1), request=Request("shipment", "SH-L-01", mass_kg=1)),
        replace(order(1), replaces="PCF-2026-000001", reason="x"),
    ]  # fmt: skip
    found = run(desk, [(what, seat, item) for item in wrong for what in (certifying.preview, certifying.draft_one)])
    assert all(isinstance(item, InputError) for item in found), found
    assert "the customer of shipment SH-L-01" in str(found[4])
    assert state(database) == before


def test_a_table_is_read_only_where_every_row_can_be_certified(desk: Desk, database: Database, tmp_path: Path) -> None:
    from pcf.model import Method

    seat, method = certifying.seat(desk, "lin"), Method(low_voltage_pfc="included")
    head = "order,batch,shipment,mass_kg,name,address,country\n"
    good = tmp_path / "good.csv"
    good.write_text(head + f"A,{HEAT},,1000,Räderwerk,Hafen 1,DE\nB,{HEAT},,2000,Räderwerk,Hafen 1,DE\n", encoding="utf-8")
    (placed,) = run(desk, [(certifying.read_upload, seat, str(good), method, "both")])
    assert [(item.name, item.order.request.mass_kg) for item in placed] == [("A", 1000), ("B", 2000)]
    bad = tmp_path / "bad.csv"
    bad.write_text(
        head + f"A,{HEAT},,240000,x,y,DE\nB,{HEAT},,240000,x,y,DE\nC,,SH-L-01,1,Somebody else,y,DE\nD,NONE,,1,x,y,DE\n",
        encoding="utf-8",
    )
    (problem,) = run(desk, [(certifying.read_upload, seat, str(bad), method, "both")])
    assert isinstance(problem, DataError)
    assert [item.place for item in problem.problems] == [
        "bad.csv row 3, mass_kg", "bad.csv row 5, batch", "bad.csv row 4, name",
    ]  # fmt: skip
    assert state(database)[0] == 0


def test_with_four_eyes_rows_become_drafts_once(home: Path, desk: Desk, database: Database, tmp_path: Path) -> None:
    ask_for_four_eyes(home, wanted=True)
    assert certifying.look(desk.book("lin")).four_eyes
    seat = certifying.seat(desk, "lin")
    rows = [("A", order(1_000, "bulk/A")), ("B", order(250_001, "bulk/B"))]
    first, second, refused = run(desk, [
        (certifying.issue_some, seat, rows, str(tmp_path)), (certifying.issue_some, seat, rows, str(tmp_path)),
        (certifying.issue_one, seat, order(1_000)),
    ])  # fmt: skip
    assert first == second
    assert (first[0].refused, first[1].number) == ("", "")
    assert "250,001" in first[1].refused
    assert "found an issue by one person" in str(refused)
    with database.read() as connection:
        assert list_drafts(connection, waiting=True)[0] == 1
    assert state(database)[:2] == (0, 250_000)


def test_a_missing_file_and_a_missing_passphrase_are_said(home: Path, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    book = desk.book("lin")
    assert certifying.look(book) == certifying.Readiness()
    shutil.rmtree(home / "keys")
    assert "pcf key create" in certifying.look(book).problem
    shutil.rmtree(home / "issuers")
    create_issuer(
        home,
        "issuer",
        "Demo Aluminium Co., Ltd (invented)",
        datetime(2026, 1, 1, tzinfo=UTC),
        "a secret of some length",
        "did:web:demo.example",
    )
    assert "passphrase" in certifying.look(book).problem
    monkeypatch.setenv("PCF_KEY_PASSPHRASE", "another one")
    assert "passphrase" in certifying.look(book).problem
    monkeypatch.setenv("PCF_KEY_PASSPHRASE", "a secret of some length")
    assert certifying.look(book) == certifying.Readiness()
    (home / "issuer.yaml").unlink()
    assert "there is no issuer's file" in certifying.look(book).problem


def test_a_stop_lets_a_certificate_be_finished_or_leaves_nothing(home: Path, database: Database) -> None:
    """The server gets its signal while a worker computes; after it the book is sound, and a repeat under the key issues once."""
    before = state(database)
    program = (
        "import asyncio, sys\n"
        "from pcf.store import open_database\n"
        "from pcf.web import certifying\n"
        "from pcf.web.desk import Desk\n"
        "from tests.web.test_certifying import order\n"
        "async def main():\n"
        "    desk = Desk(open_database())\n"
        "    task = asyncio.create_task(desk.work.run(certifying.issue_one, certifying.seat(desk, 'lin'), order(1000, 'stop')))\n"
        "    print('begun', flush=True)\n"
        "    await asyncio.sleep(float(sys.argv[1]))\n"
        "    desk.close()\n"
        "asyncio.run(main())\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    for pause in ("0.1", "3"):
        process = subprocess.Popen([sys.executable, "-c", program, pause], env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        if pause == "3":
            time.sleep(0.5)
            process.send_signal(signal.SIGTERM)  # one that nobody catches: the worker goes with it
        process.communicate(timeout=120)
        count, left, events = state(database)
        assert (count, left) in ((0, 250_000), (1, 249_000))
        assert events - before[2] == count
    certifying.issue_one(Seat("lin", url_of(home)), order(1_000, "stop"))
    assert state(database)[:2] == (1, 249_000)
