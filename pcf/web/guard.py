"""What stands before every request: who asks, from which page, how much, and what the answer may load."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from anyio import to_thread
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from pcf.web.desk import Desk
    from pcf.web.sessions import Session

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

WORKBENCH = "/app"
"""Where the pages are mounted: nothing beneath it is for people who are not signed in."""

LANGUAGE, THEME = "pcf_language", "pcf_theme"
MOST_BODY = 20_000_000
"""Bytes of a request: a plant's workbook is smaller."""

MOST_FORM = 100_000
"""Bytes of a request outside the workbench."""

LONGEST_BODY, LONGEST_FORM = 600.0, 30.0
"""How long a request's body may take to come in, in the workbench and outside [s]."""

PLAIN_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
WORKBENCH_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""NiceGUI compiles its templates in the browser: it cannot do without `unsafe-eval`."""

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_NO_TEXT = re.compile(r"(\\+)u(?:0000|[dD][89a-fA-F][0-9a-fA-F]{2})")
"""In JSON, also in JSON within it, what no database keeps as text: the sign NUL, and halves of characters, which no browser writes for
a whole one."""

language: ContextVar[str] = ContextVar("language", default="en")
theme: ContextVar[str] = ContextVar("theme", default="light")
"""Of the page that is being answered."""


class TooLarge(HTTPException):
    """A body with more bytes than it may have; of a kind that whoever reads a form passes on."""

    def __init__(self) -> None:
        super().__init__(413)


class TooSlow(HTTPException):
    """A body that does not come in."""

    def __init__(self) -> None:
        super().__init__(408)


class Guard:
    """ASGI middleware around everything.

    Notes
    -----
    Every answer gets the security headers, with a policy of its own for the workbench. A request that changes something has to come
    from a page of this server (`Origin`), and so has every websocket; the session behind an open websocket is asked for again with
    each message, so that ending it ends the page.
    """

    def __init__(self, app: App, desk: Desk, *, public: bool = False) -> None:
        self.app, self.desk, self.public = app, desk, public  # public: a server without workbench asks nobody who he is
        self.cookie = "__Host-pcf" if desk.secure else "pcf_session"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        # A prefix that somebody else sends would end up in the addresses of a page.
        scope["headers"] = [item for item in scope["headers"] if item[0].lower() != b"x-forwarded-prefix"]
        cookies = read_cookies(headers.get("cookie", ""))
        language.set(cookies.get(LANGUAGE, "") if cookies.get(LANGUAGE) in ("en", "zh") else self._preferred(headers))
        theme.set("dark" if cookies.get(THEME) == "dark" else "light")
        session = await self.session(cookies.get(self.cookie, ""))
        scope["pcf_session"] = session
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, headers, session)
        else:
            await self._request(scope, receive, send, headers, session)

    async def session(self, token: str) -> Session | None:
        """Who asks; the database is not read by the loop itself."""
        return await to_thread.run_sync(self.desk.sessions.find, token) if token and not self.public else None

    def _preferred(self, headers: Mapping[str, str]) -> str:
        asked = headers.get("accept-language", "").lower()
        return ("zh" if asked.startswith("zh") else "en") if asked else self.desk.language

    # HTTP ------------------------------------------------------------------------------------------------------------

    async def _request(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], session: Session | None
    ) -> None:  # fmt: skip
        path, inside = scope["path"], is_inside(scope["path"]) and not self.public
        answer = self._dressed(send, inside=inside)
        if scope["method"] not in ("GET", "HEAD", "OPTIONS") and not same_origin(headers, scope, optional=not inside):
            await refuse(answer, 403, "this request comes from another page")
        elif "\0" in path or b"%00" in scope.get("query_string", b""):
            await refuse(answer, 400, "this address has a sign that no text may have")
        elif not sound_length(headers, MOST_BODY if inside else self.desk.limits.get(path, MOST_FORM)):
            await refuse(answer, 413, "this is too large")
        elif inside and session is None:
            await self._to(answer, scope, "/login")
        elif inside and session is not None and session.must_change:
            await self._to(answer, scope, "/password")
        else:
            try:
                limit = MOST_BODY if inside else self.desk.limits.get(path, MOST_FORM)
                await self.app(scope, _limited(receive, limit, LONGEST_BODY if inside else LONGEST_FORM), answer)
            except TooLarge:
                await refuse(answer, 413, "this is too large")
            except TooSlow:
                await refuse(answer, 408, "this came in too slowly")

    def _dressed(self, send: Send, *, inside: bool) -> Send:
        """The security headers, unless the answer has its own."""
        own = {**HEADERS, "content-security-policy": WORKBENCH_POLICY if inside else PLAIN_POLICY}
        if self.desk.secure:
            own["strict-transport-security"] = "max-age=31536000"

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {key.lower() for key, _ in message["headers"]}
                more = [(key.encode(), value.encode()) for key, value in own.items() if key.encode() not in there]
                kind = next((value for key, value in message["headers"] if key.lower() == b"content-type"), b"")
                if b"cache-control" not in there and kind.startswith((b"text/html", b"application/json")):
                    more.append((b"cache-control", b"no-store"))
                message = {**message, "headers": [*message["headers"], *more]}
            await send(message)

        return dressed

    async def _to(self, send: Send, scope: Scope, place: str) -> None:
        """To another page; a program, and a part of a page, hears that it is not signed in."""
        if scope["method"] != "GET" or "/_nicegui" in scope["path"]:
            await refuse(send, 401, "nobody is signed in")
            return
        query = scope.get("query_string", b"").decode("latin-1")
        target = scope["path"] + (f"?{query}" if query else "")
        address = f"{place}?next={quote(target, safe='')}".encode()
        await send({"type": "http.response.start", "status": 303, "headers": [(b"location", address)]})
        await send({"type": "http.response.body", "body": b""})

    # Websockets ------------------------------------------------------------------------------------------------------

    async def _socket(
        self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], session: Session | None
    ) -> None:  # fmt: skip
        if session is None or session.must_change or not is_inside(scope["path"]) or not same_origin(headers, scope):
            await receive()
            await send({"type": "websocket.close", "code": 4403})
            return
        over = False

        async def checked() -> Message:
            nonlocal over
            message = await receive()
            if message.get("text"):
                message["text"] = _NO_TEXT.sub(r"\1ufffd", message["text"])
            if message["type"] == "websocket.receive" and not over:
                found = await to_thread.run_sync(self.desk.sessions.of_key, session.key)
                if found is None or found.account != session.account:
                    over = True
                    await send({"type": "websocket.close", "code": 4401})
            return {"type": "websocket.disconnect", "code": 4401} if over else message

        async def open_only(message: Message) -> None:
            if not over:
                await send(message)

        await self.app(scope, checked, open_only)


def is_inside(path: str) -> bool:
    """Whether a path belongs to the workbench."""
    return path == WORKBENCH or path.startswith(f"{WORKBENCH}/")


def same_origin(headers: Mapping[str, str], scope: Scope, *, optional: bool = False) -> bool:
    """Whether a page of this very server asks; `optional` where a program without a page may ask, too."""
    origin = headers.get("origin", "")
    if not origin:
        return optional and headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    try:
        found = urlsplit(origin)
    except ValueError:
        return False
    secure = scope.get("scheme") in ("https", "wss")
    return found.netloc == headers.get("host", "") and found.scheme in (("https",) if secure else ("http", "https"))


def sound_length(headers: Mapping[str, str], most: int) -> bool:
    """Whether the length that a request names may be."""
    named = headers.get("content-length", "0")
    return named.isascii() and named.isdigit() and len(named) < 16 and int(named) <= most


def _limited(receive: Receive, most: int, seconds: float) -> Receive:
    """Gives a body that is small enough and comes soon enough; what follows it, such as the end of the connection, has all time."""
    taken, whole, until = 0, False, asyncio.get_running_loop().time() + seconds

    async def limited() -> Message:
        nonlocal taken, whole
        try:
            async with asyncio.timeout_at(None if whole else until):
                message = await receive()
        except TimeoutError:
            raise TooSlow from None
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if taken > most:
            raise TooLarge
        return message

    return limited


async def refuse(send: Send, status: int, why: str) -> None:
    """A short answer in plain text."""
    body = f"{why}\n".encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})


def read_cookies(header: str) -> dict[str, str]:
    """Cookies by name; none where the header is no list of them."""
    try:
        return {name: item.value for name, item in SimpleCookie(header[:8_000]).items()}
    except CookieError:
        return {}
