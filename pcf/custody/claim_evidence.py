"""What a claim of recycled content rests on: heats, lots with the source of their yields, efficiency, and the chain's models."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from sqlalchemy import Connection, Select, func, or_, select

from pcf.custody.book import Span
from pcf.custody.heats import heats_of
from pcf.custody.ledger import PERCENTAGE, PRE
from pcf.custody.models import CustodyModel, weakest
from pcf.custody.tables import consumption, document, heat, lot, posting, scope_site, unit, void
from pcf.custody.trace import read_contents

BLENDING, BALANCE = "controlled-blending", "mass-balance"
CHUNK = 500

Step = Literal["charge", "not-cast", "inbound-metal", "average", "credit"]


@dataclass(frozen=True)
class Evidence:
    """What a claim rests on, as the records stood when it was made.

    Attributes
    ----------
    first, last : str
        The days that it is an average over: those of the batch's casts, or the accounting period.
    heats : Mapping[str, tuple[Fraction, Fraction, Fraction]]
        For a batch, each heat with its share of the shipment's mass and its post- and pre-consumer content [1].
    heat_count : int
        Heats behind the claim, those included whose metal was charged again.
    changed_heats : int
        For an average, heats of its period that were recorded or voided since.
    own_yields, class_yields : int
        Lots whose metal yield is their own, and lots with that of their class in the catalogue.
    charged_kg, credited_kg : int
        Material of the attribute as charged, and what of it is in the products [kg] (F11).
    steps : Mapping[Step, str]
        Step of the chain → its custody model.
    """

    first: str
    last: str
    heats: Mapping[str, tuple[Fraction, Fraction, Fraction]]
    heat_count: int
    changed_heats: int
    own_yields: int
    class_yields: int
    charged_kg: int
    credited_kg: int
    steps: Mapping[Step, str]

    @property
    def efficiency(self) -> Fraction | None:
        """Efficiency factor: attribute in the products per material charged [1]; None where none was charged."""
        return Fraction(self.credited_kg, self.charged_kg) if self.charged_kg else None

    @property
    def model(self) -> CustodyModel:
        """The least traceable of the chain's models (R23)."""
        return weakest(self.steps.values())


def read_evidence(connection: Connection, claim: Any, sent: Mapping[str, Any], span: Span) -> Evidence:
    """Evidence of a claim.

    Parameters
    ----------
    claim : row of the table `statement`
    sent : Mapping[str, Any]
        Its shipment: `id`, `date`, `site`.
    span : Span
        Accounting period of the shipment.
    """
    steps: dict[Step, str] = {"charge": BLENDING}
    shares: dict[str, tuple[Fraction, Fraction, Fraction]] = {}
    first, last, changed = span.start, span.end, 0
    heats: Any
    if claim.basis == "batch":
        direct, beside = heats_behind(connection, [sent["id"]])
        if beside:
            steps["not-cast"] = BALANCE  # a part of the shipment has no heat whose charge is known
        else:
            contents = read_contents(connection, sorted(direct))
            shares = {name: (share, *contents[name]) for name, share in heats_of(connection, sent["id"]).items()}
        days = connection.execute(select(unit.c.date).where(unit.c.id.in_(direct))).scalars().all()
        first, last = min(days, default=sent["date"]), max(days, default=sent["date"])
        heats = sorted(_all_behind(connection, direct))
        count = len(heats)
    else:
        steps["average" if claim.basis == "site-average" else "credit"] = BALANCE
        period = _heats_of_period(claim.basis, sent, span)
        heats = period.where(unit.c.event_seq < claim.event_seq, unit.c.id.not_in(_voids()))
        count = _count(connection, heats)
        if claim.basis == "site-average":
            changed = _count(connection, period.where(_differs_since(claim.event_seq)))
    charged, own, by_class, inbound = _read_charged(connection, claim.attribute, heats)
    if inbound:
        steps["inbound-metal"] = BALANCE
    credited = connection.execute(
        select(func.coalesce(func.sum(posting.c.amount), 0)).where(
            posting.c.account == claim.attribute, posting.c.kind == "credit", posting.c.ref.in_(heats)
        )
    ).scalar_one()  # fmt: skip
    return Evidence(first, last, shares, count, changed, own, by_class, charged, int(credited), steps)


