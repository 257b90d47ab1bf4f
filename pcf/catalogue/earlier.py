"""What was brought in before: each import keeps the state that it changes, so that the two can be held against each other."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from pcf.catalogue.documents import hash_paths

FOLDER = "data-earlier"


def earlier_folder(own: Path) -> Path:
    """Where the earlier states of a folder of imports are."""
    return own.parent / FOLDER


def keep_earlier(own: Path) -> None:
    """Keep the state of a folder of imports, named by the time and its digest; nothing where there is none, or where it is kept."""
    if not own.is_dir() or not any(own.rglob("*.yaml")):
        return
    kept, mark = earlier_folder(own), hash_paths([own])[:12]
    kept.mkdir(parents=True, exist_ok=True)
    if any(entry.name.endswith(f"-{mark}") for entry in kept.iterdir()):
        return
    part = Path(tempfile.mkdtemp(dir=kept, prefix=".pcf-"))
    try:
        shutil.copytree(own, part, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".pcf-*"))
        part.rename(kept / f"{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}-{mark}")
    finally:
        shutil.rmtree(part, ignore_errors=True)
