"""A supplier's PACT footprint, version 3 or 2, as the fields that a custody lot takes; what is doubtful is said, not mended.

Of 188 published samples one fulfils the sum that the specification states, so a gap is a warning with its amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pcf.custody.supplier import NOT_STATED, USABLE_BOUNDARY
from pcf.errors import DataError, InputError
from pcf.exchange.pact_aluminium import NAME
from pcf.exchange.pact_decimals import decimal_text, rounded
from pcf.exchange.pact_facts import setting
from pcf.exchange.pact_reader import Reader, Warned
from pcf.exchange.pact_rules import ADDENDS, add_years
from pcf.model import CHOICES

MOST = 10_000
"""Footprints of one file."""

MOST_OF_A_LOT = 100
"""Largest footprint that a lot takes [kgCO2e/kg]."""

FIELDS = (
    "footprint", "footprint_boundary", "footprint_gwp", "footprint_scrap", "footprint_standard", "footprint_period",
    "footprint_verifier", "footprint_document",
)  # fmt: skip
"""Columns of a lot that a footprint fills."""

TOLERANCE = Decimal("1e-9")
"""Gap of a sum that is still rounding, relative to the sum."""

V2_BIOGENIC = ("dLucGhgEmissions", "landManagementGhgEmissions", "otherBiogenicGhgEmissions", "iLucGhgEmissions")


@dataclass(frozen=True)
class Supplied:
    """A supplier's footprint per kg of product, as it stands.

    Attributes
    ----------
    value : Decimal
        Without biogenic uptake (version 2: without biogenic emissions) [kgCO2e/kg].
    """

    id: str
    version: str
    company: str
    product: str
    product_ids: tuple[str, ...]
    value: Decimal
    boundary: str
    gwp: str
    scrap: str
    standard: str
    period: str
    verifier: str
    warnings: tuple[Warned, ...]

    def lot_fields(self) -> dict[str, str]:
        """The columns of a lot.

        Raises
        ------
        InputError
            For a value that no lot takes.
        """
        if not 0 < self.value <= MOST_OF_A_LOT:
            raise InputError(
                f"footprint {self.id}", f"{decimal_text(self.value)} kgCO2e/kg",
                f"more than 0 and at most {MOST_OF_A_LOT} for a lot of metal",
            )  # fmt: skip
        values = (
            decimal_text(self.value), self.boundary, self.gwp, self.scrap, self.standard, self.period, self.verifier, self.id,
        )  # fmt: skip
        return dict(zip(FIELDS, values, strict=True))


def read_footprints(content: Any, place: str, today: date) -> list[Supplied]:
    """Read one footprint, a list of them, or an API's answer with `data`.

    Raises
    ------
    DataError
        With the first problem of each footprint that cannot be used; none of the file is, then.
    """
    items = content.get("data", content) if isinstance(content, dict) and "pcf" not in content else content
    items = items if isinstance(items, list) else [items]
    if not items or len(items) > MOST:
        raise InputError(place, f"{len(items):,} footprints", f"1 to {MOST:,}")
    found: list[Supplied] = []
    problems: list[InputError] = []
    for number, item in enumerate(items, 1):
        where = place if len(items) == 1 else f"{place}, footprint {number}"
        try:
            found.append(read_footprint(item, where, today))
        except InputError as problem:
            problems.append(problem)
    if problems:
        raise DataError(problems)
    return found


def read_footprint(content: Any, place: str, today: date) -> Supplied:
    """Read a ProductFootprint of version 3 or 2.

    Raises
    ------
    InputError
        For another version, a missing or wrong field, a unit whose mass is not told, and numbers that are none.
    """
    if not isinstance(content, dict):
        raise InputError(place, type(content).__name__, "a ProductFootprint: an object with `specVersion` and `pcf`")
    top = Reader(content, place)
    version = top.text("specVersion", longest=30)
    major = version.partition(".")[0]
    if major not in ("2", "3"):
        raise InputError(f"{place}, specVersion", repr(version), "version 2 or 3 of PACT")
    pcf = top.part("pcf")
    value = _value_3(pcf) if major == "3" else _value_2(pcf)
    digits = int(setting("value-decimals"))
    value = rounded(value, digits)
    if not 0 < value <= MOST_OF_A_LOT:
        top.warn("range", value=decimal_text(value))
    if top.text("status", longest=20) not in ("Active", "Deprecated"):
        raise InputError(f"{place}, status", repr(content["status"]), "Active or Deprecated")
    if content["status"] == "Deprecated":
        top.warn("deprecated")
    begin, end = pcf.day("referencePeriodStart"), pcf.day("referencePeriodEnd")
    if end < begin:
        raise InputError(f"{place}, referencePeriodEnd", str(end), f"a day after the start, {begin}")
    _validity(top, end, today)
    packaging = pcf.decimal("packagingGhgEmissions", required=False)
    if packaging:
        pcf.warn("packaging", amount=decimal_text(packaging))
    return Supplied(
        id=top.text("id", longest=64),
        version=version,
        company=top.text("companyName"),
        product=top.text("productNameCompany", required=False) or top.text("productDescription"),
        product_ids=tuple(top.texts("productIds")),
        value=value,
        boundary=USABLE_BOUNDARY,
        gwp=_edition(pcf, major),
        scrap=_scrap(top),
        standard=_standards(pcf, major),
        period=f"{begin}/{_last_day(pcf, end)}",
        verifier=_verifier(pcf, "verification" if major == "3" else "assurance"),
        warnings=(*top.warnings, *pcf.warnings),
    )


def _value_3(pcf: Reader) -> Decimal:
    """Value of 1 kg: version 3 states all values and the mass of the whole declared unit."""
    unit = pcf.text("declaredUnitOfMeasurement", longest=30)
    amount = _positive(pcf, "declaredUnitAmount")
    mass = pcf.decimal("productMassPerDeclaredUnit", required=False)
    excluding, including = pcf.need("pcfExcludingBiogenicUptake"), pcf.decimal("pcfIncludingBiogenicUptake", required=False)
    parts = [pcf.decimal(name, required=name == "fossilGhgEmissions") for name in ADDENDS]
    _gap(pcf, "pcfExcludingBiogenicUptake", excluding, sum((part for part in parts if part is not None), Decimal(0)))
    if including is not None:
        uptake = pcf.decimal("biogenicCO2Uptake", required=False)
        _gap(pcf, "pcfIncludingBiogenicUptake", including, excluding + (uptake or 0))
    return excluding / _mass(pcf, unit, amount, mass)


def _value_2(pcf: Reader) -> Decimal:
    """Value of 1 kg: version 2 states values and mass of one declared unit, whatever the amount of the product is."""
    unit = pcf.text("declaredUnit", longest=30)
    amount = _positive(pcf, "unitaryProductAmount")
    one = Decimal(1)
    mass = _mass(pcf, unit, one, pcf.decimal("productMassPerDeclaredUnit", required=False))
    excluding = pcf.need("pCfExcludingBiogenic")
    if amount != 1:
        pcf.warn("total-entered", amount=decimal_text(amount), other=_shown(excluding / amount / mass))
    biogenic = sum((pcf.decimal(name, required=False) or Decimal(0) for name in V2_BIOGENIC), Decimal(0))
    if biogenic:
        pcf.warn("biogenic-excluded", amount=_shown(biogenic / mass))
    including = pcf.decimal("pCfIncludingBiogenic", required=False)
    if including is not None:
        withdrawal = pcf.decimal("biogenicCarbonWithdrawal", required=False) or Decimal(0)
        _gap(pcf, "pCfIncludingBiogenic", including, excluding + biogenic + withdrawal)
    if pcf.content.get("dqi") is not None:
        pcf.warn("dqr")
    return excluding / mass


def _mass(pcf: Reader, unit: str, amount: Decimal, mass: Decimal | None) -> Decimal:
    """Mass [kg] of the declared unit; kilograms are one, of anything else it must be told."""
    if unit == "kilogram":
        if mass is not None and mass != amount:
            pcf.warn("inconsistent-mass", mass=decimal_text(mass), amount=decimal_text(amount))
        return amount
    if mass is None or mass <= 0:
        told = "none" if mass is None else decimal_text(mass)
        raise InputError(f"{pcf.place}, productMassPerDeclaredUnit", f"{told} of a {unit}", "the mass in kg, to state it per kg")
    return mass


def _positive(pcf: Reader, name: str) -> Decimal:
    found = pcf.need(name)
    if found <= 0:
        raise InputError(f"{pcf.place}, {name}", decimal_text(found), "more than zero")
    return found


def _gap(pcf: Reader, name: str, stated: Decimal, total: Decimal) -> None:
    if abs(stated - total) > TOLERANCE * max(abs(stated), abs(total)):
        pcf.warn("gap", field=name, gap=_shown(stated - total), sum=_shown(total), unit="kgCO2e")


def _shown(value: Decimal) -> str:
    return decimal_text(rounded(value, int(setting("value-decimals"))))


def _validity(top: Reader, period_end: date, today: date) -> None:
    """Warn where the footprint does not hold today; without a statement it holds for three years after its period."""
    start, end = top.day("validityPeriodStart", required=False), top.day("validityPeriodEnd", required=False)
    last = add_years(period_end, int(setting("pact-validity-years")))
    if (start and start < period_end) or (end and end > last) or (start and end and end <= start):
        top.warn("validity", start=str(start or period_end), end=str(end or last))
    if (end or last) <= today:
        top.warn("expired", end=str(end or last))
    elif start and start > today:
        top.warn("not-yet", start=str(start))


def _last_day(pcf: Reader, end: date) -> date:
    """Last day of the period, whose end is not included: one at midnight ends with the day before."""
    return end - timedelta(days=1) if "T00:00:00" in str(pcf.content["referencePeriodEnd"]) else end


def _edition(pcf: Reader, major: str) -> str:
    """The one edition of the GWP, or `not stated`."""
    names = (
        ("ipccCharacterizationFactors",) if major == "3" else ("ipccCharacterizationFactorsSources", "characterizationFactors")
    )
    told: list[str] = []
    for name in names:
        if not told:
            value = pcf.content.get(name)
            told = [pcf.text(name, longest=20)] if isinstance(value, str) else pcf.texts(name, required=False)
    found = sorted(set(told))
    if len(found) == 1 and found[0] in CHOICES["gwp"]:
        return found[0]
    kind = "edition-none" if not found else "edition-several" if len(found) > 1 else "edition-unknown"
    pcf.warn(kind, **({"editions": ", ".join(found)} if found else {}))
    return NOT_STATED


def _standards(pcf: Reader, major: str) -> str:
    """Standards and product rules in a line."""
    names = pcf.texts("crossSectoralStandards", required=False)
    if major == "2":
        known = {
            "GHG Protocol Product standard": "GHGP-Product",
            "ISO Standard 14067": "ISO14067",
            "ISO Standard 14044": "ISO14040-44",
        }
        names = list(
            dict.fromkeys([*names, *(known.get(name, name) for name in pcf.texts("crossSectoralStandardsUsed", required=False))])
        )
    rules = pcf.parts("productOrSectorSpecificRules")
    names += [name for rule in rules for name in rule.texts("ruleNames", required=False)]
    return ", ".join(names)[:500]


def _verifier(pcf: Reader, name: str) -> str:
    part = pcf.part(name, required=False)
    found = part.text("providerName", required=False) if part else ""
    if not found:
        pcf.warn("unverified")
    return found


def _scrap(top: Reader) -> str:
    """Treatment of scrap, which only the extension tells; it also says what is no claim."""
    for item in top.parts("extensions"):
        data = item.content.get("data")
        if isinstance(data, dict) and data.get("schema") == NAME:
            if isinstance(data.get("notice"), str):
                top.warn("notice", notice=data["notice"][:200])
            scrap = data.get("scrap")
            method = scrap.get("method") if isinstance(scrap, dict) else None
            if method in CHOICES["scrap"]:
                return str(method)
    top.warn("scrap")
    return ""
