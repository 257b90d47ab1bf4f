"""EPCIS 2.0 documents (ISO/IEC 19987, JSON-LD): identifiers, the document and its check.

EPCIS knows no accounts of a mass balance: those stay in the ledger, and an event's id links the two. What a cast or a shipment
is as an event: `pcf.exchange.epcis_acts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from pcf.catalogue.schemas import validator
from pcf.errors import DataError, InputError
from pcf.exchange.epcis_events import PREFIX, Event, as_utc, matches
from pcf.exchange.epcis_hash import event_hash

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

_BASE = re.compile(r"https?://[^/?#=]+(/[^?#=]*)?/|urn:[A-Za-z0-9][A-Za-z0-9-]{0,30}[A-Za-z0-9]:([^?#=]*:)?")


def make_uri(base: str, kind: str, name: str) -> str:
    """The URI of a thing: base, kind (`unit`, `party`, `site`, `document`, …) and its id, percent-encoded.

    Parameters
    ----------
    base : str
        Beginning of all the issuer's URIs, such as `https://example.org/` or `urn:example:`.
    kind : str
        Kind of the thing.
    name : str
        Its id as people use it: any text.

    Raises
    ------
    InputError
        For a base that is no beginning of a URI, and an id that is empty, all dots or no text of Unicode.
    """
    if not _BASE.fullmatch(base) or not matches("uri", base + "x"):
        expected = "the beginning of URIs, such as https://example.org/ or urn:example:, that ends in / or :"
        raise InputError("base of EPCIS identifiers", repr(base), expected)
    try:
        path = quote(name, safe="")
    except UnicodeEncodeError:
        raise InputError(f"EPCIS identifier, {kind}", repr(name), "a text of Unicode characters") from None
    # A client takes dots for steps in the path, even percent-encoded ones.
    if not path.strip("."):
        raise InputError(f"EPCIS identifier, {kind}", repr(name), "an id of more than dots")
    return f"{base}{kind}{':' if base.startswith('urn:') else '/'}{path}"


def make_namespace(base: str) -> str:
    """The namespace of our own members: beneath the base, so that two issuers' never meet."""
    return make_uri(base, "ns", "x").removesuffix("x")


def as_document(events: Iterable[Event], created: datetime) -> dict[str, Any]:
    """An EPCIS document in JSON-LD.

    Parameters
    ----------
    events : Iterable of Event
        In the order of the list; all of one namespace.
    created : datetime
        When the document was made; aware of its zone.

    Raises
    ------
    InputError
        When namespaces differ, or an event stands twice.
    """
    found = list(events)
    namespaces = sorted({event.namespace for event in found})
    if len(namespaces) > 1:
        raise InputError("EPCIS document", ", ".join(namespaces), "events of one namespace")
    # An event and the declaration that it is wrong share their id; nothing else may.
    seen: set[tuple[str, bool]] = set()
    for event in found:
        key = (event.event_id, event.error is not None)
        if key in seen:
            raise InputError("EPCIS document", f"{event.kind} {event.event_id} twice", "every event once")
        seen.add(key)
    return {
        "@context": [CONTEXT, *({PREFIX: namespace} for namespace in namespaces)],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": as_utc("creationDate", created),
        "epcisBody": {"eventList": [event.as_member() for event in found]},
    }


def check(document: Mapping[str, Any]) -> None:
    """Check a document against the schema, and each event's id against its content.

    Raises
    ------
    DataError
        With all that the schema does not allow.
    InputError
        For the first event whose id is not that of its content.
    """
    problems = []
    for error in sorted(validator("epcis").iter_errors(document), key=lambda item: list(map(str, item.absolute_path))):
        place = "/".join(["EPCIS document", *map(str, error.absolute_path)])
        wanted = error.schema.get("description") if isinstance(error.schema, Mapping) else None
        problems.append(InputError(place, error.message, wanted or f"{error.validator}: {error.validator_value}"))
    if problems:
        raise DataError(problems)
    namespaces = document["@context"][1] if len(document["@context"]) > 1 else {}
    for number, event in enumerate(document["epcisBody"]["eventList"]):
        wanted = event_hash(event, namespaces)
        if event["eventID"] != wanted:
            place = f"EPCIS document/epcisBody/eventList/{number}/eventID"
            raise InputError(place, event["eventID"], wanted, "the event was changed after its id was computed")
