"""What command and page do alike for an audit: check a period, write its pack, compute a pack again, in the words of both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pcf.errors import CheckFailed, EnvironmentProblem
from pcf.text import text, visible

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from pcf.custody import Book
    from pcf.custody.audit.findings import Audit
    from pcf.custody.audit.recompute import Line
    from pcf.custody.audit.view import View
    from pcf.store import Database
    from pcf.store.log import Finding

Progress = Callable[[int, str], AbstractContextManager[Callable[[int], None]]]
"""Given how much there is to do and the key of what it is; what it gives is told how much more is done."""

ATTEMPTS = 5
"""How often a head is signed anew because records arrived between it and the reading of them."""

SAMPLE, SEED = 5, 1
"""As in the audit room, which a call for help does not import."""


@contextmanager
def silent(_total: int, _key: str) -> Iterator[Callable[[int], None]]:
    """Progress that nobody sees."""
    yield lambda _: None


class LogBroken(CheckFailed):
    """The records are not those of the log: nothing was told from them."""

    def __init__(self, findings: Sequence[Finding], lang: str) -> None:
        self.findings = findings
        first = log_sentence(findings[0], lang)
        super().__init__(text("audit.log-broken", lang, count=f"{len(findings):,}", first=first))


def log_sentence(item: Finding, lang: str) -> str:
    """What is wrong with the log, in a language."""
    return text(f"log.{item.kind}", lang, seq=item.seq, where=visible(item.where, keep=""))


def check_log(connection: Connection, lang: str, progress: Progress = silent) -> None:
    """Verify the log before anything is told from the records: an audit of rows that somebody changed would say anything.

    Raises
    ------
    LogBroken
        When it does not verify.
    """
    from pcf.store.log import log_size, verify

    with progress(log_size(connection), "progress.rows") as advance:
        found = list(verify(connection, advance=advance))
    if found:
        raise LogBroken(found, lang)


@contextmanager
def checked(
    book: Book, scope: str, period: str, lang: str, *, sample: int = SAMPLE, seed: int = SEED, progress: Progress = silent
) -> Iterator[tuple[View, Audit]]:
    """The records of a period and what an audit finds in them, after the log was verified on the very same view.

    Raises
    ------
    InputError
        For a scope or a period that is not recorded.
    LogBroken
        When the log does not verify.
    """
    from pcf.custody.audit import audit, read_view
    from pcf.custody.audit.view import find_span

    with book.read() as connection:
        find_span(connection, scope, period)
        check_log(connection, lang, progress)
        view = read_view(connection, scope, period)
        yield view, audit(view, sample, seed, verified=True, catalogue=book.catalogue)


def audit_document(found: Audit, scope: str, period: str) -> dict[str, Any]:
    """Findings and traces for other programs."""
    return {
        "scope": scope, "period": period, "sample": found.sample, "seed": found.seed, "counts": dict(found.counts),
        "findings": [
            {
                "severity": item.severity, "rule": item.rule, "record": item.record, "finding": item.key, "fields": dict(item.fields),
                "en": item.sentence("en"), "zh": item.sentence("zh"),
            }
            for item in found.findings
        ],
        "traces": [
            {
                "direction": item.direction, "start": item.start, "good": item.good,
                "steps": [{"what": step.what, "found": step.found, "good": step.good} for step in item.steps],
            }
            for item in found.traces
        ],
    }  # fmt: skip


def export_pack(
    book: Book, scope: str, period: str, out: Path, lang: str, *, sample: int = SAMPLE, seed: int = SEED, force: bool = False,
    footprints: bool = True, progress: Progress = silent,
) -> tuple[list[str], int, Audit]:  # fmt: skip
    """Write the pack of a period; gives its files, the number of events in it, and what was found.

    Raises
    ------
    InputError
        For a scope or a period that is not recorded, and a place that nothing may be written to.
    LogBroken
        When the log does not verify.
    """
    from pcf.custody.audit import audit, read_view
    from pcf.custody.audit.view import find_span
    from pcf.exchange.audit_pack import Pack, write_pack
    from pcf.views.signing import log_key

    database = book.database
    with database.read() as connection:
        find_span(connection, scope, period)  # a name that is not recorded is no reason to sign a head
        check_log(connection, lang, progress)  # nor are records that are not as they were written
    with _signed(database) as (connection, head):
        view = read_view(connection, scope, period)
        found = audit(view, sample, seed, catalogue=book.catalogue)
        pack = Pack(view, found, head, log_key(), lang, book.catalogue if footprints else None)
        with progress(pack.steps, "progress.files") as advance:
            names = write_pack(out, pack, force=force, advance=advance)
        return list(names), len(view.events), found


@contextmanager
def _signed(database: Database) -> Iterator[tuple[Connection, str]]:
    """A view of the database with the signed head of exactly its log."""
    from pcf.store.checkpoint import parse
    from pcf.store.log import log_size
    from pcf.views.signing import sign_head

    for _ in range(ATTEMPTS):
        head = sign_head(database)
        with database.read() as connection:
            if log_size(connection) == parse(head)[0].size:
                yield connection, head
                return
    raise EnvironmentProblem("records keep arriving while the pack is made; nothing was written; repeat when it is quieter")


# A pack computed again ---------------------------------------------------------------------------------------------------

TERMS = {
    "input_percentage": "percentage", "input_percentage_with_alloying": "with-alloying", "own_cap_kg": "own-cap", "cap_kg": "cap", "available_kg": "available",
    "overdraft_limit_kg": "overdraft-limit", "settlement_kg.drawn_from_carry": "drawn-from-carry",
    "settlement_kg.drawn_from_current": "drawn-from-cap", "settlement_kg.expired": "expires",
    "settlement_kg.positive_balance": "positive-balance", "settlement_kg.overdraft": "overdraft",
}  # fmt: skip
"""Path of a figure → what it is called."""


def recomputed_sentence(line: Line, lang: str) -> str:
    """What a comparison says, in a language."""
    fields = {name: visible(getattr(line, name), keep="") for name in ("file", "what", "told", "said")}
    if line.key == "figure":
        fields["what"] = _label(line.what, lang)
    return text(f"audit-recompute.{line.key}", lang, **fields)


def _label(what: str, lang: str) -> str:
    """What a figure is, in words: account, month, term."""
    account, *month, term = what.split(" · ")
    named = text(f"audit-term.{TERMS.get(term, term.removeprefix('sums_kg.'))}", lang)
    return " · ".join((text(f"account.{account}", lang), *month, named))
