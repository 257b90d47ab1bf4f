"""Whoever is slow, or never comes to an end: he is left, and everybody else is served."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("fastapi", reason="the workbench needs FastAPI: pip install 'pcf-aluminium[web]'")

import uvicorn

from pcf.web import guard, running, speaking
from pcf.web.app import create_app
from pcf.web.desk import Desk

FEW = 20
"""Connections that the server of these tests takes at once."""

Open = Callable[[], socket.socket]


@pytest.fixture
def reach(desk: Desk) -> Iterator[Open]:
    """Connections to the plain routes of a desk behind a server with the program's own settings, but few places."""
    with socket.socket() as listener, contextlib.ExitStack() as stack:
        listener.bind(("127.0.0.1", 0))
        listener.listen(200)
        options = {**running._OPTIONS, "limit_concurrency": FEW}
        server = uvicorn.Server(uvicorn.Config(create_app(desk, pages=()), log_level="critical", **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield lambda: stack.enter_context(socket.create_connection(listener.getsockname(), timeout=60))
        finally:
            server.should_exit = True
            thread.join()


def ask(reach: Open, path: str = "/readyz") -> int:
    """Status of an answer over a connection of its own."""
    connection = http.client.HTTPConnection("server")
    connection.sock = reach()
    connection.request("GET", path, headers={"Connection": "close"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


def hear(connection: socket.socket) -> bytes:
    """All that is said until the server leaves."""
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while found := connection.recv(65_536):
            heard += found
    return heard


BEGINNINGS = [b"", b"GET", b"GET /login HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"POST /login HTTP/1.1\r\nHost: x\r\n"]


def test_heads_that_do_not_come_keep_nobody_out(reach: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """All places are taken by those who say little or nothing; they are left, and whoever comes then is served."""
    monkeypatch.setattr(speaking, "LONGEST_HEAD", 1.0)
    slow = [reach() for _ in range(FEW // len(BEGINNINGS)) for _ in BEGINNINGS]
    for place, connection in enumerate(slow):
        connection.sendall(BEGINNINGS[place % len(BEGINNINGS)])
    assert [hear(connection) for connection in slow] == [b""] * FEW
    assert ask(reach) == 200


def test_a_head_that_comes_byte_by_byte_is_left(reach: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also after a request that was answered."""
    monkeypatch.setattr(speaking, "LONGEST_HEAD", 1.0)
    connection = reach()
    connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    heard = b""
    while not heard.endswith(b"ok\n"):
        heard += connection.recv(4_096)
    with pytest.raises(OSError):  # noqa: PT012
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        for _ in range(1_000):
            connection.sendall(b"x")
            time.sleep(0.05)
    assert ask(reach) == 200


def test_a_head_that_never_ends_is_left(reach: Open) -> None:
    connection = reach()
    connection.sendall(b"GET /login HTTP/1.1\r\nHost: x\r\nX: ")
    with pytest.raises(OSError):  # noqa: PT012
        for _ in range(1_000):
            connection.sendall(b"x" * 65_536)
    assert ask(reach) == 200


@pytest.mark.parametrize("path", ["/login", "/password", "/logout", "/verify"])
def test_a_body_that_does_not_come_is_left(reach: Open, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(guard, "LONGEST_FORM", 0.5)
    monkeypatch.setattr("pcf.web.verify_upload.LONGEST", 0.5)
    kind = "multipart/form-data; boundary=x" if path == "/verify" else "application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\r\nname=lin"
    slow = [reach() for _ in range(FEW - 2)]
    for connection in slow[:3]:
        connection.sendall(head.encode())
    assert ask(reach) == 200, "meanwhile"
    assert {hear(connection)[:12] for connection in slow[:3]} == {b"HTTP/1.1 408"}
    assert ask(reach) == 200


def test_a_body_that_comes_in_time_is_read(reach: Open) -> None:
    """Else the refusals above would prove nothing."""
    connection = reach()
    body = b"name=lin&password=x&csrf=x"
    connection.sendall(f"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                       f"Content-Length: {len(body)}\r\n\r\n".encode())  # fmt: skip
    time.sleep(0.2)
    connection.sendall(body[:9])
    time.sleep(0.2)
    connection.sendall(body[9:])
    assert hear(connection).startswith(b"HTTP/1.1 403"), "a form without its token"


def test_a_head_that_comes_in_one_piece_and_is_too_long_is_refused(reach: Open) -> None:
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (speaking.MOST_HEAD + 1) + b"\r\n\r\n"
    whole = reach()
    whole.sendall(head)
    assert hear(whole)[:12] in (b"HTTP/1.1 400", b""), "or the connection is gone before it could be read"
    assert ask(reach) == 200


def test_a_request_after_another_and_a_long_body_are_answered(reach: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes behind a head is no head: neither its length nor its time counts."""
    monkeypatch.setattr(speaking, "LONGEST_HEAD", 0.3)
    connection = reach()
    body = b"x" * (speaking.MOST_HEAD + 20_000)
    head = f"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body[:30_000])
    time.sleep(0.6)
    connection.sendall(body[30_000:] + b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    heard = hear(connection)
    assert heard.startswith(b"HTTP/1.1 403") and heard.endswith(b"ok\n"), heard[:200]
