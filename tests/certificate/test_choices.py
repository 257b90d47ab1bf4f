"""What can still be certified: nothing else stands in a list, each with the mass that is left."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pcf.certificate.choices import Chooser, check_orders, list_parties
from pcf.certificate.issue import Office, issue
from tests.certificate.offices import COILS, HEAT, INGOT, OTHER_HEAT, TODAY, order


def choices(office: Office, kind: str, contains: str = "", without: str = "") -> dict[str, int]:
    with office.book.read() as connection:
        found, more = Chooser(connection, office.book.catalogue, office.profile, without).list(kind, contains)
    assert not more
    return {item.name: item.left_kg for item in found}


def test_a_fresh_book_offers_what_was_cast_made_and_sent(office: Office) -> None:
    """Ingot: 200 t of a heat of 250 t were sent. Can stock: 300 t were sent."""
    assert choices(office, "shipment") == {INGOT: 200_000, COILS: 300_000}
    batches = choices(office, "batch")
    assert (batches[HEAT], batches[OTHER_HEAT]) == (250_000, 250_000)
    assert "UBC-0001" not in batches, "a lot is nothing that was cast here"
    assert choices(office, "product")["hqalight"] == 500_000
    assert "can-stock-3104" not in choices(office, "product"), "it is rolled after the cast"


def test_what_a_certificate_covers_is_not_offered_again(office: Office) -> None:
    first = issue(office, order(), TODAY)
    assert INGOT not in choices(office, "shipment")
    assert choices(office, "batch")[HEAT] == 50_000
    assert choices(office, "product")["hqalight"] == 300_000, "what remains: the year is certified by batch"
    assert choices(office, "shipment", without=first.number)[INGOT] == 200_000
    issue(office, order("batch", HEAT), TODAY)
    assert HEAT not in choices(office, "batch")


def test_a_year_at_its_average_offers_no_batches(office: Office) -> None:
    issue(office, order("product", "hqalight", 100_000, site="demo-smelter"), TODAY)
    assert choices(office, "product")["hqalight"] == 400_000
    assert INGOT not in choices(office, "shipment")
    assert HEAT not in choices(office, "batch")


def test_a_product_that_the_issuer_does_not_name_is_not_offered(office: Office) -> None:
    named = {name: item for name, item in office.profile.products.items() if name != "hqalight"}
    narrow = replace(office, profile=office.profile.model_copy(update={"products": named}))
    assert list(choices(narrow, "shipment")) == [COILS]
    assert "hqalight" not in choices(narrow, "product")


@pytest.mark.parametrize(("kind", "contains", "expected"), [
    ("shipment", INGOT[:4], {INGOT}), ("shipment", "nobody", set()), ("batch", "l-0203-2", {OTHER_HEAT}), ("batch", "%", set()),
    ("product", "hqal", {"hqalight"}), ("product", "' OR 1=1 --", set()),
])  # fmt: skip
def test_a_search_narrows(office: Office, kind: str, contains: str, expected: set[str]) -> None:
    assert set(choices(office, kind, contains)) == expected


def test_own_companies_are_no_customers(office: Office) -> None:
    with office.book.read() as connection:
        found = list_parties(connection)
    assert found
    assert all(set(item) == {"id", "name", "address", "country"} for item in found)
    assert "can-maker" in {item["id"] for item in found}
    assert "smelter" not in {item["id"] for item in found}


def test_orders_of_a_table_are_held_against_what_is_left(office: Office) -> None:
    """250 t: 150 t and 100 t are there, a further tonne is not; what is not recorded is said at its row."""
    wanted = [
        ("row 2", order("batch", HEAT, 150_000, key="a")), ("row 3", order("batch", HEAT, 100_000, key="b")),
        ("row 4", order("batch", HEAT, 1_000, key="c")), ("row 5", order("batch", "H-NONE", 1, key="d")),
        ("row 6", order("shipment", HEAT, 1, key="e")),
    ]  # fmt: skip
    with office.book.read() as connection:
        problems = check_orders(connection, office.book.catalogue, office.profile, wanted)
    assert [item.place for item in problems] == ["row 4, mass_kg", "row 5, batch", "row 6, shipment"]
    assert problems[0].expected == "at most the 0 kg that are left, all rows together"


def test_an_order_that_is_a_certificate_already_is_no_problem(office: Office) -> None:
    whole = order("batch", HEAT, key="a")
    issue(office, whole, TODAY)
    with office.book.read() as connection:
        assert check_orders(connection, office.book.catalogue, office.profile, [("row 2", whole)]) == []
        (problem,) = check_orders(connection, office.book.catalogue, office.profile, [("row 2", replace(whole, lang="en"))])
    assert problem.place == "row 2, order"
