"""Closing a period: what an audit finds before it, what is carried and what expires, and the close itself with a signed head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from pcf.custody import Book
from pcf.custody.accounts import Balance, read_balances
from pcf.custody.book import Span, read_periods
from pcf.custody.closing import close_period
from pcf.custody.equations import Settlement
from pcf.custody.restatement import Moved, restate
from pcf.views.signing import sign_head


@dataclass(frozen=True)
class Closed:
    """A close: how each account was settled, which documents have to be stated anew, whether it was closed before."""

    settled: Mapping[str, Settlement]
    moved: Sequence[Moved]
    known: bool
    head: str


@dataclass(frozen=True)
class Preview:
    """A period as it would end if it were closed now, and the period that takes its balances (None: there is none)."""

    span: Span
    balances: Mapping[str, Balance]
    following: Span | None


def count_findings(connection: Connection, scope: str, name: str) -> dict[str, int] | None:
    """What an audit finds in an open period, by severity; None for one that is closed already or does not exist."""
    from pcf.custody.audit import audit, read_view

    spans = read_periods(connection).get(scope, [])
    if not any(span.id == name and not span.closed for span in spans):
        return None
    return dict(audit(read_view(connection, scope, name)).counts)


def preview_close(connection: Connection, span: Span) -> Preview:
    """How each account of a period would be settled now."""
    used = {name: item for name, item in read_balances(connection, span.scope, span.id).items() if item.is_used}
    following = next((item for item in read_periods(connection)[span.scope] if item.start > span.end), None)
    return Preview(span, used, following)


def close(book: Book, scope: str, name: str) -> Closed:
    """Close a period and sign the log.

    Raises
    ------
    DataError
        With everything that speaks against it.
    """
    with book.write() as work:
        settled = close_period(work, f"period {scope} {name}", scope, name)
        moved = restate(work, scope, name)
        known = work.known
    return Closed(settled, moved, bool(known), sign_head(book.database))
