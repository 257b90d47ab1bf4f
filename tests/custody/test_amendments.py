"""Names, addresses, plants and certificates change: an amendment says so, what was issued keeps the names of its day."""

from __future__ import annotations

from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.audit.view import read_view
from pcf.custody.coc_document import read_document
from pcf.custody.heats import Heats
from pcf.custody.intake import Count
from pcf.errors import InputError
from pcf.store.log import verify
from tests.custody.books import (
    OTHER_SCOPE,
    OWN,
    SCOPE,
    THEIRS,
    Values,
    cast,
    document,
    enter,
    enter_all,
    lot,
    received,
    refused,
    shipment,
    ubc,
)  # fmt: skip


def amend(of: str, **more: Any) -> Values:
    return {"id": of, "date": "2025-06-01", "reason": "as the register says", **more}


@pytest.fixture
def sold(book: Book) -> Book:
    enter_all(book, [
        ("lot", ubc("U", 1_000)), ("cast", cast("H", {"U": 1_000}, 880)),
        ("shipment", shipment("S1", {"H": 100})), ("shipment", shipment("S2", {"H": 100})), ("document", document("S1", 50)),
    ])  # fmt: skip
    return book


def customers(book: Book) -> list[tuple[str, str]]:
    with book.read() as connection:
        found = [read_document(connection, "out", OWN, f"{OWN}-2025-0000{number}")["customer"] for number in (1, 2)]
    return [(item["name"], item["address"]) for item in found]


def test_documents_keep_the_names_of_their_day(sold: Book) -> None:
    enter(sold, "party-amendment", amend("buyer", name="Buyer & Sons", address="2 Mill Road"))
    enter(sold, "document", document("S2", 50))
    assert customers(sold) == [("Buyer", "1 Mill Road"), ("Buyer & Sons", "2 Mill Road")]


def test_what_an_amendment_leaves_out_stays(sold: Book) -> None:
    enter(sold, "party-amendment", amend("buyer", name="Buyer & Sons"))
    enter(sold, "party-amendment", amend("buyer", country="CN"))
    enter(sold, "document", document("S2", 50))
    assert customers(sold)[1] == ("Buyer & Sons", "1 Mill Road")


def test_a_received_document_keeps_the_name_of_its_sender(book: Book) -> None:
    enter(book, "received", received("D1", 300))
    enter(book, "party-amendment", amend("canco", name="Can Maker AG"))
    enter(book, "received", received("D2", 300))
    with book.read() as connection:
        names = [read_document(connection, "in", THEIRS, name)["issuer_party"]["name"] for name in ("D1", "D2")]
    assert names == ["Can maker", "Can Maker AG"]


def test_a_name_may_change_back_and_a_repeat_changes_nothing(book: Book) -> None:
    new, old = amend("buyer", name="Buyer & Sons"), amend("buyer", name="Buyer")
    assert enter(book, "party-amendment", new) == Count(1, 0)
    assert enter(book, "party-amendment", new) == Count(0, 1)
    assert enter(book, "party-amendment", old) == Count(1, 0)
    assert enter(book, "party-amendment", new) == Count(1, 0)
    with book.read() as connection:
        assert list(verify(connection)) == []


REFUSED = [
    ("party-amendment", amend("nobody", name="N"), "party-amendment, id: found 'nobody'; expected a recorded party; pcf party add"),
    ("party-amendment", amend("buyer"), "party-amendment: found contradicting fields; expected a change: name, address, country, contact"),
    ("party-amendment", amend("buyer", name="Buyer"), "party-amendment: found party 'buyer' as it is already"),
    ("site-amendment", amend("works", plant="nowhere"), "site-amendment, plant: found 'nowhere'; expected a site of the catalogue"),
    ("scope-amendment", amend(SCOPE, certificate="NONE"), "scope-amendment, certificate: found 'NONE', no recorded asi-coc certificate"),
    ("scope-amendment", amend(SCOPE, certificate="ISO-CAN"), "scope-amendment, certificate: found 'ISO-CAN', no recorded asi-coc"),
    ("scope-amendment", amend(SCOPE, certificate=THEIRS), "scope-amendment, certificate: found certificate 'ASI-CAN' of canco"),
    ("scope-amendment", amend(SCOPE, add_site="elsewhere"), "scope-amendment, add_site: found 'elsewhere', which is in scope T"),
    ("scope-amendment", amend(SCOPE, add_site="nowhere"), "scope-amendment, add_site: found 'nowhere'; expected a recorded site"),
    ("scope", {"id": "U", "name": "U", "sites": "", "certificate": OWN}, "scope, sites"),
]  # fmt: skip


