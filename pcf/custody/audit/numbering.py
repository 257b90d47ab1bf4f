"""Numbers of the documents issued: which are missing in their series."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from pcf.custody.audit.view import View
from pcf.custody.tables import document

_NUMBERED = re.compile(r"(?P<series>.*?)(?P<number>\d{1,9})", re.ASCII | re.DOTALL)


@dataclass(frozen=True)
class Gap:
    """Numbers that no document of a series bears, first and last included."""

    issuer: str
    series: str
    first: int
    last: int


def find_gaps(view: View) -> list[Gap]:
    """Gaps in the series of which the period has a document; voided documents keep their number.

    A series is what stands before the number at the end of a reference. One that holds a single document says nothing.
    """
    mine = {(row["issuer"], series) for row in view.documents("out", live=False) if (series := split(row["reference"])[0])}
    taken: dict[tuple[str, str], set[int]] = {key: set() for key in mine}
    issuers = {issuer for issuer, _ in mine}
    query = select(document.c.issuer, document.c.reference).where(
        document.c.direction == "out", document.c.issuer.in_(sorted(issuers))
    )
    for issuer, reference in view.connection.execute(query):
        series, number = split(reference)
        if (issuer, series) in taken:
            taken[(issuer, series)].add(number)
    return [gap for (issuer, series), numbers in sorted(taken.items()) for gap in _gaps(issuer, series, sorted(numbers))]


def split(reference: str) -> tuple[str, int]:
    """Series and number of a reference; no series where no number stands at its end."""
    found = _NUMBERED.fullmatch(reference)
    return (found["series"], int(found["number"])) if found else ("", 0)


def _gaps(issuer: str, series: str, numbers: list[int]) -> Iterator[Gap]:
    # Series of the program itself begin with 1; those of others may begin anywhere.
    before = 0 if re.search(r"-\d{4}-$", series, re.ASCII) else numbers[0] - 1
    for number in numbers:
        if number > before + 1:
            yield Gap(issuer, series, before + 1, number - 1)
        before = number
