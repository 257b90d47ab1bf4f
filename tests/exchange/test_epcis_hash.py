"""Event hash ids against published vectors, and what does and does not count in them."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import InputError
from pcf.exchange.epcis_events import BizTransaction, Quantity, TransformationEvent
from pcf.exchange.epcis_hash import canonical_string, event_hash
from tests.exchange.epcis_sample import BASE, NAMESPACES, every_act


def melt(mass: int) -> TransformationEvent:
    """The event of the vector that was computed with release 1.9.3 of the reference implementation."""
    lots = (("UBC-0001", 500), ("TRIM-0007", 300), ("PRIM-0042", 200))
    return TransformationEvent(
        event_time=datetime(2026, 3, 1, 6, tzinfo=UTC),
        offset="+00:00",
        namespace="https://example.org/al/",
        inputs=tuple(Quantity(f"{BASE}lot/{lot}", tonnes, "TNE") for lot, tonnes in lots),
        outputs=(Quantity(f"{BASE}lot/SLAB-2026-0001", mass, "TNE"),),
        transformation_id=f"{BASE}cast/CH1-20260301-01",
        biz_step="commissioning",
        disposition="active",
        read_point=f"{BASE}loc/furnace-3",
        biz_location=f"{BASE}loc/casthouse-1",
        biz_transactions=(BizTransaction("prodorder", f"{BASE}po/778"),),
        ilmd={"alloy": "AA3104", "heatNumber": "H12345"},
        extensions={"cocModel": "massBalance"},
    )


@pytest.mark.parametrize(
    ("mass", "digest"),
    [
        (930, "8d85a160d9e2dab1da345c92ce6905e45b93cbd02a92af257ef5e33516aecd89"),
        (931, "5cdedb01e4033ba1d29f4cc7bb7e612996e1dc7867847e4cecd1894a529f3601"),
    ],
)
def test_a_melt_has_the_id_of_the_reference_implementation(mass: int, digest: str) -> None:
    assert melt(mass).event_id == f"ni:///sha-256;{digest}?ver=CBV2.0"


@pytest.mark.parametrize("mass", [930.0, Decimal("930.000"), "930", "+930.00", " 930 ", "9.3e2"])
def test_a_number_has_one_form(mass: Any) -> None:
    member = melt(930).as_member()
    member["outputQuantityList"][0]["quantity"] = mass
    assert event_hash(member, {"pcf": "https://example.org/al/"}) == melt(930).event_id


GS1 = "https://id.gs1.org/"
FIXTURES: dict[str, dict[str, Any]] = {
    # epcis-event-hash-generator, tests/examples/expected/CBV2.0: the event's members and the hash in its .hashes file.
    "2919bf0587534fef0e25eea97b5dda68f345e6bbf2c6b4cb27b2a52e0039272b": {
        "type": "ObjectEvent",
        "eventTime": "2022-02-16T12:50:00.000+01:00",
        "eventTimeZoneOffset": "+01:00",
        "epcList": [GS1 + "00/140123451122233341"],
        "action": "OBSERVE",
        "bizStep": "departing",
        "readPoint": {"id": GS1 + "414/4012345000221"},
        "bizTransactionList": [{"type": "desadv", "bizTransaction": "urn:epcglobal:cbv:bt:4012345000009:ASN1099"}],
        "sourceList": [{"type": "possessing_party", "source": GS1 + "417/4012345000009"}],
        "destinationList": [{"type": "possessing_party", "destination": GS1 + "417/4023333000000"}],
    },
    "ef43acf0e69951f79739f603f714893784648a41bac3f58035b5830a978a2631": {
        "type": "ObjectEvent",
        "eventTime": "2019-10-21T11:00:30Z",
        "eventTimeZoneOffset": "+01:00",
        "epcList": [GS1 + "00/052000011111111461"],
        "action": "OBSERVE",
        "bizStep": "urn:epcglobal:cbv:bizstep:receiving",
        "readPoint": {"id": GS1 + "414/4012345000122"},
        "bizTransactionList": [
            {"type": "inv", "bizTransaction": "urn:epcglobal:cbv:bt:5200001000008:RE1099"},
            {"type": "cbv:BTT-desadv", "bizTransaction": "urn:epcglobal:cbv:bt:5200001000008:4711"},
        ],
        "sourceList": [
            {"type": "possessing_party", "source": GS1 + "417/4000001000128"},
            {"type": "owning_party", "source": GS1 + "417/4000001000128"},
        ],
        "destinationList": [
            {"type": "possessing_party", "destination": GS1 + "417/4012345000009"},
            {"type": "owning_party", "destination": GS1 + "417/4012345000009"},
            {"type": "location", "destination": GS1 + "414/4012345000122"},
        ],
    },
    "c941e6486c561c2be83c28dc228c150eaef9a6befb1015e6cc563982fb7414b6": {
        "type": "AggregationEvent",
        "eventTime": "2019-10-21T11:58:56.591+02:00",
        "eventTimeZoneOffset": "+02:00",
        "parentID": GS1 + "00/040470231111111229",
        "childEPCs": [f"{GS1}01/04047023775511/21/{serial}" for serial in (97, 98, 107, 109)],
        "action": "ADD",
        "bizStep": "packing",
        "readPoint": {"id": GS1 + "414/4047023000125"},
    },
    "cf6559dc931963f19ed9cd2fe33c02ef64c8cfd557e5a96b086a87db315b7122": {
        "type": "TransactionEvent",
        "eventTime": "2019-10-21T00:05:00-06:00",
        "eventTimeZoneOffset": "-06:00",
        "epcList": [GS1 + "01/10614141073402/21/2", GS1 + "01/10614141073402/21/1"],
        "action": "ADD",
        "bizStep": "shipping",
        "readPoint": {"id": GS1 + "414/4012345000009/254/5"},
        "bizLocation": {"id": GS1 + "414/4012345000009"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:4012345123456:RE100099"}],
    },
    "36ab2ba0e3eac03d14a630148c63c31da00b8c4f1c311f501eb459e89a6e6350": {
        "type": "TransformationEvent",
        "eventTime": "2019-10-21T12:58:56.591Z",
        "eventTimeZoneOffset": "+02:00",
        "inputEPCList": [GS1 + "01/04012345111224/21/25", GS1 + "01/04000001654321/21/99886655"],
        "inputQuantityList": [
            {"epcClass": GS1 + "01/04012345111118/10/4444", "quantity": 10.0, "uom": "KGM"},
            {"epcClass": GS1 + "01/00614141777778/10/987", "quantity": 30},
            {"epcClass": GS1 + "01/04012345666663", "quantity": 220},
        ],
        "outputEPCList": [f"{GS1}01/04012345778892/21/{serial}" for serial in (25, 26, 27, 28)],
        "bizStep": "commissioning",
        "readPoint": {"id": GS1 + "414/4012345000016"},
        "ilmd": {"example:bestBeforeDate": "2015-11-10", "example:batch": "XYZ"},
    },
    # The fourth digit after the point rounds: 5 up, 4 down.
    "af7658e711574363633f20b3dadc7bc4c13c6f612cf96d95e03c421c0e58f3c6": {
        "type": "ObjectEvent",
        "eventTime": "2023-02-02T11:04:03.1415Z",
        "eventTimeZoneOffset": "+01:00",
        "epcList": [GS1 + "00/040123451111111110"],
        "action": "OBSERVE",
        "bizStep": "shipping",
        "disposition": "in_transit",
        "readPoint": {"id": GS1 + "414/4012345000115"},
    },
    "0550df44527332c1fe417c5837fe61b9e71eaa93307b88519dac549bf2d4dcf9": {
        "type": "ObjectEvent",
        "eventTime": "2023-02-02T11:04:03.1414Z",
        "eventTimeZoneOffset": "+01:00",
        "epcList": [GS1 + "00/040123451111111110"],
        "action": "OBSERVE",
        "bizStep": "transporting",
        "readPoint": {"id": "geo:50.947573340894124,6.922120147375441"},
    },
}


@pytest.mark.parametrize("digest", FIXTURES)
def test_published_fixtures_come_out(digest: str) -> None:
    assert event_hash(FIXTURES[digest], {"example": "https://ns.example.com/epcis/"}) == f"ni:///sha-256;{digest}?ver=CBV2.0"


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all values in a member."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def altered(member: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    """A copy with one value changed."""
    found = copy.deepcopy(member)
    holder: Any = found
    for key in path[:-1]:
        holder = holder[key]
    value = holder[path[-1]]
    if path[-1] == "eventTime":
        holder[path[-1]] = value.replace(".000Z", ".001Z")
    elif path[-1] == "eventTimeZoneOffset":
        holder[path[-1]] = "+07:00"
    else:
        holder[path[-1]] = value + 1 if isinstance(value, int) else value + "x"
    assert found != member
    return found


@pytest.mark.parametrize("act", every_act())
def test_every_changed_value_and_every_lost_member_changes_the_hash(act: str) -> None:
    event = every_act()[act]
    outside = {"eventID", "errorDeclaration", "certificationInfo"}
    member = event.as_member()
    counted = [path for path in leaves(member) if path[0] not in outside]
    assert len(counted) >= 10
    hashes = {event_hash(altered(member, path), NAMESPACES) for path in counted}
    hashes |= {
        event_hash({k: v for k, v in member.items() if k != name}, NAMESPACES) for name in member.keys() - outside - {"type"}
    }
    assert event.event_id not in hashes
    assert len(hashes) == len(counted) + len(member.keys() - outside - {"type"})


def test_id_declaration_certificates_and_time_of_record_do_not_count() -> None:
    event = every_act()["shipment"]
    bare = {k: v for k, v in event.as_member().items() if k not in ("eventID", "certificationInfo")}
    more = bare | {"errorDeclaration": {"reason": "incorrect_data"}, "recordTime": "2026-03-02T00:00:00Z"}
    assert event_hash(bare, NAMESPACES) == event_hash(more, NAMESPACES) == event.event_id


@given(act=st.sampled_from(sorted(every_act())), random=st.randoms(use_true_random=False))
def test_order_does_not_count(act: str, random: Any) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in random.sample(list(value), len(value))}
        return [shuffled(item) for item in random.sample(value, len(value))] if isinstance(value, list) else value

    event = every_act()[act]
    assert event_hash(shuffled(event.as_member()), NAMESPACES) == event.event_id


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=6), st.integers(0, 5))
def test_a_decimal_is_written_without_zeros_that_carry_no_value(number: Decimal, zeros: int) -> None:
    text = f"{number:f}" + "0" * zeros
    member = {"type": "ObjectEvent", "pcf:x": text}
    found = canonical_string(member, NAMESPACES).removeprefix("eventType=ObjectEvent{https://example.org/ns/}x=")
    assert Decimal(found) == number
    assert re.fullmatch(r"0|-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", found)


def test_only_numbers_are_read_as_numbers() -> None:
    for text in ("1_000", "1e9999", "nan", "inf", "１２", "0x10", "12 kg", "1.2.3"):
        assert canonical_string({"type": "T", "pcf:x": text}, NAMESPACES).endswith("x=" + text)
    assert len(canonical_string({"type": "T", "pcf:x": "1e999"}, NAMESPACES)) < 1_100


@pytest.mark.parametrize(
    "change",
    [
        {"colour": "red"},
        {"other:colour": "red"},
        {"pcf:x": True},
        {"pcf:x": ["a"]},
        {"eventTime": "2026-03-01T06:00:00"},
        {"eventTime": "yesterday"},
        {"eventTime": "9999-12-31T23:59:59.999999-01:00"},
        {"parentID": "urn:epc:id:sscc:0614141.1234567890"},
        {"parentID": "https://example.org/gtin/04012345111118/lot/4444"},
        {"parentID": "https://id.gs1.org/01/04012345111118/10/4444?x=1"},
    ],
)
def test_what_has_no_canonical_form_here_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        event_hash({"type": "ObjectEvent"} | change, NAMESPACES)
