"""Postings of the attribute accounts, each with the running sum of its kind: an availability needs only the last lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, desc, select

from pcf.custody.tables import posting
from pcf.store.prepared import Prepared

ALUMINIUM, ALUMINA, BAUXITE, SCRAP = "asi-aluminium", "asi-alumina", "asi-bauxite", "eligible-scrap"
POST, PRE, POWER = "post-consumer", "pre-consumer", "renewable-power"
PERCENTAGE = (ALUMINIUM, ALUMINA, BAUXITE)
"""Accounts with an input percentage (F1); eligible scrap has the percentage of aluminium and outputs of its own (F3)."""

CREDIT = (POST, PRE)
"""Accounts of recycled content: metal in the product comes in, statements go out."""

ACCOUNTS = (*PERCENTAGE, SCRAP, *CREDIT, POWER)
KINDS = ("coc-in", "other-in", "alloying-in", "out", "credit", "issued", "carried-in", "overdraft-in", "expired")

Key = tuple[str, str, str, str]

_RUNNING = Prepared(
    select(posting.c.running)
    .where(*(posting.c[name] == bindparam(name) for name in ("scope", "account", "period", "kind")))
    .order_by(desc(posting.c.event_seq), desc(posting.c.line))
    .limit(1)
)


@dataclass
class Ledger:
    """The ledger within one transaction: what is posted here counts at once, written or not."""

    connection: Connection
    _sums: dict[Key, int] = field(default_factory=dict)

    def sum(self, scope: str, account: str, period: str, kind: str) -> int:
        """Sum of a kind's postings so far [kg or Wh]."""
        key = (scope, account, period, kind)
        if key not in self._sums:
            self._sums[key] = last_running(self.connection, *key)
        return self._sums[key]

    def sums(self, scope: str, account: str, period: str) -> dict[str, int]:
        """Sums of every kind of an account."""
        return {kind: self.sum(scope, account, period, kind) for kind in KINDS}

    def post(self, scope: str, account: str, period: str, kind: str, month: str, amount: int, ref: str) -> dict[str, Any]:
        """A posting as a row; `line` is given by `numbered`.

        Parameters
        ----------
        month : str
            Month of the business date, for the monthly reconciliation.
        amount : int
            Signed [kg or Wh].
        ref : str
            Id of the unit, document or record that it belongs to.
        """
        running = self.sum(scope, account, period, kind) + amount
        self._sums[(scope, account, period, kind)] = running
        return {
            "scope": scope, "account": account, "period": period, "kind": kind, "month": month, "amount": amount,
            "running": running, "ref": ref,
        }  # fmt: skip


def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Postings of one event with their line numbers, those of nothing left out."""
    return [{"line": line, **row} for line, row in enumerate(row for row in rows if row["amount"])]


def last_running(connection: Connection, scope: str, account: str, period: str, kind: str) -> int:
    """Sum of a kind's postings as the last one holds it [kg or Wh]."""
    rows = _RUNNING.all(connection, scope=scope, account=account, period=period, kind=kind)
    return int(rows[0].running) if rows else 0


def read_sums(connection: Connection, scope: str, account: str, period: str) -> Mapping[str, int]:
    """Sums of every kind of an account."""
    return {kind: last_running(connection, scope, account, period, kind) for kind in KINDS}
