"""The thread that hands events over, beside the service; any number of processes may have one, each event is taken by one of them."""

from __future__ import annotations

import logging
import threading

from pcf.errors import PcfError
from pcf.exchange.sharing.outbox import Postman
from pcf.store import clock

log = logging.getLogger(__name__)

PAUSE = 10.0
"""How long it waits until it looks again [s]; an event that this process puts out wakes it."""


class Deliveries:
    """Hands events over until it is stopped."""

    def __init__(self, postman: Postman, pause: float = PAUSE) -> None:
        self._postman, self._pause = postman, pause
        self._due = threading.Event()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; does nothing where it has begun."""
        if self._thread is None:
            self._ends.clear()
            self._thread = threading.Thread(target=self._run, name="pact-deliveries", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look at once."""
        self._due.set()

    def stop(self, patience: float = 5.0) -> None:
        """End after the event in hand; what that leaves open is taken up again later."""
        self._ends.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join(patience)
            self._thread = None

    def _run(self) -> None:
        while not self._ends.is_set():
            try:
                while not self._ends.is_set() and self._postman.deliver(clock.now()):
                    pass
            except PcfError as problem:
                log.warning("events could not be handed over: %s", problem)
            except Exception:
                log.exception("events could not be handed over")
            self._due.wait(self._pause)
            self._due.clear()
