"""Words of a comparison: the verdict with its conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pcf.text import text, texts
from pcf.views.figures import percent, with_percent
from pcf.views.heading import comma

DECIMALS = 3
"""Most decimals of tCO2e/t that are ever shown."""


def decimals_for(size: float) -> int:
    """Decimals of a difference: two significant digits, one at least and three at most."""
    decimals = 1
    while decimals < DECIMALS and abs(size) < 10 ** (1 - decimals):
        decimals += 1
    return decimals


def signed(value: float, decimals: int) -> str:
    """A difference with its sign; what rounds to nothing has none."""
    shown = f"{value:+.{decimals}f}"
    return shown.lstrip("+-") if not float(shown) else shown.replace("-", "−")


def likelihood(share: float, lang: str) -> str:
    """A probability from draws: neither the nearly impossible nor the nearly certain is rounded away."""
    if share < 0.005:
        return with_percent("<1", lang)
    return with_percent(">99", lang) if share >= 0.995 else percent(share, lang)


def choice_name(choice: str, option: str, lang: str) -> str:
    """A choice of the method with one of its options, in words."""
    known = texts(lang)
    shown = known.get(f"choice.{choice}.{option}", option)
    return text("message.choice", lang, choice=known.get(f"choice.{choice}", choice), option=shown)


def word_verdict(pair: Mapping[str, Any], made: Mapping[str, Any], lang: str) -> str:
    """What may be said about a pair, with every condition."""
    by_letter = {item["letter"]: item for item in made["variants"]}
    first, second = by_letter[pair["first"]], by_letter[pair["second"]]
    kind = pair["verdict"]["id"]
    if kind == "higher":
        first, second = second, first
    decimals = decimals_for(pair["smallest_claimable"] or 1)
    fields = {"first": first["letter"], "second": second["letter"]}
    if kind in ("lower", "higher"):
        ends = sorted(abs(pair["spread"]["interval"][end]) for end in ("low", "high"))
        share = pair["probability_lower"]
        sure = share if kind == "lower" else 1 - share
        shown = text(
            "verdict.lower", lang, **fields, amount=f"{abs(pair['spread']['median']):.{decimals}f}", low=f"{ends[0]:.{decimals}f}",
            high=f"{ends[1]:.{decimals}f}", share=likelihood(sure, lang),
        )  # fmt: skip
    elif kind == "undecided":
        shown = text(
            "verdict.undecided", lang, **fields, share=likelihood(pair["probability_lower"], lang),
            amount=f"{abs(pair['difference']):.{decimals}f}", claimable=f"{pair['smallest_claimable']:.{decimals}f}",
        )  # fmt: skip
    elif kind == "infeasible":
        bad = [item["letter"] for item in (first, second) if not item["feasible"]]
        if bad:
            return text("verdict.infeasible", lang, **fields, variants=comma(lang).join(bad))
        return text("verdict.seldom-feasible", lang, **fields, share=percent(pair["feasible_share"], lang))
    elif kind == "mixed":
        names = comma(lang).join(texts(lang).get(f"choice.{name}", name) for name in pair["mixed"])
        return text("verdict.mixed", lang, **fields, choices=names)
    else:
        return text("verdict.same", lang, **fields)
    return " ".join([shown, *_conditions(pair, kind, lang)]) if lang == "en" else "".join([shown, *_conditions(pair, kind, lang)])


def _conditions(pair: Mapping[str, Any], kind: str, lang: str) -> list[str]:
    found = []
    if kind != "undecided":
        if pair["against"]:
            turned = [choice_name(item["choice"], item["option"], lang) for item in pair["against"]]
            found.append(text("verdict.turns", lang, choices=("；" if lang == "zh" else "; ").join(turned)))
        else:
            found.append(text("verdict.holds", lang))
    if pair["feasible_share"] < 1:
        found.append(text("verdict.feasible-draws", lang, share=percent(pair["feasible_share"], lang)))
    return found
