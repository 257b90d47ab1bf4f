"""Balances of the attribute accounts from the sums of their postings (F1–F7), and their reconciliation by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from sqlalchemy import Connection, func, select

from pcf.custody.equations import (
    Settlement,
    calc_bounded_cap,
    calc_input_percentage,
    calc_output_cap,
    calc_overdraft_limit,
    calc_scrap_cap,
    settle,
    share_input,
)
from pcf.custody.ledger import ALUMINIUM, CREDIT, KINDS, PERCENTAGE, POWER, SCRAP, Ledger, read_sums
from pcf.custody.rules import setting
from pcf.custody.tables import posting

Sums = Mapping[str, int]
"""Sum of each kind of an account's postings [kg]."""

MASSES = (*PERCENTAGE, SCRAP, *CREDIT)
"""Accounts of masses, in the order in which they are shown."""


@dataclass(frozen=True)
class Balance:
    """An account in a period, and how it would end if the period ended now; masses in kg.

    Attributes
    ----------
    percentage, with_alloying : Fraction, optional
        Input percentage, and the same with alloying elements in the denominator; None where nothing came in.
    own_cap : int
        What may be designated of the account's own output so far, floored (F2, F3, R27).
    cap : int
        The same less what the other account has used of the CoC input that aluminium and eligible scrap share.
    settlement : Settlement
        F4–F6. Of an input that both accounts share, aluminium keeps first what neither has used.
    """

    account: str
    sums: Sums
    percentage: Fraction | None
    with_alloying: Fraction | None
    own_cap: int
    cap: int
    settlement: Settlement
    overdraft_limit: int

    @property
    def available(self) -> int:
        """What may still be issued [kg] (F7); below zero the account is overdrawn."""
        return self.cap + self.sums["carried-in"] - self.sums["overdraft-in"] - self.sums["issued"] - self.sums["expired"]

    @property
    def is_used(self) -> bool:
        """Whether anything was posted."""
        return any(self.sums.values())


def calc_balances(sums: Mapping[str, Sums], share: Fraction | None = None) -> dict[str, Balance]:
    """Balances of accounts of one scope and period.

    Parameters
    ----------
    sums : mapping of str to Sums
        By account. Aluminium and eligible scrap come together: they share an input.
    share : Fraction, optional
        Permitted share of an overdraft [1]; by default the setting `overdraft-share`.
    """
    share = setting("overdraft-share") if share is None else share
    own = {name: _own_cap(name, found, _inputs(name, sums)) for name, found in sums.items()}
    caps, closing = dict(own), dict(own)
    if ALUMINIUM in sums and SCRAP in sums:
        wanted = [
            max(sums[name]["issued"] + sums[name]["overdraft-in"] - sums[name]["carried-in"], 0) for name in (ALUMINIUM, SCRAP)
        ]
        shared = share_input(sums[ALUMINIUM]["coc-in"], (own[ALUMINIUM], own[SCRAP]), (wanted[0], wanted[1]))
        caps[ALUMINIUM] = closing[ALUMINIUM] = shared.aluminium
        caps[SCRAP], closing[SCRAP] = shared.scrap, shared.scrap_at_close
    return {
        name: _balance(name, found, _inputs(name, sums), (own[name], caps[name], closing[name]), share)
        for name, found in sums.items()
    }


def _inputs(account: str, sums: Mapping[str, Sums]) -> Sums:
    return sums[ALUMINIUM] if account == SCRAP else sums[account]


def _own_cap(account: str, sums: Sums, inputs: Sums) -> int:
    if account in CREDIT:
        return sums["credit"]
    percentage = calc_input_percentage(inputs["coc-in"], inputs["other-in"])
    calc_cap = calc_scrap_cap if account == SCRAP else calc_output_cap
    return calc_bounded_cap(calc_cap(percentage, sums["out"]), inputs["coc-in"], sums["out"])


def _balance(account: str, sums: Sums, inputs: Sums, caps: tuple[int, int, int], share: Fraction) -> Balance:
    own, cap, closing = caps
    percentage = with_alloying = None
    if account not in CREDIT and (inputs["coc-in"] or inputs["other-in"]):
        percentage = calc_input_percentage(inputs["coc-in"], inputs["other-in"])
        with_alloying = calc_input_percentage(inputs["coc-in"], inputs["other-in"], inputs["alloying-in"], include_alloying=True)
    settled = settle(cap=closing, issued=sums["issued"], carried_in=sums["carried-in"], overdraft_in=sums["overdraft-in"])
    return Balance(account, sums, percentage, with_alloying, own, cap, settled, calc_overdraft_limit(sums["coc-in"], share))


def read_balances(
    connection: Connection, scope: str, period: str, ledger: Ledger | None = None, accounts: Iterable[str] = MASSES
) -> dict[str, Balance]:
    """Balances of accounts, from a transaction's own ledger where one is given."""
    if ledger is not None:
        return calc_balances({name: ledger.sums(scope, name, period) for name in accounts})
    return calc_balances({name: read_sums(connection, scope, name, period) for name in accounts})


def balance(connection: Connection, scope: str, account: str, period: str, ledger: Ledger | None = None) -> Balance:
    """Balance of one account, from a transaction's own ledger where one is given."""
    together = (ALUMINIUM, SCRAP) if account in (ALUMINIUM, SCRAP) else (account,)
    return read_balances(connection, scope, period, ledger, together)[account]


def monthly(connection: Connection, scope: str, period: str) -> dict[str, dict[str, dict[str, int]]]:
    """Sums by account, month and kind: the monthly reconciliation, linear in the postings."""
    query = (
        select(posting.c.account, posting.c.month, posting.c.kind, func.sum(posting.c.amount))
        .where(posting.c.scope == scope, posting.c.period == period, posting.c.kind.in_(KINDS))
        .group_by(posting.c.account, posting.c.month, posting.c.kind)
        .order_by(posting.c.account, posting.c.month, posting.c.kind)
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for account, month, kind, amount in connection.execute(query):
        found.setdefault(account, {}).setdefault(month, {})[kind] = int(amount)
    return found


def running(connection: Connection, scope: str, period: str) -> dict[str, list[tuple[str, Balance]]]:
    """Each account that is used at the end of each month: as if nothing had been posted after it."""
    found = {name: months for name, months in monthly(connection, scope, period).items() if name in MASSES}
    sums = {name: dict.fromkeys(KINDS, 0) for name in MASSES}
    made: dict[str, list[tuple[str, Balance]]] = {name: [] for name in MASSES if name in found}
    for month in sorted({month for months in found.values() for month in months}):
        for name, months in found.items():
            for kind, amount in months.get(month, {}).items():
                sums[name][kind] += amount
        state = calc_balances(sums)
        for name in made:
            # A copy: the sums go on.
            made[name].append((month, replace(state[name], sums=dict(sums[name]))))
    return made


def power_months(connection: Connection, scope: str, first: str, last: str) -> dict[str, tuple[int, int]]:
    """Renewable power of a scope by month, from one to another: what its evidence credits and what matches spent [Wh]."""
    query = (
        select(posting.c.month, posting.c.kind, func.sum(posting.c.amount))
        .where(posting.c.scope == scope, posting.c.account == POWER, posting.c.month >= first, posting.c.month <= last)
        .group_by(posting.c.month, posting.c.kind).order_by(posting.c.month)
    )  # fmt: skip
    sums: dict[str, dict[str, int]] = {}
    for month, kind, amount in connection.execute(query):
        sums.setdefault(month, {})[kind] = int(amount)
    return {month: (found.get("credit", 0), found.get("issued", 0)) for month, found in sums.items()}
