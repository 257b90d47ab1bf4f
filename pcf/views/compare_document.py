"""The JSON document of a comparison, `pcf/compare/1`, and its tables."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

from pcf.catalogue import STAGES
from pcf.engine.contrast import TAIL, Contrast, Pair, calc_stage_differences
from pcf.engine.paired import CONFIDENCE
from pcf.engine.summary import Summary
from pcf.text import text
from pcf.views.basis import UNIT, basis_of, interval, notes_of
from pcf.views.compare_wording import word_verdict
from pcf.views.table_files import ResultTable

SCHEMA = "pcf/compare/1"
LETTERS = string.ascii_uppercase


def compare_document(
    found: Contrast, items: Sequence[Mapping[str, Any]], labels: Sequence[str], size: int, seed: int, lang: str
) -> dict[str, Any]:
    """A comparison as documents have it; all values in tCO2e/t, differences by stage to the first variant."""
    variants = [
        {
            "letter": LETTERS[index],
            "label": label,
            **basis_of(item),
            "total": item["total"],
            "stages": stages,
            "difference_to_first": calc_stage_differences(found.stages[0], stages),
            "spread": spread(summary),
            "infeasible_share": infeasible,
        }
        for index, (label, item, stages, summary, infeasible) in enumerate(
            zip(labels, items, found.stages, found.comparison.summaries, found.comparison.infeasible, strict=True)
        )
    ]
    made: dict[str, Any] = {
        "schema": SCHEMA,
        "unit": UNIT,
        "variants": variants,
        "mixed": list(found.mixed),
        "draws": {
            "size": size, "seed": seed, "uncertain_inputs": found.comparison.uncertain_inputs,
            "shared_inputs": found.comparison.shared_inputs,
        },
        "pairs": [],
        "statement": text("verdict.internal", lang),
    }  # fmt: skip
    for pair in found.pairs:
        entry = _pair(pair)
        entry["verdict"]["text"] = word_verdict(entry, made, lang)
        made["pairs"].append(entry)
    return made


def spread(summary: Summary) -> dict[str, Any]:
    """Statistics of a distribution as documents have them."""
    low, median, high = summary.quantiles((TAIL, 0.5, 1 - TAIL))
    return {
        "draws": summary.count, "mean": summary.mean, "median": median, "standard_deviation": summary.deviation,
        "interval": interval(low, high, CONFIDENCE),
    }  # fmt: skip


def _pair(pair: Pair) -> dict[str, Any]:
    difference = pair.difference
    known = difference.summary.count > 0
    return {
        "first": LETTERS[difference.first],
        "second": LETTERS[difference.second],
        "difference": difference.base,
        "spread": spread(difference.summary) if known else None,
        "feasible_share": pair.difference.feasible_share,
        "probability_lower": difference.probability_lower if pair.verdict not in ("infeasible", "mixed") else None,
        "smallest_claimable": difference.claimable if known else None,
        "envelope": [
            {"choice": choice, "option": option, "difference": value} for (choice, option), value in difference.envelope.items()
        ],
        "holds_under_every_choice": not pair.against,
        "against": [{"choice": choice, "option": option} for choice, option in pair.against],
        "mixed": list(pair.mixed),
        "verdict": {"id": pair.verdict},
    }


def compare_tables(made: Mapping[str, Any], items: Sequence[Mapping[str, Any]], lang: str) -> list[ResultTable]:
    """Variants, and pairs, as tables."""
    variants = made["variants"]
    stages = [stage for stage in STAGES if any(stage in item["stages"] for item in variants)]
    columns: dict[str, list[Any]] = {
        "variant": [item["letter"] for item in variants],
        "label": [item["label"] for item in variants],
        "product": [item["product"]["id"] for item in variants],
        "total": [item["total"]["value"] for item in variants],
        "low": [item["spread"]["interval"]["low"] for item in variants],
        "median": [item["spread"]["median"] for item in variants],
        "high": [item["spread"]["interval"]["high"] for item in variants],
        "infeasible_share": [item["infeasible_share"] for item in variants],
        "feasible": [item["feasible"] for item in variants],
    }
    columns |= {f"stage {stage}": [item["stages"].get(stage, 0.0) for item in variants] for stage in stages}
    columns |= {f"difference {stage}": [item["difference_to_first"].get(stage, 0.0) for item in variants] for stage in stages}
    # What is of one variant alone stands in its row; what is left is of all of them.
    own = [notes_of(item, lang) for item in items]
    columns |= {name: [notes.get(name, "") for notes in own] for name in ("changes", "evidence")}
    notes = {name: value for name, value in own[0].items() if name not in ("changes", "evidence")}
    if made["mixed"]:
        notes |= {"boundary": "mixed", "method": f"MIXED METHODS: {', '.join(made['mixed'])}"}
    notes["statement"] = made["statement"]
    pairs: dict[str, list[Any]] = {name: [pair[name] for pair in made["pairs"]] for name in _PAIR_COLUMNS}
    pairs["low"] = [pair["spread"] and pair["spread"]["interval"]["low"] for pair in made["pairs"]]
    pairs["high"] = [pair["spread"] and pair["spread"]["interval"]["high"] for pair in made["pairs"]]
    pairs["verdict"] = [pair["verdict"]["id"] for pair in made["pairs"]]
    pairs["statement"] = [f"{pair['verdict']['text']} {made['statement']}" for pair in made["pairs"]]
    return [ResultTable("variants", columns, notes), ResultTable("pairs", pairs, notes)]


_PAIR_COLUMNS = ("first", "second", "difference", "probability_lower", "smallest_claimable", "feasible_share")
