"""Events that the standard refuses are refused where they are made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.errors import InputError
from pcf.exchange.epcis import as_document, check, make_namespace
from pcf.exchange.epcis_events import (
    AggregationEvent,
    BizTransaction,
    ErrorDeclaration,
    ObjectEvent,
    PartyRole,
    Quantity,
    TransactionEvent,
    TransformationEvent,
)
from tests.exchange.epcis_sample import BASE, NOON

NAIVE = NOON.replace(tzinfo=None)
COMMON: dict[str, Any] = {"event_time": NOON, "offset": "+08:00", "namespace": make_namespace(BASE)}
UNIT = Quantity(BASE + "unit/1", 5)


@pytest.mark.parametrize(
    ("build", "match"),
    [
        (lambda: ObjectEvent(**COMMON | {"event_time": NAIVE}, action="ADD", quantities=(UNIT,)), "eventTime"),
        (lambda: ObjectEvent(**COMMON | {"event_time": datetime.min.replace(tzinfo=NOON.tzinfo)}, action="ADD"), "eventTime"),
        (lambda: ObjectEvent(**COMMON | {"offset": "+8:00"}, action="ADD", quantities=(UNIT,)), "eventTimeZoneOffset"),
        (lambda: ObjectEvent(**COMMON | {"offset": "+14:30"}, action="ADD", quantities=(UNIT,)), "eventTimeZoneOffset"),
        (lambda: ObjectEvent(**COMMON | {"offset": "+08:00\n"}, action="ADD", quantities=(UNIT,)), "eventTimeZoneOffset"),
        (lambda: ObjectEvent(**COMMON | {"namespace": "pcf"}, action="ADD", quantities=(UNIT,)), "namespace"),
        (lambda: ObjectEvent(**COMMON, action="add", quantities=(UNIT,)), "action"),
        (lambda: ObjectEvent(**COMMON, action="ADD"), "no things"),
        (lambda: ObjectEvent(**COMMON, action="ADD", quantities=(UNIT, UNIT)), "quantityList twice"),
        (lambda: ObjectEvent(**COMMON, action="ADD", epc_list=("unit 1",)), "epcList"),
        (lambda: ObjectEvent(**COMMON, action="OBSERVE", quantities=(UNIT,), ilmd={"alloy": "AA3104"}), "ilmd"),
        (lambda: ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), biz_step="melting"), "bizStep"),
        (lambda: ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), disposition=""), "disposition"),
        (lambda: ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), read_point=""), "readPoint"),
        (lambda: ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), certification_info=("409",)), "certificationInfo"),
        (lambda: ObjectEvent(**COMMON, action="ADD", epc_list=("urn:epc:id:sgtin:4012345.011111.9876",)), "GS1"),
        (lambda: AggregationEvent(**COMMON, action="ADD", child_quantities=(UNIT,)), "no parent"),
        (lambda: AggregationEvent(**COMMON, action="DELETE", child_quantities=(UNIT,)), "no parent"),
        (lambda: AggregationEvent(**COMMON, action="ADD", parent_id=BASE + "unit/2"), "no children"),
        (lambda: AggregationEvent(**COMMON, action="OBSERVE"), "no children"),
        (lambda: TransactionEvent(**COMMON, action="ADD", quantities=(UNIT,)), "no business transaction"),
        (lambda: TransactionEvent(**COMMON, action="ADD", biz_transactions=(BizTransaction("po", "urn:x:1"),)), "no things"),
        (lambda: TransformationEvent(**COMMON, inputs=(UNIT,)), "a side without things"),
        (lambda: TransformationEvent(**COMMON, outputs=(UNIT,)), "a side without things"),
        (lambda: TransformationEvent(**COMMON, transformation_id=BASE + "cast/1"), "a side without things"),
        (lambda: Quantity(BASE, 0), "above 0"),
        (lambda: Quantity(BASE, quantity=True), "above 0"),
        (lambda: Quantity(BASE, 1.5), "above 0"),  # type: ignore[arg-type]
        (lambda: Quantity(BASE, 1, "kg"), "UN/ECE"),
        (lambda: BizTransaction("coc", BASE), "bizTransactionType"),
        (lambda: PartyRole("owner", BASE), "partyType"),
        (lambda: ErrorDeclaration(NOON, "mistake"), "errorReason"),
        (lambda: ErrorDeclaration(NOON, "incorrect_data", ("urn:x:1",)), "correctiveEventIDs"),
        (lambda: ErrorDeclaration(NAIVE, "incorrect_data"), "declarationTime"),
    ],
)
def test_an_event_is_refused_where_it_is_made(build: Callable[[], object], match: str) -> None:
    with pytest.raises(InputError, match=match):
        build()


def test_one_side_of_a_transformation_is_enough_where_an_id_joins_the_parts() -> None:
    part = TransformationEvent(**COMMON, inputs=(UNIT,), transformation_id=BASE + "cast/1")
    check(as_document([part], NOON))


@pytest.mark.parametrize("name", ["", "a b", "1a", "pcf:x", "铝", "a\n"])
def test_a_member_of_ours_has_a_plain_name(name: str) -> None:
    with pytest.raises(InputError, match="a name of ASCII letters"):
        ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), extensions={name: "x"})


@pytest.mark.parametrize(
    "value", ["", " x", "x ", "a\nb", "a\u202eb", "A{https://example.org/ns/}heatNumber=1", "x" * 1001, True, None, 1.5]
)
def test_a_member_of_ours_is_a_plain_text_or_a_whole_number(value: Any) -> None:
    with pytest.raises(InputError, match="EPCIS extension alloy"):
        ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), ilmd={"alloy": value})


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), st.one_of(st.integers(), st.text())))
def test_members_that_are_accepted_pass_the_schema(details: dict[str, str | int]) -> None:
    try:
        event = ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), extensions=details)
    except InputError:
        return
    check(as_document([event], NOON))


def test_an_event_does_not_change_with_what_it_was_made_from() -> None:
    details: dict[str, str | int] = {"cocKg": 5}
    event = ObjectEvent(**COMMON, action="ADD", quantities=(UNIT,), extensions=details)
    details["cocKg"] = 6
    assert event.as_member()["pcf:cocKg"] == 5
