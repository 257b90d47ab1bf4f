"""Events that come in: each is taken once. A request is answered later, by an event to whoever sent it; the rest is kept.

References
----------
CloudEvents 1.0, structured content mode; PACT Technical Specifications 3.0, action events.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from anyio import to_thread
from fastapi import Request, Response
from sqlalchemy import insert, select

from pcf.errors import InputError
from pcf.exchange.pact_json import read_text
from pcf.exchange.sharing.address import Base, base_of, is_listed
from pcf.exchange.sharing.clients import Client
from pcf.exchange.sharing.criteria import Criteria
from pcf.exchange.sharing.outbox import CREATED, FULFILLED, PUBLISHED, REJECTED, enqueue
from pcf.exchange.sharing.terms import moment
from pcf.store import clock
from pcf.store.pact_schema import pact_inbox
from pcf.web.pact.auth import bearer_token
from pcf.web.pact.desk import Desk
from pcf.web.pact.errors import bad_request
from pcf.web.pact.filters import read_data
from pcf.web.pact.footprints import known_client

MEDIA_TYPE = "application/cloudevents+json"
LONGEST = 500
_UUID = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII)


async def post_event(desk: Desk, request: Request) -> Response:
    """`POST /3/events`: 200 without a body when the event was taken, now or before."""
    token = bearer_token(request.headers.get("authorization"))
    client = (await to_thread.run_sync(known_client, desk, token)).client
    if request.headers.get("content-type", "").partition(";")[0].strip().casefold() != MEDIA_TYPE:
        raise bad_request(f"The content type has to be {MEDIA_TYPE}.")
    body = await desk.read_body(request)
    await to_thread.run_sync(_take, desk, client, body)
    return Response(status_code=200)


def _take(desk: Desk, client: Client, body: bytes) -> None:
    try:
        content = read_text(body, "event")
    except InputError as problem:
        raise bad_request(str(problem)) from None
    event = _envelope(content)
    kind, data = event["type"], event["data"]
    criteria: Criteria | None = None
    base: Base | None = None
    if kind == CREATED:
        criteria, base = read_data(data), _callback(desk, client, event["source"])
    else:
        _CHECKS[kind](data)
    row = {
        "client": client.id, "source": event["source"], "id": event["id"], "type": kind, "sha256": hashlib.sha256(body).hexdigest(),
        "time": clock.now(), "body": body.decode("utf-8-sig"),
    }  # fmt: skip
    same = [pact_inbox.c[name] == row[name] for name in ("client", "source", "id")]
    with desk.database.write(f"api:{client.id}") as tx:
        before = tx.connection.execute(select(pact_inbox.c.sha256).where(*same)).scalar()
        if before is not None:
            if before != row["sha256"]:
                raise bad_request("An event of this source and id was taken before, with another content.")
            return
        tx.connection.execute(insert(pact_inbox), row)
        if criteria is not None and base is not None:
            enqueue(tx.connection, client.id, base.url, FULFILLED, {"requestEventId": event["id"]}, clock.now(), criteria)
    if criteria is not None:
        desk.wake()


def _envelope(content: Any) -> Mapping[str, Any]:
    """The members that every event has.

    Raises
    ------
    Refused
        For what is no event of a kind that is known here.
    """
    if not isinstance(content, dict):
        raise bad_request("An event is a JSON object.")
    for name in ("type", "specversion", "id", "source", "time"):
        value = content.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or "\0" in value:
            raise bad_request(f"{name} has to be a text of 1 to {LONGEST} characters.")
    if content["specversion"] != "1.0":
        raise bad_request("specversion has to be 1.0.")
    if content["type"] != CREATED and content["type"] not in _CHECKS:
        raise bad_request(f"type has to be one of: {', '.join([CREATED, *_CHECKS])}.")
    if not _TIME.fullmatch(content["time"]):
        raise bad_request("time has to be a moment such as 2026-01-01T00:00:00Z.")
    try:
        moment(content["time"].upper())
    except ValueError:
        raise bad_request("time has to be a moment such as 2026-01-01T00:00:00Z.") from None
    if not isinstance(content.get("data"), dict):
        raise bad_request("data has to be an object.")
    return content


def _callback(desk: Desk, client: Client, source: str) -> Base:
    """Where the answer goes: the source of the request, or the client's own service where that is only a path.

    Raises
    ------
    Refused
        For a place that is not on the client's list: nobody is led to an address by whoever can write one.
    """
    if source.startswith("/") and not source.startswith("//"):
        if client.address is None:
            raise bad_request("source names no host, and no service of yours is known here: ask for it to be registered.")
        return base_of(client.address, "source", plain=desk.postman.outside.plain)
    try:
        base = base_of(source, "source", plain=desk.postman.outside.plain)
    except InputError:
        raise bad_request("source has to be the https address of your service.") from None
    if base.url != client.address and not is_listed(base, client.hosts):
        raise bad_request("source is on a host that is not registered for answers to you.")
    return base


def _fulfilled(data: Mapping[str, Any]) -> None:
    _request_id(data)
    footprints = data.get("pfs")
    if not isinstance(footprints, list) or not footprints or not all(isinstance(item, dict) for item in footprints):
        raise bad_request("data: pfs has to be a list of at least one footprint.")
    if not all(isinstance(item.get("pcf"), dict) and _UUID.fullmatch(str(item.get("id"))) for item in footprints):
        raise bad_request("data: each of pfs has to be a ProductFootprint with id and pcf.")


def _rejected(data: Mapping[str, Any]) -> None:
    _request_id(data)
    error = data.get("error")
    if not isinstance(error, dict) or not all(isinstance(error.get(name), str) for name in ("code", "message")):
        raise bad_request("data: error has to have a code and a message.")


def _published(data: Mapping[str, Any]) -> None:
    names = data.get("pfIds")
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and _UUID.fullmatch(name) for name in names):
        raise bad_request("data: pfIds has to be a list of at least one UUID.")


def _request_id(data: Mapping[str, Any]) -> None:
    value = data.get("requestEventId")
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST:
        raise bad_request("data: requestEventId has to be the id of a request.")


_CHECKS = {FULFILLED: _fulfilled, REJECTED: _rejected, PUBLISHED: _published}
