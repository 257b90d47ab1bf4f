"""The page Audit in a real browser: an auditor goes from a certificate to its tickets, sees checks, draws a sample, takes the folder home."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.databases import postgres_url
from tests.web.bringing import bring_file
from tests.web.conftest import Server
from tests.web.stories import fill
from tests.web.test_pages import CONTRAST, settle

__all__ = ["postgres_url"]

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENCE = 180_000
"""How long a busy machine may take [ms]."""

MILL = "scope=mill-scope&period=2025"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the demonstration's book."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path_factory.mktemp("audit") / "home"
    fill(home, f"sqlite:///{home / 'pcf.db'}")
    made = Server(home)
    yield made
    if made.process.poll() is None:
        made.stop()


PAGES = {
    "audit-checks": (f"/app/audit?{MILL}", "#findings"), "audit-samples": (f"/app/audit?tab=samples&{MILL}", "#samples"),
    "audit-search": ("/app/audit?tab=trail", "table"), "audit-trail": ("/app/audit?unit=SH-C-01", "#walk-verdict"),
    "audit-folder": (f"/app/audit?tab=folder&{MILL}", "#epcis"), "audit-log": ("/app/audit?tab=log", "#proof"),
}  # fmt: skip


@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("en", "dark"), ("zh", "light"), ("zh", "dark")])
def test_every_tab_is_whole_in_its_language_and_light(visit: Any, screen: Any, server: Server, lang: str, theme: str) -> None:
    page = visit("/app/audit", role="auditor", lang=lang, theme=theme)
    for name, (path, ready) in PAGES.items():
        page.goto(server.address + path)
        page.wait_for_selector(ready, timeout=PATIENCE)
        settle(page)
        screen(page, f"{name}-{lang}-{theme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, name
        assert page.evaluate(CONTRAST) == [], name
        words = page.inner_text("main")
        assert bool(re.search("[一-鿿]", words)) or lang == "en"
        assert not re.search(r"web\.[a-z-]+|audit\.[a-z-]+\b(?!\.)|\{[a-z_]+\}|\bNone\b|\bnan\b", words), name


def expect_file(page: Any, act: Any) -> tuple[str, bytes]:
    """Name and content of the file that something brings."""
    with page.expect_download(timeout=PATIENCE) as found:
        act()
    return found.value.suggested_filename, Path(found.value.path()).read_bytes()


def go_through(visit: Any, screen: Any, server: Server, tmp_path: Path, shot: str = "") -> None:
    """The story: from a certificate to its tickets, on to the mill, back from its shipment; checks; a sample; the folder."""
    page = visit("/app/audit?tab=trail", role="auditor", wait="table")
    # From the certificate of the ingot to the liquid metal that it came from.
    page.get_by_label("Shipment, certificate").fill("PCF-")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url("**q=PCF**")
    page.wait_for_selector("a.record")
    page.locator("a.record", has_text="PCF-").first.click()
    page.wait_for_selector("#walk-verdict", timeout=PATIENCE)
    assert "All 3 records on this way" in page.inner_text("#walk-verdict")
    assert "LAD-0203" in page.inner_text("#walk"), "the ladle ticket"
    assert "out/DEMO-COC-1/DEMO-COC-1-2025-00001" in page.inner_text("#walk")
    # From a scrap ticket on to the shipment, its document and its claims.
    page.get_by_label("Shipment, certificate").fill("w-0212-01")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=1 found")
    page.locator("a.record", has_text="W-0212-01").click()
    page.wait_for_selector("#walk-verdict", timeout=PATIENCE)
    forward = page.inner_text("#tree-down")
    assert "H12345" in forward and "SH-C-01" in forward
    assert "out/DEMO-COC-2/DEMO-COC-2-2025-00001" in page.inner_text("#stops")
    # From that shipment back to all four tickets, each with its papers; each leads on by a click.
    page.locator("#tree-down a.record", has_text="SH-C-01").first.click()
    page.wait_for_selector("#record-" + anchor("SH-C-01"), timeout=PATIENCE)
    back = page.inner_text("#tree-up")
    assert all(name in back for name in ("UBC-0001", "TRIM-0007", "PRIM-0042", "MN-0003"))
    records = page.inner_text(".records-part")
    assert all(
        words in records for words in ("W-0212-01", "W-0221-04", "CM-2025-117", "DD-2025-01", "City Collection Demo (invented)")
    )
    assert "3.187 tCO₂e/t" in page.inner_text("#walk"), "the footprint of the shipment, as the story tells it"
    assert "47.1" in page.inner_text("#walk") or "47.2" in page.inner_text("#walk")
    name, content = expect_file(page, lambda: page.get_by_role("button", name="JSON file").click())
    assert (name, json.loads(content)["good"]) == ("walk-SH-C-01.json", True)
    # HQALight came from the smelter of the same book: its document leads there.
    page.locator(f"#record-{anchor('PRIM-0042')} table a.record").click()
    page.wait_for_url("**unit=SH-L-01**")
    page.wait_for_selector("#walk-verdict", timeout=PATIENCE)
    # The checks of the period.
    page.goto(f"{server.address}/app/audit?{MILL}")
    page.wait_for_selector("#findings", timeout=PATIENCE)
    assert "no check of certificate DEMO-COC-1" in page.inner_text("#findings")
    assert "1,108,000" in page.inner_text("#balance") and "closes to the kilogram" in page.inner_text("#balance")
    assert "6 / 6" in page.inner_text(".count-tiles")
    # A sample of three tickets by the auditor's seed: 500,000 of 1,108,000 kg are more than a third, and so certain.
    page.get_by_role("link", name="Samples").click()
    page.wait_for_selector("#samples")
    page.get_by_label("How many").fill("3")
    page.get_by_label("Seed").fill("20251126")
    page.get_by_label("Purpose").fill("Stage 2")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_selector("#sample")
    sample = page.inner_text("#sample")
    assert "20251126" in sample and "auditor" in sample and "3 / 5" in sample and "UBC-0001" in sample and "500,000 *" in sample
    page.get_by_role("button", name="Draw again").click()
    page.wait_for_selector("#again .banner.good")
    if shot:
        screen(page, shot)
    # Of everything else a sample can be drawn as well, on either database, and comes out the same again.
    for scope, kind in (("mill-scope", "heats"), ("mill-scope", "documents"), ("smelter-scope", "shipments")):
        made = json.loads(
            server.pcf("audit", "sample", "--scope", scope, "--period", "2025", "--of", kind, "--size", "2", "--json")
        )
        assert json.loads(server.pcf("audit", "redraw", made["id"], "--json"))["agrees"]
        assert made["drawn"], kind
    # The folder, taken home and computed again: by the page, and by the command that knows nothing of this server.
    page.get_by_role("link", name="Audit folder").click()
    page.wait_for_selector("#export")
    name, content = expect_file(page, lambda: page.get_by_role("button", name="Make the folder").click())
    assert name == "audit-mill-scope-2025.zip"
    pack = tmp_path / name
    pack.write_bytes(content)
    page.wait_for_selector("#export-report .banner.good")
    bring_file(page, pack, "#recompute")
    page.wait_for_selector("#recompute-report .banner.good", timeout=PATIENCE)
    assert "agrees" in page.inner_text("#recompute-report")
    command = [sys.executable, "-c", "from pcf.commands import main; main()", "audit", "recompute", str(pack)]
    assert subprocess.run(command, check=True, capture_output=True).returncode == 0
    if shot:
        screen(page, f"{shot}-folder")
    # A folder in which somebody has changed a figure.
    bring_file(page, altered(pack, tmp_path / "altered.zip"), "#recompute")
    page.wait_for_selector("#recompute-report .banner.bad", timeout=PATIENCE)
    assert "ledger.json" in page.inner_text("#recompute-report")
    # The head of the log, against which the log is verified a moment later.
    page.get_by_role("link", name="Log", exact=True).click()
    page.wait_for_selector("#proof")
    name, head = expect_file(page, lambda: page.get_by_role("button", name="Sign and download").click())
    assert name.startswith("log-head-") and head.startswith(b"pcf-aluminium custody log\n")
    (tmp_path / name).write_bytes(head)
    bring_file(page, tmp_path / name, "#verify")
    page.wait_for_selector("#verify >> text=To be held against")
    page.get_by_role("button", name="Verify").click()
    page.wait_for_selector("#verify-report .banner.good", timeout=PATIENCE)
    assert "1 given heads agree" in page.inner_text("#verify-report")
    page.get_by_label("Event number").fill("0")
    name, proof = expect_file(page, lambda: page.get_by_role("button", name="Make the proof").click())
    assert (name, json.loads(proof)["event"]) == ("proof-0.json", 0)


def anchor(name: str) -> str:
    import hashlib

    return hashlib.sha256(name.encode()).hexdigest()[:12]


def altered(pack: Path, target: Path) -> Path:
    """The pack with one digit of its ledger changed."""
    with zipfile.ZipFile(pack) as source, zipfile.ZipFile(target, "w") as copy:
        for entry in source.namelist():
            content = source.read(entry)
            copy.writestr(entry, content.replace(b"240000", b"250000") if entry == "ledger.json" else content)
    return target


def test_an_auditor_follows_checks_samples_and_takes_the_folder_home(
    visit: Any, screen: Any, server: Server, tmp_path: Path
) -> None:
    go_through(visit, screen, server, tmp_path, "audit-story")


ROLES = {"sales": False, "engineer": True, "auditor": True, "admin": True}


@pytest.mark.parametrize("role", ROLES)
def test_whoever_may_not_audit_may_look(visit: Any, server: Server, role: str) -> None:
    page = visit(f"/app/audit?tab=samples&{MILL}", role=role, wait="#samples")
    assert page.get_by_role("button", name="Draw", exact=True).count() == ROLES[role]
    page.goto(f"{server.address}/app/audit?tab=folder&{MILL}")
    page.wait_for_selector("#recompute")
    assert page.get_by_role("button", name="Make the folder").count() == ROLES[role]
    page.goto(f"{server.address}/app/audit?tab=log")
    page.wait_for_selector("#proof")
    assert page.get_by_role("button", name="Sign and download").count() == ROLES[role]


HOSTILE = ["", "0", "-1", "1.5", "1e9", "99999999", "<script>alert(1)</script>", "'; DROP TABLE unit; --", "NaN"]


def test_a_wrong_number_is_refused_in_one_line_and_nothing_is_drawn(visit: Any, server: Server) -> None:
    before = server.pcf("audit", "samples", "--json")
    page = visit(f"/app/audit?tab=samples&{MILL}", role="auditor", wait="#samples")
    for size in HOSTILE:
        page.get_by_label("How many").fill(size[:6])
        page.get_by_role("button", name="Draw", exact=True).click()
        page.wait_for_selector("#draw-report .banner.bad")
        assert page.locator("#draw-report .banner.bad > * > *").count() == 1
        assert "How many" in page.inner_text("#draw-report")
        page.evaluate("document.querySelector('#draw-report').replaceChildren()")
        page.reload()
        page.wait_for_selector("#samples")
    page.get_by_label("Seed").fill("one")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.wait_for_selector("#draw-report .banner.bad")
    assert server.pcf("audit", "samples", "--json") == before


@pytest.mark.parametrize("words", ["<script>document.title='x'</script>", "' OR 1=1 --", "%", "x" * 10_000])
def test_a_search_for_signs_finds_nothing_and_runs_nothing(visit: Any, server: Server, words: str) -> None:
    from urllib.parse import quote

    page = visit(f"/app/audit?tab=trail&q={quote(words[:2_000])}", role="sales", wait=".banner.warn")
    assert page.locator("a.record").count() == 0
    assert "Audit" in page.title()
    page.goto(f"{server.address}/app/audit?unit={quote(words[:2_000])}")
    page.wait_for_selector(".banner.bad")
    assert "unit: found" in page.inner_text("main")


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"", b"hello"])
def test_what_is_no_folder_is_refused(visit: Any, tmp_path: Path, content: bytes) -> None:
    page = visit(f"/app/audit?tab=folder&{MILL}", role="auditor", wait="#recompute")
    (tmp_path / "no.zip").write_bytes(content)
    bring_file(page, tmp_path / "no.zip", "#recompute")
    page.wait_for_selector("#recompute-report .banner.bad", timeout=PATIENCE)
    assert page.inner_text("#recompute-report").strip().count("\n") == 0


def test_an_empty_book_says_how_to_begin(tmp_path_factory: pytest.TempPathFactory, browser: Any, screen: Any) -> None:
    made = Server(tmp_path_factory.mktemp("empty") / "home")
    try:
        from tests.web.signing_in import PASSWORD

        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(f"{made.address}/login?next=/app/audit")
        page.fill("#name", made.account("auditor"))
        page.fill("#password", PASSWORD)
        page.click("main button")
        page.wait_for_selector(".empty-state")
        assert "pcf demo" in page.inner_text("main")
        screen(page, "audit-empty-en-light")
        page.context.close()
    finally:
        made.stop()


class TestOnPostgres:
    """The same story where the records are on a server."""

    @pytest.fixture
    def server(self, postgres_url: str, tmp_path: Path) -> Iterator[Server]:
        home = tmp_path / "audit" / "home"
        fill(home, postgres_url)
        made = Server(home, postgres_url)
        yield made
        if made.process.poll() is None:
            made.stop()

    @pytest.mark.postgresql
    def test_an_auditor_follows_checks_samples_and_takes_the_folder_home(
        self, visit: Any, screen: Any, server: Server, tmp_path: Path
    ) -> None:
        go_through(visit, screen, server, tmp_path)
