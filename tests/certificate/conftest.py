"""Fixtures of the tests of attacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.certificate.attacking import Desk
from tests.certificate.issuing import Made, issuer, signed_pdf
from tests.conftest import Run


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
