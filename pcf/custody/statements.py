"""Statements of recycled content: a recorded claim by a standard, with everything that has to stand beside it.

A percentage is what was claimed of the shipment's mass (F10); post- and pre-consumer content stand apart. Nothing here claims
anything: the kilograms are those of the recorded claims, which drew them from their account (R22).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from pcf.catalogue import nearest
from pcf.custody.book import Span, read_periods
from pcf.custody.claim_evidence import Evidence, read_evidence
from pcf.custody.content import calc_recycled_share
from pcf.custody.ledger import POST, PRE
from pcf.custody.models import CustodyModel, weakest
from pcf.custody.rules import Rule, rule, setting
from pcf.custody.statement_words import word_statement
from pcf.custody.tables import scope_site, shipment, statement, unit, void
from pcf.custody.wording import cut_percent, rule_part
from pcf.errors import InputError

__all__ = ["EDITIONS", "SCHEMA", "Claimed", "Statement", "read_statement", "word_statement"]

SCHEMA = "pcf/recycled-content-statement/1"

EDITIONS = {"iso-14021": "R21", "scs-103": "R24", "en-45557": "R25", "ul-2809": "R23"}
"""Standard of a wording → the rule that this program has of it; the rule's row names the edition."""

RULES = ("R18", "R21", "R22", "R23", "R25", "R27")
"""Rules that every statement rests on; that of its standard comes on top."""

MOST_NAMES = 10_000
"""Ids of claims that a slip of the pen is compared with."""


@dataclass(frozen=True)
class Claimed:
    """One claim on the shipment: mass [kg], share of the shipment [1], and the content on its basis when it was made [1]."""

    claim: str
    attribute: str
    basis: str
    date: str
    mass_kg: int
    share: Fraction
    post: Fraction
    pre: Fraction
    boundary: str
    evidence: Evidence

    @property
    def method(self) -> str:
        """Method of mass balance, or nothing for a claim on the batch."""
        return {"site-average": "rolling-average", "credit": "credit"}.get(self.basis, "")


@dataclass(frozen=True)
class Statement:
    """A claim by a standard, beside the other claim on the shipment where there is one; of a void claim only that it is void.

    `parts` holds the claims by attribute; an attribute without one is not claimed, whatever is in the metal.
    """

    claim: str
    standard: str
    shipment: Mapping[str, Any]
    span: Span
    void: Mapping[str, str] | None
    parts: Mapping[str, Claimed]
    rules: tuple[Rule, ...]

    @property
    def edition(self) -> Rule:
        """The rule that names the standard and its edition."""
        return rule(EDITIONS[self.standard])

    @property
    def indicative(self) -> bool:
        """Whether a rule was not verified in its own text (R28)."""
        return any(item.indicative for item in self.rules)

    @property
    def model(self) -> CustodyModel:
        """The least traceable model of all that is stated (R23)."""
        return weakest(part.evidence.model.id for part in self.parts.values())

    @property
    def rest_kg(self) -> int:
        """What is not claimed and counts as primary [kg] (R25)."""
        return int(self.shipment["mass_kg"]) - sum(part.mass_kg for part in self.parts.values())

    def as_document(self) -> dict[str, Any]:
        """The statement as plain values (`pcf/recycled-content-statement/1`)."""
        named, span = self.edition, self.span
        return {
            "schema": SCHEMA,
            "claim": self.claim,
            "void": None if self.void is None else dict(self.void),
            "standard": {"id": self.standard, "name": named.standard, "edition": named.version, "relation": "aligned with"},
            "indicative": self.indicative,
            "shipment": dict(self.shipment),
            "accounting_period": {
                "scope": span.scope, "id": span.id, "start": span.start, "end": span.end, "closed": span.closed
            },
            "content": None if self.void else self._content(),
            "rules": [rule_part(item) for item in self.rules],
        }  # fmt: skip

    def _content(self) -> dict[str, Any]:
        post, pre = self.parts.get(POST), self.parts.get(PRE)
        return {
            "post_consumer": None if post is None else _part(post),
            "pre_consumer": None if pre is None else _part(pre),
            "rest_as_primary_kg": self.rest_kg,
            "method": {
                "percentage": "F10: mass claimed / mass of the shipment", "content": "F13: share of external metal after yields",
                "basis": "metal", "rounding": "down",
            },
            "custody_model": _model(self.model),
        }  # fmt: skip


