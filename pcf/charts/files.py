"""Files of charts: the format by the ending, all of a file or nothing of it, and never over another one unasked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from pcf.errors import EnvironmentProblem, InputError

FORMATS = ("svg", "png", "pdf", "html")


def format_of(path: Path) -> str:
    """Format that the ending of a file name stands for, in any letter case."""
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMATS:
        raise InputError(str(path), path.suffix or "no ending", " or ".join(f".{form}" for form in FORMATS))
    return form


def write_new(path: Path, content: Callable[[], bytes], *, force: bool) -> Path:
    """Write a file through a temporary one in the same folder; the content is made only once the name is accepted."""
    if path.is_dir() or not path.parent.is_dir():
        raise InputError(str(path), "a folder, or a file in a folder that does not exist", "a file name in an existing folder")
    if path.exists() and not force:
        raise _taken(path)
    made = content()
    beside = path.with_name(f".pcf-{secrets.token_hex(8)}{path.suffix.lower()}")
    try:
        try:
            beside.write_bytes(made)
            if force:
                beside.replace(path)
            else:
                _claim(beside, path)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as problem:
        raise EnvironmentProblem(f"{path}: {problem.strerror or problem}; nothing was written") from None
    return path


def _claim(beside: Path, path: Path) -> None:
    """Give the file its name unless somebody else took it meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without hard links
        if path.exists():
            raise _taken(path) from None
        beside.replace(path)


def _taken(path: Path) -> InputError:
    return InputError(str(path), "a file that exists", "the name of a new file", "name another one, or ask to overwrite it")
