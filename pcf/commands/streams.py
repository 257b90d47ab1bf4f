"""Standard output and error that cannot hurt: closed, full or broken ones, odd encodings, hidden characters."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import TextIO, cast

from pcf.errors import EnvironmentProblem
from pcf.text import visible


class Output:
    """Standard output without hidden characters; a reader who has left is no error, a full disk is a clear one.

    It has no `buffer`: click writes there where the encoding is poor, past this filter.
    """

    def __init__(self, stream: TextIO, clean: Callable[[str], str] = visible) -> None:
        self._stream, self._clean = stream, clean
        self.encoding, self.errors = stream.encoding, stream.errors

    @property
    def unfiltered(self) -> Output:
        """The same for rich, whose own colours are hidden characters and which cleans each piece of text itself."""
        return Output(self._stream, str)

    def write(self, content: str) -> int:
        """Write a text."""
        shown = self._clean(content)
        try:
            if shown:  # click finds out with an empty text what a stream takes, and must not meet a full disk on the way
                self._stream.write(shown)
        except OSError as problem:
            self._lost(problem)
        return len(content)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Hand over what is written."""
        try:
            self._stream.flush()
        except OSError as problem:
            self._lost(problem)

    def isatty(self) -> bool:
        """Whether somebody looks at it."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Number of the file."""
        return self._stream.fileno()

    def _lost(self, problem: OSError) -> None:
        # What is still in the buffer goes nowhere, lest it fail again when the interpreter ends.
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
        if problem.errno != errno.EPIPE:
            raise EnvironmentProblem(f"standard output: {problem.strerror or problem}") from None


@contextmanager
def standard_streams(*, utf8: bool) -> Iterator[None]:
    """Make standard output an `Output`; `utf8` whatever the locale says. Closed streams lead nowhere."""
    _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show becomes a question mark, not an error
            stream.reconfigure(errors="replace", encoding="utf-8" if utf8 and stream is sys.stdout else None)
    output = Output(sys.stdout)
    with redirect_stdout(cast("TextIO", output)):
        try:
            yield
        finally:
            with suppress(EnvironmentProblem):  # said already
                output.flush()


def say(line: str) -> None:
    """One line on standard error, whatever is in it and whether or not anybody listens."""
    with suppress(OSError, ValueError):
        print(f"pcf: {visible(line, instead='�', keep='')}", file=sys.stderr, flush=True)


def _open_closed() -> None:
    """Give closed streams the empty device, or the next file to be opened would take their number."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - open as long as the program runs
