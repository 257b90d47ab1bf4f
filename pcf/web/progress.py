"""Long work in a worker process, with a bar that says how far it is."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from nicegui import ui

from pcf.web.shell import View

Result = TypeVar("Result")


async def run_watched(view: View, place: ui.element, function: Callable[..., Result], *arguments: Any, seconds: float) -> Result:
    """Run a function of a module in a worker with a bar in `place`; the path of its note is its last argument.

    Raises
    ------
    PcfError
        As the function.
    """
    with tempfile.TemporaryDirectory(prefix="pcf-note-") as folder:
        path = Path(folder) / "note"
        place.clear()
        with place, ui.element("div").classes("waiting-bar").props('role="status"'):
            words = ui.label(view.say("computing"))
            bar = ui.linear_progress(0, show_value=False).props(f'aria-label="{view.say("computing")}" indeterminate')

        def look() -> None:
            with suppress(OSError, ValueError):
                done, total, key = json.loads(path.read_text(encoding="utf-8"))
                bar.props(remove="indeterminate")
                bar.value = done / max(total, 1)
                words.text = f"{view.text(key, count=f'{total:,}')} · {done:,} / {total:,}"

        with place:
            timer = ui.timer(0.4, look)
        try:
            return await view.desk.work.run(function, *arguments, str(path), seconds=seconds)
        finally:
            timer.cancel()
            with suppress(RuntimeError):  # the page has gone
                place.clear()
