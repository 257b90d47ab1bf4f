"""What stands before the guard: the number of a request, whose word about the client is believed, and the way to the PACT service."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from typing import Any

from pcf.errors import InputError
from pcf.web.guard import App, Message, Receive, Scope, Send
from pcf.web.journal import note, request_id

SILENT = ("/static/", "/app/_nicegui", "/healthz", "/readyz", "/metrics", "/favicon.ico")
"""Beginnings of paths that are asked for all the time and tell nothing."""

_GIVEN = re.compile(rb"[A-Za-z0-9._-]{8,64}")

PACT = ("/3", "/2", "/auth", "/.well-known/openid-configuration")
"""Beginnings of the paths of a PACT service without a path of its own."""

PLACES = frozenset(
    {"app", "static", "login", "logout", "password", "session", "preferences", "oidc", "verify", "healthz", "readyz", "metrics"}
)
"""First parts of paths that are the workbench's."""

PACT_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""Of every answer of the PACT service: nothing in it is a page of the host that it shares with the workbench."""


class Journal:
    """Gives each request a number, the proxy's where it has given one, and writes down what became of it."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        given = next((value for key, value in scope["headers"] if key == b"x-request-id"), b"")
        name = given.decode() if _GIVEN.fullmatch(given) else secrets.token_hex(8)
        request_id.set(name)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        start, status = time.perf_counter(), 500

        async def numbered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", name.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, numbered)
        finally:
            if not scope["path"].startswith(SILENT):
                spent = round(1000 * (time.perf_counter() - start), 1)
                note("answered", method=scope["method"], path=scope["path"][:200], status=status, ms=spent)


class Switch:
    """Leads what is the PACT service's to it.

    Parameters
    ----------
    other : App
        The PACT service.
    base : str
        Path of its public address.
    """

    def __init__(self, app: App, other: App, base: str) -> None:
        self.app, self.other, self.base = app, other, base.rstrip("/")
        self.beginnings = (self.base,) if self.base else PACT

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan" or not self._is_other(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *PACT_HEADERS]}
            await send(message)

        await self.other({**scope, "root_path": scope.get("root_path", "") + self.base}, receive, dressed)

    def _is_other(self, path: str) -> bool:
        return any(path == item or path.startswith(f"{item}/") for item in self.beginnings)


def check_base(path: str) -> str:
    """The path of a PACT service's address.

    Raises
    ------
    InputError
        For one that the workbench has itself.
    """
    if path.strip("/").partition("/")[0] in PLACES:
        raise InputError("base of the PACT service", repr(path), "a path that the workbench does not have")
    return path


def believed(proxies: Sequence[str]) -> Callable[..., Any]:
    """Middleware that takes address and scheme of a client from the proxies before this server, this machine's among them.

    Raises
    ------
    InputError
        For what is no address and no network.
    """
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    trusted = ["127.0.0.1", "::1"]
    for item in proxies:
        try:
            trusted.append(str(ip_network(item, strict=False)))
        except ValueError:
            raise InputError("--proxy", repr(item[:60]), "an address, or a network such as 10.0.0.0/8") from None
    return lambda app: ProxyHeadersMiddleware(app, trusted)
