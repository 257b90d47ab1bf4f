"""Ctrl-C at any time: one line, exit code 130, never a traceback."""

from __future__ import annotations

import _thread
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

CODE = 130


class Interrupts:
    """Whether somebody pressed Ctrl-C: compiled packages that are being imported turn it into errors of other kinds."""

    seen = False

    def arrive(self, _number: int, _frame: Any) -> None:
        """Take note, then stop as Python does."""
        self.seen = True
        raise KeyboardInterrupt


@contextmanager
def watch(*, last: bool) -> Iterator[Interrupts]:
    """Watch for Ctrl-C; `last` where nothing comes after: then a second one ends the process at once, quietly."""
    found = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield found
        return
    hook, handler = sys.unraisablehook, signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # a caller who ignores Ctrl-C, such as nohup, has a reason
        signal.signal(signal.SIGINT, found.arrive)
    sys.unraisablehook = _quietly
    try:
        yield found
    finally:
        if last:
            if handler is signal.default_int_handler:
                signal.signal(signal.SIGINT, lambda *_: os._exit(CODE))
        else:
            signal.signal(signal.SIGINT, handler)
            sys.unraisablehook = hook


def _quietly(problem: sys.UnraisableHookArgs) -> None:
    """What goes wrong while objects die: Ctrl-C comes again, a full disk has been reported already."""
    if issubclass(problem.exc_type, KeyboardInterrupt):
        _thread.interrupt_main()
    elif not issubclass(problem.exc_type, OSError):
        sys.__unraisablehook__(problem)
