"""Measures `pcf serve` under load: a page of the workbench and PACT, beside a bare route of FastAPI, over HTTP on the loopback interface.

The server is the real one, with guard, journal, metrics and the PACT service beside the workbench; the bare route is an application of its
own that returns a stored text, as long as a footprint. Each is asked by turns over the same number of connections; what counts is the ratio, since times depend on
the machine. `--small` takes a tenth of the time.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from pcf.exchange.sharing.clients import find_known
from pcf.store import open_database
from pcf.store.events import compact
from pcf.store.reader import Reader
from pcf.web.pact.auth import Tokens
from pcf.web.people import People
from pcf.web.sessions import Sessions
from tests.web.pact.footprints import footprint, publish_all, register

SMALL = "--small" in sys.argv
ROUNDS, SECONDS, CONNECTIONS = 5, 0.4 if SMALL else 4.0, 8
ROOT = Path(__file__).parents[1]
Headers = dict[str, str]


def bare(port: int) -> None:
    """A route that does nothing."""
    import uvicorn
    from fastapi import FastAPI
    from fastapi.responses import Response

    app = FastAPI()
    body = f'{{"data":{compact(footprint(1))}}}'

    @app.get("/healthz")
    async def healthy() -> Response:
        return Response(body, media_type="application/json")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def free_port() -> int:
    """A port that nobody has now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(port: int) -> None:
    """Wait until a server answers."""
    for _ in range(600):
        with contextlib.suppress(OSError):
            if ask(HTTPConnection("127.0.0.1", port, timeout=10), "/healthz", {}):
                return
        time.sleep(0.1)
    raise RuntimeError("the server does not answer")


@contextlib.contextmanager
def servers(home: Path) -> Iterator[tuple[int, int]]:
    """Ports of `pcf serve` and of the bare route."""
    other = free_port()
    process = multiprocessing.get_context("spawn").Process(target=bare, args=(other,), daemon=True)
    process.start()
    command = [
        sys.executable,
        "-c",
        "from pcf.commands import main; main()",
        "serve",
        "--port",
        "0",
        "--pact-base",
        "http://127.0.0.1:1",
    ]
    environment = {**os.environ, "PCF_HOME": str(home), "PYTHONPATH": str(ROOT)}
    ours = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert ours.stdout is not None
        port = int(re.findall(r"127\.0\.0\.1:(\d+)", ours.stdout.readline())[0])
        wait(port)
        wait(other)
        yield port, other
    finally:
        ours.terminate()
        ours.wait()
        process.terminate()
        process.join()


def ask(connection: HTTPConnection, path: str, headers: Headers) -> int:
    """Bytes of an answer, which has to be a good one."""
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return len(content)


def load(port: int, path: str, headers: Headers, connections: int = CONNECTIONS) -> tuple[float, float]:
    """Answers per second over some connections, and the 95th percentile of their times [ms]."""
    times: list[float] = []
    failed: list[BaseException] = []
    end = time.perf_counter() + SECONDS

    def work() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            while (start := time.perf_counter()) < end:
                ask(connection, path, headers)
                times.append(1_000 * (time.perf_counter() - start))
        except (OSError, RuntimeError) as problem:
            failed.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for item in threads:
        item.start()
    for item in threads:
        item.join()
    if failed or not times:
        raise RuntimeError(f"{path}: {failed[:1]}")
    return len(times) / SECONDS, sorted(times)[int(0.95 * (len(times) - 1))]


def main() -> None:
    """Everything, on a database of its own."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ["PCF_HOME"] = name
        os.environ.pop("PCF_DATABASE_URL", None)
        database = open_database()
        register(database, "customer")
        publish_all(database, map(footprint, range(100)), ["customer"])
        people = People(database)
        once = people.add("benchmark", "lin", "sales")
        people.set_password("lin", once, "a sentence that is long")
        session = {"Cookie": f"pcf_session={Sessions(database, people).begin('lin')}"}
        with servers(home) as (port, other):
            known = find_known(Reader(database), "customer")
            assert known is not None
            token = {"Authorization": f"Bearer {Tokens('http://127.0.0.1:1', home / 'keys', 3600).issue(known)}"}
            cases = (
                ("bare FastAPI route", other, "/healthz", {}),
                ("GET /healthz", port, "/healthz", {}),
                ("GET /login", port, "/login", {}),
                ("GET /3/footprints/{id}", port, f"/3/footprints/{footprint(1)['id']}", token),
                ("GET /3/footprints, 100 of them", port, "/3/footprints", token),
                ("GET /app/, the page Products", port, "/app/", session),
                ("GET /app/explore, the page Explore", port, "/app/explore?product=a356.2", session),
            )
            for _, place, path, headers in cases:
                ask(HTTPConnection("127.0.0.1", place, timeout=120), path, headers)
            found: dict[str, list[tuple[float, float]]] = {title: [] for title, *_ in cases}
            for _ in range(ROUNDS):
                for title, place, path, headers in cases:
                    found[title].append(load(place, path, headers))
        first = statistics.median(rate for rate, _ in found[cases[0][0]])
        for title, values in found.items():
            rate, slow = (statistics.median(pair[place] for pair in values) for place in (0, 1))
            print(
                f"{title}: {rate:,.0f}/s over {CONNECTIONS} connections, 95 % within {slow:.1f} ms; ratio to the bare route {rate / first:.3f}"
            )
        database.close()


if __name__ == "__main__":
    main()
