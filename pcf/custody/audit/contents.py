"""Recycled content told again from the charge lists: masses, classes and metal yields of what each heat was charged with (F13)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import select

from pcf.custody.audit.table import Table, Value, make_table
from pcf.custody.audit.view import CHUNK, View, details
from pcf.custody.casts import YIELDS
from pcf.custody.content import Part, calc_content, credit_cast
from pcf.custody.ledger import CREDIT
from pcf.custody.physical import own_parts
from pcf.custody.tables import lot, unit
from pcf.custody.trace import mixed_content
from pcf.text import csv_text

CHARGES = "charges"
OWN = "own"
"""Class of a charge line that is metal of an own heat, bundle or coil: it brings the contents of its heat."""

COLUMNS = (
    "heat", "line", "from", "mass_kg", "role", "material", "content_class", "origin", "tolled", "metal_yield", "metal_kg",
    "post_consumer", "pre_consumer",
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """What the charge list of a heat says: post- and pre-consumer content [1], and its credits by account [kg]."""

    post: Fraction
    pre: Fraction
    credits: Mapping[str, int]


@dataclass(frozen=True)
class Difference:
    """A figure of a heat that its charge list does not give."""

    heat: str
    what: str
    told: str
    said: str


def charge_table(view: View) -> Table:
    """Charge lists: what went into each heat, with the terms of its recycled content, exactly."""
    heats = {row["unit"]: details(row).get(YIELDS, {}) for row in view.rows["heat"]}
    lines = [row for row in view.rows["consumption"] if row["child"] in heats]
    parents = _read_parents(view, sorted({row["parent"] for row in lines}))
    rows: list[dict[str, Value]] = []
    for row in lines:
        shown: dict[str, Value] = {
            "heat": row["child"], "line": row["line"], "from": row["parent"], "mass_kg": row["mass_kg"], "role": row["role"]
        }  # fmt: skip
        rows.append(shown | _terms(view, parents[row["parent"]], heats[row["child"]], row["mass_kg"]))
    return make_table(CHARGES, COLUMNS, rows)


def _read_parents(view: View, names: Sequence[str]) -> dict[str, Any]:
    query = select(unit.c.id, unit.c.kind, unit.c.material, lot.c.content_class, lot.c.origin, lot.c.details).outerjoin(
        lot, lot.c.unit == unit.c.id
    )
    found = {}
    for start in range(0, len(names), CHUNK):
        rows = view.connection.execute(query.where(unit.c.id.in_(names[start : start + CHUNK])))
        found.update({row.id: row for row in rows})
    return found


def _terms(view: View, parent: Any, yields: Mapping[str, str], mass_kg: int) -> dict[str, Value]:
    """Class, yield and metal of a charge line."""
    if parent.kind in ("return", "dross"):
        return {"material": parent.material, "content_class": "internal", "origin": "same-stream", "metal_yield": "1"}
    if parent.kind != "lot":
        post, pre = mixed_content(view.connection, parent.id)
        return {
            "material": parent.material, "content_class": OWN, "metal_yield": "1", "metal_kg": str(mass_kg),
            "post_consumer": str(post), "pre_consumer": str(pre),
        }  # fmt: skip
    more = json.loads(parent.details)
    found = Fraction(more.get("metal_yield") or yields[parent.material])
    return {
        "material": parent.material, "content_class": parent.content_class, "origin": parent.origin,
        "tolled": "yes" if more.get("tolled_for") else "", "metal_yield": str(found), "metal_kg": str(found * mass_kg),
    }  # fmt: skip


def tell_heat(lines: Iterable[Row], product_kg: int) -> Told:
    """Content and credits of a heat from the lines of its charge.

    Raises
    ------
    InputError, ValueError
        For terms that are no shares, masses or classes.
    """
    listed = list(lines)
    bought = [_part(row) for row in listed if row["content_class"] != OWN]
    own = [
        part
        for row in listed
        if row["content_class"] == OWN
        for part in own_parts(int(row["mass_kg"]), Fraction(row["post_consumer"]), Fraction(row["pre_consumer"]))
    ]
    whole = calc_content([*bought, *own])
    return Told(whole.post, whole.pre, credit_cast(calc_content(bought), whole.metal_kg, product_kg))


def _part(row: Row) -> Part:
    return Part(
        int(row["mass_kg"]),
        Fraction(row["metal_yield"]),
        row["content_class"],
        row["origin"] or "external",
        row["tolled"] == "yes",
    )


def find_differences(
    rows: Mapping[str, Sequence[Row]], heats: Iterable[Row], charges: Iterable[Row], gone: Container[str] = ()
) -> Iterator[Difference]:
    """What the charge lists of a pack say otherwise than its records: lines, classes, yields, contents, credits.

    Parameters
    ----------
    rows : mapping of str to sequence of Row
        Records by table: unit, consumption, lot, posting.
    heats : iterable of Row
        Heats of the period.
    gone : collection of str
        Those of them whose credits were taken back in the period.
    charges : iterable of Row
        Lines of `charge_table`, as a CSV file has them.
    """
    by_heat: dict[str, list[Row]] = defaultdict(list)
    for row in charges:
        by_heat[row["heat"]].append(row)
    recorded: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in rows["consumption"]:
        recorded[_cell(row["child"])][(str(row["line"]), _cell(row["parent"]))] = row["mass_kg"]
    kinds = {_cell(row["id"]): row["kind"] for row in rows["unit"]}
    masses_of = {row["id"]: row["mass_kg"] for row in rows["unit"]}
    materials = {row["id"]: row["material"] for row in rows["unit"]}
    lots = {_cell(row["unit"]): (row, materials[row["unit"]]) for row in rows["lot"]}
    credited: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows["posting"]:
        if row["kind"] == "credit" and row["account"] in CREDIT:
            credited[(row["ref"], row["account"])] += row["amount"]
    for heat in sorted(heats, key=lambda row: str(row["unit"])):
        name, said = _cell(heat["unit"]), json.loads(heat["details"])
        lines = by_heat.pop(name, [])
        masses = {(row["line"], row["from"]): int(row["mass_kg"]) for row in lines}
        if masses != recorded[name]:
            yield Difference(name, "charge", _shown(recorded[name]), _shown(masses))
            for account in CREDIT:
                credited.pop((heat["unit"], account), None)  # without its charge nothing is told of them
            continue
        yield from _find_kind_differences(name, lines, kinds)
        yield from _find_lot_differences(name, lines, lots, said.get(YIELDS, {}))
        told = tell_heat(lines, masses_of[heat["unit"]])
        for what, one, other in (("post-consumer", told.post, said["post"]), ("pre-consumer", told.pre, said["pre"])):
            if one != Fraction(other):
                yield Difference(name, f"{what} content", str(one), other)
        for account in CREDIT:
            due = 0 if heat["unit"] in gone else told.credits[account]
            posted = credited.pop((heat["unit"], account), 0)
            if due != posted:
                yield Difference(name, f"{account} credit", str(due), str(posted))
    for (ref, account), posted in sorted(credited.items()):
        if posted:
            yield Difference(_cell(ref), f"{account} credit", "0", str(posted))
    for name in sorted(by_heat):
        yield Difference(name, "charge", "", _shown({(row["line"], row["from"]): row["mass_kg"] for row in by_heat[name]}))


def _find_kind_differences(heat: str, lines: Iterable[Row], kinds: Mapping[str, str]) -> Iterator[Difference]:
    """Lines whose class is not one of their unit's kind; a unit of an earlier period stands in its own pack."""
    for row in lines:
        kind = kinds.get(row["from"])
        if kind is None:
            continue
        told = "internal" if kind in ("return", "dross") else OWN if kind != "lot" else row["content_class"]
        if row["content_class"] != told or (kind == "lot" and told == OWN):
            yield Difference(heat, f"{row['from']} content_class", kind if kind == "lot" else told, row["content_class"])


def _find_lot_differences(
    heat: str, lines: Iterable[Row], lots: Mapping[str, tuple[Row, str]], yields: Mapping[str, str]
) -> Iterator[Difference]:
    """Lines whose lot is in the pack and has another class, origin or yield; a lot of an earlier period stands in its own pack."""
    for row in lines:
        if row["from"] not in lots:
            continue
        found, material = lots[row["from"]]
        more = json.loads(found["details"])
        terms = {
            "content_class": found["content_class"], "origin": found["origin"], "tolled": "yes" if more.get("tolled_for") else "",
            "metal_yield": str(Fraction(more.get("metal_yield") or yields[material])),
        }  # fmt: skip
        for term, told in terms.items():
            if row[term] != told:
                yield Difference(heat, f"{row['from']} {term}", told, row[term])


def _cell(value: str) -> str:
    return str(csv_text(value))


def _shown(masses: Mapping[tuple[str, str], Any]) -> str:
    return ", ".join(f"{name}={mass}" for (_, name), mass in sorted(masses.items()))
