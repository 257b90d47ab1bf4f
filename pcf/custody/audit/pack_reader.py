"""Reads an exported evidence pack, folder or ZIP, from what its list of digests names; nothing in it is trusted."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pcf.errors import InputError

SUMS, MANIFEST, NOTE, RECORDS, PROOFS, LEDGER = (
    "SHA256SUMS", "manifest.json", "manifest.sig", "records.jsonl", "proofs.json", "ledger.json"
)  # fmt: skip
SCHEMA = "pcf/audit-pack/1"

MOST_FILES = 1_000
MOST_BYTES = 4 * 2**30
"""Largest file of a pack that is read [B]."""

_LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<name>[A-Za-z0-9._-]{1,100})", re.ASCII)

DAMAGE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged file may raise."""


class Source(Protocol):
    """Where the files of a pack are."""

    def names(self) -> set[str]:
        """Files that are there."""

    def read(self, name: str) -> bytes:
        """Content of a file."""


@dataclass(frozen=True)
class Folder:
    """A pack that is a folder."""

    path: Path

    def names(self) -> set[str]:
        """Everything in the folder, folders in it too."""
        return {entry.name for entry in self.path.iterdir()}

    def read(self, name: str) -> bytes:
        """Content of an ordinary file."""
        path = self.path / name
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise ValueError("no ordinary file, or a large one")
        return path.read_bytes()


@dataclass(frozen=True)
class Archive:
    """A pack that is a ZIP file."""

    file: zipfile.ZipFile

    def names(self) -> set[str]:
        """Everything in the archive."""
        return set(self.file.namelist())

    def read(self, name: str) -> bytes:
        """Content of an entry, up to the size that its head states."""
        if self.file.getinfo(name).file_size > MOST_BYTES:
            raise ValueError("a large file")
        return self.file.read(name)


@contextmanager
def open_pack(path: Path) -> Iterator[Source]:
    """Open a pack.

    Raises
    ------
    InputError
        For what is neither a folder nor a ZIP file.
    """
    if path.is_dir():
        yield Folder(path)
        return
    if not path.is_file():
        raise InputError(str(path), "no such folder or file", "a folder or ZIP that `pcf audit export` made")
    try:
        archive = zipfile.ZipFile(path)
    except DAMAGE:
        raise InputError(str(path), "no ZIP file, or a damaged one", "a folder or ZIP that `pcf audit export` made") from None
    with archive:
        yield Archive(archive)


@dataclass(frozen=True)
class Damage:
    """A file that is not as the list of digests says: `missing`, `altered`, `unlisted` or `unreadable`."""

    kind: str
    name: str


def check_files(source: Source) -> tuple[int, list[Damage]]:
    """Every file against the list of digests and the manifest; number of files that were checked, and what is wrong."""
    present = source.names()
    if SUMS not in present:
        return 0, [Damage("missing", SUMS)]
    try:
        listed = _read_sums(source.read(SUMS))
    except (*DAMAGE, OSError):
        return 0, [Damage("unreadable", SUMS)]
    found: list[Damage] = []
    digests: dict[str, str] = {}
    for name in sorted(listed):
        if name not in present:
            found.append(Damage("missing", name))
            continue
        try:
            digests[name] = hashlib.sha256(source.read(name)).hexdigest()
        except (*DAMAGE, OSError):
            found.append(Damage("unreadable", name))
            continue
        if digests[name] != listed[name]:
            found.append(Damage("altered", name))
    found += [Damage("unlisted", name) for name in sorted(present - set(listed) - {SUMS})]
    if not found:
        found += _against_manifest(source, digests)
    return len(digests), found


def _read_sums(content: bytes) -> dict[str, str]:
    lines = content.decode("ascii").splitlines()
    if not 0 < len(lines) <= MOST_FILES:
        raise ValueError("no lines, or too many")
    found: dict[str, str] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match["name"] in found or match["name"].startswith("."):
            raise ValueError("a line of another form")
        found[match["name"]] = match["digest"]
    return found


def _against_manifest(source: Source, digests: dict[str, str]) -> Iterator[Damage]:
    """The manifest names the same files with the same digests, but itself and its signature."""
    try:
        listed = {entry["name"]: entry["sha256"] for entry in read_json(source, MANIFEST)["files"]}
    except (*DAMAGE, OSError):
        yield Damage("unreadable", MANIFEST)
        return
    rest = {name: digest for name, digest in digests.items() if name not in (MANIFEST, NOTE)}
    for name in sorted({*listed, *rest}):
        if listed.get(name) != rest.get(name):
            yield Damage("unlisted" if name not in listed else "missing" if name not in rest else "altered", name)
    for name in (MANIFEST, NOTE):
        if name not in digests:
            yield Damage("missing", name)


def read_json(source: Source, name: str) -> Any:
    """Content of a JSON file."""
    return json.loads(source.read(name).decode("utf-8"))
