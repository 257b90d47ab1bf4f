"""Computes an exported pack again, from its raw records alone: no database, no ledger, no program state.

What can be told from tickets, delivery notes and documents is told again; what was brought forward from the period before is
taken from that period's closing record and from the voids that moved it since. What a cast credits is told from its charge list.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from pcf.custody.accounts import MASSES, calc_balances
from pcf.custody.audit.contents import find_differences
from pcf.custody.audit.figures import as_document as figures_document
from pcf.custody.audit.footprints import find_wrong_sums
from pcf.custody.audit.pack_reader import (
    DAMAGE,
    LEDGER,
    MANIFEST,
    NOTE,
    PROOFS,
    RECORDS,
    SCHEMA,
    Source,
    check_files,
    open_pack,
    read_json,
)
from pcf.custody.audit.raw import RAW_KINDS, Rows, calc_bookings, monthly_bookings, sum_bookings
from pcf.custody.closing import close_key
from pcf.custody.ledger import KINDS
from pcf.errors import PcfError
from pcf.store.checkpoint import Verifier, open_note, parse_vkey
from pcf.store.merkle import leaf_hash, verify_inclusion
from pcf.text import csv_text

TABLES = (
    "scope_site", "site", "period", "period_close", "unit", "lot", "heat", "consumption", "shipment", "document", "statement", "void",
    "posting",
)  # fmt: skip
"""Tables of which a re-computation needs rows, be there any or not."""

NOTHING = "–"

FOOTPRINTS = "11-footprints.csv"
CHARGE_LISTS = "07-charges.csv"
"""Table of the pack with the terms of every heat's recycled content."""

CSV_FILES = {"04-lots.csv": ("lot", "id", "mass_kg"), "08-shipments.csv": ("shipment", "id", "mass_kg")}
"""Tables of the pack → table of the records, and the headings of id and mass."""


@dataclass(frozen=True)
class Line:
    """One comparison: `key` names its sentence, `file` where it stands, `told` was computed here and `said` is what the pack says."""

    key: str
    good: bool
    file: str
    what: str = ""
    told: str = ""
    said: str = ""


def recompute(path: Path, public_key: str | None = None) -> list[Line]:
    """Check and compute a pack again.

    Parameters
    ----------
    path : Path
        Folder or ZIP.
    public_key : str, optional
        Key of the log as somebody else holds it; without it the pack's own is used, which proves only that the pack agrees
        with itself.

    Raises
    ------
    InputError
        For what is no pack at all, or a public key that is none.
    """
    if public_key is not None:
        parse_vkey(public_key)
    with open_pack(path) as source:
        count, damages = check_files(source)
        if damages:
            # Figures of a damaged pack would mean nothing.
            return [Line(f"file-{item.kind}", good=False, file=item.name) for item in damages]
        lines = [Line("files", good=True, file="SHA256SUMS", what=str(count))]
        lines += _guarded(MANIFEST, lambda: _check_signatures(source, public_key))
        events: dict[int, tuple[bytes, dict[str, Any]]] = {}
        lines += _guarded(RECORDS, lambda: _read_events(source, events))
        lines += _guarded(PROOFS, lambda: _check_proofs(source, events))
        rows = _rows(events)
        lines += _guarded(LEDGER, lambda: _check_accounts(source, rows))
        lines += _guarded(CHARGE_LISTS, lambda: _check_contents(source, rows))
        if FOOTPRINTS in source.names():
            lines += _guarded(FOOTPRINTS, lambda: _check_footprints(source, rows))
        for name in CSV_FILES:
            lines += _guarded(name, lambda name=name: _check_csv(source, rows, name))  # type: ignore[misc]
    return lines


def _guarded(file: str, check: Callable[[], Iterator[Line]]) -> list[Line]:
    """Lines of a check; a file that cannot be read is one more line, never a traceback."""
    lines: list[Line] = []
    try:
        lines.extend(check())
    except (*DAMAGE, OSError, PcfError, csv.Error, ZeroDivisionError) as problem:
        found = str(problem) if isinstance(problem, PcfError) else type(problem).__name__
        lines.append(Line("file-unreadable", good=False, file=file, what=found))
    return lines


def _check_signatures(source: Source, public_key: str | None) -> Iterator[Line]:
    """The signatures under the manifest and under the head of the log."""
    manifest = read_json(source, MANIFEST)
    if manifest["schema"] != SCHEMA:
        yield Line("schema", good=False, file=MANIFEST, said=str(manifest["schema"]), told=SCHEMA)
    key = parse_vkey(public_key or manifest["log"]["public_key"])
    head = open_note(manifest["log"]["head"], [key])
    good = head.size == manifest["log"]["size"] and head.root.hex() == manifest["log"]["root"]
    yield Line("head", good=good, file=MANIFEST, what=key.vkey, told=str(head.size), said=str(manifest["log"]["size"]))
    yield _check_note(source, key)
    if public_key is None:
        yield Line("own-key", good=True, file=MANIFEST, what=key.vkey)


