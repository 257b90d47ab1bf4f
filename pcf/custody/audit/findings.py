"""Everything that an audit finds in a period, ranked, with the samples that it followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pcf.catalogue import Catalogue
from pcf.custody.audit import findings_documents, findings_ledger, findings_metal, findings_papers
from pcf.custody.audit.finding import MAJOR, SEVERITIES, Finding, ranked, run
from pcf.custody.audit.findings_documents import find_classes
from pcf.custody.audit.table import Table
from pcf.custody.audit.traces import SAMPLE, SEED, Trace, find_broken, follow
from pcf.custody.audit.view import View

CHECKS = (*findings_documents.CHECKS, *findings_metal.CHECKS, *findings_ledger.CHECKS, *findings_papers.CHECKS)
"""Every check, each a function of the records."""


@dataclass(frozen=True)
class Audit:
    """Findings of a period, and the samples with the seed that drew them."""

    findings: tuple[Finding, ...]
    traces: tuple[Trace, ...]
    sample: int
    seed: int

    @property
    def counts(self) -> Mapping[str, int]:
        """Findings by severity."""
        return {severity: sum(1 for item in self.findings if item.severity == severity) for severity in SEVERITIES}

    @property
    def passed(self) -> bool:
        """Whether no finding is a major one."""
        return not self.counts[MAJOR]


def audit(
    view: View, sample: int = SAMPLE, seed: int = SEED, *, verified: bool = False, catalogue: Catalogue | None = None
) -> Audit:  # fmt: skip
    """Check a period.

    Parameters
    ----------
    sample : int
        Documents and lots to follow, so many of each.
    seed : int
        Seed of the draw.
    verified : bool
        Whether the log was verified on this very view already.
    catalogue : Catalogue, optional
        What says of which origin a material is; without it classes are not held against materials.
    """
    checks = [check for check in CHECKS if not (verified and check is findings_ledger.find_log)]
    traces = follow(view, sample, seed)
    classes = find_classes(view, catalogue) if catalogue is not None else ()
    return Audit(tuple(ranked([*run(view, checks), *classes, *find_broken(traces)])), tuple(traces), sample, seed)


def findings_table(found: Audit) -> Table:
    """The findings as a table of the pack, in both languages."""
    columns = ("severity", "rule", "record", "finding", "en", "zh")
    return Table("00-findings", columns, tuple(
        (item.severity, item.rule, item.record, item.key, item.sentence("en"), item.sentence("zh")) for item in found.findings
    ))  # fmt: skip
