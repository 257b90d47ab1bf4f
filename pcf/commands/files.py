"""Writes results to files: all of a file or nothing of it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pcf.errors import EnvironmentProblem, InputError

ENDINGS = (".json", ".xlsx")


def check_ending(path: Path) -> None:
    """Refuse a name of a result file that does not say what kind of file it is.

    Raises
    ------
    InputError
        For any ending but those of `ENDINGS`, in any letter case.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"--out {path.name}", path.suffix or "no ending", " or ".join(ENDINGS))


def write_all(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file through a temporary one in the same folder, then rename it; it gets the permissions of any new file.

    Raises
    ------
    InputError
        Where the folder does not exist or the name is a folder.
    EnvironmentProblem
        Where the folder cannot be written, or the disk is full.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(str(path), "a folder, or a file in a folder that does not exist", "a file name in an existing folder")
    import tempfile  # imports much that a result on the screen does not need

    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".pcf-", suffix=path.suffix.lower())
        os.close(handle)
        try:
            write(Path(name))
            Path(name).chmod(0o666 & ~_umask())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror or problem}; nothing was written") from None


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, content: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    write_all(path, lambda target: _write(target, content))


def _write(target: Path, content: str) -> None:
    target.write_text(content, encoding="utf-8", newline="\n")


def write_results(path: Path, documents: Sequence[Mapping[str, Any]], lang: str) -> None:
    """Write footprint documents as JSON or as a workbook, by the file's ending."""
    if path.suffix.lower() == ".json":
        content = documents[0] if len(documents) == 1 else list(documents)
        write_text(path, json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n")
    else:
        from pcf.commands.workbook import write_workbook

        write_all(path, lambda target: write_workbook(target, documents, lang))
