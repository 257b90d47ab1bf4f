"""Certificates where nothing is set up: each page says what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.conftest import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HERE = "/app/certificates"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own: on the one of the other files somebody may have made keys."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    made = Server(tmp_path_factory.mktemp("empty") / "home")
    yield made
    made.stop()


def test_an_empty_register_says_how_to_get_started(visit: Any, screen: Any, server: Any) -> None:
    page = visit(HERE)
    page.wait_for_selector("text=There are no certificates yet.")
    assert "the issuer's keys" in page.inner_text("#listed")
    screen(page, "certificates-empty")
    page.goto(f"{server.address}{HERE}/drafts")
    page.wait_for_selector("text=four_eyes: true")


@pytest.mark.parametrize("path", ["new", "bulk"])
def test_missing_keys_are_said_with_who_sets_them_up(visit: Any, screen: Any, path: str) -> None:
    page = visit(f"{HERE}/{path}", role="sales", wait="#not-ready")
    shown = page.inner_text("#not-ready")
    assert "there is no issuer's file" in shown
    assert "pcf key create" in shown
    assert "An admin sets up keys" in shown
    assert page.locator(".cert-stepper, .q-uploader").count() == 0
    page = visit(f"{HERE}/{path}", role="admin", lang="zh", wait="#not-ready")
    assert page.locator("#not-ready a[href='/app/admin']").count() == 1
    assert "没有签发方文件" in page.inner_text("#not-ready")
    screen(page, f"certificates-not-ready-{path}")
