"""Custody records as EPCIS events: each act by hand, voids that declare and never delete, the same bytes for the same records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pcf.catalogue import Catalogue
from pcf.custody import Book
from pcf.custody.tables import unit
from pcf.errors import InputError
from pcf.exchange.custody_events import Place, custody_events
from pcf.exchange.epcis import as_document, check
from pcf.exchange.epcis_events import Event
from pcf.store import open_database
from pcf.store.clock import next_time
from tests.custody import books
from tests.custody.books import cast, document, enter, lot, process, received, shipment, trim, ubc, void

BASE = "https://example.com/id/"

STORY = (
    ("received", received("D1", 30_000)),
    ("lot", ubc("U", 50_000, chemistry="Mg=1.2,Fe=0.4", tolled_for="buyer")),
    ("lot", trim("T", 30_000, "D1")),
    ("cast", cast("H1", {"U": 50_000, "T": 30_000}, 70_000, returns_kg=2_000, dross_kg=900, bundles="B1=40000,B2=20000")),
    ("process", process("C1", {"B1": 40_000}, 36_000, returns_kg=3_000, step="hot-rolling")),
    ("shipment", shipment("SH", {"C1": 36_000, "B2": 10_000}, form="coil")),
    ("document", document("SH", 17_000, reference="R1")),  # of 46,000 × 30/80 that are no customer's own metal
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("world") / "pcf.db"
    books.prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def book(world: Path, tmp_path: Path, catalogue: Catalogue) -> Iterator[Book]:
    copy = tmp_path / "pcf.db"
    copy.write_bytes(world.read_bytes())
    database = open_database(f"sqlite:///{copy}")
    yield Book(database, catalogue, "tester")
    database.close()


@pytest.fixture
def story(book: Book) -> Book:
    for kind, values in STORY:
        enter(book, kind, values)
    return book


def events(book: Book, *names: str, base: str = BASE) -> list[Event]:
    with book.read() as connection:
        found = list(names) or list(connection.execute(select(unit.c.id).order_by(unit.c.event_seq, unit.c.id)).scalars())
        return custody_events(connection, found, base)


def members(book: Book, *names: str) -> list[dict[str, Any]]:
    """Events as a document has them, after the check of the document."""
    found = events(book, *names)
    made = json.loads(json.dumps(as_document(found, next(iter(found)).event_time)))
    check(made)
    return list(made["epcisBody"]["eventList"])


def quantities(items: list[dict[str, Any]]) -> dict[str, int]:
    assert all(item["uom"] == "KGM" for item in items)
    return {item["epcClass"].removeprefix(f"{BASE}unit/"): item["quantity"] for item in items}


def kinds(found: list[dict[str, Any]]) -> list[tuple[str, str | None]]:
    return [(item["type"], item.get("bizStep")) for item in found]


def test_every_act_is_an_event_in_the_order_of_the_log(story: Book) -> None:
    found = members(story)
    assert kinds(found) == [
        ("ObjectEvent", "receiving"), ("ObjectEvent", "inspecting"), ("ObjectEvent", "receiving"), ("TransformationEvent", "commissioning"),
        ("AggregationEvent", "packing"), ("AggregationEvent", "packing"), ("TransformationEvent", "commissioning"),
        ("ObjectEvent", "shipping"), ("TransactionEvent", None),
    ]  # fmt: skip
    seqs = [item["pcf:eventSeq"] for item in found]
    assert seqs == sorted(seqs)
    with story.read() as connection:
        recorded = dict(connection.execute(select(unit.c.id, unit.c.event_seq)).all())
    assert (seqs[0], seqs[3], seqs[6]) == (recorded["U"], recorded["H1"], recorded["C1"])


def test_the_receipt_names_ticket_document_certificate_and_owner(story: Book) -> None:
    plain, toll = members(story, "T")[0], members(story, "U")[0]
    assert quantities(plain["quantityList"]) == {"T": 30_000}
    assert [(item["type"], item["bizTransaction"]) for item in plain["bizTransactionList"]] == [
        ("recadv", f"{BASE}document/works%2FT-T"), ("cert", f"{BASE}document/ASI-CAN%2FD1"),
    ]  # fmt: skip
    assert plain["certificationInfo"] == [f"{BASE}certificate/ASI-CAN"]
    assert [item["source"] for item in plain["sourceList"]] == [f"{BASE}party/canco"] * 2
    assert [item["destination"] for item in plain["destinationList"]] == [f"{BASE}party/hq"] * 2
    assert {(item["type"], item["destination"]) for item in toll["destinationList"]} == {
        ("owning_party", f"{BASE}party/buyer"), ("possessing_party", f"{BASE}party/hq"),
    }  # fmt: skip
    assert (plain["pcf:asiClass"], plain["pcf:cocKg"], plain["pcf:contentClass"]) == ("eligible-scrap", 30_000, "pre-consumer")


def test_time_is_the_beginning_of_the_day_at_the_site(story: Book) -> None:
    receipt = members(story, "U")[0]
    # 10 January in Shanghai, eight hours ahead.
    assert (receipt["eventTime"], receipt["eventTimeZoneOffset"]) == ("2025-01-09T16:00:00.000Z", "+08:00")


@pytest.mark.parametrize(
    ("zone", "day", "time", "offset"),
    [
        ("Europe/Berlin", "2025-01-10", "2025-01-09T23:00:00+00:00", "+01:00"),
        ("Europe/Berlin", "2025-07-10", "2025-07-09T22:00:00+00:00", "+02:00"),
        ("America/St_Johns", "2025-07-10", "2025-07-10T02:30:00+00:00", "-02:30"),
        ("America/New_York", "2025-01-10", "2025-01-10T05:00:00+00:00", "-05:00"),
        ("Asia/Kathmandu", "2025-01-10", "2025-01-09T18:15:00+00:00", "+05:45"),
        ("UTC", "2025-01-10", "2025-01-10T00:00:00+00:00", "+00:00"),
    ],
)
def test_the_offset_is_the_one_in_force(zone: str, day: str, time: str, offset: str) -> None:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    at = Place("works", ZoneInfo(zone), "hq").at(BASE, day)
    assert (at["moment"].astimezone(UTC).isoformat(), at["offset"]) == (time, offset)


def test_the_assay_has_the_analysis(story: Book) -> None:
    assay = members(story, "U")[1]
    assert (assay["pcf:massPercentMg"], assay["pcf:massPercentFe"]) == ("1.2", "0.4")
    assert assay["bizTransactionList"] == [{"type": "testres", "bizTransaction": f"{BASE}document/assay%2FU"}]


def test_cast_and_processing_transform_and_bundles_gather(story: Book) -> None:
    cast_event, first, second, rolled = members(story, "H1", "B1", "B2", "C1")
    assert quantities(cast_event["inputQuantityList"]) == {"U": 50_000, "T": 30_000}
    assert quantities(cast_event["outputQuantityList"]) == {"H1": 70_000, "H1-R": 2_000}
    assert cast_event["transformationID"] == f"{BASE}cast/H1"
    assert cast_event["readPoint"] == {"id": f"{BASE}furnace/F1"}
    assert cast_event["pcf:drossKg"] == 900
    assert "action" not in cast_event
    assert (first["parentID"], quantities(first["childQuantityList"])) == (f"{BASE}unit/B1", {"H1": 40_000})
    assert (second["parentID"], quantities(second["childQuantityList"])) == (f"{BASE}unit/B2", {"H1": 20_000})
    assert quantities(rolled["inputQuantityList"]) == {"B1": 40_000}
    assert quantities(rolled["outputQuantityList"]) == {"C1": 36_000, "C1-R": 3_000}
    assert rolled["pcf:step"] == "hot-rolling"


def test_shipment_and_document_are_two_events(story: Book) -> None:
    left, linked = members(story, "SH")
    assert quantities(left["quantityList"]) == {"C1": 36_000, "B2": 10_000}
    assert left["bizTransactionList"] == [{"type": "desadv", "bizTransaction": f"{BASE}document/N-SH"}]
    assert "cert" not in json.dumps(left)
    assert linked["bizTransactionList"] == [{"type": "cert", "bizTransaction": f"{BASE}document/ASI-OWN%2FR1"}]
    assert (linked["action"], linked["pcf:cocKg"], linked["pcf:totalKg"], linked["pcf:shipment"]) == ("ADD", 17_000, 46_000, "SH")
    assert linked["certificationInfo"] == [f"{BASE}certificate/ASI-OWN"]


def test_an_event_keeps_its_id_when_more_is_recorded(book: Book) -> None:
    for kind, values in STORY[:-1]:
        enter(book, kind, values)
    before = [item["eventID"] for item in members(book)]
    enter(book, *STORY[-1])
    assert [item["eventID"] for item in members(book)][: len(before)] == before


def test_a_void_document_is_declared_wrong_and_names_the_one_in_its_place(story: Book) -> None:
    linked = members(story, "SH")[1]
    enter(story, "void", void("document", "out/ASI-OWN/R1"))
    alone = members(story, "SH")
    assert [item["eventID"] for item in alone[1:]] == [linked["eventID"]] * 2
    assert alone[2]["errorDeclaration"] == {"declarationTime": "2025-11-30T16:00:00.000Z", "reason": "incorrect_data"}
    enter(story, "document", document("SH", 15_000, reference="R2"))
    _, _, declared, later = members(story, "SH")
    assert declared["errorDeclaration"]["correctiveEventIDs"] == [later["eventID"]]
    assert "errorDeclaration" not in later


def test_a_void_shipment_is_declared_wrong_by_void_shipping(story: Book) -> None:
    enter(story, "void", void("document", "out/ASI-OWN/R1"))
    enter(story, "void", void("shipment", "SH"))
    found = members(story, "SH")
    left, declared, voided = found[0], found[-2], found[-1]
    assert voided["bizStep"] == "void_shipping"
    assert voided["pcf:eventSeq"] > found[-3].get("pcf:eventSeq", 0)
    assert declared["eventID"] == left["eventID"]
    assert declared["errorDeclaration"]["correctiveEventIDs"] == [voided["eventID"]]
    assert quantities(voided["quantityList"]) == quantities(left["quantityList"])


def test_a_void_lot_and_heat_are_declared_wrong_with_all_their_events(book: Book) -> None:
    enter(book, "lot", ubc("U", 50_000, chemistry="Mg=1.2"))
    enter(book, "cast", cast("H1", {"U": 50_000}, 45_000, bundles="B1=40000"))
    enter(book, "void", void("cast", "H1"))
    enter(book, "void", void("lot", "U"))
    enter(book, "lot", ubc("U2", 40_000, corrects="U"))
    found = members(book)
    declared = [item for item in found if "errorDeclaration" in item]
    assert kinds(declared) == [
        ("TransformationEvent", "commissioning"), ("AggregationEvent", "packing"), ("ObjectEvent", "receiving"), ("ObjectEvent", "inspecting"),
    ]  # fmt: skip
    assert declared[2]["errorDeclaration"]["correctiveEventIDs"] == [found[-1]["eventID"]]
    assert {item["eventID"] for item in declared} <= {item["eventID"] for item in found if "errorDeclaration" not in item}


def test_the_same_records_in_another_database_make_the_same_events(story: Book, world: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(world.read_bytes())
    database = open_database(f"sqlite:///{other}")
    again = Book(database, story.catalogue, "somebody else")
    next_time(0)
    for kind, values in STORY:
        enter(again, kind, values)
    assert [event.as_member() for event in events(again)] == [event.as_member() for event in events(story)]
    database.close()


def test_a_base_that_begins_no_uri_is_refused(story: Book) -> None:
    with pytest.raises(InputError, match="base of EPCIS"):
        events(story, base="nowhere")
    with pytest.raises(InputError, match="base of EPCIS"):
        events(story, "no such unit", base="nowhere")


ids = st.from_regex(r"[A-Za-z0-9铝][A-Za-z0-9 ./:#()+铝-]{0,20}", fullmatch=True).map(str.strip)


@given(st.lists(ids, min_size=3, max_size=3, unique_by=str.casefold))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_ids_people_use_the_document_is_valid(
    world: Path, tmp_path_factory: Any, catalogue: Catalogue, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("ids") / "pcf.db"
    path.write_bytes(world.read_bytes())
    database = open_database(f"sqlite:///{path}")
    book = Book(database, catalogue, "tester")
    metal, heat, sent = names
    enter(book, "lot", lot(metal, 50_000))
    enter(book, "cast", cast(heat, {metal: 50_000}, 45_000) | {"charge": [{"unit": metal, "mass_kg": 50_000}]})
    enter(book, "shipment", shipment(sent, {}) | {"items": [{"unit": heat, "mass_kg": 45_000}]})
    assert len(members(book)) == 3
    database.close()
