"""Fixtures of the store's tests: databases with tables, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pcf.store import Database, open_database
from tests.databases import database_url, postgres, private_postgres, template

__all__ = ["database_url", "postgres", "postgres_url", "private_postgres"]


def prepare(url: str) -> None:
    """Make the tables behind a URL."""
    with closing(open_database(url)):
        pass


postgres_url = template(prepare)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database with tables and nothing in them."""
    found = open_database(database_url)
    yield found
    found.close()
