"""A newcomer's empty book: every page says what to do next, and the first records can be entered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.bringing import bring_file
from tests.web.conftest import Server
from tests.web.test_pages import CONTRAST

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`pcf serve` on a book with nothing in it."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    made = Server(tmp_path_factory.mktemp("empty") / "home")
    yield made
    if made.process.poll() is None:
        made.stop()


def test_an_empty_book_says_how_to_begin(visit: Any, screen: Any, server: Any) -> None:
    page = visit("/app/custody", role="engineer", wait=".empty")
    screen(page, "custody-empty-en-light")
    for path in ("lots", "casts", "steps", "shipments", "papers", "papers?kind=received", "papers?kind=claims", "power"):
        page.goto(f"{server.address}/app/custody/{path}")
        page.wait_for_selector(".empty .link-button")
        assert page.evaluate(CONTRAST) == [], path
    page.goto(f"{server.address}/app/custody")
    page.get_by_role("link", name="Enter the first company").click()
    page.wait_for_selector("#record")
    page.locator("[data-field='id']").fill("hq")
    page.locator("[data-field='name']").fill("Headquarters")
    page.locator("#record").click()
    page.wait_for_selector("text=Recorded: hq")


def test_who_may_only_look_is_told_who_can_begin(visit: Any) -> None:
    page = visit("/app/custody/lots", role="sales", wait=".empty")
    assert page.locator(".empty .link-button").count() == 0
    assert "An engineer or an admin enters records." in page.inner_text(".empty")


def test_the_sample_workbook_fills_the_book(visit: Any, tmp_path: Any) -> None:
    page = visit("/app/custody/import", role="engineer", wait=".q-uploader")
    with page.expect_download() as download:
        page.get_by_role("button", name="Empty workbook").click()
    assert download.value.suggested_filename == "custody.xlsx"
    download.value.save_as(tmp_path / "custody.xlsx")
    bring_file(page, tmp_path / "custody.xlsx")
    page.wait_for_selector("#report td:has-text('no records')")
