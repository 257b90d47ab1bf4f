"""The yearly report of a scope to ASI, as the ledger has it: inputs, outputs, percentages and balances of each account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.catalogue import nearest
from pcf.custody.accounts import Balance, read_balances
from pcf.custody.asi_report_words import word_report
from pcf.custody.audit.figures import long_per_cent
from pcf.custody.book import Span, read_periods
from pcf.custody.ledger import ALUMINIUM, PERCENTAGE, POST, PRE, SCRAP
from pcf.custody.masters import read_now
from pcf.custody.rules import Rule, rule, setting
from pcf.custody.standing import stands
from pcf.custody.tables import force_majeure, lot, posting
from pcf.custody.tables import scope as scope_table
from pcf.custody.wording import rule_part
from pcf.errors import InputError

__all__ = ["SCHEMA", "AsiReport", "ScrapInput", "read_report", "word_report"]

SCHEMA = "pcf/asi-annual-report/1"
ACCOUNTS = (*PERCENTAGE, SCRAP)
RULES = ("R05", "R08", "R09", "R10", "R11", "R12", "R13", "R14", "R26", "R27")


@dataclass(frozen=True)
class ScrapInput:
    """Scrap that came in over a period [kg]: eligible by class, and what is not."""

    post_kg: int
    pre_kg: int
    other_eligible_kg: int
    not_eligible_kg: int

    @property
    def eligible_kg(self) -> int:
        """All that is eligible [kg]."""
        return self.post_kg + self.pre_kg + self.other_eligible_kg


@dataclass(frozen=True)
class AsiReport:
    """The report of a scope and period.

    Attributes
    ----------
    accounts : Mapping[str, Balance]
        Accounts in which anything was posted.
    overdraft_records : Mapping[str, tuple[str, ...]]
        Account → force-majeure records of the period.
    due : str
        Day by which it is to be reported.
    """

    scope: str
    name: str
    certificate: str
    representative: str
    span: Span
    accounts: Mapping[str, Balance]
    scrap: ScrapInput
    overdraft_records: Mapping[str, tuple[str, ...]]
    due: str
    rules: tuple[Rule, ...]

    @property
    def final(self) -> bool:
        """Whether the period is closed: until then the input percentage is a forecast."""
        return self.span.closed

    @property
    def calendar_year(self) -> bool:
        """Whether the period is the calendar year that ASI asks for."""
        return self.span.start[4:] == "-01-01" and self.span.end == f"{self.span.start[:4]}-12-31"

    @property
    def indicative(self) -> bool:
        """Whether a rule was not verified in its own text (R28)."""
        return any(item.indicative for item in self.rules)

    def as_document(self) -> dict[str, Any]:
        """The report as plain values (`pcf/asi-annual-report/1`)."""
        span = self.span
        return {
            "schema": SCHEMA,
            "scope": {"id": self.scope, "name": self.name, "certificate": self.certificate, "representative": self.representative},
            "period": {
                "id": span.id, "start": span.start, "end": span.end, "closed": span.closed, "calendar_year": self.calendar_year
            },
            "due": self.due,
            "final": self.final,
            "indicative": self.indicative,
            "accounts": [self._account(item) for item in self.accounts.values()],
            "scrap_input_kg": {
                "eligible": self.scrap.eligible_kg, "eligible_post_consumer": self.scrap.post_kg,
                "eligible_pre_consumer": self.scrap.pre_kg, "eligible_other": self.scrap.other_eligible_kg,
                "not_eligible": self.scrap.not_eligible_kg,
            },
            "rules": [rule_part(item) for item in self.rules],
        }  # fmt: skip

    def _account(self, of: Balance) -> dict[str, Any]:
        sums, settled = of.sums, of.settlement
        return {
            "account": of.account,
            # Eligible scrap leaves by the percentage of aluminium; it has no inputs of its own.
            "input": None if of.account == SCRAP else {
                "coc_kg": sums["coc-in"], "non_coc_kg": sums["other-in"], "alloying_kg": sums["alloying-in"]
            },
            "input_percentage": long_per_cent(of.percentage) or None,
            "input_percentage_with_alloying": long_per_cent(of.with_alloying) or None,
            "output": {"total_kg": sums["out"], "cap_kg": of.cap, "coc_kg": sums["issued"]},
            "positive_balance": {
                "carried_in_kg": sums["carried-in"], "drawn_kg": settled.drawn_from_carry, "expired_kg": settled.expired,
                "carried_out_kg": settled.positive_balance,
            },
            "internal_overdraft": {
                "repaid_kg": sums["overdraft-in"], "used_kg": settled.overdraft,
                "limit_kg": of.overdraft_limit, "force_majeure": list(self.overdraft_records.get(of.account, ())),
            },
        }  # fmt: skip


def read_report(connection: Connection, scope: str, period: str) -> AsiReport:
    """The report of a scope and period; of an open one as if it ended now.

    Raises
    ------
    InputError
        For a scope or period that is not recorded.
    """
    row = read_now(connection, scope_table, [scope]).get(scope)
    spans = read_periods(connection)
    if row is None:
        known = connection.execute(select(scope_table.c.id).order_by(scope_table.c.id)).scalars().all()
        raise InputError(
            "scope", repr(scope), f"one of: {', '.join(known) or 'none yet'}", nearest(scope, known) or "pcf scope add"
        )
    span = next((item for item in spans.get(scope, []) if item.id == period), None)
    if span is None:
        names = [item.id for item in spans.get(scope, [])]
        raise InputError(
            "period", repr(period), f"one of: {', '.join(names) or 'none yet'}", nearest(period, names) or "pcf period open"
        )
    figures = read_balances(connection, scope, period)
    return AsiReport(
        scope, row["name"], row["certificate"] or "", json.loads(row["details"]).get("representative", ""), span,
        {name: figures[name] for name in ACCOUNTS if any(figures[name].sums.values())},
        _read_scrap(connection, span), _read_overdrafts(connection, span), _due(span), tuple(rule(name) for name in RULES),
    )  # fmt: skip


def _due(span: Span) -> str:
    """The day in the year after a period's end."""
    year = date.fromisoformat(span.end).year + 1
    return date(year, int(setting("annual-report-month")), int(setting("annual-report-day"))).isoformat()


