"""Runs an application: one process for the workbench, several for what needs no sign-in; both stop after the requests that run."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import os
import signal
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from pcf.errors import EnvironmentProblem
from pcf.store import open_database
from pcf.web.app import create_app
from pcf.web.desk import Desk
from pcf.web.journal import note, open_journal
from pcf.web.metrics import SHARED
from pcf.web.pact import Settings
from pcf.web.speaking import MOST_HEAD, Speaker

GRACE = 20
"""How long a request that runs when the server is stopped may still take [s]."""

_OPTIONS: dict[str, Any] = {
    "log_config": None, "access_log": False, "server_header": False, "proxy_headers": False, "ws_max_size": 2_000_000,
    "timeout_graceful_shutdown": GRACE, "http": Speaker, "h11_max_incomplete_event_size": MOST_HEAD, "limit_concurrency": 1_000,
}  # fmt: skip


class Server(uvicorn.Server):
    """Stops by its own means: uvicorn would raise the signal again, as if nobody had heard it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear the signals that end a server."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def run(app: FastAPI, listener: socket.socket, cert: Path | None, key: Path | None) -> None:
    """Serve in this process until it is told to stop.

    Raises
    ------
    EnvironmentProblem
        For a certificate that is none, and a key that does not fit.
    """
    check_pair(cert, key)
    open_journal()
    config = uvicorn.Config(app, ssl_certfile=cert, ssl_keyfile=key, **_OPTIONS)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(Server(config).serve(sockets=[listener]))


def check_pair(cert: Path | None, key: Path | None) -> None:
    """Whether a certificate and its key can be read and belong together.

    Raises
    ------
    EnvironmentProblem
        Where not.
    """
    if cert is None:
        return
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key)
    except OSError as problem:
        raise EnvironmentProblem(f"{cert}, {key}: {problem.strerror or problem}") from None


@dataclass(frozen=True)
class Public:
    """Makes the application of a process that serves what needs no sign-in; plain values, so that a new process can be given it."""

    language: str
    secure: bool
    pact: Settings | None = None
    proxies: tuple[str, ...] = ()

    def __call__(self) -> FastAPI:
        """The application, in a process of its own."""
        open_journal()
        parent = multiprocessing.parent_process()
        if parent is not None:
            threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
        return self.application(Desk(open_database(), None, secure=self.secure, language=self.language))

    def application(self, desk: Desk) -> FastAPI:
        """The application of a desk."""
        return create_app(desk, pages=(), pact=self.pact, public=True, proxies=self.proxies)


def _end_with(parent: Any) -> None:
    """End where whoever started this process is gone: nobody else would stop it."""
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def run_many(public: Public, workers: int, listener: socket.socket, cert: Path | None, key: Path | None) -> None:
    """Serve in several processes that accept from one socket; one that dies is replaced.

    Raises
    ------
    EnvironmentProblem
        For a certificate that is none, and where a process cannot start.
    """
    from uvicorn.config import STARTUP_FAILURE
    from uvicorn.supervisors import Multiprocess

    class Keeper(Multiprocess):
        def keep_subprocess_alive(self) -> None:
            """Replace a process that has died, and say so."""
            before = {item.pid for item in self.processes}
            super().keep_subprocess_alive()
            for pid in before - {item.pid for item in self.processes}:
                note("worker replaced", level="warning", pid=pid)

    check_pair(cert, key)
    open_journal()
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="pcf-metrics-") as folder:
        os.environ[SHARED] = folder
        config = uvicorn.Config(
            public, factory=True, workers=workers, ssl_certfile=cert, ssl_keyfile=key, timeout_worker_healthcheck=30, **_OPTIONS
        )  # fmt: skip
        listener.listen(config.backlog)
        listener.set_inheritable(True)
        keeper = Keeper(config, [listener])
        keeper.run()
    if any(item.exitcode == STARTUP_FAILURE for item in keeper.processes):
        raise EnvironmentProblem("a process of the server did not start; the line above says why")
