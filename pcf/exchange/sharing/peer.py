"""Another company's PACT service, as a client sees it: a token, pages of footprints, events."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.exchange.pact_json import read_text
from pcf.exchange.sharing.address import Base, base_of
from pcf.exchange.sharing.outside import Answer, Outside

DISCOVERY = "/.well-known/openid-configuration"
TOKEN = "/auth/token"
MOST_PAGES = 10_000
MARGIN = 30
"""How long before its end a token is no longer used [s]."""

_NEXT = re.compile(r'<([^<>]{1,4000})>\s*;(?:[^,<>]*;)?\s*rel="?next"?', re.IGNORECASE)


@dataclass
class Peer:
    """A service with the credentials that it gave us.

    Raises
    ------
    EnvironmentProblem
        By every call, when nobody answers.
    CheckFailed
        By every call, when the answer is a refusal, or leads to where nobody may be led.
    """

    base: Base
    client_id: str
    client_secret: str = field(repr=False)
    outside: Outside
    clock: Callable[[], float] = time.monotonic
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    def footprints(self, query: Sequence[tuple[str, str]] = ()) -> Iterator[tuple[bytes, list[Any]]]:
        """Pages of the footprints that meet a query: each as it was sent, and its footprints."""
        target: str | None = "/3/footprints" + (f"?{urlencode(query, quote_via=quote, safe=':')}" if query else "")
        seen: set[str] = set()
        while target is not None:
            if target in seen or len(seen) >= MOST_PAGES:
                raise CheckFailed(f"{self.base.url}: its pages lead in a circle, or never end")
            seen.add(target)
            answer = self._asked("GET", target)
            if answer.status != 200:
                raise CheckFailed(f"{self.base.url}: {_said(answer)}")
            content = read_text(answer.body, self.base.netloc)
            data = content.get("data") if isinstance(content, dict) else None
            if not isinstance(data, list):
                raise InputError(self.base.netloc, "an answer without a list `data`", "a list of footprints")
            yield answer.body, data
            target = self._following(answer.headers.get("link", ""))

    def post_event(self, content: bytes) -> int:
        """Hand over an event; the status of the answer."""
        return self._asked("POST", "/3/events", content).status

    def _asked(self, method: str, target: str, body: bytes | None = None) -> Answer:
        for again in (False, True):
            headers = {"Authorization": f"Bearer {self._bearer()}"}
            if body is not None:
                headers["Content-Type"] = "application/cloudevents+json; charset=UTF-8"
            answer = self._call(self.base, method, target, headers, body)
            if answer.status != 401 or again:
                return answer
            self._token = ""  # ended before its time
        raise AssertionError

    def _call(self, base: Base, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        try:
            return self.outside.call(base, method, target, headers, body)
        except OSError as error:
            raise EnvironmentProblem(f"{base.netloc}: {error}") from error

    def _bearer(self) -> str:
        if self._token and self.clock() < self._until:
            return self._token
        place, path = self._token_place()
        pair = f"{quote(self.client_id, safe='')}:{quote(self.client_secret, safe='')}"
        headers = {
            "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}", "Content-Type": "application/x-www-form-urlencoded",
        }  # fmt: skip
        answer = self._call(place, "POST", path, headers, b"grant_type=client_credentials")
        if answer.status != 200:
            raise CheckFailed(f"{place.url}{path}: gives no token: {_said(answer)}")
        try:
            content = json.loads(answer.body)
            token, lasts = content["access_token"], float(content.get("expires_in", 60))
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
            raise CheckFailed(f"{place.url}{path}: gives no token") from None
        if not isinstance(token, str) or not re.fullmatch("[!-~]{1,8000}", token):
            raise CheckFailed(f"{place.url}{path}: gives a token that is none")
        self._token, self._until = token, self.clock() + max(0.0, lasts - MARGIN)
        return token

    def _token_place(self) -> tuple[Base, str]:
        """Where tokens are given: as the service says, but on no other host than its own."""
        answer = self._call(self.base, "GET", DISCOVERY, {})
        if answer.status != 200:
            return self.base, TOKEN
        try:
            named = json.loads(answer.body)["token_endpoint"]
        except (ValueError, KeyError, TypeError, RecursionError):
            return self.base, TOKEN
        place = base_of(str(named), f"{self.base.netloc}, token_endpoint", plain=self.outside.plain)
        if not place.beside(self.base):
            raise CheckFailed(f"{self.base.netloc}: names {place.netloc} as the place of tokens, which is another host")
        return Base(place.host, place.port, "", place.scheme), place.path

    def _following(self, link: str) -> str | None:
        """Path and query of the next page, without the base's path."""
        found = _NEXT.search(link)
        if found is None:
            return None
        parts = urlsplit(found[1])
        wrong = CheckFailed(f"{self.base.netloc}: its next page is {found[1][:80]!r}, which is not on the same service")
        try:
            same = (parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)) == (
                self.base.scheme, self.base.host, self.base.port,
            )  # fmt: skip
        except ValueError:
            raise wrong from None
        if not same or not parts.path.startswith(f"{self.base.path}/") or parts.username is not None:
            raise wrong
        target = parts.path.removeprefix(self.base.path)
        return f"{target}?{quote(parts.query, safe='=&:/%+,;@~!$()*-._')}" if parts.query else target


def _said(answer: Answer) -> str:
    """Status of a refusal, with what is said about it, in one short line."""
    try:
        content = json.loads(answer.body)
        told = content.get("message") or content.get("error_description") or content.get("error") or ""
    except (ValueError, AttributeError, RecursionError):
        told = ""
    line = "".join(character for character in str(told)[:200] if character.isprintable())
    return f"{answer.status} {line}".strip()
