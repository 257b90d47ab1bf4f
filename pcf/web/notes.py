"""How far a worker is: it writes it into a file, where the page reads it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

STEPS = 100
"""How often at most a worker writes: a disk is slower than a row."""


class Note:
    """Where a worker writes how far it is: a file that the page has made."""

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @contextmanager
    def progress(self, total: int, key: str) -> Iterator[Callable[[int], None]]:
        """A `pcf.views.audit.Progress`."""
        done = written = 0

        def advance(more: int) -> None:
            nonlocal done, written
            done += more
            if (done - written) * STEPS >= total:
                written = done
                self._write(done, total, key)

        self._write(0, total, key)
        yield advance

    def _write(self, done: int, total: int, key: str) -> None:
        with suppress(OSError):  # the page has gone; the work goes on
            self.path.write_text(json.dumps([done, total, key]), encoding="utf-8")
