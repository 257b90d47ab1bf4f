"""Which year's emission factors a result rests on."""

from __future__ import annotations

from pcf.engine import Footprint
from pcf.model import dated_rows, factor_row


def calc_factor_years(footprint: Footprint) -> dict[str, str]:
    """Year of the row behind each emission factor of the result that belongs to a year."""
    system = footprint.system
    found: dict[str, str] = {}
    for node in system.nodes:
        for link in node.links:
            for rows in dated_rows(system.catalogue, node, link):
                row = factor_row(system.catalogue, next(iter(rows.values())).id, system.method.factor_year)
                found[row.id] = row.quantity.marks.year
    return dict(sorted(found.items()))


def find_other_years(footprint: Footprint) -> dict[str, str]:
    """Those factors whose row is of another year than the one asked for, or than the newest one in use."""
    years = calc_factor_years(footprint)
    wanted = footprint.system.method.factor_year or max(years.values(), default="")
    return {name: year for name, year in years.items() if year != wanted}
