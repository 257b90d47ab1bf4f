"""The two routes of a sign-in by OpenID Connect: to the provider, and back.

The cookie that binds an answer to the browser that asked is `Lax`, since the answer comes from another site; that of the session stays
`Strict`. A browser sends no `Strict` cookie on a way that another site has begun, so the answer is a page that goes on by itself.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.text import visible
from pcf.web import plain
from pcf.web.desk import Desk
from pcf.web.gate import local
from pcf.web.journal import note
from pcf.web.oidc.provider import Provider
from pcf.web.people import Account, Refused

PATIENCE = 600.0
"""How long somebody may take at the provider [s]."""

MOST = 1_000
"""Sign-ins that may be under way; the oldest one has to begin again."""


@dataclass(frozen=True)
class Begun:
    """A sign-in that is under way."""

    nonce: str
    verifier: str
    browser: str
    target: str
    until: float


class Waiting:
    """Sign-ins by their state; each is answered once."""

    def __init__(self) -> None:
        self._begun: OrderedDict[str, Begun] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, state: str, begun: Begun) -> None:
        """Keep one."""
        with self._lock:
            self._begun[state] = begun
            while len(self._begun) > MOST:
                self._begun.popitem(last=False)

    def take(self, state: str, browser: str) -> Begun | None:
        """That of a state, if this browser has begun it and it is not too late."""
        with self._lock:
            found = self._begun.pop(state, None)
        if found is None or found.until < time.monotonic() or not secrets.compare_digest(found.browser, _digest(browser)):
            return None
        return found


def signing_in(desk: Desk, provider: Provider, cookie: str) -> APIRouter:
    """The routes; `cookie` bears the session."""
    router, waiting = APIRouter(include_in_schema=False), Waiting()
    binding = "__Host-pcf_oidc" if desk.secure else "pcf_oidc"
    shared: dict[str, Any] = {"httponly": True, "secure": desk.secure, "path": "/"}

    def sorry(key: str, status: int) -> HTMLResponse:
        body = f'<h1>{plain.say("login")}</h1>{plain.notice(plain.say(key))}<p><a class="button" href="/login">{plain.say("login")}</a></p>'
        answer = plain.page("login", body, status=status, place="/login")
        answer.delete_cookie(binding, path="/", secure=desk.secure, httponly=True)
        return answer

    @router.get("/oidc/start")
    async def start(next: str = "/app/") -> Response:  # noqa: A002 - the name that people see in the address
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        try:
            address = await run_in_threadpool(provider.address, state, nonce, verifier)
        except EnvironmentProblem as problem:
            note("sign-in by OpenID Connect failed", level="error", why=str(problem))
            return sorry("oidc-away", 503)
        waiting.put(state, Begun(nonce, verifier, _digest(browser), local(next), time.monotonic() + PATIENCE))
        answer = RedirectResponse(address, 303)
        answer.set_cookie(binding, browser, max_age=int(PATIENCE), samesite="lax", **shared)
        return answer

    @router.get("/oidc/callback")
    async def back(request: Request, state: str = "", code: str = "", iss: str = "") -> Response:
        begun = waiting.take(state, request.cookies.get(binding, ""))
        if begun is None:
            return sorry("oidc-old", 403)
        if iss not in ("", provider.settings.issuer) or not code:
            note(
                "sign-in by OpenID Connect refused",
                level="warning",
                why=request.query_params.get("error", "another issuer")[:100],
            )
            return sorry("oidc-refused", 403)
        try:
            claims = await run_in_threadpool(provider.claims, code, begun.nonce, begun.verifier)
            account = await run_in_threadpool(_entered, desk, provider, claims)
        except EnvironmentProblem as problem:
            note("sign-in by OpenID Connect failed", level="error", why=str(problem))
            return sorry("oidc-away", 503)
        except (CheckFailed, InputError, Refused) as problem:
            note("sign-in by OpenID Connect refused", level="warning", why=str(problem))
            return sorry("oidc-taken" if isinstance(problem, InputError) else "oidc-refused", 403)
        token = await run_in_threadpool(desk.sessions.begin, account.name)
        note("signed in", name=account.name, address=request.client.host if request.client else "unknown", by="oidc")
        go_on = f'<p><a class="button" href="{escape(begun.target)}">{plain.say("oidc-on")}</a></p>'
        answer = plain.page("login", f"<h1>{plain.say('oidc-in')}</h1>{go_on}", place="/app/")
        answer.headers["refresh"] = f"0; url={begun.target}"
        answer.set_cookie(cookie, token, samesite="strict", **shared)
        answer.delete_cookie(binding, path="/", secure=desk.secure, httponly=True)
        return answer

    return router


def _entered(desk: Desk, provider: Provider, claims: Mapping[str, Any]) -> Account:
    """The account of whoever the claims are of."""
    settings = provider.settings
    role = settings.role_of(claims)
    if role is None:
        raise CheckFailed(f"{str(claims['sub'])[:60]!r} is in no group that has a role here")
    named = claims.get(settings.name_claim)
    name = re.sub("[^a-z0-9._-]+", "-", named.partition("@")[0].strip().casefold())[:40] if isinstance(named, str) else ""
    shown = claims.get("name")
    display = visible(shown, keep="")[:80].strip() if isinstance(shown, str) else ""
    identity = _digest(f"{settings.issuer}\0{claims['sub']}")
    found = desk.people.enter(identity, name, role, display)
    desk.sessions.forget()
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
