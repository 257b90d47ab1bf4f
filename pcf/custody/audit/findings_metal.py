"""Findings on the metal: yields, analyses, masses that do not add up, contractors, power."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from sqlalchemy import func, select

from pcf.custody.audit.figures import per_cent
from pcf.custody.audit.finding import MAJOR, MINOR, OBSERVATION, Finding, find
from pcf.custody.audit.parts_metal import balance_row
from pcf.custody.audit.parts_papers import contractor_sums
from pcf.custody.audit.view import View, details, document_name
from pcf.custody.genealogy import voided_units
from pcf.custody.ledger import POWER
from pcf.custody.power import read_leg
from pcf.custody.rules import setting
from pcf.custody.shipments import own_mass
from pcf.custody.tables import consumption, unit


def find_yields(view: View) -> Iterator[Finding]:
    """Heats and steps whose yield is outside the bounds of plausibility."""
    lowest, highest = setting("yield-lowest"), setting("yield-highest")
    steps = [(row, row["input_kg"]) for row in view.live("processing")]
    for row, given in [(row, row["charge_kg"]) for row in view.live("heat")] + steps:
        if given <= 0:
            continue
        share = Fraction(view.units[row["unit"]]["mass_kg"] + row["returns_kg"], given)
        fields = {"found": per_cent(share), "low": f"{100 * float(lowest):g}", "high": f"{100 * float(highest):g}"}
        if share > highest:
            yield find(MAJOR, "R22", row["unit"], "yield-high", **fields)
        elif share < lowest:
            yield find(MINOR, "R22", row["unit"], "yield-low", **fields)


def find_analyses(view: View) -> Iterator[Finding]:
    """Heats without an analysis."""
    for row in view.live("heat"):
        if not details(row).get("chemistry"):
            yield find(OBSERVATION, "", row["unit"], "no-analysis", date=view.units[row["unit"]]["date"])


def find_overuse(view: View) -> Iterator[Finding]:
    """Units of which more was taken than there was, heats whose charge list does not add up, and a stock that does not close."""
    mine = select(consumption.c.parent).join(unit, unit.c.id == consumption.c.child).where(
        unit.c.site.in_(view.sites), unit.c.date >= view.span.start, unit.c.date <= view.span.end
    )  # fmt: skip
    child, parent = unit.alias(), unit
    query = (
        select(parent.c.id, parent.c.mass_kg, func.sum(consumption.c.mass_kg))
        .join(consumption, consumption.c.parent == parent.c.id)
        .join(child, child.c.id == consumption.c.child)
        .where(parent.c.id.in_(mine), child.c.kind != "return", child.c.id.not_in(voided_units()))
        .group_by(parent.c.id, parent.c.mass_kg)
        .order_by(parent.c.id)
    )
    for name, mass, taken in view.connection.execute(query):
        if taken > mass:
            yield find(MAJOR, "R22", name, "overused", mass=mass, taken=int(taken))
    charged: dict[str, int] = defaultdict(int)
    for row in view.rows["consumption"]:
        charged[row["child"]] += row["mass_kg"]
    for table, column in (("heat", "charge_kg"), ("processing", "input_kg")):
        for row in view.live(table):
            if charged[row["unit"]] != row[column]:
                yield find(MAJOR, "R15", row["unit"], "charge-list", listed=charged[row["unit"]], charged=row[column])
    for row in view.live("shipment"):
        mass = view.units[row["unit"]]["mass_kg"]
        if charged[row["unit"]] != mass:
            yield find(MAJOR, "R15", row["unit"], "shipment-items", listed=charged[row["unit"]], mass=mass)
    gap = balance_row(view)["difference_kg"]
    if gap:
        yield find(MAJOR, "R22", view.scope, "stock-gap", gap=gap)


def find_shipments(view: View) -> Iterator[Finding]:
    """Mass on documents against mass shipped (R04)."""
    live = {row["unit"]: row for row in view.live("shipment")}
    claimed: dict[str, int] = defaultdict(int)
    for row in view.documents("out"):
        sent = view.units.get(row["unit"] or "")
        if sent is None:
            yield find(MAJOR, "R04", document_name(row), "document-without-shipment")
            continue
        if not view.covers(sent["date"]):
            continue
        if row["unit"] not in live:
            yield find(MAJOR, "R04", document_name(row), "document-on-void", shipment=row["unit"])
            continue
        claimed[row["unit"]] += row["coc_kg"]
        if row["total_kg"] != sent["mass_kg"]:
            yield find(
                MAJOR, "R04", document_name(row), "document-total", total=row["total_kg"], mass=sent["mass_kg"], shipment=row["unit"]
            )  # fmt: skip
    for name, kg in sorted(claimed.items()):
        own = own_mass(details(live[name]), view.units[name]["mass_kg"])
        if kg > own:
            yield find(MAJOR, "R04", name, "documents-over-shipment", claimed=kg, mass=own)


def find_contractors(view: View) -> Iterator[Finding]:
    """Contractors whose returns are not what was sent (R17)."""
    for party, (opening, sent, returned) in contractor_sums(view).items():
        left = opening + sent - returned
        if left < 0:
            yield find(MAJOR, "R17", party, "contractor-over", name=view.name(party), over=-left)
        elif left:
            yield find(MINOR, "R17", party, "contractor-open", name=view.name(party), left=left)


def find_power(view: View) -> Iterator[Finding]:
    """Power that was matched against the meter of its leg, its evidence, its time and the ledger (R22).

    What is matched and what is left of a leg are its meter; so a leg of which more was matched than its meter says is the break.
    """
    evidence = {row["id"]: row for row in view.rows["power_evidence"]}
    legs = {(row["site"], row["time"], row["leg"]) for row in (*view.rows["meter"], *evidence.values())}
    for site, time, leg in sorted(legs):
        name, found = f"{site}/{time}/{leg}", read_leg(view.connection, site, time, leg)
        if found.rest < 0:
            yield find(MAJOR, "R22", name, "power-over-meter", matched=found.matched, metered=found.metered)
        if found.matched > found.evidence:
            yield find(MAJOR, "R22", name, "power-over-evidence", matched=found.matched, evidence=found.evidence)
    matched = 0
    for row in view.rows["power_match"]:
        if ("match", row["id"]) in view.voids:
            continue
        matched += row["wh"]
        made = evidence[row["evidence"]]["time"]
        if row["time"] != made:
            yield find(MAJOR, "R22", row["id"], "power-time", time=row["time"], made=made)
    posted = sum(row["amount"] for row in view.rows["posting"] if row["account"] == POWER and row["kind"] == "issued")
    if matched != posted:
        yield find(MAJOR, "R22", POWER, "power-ledger", matched=matched, posted=posted)


CHECKS = (find_yields, find_analyses, find_overuse, find_shipments, find_contractors, find_power)
