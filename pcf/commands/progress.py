"""Progress of long runs on stderr, and workers that leave quietly."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

from pcf.text import text


@contextmanager
def progress(total: int, lang: str, key: str = "progress.scenarios") -> Iterator[Callable[[int], None]]:
    """What a run tells how much more is done; a bar on a terminal, nothing elsewhere."""
    _workers_ignore_interrupts()
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text(key, lang, count=f"{total:,}"), total=total)

        def advance(more: int) -> None:
            bar.update(task, advance=more)

        yield advance


@lru_cache
def _workers_ignore_interrupts() -> None:
    """Ctrl-C reaches the whole group of processes: workers leave it to the one that started them, which ends them."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_ignore)


def _ignore() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
