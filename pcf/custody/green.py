"""Green low-carbon aluminium of a heat: what of its metal is recycled, what was made with green power, and the record of both.

T/CNIA 0245-2024 defines it as metal from green-power aluminium and recycled aluminium melted together: shares of an input, not
a footprint. Metal counts as made with green power only by the records of this book; what a supplier says is shown, not counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.catalogue import Catalogue
from pcf.custody.claim_evidence import heats_behind
from pcf.custody.content import COUNTED_ORIGINS, DEFAULT_BOUNDARY, POST, PRE
from pcf.custody.grades import FOOTPRINT, Grade, Grading, evaluate, read_grades, shipped_grades
from pcf.custody.green_power import Coverage, Match, read_coverages
from pcf.custody.green_words import OPEN, word_blend
from pcf.custody.heats import DEEPEST, Heats, heats_of
from pcf.custody.physical import metal_yield
from pcf.custody.rules import Rule, rule
from pcf.custody.tables import consumption, document, heat, lot, party, unit, void
from pcf.custody.trace import mixed_content
from pcf.custody.wording import cut_percent, rule_part
from pcf.errors import InputError

__all__ = ["SCHEMA", "Blend", "Line", "TracedHeat", "green_blend", "word_blend"]

SCHEMA = "pcf/green-aluminium/1"
STANDARDS = ("T/CNIA 0245-2024", "T/CNIA 0168-2022")

GREEN, PRIMARY = "green-power", "primary"
PARTS = (POST, PRE, GREEN, PRIMARY, "alloying", "other")
"""Parts of the external metal; `primary` is what nothing here shows to be made with green power."""

RULES = ("R21", "R22", "R25", "R27")


@dataclass(frozen=True)
class Line:
    """A line of a charge.

    Attributes
    ----------
    metal_kg : Fraction
        Its external metal [kg]; 0 for own returns, inside scrap and what belongs to customers.
    green : Fraction
        Share of that metal that was made with green power [1].
    evidence : str
        How that is known: `own-metal` (power matched for this plant's own liquid metal), `document` (the heats behind its CoC
        document), `month` (own metal, by product and month of receipt), `own-heat`, or `none`.
    sources : tuple of str
        Heats behind it.
    record : Mapping[str, Any]
        What a lot came with: supplier, ticket, document, footprint, note.
    """

    unit: str
    kind: str
    material: str
    content_class: str
    mass_kg: int
    metal_kg: Fraction
    green: Fraction
    evidence: str
    sources: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class TracedHeat:
    """A heat with its charge; `shares` are of its external metal [1], by the names of `PARTS`."""

    id: str
    site: str
    date: str
    product: str
    product_kg: int
    returns_kg: int
    dross_kg: int
    charged_kg: int
    shares: Mapping[str, Fraction]
    lines: tuple[Line, ...]

    @property
    def loss_kg(self) -> int:
        """What is neither product, returns nor dross [kg]; below zero where the dross took up oxygen."""
        return self.charged_kg - self.product_kg - self.returns_kg - self.dross_kg

    def as_document(self) -> dict[str, Any]:
        """The heat as plain values."""
        return {
            "id": self.id, "site": self.site, "date": self.date, "product": self.product,
            "shares": {name: float(self.shares[name]) for name in PARTS},
            "mass_balance_kg": {
                "charged": self.charged_kg, "product": self.product_kg, "returns": self.returns_kg, "dross": self.dross_kg,
                "loss": self.loss_kg,
            },
            "charge": [
                {
                    "unit": line.unit, "kind": line.kind, "material": line.material, "content_class": line.content_class,
                    "mass_kg": line.mass_kg, "metal_kg": float(line.metal_kg), "green_power_share": float(line.green),
                    "evidence": line.evidence, "heats": list(line.sources), "record": dict(line.record),
                }
                for line in self.lines
            ],
        }  # fmt: skip


@dataclass(frozen=True)
class Blend:
    """A heat with the own heats that its metal comes from, the power matched to them, and what a table of grades says."""

    heat: TracedHeat
    sources: tuple[TracedHeat, ...]
    coverages: tuple[Coverage, ...]
    grading: Grading
    rules: tuple[Rule, ...]

    @property
    def recycled(self) -> Fraction:
        """Post- and pre-consumer metal [1]."""
        return self.heat.shares[POST] + self.heat.shares[PRE]

    @property
    def green_power(self) -> Fraction:
        """Metal made with green power [1]."""
        return self.heat.shares[GREEN]

    @property
    def green(self) -> Fraction:
        """Both, which is what the standard's definition blends [1]."""
        return self.recycled + self.green_power

    @property
    def matches(self) -> tuple[Match, ...]:
        """Every match that was looked at."""
        return tuple(match for coverage in self.coverages for match in coverage.matches)

    def as_document(self) -> dict[str, Any]:
        """The blend as plain values (`pcf/green-aluminium/1`)."""
        return {
            "schema": SCHEMA,
            "standards": [{"name": name, "relation": "aligned with", "text_read": False} for name in STANDARDS],
            "indicative": True,
            "basis": "external metal after yields (F13)",
            "same_process_boundary": DEFAULT_BOUNDARY,
            "shares": {
                "recycled": float(self.recycled), "green_power": float(self.green_power), "green": float(self.green),
                "recycled_percent": cut_percent(self.recycled), "green_power_percent": cut_percent(self.green_power),
                "green_percent": cut_percent(self.green),
            },
            "heat": self.heat.as_document(),
            "sources": [item.as_document() for item in self.sources],
            "power": [
                {
                    "site": item.site, "product": item.product, "month": item.month, "cast_kg": item.cast_kg,
                    "matched_kg": item.matched_kg, "covered_kg": item.covered_kg, "share": float(item.share),
                    "matches": [match.as_document() for match in item.matches],
                }
                for item in self.coverages
            ],
            "grading": self.grading.as_document(),
            "not_confirmed": list(OPEN),
            "rules": [rule_part(item) for item in self.rules],
        }  # fmt: skip


