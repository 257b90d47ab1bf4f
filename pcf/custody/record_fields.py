"""Fields of the records beyond those of any text or number: days by whether they may lie ahead, words of a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import AfterValidator

from pcf.custody.fields import Day, Note, Time, wrong
from pcf.custody.supplier import NOT_STATED, read_edition
from pcf.model import CHOICES

FIRST_YEAR = 2000
"""Before it nobody kept a chain of custody of aluminium: a slip of the keyboard."""


def _known_year(value: str) -> str:
    if int(value[:4]) < FIRST_YEAR:
        raise wrong(f"a date from {FIRST_YEAR} on")
    return value


def latest_day() -> str:
    """Today where the day begins first, in UTC+14: so today is taken in every zone."""
    return (datetime.now(UTC) + timedelta(hours=14)).date().isoformat()


def _happened(value: str) -> str:
    last = latest_day()
    if value[:10] > last[: len(value[:10])]:
        raise wrong(f"a time that has come: {last} at the latest")
    return _known_year(value)


Planned = Annotated[Day, AfterValidator(_known_year)]
"""A day that may lie ahead: the end of a certificate or of a period."""
Happened = Annotated[Day, AfterValidator(_happened)]
"""The day of something that has happened."""
Past = Annotated[Time, AfterValidator(_happened)]
"""A month or hour that has begun."""


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    """A word of a list, written with blanks or hyphens, in any case; or nothing."""

    def read(value: str) -> str:
        known = {_plain(choice): choice for choice in choices}
        if value and _plain(value) not in known:
            raise wrong(f"one of: {', '.join(choices)}")
        return known[_plain(value)] if value else ""

    return read


def _plain(value: str) -> str:
    return "-".join(value.lower().replace("-", " ").split())


def _edition(value: str) -> str:
    found = read_edition(value)
    if value and found is None:
        raise wrong(f"one of: {', '.join((*CHOICES['gwp'], NOT_STATED))}")
    return (found or "") if value else ""


Boundary = Annotated[Note, AfterValidator(_one_of(CHOICES["boundary"]))]
Edition = Annotated[Note, AfterValidator(_edition)]
Treatment = Annotated[Note, AfterValidator(_one_of(CHOICES["scrap"]))]


def read_names(value: Any) -> Any:
    """Names from `works, mill` as they stand in a cell."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
