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
from pcf.custody.shipments import ACCOUNT_OF, own_mass

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
class Entry:
    """A raw record in a period, or its void there: `row` is that of its table, `unit` the lot or shipment that it is about."""

    source: str
    ref: str
    row: Row
    unit: Row
    day: str
    month: str
    sign: int


def counts_as(row: Row) -> str:
    """What a lot counts as (R05)."""
    if row["content_class"] == "internal" or row["asi_class"] == OUTSIDE or _details(row).get("tolled_for"):
        return OUTSIDE
    return ALLOYING if row["content_class"] == "alloying" else INPUT


def lot_account(row: Row, unit: Row) -> str:
    """Account that a lot comes into (R09); alloying elements are shown beside aluminium."""
    return ALUMINIUM if row["content_class"] == "alloying" else OWN_ACCOUNT.get(unit["material"], ALUMINIUM)


def is_within(rows: Rows, customer: str) -> bool:
    """Whether a customer is the owner of a site of the scope: what moves inside is no output."""
    return any(site["party"] == customer for site in rows["site"])


def calc_entries(rows: Rows, scope: str, period: str) -> list[Entry]:
    """Lots, shipments, documents issued and claims that count in a period, and the voids that do, in the order of their days.

    Parameters
    ----------
    rows : Rows
        At least: scope_site, site, period, period_close, unit, lot, shipment, document, statement, void.
    """
    return sorted(_entries(rows, _Calendar(rows, scope, period)), key=lambda item: (item.day, item.source, item.ref, -item.sign))


def calc_bookings(rows: Rows, scope: str, period: str) -> list[Booking]:
    """What the raw records of a period do to its accounts; see `calc_entries`."""
    return [
        Booking(item.source, item.ref, item.day, item.month, item.sign, account, kind, kg)
        for item in calc_entries(rows, scope, period)
        for account, kind, kg in _amounts(rows, item)
        if kg
    ]


def _amounts(rows: Rows, item: Entry) -> Iterator[tuple[str, str, int]]:
    """Account, kind and mass [kg] of what a record does."""
    row, unit = item.row, item.unit
    if item.source == "lot" and (counted := counts_as(row)) != OUTSIDE:
        account = lot_account(row, unit)
        if counted == ALLOYING:
            yield account, "alloying-in", unit["mass_kg"]
        else:
            yield account, "coc-in", row["coc_kg"]
            yield account, "other-in", unit["mass_kg"] - row["coc_kg"]
    elif item.source == "shipment" and not is_within(rows, row["customer"]):
        yield ACCOUNT_OF.get(row["form"], ALUMINIUM), "out", own_mass(_details(row), unit["mass_kg"])
    elif item.source == "document":
        yield row["account"], "issued", row["coc_kg"]
    elif item.source == "statement":
        yield row["attribute"], "issued", row["mass_kg"]


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


def _entries(rows: Rows, calendar: _Calendar) -> Iterator[Entry]:
    units = {row["id"]: row for row in rows["unit"] if row["site"] in calendar.sites}
    for source in ("lot", "shipment"):
        for row in rows[source]:
            if (unit := units.get(row["unit"])) is not None:
                yield from calendar.entries(source, row["unit"], row, unit, unit["date"])
    for row in rows["document"]:
        if row["direction"] == "out" and (unit := units.get(row["unit"] or "")) is not None:
            yield from calendar.entries("document", f"out/{row['issuer']}/{row['reference']}", row, unit, row["date"])
    for row in rows["statement"]:
        if (unit := units.get(row["shipment"])) is not None:
            yield from calendar.entries("statement", row["id"], row, unit, row["date"])


class _Calendar:
    """The periods of a scope, when they were closed, and what was taken back."""

    def __init__(self, rows: Rows, scope: str, period: str) -> None:
        self.sites = {row["site"] for row in rows["scope_site"] if row["scope"] == scope}
        self._spans = [row for row in rows["period"] if row["scope"] == scope]
        self._closed = {row["period"]: row["event_seq"] for row in rows["period_close"] if row["scope"] == scope}
        self._voids = {(row["target_kind"], row["target"]): row for row in rows["void"]}
        self._period = period

    def entries(self, source: str, ref: str, row: Row, unit: Row, day: str) -> Iterator[Entry]:
        """A record and its void where they count in the period, which is that of the unit's day. What is taken back after the
        close leaves the closed period as it is and moves the balance brought along (R26)."""
        own = self._span(unit["date"])
        if own is None or own["id"] != self._period:
            return
        month = unit["date"][:7]
        yield Entry(source, ref, row, unit, _inside(own, day), month, 1)
        gone = self._voids.get((source, ref))
        if gone is None:
            return
        closed = self._closed.get(own["id"])
        if closed is None or gone["event_seq"] < closed:
            yield Entry(source, ref, row, unit, _inside(own, gone["date"]), month, -1)

    def _span(self, day: str) -> Row | None:
        return next((row for row in self._spans if row["start"] <= day <= row["end"]), None)


def _inside(span: Row, day: str) -> str:
    found: str = min(max(day, span["start"]), span["end"])
    return found


def _details(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(row["details"])
    return found
