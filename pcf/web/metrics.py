"""What is counted for whoever runs the server, in Prometheus' form."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fastapi.responses import Response
from sqlalchemy import func, select

from pcf.exchange.sharing.outbox import FAILED, WAITING
from pcf.store import clock
from pcf.store.pact_schema import pact_outbox

if TYPE_CHECKING:
    from pcf.web.desk import Desk
    from pcf.web.guard import App, Message, Receive, Scope, Send

KINDS = (
    "/app/_nicegui", "/app", "/static", "/login", "/oidc", "/verify", "/3/footprints", "/3/events", "/auth/token", "/auth/keys",
)  # fmt: skip
"""Beginnings of the paths that are counted apart."""

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder in which the processes of one server count together."""


class Metrics:
    """Counters of one application.

    Parameters
    ----------
    desk : Desk
    base : str
        Path of the PACT service's address: what comes beneath it is counted as if it came without it.
    """

    def __init__(self, desk: Desk, base: str = "") -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry, self._desk, self._base = CollectorRegistry(), desk, base
        self.requests = Counter("pcf_requests", "Answers", ("path", "status"), registry=self.registry)
        self.seconds = Histogram("pcf_request_seconds", "Time to answer", ("path",), registry=self.registry)
        self.changes = Histogram(
            "pcf_explore_seconds", "Time of the engine for one change", registry=self.registry,
            buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1),
        )  # fmt: skip
        if SHARED not in os.environ:
            waiting = Gauge("pcf_work_waiting", "Calculations that wait or run", registry=self.registry)
            waiting.set_function(lambda: desk.work.waiting)

    def answer(self) -> Response:
        """All of them as text."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

        shown = self.registry
        if SHARED in os.environ:
            from prometheus_client.multiprocess import MultiProcessCollector

            shown = CollectorRegistry()
            MultiProcessCollector(shown)  # type: ignore[no-untyped-call]
        events = CollectorRegistry()
        events.register(_Events(self._desk))
        return Response(generate_latest(shown) + generate_latest(events), media_type=CONTENT_TYPE_LATEST)

    def middleware(self, app: App) -> Any:
        """ASGI middleware that counts."""

        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            path, done = scope["path"].removeprefix(self._base), False
            start, kind = time.perf_counter(), next((item for item in KINDS if path.startswith(item)), "other")

            def count(status: int) -> None:
                nonlocal done
                done = True
                self.requests.labels(kind, str(status)).inc()
                self.seconds.labels(kind).observe(time.perf_counter() - start)

            async def seen(message: Message) -> None:
                if message["type"] == "http.response.start":
                    count(message["status"])
                await send(message)

            try:
                await app(scope, receive, seen)
            except Exception:
                if not done:
                    count(500)
                raise

        return counted


class _Events:
    """Events of the PACT service that have not gone out, asked of the database when somebody looks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def collect(self) -> Iterator[Any]:
        from prometheus_client.core import GaugeMetricFamily

        with self._desk.database.read() as connection:
            query = select(pact_outbox.c.state, func.count(), func.min(pact_outbox.c.made)).group_by(pact_outbox.c.state)
            found = {state: (count, first) for state, count, first in connection.execute(query)}
        events = GaugeMetricFamily("pcf_pact_events", "Events that wait to go out, or were given up", labels=("state",))
        for state in (WAITING, FAILED):
            events.add_metric((state,), found.get(state, (0, 0))[0])
        yield events
        first = found.get(WAITING, (0, None))[1]
        age = 0.0 if first is None else max(0.0, (clock.now() - first) / 1e6)
        yield GaugeMetricFamily("pcf_pact_oldest_event_seconds", "Age of the oldest event that waits", value=age)
