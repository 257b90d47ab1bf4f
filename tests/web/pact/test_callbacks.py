"""Events that go out: to a real service over TLS, again and again with a clock of the test, through stops in between."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from pcf.errors import EnvironmentProblem
from pcf.exchange.sharing import Client, publish, withdraw
from pcf.exchange.sharing.clients import put_client, put_peer, read_client
from pcf.exchange.sharing.outbox import CREATED, FIRST, FULFILLED, GIVE_UP, LEASE, LONGEST, PUBLISHED, REJECTED, SECOND, Postman
from pcf.exchange.sharing.vault import seal, service_key, unseal
from pcf.store import Database, clock, open_database
from pcf.store.keys import create_key
from pcf.store.pact_schema import pact_outbox
from tests.web.pact.apis import BASE, Api
from tests.web.pact.footprints import footprint, publish_all
from tests.web.pact.peers import HOST, PeerServer
from tests.web.pact.test_events import event


def change(api: Api, **values: Any) -> None:
    with api.database.write("me") as tx:
        alpha = read_client(tx.connection, "alpha")
        assert alpha is not None
        put_client(tx, Client(**{**alpha.__dict__, **values}), change=True)


def outbox(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(pact_outbox).order_by(pact_outbox.c.made, pact_outbox.c.id)))


def connect(api: Api, peer: PeerServer, secret: str = "hush") -> Postman:
    """Let the service speak to a customer's own one, with credentials that it has got."""
    change(api, hosts=(f"{HOST}:{peer.port}",), address=None)
    postman = api.service.postman
    postman.outside = peer.outside()
    with api.database.write("me") as tx:
        put_peer(tx, "alpha", "us", seal(postman.signer, "alpha", secret), 0)
    return postman


def request(api: Api, peer: PeerServer, name: str = "e-1", **data: Any) -> int:
    """A customer's request; when it was taken [us]."""
    assert api.post(event(id=name, source=f"{peer.base}/3/events", data=data)).status_code == 200
    return clock.now()


def test_a_request_is_answered_with_what_the_list_shows(api: Api, peer: PeerServer) -> None:
    publish_all(api.database, map(footprint, range(3)), ["alpha"])
    publish_all(api.database, [footprint(9)], ["beta"])
    postman = connect(api, peer)
    now = request(api, peer, geography=["CN"])
    assert postman.deliver(now) == 1
    ((sent, headers),) = peer.events
    assert sent["type"] == FULFILLED and sent["source"] == BASE and sent["specversion"] == "1.0"
    assert sent["data"] == {"requestEventId": "e-1", "pfs": api.get("/3/footprints?geography=CN").json()["data"]}
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    assert [row.state for row in outbox(api.database)] == ["sent"]
    assert postman.deliver(now + GIVE_UP) == 0, "what was handed over is not sent again"


@pytest.mark.parametrize("data", [{"productId": ["urn:pact:none"]}, {"productId": ["urn:pact:example.com:product-id:ingot-9"]}])
def test_a_request_without_an_answer_is_rejected(one: Api, peer: PeerServer, data: dict[str, Any]) -> None:
    """Whether there is none, or another customer's: the words are the same."""
    publish_all(one.database, [footprint(9)], ["beta"])
    postman = connect(one, peer)
    postman.deliver(request(one, peer, **data))
    ((sent, _),) = peer.events
    assert sent["type"] == REJECTED
    assert sent["data"] == {
        "requestEventId": "e-1", "error": {"code": "NotFound", "message": "There is no footprint that meets the request."}
    }  # fmt: skip


