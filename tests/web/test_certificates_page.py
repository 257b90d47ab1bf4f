"""Certificates in the browser: a salesperson issues, finds, replaces and revokes; tables; four eyes; whoever may not; hostile input."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from pcf.certificate.listing import Wanted, list_page
from pcf.certificate.trust import Trust, issuer_folder, read_issuer
from pcf.certificate.verify import verify
from pcf.store import open_database
from pcf.store.log import log_size
from pcf.store.log import verify as verify_log
from pcf.views.issuing import this_day
from tests.web.bringing import bring_file
from tests.web.certified import CUSTOMER, INGOT, OTHER_HEAT, ask_for_four_eyes, fill_home, issue_first, url_of
from tests.web.conftest import Server

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HERE = "/app/certificates"
WAIT = 120_000
"""For what is computed, on a machine that does other things as well [ms]."""

MARKUP, SQL, LONG = "<script>alert(1)</script><b>x</b>", "'); DROP TABLE unit; --", "x" * 10_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a book from which certificates can be issued."""
    pytest.importorskip("nicegui", reason="the pages need NiceGUI: pip install 'pcf-aluminium[web]'")
    home = tmp_path_factory.mktemp("certificates") / "home"
    fill_home(home)
    issue_first(home)
    made = Server(home)
    yield made
    made.stop()


def recorded(server: Server) -> int:
    """Events that the server has written; the log is sound."""
    with closing(open_database(url_of(server.home))) as database, database.read() as connection:
        assert list(verify_log(connection)) == []
        return log_size(connection)


def issued(server: Server, **wanted: str) -> list[str]:
    """Numbers of certificates."""
    with closing(open_database(url_of(server.home))) as database, database.read() as connection:
        return [row.number for row in list_page(connection, Wanted(**wanted), this_day())[1]]


def fill_customer(page: Any, **changed: str) -> None:
    for name, value in {**CUSTOMER, **changed}.items():
        page.get_by_label(name.capitalize(), exact=True).fill(value)


def on(page: Any) -> None:
    page.locator("button:visible", has_text="Next").click()


def choose(page: Any, kind: str, name: str) -> None:
    if kind:
        page.get_by_role("button", name=kind, exact=True).click()
    page.wait_for_selector(f".cert-choices td:text-is('{name}')", timeout=WAIT)
    page.locator(f".cert-choices td:text-is('{name}')").click()
    page.wait_for_selector(".cert-choices tr.selected")
    on(page)
    page.wait_for_selector("label:has-text('Mass'):visible")


def look(page: Any, mass: str) -> None:
    page.get_by_label("Mass").fill(mass)
    page.get_by_role("button", name="Compute and look").click()
    page.wait_for_selector("#preview", timeout=WAIT)


def draw(page: Any, customer: str, mass: str) -> None:
    """The wizard up to the preview, for a batch."""
    page.wait_for_selector(".cert-stepper", timeout=WAIT)
    fill_customer(page, name=customer)
    on(page)
    choose(page, "Batch", OTHER_HEAT)
    look(page, mass)


# A salesperson's day -------------------------------------------------------------------------------------------------------


