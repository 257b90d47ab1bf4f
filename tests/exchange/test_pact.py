"""A footprint as a PACT ProductFootprint: exact sums, ids of the content, the life of a footprint, the aluminium extension."""

from __future__ import annotations

import copy
import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError
from pcf.exchange.pact import content_id, deprecate, product_footprint, supersede
from pcf.exchange.pact_aluminium import extension_schema
from pcf.exchange.pact_decimals import decimal_text, leaves, rounded
from pcf.exchange.pact_rules import find_problems
from pcf.exchange.pact_values import read_values
from tests.exchange.pacts import CREATED, company, made, pact_validator, separable

PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


@pytest.fixture(scope="module")
def document(catalogue: Catalogue) -> dict[str, Any]:
    return made(catalogue)


@pytest.mark.shared
@pytest.mark.parametrize("product", ["a356.2", "hqalight", "hqaloop", "can-stock-3104"])
def test_every_export_fulfils_the_official_schema_and_the_own_rules(
    catalogue: Catalogue, shared_data: Path, product: str
) -> None:
    found = product_footprint(made(catalogue, product), company(), CREATED)
    assert [error.message for error in pact_validator(shared_data).iter_errors(found)] == []
    assert find_problems(found) == []


def test_values_are_those_of_the_document(document: dict[str, Any]) -> None:
    found = product_footprint(document, company(), CREATED)
    pcf = found["pcf"]
    # 1 tCO2e/t is 1 kgCO2e/kg; six decimals.
    assert pcf["pcfExcludingBiogenicUptake"] == f"{document['total']['value']:.6f}".rstrip("0")
    assert pcf["fossilGhgEmissions"] == pcf["pcfExcludingBiogenicUptake"] == pcf["pcfIncludingBiogenicUptake"]
    assert (pcf["declaredUnitOfMeasurement"], pcf["declaredUnitAmount"], pcf["productMassPerDeclaredUnit"]) == (
        "kilogram",
        "1",
        "1",
    )
    assert pcf["ipccCharacterizationFactors"] == ["AR6"]
    assert pcf["geographyCountrySubdivision"] == "CN-SD"  # Shandong
    assert "geographyCountry" not in pcf
    assert pcf["referencePeriodEnd"] == "2025-01-01T00:00:00Z"  # the site's year is 2024
    # What cannot be separated is left out, never zero.
    assert not {"landUseChangeGhgEmissions", "biogenicCO2Uptake", "aircraftGhgEmissions"} & pcf.keys()
    assert "cannot be separated" in found["comment"]
    assert "not verified by a third party" in found["comment"]


def test_no_number_has_an_exponent(document: dict[str, Any]) -> None:
    found = product_footprint(document, company(packaging={"included": True, "kgCO2e_per_t": 0.001}), CREATED)
    assert found["pcf"]["packagingGhgEmissions"] == "0.000001"
    numeric = [value for path, value in leaves(found["pcf"]) if path.endswith(("Emissions", "Uptake", "Percent", "Share", "DQR"))]
    assert len(numeric) > 8
    assert all(PLAIN.fullmatch(str(value)) for value in numeric)


@given(
    total=st.floats(0.5, 30, allow_nan=False), carbon=st.floats(-0.4, 0), methane=st.floats(0, 0.1), land=st.floats(0, 0.3),
    aircraft=st.floats(0, 0.05),
)  # fmt: skip
def test_sums_are_exact_whatever_the_parts_are(total: float, carbon: float, methane: float, land: float, aircraft: float) -> None:
    gases = {"carbon dioxide, biogenic": carbon, "methane, biogenic": methane}
    found = read_values(separable(total, gases, land_use_change=land, aircraft=aircraft))
    texts = [decimal_text(value or Decimal(0)) for value in (found.fossil, found.land_use, found.biogenic_other, found.uptake)]
    fossil, luc, other, uptake = map(Decimal, texts)
    assert fossil + luc + other == Decimal(decimal_text(found.excluding))
    assert fossil + luc + other + uptake == Decimal(decimal_text(found.including))
    assert abs(float(found.including) - total) < 2e-6
    assert all(PLAIN.fullmatch(text) for text in texts)


def test_biogenic_carbon_that_nothing_took_up_has_no_place() -> None:
    with pytest.raises(InputError, match="no uptake balances"):
        read_values(separable(1.0, {"carbon dioxide, biogenic": 0.2}))


