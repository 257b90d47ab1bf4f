"""Verify, for everybody: what the register says of a certificate's code, and what a certificate's file says of itself.

Plain HTML without scripts. A file is looked into by one process with little memory and time, apart from those of the workbench, and is
kept nowhere. Who asks too often, or while too many do, hears so before anything of his file is read.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from pcf.certificate.public_page import SHEET
from pcf.certificate.standing import Standing, find_standing
from pcf.errors import PcfError
from pcf.settings import home
from pcf.web import verify_pages as pages
from pcf.web.guard import language
from pcf.web.journal import note
from pcf.web.limits import Often, Places, network_of
from pcf.web.verify_upload import LONGEST, MOST_DRAINED, Large, Late, Wrong, drain, take
from pcf.web.work import Busy, Stopped

if TYPE_CHECKING:
    from pcf.web.desk import Desk

MOST_MISSES, MOST_FILES, WINDOW = 20, 30, 600.0
"""Codes that nobody has, and files, of one address within so many seconds."""

AT_ONCE, OF_ONE = 24, 3
"""Files that are received or wait at once, of all and of one address."""

SECONDS = 45.0
"""How long a verification may take [s]."""


def routes(desk: Desk) -> APIRouter:
    """The routes."""
    router = APIRouter(include_in_schema=False)
    desk.limits["/verify"] = MOST_DRAINED
    misses, files, places = Often(MOST_MISSES, WINDOW), Often(MOST_FILES, WINDOW), Places(AT_ONCE, OF_ONE)

    def who(request: Request) -> str:
        return network_of(request.client.host if request.client else "unknown")

    @router.get("/verify")
    def ask(id: str = "") -> Response:  # noqa: A002 - the name that people see in the address
        if wanted := id.strip():
            return RedirectResponse(f"/verify/{quote(wanted[:200], safe='')}", 303)
        return pages.form()

    @router.get("/verify/style.css")
    def style() -> Response:
        return Response(SHEET, media_type="text/css", headers={"cache-control": "max-age=3600"})

    @router.get("/verify/{public}")
    async def show(request: Request, public: str) -> Response:
        if wait := misses.wait(who(request)):
            return pages.later(wait)
        try:
            found = await run_in_threadpool(_find, desk, public)
        except PcfError as problem:
            note("a certificate cannot be shown", level="error", why=str(problem)[:300])
            return pages.closed()
        if found is None:
            misses.count(who(request))
            return pages.unknown()
        return pages.certificate(found, date.today(), language.get())  # noqa: DTZ011 - the issuer's own day

    @router.post("/verify")
    async def judge(request: Request) -> Response:
        asker = who(request)
        wait, full = files.wait(asker), places.free(asker)
        if wait or full:
            await drain(request)
            return pages.later(wait or 5) if wait or full == "each" else pages.busy()
        with places.taken(asker):
            files.count(asker)
            try:
                taken = await take(request)
                return await _judge(desk, taken)
            except ClientDisconnect:
                return Response(status_code=400)
            except Late:
                return pages.form("verify-late", 408, seconds=LONGEST)
            except Large:
                await drain(request)
                return pages.form("verify-large", 413)
            except Wrong as wrong:
                await drain(request)
                return pages.form(wrong.key, 400)

    return router


def _find(desk: Desk, public: str) -> Standing | None:
    with desk.database.read() as connection:
        return find_standing(connection, public)


async def _judge(desk: Desk, taken: pages.Taken) -> Response:
    from pcf.certificate.register import IDENTITY
    from pcf.web.verify_work import check

    url = desk.database.engine.url.render_as_string(hide_password=False)
    try:
        found = await desk.checking.run(check, taken.content, taken.bundle, str(home()), url, seconds=SECONDS)
        content = found.by_key["content"]
        identity = content.values["id"] if content.good else ""
        own = await run_in_threadpool(_find, desk, identity.removeprefix(IDENTITY))
    except Busy:
        return pages.busy()
    except Stopped as problem:
        note("a verification was stopped", level="warning", why=str(problem))
        return pages.form("verify-stopped", 422)
    except PcfError as problem:
        note("nothing can be verified", level="error", why=str(problem)[:300])
        return pages.closed()
    return pages.result(found, taken, own.entry.id if own else "", language.get())
