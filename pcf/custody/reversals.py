"""What takes the postings of a record back: its own period while that is open (R14).

A closed period stays as it was closed (R26). What a void of one of its records changes there goes on record with the void, the
closed periods are settled anew with it, and the difference is posted into the balances that the open period brought along: so
nothing that has expired meanwhile comes to life again, and a percentage that was too high is paid back.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from pcf.custody.accounts import MASSES, calc_balances
from pcf.custody.book import Placed, Span, Work
from pcf.custody.equations import Settlement
from pcf.custody.ledger import POWER, numbered, read_sums
from pcf.custody.records import Void
from pcf.custody.tables import posting, void

Late = Mapping[str, str | int]
"""A posting of a closed period that was taken back: scope, account, period, kind and amount [kg]."""

LATE = "late"
"""Name of the late reversals in the details of a void."""


@dataclass(frozen=True)
class Reversal:
    """Rows of postings, and what the void has to remember of closed periods."""

    postings: list[dict[str, Any]]
    late: list[dict[str, str | int]]

    @property
    def details(self) -> dict[str, Any]:
        """Details of the void."""
        return {LATE: self.late} if self.late else {}


def reversal(work: Work, item: Placed[Void], event_seq: int) -> Reversal | None:
    """What takes back the postings of an event; None and a problem where no open period can take it."""
    record = item.record
    # By the event, not by `ref`: a statement or a match may be called like a unit.
    rows = work.connection.execute(select(posting).where(posting.c.event_seq == event_seq).order_by(posting.c.line)).all()
    found, late = [], []
    for row in rows:
        own = next((span for span in work.spans(row.scope) if span.id == row.period), None)
        if row.account == POWER or (own is not None and not own.closed):
            found.append(work.ledger.post(row.scope, row.account, row.period, row.kind, row.month, -row.amount, record.target))
            continue
        if work.open_period(item.place, row.scope, record.date) is None:
            return None
        late.append({
            "scope": row.scope, "account": row.account, "period": row.period, "kind": row.kind, "amount": -row.amount
        })  # fmt: skip
    for scope in dict.fromkeys(str(row["scope"]) for row in late):
        found += _differences(work, scope, [*read_late(work.connection, scope), *late], record)
    return Reversal(numbered(found), late)


def _differences(work: Work, scope: str, late: Sequence[Late], record: Void) -> list[dict[str, Any]]:
    """Postings that bring the balances of the first open period to what the closed ones leave when they are settled anew."""
    spans = work.spans(scope)
    closed = [span for span in spans if span.closed]
    following = next(span for span in spans if not span.closed)
    month = min(max(record.date, following.start), following.end)[:7]
    settled = resettle(work.connection, scope, closed, late)[closed[-1].id]
    found = []
    for account in MASSES:
        now = settled[account]
        for kind, amount in (("carried-in", now.positive_balance), ("overdraft-in", now.overdraft)):
            before = work.ledger.sum(scope, account, following.id, kind)
            found.append(work.ledger.post(scope, account, following.id, kind, month, amount - before, record.target))
    return found


def resettle(
    connection: Connection, scope: str, closed: Sequence[Span], late: Iterable[Late]
) -> dict[str, dict[str, Settlement]]:
    """Closed periods, from the first one on, settled with what was taken back since: settlement by period and account."""
    changes: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in late:
        changes[(str(row["period"]), str(row["account"]), str(row["kind"]))] += int(row["amount"])
    carried: dict[str, Settlement] = {}
    found: dict[str, dict[str, Settlement]] = {}
    for span in closed:
        sums = {}
        for account in MASSES:
            sums[account] = {
                kind: amount + changes[(span.id, account, kind)]
                for kind, amount in read_sums(connection, scope, account, span.id).items()
            }
            if account in carried:
                before = carried[account]
                sums[account] |= {"carried-in": before.positive_balance, "overdraft-in": before.overdraft}
        carried = {account: state.settlement for account, state in calc_balances(sums).items()}
        found[span.id] = carried
    return found


def read_late(connection: Connection, scope: str) -> list[Late]:
    """Late reversals of a scope that earlier voids recorded."""
    rows = connection.execute(select(void.c.details).where(void.c.details != "{}").order_by(void.c.event_seq)).scalars()
    return [row for details in rows for row in json.loads(details).get(LATE, ()) if row["scope"] == scope]
