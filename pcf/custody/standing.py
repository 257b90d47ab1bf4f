"""What stands and what was taken back, of records that an id or a name may bear twice; closed periods, which take nothing more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Table, func, select

from pcf.custody.book import Span, Work
from pcf.custody.tables import void


def stands(table: Table, kind: str) -> ColumnElement[bool]:
    """Condition that a record of a kind was not taken back."""
    condition: ColumnElement[bool] = table.c.event_seq.not_in(select(void.c.target_seq).where(void.c.target_kind == kind))
    return condition


def again(work: Work, kind: str, names: Sequence[str]) -> list[str]:
    """Keys of records by their names; what was taken back so often before is another record under the same name."""
    query = select(void.c.target, func.count()).where(void.c.target_kind == kind).group_by(void.c.target)
    gone: Counter[str] = Counter(dict(work.connection.execute(query).all()))
    return [f"{kind}:{name}" + (f"/{gone[name]}" if gone[name] else "") for name in names]


def closed_span(work: Work, scope: str, first: str, last: str = "") -> Span | None:
    """The closed period of a scope that some days touch, or None."""
    return next((span for span in work.spans(scope) if span.closed and span.start <= (last or first) and first <= span.end), None)


def is_open(work: Work, where: str, scope: str, shown: str, days: tuple[str, str], advice: str = "") -> bool:
    """Whether no closed period has some days; if one has, that is a problem (R26)."""
    span = closed_span(work, scope, *days)
    if span is None:
        return True
    work.problem(where, f"{shown}, which is in the closed period {span.id}", "a day of an open period", advice)
    return False


def row_of(work: Work, table: Table, *where: Any) -> Any:
    """The newest row of a table that meets some conditions, or None."""
    return work.connection.execute(select(table).where(*where).order_by(table.c.event_seq.desc()).limit(1)).first()
