"""Ctrl-C at any time: one line, exit code 130, never a traceback."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
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
    hooks, handler = (sys.unraisablehook, sys.excepthook), signal.getsignal(signal.SIGINT)
    if handler is signal.default_int_handler:  # a caller who ignores Ctrl-C, such as nohup, has a reason
        signal.signal(signal.SIGINT, found.arrive)
    sys.unraisablehook, sys.excepthook = _quietly, _print
    try:
        yield found
    finally:
        if last:
            if handler is signal.default_int_handler:
                signal.signal(signal.SIGINT, lambda *_: os._exit(CODE))
        else:
            signal.signal(signal.SIGINT, handler)
            sys.unraisablehook, sys.excepthook = hooks


def _quietly(problem: sys.UnraisableHookArgs) -> None:
    """What goes wrong while objects die: Ctrl-C comes again, a full disk has been reported already."""
    if issubclass(problem.exc_type, KeyboardInterrupt):
        again = threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT))  # later: what is raised here is lost, too
        again.daemon = True
        again.start()
    elif not issubclass(problem.exc_type, OSError) and problem.exc_type.__name__ != "SerialisationError":  # lxml's OSError
        sys.__unraisablehook__(problem)


def _print(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    """As Python does, except for the Ctrl-C that a compiled package prints before it turns it into another error."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, problem, trace)
