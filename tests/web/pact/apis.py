"""A PACT service under test, and what is asked of it."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from httpx import Response

from pcf.exchange.sharing.clients import find_known
from pcf.store import Database
from pcf.web.pact import PactService, Settings, create_api
from tests.web.pact.footprints import register

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # that there will be another package in place of httpx
    from starlette.testclient import TestClient

BASE = "https://pact.example.com"
EVENT = "application/cloudevents+json; charset=UTF-8"


@dataclass
class Api:
    """A service, its customers' secrets, and a client that speaks to it."""

    service: PactService
    http: TestClient
    database: Database
    secrets: dict[str, str]
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, client: str = "alpha") -> str:
        """A token of a customer."""
        if client not in self._tokens:
            known = find_known(self.service.desk.reader, client)
            assert known is not None
            self._tokens[client] = self.service.desk.tokens.issue(known)
        return self._tokens[client]

    def get(self, path: str, client: str = "alpha", **headers: str) -> Response:
        """`GET` as a customer."""
        return self.http.get(path, headers={"Authorization": f"Bearer {self.token(client)}", **headers})

    def ids(self, query: str = "", client: str = "alpha") -> list[str]:
        """Ids of a list's first page."""
        answer = self.get(f"/3/footprints{query}", client)
        assert answer.status_code == 200, answer.text
        return [item["id"] for item in answer.json()["data"]]

    def all_ids(self, query: str = "", client: str = "alpha", between: Any = lambda _: None) -> list[str]:
        """Ids of all pages, along their links; `between` is called with the number of each page."""
        address, found, number = f"{BASE}/3/footprints{query}", [], 0
        while address:
            answer = self.get(address, client)
            assert answer.status_code == 200, answer.text
            found += [item["id"] for item in answer.json()["data"]]
            link = answer.headers.get("link", "")
            assert not link or (link.startswith(f"<{BASE}/3/footprints?") and link.endswith('>; rel="next"'))
            address = link.removesuffix('>; rel="next"').removeprefix("<")
            number += 1
            assert number < 1_000
            between(number)
        return found

    def post(self, event: Mapping[str, Any] | bytes, client: str = "alpha", kind: str = EVENT) -> Response:
        """`POST /3/events` as a customer."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        headers = {"Authorization": f"Bearer {self.token(client)}", "Content-Type": kind}
        return self.http.post("/3/events", content=body, headers=headers)


@contextmanager
def serve(database: Database, **settings: Any) -> Iterator[Api]:
    """A service with two customers; it hands no events over by itself unless `deliver` is said."""
    secrets = {name: register(database, name, hosts=(f"{name}.example",)) for name in ("alpha", "beta")}
    app = create_api(Settings(BASE, **{"deliver": False, **settings}), database)
    with TestClient(app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False) as http:
        yield Api(app.state.pact, http, database, secrets)


def refusal(answer: Response, status: int, code: str) -> str:
    """Message of a refusal, which has to be of a status and code."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    content = answer.json()
    assert set(content) == {"code", "message"} and content["code"] == code, content
    return str(content["message"])
