"""The one place that rounds numbers for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.text import texts


def decimals_of(total: float) -> int:
    """Decimals of a table in tCO2e/t: three significant digits of its total, at most three decimals."""
    size = abs(total)
    return 1 if size >= 100 else 2 if size >= 1 else 3


def tonnes(value: float, decimals: int | None = None) -> str:
    """tCO2e/t for people; nothing at all is a dash."""
    if value == 0:
        return "–"
    return f"{value:.{decimals_of(value) if decimals is None else decimals}f}"


def percent(share: float, lang: str = "en") -> str:
    """A share as whole per cent; what is there but small shows as such."""
    return with_percent("<1" if 0 < share < 0.005 else f"{100 * share:.0f}", lang)


def with_percent(number: str, lang: str) -> str:
    """A number with the per cent sign as the language sets it."""
    return f"{number}%" if lang == "zh" else f"{number} %"


def option_title(option: str, lang: str) -> str:
    """Name of a preset or option of a share group, such as a kind of power; its own id where it has no title."""
    return texts(lang).get(f"option.{option}", option)


def plain(value: float) -> str:
    """A value of the data as people write it: up to six significant digits, thousands without separator."""
    return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.4g}"


def with_unit(value: float, unit: str) -> str:
    """A value with its unit; a plain number stands alone."""
    return plain(value) if unit in ("1", "") else f"{plain(value)} {unit}"


def shown_value(value: Any, unit: str, lang: str) -> str:
    """A value of a document: a number, shares or a name."""
    if value is None:
        return "–"
    if isinstance(value, Mapping):
        return shown_shares(value, lang)
    return with_unit(value, unit) if isinstance(value, int | float) else str(value)


def shown_shares(shares: Mapping[str, float], lang: str) -> str:
    """Shares as per cent, the largest first."""
    parts = [
        f"{name} {with_percent(f'{100 * share:.4g}', lang)}" for name, share in sorted(shares.items(), key=lambda item: -item[1])
    ]
    return ("、" if lang == "zh" else ", ").join(parts)
