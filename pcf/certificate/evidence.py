"""What proves the electricity behind a footprint, leg by leg, from the records; what is not proven is refused."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.certificate.texts import LANGUAGES, say
from pcf.custody.draws import Pool, read_certified, read_pool
from pcf.custody.green_power import RENEWABLE, WH_PER_MWH, Match, matched_mass, read_coverages
from pcf.custody.tables import certificate_end, footprint_certificate, power_evidence, power_match, unit, void
from pcf.errors import CheckFailed

WH_PER_KWH = 1000

NAMED = 3
"""Records that a leg names; the others are counted."""

CANCELLED = ("certificate", "contract")
"""Kinds of evidence that prove something once their certificates are cancelled, as `pcf power match` asks too."""

GRID = "grid"
"""Leg of power that comes over the grid; it needs no proof where no contract is claimed."""

SITE_POWER = "site_power"
"""Name, in the details of a certificate, of what a kilogram has taken of the site's power by leg [kWh/kg]."""

Pairs = dict[str, dict[str, str]]


def find_evidence(
    connection: Connection, pool: Pool, attribution: str, legs: Mapping[str, float], masses: Mapping[str, Any], mass_kg: int,
    power: float, without: str = "",
) -> Pairs:  # fmt: skip
    """What proves each leg, in both languages; the plain grid needs nothing.

    Parameters
    ----------
    attribution : str
        `attributed`: MWh retired for exactly these tonnes; else the supply of the site.
    legs : mapping
        Leg → its share of the electricity [1].
    masses : mapping
        What the certificate draws of each unit [kg]; empty for the average of a pool.
    mass_kg : int
        Mass of the certificate [kg].
    power : float
        Electricity of the product at its site [kWh/kg].
    without : str
        Number of a certificate that is to end.

    Raises
    ------
    CheckFailed
        For a leg that no record proves, evidence of fewer MWh than all certified mass of the year has taken on its leg, and attributed power without
        MWh for all of the tonnes that are certified.
    """
    if attribution == "attributed":
        wanted = _months(connection, pool, masses, without)
        each = power * sum(share for leg, share in legs.items() if leg != GRID)
        return _matched(connection, pool, legs, wanted or {str(pool.year): read_pool(connection, pool, without) + mass_kg}, each)
    before = _taken(connection, pool, without)
    return {
        leg: _leg(
            connection, pool, leg, int((before.get(leg, 0.0) + taken * mass_kg) * WH_PER_KWH), rest=attribution == "site-rest"
        )
        for leg, taken in site_power(attribution, legs, power).items()
    }


def site_power(attribution: str, legs: Mapping[str, float], power: float) -> dict[str, float]:
    """What a kilogram takes of the site's power that needs a proof, by leg [kWh/kg]; nothing where MWh are matched to the product."""
    return {} if attribution == "attributed" else {leg: power * share for leg, share in legs.items() if leg != GRID}


def _taken(connection: Connection, pool: Pool, without: str) -> dict[str, float]:
    """What all standing certificates of a site and year have taken of its power by leg [kWh].

    Certificates of a product and year are of the same data and method, so that the first one of each says it for all.

    Raises
    ------
    CheckFailed
        For a certificate that an earlier version has recorded, which does not say it.
    """
    table = footprint_certificate
    holding = (
        table.c.site == pool.site, table.c.year == pool.year, table.c.number != without,
        table.c.number.not_in(select(certificate_end.c.number)),
    )  # fmt: skip
    sums = select(func.min(table.c.event_seq), func.sum(table.c.mass_kg)).where(*holding).group_by(table.c.product)
    masses = {seq: int(mass) for seq, mass in connection.execute(sums)}
    found: dict[str, float] = defaultdict(float)
    first = select(table.c.event_seq, table.c.number, table.c.details).where(table.c.event_seq.in_(list(masses)))
    for seq, number, details in connection.execute(first):
        told = json.loads(details).get(SITE_POWER)
        if told is None:
            raise CheckFailed(
                f"certificate {number}: found no word of the power that it has taken; expected what certificates of this version say; "
                "revoke it and issue it anew"
            )
        for leg, taken in told.items():
            found[leg] += float(taken) * masses[seq]
    return found


def _leg(connection: Connection, pool: Pool, leg: str, need: int, *, rest: bool) -> dict[str, str]:
    """Evidence of a leg of the site: own thermal power is metered, renewable and contracted power needs a record.

    What is left for the rest of a site is without the MWh that were matched to products.
    """
    origin, _, technology = leg.rpartition("_")
    if origin == "own" and technology not in RENEWABLE:
        return {language: say("evidence.metered", language, year=pool.year) for language in LANGUAGES}
    gone = select(void.c.target).where(void.c.target_kind == "power")
    query = (
        select(power_evidence)
        .where(
            power_evidence.c.site == pool.site, power_evidence.c.time.startswith(str(pool.year)), power_evidence.c.id.not_in(gone)
        )
        .order_by(power_evidence.c.id)
    )  # fmt: skip
    rows = [
        row for row in connection.execute(query) if _counts(row) and _proves(leg, row.leg, json.loads(row.details)["technology"])
    ]
    spent = _spent(connection, [row.id for row in rows]) if rest else {}
    left = {row.id: row.wh - spent.get(row.id, 0) for row in rows}
    rows = [row for row in rows if left[row.id] > 0]
    if not rows:
        raise CheckFailed(
            f"electricity, {leg}: found no evidence of {pool.year} at {pool.site}; expected retired certificates, a contract, a direct "
            "line or own generation whose attributes were neither sold nor matched to other products; pcf power add"
        )
    if (whole := sum(left[row.id] for row in rows)) < need:
        raise CheckFailed(
            f"electricity, {leg}: found evidence of {whole / WH_PER_MWH:,.1f} MWh of {pool.year} at {pool.site}; expected the "
            f"{need / WH_PER_MWH:,.1f} MWh that all certified mass of the year has taken on it; pcf power add"
        )
    kinds = sorted({row.kind for row in rows})
    said = [
        _said(
            f"evidence.{kind}", [row.id for row in rows if row.kind == kind],
            sum(left[row.id] for row in rows if row.kind == kind), pool.year,
        )
        for kind in kinds
    ]  # fmt: skip
    return {language: "; ".join(one[language] for one in said) for language in LANGUAGES}


