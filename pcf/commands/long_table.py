"""A table turned on its side for a narrow screen: each row a block of headings and values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.table import Table

from pcf.commands.tables import new_table


def long_table(headings: Sequence[str], rows: Iterable[tuple[str, Sequence[str]]]) -> Table:
    """Rows as blocks: what each is called, and under it every heading with its value."""
    table = new_table()
    table.show_header = False
    table.add_column(overflow="fold")
    table.add_column(justify="right", overflow="fold")
    for name, cells in rows:
        table.add_row(name, "", style="bold")
        for heading, cell in zip(headings, cells, strict=True):
            table.add_row(f"  {heading}", cell)
        table.add_section()
    return table
