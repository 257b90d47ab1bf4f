"""Opens a data set: from the cache where its hash is known, else read, checked and compiled."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from pcf.catalogue import cache
from pcf.catalogue.documents import (
    Folder,
    Listing,
    add_method_rows,
    hash_paths,
    list_folder,
    read_folder,
    read_runs,
    read_study,
    require_folder,
)
from pcf.catalogue.records import Catalogue
from pcf.errors import DataError, InputError
from pcf.resources import datasets_path
from pcf.settings import cache_dir


def open_catalogue(
    root: Path | None = None,
    *,
    overlays: Sequence[Path] = (),
    study: Path | None = None,
    on_compile: Callable[[], None] | None = None,
) -> Catalogue:
    """The validated catalogue of a data folder with overlays on top.

    Parameters
    ----------
    root : Path, optional
        Data folder; default the one of the program.
    overlays : sequence of Path
        Folders in the same layout whose documents come on top (a user's imported sites).
    study : Path, optional
        A study file that brings its own documents; one with `base: none` stands on them alone.
    on_compile : callable, optional
        Called before the data are read and checked, that is when the cache does not have them.

    Raises
    ------
    DataError
        With every problem found.
    """
    folders = [
        root or datasets_path(),
        *(path for path in overlays if require_folder(path) and list_folder(path) != Listing((), ())),
    ]
    key = hash_paths([*folders, *([study] if study else [])])
    known = cache.fetch(cache_dir(), key)
    if known is not None:
        return known
    if on_compile is not None:
        on_compile()
    catalogue, problems = check_paths(folders, study, hash_paths(folders[:1]))
    if problems:
        raise DataError(problems)
    if len(folders) > 1:
        catalogue = dataclasses.replace(catalogue, own_sha256=hash_paths(folders[1:]))
    cache.store(catalogue, cache_dir(), key)
    return catalogue


def check_paths(folders: Sequence[Path], study: Path | None, sha256: str) -> tuple[Catalogue, list[InputError]]:
    """Read and check without the cache; the second result holds every problem."""
    from pcf.catalogue.build import build

    collected = Folder()
    if study and read_runs(study).alone:
        read_study(study, collected)
        add_method_rows(folders[0], collected)
    else:
        for folder in folders:
            read_folder(folder, collected)
        if folders[0].is_dir() and folders[0] / "VERSION" not in list_folder(folders[0]).files:
            collected.problems.append(InputError("VERSION", "none", "a file with the version of the data, such as 2026.11.0"))
        if study:
            read_study(study, collected)
    catalogue, problems = build(collected, sha256)
    if study:
        catalogue = dataclasses.replace(catalogue, study_sha256=hash_paths([study]))
    return catalogue, problems
