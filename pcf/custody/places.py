"""Where the rows of an import stand, by the events that they became: eight bytes a row, however long the file is."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right

_NUMBERED = re.compile(r"(?P<start>.*?)(?P<number>[0-9]{1,18})", re.DOTALL)


class Places:
    """Places of a writing's records in the order of their events: `lots.csv row 7` is what comes before the number, and the number."""

    def __init__(self) -> None:
        self._first = -1
        self._numbers = array("q")
        self._starts: list[tuple[int, str]] = []

    def add(self, seq: int, place: str) -> None:
        """Note the place of the record that became the next event."""
        if self._first < 0:
            self._first = seq
        found = _NUMBERED.fullmatch(place)
        start, number = (found["start"], int(found["number"])) if found else (place, -1)
        if not self._starts or self._starts[-1][1] != start:
            self._starts.append((len(self._numbers), start))
        self._numbers.append(number)

    def __contains__(self, seq: int) -> bool:
        return 0 <= seq - self._first < len(self._numbers) if self._first >= 0 else False

    def __getitem__(self, seq: int) -> str:
        """Place of the record that became an event of this writing."""
        index = seq - self._first
        start = self._starts[bisect_right(self._starts, index, key=lambda item: item[0]) - 1][1]
        number = self._numbers[index]
        return start if number < 0 else f"{start}{number}"
