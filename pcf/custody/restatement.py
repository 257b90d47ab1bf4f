"""Restatement: when a year is closed with its plant's data, what documents said of the footprint is computed again."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import select

from pcf.custody.book import Work
from pcf.custody.documents import not_void
from pcf.custody.heats import Heats, unit_footprint
from pcf.custody.rules import setting
from pcf.custody.tables import document, posting
from pcf.errors import InputError


@dataclass(frozen=True)
class Moved:
    """A document whose footprint moved by more than the permitted share; `new` is None where it cannot be computed any more."""

    document: str
    unit: str
    old: float
    new: float | None

    @property
    def change(self) -> float:
        """Relative change [1]; 0 where there is no new value."""
        return 0.0 if self.new is None or not self.old else self.new / self.old - 1


def restate(work: Work, scope: str, period: str) -> list[Moved]:
    """Documents of a period whose stated footprint is no longer within the permitted share of the computed one."""
    refs = select(posting.c.ref).where(posting.c.scope == scope, posting.c.period == period, posting.c.kind == "issued")
    name = document.c.direction + "/" + document.c.issuer + "/" + document.c.reference
    query = select(document).where(name.in_(refs), document.c.direction == "out", not_void()).order_by(document.c.reference)
    heats = Heats(work.connection, work.catalogue, replace=True)
    limit = float(setting("restatement-from"))
    found = []
    for row in work.connection.execute(query).all():
        stated = json.loads(row.details).get("footprint")
        if stated is None:
            continue
        try:
            new = unit_footprint(heats, row.unit).total
        except InputError:
            found.append(Moved(f"{row.issuer}/{row.reference}", row.unit, float(stated), None))
            continue
        item = Moved(f"{row.issuer}/{row.reference}", row.unit, float(stated), new)
        if abs(item.change) > limit:
            found.append(item)
    return found
