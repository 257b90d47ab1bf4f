"""Sign in, sign out, change the password; choose language and theme."""

from __future__ import annotations

import secrets
from html import escape
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from pcf.errors import InputError
from pcf.refusals import parts
from pcf.web import plain
from pcf.web.desk import Desk
from pcf.web.guard import LANGUAGE, THEME
from pcf.web.guard import language as chosen
from pcf.web.journal import note
from pcf.web.people import SHORTEST, Refused

PRESIGN = "pcf_form"
"""Cookie that a sign-in form has to repeat: nobody is signed in by a form of another page."""

START = "/app/"
Text = Annotated[str, Form(max_length=1_000)]


def local(address: str, otherwise: str = START) -> str:
    """A path of this server, or `otherwise`: nobody is led away."""
    try:
        found = urlsplit(address)
    except ValueError:
        return otherwise
    plain_path = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if plain_path and not found.scheme and not found.netloc and len(address) < 4_000 else otherwise


def gate(desk: Desk, cookie: str, elsewhere: str = "") -> APIRouter:
    """The routes; `cookie` bears the session, `elsewhere` names a provider where people can sign in, too."""
    router = APIRouter(include_in_schema=False)
    shared: dict[str, Any] = {"httponly": True, "samesite": "strict", "secure": desk.secure, "path": "/"}

    def form(next_: str, problem: str = "", status: int = 200, name: str = "") -> HTMLResponse:
        token = secrets.token_urlsafe(24)
        body = (
            f"<h1>{plain.say('login')}</h1>{plain.notice(problem)}<form method='post' action='/login'>"
            f"<input type='hidden' name='csrf' value='{token}'><input type='hidden' name='next' value='{escape(next_)}'>"
            f"{plain.field('name', 'name', autocomplete='username', autofocus='', value=name, maxlength=60)}"
            f"{plain.field('password', 'password', 'password', autocomplete='current-password', maxlength=200)}"
            f"<button>{plain.say('login')}</button></form><p class='hint'><a href='/verify'>{plain.say('verify-title')}</a></p>"
        )
        if elsewhere:
            way = f"/oidc/start?next={quote(next_, safe='')}"
            body += f'<p><a class="button other" href="{way}">{plain.say("login-oidc", name=elsewhere)}</a></p>'
        answer = plain.page("login", body, status=status, place=f"/login?next={quote(next_, safe='')}")
        answer.set_cookie(PRESIGN, token, max_age=3600, **shared)
        return answer

    @router.get("/session")
    def known(request: Request) -> Response:
        """Whether somebody is signed in: an open page asks when its connection is lost."""
        return JSONResponse({"signed_in": request.scope["pcf_session"] is not None})

    @router.get("/login")
    def show_login(request: Request, next: str = START) -> Response:  # noqa: A002 - the name that people see in the address
        return RedirectResponse(local(next), 303) if request.scope["pcf_session"] else form(local(next))

    @router.post("/login")
    async def login(request: Request, name: Text = "", password: Text = "", csrf: Text = "", next: Text = START) -> Response:  # noqa: A002
        target = local(next)
        held = request.cookies.get(PRESIGN, "")
        if not held or not secrets.compare_digest(held.encode(), csrf.encode()):
            return form(target, plain.say("form-old"), 403, name[:60])
        address = request.client.host if request.client else "unknown"
        try:
            account, must_change = await run_in_threadpool(desk.people.check, name, password, address)
        except Refused as refused:
            note("sign-in refused", level="warning", name=name[:60], address=address, locked=bool(refused.minutes))
            said = plain.say("login-wait", minutes=refused.minutes) if refused.minutes else plain.say("login-wrong")
            return form(target, said, 429 if refused.minutes else 401, name[:60])
        token = await run_in_threadpool(desk.sessions.begin, account.name)
        note("signed in", name=account.name, address=address)
        answer = RedirectResponse(f"/password?next={quote(target, safe='')}" if must_change else target, 303)
        answer.set_cookie(cookie, token, **shared)
        answer.delete_cookie(PRESIGN, path="/")
        return answer

    @router.post("/logout")
    def logout(request: Request, csrf: Text = "") -> Response:
        session = request.scope["pcf_session"]
        if session is not None:
            if not secrets.compare_digest(session.csrf.encode(), csrf.encode()):
                return plain.refused(403, "form-old")
            desk.sessions.end(session.account.name, key=session.key)
            note("signed out", name=session.account.name)
        answer = RedirectResponse("/login", 303)
        answer.delete_cookie(cookie, path="/")
        return answer

    def password_form(session: Any, target: str, problem: str = "", status: int = 200) -> HTMLResponse:
        why = f"<p>{plain.say('password-once')}</p>" if session.must_change else ""
        body = (
            f"<h1>{plain.say('password-change')}</h1>{why}{plain.notice(problem)}<form method='post' action='/password'>"
            f"<input type='hidden' name='csrf' value='{session.csrf}'><input type='hidden' name='next' value='{escape(target)}'>"
            f"{plain.field('old', 'password-old', 'password', autocomplete='current-password', maxlength=200)}"
            f"{plain.field('new', 'password-new', 'password', autocomplete='new-password', minlength=SHORTEST, maxlength=200)}"
            f"{plain.field('again', 'password-again', 'password', autocomplete='new-password', minlength=SHORTEST, maxlength=200)}"
            f"<p class='hint'>{plain.say('password-hint', count=SHORTEST)}</p><button>{plain.say('password-change')}</button></form>"
        )
        return plain.page("password-change", body, status=status, place="/password")

    @router.get("/password")
    def show_password(request: Request, next: str = START) -> Response:  # noqa: A002
        session = request.scope["pcf_session"]
        return password_form(session, local(next)) if session else RedirectResponse("/login?next=/password", 303)

    @router.post("/password")
    async def change(
        request: Request, old: Text = "", new: Text = "", again: Text = "", csrf: Text = "", next: Text = START  # noqa: A002
    ) -> Response:  # fmt: skip
        session, target = request.scope["pcf_session"], local(next)
        if session is None:
            return RedirectResponse("/login?next=/password", 303)
        if not secrets.compare_digest(session.csrf.encode(), csrf.encode()):
            return password_form(session, target, plain.say("form-old"), 403)
        if new != again:
            return password_form(session, target, plain.say("password-differ"), 400)
        name, address = session.account.name, request.client.host if request.client else "unknown"
        try:
            await run_in_threadpool(desk.people.check, name, old, address)
            await run_in_threadpool(desk.people.set_password, name, old, new)
        except Refused:
            return password_form(session, target, plain.say("password-wrong"), 403)
        except InputError as problem:
            return password_form(session, target, plain.say("password-bad", expected=parts(problem, chosen.get())[2]), 400)
        desk.sessions.forget()
        note("password changed", name=name)
        token = await run_in_threadpool(desk.sessions.begin, name)
        answer = RedirectResponse(target, 303)
        answer.set_cookie(cookie, token, **shared)
        return answer

    return router


def choices(desk: Desk) -> APIRouter:
    """Language and theme, for whoever looks at a page, signed in or not."""
    router = APIRouter(include_in_schema=False)

    @router.get("/preferences")
    def preferences(language: str = "", theme: str = "", next: str = START) -> Response:  # noqa: A002
        answer = RedirectResponse(local(next), 303)
        for name, value, known in ((LANGUAGE, language, ("en", "zh")), (THEME, theme, ("light", "dark"))):
            if value in known:
                answer.set_cookie(name, value, max_age=31_536_000, httponly=True, samesite="strict", secure=desk.secure, path="/")
        return answer

    return router