def test_a_request_for_too_much_is_rejected(one: Api, peer: PeerServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pcf.exchange.sharing.outbox.MOST_ANSWER", 2)
    publish_all(one.database, map(footprint, range(3)), ["alpha"])
    connect(one, peer).deliver(request(one, peer))
    assert peer.events[0][0]["data"]["error"]["code"] == "BadRequest"


def test_what_is_withdrawn_before_the_answer_goes_out_is_not_in_it(one: Api, peer: PeerServer) -> None:
    names = publish_all(one.database, map(footprint, range(2)), ["alpha"])
    postman = connect(one, peer)
    now = request(one, peer)
    with one.database.write("me") as tx:
        withdraw(tx, names[0], ["alpha"])
    postman.deliver(now)
    assert [item["id"] for item in peer.events[0][0]["data"]["pfs"]] == names[1:]


def test_retries_back_off_and_end_after_72_hours(api: Api, peer: PeerServer) -> None:
    publish_all(api.database, [footprint(1)], ["alpha"])
    postman = connect(api, peer)
    peer.answers["/3/events"] = (503, {}, b"")
    now = request(api, peer)
    times: list[int] = []
    while (row := outbox(api.database)[0]).state == "waiting":
        now = row.next_try
        tries = len(peer.asked)
        assert postman.deliver(now - 1) == 0 and len(peer.asked) == tries, "not before its time"
        times.append(now)
        assert postman.deliver(now) == 0
        assert len(times) < 100
    assert (row.state, row.tries, row.error) == ("failed", len(times), "answered 503")
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert waits == [min(FIRST * 2**n, LONGEST) for n in range(len(waits))]  # 30 s, 1 min, 2 min … 6 h
    assert GIVE_UP - LONGEST <= times[-1] - row.made <= GIVE_UP
    assert postman.deliver(now + 10 * GIVE_UP) == 0 and len([asked for asked in peer.asked if asked == "POST /3/events"]) == len(
        times
    )


def test_a_service_that_is_back_gets_the_event_under_the_same_id(one: Api, peer: PeerServer) -> None:
    publish_all(one.database, [footprint(1)], ["alpha"])
    postman = connect(one, peer)
    seen: list[str] = []

    def first_lost(handler: Any) -> tuple[int, dict[str, str], bytes] | None:
        seen.append("lost")
        handler.connection.close()
        return None

    peer.answers["/3/events"] = first_lost
    now = request(one, peer)
    assert postman.deliver(now) == 0 and seen == ["lost"]
    name = outbox(one.database)[0].id
    del peer.answers["/3/events"]
    assert postman.deliver(now + FIRST) == 1
    assert [sent["id"] for sent, _ in peer.events] == [name]


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_an_event_that_is_not_liked_is_not_repeated(one: Api, peer: PeerServer, status: int) -> None:
    postman = connect(one, peer)
    peer.answers["/3/events"] = (status, {}, b"")
    postman.deliver(request(one, peer))
    assert [(row.state, row.error) for row in outbox(one.database)] == [("failed", f"answered {status}")]


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_of_a_callback_is_not_followed(one: Api, peer: PeerServer, status: int) -> None:
    postman = connect(one, peer)
    peer.answers["/3/events"] = (status, {"Location": f"{peer.base}/elsewhere"}, b"")
    postman.deliver(request(one, peer))
    assert not any("elsewhere" in asked for asked in peer.asked)
    assert outbox(one.database)[0].state == "waiting"


def test_a_host_that_leads_to_a_private_address_is_not_called(one: Api, peer: PeerServer) -> None:
    postman = connect(one, peer)
    postman.outside = peer.outside(private=())
    postman.deliver(request(one, peer))
    (row,) = outbox(one.database)
    assert row.state == "waiting" and "no public address" in row.error and peer.asked == []


def test_a_host_that_left_the_list_is_not_called(one: Api, peer: PeerServer) -> None:
    postman = connect(one, peer)
    now = request(one, peer)
    change(one, hosts=("other.example",))
    postman.deliver(now)
    assert "no longer a callback host" in outbox(one.database)[0].error and peer.asked == []


def test_a_client_that_was_disabled_gets_nothing_more(one: Api, peer: PeerServer) -> None:
    postman = connect(one, peer)
    now = request(one, peer)
    change(one, active=False)
    assert postman.deliver(now) == 0
    assert [row.state for row in outbox(one.database)] == ["dropped"] and peer.asked == []


def test_without_credentials_an_event_waits(one: Api, peer: PeerServer) -> None:
    change(one, hosts=(f"{HOST}:{peer.port}",))
    one.service.postman.outside = peer.outside()
    one.service.postman.deliver(request(one, peer))
    (row,) = outbox(one.database)
    assert row.state == "waiting" and "no credentials" in row.error


def test_wrong_credentials_are_told(one: Api, peer: PeerServer) -> None:
    connect(one, peer, secret="wrong").deliver(request(one, peer))
    (row,) = outbox(one.database)
    assert row.state == "waiting" and "gives no token: 401 invalid_client" in row.error and "wrong" not in row.error


def test_the_place_of_tokens_may_be_told_but_not_on_another_host(one: Api, peer: PeerServer) -> None:
    postman = connect(one, peer)
    told = {"token_endpoint": f"{peer.base}/oauth/given"}
    peer.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps(told).encode())
    peer.answers["/oauth/given"] = (200, {}, b'{"access_token":"peer-token","expires_in":60}')
    assert postman.deliver(request(one, peer)) == 1 and "POST /oauth/given" in peer.asked
    for number, place in enumerate(
        ("https://evil.example/token", "https://127.0.0.1/token", f"http://{HOST}:{peer.port}/token", f"https://{HOST}/token")
    ):
        peer.answers["/.well-known/openid-configuration"] = (200, {}, json.dumps({"token_endpoint": place}).encode())
        postman._peers.clear()
        lookups = len(peer.lookups)
        assert postman.deliver(request(one, peer, f"n-{number}")) == 0, place
        assert set(peer.lookups[lookups:]) == {HOST}, "nobody else was looked up"


