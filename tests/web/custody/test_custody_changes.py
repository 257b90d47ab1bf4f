"""What an engineer changes in the custody book: entering, bringing in, issuing, matching, taking back, closing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from pcf.custody.tables import document, lot, period_close, posting, power_match, statement, unit, void
from pcf.store.schema import event
from tests.web.bringing import bring_file
from tests.web.custody.forms import PROBLEM, choose, field

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LOT = {
    "id": "WEB-1", "site": "demo-mill", "date": "2025-09-01", "material": "primary-delivery", "mass_kg": "1000", "supplier": "alloys",
    "ticket": "WEB-T-1", "content_class": "primary",
}  # fmt: skip


def fill(page: Any, name: str, value: str) -> None:
    if name in ("site", "material", "supplier", "content_class", "product", "customer", "form"):
        choose(page, name, value)
        return
    field(page, name).fill(value)


SHOWN = {"demo-mill": "demo-mill", "primary-delivery": "(primary-delivery)", "alloys": "(alloys)", "primary": "primary metal"}


def enter(page: Any, values: dict[str, str]) -> None:
    for name, value in values.items():
        fill(page, name, SHOWN.get(value, value) if name != "id" else value)


def test_a_lot_is_entered_once_however_often_somebody_clicks(visit: Any, screen: Any, rows: Any) -> None:
    page = visit("/app/custody/enter?kind=lot", role="engineer", wait="#record")
    enter(page, LOT)
    page.locator("#record").dblclick()
    page.wait_for_selector("#problems .banner.good")
    screen(page, "custody-entered")
    assert rows(select(func.count()).select_from(lot).where(lot.c.unit == "WEB-1")) == [(1,)]
    assert rows(select(event.c.actor).where(event.c.key == "lot:WEB-1")) == [("engineer",)]
    # The same from another page is known and changes nothing; other content under the same id is refused.
    again = visit("/app/custody/enter?kind=lot", role="admin", wait="#record")
    enter(again, LOT)
    again.locator("#record").click()
    again.wait_for_selector("text=recorded already")
    other = visit("/app/custody/enter?kind=lot", role="admin", wait="#record")
    enter(other, {**LOT, "mass_kg": "1001"})
    other.locator("#record").click()
    other.wait_for_selector("#problems .banner.bad")
    assert rows(select(unit.c.mass_kg).where(unit.c.id == "WEB-1")) == [(1000,)]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("mass_kg", "-5", "1 or more"), ("mass_kg", "1e40", "at most"), ("mass_kg", "1,000", "without separators"), ("mass_kg", "0.5", "whole kilograms"),
        ("id", "<script>alert(1)</script>", "an id of 1 to 64"), ("id", "'; DROP TABLE lot; --", "an id of 1 to 64"), ("note", "x" * 10_000, "at most 500 characters"),
        ("ticket", "", "a value"), ("chemistry", "Si=200", "0 to 100 per cent"), ("date", "2035-01-01", "a time that has come"), ("date", "2020-01-01", "pcf period open"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(visit: Any, rows: Any, name: str, value: str, says: str) -> None:
    recorded = select(func.count()).select_from(event).where(event.c.kind.not_in(("account", "password")))
    before = rows(recorded)
    page = visit("/app/custody/enter?kind=lot", role="engineer", wait="#record")
    enter(page, {**LOT, "id": "WEB-BAD", "ticket": "WEB-T-BAD"})
    fill(page, name, value)
    page.locator("#record").click()
    page.wait_for_selector(PROBLEM)
    assert page.locator(".q-field--error").count() == 1
    assert says in page.inner_text(PROBLEM)
    assert rows(recorded) == before


def test_a_refusal_is_read_in_the_language_of_the_page(visit: Any, screen: Any, rows: Any) -> None:
    page = visit("/app/custody/enter?kind=lot", role="engineer", lang="zh", wait="#record")
    chinese = {"primary-delivery": "(primary-delivery)", "alloys": "(alloys)", "primary": "原铝"}
    for name, value in {**LOT, "id": "WEB-ZH", "ticket": "WEB-T-ZH", "mass_kg": "0.5", "date": "2020-01-01"}.items():
        fill(page, name, chinese.get(value, value))
    page.locator("#record").click()
    page.wait_for_selector(PROBLEM)
    assert "整千克数：台账不计小数" in page.inner_text(PROBLEM)
    fill(page, "mass_kg", "1000")
    page.locator("#record").click()
    page.wait_for_selector(f"{PROBLEM}:has-text('核算期')")
    assert "2020-01-01，不在认证范围 mill-scope 的任何核算期内；应为：" in page.inner_text(PROBLEM)
    screen(page, "custody-refused-zh")
    assert rows(select(unit.c.id).where(unit.c.id == "WEB-ZH")) == []
    page = visit("/app/custody/unit?id=NO-SUCH", role="engineer", lang="zh", wait=".banner.bad")
    assert "没有编号为“NO-SUCH”的批次" in page.inner_text(".banner.bad")
    screen(page, "custody-unknown-zh")


def test_a_charge_says_its_line(visit: Any, screen: Any, rows: Any) -> None:
    page = visit("/app/custody/enter?kind=cast", role="engineer", wait="#record")
    values = {
        "heat": "WEB-H",
        "site": "demo-mill",
        "date": "2025-09-02",
        "furnace": "F3",
        "product": "(can-stock-3104)",
        "product_kg": "100",
    }
    enter(page, values)
    field(page, "charge").fill("BULK-0001=100\nNO-SUCH=100\nBULK-0002=999999")
    field(page, "product_kg").focus()
    page.wait_for_selector("text=BULK-0001: 20,001 kg left")
    assert "NO-SUCH: not recorded" in page.inner_text(".weighed")
    page.locator("#record").click()
    page.wait_for_selector(PROBLEM)
    said = page.inner_text(PROBLEM)
    assert "line 2" in said and "line 3" in said and "20,002 kg are left" in said
    screen(page, "custody-charge-wrong")
    assert rows(select(unit.c.id).where(unit.c.id == "WEB-H")) == []


def test_a_file_comes_in_as_a_whole_or_not_at_all(visit: Any, screen: Any, rows: Any, tmp_path: Path) -> None:
    head = "id,site,date,material,mass_kg,supplier,ticket,content_class\n"
    good, bad, fake = tmp_path / "good.csv", tmp_path / "bad.csv", tmp_path / "fake.xlsx"
    line = "{0},demo-mill,2025-09-03,primary-delivery,{1},alloys,{0},primary\n"
    good.write_text(head + "".join(line.format(f"FILE-{number}", 10 + number) for number in range(3)), encoding="utf-8")
    bad.write_text(head + line.format("FILE-8", 10) + line.format("FILE-9", "<b>ten</b>"), encoding="utf-8")
    fake.write_bytes(b"PK\x03\x04 nothing")
    page = visit("/app/custody/import?kind=lot", role="engineer", wait=".q-uploader")
    for path, says in ((bad, "bad.csv row 3, mass_kg"), (fake, "no readable workbook")):
        bring_file(page, path)
        page.wait_for_selector(f"#report td:has-text('{says}')")
    screen(page, "custody-import-problems")
    assert rows(select(unit.c.id).where(unit.c.id.startswith("FILE-"))) == []
    for says in ("3 records new, 0 known", "0 records new, 3 known"):
        bring_file(page, good)
        page.wait_for_selector(f"#report :text('{says}')")
    assert len(rows(select(unit.c.id).where(unit.c.id.startswith("FILE-")))) == 3


def test_a_document_is_issued_within_its_cover_and_taken_back_with_a_reason(
    visit: Any, screen: Any, rows: Any, server: Any
) -> None:
    page = visit("/app/custody/issue?shipment=SH-L-01", role="engineer", wait="#cover")
    form = page.locator("#document-form")
    # 200 t are on a document already, all of the shipment: nothing more may be issued.
    assert "200,000" in page.inner_text("#cover")
    form.get_by_label("CoC mass [kg]").fill("1")
    form.get_by_label("responsible employee").fill("Li")
    form.get_by_role("button", name="Issue the document").click()
    page.wait_for_selector("#document-form .q-field--error")
    assert "R04" in page.inner_text("#document-form .q-field--error")
    screen(page, "custody-issue-refused")
    page.goto(f"{server.address}/app/custody/paper?name=out/DEMO-COC-1/DEMO-COC-1-2025-00001")
    page.locator("main").get_by_role("button", name="Take back").click()
    page.get_by_role("button", name="Cancel").click()
    page.wait_for_selector(".dialog", state="detached")
    page.locator("main").get_by_role("button", name="Take back").click()
    page.locator(".dialog").get_by_role("button", name="Take back").click()
    page.wait_for_selector(".dialog .q-field--error")
    assert rows(select(void.c.target).where(void.c.target_kind == "document")) == []
    page.locator(".dialog").get_by_label("reason").fill("wrong customer")
    page.locator(".dialog").get_by_role("button", name="Take back").click()
    # A lot of the mill stands on it: it cannot be taken back.
    page.wait_for_selector(".dialog .banner.bad")
    assert rows(select(void.c.target).where(void.c.target_kind == "document")) == []


def test_claims_draw_once(visit: Any, rows: Any) -> None:
    page = visit("/app/custody/issue?shipment=SH-C-01", role="engineer", wait="#cover")
    form = page.locator("#claim-form")
    form.get_by_role("button", name="Make the claim").click()
    page.wait_for_selector("#wording")
    # 31.19 % pre-consumer content of 300 t: 7487/24000 … cut to whole kilograms, as the claim of the command has it.
    found = rows(select(statement.c.mass_kg, statement.c.attribute).where(statement.c.id == "RC-SH-C-01-pre"))
    assert found == [(93_593, "pre-consumer")]
    assert rows(select(posting.c.amount).where(posting.c.ref == "RC-SH-C-01-pre")) == [(93_593,)]


def test_power_is_matched_in_its_own_time(visit: Any, screen: Any, rows: Any) -> None:
    page = visit("/app/custody/power?site=demo-smelter&year=2025", role="engineer", wait="#evidence")
    assert "W250200001-W250201000" in page.inner_text("#evidence")
    page.get_by_role("button", name="Match GEC-2025-02").click()
    dialog = page.locator(".dialog")
    dialog.get_by_label("product").click()
    page.locator(".q-menu .q-item").filter(has_text="(hqalight)").click()
    page.wait_for_selector("text=cast then: 500,000 kg, matched: 500,000 kg")
    dialog.get_by_label("mass [kg]").fill("500000")
    dialog.get_by_label("energy [MWh]").fill("5000")
    dialog.get_by_role("button", name="Match").click()
    page.wait_for_selector(".dialog .q-field--error")
    assert "1,000 MWh left" in page.inner_text(".dialog .q-field--error")
    screen(page, "custody-match-refused")
    dialog.get_by_label("energy [MWh]").fill("1000")
    dialog.get_by_role("button", name="Match").click()
    page.wait_for_selector("#matches :text('M-GEC-2025-02')")
    assert rows(select(power_match.c.wh).where(power_match.c.id == "M-GEC-2025-02")) == [(1_000_000_000,)]


def test_a_closed_period_is_read_only_and_says_so(visit: Any, screen: Any, rows: Any, server: Any) -> None:
    page = visit("/app/custody/close?scope=spare-scope&period=2025", role="engineer", wait="#findings")
    # 100 % of the 50 t that left may be issued, nothing was: all of it is carried once, nothing expires.
    assert "50,000" in page.inner_text("#preview")
    button = page.get_by_role("button", name="Close period 2025")
    assert button.is_disabled()
    for box in page.locator("#confirm .q-checkbox").all():
        box.click()
    button.click()
    page.wait_for_selector("#closed", timeout=60_000)
    screen(page, "custody-closed")
    details = rows(select(period_close.c.details).where(period_close.c.scope == "spare-scope"))
    assert json.loads(details[0][0])["asi-aluminium"]["positive_balance"] == 50_000
    page.goto(f"{server.address}/app/custody?scope=spare-scope&period=2025")
    assert "is closed" in page.inner_text("#period-status")
    page.goto(f"{server.address}/app/custody/close?scope=spare-scope&period=2025")
    page.wait_for_selector(".banner.warn")
    assert page.locator("#confirm").count() == 0
    page.goto(f"{server.address}/app/custody/issue?shipment=SPARE-SH")
    page.wait_for_selector("text=Period 2025 is closed")
    assert page.locator("#document-form").count() == 0
    assert rows(select(func.count()).select_from(document).where(document.c.unit == "SPARE-SH")) == [(0,)]
