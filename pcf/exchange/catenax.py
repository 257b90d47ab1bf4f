"""A footprint document as the Catena-X aspect `io.catenax.pcf` 9.0.0: numbers, groups of one, aircraft beside fossil."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pcf.errors import DataError, InputError
from pcf.exchange.catenax_rules import find_pcf_problems
from pcf.exchange.pact import midnight, product_footprint
from pcf.exchange.pact_company import Catenax, Company
from pcf.exchange.pact_facts import places, standards

MODEL = "urn:io.catenax.pcf:datamodel:version:9.0.0"
NOT_APPLICABLE = "not applicable"


def catenax_footprint(document: Mapping[str, Any], company: Company, created: datetime, lang: str = "en") -> dict[str, Any]:
    """Map a footprint to Catena-X, under the id of the same footprint in PACT.

    Raises
    ------
    InputError
        For a footprint that is not handed on, and for what Catena-X asks and the company file does not tell.
    DataError
        With everything in which the result breaks the rules of PACT or Catena-X.
    """
    _require(company)
    return catenax_of(product_footprint(document, company, created, lang), company)


def catenax_of(twin: Mapping[str, Any], company: Company) -> dict[str, Any]:
    """Map a PACT footprint of ours to Catena-X; of the company file only what PACT has no field for is read.

    Parameters
    ----------
    twin : mapping
        A ProductFootprint that this program made: that of a product, or of a certificate.
    company : Company

    Notes
    -----
    In Catena-X aircraft emissions are an addend of their own, in PACT they are inside the fossil ones: fossil here is
    PACT's less aircraft. Material designated by a chain of custody never enters a footprint, so no mass balance is used.

    Raises
    ------
    InputError
        For what Catena-X asks and neither the footprint nor the company file tells.
    DataError
        With everything in which the result breaks the rules of Catena-X.
    """
    asked = _require(company)
    if "validityPeriodStart" not in twin:
        raise InputError("company file, validity", "nothing", "what Catena-X asks for")
    pcf = twin["pcf"]
    preceding = [{"id": item} for item in twin.get("precedingPfIds", [])]
    assessment = {
        "technology": [{
            "ccsTechnologicalCO2CaptureIncluded": False, "boundaryProcessesDescription": pcf["boundaryProcessesDescription"],
        }],
        "idAndVersion": [{
            "id": twin["id"], "version": 0, "status": twin["status"], "retroOrProspectivePcfType": "Retrospective PCF",
            **({"precedingPfIds": preceding} if preceding else {}),
        }],
        "boundarySpecifications": [{
            "exemptedEmissionsPercent": number(pcf["exemptedEmissionsPercent"]),
            "exemptedEmissionsDescription": pcf["exemptedEmissionsDescription"],
        }],
        "geography": [_where(pcf, company)],
        "time": [{
            "referencePeriodStart": pcf["referencePeriodStart"], "referencePeriodEnd": pcf["referencePeriodEnd"],
            "created": twin["created"],
            "validityPeriodStart": twin["validityPeriodStart"], "validityPeriodEnd": twin["validityPeriodEnd"],
        }],
    }  # fmt: skip
    used = pcf["ipccCharacterizationFactors"]
    names = {item.cross_sectoral: item.catenax for item in standards().values()}
    methodology = {
        "massBalancingInformation": [{
            "massBalancingUsed": False, "freeAttributionInMassBalancing": NOT_APPLICABLE,
            "massBalancingCertificateScheme": NOT_APPLICABLE,
        }],
        "standards": [{
            "crossSectoralStandards": [names[name] for name in pcf["crossSectoralStandards"]],
            "productOrSectorSpecificRules": [
                name for rule in pcf.get("productOrSectorSpecificRules", []) for name in rule["ruleNames"]
            ],
        }],
        "gwpCharacterizationFactorDetails": [{
            "ipccCharacterizationFactors": used[0] if len(used) == 1 else "unspecified",
        }],
        "allocationInForeground": [{
            "allocationWasteIncineration": asked.waste_incineration,
            "allocationRulesDescription": pcf["allocationRulesDescription"],
        }],
    }  # fmt: skip
    quality: dict[str, Any] = {"primaryDataShare": number(pcf["primaryDataShare"])}
    quality |= {name: number(value) for name, value in pcf["dqi"].items()}
    if sources := pcf.get("secondaryEmissionFactorSources"):
        quality["secondaryEmissionFactorSources"] = [f"{item['name']} ({item['version']})" for item in sources]
    legal = asked.legal_statement
    made = {
        "scopeOfPcfForm": [{"specVersion": MODEL, "partialFullPcf": "Cradle-to-gate"}],
        "companyAndProductInformation": [_who(twin)],
        "pcfAssessmentAndMethodology": [{
            "dataSourcesAndQuality": [quality], "pcfAssessmentInformation": [assessment], "pcfMethodology": [methodology],
        }],
        "productLifeCycleStagesAndEmissions": [_stages(pcf)],
        "carbonContent": [{"fossilCarbonContent": number(pcf["fossilCarbonContent"])}],
        "general": [{"comment": twin["comment"], **({"pcfLegalStatement": legal} if legal else {})}],
        **_attestation(company),
    }  # fmt: skip
    if problems := find_pcf_problems(made):
        raise DataError(problems)
    return made


def _require(company: Company) -> Catenax:
    if company.catenax is None:
        raise InputError("company file, catenax", "nothing", "what Catena-X asks for")
    return company.catenax


def _where(pcf: Mapping[str, Any], company: Company) -> dict[str, str]:
    """All three geographies, of which PACT has the finest; the region of a place that is not in our tables is the company's."""
    told = (
        pcf.get("geographyCountry", ""),
        pcf.get("geographyCountrySubdivision", ""),
        pcf.get("geographyRegionOrSubregion", ""),
    )
    country, subdivision, region = told[0] or told[1][:2], told[1], told[2]
    if not region and company.geography is not None:
        region = company.geography.region or ""
    if not region:
        region = next((place.region for place in places().values() if place.country == country and place.region), "")
    if not region:
        raise InputError("company file, geography.region", "nothing", "the UN region of the place, which Catena-X asks for")
    named = {"geographyCountry": country, "geographyCountrySubdivision": subdivision}
    return {"geographyRegionOrSubregion": region, **{name: value for name, value in named.items() if value}}


