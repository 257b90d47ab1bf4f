"""The service: its settings, its routes, and an application of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Route

from pcf.errors import InputError
from pcf.exchange.sharing.address import Network, base_of
from pcf.exchange.sharing.clients import holds_secret
from pcf.exchange.sharing.outbox import Postman
from pcf.exchange.sharing.outside import Outside
from pcf.settings import home
from pcf.store import Database, open_database
from pcf.store.reader import Reader
from pcf.web.pact.auth import SCOPE, Tokens, basic_credentials, discovery, grant_problem, oauth_error
from pcf.web.pact.callbacks import Deliveries
from pcf.web.pact.desk import Desk, Handler, served
from pcf.web.pact.errors import BAD_REQUEST, NOT_FOUND, Refused, json_response, not_implemented
from pcf.web.pact.events import post_event
from pcf.web.pact.footprints import get_footprint, list_footprints


@dataclass(frozen=True)
class Settings:
    """How the service is run.

    Parameters
    ----------
    base : str
        Address under which clients reach it, such as `https://pact.example.com`.
    proxies : tuple of str
        Addresses or networks of TLS proxies whose `X-Forwarded-Proto` is believed.
    plain_loopback : bool
        Whether this machine may come without https, and `base` may be http: for tests and trials.
    token_seconds : int
        How long a token is good [s].
    deliver : bool
        Whether this process hands events over.
    private : tuple of str
        Networks that answers may go to although they are not public.
    ca_file : Path, optional
        Authorities that customers' services are trusted by, in place of the system's.
    body_seconds : float
        How long the body of a request may take [s].
    """

    base: str
    proxies: tuple[str, ...] = ()
    plain_loopback: bool = False
    token_seconds: int = 3600
    deliver: bool = True
    private: tuple[str, ...] = ()
    ca_file: Path | None = None
    body_seconds: float = 10.0


class PactService:
    """The service on a database; `start` and `stop` belong to the lifespan of the application that includes `router`.

    Parameters
    ----------
    settings : Settings
    database : Database, optional
        Default: that of the state folder or of `PCF_DATABASE_URL`, opened here and closed by `stop`.

    Raises
    ------
    InputError
        For a base or a network that is none.
    EnvironmentProblem
        Where the database or the key cannot be opened.
    """

    def __init__(self, settings: Settings, database: Database | None = None) -> None:
        base = base_of(settings.base, "base of the service", plain=settings.plain_loopback)
        tokens = Tokens(base.url, home() / "keys", settings.token_seconds)
        private = tuple(_network(item, "private network") for item in settings.private)
        outside = Outside(private, settings.ca_file, settings.plain_loopback)
        self._own = database is None
        self.database = database if database is not None else open_database()
        self.postman = Postman(self.database, tokens.signer, outside, base.url)
        self.deliveries = Deliveries(self.postman)
        self._settings = settings
        self.desk = Desk(
            base, self.database, Reader(self.database), tokens, self.postman, self.deliveries.wake,
            tuple(_network(item, "proxy") for item in settings.proxies), settings.plain_loopback, settings.body_seconds,
        )  # fmt: skip
        self.router = APIRouter(routes=[self._route(*item) for item in _ROUTES])

    def _route(self, path: str, method: str, handler: Handler) -> Route:
        # Plain routes: what FastAPI checks of parameters is checked here, in the words of PACT.
        return Route(path, served(self.desk, handler), methods=[method] if method else None)

    def start(self) -> None:
        """Begin to hand events over."""
        if self._settings.deliver:
            self.deliveries.start()

    def stop(self) -> None:
        """End, and give back what is held."""
        self.deliveries.stop()
        self.desk.reader.close()
        if self._own:
            self.database.close()


def create_api(settings: Settings, database: Database | None = None) -> FastAPI:
    """The PACT service as an application of its own.

    Raises
    ------
    InputError, EnvironmentProblem
        See `PactService`.
    """
    service = PactService(settings, database)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await to_thread.run_sync(service.stop)

    app = FastAPI(title="PACT", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.include_router(service.router)
    app.add_exception_handler(HTTPException, _refuse)
    app.state.pact = service
    return app


def _refuse(_: Request, problem: Exception) -> Response:
    """What has no route, in the words of PACT."""
    status = problem.status_code if isinstance(problem, HTTPException) else 500
    headers = dict(problem.headers or {}) if isinstance(problem, HTTPException) else {}
    if status == 404:
        return Refused(404, NOT_FOUND, "There is nothing at this address.").response()
    return Refused(status, BAD_REQUEST, "This address does not take this method.", headers).response()


async def _token(desk: Desk, request: Request) -> Response:
    """`POST /auth/token`."""
    body = await desk.read_body(request)
    if (problem := grant_problem(request.headers.get("content-type", ""), body)) is not None:
        return problem
    pair = basic_credentials(request.headers.get("authorization"))
    known = None if pair is None else await to_thread.run_sync(holds_secret, desk.reader, *pair)
    if known is None:
        return oauth_error("invalid_client", "The id or the secret of the client is wrong.", 401)
    content = {
        "access_token": desk.tokens.issue(known),
        "token_type": "Bearer",
        "expires_in": desk.tokens.seconds,
        "scope": SCOPE,
    }
    return json_response(content, 200, {"Cache-Control": "no-store"})


async def _discovery(desk: Desk, request: Request) -> Response:
    """`GET /.well-known/openid-configuration`."""
    return json_response(discovery(desk.base_as_asked(request)))


async def _keys(desk: Desk, request: Request) -> Response:  # noqa: ARG001
    """`GET /auth/keys`."""
    return json_response(desk.tokens.public_keys())


async def _version_2(desk: Desk, request: Request) -> Response:  # noqa: ARG001
    raise not_implemented("Version 2 of PACT is not served; version 3 is, under /3.")


_ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("/3/footprints", "GET", list_footprints),
    ("/3/footprints/{id}", "GET", get_footprint),
    ("/3/events", "POST", post_event),
    ("/auth/token", "POST", _token),
    ("/auth/keys", "GET", _keys),
    ("/.well-known/openid-configuration", "GET", _discovery),
    ("/2/{rest:path}", "", _version_2),
)


def _network(text: str, place: str) -> Network:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        raise InputError(place, repr(text[:60]), "an address, or a network such as 10.0.0.0/8") from None
