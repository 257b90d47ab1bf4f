"""What every request meets: whether it came over https and to this service, and a bounded body in bounded time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from ipaddress import ip_address

from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from pcf.exchange.sharing.address import Base, Network
from pcf.exchange.sharing.outbox import Postman
from pcf.store import Database
from pcf.store.reader import Reader
from pcf.web.pact.auth import Tokens
from pcf.web.pact.errors import ACCESS_DENIED, INTERNAL_ERROR, Refused, bad_request

log = logging.getLogger(__name__)

MOST_BODY = 5_000_000
"""Largest body of a request [B]."""

LOOPBACK = ("127.0.0.1", "::1", "localhost", "[::1]")


@dataclass
class Desk:
    """What the routes work with.

    Parameters
    ----------
    proxies : tuple of networks
        Whose word about https is believed.
    plain_loopback : bool
        Whether this machine itself may come without https: for tests and trials.
    body_seconds : float
        How long a body may take [s].
    """

    base: Base
    database: Database
    reader: Reader = field(repr=False)
    tokens: Tokens = field(repr=False)
    postman: Postman = field(repr=False)
    wake: Callable[[], None]
    proxies: tuple[Network, ...] = ()
    plain_loopback: bool = False
    body_seconds: float = 10.0

    def check_way(self, request: Request) -> None:
        """Refuse what came without https, or to another host.

        Raises
        ------
        Refused
            In one of these cases; never a redirect, since a client would follow it and go on without https.
        """
        if not self._is_safe(request):
            raise Refused(403, ACCESS_DENIED, "Only https is served here.")
        host = request.headers.get("host", "").casefold()
        if host != self.base.netloc and not (self.plain_loopback and host.rpartition(":")[0] in LOOPBACK):
            raise bad_request("This host is not served here.")

    def _is_safe(self, request: Request) -> bool:
        if request.scope.get("scheme") == "https":
            return True
        peer = request.client.host if request.client else ""
        try:
            address = ip_address(peer.partition("%")[0])
        except ValueError:
            return False
        if any(address in network for network in self.proxies if network.version == address.version):
            # A proxy adds its word at the end; what stands before it, a client may have written.
            return request.headers.get("x-forwarded-proto", "").rpartition(",")[2].strip().casefold() == "https"
        return self.plain_loopback and address.is_loopback

    def base_as_asked(self, request: Request) -> str:
        """Base of the service under the host that the client has asked: what links have to begin with."""
        if request.headers.get("host", "").casefold() == self.base.netloc:
            return self.base.url
        return f"{request.scope.get('scheme')}://{request.headers['host']}{self.base.path}"

    async def read_body(self, request: Request) -> bytes:
        """The body of a request.

        Raises
        ------
        Refused
            For one that is too large, or takes too long.
        """
        found = bytearray()
        close = {"Connection": "close"}
        try:
            async with asyncio.timeout(self.body_seconds):
                async for chunk in request.stream():
                    found += chunk
                    if len(found) > MOST_BODY:
                        raise Refused(400, "BadRequest", f"The body is larger than {MOST_BODY:,} bytes.", close)
        except TimeoutError:
            raise Refused(400, "BadRequest", f"The body took longer than {self.body_seconds:g} s.", close) from None
        except ClientDisconnect:
            raise bad_request("The body ended too early.") from None
        return bytes(found)


Handler = Callable[[Desk, Request], Awaitable[Response]]


def served(desk: Desk, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    """A route: the handler behind the desk, with every problem as an answer."""

    async def endpoint(request: Request) -> Response:
        try:
            desk.check_way(request)
            return await handler(desk, request)
        except Refused as refused:
            return refused.response()
        except Exception:
            # Whatever it is, it is told to whoever runs the service and to nobody else.
            log.exception("%s %s", request.method, request.url.path)
            return Refused(500, INTERNAL_ERROR, "The request could not be answered; try again later.").response()

    return endpoint