def test_a_shipment_is_certified_for_whom_it_went_to(visit: Any, screen: Any, server: Server) -> None:
    page = visit(f"{HERE}/new", wait=".cert-stepper")
    page.wait_for_timeout(300)
    screen(page, "certificate-1-customer")
    page.locator("#consignee").click()  # without a customer: the shipment has one
    on(page)
    choose(page, "", INGOT)  # where the shipment has the customer, nothing else is offered
    screen(page, "certificate-2-options")
    assert page.get_by_label("Mass").input_value() == "200000"
    before = recorded(server)
    look(page, "200,000")
    assert page.inner_text("#footprint") == "7.68"
    shown = page.inner_text("#preview")
    assert "Demo Rolling Company (invented)" in shown
    assert "Cradle to gate" in shown
    assert page.locator("#preview img").count() == 2
    assert page.evaluate("[...document.querySelectorAll('#preview img')].every(i => i.naturalWidth > 700)")
    screen(page, "certificate-3-preview")
    with page.expect_download() as download:
        page.get_by_role("button", name="Preview as PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")
    assert recorded(server) == before, "a preview records nothing"
    page.locator("#issue").dblclick()
    page.wait_for_selector("#issued", timeout=WAIT)
    assert recorded(server) == before + 1, "a double click issues once"
    screen(page, "certificate-4-issued")
    (number,) = issued(server, contains=INGOT, status="active")
    with page.expect_download(timeout=WAIT) as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == f"{number}.pdf"
    trust = Trust((read_issuer(issuer_folder(server.home, "issuer")),))
    with ThreadPoolExecutor(1) as thread:  # the browser's driver has a loop in this one
        found = thread.submit(verify, Path(download.value.path()).read_bytes(), trust, offline=True).result()
    steps = {step.key: step.good for step in found}
    assert [steps[key] for key in ("signature", "intact", "credential", "digests", "content")] == [True] * 5
    page.reload()
    page.wait_for_selector("#issued", timeout=WAIT)
    assert number in page.inner_text("#issued"), "a page that is loaded again finds what it has issued"
    assert recorded(server) == before + 1
    assert page.get_by_role("button", name="Sealed calculation").count() == 0, "a salesperson has no right to the inventory"


def test_a_certificate_is_found_replaced_and_revoked(visit: Any, screen: Any, server: Server) -> None:
    page = visit(f"{HERE}/new", wait=".cert-stepper")
    draw(page, "Find me & Sons <Ltd>", "3 000")
    page.locator("#issue").click()
    page.wait_for_selector("#issued", timeout=WAIT)
    page.goto(f"{server.address}{HERE}")
    page.get_by_label("Number, customer, product or batch").fill("find ME")
    page.wait_for_function("document.querySelectorAll('#listed tbody tr').length == 1")
    assert "Find me & Sons <Ltd>" in page.inner_text("#listed")
    page.wait_for_url("**q=find+ME**")
    screen(page, "certificates")
    (first,) = issued(server, contains="find me")
    page.get_by_role("link", name=first).click()
    page.wait_for_selector(".cert-history")
    assert "Issued by sales" in page.inner_text(".cert-history")
    assert f"{OTHER_HEAT}\theat" in page.inner_text(".cert-column")
    page.get_by_role("button", name="Put another one in its place").click()
    page.wait_for_selector(".cert-stepper", timeout=WAIT)
    on(page)
    page.wait_for_selector(".cert-choices tr.selected", timeout=WAIT)
    on(page)
    page.wait_for_selector("label:has-text('Mass'):visible")
    page.get_by_role("button", name="Compute and look").click()
    page.wait_for_selector("text=A reason in at most 300 characters.")
    page.get_by_label("Why it is replaced").fill("weighed anew")
    look(page, "4000")
    page.locator("#issue").click()
    page.wait_for_selector("#issued", timeout=WAIT)
    second = issued(server, contains="find me", status="active")[0]
    assert issued(server, contains="find me", status="superseded") == [first]
    page.get_by_text("Open the certificate").click()
    page.wait_for_selector("#revoke")
    before = recorded(server)
    page.locator("#revoke").click()
    page.locator("#revoke-now").click()
    page.wait_for_selector("text=This is not the number of the certificate.")
    page.get_by_role("button", name="Cancel").click()
    assert recorded(server) == before
    page.locator("#revoke").click()
    page.get_by_label("Reason").fill(f"delivery taken back {MARKUP}")
    page.get_by_label(f"Type {second} to confirm").fill(second)
    screen(page, "certificate-revoke")
    page.locator("#revoke-now").click()
    page.wait_for_selector(".cert-ended", timeout=WAIT)
    assert f"delivery taken back {MARKUP}" in page.inner_text(".cert-ended")
    assert page.locator("#revoke").count() == 0
    assert issued(server, contains="find me", status="revoked") == [second]
    screen(page, "certificate-one-revoked")


# A table -------------------------------------------------------------------------------------------------------------------

