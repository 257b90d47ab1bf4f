"""Statements of recycled content: a recorded claim in the words of a standard, with everything that has to stand beside it.

A percentage is what was claimed of the shipment's mass (F10); post- and pre-consumer content stand apart. Nothing here claims
anything: the kilograms are those of the recorded claims, which drew them from their account (R22).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, Literal

from sqlalchemy import Connection, ScalarSelect, Select, func, select

from pcf.catalogue import nearest
from pcf.custody.book import Span, read_periods
from pcf.custody.content import calc_recycled_share
from pcf.custody.heats import heats_of
from pcf.custody.ledger import PERCENTAGE, POST, PRE
from pcf.custody.models import CustodyModel, find_model, weakest
from pcf.custody.rules import Rule, rule, setting
from pcf.custody.tables import consumption, document, heat, lot, posting, scope_site, shipment, statement, unit, void
from pcf.custody.trace import read_contents
from pcf.errors import InputError
from pcf.text import text

SCHEMA = "pcf/recycled-content-statement/1"

EDITIONS = {"iso-14021": "R21", "scs-103": "R24", "en-45557": "R25", "ul-2809": "R23"}
"""Standard of a wording → the rule that this program has of it; the rule's row names the edition."""

RULES = ("R18", "R21", "R22", "R23", "R25", "R27")
"""Rules that every statement rests on; that of its standard comes on top."""

BLENDING, BALANCE = "controlled-blending", "mass-balance"
CHUNK = 500

Step = Literal["charge", "not-cast", "inbound-metal", "average", "credit"]


@dataclass(frozen=True)
class Evidence:
    """What a claim rests on.

    Attributes
    ----------
    first, last : str
        The days that it is an average over: those of the batch's casts, or the accounting period.
    heats : Mapping[str, tuple[Fraction, Fraction, Fraction]]
        For a batch, each heat with its share of the shipment's mass and its post- and pre-consumer content [1].
    heat_count : int
        Heats behind the claim, those included whose metal was charged again.
    own_yields, class_yields : int
        Lots whose metal yield is their own, and lots with that of their class in the catalogue.
    charged_kg, credited_kg : int
        Material of the attribute as charged, and what of it is in the products [kg] (F11).
    steps : Mapping[str, str]
        Step of the chain → its custody model.
    """

    first: str
    last: str
    heats: Mapping[str, tuple[Fraction, Fraction, Fraction]]
    heat_count: int
    own_yields: int
    class_yields: int
    charged_kg: int
    credited_kg: int
    steps: Mapping[Step, str]

    @property
    def efficiency(self) -> Fraction | None:
        """Efficiency factor: attribute in the products per material charged [1]; None where none was charged."""
        return Fraction(self.credited_kg, self.charged_kg) if self.charged_kg else None


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
    def model(self) -> CustodyModel:
        """The least traceable of the chain's models (R23)."""
        return weakest(self.evidence.steps.values())

    @property
    def method(self) -> str:
        """Method of mass balance, or nothing for a claim on the batch."""
        return {"site-average": "rolling-average", "credit": "credit"}.get(self.basis, "")


