"""Fixtures of the PACT service's tests: a service with two customers, on SQLite and on PostgreSQL, and a customer's own service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from pcf.store import Database, open_database
from tests.databases import database_url, postgres, template
from tests.store.conftest import prepare
from tests.web.pact.apis import Api, serve
from tests.web.pact.peers import Authority, PeerServer

__all__ = ["database_url", "postgres", "postgres_url"]

postgres_url = template(prepare)


@pytest.fixture
def database(database_url: str, pcf_home: Path) -> Iterator[Database]:
    """An open database with tables and nothing in them, and an empty state folder."""
    found = open_database(database_url)
    yield found
    found.close()


@pytest.fixture
def sqlite(tmp_path: Path, pcf_home: Path) -> Iterator[Database]:
    """The same on SQLite alone, for what does not depend on the database."""
    found = open_database(f"sqlite:///{tmp_path / 'pcf.db'}")
    yield found
    found.close()


@pytest.fixture
def start(request: pytest.FixtureRequest) -> Iterator[Callable[..., Api]]:
    """Start a service on a database; see `apis.serve`."""
    with ExitStack() as stack:

        def begin(database: Database, **settings: Any) -> Api:
            return stack.enter_context(serve(database, **settings))

        yield begin


@pytest.fixture
def api(database: Database, start: Callable[..., Api]) -> Api:
    """A service with the customers `alpha` and `beta`, on both databases."""
    return start(database)


@pytest.fixture
def one(sqlite: Database, start: Callable[..., Api]) -> Api:
    """The same on SQLite alone."""
    return start(sqlite)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority of the tests."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def peer(authority: Authority) -> Iterator[PeerServer]:
    """A customer's own PACT service, over TLS, on the loopback interface."""
    with PeerServer(authority) as server:
        yield server
