"""Findings on the papers that no record makes: procedures, reports, reviews, retention (R16)."""

from __future__ import annotations

from collections.abc import Iterator

from pcf.custody.audit.finding import MINOR, OBSERVATION, Finding, find
from pcf.custody.audit.view import View, details, document_name
from pcf.custody.rules import setting

NEEDED = (2, 10, 12, 13, 15)
"""Parts that stand on papers."""

RULES = {13: "R16"}
"""Part → the rule that asks for its paper, where there is one."""


def find_filings(view: View) -> Iterator[Finding]:
    """Parts without their paper."""
    present = {row["part"] for row in view.rows["filing"]}
    for part in NEEDED:
        if part not in present:
            yield find(MINOR, RULES.get(part, ""), f"{part:02d}", f"filing-{part}")


def find_late_papers(view: View) -> Iterator[Finding]:
    """Papers that were filed after the close: some are written then, so an auditor only has to know (R26)."""
    closed = next((row["event_seq"] for row in view.rows["period_close"] if row["period"] == view.span.id), None)
    for row in view.rows["filing"]:
        if closed is not None and row["event_seq"] > closed:
            yield find(OBSERVATION, "R26", row["id"], "filed-after-close", date=row["date"], recorded=view.recorded(row)[:10])


def find_retention(view: View) -> Iterator[Finding]:
    """Papers of which nobody could prove later that they are the same (R16)."""
    years = int(setting("retention-years"))
    inbound = view.documents("in")
    loose = [document_name(row) for row in inbound if not details(row).get("file_sha256")]
    if loose:
        yield find(OBSERVATION, "R16", loose[0], "paper-without-digest", count=len(loose), total=len(inbound), years=years)
    filed = sorted(row["id"] for row in view.rows["filing"] if not row["sha256"])
    if filed:
        yield find(
            OBSERVATION, "R16", filed[0], "filing-without-digest", count=len(filed), total=len(view.rows["filing"]), years=years
        )


def find_representative(view: View) -> Iterator[Finding]:
    """A scope for which nobody is named."""
    scope = view.rows["scope"][0]
    if not details(scope).get("representative"):
        yield find(MINOR, "", view.scope, "no-representative")


CHECKS = (find_filings, find_late_papers, find_retention, find_representative)
