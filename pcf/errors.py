"""The one error hierarchy. A message has the place, what was found, what was expected and what to do."""

from __future__ import annotations

LONGEST_FOUND = 120
LONGEST_PART = 1000
"""Characters of what was found, and of any other part of a message."""


def one_line(text: str, longest: int = LONGEST_PART) -> str:
    """A text in one line of printable characters, its middle left out where it is long: both ends of a path say where."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-(longest // 2 - 3) :]}"


class PcfError(Exception):
    """Base of every error that reaches a user; `exit_code` is the process's exit code."""

    exit_code = 2


class InputError(PcfError):
    """The input or the usage is wrong (exit code 2).

    Parameters
    ----------
    place : str
        File with row or key, option, sheet and cell, or name of the thing.
    found : str
        What stands there.
    expected : str
        What should stand there.
    advice : str
        What to do about it; may be empty.
    """

    exit_code = 2

    def __init__(self, place: str, found: str, expected: str, advice: str = "") -> None:
        # Here and nowhere else: whatever a file or a shell brought along, a message is one line of bearable length.
        self.place, self.expected, self.advice = (one_line(part) for part in (place, expected, advice))
        self.found = one_line(found, LONGEST_FOUND)
        super().__init__(str(self))

    def __str__(self) -> str:
        text = f"{self.place}: found {self.found}; expected {self.expected}"
        return f"{text}; {self.advice}" if self.advice else text


class DataError(InputError):
    """A data folder, study or catalogue has problems (exit code 2); `problems` holds all of them."""

    def __init__(self, problems: list[InputError]) -> None:
        self.problems = problems
        first = problems[0]
        more = f"and {len(problems) - 1} more problems" if len(problems) > 1 else ""
        super().__init__(first.place, first.found, first.expected, ", ".join(filter(None, (first.advice, more))))


class CheckFailed(PcfError):
    """A check or a verification says no (exit code 1)."""

    exit_code = 1


class EnvironmentProblem(PcfError):
    """The environment lacks something: a database, a key, an optional package (exit code 3)."""

    exit_code = 3
