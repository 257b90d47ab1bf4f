"""The PACT service beside the workbench, on one server: neither stands in the other's way."""

from __future__ import annotations

import base64
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from starlette.testclient import TestClient

from pcf.errors import InputError
from pcf.exchange.sharing.outbox import PUBLISHED, enqueue
from pcf.store import open_database
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.journal import note, open_journal, request_id
from pcf.web.pact import Settings
from tests.web.pact.footprints import footprint, publish_all, register
from tests.web.signing_in import join, sign_in

BASE = "https://pact.example.com"


class Both:
    """Workbench and PACT service of one application, asked from another machine."""

    def __init__(self, stack: ExitStack, folder: Path, base: str = BASE, **options: Any) -> None:
        self.desk = Desk(open_database(f"sqlite:///{folder / 'pcf.db'}"), secure=True)
        self.secret = register(self.desk.database, "alpha")
        publish_all(self.desk.database, [footprint(1)], ["alpha"])
        self.app = create_app(self.desk, pages=(), pact=Settings(base, deliver=False, proxies=options.pop("own", ())), **options)
        self.stack = stack

    def client(self, base: str = BASE, peer: str = "192.0.2.7") -> TestClient:
        return self.stack.enter_context(
            TestClient(self.app, base_url=base, follow_redirects=False, client=(peer, 4000), raise_server_exceptions=False)
        )

    def token(self, client: TestClient, base: str = "") -> str:
        pair = base64.b64encode(f"alpha:{self.secret}".encode()).decode()
        form = {"grant_type": "client_credentials"}
        answer = client.post(f"{base}/auth/token", data=form, headers={"Authorization": f"Basic {pair}"})
        assert answer.status_code == 200, answer.text
        return f"Bearer {answer.json()['access_token']}"


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as found:
        yield found


@pytest.fixture
def both(stack: ExitStack, tmp_path: Path, pcf_home: Path) -> Both:
    return Both(stack, tmp_path)


def test_a_customer_gets_a_token_and_footprints(both: Both) -> None:
    client = both.client()
    answer = client.get("/3/footprints", headers={"Authorization": both.token(client)})
    assert [item["id"] for item in answer.json()["data"]] == [footprint(1)["id"]]
    assert client.get("/.well-known/openid-configuration").json()["token_endpoint"] == f"{BASE}/auth/token"
    assert client.get("/2/footprints").status_code == 501
    assert client.get("/3/nothing").json()["code"] == "NotFound", "in the words of PACT, not as a page"


