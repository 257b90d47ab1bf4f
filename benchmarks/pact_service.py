"""Measures the PACT service: single footprints beside a bare route of FastAPI, and pages of a long list, near its begin and its end.

A server of one process answers a client of another one, over HTTP on the loopback interface. The bare route returns a stored JSON
text of the same size and asks nobody who is there. `--small` takes a hundredth of the footprints.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from pcf.exchange.sharing.clients import find_known
from pcf.store import open_database
from pcf.store.events import compact
from tests.web.pact.footprints import COMPANY, footprint, publish_many, register

SMALL = "--small" in sys.argv
COUNT = 1_000 if SMALL else 100_000
ROUNDS, SECONDS, PAGES = 5, 2.0, 40
CLIENT = "customer"


def made(number: int) -> dict[str, Any]:
    """Footprints that differ in product, place and classification."""
    place = "CN" if number % 4 else "CA"
    classes = ["urn:pact:productclassification:cn:7601"] if number % 100 else ["urn:pact:productclassification:cn:7606"]
    return footprint(number, productClassifications=classes, pcf={"geographyCountry": place})


def serve(port: int) -> None:
    """The service and the bare route, in one process."""
    import uvicorn
    from fastapi import Response

    from pcf.web.pact import Settings, create_api

    app = create_api(Settings(f"http://127.0.0.1:{port}", plain_loopback=True, deliver=False))
    body = f'{{"data":{compact(made(0))}}}'

    @app.get("/bare/{name}")
    async def bare(name: str) -> Response:  # noqa: ARG001 (as the real route has one)
        return Response(body, media_type="application/json")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


@contextmanager
def server() -> Iterator[tuple[int, int]]:
    """A running server: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    process.start()
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield port, process.pid or 0
    process.terminate()
    process.join()


def cpu(process: int) -> float:
    """Time that a process has computed [s]."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def rate(port: int, process: int, paths: list[str], headers: dict[str, str]) -> tuple[float, float]:
    """Requests per second on one connection, and per second that the server computes: what a core of its own would give."""
    raw = [
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{''.join(f'{k}: {v}' + chr(13) + chr(10) for k, v in headers.items())}\r\n"
        for path in paths
    ]
    sent = [text.encode() for text in raw]
    count = 0
    with socket.create_connection(("127.0.0.1", port)) as connection:
        before, start = cpu(process), time.perf_counter()
        while (spent := time.perf_counter() - start) < SECONDS:
            connection.sendall(sent[count % len(sent)])
            receive(connection)
            count += 1
        return count / spent, count / max(cpu(process) - before, 1e-9)


def receive(connection: socket.socket) -> None:
    """One answer, whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65_536)
    head, _, rest = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(head.decode())
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    left = length - len(rest)
    while left > 0:
        left -= len(connection.recv(65_536))


def singles(port: int, process: int, names: list[str], headers: dict[str, str]) -> None:
    """Ours and the bare route, by turns."""
    ours, bare = [], []
    for _ in range(ROUNDS):
        ours.append(rate(port, process, [f"/3/footprints/{name}" for name in names], headers))
        bare.append(rate(port, process, [f"/bare/{name}" for name in names], headers))
    for title, place in (("on one connection", 0), ("per second of the server's computing (a core)", 1)):
        mine, other = (statistics.median(pair[place] for pair in found) for found in (ours, bare))
        print(
            f"GET /3/footprints/{{id}}, {title}: {mine:,.0f}/s (wanted 300); bare FastAPI route {other:,.0f}/s; "
            f"ratio {mine / other:.2f} (wanted 0.5)"
        )


def pages(port: int, headers: dict[str, str], title: str, query: str, places: list[int]) -> None:
    """Median time of a page of 100, by where it lies."""
    told = []
    connection = HTTPConnection("127.0.0.1", port)
    for place in places:
        times = []
        for turn in range(PAGES):
            start = time.perf_counter()
            connection.request("GET", f"/3/footprints?limit=100{query}&x-pcf-after={place + turn}", headers=headers)
            answer = connection.getresponse()
            answer.read()
            times.append(1_000 * (time.perf_counter() - start))
            if answer.status != 200:
                raise RuntimeError(answer.status)
        told.append(f"{statistics.median(times):.1f}")
    connection.close()
    print(f"page of 100 of {COUNT:,} footprints, {title}, at 0, 25, 50, 75 and 95 %: {', '.join(told)} ms (wanted below 20)")


def main() -> None:
    """Everything, on a database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PCF_HOME"] = folder
        os.environ.pop("PCF_DATABASE_URL", None)
        database = open_database()
        register(database, CLIENT)
        start = time.perf_counter()
        publish_many(database, map(made, range(COUNT)), CLIENT)
        print(f"{COUNT:,} footprints published in {time.perf_counter() - start:.0f} s; one has {len(compact(made(0))):,} bytes")
        names = [str(made(number)["id"]) for number in range(0, COUNT, COUNT // 500)]
        token = issue(database)
        with server() as (port, process):
            headers = {"Authorization": f"Bearer {token(f'http://127.0.0.1:{port}')}"}
            singles(port, process, names, headers)
            places = [2 * COUNT * percent // 100 for percent in (0, 25, 50, 75, 95)]
            pages(port, headers, "all", "", places)
            pages(port, headers, "all of a company", f"&companyId={COMPANY}", places)
            pages(port, headers, "a quarter by place", "&geography=CA", places)
            pages(
                port, headers, "a hundredth by classification", "&classification=urn:pact:productclassification:cn:7606", places
            )
            pages(port, headers, "two criteria and active", "&geography=CN&geography=CA&validOn=2026-06-01&status=Active", places)
            pages(port, headers, "none by validity", "&validBefore=2020-01-01", places)
            pages(port, headers, "none by status", "&status=Deprecated", places)
            pages(port, headers, "one product", f"&productId={made(COUNT // 2)['productIds'][0]}", places[:3])
        database.close()


def issue(database: Any) -> Any:
    """What makes a token for a base, with the key of the service."""
    from pcf.settings import home
    from pcf.store.reader import Reader
    from pcf.web.pact.auth import Tokens

    known = find_known(Reader(database), CLIENT)
    return lambda base: Tokens(base, home() / "keys", 3600).issue(known)


if __name__ == "__main__":
    main()
