"""A table of the evidence pack: plain values under plain headings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

Value = str | int | None


@dataclass(frozen=True)
class Table:
    """A table: the name of its file without ending, headings, rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def column(self, name: str) -> list[Value]:
        """Values under a heading."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def make_table(name: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, Value]]) -> Table:
    """Table of rows by heading; what a row does not have stays empty."""
    return Table(name, columns, tuple(tuple(row.get(column) for column in columns) for row in rows))