HEAD = "order,batch,mass_kg,name,address,country\n"


def bring(page: Any, path: Path, kind: str) -> str:
    bring_file(page, path)
    page.wait_for_selector(f"#report .banner.{kind}", timeout=WAIT)
    return str(page.inner_text("#report"))


def test_a_table_becomes_certificates_and_goes_on_where_it_stopped(
    visit: Any, screen: Any, server: Server, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    rows = [f"T{number},{OTHER_HEAT},{1000 + number},Table {number} {MARKUP},Road,CN\n" for number in range(5)]
    path.write_text(HEAD + "".join(rows[:2]), encoding="utf-8")
    page = visit(f"{HERE}/bulk", wait=".q-uploader")
    assert "2 rows" in bring(page, path, "good")
    page.locator("#issue-all").click()
    page.wait_for_selector("#bulk-done", timeout=WAIT)
    first = issued(server, contains="table")
    assert len(first) == 2
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    bring(page, path, "good")
    screen(page, "certificates-table-checked")
    page.locator("#issue-all").click()
    page.wait_for_selector("text=5 of 5 done", timeout=WAIT)
    page.wait_for_selector("#bulk-done", timeout=WAIT)
    assert page.inner_text("#bulk-done") == "5 certificates issued, 0 rows refused."
    screen(page, "certificates-table-done")
    numbers = issued(server, contains="table")
    assert len(numbers) == 5
    assert set(first) < set(numbers), "what was issued before is found again"
    with page.expect_download() as download:
        page.get_by_role("button", name="All files").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert sorted(archive.namelist()) == sorted(["certificates.csv", *(f"{number}.pdf" for number in numbers)])
        assert all(archive.read(f"{number}.pdf").startswith(b"%PDF-") for number in numbers)


def test_a_table_that_does_not_do_is_told_row_by_row(visit: Any, screen: Any, server: Server, tmp_path: Path) -> None:
    files = {
        "rows.csv": (HEAD + f"A,{OTHER_HEAT},-1,x,y,CN\nB,{OTHER_HEAT},1,x,y,Germany\nC,{OTHER_HEAT},1e9,x,y,CN\nC,{OTHER_HEAT},1,x,y,CN\n").encode(),
        "sql.csv": (HEAD + f'A,"{SQL}",1,"{MARKUP}",y,CN\n').encode(), "long.csv": (HEAD + f"A,{OTHER_HEAT},1,{LONG},y,CN\n").encode(),
        "much.csv": (HEAD + f"A,{OTHER_HEAT},250000,x,y,CN\nB,{OTHER_HEAT},1,x,y,CN\n").encode(),
        "fake.xlsx": b"PK\x03\x04 no workbook", "large.csv": bytes(5_500_000), "text.txt": b"hello", "empty.csv": b"",
    }  # fmt: skip
    says = {
        "rows.csv": ["row 2, mass_kg", "row 3", "row 4, mass_kg", "row 5, order"],
        "sql.csv": ["row 2, batch"], "long.csv": ["row 2"], "much.csv": ["at most the"], "fake.xlsx": ["no readable workbook"],
        "large.csv": ["too large or of another kind"], "text.txt": ["too large or of another kind"], "empty.csv": ["an empty file"],
    }  # fmt: skip
    page = visit(f"{HERE}/bulk", wait=".q-uploader")
    before = recorded(server)
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        page.evaluate("document.querySelector('#report').replaceChildren()")
        shown = bring(page, tmp_path / name, "bad")
        assert "Nothing was issued" in shown
        for words in says[name]:
            assert words in shown, (name, shown)
        if name == "rows.csv":
            screen(page, "certificates-table-wrong")
    assert recorded(server) == before


def test_a_bomb_is_refused(visit: Any, server: Server, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(400_000_000))
    page = visit(f"{HERE}/bulk", wait=".q-uploader")
    before = recorded(server)
    assert "bytes unpacked from" in bring(page, bomb, "bad")
    assert recorded(server) == before


# Four eyes -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def strict(server: Server) -> Iterator[None]:
    ask_for_four_eyes(server.home, wanted=True)
    yield
    ask_for_four_eyes(server.home, wanted=False)


@pytest.mark.usefixtures("strict")
def test_one_drafts_and_another_releases(visit: Any, screen: Any, server: Server) -> None:
    page = visit(f"{HERE}/new", wait=".cert-stepper")
    draw(page, "Four eyes Ltd", "5000")
    page.locator("#issue").click()
    page.wait_for_selector("#drafted", timeout=WAIT)
    assert issued(server, contains="four eyes") == []
    page.locator("main").get_by_role("link", name="Drafts").click()
    page.wait_for_selector("#waiting a")
    address = page.locator("#waiting tr:has-text('Four eyes') a").first.get_attribute("href")
    page.goto(f"{server.address}{address}")
    page.wait_for_selector("#own")
    assert page.locator("#release").count() == 0, "who has drafted cannot release"
    other = visit(str(address), role="admin", wait="#release")
    other.wait_for_selector("#preview", timeout=WAIT)
    screen(other, "certificate-draft")
    other.locator("#release").click()
    other.wait_for_selector("#issued", timeout=WAIT)
    (number,) = issued(server, contains="four eyes")
    other.goto(f"{server.address}{HERE}/c/{number}")
    other.wait_for_selector(".cert-history")
    assert "Drafted by sales" in other.inner_text(".cert-history")
    assert "Issued by admin" in other.inner_text(".cert-history")
    other.goto(f"{server.address}{HERE}/drafts")
    other.wait_for_selector("#decided a")
    screen(other, "certificate-drafts")


@pytest.mark.usefixtures("strict")
def test_a_draft_is_rejected_with_a_reason(visit: Any, server: Server) -> None:
    page = visit(f"{HERE}/new", wait=".cert-stepper")
    draw(page, "Rejected Ltd", "6000")
    page.locator("#issue").click()
    page.wait_for_selector("#drafted", timeout=WAIT)
    other = visit(f"{HERE}/drafts", role="admin", wait="#waiting a")
    other.locator("#waiting tr:has-text('Rejected Ltd') a").first.click()
    other.wait_for_selector("#release")
    other.get_by_role("button", name="Reject").click()
    other.locator("#reject-now").click()
    other.wait_for_selector("text=A reason in at most 300 characters.")
    other.get_by_label("Reason").fill("another customer")
    other.locator("#reject-now").click()
    other.wait_for_selector("#decided tr:has-text('another customer')", timeout=WAIT)
    assert issued(server, contains="rejected ltd") == []


# Who may not, and what may not -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["auditor", "engineer"])
def test_who_may_not_certify_sees_and_changes_nothing(visit: Any, server: Server, role: str, complaints: list[str]) -> None:
    page = visit(HERE, role=role)
    page.wait_for_selector("h1:has-text('Certificates')")
    assert page.get_by_role("button", name="New certificate").count() == 0
    for path in ("new", "bulk"):
        answer = page.goto(f"{server.address}{HERE}/{path}")
        assert answer.status == 403
    page.goto(f"{server.address}{HERE}/c/{issued(server)[-1]}")
    page.wait_for_selector(".cert-history")
    assert page.locator("#revoke").count() == 0
    assert page.get_by_role("button", name="Sealed calculation").count() == 1
    complaints.clear()  # the browser says that pages were refused


def test_hostile_input_has_a_line_at_its_field_and_does_nothing(visit: Any, screen: Any, server: Server) -> None:
    page = visit(f"{HERE}/new?key=%27%3B--&replaces=", wait=".cert-stepper")
    before = recorded(server)
    for name, value in {"Name": "Räder \u202eGmbH", "Address": LONG, "Country": "<b>"}.items():
        page.get_by_label(name, exact=True).fill(value)
    on(page)
    page.wait_for_selector("text=Two letters, such as DE or CN (ISO 3166-1).")
    assert "U+202E" in page.inner_text(".cert-field-name")
    screen(page, "certificate-customer-wrong")
    fill_customer(page, name=f"{SQL} {MARKUP}")
    on(page)
    page.get_by_label("Search by id, product or customer").fill(SQL)
    page.wait_for_selector("text=Nothing here can be certified now.", timeout=WAIT)
    page.get_by_label("Search by id, product or customer").fill("")
    choose(page, "Batch", OTHER_HEAT)
    for mass in ("-1", "0", "1.5", "1e3", "99999999999999999999", MARKUP[:20], "250001", "'; --"):
        page.get_by_label("Mass").fill(mass)
        page.get_by_role("button", name="Compute and look").click()
        page.wait_for_selector("text=A whole number of kilograms", timeout=WAIT)
        page.get_by_label("Mass").fill("7000")
        page.wait_for_selector("text=A whole number of kilograms", state="detached")
    good = page.get_by_label("Valid until").input_value()
    for day in ("2035-01-01", "2020-01-01"):
        page.get_by_label("Valid until").fill(day)
        page.get_by_role("button", name="Compute and look").click()
        page.wait_for_selector("text=A day after today, at the latest 2028-12-31.")
    page.get_by_label("Valid until").fill(good)
    page.get_by_text("Choices of the method").click()
    page.get_by_label("Low-voltage PFC").click()
    page.get_by_role("option", name="without", exact=True).click()
    page.get_by_role("button", name="Compute and look").click()
    page.wait_for_selector("#check .banner.bad", timeout=WAIT)
    assert "low-voltage PFC neither measured nor included" in page.inner_text("#check")
    assert page.locator("#issue").count() == 0
    screen(page, "certificate-refused")
    assert recorded(server) == before
    for path in ("c/%3Cscript%3E", "drafts/%27%3B--", f"c/{'x' * 1000}", "new?replaces=NO-SUCH"):
        page.goto(f"{server.address}{HERE}/{path}")
        page.wait_for_selector(".banner.bad", timeout=WAIT)
    page.goto(f"{server.address}{HERE}?q=%3Cscript%3E&status=x&kind=%27&product={'y' * 500}&page=999999999")
    page.wait_for_selector("text=No certificate fits this search.")
    assert recorded(server) == before


@pytest.mark.parametrize(("lang", "theme"), [("en", "dark"), ("zh", "light"), ("zh", "dark")])
def test_the_pages_look_alike_in_every_language_and_light(visit: Any, screen: Any, server: Server, lang: str, theme: str) -> None:
    page = visit(HERE, lang=lang, theme=theme)
    page.wait_for_selector("#listed")
    screen(page, f"certificates-{lang}-{theme}")
    page.goto(f"{server.address}{HERE}/new")
    page.wait_for_selector(".cert-stepper", timeout=WAIT)
    screen(page, f"certificate-new-{lang}-{theme}")
    first = issued(server)[-1]
    page.goto(f"{server.address}{HERE}/c/{first}")
    page.wait_for_selector(".cert-history")
    screen(page, f"certificate-one-{lang}-{theme}")
    page.locator("#revoke").click()
    page.locator("#revoke-now").click()
    page.wait_for_selector(".q-field--error")
    screen(page, f"certificate-revoke-{lang}-{theme}")
    page.goto(f"{server.address}{HERE}/bulk")
    page.wait_for_selector(".q-uploader", timeout=WAIT)
    screen(page, f"certificates-table-{lang}-{theme}")


def test_the_json_of_a_certificate_is_its_document(visit: Any, server: Server) -> None:
    page = visit(f"{HERE}/new", wait=".cert-stepper")
    draw(page, "Json Ltd", "8000")
    page.locator("#issue").click()
    page.wait_for_selector("#issued", timeout=WAIT)
    with page.expect_download(timeout=WAIT) as download:
        page.get_by_role("button", name="JSON").click()
    document = json.loads(Path(download.value.path()).read_text(encoding="utf-8"))
    assert (document["schema"], document["mass_kg"], document["customer"]["name"]) == ("pcf/certificate/1", 8000, "Json Ltd")
    assert document["number"] in issued(server)
