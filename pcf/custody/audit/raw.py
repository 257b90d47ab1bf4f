"""What the raw records do to the accounts, told again from tickets, delivery notes and documents without looking at the ledger.

The ledger says what was posted; this says what should have been. The workbook, the findings and the re-computation of an
exported folder all hold one against the other.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pcf.custody.ledger import ALUMINIUM, CREDIT, PERCENTAGE, SCRAP
from pcf.custody.lots import OWN_ACCOUNT
from pcf.custody.shipments import ACCOUNT_OF

Row = Mapping[str, Any]
Rows = Mapping[str, Sequence[Row]]

RAW_KINDS = ("coc-in", "other-in", "alloying-in", "out", "issued")
"""Kinds of postings that raw records explain; credits of recycled metal come from the casts, balances from the close."""

INPUT, ALLOYING, OUTSIDE = "input", "alloying", "outside"
"""What a lot counts as: metal of the percentage, alloying elements, or nothing (R05)."""


@dataclass(frozen=True)
class Booking:
    """What one record does to one account: `sign` is -1 where a void takes it back.

    `day` is the business day, or that of the void, moved into the period where it lies outside.
    """

    source: str
    ref: str
    day: str
    month: str
    sign: int
    account: str
    kind: str
    kg: int


@dataclass(frozen=True)
class _Landing:
    """Where a record, or its void, counts: day, month and sign."""

    day: str
    month: str
    sign: int


def counts_as(row: Row) -> str:
    """What a lot counts as (R05)."""
    if row["content_class"] == "internal" or row["asi_class"] == OUTSIDE or _details(row).get("tolled_for"):
        return OUTSIDE
    return ALLOYING if row["content_class"] == "alloying" else INPUT


def lot_account(material: str) -> str:
    """Account that a material comes into (R09)."""
    return OWN_ACCOUNT.get(material, ALUMINIUM)


def is_within(rows: Rows, customer: str) -> bool:
    """Whether a customer is the owner of a site of the scope: what moves inside is no output."""
    return any(site["party"] == customer for site in rows["site"])


def calc_bookings(rows: Rows, scope: str, period: str) -> list[Booking]:
    """Bookings of a scope and period in the order of the records.

    Parameters
    ----------
    rows : Rows
        At least: scope_site, site, period, period_close, unit, lot, shipment, document, statement, void.
    """
    return sorted(_bookings(rows, _Calendar(rows, scope, period)), key=lambda item: (item.day, item.source, item.ref, -item.sign))


def sum_bookings(found: Iterable[Booking]) -> dict[str, dict[str, int]]:
    """Sums [kg] by account and kind."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(RAW_KINDS, 0))
    for item in found:
        sums[item.account][item.kind] += item.sign * item.kg
    return {account: sums[account] for account in (*PERCENTAGE, SCRAP, *CREDIT)}


def monthly_bookings(found: Iterable[Booking]) -> dict[str, dict[str, dict[str, int]]]:
    """Sums [kg] by account, month and kind, without those of nothing."""
    sums: dict[tuple[str, str, str], int] = defaultdict(int)
    for item in found:
        sums[(item.account, item.month, item.kind)] += item.sign * item.kg
    by_account: dict[str, dict[str, dict[str, int]]] = {}
    for (account, month, kind), kg in sorted(sums.items()):
        if kg:
            by_account.setdefault(account, {}).setdefault(month, {})[kind] = kg
    return by_account


def _bookings(rows: Rows, calendar: _Calendar) -> Iterator[Booking]:
    units = {row["id"]: row for row in rows["unit"] if row["site"] in calendar.sites}
    for lot in rows["lot"]:
        unit = units.get(lot["unit"])
        if unit is None or (counted := counts_as(lot)) == OUTSIDE:
            continue
        account = lot_account(unit["material"])
        if counted == ALLOYING:
            entries = [(ALUMINIUM, "alloying-in", unit["mass_kg"])]
        else:
            entries = [(account, "coc-in", lot["coc_kg"]), (account, "other-in", unit["mass_kg"] - lot["coc_kg"])]
        yield from _land(calendar, "lot", lot["unit"], unit["date"], entries)
    for sent in rows["shipment"]:
        unit = units.get(sent["unit"])
        if unit is None or is_within(rows, sent["customer"]):
            continue
        entries = [(ACCOUNT_OF.get(sent["form"], ALUMINIUM), "out", unit["mass_kg"])]
        yield from _land(calendar, "shipment", sent["unit"], unit["date"], entries)
    for paper in rows["document"]:
        unit = units.get(paper["unit"] or "")
        if paper["direction"] == "out" and unit is not None:
            name = f"out/{paper['issuer']}/{paper['reference']}"
            entries = [(paper["account"], "issued", paper["coc_kg"])]
            yield from _land(calendar, "document", name, unit["date"], entries, paper["date"])
    for claim in rows["statement"]:
        unit = units.get(claim["shipment"])
        if unit is not None:
            entries = [(claim["attribute"], "issued", claim["mass_kg"])]
            yield from _land(calendar, "statement", claim["id"], unit["date"], entries, claim["date"])


def _land(
    calendar: _Calendar, source: str, ref: str, date: str, entries: Iterable[tuple[str, str, int]], day: str = ""
) -> Iterator[Booking]:
    for landing in calendar.landings(source, ref, date, day or date):
        for account, kind, kg in entries:
            if kg:
                yield Booking(source, ref, landing.day, landing.month, landing.sign, account, kind, kg)


class _Calendar:
    """The periods of a scope, when they were closed, and what was taken back."""

    def __init__(self, rows: Rows, scope: str, period: str) -> None:
        self.sites = {row["site"] for row in rows["scope_site"] if row["scope"] == scope}
        self._spans = [row for row in rows["period"] if row["scope"] == scope]
        self._closed = {row["period"]: row["event_seq"] for row in rows["period_close"] if row["scope"] == scope}
        self._voids = {(row["target_kind"], row["target"]): row for row in rows["void"]}
        self._period = period

    def landings(self, source: str, ref: str, date: str, day: str) -> Iterator[_Landing]:
        """Where a record and its void count in the period: a void goes into the record's own period, once that is closed into
        the one of its own date (R26)."""
        own = self._span(date)
        if own is None:
            return
        if own["id"] == self._period:
            yield _Landing(_inside(own, day), date[:7], 1)
        gone = self._voids.get((source, ref))
        if gone is None:
            return
        closed = self._closed.get(own["id"])
        if closed is None or gone["event_seq"] < closed:
            if own["id"] == self._period:
                yield _Landing(_inside(own, gone["date"]), date[:7], -1)
            return
        later = self._span(gone["date"])
        if later is not None and later["id"] == self._period:
            yield _Landing(gone["date"], gone["date"][:7], -1)

    def _span(self, day: str) -> Row | None:
        return next((row for row in self._spans if row["start"] <= day <= row["end"]), None)


def _inside(span: Row, day: str) -> str:
    found: str = min(max(day, span["start"]), span["end"])
    return found


def _details(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["details"])
    return found
