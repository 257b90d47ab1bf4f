"""Hostile words in every field of every page, in a real browser: nothing is recorded, nothing runs, nothing fails."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from pcf.resources import certificates_path
from tests.web.conftest import Server
from tests.web.hostile import complaints_of, count_rows
from tests.web.stories import fill

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WAIT = 120_000
"""How long a busy machine may take [ms]."""

WORDS = (
    "", "-1e999", "9" * 400, "-nan", "<script>alert(1)</script><img src=x onerror=alert(2)>", "'); DROP TABLE unit; --", "=cmd|'/C calc'!A0",
    "../../../etc/passwd{{7*7}}", "\u202e\u0000\u0007x", "x" * 10_000,
)  # fmt: skip
"""None of them is an id, a mass, a date or a number of pieces; as words to search for they find nothing."""

HALF = "String.fromCharCode(0xd800)"
"""Half of a character, which no text can be written with."""

MILL = "scope=mill-scope&period=2025"
PAGES = {
    "/app/explore?product=a356.2": (), "/app/compare?v=a356.2": (), "/app/certificates": (), "/app/certificates/new": ("Next",),
    "/app/custody/lots": ("Find",),
    "/app/custody/papers": (), "/app/custody/papers?kind=claims": (), "/app/custody/issue?shipment=SH-C-01": ("Issue the document", "Make the claim"),
    "/app/custody/genealogy?id=SH-C-01": (), f"/app/audit?tab=samples&{MILL}": ("Draw",), "/app/audit?tab=trail": ("Find",),
    f"/app/audit?tab=folder&{MILL}": ("Make the folder", "Make the file"), "/app/audit?tab=log": ("Make the proof",), "/app/data": (),
    "/app/data?tab=plant": (), "/app/admin?tab=issuer": ("Check", "Save"), "/app/admin?tab=log": ("Find",),
    **{f"/app/custody/enter?kind={kind}": ("Record",) for kind in (
        "party", "certificate", "due-diligence", "site", "scope", "period", "received", "lot", "cast", "process", "shipment", "force-majeure",
    )},
}  # fmt: skip
"""Pages with fields, and the buttons that do something with them."""

DIALOGS = {
    "/app/admin": "Add a person", "/app/admin?tab=clients": "Let a client in",
    "/app/custody/power?site=demo-smelter&year=2025": "Match GEC-2025-02", "/app/custody/unit?id=SH-C-01": "Take back",
}  # fmt: skip
"""Pages with a dialog, and what opens it."""

FIELDS = "input:not([type=file]):not([type=checkbox]):not([readonly]):not([disabled]):visible, textarea:not([disabled]):visible"
WRITE = """(field, words) => {
  if (field.type === 'date' || field.type === 'number') field.type = 'text';
  const kind = field.tagName === 'TEXTAREA' ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, words);
  field.dispatchEvent(new Event('input', {bubbles: true}));
  field.dispatchEvent(new Event('change', {bubbles: true}));
}"""
"""As a browser does that knows no longest text and no kinds of fields."""

QUIET = "() => !document.querySelector('.q-btn--loading, .q-btn .q-spinner, [aria-busy=true]')"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the demonstration's book, where certificates can be issued."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path_factory.mktemp("hostile") / "home"
    fill(home, f"sqlite:///{home / 'pcf.db'}")
    shutil.copyfile(certificates_path() / "issuer.yaml", home / "issuer.yaml")
    made = Server(home)
    yield made
    if made.process.poll() is None:
        made.stop()


def write(page: Any, place: str, words: str) -> int:
    """Into every field of a place; gives how many there are."""
    from playwright.sync_api import Error

    fields = page.locator(place).locator(FIELDS)
    count = fields.count()
    for number in range(count):
        try:
            if number < fields.count():  # a field may take others away
                fields.nth(number).evaluate(WRITE, words)
                fields.nth(number).press("Enter", timeout=5_000)
        except Error:  # or lead to another address
            page.wait_for_load_state(timeout=WAIT)
    return int(count)


def lead(page: Any, address: str) -> None:
    """To another address, also where the last page is about to lead somewhere itself."""
    from playwright.sync_api import Error

    page.wait_for_load_state("networkidle", timeout=WAIT)
    for _ in range(5):
        try:
            page.goto(address, timeout=60_000)
        except Error:
            continue
        page.wait_for_load_state("networkidle", timeout=WAIT)
        return
    pytest.fail(f"{address} is not reached")


def press(page: Any, place: str, names: tuple[str, ...]) -> None:
    for name in names:
        button = page.locator(place).get_by_role("button", name=name)
        if button.count() and button.first.is_enabled():
            button.first.dispatch_event("click")  # the list of a field may be open above it
            page.wait_for_function(QUIET, timeout=WAIT)
            assert page.locator(f"{place} .banner.good:visible").count() == 0, (name, page.inner_text(place)[:500])


def check(page: Any, address: str, words: str) -> None:
    assert page.locator("main script, main img[src='x'], .q-notification img, .q-notification script").count() == 0, (
        address,
        words[:60],
    )


def test_hostile_words_in_every_field_do_nothing(visit: Any, server: Server, complaints: list[str]) -> None:
    page = visit("/app/", role="admin", wait=".tile")
    page.set_default_navigation_timeout(WAIT)
    page.on("dialog", lambda found: complaints.append(f"a script ran: {found.message}"))
    before, issuer = count_rows(server), (server.home / "issuer.yaml").read_bytes()
    filled = 0
    for address, buttons in PAGES.items():
        lead(page, server.address + address)
        start = page.url
        for words in (*WORDS, page.evaluate(HALF)):
            filled += write(page, "main", words)
            press(page, "main", buttons)
            check(page, address, words)
            if page.url.partition("?")[0] != start.partition("?")[0]:
                lead(page, server.address + address)
        assert count_rows(server) == before, address
        assert complaints_of(server) == [], address
    assert filled > 1_000
    for address, name in DIALOGS.items():
        lead(page, server.address + address)
        for words in ("", WORDS[8], WORDS[9]):
            page.locator("main").get_by_role("button", name=name).first.click()
            page.wait_for_selector(".q-dialog .dialog")
            assert write(page, ".q-dialog .dialog", words)
            page.locator(".q-dialog .dialog .q-btn").last.dispatch_event("click")
            page.wait_for_selector(".q-dialog .dialog :is([role=alert], .q-field--error)", timeout=WAIT)
            check(page, address, words)
            page.locator(".q-dialog .dialog .q-btn").first.dispatch_event("click")
            page.wait_for_selector(".q-dialog .dialog", state="detached")
        assert count_rows(server) == before, address
    assert (server.home / "issuer.yaml").read_bytes() == issuer
    assert complaints_of(server) == []
    assert page.request.get(f"{server.address}/readyz").status == 200
