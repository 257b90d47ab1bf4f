"""How the server speaks HTTP: a request has a head of bounded length, and it has to come within a bounded time."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD = 64_000
"""Bytes of a request's head."""

LONGEST_HEAD = 20.0
"""How long a head may take to come in [s]."""

_NOTHING, _HEAD, _BODY = range(3)
"""What has come of a request: nothing yet, a part of its head, its head and perhaps a part of its body."""


class Speaker(HttpToolsProtocol):
    """A connection; it is closed where a head does not come in, or does not end.

    Notes
    -----
    A server takes so many connections and no more: whoever opens them and says nothing would keep everybody else out. The parser
    itself bounds neither the length of a head nor its time; how long a body may take is for who reads it.
    """

    _late: asyncio.TimerHandle | None = None
    _come, _size = _NOTHING, 0

    def connection_made(self, transport: Any) -> None:
        """Somebody is there, and should say what he wants."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what has come; the time runs on while it is no whole head."""
        self._size += len(data)
        super().data_received(data)
        cycle: Any = self.cycle  # nothing before the first request
        answered = cycle is None or cycle.response_complete
        if self.transport.get_protocol() is not self or self._come == _BODY or (self._come == _NOTHING and not answered):
            self._enough()
        elif self._size > MOST_HEAD:
            self.send_400_response("Invalid HTTP request received.")
        else:
            self._wait()

    def on_message_begin(self) -> None:
        """Another request begins."""
        super().on_message_begin()
        self._come = _HEAD

    def on_headers_complete(self) -> None:
        """The head is there; one that is too long is an error of the request, which is answered as any other."""
        if self._size > MOST_HEAD and sum(len(name) + len(value) for name, value in self.headers) > MOST_HEAD:
            raise ValueError("the head of the request is too long")
        super().on_headers_complete()
        self._come = _BODY

    def on_message_complete(self) -> None:
        """All of the request is there."""
        super().on_message_complete()
        self._come, self._size = _NOTHING, 0

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._enough()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(LONGEST_HEAD, self.timeout_keep_alive_handler)

    def _enough(self) -> None:
        self._size = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None
