"""Numbers on figures, rounded as everywhere else in the program: significant digits by size, at most three decimals."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

MINUS = "−"
NOTHING = "–"


def decimals_of(total: float) -> int:
    """Decimals in tCO2e/t: three significant digits of a total, at most three decimals."""
    size = abs(total)
    return 1 if size >= 100 else 2 if size >= 1 else 3


def tonnes(value: float, decimals: int | None = None) -> str:
    """A number of tCO2e/t for people; nothing at all is a dash, and a minus is a real one."""
    if value == 0:
        return NOTHING
    return _fixed(value, decimals_of(value) if decimals is None else decimals)


def signed(value: float, decimals: int) -> str:
    """A difference with its sign; what rounds to nothing has none."""
    shown = _fixed(value, decimals)
    return shown if shown.startswith(MINUS) or not float(shown) else f"+{shown}"


def percent(share: float, lang: str) -> str:
    """A share as whole per cent; neither the nearly impossible nor the nearly certain is rounded away."""
    if 0 < share < 0.005:
        number = "<1"
    elif 0.995 <= share < 1:
        number = ">99"
    else:
        number = f"{100 * share:.0f}"
    return with_percent(number, lang)


def with_percent(number: str, lang: str) -> str:
    """A number with the per cent sign as the language sets it."""
    return f"{number}%" if lang == "zh" else f"{number} %"


def ticks(low: float, high: float, count: int = 6) -> list[float]:
    """Round values that divide a range, all of them within it."""
    from matplotlib.ticker import MaxNLocator

    values = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [float(value) for value in values if low - slack <= value <= high + slack]


def tick_labels(values: Sequence[float]) -> list[str]:
    """Labels of equally spaced ticks, all with the decimals that the step needs (at most three)."""
    step = min((b - a for a, b in itertools.pairwise(values)), default=1.0)
    decimals = next((places for places in range(3) if math.isclose(round(step, places), step, rel_tol=1e-6)), 3)
    if values and max(abs(value) for value in values) < 5e-4:
        return [f"{value:g}" for value in values]
    return [_fixed(value, decimals) for value in values]


def _fixed(value: float, decimals: int) -> str:
    shown = f"{value:.{decimals}f}"
    if not float(shown):
        shown = shown.lstrip("-")
    return shown.replace("-", MINUS)
