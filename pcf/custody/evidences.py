"""Evidence of renewable power with what matches have spent of it, and legs by month."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pcf.custody.green_power import serial_ranges
from pcf.custody.power import Leg
from pcf.custody.standing import stands
from pcf.custody.tables import power_evidence, power_match

MOST = 500
"""Pieces of evidence that are listed of a site and span."""


@dataclass(frozen=True)
class Evidence:
    """A piece of evidence; energies in Wh. `sold`: its attributes went to somebody else, and nothing may be matched to it."""

    id: str
    kind: str
    leg: str
    time: str
    technology: str
    wh: int
    matched: int
    registry: str
    serials: tuple[str, ...]
    cancelled_on: str
    sold: bool

    @property
    def left(self) -> int:
        """What may still be matched [Wh]."""
        return 0 if self.sold else self.wh - self.matched

    @property
    def is_open(self) -> bool:
        """Whether something may be matched: certificates have to be cancelled first."""
        return self.left > 0 and (self.kind not in ("certificate", "contract") or bool(self.cancelled_on))


def read_evidences(connection: Connection, site: str, first: str, last: str) -> list[Evidence]:
    """Evidence of a site from one month to another that stands, in the order of time."""
    spent = (
        select(func.coalesce(func.sum(power_match.c.wh), 0))
        .where(power_match.c.evidence == power_evidence.c.id, stands(power_match, "match")).scalar_subquery()
    )  # fmt: skip
    query = (
        select(power_evidence, spent.label("spent"))
        .where(
            power_evidence.c.site == site, power_evidence.c.time >= first, power_evidence.c.time <= last + "~",
            stands(power_evidence, "power"),
        )
        .order_by(power_evidence.c.time, power_evidence.c.id).limit(MOST)
    )  # fmt: skip
    found = []
    for row in connection.execute(query).all():
        of = json.loads(row.details)
        found.append(Evidence(
            row.id, row.kind, row.leg, row.time, of.get("technology", ""), row.wh, int(row.spent), of.get("registry", ""),
            serial_ranges(connection, row.id), of.get("cancelled_on", ""), bool(of.get("attributes_sold")),
        ))  # fmt: skip
    return found


@dataclass(frozen=True)
class MonthOfLeg:
    """A leg of a site in a month, hours summed up; energies in Wh."""

    month: str
    leg: str
    metered: int
    matched: int
    evidence: int
    sold: int

    @property
    def rest(self) -> int:
        """What keeps the factor of its own leg [Wh]."""
        return self.metered - self.matched


def by_month(legs: Iterable[Leg]) -> list[MonthOfLeg]:
    """Legs by month."""
    sums: dict[tuple[str, str], list[int]] = {}
    for leg in legs:
        place = sums.setdefault((leg.time[:7], leg.leg), [0, 0, 0, 0])
        for number, amount in enumerate((leg.metered, leg.matched, leg.evidence, leg.sold)):
            place[number] += amount
    return [MonthOfLeg(month, leg, *amounts) for (month, leg), amounts in sorted(sums.items())]


@dataclass(frozen=True)
class Spent:
    """A match: power spent for a product's production [Wh, kg]."""

    id: str
    evidence: str
    product: str
    time: str
    wh: int
    mass_kg: int


def read_spent(connection: Connection, site: str, first: str, last: str) -> list[Spent]:
    """Matches of a site from one month to another that stand."""
    query = (
        select(power_match).join(power_evidence, power_evidence.c.id == power_match.c.evidence)
        .where(
            power_evidence.c.site == site, power_match.c.time >= first, power_match.c.time <= last + "~", stands(power_match, "match")
        )
        .order_by(power_match.c.time, power_match.c.id).limit(MOST)
    )  # fmt: skip
    return [Spent(row.id, row.evidence, row.product, row.time, row.wh, row.mass_kg) for row in connection.execute(query)]
