"""Calls to services of other companies: https to an address that was checked, no redirects, bounded in time and size."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pcf.errors import CheckFailed, EnvironmentProblem
from pcf.exchange.sharing.address import Base, Network, Resolve, resolve

MOST_BYTES = 50_000_000
"""Largest answer that is read [B]."""

_CHUNK = 65_536
_MOST_TRIED = 4


@dataclass(frozen=True)
class Answer:
    """What a service said."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Outside:
    """The way out.

    Parameters
    ----------
    private : tuple of networks
        Networks that may be called although they are not public.
    ca_file : Path, optional
        Certificates of authorities to trust in place of the system's.
    plain : bool
        Whether http will do: for tests alone.
    seconds : float
        Longest call [s].
    lookup : callable
        How names are resolved.
    """

    private: tuple[Network, ...] = ()
    ca_file: Path | None = None
    plain: bool = False
    seconds: float = 30.0
    lookup: Resolve = field(default=socket.getaddrinfo, repr=False)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise EnvironmentProblem(f"{self.ca_file}: no certificates of authorities: {error}") from None

    def call(
        self, base: Base, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:  # fmt: skip
        """One request; a redirect is an answer like any other.

        Parameters
        ----------
        target : str
            Path and query as they are sent, without the base's path.

        Raises
        ------
        CheckFailed
            For a host that leads to an address which is not public.
        OSError
            When nobody answers in time, or not in HTTP.
        """
        if base.scheme != "https" and not self.plain:
            raise CheckFailed(f"{base.url}: is no https")
        with closing(self._connect(base)) as connection:
            late = threading.Event()
            timer = threading.Timer(self.seconds, _stop, [connection, late])
            timer.daemon = True
            timer.start()
            try:
                sent = {"Host": base.netloc, "User-Agent": "pcf-aluminium", "Accept": "application/json", "Connection": "close"}
                connection.request(method, f"{base.path}{target}", body=body, headers={**sent, **(headers or {})})
                response = connection.getresponse()
                headers_of = {name.casefold(): value for name, value in response.getheaders()}
                answer = Answer(response.status, headers_of, self._read(response))
                if late.is_set():  # what was cut off looks like an answer that has ended
                    raise TimeoutError(f"{base.netloc}: no answer within {self.seconds:g} s")
                return answer
            except (http.client.HTTPException, ValueError) as error:
                raise OSError(f"{base.netloc}: no answer in HTTP: {type(error).__name__}") from error
            finally:
                timer.cancel()

    def _connect(self, base: Base) -> http.client.HTTPConnection:
        addresses = resolve(base, self.private, self.lookup)[:_MOST_TRIED]
        for address in addresses:
            connection = http.client.HTTPConnection(base.host, base.port, timeout=self.seconds)
            try:
                # Not by name: to resolve it a second time could lead to another place than the one that was checked.
                plain = socket.create_connection((address, base.port), timeout=self.seconds / len(addresses))
            except OSError:
                if address == addresses[-1]:
                    raise
                continue
            plain.settimeout(self.seconds)
            try:
                connection.sock = plain if base.scheme == "http" else self._tls.wrap_socket(plain, server_hostname=base.host)
            except BaseException:
                plain.close()
                raise
            return connection
        raise OSError(f"{base.host} has no address")

    @staticmethod
    def _read(response: http.client.HTTPResponse) -> bytes:
        found = bytearray()
        while chunk := response.read(_CHUNK):
            found += chunk
            if len(found) > MOST_BYTES:
                raise OSError(f"an answer of more than {MOST_BYTES:,} bytes")
        return bytes(found)


def _stop(connection: http.client.HTTPConnection, late: threading.Event) -> None:
    """End a call whose other side lets time pass, byte by byte."""
    late.set()
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)
