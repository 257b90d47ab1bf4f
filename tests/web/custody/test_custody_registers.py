"""Registers in a real browser: filing, amending, taking back, and what each role may."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pcf.custody.tables import amendment, contractor, filing, meter, posting, void
from pcf.store.schema import event
from tests.web.bringing import bring_file
from tests.web.custody.forms import PROBLEM, choose, field

pytestmark = [pytest.mark.slow, pytest.mark.browser]

RECORDED = select(func.count()).select_from(event).where(event.c.kind.not_in(("account", "password")))
FILING = {"id": "WEB-F-1", "scope": "mill-scope", "period": "2025", "part": "15 · ", "date": "2025-09-01", "title": "Audit"}
MOVEMENT = {"id": "WEB-C-1", "party": "(alloys)", "direction": "sent", "date": "2025-09-01", "mass_kg": "500", "material": "dross", "scope": "mill-scope"}  # fmt: skip
CHOSEN = ("scope", "period", "part", "party", "direction", "material", "certificate", "plant")


def enter(page: Any, values: dict[str, str]) -> None:
    for name, value in values.items():
        if name in CHOSEN:
            choose(page, name, value)
        else:
            field(page, name).fill(value)


def take_back(page: Any, reason: str = "typing error", day: str = "") -> None:
    """Fill in the dialog and confirm."""
    page.locator("main").get_by_role("button", name="Take back").click()
    dialog = page.locator(".dialog")
    dialog.get_by_label("reason").fill(reason)
    if day:
        dialog.get_by_label("date").fill(day)
    dialog.get_by_role("button", name="Take back").click()


# Filing --------------------------------------------------------------------------------------------------------------------


def test_a_paper_is_filed_by_its_digest_and_taken_back(visit: Any, screen: Any, rows: Any, tmp_path: Path) -> None:
    paper = tmp_path / "audit <2025>.pdf"
    paper.write_bytes(b"an audit")
    digest = hashlib.sha256(b"an audit").hexdigest()
    page = visit("/app/custody/enter?kind=filing", role="engineer", wait="#record")
    enter(page, FILING)
    bring_file(page, paper)
    page.wait_for_function(f"document.querySelector(\"[data-field='sha256']\").value === '{digest}'")
    page.locator("#record").dblclick()
    page.wait_for_selector("#problems .banner.good")
    found = rows(select(filing.c.part, filing.c.sha256, filing.c.title).where(filing.c.id == "WEB-F-1"))
    assert found == [(15, digest, "Audit")]
    page.get_by_role("link", name="See it").click()
    page.wait_for_selector("#history")
    assert "audit <2025>.pdf" in page.inner_text("#fields") and "engineer" in page.inner_text("#history")
    take_back(page, "filed <b>twice</b>")
    page.wait_for_selector(".banner.bad:has-text('filed <b>twice</b>')")
    assert "taken back as of" in page.inner_text("#history") and page.inner_text("#history").count("engineer") == 2
    assert page.locator("main").get_by_role("button", name="Take back").count() == 0
    screen(page, "custody-record-void")
    assert rows(select(void.c.reason).where(void.c.target == "WEB-F-1")) == [("filed <b>twice</b>",)]


WRONG = {
    "filing": (
        ("id", "'; DROP TABLE filing; --", "an id of 1 to 64"), ("title", "x" * 600, "at most 500"), ("title", "", "a value"),
        ("date", "2035-01-01", "a time that has come"), ("sha256", "<script>alert(1)</script>", "64 hexadecimal digits"),
    ),
    "contractor": (
        ("mass_kg", "-5", "1 or more"), ("mass_kg", "1e40", "at most"), ("mass_kg", "0.5", "whole kilograms"),
        ("date", "2035-01-01", "a time that has come"), ("unit", "<img src=x onerror=alert(1)>", "an id of 1 to 64"),
        ("movement", "'; --", "an id of 1 to 64"),
    ),
}  # fmt: skip
"""Kind → field, what is entered in it, and what is said there."""


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(visit: Any, rows: Any, kind: str) -> None:
    before = rows(RECORDED)
    page = visit(f"/app/custody/enter?kind={kind}", role="engineer", wait="#record")
    enter(page, {**(FILING if kind == "filing" else MOVEMENT), "id": "WEB-BAD"})
    for name, value, says in WRONG[kind]:
        right = field(page, name).input_value()
        field(page, name).fill(value)
        page.locator("#record").click()
        page.wait_for_selector(f"{PROBLEM}:has-text('{says}')")
        assert page.locator(".q-field--error").count() == 1
        field(page, name).fill(right)
    assert rows(RECORDED) == before


def test_a_closed_period_takes_no_movement(visit: Any, rows: Any) -> None:
    page = visit("/app/custody/enter?kind=contractor", role="engineer", wait="#record")
    enter(page, {**MOVEMENT, "id": "WEB-C-9", "scope": "shut-scope", "date": "2024-07-01"})
    page.locator("#record").click()
    page.wait_for_selector(PROBLEM)
    assert "which is in the closed period 2024" in page.inner_text(PROBLEM)
    assert rows(select(contractor.c.id).where(contractor.c.id == "WEB-C-9")) == []


# Amending ------------------------------------------------------------------------------------------------------------------


def test_a_company_is_amended_with_what_holds_now_beneath_each_field(visit: Any, screen: Any, rows: Any, server: Any) -> None:
    page = visit("/app/custody/record?kind=party&name=beverage", role="engineer", wait="#amend")
    page.locator("#amend").click()
    page.wait_for_selector("text=now: Demo Beverages (invented)")
    page.locator("#record").click()  # neither a reason nor a change
    page.wait_for_selector(".q-field--error")
    assert rows(select(amendment.c.target).where(amendment.c.target == "beverage")) == []
    name = 'Demo "Drinks" <img src=x onerror=alert(1)>'
    enter(page, {"name": name, "reason": "'; DROP TABLE party; --", "date": "2025-09-01"})
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.good")
    assert rows(select(amendment.c.reason).where(amendment.c.target == "beverage")) == [("'; DROP TABLE party; --",)]
    page.get_by_role("link", name="See it").click()
    page.wait_for_selector("#history")
    assert name in page.inner_text("#fields")
    assert "amended as of 2025-09-01: '; DROP TABLE party; --" in page.inner_text("#history")
    screen(page, "custody-record-amended")
    # The new name is what forms offer, and what stands beneath the field, quotation marks and all.
    page.goto(f"{server.address}/app/custody/enter?kind=party-amendment&id=beverage")
    page.wait_for_selector(f"text=now: {name}")
    enter(page, {"name": name, "reason": "once more", "date": "2025-09-02"})
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.bad:has-text('as it is already')")
    page.goto(f"{server.address}/app/custody/enter?kind=shipment")
    choose(page, "customer", f"{name} (beverage)")


def test_an_amendment_that_is_wrong_is_refused_at_its_field(visit: Any, rows: Any, server: Any) -> None:
    before = rows(RECORDED)
    page = visit("/app/custody", role="engineer", wait="h1")
    for of, name, value, says in (
        ("party-amendment&id=beverage", "date", "2035-01-01", "a time that has come"),
        ("party-amendment&id=beverage", "address", "x" * 600, "at most 500"),
        ("scope-amendment&id=spare-scope", "add_site", "demo-mill", "in no other scope"),
        ("scope-amendment&id=spare-scope", "add_site", "<b>nowhere</b>", "an id of 1 to 64"),
    ):
        page.goto(f"{server.address}/app/custody/enter?kind={of}")
        page.wait_for_selector("#record")
        enter(page, {"reason": "register", "date": "2025-09-01", "name": "Another", name: value})
        page.locator("#record").click()
        page.wait_for_selector(f"{PROBLEM}:has-text('{says}')")
    assert rows(RECORDED) == before


# Taking back ---------------------------------------------------------------------------------------------------------------


def test_what_is_refused_is_said_in_one_line_and_leaves_nothing(visit: Any, screen: Any, rows: Any, server: Any) -> None:
    before = rows(RECORDED)
    page = visit("/app/custody", role="engineer", wait="h1")
    for kind, name, why in (
        ("power", "HYDRO-2025-02", "of which match M-2025-02 has spent some"),
        ("certificate", "DEMO-COC-1/2024-06-01", "on whose days stands document"),
        ("meter", "shut-works/2024-05/grid", "in the closed period 2024"),
        ("contractor", "SHUT-2024", "in the closed period 2024"),
    ):
        page.goto(f"{server.address}/app/custody/record?kind={kind}&name={name}")
        page.wait_for_selector("#history")
        take_back(page)
        page.wait_for_selector(".dialog .banner.bad")
        said = page.inner_text(".dialog .banner.bad")
        assert said.startswith("Not taken back: found") and why in said and "\n" not in said
        screen(page, f"custody-not-taken-back-{kind}")
    assert rows(RECORDED) == before


def test_the_dialog_wants_a_reason_and_a_day_that_may_be(visit: Any, rows: Any) -> None:
    before = rows(RECORDED)
    page = visit("/app/custody/record?kind=meter&name=shut-works/2025-05/grid", role="engineer", wait="#history")
    for reason, day in (("", ""), ("x" * 501, ""), ("why", "2035-01-01"), ("why", "2025-01-01")):
        page.locator("main").get_by_role("button", name="Take back").click()
        dialog = page.locator(".dialog")
        assert "cannot be undone" in dialog.inner_text()
        page.locator(".dialog input[maxlength]").evaluate("box => box.removeAttribute('maxlength')")
        dialog.get_by_label("reason").fill(reason)
        if day:
            dialog.get_by_label("date").fill(day)
        dialog.get_by_role("button", name="Take back").click()
        page.wait_for_selector(".dialog .q-field--error")
        dialog.get_by_role("button", name="Cancel").click()
        page.wait_for_selector(".dialog", state="detached")
    assert rows(RECORDED) == before


def test_a_meter_is_taken_back_once_and_read_anew(visit: Any, rows: Any, server: Any) -> None:
    address = "/app/custody/record?kind=meter&name=shut-works/2025-06/grid"
    page, other = visit(address, role="engineer", wait="#history"), visit(address, role="admin", wait="#history")
    take_back(page)
    page.wait_for_selector(".banner.bad:has-text('typing error')")
    take_back(other)  # from a page that was open before
    other.wait_for_selector("#history :text('taken back as of')")
    gone = rows(
        select(void.c.target, event.c.actor).join(event, event.c.seq == void.c.event_seq).where(void.c.target_kind == "meter")
    )
    assert gone == [("shut-works/2025-06/grid", "engineer")]
    page.goto(f"{server.address}/app/custody/enter?kind=meter")
    choose(page, "site", "shut-works")
    choose(page, "leg", "grid")
    enter(page, {"time": "2025-06", "mwh": "90"})
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.good")
    page.get_by_role("link", name="See it").click()
    page.wait_for_selector("#history")
    assert page.locator(".banner.bad").count() == 0
    assert page.locator("#history tbody tr").count() == 3
    assert rows(select(func.count()).select_from(meter).where(meter.c.site == "shut-works", meter.c.time == "2025-06")) == [(2,)]


def test_evidence_that_nothing_stands_on_leaves_its_month(visit: Any, rows: Any) -> None:
    page = visit("/app/custody/enter?kind=power", role="engineer", wait="#record")
    for name, words in (("site", "demo-smelter"), ("kind", "contract"), ("leg", "grid"), ("technology", "wind")):
        choose(page, name, words)
    enter(page, {"id": "WEB-P-1", "time": "2025-03", "mwh": "7"})
    page.locator("#record").click()
    page.wait_for_selector("#problems .banner.good")
    page.get_by_role("link", name="See it").click()
    page.wait_for_selector("#history")
    take_back(page)
    page.wait_for_selector(".banner.bad:has-text('typing error')")
    # 7 MWh came and went again: +7,000,000 and -7,000,000 Wh.
    assert sorted(rows(select(posting.c.amount).where(posting.c.ref == "WEB-P-1"))) == [(-7_000_000,), (7_000_000,)]


# Reading -------------------------------------------------------------------------------------------------------------------


def test_a_register_is_searched_in_its_address(visit: Any, server: Any) -> None:
    page = visit("/app/custody/registers?kind=filing", wait="#found")
    page.get_by_label("Search in all fields").fill("RETENTION schedule")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=RETENTION*")
    assert page.locator("tbody tr").count() == 2, "one of each scope"
    page.goto(f"{server.address}/app/custody/registers?kind=<script>&q=%25&page=99999999999")
    page.wait_for_selector("#found")
    page.goto(f"{server.address}/app/custody/registers?kind=meter&q={'x' * 3000}'; DROP TABLE meter; --")
    page.wait_for_selector("text=Nothing like this")


@pytest.mark.parametrize("role", ["sales", "auditor"])
def test_who_may_only_look_reads_registers_and_changes_nothing(visit: Any, server: Any, complaints: list[str], role: str) -> None:
    page = visit("/app/custody/registers?kind=party", role=role, wait="#found")
    assert page.get_by_role("link", name="Enter one").count() == 0 and page.get_by_role("link", name="Bring in").count() == 0
    for kind, name in (
        ("party", "beverage"),
        ("power", "GEC-2025-02"),
        ("filing", "F-mill-scope-10"),
        ("meter", "shut-works/2025-05/grid"),
    ):
        page.goto(f"{server.address}/app/custody/record?kind={kind}&name={name}")
        page.wait_for_selector("#history")
        assert page.locator("main").get_by_role("button").count() == 0 and page.locator("#amend").count() == 0
    for kind in ("filing", "party-amendment"):
        assert page.goto(f"{server.address}/app/custody/enter?kind={kind}&id=beverage").status == 403
    complaints.clear()  # the browser's own line on each 403


@pytest.mark.parametrize("role", ["engineer", "admin"])
def test_who_may_record_is_offered_it(visit: Any, server: Any, role: str) -> None:
    page = visit("/app/custody/record?kind=filing&name=F-mill-scope-12", role=role, wait="#history")
    assert page.locator("main").get_by_role("button", name="Take back").count() == 1
    page.goto(f"{server.address}/app/custody/record?kind=period&name=mill-scope/2025")
    page.wait_for_selector("text=A period is never taken back")
    assert page.locator("main").get_by_role("button").count() == 0


def test_what_is_entered_elsewhere_is_said_and_led_to(visit: Any) -> None:
    page = visit("/app/custody/enter", role="engineer", wait="#record")
    for words, address in (("Claim: at its shipment", "shipments"), ("Match of power", "power"), ("Take back", "registers")):
        assert page.locator(".kind-link", has_text=words).get_attribute("href") == f"/app/custody/{address}"


def test_who_has_lost_the_right_changes_nothing_from_an_open_page(
    visit: Any, rows: Any, server: Any, complaints: list[str]
) -> None:
    before = rows(RECORDED)
    page = visit("/app/custody/record?kind=filing&name=F-mill-scope-13", role="engineer", wait="#history")
    page.locator("main").get_by_role("button", name="Take back").click()
    page.locator(".dialog").get_by_label("reason").fill("mine no more")
    server.pcf("user", "change", "engineer", "--role", "auditor")
    try:
        page.locator(".dialog").get_by_role("button", name="Take back").click()
        page.wait_for_selector(".dialog .banner.bad, #password")
    finally:
        server.pcf("user", "change", "engineer", "--role", "engineer")
    assert rows(RECORDED) == before
    page.close()
    complaints.clear()  # of the session that ended: its page tries to connect as long as it is open