def test_the_id_is_that_of_the_content(document: dict[str, Any]) -> None:
    first, later = (product_footprint(document, company(), CREATED + timedelta(days=days)) for days in (0, 40))
    assert first["id"] == later["id"] == content_id(first)
    assert first["created"] != later["created"]
    assert product_footprint(document, company(custody_model="mass-balance"), CREATED)["id"] != first["id"]
    assert deprecate(first)["id"] == first["id"] and deprecate(first)["status"] == "Deprecated"


def test_a_change_is_a_new_footprint_and_the_old_one_is_deprecated(document: dict[str, Any]) -> None:
    old = product_footprint(document, company(), CREATED)
    changed = {**document, "total": {**document["total"], "value": document["total"]["value"] + 0.1}}
    before, after = supersede(old, product_footprint(changed, company(), CREATED))
    assert before == {**old, "status": "Deprecated"}
    assert after["precedingPfIds"] == [old["id"]] and after["id"] not in (old["id"], "")
    assert after["id"] == content_id(after) and find_problems(after) == []
    with pytest.raises(InputError, match="nothing changed"):
        supersede(old, product_footprint(document, company(), CREATED))
    altered = copy.deepcopy(old)
    altered["pcf"]["pcfExcludingBiogenicUptake"] = "0.1"
    with pytest.raises(InputError, match="not altered"):
        supersede(altered, after)


def test_the_extension_tells_both_treatments_of_scrap(document: dict[str, Any]) -> None:
    data = product_footprint(document, company(custody_model="mass-balance"), CREATED)["extensions"][0]["data"]
    assert list(Draft202012Validator(extension_schema()).iter_errors(data)) == []
    for name, member in (("cut-off", "cutOff"), ("co-product", "coProduct")):
        assert float(data["scrap"][member]) == pytest.approx(document["alternatives"]["scrap"][name], abs=1e-6)
    assert data["recycledContent"]["postConsumerPercent"] == f"{100 * document['charge']['post_consumer_content']:.2f}"
    assert (data["power"]["electricity"], data["chainOfCustodyModel"]) == ("contract", "mass-balance")
    assert sum(Decimal(item["value"]) for item in data["stages"]) == pytest.approx(
        rounded(document["total"]["value"], 6), abs=Decimal("5e-6")
    )


def test_a_demonstration_says_so_wherever_it_is_read(document: dict[str, Any]) -> None:
    found = product_footprint({**document, "standing": "demonstration"}, company(), CREATED)
    words = "DEMONSTRATION — NOT A CLAIM / 演示——不构成声明"
    assert found["productDescription"].startswith(words) and found["comment"].startswith(words)
    assert found["extensions"][0]["data"]["notice"] == words
    assert words not in str(product_footprint(document, company(), CREATED))


def test_what_is_no_claim_is_not_handed_on(catalogue: Catalogue, document: dict[str, Any]) -> None:
    for changes, words in (
        ({"standing": "model-estimate"}, "a model estimate"),
        ({"boundary": "gate-to-gate"}, "cradle-to-gate"),
        ({"schema": "pcf/batch/1"}, "pcf/footprint/1"),
        ({"site": {**document["site"], "geography": "XX-Nowhere"}}, "country, subdivision or region"),
    ):
        with pytest.raises(InputError, match=words):
            product_footprint({**document, **changes}, company(), CREATED)
    with pytest.raises(InputError, match="aluminium metal"):
        product_footprint(made(catalogue, "anode"), company(), CREATED)
    with pytest.raises(DataError, match="at most 5 %"):
        product_footprint({**document, "omitted": {**document["omitted"], "share": 0.0501}}, company(), CREATED)


def test_company_data_are_read_strictly() -> None:
    with pytest.raises(DataError) as found:
        company(company={"name": "A\u202e", "ids": ["gtin:1"]}, custody_model="magic", postage=1, packaging=None)
    places = {problem.place for problem in found.value.problems}
    assert {"company.yaml, company.name", "company.yaml, company.ids.0", "company.yaml, custody_model"} <= places
    assert {"company.yaml, postage", "company.yaml, packaging"} <= places


def test_decimals_are_written_in_plain_digits() -> None:
    for value, text in (("1E-7", "0.0000001"), ("1.50E+3", "1500"), ("-0.000", "0"), ("100", "100"), ("2.500", "2.5")):
        assert decimal_text(Decimal(value)) == text
    with pytest.raises(InputError):
        decimal_text(Decimal("NaN"))


def test_what_was_left_out_is_rounded_up(document: dict[str, Any]) -> None:
    found = product_footprint({**document, "omitted": {**document["omitted"], "share": 0.030001}}, company(), CREATED)
    assert found["pcf"]["exemptedEmissionsPercent"] == "3.01"