def _read_scrap(connection: Connection, span: Span) -> ScrapInput:
    """Scrap by the ledger, not by the lots: a lot that was voided later counts in its closed period all the same (R26)."""
    query = (
        select(lot.c.content_class, lot.c.asi_class, posting.c.kind, func.sum(posting.c.amount))
        .join(lot, lot.c.unit == posting.c.ref)
        .where(
            posting.c.scope == span.scope, posting.c.period == span.id, posting.c.account == ALUMINIUM,
            posting.c.kind.in_(("coc-in", "other-in")),
        )
        .group_by(lot.c.content_class, lot.c.asi_class, posting.c.kind)
    )  # fmt: skip
    eligible: dict[str, int] = {}
    rest = 0
    for content, asi_class, kind, mass in connection.execute(query):
        if asi_class == SCRAP and kind == "coc-in":
            eligible[content] = eligible.get(content, 0) + int(mass)
        elif asi_class == SCRAP or (content in (POST, PRE) and kind == "other-in"):
            rest += int(mass)
    post, pre = eligible.pop(POST, 0), eligible.pop(PRE, 0)
    return ScrapInput(post, pre, sum(eligible.values()), rest)


def _read_overdrafts(connection: Connection, span: Span) -> dict[str, tuple[str, ...]]:
    query = (
        select(force_majeure.c.account, force_majeure.c.id)
        .where(force_majeure.c.scope == span.scope, force_majeure.c.period == span.id, stands(force_majeure, "force-majeure"))
        .order_by(force_majeure.c.id)
    )  # fmt: skip
    found: dict[str, tuple[str, ...]] = {}
    for account, name in connection.execute(query):
        found[account] = (*found.get(account, ()), name)
    return found
