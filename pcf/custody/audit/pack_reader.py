"""Reads an exported evidence pack, folder or ZIP, from what its list of digests names; nothing in it is trusted."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any, Protocol

from pcf.errors import InputError

SUMS, MANIFEST, NOTE, RECORDS, PROOFS, LEDGER = (
    "SHA256SUMS", "manifest.json", "manifest.sig", "records.jsonl", "proofs.json", "ledger.json"
)  # fmt: skip
SCHEMA = "pcf/audit-pack/1"

MOST_FILES = 1_000
MOST_BYTES, MOST_IN_ALL = 2 * 2**30, 4 * 2**30
"""Largest file of a pack that is read, and all files together, unpacked [B]."""

MOST_PACKING, LEAST_PACKED = 200, 1_000_000
"""Unpacked over packed size of a file, which no table of records reaches; files up to that size [B] may."""

MOST_LIST = 1_000_000
"""Largest list of digests [B]."""

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}", re.ASCII)
_LINE = re.compile(rf"(?P<digest>[0-9a-f]{{64}})  (?P<name>{_NAME.pattern})", re.ASCII)
_BLOCK = 1 << 20

DAMAGE = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    OverflowError,
    EOFError,
    MemoryError,
    RuntimeError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)
"""What reading a damaged file may raise; RuntimeError is that of an encrypted one, or of an unknown compression."""


@dataclass(frozen=True)
class Damage:
    """A file that is not as it has to be.

    `kind` is `missing`, `altered`, `unlisted`, `unreadable`, `many`, `twice`, `name`, `link`, `encrypted`, `compression` or
    `large`.
    """

    kind: str
    name: str


class Source(Protocol):
    """Where the files of a pack are."""

    def names(self) -> set[str]:
        """Files that are there."""

    def damages(self) -> list[Damage]:
        """What is wrong with them before anything of them is read."""

    def open(self, name: str) -> IO[bytes]:
        """Content of a file, to be read piece by piece."""

    def read(self, name: str) -> bytes:
        """Content of a file."""


@dataclass(frozen=True)
class Folder:
    """A pack that is a folder."""

    path: Path

    def names(self) -> set[str]:
        """Everything in the folder, folders in it too; not much more than a pack may have."""
        return {entry.name for entry in islice(self.path.iterdir(), MOST_FILES + 2)}

    def damages(self) -> list[Damage]:
        """Too many files, links and folders, sizes; other names are in no list."""
        names, found, whole = sorted(self.names()), list[Damage](), 0
        if len(names) > MOST_FILES:
            return [Damage("many", self.path.name)]
        for name in names:
            status = (self.path / name).lstat()
            if not stat.S_ISREG(status.st_mode):
                found.append(Damage("unreadable", name))
            else:
                whole += status.st_size
                found += [Damage("large", name)] if status.st_size > MOST_BYTES or whole > MOST_IN_ALL else []
        return found

    def open(self, name: str) -> IO[bytes]:
        """An ordinary file."""
        path = self.path / name
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError("no ordinary file")
        return path.open("rb")

    def read(self, name: str) -> bytes:
        """Content of an ordinary file."""
        with self.open(name) as file:
            return _whole(file)


@dataclass(frozen=True)
class Archive:
    """A pack that is a ZIP file."""

    file: zipfile.ZipFile

    def names(self) -> set[str]:
        """Everything in the archive."""
        return set(self.file.namelist())

    def damages(self) -> list[Damage]:
        """What the list of the archive says of its entries: each is an ordinary file of bearable size with a name of its own."""
        entries = self.file.infolist()
        if len(entries) > MOST_FILES:
            return [Damage("many", Path(self.file.filename or "").name)]
        counts, whole = Counter(entry.filename for entry in entries), 0
        found = [Damage("twice", name) for name, count in counts.items() if count > 1]
        for entry in entries:
            whole += entry.file_size
            if (kind := _entry_damage(entry)) or whole > MOST_IN_ALL:
                found.append(Damage(kind or "large", entry.filename))
        return found

    def open(self, name: str) -> IO[bytes]:
        """An entry, up to the size that its head states."""
        return self.file.open(name)

    def read(self, name: str) -> bytes:
        """Content of an entry, up to the size that its head states."""
        with self.open(name) as file:
            return _whole(file)


def _entry_damage(entry: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not _NAME.fullmatch(entry.orig_filename):
        return "name"  # an absolute one, one of another folder, one with a backslash
    if entry.is_dir() or kind not in (0, stat.S_IFREG):
        return "link"
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compression"
    packed = entry.file_size > LEAST_PACKED and entry.file_size > MOST_PACKING * entry.compress_size
    return "large" if packed or entry.file_size > MOST_BYTES else ""


_ENCRYPTED = 0x1 | 0x40
"""Flags of an entry: encrypted, strongly too."""


def _whole(file: IO[bytes]) -> bytes:
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError("a large file")
    return content


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


def check_files(source: Source) -> tuple[int, list[Damage]]:
    """Every file against the list of digests and the manifest; number of files that were checked, and what is wrong."""
    try:
        found = source.damages()
    except (*DAMAGE, OSError):
        return 0, [Damage("unreadable", SUMS)]
    if found:
        return 0, found
    present = source.names()
    if SUMS not in present:
        return 0, [Damage("missing", SUMS)]
    try:
        listed = _read_sums(source)
    except (*DAMAGE, OSError):
        return 0, [Damage("unreadable", SUMS)]
    digests: dict[str, str] = {}
    for name in sorted(listed):
        if name not in present:
            found.append(Damage("missing", name))
            continue
        try:
            digests[name] = _digest(source, name)
        except (*DAMAGE, OSError):
            found.append(Damage("unreadable", name))
            continue
        if digests[name] != listed[name]:
            found.append(Damage("altered", name))
    found += [Damage("unlisted", name) for name in sorted(present - set(listed) - {SUMS})]
    if not found:
        found += _against_manifest(source, digests)
    return len(digests), found


def _digest(source: Source, name: str) -> str:
    found = hashlib.sha256()
    with source.open(name) as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _read_sums(source: Source) -> dict[str, str]:
    """Digests by name; lines of one form, each ended by a line feed, as `sha256sum` writes them."""
    with source.open(SUMS) as file:
        content = file.read(MOST_LIST + 1)
    *lines, rest = content.decode("ascii").split("\n")
    if rest or len(content) > MOST_LIST or not 0 < len(lines) <= MOST_FILES:
        raise ValueError("no lines, too many, or a last one without its end")
    found: dict[str, str] = {}
    for line in lines:
        match = _LINE.fullmatch(line)
        if match is None or match["name"] in found or match["name"] == SUMS:
            raise ValueError("a line of another form, or a name twice")
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
