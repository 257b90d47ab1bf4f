"""Fixtures of the commands' tests."""

from __future__ import annotations

import pytest

from tests.commands.mills import database_url, mill, plant, plant_home, postgres_url

__all__ = ["database_url", "mill", "plant", "plant_home", "postgres_url"]


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test must not see how wide the screen of the person is who runs it."""
    monkeypatch.delenv("COLUMNS", raising=False)
