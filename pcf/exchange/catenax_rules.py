"""The rules that both Catena-X aspects are held to beyond their schemas, which know no sums and accept empty groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pcf.errors import InputError
from pcf.exchange.pact_company import URN, UUID
from pcf.exchange.pact_facts import REGIONS, setting

BPNL = re.compile(r"BPNL[0-9A-Z]{12}", re.ASCII)
ADDENDS = (
    "fossilGhgEmissions", "biogenicNonCO2Emissions", "landUseChangeGhgEmissions", "landManagementBiogenicCO2Emissions",
    "landManagementBiogenicCO2Removals", "aircraftGhgEmissions",
)  # fmt: skip
"""Positions A, C, E, F, G and H: their sum is the footprint without biogenic uptake (T2)."""


def find_pcf_problems(content: Mapping[str, Any]) -> list[InputError]:
    """Everything in which a footprint of version 9 breaks the rules; empty where it breaks none."""
    found: list[InputError] = []

    def need(holds: object, place: str, value: object, expected: str) -> None:
        if not holds:
            found.append(InputError(f"Catena-X {place}", str(value), expected))

    try:
        information = content["companyAndProductInformation"][0]
        company, product = information["companyInformation"][0], information["productInformation"][0]
        method = content["pcfAssessmentAndMethodology"][0]
        assessed, quality = method["pcfAssessmentInformation"][0], method["dataSourcesAndQuality"][0]
        stages = content["productLifeCycleStagesAndEmissions"][0]
        production, packaging = stages["productionStage"][0], stages["packagingStage"][0]
        identity, place = assessed["idAndVersion"][0], assessed["geography"][0]
        boundary, time = assessed["boundarySpecifications"][0], assessed["time"][0]
    except (KeyError, IndexError, TypeError) as problem:
        return [InputError("Catena-X", f"no {problem}", "every group of the model, with one entry")]
    ids = company["companyIds"]
    need(all(URN.fullmatch(item) for item in (*ids, *product["productIds"])), "ids", ", ".join(ids), "URNs")
    need(
        any(BPNL.search(item) for item in ids),
        "companyIds",
        ", ".join(ids),
        "the BPNL among them, such as urn:bpn:BPNL000000000DEM",
    )
    unit, amount, mass = (
        product["declaredUnitOfMeasurement"], exact(product["declaredUnitAmount"]), exact(product["productMassPerDeclaredUnit"]),
    )  # fmt: skip
    need(unit in ("kilogram", "piece"), "declaredUnitOfMeasurement", unit, "kilogram or piece")
    need(amount > 0 and mass > 0, "declaredUnitAmount", f"{amount} of {mass} kg", "more than zero")
    need(unit != "kilogram" or mass == amount, "productMassPerDeclaredUnit", mass, f"{amount}")
    need(UUID.fullmatch(identity["id"]), "id", identity["id"], "a UUID")
    need(identity["version"] == 0 and identity["status"] == "Active", "idAndVersion", identity, "version 0, Active")
    region = place["geographyRegionOrSubregion"]
    need(region in (*REGIONS, "Global"), "geographyRegionOrSubregion", region, "a region of the UN")
    most = setting("catenax-exempted-most")
    left_out = exact(boundary["exemptedEmissionsPercent"])
    need(
        0 <= left_out <= most,
        "exemptedEmissionsPercent",
        left_out,
        f"at most {most} %: include the largest flow that is left out",
    )
    need(0 <= exact(quality["primaryDataShare"]) <= 100, "primaryDataShare", quality["primaryDataShare"], "0 to 100")
    for name in ("technologicalDQR", "geographicalDQR", "temporalDQR"):
        need(name in quality and 1 <= exact(quality[name]) <= 5, name, quality.get(name), "1 to 5")
    begin, end, start, stop = (
        time[name] for name in ("referencePeriodStart", "referencePeriodEnd", "validityPeriodStart", "validityPeriodEnd")
    )  # fmt: skip
    need(begin < end <= start < stop, "time", f"{begin} {end} {start} {stop}", "period, then validity")
    _sums(need, production)
    inside = exact(packaging.get("packagingPcfExcludingBiogenicUptake", 0))
    need(inside <= exact(production["pcfExcludingBiogenicUptake"]), "packagingStage", inside, "a part of the production stage")
    included = packaging["packagingEmissionsIncluded"]
    need(included or len(packaging) == 1, "packagingStage", ", ".join(packaging), "no values: packaging is not included")
    return found


def _sums(need: Any, production: Mapping[str, Any]) -> None:
    """T2 is the sum of its positions, T1 is T2 with the uptake: exactly, as the numbers are written."""
    excluding = exact(production["pcfExcludingBiogenicUptake"])
    including = exact(production["pcfIncludingBiogenicUptake"])
    total = sum((exact(production.get(name, 0)) for name in ADDENDS), Decimal(0))
    need(excluding == total, "pcfExcludingBiogenicUptake", excluding, f"{total}, the sum of its positions")
    whole = excluding + exact(production.get("biogenicCO2Uptake", 0))
    need(including == whole, "pcfIncludingBiogenicUptake", including, f"{whole}, with the biogenic uptake")
    for name, value in production.items():
        need(exact(value) <= 0 if name in ("biogenicCO2Uptake", "landManagementBiogenicCO2Removals") else exact(value) >= 0
             or name == "pcfIncludingBiogenicUptake", name, value, "the sign of its position")  # fmt: skip


def find_material_problems(content: Mapping[str, Any]) -> list[InputError]:
    """Everything in which an aspect of secondary material breaks the rules; empty where it breaks none."""
    found: list[InputError] = []
    for item in content["secondaryMaterialContent"]:
        shares = list(_shares(item["inorganic"])) + list(_shares(item["bioBased"]))
        if (total := sum(shares, Decimal(0))) != 100:
            found.append(InputError("Catena-X secondaryMaterialContent", f"{total} % together", "100 % of the material's weight"))
        if any(not 0 <= share <= 100 for share in shares):
            found.append(InputError("Catena-X secondaryMaterialContent", f"{shares}", "shares from 0 to 100 %"))
        unit = item["unitOfMeasure"]
        if unit["grossMaterialInputMass"] < unit["materialNetMass"]:
            found.append(
                InputError(
                    "Catena-X grossMaterialInputMass", str(unit["grossMaterialInputMass"]), f"{unit['materialNetMass']} or more"
                )
            )
    return found


def _shares(content: Any) -> list[Decimal]:
    if not isinstance(content, dict):
        return []
    own = [exact(content["percentageOfMaterialWeight"])] if "percentageOfMaterialWeight" in content else []
    return own + [share for part in content.values() for share in _shares(part)]


def exact(value: Any) -> Decimal:
    """A number as it is printed."""
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
