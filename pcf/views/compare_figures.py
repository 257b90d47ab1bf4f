"""Figures of a comparison: stages side by side, the waterfall between two, the distributions, the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pcf.engine.contrast import TAIL, Contrast
from pcf.engine.summary import Summary
from pcf.errors import InputError
from pcf.text import text, texts
from pcf.views import basis, heading
from pcf.views.figures import percent
from pcf.views.heading import comma, is_hypothetical

if TYPE_CHECKING:
    from pcf.charts import Chart, Density, Frame

LONGEST = 60
"""Letters of a label in a picture."""


def draw(
    found: Contrast, items: Sequence[Mapping[str, Any]], labels: Sequence[str], picture: str | None, made: Mapping[str, Any], lang: str
) -> Chart:  # fmt: skip
    """The picture that is asked for, else the one that fits: the waterfall of two variants, the stages of more."""
    from pcf.charts import Variant, difference, distribution, stacked_bars, waterfall

    ranked = all(found.feasible) and not found.mixed
    kind = picture or ("waterfall" if len(items) == 2 and ranked else "stages")
    letters = [item["letter"] for item in made["variants"]]
    names = [f"{letter}  {_short(label)}" for letter, label in zip(letters, labels, strict=True)]
    if kind in ("waterfall", "difference"):
        if len(items) != 2:
            raise InputError(f"--picture {kind}", f"{len(items)} variants", "two variants, or another picture")
        if not all(found.feasible):
            raise InputError(f"--picture {kind}", "a charge that misses the limits of its alloy", "--picture stages")
    made_frame = _frame(found, items, names, kind, made, lang)
    if kind == "difference":
        pair = found.pairs[0].difference
        if not pair.summary.count:
            raise InputError("--picture difference", "no draw in which both charges meet their limits", "--picture stages")
        if pair.summary.least == pair.summary.most == 0:
            raise InputError("--picture difference", "variants that are the same in every draw", "--picture stages")
        one = density(f"{letters[0]} − {letters[1]}", pair.summary, pair.base)
        return difference(one, letters[0], letters[1], pair.probability_lower, made_frame)
    if kind == "distributions":
        rows = zip(names, found.comparison.summaries, items, strict=True)
        return distribution([density(name, summary, item["total"]["value"]) for name, summary, item in rows], made_frame)
    shown = letters if kind == "waterfall" else names
    bars = [
        Variant(name, stages, good, "" if good else text("figure.misses-limits", lang))
        for name, stages, good in zip(shown, found.stages, found.feasible, strict=True)
    ]
    return waterfall(bars[0], bars[1], made_frame) if kind == "waterfall" else stacked_bars(bars, made_frame)


def _frame(
    found: Contrast, items: Sequence[Mapping[str, Any]], names: Sequence[str], kind: str, made: Mapping[str, Any], lang: str
) -> Frame:  # fmt: skip
    """Title and footer for all variants: a mark where their methods differ, the share of assumed values of each."""
    dot, letters = " · ", [item["letter"] for item in made["variants"]]
    lines = []
    if found.mixed:
        choices = comma(lang).join(texts(lang).get(f"choice.{name}", name) for name in found.mixed)
        lines.append(text("message.mixed", lang, choices=choices))
    elif len(items) == 2:
        lines.append(made["pairs"][0]["verdict"]["text"])
    if kind in ("waterfall", "difference"):
        lines.insert(0, dot.join(names))
    plain = basis.frame(items[0], lang, text(f"figure.compare-{kind}", lang), subtitle="\n".join(lines))
    assumed = [
        f"{letter} {percent(item['evidence']['source_check']['assumed'], lang)}"
        for letter, item in zip(letters, items, strict=True)
    ]
    footer = replace(
        plain.footer, evidence=text("figure.assumed", lang, shares=comma(lang).join(assumed)),
        note=dot.join([
            *([text("message.hypothetical", lang)] if any(is_hypothetical(item) for item in items) else []),
            text("verdict.internal", lang),
        ]),
    )  # fmt: skip
    if found.mixed:
        each = [
            (letter, heading.boundary(item, lang), heading.method_line(item, lang))
            for letter, item in zip(letters, items, strict=True)
        ]
        footer = replace(footer, boundary="; ".join(f"{letter}: {boundary}" for letter, boundary, _ in each))
        footer = replace(footer, method="; ".join(f"{letter}: {method}" for letter, _, method in each))
    return replace(plain, footer=footer)


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else label[: LONGEST - 1] + "…"


def density(name: str, summary: Summary, base: float | None) -> Density:
    """A distribution as figures take it."""
    from pcf.charts import Density

    edges, shares = summary.density()
    low, high = summary.quantiles((TAIL, 1 - TAIL))
    return Density(name, edges.tolist(), shares.tolist(), low, high, base)
