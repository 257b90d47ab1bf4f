"""A footprint document and the company's data as a PACT ProductFootprint, version 3."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pcf.errors import DataError, InputError
from pcf.exchange.pact_aluminium import aluminium_extension
from pcf.exchange.pact_company import Company, Geography, Span
from pcf.exchange.pact_decimals import decimal_text, leaves, rounded
from pcf.exchange.pact_facts import Place, places, setting, standards
from pcf.exchange.pact_rules import find_problems
from pcf.exchange.pact_values import editions, exempted_percent, read_values, secondary_sources
from pcf.exchange.pact_words import allocation, comment, exempted, notice, processes, require_claim
from pcf.store.canonical import canonical

SPEC_VERSION = "3.0.0"
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "pcf/pact/3")
"""Namespace of the ids: the same content has the same id, on every machine."""

NO_CONTENT = ("id", "created", "status")
"""Members that are not content: a footprint keeps its id when it is deprecated."""


def product_footprint(document: Mapping[str, Any], company: Company, created: datetime, lang: str = "en") -> dict[str, Any]:
    """Map a footprint to PACT; every sum holds exactly, the rest of the rounding is in the fossil emissions.

    Parameters
    ----------
    document : mapping
        `pcf/footprint/1`, of a plant's own year.
    company : Company
    created : datetime
        When it was made, with a zone.
    lang : str
        Language of what is said in words.

    Raises
    ------
    InputError
        For a model's estimate, another boundary, or a place without a code.
    DataError
        With everything in which the result breaks the rules of `pact_rules`.
    """
    require_claim(document)
    stated = notice(document, lang)
    made: dict[str, Any] = {
        "specVersion": SPEC_VERSION,
        "created": stamp(created),
        "status": "Active",
        "companyName": company.company.name,
        "companyIds": list(company.company.ids),
        "productDescription": f"{stated}. {company.product.description}" if stated else company.product.description,
        "productIds": list(company.product.ids),
        "productNameCompany": company.product.name,
        "comment": comment(document, company, lang),
        "pcf": _footprint(document, company, lang),
        "extensions": [aluminium_extension(document, company)],
    }
    if company.product.classifications:
        made["productClassifications"] = list(company.product.classifications)
    if company.preceding:
        made["precedingPfIds"] = list(company.preceding)
    if company.validity:
        made |= {"validityPeriodStart": midnight(company.validity.start), "validityPeriodEnd": midnight(company.validity.end)}
    made = {"id": content_id(made), **made}
    if problems := find_problems(made):
        raise DataError(problems)
    return made


def content_id(footprint: Mapping[str, Any]) -> str:
    """Id of a footprint: a UUID (version 5) of its content, without the time of its making and its status."""
    return str(uuid.uuid5(NAMESPACE, canonical(content_of(footprint)).decode("utf-8")))


def content_of(footprint: Mapping[str, Any]) -> dict[str, Any]:
    """The members that make a footprint what it is."""
    return {name: value for name, value in footprint.items() if name not in NO_CONTENT}


def deprecate(footprint: Mapping[str, Any]) -> dict[str, Any]:
    """The same footprint, marked as one that another has taken the place of."""
    return {**footprint, "status": "Deprecated"}


def supersede(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A footprint that takes the place of another one: a change is a new footprint, never an altered one.

    Returns
    -------
    tuple of dict
        The old one, deprecated; the new one with the old one's id among those before it.

    Raises
    ------
    InputError
        Where nothing has changed, the old one is of another product, or its id is not that of its content.
    """
    old_id = str(old.get("id"))
    foreign = any(isinstance(leaf, Decimal) for _, leaf in leaves(old))  # what is exported here holds no number
    if foreign or old_id != content_id(old):
        raise InputError(
            "the superseded footprint", old_id, "the id of its content: a footprint that was exported here and not altered"
        )
    if set(old["productIds"]).isdisjoint(new["productIds"]):
        raise InputError(
            "the superseded footprint", ", ".join(old["productIds"]), f"a footprint of {', '.join(new['productIds'])}"
        )
    alike = [{name: value for name, value in content_of(item).items() if name != "precedingPfIds"} for item in (old, new)]
    if alike[0] == alike[1]:
        raise InputError("the new footprint", "nothing changed", "a change, or no new footprint")
    preceding = [old_id, *(item for item in new.get("precedingPfIds", []) if item != old_id)]
    changed = {**new, "precedingPfIds": preceding}
    changed["id"] = content_id(changed)
    if problems := find_problems(changed):
        raise DataError(problems)
    return deprecate(old), changed


