"""Metal at contractors (R17): it is out of stock while it is away, and it keeps its name.

What was sent comes back as the unit that it was, and what a contractor has made of it is a step of that unit; so a certificate draws on
the same metal before and after. Only bought material may come back as another lot: by a movement back that names the one out.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from pcf.custody.book import Placed, Work
from pcf.custody.draws import MADE_OF_HEATS
from pcf.custody.genealogy import Stock, read_stock
from pcf.custody.parties import known_parties
from pcf.custody.records import Contractor
from pcf.custody.standing import is_open, stands
from pcf.custody.tables import contractor, scope, unit
from pcf.store.events import compact

SENT, RETURNED = "sent", "returned"
COLUMNS = ("id", "party", "direction", "date", "unit", "mass_kg", "scope")
MOVEMENT, LOT, MATERIAL = "movement", "lot", "material"
"""Names in details: the movement out that one back answers, and the lot that came; what was sent where it has no unit."""


def record_contractors(work: Work, items: Sequence[Placed[Contractor]]) -> None:
    """Record metal sent to a contractor and come back (R17); what is left of a unit has to reach for all movements together."""
    known = known_parties(work, (item.record.party for item in items))
    stock = read_stock(work, [item.record.unit for item in items if item.record.unit])
    away = read_away(work.connection, stock)
    sent = read_sent(work.connection, [item.record.movement for item in items if item.record.movement])
    moved: list[Placed[Contractor]] = []
    for item, key, asked in work.new("contractor", items, "id"):
        record = item.record
        if record.party not in known:
            work.problem(f"{item.place}, party", repr(record.party), "a recorded party", "pcf party add")
            continue
        found = stock.get(record.unit or "")
        if record.unit and found is None:
            work.problem(f"{item.place}, unit", repr(record.unit), "a recorded unit, or nothing")
            continue
        its_scope = _scope_of(work, item, found.site if found else "")
        if not its_scope or not is_open(
            work,
            f"{item.place}, date",
            its_scope,
            record.date,
            (record.date, record.date),
            "enter the movement in an open period",
        ):
            continue
        row = {name: getattr(record, name) for name in COLUMNS} | {"scope": its_scope}
        details = record.details(*COLUMNS)
        if record.movement:
            if found is None or not _came_back(work, item, found, its_scope, sent):
                continue
            # Its mass was never the lot's to take or to give back.
            row, details = row | {"unit": None}, details | {LOT: record.unit}
        elif found is not None:
            if not _moves(work, item, found):
                continue
            change = record.mass_kg if record.direction == SENT else -record.mass_kg
            found.left_kg -= change
            away[(record.party, found.id)] = away.get((record.party, found.id), 0) + change
            moved.append(item)
        if record.direction == SENT:
            kind = found.kind if found else record.material
            sent[record.id] = Sent(record.party, record.date, its_scope, kind, record.mass_kg)
        work.add("contractor", key, asked, {"contractor": [row | {"details": compact(details)}]})
    _check_masses(work, moved, stock, away)
    work.tx.flush()


def _moves(work: Work, item: Placed[Contractor], found: Stock) -> bool:
    """Whether a unit is one that can go or come back."""
    record = item.record
    if not found.voided and found.kind != "shipment" and found.date <= record.date:
        return True
    what = "which is void" if found.voided else "a shipment" if found.kind == "shipment" else f"of {found.date}"
    work.problem(f"{item.place}, unit", f"{found.id!r}, {what}", f"a unit that was in stock on {record.date}")
    return False


def _check_masses(
    work: Work, moved: Sequence[Placed[Contractor]], stock: Mapping[str, Stock], away: Mapping[tuple[str, str], int]
) -> None:  # fmt: skip
    """A problem for the last movement of each unit of which more was sent than there is, or more came back than was sent."""
    for item in {(item.record.party, item.record.unit, item.record.direction): item for item in moved}.values():
        record, place = item.record, f"{item.place}, mass_kg"
        found = stock[str(record.unit)]
        left, there = found.left_kg, away[(record.party, found.id)]
        if record.direction == SENT and left < 0:
            work.problem(
                place, f"{record.mass_kg:,} kg of {found.id!r}, of which {max(left + record.mass_kg, 0):,} kg are left",
                "what is left, or less",
            )  # fmt: skip
        if record.direction == RETURNED and there < 0:
            work.problem(
                place, f"{record.mass_kg:,} kg of {found.id!r}, of which {record.party} has {max(there + record.mass_kg, 0):,} kg",
                "the unit that was sent and no more than it (R17)", "bought material comes back as a lot with the --movement out",
            )  # fmt: skip


def _came_back(work: Work, item: Placed[Contractor], found: Stock, its_scope: str, sent: Mapping[str, Sent]) -> bool:
    """Whether a lot came back from the movement that is named; what comes back of it is counted."""
    record, place, before = item.record, f"{item.place}, movement", len(work.problems)
    out = sent.get(str(record.movement))
    if out is None:
        work.problem(place, repr(record.movement), "a recorded movement out that stands")
    elif out.kind in MADE_OF_HEATS:
        work.problem(
            place, f"{record.movement!r}, of own cast metal", "that metal under its own name: the unit that was sent (R17)",
            "what the contractor has made of it is recorded as a step of that unit: a certificate may cover it already",
        )  # fmt: skip
    elif not out.kind:
        work.problem(
            place, f"{record.movement!r}, which names no unit", "a movement that says what was sent", "pcf void contractor"
        )
    elif (out.party, out.scope) != (record.party, its_scope) or out.date > record.date:
        work.problem(
            place, f"{record.movement!r}, of {out.date} to {out.party} by {out.scope}",
            f"one to {record.party} by {its_scope}, on {record.date} or before",
        )  # fmt: skip
    elif record.mass_kg > out.left_kg:
        work.problem(
            place, f"{record.mass_kg:,} kg of {record.movement!r}, of which {max(out.left_kg, 0):,} kg have not come back",
            "no more than was sent (R17)",
        )  # fmt: skip
    elif found.kind != "lot" or found.voided or (found.date, found.mass_kg) != (record.date, record.mass_kg):
        work.problem(
            f"{item.place}, unit", f"{found.id!r}, a {found.kind} of {found.date} and {found.mass_kg:,} kg",
            f"a lot of {record.date} and {record.mass_kg:,} kg that stands",
        )  # fmt: skip
    elif known := lots_back(work.connection, [found.id]):
        work.problem(f"{item.place}, unit", f"{found.id!r}, which came back by {known[found.id]}", "a lot that came back once")
    else:
        out.left_kg -= record.mass_kg
    return len(work.problems) == before


def read_away(connection: Connection, names: Iterable[str]) -> dict[tuple[str, str], int]:
    """What parties have of units [kg], by party and unit."""
    query = select(contractor.c.party, contractor.c.unit, contractor.c.direction, func.sum(contractor.c.mass_kg)).where(
        contractor.c.unit.in_(list(names)), stands(contractor, "contractor")
    )
    found: dict[tuple[str, str], int] = {}
    for party, name, direction, mass in connection.execute(query.group_by(*list(query.selected_columns)[:3])):
        found[(party, name)] = found.get((party, name), 0) + (int(mass) if direction == SENT else -int(mass))
    return found


def _scope_of(work: Work, item: Placed[Contractor], site_id: str) -> str:
    """Scope whose metal it is: that of the unit's site, the one that is named, or the only one; else nothing and a problem."""
    record, own = item.record, work.scope_name(site_id)
    known = sorted(work.connection.execute(select(scope.c.id)).scalars())
    if record.scope and record.scope not in known:
        work.problem(f"{item.place}, scope", repr(record.scope), "a recorded scope", "pcf scope add")
        return ""
    if record.scope and own and record.scope != own:
        work.problem(f"{item.place}, scope", repr(record.scope), f"{own}, the scope of unit {record.unit}")
        return ""
    found = record.scope or own or (known[0] if len(known) == 1 else "")
    if not found:
        work.problem(f"{item.place}, scope", "nothing", f"the scope whose metal it is: {', '.join(known) or 'none yet'}")
    return found


