"""Figures of the accounts at the end of a period, or as if it ended now (F1–F7), from the sums of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from math import floor
from typing import Any

from sqlalchemy import Connection

from pcf.custody.accounts import balances
from pcf.custody.equations import (
    Settlement,
    calc_bounded_cap,
    calc_input_percentage,
    calc_output_cap,
    calc_overdraft_limit,
    calc_scrap_cap,
    settle,
)
from pcf.custody.ledger import ALUMINIUM, CREDIT, KINDS, PERCENTAGE, SCRAP

ACCOUNTS = (*PERCENTAGE, SCRAP, *CREDIT)
"""Accounts of masses, in the order in which they are shown."""


@dataclass(frozen=True)
class Figures:
    """An account; masses in kg, percentages from 0 to 1, None where nothing came in."""

    account: str
    sums: Mapping[str, int]
    percentage: Fraction | None
    with_alloying: Fraction | None
    cap: int
    settlement: Settlement
    overdraft_limit: int

    @property
    def available(self) -> int:
        """What may still be issued [kg] (F7)."""
        sums = self.sums
        return self.cap + sums["carried-in"] - sums["overdraft-in"] - sums["issued"] - sums["expired"]

    def as_document(self) -> dict[str, Any]:
        """The figures as plain values; percentages exactly, as fractions, and in digits that are cut, not rounded."""
        return {
            "sums_kg": dict(self.sums),
            "input_percentage": _exact(self.percentage),
            "input_percentage_text": per_cent(self.percentage),
            "input_percentage_with_alloying": _exact(self.with_alloying),
            "input_percentage_with_alloying_text": per_cent(self.with_alloying),
            "cap_kg": self.cap,
            "available_kg": self.available,
            "overdraft_limit_kg": self.overdraft_limit,
            "settlement_kg": asdict(self.settlement),
        }


def calc_figures(account: str, sums: Mapping[str, int], aluminium: Mapping[str, int], share: Fraction) -> Figures:
    """Figures of an account.

    Parameters
    ----------
    sums : mapping of str to int
        Sum of each kind [kg].
    aluminium : mapping of str to int
        Those of ASI aluminium: eligible scrap leaves by its percentage (F3).
    share : Fraction
        Setting `overdraft-share` [1].
    """
    inputs = aluminium if account == SCRAP else sums
    percentage = with_alloying = None
    if account in CREDIT:
        cap = sums["credit"]
    else:
        found = calc_input_percentage(inputs["coc-in"], inputs["other-in"])
        calc_cap = calc_scrap_cap if account == SCRAP else calc_output_cap
        cap = calc_bounded_cap(calc_cap(found, sums["out"]), inputs["coc-in"], sums["out"])
        if inputs["coc-in"] or inputs["other-in"]:
            percentage = found
            with_alloying = calc_input_percentage(
                inputs["coc-in"], inputs["other-in"], inputs["alloying-in"], include_alloying=True
            )
    settled = settle(
        cap=cap, issued=sums["issued"], carried_in=max(sums["carried-in"], 0), overdraft_in=max(sums["overdraft-in"], 0)
    )
    return Figures(account, sums, percentage, with_alloying, cap, settled, calc_overdraft_limit(sums["coc-in"], share))


def read_figures(connection: Connection, scope: str, period: str, share: Fraction) -> dict[str, Figures]:
    """Figures of every account of masses as the ledger has them."""
    found = {item.account: item for item in balances(connection, scope, period)}
    aluminium = found[ALUMINIUM].sums
    return {name: calc_figures(name, {kind: found[name].sums[kind] for kind in KINDS}, aluminium, share) for name in ACCOUNTS}


def is_used(figures: Figures) -> bool:
    """Whether anything was posted to an account."""
    return any(figures.sums.values())


def per_cent(share: Fraction | None) -> str:
    """A share in per cent with six decimals, cut off: what is entitled to is never rounded up (R27)."""
    if share is None:
        return ""
    millionths = floor(share * 10**8)
    return f"{millionths // 10**6}.{millionths % 10**6:06d}"


def _exact(share: Fraction | None) -> str | None:
    return None if share is None else str(share)
