"""The way to the service: https alone, the own host alone, bounded bodies in bounded time, and nothing told of a defect."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from pcf.errors import InputError
from pcf.store import Database
from pcf.web.pact import Settings, create_api
from tests.web.pact.apis import BASE, Api, refusal
from tests.web.pact.peers import Authority

START = Callable[..., Api]


@contextmanager
def running(app: Any, **options: Any) -> Iterator[int]:
    """An application, or what makes one for a port, behind a real server on the loopback interface."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        app = app if hasattr(app, "router") else app(listening.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", proxy_headers=False, **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield int(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


def ask(port: int, path: str = "/3/footprints", **headers: str) -> tuple[int, dict[str, str], Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path, headers={"Host": "pact.example.com", **headers})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), json.loads(answer.read())
    finally:
        connection.close()


PLAIN = {"code": "AccessDenied", "message": "Only https is served here."}


def test_plain_http_is_refused_and_not_redirected(one: Api) -> None:
    token = {"Authorization": f"Bearer {one.token()}"}
    with running(one.http.app) as port:
        for path in ("/3/footprints", "/3/footprints/x", "/auth/keys", "/.well-known/openid-configuration", "/2/footprints"):
            status, headers, content = ask(port, path, **token)
            assert (status, content) == (403, PLAIN) and "location" not in {name.lower() for name in headers}, path


def test_a_header_of_anybody_is_not_believed(one: Api) -> None:
    with running(one.http.app) as port:
        assert ask(port, **{"X-Forwarded-Proto": "https", "Forwarded": "proto=https"})[2] == PLAIN


def test_the_word_of_a_trusted_proxy_is_believed(sqlite: Database, start: START) -> None:
    api = start(sqlite, proxies=("127.0.0.0/8",))
    token = {"Authorization": f"Bearer {api.token()}"}
    with running(api.http.app) as port:
        assert ask(port, **{"X-Forwarded-Proto": "https", **token})[::2] == (200, {"data": []})
        # What the client wrote stands before what the proxy added.
        for word in ("http", "https, http", "", "ftp"):
            assert ask(port, **{"X-Forwarded-Proto": word, **token})[2] == PLAIN, word
        assert ask(port, **token)[2] == PLAIN


def test_a_proxy_elsewhere_is_not_trusted(sqlite: Database, start: START) -> None:
    api = start(sqlite, proxies=("10.0.0.0/8", "::1"))
    with running(api.http.app) as port:
        assert ask(port, **{"X-Forwarded-Proto": "https"})[2] == PLAIN


def test_tls_in_the_process(one: Api, authority: Authority) -> None:
    certificate, key = authority.issue("pact.example.com")
    with running(one.http.app, ssl_certfile=str(certificate), ssl_keyfile=str(key)) as port:
        tls = ssl.create_default_context(cafile=str(authority.ca_file))
        with (
            socket.create_connection(("127.0.0.1", port)) as plain,
            tls.wrap_socket(plain, server_hostname="pact.example.com") as safe,
        ):
            safe.sendall(
                f"GET /3/footprints HTTP/1.1\r\nHost: pact.example.com\r\nAuthorization: Bearer {one.token()}\r\nConnection: close\r\n\r\n".encode()
            )
            got = b"".join(iter(lambda: safe.recv(4096), b""))
    assert got.startswith(b"HTTP/1.1 200") and got.endswith(b'{"data":[]}')


def test_this_machine_may_come_without_https_where_that_is_said(sqlite: Database, start: START) -> None:
    api = start(sqlite, plain_loopback=True)
    with running(api.http.app) as port:
        status, _, _ = ask(port, Host=f"127.0.0.1:{port}", Authorization=f"Bearer {api.token()}")
        assert status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "pact.example.com.evil.example", "pact.example.com:8443", "127.0.0.1", "", "pact.example.com@evil"]
)
def test_another_host_is_not_served(one: Api, host: str) -> None:
    """A link is made of the host: nobody else's may get into one."""
    refusal(one.get("/3/footprints?limit=0", Host=host), 400, "BadRequest")


@pytest.mark.parametrize("base", ["http://pact.example.com", "pact.example.com", "https://pact.example.com?x", ""])
def test_a_service_without_https_does_not_start(sqlite: Database, base: str) -> None:
    with pytest.raises(InputError, match="base of the service"):
        create_api(Settings(base), sqlite)


@pytest.mark.parametrize("field", ["proxies", "private"])
def test_a_network_that_is_none_is_refused(sqlite: Database, field: str) -> None:
    with pytest.raises(InputError, match="a network such as"):
        create_api(Settings(BASE, **{field: ("everybody",)}), sqlite)


def test_a_body_that_comes_slowly_is_left(sqlite: Database, start: START) -> None:
    api = start(sqlite, proxies=("127.0.0.1",), body_seconds=0.4)
    head = (
        "POST /auth/token HTTP/1.1\r\nHost: pact.example.com\r\nX-Forwarded-Proto: https\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\ngrant"
    )
    with running(api.http.app) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as slow:
        slow.sendall(head.encode())
        answer = b""
        while b"}" not in answer and (chunk := slow.recv(4096)):
            answer += chunk
        assert answer.startswith(b"HTTP/1.1 400") and b"took longer than 0.4 s" in answer
        # Others are served meanwhile and afterwards.
        assert ask(port, "/auth/keys", **{"X-Forwarded-Proto": "https"})[0] == 200


def test_a_body_that_is_too_large_is_left(one: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcf.web.pact.desk.MOST_BODY", 10_000)
    assert "larger than" in refusal(one.post(b"x" * 20_000), 400, "BadRequest")


def test_a_defect_is_told_to_nobody_outside(one: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("pcf.web.pact.footprints.find_page", fail)
    with caplog.at_level(logging.ERROR):
        answer = one.get("/3/footprints")
    refusal(answer, 500, "InternalError")
    assert "secret" not in answer.text and "secret detail" in caplog.text


def test_a_lost_database_is_an_internal_error(one: Api, caplog: pytest.LogCaptureFixture) -> None:
    token = one.token()
    with one.database.write("me") as tx:
        tx.connection.exec_driver_sql("ALTER TABLE api_client RENAME TO gone")
    refusal(one.http.get("/3/footprints", headers={"Authorization": f"Bearer {token}"}), 500, "InternalError")


@pytest.mark.parametrize(("method", "path", "status", "code"), [
    ("GET", "/", 404, "NotFound"), ("GET", "/3", 404, "NotFound"), ("GET", "/3/footprints/", 404, "NotFound"), ("GET", "/openapi.json", 404, "NotFound"),
    ("POST", "/3/footprints", 405, "BadRequest"), ("DELETE", "/3/footprints/x", 405, "BadRequest"), ("GET", "/3/events", 405, "BadRequest"),
    ("GET", "/auth/token", 405, "BadRequest"),
])  # fmt: skip
def test_what_has_no_route(one: Api, method: str, path: str, status: int, code: str) -> None:
    refusal(one.http.request(method, path), status, code)
