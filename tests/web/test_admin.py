"""The admin page in a real browser: people, keys, issuer, clients, log; and everybody whom it is not for."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from pcf.certificate.key_list import list_issuer_keys
from pcf.exchange.sharing.clients import Client, list_clients
from pcf.exchange.sharing.keeping import let_in
from pcf.exchange.sharing.register import publish
from pcf.store import Database, clock, open_database
from pcf.store.pact_schema import pact_inbox
from pcf.store.search import Wanted, find_events
from pcf.web.admin_work import verify_log
from pcf.web.people import People, Refused
from tests.web.conftest import Server
from tests.web.pact.footprints import footprint
from tests.web.test_pages import CONTRAST

pytestmark = [pytest.mark.slow, pytest.mark.browser]

TABS = ("people", "keys", "issuer", "clients", "log")


@contextmanager
def book(server: Server) -> Iterator[Database]:
    found = open_database(f"sqlite:///{server.home / 'pcf.db'}")
    yield found
    found.close()


def events(server: Server, **wanted: Any) -> list[tuple[str, str]]:
    with book(server) as database, database.read() as connection:
        return [(line.kind, line.actor) for line in find_events(connection, Wanted(**wanted)).lines]


def press(page: Any, name: str, *, exact: bool = True) -> None:
    page.get_by_role("button", name=name, exact=exact).last.click()


def fill(page: Any, label: str, value: str) -> None:
    page.get_by_label(label, exact=True).last.fill(value)


def gone(page: Any) -> None:
    """Until every dialog is closed."""
    page.wait_for_function("!document.querySelector('.q-dialog .dialog')")


def once(page: Any) -> str:
    """A secret that is shown once; it is gone when the dialog is closed."""
    page.wait_for_selector("#secret")
    secret: str = page.inner_text("#secret")
    press(page, "I have noted it", exact=False)
    gone(page)
    assert secret not in page.content()
    return secret


@pytest.mark.parametrize(("lang", "theme"), [("en", "light"), ("zh", "dark"), ("en", "dark"), ("zh", "light")])
def test_every_part_is_whole_in_its_language_and_light(visit: Any, server: Server, screen: Any, lang: str, theme: str) -> None:
    page = visit("/app/admin", role="admin", lang=lang, theme=theme, wait="#people table")
    for tab in TABS:
        page.goto(f"{server.address}/app/admin?tab={tab}")
        page.wait_for_selector(
            f"section.admin #{'events' if tab == 'log' else 'issuer-said' if tab == 'issuer' else tab}", state="attached"
        )
        page.wait_for_load_state("networkidle")
        screen(page, f"admin-{tab}-{lang}-{theme}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280
        assert page.evaluate(CONTRAST) == []
        words = page.inner_text("main")
        assert not re.search(r"web\.[a-z-]+|\{[a-z_]+\}|\bNone\b|\bnan\b", words), "a key, a field or a value that is none"
        assert page.locator(".subnav [aria-current=page]").count() == 1
        unnamed = "() => [...document.querySelectorAll('main input, main textarea, main button')].filter(e => !e.labels?.length && !e.getAttribute('aria-label') && !e.textContent.trim() && e.type !== 'file').length"
        assert page.evaluate(unnamed) == 0


@pytest.mark.parametrize("role", ["sales", "engineer", "auditor"])
def test_others_are_refused(visit: Any, complaints: list[str], role: str) -> None:
    page = visit("/app/admin?tab=keys", role=role)
    assert "right" in page.inner_text("main") and page.locator("table").count() == 0
    page.goto(page.url.replace("/app/admin?tab=keys", "/app/"))
    page.wait_for_selector(".pcf-nav")
    assert page.locator('.pcf-nav a[href="/app/admin"]').count() == 0
    complaints.clear()  # the browser tells of the 403


# People


def test_a_person_is_added_changed_and_disabled(visit: Any, server: Server, screen: Any) -> None:
    page = visit("/app/admin?tab=people", role="admin", wait="#people table")
    press(page, "Add a person", exact=False)
    fill(page, "Sign-in name (a-z, 0-9, dot, dash, underscore)", "Mei.Chen")
    fill(page, "Name as pages show it", "Chen Mei 陈梅")
    screen(page, "admin-person-add")
    press(page, "Add", exact=False)
    first = once(page)
    row = page.locator('tr[data-name="mei.chen"]')
    row.wait_for()
    assert "Chen Mei 陈梅" in row.inner_text() and "Sales" in row.inner_text()
    with book(server) as database:
        people = People(database)
        assert people.check("mei.chen", first, "test")[1] is True  # to be changed at once
    page.get_by_role("button", name="Change: mei.chen").click()
    page.locator(".dialog .q-select").click()
    page.get_by_role("option", name="Engineer").click()
    press(page, "Save", exact=False)
    page.wait_for_function("document.querySelector('tr[data-name=\"mei.chen\"]').innerText.includes('Engineer')")
    gone(page)
    page.get_by_role("button", name="New one-time password: mei.chen").click()
    page.wait_for_selector(".dialog")
    screen(page, "admin-person-password")
    press(page, "New one-time password", exact=False)
    second = once(page)
    page.get_by_role("button", name="Disable: mei.chen").click()
    page.get_by_role("button", name="Cancel").click()
    gone(page)
    assert "active" in row.inner_text()
    page.get_by_role("button", name="Disable: mei.chen").click()
    page.locator(".dialog .button-bad").click()
    page.wait_for_function("document.querySelector('tr[data-name=\"mei.chen\"]').innerText.includes('disabled')")
    with book(server) as database:
        for password in (first, second):
            with pytest.raises(Refused):
                People(database).check("mei.chen", password, "test")
    assert events(server, text="mei.chen") == [
        ("account", "admin"),
        ("password", "admin"),
        ("account", "admin"),
        ("account", "admin"),
    ]
    gone(page)
    page.get_by_role("button", name="Enable: mei.chen").click()
    page.wait_for_function("!document.querySelector('tr[data-name=\"mei.chen\"]').innerText.includes('disabled')")


def test_sessions_end_at_once(visit: Any, server: Server) -> None:
    other = visit("/app/", role="engineer", wait=".tile")
    page = visit("/app/admin?tab=people", role="admin", wait="#people table")
    row = page.locator('tr[data-name="engineer"]')
    assert "since" in row.inner_text()
    page.get_by_role("button", name="End sessions: engineer").click()
    page.locator(".dialog .button-bad").click()
    page.wait_for_function("!document.querySelector('tr[data-name=\"engineer\"]').innerText.includes('since')")
    other.goto(f"{server.address}/app/")
    assert "/login" in other.url
    assert events(server, kind="sessions-ended") == [("sessions-ended", "admin")]


def test_the_last_admin_cannot_lock_himself_out(visit: Any, server: Server, screen: Any) -> None:
    page = visit("/app/admin?tab=people", role="admin", wait="#people table")
    page.get_by_role("button", name="Disable: admin").click()
    page.locator(".dialog .button-bad").click()
    page.wait_for_selector(".dialog [role=alert]")
    screen(page, "admin-last")
    assert "the last admin" in page.inner_text(".dialog [role=alert]")
    page.get_by_role("button", name="Cancel").click()
    gone(page)
    page.get_by_role("button", name="Change: admin").click()
    page.locator(".dialog .q-select").click()
    page.get_by_role("option", name="Sales").click()
    press(page, "Save", exact=False)
    page.wait_for_selector(".dialog [role=alert]")
    with book(server) as database:
        found = People(database).find("admin")
    assert found is not None and (found.role, found.active) == ("admin", True)


@pytest.mark.parametrize("name", ["", "<script>alert(1)</script>", "' OR 1=1 --", "x" * 60, "admin", "陈"])
def test_a_name_that_cannot_be_is_told_at_the_form(visit: Any, server: Server, name: str) -> None:
    before = len(events(server))
    page = visit("/app/admin?tab=people", role="admin", wait="#people table")
    before = len(events(server))
    press(page, "Add a person", exact=False)
    fill(page, "Sign-in name (a-z, 0-9, dot, dash, underscore)", name)
    press(page, "Add", exact=False)
    page.wait_for_selector(".dialog [role=alert]")
    assert len(page.locator(".dialog [role=alert]").inner_text().splitlines()) == 1
    assert len(events(server)) == before


# Keys and issuer


def test_keys_are_made_and_rotated(visit: Any, server: Server, screen: Any) -> None:
    page = visit("/app/admin?tab=keys", role="admin", wait="#keys .chip")
    press(page, "Make the keys", exact=False)
    fill(page, "Company, as certificates show it", "Demo <b>铝业</b> Ltd")
    fill(page, "did:web of the company", "did:web:issuer.example")
    page.locator(".dialog .q-btn").last.click()
    page.wait_for_selector(".dialog [role=alert]")
    assert "passphrase" in page.inner_text(".dialog [role=alert]")
    assert not (server.home / "keys" / "issuer-1-pdf.pem").exists()
    page.get_by_text("Leave the key files unencrypted").click()
    page.locator(".dialog .q-btn").last.click()
    gone(page)
    page.wait_for_selector(".fingerprint")
    assert "Demo <b>铝业</b> Ltd" in page.inner_text("#keys")
    press(page, "Make new keys", exact=False)
    screen(page, "admin-keys-rotate")
    page.get_by_text("Leave the key files unencrypted").click()
    page.locator(".dialog .button-bad").click()
    gone(page)
    page.wait_for_function("document.querySelectorAll('.fingerprint').length >= 4")
    screen(page, "admin-keys-made")
    shown = {text.replace(" ", "") for text in page.locator(".fingerprint").all_inner_texts()}
    lines = list_issuer_keys(server.home)[0][2]
    assert {line.fingerprint for line in lines} <= shown
    secrets = [(server.home / "keys" / f"issuer-{number}-{kind}.pem").read_text() for number in (1, 2) for kind in ("pdf", "vc")]
    assert all(line not in page.content() for secret in secrets for line in secret.splitlines()[1:-1])
    assert events(server, kind="issuer-key") == [("issuer-key", "admin")] * 2
    assert lines[2].fingerprint[:16] in server.pcf("key", "list")


def test_an_issuers_file_is_checked_before_it_is_kept(visit: Any, server: Server, screen: Any) -> None:
    path = server.home / "issuer.yaml"
    page = visit("/app/admin?tab=issuer", role="admin", wait=".editor textarea")
    assert "no issuer's file yet" in page.inner_text("#issuer-state")
    for wrong in (
        "",
        "schema: 1",
        "name: <script>",
        "- a\n- b",
        "a: &a [*a]",
        "x" * 10_000,
        "schema: pcf/issuer-profile/1\nidentifier: 5",
    ):
        page.fill(".editor textarea", wrong)
        press(page, "Save", exact=False)
        page.wait_for_selector("#issuer-said [role=alert]")
        assert not path.exists()
    press(page, "Start from the example", exact=False)
    page.wait_for_function("document.querySelector('.editor textarea').value.includes('demo.example')")
    changed = page.input_value(".editor textarea").replace("Demo Aluminium Co., Ltd (invented)", "Own & Co.")
    page.fill(".editor textarea", changed)
    press(page, "Save", exact=False)
    page.wait_for_selector(".dialog")
    assert not path.exists()
    press(page, "Save", exact=False)
    page.wait_for_selector("#issuer-checks")
    screen(page, "admin-issuer-saved")
    assert "Own & Co." in page.inner_text("#issuer-state") and "invented company" in page.inner_text("#issuer-checks")
    assert path.read_text(encoding="utf-8") == changed
    assert events(server, kind="issuer-profile") == [("issuer-profile", "admin")]


# Clients


def test_a_client_is_let_in_and_shut_out(visit: Any, server: Server, screen: Any) -> None:
    page = visit("/app/admin?tab=clients", role="admin", wait="#clients")
    for name, hosts in (("<script>", ""), ("acme", "not a host!/"), ("x" * 2_000, "")):
        press(page, "Let a client in", exact=False)
        fill(page, "Id (a-z, 0-9, dash)", name)
        fill(page, "Name of the company", "Acme")
        fill(page, "Hosts that answers may go to, separated by spaces", hosts)
        page.locator(".dialog .q-btn").last.click()
        page.wait_for_selector(".dialog [role=alert]")
        page.get_by_role("button", name="Cancel").click()
        gone(page)
    with book(server) as database, database.read() as connection:
        assert {item.id for item in list_clients(connection)} <= {"gamma"}  # another test's
    press(page, "Let a client in", exact=False)
    fill(page, "Id (a-z, 0-9, dash)", "acme")
    fill(page, "Name of the company", "Acme <i>")
    fill(page, "Hosts that answers may go to, separated by spaces", "a.example, b.example:8443")
    page.locator(".dialog .q-btn").last.click()
    page.wait_for_selector("#secret")
    screen(page, "admin-client-secret")
    first = once(page)
    row = page.locator('tr[data-name="acme"]')
    row.wait_for()
    assert "Acme <i>" in row.inner_text() and "b.example:8443" in row.inner_text()
    page.get_by_role("button", name="New secret: acme").click()
    page.locator(".dialog .button-bad").click()
    second = once(page)
    assert len(first) == len(second) == 43 and first != second
    page.get_by_role("button", name="Disable: acme").click()
    page.locator(".dialog .button-bad").click()
    page.wait_for_function("document.querySelector('tr[data-name=acme]').innerText.includes('disabled')")
    gone(page)
    page.get_by_role("button", name="Change: acme").click()
    fill(page, "Name of the company", "Acme Ltd")
    page.locator(".dialog .q-btn").last.click()
    page.wait_for_function("document.querySelector('tr[data-name=acme]').innerText.includes('Acme Ltd')")
    with book(server) as database, database.read() as connection:
        (found,) = (item for item in list_clients(connection) if item.id == "acme")
    assert (found.name, found.active, found.hosts) == ("Acme Ltd", False, ("a.example", "b.example:8443"))
    kinds = [("api-client", "admin"), ("api-client", "admin"), ("api-secret", "admin"), ("api-client", "admin")]
    assert [item for item in events(server, actor="admin") if item[0].startswith("api-")] == kinds


def test_what_was_published_and_the_events_are_shown(visit: Any, server: Server, screen: Any) -> None:
    with book(server) as database, database.write("lin") as tx:
        let_in(tx, Client("gamma", "Gamma", address="https://gamma.example/pact"))
        publish(tx, footprint(1), ["gamma"], None)  # its own service is told: an event that goes out
        row = {
            "client": "gamma", "source": "https://gamma.example/<b>", "id": "1", "type": "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3",
            "sha256": "0" * 64, "time": clock.now(), "body": "{}",
        }  # fmt: skip
        tx.connection.execute(insert(pact_inbox), row)
    page = visit("/app/admin?tab=clients", role="admin", wait="#clients table")
    page.wait_for_function("document.querySelectorAll('section.admin table').length == 4")
    screen(page, "admin-clients-full")
    published, went, came = (page.locator("section.admin table").nth(place).inner_text() for place in (1, 2, 3))
    assert footprint(1)["id"] in published and "gamma" in published
    assert "PublishedEvent.3" in went and "waiting" in went
    assert "RequestCreatedEvent.3" in came and "https://gamma.example/<b>" in came


# Log


def test_events_are_found_and_opened_and_the_log_is_verified(visit: Any, server: Server, screen: Any) -> None:
    page = visit("/app/admin?tab=log", role="admin", wait="#events table")
    page.get_by_label("Person", exact=True).fill("test")
    page.get_by_label("Person", exact=True).press("Enter")
    fill(page, "Text in the event", '"role":"admin"')
    press(page, "Find", exact=False)
    page.wait_for_function("document.querySelectorAll('#events tr[data-seq]').length == 1")
    page.get_by_role("button", name="Payload of event 0").click()
    page.wait_for_selector(".payload pre")
    screen(page, "admin-log-payload")
    assert '"display": "admin"' in page.inner_text(".payload pre")
    fill(page, "Text in the event", "' OR 1=1 -- <script>")
    press(page, "Find", exact=False)
    page.wait_for_selector("#events .banner")
    assert "No event is like that" in page.inner_text("#events")
    press(page, "Verify the log now", exact=False)
    page.wait_for_selector("#log-said .banner", timeout=60_000)
    screen(page, "admin-log-verified")
    assert "The log holds" in page.inner_text("#log-said")


def test_pages_of_events_follow_each_other(visit: Any, server: Server) -> None:
    with book(server) as database, database.write("paging") as tx:
        for number in range(60):
            tx.add("trial", f"trial:{number:02}", "r", {})
        tx.add("end", "end", "r", {})  # so that the first page is another one before it is looked for
    page = visit("/app/admin?tab=log", role="admin", wait="#events table")
    page.get_by_label("Kind", exact=True).fill("trial")
    page.get_by_label("Kind", exact=True).press("Enter")
    press(page, "Find", exact=False)
    shown = "document.querySelectorAll('#events tr[data-seq]').length == "
    page.wait_for_function(f"{shown}50 && document.querySelector('#events tbody tr').innerText.includes('trial:59')")
    press(page, "Older", exact=False)
    page.wait_for_function(f"{shown}10")
    found = page.inner_text("#events tbody")
    assert "trial:09" in found and "trial:00" in found and page.get_by_role("button", name="Older").count() == 0
    press(page, "Newer", exact=False)
    page.wait_for_function(f"{shown}50")


def test_the_check_of_the_log_tells_how_far_it_is_and_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcf.web.admin_work.EVERY", 0.0)
    place = tmp_path / "pcf.db"
    database = open_database(f"sqlite:///{place}")
    People(database).add("lin", "mei", "admin")
    database.close()
    time.sleep(0.01)
    good = verify_log(f"sqlite:///{place}", str(tmp_path), str(tmp_path / "told"))
    assert (good.size, good.count, (tmp_path / "told").read_text()) == (1, 0, "1")
    with sqlite3.connect(place) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE account SET role = 'sales'")
    bad = verify_log(f"sqlite:///{place}", str(tmp_path), str(tmp_path / "told"))
    assert (bad.count, bad.findings[0].kind) == (1, "changed")
