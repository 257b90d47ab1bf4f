"""Parts of people and papers: scope, representatives, suppliers, retention, contractors, filings (parts 1–3, 9, 13–15)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import func, select

from pcf.custody.audit.table import Table, Value, make_table
from pcf.custody.audit.view import Row, View, details
from pcf.custody.rules import setting
from pcf.store.clock import show
from pcf.store.schema import event

CERTIFICATE = ("number", "standard", "holder", "holder_name", "valid_from", "valid_until", "level", "auditor", "checked_on")


def scope_sites(view: View) -> Table:
    """Sites of the scope."""
    columns = ("scope", "scope_name", "certificate", "site", "name", "party", "party_name", "timezone", "plant", "address")
    scope = view.rows["scope"][0]
    return make_table("sites", columns, (
        {
            "scope": view.scope, "scope_name": scope["name"], "certificate": scope["certificate"], "site": row["id"],
            "name": row["name"], "party": row["party"], "party_name": view.name(row["party"]), "timezone": row["timezone"],
            **_some(row, "plant", "address"),
        }
        for row in view.rows["site"]
    ))  # fmt: skip


def own_certificates(view: View) -> Table:
    """Certificates of the scope and of the owners of its sites."""
    own = {row["party"] for row in view.rows["site"]}
    rows = [row for row in view.rows["certificate"] if row["holder"] in own or row["number"] in view.certificates]
    return make_table("certificates", CERTIFICATE, _certificates(view, rows))


def contractors(view: View) -> Table:
    """Contractors with the first and the last movement of metal up to the end of the period."""
    days: dict[str, list[str]] = defaultdict(list)
    for row in view.rows["contractor"]:
        days[row["party"]].append(row["date"])
    columns = ("party", "name", "country", "address", "first", "last")
    return make_table("contractors", columns, (
        {
            "party": party, "name": view.name(party), **_some(view.parties[party], "country", "address"), "first": min(found),
            "last": max(found),
        }
        for party, found in sorted(days.items())
    ))  # fmt: skip


def changes(view: View) -> Table:
    """When sites, scope, own certificates and periods were recorded, so that an auditor sees what is new since the last audit."""
    own = {row["party"] for row in view.rows["site"]}
    rows = [*view.rows["scope"], *view.rows["site"], *view.rows["period"], *view.rows["period_close"], *view.rows["amendment"]]
    rows += [row for row in view.rows["certificate"] if row["holder"] in own]
    columns = ("event_seq", "recorded", "kind", "key", "actor")
    found = sorted({row["event_seq"] for row in rows})
    return make_table("changes", columns, (
        {
            "event_seq": seq, "recorded": show(entry.time), "kind": entry.kind, "key": entry.key, "actor": entry.actor
        }
        for seq in found
        if (entry := view.events.get(seq)) is not None
    ))  # fmt: skip


def representative(view: View) -> Table:
    """Who answers for the scope."""
    scope = view.rows["scope"][0]
    return make_table("representative", ("scope", "name", "representative", "certificate"), [
        {"scope": scope["id"], "name": scope["name"], "certificate": scope["certificate"], **_some(scope, "representative")}
    ])  # fmt: skip


def suppliers(view: View) -> Table:
    """Every supplier with what came from it and the latest due diligence."""
    lots: dict[str, list[Row]] = defaultdict(list)
    for row in view.live("lot"):
        lots[row["supplier"]].append(row)
    checks = {row["party"]: row for row in sorted(view.rows["due_diligence"], key=lambda row: (row["date"], row["id"]))}
    columns = (
        "party", "name", "country", "address", "contact", "lots", "mass_kg", "coc_kg", "source_types", "due_diligence", "date",
        "valid_until", "result", "principals", "place", "payment",
    )  # fmt: skip

    def row_of(party: str, found: list[Row]) -> dict[str, Value]:
        check = checks.get(party)
        known = {"due_diligence": check["id"], **_some(check, "principals", "place", "payment")} if check else {}
        known |= {name: check[name] for name in ("date", "valid_until", "result")} if check else {}
        sources = sorted({details(row).get("source_type", "") for row in found} - {""})
        return {
            "party": party, "name": view.name(party), **_some(view.parties[party], "country", "address", "contact"),
            "lots": len(found), "mass_kg": sum(view.units[row["unit"]]["mass_kg"] for row in found),
            "coc_kg": sum(row["coc_kg"] for row in found), "source_types": ", ".join(sources), **known,
        }  # fmt: skip

    return make_table("suppliers", columns, (row_of(party, found) for party, found in sorted(lots.items())))


def supplier_certificates(view: View) -> Table:
    """Certificates of everybody else, with the day on which they were checked."""
    own = {row["party"] for row in view.rows["site"]}
    rows = (row for row in view.rows["certificate"] if row["holder"] not in own)
    return make_table("supplier-certificates", CERTIFICATE, _certificates(view, rows))


def due_diligence(view: View) -> Table:
    """Every due-diligence decision on a party of the period."""
    columns = (
        "id", "party", "party_name", "date", "valid_until", "result", "source_type", "principals", "place", "payment", "note",
    )  # fmt: skip
    return make_table("due-diligence", columns, (
        {
            **{name: row[name] for name in ("id", "party", "date", "valid_until", "result")}, "party_name": view.name(row["party"]),
            **_some(row, "source_type", "principals", "place", "payment", "note"),
        }
        for row in view.rows["due_diligence"]
    ))  # fmt: skip


def force_majeure(view: View) -> Table:
    """What opened the internal overdraft."""
    columns = ("id", "account", "date", "event", "evidence", "recorded")
    return make_table("force-majeure", columns, (
        {
            **{name: row[name] for name in ("id", "account", "date")}, **_some(row, "event", "evidence"),
            "recorded": view.recorded(row),
        }
        for row in view.rows["force_majeure"]
    ))  # fmt: skip


def retention(view: View) -> Table:
    """What is kept, since when, and until when it has to be."""
    first, count = view.connection.execute(select(func.min(event.c.time), func.count())).one()
    years = int(setting("retention-years"))
    inbound = view.documents("in", live=False)
    items: list[tuple[str, Value]] = [
        ("retention_years", years),
        ("keep_until", f"{int(view.span.end[:4]) + years:04d}{view.span.end[4:]}"),
        ("first_event", show(first) if count else ""),
        ("events_in_log", count),
        ("events_of_the_period", len(view.events)),
        ("inbound_documents", len(inbound)),
        ("inbound_documents_with_digest_of_the_paper", sum(1 for row in inbound if details(row).get("file_sha256"))),
        ("papers", len(view.rows["filing"])),
        ("papers_with_digest", sum(1 for row in view.rows["filing"] if row["sha256"])),
    ]
    return Table("retention", ("item", "value"), tuple(items))


def contractor_movements(view: View) -> Table:
    """Metal sent to contractors and come back, up to the end of the period."""
    columns = ("id", "party", "party_name", "direction", "date", "unit", "mass_kg", "note", "recorded")
    return make_table("contractor-movements", columns, (
        {
            **{name: row[name] for name in ("id", "party", "direction", "date", "mass_kg")},
            "unit": row["unit"] or details(row).get("lot"), "party_name": view.name(row["party"]), **_some(row, "note"), "recorded": view.recorded(row),
        }
        for row in view.rows["contractor"]
    ))  # fmt: skip


def contractor_balances(view: View) -> Table:
    """What each contractor has at the end of the period (R17)."""
    columns = ("party", "name", "opening_kg", "sent_kg", "returned_kg", "closing_kg")
    return make_table("contractor-balances", columns, (
        {
            "party": party, "name": view.name(party), "opening_kg": opening, "sent_kg": sent, "returned_kg": returned,
            "closing_kg": opening + sent - returned,
        }
        for party, (opening, sent, returned) in contractor_sums(view).items()
    ))  # fmt: skip


def contractor_sums(view: View) -> dict[str, tuple[int, int, int]]:
    """By contractor: what it had when the period began, and what was sent and returned in it [kg]."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in view.rows["contractor"]:
        back = row["direction"] == "returned"
        if row["date"] < view.span.start:
            found[row["party"]][0] += -row["mass_kg"] if back else row["mass_kg"]
        else:
            found[row["party"]][2 if back else 1] += row["mass_kg"]
    return {party: (opening, sent, returned) for party, (opening, sent, returned) in sorted(found.items())}


def filings(view: View, part: int) -> Table:
    """Papers of a part, each with the digest of its file."""
    columns = ("id", "date", "title", "file", "sha256", "recorded")
    rows = sorted((row for row in view.rows["filing"] if row["part"] == part), key=lambda row: (row["date"], row["id"]))
    return make_table("papers", columns, (
        {
            **{name: row[name] for name in ("id", "date", "title", "sha256")}, **_some(row, "file"),
            "recorded": view.recorded(row),
        }
        for row in rows
    ))  # fmt: skip


def _certificates(view: View, rows: Iterable[Row]) -> Iterator[dict[str, Value]]:
    for row in rows:
        columns = ("number", "standard", "holder", "valid_from", "valid_until")
        yield {
            **{name: row[name] for name in columns}, "holder_name": view.name(row["holder"]),
            **_some(row, "level", "auditor", "checked_on"),
        }  # fmt: skip


def _some(row: Row, *names: str) -> dict[str, Any]:
    """Fields that only the details hold."""
    found = details(row)
    return {name: found.get(name) for name in names}
