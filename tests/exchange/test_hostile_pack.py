"""Evidence packs that somebody made to harm whoever opens them: one clear finding each."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pcf.custody import Book
from pcf.custody.audit import pack_reader
from pcf.custody.audit.recompute import recompute
from pcf.store.keys import Signer
from tests.exchange.packs import export, wrong


def write_zip(target: Path, folder: Path, change: Callable[[zipfile.ZipFile, dict[str, bytes]], None]) -> Path:
    """A pack as a ZIP file, with what a forger does to it: `change` may alter the files, or add entries by hand."""
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        change(archive, files)
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def entry(name: str, mode: int = stat.S_IFREG | 0o644) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name)
    found.create_system, found.external_attr = 3, mode << 16
    return found


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda archive, files: archive.writestr("ledger.json", files["ledger.json"]), [("file-twice", "ledger.json")]),
        (lambda archive, _: archive.writestr(entry("/etc/passwd"), "x"), [("file-name", "/etc/passwd")]),
        (lambda archive, _: archive.writestr(entry("../ledger.json"), "x"), [("file-name", "../ledger.json")]),
        (lambda archive, _: archive.writestr(entry("a\\b.csv"), "x"), [("file-name", "a\\b.csv")]),
        (lambda archive, _: archive.writestr(entry("more/"), ""), [("file-name", "more/")]),
        (lambda archive, _: archive.writestr(entry("more", stat.S_IFLNK | 0o777), "/etc/passwd"), [("file-link", "more")]),
        (lambda archive, _: archive.writestr("bomb.csv", bytes(30_000_000)), [("file-large", "bomb.csv")]),
        (
            lambda archive, files: archive.writestr("ledger.json", files.pop("ledger.json"), zipfile.ZIP_LZMA),
            [("file-compression", "ledger.json")],
        ),
        (
            lambda archive, _: [archive.writestr(f"{number}.csv", "") for number in range(pack_reader.MOST_FILES)],
            [("file-many", "spoilt.zip")],
        ),
    ],
    ids=["twice", "absolute", "up", "backslash", "folder", "link", "bomb", "lzma", "many"],
)
def test_a_hostile_archive_is_one_finding(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer, change: Any, expected: list[tuple[str, str]]
) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    spoilt = write_zip(tmp_path / "spoilt.zip", folder, change)
    assert [(line.key, line.file) for line in wrong(recompute(spoilt))] == expected


@pytest.mark.parametrize(
    ("flags", "method", "expected"),
    [(0x1, 8, "file-encrypted"), (0x0, 99, "file-compression"), (0x0, 14, "file-compression")],
    ids=["encrypted", "unknown", "lzma"],
)
def test_an_entry_that_cannot_be_unpacked_is_one_finding(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer, flags: int, method: int, expected: str
) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    spoilt = bytearray(write_zip(tmp_path / "spoilt.zip", folder, lambda *_: None).read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # in the entry's head and in the list of the archive
        name = spoilt.find(b"ledger.json", spoilt.find(mark))
        while not spoilt[name - {6: 30, 8: 46}[place] :].startswith(mark):
            name = spoilt.find(b"ledger.json", name + 1)
        head = name - {6: 30, 8: 46}[place]
        spoilt[head + place], spoilt[head + place + 2] = spoilt[head + place] | flags, method
    (tmp_path / "spoilt.zip").write_bytes(bytes(spoilt))
    assert [(line.key, line.file) for line in wrong(recompute(tmp_path / "spoilt.zip"))] == [(expected, "ledger.json")]


def test_a_packed_stream_that_is_damaged_is_one_finding(book: Callable[[str], Book], tmp_path: Path, signer: Signer) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    spoilt = bytearray(write_zip(tmp_path / "spoilt.zip", folder, lambda *_: None).read_bytes())
    with zipfile.ZipFile(tmp_path / "spoilt.zip") as archive:
        first = archive.getinfo("ledger.xlsx").header_offset + 30 + len("ledger.xlsx")
    spoilt[first : first + 40] = b"\xff" * 40
    (tmp_path / "spoilt.zip").write_bytes(bytes(spoilt))
    assert [(line.key, line.file) for line in wrong(recompute(tmp_path / "spoilt.zip"))] == [("file-unreadable", "ledger.xlsx")]


@pytest.mark.parametrize(
    "change",
    [
        lambda sums: sums.rstrip("\n"),
        lambda sums: sums.replace("\n", "\r\n"),
        lambda sums: sums.replace("\n", "\x0b", 1),
        lambda sums: sums.replace("\n", "\x85", 1),
        lambda sums: sums.replace("\n", "\u2028", 1),
        lambda sums: sums.replace("  ", " ", 1),
        lambda sums: sums.replace("  ", " *", 1),
        lambda sums: sums + sums.split("\n")[0] + "\n",
        lambda sums: sums[:1].upper() + sums[1:] if sums[0].isalpha() else "A" + sums[1:],
        lambda sums: sums + "\n",
        lambda sums: "\n" + sums,
        lambda sums: sums + "0" * 64 + "  ../x\n",
        lambda sums: sums + "0" * 64 + "  SHA256SUMS\n",
    ],
    ids=["end", "crlf", "vt", "nel", "ls", "blank", "star", "twice", "upper", "empty-last", "empty-first", "up", "itself"],
)
def test_digests_have_one_form(book: Callable[[str], Book], tmp_path: Path, signer: Signer, change: Callable[[str], str]) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    sums = folder / "SHA256SUMS"
    sums.write_bytes(change(sums.read_text(encoding="ascii")).encode())
    assert [(line.key, line.file) for line in wrong(recompute(folder))] == [("file-unreadable", "SHA256SUMS")]


def test_a_folder_of_too_many_or_too_large_files_is_one_finding(
    book: Callable[[str], Book], tmp_path: Path, signer: Signer
) -> None:
    folder = export(book("open"), tmp_path / "pack", signer)
    with (folder / "more.csv").open("wb") as file:
        file.truncate(pack_reader.MOST_BYTES + 1)  # a hole: it takes no room on the disk
    assert [(line.key, line.file) for line in wrong(recompute(folder))] == [("file-large", "more.csv")]
    (folder / "more.csv").unlink()
    for number in range(pack_reader.MOST_FILES):
        (folder / f"{number}.csv").touch()
    assert [(line.key, line.file) for line in wrong(recompute(folder))] == [("file-many", "pack")]
