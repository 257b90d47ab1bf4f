"""What was received and stands behind a certificate: lots whose footprint or origin a certificate cannot rest on are refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from pcf.catalogue import Catalogue
from pcf.certificate.particulars import LONGEST_VALIDITY
from pcf.custody.contractors import holds_metal, lots_back
from pcf.custody.masters import read_now
from pcf.custody.tables import consumption, lot, site, unit
from pcf.errors import CheckFailed

_SPAN = re.compile(r"\d{4}(-\d\d){0,2} ?(/|-|–|to|至) ?\d{4}(-\d\d){0,2}")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")


def check_lots(connection: Connection, catalogue: Catalogue, heats: Sequence[str], today: date) -> None:
    """Refuse supplier's footprints that have expired, and own products that came back as lots.

    PACT lets no footprint hold for more than three years after its data. Metal that a company buys from itself was cast before: a
    certificate may cover it under its first heat, which the lot does not name.
    """
    lots = lots_behind(connection, heats)
    owners = {name: row["party"] for name, row in read_now(connection, site, {row.site for row in lots}).items()}
    back = lots_back(connection, [row.unit for row in lots])
    for row in lots:
        if row.supplier == owners[row.site] and row.material in catalogue.products:
            raise CheckFailed(
                f"lot {row.unit}: found {row.material} that {row.supplier} has received from itself; expected the heat that it was cast "
                "as, charged as such: its metal may be certified already"
            )
        details = json.loads(row.details)
        if row.unit not in back and (why := holds_metal(connection, row.supplier, row.date)):
            raise CheckFailed(
                f"lot {row.unit}: found metal of {row.supplier}, {why}; expected the movement that it came back from, or that metal "
                "under its own name (R17): a certificate may cover it already"
            )
        if details.get("footprint") is None:
            continue
        period = str(details.get("footprint_period", ""))
        years = [int(year) for year in _YEAR.findall(period)]
        # A span ends with its last year; of years in other words the earliest one counts, so that an error is on the safe side.
        last = (max if _SPAN.fullmatch(period.strip()) else min)(years, default=0)
        if today.isoformat() > f"{last + LONGEST_VALIDITY:04d}-12-31" or max(years, default=0) > today.year:
            raise CheckFailed(
                f"lot {row.unit}: found a footprint of {row.supplier} of the period {period or 'that nobody has named'}; expected one that "
                f"has not expired ({LONGEST_VALIDITY} years after its period); ask the supplier for a newer one"
            )


def lots_behind(connection: Connection, heats: Iterable[str]) -> list[Any]:
    """Lots that heats were made of, own metal of earlier heats included."""
    found: dict[str, Any] = {}
    front, seen = sorted(set(heats)), set(heats)
    while front:
        above: set[str] = set()
        for start in range(0, len(front), 500):
            query = (
                select(consumption.c.parent, lot.c.unit, lot.c.site, lot.c.supplier, lot.c.details, unit.c.material, unit.c.date)
                .join(unit, unit.c.id == consumption.c.parent)
                .outerjoin(lot, lot.c.unit == consumption.c.parent)
                .where(consumption.c.child.in_(front[start : start + 500]))
            )
            for row in connection.execute(query):
                if row.unit is not None:
                    found[row.unit] = row
                else:
                    above.add(row.parent)
        front = sorted(above - seen)
        seen |= above
    return [found[name] for name in sorted(found)]
