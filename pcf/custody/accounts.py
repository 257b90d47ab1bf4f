"""Balances of the attribute accounts from the sums of their postings, and their reconciliation by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection, func, select

from pcf.custody.equations import calc_bounded_cap, calc_input_percentage, calc_output_cap, calc_scrap_cap
from pcf.custody.ledger import ALUMINIUM, CREDIT, PERCENTAGE, SCRAP, Ledger, read_sums
from pcf.custody.tables import posting


@dataclass(frozen=True)
class Balance:
    """An account of a scope in a period; masses in kg.

    `percentage` is the input percentage, `with_alloying` the same with alloying elements in the denominator, None where
    nothing came in. `cap` is what may be designated of the output so far, floored (R27).
    """

    scope: str
    account: str
    period: str
    sums: Mapping[str, int]
    percentage: Fraction | None
    with_alloying: Fraction | None
    cap: int

    @property
    def available(self) -> int:
        """What may still be issued [kg] (F7); below zero the account is overdrawn."""
        return self.cap + self.sums["carried-in"] - self.sums["overdraft-in"] - self.sums["issued"] - self.sums["expired"]


def balance(connection: Connection, scope: str, account: str, period: str, ledger: Ledger | None = None) -> Balance:
    """Balance of an account, from a transaction's own ledger where one is given."""

    def sums_of(name: str) -> Mapping[str, int]:
        return ledger.sums(scope, name, period) if ledger else read_sums(connection, scope, name, period)

    sums = sums_of(account)
    if account in CREDIT:
        return Balance(scope, account, period, sums, None, None, sums["credit"])
    inputs = sums_of(ALUMINIUM) if account == SCRAP else sums
    came = bool(inputs["coc-in"] or inputs["other-in"])
    percentage = calc_input_percentage(inputs["coc-in"], inputs["other-in"])
    with_alloying = calc_input_percentage(inputs["coc-in"], inputs["other-in"], inputs["alloying-in"], include_alloying=True)
    calc_cap = calc_scrap_cap if account == SCRAP else calc_output_cap
    cap = calc_bounded_cap(calc_cap(percentage, sums["out"]), inputs["coc-in"], sums["out"])
    return Balance(scope, account, period, sums, percentage if came else None, with_alloying if came else None, cap)


def balances(connection: Connection, scope: str, period: str) -> list[Balance]:
    """Balances of every account of masses."""
    return [balance(connection, scope, account, period) for account in (*PERCENTAGE, SCRAP, *CREDIT)]


def monthly(connection: Connection, scope: str, period: str) -> dict[str, dict[str, dict[str, int]]]:
    """Sums by account, month and kind: the monthly reconciliation, linear in the postings."""
    query = (
        select(posting.c.account, posting.c.month, posting.c.kind, func.sum(posting.c.amount))
        .where(posting.c.scope == scope, posting.c.period == period)
        .group_by(posting.c.account, posting.c.month, posting.c.kind)
        .order_by(posting.c.account, posting.c.month, posting.c.kind)
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for account, month, kind, amount in connection.execute(query):
        found.setdefault(account, {}).setdefault(month, {})[kind] = int(amount)
    return found