def number(value: Decimal | str) -> int | float:
    """A decimal as a number of JSON; six decimals of a double are exact when it is printed again."""
    exact = Decimal(value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def _who(twin: Mapping[str, Any]) -> dict[str, Any]:
    pcf = twin["pcf"]
    product = {
        "productNameCompany": twin["productNameCompany"],
        "productDescription": twin["productDescription"],
        "productIds": twin["productIds"],
        "declaredUnitOfMeasurement": pcf["declaredUnitOfMeasurement"],
        "declaredUnitAmount": number(pcf["declaredUnitAmount"]),
        "productMassPerDeclaredUnit": number(pcf["productMassPerDeclaredUnit"]),
    }
    if "productClassifications" in twin:
        product["productClassifications"] = twin["productClassifications"]
    return {
        "companyInformation": [{"companyName": twin["companyName"], "companyIds": twin["companyIds"]}],
        "productInformation": [product],
    }


def _stages(pcf: Mapping[str, Any]) -> dict[str, Any]:
    """Production with its addends; packaging is inside it, distribution is another stage and none of ours."""
    production: dict[str, Any] = {
        "pcfIncludingBiogenicUptake": number(pcf["pcfIncludingBiogenicUptake"]),
        "pcfExcludingBiogenicUptake": number(pcf["pcfExcludingBiogenicUptake"]),
        "fossilGhgEmissions": number(Decimal(pcf["fossilGhgEmissions"]) - Decimal(pcf.get("aircraftGhgEmissions", "0"))),
    }
    optional = ("biogenicNonCO2Emissions", "biogenicCO2Uptake", "landUseChangeGhgEmissions", "aircraftGhgEmissions")
    production |= {name: number(pcf[name]) for name in optional if name in pcf}
    wrapped: dict[str, Any] = {"packagingEmissionsIncluded": pcf["packagingEmissionsIncluded"]}
    if "packagingGhgEmissions" in pcf:
        wrapped["packagingPcfExcludingBiogenicUptake"] = number(pcf["packagingGhgEmissions"])
    return {
        "productionStage": [production],
        "packagingStage": [wrapped],
        "distributionStage": [{"distributionStageIncluded": False}],
    }


def _attestation(company: Company) -> dict[str, Any]:
    """Who has verified it, where the number of the statement is known."""
    checked = company.verification
    if checked is None or checked.statement is None:
        return {}
    kinds = {"product level": "PCF 3rd party verification"}
    done: date = checked.completed
    return {
        "attestationOfConformance": [{
            "attestationType": kinds.get(checked.coverage, "PCF Program Certification"),
            "standardName": checked.standard, "attestationStandard": checked.standard,
            "attestationOfConformanceId": checked.statement, "providerName": checked.provider, "completedAt": midnight(done),
        }]
    }  # fmt: skip
