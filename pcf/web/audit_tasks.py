"""What the page Audit has computed in worker processes; each calls what the commands call."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from pcf.certificate.listing import read_listed
from pcf.custody import Book
from pcf.custody.masters import read_now
from pcf.custody.tables import party
from pcf.errors import InputError, PcfError
from pcf.store import open_database
from pcf.text import text, visible
from pcf.views.audit import LogBroken, checked, export_pack, log_sentence, recomputed_sentence
from pcf.views.issuing import this_day
from pcf.web.notes import Note
from pcf.web.work import catalogue

MOST_HEATS = 12
"""Heats of a walk whose footprints are computed."""

MOST_LINES = 500
"""Findings, and lines of a pack computed again, that a page shows."""


@contextmanager
def _book(url: str) -> Iterator[Book]:
    database = open_database(url, create=False)
    try:
        yield Book(database, catalogue(), "workbench")
    finally:
        database.close()


def check(url: str, scope: str, period: str, lang: str, note: str) -> dict[str, Any]:
    """What an audit finds in a period, the balance of its metal and its accounts; or what is wrong with the log."""
    from pcf.custody.audit.figures import per_cent
    from pcf.custody.audit.find import starts_of
    from pcf.custody.audit.parts_ledger import figures_of
    from pcf.custody.audit.parts_metal import balance_row
    from pcf.custody.rules import rules

    known = rules()
    with _book(url) as book:
        try:
            with checked(book, scope, period, lang, progress=Note(note).progress) as (view, found):
                starts = starts_of(view)
                return {
                    "log": [], "counts": dict(found.counts), "start": view.span.start, "end": view.span.end, "closed": view.span.closed,
                    "balance": balance_row(view), "events": len(view.events), "more": max(len(found.findings) - MOST_LINES, 0),
                    "findings": [
                        {
                            "severity": item.severity, "rule": item.rule, "expected": known[item.rule].names[lang] if item.rule else "",
                            "indicative": bool(item.rule and known[item.rule].indicative), "record": visible(item.record, keep=""),
                            "unit": starts.get(item.record, ""), "found": item.sentence(lang),
                        }
                        for item in found.findings[:MOST_LINES]
                    ],
                    "accounts": [
                        {
                            "account": name, "percentage": per_cent(item.percentage), "cap_kg": item.cap, "issued_kg": item.sums["issued"],
                            "carried_kg": item.sums["carried-in"], "available_kg": item.available,
                        }
                        for name, item in figures_of(view).items() if item.is_used
                    ],
                    "traces": [(item.direction, item.start, starts.get(item.start, ""), item.good) for item in found.traces],
                }  # fmt: skip
        except LogBroken as broken:
            return {"log": [log_sentence(item, lang) for item in broken.findings[:MOST_LINES]]}


def walk(url: str, unit: str, lang: str, dark: bool) -> dict[str, Any]:
    """A walk with its picture, the footprints on the way and the names of its materials."""
    from pcf.custody.audit.walk import read_walk, walk_document
    from pcf.custody.heats import Heats, unit_footprint
    from pcf.custody.trace import mixed_content
    from pcf.views.trace_figure import draw, material_name
    from pcf.web.figures import figure

    with _book(url) as book, book.read() as connection:
        found = read_walk(connection, unit)
        made = walk_document(found)
        made["parties"] = _parties(connection, made)
        made["certificates"] = _certificates(connection, made)
        made["names"] = {stop.node.id: material_name(stop.node, book.catalogue, lang) for stop in found.stops}
        try:
            chart = draw(found.genealogy, book.catalogue, found.log_size, lang)
            made["figure"], made["figure_note"] = figure(chart, dark=dark), chart.frame.footer.note
        except InputError:  # nothing went into it or was made of it
            made["figure"], made["figure_note"] = None, ""
        heats = Heats(connection, book.catalogue)
        made["footprints"], made["problems"] = {}, {}
        names = [stop.node.id for stop in found.stops if stop.node.kind == "heat"][:MOST_HEATS]
        for name in dict.fromkeys([unit, *names]):
            if found.genealogy.nodes[name].kind in ("lot", "return", "dross"):
                continue
            try:
                footprint = unit_footprint(heats, name)
                made["footprints"][name] = {
                    "total": footprint.total, "gate": footprint.gate, "gwp": heats.method.gwp, "low_voltage_pfc": heats.method.low_voltage_pfc,
                }  # fmt: skip
            except PcfError as problem:
                made["problems"][name] = str(problem)
        if found.genealogy.start.kind not in ("lot", "return", "dross"):
            post, pre = mixed_content(connection, unit)
            made["content"] = {"post_consumer": float(post), "pre_consumer": float(pre)}
        return made


def _parties(connection: Connection, made: dict[str, Any]) -> dict[str, str]:
    """Names of the parties on the way, by id."""
    wanted = {stop["fields"].get(name) for stop in made["stops"] for name in ("supplier", "customer", "tolled_for")}
    wanted |= {paper["party"] for stop in made["stops"] for paper in stop["papers"]}
    return {name: str(row["name"]) for name, row in read_now(connection, party, wanted - {None, ""}).items()}


def _certificates(connection: Connection, made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Certificates on the way as lists have them, by number."""
    numbers = [paper["name"] for stop in made["stops"] for paper in stop["papers"] if paper["kind"] == "certificate"]
    return {number: asdict(found) for number, found in read_listed(connection, numbers, this_day()).items()}


