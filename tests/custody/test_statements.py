"""Statements of recycled content: shares by hand, models of the chain, and what each standard asks to stand beside them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.custody import Book
from pcf.custody.statements import EDITIONS, Statement, read_statement, word_statement
from pcf.custody.wording import cut_percent
from pcf.errors import InputError
from pcf.text import json_text
from tests.commands.documents import checked
from tests.custody.books import (
    POST,
    PRE,
    cast,
    close,
    coc_metal,
    enter,
    enter_all,
    lot,
    process,
    received,
    refused,
    shipment,
    statement,
    trim,
    ubc,
    void,
)

STANDARDS = ("iso-14021", "scs-103", "en-45557", "ul-2809")


@pytest.fixture
def shipped(book: Book) -> Book:
    """The worked example of F13 (930 t of metal: 440 post, 291 pre, 199 prime) cast to 910 t, and a heat of prime metal."""
    enter_all(book, [
        ("received", received("D1", 300_000)), ("lot", ubc("UBC", 500_000)), ("lot", trim("TRIM", 300_000, "D1")),
        ("lot", lot("PRIME", 1_301_000)),
        ("cast", cast("H1", {"UBC": 500_000, "TRIM": 300_000, "PRIME": 200_000}, 910_000, returns_kg=20_000)),
        ("cast", cast("H2", {"PRIME": 1_000_000}, 910_000, date="2025-02-14")),
        ("process", process("C1", {"H1": 100_000}, 95_000)),
        ("shipment", shipment("A", {"H1": 500_000})),
        ("shipment", shipment("B", {"H2": 500_000})),
        ("shipment", shipment("M", {"C1": 95_000, "H2": 95_000})),
    ])  # fmt: skip
    return book


def read(book: Book, claim: str, standard: str | None = None) -> Statement:
    with book.read() as connection:
        return read_statement(connection, claim, standard)


def said(book: Book, claim: str, standard: str | None = None, language: str = "en") -> str:
    return "\n".join(word_statement(read(book, claim, standard), language))


def document_of(found: Statement) -> dict[str, Any]:
    return checked("recycled-content-statement", json_text(found.as_document()))


# Shares ----------------------------------------------------------------------------------------------------------------


def test_the_share_is_what_was_claimed_of_the_shipment(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    found = read(shipped, "ST1")
    # 500 t · 440/930 = 236,559 kg: 47.3118 %, cut off. Pre-consumer content is in the metal, and not claimed.
    part = found.parts[POST]
    assert (part.mass_kg, part.share, cut_percent(part.share)) == (236_559, Fraction(236_559, 500_000), "47.31")
    assert (part.post, part.pre) == (Fraction(440, 930), Fraction(291, 930))
    assert set(found.parts) == {POST}
    assert found.rest_kg == 263_441
    content = document_of(found)["content"]
    assert (content["post_consumer"]["percent"], content["pre_consumer"]) == ("47.31", None)
    assert "Pre-consumer content: not claimed" in said(shipped, "ST1")


def test_post_and_pre_stand_apart_and_no_sum_is_stated(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    enter(shipped, "statement", statement("ST2", "A", PRE))
    # 500 t · 291/930 = 156,451 kg: 31.2902 %; together 78.60 %, which is said for the floor of SCS-103 alone.
    content = document_of(read(shipped, "ST1"))["content"]
    assert (content["post_consumer"]["percent"], content["pre_consumer"]["percent"]) == ("47.31", "31.29")
    assert content["rest_as_primary_kg"] == 500_000 - 236_559 - 156_451
    for standard in STANDARDS:
        assert ("78.60" in said(shipped, "ST1", standard)) == (standard == "scs-103")
        assert "47.31 %" in said(shipped, "ST1", standard) and "31.29 %" in said(shipped, "ST1", standard)


@given(st.fractions(0, 1, max_denominator=10**7), st.integers(1, 6))
def test_no_share_is_rounded_up(share: Fraction, digits: int) -> None:
    shown = Fraction(cut_percent(share, digits))
    assert shown <= 100 * share < shown + Fraction(1, 10**digits)


# What it rests on ------------------------------------------------------------------------------------------------------


def test_a_claim_on_the_batch_names_its_heats_yields_and_efficiency(shipped: Book) -> None:
    enter(shipped, "lot", lot("ASSAYED", 100_000, metal_yield="0.99"))
    enter(shipped, "cast", cast("H3", {"H1": 100_000, "ASSAYED": 100_000}, 195_000, date="2025-02-20"))
    enter(shipped, "shipment", shipment("D", {"H3": 100_000}))
    enter(shipped, "statement", statement("ST1", "D"))
    part = read(shipped, "ST1").parts[POST]
    of = part.evidence
    # 100 t of H1 bring 47.31 t of post-consumer metal, ASSAYED 99 t of prime metal.
    share = Fraction(100 * 440, 930) / 199
    assert part.post == share
    assert dict(of.heats) == {"H3": (Fraction(1), share, Fraction(100 * 291, 930) / 199)}
    assert (of.heat_count, of.own_yields, of.class_yields) == (2, 1, 3)
    assert (of.first, of.last) == ("2025-02-20", "2025-02-20")
    # H1 credited 910 t · 440/930 = 430,537 kg of the 500 t of used cans that it was charged with.
    assert (of.credited_kg, of.charged_kg) == (430_537, 500_000)
    assert of.efficiency == Fraction(430_537, 500_000)


def test_scrap_inside_the_boundary_and_of_customers_is_no_charge_of_the_attribute(book: Book) -> None:
    enter_all(book, [
        ("lot", ubc("U", 50_000)), ("lot", ubc("TOLL", 50_000, tolled_for="buyer")),
        ("lot", lot("SISTER", 100_000, material="scrap-can-trim", content_class=PRE, origin="company", supplier="hq")),
        ("lot", lot("P", 100_000)),
        ("cast", cast("H", {"U": 50_000, "TOLL": 50_000, "SISTER": 100_000, "P": 100_000}, 280_000)),
        ("shipment", shipment("A", {"H": 100_000})), ("statement", statement("ST1", "A")), ("statement", statement("ST2", "A", PRE)),
    ])  # fmt: skip
    found = read(book, "ST1")
    assert (found.parts[POST].evidence.charged_kg, found.parts[POST].evidence.class_yields) == (50_000, 2)
    assert (found.parts[PRE].mass_kg, found.parts[PRE].evidence.efficiency) == (0, None)
    assert "efficiency factor: none" in said(book, "ST1", "ul-2809")


def test_the_heats_of_a_mixed_shipment_stand_with_their_share(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "M"))
    part = read(shipped, "ST1").parts[POST]
    assert {name: share for name, (share, *_) in part.evidence.heats.items()} == {"H1": Fraction(1, 2), "H2": Fraction(1, 2)}
    assert (part.evidence.first, part.evidence.last) == ("2025-02-10", "2025-02-14")
    assert part.post == Fraction(220, 930)


# Models of the chain ---------------------------------------------------------------------------------------------------


def model_of(book: Book, claim: str, attribute: str = POST) -> tuple[str, str, set[str]]:
    part = read(book, claim).parts[attribute]
    return part.evidence.model.id, part.method, set(part.evidence.steps)


def test_the_basis_gives_the_model(shipped: Book) -> None:
    enter(shipped, "statement", statement("BATCH", "A"))
    enter(shipped, "statement", statement("AVERAGE", "M", basis="site-average"))
    enter(shipped, "statement", statement("CREDIT", "B", basis="credit", mass_kg=100_000))
    assert model_of(shipped, "BATCH") == ("controlled-blending", "", {"charge"})
    assert model_of(shipped, "AVERAGE") == ("mass-balance", "rolling-average", {"charge", "average"})
    assert model_of(shipped, "CREDIT") == ("mass-balance", "credit", {"charge", "credit"})
    assert document_of(read(shipped, "CREDIT"))["content"]["custody_model"] == {
        "id": "mass-balance", "iso_22095_clause": "3.3.4", "physical": False
    }  # fmt: skip


def test_a_site_average_is_that_of_the_period_and_says_what_changed_since(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "B", basis="site-average"))
    part = read(shipped, "ST1").parts[POST]
    # Two heats of 910 t, one with 440/930 and one with nothing: 220/930 of 500 t = 118,279 kg.
    assert (part.mass_kg, cut_percent(part.share)) == (118_279, "23.65")
    assert (part.evidence.first, part.evidence.last, part.evidence.heat_count) == ("2025-01-01", "2025-12-31", 2)
    assert part.evidence.changed_heats == 0
    enter(shipped, "cast", cast("H9", {"PRIME": 100_000}, 95_000, date="2025-06-01"))
    found = read(shipped, "ST1").parts[POST].evidence
    assert (found.changed_heats, found.heat_count) == (1, 2)
    assert "recorded or voided since: 1" in said(shipped, "ST1")
    enter(shipped, "void", void("cast", "H9"))
    assert read(shipped, "ST1").parts[POST].evidence.changed_heats == 0


def test_a_heat_that_was_taken_back_since_changed_the_average(shipped: Book) -> None:
    enter(shipped, "cast", cast("H9", {"PRIME": 100_000}, 95_000, date="2025-06-01"))
    enter(shipped, "statement", statement("ST1", "B", basis="site-average"))
    assert read(shipped, "ST1").parts[POST].evidence.changed_heats == 0
    enter(shipped, "void", void("cast", "H9"))
    assert read(shipped, "ST1").parts[POST].evidence.changed_heats == 1


def test_a_credit_says_that_it_is_no_physical_content(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "B", basis="credit", mass_kg=100_000))
    part = read(shipped, "ST1").parts[POST]
    assert (cut_percent(part.share), part.post, part.pre) == ("20.00", 0, 0)
    for standard in STANDARDS:
        assert "20.00 %, allocated" in said(shipped, "ST1", standard)
        assert "no physical content of this shipment" in said(shipped, "ST1", standard)
        assert "physical mix of the shipment, for comparison: post-consumer 0.00 %" in said(shipped, "ST1", standard)
    assert "by UL 2809: mass balance, allocated" in said(shipped, "ST1", "ul-2809")
    assert "按 UL 2809 的声明名称：质量平衡，分配" in said(shipped, "ST1", "ul-2809", "zh")


def test_the_weakest_of_two_claims_names_the_statement(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    assert read(shipped, "ST1").model.id == "controlled-blending"
    enter(shipped, "statement", statement("ST2", "A", PRE, "credit", mass_kg=1_000))
    found = read(shipped, "ST1")
    assert found.model.id == "mass-balance"
    assert found.parts[POST].evidence.model.id == "controlled-blending"
    assert "Chain-of-custody model: mass balance, the least traceable of the chain (R23)" in said(shipped, "ST1")


def test_metal_that_came_in_under_a_mass_balance_names_the_claim(book: Book) -> None:
    enter_all(book, [
        ("received", received("D1", 100_000, material="asi-aluminium")),
        ("lot", coc_metal("SECONDARY", 100_000, "D1", material="hqaloop", content_class=POST)), ("lot", lot("P", 100_000)),
        ("cast", cast("H", {"SECONDARY": 100_000, "P": 100_000}, 190_000)),
        ("shipment", shipment("A", {"H": 100_000})), ("statement", statement("ST1", "A")), ("statement", statement("ST2", "A", PRE)),
    ])  # fmt: skip
    assert model_of(book, "ST1") == ("mass-balance", "", {"charge", "inbound-metal"})
    assert model_of(book, "ST2", PRE) == ("controlled-blending", "", {"charge"})
    assert "supplier's mass balance" in said(book, "ST1")


def test_a_shipment_that_no_heat_stands_behind_is_not_traced(shipped: Book) -> None:
    enter(shipped, "shipment", shipment("S", {"H1-R": 10_000, "H1": 10_000}, form="scrap"))
    enter(shipped, "statement", statement("ST1", "S"))
    part = read(shipped, "ST1").parts[POST]
    assert (part.evidence.model.id, dict(part.evidence.heats)) == ("mass-balance", {})
    document_of(read(shipped, "ST1"))


# Standards -------------------------------------------------------------------------------------------------------------


def test_scs_has_its_floor(shipped: Book) -> None:
    enter(shipped, "statement", statement("LOW", "B", basis="credit", mass_kg=15_000))
    with pytest.raises(InputError, match=r"scs-103 for 3\.00 % claimed .* at least 5\.00 %, both attributes together \(R24\)"):
        read(shipped, "LOW", "scs-103")
    read(shipped, "LOW", "iso-14021")
    enter(shipped, "statement", statement("MORE", "B", PRE, "credit", mass_kg=9_999))
    with pytest.raises(InputError, match=r"4\.99 %"):
        read(shipped, "LOW", "scs-103")
    enter(shipped, "void", void("statement", "MORE"))
    enter(shipped, "statement", statement("ENOUGH", "B", PRE, "credit", mass_kg=10_000))
    assert "Both together 5.00 %; SCS-103 certifies from 5.00 % (R24)" in said(shipped, "LOW", "scs-103")


def test_what_is_in_the_metal_and_not_claimed_does_not_lift_scs_over_its_floor(book: Book) -> None:
    enter_all(book, [
        ("received", received("D1", 300_000)), ("lot", ubc("U", 10_000)), ("lot", trim("T", 300_000, "D1")), ("lot", lot("P", 700_000)),
        ("cast", cast("H", {"U": 10_000, "T": 300_000, "P": 690_000}, 950_000)), ("shipment", shipment("A", {"H": 500_000})),
        ("statement", statement("ST1", "A", standard="scs-103")),
    ])  # fmt: skip
    with pytest.raises(InputError, match="claim the other attribute too"):
        read(book, "ST1")
    enter(book, "statement", statement("ST2", "A", PRE, standard="scs-103"))
    assert read(book, "ST1").standard == "scs-103"


def test_scs_refuses_metal_of_more_than_twelve_months(shipped: Book) -> None:
    enter_all(shipped, [
        ("lot", ubc("UBC-26", 500_000, date="2026-03-01", due_diligence="DD-2")),
        ("cast", cast("H26", {"UBC-26": 500_000}, 430_000, date="2026-03-02")),
        ("shipment", shipment("OLD", {"H1": 100_000, "H26": 100_000}, date="2026-03-10")),
        ("shipment", shipment("NEW", {"H26": 100_000}, date="2026-03-10")),
        ("statement", statement("ST1", "OLD", date="2026-03-11")), ("statement", statement("ST2", "NEW", date="2026-03-11")),
    ])  # fmt: skip
    with pytest.raises(InputError, match="cast from 2025-02-10 to 2026-03-02; expected metal of 12 months at most"):
        read(shipped, "ST1", "scs-103")
    assert read(shipped, "ST1").parts[POST].evidence.first == "2025-02-10"
    assert read(shipped, "ST2", "scs-103").span.id == "2026"


def test_en_45557_counts_as_primary_what_is_not_claimed(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    words = said(shipped, "ST1", "en-45557")
    assert "R_post = 47.31 %, R_pre = 0.00 %" in words
    assert "52.68 % (263,441 kg)" in words  # 263,441 / 500,000 = 52.6882 %


def test_ul_2809_has_a_name_and_an_efficiency_factor(shipped: Book) -> None:
    enter(shipped, "statement", statement("BATCH", "A"))
    enter(shipped, "statement", statement("AVERAGE", "M", basis="site-average"))
    words = said(shipped, "BATCH", "ul-2809")
    assert "by UL 2809: controlled blending" in words
    assert "efficiency factor: 86.10 % (430,537 kg in products of 500,000 kg charged)" in words
    assert "by UL 2809: mass balance, rolling average" in said(shipped, "AVERAGE", "ul-2809")
    assert "UL 2809" not in said(shipped, "BATCH", "iso-14021")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("standard", STANDARDS)
@pytest.mark.parametrize("basis", ["batch", "site-average", "credit"])
def test_every_wording_carries_what_a_percentage_is_worth_nothing_without(
    shipped: Book, basis: str, standard: str, language: str
) -> None:
    more = {"mass_kg": 100_000} if basis == "credit" else {}
    enter(shipped, "statement", statement("ST1", "A", basis=basis, **more))
    found = read(shipped, "ST1", standard)
    words = "\n".join(word_statement(found, language))
    names = {"iso-14021": "ISO 14021", "scs-103": "SCS-103", "en-45557": "EN 45557", "ul-2809": "UL 2809"}
    assert names[standard] in words
    wanted = {
        "en": ("Aligned with", "Indicative", "F10", "F13, metal basis", "yields: by the lot's own for", "same process: company", "period:",
               "chain of custody:", "R21 indicative", "R23 verified", "account: period 2025 of S, still open"),
        "zh": ("参照", "参考性", "F10", "F13，金属基准", "金属收得率", "同一工序：公司", "时段：", "监管链：", "R21 参考性", "R23 已核实", "尚未关闭"),
    }[language]  # fmt: skip
    assert [part for part in wanted if part not in words] == []
    assert not re.search("conform|符合", words, re.IGNORECASE)
    assert f"{EDITIONS[standard]} " in words
    document_of(found)


def test_the_status_of_every_rule_stands_in_the_document(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    found = document_of(read(shipped, "ST1", "scs-103"))
    status = {item["id"]: item["indicative"] for item in found["rules"]}
    assert status["R24"] is False and status["R21"] is True and status["R22"] is True
    assert found["indicative"] is True
    assert found["standard"] == {"id": "scs-103", "name": "SCS-103", "edition": "V8.0", "relation": "aligned with"}


def test_a_closed_period_is_said(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    close(shipped, "2025")
    assert "period 2025 of S, closed" in said(shipped, "ST1")
    assert document_of(read(shipped, "ST1"))["accounting_period"]["closed"] is True


def test_the_standard_of_the_claim_is_the_default(shipped: Book) -> None:
    enter(shipped, "statement", statement("ST1", "A", standard="en-45557"))
    assert read(shipped, "ST1").standard == "en-45557"
    assert read(shipped, "ST1", "ul-2809").standard == "ul-2809"


# Refusals --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_void_claim_words_nothing(shipped: Book, standard: str) -> None:
    enter(shipped, "statement", statement("ST1", "A"))
    enter(shipped, "statement", statement("ST2", "A", PRE))
    enter(shipped, "void", void("statement", "ST1"))
    found = read(shipped, "ST1", standard)
    assert document_of(found)["content"] is None
    assert document_of(found)["void"] == {"date": "2025-12-01", "reason": "typing error"}
    for language, mark in (("en", "VOID since 2025-12-01: typing error"), ("zh", "作废")):
        lines = word_statement(found, language)
        assert len(lines) == 1 and mark in lines[0]
        assert "%" not in lines[0]
    assert set(read(shipped, "ST2").parts) == {PRE}


def test_claims_above_the_mass_of_the_shipment_are_not_recorded(shipped: Book) -> None:
    enter(shipped, "shipment", shipment("D", {"H1": 300_000}))
    enter(shipped, "statement", statement("ST1", "D"))
    # 141,935 + 200,000 > 300,000
    (problem,) = refused(shipped, "statement", statement("ST2", "D", PRE, "credit", mass_kg=200_000))
    assert "200,000 kg on top of 141,935 kg of a shipment of 300,000 kg" in problem


def test_names_that_do_not_exist(shipped: Book) -> None:
    enter(shipped, "statement", statement("CLAIM-1", "A"))
    with pytest.raises(InputError, match="CLAIM-1"):
        read(shipped, "CLAIM-2")
    with pytest.raises(InputError, match="iso-14021"):
        read(shipped, "CLAIM-1", "iso-14020")


def test_the_schema_refuses_what_a_statement_must_not_say(shipped: Book) -> None:
    from jsonschema import Draft202012Validator

    from pcf.catalogue.schemas import load_schema

    enter(shipped, "statement", statement("ST1", "A"))
    good = document_of(read(shipped, "ST1"))
    check = Draft202012Validator(load_schema("recycled-content-statement"))

    def broken() -> Iterator[dict[str, Any]]:
        for change in (
            lambda d: d["standard"].update(relation="conforms to"),
            lambda d: d["content"].update(total=0.78),
            lambda d: d["content"].update(post_consumer=None),
            lambda d: d.update(content=None),
            lambda d: d.update(void={"date": "2025-12-01", "reason": "typing error"}),
            lambda d: d["content"]["post_consumer"].pop("same_process_boundary"),
        ):
            copy = json.loads(json.dumps(good))
            change(copy)
            yield copy

    assert all(not check.is_valid(item) for item in broken())
