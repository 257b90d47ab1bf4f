"""Each act of the business as the event that the standard has for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pcf.errors import InputError
from pcf.exchange import epcis_acts as acts
from tests.exchange.epcis_sample import AT, BASE, NOON, every_act


@pytest.mark.parametrize(
    ("act", "kind", "action", "step", "documents"),
    [
        ("receipt", "ObjectEvent", "ADD", "receiving", {"recadv": "T-9", "cert": "IN-1"}),
        ("inspection", "ObjectEvent", "OBSERVE", "inspecting", {"testres": "LAB-3"}),
        ("cast", "TransformationEvent", None, "commissioning", {"prodorder": "PO-7"}),
        ("processing", "TransformationEvent", None, "commissioning", {}),
        ("bundling", "AggregationEvent", "ADD", "packing", {}),
        ("shipment", "ObjectEvent", "OBSERVE", "shipping", {"desadv": "DN-1", "cert": "COC-1"}),
        ("link", "TransactionEvent", "ADD", None, {"cert": "COC-1"}),
        ("voided", "ObjectEvent", "OBSERVE", "void_shipping", {"desadv": "DN-1", "cert": "COC-1"}),
    ],
)
def test_an_act_is_the_event_that_the_standard_has_for_it(
    act: str, kind: str, action: str | None, step: str | None, documents: dict[str, str]
) -> None:
    member = every_act()[act].as_member()
    assert (member["type"], member.get("action"), member.get("bizStep")) == (kind, action, step)
    found = {item["type"]: item["bizTransaction"] for item in member.get("bizTransactionList", [])}
    assert found == {kind: f"{BASE}document/{name}" for kind, name in documents.items()}
    assert member["eventTime"] == ("2026-03-02T04:00:00.000Z" if act == "voided" else "2026-03-01T04:00:00.000Z")
    assert member["eventTimeZoneOffset"] == "+08:00"
    assert member["readPoint"]["id"] == BASE + ("furnace/F3" if act == "cast" else "site/%E9%93%B8%E9%80%A0%E5%8E%82%201")


@pytest.mark.parametrize(("conforms", "outcome"), [(None, "in_progress"), (True, "conformant"), (False, "non_conformant")])
def test_an_inspection_says_its_outcome(conforms: bool | None, outcome: str) -> None:
    event = acts.inspection(**AT, unit="UBC-1", mass_kg=24_000, report="LAB-3", conforms=conforms)
    assert event.as_member()["disposition"] == outcome


def test_a_cast_says_what_went_in_and_what_came_out() -> None:
    member = every_act()["cast"].as_member()
    units = {
        name: [(item["epcClass"], item["quantity"], item["uom"]) for item in member[name]] for name in member if "Quant" in name
    }
    assert units == {
        "inputQuantityList": [(BASE + "unit/UBC-1", 500, "KGM"), (BASE + "unit/PRIM-1", 500, "KGM")],
        "outputQuantityList": [(BASE + "unit/SLAB-1", 930, "KGM")],
    }
    assert member["transformationID"] == BASE + "cast/H12345"
    assert member["ilmd"] == {"pcf:alloy": "AA3104", "pcf:heatNumber": "H12345"}
    assert member["pcf:cocModel"] == "massBalance"


def test_who_owns_and_who_holds_stand_apart() -> None:
    def parties(act: str, name: str) -> dict[str, str]:
        return {item["type"]: item[name].removeprefix(BASE) for item in every_act()[act].as_member()[name + "List"]}

    assert parties("shipment", "source") == {"owning_party": "party/MILL", "possessing_party": "party/MILL"}
    assert parties("shipment", "destination") == {"owning_party": "party/CAN", "possessing_party": "party/CAN"}
    # Tolling: the metal moves, its owner does not change.
    assert parties("receipt", "source") == {"owning_party": "party/CAN", "possessing_party": "party/YARD"}
    assert parties("receipt", "destination") == {"owning_party": "party/CAN", "possessing_party": "party/MILL"}


def test_a_void_keeps_the_shipment_and_its_id() -> None:
    events = every_act()
    shipped, declared, voided = events["shipment"], events["declared"], events["voided"]
    wrong = declared.as_member()
    said = wrong.pop("errorDeclaration")
    assert wrong == shipped.as_member()
    assert said == {
        "declarationTime": "2026-03-02T04:00:00.000Z",
        "reason": "did_not_occur",
        "correctiveEventIDs": [voided.event_id],
    }
    # Said of the voiding, the declaration would take the voiding back.
    assert "errorDeclaration" not in voided.as_member()
    assert voided.as_member()["quantityList"] == shipped.as_member()["quantityList"]
    with pytest.raises(InputError, match="shipping"):
        acts.void(events["receipt"], moment=NOON, reason="did_not_occur")  # type: ignore[arg-type]


def test_a_time_is_cut_to_the_millisecond() -> None:
    late = acts.inspection(**AT | {"moment": NOON + timedelta(microseconds=999_999)}, unit="L", mass_kg=1, report="R")
    assert late.as_member()["eventTime"] == "2026-03-01T04:00:00.999Z"
