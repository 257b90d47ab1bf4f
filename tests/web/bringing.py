"""Bringing a file to a page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_ON_ITS_WAY = ".q-uploader__file:not(.q-uploader__file--uploaded):not(.q-uploader__file--failed)"


def bring_file(page: Any, path: Path, within: str = "main") -> None:
    """Choose a file; a place takes one at a time, and may have said what it thinks of the one before while that is still on its way."""
    page.wait_for_selector(f"{within} {_ON_ITS_WAY}", state="detached")
    page.locator(f"{within} input[type=file]").set_input_files(path)
