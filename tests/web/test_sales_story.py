"""A salesperson's whole story in a real browser, on either database: from the printed password to a revoked certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from pcf.store import open_database
from pcf.store.log import verify as verify_log
from tests.databases import database_url, postgres_url
from tests.web import failing
from tests.web.certified import CUSTOMER, OTHER_HEAT, fill_home
from tests.web.conftest import HARMLESS, SCREENS, Server
from tests.web.signing_in import PASSWORD

__all__ = ["database_url", "postgres_url"]

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WAIT = 120_000
"""For what is computed, on a machine that does other things as well [ms]."""

CONTENT, MIX, VARIANT = "Recycled content (metal basis)", "Power of the site", "Half recycled"
CHARTS = "[...document.querySelectorAll('#bars .bartext, #bars .point path')].map(item => item.outerHTML).join()"


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    """A server on a book from which certificates can be issued."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path / "sales" / "home"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PCF_HOME", str(home))
        fill_home(home, database_url)
    made = Server(home, database_url)
    yield made
    if made.process.poll() is None:
        made.stop()


@pytest.fixture
def page(request: pytest.FixtureRequest, server: Server, browser: Any, complaints: list[str]) -> Iterator[Any]:
    """A browser that nobody is signed in with; what its console complains of fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made = context.new_page()
    made.on(
        "console",
        lambda said: complaints.append(said.text) if said.type == "error" and not said.text.startswith(HARMLESS) else None,
    )
    made.on("pageerror", lambda problem: complaints.append(str(problem)))
    made.set_default_timeout(WAIT)
    yield made
    failing.tell(request.node, [made], server.journal, SCREENS)
    context.close()
    assert complaints == []


def test_from_the_printed_password_to_a_revoked_certificate(page: Any, screen: Any, server: Server, tmp_path: Path) -> None:
    sign_in(page, server)
    saved = explore(page, server)
    compare(page, server, saved)
    number = certify(page, server, screen)
    file = take_home(page, server, number, tmp_path)
    assert bring(page, server, file)[0] == "Genuine and current"
    revoke(page, server, number)
    said, steps = bring(page, server, file)
    assert said == "Genuine, but revoked" and "delivery taken back" in steps
    with closing(open_database(server.database)) as database, database.read() as connection:
        assert list(verify_log(connection)) == []


def sign_in(page: Any, server: Server) -> None:
    """With the password that the command prints, which serves for nothing but to set another one."""
    once = re.search(r"password (\S+)[,;]", server.pcf("user", "add", "lin", "--role", "sales", "--display", "Lin Hai"))
    assert once is not None
    page.goto(server.address)
    page.fill("#name", "lin")
    page.fill("#password", once[1])
    page.click("main button")
    page.wait_for_url("**/password?*")
    for field, value in {"old": once[1], "new": PASSWORD, "again": PASSWORD}.items():
        page.fill(f"#{field}", value)
    page.click("main button")
    page.wait_for_url("**/app/")


def number_of(page: Any) -> float:
    return float(page.inner_text("#total"))


def slide(page: Any, name: str, key: str, times: int, address: str) -> None:
    """Move a lever by the keyboard: the footprint, the chart and the address follow; `address` is what it has at the end."""
    before, chart = number_of(page), page.evaluate(CHARTS)
    page.locator(f".levers input[type=range][aria-label='{name}']").focus()
    for _ in range(times):
        page.keyboard.press(key)
    page.wait_for_function(f"+document.querySelector('#total').innerText !== {before} && {CHARTS} !== {chart!r}")
    # What is shown may be a position on the way there; the address of the last one is written after it is shown.
    page.wait_for_function(f"new URL(location).searchParams.toString().includes('{address}')")


def explore(page: Any, server: Server) -> str:
    """From the products to a variant that is saved; its address shows the same again."""
    page.click("a.tile:has-text('a356.2'):not(:has-text('liquid'))")
    page.wait_for_selector("#bars .main-svg")
    slide(page, CONTENT, "ArrowLeft", 10, "recycled_content=0.64")
    slide(page, MIX, "ArrowRight", 10, "grid_mix=site%3A90%25%2Chydro%3A10%25")
    shown, address = number_of(page), page.url
    asked = parse_qs(urlsplit(address).query)
    assert set(asked) == {"product", "recycled_content", "grid_mix"}
    page.goto(address)
    page.wait_for_selector("#bars .main-svg")
    assert number_of(page) == shown, "the address has the whole state"
    page.get_by_role("button", name="Save as variant").first.click()
    page.get_by_label("Name of the variant").fill(VARIANT)
    page.locator(".dialog").get_by_role("button", name="Save as variant").click()
    page.wait_for_selector(".q-notification.bg-positive")
    return f"{shown}"


def compare(page: Any, server: Server, saved: str) -> None:
    """The product as it is and the variant, side by side."""
    page.goto(f"{server.address}/app/compare?v=a356.2")
    page.get_by_label("Add a variant").click()
    page.get_by_role("option", name=f"★ {VARIANT}").click()
    page.wait_for_selector("#verdict")
    cards = page.locator(".variant")
    assert cards.count() == 2
    assert VARIANT in cards.nth(1).inner_text() and saved in cards.nth(1).inner_text()
    page.wait_for_selector(".figure-waterfall .main-svg")


def certify(page: Any, server: Server, screen: Any) -> str:
    """The wizard, from the list to the certificate; gives its number."""
    page.get_by_role("link", name="Certificates").click()
    page.get_by_role("button", name="New certificate").click()
    page.wait_for_selector(".cert-stepper")
    for name, value in CUSTOMER.items():
        page.get_by_label(name.capitalize(), exact=True).fill(value)
    on(page)
    page.get_by_role("button", name="Batch", exact=True).click()
    page.locator(f".cert-choices td:text-is('{OTHER_HEAT}')").click()
    page.wait_for_selector(".cert-choices tr.selected")
    on(page)
    page.get_by_label("Mass").fill("20000")
    page.get_by_role("button", name="Compute and look").click()
    page.wait_for_selector("#preview")
    assert "Räderwerk GmbH" in page.inner_text("#preview") and "Cradle to gate" in page.inner_text("#preview")
    assert page.evaluate("[...document.querySelectorAll('#preview img')].every(item => item.naturalWidth > 700)")
    screen(page, f"story-preview-{'postgresql' if server.database.startswith('postgresql') else 'sqlite'}")
    page.locator("#issue").click()
    page.wait_for_selector("#issued")
    found = re.search(r"PCF-\d{4}-\d{6}", page.inner_text("#issued"))
    assert found is not None
    return found[0]


def on(page: Any) -> None:
    page.locator("button:visible", has_text="Next").click()


def take_home(page: Any, server: Server, number: str, folder: Path) -> Path:
    """The list has it; its file, as it is downloaded."""
    page.goto(f"{server.address}/app/certificates")
    page.get_by_role("link", name=number).click()
    page.wait_for_selector(".cert-history")
    assert "Issued by lin" in page.inner_text(".cert-history")
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == f"{number}.pdf"
    path = folder / f"{number}.pdf"
    download.value.save_as(path)
    return path


def bring(page: Any, server: Server, file: Path) -> tuple[str, str]:
    """What the public page says of a file to somebody who is not signed in, and its steps."""
    context = page.context.browser.new_context()
    stranger = context.new_page()
    stranger.goto(f"{server.address}/verify")
    stranger.set_input_files("#file", file)
    stranger.click("form[method=post] button")
    stranger.wait_for_selector(".steps", timeout=WAIT)
    said = stranger.inner_text(".status >> nth=0"), stranger.inner_text(".steps")
    context.close()
    return said


def revoke(page: Any, server: Server, number: str) -> None:
    """With a reason, and the number as confirmation."""
    page.locator("#revoke").click()
    page.get_by_label("Reason").fill("delivery taken back")
    page.get_by_label(f"Type {number} to confirm").fill(number)
    page.locator("#revoke-now").click()
    page.wait_for_selector(".cert-ended")
