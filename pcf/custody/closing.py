"""Closing a period: what was not issued is carried over once, what was carried and not drawn expires, an overdraft is repaid."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from pcf.custody.accounts import Balance, read_balances
from pcf.custody.book import Span, Work
from pcf.custody.equations import Settlement
from pcf.custody.ledger import numbered
from pcf.custody.standing import stands
from pcf.custody.tables import force_majeure
from pcf.store.events import compact, digest


def close_period(work: Work, place: str, scope: str, name: str) -> dict[str, Settlement]:
    """Close a period and carry its balances into the next one.

    Raises nothing of its own: problems (an overdraft without its record, no next period, a period that is not the oldest
    open one) are noted in `work`.

    Notes
    -----
    F4–F6 with the order first in, first out: the balance that was carried in is drawn first (F5), and what is left of it
    expires (R13).
    """
    spans = work.spans(scope)
    span = next((item for item in spans if item.id == name), None)
    if span is None:
        work.problem(f"{place}, period", repr(name), f"a period of {scope}: {', '.join(item.id for item in spans) or 'none yet'}")
        return {}
    key = close_key(scope, name)
    if span.closed:
        work.known += 1
        return {}
    following = _following(work, place, span, spans)
    if following is None:
        return {}
    found: dict[str, Settlement] = {}
    rows: list[dict[str, Any]] = []
    for account, state in read_balances(work.connection, scope, name, work.ledger).items():
        settled = state.settlement
        if not state.is_used or (settled.overdraft and not _permitted(work, place, span, state)):
            continue
        found[account] = settled
        rows.append(work.ledger.post(scope, account, name, "expired", span.end[:7], settled.expired, key))
        for kind, amount in (("carried-in", settled.positive_balance), ("overdraft-in", settled.overdraft)):
            rows.append(work.ledger.post(scope, account, following.id, kind, following.start[:7], amount, key))
    if work.problems:
        return {}
    details = {account: asdict(settled) for account, settled in found.items()}
    closed = {"scope": scope, "period": name, "details": compact(details)}
    work.add("close", key, digest({"scope": scope, "period": name}), {"posting": numbered(rows), "period_close": [closed]})
    work.tx.flush()
    return found


def close_key(scope: str, period: str) -> str:
    """What the close of a period is called in the ledger."""
    return f"close:{scope}/{period}"


def _following(work: Work, place: str, span: Span, spans: list[Span]) -> Span | None:
    earlier = [item.id for item in spans if item.start < span.start and not item.closed]
    if earlier:
        work.problem(f"{place}, period", span.id, f"{earlier[0]} first: periods close in their order")
        return None
    later = [item for item in spans if item.start > span.end]
    if not later:
        start = (date.fromisoformat(span.end) + timedelta(days=1)).isoformat()
        work.problem(
            f"{place}, period", f"{span.id}, after which no period is open", "a next period, which takes the balances",
            f"pcf period open --start {start}",
        )  # fmt: skip
        return None
    return later[0]


def _permitted(work: Work, place: str, span: Span, state: Balance) -> bool:
    """Whether an overdraft has its force-majeure record and stays within its limit (R11)."""
    known = work.connection.execute(
        select(force_majeure.c.id).where(
            force_majeure.c.scope == span.scope, force_majeure.c.period == span.id, force_majeure.c.account == state.account,
            stands(force_majeure, "force-majeure"),
        )
    ).first()  # fmt: skip
    limit, overdraft = state.overdraft_limit, state.settlement.overdraft
    if known is not None and overdraft <= limit:
        return True
    expected = f"at most {limit:,} kg" if known is not None else "a force-majeure record"
    work.problem(
        f"{place}, account {state.account}",
        f"an overdraft of {overdraft:,} kg",
        f"{expected} (R11)",
        "void documents, or record why",
    )
    return False
