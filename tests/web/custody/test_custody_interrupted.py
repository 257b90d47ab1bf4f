"""A connection that breaks while somebody fills in a form: what is recorded is what was to be read, however late it is noticed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pcf.custody.tables import lot, unit
from pcf.exchange import write_sample
from tests.web.bringing import bring_file
from tests.web.conftest import WAIT, Server
from tests.web.custody.forms import PROBLEM, field
from tests.web.custody.test_custody_changes import LOT, enter
from tests.web.cutting import Way, way_to

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RESUMED = ".q-notification.bg-warning"


@pytest.fixture
def way(server: Server) -> Iterator[Way]:
    with way_to(server.address) as made:
        yield made


@pytest.fixture
def page(way: Way, server: Server, browser: Any) -> Iterator[Any]:
    """The form of a lot, by a way that can be cut; its console complains of connections as it should."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "pcf_session", "value": server.session("engineer"), "url": way.address}])
    context.set_default_timeout(WAIT)
    made = context.new_page()
    made.goto(f"{way.address}/app/custody/enter?kind=lot")
    made.wait_for_selector("#record")
    yield made
    context.close()


def test_what_is_entered_before_the_page_is_connected_arrives_in_its_order(page: Any, way: Way, rows: Any) -> None:
    way.slow = True
    page.reload()
    page.wait_for_selector("#record")
    enter(page, {**LOT, "id": "WEB-SOON", "ticket": "WEB-T-SOON"})
    field(page, "mass_kg").fill("")
    field(page, "mass_kg").press_sequentially("123456", delay=7)
    page.locator("#record").click()
    assert not page.evaluate("window.socket.connected")
    way.slow = False
    page.wait_for_selector("#problems .banner")
    assert rows(select(unit.c.mass_kg).where(unit.c.id == "WEB-SOON")) == [(123_456,)]


def test_a_file_does_not_overtake_what_was_written_before_it(page: Any, way: Way, tmp_path: Path) -> None:
    write_sample(tmp_path / "sample.xlsx")
    page.goto(f"{way.address}/app/data?tab=plant")
    page.wait_for_selector(".q-uploader")
    page.wait_for_function("window.socket?.connected")
    way.slow = True
    page.get_by_label("Calendar year").fill("1999")
    bring_file(page, tmp_path / "sample.xlsx")
    page.wait_for_selector(".q-uploader__file--uploaded")
    page.wait_for_timeout(2_000)
    way.slow = False
    page.wait_for_selector("#report:has-text('2000 … 2100')")


def test_a_file_that_came_while_the_year_was_lost_is_to_be_chosen_again(page: Any, way: Way, tmp_path: Path) -> None:
    write_sample(tmp_path / "sample.xlsx")
    page.goto(f"{way.address}/app/data?tab=plant")
    page.wait_for_selector(".q-uploader")
    page.wait_for_function("window.socket?.connected")
    way.slow = True
    page.get_by_label("Calendar year").fill("1999")
    bring_file(page, tmp_path / "sample.xlsx")
    page.wait_for_selector(".q-uploader__file--uploaded")
    way.cut()
    way.slow = False
    page.wait_for_selector("#report:has-text('while the page was cut off')")
    page.wait_for_function("!document.querySelector('#app').inert")
    bring_file(page, tmp_path / "sample.xlsx")
    page.wait_for_selector("#report:has-text('2000 … 2100')")


def test_what_was_lost_on_the_way_is_asked_for_again(page: Any, way: Way, rows: Any, screen: Any) -> None:
    enter(page, {**LOT, "id": "WEB-CUT", "ticket": "WEB-T-CUT"})
    way.deaf = True
    field(page, "mass_kg").fill("0.5")
    field(page, "note").fill('said "twice"')
    page.locator("#record").click()
    page.wait_for_timeout(500)
    assert page.locator(PROBLEM).count() == 0, "the click was lost"
    way.deaf = False
    way.cut()
    page.wait_for_selector(RESUMED)
    screen(page, "custody-resumed")
    assert field(page, "mass_kg").input_value() == "0.5"
    page.locator("#record").click()
    page.wait_for_selector(PROBLEM)
    assert "whole kilograms" in page.inner_text(PROBLEM), "the mass that is to be read, not the one before"
    field(page, "mass_kg").fill("700")
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.good")
    assert rows(select(unit.c.mass_kg).where(unit.c.id == "WEB-CUT")) == [(700,)]
    ((details,),) = rows(select(lot.c.details).where(lot.c.unit == "WEB-CUT"))
    assert json.loads(details)["note"] == 'said "twice"'


def test_nobody_clicks_while_the_connection_is_known_to_be_lost(page: Any, way: Way, rows: Any) -> None:
    enter(page, {**LOT, "id": "WEB-CUT-2", "ticket": "WEB-T-CUT-2"})
    field(page, "mass_kg").focus()
    way.closed = True
    way.cut()
    page.wait_for_selector("#popup[aria-hidden=false]")
    page.wait_for_function("document.querySelector('#app').inert && document.activeElement === document.body")
    page.mouse.click(
        *page.evaluate(
            "(({x, y, width, height}) => [x + width / 2, y + height / 2])(document.querySelector('#record').getBoundingClientRect())"
        )
    )
    way.closed = False
    page.wait_for_selector(RESUMED)
    page.wait_for_function("!document.querySelector('#app').inert")
    assert page.evaluate("document.activeElement.closest('[data-field]')?.dataset.field") == "mass_kg", (
        "the keyboard is where it was"
    )
    page.wait_for_timeout(500)
    assert rows(select(unit.c.id).where(unit.c.id == "WEB-CUT-2")) == []
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.good")
    assert rows(select(unit.c.mass_kg).where(unit.c.id == "WEB-CUT-2")) == [(1000,)]


def test_a_click_after_a_sleep_does_not_overtake_what_was_written_before(page: Any, way: Way, rows: Any) -> None:
    """The browser notices by its clock, with the very click, that the line is dead, and would keep the click for the next one."""
    enter(page, {**LOT, "id": "WEB-CUT-3", "ticket": "WEB-T-CUT-3"})
    way.deaf = True
    field(page, "mass_kg").fill("555")
    page.evaluate("(now => { Date.now = () => now() + 60_000 })(Date.now)")
    page.locator("#record").click()
    way.deaf = False
    way.cut()
    page.wait_for_selector(RESUMED)
    page.wait_for_function("!document.querySelector('#app').inert")
    page.wait_for_timeout(500)
    assert rows(select(unit.c.id).where(unit.c.id == "WEB-CUT-3")) == []
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.good")
    assert rows(select(unit.c.mass_kg).where(unit.c.id == "WEB-CUT-3")) == [(555,)]
