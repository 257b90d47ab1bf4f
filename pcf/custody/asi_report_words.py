"""The yearly report to ASI in sentences."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pcf.custody.ledger import SCRAP
from pcf.custody.wording import cut_percent, word_rules
from pcf.text import text

if TYPE_CHECKING:
    from pcf.custody.accounts import Balance
    from pcf.custody.asi_report import AsiReport

Say = Callable[..., str]

DIGITS = 4
"""Decimals of an input percentage."""


def word_report(found: AsiReport, language: str) -> list[str]:
    """The report for people.

    Parameters
    ----------
    found : AsiReport
    language : str
        `en` or `zh`.
    """

    def say(key: str, **fields: object) -> str:
        return text(f"asi-report.{key}", language, **{n: f"{v:,}" if isinstance(v, int) else v for n, v in fields.items()})

    span, scrap = found.span, found.scrap
    lines = [
        say("heading", scope=found.scope, name=found.name, period=span.id, start=span.start, end=span.end),
        say("certificate", certificate=found.certificate or "–", representative=found.representative or "–"),
        say("due", due=found.due),
        *([] if found.final else [say("not-final")]),
        *([] if found.calendar_year else [say("other-year")]),
        *([say("indicative")] if found.indicative else []),
    ]
    for item in found.accounts.values():
        lines += _word_account(item, found, say, language)
    if not found.accounts:
        lines.append(say("nothing"))
    if scrap.eligible_kg or scrap.not_eligible_kg:
        lines.append(say("scrap", eligible=scrap.eligible_kg, post=scrap.post_kg, pre=scrap.pre_kg, rest=scrap.not_eligible_kg))
    return [*lines, word_rules(found.rules, language)]


def _word_account(item: Balance, found: AsiReport, say: Say, language: str) -> list[str]:
    sums, settled = item.sums, item.settlement
    lines = [text(f"account.{item.account}", language)]
    if item.account != SCRAP:
        lines.append(say("input", coc=sums["coc-in"], other=sums["other-in"], alloying=sums["alloying-in"]))
    if item.percentage is not None and item.with_alloying is not None:
        lines.append(say(
            "percentage-scrap" if item.account == SCRAP else "percentage", share=cut_percent(item.percentage, DIGITS),
            with_alloying=cut_percent(item.with_alloying, DIGITS),
        ))  # fmt: skip
    lines += [
        say("output", total=sums["out"], cap=item.cap, coc=sums["issued"]),
        say(
            "balance", carried=sums["carried-in"], drawn=settled.drawn_from_carry, expired=settled.expired, left=settled.positive_balance
        ),
    ]  # fmt: skip
    if sums["overdraft-in"] or settled.overdraft:
        records = text("rule-mark.comma", language).join(found.overdraft_records.get(item.account, ())) or "–"
        lines.append(say(
            "overdraft", before=sums["overdraft-in"], used=settled.overdraft, limit=item.overdraft_limit, records=records
        ))  # fmt: skip
    return lines
