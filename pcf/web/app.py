"""The application: plain routes, the pages of the workbench, and the guard around all of them."""

from __future__ import annotations

import importlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text as sql
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as Problem

from pcf.errors import PcfError
from pcf.refusals import refusal
from pcf.settings import cache_dir
from pcf.web import plain
from pcf.web.desk import Desk
from pcf.web.front import Journal, Switch, believed, check_base
from pcf.web.gate import choices, gate
from pcf.web.guard import WORKBENCH, Guard, language
from pcf.web.journal import note, request_id
from pcf.web.metrics import Metrics
from pcf.web.oidc.settings import OidcSettings
from pcf.web.pact import Settings as PactSettings
from pcf.web.pact import create_api
from pcf.web.rights import may

STATIC = Path(__file__).parent / "static"
PAGES = (
    "products", "explore", "compare", "certificates", "custody", "custody_lists", "custody_unit", "custody_genealogy",
    "custody_papers", "custody_issue", "custody_enter", "custody_import", "custody_power", "custody_close",
    "custody_registers", "custody_reports", "audit", "data", "admin",
)  # fmt: skip
"""Modules of `pcf.web.pages` whose pages the workbench has, in the order of the navigation."""

ROUTES: tuple[str, ...] = ("verify", "custody_files")
"""Modules of `pcf.web` with a function `routes(desk)` that gives an `APIRouter` of plain routes."""

PUBLIC = frozenset({"verify"})
"""Those of them that need nobody to be signed in: `pcf serve --api` serves them too."""


def create_app(
    desk: Desk,
    *,
    pages: Sequence[str] = PAGES,
    pact: PactSettings | None = None,
    public: bool = False,
    proxies: Sequence[str] = (),
    oidc: OidcSettings | None = None,
) -> FastAPI:
    """The whole application of a desk.

    Parameters
    ----------
    desk : Desk
    pages : sequence of str
        Modules of `pcf.web.pages`; without any the workbench is not mounted, and NiceGUI not imported.
    pact : PactSettings, optional
        With them the PACT service is served too.
    public : bool
        Whether only what needs no sign-in is served: no pages, no sessions.
    proxies : sequence of str
        Addresses or networks of TLS proxies whose word about a client is believed, beside this machine's.
    oidc : OidcSettings, optional
        A provider where people can sign in, too.

    Notes
    -----
    NiceGUI keeps one application a process: only one call with pages can be served.
    """
    trusting = believed(proxies)  # before anything is made: what cannot be believed is refused first
    api = create_api(pact, desk.database) if pact is not None else None
    app = FastAPI(title="pcf", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_life(desk, api))
    base = check_base(api.state.pact.desk.base.path) if api is not None else ""
    metrics = Metrics(desk, base)
    desk.observe = metrics.changes.observe
    app.include_router(choices(desk))
    if not public:
        cookie = "__Host-pcf" if desk.secure else "pcf_session"
        app.include_router(gate(desk, cookie, "" if oidc is None else oidc.label))
        if oidc is not None:
            from pcf.web.oidc.provider import Provider
            from pcf.web.oidc.routes import signing_in

            app.include_router(signing_in(desk, Provider(oidc), cookie))
    for name in ROUTES:
        if not public or name in PUBLIC:
            app.include_router(importlib.import_module(f"pcf.web.{name}").routes(desk))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _add_state(app, desk, metrics, public=public)
    _add_problems(app)
    if pages and not public:
        _mount(app, desk, pages)
    # The last one stands outermost: a request of the PACT service meets neither the guard nor what proxies say of a browser.
    app.add_middleware(Guard, desk=desk, public=public)
    app.add_middleware(trusting)
    if api is not None:
        app.add_middleware(Switch, other=api, base=base)
    app.add_middleware(metrics.middleware)
    app.add_middleware(Journal)
    return app


def _life(desk: Desk, api: FastAPI | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if api is not None:
            api.state.pact.start()
        yield
        if api is not None:
            await run_in_threadpool(api.state.pact.stop)
        await run_in_threadpool(desk.close)

    return lifespan


def _add_state(app: FastAPI, desk: Desk, metrics: Metrics, *, public: bool) -> None:
    """The first page, and what whoever runs the server asks."""

    @app.get("/", include_in_schema=False)
    def root() -> Response:
        if public:
            return RedirectResponse("/verify", 303) if "verify" in ROUTES else PlainTextResponse("pcf\n")
        return RedirectResponse(f"{WORKBENCH}/", 303)

    @app.get("/favicon.ico", include_in_schema=False)
    def mark() -> Response:
        return FileResponse(STATIC / "mark.svg", media_type="image/svg+xml")

    @app.get("/healthz", include_in_schema=False)
    def healthy() -> Response:
        return PlainTextResponse("ok\n")

    @app.get("/readyz", include_in_schema=False)
    def ready() -> Response:
        try:
            with desk.database.read() as connection:
                connection.execute(sql("SELECT 1"))
            count = 0 if public else len(desk.catalogue.products)
        except PcfError as problem:
            note("not ready", level="error", why=str(problem))
            return PlainTextResponse("not ready\n", 503)
        return PlainTextResponse("ready\n" if public else f"ready, {count} products\n")

    @app.get("/metrics", include_in_schema=False)
    def measured(request: Request) -> Response:
        session = request.scope["pcf_session"]
        near = request.client is not None and request.client.host in ("127.0.0.1", "::1")
        near = near and "x-forwarded-for" not in request.headers  # through a proxy of this machine everybody seems near
        if not near and not (session and may(session.account.role, "people")):
            raise HTTPException(403)
        return metrics.answer()


def _add_problems(app: FastAPI) -> None:
    """Errors as pages; a program that wants JSON makes its own handlers in an application that it mounts."""

    @app.exception_handler(Problem)
    async def refused(_: Request, problem: Problem) -> Response:
        known = {403: "forbidden", 404: "not-found"}
        return plain.refused(problem.status_code, known.get(problem.status_code, "bad-request"))

    @app.exception_handler(PcfError)
    async def said(_: Request, problem: PcfError) -> Response:
        return PlainTextResponse(f"{refusal(problem, language.get())}\n", 422)

    @app.exception_handler(Exception)
    async def failed(_: Request, problem: Exception) -> Response:
        note("failed", level="error", kind=type(problem).__name__, why=str(problem)[:500])
        answer = plain.refused(500, "failed")
        answer.headers["x-request-id"] = request_id.get()
        return answer


def _mount(app: FastAPI, desk: Desk, pages: Sequence[str]) -> None:
    # NiceGUI makes the folder of its own storage where it stands; nothing is stored there.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(cache_dir() / "nicegui"))
    from nicegui import ui

    from pcf.web import shell

    for name in pages:
        importlib.import_module(f"pcf.web.pages.{name}")
    shell.register(desk)
    ui.run_with(
        app, mount_path=WORKBENCH, title="pcf", favicon=STATIC / "mark.svg", tailwind=False, show_welcome_message=False,
        reconnect_timeout=20.0,  # a line that is silent for 24 s is taken for dead
    )  # fmt: skip
