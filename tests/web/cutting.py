"""A way to a server that can be cut: what goes in is forwarded, lost, or refused."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Way:
    """Forwards connections to a server.

    Attributes
    ----------
    deaf : bool
        Whether what a browser sends is taken and lost, as on a line that is dead and not yet known to be.
    closed : bool
        Whether new connections are closed at once.
    lag : float
        Longest time that what is sent takes, each piece another one [s].
    slow : bool
        Whether what a page sends by its own connection stands still, while files come and go.
    """

    def __init__(self, target: str, lag: float = 0.0) -> None:
        place = urlsplit(target)
        self._target = (place.hostname or "", place.port or 0)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.deaf = self.closed = self.slow = False
        self.lag = lag
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """End every connection."""
        while self._open:
            with suppress(OSError):
                self._open.pop().shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """Forward nothing more."""
        self._listener.close()
        self.cut()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                came, _ = self._listener.accept()
                if self.closed:
                    came.close()
                    continue
                went = socket.create_connection(self._target)
                self._open += [came, went]
                threading.Thread(target=self._forward, args=(came, went, True), daemon=True).start()
                threading.Thread(target=self._forward, args=(went, came, False), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, outward: bool) -> None:
        with suppress(OSError):
            own = False
            while data := source.recv(65_536):
                own = own or b"/_nicegui_ws/" in data[:200]
                while outward and own and self.slow:
                    time.sleep(0.05)
                time.sleep(random.uniform(0, self.lag))
                if not (outward and self.deaf):
                    sink.sendall(data)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        source.close()  # the other direction closes the other one


@contextmanager
def way_to(target: str) -> Iterator[Way]:
    """A way that ends with the block."""
    made = Way(target)
    yield made
    made.stop()