def green_blend(connection: Connection, catalogue: Catalogue, name: str, grades: Sequence[Grade] | None = None) -> Blend:
    """The blend of a heat.

    Parameters
    ----------
    name : str
        Id of the heat.
    grades : sequence of Grade, optional
        Grades to hold it to, the best first; the shipped table, which has none, unless given.

    Raises
    ------
    InputError
        For what is no heat, a void one, or a footprint that a grade asks for and that cannot be computed.
    """
    gone = select(void.c.date).where(void.c.target_kind == "cast", void.c.target == name)
    if (day := connection.execute(gone).scalar()) is not None:
        raise InputError("heat", f"{name!r}, which is void since {day}", "a heat that stands")
    blender = _Blender(connection, catalogue)
    found = blender.heat(name)
    blend = Blend(
        found, tuple(item for item in blender.known.values() if item.id != name),
        tuple(item for _, item in sorted(blender.used.items())), Grading(), tuple(rule(item) for item in RULES),
    )  # fmt: skip
    wanted = tuple(grades if grades is not None else read_grades(shipped_grades()))
    figures = {
        "min_green_share": blend.green, "min_green_power_share": blend.green_power, "min_recycled_share": blend.recycled
    }  # fmt: skip
    if any(FOOTPRINT in grade.limits for grade in wanted):
        figures[FOOTPRINT] = Fraction(Heats(connection, catalogue).footprint(name).total)
    return Blend(found, blend.sources, blend.coverages, evaluate(wanted, figures), blend.rules)


