"""Renewable power: evidence by month or hour, matched to the production of its own time, each watt-hour spent once.

What no match covers keeps the factor of its own leg; power whose attributes were sold is renewable for nobody here. Matched
and unmatched power of a leg always add up to its meter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.custody.book import Placed, Work
from pcf.custody.ledger import POWER, numbered
from pcf.custody.meters import GRID, is_open_time
from pcf.custody.plain import plain
from pcf.custody.records import PowerEvidence, PowerMatch
from pcf.custody.standing import stands
from pcf.custody.tables import meter, power_certificate, power_evidence, power_match, unit, void
from pcf.store.events import compact

TECHNOLOGIES = ("hydro", "wind", "pv", "nuclear")
LEGS_OF = {
    "certificate": (GRID,),
    "contract": (GRID,),
    "direct": ("direct_hydro", "direct_wind", "direct_pv"),
    "own": ("own_hydro", "own_wind", "own_pv"),
}
"""Kind of evidence → legs that it may cover: own generation takes no certificate, and own coal nothing at all."""

CERTIFICATE_WH = 1_000_000
"""Energy of one green certificate [Wh]."""

_RANGE = re.compile(r"(?P<prefix>.*?)(?P<first>[0-9]{1,18})-(?P=prefix)(?P<last>[0-9]{1,18})")
_TWO = re.compile(r"[0-9]{5}-[A-Z]")
"""In a prefix: the end of one number and the beginning of another, mistyped."""

_NUMBER = re.compile(r"(?P<prefix>.*?)(?P<first>[0-9]{1,18})")
"""A range has its prefix before either number: GEC-2025-003000 is one certificate, not those from 2025 to 3000."""


@dataclass(frozen=True)
class Leg:
    """A leg of a site in a month or hour [Wh]: its meter, what matches have spent of it, and by which technology."""

    site: str
    time: str
    leg: str
    metered: int
    matched: int
    by_product: Mapping[str, int]
    evidence: int
    sold: int

    @property
    def rest(self) -> int:
        """What keeps the factor of its own leg [Wh]."""
        return self.metered - self.matched


def record_evidence(work: Work, items: Sequence[Placed[PowerEvidence]]) -> None:
    """Record evidence of renewable power and credit it to its month; sold attributes credit nothing."""
    for item, key, asked in work.new("power", items, "id"):
        record, before = item.record, len(work.problems)
        if record.leg not in LEGS_OF[record.kind]:
            advice = "own generation takes no certificate" if record.leg.startswith("own_") else ""
            work.problem(
                f"{item.place}, leg", f"{record.leg!r} for {record.kind}", f"one of: {', '.join(LEGS_OF[record.kind])}", advice
            )
        if record.technology not in TECHNOLOGIES or (record.leg != GRID and not record.leg.endswith(record.technology)):
            work.problem(
                f"{item.place}, technology", repr(record.technology), f"one of: {', '.join(TECHNOLOGIES)}, as the leg says"
            )
        if record.mwh == 0:
            work.problem(f"{item.place}, mwh", "0", "more than 0 MWh")
        ranges = _check_serials(work, item)
        scope = work.scope_of(item.place, record.site) if work.has_site(item.place, record.site) else ""
        if not scope or not is_open_time(work, item.place, record.site, record.time) or len(work.problems) > before:
            continue
        columns = ("id", "site", "kind", "leg", "time", "mwh")
        row = {name: getattr(record, name) for name in columns[:-1]} | {
            "wh": record.mwh,
            "details": compact(record.details(*columns)),
        }
        credit = 0 if record.attributes_sold else record.mwh
        posted = work.ledger.post(scope, POWER, record.time, "credit", record.time[:7], credit, record.id)
        certificates = [{"registry": plain(record.registry), "evidence": record.id, **part} for part in ranges]
        work.add("power", key, asked, {
            "power_evidence": [row], "power_certificate": certificates, "posting": numbered([posted])
        })  # fmt: skip
        work.tx.flush()


def _check_serials(work: Work, item: Placed[PowerEvidence]) -> list[dict[str, Any]]:
    """Ranges of certificate numbers as rows; each number once, whoever brings it."""
    record = item.record
    if record.kind not in ("certificate", "contract") or (record.kind == "contract" and not record.serials):
        return []
    if not record.registry or not record.serials:
        work.problem(f"{item.place}, serials", "no registry or no numbers", "both: a certificate is known by them")
        return []
    found: list[dict[str, Any]] = []
    registry = plain(record.registry)
    for part in record.serials.split(","):
        shown = plain(part)
        match = _RANGE.fullmatch(shown) or _NUMBER.fullmatch(shown)
        if match is None or _TWO.search(match["prefix"]):
            work.problem(f"{item.place}, serials", repr(part.strip()), "numbers such as GEC-000001 or GEC-000001-GEC-000500")
            return []
        first = int(match["first"])
        last = int(match.groupdict().get("last", first))
        if last < first:
            work.problem(f"{item.place}, serials", repr(part.strip()), "a range from the lower number to the higher")
            return []
        serial = f"{match['prefix']}{match['first']}"
        overlap = work.connection.execute(
            select(power_certificate.c.evidence).where(
                power_certificate.c.registry == registry, power_certificate.c.prefix == match["prefix"],
                power_certificate.c.first <= last, power_certificate.c.last >= first,
                power_certificate.c.evidence.not_in(_gone("power")),
            )
        ).scalar()  # fmt: skip
        inside = any(row["prefix"] == match["prefix"] and row["first"] <= last and row["last"] >= first for row in found)
        if overlap or inside:
            work.problem(
                f"{item.place}, serials",
                f"{part.strip()!r}, numbers that {overlap or 'this record'} holds already",
                "each certificate once",
            )
        found.append({"serial": serial, "prefix": match["prefix"], "first": first, "last": last})
    counted = sum(row["last"] - row["first"] + 1 for row in found) * CERTIFICATE_WH
    if counted < record.mwh:
        work.problem(
            f"{item.place}, mwh",
            f"{record.mwh / 1e6:,.6g} MWh on certificates for {counted / 1e6:,.6g} MWh",
            "no more than they are for",
            "a range has its prefix before either number: GEC-000001-GEC-000500",
        )
    return found


def record_matches(work: Work, items: Sequence[Placed[PowerMatch]]) -> None:
    """Spend evidence for production of its own month or hour."""
    for item, key, asked in work.new("match", items, "id"):
        record, before = item.record, len(work.problems)
        source = work.connection.execute(
            select(power_evidence).where(power_evidence.c.id == record.evidence, power_evidence.c.id.not_in(_gone("power")))
        ).first()  # fmt: skip
        if source is None:
            work.problem(f"{item.place}, evidence", repr(record.evidence), "recorded evidence that is not void", "pcf power add")
            continue
        details = json.loads(source.details)
        if record.time != source.time:
            work.problem(
                f"{item.place}, time", record.time, f"{source.time}, when this power was made: a MWh is spent in its own time"
            )
        if details.get("attributes_sold"):
            work.problem(
                f"{item.place}, evidence", f"{record.evidence}, whose attributes were sold", "power that still has its attributes"
            )
        if source.kind in ("certificate", "contract") and not details.get("cancelled_on"):
            work.problem(
                f"{item.place}, evidence", f"{record.evidence}, whose certificates are not cancelled", "cancelled_on filled in"
            )
        _check_room(work, item, source)
        _check_production(work, item, source.site)
        scope = work.scope_of(item.place, source.site)
        if not scope or not is_open_time(work, item.place, source.site, record.time) or len(work.problems) > before:
            continue
        row = {
            "id": record.id, "evidence": record.evidence, "product": record.product, "time": record.time, "wh": record.mwh,
            "mass_kg": record.mass_kg, "details": compact({"note": record.note}),
        }  # fmt: skip
        posted = work.ledger.post(scope, POWER, record.time, "issued", record.time[:7], record.mwh, record.id)
        work.add("match", key, asked, {"power_match": [row], "posting": numbered([posted])})
        work.tx.flush()


def _check_room(work: Work, item: Placed[PowerMatch], source: Any) -> None:
    """The evidence has to hold it, and so has the meter of its leg."""
    record = item.record
    if record.mwh == 0:
        work.problem(f"{item.place}, mwh", "0", "more than 0 MWh")
    live = select(func.coalesce(func.sum(power_match.c.wh), 0)).where(power_match.c.id.not_in(_gone("match")))
    spent = int(work.connection.execute(live.where(power_match.c.evidence == record.evidence)).scalar_one())
    if spent + record.mwh > source.wh:
        work.problem(
            f"{item.place}, mwh", f"{record.mwh / 1e6:,.6g} MWh, of evidence with {(source.wh - spent) / 1e6:,.6g} MWh left",
            "what is left: a MWh is spent once",
        )  # fmt: skip
    leg = read_leg(work.connection, source.site, record.time, source.leg)
    if leg.matched + record.mwh > leg.metered:
        work.problem(
            f"{item.place}, mwh",
            f"{record.mwh / 1e6:,.6g} MWh of leg {source.leg}, whose meter has {leg.rest / 1e6:,.6g} MWh left in {record.time}",
            "power that the site really used", "pcf power meter records what a leg delivered",
        )  # fmt: skip


def _check_production(work: Work, item: Placed[PowerMatch], site: str) -> None:
    """No power for more metal than was cast: over the month with all its hours, and over the day of an hour.

    Further evidence for the same mass of the same time tops up the same tonnes; another mass is other tonnes.
    """
    record = item.record
    for time, matched, made in calc_matched(work.connection, site, record.product, record.time, record.mass_kg):
        if matched > made:
            work.problem(
                f"{item.place}, mass_kg",
                f"{record.mass_kg:,} kg, of {made:,} kg of {record.product} cast at {site} in {time}, {matched - record.mass_kg:,} kg matched",
                "no more than was cast",
            )  # fmt: skip
            return


def calc_matched(
    connection: Connection, site: str, product: str, time: str, more_kg: int = 0, without: str = ""
) -> list[tuple[str, int, int]]:
    """The month of a time, and the day where it is an hour or a day, with the mass matched and the mass cast in it [kg].

    Parameters
    ----------
    time : str
        A month, a day or an hour.
    more_kg : int
        Mass of a match to come [kg]; the same mass of the same time is the same tonnes.
    without : str
        A heat that is left out.
    """
    query = (
        select(power_match.c.mass_kg, power_match.c.time)
        .join(power_evidence, power_evidence.c.id == power_match.c.evidence)
        .where(
            power_match.c.product == product, power_evidence.c.site == site, power_match.c.time.startswith(time[:7]),
            power_match.c.id.not_in(_gone("match")),
        )
    )  # fmt: skip
    masses = {(at, mass) for mass, at in connection.execute(query)} | ({(time, more_kg)} if more_kg else set())
    found = []
    for span in [time[:7], *([time[:10]] if len(time) > len("2025-03") else [])]:
        made = select(func.coalesce(func.sum(unit.c.mass_kg), 0)).where(
            unit.c.kind == "heat", unit.c.site == site, unit.c.material == product, unit.c.date.startswith(span),
            unit.c.id.not_in(_gone("cast")), unit.c.id != without,
        )  # fmt: skip
        matched = sum(mass for at, mass in masses if at.startswith(span))
        found.append((span, matched, int(connection.execute(made).scalar_one())))
    return found


def read_leg(connection: Connection, site: str, time: str, leg: str) -> Leg:
    """A leg of a site with its meter, evidence and matches."""
    metered = connection.execute(
        select(meter.c.wh).where(meter.c.site == site, meter.c.time == time, meter.c.leg == leg, stands(meter, "meter"))
    ).scalar()
    here = (power_evidence.c.site == site, power_evidence.c.time == time, power_evidence.c.leg == leg)
    sources = select(power_evidence.c.wh, power_evidence.c.details).where(*here, power_evidence.c.id.not_in(_gone("power")))
    kept = sold = 0
    for wh, details in connection.execute(sources):
        if json.loads(details).get("attributes_sold"):
            sold += wh
        else:
            kept += wh
    spent = (
        select(power_match.c.product, func.sum(power_match.c.wh))
        .join(power_evidence, power_evidence.c.id == power_match.c.evidence)
        .where(*here, power_match.c.id.not_in(_gone("match")))
        .group_by(power_match.c.product)
        .order_by(power_match.c.product)
    )
    by_product = {product: int(wh) for product, wh in connection.execute(spent)}
    return Leg(site, time, leg, int(metered or 0), sum(by_product.values()), by_product, kept, sold)


def read_legs(connection: Connection, site: str, start: str, end: str) -> list[Leg]:
    """Every leg that a site has a meter of, from one month to another."""
    query = select(meter.c.time, meter.c.leg).where(
        meter.c.site == site, meter.c.time >= start, meter.c.time <= end + "~", stands(meter, "meter")
    )
    return [
        read_leg(connection, site, time, leg) for time, leg in connection.execute(query.order_by(meter.c.time, meter.c.leg)).all()
    ]


def _gone(kind: str) -> Any:
    return select(void.c.target).where(void.c.target_kind == kind)
