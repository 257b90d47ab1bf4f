"""`pcf serve --api`: several processes on one socket, and how a server stops."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from pcf.store import open_database
from tests.databases import postgres_url

__all__ = ["postgres_url"]

Call = Callable[..., Any]
Start = Callable[..., "Running"]


class Running:
    """`pcf serve` with some options, in a process of its own."""

    def __init__(self, *options: str, home: Path, **environment: str) -> None:
        command = [sys.executable, "-c", "from pcf.commands import main; main()", "serve", "--port", "0", *options]
        environment = {**os.environ, "PCF_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
        self.process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.process.stdout is not None
        said = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found is not None, said + self.process.communicate(timeout=120)[1]
        self.port = int(found[1])
        until(lambda: self.get("/healthz") == 200)

    def get(self, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def workers(self) -> list[int]:
        """Processes that accept; the tracker of multiprocessing's resources does not."""
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii").split()
        return [int(item) for item in listed if "spawn_main" in Path(f"/proc/{item}/cmdline").read_text(encoding="utf-8")]

    def stop(self) -> tuple[int, str]:
        """Exit code, and what was said on standard error."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=120)
        return self.process.returncode, said

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate(timeout=120)


@pytest.fixture
def start(pcf_home: Path) -> Iterator[Start]:
    running: list[Running] = []

    def begin(*options: str, **environment: str) -> Running:
        running.append(Running(*options, home=pcf_home, **environment))
        return running[-1]

    yield begin
    for item in running:
        item.end()


def until(reached: Callable[[], bool], patience: float = 180.0) -> None:
    end = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


def lives(pid: int) -> bool:
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    return False


BODY = b"grant_type=client_credentials"


def begin_request(port: int) -> socket.socket:
    """A request for a token whose body has not come whole."""
    slow = socket.create_connection(("127.0.0.1", port), timeout=30)
    head = (
        f"POST /auth/token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(BODY)}\r\n\r\n"
    )
    slow.sendall(head.encode() + BODY[:5])
    return slow


def finish_request(slow: socket.socket) -> bytes:
    slow.sendall(BODY[5:])
    with slow:
        return b"".join(iter(lambda: slow.recv(4096), b""))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--workers", "2"], "add --api"),
        (["--workers", "2", "--api"], "2 on SQLite; expected 1, or a PostgreSQL database"),
        (["--workers", "0", "--api"], "--workers"),
        (["--pact-base", "http://pact.example.com"], "an https address of a service"),
        (["--pact-base", "https://pact.example.com", "--proxy", "everybody"], "a network such as"),
        (["--proxy", "*"], "a network such as"),
        (["--pact-private", "10.0.0.0/8"], "the public address of the PACT service"),
    ],
)
def test_what_cannot_be_served_is_refused(pcf: Call, pcf_home: Path, options: list[str], said: str) -> None:
    found = pcf("serve", *options)
    assert found.code == 2 and said in found.err and found.err.count("\n") == 1, found.err


@pytest.mark.slow
@pytest.mark.postgresql
def test_processes_share_a_socket_and_are_replaced_and_stop(start: Start, postgres_url: str) -> None:
    open_database(postgres_url).close()
    base = "http://127.0.0.1:1"  # this machine may ask under any of its ports
    server = start("--api", "--workers", "2", "--pact-base", base, PCF_DATABASE_URL=postgres_url)
    until(lambda: len(server.workers()) == 2)
    first = server.workers()
    assert server.get("/auth/keys") == 200 and server.get("/readyz") == 200
    assert (server.get("/login"), server.get("/app/")) == (404, 404)

    os.kill(first[0], signal.SIGKILL)
    until(lambda: len(server.workers()) == 2 and first[0] not in server.workers())
    now = server.workers()
    assert first[1] in now
    os.kill(first[1], signal.SIGSTOP)  # only the new one can answer
    try:
        until(lambda: server.get("/auth/keys") == 200)
    finally:
        os.kill(first[1], signal.SIGCONT)

    slow = begin_request(server.port)
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(1.0)
    assert finish_request(slow).startswith(b"HTTP/1.1 401"), "a request that had begun is answered"
    code, said = server.stop()
    assert code == 0 and '"worker replaced"' in said, said
    assert not any(map(lives, now))


@pytest.mark.slow
@pytest.mark.postgresql
def test_processes_end_with_the_one_that_started_them(start: Start, postgres_url: str) -> None:
    open_database(postgres_url).close()
    server = start("--api", "--workers", "2", PCF_DATABASE_URL=postgres_url)
    until(lambda: len(server.workers()) == 2)
    time.sleep(1.0)
    workers = server.workers()
    server.process.kill()
    until(lambda: not any(map(lives, workers)))


@pytest.mark.slow
def test_one_process_serves_sqlite_and_finishes_what_runs(start: Start) -> None:
    server = start("--api", "--pact-base", "http://127.0.0.1:1")
    slow = begin_request(server.port)
    time.sleep(0.5)
    server.process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert server.get("/healthz") == 0, "nobody new is served"
    assert finish_request(slow).startswith(b"HTTP/1.1 401")
    code, said = server.stop()
    assert code == 0 and '"path": "/auth/token"' in said, said