@dataclass
class _Blender:
    """Follows metal to the heats that it comes from, each once."""

    connection: Connection
    catalogue: Catalogue
    known: dict[str, TracedHeat] = field(default_factory=dict)
    used: dict[tuple[str, str, str], Coverage] = field(default_factory=dict)
    _months: dict[tuple[str, str], dict[str, Coverage]] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def heat(self, name: str) -> TracedHeat:
        """A heat with its shares."""
        if name in self.known:
            return self.known[name]
        row = self.connection.execute(select(unit, heat).join(heat, heat.c.unit == unit.c.id).where(unit.c.id == name)).first()
        if row is None:
            raise InputError("heat", repr(name), "a recorded heat", "pcf cast list")
        self._open.append(name)
        masses: dict[str, Fraction] = dict.fromkeys(PARTS, Fraction(0))
        lines = []
        for line, parts in [self._line(row, charged) for charged in self._charge(name)]:
            lines.append(line)
            for part, share in parts.items():
                masses[part] += line.metal_kg * share
        self._open.pop()
        total = sum(masses.values())
        shares = {part: mass / total for part, mass in masses.items()} if total else masses
        self.known[name] = TracedHeat(
            name, row.site, row.date, row.product, row.mass_kg, row.returns_kg, row.dross_kg, row.charge_kg, shares, tuple(lines)
        )
        return self.known[name]

    def _charge(self, name: str) -> Sequence[Any]:
        query = (
            select(
                consumption.c.parent, consumption.c.mass_kg, unit.c.kind, unit.c.material, unit.c.date, lot.c.supplier, lot.c.ticket,
                lot.c.content_class, lot.c.origin, lot.c.asi_class, lot.c.document_issuer, lot.c.document_reference, lot.c.details,
                party.c.details.label("of_party"),
            )
            .join(unit, unit.c.id == consumption.c.parent).outerjoin(lot, lot.c.unit == unit.c.id)
            .outerjoin(party, party.c.id == lot.c.supplier)
            .where(consumption.c.child == name).order_by(consumption.c.line)
        )  # fmt: skip
        return self.connection.execute(query).all()

    def _line(self, of: Any, row: Any) -> tuple[Line, Mapping[str, Fraction]]:
        """A line with the parts of its metal."""
        named = (row.parent, row.kind, row.material)
        if row.kind in ("return", "dross"):
            return Line(*named, "internal", row.mass_kg, Fraction(0), Fraction(0), "none"), {}
        if row.kind != "lot":
            parts, sources = self._own(row.parent)
            return Line(
                *named, "own", row.mass_kg, Fraction(row.mass_kg), parts.get(GREEN, Fraction(0)), "own-heat", sources
            ), parts  # fmt: skip
        details = json.loads(row.details)
        inside = row.content_class == "internal" or "tolled_for" in details
        if inside or (row.content_class == PRE and row.origin not in COUNTED_ORIGINS[DEFAULT_BOUNDARY]):
            return Line(
                *named, "internal", row.mass_kg, Fraction(0), Fraction(0), "none", (), _lot_record(row, details)
            ), {}  # fmt: skip
        own = details.get("metal_yield")
        metal = row.mass_kg * (Fraction(own) if own else metal_yield(self.catalogue, row.material))
        share, evidence, sources = (Fraction(0), "none", ())
        if row.content_class == PRIMARY:
            share, evidence, sources = self._primary(of, row)
        parts = {GREEN: share, PRIMARY: 1 - share} if row.content_class == PRIMARY else {row.content_class: Fraction(1)}
        record = _lot_record(row, details)
        return Line(*named, row.content_class, row.mass_kg, metal, share, evidence, sources, record), parts

    def _own(self, name: str) -> tuple[dict[str, Fraction], tuple[str, ...]]:
        """Parts of the metal of an own unit, with its heats."""
        shares = self._heats(name)
        if shares is None:
            post, pre = mixed_content(self.connection, name)
            return {POST: post, PRE: pre, PRIMARY: 1 - post - pre}, ()
        parts: dict[str, Fraction] = dict.fromkeys(PARTS, Fraction(0))
        for one, share in shares.items():
            found = self.heat(one).shares
            for part in PARTS:
                parts[part] += share * found[part]
        parts[PRIMARY] += 1 - sum(parts.values())  # heats of nothing but own returns
        return parts, tuple(shares)

    def _heats(self, name: str) -> dict[str, Fraction] | None:
        """Heats of a unit by mass; None where others are beside them, or where records lead in a circle."""
        kind = self.connection.execute(select(unit.c.kind).where(unit.c.id == name)).scalar()
        direct, beside = ({name}, False) if kind == "heat" else heats_behind(self.connection, [name])
        if beside or not direct or len(self._open) > DEEPEST or direct & set(self._open):
            return None
        return heats_of(self.connection, name)

    def _primary(self, of: Any, row: Any) -> tuple[Fraction, str, tuple[str, ...]]:
        """Share of a lot of primary metal that was made with green power, how it is known, and the heats behind it."""
        if row.document_reference is not None:
            # Metal with a document came from outside the scope: the document decides, and one of another book shows nothing here.
            sent = self._sent(row)
            if sent is None or (shares := self._heats(sent[0])) is None:
                return Fraction(0), "none", ()
            share = sent[1] * sum((part * self.heat(one).shares[GREEN] for one, part in shares.items()), Fraction(0))
            return share, "document" if share else "none", tuple(shares)
        if not json.loads(row.of_party).get("own"):
            return Fraction(0), "none", ()
        if self._is_smelted(of.product):
            here = [item for site, item in self._coverages(of.product, of.date[:7]).items() if site == of.site]
            if any(item.matches for item in here):
                return self._use(here), "own-metal", ()
        if self._is_smelted(row.material):
            made = list(self._coverages(row.material, row.date[:7]).values())
            if any(item.matches for item in made):
                return self._use(made), "month", ()
        return Fraction(0), "none", ()

    def _is_smelted(self, product: str) -> bool:
        """Whether a product is cast from a plant's own liquid metal: power matched to another one is none of an electrolysis."""
        found = self.catalogue.products.get(product)
        return found is not None and found.charge is None

    def _coverages(self, product: str, month: str) -> dict[str, Coverage]:
        if (product, month) not in self._months:
            self._months[(product, month)] = read_coverages(self.connection, product, month)
        return self._months[(product, month)]

    def _use(self, found: Sequence[Coverage]) -> Fraction:
        self.used |= {(item.month, item.site, item.product): item for item in found}
        return Fraction(sum(item.covered_kg for item in found), sum(item.cast_kg for item in found))

    def _sent(self, row: Any) -> tuple[str, Fraction] | None:
        """The shipment behind the document of a lot, where this book has issued it and it stands, and how much of the lot it can be.

        What several lots took of one shipment is no more than it weighed.
        """
        issuer, reference = row.document_issuer, row.document_reference
        sent = self.connection.execute(
            select(unit.c.id, unit.c.mass_kg).join(document, document.c.unit == unit.c.id)
            .where(document.c.direction == "out", document.c.issuer == issuer, document.c.reference == reference)
        ).first()  # fmt: skip
        gone = select(void.c.target).where(void.c.target_kind == "document", void.c.target == f"out/{issuer}/{reference}")
        if sent is None or self.connection.execute(gone).first() is not None:
            return None
        voids = select(void.c.target).where(void.c.target_kind == "lot")
        taken = self.connection.execute(
            select(func.sum(unit.c.mass_kg)).join(lot, lot.c.unit == unit.c.id)
            .where(lot.c.document_issuer == issuer, lot.c.document_reference == reference, lot.c.unit.not_in(voids))
        ).scalar_one()  # fmt: skip
        return sent.id, min(Fraction(1), Fraction(sent.mass_kg, int(taken)))


def _lot_record(row: Any, details: Mapping[str, Any]) -> dict[str, Any]:
    """What a lot came with, empty fields left out."""
    values = {
        "date": row.date, "supplier": row.supplier, "ticket": row.ticket, "asi_class": row.asi_class, "origin": row.origin,
        "document_issuer": row.document_issuer, "document_reference": row.document_reference, **details,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value not in (None, "", {})}
