"""The custody book in a real browser: what is read, in both languages and lights."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.test_pages import CONTRAST

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PAGES = {
    "overview": ("/app/custody?scope=mill-scope&period=2025", ".plot .main-svg"),
    "lots": ("/app/custody/lots?q=BULK-00&order=id", "#found"),
    "shipments": ("/app/custody/shipments", "#found"),
    "unit": ("/app/custody/unit?id=SH-C-01", "#total"),
    "void": ("/app/custody/unit?id=BULK-0007", ".banner.bad"),
    "genealogy": ("/app/custody/genealogy?id=H12345", "#flows .main-svg"),
    "papers": ("/app/custody/papers", "#found"),
    "paper": ("/app/custody/paper?name=out/DEMO-COC-2/DEMO-COC-2-2025-00001", ".paper"),
    "claim": ("/app/custody/claim?id=RC-SH-C-01", "#wording"),
    "issue": ("/app/custody/issue?shipment=SH-C-01", "#cover"),
    "enter": ("/app/custody/enter?kind=lot", "#record"),
    "import": ("/app/custody/import", ".q-uploader"),
    "power": ("/app/custody/power?site=demo-smelter&year=2025", "#evidence"),
    "registers": ("/app/custody/registers?kind=meter", "#found"),
    "record": ("/app/custody/record?kind=power&name=HYDRO-2025-02", "#history"),
    "amend": ("/app/custody/enter?kind=scope-amendment&id=mill-scope", "#record"),
    "filing": ("/app/custody/enter?kind=filing", "#record"),
    "report": ("/app/custody/reports?scope=mill-scope&period=2025", "#report"),
    "heats": ("/app/custody/green", "#found"),
    "green": ("/app/custody/green?heat=H12345", "#grades"),
    "find": ("/app/custody/genealogy?id=nothing", "#choose-unit"),
    "close": ("/app/custody/close?scope=mill-scope&period=2025", "#findings"),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_page_is_whole_in_its_language_and_light(visit: Any, screen: Any, server: Any, lang: str, theme: str) -> None:
    page = visit("/app/custody", role="admin", lang=lang, theme=theme)
    for name, (path, ready) in PAGES.items():
        page.goto(server.address + path)
        page.wait_for_selector(ready, timeout=60_000)
        page.wait_for_load_state("networkidle")
        screen(page, f"custody-{name}-{lang}-{theme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, name
        assert page.evaluate(CONTRAST) == [], name
        words = page.inner_text("main")
        assert bool(re.search("[一-鿿]", words)) or lang == "en", name
        assert not re.search(r"web\.[a-z-]+|\{[a-z_]+\}|\bNone\b|\bnan\b", words), (
            f"{name}: a key, a field or a value that is none"
        )


def test_the_accounts_are_those_of_the_command(visit: Any, server: Any) -> None:
    page = visit("/app/custody?scope=spare-scope&period=2025", role="auditor", wait="#period-status")
    # 100 t of the scope's own CoC metal and nothing else: 100 %; 50 t left, so 50 t may be issued; 20 % of 100 t is the overdraft.
    row = page.inner_text("tbody tr")
    for number in ("100,000", "100.00 %", "50,000"):
        assert number in row
    assert page.get_by_role("link", name="Close", exact=True).count() == 0, "an auditor closes nothing"


def test_a_list_is_searched_and_paged_in_its_address(visit: Any, server: Any) -> None:
    page = visit("/app/custody/lots?q=bulk", wait="#found")
    assert page.inner_text("#found") == "120 found"
    assert page.locator("tbody tr").count() == 50
    page.get_by_role("link", name="Next").click()
    page.wait_for_selector("text=Page 2 of 3")
    page.get_by_label("Search in all fields").fill("weighed 100%_<b>'; DROP")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Nothing like this")
    page.get_by_label("Search in all fields").fill("bulk-0007")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 found")
    assert "void since 2025-06-30: weighed twice <b>by mistake</b>" in page.inner_text("tbody tr")
    page.goto(f"{server.address}/app/custody/lots?state=left&q=UBC-0001")
    page.wait_for_selector("text=Nothing like this")
    page.goto(f"{server.address}/app/custody/lots?page=99999999999&order=nonsense&state=%01&from=yesterday&q={'x' * 3000}")
    page.wait_for_selector("#found")


def test_a_heat_shows_its_charge_and_its_footprint(visit: Any) -> None:
    page = visit("/app/custody/unit?id=H12346", wait="#total")
    assert "UBC-0001" in page.inner_text("#up") and "250,000" in page.inner_text("#up")
    # 480 t cast, 35 t of returns on top; nothing was made of the 480 t yet.
    assert "480,000" in page.inner_text("dl.facts")
    # As `pcf batch content` cuts it off: 5500/12157 and 7275/24314.
    assert "45.24 %" in page.inner_text("#footprint") and "29.92 %" in page.inner_text("#footprint")
    assert "heat" in page.inner_text("#events") and "test" in page.inner_text("#events")


def test_the_genealogy_is_walked_by_keyboard(visit: Any) -> None:
    page = visit("/app/custody/genealogy?id=H12345", wait=".kin-node")
    names = page.locator(".kin-node .kin-id").all_text_contents()
    assert {"UBC-0001", "SLAB-2025-0001", "COIL-0002", "H12345-R"} <= set(names) and "SH-C-01" not in names
    page.locator(".kin-node[aria-label*='COIL-0002']").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('COIL-0002')")
    assert "SH-C-01" in page.locator(".kin-node .kin-id").all_text_contents()
    page.locator(".kin-more").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".kin-node[aria-label*='UBC-0001']")


def test_a_document_is_a_page_of_its_own(visit: Any, server: Any) -> None:
    page = visit("/app/custody/paper?name=out/DEMO-COC-2/DEMO-COC-2-2025-00001", wait=".paper")
    assert "240,000 kg" in page.inner_text(".paper") and "pcf-aluminium custody log" in page.inner_text(".paper")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the page to print").click()
    assert "DEMO-COC-2-2025-00001" in opened.value.inner_text("body")
    with page.expect_download() as download:
        page.get_by_role("link", name="JSON").click()
    assert download.value.suggested_filename == "DEMO-COC-2-2025-00001.json"
    assert page.request.get(f"{server.address}/custody/document?name=out/X/Y").status == 404


def test_a_document_is_not_for_people_who_are_not_signed_in(server: Any, browser: Any) -> None:
    context = browser.new_context()
    answer = context.request.get(f"{server.address}/custody/document?name=DEMO-COC-2-2025-00001", max_redirects=0)
    assert answer.status == 303 and answer.headers["location"] == "/login"
    context.close()


@pytest.mark.parametrize("role", ["sales", "auditor"])
def test_who_may_only_look_is_refused_every_change(visit: Any, server: Any, complaints: list[str], role: str) -> None:
    page = visit("/app/custody/unit?id=SH-C-01", role=role, wait="#papers")
    for words in ("Take back", "Issue"):
        assert (
            page.get_by_role("button", name=words).count() == 0 and page.get_by_role("link", name=words, exact=True).count() == 0
        )
    for path in ("enter", "import", "issue?shipment=SH-C-01", "close?scope=spare-scope&period=2025"):
        assert page.goto(f"{server.address}/app/custody/{path}").status == 403
        assert "Not for your role" in page.inner_text("h1")
    complaints.clear()  # the browser's own line on each 403


@pytest.mark.parametrize("path", ["unit", "genealogy", "paper", "claim", "record", "green", "reports"])
def test_an_id_that_is_none_is_said_in_one_line(visit: Any, server: Any, path: str) -> None:
    page = visit("/app/custody", wait="h1")
    for name in ("%3Cscript%3Ealert(1)%3C/script%3E", "'; DROP TABLE unit; --", "x" * 3_000, "%01"):
        page.goto(f"{server.address}/app/custody/{path}?id={name}&name={name}&kind=party&heat={name}&scope={name}")
        page.wait_for_selector(".banner.bad")
        assert "\n" not in page.inner_text(".banner.bad")


@pytest.mark.parametrize("path", ["unit", "genealogy"])
def test_an_address_without_a_unit_leads_on(visit: Any, server: Any, path: str) -> None:
    page = visit(f"/app/custody/{path}", wait="#choose-unit")
    assert page.locator(".banner.bad").count() == 0
    # The newest come first, 20 of them.
    assert page.locator("tbody tr").count() == 20
    page.get_by_label("Part of an id").fill("coil-000")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=coil-000")
    page.wait_for_selector("#choose-unit td:has-text('COIL-0001')")
    page.goto(f"{server.address}/app/custody/{path}?id=COIL-000")
    assert page.inner_text(".banner.bad") == "No lot, heat, bundle, coil or shipment with the id “COIL-000” is recorded."
    page.get_by_role("link", name="COIL-0002", exact=True).click()
    page.wait_for_selector("h1:has-text('COIL-0002')")
    page.goto(f"{server.address}/app/custody/{path}?q={'100%25_%3Cb%3E'}")
    page.wait_for_selector("text=Nothing like this")
