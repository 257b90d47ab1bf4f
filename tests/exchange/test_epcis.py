"""Identifiers of any id, and documents that the schema accepts and refuses."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import DataError, InputError
from pcf.exchange import epcis_acts as acts
from pcf.exchange.epcis import as_document, check, make_uri
from tests.exchange.epcis_sample import AT, BASE, NOON, every_act


def document() -> dict[str, Any]:
    """The document of all acts as it is read back from a file."""
    return json.loads(json.dumps(as_document(every_act().values(), NOON)))  # type: ignore[no-any-return]


HOSTILE = [
    "../../etc",
    "a/b?c#d",
    "批次-1",
    "é",
    "e\u0301",
    "{ns}alloy=1",
    "a b",
    "%2F",
    "\x00",
    "quantity=1",
    "'\"<&>",
    "💿",
    "\u202e",
]


@pytest.mark.parametrize("base", [BASE, "http://example.org/a/b/", "urn:example:", "urn:example:mill:"])
@given(st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(min_size=1)).filter(lambda name: name.strip(".")), unique=True))
def test_an_id_of_any_text_has_its_own_uri(base: str, names: list[str]) -> None:
    uris = {make_uri(base, "unit", name) for name in names}
    assert len(uris) == len(names)
    assert {unquote(uri.removeprefix(base)[5:]) for uri in uris} == set(names)
    # What is left stands apart from separators of a path and from `key=value` of the hashed string.
    assert all(set(uri.removeprefix(base)[5:]) <= set(string.ascii_letters + string.digits + "%-._~") for uri in uris)


@given(st.text(min_size=1).filter(lambda name: name.strip(".")))
def test_a_document_holds_units_of_any_id(name: str) -> None:
    check(as_document([acts.bundling(**AT, bundle=name, members={name + "1": 1, name + "2": 2})], NOON))


@pytest.mark.parametrize(
    "base",
    [
        "",
        "example.org/",
        "https://example.org",
        "ftp://example.org/",
        "urn:",
        "urn:x",
        "https:///",
        "https://e/?a=/",
        "https://铝/",
    ],
)
def test_a_base_that_begins_no_uri_is_refused(base: str) -> None:
    with pytest.raises(InputError, match="base of EPCIS identifiers"):
        make_uri(base, "unit", "L1")


@pytest.mark.parametrize("name", ["", ".", "..", "....", "\ud800"])
def test_an_id_without_a_uri_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="EPCIS identifier, unit"):
        make_uri(BASE, "unit", name)


def test_the_document_of_every_act_is_valid_and_its_ids_differ() -> None:
    found = document()
    check(found)
    ids = [event["eventID"] for event in found["epcisBody"]["eventList"]]
    # Only the shipment and its declaration are one event.
    assert len(ids) == len(set(ids)) + 1
    assert found["@context"][0] == "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
    assert found["creationDate"] == "2026-03-01T04:00:00.000Z"


def test_a_document_may_be_empty() -> None:
    check(as_document([], NOON))


def test_no_event_stands_twice_and_issuers_do_not_mix() -> None:
    event = every_act()["cast"]
    with pytest.raises(InputError, match="twice"):
        as_document([event, event], NOON)
    with pytest.raises(InputError, match="one namespace"):
        as_document([event, replace(event, namespace="https://example.com/ns/")], NOON)
    with pytest.raises(InputError, match="creationDate"):
        as_document([], NOON.replace(tzinfo=None))


def test_a_document_that_was_changed_is_found() -> None:
    for number, event in enumerate(document()["epcisBody"]["eventList"]):
        found = document()
        found["epcisBody"]["eventList"][number]["eventTime"] = "2026-03-05T04:00:00.000Z"
        with pytest.raises(InputError, match=rf"eventList/{number}/eventID: found {event['eventID'][:20]}"):
            check(found)


def test_a_day_that_no_calendar_has_is_refused() -> None:
    found = document()
    found["epcisBody"]["eventList"][0]["eventTime"] = "2026-02-30T04:00:00.000Z"
    with pytest.raises(InputError, match="eventTime"):
        check(found)


RECEIPT, CAST, BUNDLE, SHIPMENT, LINK, DECLARED = 0, 2, 4, 5, 6, 7


@pytest.mark.parametrize(
    ("number", "change"),
    [
        (RECEIPT, {"type": "AssociationEvent"}),
        (RECEIPT, {"type": None}),
        (RECEIPT, {"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"}),
        (RECEIPT, {"eventID": None}),
        (RECEIPT, {"eventTime": "2026-03-01T12:00:00+08:00"}),
        (RECEIPT, {"eventTime": "2026-13-01T12:00:00.000Z"}),
        (RECEIPT, {"eventTime": None}),
        (RECEIPT, {"eventTimeZoneOffset": "+15:00"}),
        (RECEIPT, {"eventTimeZoneOffset": "+08:00\n"}),
        (RECEIPT, {"eventTimeZoneOffset": None}),
        (RECEIPT, {"action": "OBSERVED"}),
        (RECEIPT, {"action": None}),
        (RECEIPT, {"bizStep": "melting"}),
        (RECEIPT, {"disposition": "sold"}),
        (RECEIPT, {"readPoint": {}}),
        (RECEIPT, {"readPoint": {"id": "site 1"}}),
        (RECEIPT, {"readPoint": {"id": "https://example.org/%zz"}}),
        (RECEIPT, {"quantityList": None}),
        (RECEIPT, {"quantityList": []}),
        (RECEIPT, {"quantityList": [{"quantity": 1, "uom": "KGM"}]}),
        (RECEIPT, {"quantityList": [{"epcClass": BASE, "quantity": 1, "uom": "kg"}]}),
        (RECEIPT, {"quantityList": [{"epcClass": BASE, "quantity": -1, "uom": "KGM"}]}),
        (RECEIPT, {"quantityList": [{"epcClass": BASE, "quantity": 1.5, "uom": "KGM"}]}),
        (RECEIPT, {"bizTransactionList": [{"type": "coc", "bizTransaction": BASE}]}),
        (RECEIPT, {"bizTransactionList": [{"type": "cert"}]}),
        (RECEIPT, {"sourceList": [{"type": "owner", "source": BASE}]}),
        (RECEIPT, {"destinationList": [{"type": "location", "source": BASE}]}),
        (RECEIPT, {"certificationInfo": "409"}),
        (RECEIPT, {"colour": "red"}),
        (RECEIPT, {"pcf:a b": "red"}),
        (RECEIPT, {"pcf:colour": 1.5}),
        (RECEIPT, {"inputQuantityList": [{"epcClass": BASE, "quantity": 1, "uom": "KGM"}]}),
        (SHIPMENT, {"ilmd": {"pcf:alloy": "AA3104"}}),
        (CAST, {"action": "ADD"}),
        (CAST, {"ilmd": {}}),
        (CAST, {"ilmd": {"alloy": "AA3104"}}),
        (CAST, {"transformationID": None, "inputQuantityList": None}),
        (CAST, {"inputQuantityList": None, "outputQuantityList": None}),
        (BUNDLE, {"parentID": None}),
        (BUNDLE, {"childQuantityList": None}),
        (BUNDLE, {"quantityList": [{"epcClass": BASE, "quantity": 1, "uom": "KGM"}]}),
        (LINK, {"bizTransactionList": None}),
        (LINK, {"quantityList": None}),
        (DECLARED, {"errorDeclaration": {"reason": "incorrect_data"}}),
        (DECLARED, {"errorDeclaration": {"declarationTime": "2026-03-02T04:00:00.000Z", "reason": "mistake"}}),
        (DECLARED, {"errorDeclaration": {"declarationTime": "2026-03-02T04:00:00.000Z", "reason": "incorrect_data", "by": "me"}}),
    ],
)
def test_the_schema_refuses(number: int, change: dict[str, Any]) -> None:
    found = document()
    event = found["epcisBody"]["eventList"][number] | change
    found["epcisBody"]["eventList"][number] = {key: value for key, value in event.items() if value is not None}
    with pytest.raises(DataError) as caught:
        check(found)
    assert all(f"eventList/{number}" in problem.place for problem in caught.value.problems)


@pytest.mark.parametrize(
    "change",
    [
        {"@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"},
        {"@context": ["https://example.org/context.jsonld", {"pcf": BASE}]},
        {"@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", {"other": BASE}]},
        {"type": "EPCISQueryDocument"},
        {"schemaVersion": "1.2"},
        {"creationDate": "2026-03-01"},
        {"epcisBody": {}},
        {"epcisBody": {"eventList": [[]]}},
        {"sender": BASE},
    ],
)
def test_the_schema_refuses_another_document(change: dict[str, Any]) -> None:
    with pytest.raises(DataError, match="EPCIS document"):
        check(document() | change)
