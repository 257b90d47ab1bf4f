"""Parties, their certificates and due diligence; sites, scopes and accounting periods."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TypeVar

from sqlalchemy import select

from pcf.catalogue import Catalogue
from pcf.custody.book import Placed, Work
from pcf.custody.masters import read_now
from pcf.custody.reading import Record
from pcf.custody.records import Certificate, DueDiligence, Party, Period, Scope, Site
from pcf.custody.rules import setting
from pcf.custody.standing import again, stands
from pcf.custody.tables import certificate, due_diligence, party, period, scope, scope_site, site
from pcf.store.events import compact

ASI_COC = "asi-coc"
"""Standard of a certificate under which CoC documents are issued."""

Model = TypeVar("Model", bound=Record)


def add_parties(work: Work, items: Sequence[Placed[Party]]) -> None:
    """Record companies."""
    for item, key, asked in work.new("party", items, "id"):
        record = item.record
        row = {"id": record.id, "name": record.name, "details": compact(record.details("id", "name"))}
        work.add("party", key, asked, {"party": [row]})
    work.tx.flush()


def add_certificates(work: Work, items: Sequence[Placed[Certificate]]) -> None:
    """Record certificates; a renewal has the same number and other dates."""
    known = known_parties(work, (item.record.holder for item in items))
    keys = again(work, "certificate", [f"{item.record.number}/{item.record.valid_from}" for item in items])
    placed = [Placed(item.record, item.place, item.key or key) for item, key in zip(items, keys, strict=True)]
    for item, key, asked in work.new("certificate", placed, "number"):
        record = item.record
        if not _has(work, item, "holder", record.holder, known):
            continue
        columns = ("number", "valid_from", "valid_until", "holder", "standard")
        row = {name: getattr(record, name) for name in columns} | {"details": compact(record.details(*columns))}
        work.add("certificate", key, asked, {"certificate": [row]})
    work.tx.flush()


def add_due_diligence(work: Work, items: Sequence[Placed[DueDiligence]]) -> None:
    """Record decisions on suppliers."""
    known = known_parties(work, (item.record.party for item in items))
    for item, key, asked in work.new("due-diligence", items, "id"):
        record = item.record
        if not _has(work, item, "party", record.party, known):
            continue
        if record.valid_until < record.date:
            work.problem(f"{item.place}, valid_until", record.valid_until, f"a day on or after {record.date}")
            continue
        columns = ("id", "party", "date", "valid_until", "result")
        row = {name: getattr(record, name) for name in columns} | {"details": compact(record.details(*columns))}
        work.add("due-diligence", key, asked, {"due_diligence": [row]})
    work.tx.flush()


def add_sites(work: Work, items: Sequence[Placed[Site]]) -> None:
    """Record plants."""
    known = known_parties(work, (item.record.party for item in items))
    for item, key, asked in work.new("site", items, "id"):
        record = item.record
        if not _has(work, item, "party", record.party, known):
            continue
        if not check_plant(work, item.place, record.plant):
            continue
        columns = ("id", "name", "timezone", "party")
        row = {name: getattr(record, name) for name in columns} | {"details": compact(record.details(*columns))}
        work.add("site", key, asked, {"site": [row]})
    work.tx.flush()


def add_scopes(work: Work, items: Sequence[Placed[Scope]]) -> None:
    """Record certification scopes; a site is in one scope only."""
    for item, key, asked in work.new("scope", items, "id"):
        record, before = item.record, len(work.problems)
        taken_sites(work, f"{item.place}, sites", record.sites)
        if record.certificate is not None:
            check_certificate(work, item.place, record.certificate, record.sites)
        if len(work.problems) > before:
            continue
        details = compact(record.details("id", "name", "certificate", "sites"))
        new = {"id": record.id, "name": record.name, "certificate": record.certificate, "details": details}
        members = [{"scope": record.id, "site": name} for name in record.sites]
        work.add("scope", key, asked, {"scope": [new], "scope_site": members})
        work.tx.flush()


def taken_sites(work: Work, where: str, names: Sequence[str]) -> None:
    """Note sites that a scope cannot take: unknown, in a scope already, or named twice."""
    known = set(work.connection.execute(select(site.c.id)).scalars())
    taken = dict(work.connection.execute(select(scope_site.c.site, scope_site.c.scope)).all())
    for name in names:
        if name not in known or name in taken:
            found = f"{name!r}, which is in scope {taken[name]}" if name in taken else repr(name)
            work.problem(where, found, "a recorded site that is in no other scope", "pcf site add")
    if len(set(names)) < len(names):
        work.problem(where, "a site twice", "each site once")


def check_certificate(work: Work, place: str, number: str, sites: Sequence[str]) -> None:
    """Note a certificate that a scope cannot have: it has to be one of the standard, held by an owner of its sites or oneself."""
    held = select(certificate.c.holder).where(
        certificate.c.number == number, certificate.c.standard == ASI_COC, stands(certificate, "certificate")
    )
    holders = set(work.connection.execute(held).scalars())
    owners = set(work.connection.execute(select(site.c.party).where(site.c.id.in_(sites))).scalars())
    if holders & owners or any(
        json.loads(row["details"]).get("own") for row in read_now(work.connection, party, holders).values()
    ):
        return
    found = (
        f"certificate {number!r} of {', '.join(sorted(holders))}" if holders else f"{number!r}, no recorded {ASI_COC} certificate"
    )
    work.problem(
        f"{place}, certificate", found, f"an {ASI_COC} certificate of the owner of the sites", "pcf party certificate, then again"
    )


def plant_names(catalogue: Catalogue) -> list[str]:
    """Plants that a catalogue has data of, without their years."""
    return sorted({name.rpartition("-")[0] or name for name in catalogue.sites})


def check_plant(work: Work, place: str, plant: str) -> bool:
    """Whether a plant is one of the catalogue, or none is named; else that is a problem."""
    if not plant or plant in {*plant_names(work.catalogue), *work.catalogue.sites}:
        return True
    work.problem(
        f"{place}, plant", repr(plant), "a site of the catalogue, with or without its year", "pcf data import brings in a plant"
    )
    return False


def open_periods(work: Work, items: Sequence[Placed[Period]]) -> None:
    """Open accounting periods: no longer than a year, without gap or overlap within a scope (R08)."""
    scopes = set(work.connection.execute(select(scope.c.id)).scalars())
    spans: dict[str, list[tuple[str, str, str]]] = {}
    for row in work.connection.execute(select(period)):
        spans.setdefault(row.scope, []).append((row.start, row.end, row.id))
    longest = int(setting("period-longest"))
    placed = [Placed(item.record, item.place, item.key or f"period:{item.record.scope}/{item.record.id}") for item in items]
    for item, key, asked in work.new("period", placed, "id"):
        record = item.record
        start, end = date.fromisoformat(record.start), date.fromisoformat(record.end)
        if record.scope not in scopes:
            work.problem(f"{item.place}, scope", repr(record.scope), "a recorded scope", "pcf scope add")
            continue
        if not timedelta(0) <= end - start < timedelta(days=longest):
            work.problem(
                f"{item.place}, end",
                record.end,
                f"a day of the {longest} days from {record.start}",
                "a period is at most a year (R08)",
            )
            continue
        others = sorted(spans.get(record.scope, []))
        overlap = next((other for other in others if other[0] <= record.end and record.start <= other[1]), None)
        if overlap:
            work.problem(f"{item.place}, start", record.start, f"a day after {overlap[1]}, where period {overlap[2]} ends (R08)")
            continue
        if others and (start - timedelta(days=1)).isoformat() != others[-1][1]:
            after = (date.fromisoformat(others[-1][1]) + timedelta(days=1)).isoformat()
            work.problem(f"{item.place}, start", record.start, f"{after}, the day after period {others[-1][2]}: no gaps (R08)")
            continue
        spans.setdefault(record.scope, []).append((record.start, record.end, record.id))
        new = {name: getattr(record, name) for name in ("scope", "id", "start", "end")} | {"details": compact({})}
        work.add("period", key, asked, {"period": [new]})
    work.tx.flush()


def has_certificate(work: Work, number: str, day: str, holder: str | None = None) -> bool:
    """Whether a CoC certificate is recorded as valid on a day, for the holder if one is named."""
    query = select(certificate.c.number).where(
        certificate.c.number == number,
        certificate.c.standard == ASI_COC,
        certificate.c.valid_from <= day,
        certificate.c.valid_until >= day,
        stands(certificate, "certificate"),
    )
    if holder is not None:
        query = query.where(certificate.c.holder == holder)
    return work.connection.execute(query.limit(1)).first() is not None


def passed_due_diligence(work: Work, number: str, supplier: str, day: str) -> bool:
    """Whether a due-diligence record of a supplier says yes on a day."""
    query = select(due_diligence.c.id).where(
        due_diligence.c.id == number, due_diligence.c.party == supplier, due_diligence.c.result == "passed",
        due_diligence.c.date <= day, due_diligence.c.valid_until >= day, stands(due_diligence, "due-diligence"),
    )  # fmt: skip
    return work.connection.execute(query).first() is not None


def known_parties(work: Work, ids: Iterable[str]) -> set[str]:
    """Of some ids those of recorded parties."""
    wanted = list(dict.fromkeys(ids))
    found: set[str] = set()
    for start in range(0, len(wanted), 500):
        found.update(work.connection.execute(select(party.c.id).where(party.c.id.in_(wanted[start : start + 500]))).scalars())
    return found


def _has(work: Work, item: Placed[Model], field: str, name: str, known: set[str]) -> bool:
    if name in known:
        return True
    work.problem(f"{item.place}, {field}", repr(name), "a recorded party", "pcf party add")
    return False