@dataclass(frozen=True)
class Statement:
    """A claim in the words of a standard; of a void one nothing but that it is void.

    `parts` holds the claims on the shipment by attribute; an attribute without one is not claimed, whatever is in the metal.
    """

    claim: str
    standard: str
    shipment: Mapping[str, Any]
    span: Span
    void: Mapping[str, str] | None
    parts: Mapping[str, Claimed]
    rules: tuple[Rule, ...]

    @property
    def indicative(self) -> bool:
        """Whether a rule was not verified in its own text (R28)."""
        return any(item.indicative for item in self.rules)

    @property
    def model(self) -> CustodyModel:
        """The least traceable model of all that is stated (R23)."""
        return weakest(part.model.id for part in self.parts.values())

    @property
    def rest_kg(self) -> int:
        """What is not claimed and counts as primary [kg] (R25)."""
        return int(self.shipment["mass_kg"]) - sum(part.mass_kg for part in self.parts.values())

    def as_document(self) -> dict[str, Any]:
        """The statement as plain values (`pcf/recycled-content-statement/1`)."""
        known = rule(EDITIONS[self.standard])
        return {
            "schema": SCHEMA,
            "claim": self.claim,
            "void": None if self.void is None else dict(self.void),
            "standard": {"id": self.standard, "name": known.standard, "edition": known.version, "relation": "aligned with"},
            "indicative": self.indicative,
            "shipment": dict(self.shipment),
            "accounting_period": {
                "scope": self.span.scope, "id": self.span.id, "start": self.span.start, "end": self.span.end,
                "closed": self.span.closed,
            },
            "content": None if self.void else self._content(),
            "rules": [rule_part(item) for item in self.rules],
        }  # fmt: skip

    def _content(self) -> dict[str, Any]:
        post, pre = self.parts.get(POST), self.parts.get(PRE)
        return {
            "post_consumer": post and _part(post), "pre_consumer": pre and _part(pre),
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
    standard : str, optional
        One of `EDITIONS`; that of the claim itself unless given.

    Raises
    ------
    InputError
        For an unknown claim or standard, claims above the shipment's mass, or what SCS-103 does not let anybody claim.
    """
    row = connection.execute(select(statement).where(statement.c.id == claim)).first()
    if row is None:
        known = connection.execute(select(statement.c.id).limit(10_000)).scalars().all()
        raise InputError("claim", repr(claim), "the id of a recorded claim", nearest(claim, known) or "pcf statement list")
    wanted = standard or str(json.loads(row.details).get("standard", "iso-14021"))
    if wanted not in EDITIONS:
        raise InputError("standard", repr(wanted), " | ".join(EDITIONS), nearest(wanted, EDITIONS))
    sent = _shipment(connection, row.shipment)
    span = _span(connection, sent)
    gone = connection.execute(
        select(void.c.date, void.c.reason).where(void.c.target_kind == "statement", void.c.target == claim)
    ).first()  # fmt: skip
    used = tuple(rule(name) for name in dict.fromkeys((*RULES, EDITIONS[wanted], *(["R14"] if gone else []))))
    if gone is not None:
        return Statement(claim, wanted, sent, span, {"date": gone.date, "reason": gone.reason}, {}, used)
    voided = select(void.c.target).where(void.c.target_kind == "statement")
    live = connection.execute(
        select(statement).where(statement.c.shipment == row.shipment, statement.c.id.not_in(voided))
    ).all()  # fmt: skip
    parts = {item.attribute: _read_claimed(connection, item, sent, span) for item in live}
    found = Statement(claim, wanted, sent, span, None, parts, used)
    _check(found)
    return found


def _check(found: Statement) -> None:
    """Refuse what must not be said of the claims together, and by SCS-103."""
    if found.rest_kg < 0:
        names = ", ".join(part.claim for part in found.parts.values())
        raise InputError(
            f"claims {names}", f"{-found.rest_kg:,} kg more than shipment {found.shipment['id']} weighs", "at most its mass together",
            "void one of them",
        )  # fmt: skip
    if found.standard != "scs-103":
        return
    # Of what is stated, not of what is in the metal: a reader adds up the two figures that he sees.
    total, floor_share = sum((part.share for part in found.parts.values()), Fraction(0)), setting("scs-floor")
    if total < floor_share:
        raise InputError(
            "standard", f"scs-103 for {cut_percent(total)} % claimed of shipment {found.shipment['id']}",
            f"at least {cut_percent(floor_share)} %, both attributes together (R24)", "claim the other attribute too, or state it by iso-14021",
        )  # fmt: skip
    for part in found.parts.values():
        days = (date.fromisoformat(part.evidence.last) - date.fromisoformat(part.evidence.first)).days + 1
        if days > setting("period-longest"):
            raise InputError(
                "standard", f"scs-103 for claim {part.claim}, on metal of {part.evidence.first} to {part.evidence.last}",
                "metal of 12 months at most", "state it by iso-14021",
            )  # fmt: skip


def _shipment(connection: Connection, name: str) -> dict[str, Any]:
    row = connection.execute(
        select(unit, shipment.c.customer, shipment.c.note).join(shipment, shipment.c.unit == unit.c.id).where(unit.c.id == name)
    ).one()  # fmt: skip
    return {
        "id": row.id, "date": row.date, "mass_kg": row.mass_kg, "site": row.site, "material": row.material, "customer": row.customer,
        "delivery_note": row.note,
    }  # fmt: skip


def _span(connection: Connection, sent: Mapping[str, Any]) -> Span:
    """The accounting period that a shipment's claims were drawn in."""
    scope = connection.execute(select(scope_site.c.scope).where(scope_site.c.site == sent["site"])).scalar_one()
    return next(span for span in read_periods(connection)[scope] if span.start <= sent["date"] <= span.end)


def _read_claimed(connection: Connection, row: Any, sent: Mapping[str, Any], span: Span) -> Claimed:
    details = json.loads(row.details)
    return Claimed(
        row.id, row.attribute, row.basis, row.date, row.mass_kg, calc_recycled_share(row.mass_kg, sent["mass_kg"]),
        Fraction(details["post"]), Fraction(details["pre"]), details["same_process_boundary"],
        _read_evidence(connection, row, sent, span),
    )  # fmt: skip


def _read_evidence(connection: Connection, row: Any, sent: Mapping[str, Any], span: Span) -> Evidence:
    steps: dict[Step, str] = {"charge": BLENDING}
    shares: dict[str, tuple[Fraction, Fraction, Fraction]] = {}
    first, last = span.start, span.end
    heats: Any
    if row.basis == "batch":
        direct, beside = _heats_behind(connection, [sent["id"]])
        if beside:
            steps["not-cast"] = BALANCE  # a part of the shipment has no heat whose charge is known
        else:
            contents = read_contents(connection, sorted(direct))
            shares = {name: (share, *contents[name]) for name, share in heats_of(connection, sent["id"]).items()}
        days = connection.execute(select(unit.c.date).where(unit.c.id.in_(direct))).scalars().all()
        first, last = min(days, default=sent["date"]), max(days, default=sent["date"])
        every, front = set(direct), direct
        while front:
            front = _heats_behind(connection, front)[0] - every
            every |= front
        heats = sorted(every)
    else:
        steps["average" if row.basis == "site-average" else "credit"] = BALANCE
        heats = _heats_of_period(row.basis, sent, span)
    charged, own, by_class, inbound = _read_charged(connection, row.attribute, heats)
    if inbound:
        steps["inbound-metal"] = BALANCE
    credited = connection.execute(
        select(func.coalesce(func.sum(posting.c.amount), 0)).where(
            posting.c.account == row.attribute, posting.c.kind == "credit", posting.c.ref.in_(heats)
        )
    ).scalar_one()  # fmt: skip
    # To be counted by the database where the heats are a query.
    count = len(heats) if isinstance(heats, list) else connection.execute(_counted(heats)).scalar_one()
    return Evidence(first, last, shares, int(count), own, by_class, charged, int(credited), steps)


def _heats_of_period(basis: str, sent: Mapping[str, Any], span: Span) -> Select[tuple[str]]:
    """Heats of the site, or for a credit of all sites of the scope: their metal is one account."""
    query = select(unit.c.id).where(
        unit.c.kind == "heat", unit.c.date >= span.start, unit.c.date <= span.end,
        unit.c.id.not_in(select(void.c.target).where(void.c.target_kind == "cast")),
    )  # fmt: skip
    if basis == "site-average":
        return query.where(unit.c.site == sent["site"])
    return query.where(unit.c.site.in_(select(scope_site.c.site).where(scope_site.c.scope == span.scope)))


def _counted(heats: Select[tuple[str]]) -> ScalarSelect[int]:
    return select(func.count()).select_from(heats.subquery()).scalar_subquery()


def _heats_behind(connection: Connection, names: Iterable[str]) -> tuple[set[str], bool]:
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


def _read_charged(connection: Connection, attribute: str, heats: Any) -> tuple[int, int, int, bool]:
    """What lots of an attribute the heats were charged with [kg], the lots by the source of their yield, and metal among them.

    Metal, unlike scrap, comes on a document whose issuer keeps a mass balance: so does then the claim on it.
    """
    query = (
        select(lot.c.unit, lot.c.content_class, lot.c.origin, lot.c.details, document.c.account, func.sum(consumption.c.mass_kg))
        .join(lot, lot.c.unit == consumption.c.parent)
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
    for _, content, origin, text_of, account, mass in connection.execute(query):
        details = json.loads(text_of)
        if "tolled_for" in details or (content == PRE and origin != "external"):
            continue
        own += "metal_yield" in details
        by_class += "metal_yield" not in details
        if content == attribute:
            charged += int(mass)
            inbound |= account in PERCENTAGE
    return charged, own, by_class, inbound


# As plain values -------------------------------------------------------------------------------------------------------


def rule_part(item: Rule) -> dict[str, Any]:
    """A rule with its status, as documents show it (R28)."""
    return {
        "id": item.id, "name": dict(item.names), "standard": item.standard, "edition": item.version, "status": item.status,
        "indicative": item.indicative, "source": item.source,
    }  # fmt: skip


def cut_percent(share: Fraction, digits: int = 2) -> str:
    """A share in per cent, cut off: what is claimed is never rounded up (R27)."""
    whole = floor(share * 100 * 10**digits)
    return f"{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def _part(part: Claimed) -> dict[str, Any]:
    of = part.evidence
    return {
        "claim": part.claim, "date": part.date, "basis": part.basis, "claimed_kg": part.mass_kg, "share": float(part.share),
        "percent": cut_percent(part.share),
        "content_on_basis": {"post_consumer": float(part.post), "pre_consumer": float(part.pre)},
        "same_process_boundary": part.boundary,
        "period": {"first": of.first, "last": of.last},
        "yield_source": {"own_lots": of.own_yields, "catalogue_lots": of.class_yields},
        "efficiency": {
            "factor": None if of.efficiency is None else float(of.efficiency), "charged_kg": of.charged_kg, "credited_kg": of.credited_kg
        },
        "heat_count": of.heat_count,
        "heats": [
            {"id": name, "share": float(share), "post_consumer": float(post), "pre_consumer": float(pre)}
            for name, (share, post, pre) in of.heats.items()
        ],
        "custody": {"steps": dict(of.steps), **_model(part.model), "method": part.method or None},
    }  # fmt: skip


def _model(model: CustodyModel) -> dict[str, Any]:
    return {"model": model.id, "iso_22095_clause": find_model(model.id).clause, "physical": model.physical}


# In words --------------------------------------------------------------------------------------------------------------


def word_statement(found: Statement, language: str) -> list[str]:
    """The statement for people; of a void claim nothing but that it is void.

    Parameters
    ----------
    language : str
        `en` or `zh`.
    """

    def say(key: str, **fields: object) -> str:
        return text(f"statement.{key}", language, **fields)

    sent = {name: found.shipment[name] for name in ("id", "date", "delivery_note")} | {"mass": f"{found.shipment['mass_kg']:,}"}
    if found.void is not None:
        return [say("void", claim=found.claim, shipment=sent["id"], **found.void)]
    known = rule(EDITIONS[found.standard])
    lines = [
        say("heading", claim=found.claim, **sent),
        say("aligned", standard=known.standard, edition=known.version),
        *([say("indicative")] if found.indicative else []),
        *(_word_share(found, attribute, say, language) for attribute in (POST, PRE)),
        *_word_standard(found, say),
        say("method"),
    ]
    for attribute in (POST, PRE):
        if attribute in found.parts:
            lines += _word_evidence(found, found.parts[attribute], say, language)
    lines.append(say("model", model=text(f"custody-model.{found.model.id}", language)))
    lines.append(say("rules", rules=_word_rules(found.rules, language)))
    return lines


def _word_share(found: Statement, attribute: str, say: Any, language: str) -> str:
    named = text(f"account.{attribute}", language)
    part = found.parts.get(attribute)
    if part is None:
        return str(say("not-claimed", attribute=named))
    key = "share" if part.basis == "batch" else f"share-{part.basis}"
    return str(say(
        key, attribute=named, share=cut_percent(part.share), mass=f"{part.mass_kg:,}", whole=f"{found.shipment['mass_kg']:,}",
        claim=part.claim,
    ))  # fmt: skip


def _word_standard(found: Statement, say: Any) -> list[str]:
    """What the standard of the wording asks to be said beside the shares."""
    whole = int(found.shipment["mass_kg"])
    if found.standard == "scs-103":
        total = sum((part.share for part in found.parts.values()), Fraction(0))
        return [say("scs-floor", total=cut_percent(total), least=cut_percent(setting("scs-floor"))), say("scs-period")]
    if found.standard == "en-45557":
        shares = {name: found.parts[name].share if name in found.parts else Fraction(0) for name in (POST, PRE)}
        return [
            say("en-shares", post=cut_percent(shares[POST]), pre=cut_percent(shares[PRE])),
            say("en-rest", mass=f"{found.rest_kg:,}", share=cut_percent(Fraction(found.rest_kg, whole))),
        ]
    return []


def _word_evidence(found: Statement, part: Claimed, say: Any, language: str) -> list[str]:
    of, named = part.evidence, text(f"account.{part.attribute}", language)
    lines = [
        say("of-claim", attribute=named, claim=part.claim, basis=text(f"content-basis.{part.basis}", language)),
        say("content", post=cut_percent(part.post), pre=cut_percent(part.pre), basis=text(f"statement.content-{part.basis}", language)),
        say("yields", own=of.own_yields, by_class=of.class_yields),
        say("boundary", boundary=text(f"same-process.{part.boundary}", language)),
        say("period-batch" if part.basis == "batch" else "period", first=of.first, last=of.last, count=f"{of.heat_count:,}"),
        say("account-closed" if found.span.closed else "account-open", period=found.span.id, scope=found.span.scope),
        say("custody", model=text(f"custody-model.{part.model.id}", language), why=_word_steps(part, language)),
    ]  # fmt: skip
    if found.standard == "ul-2809":
        lines.append(say("ul-name", name=text(f"statement.ul-{part.method or part.model.id}", language)))
        factor, masses = of.efficiency, {"charged": f"{of.charged_kg:,}", "credited": f"{of.credited_kg:,}"}
        lines.append(say("ul-efficiency", factor=cut_percent(factor), **masses) if factor is not None else say("ul-no-efficiency"))
    return lines


def _word_steps(part: Claimed, language: str) -> str:
    """The steps that the name comes from: those with the weakest model."""
    last = [step for step, model in part.evidence.steps.items() if model == part.model.id]
    return text("statement.and", language).join(text(f"statement.step-{step}", language) for step in last)


def _word_rules(used: Iterable[Rule], language: str) -> str:
    status = {item.id: text(f"statement.{'indicative-mark' if item.indicative else 'verified-mark'}", language) for item in used}
    return text("statement.comma", language).join(f"{name} {mark}" for name, mark in status.items())
