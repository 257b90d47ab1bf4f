"""Green low-carbon aluminium of a heat in sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pcf.custody.content import POST, PRE
from pcf.custody.grades import FOOTPRINT, Criterion
from pcf.custody.wording import cut_percent, word_rules
from pcf.text import text

if TYPE_CHECKING:
    from pcf.custody.green import Blend, Line
    from pcf.custody.green_power import Match

Say = Callable[..., str]

OPEN = ("thresholds", "shares", "validity", "label", "trace-list", "power-need", "base")
"""What of the standards' text is not confirmed, or not known here."""


def word_blend(found: Blend, language: str) -> list[str]:
    """The blend for people: shares, trace record, grade, and what is not confirmed.

    Parameters
    ----------
    found : Blend
    language : str
        `en` or `zh`.
    """

    def say(key: str, **fields: object) -> str:
        return text(f"green.{key}", language, **fields)

    of = found.heat
    shares = {name: cut_percent(share) for name, share in of.shares.items()}
    return [
        say("heading", heat=of.id, date=of.date, site=of.site, product=of.product, mass=f"{of.product_kg:,}"),
        say("aligned"),
        say("basis", boundary=text("same-process.company", language)),
        say("green", share=cut_percent(found.green)),
        say("recycled", share=cut_percent(found.recycled), post=shares[POST], pre=shares[PRE]),
        say("green-power", share=shares["green-power"]),
        say("rest", primary=shares["primary"], alloying=shares["alloying"], other=shares["other"]),
        say("record"),
        *(_word_line(line, say, language) for line in of.lines),
        say(
            "balance", charged=f"{of.charged_kg:,}", product=f"{of.product_kg:,}", returns=f"{of.returns_kg:,}",
            dross=f"{of.dross_kg:,}", loss=f"{of.loss_kg:,}",
        ),
        *_word_sources(found, say),
        *_word_power(found, say, language),
        *_word_grading(found, say, language),
        say("open"),
        *(say(f"open-{name}") for name in OPEN),
        word_rules(found.rules, language),
    ]  # fmt: skip


def _word_line(line: Line, say: Say, language: str) -> str:
    named = text("green.own", language) if line.content_class == "own" else text(f"class.{line.content_class}", language)
    parts = [say("line", unit=line.unit, mass=f"{line.mass_kg:,}", content=named)]
    parts += [f"{text(f'field.{key}', language)} {line.record[key]}" for key in ("supplier", "ticket") if key in line.record]
    if "document_reference" in line.record:
        parts.append(say("document", document=f"{line.record['document_issuer']}/{line.record['document_reference']}"))
    if "footprint" in line.record:
        of = line.record
        words = " · ".join(
            filter(None, (of.get(f"footprint_{name}", "") for name in ("boundary", "gwp", "standard", "document")))
        )
        parts.append(say("footprint", value=of["footprint"], of=words or text("green.not-stated", language)))
    if "note" in line.record:
        parts.append(say("note", note=line.record["note"]))
    if line.content_class in ("primary", "own"):
        share = cut_percent(line.green)
        parts.append(say(f"evidence-{line.evidence}", share=share, heats=text("rule-mark.comma", language).join(line.sources)))
    return text("green.joint", language).join(parts)


def _word_sources(found: Blend, say: Say) -> list[str]:
    return [
        say("source", heat=item.id, site=item.site, date=item.date, product=item.product, share=cut_percent(item.shares["green-power"]))
        for item in found.sources
    ]  # fmt: skip


def _word_power(found: Blend, say: Say, language: str) -> list[str]:
    if not found.matches:
        return [say("no-power")]
    lines = []
    for item in found.coverages:
        lines.append(say(
            "coverage", site=item.site, product=item.product, month=item.month, covered=f"{item.covered_kg:,}", cast=f"{item.cast_kg:,}",
            share=cut_percent(item.share),
        ))  # fmt: skip
        lines += [_word_match(match, say, language) for match in item.matches]
    return lines


def _word_match(match: Match, say: Say, language: str) -> str:
    rate = "–" if match.mwh_per_t is None else f"{match.mwh_per_t:.2f}"
    parts = [say(
        "match", match=match.id, mwh=f"{match.wh / 1e6:,.6g}", mass=f"{match.mass_kg:,}", rate=rate,
        technology=text(f"green.power-{match.technology}", language), evidence=match.evidence,
        kind=text(f"green.kind-{match.kind}", language),
    )]  # fmt: skip
    if match.serials:
        parts.append(say("serials", registry=match.registry, serials=text("rule-mark.comma", language).join(match.serials)))
    if match.cancelled_on:
        parts.append(say("cancelled", date=match.cancelled_on))
    if not match.counts:
        parts.append(say("not-green"))
    return text("green.joint", language).join(parts)


def _word_grading(found: Blend, say: Say, language: str) -> list[str]:
    grading = found.grading
    if not grading.evaluated:
        return [say("not-evaluated")]
    lines = [say("grade", grade=grading.grade.name, source=grading.grade.source) if grading.grade else say("no-grade")]
    for verdict in grading.verdicts:
        words = text("rule-mark.comma", language).join(_word_criterion(item, say) for item in verdict.criteria)
        lines.append(say("verdict-met" if verdict.met else "verdict-not-met", grade=verdict.grade.name, criteria=words))
    return lines


def _word_criterion(item: Criterion, say: Say) -> str:
    if item.name == FOOTPRINT:
        return say("criterion-max_footprint", found=f"{float(item.found):.3f}", limit=f"{float(item.limit):g}")
    return say(f"criterion-{item.name}", found=cut_percent(item.found), limit=f"{float(100 * item.limit):g}")