def _check_note(source: Source, key: Verifier) -> Line:
    import hashlib

    content = source.read(MANIFEST)
    note = open_note(source.read(NOTE).decode("utf-8"), [key])
    good = note.root == hashlib.sha256(content).digest() and note.size == len(content)
    return Line("manifest-signed", good=good, file=NOTE, what=key.vkey)


def _read_events(source: Source, events: dict[int, tuple[bytes, dict[str, Any]]]) -> Iterator[Line]:
    for line in source.read(RECORDS).splitlines():
        content = json.loads(line.decode("utf-8"))
        if content["seq"] in events:
            yield Line("event-twice", good=False, file=RECORDS, what=str(content["seq"]))
        events[content["seq"]] = (line, content)
    yield Line("records", good=True, file=RECORDS, what=str(len(events)))


def _check_proofs(source: Source, events: Mapping[int, tuple[bytes, dict[str, Any]]]) -> Iterator[Line]:
    """Every document and claim is in the log of the signed head."""
    manifest, proofs = read_json(source, MANIFEST), read_json(source, PROOFS)
    root, size = bytes.fromhex(manifest["log"]["root"]), manifest["log"]["size"]
    proven: set[int] = set()
    for proof in proofs["proofs"]:
        seq = proof["event"]
        leaf = leaf_hash(events[seq][0]) if seq in events else b""
        path = [bytes.fromhex(item) for item in proof["path"]]
        if leaf and leaf.hex() == proof["leaf"] and verify_inclusion(leaf, seq, size, path, root):
            proven.add(seq)
        else:
            yield Line("proof", good=False, file=PROOFS, what=str(proof["id"]))
    for seq, (_, content) in sorted(events.items()):
        if seq not in proven and {"document", "statement"} & set(content["rows"]):
            yield Line("unproven", good=False, file=RECORDS, what=str(content["key"]))
    yield Line("proofs", good=True, file=PROOFS, what=str(len(proven)))


