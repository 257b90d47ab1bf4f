"""What somebody stumbles over who sees the workbench for the first time: what was said last, undone at once, asked in time, still true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from pcf.catalogue import open_catalogue
from pcf.certificate.listing import Wanted, list_page
from pcf.certificate.register import revoke
from pcf.custody import Book
from pcf.store import open_database
from pcf.views.issuing import this_day
from tests.web.certified import CUSTOMER, HEAT, fill_home, issue_first, url_of
from tests.web.conftest import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WAIT = 120_000
"""For what is computed, on a machine that does other things as well [ms]."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two certificates of a heat, the first of which was revoked."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path_factory.mktemp("first") / "home"
    fill_home(home)
    issue_first(home)
    with closing(open_database(url_of(home))) as database:
        book = Book(database, open_catalogue(None, overlays=[home / "data"]), "demo")
        revoke(book, numbers(home)[0], this_day(), "weighed anew")
    issue_first(home)
    made = Server(home)
    yield made
    made.stop()


def numbers(home: Any) -> list[str]:
    """Numbers of the certificates, the newest first."""
    with closing(open_database(url_of(home))) as database, database.read() as connection:
        return [row.number for row in list_page(connection, Wanted(), this_day())[1]]


# Explore -----------------------------------------------------------------------------------------------------------------


def test_one_refusal_stands_at_a_time_and_is_the_last(visit: Any) -> None:
    page = visit("/app/explore?product=a356.2", wait="#bars .main-svg")
    for written in ("7", "8", "nothing"):
        field = page.locator(".lever-input input").first
        field.fill(written)
        field.press("Enter")
        page.wait_for_selector(f".q-notification:has-text('“{written}”')")
    page.wait_for_function("document.querySelectorAll('.q-notification').length === 1")  # the one before leaves in a transition
    assert "“nothing”" in page.inner_text(".q-notification")
    assert page.locator(".q-notification__badge:visible").count() == 0, "three refusals are not the same one three times"


def test_the_lever_of_power_is_marked_and_undone_at_once(visit: Any) -> None:
    page = visit("/app/explore?product=primary-shandong", wait="#bars .main-svg")
    before = page.inner_text("#total")
    undo = page.get_by_role("button", name="Power of the site")
    assert undo.count() == 0 or not undo.first.is_visible()
    page.locator(".levers input[type=range][aria-label='Power of the site']").first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(60)
    page.wait_for_selector(".lever-title.touched:has-text('Power of the site')")
    page.locator(".lever-head:has-text('Power of the site') button").click()
    page.wait_for_url("**product=primary-shandong")
    page.wait_for_function(f"document.querySelector('#total').innerText === '{before}'")
    assert page.locator(".lever-title.touched").count() == 0


def test_the_checks_know_of_the_interval_above_them(visit: Any) -> None:
    page = visit("/app/explore?product=hqalight", wait="#bars .main-svg")
    page.get_by_role("tab", name="Checks").click()
    page.wait_for_function("/95/.test(document.querySelector('#band').innerText)", timeout=WAIT)
    page.wait_for_selector(".check:has-text('Interpretation · pass')", timeout=WAIT)
    said = page.inner_text(".check:has-text('Interpretation')")
    assert re.search(r"95 % of [\d,]+ draws lie between \d+\.\d\d and \d+\.\d\d tCO2e/t", said)
    assert "no uncertainty analysis" not in page.inner_text(".q-tab-panel")


# Certificates ------------------------------------------------------------------------------------------------------------


def test_an_empty_customer_is_refused_at_the_first_step(visit: Any) -> None:
    page = visit("/app/certificates/new", wait=".cert-stepper")
    page.locator("button:visible", has_text="Next").click()
    page.wait_for_selector("#missing:has-text('Name, Address, Country')")
    assert page.locator(".cert-fields .q-field--error").count() == 3
    assert page.locator("#choices").count() == 0 or not page.locator("#choices").is_visible()
    for name, value in list(CUSTOMER.items())[:2]:
        page.get_by_label(name.capitalize(), exact=True).fill(value)
    page.locator("button:visible", has_text="Next").click()
    page.wait_for_selector("#missing:has-text('Still missing: Country.')")
    # Who certifies a shipment may leave the customer to it, and then is offered shipments alone.
    page.locator("#consignee").click()
    page.locator("button:visible", has_text="Next").click()
    page.wait_for_selector(".cert-choices td:text-is('SH-L-01')", timeout=WAIT)
    assert page.get_by_role("button", name="Batch", exact=True).is_disabled()


def test_who_has_ended_is_said_in_the_trail_and_beside_the_metal(visit: Any, server: Server) -> None:
    last, first = numbers(server.home)
    page = visit("/app/audit?tab=trail", role="auditor", wait="table")
    rows = {number: page.inner_text(f"tr:has-text('{number}')") for number in (first, last)}
    assert "revoked" in rows[first] and "valid" in rows[last]
    assert "HQALight, low-carbon primary ingot" in rows[last], "the product by its name"
    page.goto(f"{server.address}/app/audit?unit={HEAT}")
    page.wait_for_selector("#walk-verdict", timeout=WAIT)
    papers = page.inner_text(f".record-card tr:has-text('{first}')")
    assert "revoked" in papers and "GWP100 AR6" in papers and "Cradle to gate" in papers
    page.goto(f"{server.address}/app/certificates/c/{first}")
    page.wait_for_selector("#drew")
    said = page.inner_text("#drew")
    assert "free again" in said and "Was drawn [kg]" in said
    page.goto(f"{server.address}/app/certificates/c/{last}")
    page.wait_for_selector("#draws")
    assert "free again" not in page.inner_text("main")
