"""Parts of the accounts and of what was claimed on them (parts 5, 8–12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from pcf.custody.accounts import MASSES, Balance, read_balances
from pcf.custody.accounts import monthly as read_monthly
from pcf.custody.audit.figures import long_per_cent
from pcf.custody.audit.numbering import find_gaps
from pcf.custody.audit.parts_metal import void_fields
from pcf.custody.audit.raw import OUTSIDE, RAW_KINDS, calc_bookings, counts_as, monthly_bookings
from pcf.custody.audit.table import Table, Value, make_table
from pcf.custody.audit.view import Row, View, details, document_name
from pcf.custody.ledger import CREDIT, PERCENTAGE, SCRAP
from pcf.custody.power import read_legs
from pcf.custody.shipments import TOLLED_KG


def figures_of(view: View) -> dict[str, Balance]:
    """Figures of the accounts as the ledger has them."""
    return read_balances(view.connection, view.scope, view.span.id)


def accounts(view: View) -> Table:
    """Input percentage, cap and balances of each account with every term (F1–F7)."""
    rows = [
        (name, rule, term, value, unit)
        for name, found in figures_of(view).items()
        if found.is_used
        for rule, term, value, unit in _terms(found)
    ]
    return Table("accounts", ("account", "formula", "term", "value", "unit"), tuple(rows))


def _terms(found: Balance) -> Iterator[tuple[str, str, Value, str]]:
    for kind, kg in found.sums.items():
        yield "", kind, kg, "kg"
    if found.account not in CREDIT:
        yield "F1", "input_percentage", long_per_cent(found.percentage), "%"
        yield "F1", "input_percentage_with_alloying_elements", long_per_cent(found.with_alloying), "%"
    yield {SCRAP: "F3"}.get(found.account, "F11" if found.account in CREDIT else "F2"), "cap_of_own_output", found.own_cap, "kg"
    yield "R22", "cap", found.cap, "kg"
    settled = found.settlement
    yield "F4", "positive_balance", settled.positive_balance, "kg"
    yield "F5", "drawn_from_balance_carried_in", settled.drawn_from_carry, "kg"
    yield "F5", "drawn_from_cap", settled.drawn_from_current, "kg"
    yield "F5", "expires", settled.expired, "kg"
    yield "F6", "overdraft", settled.overdraft, "kg"
    yield "F6", "overdraft_limit", found.overdraft_limit, "kg"
    yield "F7", "available", found.available, "kg"


def monthly(view: View) -> Table:
    """Monthly reconciliation: raw records against the ledger."""
    posted = read_monthly(view.connection, view.scope, view.span.id)
    raw = monthly_bookings(calc_bookings(view.rows, view.scope, view.span.id))
    rows: list[tuple[Value, ...]] = []
    for account in MASSES:
        months = sorted({*posted.get(account, {}), *raw.get(account, {})})
        for month in months:
            mine, theirs = posted.get(account, {}).get(month, {}), raw.get(account, {}).get(month, {})
            for kind in (*RAW_KINDS, *sorted({*mine} - {*RAW_KINDS})):
                if not (mine.get(kind) or theirs.get(kind)):
                    continue
                told = theirs.get(kind, 0) if kind in RAW_KINDS else None
                kg = mine.get(kind, 0)
                rows.append((account, month, kind, told, kg, None if told is None else told - kg))
    columns = ("account", "month", "kind", "raw_records_kg", "ledger_kg", "difference_kg")
    return Table("monthly", columns, tuple(rows))


def postings(view: View) -> Table:
    """Every line of the ledger."""
    columns = (
        "event_seq", "line", "account", "period", "kind", "month", "amount", "running", "unit", "ref", "recorded", "actor"
    )  # fmt: skip
    plain = ("event_seq", "line", "account", "period", "kind", "month", "amount", "running", "ref")
    rows = sorted(view.rows["posting"], key=lambda row: (row["event_seq"], row["line"]))
    return make_table("postings", columns, (
        {
            **{name: row[name] for name in plain}, "unit": "Wh" if row["account"] == "renewable-power" else "kg",
            "recorded": view.recorded(row), "actor": view.events[row["event_seq"]].actor if row["event_seq"] in view.events else "",
        }
        for row in rows
    ))  # fmt: skip


def outbound_documents(view: View) -> Table:
    """CoC documents issued, each with its shipment and its entry in the ledger."""
    columns = (
        "issuer", "reference", "date", "customer", "customer_name", "shipment", "shipped_on", "account", "coc_kg", "total_kg",
        "responsible", "delivery_note", "force_majeure", "event_seq", "recorded", "void_date", "void_reason",
    )  # fmt: skip

    def row_of(row: Row) -> dict[str, Any]:
        more, sent = details(row), view.units.get(row["unit"])
        return {
            **{name: row[name] for name in ("issuer", "reference", "date", "account", "coc_kg", "total_kg", "event_seq")},
            **{name: more.get(name) for name in ("responsible", "delivery_note", "force_majeure")},
            "customer": row["party"], "customer_name": view.name(row["party"]), "shipment": row["unit"],
            "shipped_on": sent["date"] if sent else "", "recorded": view.recorded(row),
            **void_fields(view, "document", document_name(row)),
        }  # fmt: skip

    return make_table("outbound-documents", columns, map(row_of, view.documents("out", live=False)))


def shipments(view: View) -> Table:
    """Shipments with the CoC mass that documents claim of each."""
    claimed: dict[str, int] = defaultdict(int)
    for row in view.documents("out"):
        claimed[row["unit"]] += row["coc_kg"]
    columns = (
        "id", "site", "date", "customer", "customer_name", "delivery_note", "form", "account", "mass_kg", "tolled_kg", "documents_coc_kg",
        "invoice", "order", "event_seq", "recorded", "void_date", "void_reason",
    )  # fmt: skip

    def row_of(row: Row) -> dict[str, Any]:
        of, more = view.units[row["unit"]], details(row)
        return {
            "id": row["unit"], "site": of["site"], "date": of["date"], "mass_kg": of["mass_kg"], "tolled_kg": more.get(TOLLED_KG), "customer": row["customer"],
            "customer_name": view.name(row["customer"]), "delivery_note": row["note"], "form": row["form"],
            "account": row["account"], "documents_coc_kg": claimed[row["unit"]], "invoice": more.get("invoice"),
            "order": more.get("order"), "event_seq": row["event_seq"], "recorded": view.recorded(row),
            **void_fields(view, "shipment", row["unit"]),
        }  # fmt: skip

    rows = sorted((row for row in view.rows["shipment"] if row["unit"] in view.units), key=lambda row: str(row["unit"]))
    return make_table("shipments", columns, map(row_of, rows))


def numbering(view: View) -> Table:
    """Gaps in the numbers of the documents issued."""
    columns = ("issuer", "series", "first_missing", "last_missing", "missing")
    return make_table("numbering-gaps", columns, (
        {
            "issuer": gap.issuer, "series": gap.series, "first_missing": gap.first, "last_missing": gap.last,
            "missing": gap.last - gap.first + 1,
        }
        for gap in find_gaps(view)
    ))  # fmt: skip


def voids(view: View) -> Table:
    """What was taken back, with the reason."""
    columns = ("kind", "target", "date", "reason", "event_seq", "recorded", "actor")
    rows = sorted(view.rows["void"], key=lambda row: (row["event_seq"], row["target"]))
    return make_table("voids", columns, (
        {
            "kind": row["target_kind"], "target": row["target"], "date": row["date"], "reason": row["reason"],
            "event_seq": row["event_seq"], "recorded": view.recorded(row),
            "actor": view.events[row["event_seq"]].actor if row["event_seq"] in view.events else "",
        }
        for row in rows
    ))  # fmt: skip


def balances(view: View) -> Table:
    """Ageing of the positive balance and the overdraft."""
    places = [item.id for item in view.spans]
    here = places.index(view.span.id)
    before, after = (places[here - 1] if here else ""), (places[here + 1] if here + 1 < len(places) else "")
    columns = (
        "account", "carried_in_from", "carried_in_kg", "overdraft_in_kg", "cap_kg", "issued_kg", "drawn_from_balance_carried_in_kg",
        "drawn_from_cap_kg", "expired_kg", "positive_balance_kg", "expires_at_end_of", "overdraft_kg", "overdraft_limit_kg", "closed",
    )  # fmt: skip
    return make_table("balances", columns, (
        {
            "account": name, "carried_in_from": before if found.sums["carried-in"] or found.sums["overdraft-in"] else "",
            "carried_in_kg": found.sums["carried-in"], "overdraft_in_kg": found.sums["overdraft-in"], "cap_kg": found.cap,
            "issued_kg": found.sums["issued"], "drawn_from_balance_carried_in_kg": found.settlement.drawn_from_carry,
            "drawn_from_cap_kg": found.settlement.drawn_from_current, "expired_kg": found.settlement.expired,
            "positive_balance_kg": found.settlement.positive_balance,
            "expires_at_end_of": after if found.settlement.positive_balance else "",
            "overdraft_kg": found.settlement.overdraft, "overdraft_limit_kg": found.overdraft_limit,
            "closed": "yes" if view.span.closed else "no",
        }
        for name, found in figures_of(view).items()
        if found.is_used
    ))  # fmt: skip


def annual_report(view: View) -> Table:
    """What the annual report has to say, from the ledger."""
    rows: list[tuple[Value, ...]] = []
    for name, found in figures_of(view).items():
        if name not in (*PERCENTAGE, SCRAP) or not found.is_used:
            continue
        items: tuple[tuple[str, Value], ...] = (
            ("input_coc_kg", found.sums["coc-in"]), ("input_other_kg", found.sums["other-in"]),
            ("input_alloying_kg", found.sums["alloying-in"]), ("output_kg", found.sums["out"]),
            ("output_coc_kg", found.sums["issued"]), ("input_percentage", long_per_cent(found.percentage)),
            ("positive_balance_carried_in_kg", found.sums["carried-in"]),
            ("positive_balance_carried_out_kg", found.settlement.positive_balance),
            ("expired_kg", found.settlement.expired), ("internal_overdraft_kg", found.settlement.overdraft),
        )  # fmt: skip
        rows += [(name, item, value) for item, value in items]
    scrap: dict[str, int] = defaultdict(int)
    for row in view.live("lot"):
        if row["content_class"] in ("post-consumer", "pre-consumer") and counts_as(row) != OUTSIDE:
            eligible = "eligible" if row["asi_class"] == "eligible-scrap" else "not-eligible"
            scrap[f"input_{row['content_class']}_{eligible}_kg"] += view.units[row["unit"]]["mass_kg"]
    rows += [("scrap", item, kg) for item, kg in sorted(scrap.items())]
    return Table("annual-report", ("account", "item", "value"), tuple(rows))


def supplementary(view: View) -> Table:
    """Footprints and recycled contents on documents, each with what they are worth nothing without (R18, R19)."""
    fields = (
        "recycled_content", "recycled_content_method", "footprint", "footprint_boundary", "footprint_period", "footprint_verifier"
    )  # fmt: skip
    found = [row for direction in ("in", "out") for row in view.documents(direction)]
    return make_table("supplementary", ("direction", "issuer", "reference", "date", *fields), (
        {
            **{name: row[name] for name in ("direction", "issuer", "reference", "date")},
            **{name: details(row).get(name) for name in fields},
        }
        for row in found
        if any(details(row).get(name) for name in fields)
    ))  # fmt: skip


def power(view: View) -> Table:
    """Each leg of the power: its meter, what matches have spent of it, and the rest."""
    columns = ("site", "time", "leg", "metered_wh", "matched_wh", "rest_wh", "evidence_wh", "sold_wh", "products")
    legs = [
        leg
        for site in view.sites
        for leg in read_legs(view.connection, site, view.span.start[:7], view.span.end[:7])
    ]  # fmt: skip
    return make_table("power", columns, (
        {
            "site": leg.site, "time": leg.time, "leg": leg.leg, "metered_wh": leg.metered, "matched_wh": leg.matched,
            "rest_wh": leg.rest, "evidence_wh": leg.evidence, "sold_wh": leg.sold,
            "products": ", ".join(f"{product}={wh}" for product, wh in sorted(leg.by_product.items())),
        }
        for leg in legs
    ))  # fmt: skip


def claims(view: View) -> Table:
    """Claims of recycled content."""
    columns = (
        "id", "shipment", "date", "customer", "customer_name", "attribute", "basis", "standard", "mass_kg", "shipment_kg",
        "post_consumer_percent", "pre_consumer_percent", "same_process_boundary", "event_seq", "recorded", "void_date", "void_reason",
    )  # fmt: skip
    sent = {row["unit"]: row for row in view.rows["shipment"]}

    def row_of(row: Row) -> dict[str, Any]:
        more, of = details(row), sent.get(row["shipment"])
        return {
            **{name: row[name] for name in ("id", "shipment", "date", "attribute", "basis", "mass_kg", "event_seq")},
            "customer": of["customer"] if of else "", "customer_name": view.name(of["customer"]) if of else "",
            "standard": more.get("standard"), "shipment_kg": view.units[row["shipment"]]["mass_kg"] if of else None,
            "post_consumer_percent": long_per_cent(Fraction(more.get("post", 0))),
            "pre_consumer_percent": long_per_cent(Fraction(more.get("pre", 0))),
            "same_process_boundary": more.get("same_process_boundary"), "recorded": view.recorded(row),
            **void_fields(view, "statement", row["id"]),
        }  # fmt: skip

    return make_table("claims", columns, map(row_of, sorted(view.rows["statement"], key=lambda row: str(row["id"]))))
