"""What a browser shows when its test has failed: the only witness of what happens once in many runs."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

FAILED = pytest.StashKey[bool]()

_STATE = """() => ({
  address: location.href, shown: performance.now(), connected: window.socket?.connected, greeted: window.did_handshake,
  client: window.clientId, focus: document.activeElement?.outerHTML.slice(0, 300),
  said: [...document.querySelectorAll('.banner, .q-notification, [role=alert]')].map(item => item.innerText.slice(0, 300)),
})"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let fixtures know that their test has failed."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def tell(item: pytest.Item, pages: Iterable[Any], journal: Path, screens: Path) -> None:
    """Report the state of each page and the end of the server's journal where the test has failed, and keep pictures."""
    if not item.stash.get(FAILED, False):
        return
    screens.mkdir(parents=True, exist_ok=True)
    name = "".join(char if char.isalnum() else "-" for char in item.name)[:80]
    for number, page in enumerate(pages):
        with suppress(Exception):  # a page that has crashed tells nothing, and must not hide why the test has failed
            item.add_report_section("teardown", f"page {number}", str(page.evaluate(_STATE)))
            page.screenshot(path=screens / f"failed-{name}-{number}.png", full_page=True)
    item.add_report_section("teardown", "journal", "\n".join(journal.read_text(encoding="utf-8").splitlines()[-15:]))
