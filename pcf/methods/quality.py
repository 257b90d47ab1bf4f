"""Data-quality rating of a result: five indicators from 1 (best) to 5, weighted by contribution.

The scheme is this program's own (pedigree scores where a value has them, else rules on its marks); it is not an annex of a
standard, and scores of other schemes are not converted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pcf.catalogue import Catalogue, Marks, Quantity
from pcf.engine import Footprint, Leaf, at, leaves

INDICATORS = ("reliability", "completeness", "time", "geography", "technology")
RELIABILITY = {"source-read": 2, "transcribed": 3, "derived": 3, "assumed": 5}


@dataclass(frozen=True)
class Rating:
    """Mean score of each indicator and of all, weighted by contribution; `on_site` and `background` are means over all indicators.

    On site is what the product's own site emits; None where a part does not exist.
    """

    scores: Mapping[str, float]
    overall: float
    on_site: float | None
    background: float | None


def rate_quality(footprint: Footprint) -> Rating:
    """Rate a result; each emission takes the worst score of the values behind its amount and its factor."""
    sums = dict.fromkeys(INDICATORS, 0.0)
    total = 0.0
    parts = {True: [0.0, 0.0], False: [0.0, 0.0]}
    for leaf in leaves(footprint.system, footprint.solution):
        weight = at(leaf.value, 0)
        if weight <= 0:
            continue
        scores = _leaf_scores(footprint.system.catalogue, leaf)
        total += weight
        part = parts[leaf.node.scope is footprint.system.own]
        part[0] += weight * sum(scores.values()) / len(INDICATORS)
        part[1] += weight
        for name in INDICATORS:
            sums[name] += weight * scores[name]
    means = {name: value / total if total else 5.0 for name, value in sums.items()}
    on_site, background = (part[0] / part[1] if part[1] else None for part in (parts[True], parts[False]))
    return Rating(means, sum(means.values()) / len(means), on_site, background)


def _leaf_scores(catalogue: Catalogue, leaf: Leaf) -> dict[str, float]:
    scope = leaf.node.scope
    quantities = [scope.quantities[name] for name in leaf.link.names if name in scope.quantities]
    if leaf.link.factor is not None:
        quantities.append(leaf.link.factor.quantity)
    years = [int(digits) for item in quantities if (digits := str(item.marks.year)[:4]).isdigit()]
    year = scope.site.year if scope.site else max(years, default=0)
    rated = [score_quantity(catalogue, item, year, scope.geography) for item in quantities]
    if not rated:
        return dict.fromkeys(INDICATORS, 5.0)
    return {name: float(max(scores[name] for scores in rated)) for name in INDICATORS}


def score_quantity(catalogue: Catalogue, quantity: Quantity, year: int, geography: str) -> dict[str, int]:
    """Five scores of one value for use in a year and a geography."""
    spread = quantity.uncertainty or {}
    if "pedigree" in spread:
        return dict(zip(INDICATORS, spread["pedigree"], strict=True))
    marks = quantity.marks
    sets = int(spread.get("sets", 0) or 0)
    return {
        "reliability": 1 if marks.data_class == "primary" else RELIABILITY[marks.source_check],
        "completeness": 1 if marks.data_class == "primary" else 2 if sets >= 3 else 3 if sets else 4,
        "time": _time(catalogue, marks, year),
        "geography": _geography(marks.geography, geography),
        "technology": 1 if marks.data_class == "primary" else 4 if marks.source_check == "assumed" else 3,
    }


def _time(catalogue: Catalogue, marks: Marks, year: int) -> int:
    digits = str(marks.year)[:4]
    if not digits.isdigit():
        return 5
    age = abs(year - int(digits))
    for score in (1, 2, 3, 4):
        rows = catalogue.factors[f"quality-age-{score}"]
        if age < rows[max(rows)].quantity.value:
            return score
    return 5


def _geography(found: str, wanted: str) -> int:
    if found == wanted:
        return 1
    if found.split("-")[0] == wanted.split("-")[0]:
        return 2
    return 3 if found in {"GLO", "RoW"} else 4
