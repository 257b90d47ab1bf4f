"""Fixtures of the certificates' tests: an office with the sample's books, on SQLite and on PostgreSQL; issuers, thieves and readers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.issue import Office
from tests.certificate import offices
from tests.certificate.attacking import Desk
from tests.certificate.issuing import Made, issuer, signed_pdf
from tests.conftest import Run
from tests.databases import template

postgres_url = template(offices.prepare)


@pytest.fixture(scope="session")
def sample_books(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SQLite file with the sample's books, to be copied."""
    path = tmp_path_factory.mktemp("books") / "pcf.db"
    offices.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database of the test's own with the sample's books."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sample_books'), tmp_path / 'pcf.db')}"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(scope="session")
def keys_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the issuer's keys, made once."""
    return tmp_path_factory.mktemp("desk")


@pytest.fixture
def open_office(database_url: str, keys_folder: Path) -> Iterator[Callable[..., Office]]:
    """Opens the office again, with other values in the issuer's file."""
    opened: list[Office] = []

    def again(**changes: Any) -> Office:
        opened.append(offices.open_desk(keys_folder, database_url, **changes))
        return opened[-1]

    yield again
    for office in opened:
        office.book.database.close()


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    """An office whose books are those of the sample."""
    return open_office()


@pytest.fixture(scope="session")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The issuer whom everybody trusts."""
    return issuer(tmp_path_factory.mktemp("genuine"))


@pytest.fixture(scope="session")
def thief(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Somebody else, of the same company name and the same address of keys, with keys of his own."""
    return issuer(tmp_path_factory.mktemp("thief"))


@pytest.fixture(scope="session")
def paper(genuine: Made) -> bytes:
    """A genuine certificate."""
    return signed_pdf(genuine)


@pytest.fixture
def desk(tmp_path: Path, genuine: Made, pcf: Callable[..., Run]) -> Desk:
    """A reader who trusts the genuine issuer."""
    made = Desk(tmp_path, pcf)
    made.trusted(genuine, genuine.status)
    return made
