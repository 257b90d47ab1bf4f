"""Every answer, and every event that goes out, against the official description of PACT 3.0.4."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from pcf.exchange.sharing import withdraw
from pcf.store import Database
from tests.web.pact.apis import EVENT, Api
from tests.web.pact.footprints import footprint, publish_all
from tests.web.pact.peers import PeerServer
from tests.web.pact.test_callbacks import change, connect, request
from tests.web.pact.test_events import DATA, event
from tests.web.pact.test_lists import FILTERS, ITEMS
from tests.web.pact.test_way import running

pytestmark = pytest.mark.shared
BEARER = "/auth/token"


@pytest.fixture
def description(shared_data: Path) -> dict[str, Any]:
    return read(shared_data)


@cache
def read(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((folder / "pact" / "openapi-3.0.4.yaml").read_text(encoding="utf-8"))
    return found


def validator(description: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    whole = {**schema, "components": description["components"]}
    return Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)


def response(description: dict[str, Any], path: str, method: str, status: int) -> dict[str, Any] | None:
    """Schema of an answer's body, or None where it has none."""
    found = description["paths"][path][method]["responses"][str(status)]
    if "$ref" in found:
        found = description["components"]["responses"][found["$ref"].rpartition("/")[2]]
    content = found.get("content")
    return content and dict(content["application/json"]["schema"])


def test_every_answer_is_as_described(one: Api, description: dict[str, Any]) -> None:
    publish_all(one.database, ITEMS.values(), ["alpha"])
    mine = ITEMS["plain"]["id"]
    lists = [one.get(f"/3/footprints?{query}") for query in FILTERS] + [one.get("/3/footprints?limit=2")]
    cases = [("/3/footprints", "get", 200, answer) for answer in lists]
    cases += [("/3/footprints/{id}", "get", 200, one.get(f"/3/footprints/{item['id']}")) for item in ITEMS.values()]
    cases += [("/3/events", "post", 200, one.post(event(kind, id=kind))) for kind in DATA]
    cases += [
        ("/3/footprints", "get", 400, one.get("/3/footprints?limit=x")),
        ("/3/footprints", "get", 401, one.http.get("/3/footprints")),
        ("/3/footprints/{id}", "get", 400, one.get("/3/footprints/x")),
        ("/3/footprints/{id}", "get", 404, one.get(f"/3/footprints/{mine}", "beta")),
        ("/3/footprints/{id}", "get", 401, one.http.get(f"/3/footprints/{mine}")),
        ("/3/events", "post", 400, one.post(b"{")),
        ("/3/events", "post", 401, one.http.post("/3/events")),
    ]  # fmt: skip
    for path, method, status, answer in cases:
        assert answer.status_code == status, (path, answer.text)
        schema = response(description, path, method, status)
        if schema is None:
            assert answer.content == b""
        else:
            assert list(validator(description, schema).iter_errors(answer.json())) == []


def test_the_validator_sees_what_is_wrong(one: Api, description: dict[str, Any]) -> None:
    """Else the test above would prove nothing."""
    schema = response(description, "/3/footprints", "get", 200)
    assert schema is not None
    for wrong in ({}, {"data": None}, {"data": [{}]}, {"data": [{**footprint(1), "status": "Draft"}]}):
        assert list(validator(description, schema).iter_errors(wrong)), wrong


def test_every_event_that_goes_out_is_as_described(one: Api, description: dict[str, Any], peer: PeerServer) -> None:
    postman = connect(one, peer)
    names = publish_all(one.database, map(footprint, range(2)), ["alpha"])
    now = request(one, peer, "e-1")
    postman.deliver(request(one, peer, "e-2", productId=["urn:pact:none"]))
    change(one, hosts=(), address=peer.base)
    with one.database.write("me") as tx:
        withdraw(tx, names[0], ["alpha"])
    publish_all(one.database, [footprint(0)], ["alpha"])
    postman.deliver(now + 60_000_000)
    sent = {item["type"].rpartition(".ProductFootprint.")[2].removesuffix(".3"): item for item, _ in peer.events}
    assert set(sent) == {"RequestFulfilledEvent", "RequestRejectedEvent", "PublishedEvent"}
    for name, item in sent.items():
        schema = {"$ref": f"#/components/schemas/{name}"}
        assert list(validator(description, schema).iter_errors(item)) == [], name


def test_our_own_requests_are_events_as_described(description: dict[str, Any]) -> None:
    """What the tests send as a customer's is what a customer may send."""
    for kind in DATA:
        name = kind.rpartition(".ProductFootprint.")[2].removesuffix(".3")
        assert list(validator(description, {"$ref": f"#/components/schemas/{name}"}).iter_errors(event(kind))) == []


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), [("/3/footprints", "GET"), ("/3/footprints/{id}", "GET"), ("/3/events", "POST")])
def test_generated_requests_are_answered_as_described(
    sqlite: Database, start: Callable[..., Api], description: dict[str, Any], path: str, method: str
) -> None:
    """Schemathesis makes right and wrong requests of the description, and holds the answers against it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    api = start(sqlite, plain_loopback=True)
    publish_all(sqlite, [footprint(1)], ["alpha"])
    operation = schemathesis.openapi.from_dict(description)[path][method]
    with running(api.http.app) as port:
        seen = set()

        @settings(max_examples=60, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def check(case: Any) -> None:
            headers = {"Authorization": f"Bearer {api.token()}", **({"Content-Type": EVENT} if method == "POST" else {})}
            answer = case.call(base_url=f"http://127.0.0.1:{port}", headers=headers)
            seen.add(answer.status_code)
            case.validate_response(answer, checks=[not_a_server_error, content_type_conformance, response_schema_conformance])

        check()
    assert seen - {500}, seen