def test_a_token_that_ended_early_is_asked_for_anew(one: Api, peer: PeerServer) -> None:
    postman = connect(one, peer)
    now = request(one, peer)
    postman.deliver(now)
    next(iter(postman._peers.values()))._token = "stale"
    assert postman.deliver(request(one, peer, "e-2")) == 1
    assert peer.asked.count("POST /auth/token") == 2


def test_what_is_published_is_announced(api: Api, peer: PeerServer) -> None:
    postman = connect(api, peer)
    change(api, hosts=(), address=peer.base)
    names = publish_all(api.database, [footprint(1)], ["alpha", "beta"])
    assert len(outbox(api.database)) == 1, "beta has no service of its own"
    assert postman.deliver(clock.now()) == 1
    ((sent, _),) = peer.events
    assert (sent["type"], sent["data"]) == (PUBLISHED, {"pfIds": names})


def test_a_writing_that_fails_announces_nothing(one: Api, peer: PeerServer) -> None:
    change(one, address="https://own.example")

    def fail() -> None:
        with one.database.write("me") as tx:
            publish(tx, footprint(1), ["alpha"])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert outbox(one.database) == []


def test_each_event_is_taken_by_one_of_many_workers(api: Api, peer: PeerServer) -> None:
    from concurrent.futures import ThreadPoolExecutor

    publish_all(api.database, [footprint(1)], ["alpha"])
    postman = connect(api, peer)
    for number in range(12):
        request(api, peer, f"e-{number}")
    others = [Postman(api.database, postman.signer, postman.outside, BASE) for _ in range(6)]
    now = clock.now()
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda one: one.deliver(now), others)) == 12
    assert len(peer.events) == len({sent["id"] for sent, _ in peer.events}) == 12


def _stop_in_the_midst(url: str, home: str, now: int) -> None:
    import os

    os.environ["PCF_HOME"] = home
    database = open_database(url)
    postman = Postman(database, service_key(Path(home) / "keys"), None, BASE)  # type: ignore[arg-type]
    postman._try = lambda *_: os._exit(9)  # type: ignore[method-assign,assignment]
    postman.deliver(now)


def test_a_kill_in_between_loses_nothing(api: Api, peer: PeerServer, database_url: str, pcf_home: Path) -> None:
    """Killed after the event was taken and before it was handed over: it goes out when its lease has ended, and not before."""
    publish_all(api.database, [footprint(1)], ["alpha"])
    postman = connect(api, peer)
    now = request(api, peer)
    process = multiprocessing.get_context("spawn").Process(target=_stop_in_the_midst, args=(database_url, str(pcf_home), now))
    process.start()
    process.join(60)
    assert process.exitcode == 9
    assert postman.deliver(now + LEASE - SECOND) == 0 and peer.events == []
    assert postman.deliver(now + LEASE) == 1 and len(peer.events) == 1


def test_the_service_hands_over_by_itself(sqlite: Database, peer: PeerServer, start: Callable[..., Api]) -> None:
    api = start(sqlite, deliver=True)
    publish_all(sqlite, [footprint(1)], ["alpha"])
    connect(api, peer)
    request(api, peer)
    end = time.monotonic() + 120
    while not peer.events and time.monotonic() < end:
        time.sleep(0.02)
    assert peer.events[0][0]["type"] == FULFILLED, "woken at once, not after a pause"


def test_a_secret_is_kept_for_one_client_under_one_key(tmp_path: Path) -> None:
    signer, other = create_key(tmp_path, "pact"), create_key(tmp_path, "other")
    sealed = seal(signer, "alpha", "hush")
    assert unseal(signer, "alpha", sealed) == "hush" and b"hush" not in sealed
    for key, client, content in (
        (other, "alpha", sealed),
        (signer, "beta", sealed),
        (signer, "alpha", sealed[:-1]),
        (signer, "alpha", b""),
    ):
        with pytest.raises(EnvironmentProblem, match="another key"):
            unseal(key, client, content)


def test_the_names_of_events_are_those_of_the_specification() -> None:
    assert CREATED == "org.wbcsd.pact.ProductFootprint.RequestCreatedEvent.3"
    assert PUBLISHED == "org.wbcsd.pact.ProductFootprint.PublishedEvent.3"
