"""A thousand who want the last tonne at once: one gets it, every other one is told why, and the book is whole; on either database."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlsplit

import pytest

pytest.importorskip("fastapi", reason="the workbench needs FastAPI: pip install 'pcf-aluminium[web]'")

import httpx
from sqlalchemy import func, select

from pcf.certificate.gather import Request
from pcf.certificate.issue import Order
from pcf.custody.tables import certificate_draw, footprint_certificate
from pcf.store import Database, open_database
from pcf.store.log import verify
from pcf.store.schema import metadata
from pcf.views.issuing import this_day
from pcf.web import certifying
from pcf.web.desk import Desk
from pcf.web.work import MOST_WAITING
from tests.databases import database_url, postgres_url
from tests.web.certified import CUSTOMER, HEAT, OTHER_HEAT, fill_home, issue_first
from tests.web.listening import serving

__all__ = ["database_url", "postgres_url"]

pytestmark = pytest.mark.slow

ATTEMPTS, SERVERS = 1_000, 2
WHOLE, LAST = 250_000, 1_000
"""Mass of either heat, and what is left of it for those who ask at once [kg]."""

ONE_MORE = dict.fromkeys(("event", "footprint_certificate", "certificate_draw", "certificate_listing", "calculation_seal"), 1)
"""Rows that one certificate adds, where the choice of the year is there already."""

NO_METAL, BUSY = "at most the 0.000 kg of ", "the server is busy; try again in a moment"


@pytest.fixture
def home(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a book behind the URL, in which certificates can be issued."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PCF_HOME", str(folder))
    fill_home(folder, database_url)
    return folder


@pytest.fixture
def database(database_url: str, home: Path) -> Iterator[Database]:
    with closing(open_database(database_url)) as found:
        yield found


def count_rows(database: Database) -> Counter[str]:
    """Rows of every table; the log is sound."""
    with database.read() as connection:
        assert list(verify(connection)) == []
        tables = {name: table for name, table in metadata.tables.items() if not name.startswith("merkle")}
        return Counter(
            {name: connection.execute(select(func.count()).select_from(table)).scalar_one() for name, table in tables.items()}
        )


def check_book(database: Database, heat: str, before: Counter[str], number: str) -> None:
    """One certificate more, with its draw and its event, and nothing else; numbers without a gap."""
    after = count_rows(database)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == ONE_MORE
    with database.read() as connection:
        numbers = (
            connection.execute(select(footprint_certificate.c.number).order_by(footprint_certificate.c.event_seq)).scalars().all()
        )
        query = select(certificate_draw.c.number, certificate_draw.c.kg).where(certificate_draw.c.unit == heat)
        drawn = {row.number: Fraction(row.kg) for row in connection.execute(query)}
    assert numbers == [f"PCF-{this_day().year}-{place:06d}" for place in range(1, len(numbers) + 1)]
    assert numbers[-1] == number
    assert drawn == {numbers[-2]: WHOLE - LAST, number: LAST}


def judge(answers: list[str], heat: str) -> tuple[str, Counter[str]]:
    """Who has got it, and how often each refusal was given; every one is one line."""
    given = [answer for answer in answers if answer.startswith("PCF-")]
    refused = [answer for answer in answers if not answer.startswith("PCF-")]
    assert all("\n" not in answer for answer in refused)
    kinds = Counter(NO_METAL if f"{NO_METAL}{heat} that no certificate covers" in answer else answer for answer in refused)
    assert set(kinds) <= {NO_METAL, BUSY}
    assert len(given) <= 1, given
    return (given or [""])[0], kinds


# What the pages call ---------------------------------------------------------------------------------------------------------


def ask_all(desk: Desk, people: list[str], heat: str) -> list[str]:
    """What each is told who asks at this desk at once, as many as the server lets wait; the others as soon as there is a place."""

    async def all_of_them() -> list[str]:
        places = asyncio.Semaphore(MOST_WAITING)

        async def one(who: str) -> str:
            order = Order(Request("batch", heat, mass_kg=LAST), CUSTOMER, key=f"web/{who}")
            async with places:
                return await desk.work.run(certifying.issue_one, certifying.seat(desk, who), order, seconds=certifying.SECONDS)

        found = await asyncio.gather(*map(one, people), return_exceptions=True)
        return [str(item) for item in found]

    return asyncio.run(all_of_them())


def test_of_a_thousand_who_want_the_last_tonne_one_gets_it(database: Database, database_url: str, home: Path) -> None:
    """In the worker processes of two desks, where all thousand come to the decision."""
    issue_first(home, database_url, HEAT, WHOLE - LAST)
    before = count_rows(database)
    people = [f"person-{number}" for number in range(ATTEMPTS)]
    with ExitStack() as stack:
        desks = [stack.enter_context(closing(Desk(open_database(database_url)))) for _ in range(SERVERS)]
        with ThreadPoolExecutor(SERVERS) as threads:
            parts = [threads.submit(ask_all, desk, people[place::SERVERS], HEAT) for place, desk in enumerate(desks)]
            answers = [answer for part in parts for answer in part.result()]
    number, refused = judge(answers, HEAT)
    assert refused == {NO_METAL: ATTEMPTS - 1}
    check_book(database, HEAT, before, number)


# Server processes ------------------------------------------------------------------------------------------------------------


def send(address: str, people: list[str], most: int) -> list[str]:
    """What each is told who asks this server, so many at once, each over a connection of his own."""
    place = urlsplit(address)

    async def all_of_them() -> list[str]:
        places = asyncio.Semaphore(most)

        async def one(who: str) -> str:
            async with places:
                reader, writer = await asyncio.open_connection(place.hostname, place.port)
                asked = f"/issue?heat={OTHER_HEAT}&mass_kg={LAST}&who={who}"
                writer.write(f"GET {asked} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode())
                head, _, said = (await reader.read()).decode().partition("\r\n\r\n")
                writer.close()
                await writer.wait_closed()
            assert head.split()[1] in ("200", "409"), head
            return said

        return await asyncio.gather(*map(one, people))

    return asyncio.run(all_of_them())


def rush(addresses: list[str], people: list[str], most: int) -> list[tuple[str, str]]:
    """Each with what he was told; everybody at his own server."""
    with ThreadPoolExecutor(len(addresses)) as threads:
        own = [people[place :: len(addresses)] for place in range(len(addresses))]
        parts = [threads.submit(send, *one) for one in zip(addresses, own, [most] * len(own), strict=True)]
        return [pair for part, names in zip(parts, own, strict=True) for pair in zip(names, part.result(), strict=True)]


def test_of_a_thousand_at_two_servers_one_gets_it(database: Database, database_url: str, home: Path) -> None:
    """All of them at once; who is told that the server is busy comes again, and has to hear that there is no metal."""
    issue_first(home, database_url, OTHER_HEAT, WHOLE - LAST)
    before = count_rows(database)
    with ExitStack() as stack:
        found = [stack.enter_context(serving("tests.web.rushing", home, database_url)) for _ in range(SERVERS)]
        addresses, journals = [address for address, _ in found], [journal for _, journal in found]
        wait_for(addresses)
        first = rush(addresses, [f"person-{number}" for number in range(ATTEMPTS)], ATTEMPTS)
        number, refused = judge([answer for _, answer in first], OTHER_HEAT)
        assert refused.total() == ATTEMPTS - 1
        assert refused[BUSY] >= ATTEMPTS - 2 * SERVERS * MOST_WAITING
        check_book(database, OTHER_HEAT, before, number)
        again = rush(addresses, [who for who, answer in first if answer == BUSY], MOST_WAITING)
        assert judge([answer for _, answer in again], OTHER_HEAT) == ("", Counter({NO_METAL: len(again)}))
        check_book(database, OTHER_HEAT, before, number)
        for address in addresses:
            assert httpx.get(f"{address}/readyz").status_code == 200
    for journal in journals:
        assert {json.loads(line)["level"] for line in journal.read_text(encoding="utf-8").splitlines()} <= {"info"}


def wait_for(addresses: list[str]) -> None:
    """Until every server answers: a port is bound before anybody listens."""
    for address in addresses:
        for _ in range(200):
            try:
                assert httpx.get(f"{address}/readyz", timeout=60).status_code == 200
                break
            except httpx.TransportError:
                continue