def heats_behind(connection: Connection, names: Iterable[str]) -> tuple[set[str], bool]:
    """The next heats that units are made of, own returns apart, and whether material that no heat has melted is beside them."""
    found: set[str] = set()
    asked = set(names)
    front, beside = sorted(asked), False
    while front:
        waiting: set[str] = set()
        for start in range(0, len(front), CHUNK):
            query = (
                select(consumption.c.parent, unit.c.kind, heat.c.unit.label("heat"))
                .join(unit, unit.c.id == consumption.c.parent).outerjoin(heat, heat.c.unit == consumption.c.child)
                .where(consumption.c.child.in_(front[start : start + CHUNK]))
            )  # fmt: skip
            for row in connection.execute(query):
                if row.kind == "heat":
                    found.add(row.parent)
                elif row.kind in ("bundle", "processed"):
                    waiting.add(row.parent)
                elif row.heat is None:
                    beside = True
        front = sorted(waiting - asked)
        asked |= waiting
    return found, beside


def _all_behind(connection: Connection, direct: set[str]) -> set[str]:
    every, front = set(direct), direct
    while front:
        front = heats_behind(connection, front)[0] - every
        every |= front
    return every


def _voids() -> Select[tuple[str]]:
    return select(void.c.target).where(void.c.target_kind == "cast")


def _heats_of_period(basis: str, sent: Mapping[str, Any], span: Span) -> Select[tuple[str]]:
    """Heats of the site, or for a credit of all sites of the scope: their metal is one account."""
    query = select(unit.c.id).where(unit.c.kind == "heat", unit.c.date >= span.start, unit.c.date <= span.end)
    if basis == "site-average":
        return query.where(unit.c.site == sent["site"])
    return query.where(unit.c.site.in_(select(scope_site.c.site).where(scope_site.c.scope == span.scope)))


def _differs_since(seq: int) -> Any:
    """Heats that stand and are younger than an event, or older and taken back after it."""
    taken_back = _voids().where(void.c.event_seq > seq)
    stands = unit.c.id.not_in(_voids())
    return or_((unit.c.event_seq > seq) & stands, (unit.c.event_seq < seq) & unit.c.id.in_(taken_back))


def _count(connection: Connection, heats: Select[tuple[str]]) -> int:
    return int(connection.execute(select(func.count()).select_from(heats.subquery())).scalar_one())


def _read_charged(connection: Connection, attribute: str, heats: Any) -> tuple[int, int, int, bool]:
    """What lots of an attribute the heats were charged with [kg], the lots by the source of their yield, and metal among them.

    Metal, unlike scrap, comes on a document whose issuer keeps a mass balance: so does then the claim on it.
    """
    query = (
        select(lot.c.unit, lot.c.content_class, lot.c.origin, lot.c.details, document.c.account, func.sum(consumption.c.mass_kg))
        .select_from(consumption).join(lot, lot.c.unit == consumption.c.parent)
        .outerjoin(
            document,
            (document.c.direction == "in") & (document.c.issuer == lot.c.document_issuer)
            & (document.c.reference == lot.c.document_reference),
        )
        .where(consumption.c.child.in_(heats), lot.c.content_class != "internal")
        .group_by(lot.c.unit, lot.c.content_class, lot.c.origin, lot.c.details, document.c.account)
    )  # fmt: skip
    charged = own = by_class = 0
    inbound = False
    for _, content, origin, packed, account, mass in connection.execute(query):
        details = json.loads(packed)
        if "tolled_for" in details or (content == PRE and origin != "external"):
            continue
        own += "metal_yield" in details
        by_class += "metal_yield" not in details
        if content == attribute:
            charged += int(mass)
            inbound |= account in PERCENTAGE
    return charged, own, by_class, inbound
