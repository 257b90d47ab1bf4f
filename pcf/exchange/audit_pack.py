"""The evidence pack of an accounting period: a folder or a ZIP file, whole or not at all, the same bytes for the same records."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from pcf import __version__
from pcf.catalogue import Catalogue
from pcf.custody.audit.findings import Audit, findings_table
from pcf.custody.audit.ledger_file import ledger_document
from pcf.custody.audit.pack_reader import LEDGER, MANIFEST, NOTE, PROOFS, RECORDS, SCHEMA, SUMS
from pcf.custody.audit.parts import MAKERS, Part, make_parts, with_footprints
from pcf.custody.audit.table import Table
from pcf.custody.audit.traces import trace_table
from pcf.custody.audit.view import View, document_name
from pcf.custody.rules import rules, settings
from pcf.errors import EnvironmentProblem, InputError
from pcf.exchange.audit_page import make_page, make_readme
from pcf.exchange.audit_workbook import write_workbook
from pcf.store.checkpoint import Checkpoint, Verifier, parse, sign
from pcf.store.clock import show
from pcf.store.keys import Signer
from pcf.store.log import log_reader
from pcf.store.merkle import inclusion_proof
from pcf.store.schema import event
from pcf.text import csv_text, json_text

ORIGIN = "pcf-aluminium audit pack"
"""First line of the signed note on the manifest: no head of a log can pass for it."""

_FILES = 4 + sum(len(makers) for makers in MAKERS.values()) + 1
"""Files that take time to write: tables and workbook."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""Time of every entry of a ZIP file, so that it does not depend on when it was made."""


@dataclass(frozen=True)
class Pack:
    """What an evidence pack is made of: the records, what was found in them, the signed head of their log, and its key.

    With a catalogue the pack holds the footprint of every heat.
    """

    view: View
    found: Audit
    head: str
    signer: Signer
    lang: str
    catalogue: Catalogue | None = None

    @property
    def steps(self) -> int:
        """What takes time: files, and the footprints of the heats."""
        return _FILES + (1 + len(self.view.live("heat")) if self.catalogue else 0)


def check_target(target: Path, *, force: bool) -> None:
    """Refuse a name for a pack before anything is computed for it.

    Raises
    ------
    InputError
        For a folder that is not there, a link, or what exists already; with `force` only a pack is replaced.
    """
    place = f"--out {target}"
    if not target.parent.is_dir():
        raise InputError(place, "a name in a folder that does not exist", "a name in an existing folder")
    if target.is_symlink():
        raise InputError(place, "a symbolic link", "a folder or file of its own", "name what it points to")
    if not target.exists():
        return
    if not force:
        raise InputError(place, "what exists", "the name of a new folder or ZIP file", "name another one, or add --force")
    if not _is_pack(target):
        raise InputError(
            place, "something that is no audit folder", "an audit folder, which --force replaces", "name another one"
        )


def _is_pack(target: Path) -> bool:
    """Whether a place holds a pack: only that is ever replaced."""
    try:
        if target.is_dir():
            content = (target / MANIFEST).read_bytes()
        else:
            with zipfile.ZipFile(target) as archive:
                content = archive.read(MANIFEST)
        return bool(json.loads(content)["schema"] == SCHEMA)
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
        return target.is_dir() and not any(target.iterdir())


