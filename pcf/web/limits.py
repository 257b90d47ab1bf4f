"""How much an address may ask of what is open to everybody."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

MOST_KNOWN = 10_000
"""Addresses that are remembered; those of longest ago are forgotten first."""


def network_of(address: str) -> str:
    """Whose address it is: of IPv6 the first 64 bits, since somebody has all the others."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:60]
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


class Often:
    """So many times within so many seconds.

    Parameters
    ----------
    most : int
    seconds : float
    """

    def __init__(self, most: int, seconds: float, tick: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds, self._tick = most, seconds, tick
        self._times: OrderedDict[str, deque[float]] = OrderedDict()

    def wait(self, who: str) -> int:
        """How long somebody has to wait [s], 0 for not at all."""
        times, now = self._times.get(who), self._tick()
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if times is None or len(times) < self.most:
            return 0
        return max(1, round(times[0] + self.seconds - now + 0.5))

    def count(self, who: str) -> None:
        """It was done once more."""
        self._times.setdefault(who, deque(maxlen=self.most)).append(self._tick())
        self._times.move_to_end(who)
        while len(self._times) > MOST_KNOWN:
            self._times.popitem(last=False)


class Places:
    """So many at once, and so many of one address."""

    def __init__(self, most: int, each: int) -> None:
        self.most, self.each = most, each
        self._taken: dict[str, int] = {}

    def free(self, who: str) -> str:
        """Empty where there is a place, else what is full: `each` or `all`."""
        if self._taken.get(who, 0) >= self.each:
            return "each"
        return "all" if sum(self._taken.values()) >= self.most else ""

    @contextmanager
    def taken(self, who: str) -> Iterator[None]:
        """Take a place until the block ends."""
        self._taken[who] = self._taken.get(who, 0) + 1
        try:
            yield
        finally:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
