"""Writes results to files: all of a file or nothing of it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

from pcf.errors import EnvironmentProblem, InputError

ENDINGS = (".json", ".xlsx")


def check_out(path: Path | None, *, force: bool) -> None:
    """Refuse the name of a result file before anything is computed for it.

    Raises
    ------
    InputError
        For any ending but those of `ENDINGS`, in any letter case; a folder that is not there; what is no ordinary file;
        a file that exists without `--force`.
    """
    if path is None:
        return
    place = f"--out {path}"
    if path.suffix.lower() not in ENDINGS:
        raise InputError(place, path.suffix or "no ending", " or ".join(ENDINGS))
    check_place(path, place)
    if path.exists() and not force:
        raise InputError(place, "a file that exists", "the name of a new file", "name another one, or add --force")


def check_place(path: Path, place: str) -> None:
    """Refuse a place where no file can be made, or where one would be made somewhere else.

    Raises
    ------
    InputError
        For a folder, a missing folder, a symbolic link (the file would not be where its name says), a pipe or device.
    """
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(place, "a folder, or a file in a folder that does not exist", "a file name in an existing folder")
    if path.is_symlink():
        raise InputError(place, "a symbolic link", "an ordinary file", "name the file that it points to")
    if path.exists() and not path.is_file():
        raise InputError(place, "a pipe or device", "an ordinary file")


def write_all(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file through a temporary one in the same folder, then rename it; it gets the permissions of any new file.

    Raises
    ------
    InputError
        See `check_place`.
    EnvironmentProblem
        Where the folder cannot be written, or the disk is full.
    """
    check_place(path, str(path))
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
    except Exception as problem:
        if reason := _reason(problem):
            raise EnvironmentProblem(f"{path}: {reason}; nothing was written") from None
        raise


def _reason(problem: Exception) -> str:
    """What the system says; nothing for a problem of another kind."""
    if isinstance(problem, OSError):
        return problem.strerror or str(problem)
    if type(problem).__name__ == "SerialisationError":  # lxml writes the parts of a workbook, and names an errno: IO_ENOSPC
        number = getattr(errno, str(problem).removeprefix("IO_"), None)
        return os.strerror(number) if number else str(problem)
    return ""


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, content: str) -> None:
    """Write a text file in UTF-8, whole or not at all."""
    write_all(path, lambda target: _write(target, content))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    write_all(path, lambda target: _write_bytes(target, content))


def _write_bytes(target: Path, content: bytes) -> None:
    target.write_bytes(content)


def make_folder(path: Path) -> None:
    """Make a folder where there is none.

    Raises
    ------
    EnvironmentProblem
        Where it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror}") from None


def _write(target: Path, content: str) -> None:
    target.write_text(content, encoding="utf-8", newline="\n")