def _rows(events: Mapping[int, tuple[bytes, dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, in the order of the events."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for seq, (_, content) in sorted(events.items()):
        tables = content.get("rows")
        for name, rows in tables.items() if isinstance(tables, dict) else ():
            found.setdefault(name, []).extend({**row, "event_seq": seq} for row in rows if isinstance(row, dict))
    return found


def _check_accounts(source: Source, rows: Rows) -> Iterator[Line]:
    """Sums, percentages, caps, balances and months of each account."""
    said = read_json(source, LEDGER)
    scope, period = said["scope"], said["period"]
    bookings = calc_bookings(rows, scope, period)
    sums = complete_sums(rows, scope, period, sum_bookings(bookings))
    share = Fraction(said["overdraft_share"])
    for account, figures in calc_balances(sums, share).items():
        if not figures.is_used and account not in said["accounts"]:
            continue
        told, there = _flat(figures_document(figures)), _flat(said["accounts"].get(account, {}))
        for name in told:
            yield from _compare(f"{account} · {name}", told[name], there.get(name, NOTHING))
    told_months = monthly_bookings(bookings)
    for account in MASSES:
        mine, theirs = told_months.get(account, {}), said["monthly_kg"].get(account, {})
        for month in sorted({*mine, *theirs}):
            for kind in RAW_KINDS:
                one, other = mine.get(month, {}).get(kind, 0), theirs.get(month, {}).get(kind, 0)
                yield from _compare(f"{account} · {month} · {kind}", str(one), str(other))


def complete_sums(
    rows: Rows, scope: str, period: str, raw: Mapping[str, Mapping[str, int]]
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Sums of every kind [kg]: those of the raw records, the credits of the casts, and the balances that the close before left,
    moved by what was taken back of closed periods since (R26)."""
    spans = sorted((row for row in rows["period"] if row["scope"] == scope), key=lambda row: str(row["start"]))
    names = [row["id"] for row in spans]
    closes = {row["period"]: json.loads(row["details"]) for row in rows["period_close"] if row["scope"] == scope}
    previous = names[names.index(period) - 1] if names.index(period) else ""
    before = closes.get(previous, {})
    logged: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows["posting"]:
        if (row["scope"], row["period"]) == (scope, period) and row["ref"] != close_key(scope, previous):
            logged[(row["account"], row["kind"])] += row["amount"]
    found: dict[str, dict[str, int]] = {}
    for account in MASSES:
        sums = dict.fromkeys(KINDS, 0) | dict(raw[account])
        sums["carried-in"] = before.get(account, {}).get("positive_balance", 0) + logged[(account, "carried-in")]
        sums["overdraft-in"] = before.get(account, {}).get("overdraft", 0) + logged[(account, "overdraft-in")]
        sums["credit"] = logged[(account, "credit")]
        found[account] = sums
    if period in closes:
        for account, state in calc_balances(found).items():
            found[account]["expired"] = state.settlement.expired
    return found


def _check_contents(source: Source, rows: Rows) -> Iterator[Line]:
    """Recycled content and credits of every heat of the period from its charge list (F13)."""
    said = read_json(source, LEDGER)
    heats = _heats(said, rows)
    closed = min((row["event_seq"] for row in rows["period_close"] if row["period"] == said["period"]), default=None)
    # What is taken back after the close leaves the period as it was (R26).
    gone = {
        row["target"] for row in rows["void"] if row["target_kind"] == "cast" and (closed is None or row["event_seq"] < closed)
    }
    mine = [row for row in rows["posting"] if (row["scope"], row["period"]) == (said["scope"], said["period"])]
    wrong = 0
    for item in find_differences({**rows, "posting": mine}, heats, _read_csv(source, CHARGE_LISTS), gone):
        wrong += 1
        yield Line("computed", good=False, file=CHARGE_LISTS, what=f"{item.heat}, {item.what}", told=item.told, said=item.said)
    if not wrong:
        yield Line("contents", good=True, file=CHARGE_LISTS, what=str(len(heats)))


def _heats(said: Mapping[str, Any], rows: Rows) -> list[Mapping[str, Any]]:
    """Heats of the period."""
    sites = {row["site"] for row in rows["scope_site"] if row["scope"] == said["scope"]}
    inside = {row["id"] for row in rows["unit"] if row["site"] in sites and said["start"] <= row["date"] <= said["end"]}
    return [row for row in rows["heat"] if row["unit"] in inside]


def _check_footprints(source: Source, rows: Rows) -> Iterator[Line]:
    """Footprint of every heat that stands as the sum of what was charged and of the casthouse."""
    gone = {row["target"] for row in rows["void"] if row["target_kind"] == "cast"}
    heats = [row["unit"] for row in _heats(read_json(source, LEDGER), rows) if row["unit"] not in gone]
    products = {str(csv_text(row["id"])): row["mass_kg"] for row in rows["unit"] if row["id"] in set(heats)}
    masses: dict[str, dict[str, int]] = {name: {} for name in products}
    for row in rows["consumption"]:
        if (name := str(csv_text(row["child"]))) in masses:
            parent = str(csv_text(row["parent"]))
            masses[name][parent] = masses[name].get(parent, 0) + row["mass_kg"]
    wrong = 0
    for heat, what, told, said in find_wrong_sums(_read_csv(source, FOOTPRINTS), masses, products):
        wrong += 1
        yield Line("computed", good=False, file=FOOTPRINTS, what=f"{heat}, {what}", told=told, said=said)
    if not wrong:
        yield Line("footprints", good=True, file=FOOTPRINTS, what=str(len(products)))


def _read_csv(source: Source, name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(io.StringIO(source.read(name).decode("utf-8-sig"), newline=""))


def _flat(document: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Values by their path; a percentage with its digits behind its fraction."""
    found: dict[str, str] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        elif not name.endswith("_text"):
            shown = f" = {document[f'{name}_text']} %" if f"{name}_text" in document and value is not None else ""
            found[f"{prefix}{name}"] = f"{NOTHING if value is None else value}{shown}"
    return found


def _compare(what: str, told: str, said: str) -> Iterator[Line]:
    """A comparison, unless both are nothing."""
    if told != said or told not in ("0", NOTHING):
        yield Line("figure", told == said, LEDGER, what, told, said)


def _check_csv(source: Source, rows: Rows, name: str) -> Iterator[Line]:
    """Ids and masses of a table of the pack against the records."""
    table, id_name, mass_name = CSV_FILES[name]
    masses = {row["id"]: row["mass_kg"] for row in rows["unit"]}
    told = {str(csv_text(row["unit"])): str(masses[row["unit"]]) for row in rows[table]}
    said = {row[id_name]: row[mass_name] for row in _read_csv(source, name)}
    wrong = sorted(key for key in {*told, *said} if told.get(key) != said.get(key))
    for key in wrong:
        yield Line("csv", good=False, file=name, what=key, told=told.get(key, NOTHING), said=said.get(key, NOTHING))
    if not wrong:
        yield Line("csv-same", good=True, file=name, what=str(len(told)))


def as_document(line: Line) -> dict[str, Any]:
    """A line as plain values."""
    return asdict(line)
