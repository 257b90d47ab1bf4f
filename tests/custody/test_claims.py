"""Claims of recycled content: on the batch, on the site's average or as credit, each kilogram once."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from pcf.custody import Book
from pcf.custody.tables import statement as table
from tests.custody.books import (
    POST,
    PRE,
    account,
    cast,
    enter,
    enter_all,
    lot,
    process,
    received,
    refused,
    shipment,
    statement,
    sums,
    trim,
    ubc,
    void,
)


@pytest.fixture
def shipped(book: Book) -> Book:
    """The worked example of F13 (930 t of metal: 440 post, 291 pre, 199 prime) cast to 910 t, and a heat of prime metal."""
    enter_all(book, [
        ("received", received("D1", 300_000)), ("lot", ubc("UBC", 500_000)), ("lot", trim("TRIM", 300_000, "D1")),
        ("lot", lot("PRIME", 1_201_000)),
        ("cast", cast("H1", {"UBC": 500_000, "TRIM": 300_000, "PRIME": 200_000}, 910_000)),
        ("cast", cast("H2", {"PRIME": 1_000_000}, 910_000)),
        ("process", process("C1", {"H1": 100_000}, 95_000)),
        ("shipment", shipment("A", {"H1": 500_000})),
        ("shipment", shipment("B", {"H2": 500_000})),
        ("shipment", shipment("M", {"C1": 95_000, "H2": 95_000})),
    ])  # fmt: skip
    return book


def claimed(book: Book, name: str) -> tuple[int, dict[str, Any]]:
    with book.read() as connection:
        row = connection.execute(select(table).where(table.c.id == name)).one()
    return row.mass_kg, json.loads(row.details)


def test_a_claim_on_the_batch_is_the_content_of_its_metal(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    enter(shipped, "statement", statement("ST2", "A", PRE))
    # 500 t · 440/930 = 236,559.1 kg; · 291/930 = 156,451.6 kg.
    assert claimed(shipped, "ST1")[0] == 236_559
    assert claimed(shipped, "ST2")[0] == 156_451
    assert sums(shipped, POST) == {"credit": 430_537, "issued": 236_559}
    assert sums(shipped, PRE) == {"credit": 284_741, "issued": 156_451}


def test_post_and_pre_consumer_are_stated_apart_with_their_method(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    details = claimed(shipped, "ST1")[1]
    assert (details["post"], details["pre"]) == ("44/93", "97/310")  # 440/930, 291/930
    assert details["same_process_boundary"] == "company"
    assert details["standard"] == "iso-14021"


def test_a_mixed_shipment_has_the_mean_of_its_heats(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "M"))
    # Half of 190 t comes from H1: 95 t · 440/930 = 44,946.2 kg.
    assert claimed(shipped, "ST1")[0] == 44_946


def test_a_shipment_of_prime_metal_has_nothing_to_claim_on_its_batch(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "B"))
    assert claimed(shipped, "ST1")[0] == 0
    assert "issued" not in sums(shipped, POST)


def test_the_average_of_the_site_is_the_same_for_every_shipment(shipped: Book) -> None:
    for number, name in enumerate(("A", "B"), 1):
        enter(shipped, "statement", statement(f"ST{number}", name, basis="site-average"))
    # Two heats of 910 t: (440/930 + 0) / 2 of 500 t = 118,279.5 kg.
    assert claimed(shipped, "ST1")[0] == claimed(shipped, "ST2")[0] == 118_279


def test_a_void_heat_is_not_in_the_average(shipped: Book) -> None:
    enter(shipped, "cast", cast("H3", {"PRIME": 1_000}, 900, date="2025-03-01"))
    enter(shipped, "void", void("cast", "H3"))
    enter(shipped, "statement", statement("ST1", "B", basis="site-average"))
    assert claimed(shipped, "ST1")[0] == 118_279


def test_a_credit_goes_to_any_shipment_up_to_its_mass(shipped: Book) -> None:
    (problem,) = refused(shipped, "statement", statement("ST1", "M", basis="credit", mass_kg=190_001))
    assert problem.startswith("statement, mass_kg: found 190,001 kg of a shipment of 190,000 kg; expected at most its mass")
    (problem,) = refused(shipped, "statement", statement("ST1", "B", basis="credit"))
    assert problem.startswith("statement, mass_kg: found nothing")
    enter(shipped, "statement", statement("ST1", "B", basis="credit", mass_kg=430_537))
    assert account(shipped, POST).available == 0


def test_a_credit_takes_from_what_a_batch_can_claim(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "B", basis="credit", mass_kg=400_000))
    (problem,) = refused(shipped, "statement", statement("ST2", "A"))
    assert "236,559 kg, of account post-consumer of S in 2025 with 30,537 kg left; expected no more than came in (R22)" in problem


def test_one_claim_a_shipment_and_attribute(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    problems = refused(shipped, "statement", statement("ST2", "A", basis="credit", mass_kg=5))
    assert any(
        "a second claim of post-consumer content on A; expected one claim a shipment; void ST1 first" in item for item in problems
    )
    enter(shipped, "void", void("statement", "ST1"))
    enter(shipped, "statement", statement("ST2", "A", basis="credit", mass_kg=5))
    assert sums(shipped, POST)["issued"] == 5


def test_scs_certifies_nothing_below_five_per_cent(shipped: Book) -> None:
    (problem,) = refused(shipped, "statement", statement("ST1", "B", standard="scs-103"))
    assert problem.startswith("statement, standard: found a recycled content of 0.0 %; expected at least 5 % (R24)")
    enter(shipped, "statement", statement("ST1", "A", standard="scs-103"))


def test_scs_looks_at_what_a_credit_states(shipped: Book) -> None:
    """B is prime metal. 5 % of its 500 t are 25,000 kg."""
    credit = {"basis": "credit", "standard": "scs-103"}
    (problem,) = refused(shipped, "statement", statement("ST1", "B", mass_kg=24_000, **credit))
    assert problem.startswith("statement, standard: found a recycled content of 4.8 %; expected at least 5 % (R24)")
    enter(shipped, "statement", statement("ST1", "B", mass_kg=25_000, **credit))
    enter(shipped, "statement", statement("ST2", "B", PRE, mass_kg=1, **credit))
    # The metal of A is 78.6 % recycled, of which a credit of 1 kg states nothing.
    assert refused(shipped, "statement", statement("ST3", "A", mass_kg=1, **credit)) != []


def test_a_claim_is_made_on_a_shipment(shipped: Book) -> None:
    for name in ("NONE", "H1", "UBC"):
        (problem,) = refused(shipped, "statement", statement("ST1", name))
        assert problem.startswith(f"statement, shipment: found {name!r}; expected a recorded shipment that is not void")


def test_a_claim_on_a_void_shipment_is_refused(shipped: Book) -> None:
    enter(shipped, "void", void("shipment", "A"))
    (problem,) = refused(shipped, "statement", statement("ST1", "A"))
    assert "expected a recorded shipment that is not void" in problem


def test_a_statement_is_known_by_its_id_whatever_the_key(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    (problem,) = refused(shipped, "statement", statement("ST1", "M"), key="another")
    assert "which is recorded already; expected a new id" in problem
