"""A footprint document as the Catena-X aspect `io.catenax.pcf` 9.0.0: numbers, groups of one, aircraft beside fossil."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pcf.errors import DataError, InputError
from pcf.exchange.catenax_rules import find_pcf_problems
from pcf.exchange.pact import midnight, packaging_of, period_of, place_of, product_footprint, stamp, standard_of
from pcf.exchange.pact_company import Company
from pcf.exchange.pact_facts import setting
from pcf.exchange.pact_values import editions, exempted_percent, read_values, secondary_sources
from pcf.exchange.pact_words import comment, exempted

MODEL = "urn:io.catenax.pcf:datamodel:version:9.0.0"
NOT_APPLICABLE = "not applicable"


def catenax_footprint(document: Mapping[str, Any], company: Company, created: datetime, lang: str = "en") -> dict[str, Any]:
    """Map a footprint to Catena-X, under the id of the same footprint in PACT.

    Notes
    -----
    In Catena-X aircraft emissions are an addend of their own, in PACT they are inside the fossil ones: fossil here is
    PACT's less aircraft. Material designated by a chain of custody never enters a footprint, so no mass balance is used.

    Raises
    ------
    InputError
        For a footprint that is not handed on, and for what Catena-X asks and the company file does not tell.
    DataError
        With everything in which the result breaks the rules of PACT or Catena-X.
    """
    if company.catenax is None or company.validity is None:
        missing = "catenax" if company.catenax is None else "validity"
        raise InputError(f"company file, {missing}", "nothing", "what Catena-X asks for")
    twin = product_footprint(document, company, created, lang)
    place = place_of(document, company)
    if not place.region:
        raise InputError("company file, geography.region", "nothing", "the UN region of the place, which Catena-X asks for")
    pcf, period = twin["pcf"], period_of(document, company)
    assessment = {
        "technology": [{
            "ccsTechnologicalCO2CaptureIncluded": False, "boundaryProcessesDescription": pcf["boundaryProcessesDescription"],
        }],
        "idAndVersion": [{
            "id": twin["id"], "version": 0, "status": "Active", "retroOrProspectivePcfType": "Retrospective PCF",
            **({"precedingPfIds": [{"id": item} for item in company.preceding]} if company.preceding else {}),
        }],
        "boundarySpecifications": [{
            "exemptedEmissionsPercent": number(exempted_percent(document)),
            "exemptedEmissionsDescription": exempted(document, lang),
        }],
        "geography": [{
            "geographyRegionOrSubregion": place.region,
            **({"geographyCountry": place.country} if place.country else {}),
            **({"geographyCountrySubdivision": place.subdivision} if place.subdivision else {}),
        }],
        "time": [{
            "referencePeriodStart": midnight(period.start), "referencePeriodEnd": midnight(period.end), "created": stamp(created),
            "validityPeriodStart": midnight(company.validity.start), "validityPeriodEnd": midnight(company.validity.end),
        }],
    }  # fmt: skip
    standard, used = standard_of(document), editions(document)
    methodology = {
        "massBalancingInformation": [{
            "massBalancingUsed": False, "freeAttributionInMassBalancing": NOT_APPLICABLE,
            "massBalancingCertificateScheme": NOT_APPLICABLE,
        }],
        "standards": [{
            "crossSectoralStandards": [standard.catenax],
            "productOrSectorSpecificRules": [standard.name] if document["alignment"]["claimed"] else [],
        }],
        "gwpCharacterizationFactorDetails": [{
            "ipccCharacterizationFactors": used[0] if len(used) == 1 else "unspecified",
        }],
        "allocationInForeground": [{
            "allocationWasteIncineration": company.catenax.waste_incineration,
            "allocationRulesDescription": pcf["allocationRulesDescription"],
        }],
    }  # fmt: skip
    quality: dict[str, Any] = {"primaryDataShare": number(pcf["primaryDataShare"])}
    quality |= {name: number(value) for name, value in pcf["dqi"].items()}
    if sources := secondary_sources(document):
        quality["secondaryEmissionFactorSources"] = [f"{name} ({version})" for name, version in sources]
    legal = company.catenax.legal_statement
    made = {
        "scopeOfPcfForm": [{"specVersion": MODEL, "partialFullPcf": "Cradle-to-gate"}],
        "companyAndProductInformation": [_who(twin)],
        "pcfAssessmentAndMethodology": [{
            "dataSourcesAndQuality": [quality], "pcfAssessmentInformation": [assessment], "pcfMethodology": [methodology],
        }],
        "productLifeCycleStagesAndEmissions": [_stages(document, company)],
        "carbonContent": [{"fossilCarbonContent": number(setting("fossil-carbon-content"))}],
        "general": [{"comment": comment(document, company, lang), **({"pcfLegalStatement": legal} if legal else {})}],
        **_attestation(company),
    }  # fmt: skip
    if problems := find_pcf_problems(made):
        raise DataError(problems)
    return made


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


def _stages(document: Mapping[str, Any], company: Company) -> dict[str, Any]:
    """Production with its addends; packaging is inside it, distribution is another stage and none of ours."""
    values, packaging = read_values(document), packaging_of(company)
    production: dict[str, Any] = {
        "pcfIncludingBiogenicUptake": number(values.including),
        "pcfExcludingBiogenicUptake": number(values.excluding),
        "fossilGhgEmissions": number(values.fossil - (values.aircraft or 0)),
    }
    optional = {
        "biogenicNonCO2Emissions": values.biogenic_other, "biogenicCO2Uptake": values.uptake,
        "landUseChangeGhgEmissions": values.land_use, "aircraftGhgEmissions": values.aircraft,
    }  # fmt: skip
    production |= {name: number(value) for name, value in optional.items() if value is not None}
    wrapped: dict[str, Any] = {"packagingEmissionsIncluded": company.packaging.included}
    if packaging is not None:
        wrapped["packagingPcfExcludingBiogenicUptake"] = number(packaging)
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