@dataclass
class Sent:
    """A movement out, and what no lot has come back of yet [kg]; `kind` is that of its unit, or nothing."""

    party: str
    date: str
    scope: str
    kind: str
    left_kg: int


def read_sent(connection: Connection, names: Iterable[str]) -> dict[str, Sent]:
    """Movements out that stand, by id, with what lots have come back of them."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    query = (
        select(contractor, unit.c.kind.label("kind")).outerjoin(unit, unit.c.id == contractor.c.unit)
        .where(contractor.c.id.in_(wanted), contractor.c.direction == SENT, stands(contractor, "contractor"))
    )  # fmt: skip
    found = {
        row.id: Sent(row.party, row.date, row.scope, row.kind or json.loads(row.details).get(MATERIAL, ""), row.mass_kg)
        for row in connection.execute(query)
    }
    for row in _answers(connection, {one.party for one in found.values()}):
        if (name := json.loads(row.details)[MOVEMENT]) in found:
            found[name].left_kg -= row.mass_kg
    return found


def _answers(connection: Connection, parties: Collection[str] | None = None) -> list[Any]:
    """Movements back that stand and name a movement out, of some parties or of all."""
    table = contractor
    of = [] if parties is None else [table.c.party.in_(parties)]
    query = select(table).where(
        *of, table.c.unit.is_(None), table.c.details.contains(f'"{MOVEMENT}":'), stands(table, "contractor")
    )
    return [row for row in connection.execute(query) if MOVEMENT in json.loads(row.details)]


def lots_back(connection: Connection, names: Collection[str]) -> dict[str, str]:
    """Of some lots those that came back from a movement out, with the movement back."""
    rows = [(json.loads(row.details)[LOT], row.id) for row in _answers(connection)]
    return {name: movement for name, movement in rows if name in names}


def find_moved(work: Work, row: Any) -> str:
    """What stands on a movement, in words, or nothing."""
    back = [one.id for one in _answers(work.connection, [row.party]) if json.loads(one.details)[MOVEMENT] == row.id]
    if back:
        return f"which {back[0]} answers"
    if row.unit is None:
        return ""
    if row.direction == RETURNED:
        left = read_stock(work, [row.unit])[row.unit].left_kg
        return f"without which more of {row.unit} was taken than there is" if left < row.mass_kg else ""
    there = read_away(work.connection, [row.unit])[(row.party, row.unit)]
    return "of which metal has come back" if there < row.mass_kg else ""


def find_movement(connection: Connection, names: Sequence[str]) -> str:
    """A standing movement of one of a few units, or nothing."""
    query = select(contractor.c.id).where(contractor.c.unit.in_(list(names)), stands(contractor, "contractor"))
    found = connection.execute(query.order_by(contractor.c.id).limit(1)).scalar()
    return str(found or next(iter(lots_back(connection, names).values()), ""))


def holds_metal(connection: Connection, party: str, day: str) -> str:
    """Why what a party delivers on a day may be metal that was cast here, in words, or nothing.

    Movements that say neither unit nor material may be of anything.
    """
    query = (
        select(contractor, unit.c.kind.label("kind")).outerjoin(unit, unit.c.id == contractor.c.unit)
        .where(contractor.c.party == party, stands(contractor, "contractor")).order_by(contractor.c.date, contractor.c.id)
    )  # fmt: skip
    rows = connection.execute(query).all()
    own = [row for row in rows if row.unit is not None and row.kind in MADE_OF_HEATS]
    before = [row.id for row in rows if row.direction == SENT and row.date <= day]
    unnamed = [row.id for row in rows if row.unit is None and MATERIAL not in json.loads(row.details) and row.id in before]
    if unnamed:
        return f"to whom movement {unnamed[0]} sent what it does not name"
    names = dict.fromkeys(row.unit for row in own if row.id in before)
    held = sum(mass for (one, _), mass in read_away(connection, names).items() if one == party)
    return f"who has {held:,} kg of {', '.join(names)}" if held > 0 else ""
