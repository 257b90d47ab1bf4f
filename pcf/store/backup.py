"""The file of a backup: a zip of the tables as JSON lines and of the state folder's files, under a manifest that the log's key signs.

Whoever wrote a file that is read here is not trusted: names, numbers and sizes are checked against the manifest before anything is
unpacked, and no more is unpacked than the manifest names.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from pcf.errors import CheckFailed, EnvironmentProblem, InputError
from pcf.store.canonical import canonical
from pcf.store.checkpoint import Checkpoint, Verifier, open_note, parse_vkey, sign
from pcf.store.keys import Signer

FORMAT = "pcf/backup/1"
ORIGIN = "pcf-aluminium backup"
"""First line of the note under a manifest: it can be taken for no head of a log."""

MANIFEST, NOTE, TABLES, FILES = "manifest.json", "manifest.note", "tables/", "files/"
LOG_KEY = f"{FILES}keys/log.pub"

MOST_MANIFEST = 20_000_000
MOST_ENTRIES = 100_000
MOST_RATIO = 500
"""How many times its packed size a backup may have: JSON lines have 10 to 30."""

_LEFT_AWAY = re.compile(r"cache|tls|pcf\.db(?:-.*)?|\.restor.*|\.replaced.*|.*\.tmp")
"""Names in the state folder that are made again, or are the database, which goes by its tables."""

_CHUNK = 1 << 20
_PART = re.compile(r"[^\x00-\x1f/\\:]{1,200}")


@dataclass(frozen=True)
class Entry:
    """A file in the backup: bytes and their SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Parameters
    ----------
    tables_version : str
        Of the database's migrations.
    size, root : int, str
        Of the log in the moment of the backup.
    tables : mapping
        Name → columns and number of rows.
    modes : mapping
        Path in the state folder → mode of the file.
    entries : mapping
        Name in the zip → what it has to be.
    """

    made: str
    program: str
    tables_version: str
    size: int
    root: str
    tables: Mapping[str, tuple[tuple[str, ...], int]]
    modes: Mapping[str, int]
    entries: Mapping[str, Entry]

    @property
    def text(self) -> bytes:
        """The file."""
        return canonical({
            "schema": FORMAT, "made": self.made, "program": self.program, "tables_version": self.tables_version,
            "log": {"size": self.size, "root": self.root},
            "tables": {name: {"columns": list(columns), "rows": rows} for name, (columns, rows) in self.tables.items()},
            "modes": dict(self.modes),
            "entries": {name: {"size": item.size, "sha256": item.sha256} for name, item in self.entries.items()},
        })  # fmt: skip


class Writer:
    """Writes the entries of a backup, then its manifest."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6)
        self.entries: dict[str, Entry] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add an entry."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(name, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.entries[name] = Entry(size, digest.hexdigest())

    def close(self, manifest: Manifest, signer: Signer) -> None:
        """Add the manifest under the log's key and end the file."""
        text = manifest.text
        note = sign(Checkpoint(ORIGIN, manifest.size, hashlib.sha256(text).digest()), signer)
        for name, content in ((MANIFEST, text), (NOTE, note.encode())):
            with self._zip.open(name, "w") as target:
                target.write(content)
        self._zip.close()

    def abandon(self) -> None:
        """End without the rest: nobody will read the file."""
        self._zip.fp = None  # else it would be written to when it is collected


def state_files(home: Path) -> Iterator[tuple[str, Path, int]]:
    """Files of a state folder that belong into a backup: path, place, mode; links and what is no file are left away."""
    for path in sorted(home.rglob("*")):
        relative = path.relative_to(home)
        if _LEFT_AWAY.fullmatch(relative.parts[0]) or (len(relative.parts) == 1 and relative.suffix == ".tmp"):
            continue
        status = path.lstat()
        if stat.S_ISREG(status.st_mode):
            yield relative.as_posix(), path, 0o644 if status.st_mode & 0o044 else 0o600


def chunks_of(path: Path) -> Iterator[bytes]:
    """Content of a file."""
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


class Reader:
    """Reads a backup; each entry is held against the manifest while it is read."""

    def __init__(self, archive: zipfile.ZipFile, manifest: Manifest, key: Verifier) -> None:
        self._zip, self.manifest, self.key = archive, manifest, key
        self.trusted: list[Verifier] = []  # keys beside it under which heads of the log may be signed

    def chunks(self, name: str) -> Iterator[bytes]:
        """Bytes of an entry.

        Raises
        ------
        CheckFailed
            At the end, where they are others than the manifest says.
        """
        entry, digest, left = self.manifest.entries[name], hashlib.sha256(), self.manifest.entries[name].size
        with _damage(name), self._zip.open(name) as stream:
            while chunk := stream.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise _changed(name)
                digest.update(chunk)
                yield chunk
        if left or digest.hexdigest() != entry.sha256:
            raise _changed(name)

    def rows(self, table: str) -> Iterator[list[Any]]:
        """Rows of a table."""
        rest = b""
        for chunk in self.chunks(f"{TABLES}{table}.jsonl"):
            *lines, rest = (rest + chunk).split(b"\n")
            yield from (_row(line, table) for line in lines)
        if rest:
            raise InputError(f"backup, table {table}", "a last line without its end", "one JSON list a line")

    @property
    def files(self) -> Mapping[str, int]:
        """Files of the state folder and their modes."""
        return self.manifest.modes


def _row(line: bytes, table: str) -> list[Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list):
        raise InputError(f"backup, table {table}", repr(line[:40]), "one JSON list a line")
    return found