def export(url: str, scope: str, period: str, sample: int, seed: int, footprints: bool, lang: str, note: str) -> dict[str, Any]:
    """The pack of a period as a ZIP file."""
    with _book(url) as book, tempfile.TemporaryDirectory(prefix="pcf-pack-") as folder:
        path = Path(folder) / "pack.zip"
        names, events, found = export_pack(
            book, scope, period, path, lang, sample=sample, seed=seed, footprints=footprints, progress=Note(note).progress
        )
        return {"content": path.read_bytes(), "files": len(names), "events": events, "counts": dict(found.counts)}


def recompute(path: str, key: str, lang: str, note: str) -> dict[str, Any]:
    """A pack computed again, line by line, those that differ first."""
    from pcf.custody.audit.recompute import recompute as compute

    del note  # it is told in one piece
    lines = compute(Path(path), key or None)
    listed = sorted(lines, key=lambda line: line.good)
    return {
        "count": len(lines), "wrong": sum(not line.good for line in lines),
        "lines": [(line.good, visible(line.file, keep=""), recomputed_sentence(line, lang)) for line in listed[:MOST_LINES]],
    }  # fmt: skip


def verify_log(url: str, head: str, lang: str, note: str) -> dict[str, Any]:
    """What is wrong with the log, held against a head that somebody else holds where there is one."""
    from pcf.store.checkpoint import open_note
    from pcf.store.log import log_size, verify
    from pcf.views.signing import log_public_key

    with _book(url) as book, book.read() as connection:
        trusted = log_public_key()
        held = [open_note(head, trusted)] if head else []
        size = log_size(connection)
        with Note(note).progress(size, "progress.rows") as advance:
            found = list(verify(connection, held, advance, trusted))
    clean = text("log.clean", lang, size=f"{size:,}", heads=len(held))
    return {"size": size, "clean": "" if found else clean, "findings": [log_sentence(item, lang) for item in found[:MOST_LINES]]}


def epcis(url: str, scope: str, period: str, unit: str, base: str, note: str) -> dict[str, Any]:
    """The events of a period or of a unit's genealogy as EPCIS 2.0."""
    from pcf.views.events import events_document

    del note  # it is told in one piece
    with _book(url) as book, book.read() as connection:
        made, ends = events_document(connection, base, scope=scope, period=period, unit=unit)
    from pcf.text import json_text

    return {"content": json_text(made) + "\n", "events": len(made["epcisBody"]["eventList"]), "ends": ends}
