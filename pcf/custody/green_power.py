"""How much of a month's metal the renewable power that was matched to it covers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.custody.tables import power_certificate, power_evidence, power_match, unit, void

RENEWABLE = ("hydro", "wind", "pv")
"""Technologies of green power; nuclear power is low in carbon, and no green power."""

WH_PER_MWH = 1_000_000


@dataclass(frozen=True)
class Match:
    """Power spent for a product's production, with its evidence; energy in Wh."""

    id: str
    site: str
    product: str
    time: str
    wh: int
    mass_kg: int
    technology: str
    evidence: str
    kind: str
    leg: str
    registry: str
    serials: tuple[str, ...]
    cancelled_on: str
    cancelled_for: str

    @property
    def counts(self) -> bool:
        """Whether it is green power."""
        return self.technology in RENEWABLE

    def as_document(self) -> dict[str, Any]:
        """The match as plain values."""
        return {
            "id": self.id, "site": self.site, "product": self.product, "time": self.time, "mwh": self.wh / WH_PER_MWH,
            "mass_kg": self.mass_kg, "mwh_per_t": self.mwh_per_t, "technology": self.technology, "counts": self.counts,
            "evidence": {
                "id": self.evidence, "kind": self.kind, "leg": self.leg, "registry": self.registry, "serials": list(self.serials),
                "cancelled_on": self.cancelled_on, "cancelled_for": self.cancelled_for,
            },
        }  # fmt: skip

    @property
    def mwh_per_t(self) -> float | None:
        """Matched power per tonne [MWh/t]."""
        return self.wh / WH_PER_MWH / (self.mass_kg / 1000) if self.mass_kg else None


@dataclass(frozen=True)
class Coverage:
    """Of a product's casts of a month at a site, what green power was matched to [kg]."""

    site: str
    product: str
    month: str
    cast_kg: int
    matched_kg: int
    matches: tuple[Match, ...]

    @property
    def covered_kg(self) -> int:
        """What is covered, at most all that was cast [kg]."""
        return min(self.matched_kg, self.cast_kg)

    @property
    def share(self) -> Fraction:
        """Share of every kilogram that counts as made with green power [1]."""
        return Fraction(self.covered_kg, self.cast_kg) if self.cast_kg else Fraction(0)


def read_coverages(connection: Connection, product: str, month: str) -> dict[str, Coverage]:
    """Coverage of a product's month by site; a site that cast none of it has none."""
    heats = select(unit.c.site, func.sum(unit.c.mass_kg)).where(
        unit.c.kind == "heat", unit.c.material == product, unit.c.date.startswith(month, autoescape=True),
        unit.c.id.not_in(select(void.c.target).where(void.c.target_kind == "cast")),
    )  # fmt: skip
    cast = {site: int(mass) for site, mass in connection.execute(heats.group_by(unit.c.site).order_by(unit.c.site))}
    query = (
        select(power_match, power_evidence.c.site, power_evidence.c.kind, power_evidence.c.leg, power_evidence.c.details.label("of"))
        .join(power_evidence, power_evidence.c.id == power_match.c.evidence)
        .where(
            power_match.c.product == product, power_match.c.time.startswith(month, autoescape=True),
            power_match.c.id.not_in(select(void.c.target).where(void.c.target_kind == "match")),
        )
        .order_by(power_match.c.id)
    )  # fmt: skip
    matches: dict[str, list[Match]] = {}
    for row in connection.execute(query).all():
        matches.setdefault(row.site, []).append(_match(connection, row))
    return {
        site: Coverage(site, product, month, mass, matched_mass(matches.get(site, [])), tuple(matches.get(site, [])))
        for site, mass in cast.items()
    }


def matched_mass(matches: Iterable[Match]) -> int:
    """Mass that green power was matched to [kg]: further evidence for the same mass of the same time tops up the same tonnes."""
    return sum(mass for _, mass in {(item.time, item.mass_kg) for item in matches if item.counts})


def _match(connection: Connection, row: Any) -> Match:
    of = json.loads(row.of)
    return Match(
        row.id, row.site, row.product, row.time, row.wh, row.mass_kg, of["technology"], row.evidence, row.kind, row.leg,
        of.get("registry", ""), serial_ranges(connection, row.evidence), of.get("cancelled_on", ""), of.get("cancelled_for", ""),
    )  # fmt: skip


def serial_ranges(connection: Connection, evidence: str) -> tuple[str, ...]:
    """Numbers of the certificates behind a piece of evidence."""
    serials = connection.execute(
        select(power_certificate.c.prefix, power_certificate.c.serial, power_certificate.c.last)
        .where(power_certificate.c.evidence == evidence).order_by(power_certificate.c.serial)
    ).all()  # fmt: skip
    return tuple(_range(one.prefix, one.serial, one.last) for one in serials)


def _range(prefix: str, serial: str, last: int) -> str:
    """Numbers of certificates as they are written, the last one as wide as the first."""
    digits = serial.removeprefix(prefix)
    return serial if int(digits) == last else f"{serial}-{prefix}{last:0{len(digits)}d}"
