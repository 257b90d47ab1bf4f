"""Claims of recycled content on a shipment: each kilogram of the attribute once, whatever the basis.

On the physical batch, on the site's average or as credit of the mass balance: all three draw on the same account, so that
claiming one way takes from what can be claimed another way.
"""

from __future__ import annotations

import json
from fractions import Fraction

from sqlalchemy import func, select

from pcf.custody.accounts import balance
from pcf.custody.book import Placed, Work
from pcf.custody.ledger import ALUMINIUM, POST, SCRAP, numbered
from pcf.custody.records import Statement
from pcf.custody.rules import setting
from pcf.custody.shipments import own_mass
from pcf.custody.tables import shipment, statement, unit, void
from pcf.custody.trace import mixed_content, read_contents
from pcf.store.events import compact


def make_statement(work: Work, item: Placed[Statement]) -> int | None:
    """Record a claim and draw it from its account; its mass [kg], or None where it is known or a problem stands."""
    fresh = work.new("statement", [item], "id")
    if not fresh:
        return None
    (_, key, asked), before, record = fresh[0], len(work.problems), item.record
    sent = work.connection.execute(
        select(unit, shipment.c.account, shipment.c.details).join(shipment, shipment.c.unit == unit.c.id)
        .where(unit.c.id == record.shipment, unit.c.id.not_in(_voids("shipment")))
    ).first()  # fmt: skip
    if sent is None:
        work.problem(f"{item.place}, shipment", repr(record.shipment), "a recorded shipment that is not void", "pcf ship add")
        return None
    earlier = work.connection.execute(
        select(statement.c.id).where(
            statement.c.shipment == record.shipment, statement.c.attribute == record.attribute, statement.c.id.not_in(_voids("statement"))
        )
    ).scalar()  # fmt: skip
    if sent.account not in (ALUMINIUM, SCRAP):
        work.problem(f"{item.place}, shipment", f"{record.shipment!r} of account {sent.account}", "a shipment of metal")
    if earlier is not None:
        work.problem(
            f"{item.place}, attribute", f"a second claim of {record.attribute} content on {record.shipment}", "one claim a shipment",
            f"void {earlier} first",
        )  # fmt: skip
    scope = work.scope_of(item.place, sent.site)
    span = work.open_period(item.place, scope, sent.date) if scope else None
    if span is None or len(work.problems) > before:
        return None
    if record.mass_kg is not None and record.basis != "credit":
        work.problem(
            f"{item.place}, mass_kg", f"{record.mass_kg:,} kg of a claim on the basis {record.basis}, which follows from the metal",
            "no mass", "a mass of one's own is claimed with the basis credit",
        )  # fmt: skip
        return None
    post, pre = contents(work, record, sent.site, span.start, span.end)
    share = post if record.attribute == POST else pre
    # A customer's metal is in no content (F13), and bears no claim.
    own = own_mass(json.loads(sent.details), sent.mass_kg)
    mass = record.mass_kg if record.basis == "credit" else int(share * own)
    if mass is None:
        work.problem(f"{item.place}, mass_kg", "nothing", "the mass that the credit claims")
        return None
    if mass > own:
        whose = "" if own == sent.mass_kg else ", without the customer's own metal"
        work.problem(f"{item.place}, mass_kg", f"{mass:,} kg of a shipment of {own:,} kg{whose}", "at most its mass")
    claimed = _claimed(work, record.shipment)
    if claimed and claimed + mass > own:
        work.problem(
            f"{item.place}, mass_kg",
            f"{mass:,} kg on top of {claimed:,} kg of a shipment of {own:,} kg",
            "both contents within its mass",
        )
    # A credit states what it claims, whatever is in the metal.
    stated = Fraction(claimed + mass, max(own, 1)) if record.basis == "credit" else post + pre
    if record.standard == "scs-103" and stated < setting("scs-floor"):
        work.problem(
            f"{item.place}, standard", f"a recycled content of {100 * float(stated):.1f} %",
            f"at least {100 * float(setting('scs-floor')):g} % (R24)",
        )  # fmt: skip
    left = balance(work.connection, scope, record.attribute, span.id, work.ledger).available
    if mass > left:
        work.problem(
            f"{item.place}, mass_kg", f"{mass:,} kg, of account {record.attribute} of {scope} in {span.id} with {max(left, 0):,} kg left",
            "no more than came in (R22)",
        )  # fmt: skip
    if len(work.problems) > before:
        return None
    row = {
        "id": record.id, "shipment": record.shipment, "attribute": record.attribute, "basis": record.basis, "date": record.date,
        "mass_kg": mass,
        "details": compact({
            **record.details("id", "shipment", "attribute", "basis", "date", "mass_kg"), "post": str(post), "pre": str(pre),
            "same_process_boundary": "company",
        }),
    }  # fmt: skip
    posted = work.ledger.post(scope, record.attribute, span.id, "issued", sent.date[:7], mass, record.id)
    work.add("statement", key, asked, {"statement": [row], "posting": numbered([posted])})
    work.tx.flush()
    return mass


def _claimed(work: Work, shipment: str) -> int:
    """What claims that stand say of a shipment, post- and pre-consumer together [kg]."""
    live = select(func.coalesce(func.sum(statement.c.mass_kg), 0)).where(
        statement.c.shipment == shipment, statement.c.id.not_in(_voids("statement"))
    )
    return int(work.connection.execute(live).scalar_one())


def contents(work: Work, record: Statement, site: str, start: str, end: str) -> tuple[Fraction, Fraction]:
    """Post- and pre-consumer content on the basis of a claim: of the shipment's heats, or of all heats of the site and period."""
    if record.basis != "site-average":
        return mixed_content(work.connection, record.shipment)
    return site_average(work, site, start, end)


def site_average(work: Work, site: str, start: str, end: str) -> tuple[Fraction, Fraction]:
    """Average post- and pre-consumer content of a site's heats in a span of days, weighted by mass."""
    query = select(unit.c.id, unit.c.mass_kg).where(
        unit.c.site == site, unit.c.kind == "heat", unit.c.date >= start, unit.c.date <= end, unit.c.id.not_in(_voids("cast"))
    )
    masses = dict(work.connection.execute(query).all())
    found = read_contents(work.connection, list(masses))
    total = sum(masses.values())
    if not total:
        return Fraction(0), Fraction(0)
    post = sum((masses[name] * one for name, (one, _) in found.items()), Fraction(0))
    pre = sum((masses[name] * other for name, (_, other) in found.items()), Fraction(0))
    return post / total, pre / total


def _voids(kind: str):  # type: ignore[no-untyped-def]
    return select(void.c.target).where(void.c.target_kind == kind)