def test_the_guard_of_the_workbench_is_not_in_the_way(both: Both) -> None:
    """A program of another origin posts; bodies may be larger than forms; cookies mean nothing."""
    client = both.client()
    headers = {
        "Authorization": both.token(client), "Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site",
        "Content-Type": "application/cloudevents+json", "Cookie": "__Host-pcf=x",
    }  # fmt: skip
    event = {
        "type": "org.wbcsd.pact.ProductFootprint.PublishedEvent.3", "specversion": "1.0", "id": "1", "source": "//api.example/3/events",
        "time": "2026-01-01T00:00:00Z", "data": {"pfIds": [footprint(1)["id"]] * 10_000},
    }  # fmt: skip
    answer = client.post("/3/events", json=event, headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert len(str(event)) > 300_000, "more than a form of the workbench may have"


def test_its_answers_are_no_pages_of_the_shared_host(both: Both) -> None:
    headers = both.client().get("/auth/keys").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_plain_http_is_refused_and_not_redirected(both: Both) -> None:
    answer = both.client("http://pact.example.com").get("/3/footprints")
    assert (answer.status_code, answer.json()["code"]) == (403, "AccessDenied") and "location" not in answer.headers


def test_a_client_cannot_say_that_it_came_by_https(both: Both) -> None:
    plain = both.client("http://pact.example.com")
    assert plain.get("/auth/keys", headers={"X-Forwarded-Proto": "https"}).status_code == 403
    # Not from this machine either, unless it was named as a proxy.
    near = both.client("http://pact.example.com", "127.0.0.1")
    assert near.get("/auth/keys", headers={"X-Forwarded-Proto": "https"}).status_code == 403


def test_a_proxy_that_was_named_can(stack: ExitStack, tmp_path: Path, pcf_home: Path) -> None:
    both = Both(stack, tmp_path, own=("10.0.0.5",), proxies=("10.0.0.5",))
    proxied = both.client("http://pact.example.com", "10.0.0.5")
    assert proxied.get("/auth/keys", headers={"X-Forwarded-Proto": "https"}).status_code == 200
    assert proxied.get("/auth/keys").status_code == 403
    other = both.client("http://pact.example.com", "10.0.0.6")
    assert other.get("/auth/keys", headers={"X-Forwarded-Proto": "https"}).status_code == 403


def test_the_workbench_is_guarded_as_before(both: Both) -> None:
    join(both.desk)
    client = both.client()
    assert client.get("/app/").status_code == 303
    answer = client.get("/login")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert client.post("/logout", headers={"origin": "https://elsewhere.example"}).status_code == 403
    assert client.post("/login", content=b"x" * 200_000).status_code == 413
    assert sign_in(client).status_code == 303
    token = both.token(client)
    assert client.get("/app/", headers={"Authorization": token, "Cookie": ""}).status_code == 303, "a token opens no page"
    cookies = {"Cookie": f"__Host-pcf={both.desk.sessions.begin('lin')}"}
    assert client.get("/3/footprints", headers=cookies).status_code == 401, "a session opens no footprint"


@pytest.mark.parametrize("path", ["/3x", "/30/footprints", "/authx", "/.well-known/did.json", "/static/../3x"])
def test_what_only_begins_alike_stays_the_workbenchs(both: Both, path: str) -> None:
    answer = both.client().get(path)
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/html")


def test_a_base_with_a_path(stack: ExitStack, tmp_path: Path, pcf_home: Path) -> None:
    both = Both(stack, tmp_path, base=f"{BASE}/pact")
    publish_all(both.desk.database, [footprint(2)], ["alpha"])
    client = both.client()
    answer = client.get("/pact/3/footprints?limit=1", headers={"Authorization": both.token(client, "/pact")})
    assert len(answer.json()["data"]) == 1 and answer.headers["link"].startswith(f"<{BASE}/pact/3/footprints?")
    assert client.get("/3/footprints").headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("path", ["/app", "/login/pact", "/static"])
def test_a_base_on_a_place_of_the_workbench_is_refused(desk: Desk, pcf_home: Path, path: str) -> None:
    with pytest.raises(InputError, match="a path that the workbench does not have"):
        create_app(desk, pages=(), pact=Settings(BASE + path))


def test_without_sign_in_there_is_no_workbench(stack: ExitStack, tmp_path: Path, pcf_home: Path) -> None:
    both = Both(stack, tmp_path, public=True)
    join(both.desk)
    client = both.client()
    cookies = {"Cookie": f"__Host-pcf={both.desk.sessions.begin('lin')}"}
    for path in ("/login", "/password", "/session", "/app", "/app/", "/app/explore", "/logout"):
        assert client.get(path, headers=cookies).status_code == 404, path
    assert client.get("/").headers["location"] == "/verify"
    for path in ("/healthz", "/readyz", "/auth/keys", "/static/plain.css"):
        assert client.get(path).status_code == 200, path
    assert client.get("/metrics", headers=cookies).status_code == 403
    assert client.get("/3/footprints", headers={"Authorization": both.token(client)}).status_code == 200


def test_public_routes_are_served_without_sign_in_and_others_are_not(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """With two modules of routes that are made here, one of them public."""
    for name in ("everybody", "somebody"):
        module, router = ModuleType(f"pcf.web.{name}"), APIRouter()
        router.add_api_route(f"/{name}", lambda: "here", response_class=PlainTextResponse)
        module.routes = lambda _, router=router: router  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, f"pcf.web.{name}", module)
    monkeypatch.setattr("pcf.web.app.ROUTES", ("everybody", "somebody"))
    monkeypatch.setattr("pcf.web.app.PUBLIC", frozenset({"everybody"}))
    with TestClient(create_app(desk, pages=(), public=True)) as client:
        assert client.get("/everybody").text == "here"
        assert client.get("/somebody").status_code == 404


def test_each_request_has_a_number_in_its_answer_and_its_lines(both: Both, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "pcf.web"):
        client = both.client()
        given = client.get("/auth/keys", headers={"X-Request-Id": "from-the-proxy-1"})
        bad = client.get("/auth/keys?secret=1", headers={"X-Request-Id": "<script>\x7f"})
        silent = client.get("/healthz")
    assert given.headers["x-request-id"] == "from-the-proxy-1"
    assert len(bad.headers["x-request-id"]) == 16 and silent.headers["x-request-id"]
    told = [record.__dict__["fields"] for record in caplog.records if record.message == "answered"]
    assert [(item["method"], item["path"], item["status"]) for item in told] == [("GET", "/auth/keys", 200)] * 2
    assert all(item["ms"] >= 0 for item in told)


def test_a_line_bears_the_number_of_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    token = request_id.set("r-1")
    try:
        open_journal()
        note("answered", path="/\n\"x'")
    finally:
        request_id.reset(token)
        root.handlers[:] = before
        root.setLevel(level)
    line = json.loads(capsys.readouterr().err)
    assert (line["request"], line["event"], line["path"]) == ("r-1", "answered", "/\n\"x'")


def test_pact_is_counted(both: Both) -> None:
    near = both.client(peer="127.0.0.1")
    near.get("/3/footprints")
    near.get("/auth/keys")
    with both.desk.database.write("me") as tx:
        enqueue(tx.connection, "alpha", "https://a.example", PUBLISHED, {"pfIds": []}, 0, None)
    lines = near.get("/metrics").text.splitlines()
    forwarded = near.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert forwarded.status_code == 403, "through a proxy of this machine everybody seems near"
    assert 'pcf_requests_total{path="/3/footprints",status="401"} 1.0' in lines
    assert 'pcf_requests_total{path="/auth/keys",status="200"} 1.0' in lines
    assert 'pcf_pact_events{state="waiting"} 1.0' in lines and 'pcf_pact_events{state="failed"} 0.0' in lines
    assert float(next(line for line in lines if line.startswith("pcf_pact_oldest_event_seconds ")).split()[1]) > 1e9


def test_a_defect_is_counted_and_told_with_its_number(both: Both) -> None:
    @both.app.get("/broken")
    def broken() -> None:
        raise RuntimeError

    near = both.client(peer="127.0.0.1")
    answer = near.get("/broken")
    assert answer.status_code == 500 and len(answer.headers["x-request-id"]) == 16
    assert 'pcf_requests_total{path="other",status="500"} 1.0' in near.get("/metrics").text
