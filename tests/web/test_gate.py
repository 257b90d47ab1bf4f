"""Sign-in, headers, forms: what the plain routes let through."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from pcf.web.desk import Desk
from pcf.web.gate import local
from pcf.web.guard import MOST_FORM
from pcf.web.people import LONGEST, SHORTEST
from tests.web.signing_in import PASSWORD, join, sign_in, token_of

HOSTILE = ["<script>alert(1)</script>", "'; DROP TABLE secret; --", '" onfocus="x', "\x00", "x" * 5_000, "{{7*7}}", "名" * 400]


def test_a_person_signs_in_and_out(client: TestClient, desk: Desk) -> None:
    join(desk)
    answer = sign_in(client, next="/app/explore?product=a356.2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/explore?product=a356.2")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("pcf_session="))
    assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower() and "Secure" not in cookie
    assert client.get("/login").status_code == 303
    page = client.get("/password").text
    assert client.post("/logout", data={"csrf": "wrong"}).status_code == 403
    assert client.get("/password").status_code == 200, "a wrong form signs nobody out"
    assert client.post("/logout", data={"csrf": token_of(page)}).headers["location"] == "/login"
    assert client.get("/password").status_code == 303


def test_behind_tls_cookies_are_secure_and_the_host_is_remembered(desk: Desk) -> None:
    from pcf.web.app import create_app

    desk.secure = True
    join(desk)
    with TestClient(create_app(desk, pages=()), base_url="https://testserver", follow_redirects=False) as client:
        answer = sign_in(client)
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("__Host-pcf="))
    assert "Secure" in cookie and "Path=/" in cookie
    assert answer.headers["strict-transport-security"]


def test_a_wrong_sign_in_says_nothing_about_what_was_wrong(client: TestClient, desk: Desk) -> None:
    join(desk)
    said = {
        sign_in(client, name, password).text.count("wrong") for name, password in (("lin", "x"), ("nobody", "x"), ("lin", ""))
    }
    assert said == {1}
    assert sign_in(client, "lin", "x").status_code == 401


def test_after_too_many_failures_the_answer_is_429(client: TestClient, desk: Desk) -> None:
    join(desk)
    codes = [sign_in(client, "lin", "x").status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    assert sign_in(client).status_code == 429


@pytest.mark.parametrize("text", HOSTILE)
def test_markup_and_commands_in_a_form_are_just_text(client: TestClient, desk: Desk, text: str) -> None:
    join(desk)
    answer = sign_in(client, text, text, next=text)
    assert answer.status_code in (401, 422, 403)
    assert "<script>alert" not in answer.text and 'onfocus="x' not in answer.text
    assert [item.name for item in desk.people.accounts()] == ["lin"]
    assert sign_in(client).status_code == 303


def test_a_form_without_its_token_or_from_another_page_is_refused(client: TestClient, desk: Desk) -> None:
    join(desk)
    good = {"name": "lin", "password": PASSWORD}
    client.get("/login")
    assert client.post("/login", data={**good, "csrf": "x"}).status_code == 403
    client.cookies.clear()
    assert client.post("/login", data={**good, "csrf": ""}).status_code == 403
    token = token_of(client.get("/login").text)
    for origin in ("http://evil.example", "null", "http://testserver.evil.example", "http://[", "https://testserver:444"):
        answer = client.post("/login", data={**good, "csrf": token}, headers={"origin": origin})
        assert answer.status_code == 403, origin
    assert client.post("/login", data={**good, "csrf": token}, headers={"origin": "http://testserver"}).status_code == 303


def test_a_one_time_password_leads_to_a_change_and_nowhere_else(client: TestClient, desk: Desk) -> None:
    once = desk.people.add("boss", "lin", "sales")
    assert sign_in(client, "lin", once).headers["location"].startswith("/password")
    assert client.get("/app/").headers["location"].startswith("/password")
    page = client.get("/password").text
    form = {"csrf": token_of(page), "old": once, "new": PASSWORD, "again": PASSWORD}
    assert client.post("/password", data={**form, "again": "other"}).status_code == 400
    short = client.post("/password", data={**form, "new": "short", "again": "short"})
    assert short.status_code == 400 and f"{SHORTEST} to {LONGEST}" in short.text
    client.get("/preferences", params={"language": "zh"})
    assert f"{SHORTEST} 至 {LONGEST}" in client.post("/password", data={**form, "new": "short", "again": "short"}).text
    client.get("/preferences", params={"language": "en"})
    assert client.post("/password", data={**form, "old": "wrong"}).status_code == 403
    assert client.post("/password", data={**form, "csrf": "x"}).status_code == 403
    answer = client.post("/password", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
    assert client.get("/password").status_code == 200, "the new session holds"


def test_a_password_change_ends_the_other_sessions(client: TestClient, desk: Desk) -> None:
    join(desk)
    other = desk.sessions.begin("lin")
    sign_in(client)
    form = {
        "csrf": token_of(client.get("/password").text),
        "old": PASSWORD,
        "new": "another long one",
        "again": "another long one",
    }
    assert client.post("/password", data=form).status_code == 303
    assert desk.sessions.find(other) is None


@pytest.mark.parametrize(
    "address",
    [
        "//evil.example",
        "http://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "",
        "evil",
        "/a\nb",
        "/" + "x" * 5_000,
        "//[x",
    ],
)
def test_nobody_is_led_away(client: TestClient, address: str) -> None:
    assert local(address) == "/app/"
    assert client.get("/preferences", params={"language": "zh", "next": address}).headers["location"] == "/app/"


def test_language_and_theme_are_remembered(client: TestClient) -> None:
    assert 'lang="en"' in client.get("/login").text
    assert 'lang="zh-CN"' in client.get("/login", headers={"accept-language": "zh-CN,zh"}).text
    client.get("/preferences", params={"language": "zh"})
    client.get("/preferences", params={"theme": "dark", "language": "<x>"})
    page = client.get("/login").text
    assert 'lang="zh-CN"' in page and 'data-theme="dark"' in page and "登录" in page


@pytest.mark.parametrize("path", ["/login", "/password", "/healthz", "/readyz", "/static/plain.css", "/nothing", "/app/"])
def test_every_answer_has_the_security_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert ("unsafe" in headers["content-security-policy"]) == path.startswith("/app")
    assert "server" not in headers


def test_the_workbench_is_for_people_who_are_signed_in(client: TestClient) -> None:
    answer = client.get("/app/explore?product=a356.2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fapp%2Fexplore%3Fproduct%3Da356.2")
    assert client.get("/app/_nicegui/x").status_code == 401
    assert client.post("/app/x", headers={"origin": "http://testserver"}).status_code == 401
    assert client.post("/app/x").status_code == 403, "without an origin nothing of the workbench is changed"


def test_a_large_body_is_refused(client: TestClient) -> None:
    assert client.post("/login", content=b"x" * (MOST_FORM + 1)).status_code == 413
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/login", content=(b"x" * 60_000 for _ in range(3)), headers=kind).status_code == 413
    assert client.post("/login", headers={"content-length": "-1"}, content=b"").status_code == 413


def test_the_server_says_how_it_is(client: TestClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").text.startswith("ready, ")
    assert client.get("/metrics").status_code == 403, "not for everybody"
    assert client.get("/nothing").status_code == 404


def test_metrics_are_for_an_admin(client: TestClient, desk: Desk) -> None:
    join(desk)
    join(desk, "root", "admin")
    sign_in(client)
    assert client.get("/metrics").status_code == 403
    client.cookies.clear()
    sign_in(client, "root")
    assert "pcf_requests_total" in client.get("/metrics").text


@pytest.mark.parametrize("cookie", ["pcf_session=" + "x" * 9_000, "=;;;", "pcf_session=\x7f", "a" * 20_000])
def test_a_strange_cookie_is_nobodys(client: TestClient, cookie: str) -> None:
    answer: Any = client.get("/password", headers={"cookie": cookie})
    assert answer.status_code == 303
