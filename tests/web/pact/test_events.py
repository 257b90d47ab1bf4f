"""Events that come in: taken once, refused in the words of PACT, answered to nobody but to whom they may be."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from pcf.exchange.sharing.clients import put_client, read_client
from pcf.exchange.sharing.outbox import CREATED, FULFILLED, PUBLISHED, REJECTED
from pcf.store.pact_schema import pact_inbox, pact_outbox
from tests.web.pact.apis import Api, refusal
from tests.web.pact.footprints import footprint

ID = "11111111-1111-4111-8111-111111111111"
DATA: dict[str, dict[str, Any]] = {
    CREATED: {"productId": ["urn:pact:example.com:product-id:ingot-1"], "comment": "for our report"},
    FULFILLED: {"requestEventId": "r-1", "pfs": [footprint(1)]},
    REJECTED: {"requestEventId": "r-1", "error": {"code": "NotFound", "message": "none"}},
    PUBLISHED: {"pfIds": [ID]},
}


def event(kind: str = CREATED, **changes: Any) -> dict[str, Any]:
    made = {
        "type": kind, "specversion": "1.0", "id": "e-1", "source": "//alpha.example/3/events", "time": "2026-03-05T17:31:00Z",
        "data": DATA.get(kind, {}), **changes,
    }  # fmt: skip
    return {name: value for name, value in made.items() if value is not None}


def counts(api: Api) -> tuple[int, int]:
    with api.database.read() as connection:
        inbox, outbox = (
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (pact_inbox, pact_outbox)
        )
    return int(inbox), int(outbox)


@pytest.mark.parametrize("kind", DATA)
def test_an_event_is_taken_once_however_often_it_is_sent(api: Api, kind: str) -> None:
    for _ in range(3):
        answer = api.post(event(kind))
        assert (answer.status_code, answer.content) == (200, b"")
    assert counts(api) == (1, 1 if kind == CREATED else 0)
    # Another source, another id and another customer are other events.
    assert api.post(event(kind, id="e-2")).status_code == 200
    assert api.post(event(kind, source="https://alpha.example:443/")).status_code == 200
    with api.database.write("me") as tx:
        beta = read_client(tx.connection, "beta")
        assert beta is not None
        put_client(tx, type(beta)(**{**beta.__dict__, "hosts": ("alpha.example",)}), change=True)
    assert api.post(event(kind), "beta").status_code == 200
    assert counts(api)[0] == 4


def test_a_replay_with_another_content_is_refused(api: Api) -> None:
    assert api.post(event()).status_code == 200
    assert "taken before" in refusal(api.post(event(data={"geography": ["CN"]})), 400, "BadRequest")
    assert counts(api) == (1, 1)


def test_many_at_once_are_one(api: Api) -> None:
    from concurrent.futures import ThreadPoolExecutor

    api.token()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.post(event()).status_code, range(16)))
    assert answers == [200] * 16 and counts(api) == (1, 1)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": None}, {"type": "org.wbcsd.pathfinder.ProductFootprintRequest.Created.v1"}, {"type": 3}, {"specversion": "0.3"}, {"specversion": None},
        {"id": ""}, {"id": None}, {"id": 7}, {"id": "x" * 501}, {"id": " "}, {"source": ""}, {"source": None}, {"time": "yesterday"}, {"time": None},
        {"time": "2026-13-05T17:31:00Z"}, {"data": None}, {"data": []}, {"data": "x"}, {"data": {"productId": "4711"}}, {"data": {"productId": [4711]}},
        {"data": {"productid": ["urn:x"], "limit": 1}}, {"data": {"validOn": "x"}}, {"data": {"status": ["Draft"]}}, {"data": {"other": "x"}}, {"data": {"comment": 1}},
        {"data": {"geography": {"a": 1}}}, {"data": {"geography": ["x\u0000"]}},
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused(one: Api, changes: dict[str, Any]) -> None:
    refusal(one.post(event(**changes)), 400, "BadRequest")
    assert counts(one) == (0, 0)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (FULFILLED, {"pfs": [footprint(1)]}), (FULFILLED, {"requestEventId": "r", "pfs": []}), (FULFILLED, {"requestEventId": "r"}),
        (FULFILLED, {"requestEventId": "r", "pfs": [1]}), (FULFILLED, {"requestEventId": "r", "pfs": [{"id": ID}]}),
        (FULFILLED, {"requestEventId": "r", "pfs": [{"id": "x", "pcf": {}}]}), (FULFILLED, {"requestEventId": 1, "pfs": [footprint(1)]}),
        (REJECTED, {"requestEventId": "r"}), (REJECTED, {"error": DATA[REJECTED]["error"]}), (REJECTED, {"requestEventId": "r", "error": {"code": "x"}}),
        (PUBLISHED, {}), (PUBLISHED, {"pfIds": []}), (PUBLISHED, {"pfIds": "x"}), (PUBLISHED, {"pfIds": [f"urn:uuid:{ID}"]}), (PUBLISHED, {"pfIds": [1]}),
    ],
)  # fmt: skip
def test_other_events_with_wrong_data_are_refused(one: Api, kind: str, data: dict[str, Any]) -> None:
    refusal(one.post(event(kind, data=data)), 400, "BadRequest")
    assert counts(one) == (0, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"id": NaN}',
        b'{"id":"a","id":"b"}',
        b"[" * 10_000 + b"]" * 10_000,
        b'"' + b"x" * 100,
    ],
)
def test_what_is_no_json_is_refused(one: Api, body: bytes) -> None:
    refusal(one.post(body), 400, "BadRequest")


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "", "application/cloudevents+xml"])
def test_another_content_type_is_refused(one: Api, kind: str) -> None:
    refusal(one.post(event(), kind=kind), 400, "BadRequest")


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.example/3/events", "//evil.example", "http://alpha.example", "https://alpha.example:8443", "https://alpha.example@evil.example",
        "https://alpha.example.evil.example", "https://127.0.0.1", "https://169.254.169.254/latest", "https://[::1]", "https://[::ffff:127.0.0.1]",
        "https://localhost", "https://beta.example", "file:///etc/passwd", "urn:alpha", "alpha.example", "/3/events", "https://alpha.example/?x", "https://alpha.example/../",
        "https://ALPHA.example\\@evil.example",
    ],
)  # fmt: skip
def test_an_answer_goes_to_a_registered_host_alone(one: Api, source: str) -> None:
    refusal(one.post(event(source=source)), 400, "BadRequest")
    assert counts(one) == (0, 0)


def test_a_source_without_a_host_is_the_clients_own_service(one: Api) -> None:
    with one.database.write("me") as tx:
        alpha = read_client(tx.connection, "alpha")
        assert alpha is not None
        put_client(tx, type(alpha)(**{**alpha.__dict__, "address": "https://own.example/pact"}), change=True)
    assert one.post(event(source="/3/events")).status_code == 200
    with one.database.read() as connection:
        assert connection.execute(select(pact_outbox.c.url)).scalars().all() == ["https://own.example/pact"]


def test_events_are_kept_as_they_were_sent(one: Api) -> None:
    from pcf.exchange.sharing.inbox import list_inbox

    one.post(event(FULFILLED))
    with one.database.read() as connection:
        (row,) = list_inbox(connection, 10)
    assert row["payload"] == json.loads(json.dumps(event(FULFILLED))) and row["client"] == "alpha"
