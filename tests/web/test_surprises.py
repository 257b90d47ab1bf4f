"""What nobody foresaw: whoever clicks is told, under a number that the journal has with its trace."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pcf.store import open_database
from pcf.web.desk import Desk
from tests.web.conftest import WAIT
from tests.web.listening import serving
from tests.web.signing_in import PASSWORD, join

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.mark.parametrize(("lang", "says"), [("en", "Something went wrong"), ("zh", "出错了")])
def test_a_click_that_fails_is_told_of_and_noted(browser: Any, screen: Any, tmp_path: Path, lang: str, says: str) -> None:
    home = tmp_path / "home"
    home.mkdir()
    url = f"sqlite:///{home / 'pcf.db'}"
    desk = Desk(open_database(url))
    join(desk)
    desk.close()
    with serving("tests.web.surprising", home, url) as (address, journal):
        page = browser.new_page()
        page.set_default_timeout(WAIT)
        page.goto(f"{address}/preferences?language={lang}&next=/healthz")
        page.goto(f"{address}/login?next=/app/surprising")
        page.fill("#name", "lin")
        page.fill("#password", PASSWORD)
        page.click("main button")
        for button, kind in (("At once", "KeyError"), ("Later", "ZeroDivisionError")):
            page.get_by_role("button", name=button).click()
            said = page.wait_for_selector(".q-notification").inner_text()
            number = re.search(r"[0-9a-f]{8}", said)
            assert says in said and number is not None
            lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
            (noted,) = [line for line in lines if line.get("number") == number[0]]
            assert noted["kind"] == kind and noted["page"] == "/app/surprising" and noted["level"] == "error"
            assert any("trace" in line and kind in line["trace"] for line in lines)
            if button == "Later":
                screen(page, f"surprise-{lang}")
            page.locator(".q-notification button").click()
            page.wait_for_selector(".q-notification", state="detached")
        page.context.close()
