"""Databases with a story told in them, and the key that signs their log."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.store.keys import Signer, ensure_key
from tests.custody import audits


@pytest.fixture(scope="session")
def stories(tmp_path_factory: pytest.TempPathFactory, catalogue: Catalogue) -> dict[str, Path]:
    return audits.make(tmp_path_factory.mktemp("stories"), catalogue)


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return ensure_key(tmp_path_factory.mktemp("keys"), "log")


@pytest.fixture
def book(stories: dict[str, Path], tmp_path: Path, catalogue: Catalogue) -> Iterator[Callable[[str], Book]]:
    opened: list[Book] = []

    def copy(name: str) -> Book:
        opened.append(audits.open_book(Path(shutil.copy(stories[name], tmp_path / f"{name}.db")), catalogue))
        return opened[-1]

    yield copy
    for item in opened:
        item.database.close()
