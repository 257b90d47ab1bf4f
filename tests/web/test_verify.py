"""Verify: a certificate by its code and by its file, and whoever wants to break it."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("pyhanko", reason="certificates need pyhanko: pip install 'pcf-aluminium[certificates]'")
pytest.importorskip("typst", reason="certificates need typst: pip install 'pcf-aluminium[certificates]'")

from starlette.testclient import TestClient

from pcf.certificate.issue import issue, make_file
from pcf.certificate.register import read_bundle, revoke
from pcf.certificate.trust import Trust, create_issuer, write_issuer
from pcf.store import open_database
from pcf.store.log import log_size
from pcf.web import verify_upload
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.limits import Often, Places, network_of
from pcf.web.work import Stopped
from tests.certificate import offices
from tests.certificate.issuing import Made, issuer, on_an_empty_page, signed_pdf
from tests.web.conftest import ORIGIN
from tests.web.test_work import run

LAST = date(2026, 3, 31)


@dataclass
class World:
    """A home with certificates of each standing: id and file by what became of it."""

    home: Path
    url: str
    ids: dict[str, str]
    files: dict[str, bytes]
    bundle: bytes
    made: Made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    home = tmp_path_factory.mktemp("verify") / "home"
    home.mkdir()
    url = f"sqlite:///{home / 'pcf.db'}"
    offices.prepare(url)
    office = offices.open_desk(home, url)
    ids, files, numbers, today = {}, {}, {}, date.today()  # noqa: DTZ011

    def add(name: str, day: date = today, **more: Any) -> None:
        entry = issue(office, offices.order(mass_kg=10_000, key=name, **more), day)
        ids[name], files[name], numbers[name] = entry.id, make_file(office, entry.number), entry.number

    add("expired", offices.TODAY, valid_until=LAST)
    add("genuine")
    add("revoked")
    add("superseded")
    with office.book.read() as connection:
        from pcf.certificate.register import read_entry

        bundle = read_bundle(connection, read_entry(connection, numbers["genuine"]))
    revoke(office.book, numbers["revoked"], today, "wrong <mass>")
    add("newer", replaces=numbers["superseded"], reason="a typing error")
    made = Made(office.keys, office.log, b"", Trust())
    _other(tmp_path_factory.mktemp("other"), home, files)
    office.book.database.close()
    return World(home, url, ids, files, bundle, made)


@pytest.fixture(autouse=True)
def _at_home(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PCF_HOME", str(world.home))


def _other(folder: Path, home: Path, files: dict[str, bytes]) -> None:
    """A certificate of somebody else who is trusted, and one of somebody who is not."""
    url = f"sqlite:///{shutil.copy(home / 'pcf.db', folder / 'pcf.db')}"
    create_issuer(
        folder, "issuer", "Demo Aluminium Co., Ltd (invented)", datetime(2026, 1, 1, tzinfo=UTC), None, "did:web:other.example"
    )
    office = offices.open_desk(folder, url)
    entry = issue(office, offices.order(mass_kg=10_000, key="other"), date.today())  # noqa: DTZ011
    files["trusted"] = make_file(office, entry.number)
    office.book.database.close()
    write_issuer(home / "trust" / "other", office.keys.public)
    files["stranger"] = signed_pdf(issuer(folder / "stranger"))


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    made = Desk(open_database(world.url))
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(world: World) -> Iterator[Desk]:
    """One desk for many files: its process stays."""
    made = Desk(open_database(world.url))
    yield made
    made.close()


def client_of(desk: Desk, address: str = "203.0.113.7") -> TestClient:
    return TestClient(create_app(desk, pages=()), base_url=ORIGIN, follow_redirects=False, client=(address, 50_000))


@pytest.fixture
def client(shared: Desk) -> TestClient:
    return client_of(shared)


def words(page: str) -> str:
    return re.sub(r"<[^>]+>", " ", page.partition("<main>")[2].partition("</main>")[0])


def bring(client: TestClient, content: bytes, name: str = "certificate.pdf", **more: bytes) -> Any:
    files = {"file": (name, content), **{key: (f"{key}.json", value) for key, value in more.items()}}
    return client.post("/verify", files=files)


def status(answer: Any) -> str:
    found = re.search(r"class='status \w+' role='status'>([^<]+)<", answer.text)
    return found[1] if found else ""


# By its code


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("genuine", "Genuine and current"), ("expired", "Expired"), ("revoked", "wrong &lt;mass&gt;"), ("superseded", "a typing error"),
        ("newer", "Genuine and current"),
    ],
)  # fmt: skip
def test_a_code_leads_to_what_the_published_page_says(client: TestClient, world: World, name: str, said: str) -> None:
    from pcf.certificate.public_page import page
    from pcf.certificate.register import read_ends, read_entry

    answer = client.get(f"/verify/{world.ids[name]}")
    assert answer.status_code == 200 and said in answer.text
    for fact in (world.ids[name], "10,000 kg", "cradle to gate", "tCO2e/t"):
        assert fact in answer.text
    assert offices.CUSTOMER["name"] not in answer.text and offices.CUSTOMER["address"] not in answer.text
    database = open_database(world.url)
    with database.read() as connection:
        number = client.get(f"/verify/{world.ids[name]}").text.partition("PCF-")[2][:11]
        entry = read_entry(connection, f"PCF-{number}")
        published = page(entry, read_ends(connection).get(entry.number), date.today())  # noqa: DTZ011
    database.close()
    rows = re.findall(r"<tr><th[^>]*>(.*?)</th><td>(.*?)</td></tr>", answer.text)
    assert rows and set(rows) <= set(re.findall(r"<tr><th[^>]*>(.*?)</th><td>(.*?)</td></tr>", published))


def test_whatever_nobody_has_gets_the_same_answer(shared: Desk, world: World) -> None:
    client = client_of(shared, "203.0.113.8")
    number = re.findall(r"PCF-\d{4}-\d{6}", client.get(f"/verify/{world.ids['genuine']}").text)[0]
    asked = ["A" * 32, number, world.ids["genuine"][:-1], world.ids["genuine"] + "A", "<script>", "' OR 1=1 --", "x" * 10_000]
    answers = [client.get(f"/verify/{quote(item, safe='')}") for item in asked]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1 and "<script" not in answers[0].text


def test_who_tries_codes_has_to_wait_and_nobody_else(shared: Desk, world: World) -> None:
    app = create_app(shared, pages=())
    guessing = TestClient(app, base_url=ORIGIN, client=("2001:db8:1:2::1", 1))
    for number in range(20):
        assert guessing.get(f"/verify/{number:032}").status_code == 404
    refused = guessing.get(f"/verify/{world.ids['genuine']}")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 500 and "Genuine" not in refused.text
    neighbour = TestClient(app, base_url=ORIGIN, client=("2001:db8:1:2::2", 1))
    assert neighbour.get(f"/verify/{world.ids['genuine']}").status_code == 429
    other = TestClient(app, base_url=ORIGIN, client=("2001:db8:1:3::1", 1))
    assert other.get(f"/verify/{world.ids['genuine']}").status_code == 200


def test_a_typed_id_leads_to_its_page(client: TestClient) -> None:
    answer = client.get("/verify", params={"id": "  a/../b?c  "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/verify/a%2F..%2Fb%3Fc")
    assert client.get("/verify", params={"id": "  "}).status_code == 200


# By its file


@pytest.mark.parametrize(
    ("name", "said", "step"),
    [
        ("genuine", "Genuine and current", ""), ("newer", "Genuine and current", ""), ("trusted", "Genuine; its status was not looked up", ""),
        ("revoked", "Genuine, but revoked", "wrong &lt;mass&gt;"), ("superseded", "Genuine, but superseded", "a typing error"),
        ("expired", "Genuine, but expired", "has expired on 2026-03-31"), ("stranger", "Unknown issuer", "which no trusted issuer has"),
    ],
)  # fmt: skip
def test_a_file_says_what_became_of_it(client: TestClient, world: World, name: str, said: str, step: str) -> None:
    answer = bring(client, world.files[name])
    assert (answer.status_code, status(answer)) == (200, said)
    assert ("class='fail'" in answer.text) == bool(step) and step in answer.text
    assert (f"/verify/{world.ids.get(name)}" in answer.text) == (name in world.ids)
    assert answer.text.count("<li class='") >= 19


def test_with_its_calculation_the_footprint_is_computed_again(client: TestClient, world: World) -> None:
    answer = bring(client, world.files["genuine"], bundle=world.bundle)
    assert status(answer) == "Genuine and current" and "class='not-asked'" not in answer.text
    other = bring(client, world.files["genuine"], bundle=world.bundle.replace(b"1", b"2", 1))
    assert status(other) == "The calculation is another one"


def _changed(content: bytes) -> Iterator[bytes]:
    for place in (len(content) // 3, len(content) // 2, len(content) - 100):
        turned = bytearray(content)
        turned[place] ^= 1
        yield bytes(turned)
    yield content + b"\n%%EOF\n"
    yield content[: len(content) // 2]


def test_no_changed_file_is_genuine(client: TestClient, world: World) -> None:
    for content in _changed(world.files["genuine"]):
        assert status(bring(client, content)) in ("Not genuine", "Unknown issuer")


def test_what_rests_on_a_failed_step_is_said_once_and_folded(client: TestClient, world: World) -> None:
    answer = bring(client, next(_changed(world.files["genuine"])))
    shown, folded = answer.text.partition("<details")[::2]
    assert shown.count("class='fail'") == 1 and "rests on" not in shown
    (count,) = re.findall(r"(\d+) further steps were not asked: they rest on “", folded)
    inside = folded.partition("</details>")[0]
    assert inside.count("<li class=") == int(count) > 10
    assert answer.text.count("<li class=") == 19, "every step is there"


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00", b"\x89PNG\r\n", b"<html><script>alert(1)</script>", b"\x00" * 100_000, b"PK\x03\x04"]
)
def test_another_kind_of_file_is_no_certificate(client: TestClient, content: bytes) -> None:
    answer = bring(client, content)
    assert (answer.status_code, status(answer)) == (200, "Not a certificate") and "<script" not in answer.text


def test_a_bomb_that_bears_the_issuers_own_signature_is_refused(shared: Desk, world: World) -> None:
    client = client_of(shared, "203.0.113.10")
    started = time.monotonic()
    answer = bring(client, on_an_empty_page(world.made, **{"bomb.json": b"0" * 40_000_000}))
    assert status(answer) in ("Not genuine", "") and answer.status_code in (200, 422)
    assert time.monotonic() - started < 50
    assert status(bring(client, world.files["genuine"])) == "Genuine and current"


def test_markup_in_the_name_of_a_file_is_shown(client: TestClient) -> None:
    name = "<img src=x onerror=alert(1)>\u202efdp.pdf"
    answer = bring(client, b"%PDF-1.7 nothing", name=name)
    assert answer.status_code == 200 and "<img src=x" not in answer.text and "\u202e" not in answer.text
    assert "&lt;img src=x onerror=alert(1)&gt;fdp.pdf" in answer.text


@pytest.mark.parametrize(
    ("code", "said", "send"),
    [
        (413, "too large", {"files": {"file": ("a.pdf", b"%PDF-" + b"0" * 5_000_000)}}),
        (413, "too large", {"files": {"file": ("a.pdf", b"0" * 20_000_000)}}),
        (413, "too large", {"files": {"file": ("a.pdf", b"%PDF-"), "bundle": ("b.json", b"0" * 5_000_001)}}),
        (400, "is empty", {"files": {"file": ("a.pdf", b"")}}),
        (400, "which nobody has signed", {"files": {"file": ("a.json", b'{"number": "PCF-2026-000001", "schema": "pcf/certificate/1"}')}}),
        (400, "Choose the file", {"files": {"other": ("a.pdf", b"%PDF-")}}),
        (400, "Choose the file", {"data": {"file": "text"}}),
        (400, "Choose the file", {"content": b"%PDF-", "headers": {"content-type": "application/pdf"}}),
        (400, "came in damaged", {"content": b"nonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}}),
        (400, "came in damaged", {"content": b"nonsense", "headers": {"content-type": "multipart/form-data"}}),
        (400, "came in damaged", {"files": [("file", (f"{number}.pdf", b"%PDF-")) for number in range(9)]}),
    ],
)  # fmt: skip
def test_what_is_no_file_is_told_at_the_form(shared: Desk, code: int, said: str, send: dict[str, Any]) -> None:
    answer = client_of(shared, "203.0.113.11").post("/verify", **send)
    assert answer.status_code == code and said in answer.text and "name='file'" in answer.text


def test_nothing_of_a_file_is_kept(shared: Desk, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = {path: path.stat().st_size for path in world.home.rglob("*") if path.name != "pcf.db-shm"}
    with shared.database.read() as connection:
        size = log_size(connection)
    assert status(bring(client_of(shared, "203.0.113.12"), world.files["genuine"])) == "Genuine and current"
    assert list(tmp_path.iterdir()) == []
    assert {path: path.stat().st_size for path in world.home.rglob("*") if path.name != "pcf.db-shm"} == before
    with shared.database.read() as connection:
        assert log_size(connection) == size


def test_a_large_file_stays_in_memory(shared: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise AssertionError("written to a disk")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", fail)
    answer = bring(client_of(shared, "203.0.113.14"), b"0" * 4_900_000, bundle=b"0" * 4_900_000)
    assert (answer.status_code, status(answer)) == (200, "Not a certificate")


def test_a_slow_file_is_not_waited_for(shared: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_upload, "LONGEST", 0.4)
    app, sent = create_app(shared, pages=()), []
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.1)
        return {"type": "http.request", "body": head if not sent else b"", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/verify", "raw_path": b"/verify", "query_string": b"", "http_version": "1.1",
        "headers": [(b"host", b"testserver"), (b"content-type", b"multipart/form-data; boundary=x")], "client": ("203.0.113.13", 1),
        "server": ("testserver", 80), "scheme": "http", "root_path": "",
    }  # fmt: skip
    run(asyncio.wait_for(app(scope, receive, send), 10))
    assert sent[0]["status"] == 408 and b"did not arrive" in sent[1]["body"]


def test_the_process_has_little_memory_and_time(shared: Desk) -> None:
    with pytest.raises(Stopped):
        run(shared.checking.run(bytearray, 3 << 30))
    with pytest.raises(Stopped):
        run(shared.checking.run(time.sleep, 60, seconds=0.5))


# Limits


def test_so_many_times_and_no_more() -> None:
    now = [0.0]
    often = Often(2, 10, lambda: now[0])
    often.count("a")
    now[0] = 4
    often.count("a")
    assert (often.wait("a"), often.wait("b")) == (6, 0)  # the first of the two is ten seconds old at 10
    now[0] = 10
    assert often.wait("a") == 0
    places = Places(3, 2)
    with places.taken("a"), places.taken("a"):
        assert (places.free("a"), places.free("b")) == ("each", "")
        with places.taken("b"):
            assert places.free("c") == "all"
    assert places.free("a") == ""


def test_of_ipv6_a_whole_network_is_one() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff") != network_of("2001:db8:0:1::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"


def test_pages_have_no_script_and_a_strict_policy(client: TestClient, world: World) -> None:
    for path in ("/verify", f"/verify/{world.ids['genuine']}", "/verify/none"):
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert "<script" not in answer.text and "style=" not in answer.text and 'content="noindex"' in answer.text
    assert client.get("/verify/style.css").headers["content-type"].startswith("text/css")