@contextmanager
def open_backup(path: Path, known_versions: Iterable[str]) -> Iterator[Reader]:
    """Open a backup and check everything that can be checked without unpacking it.

    Raises
    ------
    InputError
        For what is no backup, or one of a newer program, and for names and sizes that none has.
    CheckFailed
        Where the manifest is not the one that the key in it has signed.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise InputError(str(path), "no ordinary file", "a file that pcf backup has written")
        archive = zipfile.ZipFile(path)
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror}") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise InputError(
            str(path), "no zip, or one that was cut off", "a file that pcf backup has written", "copy it again"
        ) from None
    with archive:
        infos = archive.infolist()
        manifest = _manifest(_small(archive, infos, MANIFEST), set(known_versions))
        _check_entries(path, infos, manifest, status.st_size)
        reader = Reader(archive, manifest, Verifier("none", bytes(32)))
        if LOG_KEY not in manifest.entries or manifest.entries[LOG_KEY].size > MOST_MANIFEST:
            raise InputError(str(path), "no public key of a log", "a file that pcf backup has written")
        reader.key = parse_vkey(b"".join(reader.chunks(LOG_KEY)).decode("utf-8", "replace"))
        note = open_note(_small(archive, infos, NOTE).decode("utf-8", "replace"), [reader.key])
        signed = Checkpoint(ORIGIN, manifest.size, hashlib.sha256(manifest.text).digest())
        if note != signed:
            raise CheckFailed(f"{path}: the manifest is not the one that was signed; nothing was restored")
        yield reader


def _small(archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], name: str) -> bytes:
    found = [item for item in infos if item.filename == name]
    if len(found) != 1 or found[0].file_size > MOST_MANIFEST:
        raise InputError("backup", f"no {name}, several, or a large one", "a file that pcf backup has written")
    with _damage(name), archive.open(found[0]) as stream:
        return stream.read(MOST_MANIFEST)


def _manifest(content: bytes, known: set[str]) -> Manifest:
    wrong = InputError("backup, manifest", "what is none", "a file that pcf backup has written")
    try:
        found = json.loads(content)
        schema = found["schema"]
        if isinstance(schema, str) and schema.startswith("pcf/backup/") and schema != FORMAT:
            raise InputError("backup", f"format {schema[:40]}", FORMAT, "use a newer program")
        made = Manifest(
            str(found["made"]), str(found["program"]), str(found["tables_version"]), int(found["log"]["size"]), str(found["log"]["root"]),
            {str(name): (tuple(map(str, item["columns"])), int(item["rows"])) for name, item in found["tables"].items()},
            {str(name): int(mode) for name, mode in found["modes"].items()},
            {str(name): Entry(int(item["size"]), str(item["sha256"])) for name, item in found["entries"].items()},
        )  # fmt: skip
        if made.text != content or schema != FORMAT:
            raise wrong
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        if isinstance(problem, InputError):
            raise
        raise wrong from None
    if made.tables_version not in known:
        raise InputError(
            "backup", f"tables of version {made.tables_version[:20]!r}", f"at most {max(known)}", "use a newer program"
        )
    return made


def _check_entries(path: Path, infos: list[zipfile.ZipInfo], manifest: Manifest, packed: int) -> None:
    """Names and sizes of the zip against the manifest; only what is in both is ever unpacked."""
    sizes = {item.filename: item.file_size for item in infos}
    expected = {name: item.size for name, item in manifest.entries.items()}
    listed = {f"{TABLES}{name}.jsonl" for name in manifest.tables} | {f"{FILES}{name}" for name in manifest.modes}
    bad = next((name for name in sorted(sizes) if not is_plain(name)), None)
    if bad is not None:
        raise InputError(str(path), f"an entry {bad[:80]!r}", "names within the backup", "do not use this file")
    sizes = {name: size for name, size in sizes.items() if name not in (MANIFEST, NOTE)}
    if len(infos) != len(sizes) + 2 or sizes != expected or listed != set(expected) or len(infos) > MOST_ENTRIES:
        raise CheckFailed(f"{path}: its entries are not those of its manifest; nothing was restored; copy it again")
    whole = sum(sizes.values())
    if whole > MOST_RATIO * packed + 10_000_000 or sum(item.compress_size for item in infos) > packed:
        raise InputError(str(path), f"{whole:,} bytes in a file of {packed:,}", "a file that pcf backup has written")
    if any(mode not in (0o600, 0o644) for mode in manifest.modes.values()):
        raise InputError(str(path), "a mode that no file here has", "0600 or 0644")


def is_plain(name: str) -> bool:
    """Whether a name leads to a place inside the folder that it is unpacked into."""
    parts = name.split("/")
    return len(name) < 1_000 and PurePosixPath(name).as_posix() == name and all(
        _PART.fullmatch(part) and part not in (".", "..") for part in parts
    )  # fmt: skip


@contextmanager
def _damage(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise EnvironmentProblem(f"backup: {problem.strerror or problem}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError):
        raise _changed(name) from None


def _changed(name: str) -> CheckFailed:
    return CheckFailed(f"backup: {name[:80]} is not what the manifest says; nothing was restored; use another copy")


def write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write a new file for its owner only: whole, on the disk, or not at all.

    Raises
    ------
    InputError
        Where there is one of the name.
    EnvironmentProblem
        Where it cannot be written.
    """
    beside = path.with_name(f".{path.name}-{os.getpid()}.tmp")
    if os.path.lexists(path):
        raise InputError(str(path), "a file that exists", "the name of a new file")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(path)
    except FileExistsError:
        raise InputError(str(path), "a file that exists", "the name of a new file") from None
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror}; no backup was written") from None
    finally:
        beside.unlink(missing_ok=True)
