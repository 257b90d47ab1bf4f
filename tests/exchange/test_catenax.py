"""Catena-X: the footprint with aircraft as an addend of its own, recycled metal by class, both against their draft-4 schemas."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pcf.catalogue import Catalogue
from pcf.errors import DataError, InputError
from pcf.exchange.catenax import catenax_footprint
from pcf.exchange.catenax_material import secondary_material
from pcf.exchange.catenax_rules import find_material_problems, find_pcf_problems
from pcf.exchange.pact import product_footprint
from tests.exchange.pacts import CREATED, catenax_validator, company, made

PCF, MATERIAL = "pcf-9.0.0-Pcf-schema.json", "secondary-material-content-calculated-1.0.0-schema.json"


@pytest.fixture(scope="module")
def document(catalogue: Catalogue) -> dict[str, Any]:
    return made(catalogue)


def with_parts(document: dict[str, Any], total: float, aircraft: float, land: float, methane: float) -> dict[str, Any]:
    """The same product with all of its gases known."""
    separate = {**document["separate"], "fossil": total - land - methane, "land_use_change": land, "aircraft": aircraft}
    gases = {"carbon dioxide, fossil": {"tCO2e": total - land - methane}, "methane, biogenic": {"tCO2e": methane}}
    return {**document, "total": {"value": total, "unit": "tCO2e/t"}, "separate": separate, "gases": gases}


@pytest.mark.shared
@pytest.mark.parametrize("product", ["a356.2", "hqalight", "hqaloop"])
def test_every_export_fulfils_its_schema_and_the_own_rules(catalogue: Catalogue, shared_data: Path, product: str) -> None:
    document = made(catalogue, product)
    verified = {
        "coverage": "product level", "provider": "Auditor", "completed": "2026-02-01", "standard": "ISO 14064-3", "statement": "S1",
    }  # fmt: skip
    who = company(verification=verified, preceding=["f4b1225a-bd44-4c8e-861d-079e4e1dfd69"])
    for found, schema, find in (
        (catenax_footprint(document, who, CREATED), PCF, find_pcf_problems),
        (secondary_material(document, who), MATERIAL, find_material_problems),
    ):
        written = json.loads(json.dumps(found))
        assert [error.message for error in catenax_validator(shared_data, schema).iter_errors(written)] == []
        assert find(written) == []


def test_values_are_numbers_under_the_id_of_the_same_footprint_in_pact(document: dict[str, Any]) -> None:
    found = catenax_footprint(document, company(), CREATED)
    twin = product_footprint(document, company(), CREATED)
    stages = found["productLifeCycleStagesAndEmissions"][0]
    assert stages["productionStage"][0]["pcfExcludingBiogenicUptake"] == pytest.approx(document["total"]["value"], abs=1e-6)
    assessed = found["pcfAssessmentAndMethodology"][0]["pcfAssessmentInformation"][0]
    assert assessed["idAndVersion"][0]["id"] == twin["id"]
    assert assessed["geography"][0] == {
        "geographyRegionOrSubregion": "Eastern Asia", "geographyCountry": "CN", "geographyCountrySubdivision": "CN-SD",
    }  # fmt: skip
    assert stages["distributionStage"] == [{"distributionStageIncluded": False}]


def test_aircraft_is_an_addend_here_and_inside_fossil_in_pact(document: dict[str, Any]) -> None:
    flown = with_parts(document, 5.0, aircraft=0.25, land=0.5, methane=0.125)
    stage = catenax_footprint(flown, company(), CREATED)["productLifeCycleStagesAndEmissions"][0]["productionStage"][0]
    pcf = product_footprint(flown, company(), CREATED)["pcf"]
    assert (pcf["fossilGhgEmissions"], pcf["aircraftGhgEmissions"]) == ("4.375", "0.25")  # 5 - 0.5 - 0.125
    assert (stage["fossilGhgEmissions"], stage["aircraftGhgEmissions"]) == (4.125, 0.25)
    assert stage["pcfExcludingBiogenicUptake"] == 5


@given(total=st.floats(1, 25), aircraft=st.floats(0, 0.1), land=st.floats(0, 0.2), methane=st.floats(0, 0.1))
def test_sums_of_the_printed_numbers_are_exact(
    document: dict[str, Any], total: float, aircraft: float, land: float, methane: float
) -> None:
    made_of = with_parts(document, total, aircraft, land, methane)
    written = json.dumps(catenax_footprint(made_of, company(), CREATED)["productLifeCycleStagesAndEmissions"])
    stage = json.loads(written, parse_float=Decimal, parse_int=Decimal)[0]["productionStage"][0]
    names = ("fossilGhgEmissions", "aircraftGhgEmissions", "landUseChangeGhgEmissions", "biogenicNonCO2Emissions")
    assert sum(stage.get(name, 0) for name in names) == stage["pcfExcludingBiogenicUptake"] == stage["pcfIncludingBiogenicUptake"]


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("productLifeCycleStagesAndEmissions.productionStage.fossilGhgEmissions", 9.0, "the sum of its positions"),
        ("productLifeCycleStagesAndEmissions.productionStage.biogenicCO2Uptake", -1, "with the biogenic uptake"),
        ("companyAndProductInformation.companyInformation.companyIds", ["urn:a-b:c"], "BPNL"),
        ("companyAndProductInformation.productInformation.declaredUnitOfMeasurement", "liter", "kilogram or piece"),
        (
            "pcfAssessmentAndMethodology.pcfAssessmentInformation.boundarySpecifications.exemptedEmissionsPercent",
            3.01,
            "at most 3 %",
        ),
        ("pcfAssessmentAndMethodology.dataSourcesAndQuality.technologicalDQR", 5.5, "1 to 5"),
        ("productLifeCycleStagesAndEmissions.packagingStage.packagingPcfExcludingBiogenicUptake", 99, "part of the production"),
        ("productLifeCycleStagesAndEmissions.productionStage", [], "every group"),
    ],
)
def test_each_rule_finds_its_case(document: dict[str, Any], path: str, value: Any, words: str) -> None:
    found = copy.deepcopy(catenax_footprint(document, company(), CREATED))
    *parts, last = path.split(".")
    target: Any = found
    for part in parts:
        target = target[part][0]
    target[last] = value
    assert any(words in str(problem) for problem in find_pcf_problems(found))


def test_what_catena_x_asks_for_is_asked_for(document: dict[str, Any]) -> None:
    for changes, words in (
        ({"catenax": None}, "catenax"), ({"validity": None}, "validity"), ({"geography": {"country": "NO"}}, "region"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            catenax_footprint(document, company(**changes), CREATED)
    with pytest.raises(InputError, match="material"):
        secondary_material(document, company(material=None))
    with pytest.raises(InputError, match="model estimate"):
        secondary_material({**document, "standing": "model-estimate"}, company())
    with pytest.raises(DataError, match="BPNL"):
        catenax_footprint(document, company(company={"name": "A", "ids": ["urn:pact:a.org:company-id:a"]}), CREATED)


def test_recycled_metal_stands_by_class_and_the_shares_are_a_hundred(document: dict[str, Any]) -> None:
    material = company().model_dump()["material"]
    mixed = {**document, "charge": {**document["charge"], "post_consumer_content": 0.6012345, "pre_consumer_content": 0.1}}
    found = secondary_material(mixed, company(material={**material, "automotive_percent": 25}))
    part = found["secondaryMaterialContent"][0]["inorganic"]
    second = part["secondaryInorganic"]
    # 60.12 % of which a quarter, 15.03 %, comes from end-of-life vehicles; 10 % pre-consumer; the rest is primary.
    assert second["postConsumerAutomotive"]["mechanicalRecycling"] == {
        "percentageOfMaterialWeight": 15.03,
        "isMassBalanced": False,
    }
    assert second["postConsumer"]["mechanicalRecycling"]["percentageOfMaterialWeight"] == 45.09
    assert second["preConsumer"]["mechanicalRecycling"]["percentageOfMaterialWeight"] == 10
    assert part["primaryInorganic"]["percentageOfMaterialWeight"] == 29.88
    part["primaryInorganic"]["percentageOfMaterialWeight"] = 29.89
    assert find_material_problems(found)


def test_a_demonstration_says_so(document: dict[str, Any]) -> None:
    shown = {**document, "standing": "demonstration"}
    words = "DEMONSTRATION — NOT A CLAIM"
    found = catenax_footprint(shown, company(), CREATED)
    assert found["general"][0]["comment"].startswith(words)
    assert words in found["companyAndProductInformation"][0]["productInformation"][0]["productDescription"]
    assert words in secondary_material(shown, company())["secondaryMaterialContent"][0]["additionalInformation"]
