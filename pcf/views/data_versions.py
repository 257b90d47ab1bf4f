"""Versions of the data that can be held against each other: shipped, as they are now, as they were before an import, a folder, a ZIP file."""

from __future__ import annotations

import os
import stat
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pcf.catalogue import Catalogue, check_paths, hash_paths
from pcf.catalogue.earlier import earlier_folder
from pcf.errors import DataError, InputError
from pcf.resources import datasets_path

SHIPPED, CURRENT = "shipped", "current"
MOST_FILES, MOST_BYTES = 2_000, 50_000_000
"""Files of a ZIP file, and all of them together, unpacked [B]."""

_ENDINGS = (".csv", ".yaml")


def list_versions(own: Path) -> list[str]:
    """Names of the versions that are here: the shipped one, the present one, and those before each import, the newest first."""
    kept = earlier_folder(own)
    earlier = (
        sorted((entry.name for entry in kept.iterdir() if entry.is_dir() and not entry.name.startswith(".")), reverse=True)
        if kept.is_dir()
        else []
    )
    return [SHIPPED, CURRENT, *earlier]


def open_version(name: str, root: Path | None, own: Path) -> Catalogue:
    """A version, read and checked.

    Parameters
    ----------
    name : str
        Name of `list_versions`, or a folder or ZIP file: with a file VERSION a whole data set, without one documents on top of the
        shipped data.
    root : Path, optional
        Another data folder than the shipped one.
    own : Path
        Folder of what was brought in.

    Raises
    ------
    DataError, InputError
        With every problem; for a name that is none of these.
    """
    base = root or datasets_path()
    if name == SHIPPED:
        return _read([base])
    if name == CURRENT:
        return _read([base, *([own] if own.is_dir() else [])])
    if name in list_versions(own):
        return _read([base, earlier_folder(own) / name])
    path = Path(name)
    if os.path.isdir(path):  # noqa: PTH112 - a name that no file can have is no folder, and no error
        return _read_folder(path, base)
    if os.path.isfile(path) and path.suffix.lower() == ".zip":  # noqa: PTH113
        with _unpacked(path) as folder:
            return _read_folder(folder, base)
    raise InputError(name[:200], "no folder", f"a data folder, a ZIP file of one, or one of: {', '.join(list_versions(own)[:8])}")


def _read_folder(folder: Path, base: Path) -> Catalogue:
    return _read([folder] if (folder / "VERSION").exists() or not _is_overlay(folder) else [base, folder])


def _is_overlay(folder: Path) -> bool:
    """Whether a folder without a version is some documents, and no data set that lacks it."""
    return not (folder / "sources.csv").exists() and not (folder / "factors").is_dir()


def _read(folders: list[Path]) -> Catalogue:
    catalogue, problems = check_paths(folders, None, hash_paths(folders))
    if problems:
        raise DataError(problems)
    return catalogue


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The data of a ZIP file in a folder that is gone afterwards; what is not data is left where it is."""
    with tempfile.TemporaryDirectory(prefix="pcf-data-") as name:
        folder = Path(name)
        try:
            with zipfile.ZipFile(path) as archive:
                for entry in _data_of(archive, path.name):
                    target = folder / entry.filename
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(archive.read(entry))
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as problem:
            raise InputError(path.name, f"what cannot be unpacked: {problem}"[:160], "a ZIP file of a data folder") from None
        inside = list(folder.iterdir())
        whole = (
            len(inside) == 1
            and inside[0].is_dir()
            and inside[0].name not in ("processes", "products", "sites", "alloys", "factors")
        )
        yield inside[0] if whole else folder


def _data_of(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Entries that are data: plain files beneath the folder, few and small enough.

    Raises
    ------
    InputError
        For anything else of them.
    """
    listed = [entry for entry in archive.infolist() if not entry.is_dir()]
    wanted = [
        entry for entry in listed if entry.filename.lower().endswith(_ENDINGS) or entry.filename.rpartition("/")[2] == "VERSION"
    ]
    if len(listed) > MOST_FILES or sum(entry.file_size for entry in wanted) > MOST_BYTES:
        raise InputError(name, f"{len(listed):,} files", f"at most {MOST_FILES:,} files of {MOST_BYTES // 1_000_000} MB in all")
    for entry in wanted:
        parts = entry.filename.split("/")
        linked = stat.S_ISLNK(entry.external_attr >> 16)
        if linked or entry.filename.startswith("/") or ".." in parts or "\\" in entry.filename or ":" in parts[0]:
            raise InputError(
                f"{name}, {entry.filename[:80]!r}", "a link, or a place outside of the folder", "plain files in a folder"
            )
    if not wanted:
        raise InputError(
            name, "no data", "a ZIP file of a data folder: VERSION, sources.csv, factors, processes, products, sites"
        )
    return wanted
