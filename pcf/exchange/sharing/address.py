"""Addresses that a stranger names: which of them may be called, and where they really lead.

A callback goes to an https address whose host stands on the client's list and whose every address on the network is a public one.
The connection is made to the address that was checked, so that a name which is resolved anew leads nowhere else.

References
----------
RFC 6890 (special-purpose addresses), RFC 4291 (IPv4-mapped), RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from pcf.errors import CheckFailed, InputError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[..., Iterable[Any]]

HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9][a-z0-9-]{0,62})*)(?::[0-9]{1,5})?", re.ASCII)
"""A host name or IPv4 address, with a port; small letters."""

MOST_CHARACTERS = 500
TAILS = ("/3/events", "/3/footprints", "/3")
"""What is left away at the end of an address: services are named by their base."""

_NAT64 = ip_network("64:ff9b::/96")
_SITE_LOCAL = ip_network("fec0::/10")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")


@dataclass(frozen=True)
class Base:
    """Base of a PACT service: under it lie `/auth/token` and `/3/events`."""

    host: str
    port: int
    path: str
    scheme: str = "https"

    @property
    def netloc(self) -> str:
        """Host, with the port where it is not the scheme's."""
        usual = {"https": 443, "http": 80}[self.scheme]
        return self.host if self.port == usual else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address."""
        return f"{self.scheme}://{self.netloc}{self.path}"

    def beside(self, other: Base) -> bool:
        """Whether another address is of the same service, as far as the network knows it."""
        return (self.scheme, self.host, self.port) == (other.scheme, other.host, other.port)


def base_of(address: str, place: str, *, plain: bool = False) -> Base:
    """Base of a service from an address: `https://host[:port][/path]`, `//host/3/events`.

    Parameters
    ----------
    plain : bool
        Whether http will do: for tests alone.

    Raises
    ------
    InputError
        For anything else: another scheme, a user, a query, characters that no address has.
    """
    wrong = InputError(place, repr(address[:80]), "an https address of a service, without user, query and fragment")
    if len(address) > MOST_CHARACTERS or not re.fullmatch(r"[!-~]+", address) or {"\\", "?", "#", "@", "%"} & set(address):
        raise wrong
    try:
        parts = urlsplit(f"https:{address}" if address.startswith("//") else address)
        port = parts.port
    except ValueError:
        raise wrong from None
    scheme = parts.scheme.casefold()
    host = (parts.hostname or "").rstrip(".")
    if scheme not in (("https", "http") if plain else ("https",)) or not HOST.fullmatch(host) or port == 0:
        raise wrong
    path = parts.path.rstrip("/")
    tail = next((tail for tail in TAILS if path.endswith(tail)), "")
    path = path.removesuffix(tail).rstrip("/")
    if ".." in path.split("/") or "//" in path:
        raise wrong
    return Base(host, port or {"https": 443, "http": 80}[scheme], path, scheme)


def is_listed(base: Base, hosts: Iterable[str]) -> bool:
    """Whether a host stands on a list; one without a port is meant with that of https."""
    return any(host in (f"{base.host}:{base.port}", base.host if base.port == 443 else "") for host in hosts)


def resolve(base: Base, private: Iterable[Network] = (), lookup: Resolve = socket.getaddrinfo) -> tuple[str, ...]:
    """Addresses of a host, all of them checked; to connect to these and to nothing else is the caller's part.

    Parameters
    ----------
    private : iterable of networks
        Networks of one's own that may be called all the same.

    Raises
    ------
    CheckFailed
        Where one of them is not public.
    OSError
        Where the name is not known.
    """
    found = list(dict.fromkeys(item[4][0] for item in lookup(base.host, base.port, type=socket.SOCK_STREAM)))
    if not found:
        raise OSError(f"{base.host} has no address")
    allowed = tuple(private)
    for text in found:
        if not is_public(ip_address(str(text).partition("%")[0]), allowed):
            raise CheckFailed(f"{base.host}: leads to {text}, which is no public address")
    return tuple(found)


def is_public(address: Address, private: Iterable[Network] = ()) -> bool:
    """Whether an address, and every address inside it, is one of the public Internet or of an allowed network."""
    allowed = tuple(private)
    return all(
        any(item in network for network in allowed if network.version == item.version)
        or (item.is_global and not (item.is_multicast or item.is_reserved or item.is_unspecified or item in _SITE_LOCAL))
        for item in _meant(address)
    )


def _meant(address: Address) -> Iterator[Address]:
    """The address that is meant: where IPv6 wraps one of IPv4, that one decides."""
    if not isinstance(address, IPv6Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo
    elif address in _NAT64 or address in _LOCAL_NAT64 or int(address) >> 32 == 0:
        yield IPv4Address(int(address) & 0xFFFFFFFF)  # the last ones are addresses of RFC 4291 that are no longer used
    else:
        yield address