def read_statement(connection: Connection, claim: str, standard: str | None = None) -> Statement:
    """The statement of a recorded claim.

    Parameters
    ----------
    claim : str
        Id of the claim.
    standard : str, optional
        One of `EDITIONS`; that of the claim itself unless given.

    Raises
    ------
    InputError
        For an unknown claim or standard, claims above the shipment's mass, or what SCS-103 does not let anybody claim.
    """
    row = connection.execute(select(statement).where(statement.c.id == claim)).first()
    if row is None:
        known = connection.execute(select(statement.c.id).limit(MOST_NAMES)).scalars().all()
        raise InputError("claim", repr(claim), "the id of a recorded claim", nearest(claim, known) or "pcf statement list")
    wanted = standard or str(json.loads(row.details)["standard"])
    if wanted not in EDITIONS:
        raise InputError("standard", repr(wanted), " | ".join(EDITIONS), nearest(wanted, EDITIONS))
    sent = _read_shipment(connection, row.shipment)
    span = _read_span(connection, sent)
    voids = select(void.c.target).where(void.c.target_kind == "statement")
    gone = connection.execute(
        select(void.c.date, void.c.reason).where(void.c.target_kind == "statement", void.c.target == claim)
    ).first()  # fmt: skip
    used = tuple(rule(name) for name in sorted({*RULES, EDITIONS[wanted], *(["R14"] if gone else [])}))
    if gone is not None:
        return Statement(claim, wanted, sent, span, {"date": gone.date, "reason": gone.reason}, {}, used)
    live = select(statement).where(statement.c.shipment == row.shipment, statement.c.id.not_in(voids))
    parts = {item.attribute: _read_claimed(connection, item, sent, span) for item in connection.execute(live).all()}
    found = Statement(claim, wanted, sent, span, None, parts, used)
    _check(found)
    return found


def _check(found: Statement) -> None:
    """Refuse what must not be said of the claims together, and by SCS-103."""
    sent = found.shipment["id"]
    if found.rest_kg < 0:
        raise InputError(
            f"claims {', '.join(part.claim for part in found.parts.values())}",
            f"{-found.rest_kg:,} kg more than shipment {sent} weighs", "at most its mass together", "void one of them",
        )  # fmt: skip
    if found.standard != "scs-103":
        return
    # Of what is stated, not of what is in the metal: a reader adds up the two figures that he sees.
    total, least = sum((part.share for part in found.parts.values()), Fraction(0)), setting("scs-floor")
    if total < least:
        raise InputError(
            "standard", f"scs-103 for {cut_percent(total)} % claimed of shipment {sent}",
            f"at least {cut_percent(least)} %, both attributes together (R24)",
            "claim the other attribute too, or state it by iso-14021",
        )  # fmt: skip
    for part in found.parts.values():
        first, last = date.fromisoformat(part.evidence.first), date.fromisoformat(part.evidence.last)
        if (last - first).days + 1 > setting("period-longest"):
            raise InputError(
                "standard", f"scs-103 for claim {part.claim}, on metal cast from {first} to {last}", "metal of 12 months at most",
                "state it by iso-14021",
            )  # fmt: skip


def _read_shipment(connection: Connection, name: str) -> dict[str, Any]:
    row = connection.execute(
        select(unit, shipment.c.customer, shipment.c.note).join(shipment, shipment.c.unit == unit.c.id).where(unit.c.id == name)
    ).one()  # fmt: skip
    return {
        "id": row.id, "date": row.date, "mass_kg": row.mass_kg, "site": row.site, "material": row.material,
        "customer": row.customer, "delivery_note": row.note,
    }  # fmt: skip


def _read_span(connection: Connection, sent: Mapping[str, Any]) -> Span:
    """The accounting period that a shipment's claims were drawn in."""
    scope = connection.execute(select(scope_site.c.scope).where(scope_site.c.site == sent["site"])).scalar_one()
    return next(span for span in read_periods(connection)[scope] if span.start <= sent["date"] <= span.end)


def _read_claimed(connection: Connection, row: Any, sent: Mapping[str, Any], span: Span) -> Claimed:
    details = json.loads(row.details)
    return Claimed(
        row.id, row.attribute, row.basis, row.date, row.mass_kg, calc_recycled_share(row.mass_kg, sent["mass_kg"]),
        Fraction(details["post"]), Fraction(details["pre"]), details["same_process_boundary"],
        read_evidence(connection, row, sent, span),
    )  # fmt: skip


def _part(part: Claimed) -> dict[str, Any]:
    of = part.evidence
    return {
        "claim": part.claim,
        "date": part.date,
        "basis": part.basis,
        "claimed_kg": part.mass_kg,
        "share": float(part.share),
        "percent": cut_percent(part.share),
        "content_on_basis": {"post_consumer": float(part.post), "pre_consumer": float(part.pre)},
        "same_process_boundary": part.boundary,
        "period": {"first": of.first, "last": of.last},
        "yield_source": {"own_lots": of.own_yields, "catalogue_lots": of.class_yields},
        "efficiency": {
            "factor": None if of.efficiency is None else float(of.efficiency),
            "charged_kg": of.charged_kg,
            "credited_kg": of.credited_kg,
        },
        "heat_count": of.heat_count,
        "heats_changed_since": of.changed_heats,
        "heats": [
            {"id": name, "share": float(share), "post_consumer": float(post), "pre_consumer": float(pre)}
            for name, (share, post, pre) in of.heats.items()
        ],
        "custody_model": {**_model(of.model), "method": part.method or None, "steps": dict(of.steps)},
    }


def _model(model: CustodyModel) -> dict[str, Any]:
    return {"id": model.id, "iso_22095_clause": model.clause, "physical": model.physical}