def test_what_cannot_be_amended_is_refused(book: Book) -> None:
    for kind, values, says in REFUSED:
        problems = refused(book, kind, values)
        assert any(problem.startswith(says) for problem in problems), (says, problems)


def test_a_scope_needs_a_certificate_of_its_own(book: Book) -> None:
    enter(book, "site", {"id": "new", "name": "New", "timezone": "Asia/Shanghai", "party": "hq"})
    for number, says in (("NONE", "'NONE', no recorded"), (THEIRS, "certificate 'ASI-CAN' of canco")):
        (problem,) = refused(book, "scope", {"id": "U", "name": "U", "sites": "new", "certificate": number})
        assert problem.startswith(f"scope, certificate: found {says}")
    enter(book, "scope", {"id": "U", "name": "U", "sites": "new", "certificate": OWN})


def test_a_scope_takes_a_further_site_and_another_certificate(sold: Book) -> None:
    number = {"number": "ASI-NEW", "holder": "hq", "standard": "asi-coc", "valid_from": "2025-01-01", "valid_until": "2027-12-31"}
    enter(sold, "certificate", number)
    enter(sold, "site", {"id": "new", "name": "New", "timezone": "Asia/Shanghai", "party": "hq"})
    enter(sold, "scope-amendment", amend(SCOPE, certificate="ASI-NEW", add_site="new"))
    enter(sold, "lot", lot("L", 10, site="new"))
    enter(sold, "document", document("S2", 50))
    with sold.read() as connection:
        assert read_document(connection, "out", "ASI-NEW", "ASI-NEW-2025-00001")["coc_kg"] == 50
        view = read_view(connection, SCOPE, "2025")
    assert (view.sites, view.rows["scope"][0]["certificate"]) == (("mill", "new", "works"), "ASI-NEW")


def test_a_document_under_the_certificate_of_its_day_is_no_finding(sold: Book) -> None:
    from pcf.custody.audit.findings import audit

    number = {"number": "ASI-NEW", "holder": "hq", "standard": "asi-coc", "valid_from": "2025-01-01", "valid_until": "2027-12-31"}
    enter(sold, "certificate", number)
    enter(sold, "scope-amendment", amend(SCOPE, certificate="ASI-NEW"))
    with sold.read() as connection:
        found = audit(read_view(connection, SCOPE, "2025")).findings
    assert [item.record for item in found if item.key == "certificate-foreign"] == []


def test_a_plant_that_comes_later_gives_a_footprint(book: Book) -> None:
    enter_all(book, [
        ("lot", lot("U", 1_000, site="elsewhere", material="scrap-mixed-cast", content_class="post-consumer")),
        ("cast", cast("H", {"U": 1_000}, 900, site="elsewhere")),
    ])  # fmt: skip
    with book.read() as connection, pytest.raises(InputError, match=r"pcf site amend elsewhere --plant; pcf data import"):
        Heats(connection, book.catalogue).footprint("H")
    enter(book, "site-amendment", amend("elsewhere", plant="recycling-park"))
    with book.read() as connection:
        assert Heats(connection, book.catalogue).footprint("H").total > 0


@pytest.mark.parametrize("kind", ["party", "site", "scope"])
def test_the_advice_is_to_amend_where_nothing_can_be_void(book: Book, kind: str) -> None:
    changed = {
        "party": {"id": "buyer", "name": "Other"}, "site": {"id": "works", "name": "Other", "timezone": "Asia/Shanghai", "party": "hq"},
        "scope": {"id": OTHER_SCOPE, "name": "Other", "sites": "elsewhere"},
    }  # fmt: skip
    (problem,) = refused(book, kind, changed[kind])
    assert f"pcf {kind} amend" in problem and "void" not in problem
