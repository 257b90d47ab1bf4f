"""Balances as an audit pack writes them: exact fractions, and percentages whose digits are cut off."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import Any

from pcf.custody.accounts import Balance
from pcf.custody.wording import cut_percent


def as_document(found: Balance) -> dict[str, Any]:
    """A balance as plain values; percentages exactly, as fractions, and in digits that are cut, not rounded."""
    return {
        "sums_kg": dict(found.sums),
        "input_percentage": _exact(found.percentage),
        "input_percentage_text": long_per_cent(found.percentage),
        "input_percentage_with_alloying": _exact(found.with_alloying),
        "input_percentage_with_alloying_text": long_per_cent(found.with_alloying),
        "own_cap_kg": found.own_cap,
        "cap_kg": found.cap,
        "available_kg": found.available,
        "overdraft_limit_kg": found.overdraft_limit,
        "settlement_kg": asdict(found.settlement),
    }


def per_cent(share: Fraction | None) -> str:
    """A share in per cent as people read it, with two decimals, cut off: what is entitled to is never rounded up (R27)."""
    return "" if share is None else cut_percent(share)


def long_per_cent(share: Fraction | None) -> str:
    """A share in per cent with six decimals for files that are computed again, cut off as well."""
    return "" if share is None else cut_percent(share, 6)


def _exact(share: Fraction | None) -> str | None:
    return None if share is None else str(share)