def stamp(moment: datetime) -> str:
    """A moment as the formats write it: UTC, whole seconds, `Z` (a `+` gets lost in addresses)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def midnight(day: date) -> str:
    """The first moment of a day."""
    return f"{day.isoformat()}T00:00:00Z"


def _footprint(document: Mapping[str, Any], company: Company, lang: str) -> dict[str, Any]:
    values, period = read_values(document), period_of(document, company)
    quality, digits = document["data_quality"], int(setting("share-decimals"))
    made: dict[str, Any] = {
        "declaredUnitOfMeasurement": "kilogram",
        "declaredUnitAmount": "1",
        "productMassPerDeclaredUnit": "1",
        "referencePeriodStart": midnight(period.start),
        "referencePeriodEnd": midnight(period.end),
        "boundaryProcessesDescription": processes(document, lang),
        "pcfExcludingBiogenicUptake": decimal_text(values.excluding),
        "pcfIncludingBiogenicUptake": decimal_text(values.including),
        "fossilGhgEmissions": decimal_text(values.fossil),
        "fossilCarbonContent": decimal_text(setting("fossil-carbon-content")),
        "packagingEmissionsIncluded": company.packaging.included,
        "ccsTechnologicalCO2CaptureIncluded": False,
        "ipccCharacterizationFactors": editions(document),
        "crossSectoralStandards": [standard_of(document).cross_sectoral],
        "exemptedEmissionsPercent": decimal_text(exempted_percent(document)),
        "exemptedEmissionsDescription": exempted(document, lang),
        "allocationRulesDescription": allocation(document, lang),
        "primaryDataShare": decimal_text(rounded(100 * document["evidence"]["data_class"]["primary"], digits)),
        "dqi": {
            name: decimal_text(rounded(quality[score], digits))
            for name, score in (("technologicalDQR", "technology"), ("geographicalDQR", "geography"), ("temporalDQR", "time"))
        },
    }
    optional = {
        "landUseChangeGhgEmissions": values.land_use, "biogenicNonCO2Emissions": values.biogenic_other,
        "biogenicCO2Uptake": values.uptake, "aircraftGhgEmissions": values.aircraft, "packagingGhgEmissions": packaging_of(company),
    }  # fmt: skip
    made |= {name: decimal_text(value) for name, value in optional.items() if value is not None}
    made |= _place(place_of(document, company))
    if sources := secondary_sources(document):
        made["secondaryEmissionFactorSources"] = [{"name": name, "version": version} for name, version in sources]
    if (operator := standard_of(document).operator) and document["alignment"]["claimed"]:
        rule = {"operator": "Other", "otherOperatorName": operator, "ruleNames": [document["alignment"]["standard"]]}
        made["productOrSectorSpecificRules"] = [rule]
    if (checked := company.verification) is not None:
        told = {"comments": checked.comments} if checked.comments else {}
        made["verification"] = {
            "coverage": checked.coverage, "providerName": checked.provider, "completedAt": midnight(checked.completed),
            "standardName": checked.standard, **told,
        }  # fmt: skip
    return made


def packaging_of(company: Company) -> Decimal | None:
    """Emissions of the packaging [kgCO2e/kg], where they are known."""
    value = company.packaging.kgCO2e_per_t
    return None if value is None else rounded(Decimal(repr(value)) / 1000, int(setting("value-decimals")))


def standard_of(document: Mapping[str, Any]) -> Any:
    """The standard that a document is aligned with, as the formats name it."""
    name = document["alignment"]["standard"]
    if name not in standards():
        raise InputError("alignment", repr(name), f"one of: {', '.join(standards())}", "datasets/exchange/standards.csv")
    return standards()[name]


def period_of(document: Mapping[str, Any], company: Company) -> Span:
    """The reference period: what the company says, else the year of the site's data."""
    if company.period is not None:
        return company.period
    if document["site"] is None:
        raise InputError("company file, period", "nothing", "start and end, because the product has no site of its own")
    year = int(document["site"]["data_year"])
    return Span(start=date(year, 1, 1), end=date(year + 1, 1, 1))


def place_of(document: Mapping[str, Any], company: Company) -> Place:
    """Where a footprint holds: what the company says, else the site's place."""
    given: Geography | None = company.geography
    if given is not None:
        country = given.country or (given.subdivision or "")[:2]
        return Place(country, given.subdivision or "", given.region or "")
    name = document["site"]["geography"] if document["site"] else ""
    if name not in places():
        raise InputError(
            "company file, geography", f"nothing, and a site in {name or 'no place'!r}", "country, subdivision or region"
        )
    return places()[name]


def _place(place: Place) -> dict[str, str]:
    """The finest of the three geographies, and only that one; the world has none."""
    for name, value in (
        ("geographyCountrySubdivision", place.subdivision), ("geographyCountry", place.country),
        ("geographyRegionOrSubregion", place.region),
    ):  # fmt: skip
        if value:
            return {name: value}
    return {}
