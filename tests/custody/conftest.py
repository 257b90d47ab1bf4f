"""Fixtures of the custody tests: a database with the world of `books`, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.store import open_database
from tests.custody import books
from tests.databases import postgres, private_postgres, template

__all__ = ["postgres", "postgres_url", "private_postgres"]

postgres_url = template(books.prepare)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file with the world, to be copied."""
    path = tmp_path_factory.mktemp("world") / "pcf.db"
    books.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database of the test's own that holds the world."""
    if request.param == "sqlite":
        copy = shutil.copy(request.getfixturevalue("world"), tmp_path / "pcf.db")
        return f"sqlite:///{copy}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def in_2027(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days up to the end of 2027 have come."""
    monkeypatch.setattr("pcf.custody.record_fields.latest_day", lambda: "2027-12-31")


@pytest.fixture
def book(database_url: str, catalogue: Catalogue) -> Iterator[Book]:
    """The book of such a database."""
    database = open_database(database_url)
    yield Book(database, catalogue, "tester")
    database.close()