def write_pack(
    target: Path, pack: Pack, *, force: bool = False, advance: Callable[[int], None] = lambda _: None
) -> list[str]:  # fmt: skip
    """Write a pack; a name that ends with .zip makes a ZIP file, any other one a folder.

    Parameters
    ----------
    advance : callable
        Told how many of the pack's `steps` are done.

    Returns
    -------
    list of str
        Names of its files.

    Raises
    ------
    InputError
        See `check_target`; also for more records than a sheet has rows.
    EnvironmentProblem
        Where the folder cannot be written, or the disk is full.
    """
    check_target(target, force=force)
    try:
        with _beside(target) as folder:
            made = folder / "pack"
            made.mkdir()
            names = _write_files(made, pack, advance)
            if target.suffix.lower() == ".zip":
                made = _zipped(made, folder / "pack.zip", names)
            _put_in_place(made, target, folder / "old")
    except OSError as problem:
        raise EnvironmentProblem(f"{target}: {problem.strerror or problem}; nothing was written") from None
    return names


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A folder beside the target that is gone afterwards, come what may."""
    folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=".pcf-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _put_in_place(made: Path, target: Path, aside: Path) -> None:
    """Rename what was made; what stood there is put aside before and comes back if that fails."""
    if not target.exists():
        made.rename(target)
        return
    target.rename(aside)
    try:
        made.rename(target)
    except BaseException:
        aside.rename(target)
        raise


def _write_files(folder: Path, pack: Pack, advance: Callable[[int], None]) -> list[str]:
    view, found = pack.view, pack.found
    parts = make_parts(view)
    if pack.catalogue is not None:
        parts = with_footprints(parts, view, pack.catalogue, advance)
    tables = [*_frame(found), *(table for part in parts for table in part.tables)]
    for table in tables:
        write_csv(folder / f"{table.name}.csv", table)
        advance(1)
    write_workbook(folder / "ledger.xlsx", view)
    advance(1)
    _write_text(folder / LEDGER, json_text(ledger_document(view)) + "\n")
    seqs = _write_records(folder / RECORDS, view)
    head, _ = parse(pack.head)
    _write_text(folder / PROOFS, json_text(_proofs(view, head)) + "\n")
    key = Verifier(pack.signer.name, pack.signer.public_key).vkey
    _write_text(folder / "index.html", make_page(view, found, parts, pack.head, key, pack.lang))
    _write_text(folder / "README.txt", make_readme(view, key, pack.lang))
    manifest = json_text(_manifest(folder, pack, head, key, parts, seqs)) + "\n"
    _write_text(folder / MANIFEST, manifest)
    content = manifest.encode()
    note = sign(Checkpoint(ORIGIN, len(content), hashlib.sha256(content).digest()), pack.signer)
    _write_text(folder / NOTE, note)
    _write_text(folder / SUMS, "".join(f"{entry['sha256']}  {entry['name']}\n" for entry in _digests(folder)))
    return sorted(entry.name for entry in folder.iterdir())


def _frame(found: Audit) -> list[Table]:
    """The findings, the samples, the rules and their limits."""
    by_rule = tuple(
        (
            rule.id, rule.names["en"], rule.names["zh"], rule.standard, rule.version, rule.criterion, rule.status,
            "indicative" if rule.indicative else "", rule.source, rule.note,
        )
        for rule in rules().values()
    )  # fmt: skip
    columns = ("id", "name_en", "name_zh", "standard", "version", "criterion", "status", "indicative", "source", "note")
    limits = tuple(
        (item.id, item.names["en"], item.names["zh"], str(item.value), item.unit, item.source, item.source_check, item.note)
        for item in settings().values()
    )
    return [
        findings_table(found),
        trace_table(found.traces),
        Table("00-rules", columns, by_rule),
        Table("00-limits", ("id", "name_en", "name_zh", "value", "unit", "source", "source_check", "note"), limits),
    ]


def write_csv(path: Path, table: Table) -> None:
    """Write a table so that a spreadsheet reads its Chinese and runs nothing in it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows(["" if cell is None else csv_text(cell) for cell in row] for row in table.rows)


def _write_records(path: Path, view: View) -> list[int]:
    """The events of the period as they are in the log, one a line."""
    seqs = sorted(view.events)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for start in range(0, len(seqs), 500):
            query = select(event.c.payload).where(event.c.seq.in_(seqs[start : start + 500])).order_by(event.c.seq)
            file.writelines(f"{payload}\n" for payload in view.connection.execute(query).scalars())
    return seqs


def _proofs(view: View, head: Checkpoint) -> dict[str, Any]:
    """Proof of each document and claim that it is in the log of the signed head (RFC 6962)."""
    read = cache(log_reader(view.connection))
    rows = [("document", document_name(row), row["event_seq"]) for row in view.rows["document"]]
    rows += [("statement", row["id"], row["event_seq"]) for row in view.rows["statement"]]
    return {
        "size": head.size,
        "root": head.root.hex(),
        "proofs": [
            {
                "kind": kind, "id": name, "event": seq, "leaf": read(0, seq).hex(),
                "path": [item.hex() for item in inclusion_proof(seq, head.size, read)],
            }
            for kind, name, seq in sorted(rows, key=lambda row: (row[2], row[1]))
        ],
    }  # fmt: skip


def _manifest(folder: Path, pack: Pack, head: Checkpoint, key: str, parts: list[Part], seqs: list[int]) -> dict[str, Any]:
    view, found = pack.view, pack.found
    last = view.connection.execute(select(event.c.time).where(event.c.seq == head.size - 1)).scalar()
    return {
        "schema": SCHEMA,
        "program": f"pcf-aluminium {__version__}",
        "scope": view.scope,
        "period": view.span.id,
        "start": view.span.start,
        "end": view.span.end,
        "closed": view.span.closed,
        "language": pack.lang,
        # Not when it was made, but how far its records go: the same records give the same pack.
        "as_of": show(last) if last is not None else "",
        "sample": {"size": found.sample, "seed": found.seed},
        "findings": dict(found.counts),
        "log": {"size": head.size, "root": head.root.hex(), "head": pack.head, "public_key": key},
        "events": len(seqs),
        "parts": {str(part.number): [f"{table.name}.csv" for table in part.tables] for part in parts},
        "files": list(_digests(folder)),
    }


def _digests(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield {"name": path.name, "sha256": digest, "bytes": path.stat().st_size}


def _zipped(folder: Path, target: Path, names: list[str]) -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            with archive.open(entry, "w", force_zip64=True) as out, (folder / name).open("rb") as file:
                shutil.copyfileobj(file, out)
    return target


def _write_text(path: Path, content: str) -> None:
    path.write_text(content, encoding="utf-8", newline="\n")
