"""The rules a PACT footprint is held to before it leaves the house: the official schemas accept nonsense.

They know no decimals, no sums and no order of dates. A rule says what it found; nothing is ever repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from jsonschema import Draft202012Validator

from pcf.errors import InputError
from pcf.exchange.pact_aluminium import NAME, extension_schema
from pcf.exchange.pact_company import URN, UUID
from pcf.exchange.pact_decimals import PLAIN
from pcf.exchange.pact_facts import REGIONS, setting

UNITS = (
    "liter", "kilogram", "cubic meter", "kilowatt hour", "megajoule", "ton kilometer", "square meter", "piece", "hour",
    "megabit second",
)  # fmt: skip
STANDARDS = (
    "ISO14067", "ISO14083", "ISO14040-44", "GHGP-Product", "PEF", "PACT-1.0", "PACT-2.0", "PACT-3.0", "PAS2050",
)  # fmt: skip

TOP = {
    "id", "specVersion", "created", "status", "companyName", "companyIds", "productDescription", "productIds",
    "productNameCompany", "pcf",
}  # fmt: skip
TOP_OPTIONAL = {"precedingPfIds", "validityPeriodStart", "validityPeriodEnd", "productClassifications", "comment", "extensions"}
REQUIRED = {
    "declaredUnitOfMeasurement", "declaredUnitAmount", "productMassPerDeclaredUnit", "referencePeriodStart",
    "referencePeriodEnd", "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions",
    "fossilCarbonContent", "ipccCharacterizationFactors", "crossSectoralStandards", "exemptedEmissionsPercent",
    "packagingEmissionsIncluded", "ccsTechnologicalCO2CaptureIncluded", "primaryDataShare",
}  # fmt: skip
"""Members that the schema requires, and the three that the rules of reporting do."""

NOT_BELOW_ZERO = (
    "fossilGhgEmissions", "fossilCarbonContent", "biogenicCarbonContent", "recycledCarbonContent", "landUseChangeGhgEmissions",
    "landCarbonLeakage", "landManagementFossilGhgEmissions", "landManagementBiogenicCO2Emissions", "biogenicNonCO2Emissions",
    "landAreaOccupation", "aircraftGhgEmissions", "packagingGhgEmissions", "packagingBiogenicCarbonContent",
    "outboundLogisticsGhgEmissions", "ccuCarbonContent", "exemptedEmissionsPercent", "primaryDataShare",
)  # fmt: skip
NOT_ABOVE_ZERO = (
    "landManagementBiogenicCO2Removals", "biogenicCO2Uptake", "ccsTechnologicalCO2Capture", "technologicalCO2Removals",
)  # fmt: skip
DECIMALS = (
    "declaredUnitAmount", "productMassPerDeclaredUnit", "pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake",
    *NOT_BELOW_ZERO, *NOT_ABOVE_ZERO,
)  # fmt: skip
OTHERS = {
    "geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision", "boundaryProcessesDescription",
    "technologicalCO2CaptureOrigin", "ccuCalculationApproach", "ccuCreditCertification", "productOrSectorSpecificRules",
    "exemptedEmissionsDescription", "allocationRulesDescription", "secondaryEmissionFactorSources", "dqi", "verification",
}  # fmt: skip

ADDENDS = (
    "fossilGhgEmissions", "landUseChangeGhgEmissions", "landManagementBiogenicCO2Emissions", "landManagementBiogenicCO2Removals",
    "technologicalCO2Removals", "ccsTechnologicalCO2Capture", "biogenicNonCO2Emissions",
)  # fmt: skip
"""Addends of the footprint without biogenic uptake; fossil land management and aircraft are inside the fossil emissions."""

CAPTURE = ("ccsTechnologicalCO2Capture", "technologicalCO2Removals", "technologicalCO2CaptureOrigin")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_VERSION = re.compile(r"3\.0\.\d+(-\d{8})?", re.ASCII)


Day = TypeVar("Day", date, datetime)


class _Rules:
    """What was found, in order."""

    def __init__(self) -> None:
        self.problems: list[InputError] = []

    def need(self, holds: object, place: str, found: object, expected: str) -> None:
        if not holds:
            self.wrong(place, found, expected)

    def wrong(self, place: str, found: object, expected: str) -> None:
        self.problems.append(InputError(f"PACT {place}", str(found), expected))


def find_problems(footprint: Mapping[str, Any]) -> list[InputError]:
    """Everything in which a ProductFootprint of version 3 breaks the rules; empty where it breaks none."""
    rules = _Rules()
    _members(rules, "", footprint, TOP, TOP | TOP_OPTIONAL)
    pcf = footprint.get("pcf")
    if not isinstance(pcf, dict):
        rules.wrong("pcf", type(pcf).__name__, "an object")
        return rules.problems
    _members(rules, "pcf.", pcf, REQUIRED, REQUIRED | OTHERS | set(DECIMALS))
    if rules.problems:
        return rules.problems
    _identity_of(rules, footprint)
    values = _decimals(rules, pcf)
    _unit(rules, pcf, values)
    _sums(rules, values)
    _places(rules, pcf)
    _groups(rules, pcf, values)
    _lists(rules, pcf)
    _times(rules, footprint, pcf)
    _extensions(rules, footprint.get("extensions"))
    return rules.problems


def _members(rules: _Rules, place: str, content: Mapping[str, Any], required: Iterable[str], known: set[str]) -> None:
    for name in sorted(required):
        rules.need(name in content, f"{place}{name}", "nothing", "a value")
    for name, value in content.items():
        rules.need(name in known, f"{place}{name}", "an unknown member", "the members of version 3")
        rules.need(value is not None, f"{place}{name}", "null", "a value, or the member left out")


def _identity_of(rules: _Rules, footprint: Mapping[str, Any]) -> None:
    rules.need(_is(UUID, footprint["id"]), "id", footprint["id"], "a UUID in small letters")
    rules.need(_is(_VERSION, footprint["specVersion"]), "specVersion", footprint["specVersion"], "3.0.x")
    rules.need(footprint["status"] in ("Active", "Deprecated"), "status", footprint["status"], "Active or Deprecated")
    for name in ("companyName", "productDescription", "productNameCompany"):
        value = footprint[name]
        rules.need(isinstance(value, str) and value.strip(), name, repr(value), "a text")
    for name in ("companyIds", "productIds", "productClassifications"):
        if name in footprint or name != "productClassifications":
            _unique(rules, name, footprint[name], lambda item: _is(URN, item), "URNs without # or +")
    if "precedingPfIds" in footprint:
        _unique(rules, "precedingPfIds", footprint["precedingPfIds"], lambda item: _is(UUID, item), "UUIDs")
        rules.need(
            footprint["id"] not in _list(footprint["precedingPfIds"]), "precedingPfIds", "its own id", "ids of earlier footprints"
        )


def _unique(rules: _Rules, name: str, items: Any, holds: Any, expected: str) -> None:
    if not isinstance(items, list) or not items:
        rules.wrong(name, "no list, or an empty one", expected)
        return
    for item in items:
        rules.need(holds(item), name, repr(item), expected)
    texts = [str(item) for item in items]
    rules.need(len(set(texts)) == len(texts), name, "an entry twice", "each once")


def _decimals(rules: _Rules, pcf: Mapping[str, Any]) -> dict[str, Decimal]:
    """The values by name; each a text in plain digits, with the sign that it may have."""
    found: dict[str, Decimal] = {}
    for name in DECIMALS:
        if name not in pcf:
            continue
        if not _is(PLAIN, pcf[name]):
            rules.wrong(f"pcf.{name}", repr(pcf[name]), "a decimal as text, without exponent")
            continue
        found[name] = Decimal(pcf[name])
        rules.need(name not in NOT_BELOW_ZERO or found[name] >= 0, f"pcf.{name}", pcf[name], "zero or more")
        rules.need(name not in NOT_ABOVE_ZERO or found[name] <= 0, f"pcf.{name}", pcf[name], "zero or less")
    return found


def _unit(rules: _Rules, pcf: Mapping[str, Any], values: Mapping[str, Decimal]) -> None:
    unit = pcf["declaredUnitOfMeasurement"]
    rules.need(unit in UNITS, "pcf.declaredUnitOfMeasurement", unit, ", ".join(UNITS))
    amount, mass = values.get("declaredUnitAmount"), values.get("productMassPerDeclaredUnit")
    if amount is None or mass is None:
        return
    rules.need(amount > 0, "pcf.declaredUnitAmount", amount, "more than zero")
    rules.need(
        unit != "kilogram" or mass == amount, "pcf.productMassPerDeclaredUnit", mass, f"{amount}, as the declared unit is a mass"
    )
    rules.need(unit != "piece" or mass > 0, "pcf.productMassPerDeclaredUnit", mass, "the mass of the pieces")


def _sums(rules: _Rules, values: Mapping[str, Decimal]) -> None:
    if not {"pcfExcludingBiogenicUptake", "pcfIncludingBiogenicUptake", "fossilGhgEmissions"} <= values.keys():
        return
    excluding, including = values["pcfExcludingBiogenicUptake"], values["pcfIncludingBiogenicUptake"]
    total = sum((values.get(name, Decimal(0)) for name in ADDENDS), Decimal(0))
    rules.need(excluding == total, "pcf.pcfExcludingBiogenicUptake", excluding, f"{total}, the sum of its addends")
    whole = excluding + values.get("biogenicCO2Uptake", Decimal(0))
    rules.need(including == whole, "pcf.pcfIncludingBiogenicUptake", including, f"{whole}, with the biogenic uptake")
    fossil = values["fossilGhgEmissions"]
    for name in ("aircraftGhgEmissions", "landManagementFossilGhgEmissions"):
        part = values.get(name, Decimal(0))
        rules.need(part <= fossil, f"pcf.{name}", part, f"at most the fossil emissions, {fossil}")


def _places(rules: _Rules, pcf: Mapping[str, Any]) -> None:
    names = [name for name in ("geographyRegionOrSubregion", "geographyCountry", "geographyCountrySubdivision") if name in pcf]
    rules.need(len(names) < 2, "pcf geography", " and ".join(names), "one of the three, or none for the world")
    region, country, part = (
        pcf.get("geographyRegionOrSubregion"), pcf.get("geographyCountry"), pcf.get("geographyCountrySubdivision"),
    )  # fmt: skip
    rules.need(region is None or region in REGIONS, "pcf.geographyRegionOrSubregion", region, "a region of the UN")
    two, six = re.compile(r"[A-Z]{2}"), re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
    rules.need(country is None or _is(two, country), "pcf.geographyCountry", country, "two capital letters (ISO 3166-1)")
    rules.need(part is None or _is(six, part), "pcf.geographyCountrySubdivision", part, "a code of ISO 3166-2")


def _groups(rules: _Rules, pcf: Mapping[str, Any], values: Mapping[str, Decimal]) -> None:
    """What is there only together with something else, and what has a limit."""
    for name in ("packagingEmissionsIncluded", "ccsTechnologicalCO2CaptureIncluded"):
        rules.need(isinstance(pcf[name], bool), f"pcf.{name}", repr(pcf[name]), "true or false")
    if pcf["packagingEmissionsIncluded"] is False:
        rules.need(
            "packagingGhgEmissions" not in pcf, "pcf.packagingGhgEmissions", "a value", "nothing: packaging is not included"
        )
    if pcf["ccsTechnologicalCO2CaptureIncluded"] is False:
        for name in CAPTURE:
            rules.need(name not in pcf, f"pcf.{name}", "a value", "nothing: no capture is included")
    share, left_out = values.get("primaryDataShare", Decimal(0)), values.get("exemptedEmissionsPercent", Decimal(0))
    rules.need(share <= 100, "pcf.primaryDataShare", share, "0 to 100")
    most = setting("pact-exempted-most")
    rules.need(
        left_out <= most, "pcf.exemptedEmissionsPercent", left_out, f"at most {most} %: include the largest flow that is left out"
    )
    if "dqi" in pcf:
        for name in ("technologicalDQR", "geographicalDQR", "temporalDQR"):
            value = _part(pcf["dqi"]).get(name)
            holds = _is(PLAIN, value) and 1 <= Decimal(str(value)) <= 5
            rules.need(holds, f"pcf.dqi.{name}", repr(value), "1 to 5, as text")
    if "verification" in pcf:
        provider = _part(pcf["verification"]).get("providerName")
        rules.need(
            isinstance(provider, str) and provider.strip(), "pcf.verification.providerName", repr(provider), "the verifier's name"
        )


def _lists(rules: _Rules, pcf: Mapping[str, Any]) -> None:
    report = re.compile(r"AR\d+")
    _unique(
        rules,
        "pcf.ipccCharacterizationFactors",
        pcf["ipccCharacterizationFactors"],
        lambda item: _is(report, item),
        "AR6 and the like",
    )
    _unique(
        rules, "pcf.crossSectoralStandards", pcf["crossSectoralStandards"], lambda item: item in STANDARDS, ", ".join(STANDARDS)
    )
    if "productOrSectorSpecificRules" in pcf:
        _unique(
            rules, "pcf.productOrSectorSpecificRules", pcf["productOrSectorSpecificRules"],
            lambda item: _part(item).get("ruleNames") and (_part(item).get("operator") != "Other" or _part(item).get("otherOperatorName")),
            "rules with their names; an operator `Other` with the name of the operator",
        )  # fmt: skip
    if "secondaryEmissionFactorSources" in pcf:
        _unique(
            rules, "pcf.secondaryEmissionFactorSources", pcf["secondaryEmissionFactorSources"],
            lambda item: _part(item).get("name") and _part(item).get("version"), "sources with name and version; none where all data are primary",
        )  # fmt: skip


def _times(rules: _Rules, footprint: Mapping[str, Any], pcf: Mapping[str, Any]) -> None:
    read: dict[str, datetime | None] = {}
    for name, content in (
        ("created", footprint), ("validityPeriodStart", footprint), ("validityPeriodEnd", footprint),
        ("referencePeriodStart", pcf), ("referencePeriodEnd", pcf),
    ):  # fmt: skip
        read[name] = _moment(content.get(name))
        rules.need(
            name not in content or read[name], name, repr(content.get(name)), "a moment in UTC such as 2026-01-01T00:00:00Z"
        )
    begin, end = read["referencePeriodStart"], read["referencePeriodEnd"]
    if begin is None or end is None:
        return
    rules.need(begin < end, "pcf.referencePeriodEnd", end.date(), f"after the start, {begin.date()}")
    last = add_years(end, int(setting("pact-validity-years")))
    start, stop = read["validityPeriodStart"] or end, read["validityPeriodEnd"] or last
    rules.need(start >= end, "validityPeriodStart", start.date(), f"the end of the reference period, {end.date()}, or later")
    rules.need(stop <= last, "validityPeriodEnd", stop.date(), f"{last.date()} at the latest")
    rules.need(start < stop, "validityPeriodEnd", stop.date(), f"after the start, {start.date()}")


def add_years(moment: Day, years: int) -> Day:
    """The same day some years later; the 29th of February becomes the 28th."""
    day = 28 if (moment.month, moment.day) == (2, 29) else moment.day
    return moment.replace(year=moment.year + years, day=day)


def _extensions(rules: _Rules, extensions: Any) -> None:
    """Extensions name their schema; the project's own one fulfils it."""
    if extensions is None:
        return
    rules.need(
        isinstance(extensions, list) and extensions,
        "extensions",
        "no list, or an empty one",
        "extensions, or the member left out",
    )
    for item in _list(extensions):
        told = all(isinstance(_part(item).get(name), str) for name in ("specVersion", "dataSchema"))
        rules.need(
            told and isinstance(_part(item).get("data"), dict), "extensions", "an incomplete one", "specVersion, dataSchema, data"
        )
    for index, item in enumerate(_list(extensions)):
        data = _part(_part(item).get("data"))
        if data.get("schema") != NAME:
            continue
        for error in Draft202012Validator(extension_schema()).iter_errors(data):
            rules.wrong(f"extensions[{index}].data {error.json_path}", error.message, "data of the aluminium extension")


def _part(value: Any) -> Mapping[str, Any]:
    """An object, empty in place of anything else."""
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
