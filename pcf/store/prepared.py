"""Queries that are asked at every writing, compiled once and then handed to the driver as they are.

SQLAlchemy's own cache finds a compiled query by its structure and binds, expands and wraps its values at every call, which takes
longer than a small query itself; its errors and its transactions stay, since the driver is still called through it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select
from sqlalchemy.engine import Row

Order = Sequence[str] | None
"""Names of the values in their order, where the driver takes them by place."""


class Prepared:
    """A query of texts and integers, with at most one list of values.

    Parameters
    ----------
    query : Select
        Its columns need names that differ, and no conversion of their values.
    many : str
        Name of the parameter that holds the list; an expanding one.
    """

    def __init__(self, query: Select[Any], many: str = "") -> None:
        self.query, self.many = query, many

    def all(self, connection: Connection, **values: Any) -> Sequence[Row[Any]]:
        """Rows for some values."""
        text, parameters = compiled(connection.dialect, self, values)
        return connection.exec_driver_sql(text, parameters).all()


def compiled(dialect: Dialect, prepared: Prepared, values: Mapping[str, Any]) -> tuple[str, Any]:
    """Text of a query and its parameters, as the driver takes them."""
    listed = values[prepared.many] if prepared.many else ()
    text, order, fixed = _compiled(dialect, prepared, len(listed))
    found = {**fixed, **values, **{f"{prepared.many}_{place}": value for place, value in enumerate(listed, 1)}}
    found.pop(prepared.many, None)
    return text, found if order is None else tuple(found[name] for name in order)


@lru_cache(maxsize=256)
def _compiled(dialect: Dialect, prepared: Prepared, count: int) -> tuple[str, Order, Mapping[str, Any]]:
    found = prepared.query.compile(dialect=dialect)
    values = dict(found.params) | ({prepared.many: [None] * count} if prepared.many else {})
    state = found.construct_expanded_state(values)
    fixed = {name: value for name, value in state.parameters.items() if value is not None}
    return state.statement, state.positiontup if found.positional else None, fixed