def _spent(connection: Connection, names: Sequence[str]) -> dict[str, int]:
    """What matches have spent of evidence [Wh]."""
    gone = select(void.c.target).where(void.c.target_kind == "match")
    query = (
        select(power_match.c.evidence, func.sum(power_match.c.wh))
        .where(power_match.c.evidence.in_(names), power_match.c.id.not_in(gone)).group_by(power_match.c.evidence)
    )  # fmt: skip
    return {name: int(wh) for name, wh in connection.execute(query)}


def _proves(leg: str, own: str, technology: str) -> bool:
    """Whether evidence is of a leg of the supply: power under contract comes over the grid, and is told by its technology."""
    origin, _, kind = leg.rpartition("_")
    return (own, technology) == (GRID, kind) if origin == "contract" else own == leg


def _proves_any(legs: Iterable[str], match: Match) -> bool:
    return any(_proves(leg, match.leg, match.technology) for leg in legs)


def _counts(row: Any) -> bool:
    details = json.loads(row.details)
    sold = details.get("attributes_sold", False)
    return not sold and (row.kind not in CANCELLED or bool(details.get("cancelled_on")))


def _matched(connection: Connection, pool: Pool, legs: Mapping[str, float], wanted: Mapping[str, float], power: float) -> Pairs:
    """Evidence of attributed power: in each month or year as many tonnes with MWh of their own as certificates cover, or more."""
    found: list[Any] = []
    for span, kg in sorted(wanted.items()):
        months = [span] if span != str(pool.year) else [f"{span}-{month:02d}" for month in range(1, 13)]
        coverages = [read_coverages(connection, pool.product, month).get(pool.site) for month in months]
        matches = [match for item in coverages if item is not None for match in item.matches if _proves_any(legs, match)]
        covered = matched_mass(matches)
        if covered < kg:
            raise CheckFailed(
                f"electricity, {', '.join(legs)}: found MWh matched to {covered:,} kg of {pool.product} at {pool.site} in {span}, and "
                f"{kg:,.0f} kg on certificates; expected MWh for all of them; pcf power match, or --attribution site-average"
            )
        if (whole := sum(match.wh for match in matches)) < int(kg * power * WH_PER_KWH):
            raise CheckFailed(
                f"electricity, {', '.join(legs)}: found {whole / WH_PER_MWH:,.1f} MWh matched to {pool.product} at {pool.site} in {span}; "
                f"expected the {kg * power / 1000:,.1f} MWh that {kg:,.0f} kg on certificates have taken; pcf power match"
            )
        found += matches
    said = _said(
        "evidence.matched", [match.id for match in found], sum(match.wh for match in found), pool.year,
        mass=f"{matched_mass(found) / 1000:,.0f}",
    )  # fmt: skip
    return {leg: said for leg in legs if leg != GRID}


def _months(connection: Connection, pool: Pool, masses: Mapping[str, Any], without: str) -> dict[str, float]:
    """Mass that certificates cover by month of the cast [kg]: what is drawn now, and what was before of any heat of the months."""
    own = select(unit.c.id, unit.c.date).where(unit.c.kind == "heat", unit.c.id.in_(list(masses)))
    months = {row.date[:7] for row in connection.execute(own)}
    heats = select(unit.c.id, unit.c.date).where(
        unit.c.kind == "heat", unit.c.site == pool.site, unit.c.material == pool.product, unit.c.date.startswith(str(pool.year))
    )  # fmt: skip
    dates = {row.id: row.date[:7] for row in connection.execute(heats) if row.date[:7] in months}
    certified = read_certified(connection, dates, without)
    found: dict[str, float] = defaultdict(float)
    for name, month in dates.items():
        found[month] += float(certified.get(name, 0) + masses.get(name, 0))
    return found


def _said(key: str, names: Sequence[str], wh: int, year: int, **fields: str) -> dict[str, str]:
    shown = list(dict.fromkeys(names))
    made = {}
    for language in LANGUAGES:
        listed = ", ".join(shown[:NAMED])
        if len(shown) > NAMED:
            listed += " " + say("evidence.more", language, count=len(shown) - NAMED)
        made[language] = say(key, language, names=listed, mwh=f"{wh / WH_PER_MWH:,.0f}", year=year, **fields)
    return made
